/* SPDX-License-Identifier: BSD-3-Clause */
/* Path MTU discovery for what is made here: who is believed, and what it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static unsigned
sent(struct stack_fixture *f, unsigned port)
{
	struct rte_mbuf *pkt;
	unsigned count = 0;

	for (; (pkt = stack_fixture_take(f, port)) != NULL; count++)
		rte_pktmbuf_free(pkt);
	return count;
}

/* A router says of a packet that it is too big. */
static void
too_big(struct stack_fixture *f, const struct packet *quoted, uint32_t mtu)
{
	static uint8_t bytes[PACKET_MAX];
	struct packet plain = *quoted;
	bool ip4 = quoted->src[2] == '.';

	plain.spoil |= PACKET_NO_ETHER;
	packet_write(&plain, bytes);
	stack_fixture_rx(f, 0, .src = ip4 ? "10.0.0.3" : "2001:db8::3",
		.dst = ip4 ? "10.0.0.1" : "2001:db8::1",
		.icmp_type = ip4 ? ICMP4_UNREACHABLE : ICMP6_PACKET_TOO_BIG,
		.icmp_code = ip4 ? ICMP4_FRAGMENTATION_NEEDED : 0, .icmp_rest = mtu,
		.payload = bytes, .payload_length = 500);
	stack_fixture_run(f);
}

/* @return fragments of the answer to a large echo request */
static unsigned
answer6(struct stack_fixture *f)
{
	stack_fixture_rx(f, 0, .src = "2001:db8::2", .dst = "2001:db8::1",
		.icmp_type = ICMP6_ECHO_REQUEST, .payload_length = 1400);
	stack_fixture_run(f);
	return sent(f, 0);
}

static unsigned
answer4(struct stack_fixture *f)
{
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1",
		.icmp_type = ICMP4_ECHO_REQUEST, .payload_length = 1400);
	stack_fixture_run(f);
	return sent(f, 0);
}

static const struct packet reply6 = { .src = "2001:db8::1",
	.dst = "2001:db8::2",
	.icmp_type = ICMP6_ECHO_REPLY,
	.payload_length = 1400 };
static const struct packet reply4 = {
	.src = "10.0.0.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO, .payload_length = 1400
};

static void
test_learns(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	assert_int_equal(answer6(f), 1);
	too_big(f, &reply6, 1300);
	assert_int_equal(answer6(f), 2);
	assert_int_equal(answer4(f), 1);
	too_big(f, &reply4, 600);
	assert_int_equal(answer4(f), 3);
	assert_int_equal(f->stack->pmtu.count, 2);
	/* After ten minutes it is tried anew. */
	f->now_ns += IP_PMTU_TIMEOUT_NS;
	stack_fixture_run(f);
	assert_int_equal(f->stack->pmtu.count, 0);
	stack_fixture_destroy(f);
}

/* Not of a packet that we did not send, or that would have fit, or that is none of echo. */
static void
test_does_not_believe(void **state)
{
	static const struct packet others[] = {
		{ .src = "2001:db8:1::1",
			.dst = "2001:db8::2",
			.icmp_type = ICMP6_ECHO_REPLY,
			.payload_length = 1400 },
		{ .src = "2001:db8::1",
			.dst = "2001:db8::2",
			.icmp_type = ICMP6_ECHO_REPLY,
			.payload_length = 1252 },
		{ .src = "2001:db8::1", .dst = "2001:db8::2", .payload_length = 1400 },
		{ .src = "2001:db8::1",
			.dst = "2001:db8::2",
			.icmp_type = 130,
			.payload_length = 1400 },
		{ .src = "10.0.1.1",
			.dst = "10.0.0.2",
			.icmp_type = PACKET_ZERO,
			.payload_length = 1400 },
		{ .src = "10.0.0.1", .dst = "10.0.0.2", .payload_length = 1400 },
		{ .src = "10.0.0.1",
			.dst = "10.0.0.2",
			.icmp_type = PACKET_ZERO,
			.payload_length = 1200 },
	};
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		too_big(f, &others[i], 1300);
		assert_int_equal(f->stack->pmtu.count, 0);
	}
	stack_fixture_destroy(f);
}

/*
 * What is less than every link carries: of IPv6 it is not believed (RFC 8201 4), of IPv4 old routers
 * say 0 (RFC 1191 5).
 */
static void
test_less_than_the_least(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	too_big(f, &reply6, 0);
	too_big(f, &reply6, 1279);
	assert_int_equal(answer6(f), 1);
	too_big(f, &reply6, 1280);
	assert_int_equal(answer6(f), 2);
	too_big(f, &reply4, 0);
	assert_int_equal(answer4(f), 3);
	stack_fixture_destroy(f);
}

/*
 * The answer to somebody who is not known yet waits in one piece, and is cut for its path after all:
 * of `fragments` pieces with a link of 1500 bytes.
 */
static void
answer_to_stranger(struct stack_fixture *f, const char *stranger, const struct packet *request,
	unsigned fragments)
{
	struct rte_mbuf *pkt;

	stack_fixture_inject(f, 0, request);
	stack_fixture_run(f);
	assert_int_equal(sent(f, 0), 1); /* who has it? */
	stack_fixture_neigh(f, "p0", stranger, "02:00:00:00:09:00");
	stack_fixture_run(f);
	for (unsigned i = 0; i < fragments; i++) {
		pkt = stack_fixture_take(f, 0);
		assert_non_null(pkt);
		assert_in_range(pkt->pkt_len, 1, ETHER_HDR_LENGTH + 1300);
		assert_int_equal(rte_pktmbuf_mtod(pkt, const uint8_t *)[4], 9);
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_expect_silence(f);
}

static void
test_held(void **state)
{
	static const struct packet to6 = { .src = "2001:db8::1",
		.dst = "2001:db8::9",
		.icmp_type = ICMP6_ECHO_REPLY,
		.payload_length = 1400 };
	static const struct packet to4 = { .src = "10.0.0.1",
		.dst = "10.0.0.9",
		.icmp_type = PACKET_ZERO,
		.payload_length = 1400 };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	too_big(f, &to4, 600);
	too_big(f, &to6, 1300);
	assert_int_equal(f->stack->pmtu.count, 2);
	answer_to_stranger(f, "10.0.0.9",
		PACKET(.src = "10.0.0.9", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
			.payload_length = 1400),
		3);
	answer_to_stranger(f, "2001:db8::9",
		PACKET(.src = "2001:db8::9", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST,
			.payload_length = 1400),
		2);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns),
		cmocka_unit_test(test_does_not_believe),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_less_than_the_least),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
