/* SPDX-License-Identifier: BSD-3-Clause */
/* Westwood+: after a loss the window is bandwidth times the shortest round trip. */
#include "unit/cc/cc_link.h"

/* Acknowledgments at a steady rate of segments, so many milliseconds long. */
static void
deliver(struct cc *cc, uint64_t *now_us, double segments_a_second, unsigned ms, bool app_limited)
{
	uint64_t until_us = *now_us + ms * 1000ULL;
	uint64_t step_us = (uint64_t)(1e6 / segments_a_second);

	while (*now_us + step_us <= until_us) {
		struct cc_ack ack = ack_at(cc, *now_us += step_us, 150000);

		ack.min_rtt_us = 100000;
		ack.cwnd_limited = false; /* the window is not looked at */
		ack.rate_app_limited = app_limited;
		cc_ack(cc, &ack);
	}
}

static void
ssthresh_is_bandwidth_times_delay(void **state)
{
	const double rates[] = { 100, 1000, 20000 };

	for (unsigned i = 0; i < 3; i++) {
		struct cc cc = cc_avoiding("westwood", 100000);
		uint64_t now_us = 1;

		deliver(&cc, &now_us, rates[i], 3000, false);
		lose(&cc, CC_LOSS, now_us);
		assert_near((double)cc.ssthresh_bytes, rates[i] * 0.1 * MSS, 2);
		assert_int_equal(cc.cwnd_bytes, cc.ssthresh_bytes);
	}
}

/* A window that was smaller is not made larger by a loss; ssthresh is, and slow start fills it. */
static void
a_loss_in_a_small_window(void **state)
{
	struct cc cc = cc_avoiding("westwood", 100000);
	uint64_t now_us = 1;

	deliver(&cc, &now_us, 1000, 3000, false);
	cc.cwnd_bytes = cc.ssthresh_bytes = 50 * MSS;
	lose(&cc, CC_LOSS, now_us);
	assert_int_equal(cc.cwnd_bytes, 50 * MSS);
	assert_near((double)cc.ssthresh_bytes, 100 * MSS, 2);
	lose(&cc, CC_RTO, now_us);
	assert_int_equal(cc.cwnd_bytes, MSS);
	assert_near((double)cc.ssthresh_bytes, 100 * MSS, 2);
}

/* A window that does not fill the path comes in bursts, one a round: their pauses are part of no rate. */
static void
bursts_are_counted_whole(void **state)
{
	const uint32_t rtts_us[] = { 7000, 20000, 100000, 200000 };

	for (unsigned i = 0; i < 4; i++) {
		struct cc cc = cc_avoiding("westwood", 100000);
		uint64_t start_us = 1, now_us = 1;

		for (unsigned round = 0; round < 300; round++) {
			for (unsigned segment = 0; segment < 30; segment++) {
				struct cc_ack ack;

				now_us = start_us + segment * rtts_us[i] / 300;
				ack = ack_at(&cc, now_us, rtts_us[i]);
				ack.cwnd_limited = false;
				cc_ack(&cc, &ack);
			}
			start_us += rtts_us[i];
		}
		lose(&cc, CC_LOSS, now_us);
		assert_near((double)cc.ssthresh_bytes, 30 * MSS, 1);
	}
}

/* Two filters of 7/8: a new bandwidth is half believed after some fifteen samples. */
static void
the_filter_is_slow(void **state)
{
	struct cc cc = cc_avoiding("westwood", 100000), later;
	uint64_t now_us = 1;

	deliver(&cc, &now_us, 1000, 3000, false);
	deliver(&cc, &now_us, 2000, 150 * 13, false);
	later = cc;
	lose(&later, CC_LOSS, now_us);
	assert_in_range(later.ssthresh_bytes, 135 * MSS, 165 * MSS);
	deliver(&cc, &now_us, 2000, 150 * 60, false);
	lose(&cc, CC_LOSS, now_us);
	assert_near((double)cc.ssthresh_bytes, 200 * MSS, 2);
}

/* An application that sends little says nothing of the path. */
static void
what_the_application_limits_is_no_sample(void **state)
{
	struct cc cc = cc_avoiding("westwood", 100000);
	uint64_t now_us = 1;

	deliver(&cc, &now_us, 1000, 3000, false);
	deliver(&cc, &now_us, 50, 10000, true);
	lose(&cc, CC_LOSS, now_us);
	assert_near((double)cc.ssthresh_bytes, 100 * MSS, 2);
}

static void
idle_time_is_no_sample(void **state)
{
	struct cc cc = cc_avoiding("westwood", 100000);
	uint64_t now_us = 1;

	deliver(&cc, &now_us, 1000, 3000, false);
	cc_idle(&cc, 60000000, 1000000);
	now_us += 60000000;
	deliver(&cc, &now_us, 1000, 400, false);
	lose(&cc, CC_LOSS, now_us);
	assert_near((double)cc.ssthresh_bytes, 100 * MSS, 1);
}

static void
without_samples_it_is_newreno(void **state)
{
	struct cc cc = cc_avoiding("westwood", 100);

	lose(&cc, CC_LOSS, 1);
	assert_int_equal(cc.cwnd_bytes, 50 * MSS);
}

/* Its signature: losses that are no congestion cost little, where NewReno stays far below. */
static void
random_losses_cost_little(void **state)
{
	const char *const names[] = { "westwood", "newreno" };
	double used[2];

	for (unsigned i = 0; i < 2; i++) {
		struct link link = link_of(10, 100, 1);
		struct link_sender sender;

		link.loss_ppb = 5000000; /* 0.5 % */
		sender_init(&sender, names[i], 0);
		link_run(&link, &sender, 1, 120);
		used[i] = link_used(&link, sender.delivered, 120);
		sender_fini(&sender);
	}
	assert_between(used[0], 0.5, 1);
	assert_between(used[1], 0, used[0] / 2);
}

static double windows, window_count;

static void
watch_windows(const struct link_sender *sender, const struct link *link, uint32_t rtt_us)
{
	static uint64_t losses;

	if (sender->losses != losses && link->now_ns > 20000000000ULL) {
		windows += sender->cc.ssthresh_bytes;
		window_count++;
	}
	losses = sender->losses;
}

/* After a loss of congestion what the link holds is left, and the queue is empty. */
static void
the_queue_is_emptied(void **state)
{
	struct link link = link_of(20, 50, 1); /* 125 segments in the link, 125 in its queue */
	struct link_sender sender;

	windows = window_count = 0;
	sender_init(&sender, "westwood", 0);
	sender.watch = watch_windows;
	link_run(&link, &sender, 1, 120);
	assert_between(window_count, 5, 1000);
	assert_near(windows / window_count, 125 * MSS, 5);
	assert_between(link_used(&link, sender.delivered, 120), 0.97, 1);
	sender_fini(&sender);
}

static void
two_flows_share(void **state)
{
	assert_between(link_fairness(link_of(20, 40, 1), "westwood", 120), 0.9, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssthresh_is_bandwidth_times_delay),
		cmocka_unit_test(a_loss_in_a_small_window),
		cmocka_unit_test(bursts_are_counted_whole),
		cmocka_unit_test(the_filter_is_slow),
		cmocka_unit_test(what_the_application_limits_is_no_sample),
		cmocka_unit_test(idle_time_is_no_sample),
		cmocka_unit_test(without_samples_it_is_newreno),
		cmocka_unit_test(random_losses_cost_little),
		cmocka_unit_test(the_queue_is_emptied),
		cmocka_unit_test(two_flows_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
