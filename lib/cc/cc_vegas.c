/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Vegas (Brakmo and Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet",
 * 1995): keeps between alpha and beta segments in the queues of the path. How many there are is
 * told by how much longer the round trip is than the shortest one. After a loss, as NewReno.
 */
#include "cc/cc_priv.h"

/* In segments. */
#define ALPHA 2
#define BETA  4
#define GAMMA 1
/* With fewer a round says nothing: one of two may be a delayed acknowledgment. */
#define SAMPLES_MIN 3

struct vegas {
	uint32_t base_rtt_us; /* the shortest; 0: unknown */
	uint8_t samples; /* of this round */
	bool due; /* a round ended: the window may change */
	bool measured; /* that round had enough samples */
	bool grows; /* slow start: every other round, so that those between measure */
};

_Static_assert(sizeof(struct vegas) <= CC_PRIVATE_BYTES, "cc->private holds it");

static struct vegas *
vegas_of(struct cc *cc)
{
	return (void *)cc->private;
}

static void
vegas_measure(struct cc *cc, const struct cc_ack *ack)
{
	struct vegas *vegas = vegas_of(cc);

	if (ack->min_rtt_us != 0)
		vegas->base_rtt_us = ack->min_rtt_us;
	if (cc->round_start) {
		vegas->due = true;
		vegas->measured = vegas->samples >= SAMPLES_MIN;
		vegas->samples = 0;
	}
	if (ack->rtt_us != 0)
		vegas->samples = (uint8_t)cc_min(vegas->samples + 1U, UINT8_MAX);
}

/* Of the window, what is in queues: the rest is what fits the shortest round trip. */
static uint32_t
vegas_queued_bytes(struct cc *cc, uint32_t rtt_us)
{
	uint32_t base_rtt_us = vegas_of(cc)->base_rtt_us;

	if (base_rtt_us == 0 || rtt_us <= base_rtt_us)
		return 0;
	return cc_part(cc->cwnd_bytes, rtt_us - base_rtt_us, rtt_us);
}

/*
 * The window grows in every other round only. What is acknowledged then was sent at a steady pace:
 * as soon as it says that there is a queue, that is all the path holds.
 */
static void
vegas_slow_start(struct cc *cc, struct vegas *vegas, const struct cc_ack *ack)
{
	uint32_t queued = 0;

	if (vegas->due)
		vegas->grows = !vegas->grows;
	if (vegas->samples >= SAMPLES_MIN)
		queued = vegas_queued_bytes(cc, cc->round_rtt_us);
	if (queued > GAMMA * cc->mss_bytes) {
		cc->cwnd_bytes -= queued - GAMMA * cc->mss_bytes;
		cc->ssthresh_bytes = cc->cwnd_bytes;
	} else if (vegas->grows) {
		cc_slow_start_grow(cc, ack);
	}
}

static void
vegas_avoid(struct cc *cc, const struct cc_ack *ack)
{
	struct vegas *vegas = vegas_of(cc);
	uint32_t queued;

	if (cc_in_slow_start(cc)) {
		vegas_slow_start(cc, vegas, ack);
	} else if (!vegas->measured) {
		cc_newreno_avoid(cc, ack);
	} else if (vegas->due) {
		queued = vegas_queued_bytes(cc, cc->last_round_rtt_us);
		if (queued > BETA * cc->mss_bytes)
			cc->cwnd_bytes -= cc->mss_bytes;
		else if (queued < ALPHA * cc->mss_bytes)
			cc->cwnd_bytes += cc->mss_bytes;
		/* Less than before is not slow start again. */
		cc->ssthresh_bytes = cc_min(cc->ssthresh_bytes, cc->cwnd_bytes);
	}
	vegas->due = false;
}

const struct cc_ops cc_vegas = {
	.name = "vegas",
	.help = "two to four segments in queues, by the delay (Vegas)",
	.measure = vegas_measure,
	.avoid = vegas_avoid,
	.ssthresh = cc_newreno_ssthresh,
	.own_slow_start = true,
};
