/* SPDX-License-Identifier: BSD-3-Clause */
/* Static routes as users say them: what is refused, what is replaced, that nothing is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

/* A route by one gateway. @return what stack_route_add() said */
static int
route_via(struct stack_fixture *f, const char *prefix, const char *gateway, const char *iface,
	bool replace, struct error *err)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	struct ip_prefix addr;
	int rc;

	assert_non_null(route);
	assert_int_equal(ip_prefix_parse(prefix, &route->prefix), 0);
	assert_int_equal(ip_prefix_parse(gateway, &addr), 0);
	route->type = STACK_ROUTE_VIA;
	route->path_count = 1;
	route->paths[0].gateway = addr.addr;
	route->paths[0].weight = 1;
	snprintf(route->paths[0].iface, sizeof(route->paths[0].iface), "%s", iface);
	*err = (struct error){ 0 };
	rc = stack_route_add(f->stack, route, replace, err);
	free(route);
	return rc;
}

/* Send to an address from p0. @return the port that it left by, or UINT32_MAX */
static uint32_t
leaves_by(struct stack_fixture *f, const char *dst)
{
	struct rte_mbuf *pkt;

	stack_fixture_rx(
		f, 0, .src = strchr(dst, ':') != NULL ? "2001:db8::2" : "10.0.0.2", .dst = dst);
	stack_fixture_run(f);
	for (unsigned i = 1; i < f->config.ports; i++) {
		pkt = stack_fixture_take(f, i);
		if (pkt != NULL) {
			rte_pktmbuf_free(pkt);
			return i;
		}
	}
	return UINT32_MAX;
}

static void
test_refused(void **state)
{
	static const struct {
		const char *prefix, *gateway, *iface;
		int rc;
		const char *says;
	} cases[] = {
		{ "10.9.0.1/16", "10.0.1.2", "", -EINVAL, "did you mean 10.9.0.0/16" },
		{ "224.0.0.0/4", "10.0.1.2", "", -EINVAL, "multicast" },
		{ "ff00::/8", "2001:db8::2", "", -EINVAL, "multicast" },
		{ "10.9.0.0/16", "2001:db8::2", "", -EINVAL, "own family" },
		{ "2001:db8:9::/48", "10.0.1.2", "", -EINVAL, "own family" },
		{ "10.9.0.0/16", "10.0.1.1", "", -EINVAL, "address of this router" },
		{ "10.9.0.0/16", "10.0.1.255", "", -ENETUNREACH, "in no connected subnet" },
		{ "10.9.0.0/16", "192.0.2.1", "", -ENETUNREACH, "in no connected subnet" },
		{ "10.9.0.0/16", "10.0.1.2", "nope", -ENOENT, "no interface" },
		{ "10.9.0.0/16", "10.0.1.2", "lo0", -EINVAL, "loopback" },
		{ "2001:db8:9::/48", "fe80::2", "", -EINVAL, "dev IFACE" },
	};
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	unsigned nexthops, routes;
	struct error err = { 0 };

	assert_int_equal(stack_loopback_add(f->stack, "lo0", &err), 0);
	nexthops = stack_fixture_nexthops(f);
	routes = stack_fixture_routes(f);
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		int rc = route_via(
			f, cases[i].prefix, cases[i].gateway, cases[i].iface, false, &err);

		if (rc != cases[i].rc || strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s via %s: %d, %s", cases[i].prefix, cases[i].gateway, rc,
				err.text);
	}
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	assert_int_equal(stack_fixture_routes(f), routes);
	stack_fixture_destroy(f);
}

static void
test_add_replace_remove(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 3 });
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);
	const struct ip_prefix prefix = { ip_addr_from4((uint8_t[]){ 10, 9, 0, 0 }), 16 };
	struct error err = { 0 };

	assert_int_equal(leaves_by(f, "10.9.0.1"), UINT32_MAX);
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	assert_int_equal(route_via(f, "10.9.0.0/16", "10.0.1.2", "", false, &err), 0);
	assert_int_equal(leaves_by(f, "10.9.0.1"), 1);
	assert_int_equal(route_via(f, "10.9.0.0/16", "10.0.2.2", "", false, &err), -EEXIST);
	assert_int_equal(leaves_by(f, "10.9.0.1"), 1);
	assert_int_equal(route_via(f, "10.9.0.0/16", "10.0.2.2", "", true, &err), 0);
	assert_int_equal(leaves_by(f, "10.9.0.1"), 2);
	assert_int_equal(stack_fixture_routes(f), routes + 1);
	/* The longest match is the way. */
	stack_fixture_route(f, "10.9.1.0/24", "10.0.1.3");
	assert_int_equal(leaves_by(f, "10.9.1.1"), 1);
	assert_int_equal(leaves_by(f, "10.9.2.1"), 2);
	stack_fixture_unroute(f, "10.9.1.0/24");
	assert_int_equal(leaves_by(f, "10.9.1.1"), 2);
	assert_int_equal(stack_route_remove(f->stack, IP_VRF_DEFAULT, &prefix, &err), 0);
	assert_int_equal(stack_route_remove(f->stack, IP_VRF_DEFAULT, &prefix, &err), -ENOENT);
	assert_int_equal(leaves_by(f, "10.9.0.1"), UINT32_MAX);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	assert_int_equal(stack_fixture_routes(f), routes);
	stack_fixture_destroy(f);
}

static void
test_types(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	unsigned nexthops = stack_fixture_nexthops(f);

	stack_fixture_route(f, "192.0.2.0/24", "blackhole");
	assert_int_equal(leaves_by(f, "192.0.2.1"), UINT32_MAX);
	assert_int_equal(stack_fixture_drops(f, DROP_route_blackhole), 1);
	stack_fixture_expect_silence(f);
	stack_fixture_route(f, "192.0.2.0/24", "unreachable");
	assert_int_equal(leaves_by(f, "192.0.2.1"), UINT32_MAX);
	assert_int_equal(stack_fixture_drops(f, DROP_route_unreachable), 1);
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	stack_fixture_expect_silence(f);
	/* On the link itself: asks for the destination, not for a gateway. */
	stack_fixture_route(f, "192.0.2.0/24", "dev p1");
	stack_fixture_neigh(f, "p1", "192.0.2.1", "02:00:00:00:09:01");
	assert_int_equal(leaves_by(f, "192.0.2.1"), 1);
	stack_fixture_route(f, "2001:db8:9::/48", "blackhole");
	assert_int_equal(leaves_by(f, "2001:db8:9::1"), UINT32_MAX);
	assert_int_equal(stack_fixture_drops(f, DROP_route_blackhole), 2);
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_unroute(f, "2001:db8:9::/48");
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_destroy(f);
}

/* Link-local gateways, with the interface that they need. */
static void
test_link_local_gateway(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 3 });
	unsigned nexthops = stack_fixture_nexthops(f);
	struct error err = { 0 };

	stack_fixture_neigh(f, "p1", "fe80::99", "02:00:00:00:09:01");
	stack_fixture_neigh(f, "p2", "fe80::99", "02:00:00:00:09:02");
	assert_int_equal(route_via(f, "2001:db8:9::/48", "fe80::99", "p2", false, &err), 0);
	assert_int_equal(leaves_by(f, "2001:db8:9::1"), 2);
	assert_int_equal(route_via(f, "2001:db8:9::/48", "fe80::99", "p1", true, &err), 0);
	assert_int_equal(leaves_by(f, "2001:db8:9::1"), 1);
	stack_fixture_unroute(f, "2001:db8:9::/48");
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_destroy(f);
}

/* A group of which one path is refused leaves none of the others behind. */
static void
test_group_that_fails(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	unsigned nexthops = stack_fixture_nexthops(f);
	struct stack_route *route = calloc(1, sizeof(*route));
	struct error err = { 0 };

	assert_non_null(route);
	assert_int_equal(ip_prefix_parse("10.9.0.0/16", &route->prefix), 0);
	route->type = STACK_ROUTE_VIA;
	assert_int_equal(stack_route_add(f->stack, route, false, &err), -EINVAL);
	route->path_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		route->paths[i].weight = 1;
		assert_int_equal(
			ip_addr_parse(i < 2 ? "10.0.1.2" : "192.0.2.1", &route->paths[i].gateway),
			0);
	}
	assert_int_equal(stack_route_add(f->stack, route, false, &err), -ENETUNREACH);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	assert_int_equal(ip_addr_parse("10.0.1.3", &route->paths[2].gateway), 0);
	route->paths[1].weight = 0;
	assert_int_equal(stack_route_add(f->stack, route, false, &err), -EINVAL);
	route->paths[1].weight = NEXTHOP_WEIGHT_MAX + 1;
	assert_int_equal(stack_route_add(f->stack, route, false, &err), -EINVAL);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	route->paths[1].weight = NEXTHOP_WEIGHT_MAX;
	assert_int_equal(stack_route_add(f->stack, route, false, &err), 0);
	assert_int_equal(stack_fixture_nexthops(f), nexthops + 4);
	stack_fixture_unroute(f, "10.9.0.0/16");
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	free(route);
	stack_fixture_destroy(f);
}

/* Ids are used again: more routes come and go than there are nexthops. */
static void
test_many_routes_come_and_go(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);

	for (unsigned i = 0; i < 3000; i++) {
		stack_fixture_route(f, "10.9.0.0/16", "10.0.1.2 10.0.1.3*2");
		if (i % 3 == 0)
			stack_fixture_unroute(f, "10.9.0.0/16");
	}
	stack_fixture_unroute(f, "10.9.0.0/16");
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	assert_int_equal(stack_fixture_routes(f), routes);
	stack_fixture_destroy(f);
}

static void
test_way(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct ip_flow flow = { .proto = IP_PROTO_UDP, .src_port = 4000, .dst_port = 53 };
	struct stack_way way;

	assert_int_equal(ip_addr_parse("10.0.0.2", &flow.src), 0);
	assert_int_equal(ip_addr_parse("10.9.0.1", &flow.dst), 0);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, &flow, &way);
	assert_false(way.found);
	stack_fixture_route(f, "10.9.0.0/16", "10.0.1.2");
	stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, &flow, &way);
	assert_true(way.found);
	assert_false(way.chosen);
	assert_int_equal(way.route.prefix.length, 16);
	stack_fixture_route(f, "10.9.0.0/16", "10.0.1.2 10.0.1.3");
	stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, NULL, &way);
	assert_false(way.chosen);
	assert_int_equal(way.nexthop, way.route.nexthop);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &flow.dst, &flow, &way);
	assert_true(way.chosen);
	assert_int_not_equal(way.nexthop, way.route.nexthop);
	assert_int_not_equal(way.hash, 0);
	stack_fixture_unroute(f, "10.9.0.0/16");
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_add_replace_remove),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_link_local_gateway),
		cmocka_unit_test(test_group_that_fails),
		cmocka_unit_test(test_many_routes_come_and_go),
		cmocka_unit_test(test_way),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
