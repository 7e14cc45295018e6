/* SPDX-License-Identifier: BSD-3-Clause */
/* What all algorithms have in common: bounds, undo, idle times, the end of recovery. */
#include "unit/cc/cc_fixture.h"

#include "base/random.h"

static void
the_table(void **state)
{
	const char *const names[] = { "cubic", "newreno", "vegas", "westwood", "bic" };
	unsigned i;

	for (i = 0; cc_get(i) != NULL; i++) {
		assert_string_equal(cc_get(i)->name, names[i]);
		assert_ptr_equal(cc_find(names[i]), cc_get(i));
		assert_non_null(cc_get(i)->help);
	}
	assert_int_equal(i, sizeof(names) / sizeof(names[0]));
	assert_ptr_equal(cc_default(), cc_find("cubic"));
	assert_null(cc_find("reno"));
}

static void
rfc6928_initial_window(void **state)
{
	assert_int_equal(cc_initial_window(536), 5360);
	assert_int_equal(cc_initial_window(1460), 14600);
	assert_int_equal(cc_initial_window(4000), 14600);
	assert_int_equal(cc_initial_window(8960), 17920);
	assert_int_equal(cc_initial_window(65535), 131070);
}

static void
starts_in_slow_start(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		struct cc cc = cc_of(cc_get(i)->name);

		assert_int_equal(cc.cwnd_bytes, 10 * MSS);
		assert_int_equal(cc.ssthresh_bytes, CC_SSTHRESH_NONE);
		assert_int_equal(cc.phase, CC_SLOW_START);
	}
}

/* RFC 5681 3.1, 3.2: after a loss cwnd is ssthresh; after a time-out one segment. */
static void
losses_and_timeouts(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		struct cc cc = cc_avoiding(cc_get(i)->name, 100);
		uint32_t ssthresh;

		lose(&cc, CC_LOSS, 1);
		assert_in_range(cc.cwnd_bytes, 50 * MSS, 80 * MSS);
		assert_int_equal(cc.cwnd_bytes, cc.ssthresh_bytes);
		assert_int_equal(cc.phase, CC_AVOIDANCE);
		lose(&cc, CC_RTO, 2);
		assert_int_equal(cc.cwnd_bytes, MSS);
		assert_in_range(cc.ssthresh_bytes, 25 * MSS, 64 * MSS);
		assert_int_equal(cc.phase, CC_SLOW_START);
		/* The same data again: ssthresh is held. */
		ssthresh = cc.ssthresh_bytes;
		lose(&cc, CC_RTO_AGAIN, 3);
		assert_int_equal(cc.cwnd_bytes, MSS);
		assert_int_equal(cc.ssthresh_bytes, ssthresh);
	}
}

/* RFC 5681 equation 4, RFC 8511 2: two segments are the least. */
static void
ssthresh_is_two_segments_or_more(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		for (enum cc_signal signal = CC_LOSS; signal <= CC_RTO; signal++) {
			struct cc cc = cc_avoiding(cc_get(i)->name, 2);

			lose(&cc, signal, 1);
			assert_int_equal(cc.ssthresh_bytes, 2 * MSS);
			cc_congestion(&cc, &(struct cc_congestion){ .signal = signal });
			assert_int_equal(cc.ssthresh_bytes, 2 * MSS);
		}
	}
}

/* RFC 7661 4.3, 5681 7: what was not used is no evidence for more. */
static void
unused_windows_do_not_grow(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		for (unsigned avoiding = 0; avoiding < 2; avoiding++) {
			struct cc cc = avoiding ? cc_avoiding(cc_get(i)->name, 10)
						: cc_of(cc_get(i)->name);

			for (unsigned n = 0; n < 1000; n++) {
				struct cc_ack ack = ack_at(&cc, n * 1000, 10000);

				ack.cwnd_limited = false;
				cc_ack(&cc, &ack);
			}
			assert_int_equal(cc.cwnd_bytes, 10 * MSS);
		}
	}
}

static void
recovery_leaves_the_window_alone(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		struct cc cc = cc_avoiding(cc_get(i)->name, 100);
		uint32_t cwnd;

		lose(&cc, CC_LOSS, 1);
		cwnd = cc.cwnd_bytes;
		for (unsigned n = 0; n < 100; n++) {
			struct cc_ack ack = ack_at(&cc, n * 1000, 10000);

			ack.in_recovery = true;
			cc_ack(&cc, &ack);
		}
		assert_int_equal(cc.cwnd_bytes, cwnd);
	}
}

/* RFC 6582 3.2 (3). */
static void
the_end_of_recovery_makes_no_burst(void **state)
{
	struct cc cc = cc_avoiding("newreno", 100);

	lose(&cc, CC_LOSS, 1);
	cc_recovery_end(&cc, 49 * MSS);
	assert_int_equal(cc.cwnd_bytes, 50 * MSS);
	cc_recovery_end(&cc, 20 * MSS);
	assert_int_equal(cc.cwnd_bytes, 21 * MSS);
	assert_int_equal(cc.ssthresh_bytes, 50 * MSS);
	assert_int_equal(cc.phase, CC_SLOW_START);
	cc_recovery_end(&cc, 0);
	assert_int_equal(cc.cwnd_bytes, 2 * MSS);
	cc_recovery_end(&cc, UINT32_MAX);
	assert_int_equal(cc.cwnd_bytes, 2 * MSS);

	cc = cc_avoiding("newreno", 100);
	cc_bursts_set(&cc, true);
	lose(&cc, CC_LOSS, 1);
	cc_recovery_end(&cc, 0);
	assert_int_equal(cc.cwnd_bytes, 50 * MSS);
}

/* Losses that were none: all is as before, and goes on as if nothing had been. */
static void
undo_restores(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		for (enum cc_signal signal = CC_LOSS; signal <= CC_RTO; signal++) {
			struct cc cc = cc_avoiding(cc_get(i)->name, 200), before, other;
			uint64_t now_us = 0, other_us;

			if (signal == CC_ECN)
				continue;
			for (unsigned round = 0; round < 20; round++)
				round_run(&cc, &now_us, 100000);
			lose(&cc, CC_LOSS, now_us);
			for (unsigned round = 0; round < 20; round++)
				round_run(&cc, &now_us, 100000);
			before = other = cc;
			lose(&cc, signal, now_us);
			cc_undo(&cc);
			assert_int_equal(cc.cwnd_bytes, before.cwnd_bytes);
			assert_int_equal(cc.ssthresh_bytes, before.ssthresh_bytes);
			assert_int_equal(cc.phase, before.phase);
			other_us = now_us;
			for (unsigned round = 0; round < 20; round++) {
				round_run(&cc, &now_us, 100000);
				round_run(&other, &other_us, 100000);
			}
			assert_in_range(
				cc.cwnd_bytes, other.cwnd_bytes - MSS, other.cwnd_bytes + MSS);
			/* Only once. */
			lose(&cc, CC_LOSS, now_us);
			cc_undo(&cc);
			before = cc;
			cc.cwnd_bytes = cc.ssthresh_bytes = 2 * MSS;
			cc_undo(&cc);
			assert_int_equal(cc.cwnd_bytes, 2 * MSS);
		}
	}
}

/* A time-out that is repeated is undone to before the first; a window that grew meanwhile stays. */
static void
undo_goes_back_to_the_first_timeout(void **state)
{
	struct cc cc = cc_avoiding("newreno", 100);

	lose(&cc, CC_RTO, 1);
	lose(&cc, CC_RTO_AGAIN, 2);
	lose(&cc, CC_RTO_AGAIN, 3);
	cc_undo(&cc);
	assert_int_equal(cc.cwnd_bytes, 100 * MSS);
	assert_int_equal(cc.ssthresh_bytes, 100 * MSS);
	lose(&cc, CC_LOSS, 4);
	cc.cwnd_bytes = 150 * MSS;
	cc_undo(&cc);
	assert_int_equal(cc.cwnd_bytes, 150 * MSS);
}

/* Who marks a packet knows what he does: RFC 3168 6.1.2. */
static void
marks_are_not_undone(void **state)
{
	struct cc cc = cc_avoiding("newreno", 100);

	lose(&cc, CC_LOSS, 1);
	lose(&cc, CC_ECN, 2);
	cc_undo(&cc);
	assert_int_equal(cc.cwnd_bytes, 40 * MSS);
}

/* RFC 5681 4.1, and RFC 2861 3 for ssthresh. */
static void
idle_restarts_from_the_initial_window(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		struct cc cc = cc_avoiding(cc_get(i)->name, 100);

		cc_idle(&cc, 300000, 300000);
		assert_int_equal(cc.cwnd_bytes, 100 * MSS);
		cc_idle(&cc, 300001, 300000);
		assert_int_equal(cc.cwnd_bytes, 10 * MSS);
		assert_int_equal(cc.ssthresh_bytes, 100 * MSS);
		cc.cwnd_bytes = 200 * MSS;
		cc_idle(&cc, UINT64_MAX, 300000);
		assert_int_equal(cc.cwnd_bytes, 10 * MSS);
		assert_int_equal(cc.ssthresh_bytes, 150 * MSS);
		assert_int_equal(cc.phase, CC_SLOW_START);
		/* Never more than before. */
		cc.cwnd_bytes = 3 * MSS;
		cc_idle(&cc, UINT64_MAX, 300000);
		assert_int_equal(cc.cwnd_bytes, 3 * MSS);
	}
}

static void
idle_before_any_loss_learns_nothing(void **state)
{
	struct cc cc = cc_of("newreno");

	cc.cwnd_bytes = 100 * MSS;
	cc_idle(&cc, 1000000, 300000);
	assert_int_equal(cc.cwnd_bytes, 10 * MSS);
	assert_int_equal(cc.ssthresh_bytes, CC_SSTHRESH_NONE);
}

static void
algorithms_change_in_flight(void **state)
{
	struct cc cc = cc_avoiding("cubic", 100);
	uint64_t now_us = 0;

	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		lose(&cc, CC_LOSS, now_us);
		cc.cwnd_bytes = cc.ssthresh_bytes = 100 * MSS;
		cc_switch(&cc, cc_get(i));
		assert_ptr_equal(cc.ops, cc_get(i));
		assert_int_equal(cc.cwnd_bytes, 100 * MSS);
		assert_int_equal(cc.ssthresh_bytes, 100 * MSS);
		cc_undo(&cc); /* of the other's loss: nothing */
		assert_int_equal(cc.cwnd_bytes, 100 * MSS);
		for (unsigned round = 0; round < 5; round++)
			round_run(&cc, &now_us, 100000);
		assert_in_range(cc.cwnd_bytes, 100 * MSS, 200 * MSS);
	}
}

static void
the_mss_may_change(void **state)
{
	struct cc cc = cc_avoiding("newreno", 2);

	cc_mss_set(&cc, 500);
	assert_int_equal(cc.cwnd_bytes, 2000);
	cc_mss_set(&cc, 9000);
	assert_int_equal(cc.cwnd_bytes, 9000);
	cc_mss_set(&cc, 0);
	assert_int_equal(cc.mss_bytes, 1);
	cc_mss_set(&cc, UINT32_MAX);
	assert_int_equal(cc.mss_bytes, CC_MSS_MAX);
}

static void
pacing_is_faster_than_the_window(void **state)
{
	struct cc cc = cc_avoiding("newreno", 100);

	assert_int_equal(cc_pacing_rate(&cc, 0), UINT64_MAX);
	assert_int_equal(cc_pacing_rate(&cc, 100000), 1250000);
	cc.cwnd_bytes /= 2;
	assert_int_equal(cc_pacing_rate(&cc, 100000), 1000000);
	cc.cwnd_bytes = CC_WINDOW_MAX;
	assert_int_equal(cc_pacing_rate(&cc, 1), (CC_WINDOW_MAX * 5ULL / 4) * 1000000);
}

/* ACK division, RFC 3465 5: the bytes count, not how many acknowledgments bring them. */
static void
divided_acknowledgments_bring_nothing(void **state)
{
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		for (unsigned avoiding = 0; avoiding < 2; avoiding++) {
			struct cc whole = avoiding ? cc_avoiding(cc_get(i)->name, 50)
						   : cc_of(cc_get(i)->name);
			struct cc divided = whole;

			for (unsigned n = 0; n < 100; n++) {
				struct cc_ack ack = ack_at(&whole, n * 1000, 10000);
				uint32_t cwnd = whole.cwnd_bytes;

				cc_ack(&whole, &ack);
				ack.acked_bytes = ack.delivered_bytes = 10;
				for (unsigned part = 1; part <= MSS / 10; part++) {
					ack.in_flight_bytes = cwnd - 10 * part;
					cc_ack(&divided, &ack);
				}
			}
			assert_in_range(
				divided.cwnd_bytes, whole.cwnd_bytes - MSS, whole.cwnd_bytes + MSS);
		}
	}
}

/* Numbers that no transport should give, and clocks that jump: windows stay within bounds. */
static uint64_t
wild(struct random *random)
{
	return random_draw(random) >> random_below(random, 64);
}

static void
wild_call(struct cc *cc, struct random *random)
{
	switch (random_below(random, 16)) {
	case 0:
		cc_congestion(cc,
			&(struct cc_congestion){ .signal = (enum cc_signal)random_below(random, 4),
				.now_us = wild(random),
				.in_flight_bytes = (uint32_t)wild(random),
				.min_rtt_us = (uint32_t)wild(random) });
		break;
	case 1: cc_recovery_end(cc, (uint32_t)wild(random)); break;
	case 2: cc_undo(cc); break;
	case 3: cc_idle(cc, wild(random), wild(random)); break;
	case 4: cc_mss_set(cc, (uint32_t)wild(random)); break;
	case 5: cc_pacing_rate(cc, (uint32_t)wild(random)); break;
	default:
		cc_ack(cc,
			&(struct cc_ack){ .now_us = wild(random),
				.acked_bytes = (uint32_t)wild(random),
				.delivered_bytes = (uint32_t)wild(random),
				.in_flight_bytes = (uint32_t)wild(random),
				.rtt_us = (uint32_t)wild(random),
				.min_rtt_us = (uint32_t)wild(random),
				.delivery_rate = wild(random),
				.rate_app_limited = random_below(random, 4) == 0,
				.cwnd_limited = random_below(random, 4) != 0,
				.in_recovery = random_below(random, 4) == 0 });
	}
}

static void
wild_numbers_are_harmless(void **state)
{
	struct random random;

	random_init(&random, 5681);
	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		for (unsigned run = 0; run < 200; run++) {
			struct cc cc;

			cc_init(&cc, cc_get(i),
				&(struct cc_config){ .mss_bytes = (uint32_t)wild(&random),
					.initial_window_bytes = (uint32_t)wild(&random),
					.bursts_moderated = run % 2,
					.no_hystart = run % 3 == 0,
					.no_abe = run % 5 == 0 });
			for (unsigned n = 0; n < 200; n++) {
				wild_call(&cc, &random);
				assert_in_range(cc.mss_bytes, 1, CC_MSS_MAX);
				assert_in_range(cc.cwnd_bytes, cc.mss_bytes, CC_WINDOW_MAX);
				assert_int_equal(cc.phase == CC_AVOIDANCE, !cc_in_slow_start(&cc));
			}
		}
	}
}

/* The largest window of all grows no more, whatever the segments; nor does anything overflow. */
static void
the_largest_window(void **state)
{
	const uint32_t sizes[] = { 1, 536, 65535 };

	for (unsigned i = 0; cc_get(i) != NULL; i++) {
		for (unsigned s = 0; s < 3; s++) {
			struct cc cc = cc_avoiding(cc_get(i)->name, 10);

			cc_mss_set(&cc, sizes[s]);
			cc.cwnd_bytes = cc.ssthresh_bytes = CC_WINDOW_MAX;
			lose(&cc, CC_LOSS, 1);
			assert_in_range(cc.cwnd_bytes, CC_WINDOW_MAX / 2, CC_WINDOW_MAX / 10 * 9);
			for (uint64_t n = 1; n < 20000; n++) {
				struct cc_ack ack = ack_at(&cc, n * 100000, 100000);
				uint32_t before = cc.cwnd_bytes;

				ack.acked_bytes = ack.delivered_bytes = cc.cwnd_bytes;
				cc_ack(&cc, &ack);
				assert_in_range(cc.cwnd_bytes, before, CC_WINDOW_MAX);
			}
			/* With segments of a byte NewReno needs longer than anybody lives. */
			if (sizes[s] == 65535)
				assert_int_equal(cc.cwnd_bytes, CC_WINDOW_MAX);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),
		cmocka_unit_test(rfc6928_initial_window),
		cmocka_unit_test(starts_in_slow_start),
		cmocka_unit_test(losses_and_timeouts),
		cmocka_unit_test(ssthresh_is_two_segments_or_more),
		cmocka_unit_test(unused_windows_do_not_grow),
		cmocka_unit_test(recovery_leaves_the_window_alone),
		cmocka_unit_test(the_end_of_recovery_makes_no_burst),
		cmocka_unit_test(undo_restores),
		cmocka_unit_test(undo_goes_back_to_the_first_timeout),
		cmocka_unit_test(marks_are_not_undone),
		cmocka_unit_test(idle_restarts_from_the_initial_window),
		cmocka_unit_test(idle_before_any_loss_learns_nothing),
		cmocka_unit_test(algorithms_change_in_flight),
		cmocka_unit_test(the_mss_may_change),
		cmocka_unit_test(pacing_is_faster_than_the_window),
		cmocka_unit_test(divided_acknowledgments_bring_nothing),
		cmocka_unit_test(wild_numbers_are_harmless),
		cmocka_unit_test(the_largest_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
