/* SPDX-License-Identifier: BSD-3-Clause */
/* A sender on paper: rounds of acknowledgments, one a segment, with no network behind them. */
#ifndef UNIT_CC_CC_FIXTURE_H
#define UNIT_CC_CC_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cc/cc.h"

#define MSS 1000U

static inline struct cc
cc_of(const char *algorithm)
{
	const struct cc_ops *ops = cc_find(algorithm);
	struct cc cc;

	assert_non_null(ops);
	cc_init(&cc, ops,
		&(struct cc_config){ .mss_bytes = MSS, .initial_window_bytes = 10 * MSS });
	return cc;
}

/* One that has lost something before: in congestion avoidance with a window of so many segments. */
static inline struct cc
cc_avoiding(const char *algorithm, uint32_t segments)
{
	struct cc cc = cc_of(algorithm);

	cc.cwnd_bytes = segments * MSS;
	cc.ssthresh_bytes = segments * MSS;
	cc.phase = CC_AVOIDANCE;
	return cc;
}

/* One full segment is acknowledged. */
static inline struct cc_ack
ack_at(const struct cc *cc, uint64_t now_us, uint32_t rtt_us)
{
	return (struct cc_ack){
		.now_us = now_us,
		.acked_bytes = cc->mss_bytes,
		.delivered_bytes = cc->mss_bytes,
		.in_flight_bytes = cc->cwnd_bytes - cc->mss_bytes,
		.rtt_us = rtt_us,
		.min_rtt_us = rtt_us,
		.cwnd_limited = true,
	};
}

/* A window of acknowledgments, spread over a round trip. */
static inline void
round_run(struct cc *cc, uint64_t *now_us, uint32_t rtt_us)
{
	uint32_t segments = cc->cwnd_bytes / cc->mss_bytes;
	uint64_t start_us = *now_us;

	for (uint32_t i = 0; i < segments; i++) {
		struct cc_ack ack;

		*now_us = start_us + (uint64_t)rtt_us * (i + 1) / segments;
		ack = ack_at(cc, *now_us, rtt_us);
		cc_ack(cc, &ack);
	}
}

static inline void
lose(struct cc *cc, enum cc_signal signal, uint64_t now_us)
{
	cc_congestion(cc,
		&(struct cc_congestion){
			.signal = signal, .now_us = now_us, .in_flight_bytes = cc->cwnd_bytes });
}

/* Within so many percent. */
static inline void
assert_near(double value, double expected, double percent)
{
	if (fabs(value - expected) > fabs(expected) * percent / 100)
		fail_msg("%g is not within %g %% of %g", value, percent, expected);
}

static inline void
assert_between(double value, double least, double most)
{
	if (value < least || value > most)
		fail_msg("%g is not from %g to %g", value, least, most);
}

#endif
