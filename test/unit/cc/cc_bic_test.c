/* SPDX-License-Identifier: BSD-3-Clause */
/* BIC: additive increase, binary search, and max probing. */
#include "unit/cc/cc_link.h"

static double
rise(struct cc *cc, uint64_t *now_us)
{
	uint32_t before = cc->cwnd_bytes;

	round_run(cc, now_us, 100000);
	return ((double)cc->cwnd_bytes - before) / MSS;
}

/* Its signature: steady, ever slower towards the last window, ever faster beyond it. */
static void
the_search(void **state)
{
	struct cc cc = cc_avoiding("bic", 1000);
	double before = 16, last;
	uint64_t now_us = 0;
	unsigned rounds = 0;

	lose(&cc, CC_LOSS, 0);
	assert_int_equal(cc.cwnd_bytes, 800 * MSS);
	/* S_max segments a round while the distance is more than four times that. */
	while (cc.cwnd_bytes < (1000 - 64 - 16) * MSS) {
		assert_near(rise(&cc, &now_us), 16, 2);
		rounds++;
	}
	assert_in_range(rounds, 7, 8);
	round_run(&cc, &now_us, 100000);
	/* A quarter of the way in each round. */
	while (cc.cwnd_bytes < (1000 - 6) * MSS) {
		double distance = 1000 - (double)cc.cwnd_bytes / MSS;

		last = rise(&cc, &now_us);
		assert_between(last, 0, before);
		assert_near(last, distance / 4, 15);
		before = last;
	}
	/* S_min near it, on both sides. */
	while (cc.cwnd_bytes < 996 * MSS + MSS / 2)
		round_run(&cc, &now_us, 100000);
	while (cc.cwnd_bytes < 1003 * MSS + MSS / 2)
		assert_near(rise(&cc, &now_us), 0.2, 5);
	/* Then faster, up to S_max. */
	while (cc.cwnd_bytes < 1005 * MSS)
		round_run(&cc, &now_us, 100000);
	before = 0;
	while (cc.cwnd_bytes < 1048 * MSS) {
		last = rise(&cc, &now_us);
		assert_between(last, before, 16.5);
		before = last;
	}
	round_run(&cc, &now_us, 100000);
	for (unsigned round = 0; round < 20; round++)
		assert_near(rise(&cc, &now_us), 16, 2);
}

/* A loss below the last window: the search is for the middle, to leave room. */
static void
fast_convergence(void **state)
{
	struct cc cc = cc_avoiding("bic", 1000);
	uint64_t now_us = 0;

	lose(&cc, CC_LOSS, 0);
	lose(&cc, CC_LOSS, 0);
	assert_int_equal(cc.cwnd_bytes, 640 * MSS);
	/* 800 * 0.9 */
	while (cc.cwnd_bytes < 718 * MSS)
		round_run(&cc, &now_us, 100000);
	assert_near(rise(&cc, &now_us), 0.2, 5);
}

/* Up to 14 segments it is NewReno. */
static void
small_windows(void **state)
{
	struct cc cc = cc_avoiding("bic", 10);
	uint64_t now_us = 0;

	for (unsigned round = 0; round < 3; round++)
		assert_between(rise(&cc, &now_us), 0.85, 1);
	lose(&cc, CC_LOSS, 0);
	assert_in_range(cc.cwnd_bytes, 6 * MSS, 7 * MSS);
}

/* A time-out forgets where the search was; nothing known, S_max, but no more than half a window. */
static void
nothing_known(void **state)
{
	struct cc cc = cc_avoiding("bic", 1000);
	uint64_t now_us = 0;

	lose(&cc, CC_RTO, 0);
	assert_int_equal(cc.ssthresh_bytes, 800 * MSS);
	while (cc.phase != CC_AVOIDANCE)
		round_run(&cc, &now_us, 100000);
	for (unsigned round = 0; round < 20; round++)
		assert_near(rise(&cc, &now_us), 16, 3);
	cc = cc_avoiding("bic", 16);
	assert_in_range((unsigned)rise(&cc, &now_us), 6, 9);
}

static void
long_paths_are_filled(void **state)
{
	struct link link = link_of(100, 100, 0.1);
	struct link_sender sender;

	sender_init(&sender, "bic", 0);
	link_run(&link, &sender, 1, 120);
	assert_between(link_used(&link, sender.delivered, 120), 0.9, 1);
	assert_in_range(sender.losses, 2, 100);
	sender_fini(&sender);
}

static void
two_flows_share(void **state)
{
	assert_between(link_fairness(link_of(20, 40, 1), "bic", 200), 0.9, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_search),
		cmocka_unit_test(fast_convergence),
		cmocka_unit_test(small_windows),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(long_paths_are_filled),
		cmocka_unit_test(two_flows_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
