/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * One direction of a cable without ports: frames with a number go in, and what arrives, when and in
 * which order is noted.
 */
#ifndef UNIT_DRIVERS_CABLE_LAB_H
#define UNIT_DRIVERS_CABLE_LAB_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cable/cable_checksum.h"
#include "cable/cable_medium.h"
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

static inline void
headers_look(struct lab *lab, const uint8_t *frame, uint32_t length)
{
	struct cable_headers headers;

	cable_headers_parse(frame, length, &headers);
	lab->bad_ip += cable_ip4_verify(frame, &headers) == CABLE_CHECKSUM_BAD;
	lab->bad_l4 += cable_l4_verify(frame, &headers) == CABLE_CHECKSUM_BAD;
	lab->marked += (frame[IP_START + 1] & 3) == 3;
}

static inline void
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

static inline void
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
static inline void
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

static inline uint64_t
lost_all(const struct lab *lab)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++)
		sum += lab->medium.counters.lost[i];
	return sum;
}

/* Wait until all has arrived; it adds up. */
static inline void
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

static inline void
lab_run(struct lab *lab, const struct cable_impair *impair, unsigned frames, bool look)
{
	lab_open(lab, impair);
	lab->look = look;
	for (unsigned i = 0; i < frames; i++)
		lab_send(lab, (i + 1) * GAP_NS);
	lab_close(lab);
}

static inline void
lab_set(struct lab *lab, const struct cable_impair *impair)
{
	struct error err = { 0 };

	if (cable_medium_set(&lab->medium, impair, FLIGHT, LENGTH, &err) != 0)
		fail_msg("%s", err.text);
}

#endif
