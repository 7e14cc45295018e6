/* SPDX-License-Identifier: BSD-3-Clause */
/* The queue in front of a wire that has a rate, its bounds, and CoDel. */
#include "unit/drivers/cable_lab.h"

/* 480 bits a microsecond are twice what the wire carries. */
static void
test_rate(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .rate_bps = 240000000, .limit_packets = 100 },
		FRAMES_QUEUED, false);
	assert_int_equal(lab.overtaken, 0);
	assert_int_equal(lab.arrived + lab.medium.counters.lost[CABLE_LOST_limit], FRAMES_QUEUED);
	assert_in_range(lab.arrived, FRAMES_QUEUED / 2, FRAMES_QUEUED / 2 + 101);
	/* To the nanosecond: from the first one on the wire was never free. */
	assert_int_equal(lab.last_ns, GAP_NS + lab.arrived * 2000);
	/* A rate by which no frame takes whole nanoseconds. */
	lab_run(&lab, &(struct cable_impair){ .rate_bps = 999999937, .limit_packets = 100 },
		FRAMES_QUEUED, false);
	assert_int_equal(lab.arrived, FRAMES_QUEUED);
	assert_true(lab.delay_max < 482);
}

static void
test_burst(void **state)
{
	struct lab lab;

	/* Ten frames' worth go at once; then one each 10 microseconds. */
	lab_open(&lab, &(struct cable_impair){ .rate_bps = 48000000, .burst_bytes = 10 * LENGTH });
	for (unsigned i = 0; i < 20; i++)
		lab_send(&lab, 100 * MS);
	assert_int_equal(lab.arrived, 10);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(cable_medium_next_ns(&lab.medium), 100 * MS + (i + 1) * 10000);
		cable_medium_poll(&lab.medium, NULL, 100 * MS + (i + 1) * 10000);
		assert_int_equal(lab.arrived, 11 + i);
	}
	lab_close(&lab);
}

/* By packets, or by bytes. */
static void
test_limit(void **state)
{
	struct lab lab;

	lab_open(&lab, &(struct cable_impair){ .rate_bps = 1000000, .limit_packets = 7 });
	for (unsigned i = 0; i < 20; i++)
		lab_send(&lab, 1);
	/* The first is on the wire. */
	assert_int_equal(lab.medium.counters.lost[CABLE_LOST_limit], 20 - 8);
	lab_close(&lab);
	lab_open(&lab,
		&(struct cable_impair){ .rate_bps = 1000000, .limit_bytes = 5 * LENGTH + 59 });
	for (unsigned i = 0; i < 20; i++)
		lab_send(&lab, 1);
	assert_int_equal(lab.medium.counters.lost[CABLE_LOST_limit], 20 - 6);
	lab_close(&lab);
}

/* The memory for frames on their way is bounded, too. */
static void
test_flight(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .delay_ns = 5 * MS }, 5000, false);
	assert_int_equal(lab.medium.counters.lost[CABLE_LOST_flight], 5000 - FLIGHT);
}

/* Overloaded for long, the queue is bounded; with ECN nothing is lost for that. */
static void
test_codel(void **state)
{
	struct cable_impair impair = { .rate_bps = 10500000, .codel = true };
	struct lab lab;

	for (unsigned ecn = 0; ecn < 2; ecn++) {
		impair.ecn = ecn;
		lab_open(&lab, &impair);
		lab.look = ecn;
		/* 10560 bits each millisecond. */
		for (uint64_t now = MS; now < 20000 * MS; now += MS / 22)
			lab_send(&lab, now);
		if (ecn) {
			assert_true(lab.medium.counters.marked > 100);
			assert_int_equal(lab.medium.counters.lost[CABLE_LOST_codel], 0);
			assert_int_equal(lab.bad_ip, 0);
		} else {
			assert_true(lab.medium.counters.lost[CABLE_LOST_codel] > 100);
			assert_int_equal(lab.medium.counters.lost[CABLE_LOST_limit], 0);
			/* It had the time to find the rate. */
			assert_true(lab.medium.flight.queue_count < 500);
		}
		lab_close(&lab);
		if (ecn)
			assert_int_equal(lab.marked, lab.medium.counters.marked);
	}
}

/* CoDel goes on where it was when something else changes, and anew when it is told another way. */
static void
test_codel_kept(void **state)
{
	struct cable_impair impair = { .rate_bps = 10500000, .codel = true };
	uint64_t before_ns;
	struct lab lab;

	lab_open(&lab, &impair);
	for (uint64_t now = MS; now < 2000 * MS; now += MS / 22)
		lab_send(&lab, now);
	assert_true(lab.medium.codel.dropping);
	before_ns = lab.medium.codel.drop_next_ns;
	impair.delay_ns = MS;
	lab_set(&lab, &impair);
	assert_true(lab.medium.codel.dropping);
	assert_int_equal(lab.medium.codel.drop_next_ns, before_ns);
	impair.codel_target_ns = 7 * MS;
	lab_set(&lab, &impair);
	assert_false(lab.medium.codel.dropping);
	assert_int_equal(lab.medium.codel.target_ns, 7 * MS);
	assert_int_equal(lab.medium.codel.max_packet, LENGTH);
	lab_close(&lab);
}

/* What went as a burst at the old rate does not keep the wire busy at the new one. */
static void
test_rate_raised(void **state)
{
	struct cable_impair impair = { .rate_bps = 48000, .burst_bytes = 1000 * LENGTH };
	const struct cable_impair none = { 0 };
	struct lab lab;

	for (unsigned clear = 0; clear < 2; clear++) {
		lab_open(&lab, &impair);
		for (unsigned i = 0; i < 1000; i++)
			lab_send(&lab, 100 * MS);
		assert_int_equal(lab.arrived, 1000);
		if (clear)
			lab_set(&lab, &none);
		lab_set(&lab, &(struct cable_impair){ .rate_bps = 48000000 });
		lab_send(&lab, 101 * MS);
		assert_int_equal(cable_medium_next_ns(&lab.medium), 101 * MS + 10000);
		lab_close(&lab);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_flight),
		cmocka_unit_test(test_codel),
		cmocka_unit_test(test_codel_kept),
		cmocka_unit_test(test_rate_raised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
