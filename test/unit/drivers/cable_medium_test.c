/* SPDX-License-Identifier: BSD-3-Clause */
/* A million frames through each impairment: what was asked for is what happens, and all is counted. */
#include "unit/drivers/cable_lab.h"

/* Within five deviations of what so many draws with chance `p` come to. */
static void
assert_rate(uint64_t count, double draws, double p)
{
	double off = (double)count - draws * p;

	if (off * off > 25 * draws * p * (1 - p))
		fail_msg("%f of %f with a chance of %f", (double)count, draws, p);
}

static void
test_loss(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .loss.p = PERCENT }, FRAMES, false);
	assert_rate(lab.medium.counters.lost[CABLE_LOST_loss], FRAMES, 0.01);
	assert_int_equal(lab.overtaken, 0);
}

/* The bad state has p / (p + r) of the frames; a stay in it 1 / r of them. */
static void
test_gemodel(void **state)
{
	const struct cable_loss loss = {
		.model = CABLE_LOSS_GEMODEL, .p = PERCENT, .r = 20 * PERCENT, .bad = RANDOM_PPB
	};
	struct cable_loss_state s = { 0 };
	uint64_t lost = 0, bursts = 0;
	struct random random;
	bool before = false;
	struct lab lab;

	random_init(&random, 1);
	for (unsigned i = 0; i < FRAMES; i++) {
		bool now = cable_loss_draw(&s, &loss, &random);

		lost += now;
		bursts += now && !before;
		before = now;
	}
	/* Frames of a burst hang together: the deviation is three times that of single ones. */
	assert_true(fabs((double)lost - FRAMES * 0.01 / 0.21) < 5 * 3.1 * sqrt(FRAMES * 0.0454));
	assert_true(fabs((double)lost / (double)bursts - 5) < 0.2);

	lab_run(&lab,
		&(struct cable_impair){ .loss = { .model = CABLE_LOSS_GEMODEL,
						.p = 10 * PERCENT,
						.r = 10 * PERCENT,
						.bad = 60 * PERCENT,
						.good = 2 * PERCENT } },
		FRAMES, false);
	assert_true(fabs((double)lab.medium.counters.lost[CABLE_LOST_loss] - FRAMES * 0.31) < 6000);
}

static void
test_loss_by_number(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .loss = { .model = CABLE_LOSS_NTH, .n = 5 } }, 1000,
		false);
	assert_int_equal(lab.medium.counters.lost[CABLE_LOST_loss], 1);
	lab_run(&lab, &(struct cable_impair){ .loss = { .model = CABLE_LOSS_EVERY, .n = 7 } },
		FRAMES, false);
	assert_int_equal(lab.medium.counters.lost[CABLE_LOST_loss], FRAMES / 7);
}

/* A filter says which frames may be lost; alone, that all of them are. */
static void
test_filter(void **state)
{
	struct error err = { 0 };
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .filter = "udp port 53" }, 1000, false);
	assert_int_equal(lab.arrived, 0);
	lab_run(&lab, &(struct cable_impair){ .filter = "tcp" }, 1000, false);
	assert_int_equal(lab.arrived, 1000);
	lab_run(&lab,
		&(struct cable_impair){
			.filter = "udp[15] == 3", .loss = { .model = CABLE_LOSS_NTH, .n = 2 } },
		1000, false);
	assert_int_equal(lab.arrived, 1000);
	lab_run(&lab,
		&(struct cable_impair){
			.filter = "host 10.0.0.1", .loss = { .model = CABLE_LOSS_NTH, .n = 2 } },
		1000, false);
	assert_int_equal(lab.arrived, 999);
	cable_medium_init(&lab.medium, 0, arrive, &lab);
	assert_int_equal(cable_medium_set(&lab.medium, &(struct cable_impair){ .filter = "what" },
				 FLIGHT, LENGTH, &err),
		-EINVAL);
	/* The control thread would wait for a resolver. */
	assert_int_equal(cable_medium_set(&lab.medium,
				 &(struct cable_impair){ .filter = "host router.example" }, FLIGHT,
				 LENGTH, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, "router.example"));
	assert_false(lab.medium.active);
}

/* The sanitizer's allocator is to return NULL, too, where there is not that much. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Without memory for larger frames the wire goes on with those that it has. */
static void
test_resize_fails(void **state)
{
	struct error err = { 0 };
	struct lab lab;

	lab_open(&lab, &(struct cable_impair){ .delay_ns = MS });
	assert_int_equal(cable_medium_resize(&lab.medium, UINT32_MAX, INT32_MAX, &err), -ENOMEM);
	assert_int_equal(lab.medium.flight.frame_max, LENGTH);
	assert_int_equal(lab.medium.flight.size, FLIGHT);
	lab_send(&lab, GAP_NS);
	cable_medium_poll(&lab.medium, NULL, 2 * MS);
	assert_int_equal(lab.arrived, 1);
	cable_medium_fini(&lab.medium);
}

static void
test_duplicate(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .duplicate = 5 * PERCENT }, FRAMES, false);
	assert_rate(lab.medium.counters.duplicated, FRAMES, 0.05);
	assert_int_equal(lab.arrived, FRAMES + lab.medium.counters.duplicated);
}

/* Before: wrong, and nobody can tell. After: one of the checksums says so. */
static void
test_corrupt(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .corrupt_before = 10 * PERCENT }, FRAMES / 4, true);
	assert_rate(lab.medium.counters.corrupted_before, FRAMES / 4, 0.1);
	assert_int_equal(lab.bad_ip + lab.bad_l4, 0);
	lab_run(&lab, &(struct cable_impair){ .corrupt_after = 10 * PERCENT }, FRAMES / 4, true);
	assert_rate(lab.medium.counters.corrupted_after, FRAMES / 4, 0.1);
	/* A wrong version or length of IP leaves nothing to verify, and a checksum of UDP that is
	 * not there cannot be wrong. */
	assert_in_range(lab.bad_ip + lab.bad_l4, lab.medium.counters.corrupted_after * 75 / 100,
		lab.medium.counters.corrupted_after * 2);
}

static void
test_truncate(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .truncate = 2 * PERCENT }, FRAMES, false);
	assert_rate(lab.medium.counters.truncated, FRAMES, 0.02);
	assert_int_equal(lab.short_ones, lab.medium.counters.truncated);
	/* Any length is as likely. */
	assert_rate((uint64_t)LENGTH * FRAMES - lab.bytes, (double)lab.short_ones * LENGTH * 1000,
		1 / 2.0 / 1000);
}

static double
delay_mean(const struct lab *lab)
{
	return lab->delay_sum / (double)lab->arrived;
}

static double
delay_deviation(const struct lab *lab)
{
	return sqrt(lab->delay_squares / (double)lab->arrived - delay_mean(lab) * delay_mean(lab));
}

static void
test_delay(void **state)
{
	struct lab lab;

	lab_run(&lab, &(struct cable_impair){ .delay_ns = 2 * MS }, FRAMES_QUEUED, false);
	assert_int_equal(lab.arrived, FRAMES_QUEUED);
	assert_true(lab.delay_min == 2.0 * MS && lab.delay_max == 2.0 * MS);
	lab_run(&lab, &(struct cable_impair){ .delay_ns = 2 * MS, .jitter_ns = MS }, FRAMES_QUEUED,
		false);
	assert_true(lab.delay_min >= MS && lab.delay_min < 1.001 * MS);
	assert_true(lab.delay_max <= 3 * MS && lab.delay_max > 2.999 * MS);
	assert_true(fabs(delay_mean(&lab) / MS - 2) < 0.005);
	assert_true(fabs(delay_deviation(&lab) / MS - 1 / sqrt(3)) < 0.005);
	assert_true(lab.overtaken > 0);
	lab_run(&lab,
		&(struct cable_impair){
			.delay_ns = 2 * MS, .jitter_ns = MS / 4, .distribution = CABLE_NORMAL },
		FRAMES_QUEUED, false);
	assert_true(fabs(delay_mean(&lab) / MS - 2) < 0.002);
	assert_true(fabs(delay_deviation(&lab) / MS - 0.25) < 0.002);
}

/* Those held back are overtaken by all that is sent meanwhile. */
static void
test_reorder(void **state)
{
	struct lab lab;

	lab_run(&lab,
		&(struct cable_impair){ .delay_ns = MS, .reorder = PERCENT, .reorder_ns = MS / 2 },
		FRAMES_QUEUED, false);
	assert_rate(lab.medium.counters.reordered, FRAMES_QUEUED, 0.01);
	assert_in_range(
		lab.overtaken, lab.medium.counters.reordered - 10, lab.medium.counters.reordered);
	assert_true(lab.delay_max == 1.5 * MS);
}

/* The same seed, the same fate, however often somebody looks; another one, another. */
static void
test_seed(void **state)
{
	struct cable_impair impair = { .seed = 5,
		.loss.p = 2 * PERCENT,
		.corrupt_after = PERCENT,
		.truncate = PERCENT,
		.duplicate = PERCENT,
		.rate_bps = 500000000,
		.codel = true,
		.delay_ns = MS,
		.jitter_ns = MS / 10,
		.reorder = PERCENT,
		.reorder_ns = MS / 3 };
	uint64_t digests[3];

	for (unsigned run = 0; run < 3; run++) {
		struct lab lab;

		impair.seed = run < 2 ? 5 : 6;
		lab_open(&lab, &impair);
		for (unsigned i = 0; i < 50000; i++) {
			lab_send(&lab, (i + 1) * GAP_NS);
			if (run == 1)
				cable_medium_poll(&lab.medium, NULL, (i + 1) * GAP_NS + GAP_NS / 2);
		}
		lab_close(&lab);
		digests[run] = lab.digest;
	}
	assert_true(digests[0] == digests[1]);
	assert_true(digests[0] != digests[2]);
}

/* What is on its way stays on it when all impairments go, and then nothing goes through here. */
static void
test_cleared(void **state)
{
	const struct cable_impair none = { 0 };
	struct error err = { 0 };
	struct lab lab;

	lab_open(&lab, &(struct cable_impair){ .delay_ns = MS });
	lab_send(&lab, 1);
	assert_int_equal(cable_medium_set(&lab.medium, &none, FLIGHT, LENGTH, &err), 0);
	assert_true(lab.medium.active);
	cable_medium_poll(&lab.medium, NULL, MS);
	assert_true(lab.medium.active);
	cable_medium_poll(&lab.medium, NULL, MS + 1);
	assert_false(lab.medium.active);
	assert_int_equal(lab.arrived, 1);
	lab_close(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_gemodel),
		cmocka_unit_test(test_loss_by_number),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_resize_fails),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_corrupt),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_reorder),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
