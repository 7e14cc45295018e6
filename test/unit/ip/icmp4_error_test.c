/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors: what they say and quote, and what they are never about. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
erring(struct ip_fixture *f, const struct packet *packet)
{
	return ip_fixture_erring(f, packet, DROP_ip4_ttl_exceeded, ICMP4_TIME_EXCEEDED);
}

/*
 * RFC 792, RFC 1812 4.3.2: from the interface that the packet came by, TOS of internetwork
 * control, and as much of the packet as fits 576 bytes.
 */
static void
test_quotes(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 100, 519, 520, 521, 1400 };
	struct ip_fixture *f = ip_fixture_create();
	uint8_t quoted[PACKET_MAX];

	for (unsigned i = 0; i < RTE_DIM(lengths); i++) {
		const struct packet *packet = PACKET(.src = "10.0.0.2", .dst = "10.1.0.1", .ttl = 1,
			.payload_length = lengths[i], .tos = 0x20, .id = 5);
		struct rte_mbuf *pkt = erring(f, packet);
		uint16_t length = ip_fixture_quote(packet, quoted);

		pkt_meta(pkt)->icmp_type = ICMP4_UNREACHABLE;
		pkt_meta(pkt)->icmp_code = ICMP4_FRAGMENTATION_NEEDED;
		pkt_meta(pkt)->icmp_rest = 1400;
		icmp4_error(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		assert_int_equal(pkt_meta(pkt)->reason, DROP_ip4_ttl_exceeded);
		assert_int_equal(f->replies.count, 1);
		packet_assert(f->replies.pkts[0], .src = "10.0.0.1", .dst = "10.0.0.2", .tos = 0xc0,
			.id = (uint16_t)i, .icmp_type = ICMP4_UNREACHABLE,
			.icmp_code = ICMP4_FRAGMENTATION_NEEDED, .icmp_rest = 1400,
			.payload = quoted, .payload_length = RTE_MIN(length, 576 - 28),
			.spoil = PACKET_NO_ETHER);
		assert_true(f->replies.pkts[0]->pkt_len <= 576);
		assert_int_equal(pkt_meta(f->replies.pkts[0])->flags, PKT_ORIGINATED);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.errors_sent, RTE_DIM(lengths));
	assert_int_equal(f->core.counters.originated, RTE_DIM(lengths));
	ip_fixture_destroy(f);
}

static void
test_quotes_segments(void **state)
{
	const struct packet *packet =
		PACKET(.src = "10.0.0.2", .dst = "10.1.0.1", .payload_length = 700, .segment = 99);
	struct ip_fixture *f = ip_fixture_create();
	uint8_t quoted[PACKET_MAX];

	ip_fixture_quote(packet, quoted);
	erring(f, packet);
	icmp4_error(&f->core, &f->in, &f->out);
	assert_int_equal(f->replies.count, 1);
	packet_assert(f->replies.pkts[0], .src = "10.0.0.1", .dst = "10.0.0.2", .tos = 0xc0,
		.icmp_type = ICMP4_TIME_EXCEEDED, .payload = quoted, .payload_length = 548,
		.spoil = PACKET_NO_ETHER);
	ip_fixture_destroy(f);
}

/* RFC 1812 4.3.2.7, RFC 1122 3.2.2: never about these. */
static const struct packet forbidden[] = {
	{ .eth_dst = "ff:ff:ff:ff:ff:ff", .src = "10.0.0.2", .dst = "10.0.0.1" },
	{ .eth_dst = "01:00:5e:00:00:01", .src = "10.0.0.2", .dst = "10.0.0.1" },
	{ .src = "10.0.0.2", .dst = "224.0.0.1" },
	{ .src = "10.0.0.2", .dst = "255.255.255.255" },
	{ .src = "10.0.0.2", .dst = "127.0.0.1" },
	{ .src = "0.0.0.0", .dst = "10.1.0.1" },
	{ .src = "127.0.0.1", .dst = "10.1.0.1" },
	{ .src = "224.0.0.1", .dst = "10.1.0.1" },
	{ .src = "255.255.255.255", .dst = "10.1.0.1" },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .frag = 1 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .frag = IP4_FRAG_MF | 100 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = ICMP4_UNREACHABLE },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = ICMP4_TIME_EXCEEDED },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = ICMP4_PARAMETER_PROBLEM },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = ICMP4_REDIRECT },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = 4 }, /* source quench */
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = 200 },
	/* ICMP of which the type is not there */
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .proto = IP_PROTO_ICMP, .spoil = PACKET_RAW },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = ICMP4_ECHO_REQUEST, .segment = 34 },
};

static void
test_never_about(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(forbidden); i++) {
		struct rte_mbuf *pkt = erring(f, &forbidden[i]);

		icmp4_error(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		assert_int_equal(f->replies.count, 0);
		assert_int_equal(f->core.counters.errors_suppressed, i + 1);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.errors_sent, 0);
	ip_fixture_destroy(f);
}

/* But about these: questions of ICMP, and first fragments. */
static const struct packet allowed[] = {
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = ICMP4_ECHO_REQUEST },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = PACKET_ZERO },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .icmp_type = 13 },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .frag = IP4_FRAG_MF },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .proto = IP_PROTO_TCP },
	{ .src = "10.0.0.2", .dst = "10.1.0.1", .proto = 253 },
};

static void
test_also_about(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(allowed); i++) {
		erring(f, &allowed[i]);
		icmp4_error(&f->core, &f->in, &f->out);
		assert_int_equal(f->replies.count, 1);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_quotes, test_pool_check),
		cmocka_unit_test_teardown(test_quotes_segments, test_pool_check),
		cmocka_unit_test_teardown(test_never_about, test_pool_check),
		cmocka_unit_test_teardown(test_also_about, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
