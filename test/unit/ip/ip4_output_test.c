/* SPDX-License-Identifier: BSD-3-Clause */
/* The path of a packet whose nexthop is known: MTU, group, adjacency or not. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
packet_to(struct ip_fixture *f, uint32_t nexthop, uint16_t payload, uint16_t frag)
{
	struct rte_mbuf *pkt = ip_fixture_packet(
		f, .src = "10.0.0.2", .dst = "10.1.0.1", .payload_length = payload, .frag = frag);

	pkt_meta(pkt)->nexthop = nexthop;
	ip4_output(&f->core, &f->in, &f->out);
	return pkt;
}

static void
test_by_type_of_nexthop(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = packet_to(f, f->gateway4, 0, 0);

	assert_only(&f->ether, pkt);
	ip_fixture_empty(f);
	pkt = packet_to(f, f->unresolved4, 0, 0);
	assert_only(&f->punts, pkt);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_GLEAN);
	ip_fixture_empty(f);
	pkt = packet_to(f, f->attached[0], 0, 0);
	assert_only(&f->punts, pkt);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_GLEAN);
	ip_fixture_empty(f);
	/* A group's path may be what no route alone would get here. */
	assert_dropped(f, packet_to(f, NEXTHOP_ID_BLACKHOLE, 0, 0), DROP_route_blackhole);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, NEXTHOP_ID_UNREACHABLE, 0, 0), DROP_route_unreachable,
		ICMP4_UNREACHABLE, ICMP4_HOST_UNREACHABLE, 0);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, NEXTHOP_ID_NO_ROUTE, 0, 0), DROP_ip4_no_route,
		ICMP4_UNREACHABLE, ICMP4_NET_UNREACHABLE, 0);
	ip_fixture_destroy(f);
}

/* RFC 1191 4: code 4 with the MTU; without DF the packet would have to be cut. */
static void
test_mtu(void **state)
{
	const uint16_t fits = 1400 - IP4_HDR_LENGTH - 8;
	struct ip_fixture *f = ip_fixture_create();

	assert_only(&f->ether, packet_to(f, f->gateway4, fits, IP4_FRAG_DF));
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, f->gateway4, fits + 1, IP4_FRAG_DF), DROP_ip4_too_big,
		ICMP4_UNREACHABLE, ICMP4_FRAGMENTATION_NEEDED, 1400);
	ip_fixture_empty(f);
	assert_only(&f->ether, packet_to(f, f->gateway4, fits, 0));
	ip_fixture_empty(f);
	assert_dropped(f, packet_to(f, f->gateway4, fits + 1, 0), DROP_ip4_fragment_failed);
	ip_fixture_empty(f);
	/* It is the same for who is not resolved yet: no neighbour would help. */
	assert_error(f, packet_to(f, f->unresolved4, fits + 1, IP4_FRAG_DF), DROP_ip4_too_big,
		ICMP4_UNREACHABLE, ICMP4_FRAGMENTATION_NEEDED, 1400);
	ip_fixture_destroy(f);
}

static uint32_t
group_of(struct ip_fixture *f, uint32_t a, uint32_t b)
{
	const struct nexthop_path paths[] = { { a, 1 }, { b, 1 } };
	uint32_t id;

	nexthop_hold(f->nexthops, a);
	nexthop_hold(f->nexthops, b);
	assert_int_equal(nexthop_group(f->nexthops, paths, 2, &id, NULL), 0);
	return id;
}

/* The hash chooses, the path's type decides: here one of two is resolved. */
static void
test_group(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = group_of(f, f->gateway4, f->unresolved4);
	unsigned resolved = 0;

	for (unsigned i = 0; i < 100; i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(
			f, .src = "10.0.0.2", .dst = "10.1.0.1", .src_port = (uint16_t)(1000 + i));
		uint32_t expected = nexthop_group_select(
			f->core.nexthops[group].group, flow_hash_ip4(&f->toeplitz, pkt));

		pkt_meta(pkt)->nexthop = group;
		ip4_output(&f->core, &f->in, &f->out);
		assert_int_equal(pkt_meta(pkt)->nexthop, expected);
		assert_only(expected == f->gateway4 ? &f->ether : &f->punts, pkt);
		resolved += expected == f->gateway4;
		ip_fixture_empty(f);
	}
	assert_in_range(resolved, 30, 70);
	ip_fixture_destroy(f);
}

/* The port's hash counts where there is one, and where not the next stage finds it made. */
static void
test_group_by_the_ports_hash(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = group_of(f, f->gateway4, f->unresolved4);

	for (uint32_t hash = 0; hash < 64; hash++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1");

		pkt_meta(pkt)->nexthop = group;
		pkt->hash.rss = hash << 26;
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		ip4_output(&f->core, &f->in, &f->out);
		assert_int_equal(pkt_meta(pkt)->nexthop,
			nexthop_group_select(f->core.nexthops[group].group, hash << 26));
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* No user can build it, but a table that changes under a packet must not send it anywhere. */
static void
test_group_of_groups(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	uint32_t inner = group_of(f, f->gateway4, f->unresolved4);
	uint32_t outer = group_of(f, f->gateway4, f->gateway4);
	struct nexthop_group *group = f->core.nexthops[outer].group;

	for (uint32_t i = 0; i < group->bucket_count; i++)
		group->buckets[i] = inner;
	assert_dropped(f, packet_to(f, outer, 0, 0), DROP_route_group_bad);
	ip_fixture_empty(f);
	assert_dropped(f, packet_to(f, outer, 0, IP4_FRAG_DF), DROP_route_group_bad);
	ip_fixture_destroy(f);
}

/* All fragments of a datagram take one path, the first one too, which alone has the ports. */
static void
test_fragments_stay_together(void **state)
{
	static const uint16_t frags[] = { IP4_FRAG_MF, IP4_FRAG_MF | 100, 200 };
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = group_of(f, f->gateway4, f->unresolved4);
	uint32_t chosen = 0;

	for (unsigned i = 0; i < 30; i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1",
			.src_port = (uint16_t)(1000 + i), .frag = frags[i % 3]);

		pkt_meta(pkt)->nexthop = group;
		ip4_output(&f->core, &f->in, &f->out);
		if (i > 0)
			assert_int_equal(pkt_meta(pkt)->nexthop, chosen);
		chosen = pkt_meta(pkt)->nexthop;
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_by_type_of_nexthop, test_pool_check),
		cmocka_unit_test_teardown(test_mtu, test_pool_check),
		cmocka_unit_test_teardown(test_group, test_pool_check),
		cmocka_unit_test_teardown(test_group_by_the_ports_hash, test_pool_check),
		cmocka_unit_test_teardown(test_group_of_groups, test_pool_check),
		cmocka_unit_test_teardown(test_fragments_stay_together, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
