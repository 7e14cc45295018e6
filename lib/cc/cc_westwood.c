/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Westwood+ (Grieco and Mascolo, "Performance Evaluation and Comparison of Westwood+, New Reno, and
 * Vegas TCP Congestion Control", 2004): as NewReno, but after a loss the window is what the path
 * was seen to deliver, times the round trip without queues. So losses that are no congestion cost
 * little.
 */
#include "cc/cc_priv.h"

/* The bandwidth is sampled over so many round trips that they take no less than this: no bursts. */
#define SAMPLE_MIN_US 50000

struct westwood {
	uint64_t start_us; /* of the sample under way; 0: none */
	uint64_t sample_bytes; /* delivered since */
	uint64_t filtered; /* bytes a second; a low-pass filter of samples */
	uint64_t bandwidth; /* the same once more: the estimate; 0: none yet */
	uint32_t min_rtt_us; /* 0: unknown */
	bool app_limited; /* the sample says less than the path can */
};

_Static_assert(sizeof(struct westwood) <= CC_PRIVATE_BYTES, "cc->private holds it");

static struct westwood *
westwood_of(struct cc *cc)
{
	return (void *)cc->private;
}

static void
bandwidth_filter(struct westwood *westwood, uint64_t sample)
{
	if (westwood->bandwidth == 0) {
		westwood->filtered = sample;
		westwood->bandwidth = sample;
		return;
	}
	westwood->filtered = (7 * westwood->filtered + sample) / 8;
	westwood->bandwidth = (7 * westwood->bandwidth + westwood->filtered) / 8;
}

/*
 * Whole round trips: what comes in bursts, a window in each, is counted once for each. With the pause
 * behind the last of them the bandwidth would seem to be less.
 */
static uint64_t
sample_time_us(uint32_t rtt_us)
{
	uint32_t rounds = rtt_us != 0 ? (SAMPLE_MIN_US + rtt_us - 1) / rtt_us : 0;

	return rounds != 0 ? (uint64_t)rounds * rtt_us : SAMPLE_MIN_US;
}

static void
westwood_measure(struct cc *cc, const struct cc_ack *ack)
{
	struct westwood *westwood = westwood_of(cc);
	uint64_t elapsed_us = ack->now_us - westwood->start_us;

	if (ack->min_rtt_us != 0)
		westwood->min_rtt_us = ack->min_rtt_us;
	if (westwood->start_us == 0 || ack->now_us < westwood->start_us) {
		westwood->start_us = ack->now_us;
		westwood->sample_bytes = 0;
		westwood->app_limited = false;
		return;
	}
	westwood->sample_bytes += ack->delivered_bytes;
	westwood->app_limited |= ack->rate_app_limited;
	if (elapsed_us < sample_time_us(ack->rtt_us))
		return;
	if (!westwood->app_limited)
		bandwidth_filter(westwood, westwood->sample_bytes * 1000000 / elapsed_us);
	westwood->start_us = ack->now_us;
	westwood->sample_bytes = 0;
	westwood->app_limited = false;
}

static uint32_t
westwood_ssthresh(struct cc *cc, const struct cc_congestion *congestion)
{
	const struct westwood *westwood = westwood_of(cc);
	uint64_t bytes;

	if (westwood->bandwidth == 0 || westwood->min_rtt_us == 0)
		return cc_newreno_ssthresh(cc, congestion);
	bytes = westwood->bandwidth / 1000 * westwood->min_rtt_us / 1000;
	return bytes < CC_WINDOW_MAX ? (uint32_t)bytes : CC_WINDOW_MAX;
}

static void
westwood_idle(struct cc *cc)
{
	westwood_of(cc)->start_us = 0;
}

const struct cc_ops cc_westwood = {
	.name = "westwood",
	.help = "after a loss the measured bandwidth times the least round trip (Westwood+)",
	.measure = westwood_measure,
	.avoid = cc_newreno_avoid,
	.ssthresh = westwood_ssthresh,
	.idle = westwood_idle,
};
