/* SPDX-License-Identifier: BSD-3-Clause */
/* The path of a packet whose nexthop is known: MTU, group, adjacency or not. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
packet_to(struct ip_fixture *f, uint32_t nexthop, uint16_t payload)
{
	struct rte_mbuf *pkt = ip_fixture_packet(
		f, .src = "2001:db8::2", .dst = "2001:db8:100::1", .payload_length = payload);

	pkt_meta(pkt)->nexthop = nexthop;
	ip6_output(&f->core, &f->in, &f->out);
	return pkt;
}

static void
test_by_type_of_nexthop(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = packet_to(f, f->gateway6, 0);

	assert_only(&f->ether, pkt);
	ip_fixture_empty(f);
	pkt = packet_to(f, f->unresolved6, 0);
	assert_only(&f->punts, pkt);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_GLEAN);
	ip_fixture_empty(f);
	pkt = packet_to(f, f->attached[0], 0);
	assert_only(&f->punts, pkt);
	assert_int_equal(pkt_meta(pkt)->reason, PUNT_GLEAN);
	ip_fixture_empty(f);
	/* A group's path may be what no route alone would get here. */
	assert_dropped(f, packet_to(f, NEXTHOP_ID_BLACKHOLE, 0), DROP_route_blackhole);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, NEXTHOP_ID_UNREACHABLE, 0), DROP_route_unreachable,
		ICMP6_UNREACHABLE, ICMP6_ADDR_UNREACHABLE, 0);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, NEXTHOP_ID_NO_ROUTE, 0), DROP_ip6_no_route, ICMP6_UNREACHABLE,
		ICMP6_NO_ROUTE, 0);
	ip_fixture_destroy(f);
}

/* RFC 4443 3.2: packet too big, with the MTU. */
static void
test_mtu(void **state)
{
	const uint16_t fits = 1400 - IP6_HDR_LENGTH - 8;
	struct ip_fixture *f = ip_fixture_create();

	assert_only(&f->ether, packet_to(f, f->gateway6, fits));
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, f->gateway6, fits + 1), DROP_ip6_too_big, ICMP6_PACKET_TOO_BIG,
		0, 1400);
	ip_fixture_empty(f);
	assert_error(f, packet_to(f, f->unresolved6, fits + 1), DROP_ip6_too_big,
		ICMP6_PACKET_TOO_BIG, 0, 1400);
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
	uint32_t group = group_of(f, f->gateway6, f->unresolved6);
	unsigned resolved = 0;

	for (unsigned i = 0; i < 100; i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "2001:db8::2",
			.dst = "2001:db8:100::1", .src_port = (uint16_t)(1000 + i));
		uint32_t expected = nexthop_group_select(
			f->core.nexthops[group].group, flow_hash_ip6(&f->toeplitz, pkt));

		pkt_meta(pkt)->nexthop = group;
		ip6_output(&f->core, &f->in, &f->out);
		assert_int_equal(pkt_meta(pkt)->nexthop, expected);
		assert_only(expected == f->gateway6 ? &f->ether : &f->punts, pkt);
		resolved += expected == f->gateway6;
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
	uint32_t group = group_of(f, f->gateway6, f->unresolved6);

	for (uint32_t hash = 0; hash < 64; hash++) {
		struct rte_mbuf *pkt =
			ip_fixture_packet(f, .src = "2001:db8::2", .dst = "2001:db8:100::1");

		pkt_meta(pkt)->nexthop = group;
		pkt->hash.rss = hash << 26;
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		ip6_output(&f->core, &f->in, &f->out);
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
	uint32_t inner = group_of(f, f->gateway6, f->unresolved6);
	uint32_t outer = group_of(f, f->gateway6, f->gateway6);
	struct nexthop_group *group = f->core.nexthops[outer].group;

	for (uint32_t i = 0; i < group->bucket_count; i++)
		group->buckets[i] = inner;
	assert_dropped(f, packet_to(f, outer, 0), DROP_route_group_bad);
	ip_fixture_destroy(f);
}

/* Send packets of flows that differ in their source port only. @return how many paths they took */
static unsigned
paths_taken(struct ip_fixture *f, uint32_t group, struct packet packet)
{
	bool seen[2] = { false, false };

	for (unsigned i = 0; i < 32; i++) {
		struct rte_mbuf *pkt;

		packet.src_port = (uint16_t)(1000 + i);
		pkt = ip_fixture_add(f, &packet);
		pkt_meta(pkt)->nexthop = group;
		ip6_output(&f->core, &f->in, &f->out);
		seen[pkt_meta(pkt)->nexthop == f->gateway6] = true;
		ip_fixture_empty(f);
	}
	return seen[0] + seen[1];
}

/* The ports are found behind extension headers; of fragments only the addresses count. */
static void
test_hash_behind_extension_headers(void **state)
{
	static const uint8_t options[] = { IP_PROTO_UDP, 0, 1, 4, 0, 0, 0, 0 };
	static const uint8_t first[] = { IP_PROTO_UDP, 0, 0, 1, 0, 0, 0, 9 };
	static const uint8_t later[] = { IP_PROTO_UDP, 0, 1, 0, 0, 0, 0, 9 };
	static const uint8_t atomic[] = { IP_PROTO_UDP, 0, 0, 0, 0, 0, 0, 9 };
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = group_of(f, f->gateway6, f->unresolved6);
	struct packet packet = { .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.options = options,
		.options_length = 8,
		.next_header = IP_PROTO_DSTOPTS };

	assert_int_equal(paths_taken(f, group, packet), 2);
	packet.next_header = IP_PROTO_FRAGMENT;
	packet.options = first;
	assert_int_equal(paths_taken(f, group, packet), 1);
	packet.options = later;
	assert_int_equal(paths_taken(f, group, packet), 1);
	packet.options = atomic;
	assert_int_equal(paths_taken(f, group, packet), 2);
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
		cmocka_unit_test_teardown(test_hash_behind_extension_headers, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
