/* SPDX-License-Identifier: BSD-3-Clause */
/* What cc.c, slow start and the algorithms share. */
#ifndef CC_CC_PRIV_H
#define CC_CC_PRIV_H

#include "cc/cc.h"

static inline uint32_t
cc_min(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t
cc_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* The part of `bytes` that numerator / denominator is. */
static inline uint32_t
cc_part(uint32_t bytes, uint32_t numerator, uint32_t denominator)
{
	return (uint32_t)((uint64_t)bytes * numerator / denominator);
}

/*
 * Let cwnd grow by `round_bytes` in a round: by the part of them that `acked_bytes` is of cwnd. RFC
 * 3465 2.1, to a fraction of a byte, however acknowledgments divide or gather what they say.
 */
static inline void
cc_grow(struct cc *cc, uint32_t round_bytes, uint32_t acked_bytes)
{
	uint64_t growth = (uint64_t)round_bytes * acked_bytes + cc->growth_rest;

	cc->growth_rest = (uint32_t)(growth % cc->cwnd_bytes);
	cc->cwnd_bytes += (uint32_t)(growth / cc->cwnd_bytes);
}

/* cc_slow_start.c */
void cc_slow_start_measure(struct cc *cc, const struct cc_ack *ack);
void cc_slow_start_grow(struct cc *cc, const struct cc_ack *ack);

/* cc_newreno.c: what other algorithms are like where they are no different. */
uint32_t cc_newreno_ssthresh(struct cc *cc, const struct cc_congestion *congestion);
void cc_newreno_avoid(struct cc *cc, const struct cc_ack *ack);

/* cc_cubic.c: rounded down. */
uint32_t cc_cube_root(uint64_t value);

extern const struct cc_ops cc_bic;
extern const struct cc_ops cc_cubic;
extern const struct cc_ops cc_newreno;
extern const struct cc_ops cc_vegas;
extern const struct cc_ops cc_westwood;

#endif
