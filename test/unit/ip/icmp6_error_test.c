/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMPv6 errors: what they say and quote, and what they are never about. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
erring(struct ip_fixture *f, const struct packet *packet)
{
	return ip_fixture_erring(f, packet, DROP_ip6_hop_limit_exceeded, ICMP6_TIME_EXCEEDED);
}

/* RFC 4443 2.4 (c): as much of the packet as fits the least MTU, 1280. */
static void
test_quotes(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 100, 1183, 1184, 1185, 1400 };
	struct ip_fixture *f = ip_fixture_create();
	uint8_t quoted[PACKET_MAX];

	for (unsigned i = 0; i < RTE_DIM(lengths); i++) {
		const struct packet *packet = PACKET(.src = "2001:db8::2", .dst = "2001:db8:100::1",
			.ttl = 1, .payload_length = lengths[i], .tos = 0x20);
		struct rte_mbuf *pkt = erring(f, packet);
		uint16_t length = ip_fixture_quote(packet, quoted);

		pkt_meta(pkt)->icmp_type = ICMP6_PACKET_TOO_BIG;
		pkt_meta(pkt)->icmp_rest = 1400;
		icmp6_error(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		assert_int_equal(pkt_meta(pkt)->reason, DROP_ip6_hop_limit_exceeded);
		assert_int_equal(f->replies.count, 1);
		packet_assert(f->replies.pkts[0], .src = "2001:db8::1", .dst = "2001:db8::2",
			.icmp_type = ICMP6_PACKET_TOO_BIG, .icmp_rest = 1400, .payload = quoted,
			.payload_length = RTE_MIN(length, 1280 - 48), .spoil = PACKET_NO_ETHER);
		assert_true(f->replies.pkts[0]->pkt_len <= 1280);
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
	const struct packet *packet = PACKET(.src = "2001:db8::2", .dst = "2001:db8:100::1",
		.payload_length = 1400, .segment = 99);
	struct ip_fixture *f = ip_fixture_create();
	uint8_t quoted[PACKET_MAX];

	ip_fixture_quote(packet, quoted);
	erring(f, packet);
	icmp6_error(&f->core, &f->in, &f->out);
	assert_int_equal(f->replies.count, 1);
	packet_assert(f->replies.pkts[0], .src = "2001:db8::1", .dst = "2001:db8::2",
		.icmp_type = ICMP6_TIME_EXCEEDED, .payload = quoted, .payload_length = 1232,
		.spoil = PACKET_NO_ETHER);
	ip_fixture_destroy(f);
}

static const uint8_t dstopts[] = { IP_PROTO_ICMP6, 0, 1, 4, 0, 0, 0, 0 };
static const uint8_t cut_off[] = { IP_PROTO_ICMP6, 9, 1, 4, 0, 0, 0, 0 };
static const uint8_t first_fragment[] = { IP_PROTO_ICMP6, 0, 0, 1, 0, 0, 0, 9 };
static const uint8_t later_fragment[] = { IP_PROTO_ICMP6, 0, 1, 0, 0, 0, 0, 9 };

/* RFC 4443 2.4 (e): never about these. */
static const struct packet forbidden[] = {
	/* (e.1) errors, of known types and others; (e.2) redirects */
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .icmp_type = ICMP6_UNREACHABLE },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .icmp_type = ICMP6_PARAMETER_PROBLEM },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .icmp_type = 127 },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .icmp_type = ICMP6_REDIRECT },
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.icmp_type = ICMP6_UNREACHABLE,
		.options = dstopts,
		.options_length = 8 },
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.icmp_type = ICMP6_UNREACHABLE,
		.options = first_fragment,
		.options_length = 8,
		.next_header = IP_PROTO_FRAGMENT },
	/* what may be an error, since nobody can tell */
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW },
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.icmp_type = ICMP6_ECHO_REQUEST,
		.options = cut_off,
		.options_length = 8 },
	/* (e.3), (e.4), (e.5) groups */
	{ .src = "2001:db8::2", .dst = "ff02::1" },
	{ .src = "2001:db8::2", .dst = "ff0e::1" },
	{ .eth_dst = "33:33:00:00:00:01", .src = "2001:db8::2", .dst = "2001:db8:100::1" },
	{ .eth_dst = "ff:ff:ff:ff:ff:ff", .src = "2001:db8::2", .dst = "2001:db8:100::1" },
	/* (e.6) sources that are nobody in particular */
	{ .src = "::", .dst = "2001:db8:100::1" },
	{ .src = "::1", .dst = "2001:db8:100::1" },
	{ .src = "ff02::1", .dst = "2001:db8:100::1" },
};

static void
test_never_about(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(forbidden); i++) {
		struct rte_mbuf *pkt = erring(f, &forbidden[i]);

		icmp6_error(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		if (f->replies.count != 0)
			fail_msg("case %u was answered", i);
		assert_int_equal(f->core.counters.errors_suppressed, i + 1);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.errors_sent, 0);
	ip_fixture_destroy(f);
}

/* RFC 4443 2.4 (e.3): an option may ask for an answer even of a group; no other fault does. */
static void
test_options_to_groups(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (uint8_t code = 0; code < 4; code++) {
		struct rte_mbuf *pkt = ip_fixture_erring(f,
			PACKET(.eth_dst = "33:33:00:00:00:01", .src = "2001:db8::2",
				.dst = "ff02::1"),
			DROP_ip6_unknown_option, ICMP6_PARAMETER_PROBLEM);

		pkt_meta(pkt)->icmp_code = code;
		icmp6_error(&f->core, &f->in, &f->out);
		assert_only(&f->drops, pkt);
		assert_int_equal(f->replies.count, code == ICMP6_UNRECOGNIZED_OPTION);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* But about these: questions of ICMPv6, and fragments too. */
static const struct packet allowed[] = {
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .icmp_type = ICMP6_ECHO_REQUEST },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .icmp_type = ICMP6_ECHO_REPLY },
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.icmp_type = ICMP6_ECHO_REQUEST,
		.options = dstopts,
		.options_length = 8,
		.next_header = IP_PROTO_DSTOPTS },
	{ .src = "2001:db8::2",
		.dst = "2001:db8:100::1",
		.proto = IP_PROTO_UDP,
		.options = later_fragment,
		.options_length = 8,
		.next_header = IP_PROTO_FRAGMENT },
	{ .src = "2001:db8::2", .dst = "2001:db8:100::1", .proto = IP_PROTO_TCP },
	{ .src = "fe80::99", .dst = "2001:db8::1" },
};

static void
test_also_about(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(allowed); i++) {
		erring(f, &allowed[i]);
		icmp6_error(&f->core, &f->in, &f->out);
		if (f->replies.count != 1)
			fail_msg("case %u was not answered", i);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* (e.3): packet too big is sent even to who wrote to a group. */
static void
test_too_big_to_a_group(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = erring(
		f, PACKET(.eth_dst = "33:33:00:00:00:01", .src = "2001:db8::2", .dst = "ff0e::1"));

	pkt_meta(pkt)->icmp_type = ICMP6_PACKET_TOO_BIG;
	icmp6_error(&f->core, &f->in, &f->out);
	assert_int_equal(f->replies.count, 1);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_quotes, test_pool_check),
		cmocka_unit_test_teardown(test_quotes_segments, test_pool_check),
		cmocka_unit_test_teardown(test_never_about, test_pool_check),
		cmocka_unit_test_teardown(test_options_to_groups, test_pool_check),
		cmocka_unit_test_teardown(test_also_about, test_pool_check),
		cmocka_unit_test_teardown(test_too_big_to_a_group, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
