/* SPDX-License-Identifier: BSD-3-Clause */
/* What ip4_input refuses, by the rules of RFC 1812 5.2.2 and 5.3.7, and where it sends the rest. */
#include "unit/ip/ip_input_checks.h"

static const uint8_t lsrr[] = { 131, 7, 4, 10, 0, 1, 2, 0 };
static const uint8_t ssrr[] = { 137, 7, 4, 10, 0, 1, 2, 0 };
static const uint8_t late_lsrr[] = { 1, 7, 3, 4, 131, 3, 4, 0 };
static const uint8_t length_0[] = { 7, 0, 0, 0 };
static const uint8_t length_1[] = { 7, 1, 0, 0 };
static const uint8_t length_5[] = { 7, 5, 0, 0 };
static const uint8_t no_length[] = { 1, 1, 1, 7 };

static const struct refusal refusals[] = {
	/* RFC 1812 5.2.2 */
	{ "(1) nothing but Ethernet", { .src = "10.0.0.2", .dst = "10.1.0.1", .truncate = 14 },
		DROP_ip4_truncated },
	{ "(1) 19 bytes", { .src = "10.0.0.2", .dst = "10.1.0.1", .truncate = 33 },
		DROP_ip4_truncated },
	{ "(3) version 5", { .src = "10.0.0.2", .dst = "10.1.0.1", .version_ihl = 0x55 },
		DROP_ip4_bad_version },
	{ "(3) version 6", { .src = "10.0.0.2", .dst = "10.1.0.1", .version_ihl = 0x65 },
		DROP_ip4_bad_version },
	{ "(4) IHL 4", { .src = "10.0.0.2", .dst = "10.1.0.1", .version_ihl = 0x44 },
		DROP_ip4_bad_hdr_length },
	{ "(4) IHL 0", { .src = "10.0.0.2", .dst = "10.1.0.1", .version_ihl = 0x40 },
		DROP_ip4_bad_hdr_length },
	{ "(4) IHL beyond the packet",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .version_ihl = 0x48, .truncate = 45 },
		DROP_ip4_bad_hdr_length },
	{ "(2) checksum", { .src = "10.0.0.2", .dst = "10.1.0.1", .spoil = PACKET_BAD_IP_CHECKSUM },
		DROP_ip4_bad_checksum },
	{ "(2) checksum with options",
		{ .src = "10.0.0.2",
			.dst = "10.1.0.1",
			.spoil = PACKET_BAD_IP_CHECKSUM,
			.options = no_length,
			.options_length = 4 },
		DROP_ip4_bad_checksum },
	{ "(5) total length 19", { .src = "10.0.0.2", .dst = "10.1.0.1", .total_length = 19 },
		DROP_ip4_bad_total_length },
	{ "(5) total length 0",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .total_length = PACKET_ZERO },
		DROP_ip4_bad_total_length },
	{ "(5) total length below the header with options",
		{ .src = "10.0.0.2",
			.dst = "10.1.0.1",
			.total_length = 23,
			.options = (const uint8_t *)"\1\1\1",
			.options_length = 4 },
		DROP_ip4_bad_total_length },
	{ "(5) one byte beyond the packet",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .total_length = 29 },
		DROP_ip4_bad_total_length },
	{ "(5) last byte cut off", { .src = "10.0.0.2", .dst = "10.1.0.1", .truncate = 41 },
		DROP_ip4_bad_total_length },

	/* RFC 1812 5.3.7, RFC 1122 3.2.1.3 */
	{ "source 0/8", { .src = "0.0.0.0", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source 0/8, end", { .src = "0.255.255.255", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source 127/8", { .src = "127.0.0.1", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source 127/8, end", { .src = "127.255.255.255", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source 224/4", { .src = "224.0.0.1", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source 224/4, end", { .src = "239.255.255.255", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source 240/4", { .src = "240.0.0.1", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "source broadcast", { .src = "255.255.255.255", .dst = "10.1.0.1" }, DROP_ip4_bad_src },
	{ "destination 0/8", { .src = "10.0.0.2", .dst = "0.0.0.0" }, DROP_ip4_bad_dst },
	{ "destination 127/8", { .src = "10.0.0.2", .dst = "127.0.0.1" }, DROP_ip4_bad_dst },
	{ "destination 240/4", { .src = "10.0.0.2", .dst = "240.0.0.1" }, DROP_ip4_bad_dst },
	{ "destination 240/4, end", { .src = "10.0.0.2", .dst = "255.255.255.254" },
		DROP_ip4_bad_dst },
	{ "limited broadcast", { .src = "10.0.0.2", .dst = "255.255.255.255" },
		DROP_ip4_broadcast },
	{ "limited broadcast, in a broadcast",
		{ .eth_dst = "ff:ff:ff:ff:ff:ff", .src = "10.0.0.2", .dst = "255.255.255.255" },
		DROP_ip4_broadcast },
	{ "subnet's broadcast", { .src = "10.0.0.2", .dst = "10.0.0.255" }, DROP_ip4_broadcast },
	{ "multicast", { .src = "10.0.0.2", .dst = "224.0.0.5" }, DROP_ip4_multicast },
	{ "multicast, in a multicast",
		{ .eth_dst = "01:00:5e:00:00:05", .src = "10.0.0.2", .dst = "239.255.255.255" },
		DROP_ip4_multicast },

	/* RFC 1812 5.3.4: no link-layer broadcast becomes a unicast */
	{ "unicast in a broadcast",
		{ .eth_dst = "ff:ff:ff:ff:ff:ff", .src = "10.0.0.2", .dst = "10.1.0.1" },
		DROP_ip4_l2_broadcast },
	{ "unicast to us in a multicast",
		{ .eth_dst = "01:00:5e:00:00:01", .src = "10.0.0.2", .dst = "10.0.0.1" },
		DROP_ip4_l2_broadcast },

	/* RFC 3927 2.7 */
	{ "link-local source", { .src = "169.254.1.1", .dst = "10.1.0.1" }, DROP_ip4_link_local },
	{ "link-local destination", { .src = "10.0.0.2", .dst = "169.254.1.1" },
		DROP_ip4_link_local },

	{ "blackhole", { .src = "10.0.0.2", .dst = "10.2.0.1" }, DROP_route_blackhole },
};

static void
test_refuses(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	ip_fixture_route(f, "169.254.0.0/16", f->attached[1]);
	check_refuses(f, ip4_input, refusals, RTE_DIM(refusals));
	ip_fixture_destroy(f);
}

/* Options that their sender is told of. */
static const struct refusal erring[] = {
	/* RFC 7126 4.3, 4.4 */
	{ "loose source route",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = lsrr, .options_length = 8 },
		DROP_ip4_source_route },
	{ "strict source route",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = ssrr, .options_length = 8 },
		DROP_ip4_source_route },
	{ "source route to us",
		{ .src = "10.0.0.2", .dst = "10.0.0.1", .options = lsrr, .options_length = 8 },
		DROP_ip4_source_route },
	{ "source route behind others",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = late_lsrr, .options_length = 8 },
		DROP_ip4_source_route },
	{ "option of length 0",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = length_0, .options_length = 4 },
		DROP_ip4_bad_option },
	{ "option of length 1",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = length_1, .options_length = 4 },
		DROP_ip4_bad_option },
	{ "option beyond the header",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = length_5, .options_length = 4 },
		DROP_ip4_bad_option },
	{ "option without a length",
		{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = no_length, .options_length = 4 },
		DROP_ip4_bad_option },
};

static void
test_options_earn_errors(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(erring); i++) {
		struct rte_mbuf *pkt = ip_fixture_add(f, &erring[i].packet);
		bool route = erring[i].reason == DROP_ip4_source_route;

		ip4_input(&f->core, &f->in, &f->out);
		assert_error(f, pkt, erring[i].reason,
			route ? ICMP4_UNREACHABLE : ICMP4_PARAMETER_PROBLEM,
			route ? ICMP4_SOURCE_ROUTE_FAILED : 0, pkt_meta(pkt)->icmp_rest);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static const uint8_t fine[] = { 1, 7, 3, 4 }; /* no operation, record route without room */
static const uint8_t ended[] = { 0, 131, 0, 0 }; /* what follows the end is nothing */
static const uint8_t longest[40] = { 7, 39, 4 };

static const struct packet accepted[] = {
	{ .src = "10.0.0.2", .dst = "10.1.0.1" },
	{ .src = "1.0.0.0", .dst = "10.1.0.1" },
	{ .src = "126.255.255.255", .dst = "10.1.0.1" },
	{ .src = "128.0.0.1", .dst = "10.1.0.1" },
	{ .src = "223.255.255.255", .dst = "10.1.0.1" },
	{ .src = "169.253.255.255", .dst = "10.1.0.1" },
	{ .src = "169.255.0.0", .dst = "10.1.0.1" },
	/* (5) total length = header length: nothing to carry */
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .proto = 250 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .payload_length = 1472 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .ttl = PACKET_ZERO },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .frag = 0x2000 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = fine, .options_length = 4 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = ended, .options_length = 4 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .options = longest, .options_length = 40 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .segment = 34, .payload_length = 100 },
};

static void
test_accepts(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	check_accepts(f, ip4_input, f->gateway4, accepted, RTE_DIM(accepted));
	ip_fixture_destroy(f);
}

/* Each bit of the header that flips is seen: by a check, or by the checksum. */
static void
test_every_flipped_bit_is_seen(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned bit = 0; bit < 8 * IP4_HDR_LENGTH; bit++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1");

		rte_pktmbuf_mtod(pkt, uint8_t *)[ETHER_HDR_LENGTH + bit / 8] ^= 1U << bit % 8;
		ip4_input(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static void
test_sorts_by_route(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *local = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.0.1.1");
	struct rte_mbuf *forward = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1");
	struct rte_mbuf *attached = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.0.0.77");
	struct rte_mbuf *hole = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.2.255.255");

	ip4_input(&f->core, &f->in, &f->out);
	assert_only(&f->local, local);
	assert_only(&f->drops, hole);
	assert_int_equal(f->forward.count, 2);
	assert_ptr_equal(f->forward.pkts[0], forward);
	assert_ptr_equal(f->forward.pkts[1], attached);
	assert_int_equal(pkt_meta(attached)->nexthop, f->attached[0]);
	ip_fixture_destroy(f);
}

/* RFC 1812 5.2.7.1: no route is net unreachable; a route that says unreachable, host. */
static void
test_no_way(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "192.0.2.1");

	ip4_input(&f->core, &f->in, &f->out);
	assert_error(f, pkt, DROP_ip4_no_route, ICMP4_UNREACHABLE, ICMP4_NET_UNREACHABLE, 0);
	ip_fixture_empty(f);

	pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.3.0.1");
	ip4_input(&f->core, &f->in, &f->out);
	assert_error(f, pkt, DROP_route_unreachable, ICMP4_UNREACHABLE, ICMP4_HOST_UNREACHABLE, 0);
	ip_fixture_destroy(f);
}

/* Link-local addresses are good enough for what ends here: RFC 3927 2.6.2. */
static void
test_link_local_to_us(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "169.254.1.1", .dst = "10.0.0.1");

	ip4_input(&f->core, &f->in, &f->out);
	assert_only(&f->local, pkt);
	ip_fixture_destroy(f);
}

/* RFC 894: Ethernet pads to 46 bytes, which is not part of the datagram. */
static void
test_trims_padding(void **state)
{
	static const uint16_t segments[] = { 0, 50 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(segments); i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(f, .src = "10.0.0.2", .dst = "10.1.0.1",
			.padding = 18, .segment = segments[i]);

		ip4_input(&f->core, &f->in, &f->out);
		assert_only(&f->forward, pkt);
		packet_assert(pkt, .src = "10.0.0.2", .dst = "10.1.0.1");
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static void
test_trims_segments(void **state)
{
	check_trims_segments(
		ip4_input, PACKET(.src = "10.0.0.2", .dst = "10.1.0.1"), IP4_HDR_LENGTH);
}

/* What the NIC says of the checksum is believed, as far as it says anything. */
static void
test_checksum_by_the_nic(void **state)
{
	static const struct {
		uint64_t flags;
		unsigned spoil;
		bool good;
	} cases[] = {
		{ RTE_MBUF_F_RX_IP_CKSUM_GOOD, 0, true },
		{ RTE_MBUF_F_RX_IP_CKSUM_GOOD, PACKET_BAD_IP_CHECKSUM, true },
		{ RTE_MBUF_F_RX_IP_CKSUM_BAD, 0, false },
		{ RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN, 0, true },
		{ RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN, PACKET_BAD_IP_CHECKSUM, false },
		{ RTE_MBUF_F_RX_IP_CKSUM_NONE, 0, true },
		{ RTE_MBUF_F_RX_IP_CKSUM_NONE, PACKET_BAD_IP_CHECKSUM, false },
	};
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct rte_mbuf *pkt = ip_fixture_packet(
			f, .src = "10.0.0.2", .dst = "10.1.0.1", .spoil = cases[i].spoil);

		pkt->ol_flags |= cases[i].flags;
		ip4_input(&f->core, &f->in, &f->out);
		if (cases[i].good)
			assert_only(&f->forward, pkt);
		else
			assert_dropped(f, pkt, DROP_ip4_bad_checksum);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static void
test_full_vector(void **state)
{
	check_full_vector(ip4_input, PACKET(.src = "10.0.0.2", .dst = "10.1.0.1"),
		PACKET(.src = "10.0.0.2", .dst = "10.1.0.1", .spoil = PACKET_BAD_IP_CHECKSUM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_refuses, test_pool_check),
		cmocka_unit_test_teardown(test_options_earn_errors, test_pool_check),
		cmocka_unit_test_teardown(test_accepts, test_pool_check),
		cmocka_unit_test_teardown(test_every_flipped_bit_is_seen, test_pool_check),
		cmocka_unit_test_teardown(test_sorts_by_route, test_pool_check),
		cmocka_unit_test_teardown(test_no_way, test_pool_check),
		cmocka_unit_test_teardown(test_link_local_to_us, test_pool_check),
		cmocka_unit_test_teardown(test_trims_padding, test_pool_check),
		cmocka_unit_test_teardown(test_trims_segments, test_pool_check),
		cmocka_unit_test_teardown(test_checksum_by_the_nic, test_pool_check),
		cmocka_unit_test_teardown(test_full_vector, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
