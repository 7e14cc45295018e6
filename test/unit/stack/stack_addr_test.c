/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses: the routes that come with them go with them. */
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

static struct stack_fixture *
bare(void)
{
	return stack_fixture_create(&(struct stack_fixture_config){ .bare = true });
}

static struct route
route_to(const struct stack_fixture *f, const char *text)
{
	struct route route = { 0 };
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr), 0);
	if (route_lookup(stack_routes(f->stack, IP_VRF_DEFAULT), &addr, &route) < 0)
		route.nexthop = NEXTHOP_ID_NO_ROUTE;
	return route;
}

static int
addr_add(struct stack_fixture *f, const char *iface, const char *text)
{
	struct error err = { 0 };
	struct ip_prefix addr;
	int rc;

	assert_int_equal(ip_prefix_parse(text, &addr), 0);
	rc = stack_addr_add(f->stack, iface, &addr, &err);
	assert_true(rc == 0 || err.text[0] != '\0');
	return rc;
}

static void
test_routes_of_an_address(void **state)
{
	struct stack_fixture *f = bare();
	uint32_t attached = iface_lookup(f->stack->ifaces, "p0")->attached;
	unsigned nexthops = stack_fixture_nexthops(f);

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_addr(f, "p0", "2001:db8::1/64");
	assert_int_equal(route_to(f, "10.0.0.1").nexthop, NEXTHOP_ID_LOCAL);
	assert_int_equal(route_to(f, "10.0.0.77").nexthop, attached);
	assert_int_equal(route_to(f, "10.0.0.77").source, ROUTE_CONNECTED);
	assert_int_equal(route_to(f, "10.0.0.0").nexthop, NEXTHOP_ID_BROADCAST);
	assert_int_equal(route_to(f, "10.0.0.255").nexthop, NEXTHOP_ID_BROADCAST);
	assert_int_equal(route_to(f, "10.0.1.0").nexthop, NEXTHOP_ID_NO_ROUTE);
	assert_int_equal(route_to(f, "2001:db8::1").nexthop, NEXTHOP_ID_LOCAL);
	assert_int_equal(route_to(f, "2001:db8::77").nexthop, attached);
	assert_int_equal(route_to(f, "2001:db8::").nexthop, NEXTHOP_ID_ANYCAST);
	assert_int_equal(stack_fixture_routes(f), 7);
	stack_fixture_unaddr(f, "p0", "10.0.0.1/24");
	stack_fixture_unaddr(f, "p0", "2001:db8::1/64");
	assert_int_equal(stack_fixture_routes(f), 0);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_destroy(f);
}

/* /32 and /128 are alone, /31 and /127 have no broadcast and anycast (RFC 3021, 6164), link-locals no
 * route. */
static void
test_lengths(void **state)
{
	static const struct {
		const char *addr;
		unsigned routes;
	} cases[] = { { "10.0.0.1/32", 1 }, { "10.0.0.0/31", 2 }, { "10.0.0.1/30", 4 },
		{ "10.0.0.1/8", 4 }, { "169.254.1.1/16", 4 }, { "2001:db8::1/128", 1 },
		{ "2001:db8::/127", 2 }, { "2001:db8::1/126", 3 }, { "2001:db8::1/64", 3 },
		{ "fe80::99/64", 0 } };
	struct stack_fixture *f = bare();

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		stack_fixture_addr(f, "p0", cases[i].addr);
		assert_int_equal(stack_fixture_routes(f), cases[i].routes);
		stack_fixture_unaddr(f, "p0", cases[i].addr);
		assert_int_equal(stack_fixture_routes(f), 0);
	}
	stack_fixture_destroy(f);
}

static void
test_refused_addresses(void **state)
{
	static const char *const bad[] = { "0.0.0.0/8", "127.0.0.1/8", "224.0.0.1/24",
		"255.255.255.255/32", "240.0.0.1/24", "10.0.0.0/24", "10.0.0.255/24", "::/64",
		"::1/128", "ff02::1/64", "2001:db8::/64", "10.0.0.1/0" };
	struct stack_fixture *f = bare();

	for (unsigned i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(addr_add(f, "p0", bad[i]), -EINVAL);
	assert_int_equal(addr_add(f, "nope", "10.0.0.1/24"), -ENOENT);
	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	assert_int_equal(addr_add(f, "p0", "10.0.0.1/24"), -EEXIST);
	assert_int_equal(addr_add(f, "p0", "10.0.0.1/16"), -EEXIST);
	assert_int_equal(addr_add(f, "p1", "10.0.0.1/24"), -EEXIST);
	assert_int_equal(addr_add(f, "p1", "10.0.0.2/24"), -EEXIST);
	assert_int_equal(stack_fixture_routes(f), 4);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p1")->addr_count, 1);
	assert_int_equal(
		stack_addr_remove(f->stack, "p0",
			&(struct ip_prefix){ ip_addr_from4((uint8_t[]){ 10, 0, 0, 9 }), 24 }, NULL),
		-ENOENT);
	stack_fixture_destroy(f);
}

/* Subnets that end at the same address share its route, on one interface or two. */
static void
test_nested_subnets(void **state)
{
	struct stack_fixture *f = bare();

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_addr(f, "p0", "10.0.0.3/25");
	stack_fixture_addr(f, "p1", "10.0.0.129/25");
	stack_fixture_unaddr(f, "p0", "10.0.0.3/25");
	stack_fixture_unaddr(f, "p1", "10.0.0.129/25");
	assert_int_equal(route_to(f, "10.0.0.0").nexthop, NEXTHOP_ID_BROADCAST);
	assert_int_equal(route_to(f, "10.0.0.255").nexthop, NEXTHOP_ID_BROADCAST);
	assert_int_equal(route_to(f, "10.0.0.127").source, ROUTE_CONNECTED);
	assert_int_equal(
		route_to(f, "10.0.0.127").nexthop, iface_lookup(f->stack->ifaces, "p0")->attached);
	assert_int_equal(stack_fixture_routes(f), 4);
	stack_fixture_unaddr(f, "p0", "10.0.0.1/24");
	assert_int_equal(stack_fixture_routes(f), 0);
	stack_fixture_destroy(f);
}

/* Two addresses in one subnet have its routes together. */
static void
test_two_in_one_subnet(void **state)
{
	struct stack_fixture *f = bare();

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_addr(f, "p0", "10.0.0.2/24");
	stack_fixture_addr(f, "p0", "10.0.0.3/25");
	assert_int_equal(stack_fixture_routes(f), 3 + 3 + 2); /* both end in 10.0.0.0 */
	stack_fixture_unaddr(f, "p0", "10.0.0.3/25");
	stack_fixture_unaddr(f, "p0", "10.0.0.1/24");
	assert_int_equal(route_to(f, "10.0.0.1").source, ROUTE_CONNECTED);
	assert_int_equal(route_to(f, "10.0.0.2").nexthop, NEXTHOP_ID_LOCAL);
	assert_int_equal(route_to(f, "10.0.0.255").nexthop, NEXTHOP_ID_BROADCAST);
	stack_fixture_unaddr(f, "p0", "10.0.0.2/24");
	assert_int_equal(stack_fixture_routes(f), 0);
	stack_fixture_destroy(f);
}

/* An address of a loopback has no link: it must not touch the routes of who has one. */
static void
test_loopback(void **state)
{
	struct stack_fixture *f = bare();
	struct error err = { 0 };

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	assert_int_equal(stack_loopback_add(f->stack, "lo0", &err), 0);
	stack_fixture_addr(f, "lo0", "10.0.0.9/24");
	stack_fixture_addr(f, "lo0", "192.0.2.1/32");
	stack_fixture_addr(f, "lo0", "2001:db8:ffff::1/128");
	assert_int_equal(route_to(f, "10.0.0.9").nexthop, NEXTHOP_ID_LOCAL);
	assert_int_equal(stack_fixture_routes(f), 7);
	stack_fixture_unaddr(f, "lo0", "10.0.0.9/24");
	assert_int_equal(stack_fixture_routes(f), 6);
	assert_int_equal(route_to(f, "10.0.0.77").source, ROUTE_CONNECTED);
	assert_int_equal(route_to(f, "10.0.0.255").nexthop, NEXTHOP_ID_BROADCAST);
	assert_int_equal(stack_iface_remove(f->stack, "p0", &err), -EINVAL);
	assert_int_equal(stack_iface_remove(f->stack, "lo0", &err), 0);
	assert_int_equal(stack_iface_remove(f->stack, "lo0", &err), -ENOENT);
	assert_int_equal(stack_fixture_routes(f), 4);
	stack_fixture_destroy(f);
}

/* Learned neighbours live by the subnet that they are in: with it their host routes go. */
static void
test_address_goes_with_its_neighbours(void **state)
{
	struct stack_fixture *f = bare();

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_neigh(f, "p0", "10.0.0.2", "02:00:00:00:02:00");
	assert_int_equal(route_to(f, "10.0.0.2").source, ROUTE_NEIGHBOUR);
	stack_fixture_unaddr(f, "p0", "10.0.0.1/24");
	assert_int_equal(stack_fixture_routes(f), 0);
	/* On another interface the subnet is another link's. */
	stack_fixture_addr(f, "p1", "10.0.0.1/24");
	assert_int_equal(route_to(f, "10.0.0.2").source, ROUTE_CONNECTED);
	stack_fixture_destroy(f);
}

/* A neighbour that was known before the subnet was: no packet but the first needs help. */
static void
test_neighbour_before_its_address(void **state)
{
	struct stack_fixture *f = bare();

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_neigh(f, "p1", "10.0.1.2", "02:00:00:00:02:01");
	stack_fixture_addr(f, "p1", "10.0.1.1/24");
	for (unsigned i = 0; i < 3; i++) {
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
		stack_fixture_run(f);
		stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.0.2",
			.dst = "10.0.1.2", .ttl = 63);
	}
	assert_in_range(stack_fixture_flow(f).punted, 0, 1);
	stack_fixture_destroy(f);
}

/* Destinations on a link by `route add X dev`: known neighbours need no help there either. */
static void
test_neighbours_of_a_route_dev(void **state)
{
	struct stack_fixture *f = bare();

	stack_fixture_addr(f, "p0", "10.0.0.1/24");
	stack_fixture_route(f, "203.0.113.0/24", "dev p1");
	stack_fixture_neigh(f, "p1", "203.0.113.5", "02:00:00:00:02:01");
	assert_int_equal(route_to(f, "203.0.113.5").source, ROUTE_NEIGHBOUR);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "203.0.113.5");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.0.2",
		.dst = "203.0.113.5", .ttl = 63);
	assert_int_equal(stack_fixture_flow(f).punted, 0);
	/* Off the link, or to another one: the host route goes with what it was for. */
	stack_fixture_route(f, "203.0.113.0/24", "dev p0");
	assert_int_equal(route_to(f, "203.0.113.5").source, ROUTE_STATIC);
	stack_fixture_route(f, "203.0.113.0/24", "dev p1");
	stack_fixture_neigh(f, "p1", "203.0.113.5", "02:00:00:00:02:02");
	assert_int_equal(route_to(f, "203.0.113.5").source, ROUTE_NEIGHBOUR);
	stack_fixture_unroute(f, "203.0.113.0/24");
	assert_int_equal(stack_fixture_routes(f), 4);
	stack_fixture_destroy(f);
}

/* A longer prefix decides, whether its route or the neighbour comes first. */
static void
test_neighbours_below_a_longer_prefix(void **state)
{
	struct stack_fixture *f = bare();

	stack_fixture_addr(f, "p1", "10.0.1.1/24");
	stack_fixture_neigh(f, "p1", "10.0.1.2", "02:00:00:00:02:01");
	stack_fixture_neigh(f, "p1", "10.0.1.200", "02:00:00:00:02:02");
	stack_fixture_route(f, "10.0.1.0/25", "blackhole");
	assert_int_equal(route_to(f, "10.0.1.2").source, ROUTE_STATIC);
	assert_int_equal(route_to(f, "10.0.1.200").source, ROUTE_NEIGHBOUR);
	stack_fixture_neigh(f, "p1", "10.0.1.2", "02:00:00:00:02:03");
	assert_int_equal(route_to(f, "10.0.1.2").source, ROUTE_STATIC);
	/* Another link's subnet is such a prefix. */
	stack_fixture_addr(f, "p0", "10.0.1.193/26");
	assert_int_equal(route_to(f, "10.0.1.200").source, ROUTE_CONNECTED);
	stack_fixture_neigh(f, "p0", "10.0.1.200", "02:00:00:00:02:04");
	assert_int_equal(route_to(f, "10.0.1.200").source, ROUTE_NEIGHBOUR);
	/* The neighbour of that name on the other link has nothing to do with it. */
	assert_int_equal(stack_neigh_flush(f->stack, "p1", NULL), 0);
	assert_int_equal(route_to(f, "10.0.1.200").source, ROUTE_NEIGHBOUR);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes_of_an_address),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refused_addresses),
		cmocka_unit_test(test_nested_subnets),
		cmocka_unit_test(test_two_in_one_subnet),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_address_goes_with_its_neighbours),
		cmocka_unit_test(test_neighbour_before_its_address),
		cmocka_unit_test(test_neighbours_of_a_route_dev),
		cmocka_unit_test(test_neighbours_below_a_longer_prefix),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
