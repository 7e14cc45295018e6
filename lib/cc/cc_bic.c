/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * BIC (Xu, Harfoush, Rhee, "Binary Increase Congestion Control for Fast Long-Distance Networks",
 * 2004): a binary search between the window after the last loss and the one before it: fast while
 * far away (additive increase), ever slower nearby, and then ever faster beyond (max probing).
 * Numbers are those of Linux.
 */
#include "cc/cc_priv.h"

/* Segments in a round, at most. */
#define S_MAX 16
/* The search halves twice a round: it goes a quarter of the way. */
#define STEPS 4
/* Near the last window, rounds for STEPS segments: S_min is 0.2. */
#define SMOOTH_ROUNDS 20
/* Windows of so many segments or less are NewReno's. */
#define LOW_WINDOW 14
/* After a loss, of the window. */
#define BETA_NUMERATOR   4
#define BETA_DENOMINATOR 5

struct bic {
	uint32_t w_max_bytes; /* before the last loss; 0: none yet, or forgotten in a time-out */
	uint32_t undo_w_max_bytes;
};

_Static_assert(sizeof(struct bic) <= CC_PRIVATE_BYTES, "cc->private holds it");

static struct bic *
bic_of(struct cc *cc)
{
	return (void *)cc->private;
}

/* By how much the window grows in a round. */
static uint32_t
bic_round_bytes(const struct cc *cc, uint32_t w_max_bytes)
{
	uint32_t mss = cc->mss_bytes, cwnd = cc->cwnd_bytes, distance;

	if (w_max_bytes == 0)
		return cc_min(S_MAX * mss, cwnd / 2);
	if (cwnd < w_max_bytes) {
		distance = (w_max_bytes - cwnd) / STEPS;
		if (distance <= mss)
			return mss * STEPS / SMOOTH_ROUNDS;
		return cc_min(distance, S_MAX * mss);
	}
	distance = cwnd - w_max_bytes;
	if (distance < STEPS * mss)
		return mss * STEPS / SMOOTH_ROUNDS;
	return cc_min(distance / (STEPS - 1), S_MAX * mss);
}

static void
bic_avoid(struct cc *cc, const struct cc_ack *ack)
{
	if (cc->cwnd_bytes <= LOW_WINDOW * cc->mss_bytes)
		cc_newreno_avoid(cc, ack);
	else
		cc_grow(cc, bic_round_bytes(cc, bic_of(cc)->w_max_bytes), ack->acked_bytes);
}

static uint32_t
bic_ssthresh(struct cc *cc, const struct cc_congestion *congestion)
{
	struct bic *bic = bic_of(cc);

	bic->undo_w_max_bytes = bic->w_max_bytes;
	/* Fast convergence: less than last time: somebody needs room. */
	if (cc->cwnd_bytes < bic->w_max_bytes)
		bic->w_max_bytes = cc_part(
			cc->cwnd_bytes, BETA_DENOMINATOR + BETA_NUMERATOR, 2 * BETA_DENOMINATOR);
	else
		bic->w_max_bytes = cc->cwnd_bytes;
	if (congestion->signal == CC_RTO)
		bic->w_max_bytes = 0;
	if (cc->cwnd_bytes <= LOW_WINDOW * cc->mss_bytes)
		return cc_newreno_ssthresh(cc, congestion);
	return cc_part(congestion->in_flight_bytes, BETA_NUMERATOR, BETA_DENOMINATOR);
}

static void
bic_undo(struct cc *cc)
{
	bic_of(cc)->w_max_bytes = bic_of(cc)->undo_w_max_bytes;
}

const struct cc_ops cc_bic = {
	.name = "bic",
	.help = "a binary search for the window before the last loss (BIC)",
	.avoid = bic_avoid,
	.ssthresh = bic_ssthresh,
	.undo = bic_undo,
};
