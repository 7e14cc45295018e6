/* SPDX-License-Identifier: BSD-3-Clause */
/* CUBIC against the formulas of RFC 9438, in floating point. */
#include "unit/cc/cc_link.h"

#include "cc/cc_priv.h"

#define C    0.4
#define BETA 0.7

static void
cube_roots(void **state)
{
	struct random random;

	for (uint64_t n = 0; n < 100000; n++)
		assert_true((uint64_t)pow(cc_cube_root(n), 3) <= n &&
			pow(cc_cube_root(n) + 1.0, 3) > (double)n);
	for (uint64_t root = 1; root < 2642245; root += 997) {
		assert_int_equal(cc_cube_root(root * root * root), root);
		assert_int_equal(cc_cube_root(root * root * root - 1), root - 1);
	}
	assert_int_equal(cc_cube_root(UINT64_MAX), 2642245);
	random_init(&random, 1);
	for (unsigned n = 0; n < 100000; n++) {
		uint64_t value = random_draw(&random) >> random_below(&random, 60);

		assert_true(fabs(cc_cube_root(value) - floor(cbrt((double)value))) <= 1);
	}
}

/* 4.2: after a loss from w_max segments, in segments and seconds. */
static double
w_cubic(double w_max, double t)
{
	double k = cbrt(w_max * (1 - BETA) / C);

	return C * pow(t - k, 3) + w_max;
}

/* Figures 1 and 2, for windows and round trips for which W_est is less. */
static void
the_curve(void **state)
{
	const struct {
		uint32_t w_max, rtt_ms;
	} cases[] = { { 200, 100 }, { 1000, 100 }, { 1000, 300 }, { 5000, 200 }, { 20000, 100 } };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double w_max = cases[i].w_max, k = cbrt(w_max * (1 - BETA) / C);
		struct cc cc = cc_avoiding("cubic", cases[i].w_max);
		uint64_t now_us = 1, start_us;

		lose(&cc, CC_LOSS, now_us);
		assert_int_equal(cc.cwnd_bytes, cases[i].w_max * MSS / 10 * 7);
		start_us = now_us + cases[i].rtt_ms * 1000 / cases[i].w_max;
		while ((double)(now_us - start_us) / 1e6 < 1.8 * k) {
			double t;

			round_run(&cc, &now_us, cases[i].rtt_ms * 1000);
			/* The target is a round trip ahead, and is reached a round trip later. */
			t = (double)(now_us - start_us) / 1e6;
			assert_near((double)cc.cwnd_bytes / MSS, w_cubic(w_max, t), 3);
		}
	}
}

/* Concave up to W_max, where it is flat at K, then convex. */
static void
concave_then_convex(void **state)
{
	struct cc cc = cc_avoiding("cubic", 2000);
	double k = cbrt(2000 * (1 - BETA) / C), growth = 0, before;
	uint64_t now_us = 1;
	unsigned turns = 0;
	bool concave = true;

	lose(&cc, CC_LOSS, now_us);
	round_run(&cc, &now_us, 100000);
	before = cc.cwnd_bytes;
	for (unsigned round = 0; round < 2 * k / 0.1; round++) {
		double t = (double)now_us / 1e6, rise;

		round_run(&cc, &now_us, 100000);
		rise = cc.cwnd_bytes - before;
		if (round > 0 && fabs(rise - growth) > 1 && (rise < growth) != concave) {
			concave = !concave;
			turns++;
			assert_near(t, k, 5);
			assert_near(cc.cwnd_bytes, 2000 * MSS, 1);
		}
		growth = rise;
		before = cc.cwnd_bytes;
	}
	assert_int_equal(turns, 1);
}

/* 4.7: fast convergence: a loss below W_max gives up some more. 4.6: beta; RFC 8511 2 for marks. */
static void
what_congestion_costs(void **state)
{
	struct cc cc = cc_avoiding("cubic", 1000);
	uint64_t now_us = 1;
	double k;

	lose(&cc, CC_ECN, now_us);
	assert_int_equal(cc.cwnd_bytes, 850 * MSS);
	cc = cc_avoiding("cubic", 1000);
	cc.no_abe = true;
	lose(&cc, CC_ECN, now_us);
	assert_int_equal(cc.cwnd_bytes, 700 * MSS);
	cc_congestion(
		&cc, &(struct cc_congestion){ .signal = CC_LOSS, .in_flight_bytes = 600 * MSS });
	assert_int_equal(cc.cwnd_bytes, 420 * MSS);
	/* W_max is 700 * 0.85 now: the curve is flat there. */
	k = cbrt((595 - 420) / C);
	while ((double)now_us < k * 1e6)
		round_run(&cc, &now_us, 100000);
	assert_near((double)cc.cwnd_bytes / MSS, 595, 1);
}

/* 4.3: where round trips are short, NewReno's window with the same mean: alpha is 9/17. */
static void
friendly_to_newreno(void **state)
{
	struct cc cc = cc_avoiding("cubic", 100);
	uint64_t now_us = 1;

	lose(&cc, CC_LOSS, now_us);
	for (unsigned round = 0; round < 40; round++)
		round_run(&cc, &now_us, 5000);
	assert_near((double)cc.cwnd_bytes / MSS, 70 + 40 * 9.0 / 17, 3);
	/* Where the last event was, it is a segment a round. */
	while (cc.cwnd_bytes < 100 * MSS)
		round_run(&cc, &now_us, 5000);
	for (unsigned round = 0; round < 20; round++)
		round_run(&cc, &now_us, 5000);
	assert_near((double)cc.cwnd_bytes / MSS, 120, 3);
}

/* 4.8: after a time-out K is 0, and W_max where congestion avoidance starts: convex at once. */
static void
after_a_timeout(void **state)
{
	struct cc cc = cc_avoiding("cubic", 1000);
	uint64_t now_us = 1, start_us;

	lose(&cc, CC_RTO, now_us);
	assert_int_equal(cc.cwnd_bytes, MSS);
	assert_int_equal(cc.ssthresh_bytes, 700 * MSS);
	while (cc.phase != CC_AVOIDANCE)
		round_run(&cc, &now_us, 100000);
	start_us = now_us;
	for (unsigned round = 0; round < 100; round++)
		round_run(&cc, &now_us, 100000);
	assert_near((double)cc.cwnd_bytes / MSS,
		700 + C * pow((double)(now_us - start_us) / 1e6, 3), 2);
}

/* 4.10: slow start that ended without a loss: the same. */
static void
without_any_loss(void **state)
{
	struct cc cc = cc_avoiding("cubic", 500);
	uint64_t now_us = 1;

	for (unsigned round = 0; round < 50; round++)
		round_run(&cc, &now_us, 200000);
	assert_near((double)cc.cwnd_bytes / MSS, 500 + C * pow(10, 3), 3);
}

/* 4.4, 4.5: no more than half a window in a round, however long the curve went on. */
static void
the_target_is_bounded(void **state)
{
	struct cc cc = cc_avoiding("cubic", 10);
	uint64_t now_us = 1;
	uint32_t before;

	lose(&cc, CC_LOSS, now_us);
	for (unsigned round = 0; round < 30; round++) {
		before = cc.cwnd_bytes;
		round_run(&cc, &now_us, 2000000);
		assert_between(cc.cwnd_bytes, before, before * 1.7);
	}
}

/* 5.8: what was idle, or limited by the application, is not part of t. */
static void
unused_time_does_not_count(void **state)
{
	for (unsigned idle = 0; idle < 2; idle++) {
		struct cc cc = cc_avoiding("cubic", 1000), other;
		uint64_t now_us = 1, other_us;

		cc.initial_window_bytes = 10000 * MSS; /* restarts are another test's */
		lose(&cc, CC_LOSS, now_us);
		for (unsigned round = 0; round < 20; round++)
			round_run(&cc, &now_us, 100000);
		other = cc;
		other_us = now_us;
		if (idle) {
			cc_idle(&cc, 60000000, 300000);
			now_us += 60000000;
		}
		for (unsigned n = 0; n < 600 && !idle; n++) {
			struct cc_ack ack = ack_at(&cc, now_us += 100000, 100000);

			ack.cwnd_limited = false;
			cc_ack(&cc, &ack);
		}
		for (unsigned round = 0; round < 20; round++) {
			round_run(&cc, &now_us, 100000);
			round_run(&other, &other_us, 100000);
		}
		assert_near(cc.cwnd_bytes, other.cwnd_bytes, 0.5);
	}
}

/* RFC 5681 4.1: a restart leads through slow start; where that ends the window does not leap. */
static void
a_restart_begins_a_stage(void **state)
{
	struct cc cc = cc_avoiding("cubic", 100);
	uint64_t now_us = 1;

	lose(&cc, CC_LOSS, now_us);
	for (unsigned round = 0; round < 100; round++)
		round_run(&cc, &now_us, 5000);
	cc_idle(&cc, 1000000, 300000);
	assert_int_equal(cc.phase, CC_SLOW_START);
	while (cc.phase != CC_AVOIDANCE)
		round_run(&cc, &now_us, 5000);
	assert_in_range(cc.cwnd_bytes, cc.ssthresh_bytes, cc.ssthresh_bytes + MSS);
}

/* A clock that jumps, either way, is worth a second at most. */
static void
clocks_that_jump(void **state)
{
	struct cc cc = cc_avoiding("cubic", 1000), other;
	uint64_t now_us = 10000000, other_us = now_us;

	lose(&cc, CC_LOSS, now_us);
	other = cc;
	for (unsigned round = 0; round < 40; round++) {
		if (round == 10)
			now_us += 3600000000ULL;
		if (round == 20)
			now_us = 0;
		if (round == 30)
			now_us = UINT64_MAX - 1000000000;
		round_run(&cc, &now_us, 100000);
		round_run(&other, &other_us, 100000);
	}
	while (other_us < 10000000 + 6300000)
		round_run(&other, &other_us, 100000);
	assert_near(cc.cwnd_bytes, other.cwnd_bytes, 1);
}

/* RFC 9438 5.3, 5.1: the mean window of a loss each 1/p segments. */
static void
throughput_with_loss(void **state)
{
	const double losses[] = { 0.00005, 0.0002 };

	for (unsigned i = 0; i < 2; i++) {
		struct link link = link_of(1000, 100, 1);
		double rtt = 0.1, p = losses[i];
		double window = pow(C * (3 + BETA) / (4 * (1 - BETA)), 0.25) * pow(rtt, 0.75) /
			pow(p, 0.75);
		struct link_sender sender;

		link.loss_ppb = (uint32_t)(p * 1e9);
		sender_init(&sender, "cubic", 0);
		link_run(&link, &sender, 1, 300);
		/* The model is of losses at equal distances; these are random. */
		assert_between((double)sender.delivered / 300 * rtt, 0.75 * window, 1.5 * window);
		sender_fini(&sender);
	}
}

static void
two_flows_share(void **state)
{
	assert_between(link_fairness(link_of(20, 40, 1), "cubic", 120), 0.95, 1);
	assert_between(link_fairness(link_of(50, 100, 0.5), "cubic", 160), 0.9, 1);
}

/* A long path is filled: here NewReno needs 625 rounds, more than a minute, after each loss. */
static void
long_paths_are_filled(void **state)
{
	double delivered[2];
	const char *const names[] = { "cubic", "newreno" };

	for (unsigned i = 0; i < 2; i++) {
		struct link link = link_of(100, 100, 0.1);
		struct link_sender sender;

		sender_init(&sender, names[i], 0);
		link_run(&link, &sender, 1, 120);
		delivered[i] = link_used(&link, sender.delivered, 120);
		sender_fini(&sender);
	}
	assert_between(delivered[0], 0.84, 1);
	assert_between(delivered[1], 0, delivered[0] - 0.05);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cube_roots),
		cmocka_unit_test(the_curve),
		cmocka_unit_test(concave_then_convex),
		cmocka_unit_test(what_congestion_costs),
		cmocka_unit_test(friendly_to_newreno),
		cmocka_unit_test(after_a_timeout),
		cmocka_unit_test(without_any_loss),
		cmocka_unit_test(the_target_is_bounded),
		cmocka_unit_test(unused_time_does_not_count),
		cmocka_unit_test(a_restart_begins_a_stage),
		cmocka_unit_test(clocks_that_jump),
		cmocka_unit_test(throughput_with_loss),
		cmocka_unit_test(two_flows_share),
		cmocka_unit_test(long_paths_are_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
