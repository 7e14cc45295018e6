/* SPDX-License-Identifier: BSD-3-Clause */
/* What output does with IPv4 alone: the MTU by DF, fragments. The rest is in ip_output_test.c. */
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

/* RFC 1191 4: code 4 with the MTU; without DF the packet is to be cut. */
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
	assert_only(&f->fragments, packet_to(f, f->gateway4, fits + 1, 0));
	assert_int_equal(pkt_meta(f->fragments.pkts[0])->icmp_rest, 1400);
	ip_fixture_empty(f);
	/* It is the same for who is not resolved yet: no neighbour would help. */
	assert_error(f, packet_to(f, f->unresolved4, fits + 1, IP4_FRAG_DF), DROP_ip4_too_big,
		ICMP4_UNREACHABLE, ICMP4_FRAGMENTATION_NEEDED, 1400);
	ip_fixture_empty(f);
	/* What may be cut waits for the neighbour in one piece, and what is to become of it with it. */
	assert_only(&f->punts, packet_to(f, f->unresolved4, fits + 1, 0));
	assert_true(pkt_meta(f->punts.pkts[0])->flags & PKT_TO_CUT);
	assert_int_equal(pkt_meta(f->punts.pkts[0])->icmp_rest, 1400);
	ip_fixture_destroy(f);
}

/* What is segmented at the tx edge is as long as its segments, which fit the MTU from now on. */
static void
test_segments(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1",
			.proto = IP_PROTO_TCP, .payload_length = 1800, .frag = IP4_FRAG_DF);

		pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4;
		pkt->l3_len = IP4_HDR_LENGTH;
		pkt->l4_len = 20;
		pkt->tso_segsz = i == 0 ? 1460 : 1000;
		pkt_meta(pkt)->nexthop = f->gateway4;
		ip4_output(&f->core, &f->in, &f->out);
		assert_only(&f->ether, pkt);
		assert_int_equal(pkt->tso_segsz, i == 0 ? 1400 - 40 : 1000);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* All fragments of a datagram take one path, the first one too, which alone has the ports. */
static void
test_fragments_stay_together(void **state)
{
	static const uint16_t frags[] = { IP4_FRAG_MF, IP4_FRAG_MF | 100, 200 };
	struct ip_fixture *f = ip_fixture_create();
	uint32_t group = ip_fixture_group(f, f->gateway4, f->unresolved4);
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
		cmocka_unit_test_teardown(test_mtu, test_pool_check),
		cmocka_unit_test_teardown(test_segments, test_pool_check),
		cmocka_unit_test_teardown(test_fragments_stay_together, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
