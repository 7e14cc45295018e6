/* SPDX-License-Identifier: BSD-3-Clause */
/* Gateways that are found through other routes: followed as these change, bounded, shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define FLOWS 100

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

/* "10.0.1.2" or "192.0.2.1 recursive", with a metric. @return what stack_route_add() said */
static int
route_add(struct stack_fixture *f, const char *prefix, const char *via, uint32_t metric,
	struct error *err)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	char gateway[64];
	int rc;

	assert_non_null(route);
	snprintf(gateway, sizeof(gateway), "%.*s", (int)strcspn(via, " "), via);
	assert_int_equal(ip_prefix_parse(prefix, &route->prefix), 0);
	assert_int_equal(ip_addr_parse(gateway, &route->paths[0].gateway), 0);
	route->type = STACK_ROUTE_VIA;
	route->metric = metric;
	route->path_count = 1;
	route->paths[0].weight = 1;
	route->paths[0].recursive = strstr(via, "recursive") != NULL;
	rc = stack_route_add(f->stack, route, false, err);
	free(route);
	return rc;
}

/* How many of some flows to an address leave by each port; [0]: none of them. */
static void
flows_send(struct stack_fixture *f, const char *dst, unsigned counts[STACK_FIXTURE_PORTS])
{
	struct rte_mbuf *pkt;
	char src[32];

	memset(counts, 0, STACK_FIXTURE_PORTS * sizeof(counts[0]));
	for (unsigned i = 0; i < FLOWS; i++) {
		snprintf(src, sizeof(src), "198.51.100.%u", i + 1);
		stack_fixture_rx(f, 0, .src = src, .dst = dst);
		stack_fixture_run(f);
		counts[0]++;
		for (unsigned p = 0; p < f->config.ports; p++) {
			while ((pkt = stack_fixture_take(f, p)) != NULL) {
				if (p != 0) {
					counts[p]++;
					counts[0]--;
				}
				rte_pktmbuf_free(pkt);
			}
		}
	}
}

static void
assert_leave_by(struct stack_fixture *f, const char *dst, unsigned port)
{
	unsigned counts[STACK_FIXTURE_PORTS];

	flows_send(f, dst, counts);
	assert_int_equal(counts[port], FLOWS);
}

static struct stack_fixture *
router(void)
{
	return stack_fixture_create(&(struct stack_fixture_config){ .ports = 4 });
}

static void
test_follow(void **state)
{
	struct stack_fixture *f = router();
	unsigned nexthops = stack_fixture_nexthops(f);
	unsigned counts[STACK_FIXTURE_PORTS];

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "10.9.0.0/16", "192.0.2.1");
	assert_leave_by(f, "10.9.0.1", 1);
	/* Another way, a better one, a longer one, and back. */
	stack_fixture_route(f, "192.0.2.0/24", "10.0.2.2");
	assert_leave_by(f, "10.9.0.1", 2);
	stack_fixture_route(f, "192.0.2.1/32", "10.0.3.2");
	assert_leave_by(f, "10.9.0.1", 3);
	stack_fixture_unroute(f, "192.0.2.1/32");
	assert_leave_by(f, "10.9.0.1", 2);
	/* Several paths: shares. */
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2 10.0.2.2 10.0.3.2*2");
	flows_send(f, "10.9.0.1", counts);
	assert_int_equal(counts[0], 0);
	assert_in_range(counts[1], FLOWS / 8, FLOWS * 3 / 8);
	assert_in_range(counts[2], FLOWS / 8, FLOWS * 3 / 8);
	assert_in_range(counts[3], FLOWS * 3 / 8, FLOWS * 5 / 8);
	/* No way left: unreachable, until there is one. */
	stack_fixture_unroute(f, "192.0.2.0/24");
	assert_leave_by(f, "10.9.0.1", 0);
	assert_int_equal(stack_fixture_drops(f, DROP_route_unreachable), FLOWS);
	stack_fixture_route(f, "192.0.2.0/24", "blackhole");
	assert_leave_by(f, "10.9.0.1", 0);
	/* On a link of ours, by an address. */
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_addr(f, "p2", "192.0.2.9/24");
	stack_fixture_neigh(f, "p2", "192.0.2.1", "02:00:00:00:09:01");
	stack_fixture_run(f);
	assert_leave_by(f, "10.9.0.1", 2);
	stack_fixture_unaddr(f, "p2", "192.0.2.9/24");
	stack_fixture_run(f);
	assert_leave_by(f, "10.9.0.1", 0);
	stack_fixture_unroute(f, "10.9.0.0/16");
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_destroy(f);
}

static void
test_chain(void **state)
{
	struct stack_fixture *f = router();

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "192.0.3.0/24", "192.0.2.1");
	stack_fixture_route(f, "192.0.4.0/24", "192.0.3.1");
	stack_fixture_route(f, "10.9.0.0/16", "192.0.4.1");
	assert_leave_by(f, "10.9.0.1", 1);
	stack_fixture_route(f, "192.0.2.0/24", "10.0.2.2");
	assert_leave_by(f, "10.9.0.1", 2);
	stack_fixture_unroute(f, "192.0.2.0/24");
	assert_leave_by(f, "10.9.0.1", 0);
	/* A link of the chain goes by itself, and comes back by another group. */
	stack_fixture_route(f, "192.0.2.0/24", "10.0.3.2");
	assert_leave_by(f, "10.9.0.1", 3);
	stack_fixture_route(f, "192.0.3.0/24", "10.0.1.2");
	stack_fixture_route(f, "192.0.2.0/24", "10.0.2.2");
	assert_leave_by(f, "10.9.0.1", 1);
	stack_fixture_unroute(f, "192.0.3.0/24");
	assert_leave_by(f, "10.9.0.1", 0);
	stack_fixture_route(f, "192.0.3.0/24", "192.0.2.7");
	assert_leave_by(f, "10.9.0.1", 2);
	stack_fixture_route(f, "192.0.2.0/24", "10.0.3.2");
	assert_leave_by(f, "10.9.0.1", 3);
	stack_fixture_destroy(f);
}

/* Of more changes at once than are told one by one none is missed. */
static void
test_many_changes(void **state)
{
	struct stack_fixture *f = router();
	char addr[32];

	for (unsigned p = 2; p <= 3; p++) {
		stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
		stack_fixture_route(f, "10.9.0.0/16", "192.0.2.1");
		assert_leave_by(f, "10.9.0.1", 1);
		for (unsigned i = 0; i < 2 * ROUTE_CHANGES_MAX; i++) {
			snprintf(addr, sizeof(addr), "10.%u.%u.9/24", 100 + p, i);
			stack_fixture_addr(f, p == 2 ? "p3" : "p1", addr);
		}
		snprintf(addr, sizeof(addr), "p%u", p);
		stack_fixture_addr(f, addr, "192.0.2.9/25");
		stack_fixture_neigh(f, addr, "192.0.2.1", "02:00:00:00:09:01");
		stack_fixture_run(f);
		assert_leave_by(f, "10.9.0.1", p);
		stack_fixture_unroute(f, "10.9.0.0/16");
		stack_fixture_unaddr(f, addr, "192.0.2.9/25");
	}
	stack_fixture_destroy(f);
}

/* Round in circles, alone and with paths that multiply: an end, and no way. */
static void
test_loops(void **state)
{
	struct stack_fixture *f = router();
	struct error err = { 0 };

	assert_int_equal(route_add(f, "10.9.0.0/16", "10.9.0.1 recursive", 0, &err), 0);
	assert_leave_by(f, "10.9.0.1", 0);
	assert_int_equal(route_add(f, "10.8.0.0/16", "10.7.0.1 recursive", 0, &err), 0);
	stack_fixture_route(f, "10.7.0.0/16", "10.8.0.1");
	assert_leave_by(f, "10.8.0.1", 0);
	stack_fixture_route(f, "10.6.0.0/16", "10.0.1.2");
	stack_fixture_route(f, "10.5.0.0/16",
		"10.6.0.1 10.6.0.2 10.6.0.3 10.6.0.4 10.6.0.5 10.6.0.6 10.6.0.7 10.6.0.8");
	stack_fixture_route(f, "10.6.0.0/16",
		"10.5.0.1 10.5.0.2 10.5.0.3 10.5.0.4 10.5.0.5 10.5.0.6 10.5.0.7 10.5.0.8");
	assert_leave_by(f, "10.5.0.1", 0);
	/* The loop is broken: all is well. */
	stack_fixture_route(f, "10.6.0.0/16", "10.0.3.2");
	assert_leave_by(f, "10.5.0.1", 3);
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f = router();
	struct error err = { 0 };

	/* Through a default route everything would be found. */
	stack_fixture_route(f, "0.0.0.0/0", "10.0.1.2");
	assert_int_equal(route_add(f, "10.9.0.0/16", "192.0.2.1", 0, &err), -ENETUNREACH);
	assert_non_null(strstr(err.text, "recursive"));
	assert_int_equal(route_add(f, "10.9.0.0/16", "192.0.2.1 recursive", 0, &err), 0);
	/* What tells the sender so leaves by the default route. */
	assert_leave_by(f, "10.9.0.1", 1);
	assert_int_equal(stack_fixture_drops(f, DROP_route_unreachable), FLOWS);
	stack_fixture_route(f, "192.0.2.0/24", "10.0.2.2");
	assert_leave_by(f, "10.9.0.1", 2);
	stack_fixture_destroy(f);
}

/* Thousands of routes by one gateway have one group, and move at once. */
static void
test_shared(void **state)
{
	struct stack_fixture *f = router();
	unsigned nexthops;
	char prefix[32];

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "20.0.0.0/24", "192.0.2.1");
	stack_fixture_route(f, "30.0.0.0/24", "10.0.1.2 10.0.2.2*3");
	nexthops = stack_fixture_nexthops(f);
	for (unsigned i = 1; i < 3000; i++) {
		snprintf(prefix, sizeof(prefix), "20.%u.%u.0/24", i / 256, i % 256);
		stack_fixture_route(f, prefix, "192.0.2.1");
		snprintf(prefix, sizeof(prefix), "30.%u.%u.0/24", i / 256, i % 256);
		stack_fixture_route(f, prefix, "10.0.1.2 10.0.2.2*3");
	}
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_route(f, "192.0.2.0/24", "10.0.3.2");
	assert_leave_by(f, "20.9.0.1", 3);
	assert_leave_by(f, "20.0.0.1", 3);
	/* Changed alike, they share again. */
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(prefix, sizeof(prefix), "30.%u.%u.0/24", i / 256, i % 256);
		stack_fixture_route(f, prefix, "10.0.1.2 10.0.3.2");
	}
	assert_in_range(stack_fixture_nexthops(f), nexthops - 5, nexthops + 5);
	stack_fixture_destroy(f);
}

static void
test_metrics(void **state)
{
	struct stack_fixture *f = router();
	const struct ip_prefix prefix = { ip_addr_from4((uint8_t[]){ 10, 9, 0, 0 }), 16 };
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);
	struct error err = { 0 };

	assert_int_equal(route_add(f, "10.9.0.0/16", "10.0.2.2", 20, &err), 0);
	assert_int_equal(route_add(f, "10.9.0.0/16", "10.0.2.2", 20, &err), -EEXIST);
	assert_leave_by(f, "10.9.0.1", 2);
	assert_int_equal(route_add(f, "10.9.0.0/16", "10.0.3.2", 30, &err), 0);
	assert_leave_by(f, "10.9.0.1", 2);
	assert_int_equal(route_add(f, "10.9.0.0/16", "10.0.1.2", 10, &err), 0);
	assert_leave_by(f, "10.9.0.1", 1);
	assert_int_equal(stack_fixture_routes(f), routes + 3);
	assert_int_equal(stack_route_remove(f->stack, IP_VRF_DEFAULT, &prefix, &err), 0);
	assert_leave_by(f, "10.9.0.1", 2);
	assert_int_equal(
		stack_route_remove_metric(f->stack, IP_VRF_DEFAULT, &prefix, 10, &err), -ENOENT);
	assert_int_equal(stack_route_remove_metric(f->stack, IP_VRF_DEFAULT, &prefix, 20, &err), 0);
	assert_leave_by(f, "10.9.0.1", 3);
	assert_int_equal(stack_route_remove(f->stack, IP_VRF_DEFAULT, &prefix, &err), 0);
	assert_leave_by(f, "10.9.0.1", 0);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	assert_int_equal(stack_fixture_routes(f), routes);
	stack_fixture_destroy(f);
}

/* The ICMP error that went back by p0. */
static void
assert_error(struct stack_fixture *f, unsigned offset, uint8_t type, uint8_t code)
{
	struct rte_mbuf *pkt = stack_fixture_take(f, 0);

	assert_non_null(pkt);
	assert_int_equal(*rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset), type);
	assert_int_equal(*rte_pktmbuf_mtod_offset(pkt, uint8_t *, offset + 1), code);
	rte_pktmbuf_free(pkt);
}

/* When there is no id for a new path the old ones stay, until there is: nothing else has to change. */
static void
test_no_ids_left(void **state)
{
	struct stack_fixture *f = router();
	uint32_t *ids = calloc(STACK_NEXTHOPS_DEFAULT, sizeof(*ids));
	struct nexthop_table *table = f->stack->nexthops;
	unsigned count = 0;

	assert_non_null(ids);
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(f, "10.9.0.0/16", "192.0.2.1");
	stack_fixture_neigh(f, "p2", "192.0.2.1", "02:00:00:00:09:01");
	assert_leave_by(f, "10.9.0.1", 1);
	while (count < STACK_NEXTHOPS_DEFAULT &&
		nexthop_gateway(table, &(struct nexthop_link){ .mtu = 1500 },
			&(struct ip_addr){ .family = IP_FAMILY_4 }, true, &ids[count], NULL) == 0)
		count++;
	stack_fixture_addr(f, "p2", "192.0.2.9/25");
	stack_fixture_run(f);
	assert_leave_by(f, "10.9.0.1", 1);
	assert_in_range(stack_next_event_ns(f->stack), f->now_ns, f->now_ns + 1000000000);
	while (count > 0)
		nexthop_release(table, ids[--count]);
	stack_fixture_advance(f, 1010);
	assert_leave_by(f, "10.9.0.1", 2);
	assert_int_equal(stack_next_event_ns(f->stack), UINT64_MAX);
	free(ids);
	stack_fixture_unaddr(f, "p2", "192.0.2.9/25");
	stack_fixture_destroy(f);
}

/* A route that is counted has nexthops of its own; the others by its gateway do not. */
static void
test_counted(void **state)
{
	struct stack_fixture *f = router();
	struct stack_route *route = calloc(1, sizeof(*route));
	unsigned nexthops = stack_fixture_nexthops(f);
	struct nexthop_counters counters;
	struct error err = { 0 };
	struct stack_way way;
	struct ip_addr dst;

	assert_non_null(route);
	stack_fixture_route(f, "10.8.0.0/16", "10.0.1.2 10.0.2.2");
	assert_int_equal(ip_prefix_parse("10.9.0.0/16", &route->prefix), 0);
	assert_int_equal(ip_addr_parse("10.0.1.2", &route->paths[0].gateway), 0);
	assert_int_equal(ip_addr_parse("10.0.2.2", &route->paths[1].gateway), 0);
	route->paths[0].weight = route->paths[1].weight = 1;
	route->type = STACK_ROUTE_VIA;
	route->counted = true;
	assert_int_equal(ip_addr_parse("10.9.0.1", &dst), 0);
	for (route->path_count = 1; route->path_count <= 2; route->path_count++) {
		assert_int_equal(stack_route_add(f->stack, route, true, &err), 0);
		/* The same again changes nothing. */
		assert_int_equal(stack_route_add(f->stack, route, true, &err), 0);
		flows_send(f, "10.8.0.1", (unsigned[STACK_FIXTURE_PORTS]){ 0 });
		flows_send(f, "10.9.0.1", (unsigned[STACK_FIXTURE_PORTS]){ 0 });
		stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
		assert_true(stack_route_is_counted(f->stack, way.nexthop));
		stack_nexthop_counters(f->stack, way.nexthop, &counters);
		assert_int_equal(counters.packets, FLOWS);
	}
	assert_int_equal(ip_addr_parse("10.8.0.1", &dst), 0);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
	assert_false(stack_route_is_counted(f->stack, way.nexthop));
	route->type = STACK_ROUTE_BLACKHOLE;
	assert_int_equal(stack_route_add(f->stack, route, true, &err), -EINVAL);
	stack_fixture_unroute(f, "10.8.0.0/16");
	stack_fixture_unroute(f, "10.9.0.0/16");
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	free(route);
	stack_fixture_destroy(f);
}

static void
test_prohibit(void **state)
{
	struct stack_fixture *f = router();

	stack_fixture_route(f, "192.0.2.0/24", "prohibit");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "192.0.2.1");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_route_prohibit), 1);
	assert_error(f, ETHER_HDR_LENGTH + IP4_HDR_LENGTH, 3, 13);
	stack_fixture_route(f, "2001:db8:9::/48", "prohibit");
	stack_fixture_rx(f, 0, .src = "2001:db8::2", .dst = "2001:db8:9::1");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_route_prohibit), 2);
	assert_error(f, ETHER_HDR_LENGTH + IP6_HDR_LENGTH, 1, 1);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follow),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_many_changes),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_no_ids_left),
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_prohibit),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
