/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP messages to an address of ours: echo, what a ping waits for, and the rest. */
#include "unit/ip/ip_fixture.h"

static struct rte_mbuf *
local(struct ip_fixture *f, const struct packet *packet)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	ip4_local(&f->core, &f->in, &f->out);
	return pkt;
}

/*
 * RFC 792, RFC 1122 3.2.2.6: identifier, sequence and data go back; addresses are swapped. RFC 1812
 * 4.3.2.5: the TOS is the request's.
 */
static void
test_echo(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 2, 31, 56, 1472 };
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(lengths); i++) {
		struct rte_mbuf *pkt = local(f,
			PACKET(.src = "10.0.0.2", .dst = "10.0.1.1", .ttl = 3, .id = 999,
				.tos = 0x28, .frag = IP4_FRAG_DF, .icmp_type = ICMP4_ECHO_REQUEST,
				.icmp_rest = 0xabcd0001, .payload_length = lengths[i]));

		assert_only(&f->replies, pkt);
		packet_assert(pkt, .src = "10.0.1.1", .dst = "10.0.0.2", .ttl = 64, .tos = 0x28,
			.id = (uint16_t)i, .icmp_type = PACKET_ZERO, .icmp_rest = 0xabcd0001,
			.payload_length = lengths[i]);
		assert_int_equal(pkt_meta(pkt)->flags, PKT_ORIGINATED);
		ip_fixture_empty(f);
	}
	assert_int_equal(f->core.counters.delivered, RTE_DIM(lengths));
	assert_int_equal(f->core.counters.originated, RTE_DIM(lengths));
	ip_fixture_destroy(f);
}

/* The checksum is updated, not computed: for each there is, the answer's must be right. */
static void
test_every_checksum(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(
		f, .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST);
	uint8_t *icmp = rte_pktmbuf_mtod_offset(pkt, uint8_t *, ETHER_HDR_LENGTH + IP4_HDR_LENGTH);

	for (uint32_t sequence = 0; sequence < 65536; sequence++) {
		icmp[0] = ICMP4_ECHO_REQUEST;
		icmp[6] = (uint8_t)(sequence >> 8);
		icmp[7] = (uint8_t)sequence;
		icmp4_checksum_set(icmp, 8);
		pkt_meta(pkt)->flags = 0;
		ip4_local(&f->core, &f->in, &f->out);
		assert_only(&f->replies, pkt);
		f->replies.count = 0;
		/* All zeros: a sum of 0 says that there is no checksum. */
		assert_true(icmp[2] != 0 || icmp[3] != 0);
		assert_int_equal(packet_checksum(0, icmp, 8), 0);
	}
	rte_pktmbuf_free(pkt);
	ip_fixture_destroy(f);
}

static void
test_echo_with_options_and_code(void **state)
{
	static const uint8_t options[] = { 1, 7, 3, 4 };
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = local(f,
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.1", .options = options,
			.options_length = 4, .icmp_type = ICMP4_ECHO_REQUEST, .icmp_code = 9,
			.payload_length = 5));

	packet_assert(pkt, .src = "10.0.1.1", .dst = "10.0.0.2", .options = options,
		.options_length = 4, .icmp_type = PACKET_ZERO, .icmp_code = 9, .payload_length = 5);
	ip_fixture_destroy(f);
}

/* The message spans segments; only its header must be in the first one. */
static void
test_echo_in_segments(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (uint16_t segment = 42; segment < 90; segment += 7) {
		struct rte_mbuf *pkt = local(f,
			PACKET(.src = "10.0.0.2", .dst = "10.0.1.1", .segment = segment,
				.icmp_type = ICMP4_ECHO_REQUEST, .payload_length = 301));

		assert_only(&f->replies, pkt);
		packet_assert(pkt, .src = "10.0.1.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO,
			.payload_length = 301, .spoil = PACKET_ANY_ID);
		ip_fixture_empty(f);
	}
	ip_fixture_destroy(f);
}

/* The answer is another flow than the question: the port's hash does not fit it. */
static void
test_echo_forgets_the_ports_flags(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt = ip_fixture_packet(
		f, .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST);

	pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	ip4_local(&f->core, &f->in, &f->out);
	assert_only(&f->replies, pkt);
	assert_int_equal(pkt->ol_flags, 0);
	ip_fixture_destroy(f);
}

static void
test_refuses(void **state)
{
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;

	for (uint16_t length = 0; length < ICMP_HDR_LENGTH; length++) {
		pkt = local(f,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .proto = IP_PROTO_ICMP,
				.spoil = PACKET_RAW, .payload_length = length));
		assert_dropped(f, pkt, DROP_icmp_truncated);
		ip_fixture_empty(f);
	}
	/* The header is spread over segments: nobody sends that. */
	pkt = local(f,
		PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
			.segment = 41));
	assert_dropped(f, pkt, DROP_icmp_truncated);
	ip_fixture_empty(f);
	pkt = local(f,
		PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
			.spoil = PACKET_BAD_L4_CHECKSUM));
	assert_dropped(f, pkt, DROP_icmp_bad_checksum);
	ip_fixture_empty(f);
	pkt = local(f,
		PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
			.payload_length = 31, .segment = 50, .spoil = PACKET_BAD_L4_CHECKSUM));
	assert_dropped(f, pkt, DROP_icmp_bad_checksum);
	assert_int_equal(f->core.counters.delivered, 0);
	ip_fixture_destroy(f);
}

/* Every type there is: answered, for the control thread's ping, or of no concern here. */
static void
test_every_type(void **state)
{
	struct ip_fixture *f = ip_fixture_create();

	for (int type = 0; type < 256; type++) {
		struct rte_mbuf *pkt = local(f,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.1",
				.icmp_type = type != 0 ? type : PACKET_ZERO));

		switch (type) {
		case ICMP4_ECHO_REQUEST: assert_only(&f->replies, pkt); break;
		case ICMP4_ECHO_REPLY:
		case ICMP4_UNREACHABLE:
		case ICMP4_TIME_EXCEEDED:
		case ICMP4_PARAMETER_PROBLEM:
			assert_only(&f->punts, pkt);
			assert_int_equal(pkt_meta(pkt)->reason, PUNT_ICMP);
			break;
		default: assert_dropped(f, pkt, DROP_icmp_ignored); break;
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
		cmocka_unit_test_teardown(test_every_checksum, test_pool_check),
		cmocka_unit_test_teardown(test_echo_with_options_and_code, test_pool_check),
		cmocka_unit_test_teardown(test_echo_in_segments, test_pool_check),
		cmocka_unit_test_teardown(test_echo_forgets_the_ports_flags, test_pool_check),
		cmocka_unit_test_teardown(test_refuses, test_pool_check),
		cmocka_unit_test_teardown(test_every_type, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
