/* SPDX-License-Identifier: BSD-3-Clause */
/* Slow start by RFC 5681 3.1, RFC 3465 2, and its end by RFC 9406. */
#include "unit/cc/cc_link.h"

static void
acknowledge(struct cc *cc, uint32_t acked_bytes, uint32_t rtt_us)
{
	struct cc_ack ack = ack_at(cc, 1, rtt_us);

	ack.acked_bytes = ack.delivered_bytes = acked_bytes;
	cc_ack(cc, &ack);
}

static void
the_window_doubles_each_round(void **state)
{
	struct cc cc = cc_of("newreno");
	uint64_t now_us = 0;

	for (unsigned round = 1; round <= 10; round++) {
		round_run(&cc, &now_us, 100000);
		assert_int_equal(cc.cwnd_bytes, (10U << round) * MSS);
		assert_int_equal(cc.phase, CC_SLOW_START);
	}
}

/* RFC 5681 3.1: up to ssthresh, not beyond. */
static void
ends_at_ssthresh(void **state)
{
	struct cc cc = cc_avoiding("newreno", 100);

	lose(&cc, CC_RTO, 1);
	cc.rto_left_bytes = 0;
	cc.cwnd_bytes = 49 * MSS;
	acknowledge(&cc, 4 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 50 * MSS);
	assert_int_equal(cc.phase, CC_AVOIDANCE);
}

/* RFC 9406 4.3: L is 8, infinite where bursts are moderated. */
static void
one_acknowledgment_brings_eight_segments_at_most(void **state)
{
	struct cc cc = cc_of("newreno");

	acknowledge(&cc, 8 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 18 * MSS);
	acknowledge(&cc, 9 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 26 * MSS);
	cc.bursts_moderated = true;
	acknowledge(&cc, 20 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 46 * MSS);
	/* Optimistic acknowledgments of what was never sent are the transport's to refuse; they
	 * cannot bring more than a window. */
	acknowledge(&cc, UINT32_MAX, 100000);
	assert_int_equal(cc.cwnd_bytes, 92 * MSS);
	/* RFC 9260 7.2.1: L is 1. */
	cc.bursts_moderated = false;
	cc.one_at_a_time = true;
	acknowledge(&cc, 8 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 93 * MSS);
}

/* RFC 3465 2.3: after a time-out L is 1, as long as what was out then is not acknowledged. */
static void
after_a_timeout_one_segment_at_most(void **state)
{
	struct cc cc = cc_avoiding("newreno", 40);

	cc.bursts_moderated = true;
	lose(&cc, CC_RTO, 1);
	acknowledge(&cc, 1 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 2 * MSS);
	acknowledge(&cc, 39 * MSS, 100000); /* it had all but the first */
	assert_int_equal(cc.cwnd_bytes, 3 * MSS);
	acknowledge(&cc, 3 * MSS, 100000);
	assert_int_equal(cc.cwnd_bytes, 6 * MSS);
}

/* ---- HyStart++ ---- */

/* A round, all of whose samples are the same. */
static void
hystart_round(struct cc *cc, uint64_t *now_us, uint32_t rtt_us)
{
	uint32_t left = cc->cwnd_bytes / MSS;

	while (left-- > 0) {
		struct cc_ack ack = ack_at(cc, ++*now_us, rtt_us);

		cc_ack(cc, &ack);
	}
}

/* 4.2: RttThresh is an eighth of the round trip, from 4 to 16 ms. */
static void
rtt_thresholds(void **state)
{
	const struct {
		uint32_t rtt_us, stays_us, leaves_us;
	} cases[] = { { 8000, 11999, 12000 }, { 32000, 35999, 36000 }, { 80000, 89999, 90000 },
		{ 128000, 143999, 144000 }, { 400000, 415999, 416000 } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned leaves = 0; leaves < 2; leaves++) {
			struct cc cc = cc_of("newreno");
			uint64_t now_us = 0;

			hystart_round(&cc, &now_us, cases[i].rtt_us);
			hystart_round(&cc, &now_us, cases[i].rtt_us);
			hystart_round(
				&cc, &now_us, leaves ? cases[i].leaves_us : cases[i].stays_us);
			assert_int_equal(cc.phase, leaves ? CC_CONSERVATIVE : CC_SLOW_START);
		}
	}
}

/* N_RTT_SAMPLE is 8: fewer say nothing. */
static void
eight_samples_decide(void **state)
{
	struct cc cc = cc_of("newreno");
	uint64_t now_us = 0;

	hystart_round(&cc, &now_us, 100000);
	hystart_round(&cc, &now_us, 100000);
	for (unsigned n = 1; n <= 8; n++) {
		assert_int_equal(cc.phase, CC_SLOW_START);
		acknowledge(&cc, MSS, 150000);
	}
	assert_int_equal(cc.phase, CC_CONSERVATIVE);
}

/* One that has just seen the delay rise from 100 to 150 ms. */
static struct cc
conservative(uint64_t *now_us)
{
	struct cc cc = cc_of("newreno");

	hystart_round(&cc, now_us, 100000);
	hystart_round(&cc, now_us, 100000);
	hystart_round(&cc, now_us, 150000);
	assert_int_equal(cc.phase, CC_CONSERVATIVE);
	return cc;
}

/* CSS_GROWTH_DIVISOR is 4; what is less than a byte is kept. */
static void
css_grows_by_a_quarter(void **state)
{
	uint64_t now_us = 0;
	struct cc cc = conservative(&now_us);
	uint32_t before = cc.cwnd_bytes;

	acknowledge(&cc, 4 * MSS, 150000);
	assert_int_equal(cc.cwnd_bytes, before + MSS);
	for (unsigned n = 0; n < 8; n++)
		acknowledge(&cc, 1, 150000);
	assert_int_equal(cc.cwnd_bytes, before + MSS + 2);
}

/* CSS_ROUNDS is 5, the one in which it began among them; then ssthresh is cwnd. */
static void
css_ends_slow_start(void **state)
{
	uint64_t now_us = 0;
	struct cc cc = conservative(&now_us);
	uint32_t before;

	for (unsigned round = 2; round <= 5; round++) {
		before = cc.cwnd_bytes;
		hystart_round(&cc, &now_us, 150000);
		assert_int_equal(cc.phase, CC_CONSERVATIVE);
		assert_near(cc.cwnd_bytes, before * 1.25, 1);
	}
	before = cc.cwnd_bytes;
	acknowledge(&cc, MSS, 150000);
	assert_int_equal(cc.phase, CC_AVOIDANCE);
	assert_int_equal(cc.ssthresh_bytes, before);
}

/* 4.2: the delay fell below cssBaselineMinRtt: it was jitter, and slow start goes on. */
static void
css_is_left_if_the_delay_falls(void **state)
{
	uint64_t now_us = 0;
	struct cc cc = conservative(&now_us);
	uint32_t before;

	hystart_round(&cc, &now_us, 149000);
	assert_int_equal(cc.phase, CC_SLOW_START);
	before = cc.cwnd_bytes;
	acknowledge(&cc, MSS, 149000);
	assert_int_equal(cc.cwnd_bytes, before + MSS);
}

/* 4.3: it is for the first slow start; others have an ssthresh. */
static void
only_the_first_slow_start_watches_the_delay(void **state)
{
	struct cc cc = cc_avoiding("newreno", 1000);
	uint64_t now_us = 0;

	lose(&cc, CC_RTO, 1);
	cc.cwnd_bytes = 20 * MSS;
	for (unsigned round = 1; round <= 3; round++)
		hystart_round(&cc, &now_us, 100000 * round);
	assert_int_equal(cc.phase, CC_SLOW_START);

	cc = cc_of("newreno");
	cc.no_hystart = true;
	for (unsigned round = 1; round <= 3; round++)
		hystart_round(&cc, &now_us, 100000 * round);
	assert_int_equal(cc.phase, CC_SLOW_START);
}

/* 4.2: a loss or a mark ends it. */
static void
a_loss_ends_it(void **state)
{
	struct cc cc = cc_of("newreno");

	lose(&cc, CC_ECN, 1);
	assert_int_equal(cc.phase, CC_AVOIDANCE);
	assert_int_equal(cc.ssthresh_bytes, 8 * MSS);
}

/*
 * What it is for: far less is lost when the first slow start fills a large queue. (Until a round
 * starts with a queue nothing is seen: queues of less than some windows overflow all the same.)
 */
static void
less_is_lost_on_a_long_path(void **state)
{
	uint64_t dropped[2];

	for (unsigned without = 0; without < 2; without++) {
		struct link link = link_of(100, 100, 4); /* 1250 segments, and 5000 queued */
		struct link_sender sender;

		sender_init(&sender, "cubic", 0);
		sender.cc.no_hystart = without;
		link_run(&link, &sender, 1, 5);
		dropped[without] = link.dropped;
		assert_between(link_used(&link, sender.delivered, 5), 0.85, 1);
		sender_fini(&sender);
	}
	assert_in_range(dropped[1], 5000, 10000); /* half of a window of twice what fits */
	assert_in_range(dropped[0], 0, dropped[1] / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_doubles_each_round),
		cmocka_unit_test(ends_at_ssthresh),
		cmocka_unit_test(one_acknowledgment_brings_eight_segments_at_most),
		cmocka_unit_test(after_a_timeout_one_segment_at_most),
		cmocka_unit_test(rtt_thresholds),
		cmocka_unit_test(eight_samples_decide),
		cmocka_unit_test(css_grows_by_a_quarter),
		cmocka_unit_test(css_ends_slow_start),
		cmocka_unit_test(css_is_left_if_the_delay_falls),
		cmocka_unit_test(only_the_first_slow_start_watches_the_delay),
		cmocka_unit_test(a_loss_ends_it),
		cmocka_unit_test(less_is_lost_on_a_long_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
