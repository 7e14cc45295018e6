/* SPDX-License-Identifier: BSD-3-Clause */
/* What output does with IPv6 alone: the MTU, extension headers. The rest is in ip_output_test.c. */
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

/* Whoever makes a packet may cut it, unless he says that he will not. */
static void
test_made_here(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(
			f, .src = "2001:db8::2", .dst = "2001:db8:100::1", .payload_length = 1400);

		pkt_meta(pkt)->nexthop = f->gateway6;
		pkt_meta(pkt)->flags |= PKT_ORIGINATED | (i == 0 ? 0 : PKT_DONT_CUT);
		ip6_output(&f->core, &f->in, &f->out);
		if (i == 0)
			assert_only(&f->fragments, pkt);
		else
			assert_error(f, pkt, DROP_ip6_too_big, ICMP6_PACKET_TOO_BIG, 0, 1400);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* What is segmented at the tx edge is as long as its segments, which fit the MTU from now on. */
static void
test_segments(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "2001:db8::2", .dst = "2001:db8:100::1",
		.proto = IP_PROTO_TCP, .payload_length = 1800);

	pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV6;
	pkt->l3_len = IP6_HDR_LENGTH;
	pkt->l4_len = 20;
	pkt->tso_segsz = 1440;
	pkt_meta(pkt)->nexthop = f->gateway6;
	ip6_output(&f->core, &f->in, &f->out);
	assert_only(&f->ether, pkt);
	assert_int_equal(pkt->tso_segsz, 1400 - 60);
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
	uint32_t group = ip_fixture_group(f, f->gateway6, f->unresolved6);
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
		cmocka_unit_test_teardown(test_mtu, test_pool_check),
		cmocka_unit_test_teardown(test_made_here, test_pool_check),
		cmocka_unit_test_teardown(test_segments, test_pool_check),
		cmocka_unit_test_teardown(test_hash_behind_extension_headers, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
