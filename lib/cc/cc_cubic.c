/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CUBIC, RFC 9438, whose names are used here. After a congestion event the window follows a cubic
 * function of time back to where that event was (W_max), stays there for a while, and then probes
 * further; but is never below what NewReno would have (W_est).
 *
 * In integers: windows in bytes, times of the function in milliseconds.
 */
#include "cc/cc_priv.h"

#include <stddef.h>

/* RFC 9438 4.6, and RFC 8511 2 for marks; in hundredths. */
#define BETA     70
#define BETA_ECN 85
/* 4.1: C is 0.4 segments a second cubed. */
#define C_TENTHS 4
/* 4.3: alpha_cubic = 3 (1 - beta) / (1 + beta) = 9/17 */
#define ALPHA_NUMERATOR   9
#define ALPHA_DENOMINATOR 17
/* w_est has so many bits of fractions of a byte. */
#define EST_SHIFT 20
/* The function is not followed further from K: 35 minutes, whose cube just fits. */
#define TIME_MAX_MS ((1U << 21) - 1)
/* Between two acknowledgments more time than this and a round trip does not count. */
#define GAP_MAX_US 1000000

/* A stage of congestion avoidance. */
struct cubic_epoch {
	uint64_t w_est; /* bytes, shifted by EST_SHIFT; 0: the stage has not started */
	uint32_t w_max_bytes; /* 0: none yet, or forgotten in a time-out */
	uint32_t cwnd_prior_bytes; /* before the last congestion event */
	uint32_t k_ms;
	uint32_t time_us; /* since its start, as long as cwnd was used */
};

struct cubic {
	struct cubic_epoch epoch;
	struct cubic_epoch undo; /* before the last congestion event */
	uint64_t last_us; /* the last acknowledgment; 0: none, or long ago */
};

_Static_assert(sizeof(struct cubic) <= CC_PRIVATE_BYTES, "cc->private holds it");

static struct cubic *
cubic_of(struct cc *cc)
{
	return (void *)cc->private;
}

/* Digit by digit: of 22 binary ones. */
uint32_t
cc_cube_root(uint64_t value)
{
	uint64_t root = 0;

	for (int shift = 63; shift >= 0; shift -= 3) {
		uint64_t next;

		root *= 2;
		next = 3 * root * (root + 1) + 1; /* (root + 1)^3 - root^3 */
		if (value >> shift >= next) {
			value -= next << shift;
			root++;
		}
	}
	return (uint32_t)root;
}

/* RFC 9438 5.8: time in which nothing was sent, or less than cwnd allowed, does not count. */
static void
cubic_measure(struct cc *cc, const struct cc_ack *ack)
{
	struct cubic *cubic = cubic_of(cc);
	struct cubic_epoch *epoch = &cubic->epoch;
	uint64_t gap_us = 0;

	if (cubic->last_us != 0 && ack->now_us > cubic->last_us)
		gap_us = ack->now_us - cubic->last_us;
	cubic->last_us = ack->now_us;
	if (cc_in_slow_start(cc))
		epoch->w_est = 0; /* after an idle time: the next stage starts behind it */
	if (epoch->w_est == 0 || !ack->cwnd_limited)
		return;
	if (gap_us > GAP_MAX_US + (uint64_t)ack->rtt_us)
		gap_us = GAP_MAX_US + (uint64_t)ack->rtt_us;
	gap_us += epoch->time_us;
	epoch->time_us = gap_us < TIME_MAX_MS * 1000ULL ? (uint32_t)gap_us : TIME_MAX_MS * 1000U;
}

/* 4.2: K is the cube root of (W_max - cwnd_epoch) / C; 4.10: 0 where there was no loss yet. */
static void
epoch_start(struct cubic_epoch *epoch, const struct cc *cc)
{
	epoch->time_us = 0;
	epoch->k_ms = 0;
	epoch->w_est = (uint64_t)cc->cwnd_bytes << EST_SHIFT;
	if (epoch->w_max_bytes <= cc->cwnd_bytes)
		epoch->w_max_bytes = cc->cwnd_bytes;
	else /* 10^9 for milliseconds; at most 2^62 */
		epoch->k_ms = cc_cube_root((uint64_t)(epoch->w_max_bytes - cc->cwnd_bytes) *
			(10000000000 / C_TENTHS) / cc->mss_bytes);
}

/* RFC 9438 figure 1: W_cubic(t) = C (t - K)^3 + W_max. */
static uint64_t
w_cubic(const struct cubic_epoch *epoch, uint32_t mss_bytes, uint64_t time_us)
{
	uint64_t time_ms = time_us / 1000;
	uint64_t from_k_ms = time_ms < epoch->k_ms ? epoch->k_ms - time_ms : time_ms - epoch->k_ms;
	uint64_t bytes;

	if (from_k_ms > TIME_MAX_MS)
		from_k_ms = TIME_MAX_MS;
	/* Divided by 10^9 in two parts, and by 10: so nothing overflows, and little is lost. */
	bytes = from_k_ms * from_k_ms * from_k_ms / 1000000 * mss_bytes * C_TENTHS / 10000;
	if (time_ms >= epoch->k_ms)
		return epoch->w_max_bytes + bytes;
	return bytes < epoch->w_max_bytes ? epoch->w_max_bytes - bytes : 0;
}

/* 4.3: W_est grows by alpha segments a round; by one when it is where the last event was. */
static void
w_est_update(struct cubic_epoch *epoch, const struct cc *cc, uint32_t acked_bytes)
{
	uint64_t share = ((uint64_t)acked_bytes << 32) / cc->cwnd_bytes;
	uint64_t growth = share * cc->mss_bytes >> (32 - EST_SHIFT);

	if (epoch->w_est >> EST_SHIFT < epoch->cwnd_prior_bytes)
		growth = growth * ALPHA_NUMERATOR / ALPHA_DENOMINATOR;
	if (epoch->w_est < (uint64_t)CC_WINDOW_MAX << EST_SHIFT)
		epoch->w_est += growth;
}

/* 4.2 to 4.5: the target is where the function is a round trip from now. */
static void
cubic_avoid(struct cc *cc, const struct cc_ack *ack)
{
	struct cubic_epoch *epoch = &cubic_of(cc)->epoch;
	uint32_t rtt_us = cc->last_round_rtt_us != UINT32_MAX ? cc->last_round_rtt_us : ack->rtt_us;
	uint64_t target;

	if (epoch->w_est == 0)
		epoch_start(epoch, cc);
	w_est_update(epoch, cc, ack->acked_bytes);
	if (w_cubic(epoch, cc->mss_bytes, epoch->time_us) < epoch->w_est >> EST_SHIFT) {
		cc->cwnd_bytes = cc_max(cc->cwnd_bytes, (uint32_t)(epoch->w_est >> EST_SHIFT));
		return;
	}
	target = w_cubic(epoch, cc->mss_bytes, (uint64_t)epoch->time_us + rtt_us);
	if (target > cc->cwnd_bytes * 3ULL / 2)
		target = cc->cwnd_bytes * 3ULL / 2;
	if (target > cc->cwnd_bytes)
		cc_grow(cc, (uint32_t)target - cc->cwnd_bytes, ack->acked_bytes);
}

static uint32_t
cubic_ssthresh(struct cc *cc, const struct cc_congestion *congestion)
{
	struct cubic *cubic = cubic_of(cc);
	struct cubic_epoch *epoch = &cubic->epoch;
	uint32_t beta = congestion->signal == CC_ECN && !cc->no_abe ? BETA_ECN : BETA;

	cubic->undo = *epoch;
	/* 4.7, fast convergence: less than last time: somebody needs room. */
	if (cc->cwnd_bytes < epoch->w_max_bytes)
		epoch->w_max_bytes = cc_part(cc->cwnd_bytes, 100 + BETA, 200);
	else
		epoch->w_max_bytes = cc->cwnd_bytes;
	if (congestion->signal == CC_RTO)
		epoch->w_max_bytes =
			0; /* 4.8: K is 0, W_max the window at the next stage's start */
	epoch->cwnd_prior_bytes = cc->cwnd_bytes;
	epoch->w_est = 0;
	return cc_part(congestion->in_flight_bytes, beta, 100);
}

/* 4.9: the stage goes on where it was. */
static void
cubic_undo(struct cc *cc)
{
	cubic_of(cc)->epoch = cubic_of(cc)->undo;
}

static void
cubic_idle(struct cc *cc)
{
	cubic_of(cc)->last_us = 0;
}

const struct cc_ops cc_cubic = {
	.name = "cubic",
	.help = "a cubic function of the time since the last loss (RFC 9438)",
	.measure = cubic_measure,
	.avoid = cubic_avoid,
	.ssthresh = cubic_ssthresh,
	.undo = cubic_undo,
	.idle = cubic_idle,
};
