/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMPv6 to an address of ours: echo, neighbor discovery, what a ping waits for, and the rest. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
local(struct ip_fixture *f, const struct packet *packet)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	ip6_local(&f->core, &f->in, &f->out);
	return pkt;
}

/* RFC 4443 4.2 */
static void
test_echo(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 2, 31, 56, 1452 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(lengths); i++) {
		struct rte_mbuf *pkt = local(f,
			PACKET(.src = "2001:db8::2", .dst = "2001:db8:1::1", .ttl = 3,
				.icmp_type = ICMP6_ECHO_REQUEST, .icmp_rest = 0xabcd0001,
				.payload_length = lengths[i]));

		assert_only(&f->replies, pkt);
		packet_assert(pkt, .src = "2001:db8:1::1", .dst = "2001:db8::2", .ttl = 64,
			.icmp_type = ICMP6_ECHO_REPLY, .icmp_rest = 0xabcd0001,
			.payload_length = lengths[i]);
		assert_int_equal(pkt_meta(pkt)->flags, PKT_ORIGINATED);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.delivered, RTE_DIM(lengths));
	assert_int_equal(f->core.counters.originated, RTE_DIM(lengths));
	ip_fixture_destroy(f);
}

/* To a group: the answer comes from a unicast address of the interface. */
static void
test_echo_to_a_group(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(f,
		PACKET(.eth_dst = "33:33:00:00:00:01", .src = "fe80::99", .dst = "ff02::1",
			.icmp_type = ICMP6_ECHO_REQUEST, .payload_length = 8));

	assert_only(&f->replies, pkt);
	packet_assert(pkt, .eth_dst = "33:33:00:00:00:01", .src = "fe80::1", .dst = "fe80::99",
		.icmp_type = ICMP6_ECHO_REPLY, .payload_length = 8);
	ip_fixture_empty(f);
	pkt = local(f,
		PACKET(.eth_dst = "33:33:ff:00:00:01", .src = "2001:db8::2",
			.dst = "ff02::1:ff00:1", .icmp_type = ICMP6_ECHO_REQUEST));
	assert_only(&f->replies, pkt);
	packet_assert(pkt, .eth_dst = "33:33:ff:00:00:01", .src = "2001:db8::1",
		.dst = "2001:db8::2", .icmp_type = ICMP6_ECHO_REPLY);
	ip_fixture_empty(f);
	pkt = local(f,
		PACKET(.eth_dst = "33:33:00:00:00:02", .src = "2001:db8::2", .dst = "ff05::2",
			.icmp_type = ICMP6_ECHO_REQUEST));
	assert_only(&f->replies, pkt);
	packet_assert(pkt, .eth_dst = "33:33:00:00:00:02", .src = "2001:db8::1",
		.dst = "2001:db8::2", .icmp_type = ICMP6_ECHO_REPLY);
	ip_fixture_empty(f);
	/* The group of nobody here: it is open for ND only, to answer for others. */
	pkt = local(f,
		PACKET(.eth_dst = "33:33:ff:00:00:02", .src = "2001:db8::2",
			.dst = "ff02::1:ff00:2", .icmp_type = ICMP6_ECHO_REQUEST));
	assert_dropped(f, pkt, DROP_icmp6_ignored);
	ip_fixture_empty(f);

	/* An interface without an address, or none at all, has nothing to say. */
	pkt = ip_fixture_packet(
		f, .src = "fe80::99", .dst = "ff02::1", .icmp_type = ICMP6_ECHO_REQUEST);
	pkt_meta(pkt)->iface = 2;
	ip6_local(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, DROP_icmp6_ignored);
	ip_fixture_empty(f);
	pkt = ip_fixture_packet(
		f, .src = "fe80::99", .dst = "ff02::1", .icmp_type = ICMP6_ECHO_REQUEST);
	pkt_meta(pkt)->iface = PKT_IFACE_NONE;
	ip6_local(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, DROP_icmp6_ignored);
	ip_fixture_destroy(f);
}

/* RFC 4443 2.2 (b): an address that others have as well is no source. */
static void
test_echo_to_anycast(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	ip_fixture_route(f, "2001:db8::/128", NEXTHOP_ID_ANYCAST);
	pkt = ip_fixture_packet(
		f, .src = "2001:db8::2", .dst = "2001:db8::", .icmp_type = ICMP6_ECHO_REQUEST);
	ip6_input(&f->core, &f->in, &f->out);
	assert_only(&f->local, pkt);
	ip_fixture_next(f, &f->local);
	ip6_local(&f->core, &f->in, &f->out);
	assert_only(&f->replies, pkt);
	packet_assert(
		pkt, .src = "2001:db8::1", .dst = "2001:db8::2", .icmp_type = ICMP6_ECHO_REPLY);
	ip_fixture_destroy(f);
}

static void
test_echo_not_answered(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	/* To nowhere. */
	pkt = local(f, PACKET(.src = "::", .dst = "ff02::1", .icmp_type = ICMP6_ECHO_REQUEST));
	assert_dropped(f, pkt, DROP_icmp6_ignored);
	assert_int_equal(f->core.counters.delivered, 0);
	ip_fixture_destroy(f);
}

/* Extension headers do not go back, an atomic fragment's (RFC 6946) as little as options. */
static void
test_echo_with_extension_headers(void **state)
{
	static const uint8_t options[] = { IP_PROTO_FRAGMENT, 0, 1, 4, 0, 0, 0, 0, IP_PROTO_ICMP6,
		0, 0, 0, 0, 0, 0, 9 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(f,
		PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .options = options,
			.options_length = sizeof(options), .next_header = IP_PROTO_DSTOPTS,
			.icmp_type = ICMP6_ECHO_REQUEST, .icmp_rest = 7, .payload_length = 99));

	assert_only(&f->replies, pkt);
	packet_assert(pkt, .src = "2001:db8::1", .dst = "2001:db8::2",
		.icmp_type = ICMP6_ECHO_REPLY, .icmp_rest = 7, .payload_length = 99,
		.spoil = PACKET_NO_ETHER);
	ip_fixture_destroy(f);
}

static void
test_echo_in_segments(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (uint16_t segment = 62; segment < 120; segment += 7) {
		struct rte_mbuf *pkt = local(f,
			PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .segment = segment,
				.icmp_type = ICMP6_ECHO_REQUEST, .payload_length = 301));

		assert_only(&f->replies, pkt);
		packet_assert(pkt, .src = "2001:db8::1", .dst = "2001:db8::2",
			.icmp_type = ICMP6_ECHO_REPLY, .payload_length = 301);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

static void
test_echo_forgets_the_ports_hash(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(
		f, .src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST);

	pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	ip6_local(&f->core, &f->in, &f->out);
	assert_only(&f->replies, pkt);
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH, 0);
	ip_fixture_destroy(f);
}

/* RFC 4443 2.3: the checksum has the pseudo header in it. */
static void
test_refuses(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	for (uint16_t length = 0; length < ICMP_HDR_LENGTH; length++) {
		pkt = local(f,
			PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .proto = IP_PROTO_ICMP6,
				.spoil = PACKET_RAW, .payload_length = length));
		assert_dropped(f, pkt, DROP_icmp6_truncated);
		ip_fixture_empty(f);
	}
	pkt = local(f,
		PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST,
			.segment = 61));
	assert_dropped(f, pkt, DROP_icmp6_truncated);
	ip_fixture_empty(f);
	pkt = local(f,
		PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST,
			.spoil = PACKET_BAD_L4_CHECKSUM));
	assert_dropped(f, pkt, DROP_icmp6_bad_checksum);
	ip_fixture_empty(f);
	pkt = ip_fixture_packet(
		f, .src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST);
	pkt_l3(pkt, struct ip6_header *)->src[15] ^= 1;
	ip6_local(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, DROP_icmp6_bad_checksum);
	ip_fixture_destroy(f);
}

static void
test_every_type(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (int type = 1; type < 256; type++) {
		struct rte_mbuf *pkt = local(
			f, PACKET(.src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = type));

		switch (type) {
		case ICMP6_ECHO_REQUEST: assert_only(&f->replies, pkt); break;
		case ICMP6_NEIGHBOR_SOLICITATION:
		case ICMP6_NEIGHBOR_ADVERTISEMENT:
			assert_only(&f->punts, pkt);
			assert_int_equal(pkt_meta(pkt)->reason, PUNT_ND);
			break;
		case ICMP6_ROUTER_ADVERTISEMENT:
			assert_only(&f->punts, pkt);
			assert_int_equal(pkt_meta(pkt)->reason, PUNT_RA);
			break;
		case ICMP6_MLD_QUERY:
			assert_only(&f->punts, pkt);
			assert_int_equal(pkt_meta(pkt)->reason, PUNT_MLD);
			break;
		case ICMP6_ECHO_REPLY:
		case ICMP6_UNREACHABLE:
		case ICMP6_PACKET_TOO_BIG:
		case ICMP6_TIME_EXCEEDED:
		case ICMP6_PARAMETER_PROBLEM:
			assert_only(&f->punts, pkt);
			assert_int_equal(pkt_meta(pkt)->reason, PUNT_ICMP);
			break;
		default: assert_dropped(f, pkt, DROP_icmp6_ignored); break;
		}
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_echo, test_pool_check),
		cmocka_unit_test_teardown(test_echo_to_a_group, test_pool_check),
		cmocka_unit_test_teardown(test_echo_to_anycast, test_pool_check),
		cmocka_unit_test_teardown(test_echo_not_answered, test_pool_check),
		cmocka_unit_test_teardown(test_echo_with_extension_headers, test_pool_check),
		cmocka_unit_test_teardown(test_echo_in_segments, test_pool_check),
		cmocka_unit_test_teardown(test_echo_forgets_the_ports_hash, test_pool_check),
		cmocka_unit_test_teardown(test_refuses, test_pool_check),
		cmocka_unit_test_teardown(test_every_type, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
