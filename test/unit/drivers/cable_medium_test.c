/* SPDX-License-Identifier: BSD-3-Clause */
/* A million frames through each impairment: what was asked for is what happens, and all is counted. */
#include "cable/cable_medium.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cable/cable_checksum.h"
#include "support/packet.h"
#include "wire/endian.h"

#define FRAMES        1000000
#define FRAMES_QUEUED (FRAMES / 4) /* where each waits in the queue or on the wire */
#define FLIGHT        4096
#define GAP_NS        1000ULL
#define MS            1000000ULL
#define PERCENT       (RANDOM_PPB / 100)
#define LENGTH        60
#define NUMBER        42 /* where a frame's number is: behind the UDP header */
#define IP_START      14

struct lab {
	struct cable_medium medium;
	uint8_t frame[LENGTH];
	uint64_t now_ns;
	uint64_t sent;
	/* what arrived */
	uint64_t arrived, bytes, overtaken, bad_ip, bad_l4, short_ones, marked;
	uint64_t last_number, last_ns;
	uint64_t digest; /* of all that arrived, and when */
	double delay_sum, delay_squares, delay_min, delay_max;
	bool look; /* at headers and checksums */
};

static void
headers_look(struct lab *lab, const uint8_t *frame, uint32_t length)
{
	struct cable_headers headers;

	cable_headers_parse(frame, length, &headers);
	lab->bad_ip += cable_ip4_verify(frame, &headers) == CABLE_CHECKSUM_BAD;
	lab->bad_l4 += cable_l4_verify(frame, &headers) == CABLE_CHECKSUM_BAD;
	lab->marked += (frame[IP_START + 1] & 3) == 3;
}

static void
arrive(void *arg, const uint8_t *frame, uint32_t length, const struct cable_trail *trail)
{
	struct lab *lab = arg;
	uint64_t number = 0;

	counter_add(&trail->counters->delivered, 1);
	lab->arrived++;
	lab->bytes += length;
	lab->short_ones += length < LENGTH;
	if (length >= NUMBER + 8)
		memcpy(&number, frame + NUMBER, 8);
	lab->overtaken += number < lab->last_number;
	lab->last_number = number > lab->last_number ? number : lab->last_number;
	lab->last_ns = trail->now_ns;
	lab->digest = lab->digest * 31 + (number ^ trail->now_ns ^ length);
	if (length == LENGTH) {
		double delay = (double)trail->now_ns - (double)(number * GAP_NS);

		lab->delay_sum += delay;
		lab->delay_squares += delay * delay;
		lab->delay_min = fmin(lab->delay_min, delay);
		lab->delay_max = fmax(lab->delay_max, delay);
	}
	if (lab->look)
		headers_look(lab, frame, length);
}

static void
lab_open(struct lab *lab, const struct cable_impair *impair)
{
	uint8_t frame[PACKET_MAX];
	struct error err = { 0 };

	memset(lab, 0, sizeof(*lab));
	lab->delay_min = INFINITY;
	packet_write(PACKET(.src = "10.0.0.1", .dst = "10.0.0.2", .tos = 2, .payload_length = 18),
		frame);
	memcpy(lab->frame, frame, LENGTH);
	cable_medium_init(&lab->medium, 1, arrive, lab);
	if (cable_medium_set(&lab->medium, impair, FLIGHT, LENGTH, &err) != 0)
		fail_msg("%s", err.text);
	/* Nobody need look more often than frames come. */
	assert_true(lab->medium.active);
}

/* With its number in it, and checksums that are right. */
static void
lab_send(struct lab *lab, uint64_t now_ns)
{
	uint8_t frame[LENGTH];
	uint64_t number = ++lab->sent;

	memcpy(frame, lab->frame, LENGTH);
	memcpy(frame + NUMBER, &number, 8);
	if (lab->look) {
		struct cable_headers headers;

		cable_headers_parse(frame, LENGTH, &headers);
		cable_l4_fill(frame, &headers);
	}
	lab->now_ns = now_ns;
	cable_medium_send(&lab->medium, frame, LENGTH, NULL, now_ns);
}

static uint64_t
lost_all(const struct lab *lab)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++)
		sum += lab->medium.counters.lost[i];
	return sum;
}

/* Wait until all has arrived; it adds up. */
static void
lab_close(struct lab *lab)
{
	const struct cable_counters *counters = &lab->medium.counters;
	uint64_t next_ns;

	assert_int_equal(lab->sent + counters->duplicated,
		counters->delivered + lost_all(lab) + counters->in_flight);
	while ((next_ns = cable_medium_next_ns(&lab->medium)) != UINT64_MAX)
		cable_medium_poll(&lab->medium, NULL, next_ns);
	assert_int_equal(counters->in_flight, 0);
	assert_int_equal(lab->medium.flight.free_count, lab->medium.flight.size);
	assert_int_equal(lab->arrived, counters->delivered);
	assert_int_equal(lab->sent + counters->duplicated, counters->delivered + lost_all(lab));
	cable_medium_fini(&lab->medium);
}

static void
lab_run(struct lab *lab, const struct cable_impair *impair, unsigned frames, bool look)
{
	lab_open(lab, impair);
	lab->look = look;
	for (unsigned i = 0; i < frames; i++)
		lab_send(lab, (i + 1) * GAP_NS);
	lab_close(lab);
}

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

static void
lab_set(struct lab *lab, const struct cable_impair *impair)
{
	struct error err = { 0 };

	if (cable_medium_set(&lab->medium, impair, FLIGHT, LENGTH, &err) != 0)
		fail_msg("%s", err.text);
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
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_flight),
		cmocka_unit_test(test_codel),
		cmocka_unit_test(test_codel_kept),
		cmocka_unit_test(test_rate_raised),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
