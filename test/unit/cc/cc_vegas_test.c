/* SPDX-License-Identifier: BSD-3-Clause */
/* Vegas: two to four segments in the queue, and no loss to find that out. */
#include "unit/cc/cc_link.h"

/* A round of so many samples, all of them the same. */
static void
vegas_round(struct cc *cc, uint64_t *now_us, uint32_t base_us, uint32_t rtt_us, unsigned samples)
{
	for (unsigned i = 1; i <= samples; i++) {
		struct cc_ack ack = ack_at(cc, ++*now_us, rtt_us);

		ack.min_rtt_us = base_us;
		ack.acked_bytes = 0; /* the window is looked at in the next round */
		ack.delivered_bytes = cc->cwnd_bytes / samples;
		ack.in_flight_bytes = cc->cwnd_bytes / samples * (samples - i);
		cc_ack(cc, &ack);
	}
}

/* The first acknowledgment after it: a round by itself. */
static void
turn(struct cc *cc, uint64_t *now_us, uint32_t base_us)
{
	struct cc_ack ack = ack_at(cc, ++*now_us, 0);

	ack.min_rtt_us = base_us;
	ack.in_flight_bytes = 0;
	cc_ack(cc, &ack);
}

/* Diff = cwnd (1 - base / rtt): a segment more below alpha, one less above beta. */
static void
between_alpha_and_beta(void **state)
{
	const struct {
		uint32_t rtt_us; /* the shortest is 100 ms, the window 100 segments */
		int segments;
	} cases[] = { { 100000, 1 }, { 102000, 1 }, { 102050, 0 }, { 104100, 0 }, { 104200, -1 },
		{ 200000, -1 }, { UINT32_MAX, -1 } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cc cc = cc_avoiding("vegas", 100);
		uint64_t now_us = 0;

		vegas_round(&cc, &now_us, 100000, cases[i].rtt_us, 10);
		turn(&cc, &now_us, 100000);
		assert_int_equal(cc.cwnd_bytes, (uint32_t)(100 + cases[i].segments) * MSS);
		assert_int_equal(cc.phase, CC_AVOIDANCE);
	}
}

/* One or two samples may be of delayed acknowledgments: such rounds are as NewReno's. */
static void
few_samples_say_nothing(void **state)
{
	struct cc cc = cc_avoiding("vegas", 100);
	uint64_t now_us = 0;

	vegas_round(&cc, &now_us, 100000, 300000, 2);
	turn(&cc, &now_us, 100000);
	assert_int_equal(cc.cwnd_bytes, 100 * MSS + MSS / 100);
}

/* No more than the window can be in a queue: four segments are left. */
static void
small_windows_are_left_alone(void **state)
{
	struct cc cc = cc_avoiding("vegas", 10);
	uint64_t now_us = 0;

	for (unsigned round = 0; round < 20; round++) {
		vegas_round(&cc, &now_us, 1000, 1000000, 10);
		turn(&cc, &now_us, 1000);
	}
	assert_int_equal(cc.cwnd_bytes, 4 * MSS);
}

/* Slow start ends as soon as there is a queue of more than gamma, which is all that is left of it. */
static void
slow_start_takes_back_the_queue(void **state)
{
	struct cc cc = cc_of("vegas");

	cc.cwnd_bytes = 100 * MSS;
	for (unsigned sample = 1; sample <= 3; sample++) {
		struct cc_ack ack = ack_at(&cc, sample, 125000); /* a fifth of it is queued */

		assert_int_equal(cc.phase, CC_SLOW_START);
		cc.cwnd_bytes = 100 * MSS;
		ack.min_rtt_us = 100000;
		cc_ack(&cc, &ack);
	}
	assert_int_equal(cc.cwnd_bytes, 81 * MSS);
	assert_int_equal(cc.phase, CC_AVOIDANCE);
}

static struct {
	double queued, count, least, most, losses;
} seen;

static void
watch_queue(const struct link_sender *sender, const struct link *link, uint32_t rtt_us)
{
	double queued = (double)link_queued(link) / MSS;

	if (link->now_ns < 20000000000ULL)
		return;
	seen.queued += queued;
	seen.count++;
	seen.least = queued < seen.least ? queued : seen.least;
	seen.most = queued > seen.most ? queued : seen.most;
}

/* Its signature: the queue stays at alpha to beta segments, the link is full, nothing is lost. */
static void
the_queue_is_steady(void **state)
{
	const struct {
		double mbit, rtt_ms;
	} cases[] = { { 10, 50 }, { 50, 20 }, { 50, 100 } };

	for (unsigned i = 0; i < 3; i++) {
		struct link link = link_of(cases[i].mbit, cases[i].rtt_ms, 1);
		struct link_sender sender;
		uint64_t before;

		sender_init(&sender, "vegas", 0);
		sender.watch = watch_queue;
		memset(&seen, 0, sizeof(seen));
		seen.least = 1e9;
		link_run(&link, &sender, 1, 20);
		before = sender.delivered;
		link_run(&link, &sender, 1, 20);
		assert_int_equal(link.dropped, 0);
		assert_between(link_used(&link, sender.delivered - before, 20), 0.99, 1.001);
		assert_between(seen.queued / seen.count, 1, 5);
		assert_between(seen.most, 0, 6);
		sender_fini(&sender);
	}
}

/* Its slow start ends at gamma, long before the queue is full. */
static void
slow_start_ends_early(void **state)
{
	struct link link = link_of(50, 100, 0.75); /* 625 segments, and 468 queued */
	struct link_sender sender;

	sender_init(&sender, "vegas", 0);
	link_run(&link, &sender, 1, 10);
	assert_int_equal(link.dropped, 0);
	assert_int_equal(sender.cc.phase, CC_AVOIDANCE);
	sender_fini(&sender);
}

static void
two_flows_share(void **state)
{
	assert_between(link_fairness(link_of(20, 40, 1), "vegas", 120), 0.9, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_alpha_and_beta),
		cmocka_unit_test(few_samples_say_nothing),
		cmocka_unit_test(small_windows_are_left_alone),
		cmocka_unit_test(slow_start_takes_back_the_queue),
		cmocka_unit_test(the_queue_is_steady),
		cmocka_unit_test(slow_start_ends_early),
		cmocka_unit_test(two_flows_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
