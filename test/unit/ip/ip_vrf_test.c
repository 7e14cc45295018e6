/* SPDX-License-Identifier: BSD-3-Clause */
/* Lookups of packets of several VRFs in one vector: each in its own, in whatever order they come. */
#include "unit/ip/ip_fixture.h"

#define COUNT 64
#define GONE  200

/* The fixture's tables, and a VRF 7 whose only routes lead elsewhere. */
struct two {
	struct ip_fixture *f;
	struct route_table *routes;
	struct ip_vrf vrf;
};

static void
two_create(struct two *two)
{
	struct ip_fixture *f = ip_fixture_create();
	const struct ip_prefix prefix4 = ip_fixture_prefix("10.1.0.0/16");
	const struct ip_prefix prefix6 = ip_fixture_prefix("2001:db8:100::/48");

	two->f = f;
	two->routes = route_table_create(NULL, f->nexthops, -1);
	assert_non_null(two->routes);
	assert_int_equal(
		route_insert(two->routes, &prefix4, ROUTE_STATIC, NEXTHOP_ID_BLACKHOLE, NULL), 0);
	assert_int_equal(
		route_insert(two->routes, &prefix6, ROUTE_STATIC, NEXTHOP_ID_PROHIBIT, NULL), 0);
	two->vrf = (struct ip_vrf){
		.fib4 = route_table_fib4(two->routes),
		.fib6 = route_table_fib6(two->routes),
	};
	f->vrfs.vrfs[7] = &two->vrf;
}

static void
two_destroy(struct two *two)
{
	/* Before the nexthops, whose references it holds. */
	route_table_destroy(two->routes);
	ip_fixture_destroy(two->f);
}

static uint8_t
vrf_at(unsigned i, unsigned seed)
{
	static const uint8_t vrfs[] = { IP_VRF_DEFAULT, 7, GONE };

	return vrfs[i * (seed + 1) / (seed % 5 + 1) % RTE_DIM(vrfs)];
}

static uint32_t
expected(const struct ip_fixture *f, uint8_t vrf, bool ip4)
{
	if (vrf == GONE)
		return NEXTHOP_ID_NO_ROUTE;
	if (ip4)
		return vrf == 7 ? (uint32_t)NEXTHOP_ID_BLACKHOLE : f->gateway4;
	return vrf == 7 ? (uint32_t)NEXTHOP_ID_PROHIBIT : f->gateway6;
}

static void
test_lookup(void **state)
{
	struct rte_mbuf *pkts[COUNT];
	uint32_t dst_be[COUNT], nexthops[COUNT];
	const uint8_t *dst[COUNT];
	struct two two;

	(void)state;
	two_create(&two);
	for (unsigned i = 0; i < COUNT; i++) {
		const struct ip_addr addr4 = ip_fixture_prefix("10.1.2.3").addr;
		static struct ip_addr addr6;

		addr6 = ip_fixture_prefix("2001:db8:100::1").addr;
		pkts[i] = rte_pktmbuf_alloc(test_pool());
		memcpy(&dst_be[i], addr4.bytes, 4);
		dst[i] = addr6.bytes;
	}
	for (unsigned seed = 0; seed < 20; seed++) {
		for (unsigned i = 0; i < COUNT; i++) {
			pkt_meta_init(pkts[i], 0, 0);
			pkt_meta(pkts[i])->vrf = vrf_at(i, seed);
		}
		for (unsigned count = 0; count <= COUNT; count++) {
			memset(nexthops, 0xff, sizeof(nexthops));
			ip4_vrf_lookup(&two.f->vrfs, pkts, dst_be, nexthops, count);
			for (unsigned i = 0; i < count; i++)
				assert_int_equal(
					nexthops[i], expected(two.f, vrf_at(i, seed), true));
			ip6_vrf_lookup(&two.f->vrfs, pkts, dst, nexthops, count);
			for (unsigned i = 0; i < count; i++)
				assert_int_equal(
					nexthops[i], expected(two.f, vrf_at(i, seed), false));
			if (count < COUNT)
				assert_int_equal(nexthops[count], UINT32_MAX);
		}
	}
	rte_pktmbuf_free_bulk(pkts, COUNT);
	two_destroy(&two);
}

/* A packet whose VRF went while it was on its way here: no route, and nobody is told where. */
static void
test_gone(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1");

	(void)state;
	pkt_meta(pkt)->vrf = GONE;
	ip4_input(&f->core, &f->in, &f->out);
	assert_error(f, pkt, DROP_ip4_no_route, ICMP4_UNREACHABLE, ICMP4_NET_UNREACHABLE, 0);
	ip_fixture_next(f, &f->errors);
	icmp4_error(&f->core, &f->in, &f->out);
	/* No address is of that VRF. */
	assert_int_equal(f->replies.count, 0);
	assert_dropped(f, pkt, DROP_ip4_no_route);
	assert_null(ip_vrf_policy(&f->vrfs, pkt));
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_lookup, test_pool_check),
		cmocka_unit_test_teardown(test_gone, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
