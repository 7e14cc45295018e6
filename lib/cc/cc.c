/* SPDX-License-Identifier: BSD-3-Clause */
/* What is the same for all algorithms: see cc.h. */
#include "cc/cc_priv.h"

#include <string.h>

static const struct cc_ops *const algorithms[] = {
	&cc_cubic,
	&cc_newreno,
	&cc_vegas,
	&cc_westwood,
	&cc_bic,
};

#define ALGORITHM_COUNT (sizeof(algorithms) / sizeof(algorithms[0]))

const struct cc_ops *
cc_get(unsigned index)
{
	return index < ALGORITHM_COUNT ? algorithms[index] : NULL;
}

const struct cc_ops *
cc_find(const char *name)
{
	for (unsigned i = 0; i < ALGORITHM_COUNT; i++) {
		if (strcmp(algorithms[i]->name, name) == 0)
			return algorithms[i];
	}
	return NULL;
}

const struct cc_ops *
cc_default(void)
{
	return algorithms[0];
}

uint32_t
cc_initial_window(uint32_t mss_bytes)
{
	return cc_min(10 * mss_bytes, cc_max(2 * mss_bytes, 14600));
}

/* ---- what holds after every call ---- */

static void
cc_bound(struct cc *cc)
{
	cc->cwnd_bytes = cc_min(cc_max(cc->cwnd_bytes, cc->mss_bytes), CC_WINDOW_MAX);
	if (!cc_in_slow_start(cc))
		cc->phase = CC_AVOIDANCE;
	else if (cc->phase == CC_AVOIDANCE)
		cc->phase = CC_SLOW_START;
}

void
cc_mss_set(struct cc *cc, uint32_t mss_bytes)
{
	cc->mss_bytes = cc_min(cc_max(mss_bytes, 1), CC_MSS_MAX);
	cc_bound(cc);
}

void
cc_bursts_set(struct cc *cc, bool moderated)
{
	cc->bursts_moderated = moderated;
}

void
cc_switch(struct cc *cc, const struct cc_ops *ops)
{
	cc->ops = ops;
	cc->growth_rest = 0;
	cc->undo_cwnd_bytes = 0;
	memset(cc->private, 0, sizeof(cc->private));
	if (ops->init != NULL)
		ops->init(cc);
}

void
cc_init(struct cc *cc, const struct cc_ops *ops, const struct cc_config *config)
{
	*cc = (struct cc){
		.cwnd_bytes = config->initial_window_bytes,
		.ssthresh_bytes = CC_SSTHRESH_NONE,
		.initial_window_bytes = config->initial_window_bytes,
		.round_rtt_us = UINT32_MAX,
		.last_round_rtt_us = UINT32_MAX,
		.css_baseline_us = UINT32_MAX,
		.bursts_moderated = config->bursts_moderated,
		.no_abe = config->no_abe,
		.no_hystart = config->no_hystart,
		.one_at_a_time = config->one_at_a_time,
	};
	cc_mss_set(cc, config->mss_bytes);
	cc_switch(cc, ops);
}

/* ---- acknowledgments ---- */

/*
 * A round ends when what was out at its start has arrived; so many bytes, as what is lost is not in
 * flight any more, and what is sent for it comes later.
 */
static void
round_update(struct cc *cc, const struct cc_ack *ack)
{
	cc->delivered_bytes += ack->delivered_bytes;
	cc->round_start = (int32_t)(cc->delivered_bytes - cc->round_end_bytes) > 0;
	if (cc->round_start) {
		cc->round_end_bytes = cc->delivered_bytes + ack->in_flight_bytes;
		cc->last_round_rtt_us = cc->round_rtt_us;
		cc->round_rtt_us = UINT32_MAX;
		cc->round_samples = 0;
	}
	if (ack->rtt_us != 0) {
		cc->round_rtt_us = cc_min(cc->round_rtt_us, ack->rtt_us);
		cc->round_samples = (uint8_t)cc_min(cc->round_samples + 1U, UINT8_MAX);
	}
}

void
cc_ack(struct cc *cc, const struct cc_ack *ack)
{
	struct cc_ack bounded = *ack;

	bounded.acked_bytes = cc_min(ack->acked_bytes, cc->cwnd_bytes);
	bounded.delivered_bytes = cc_min(ack->delivered_bytes, CC_WINDOW_MAX);
	bounded.in_flight_bytes = cc_min(ack->in_flight_bytes, CC_WINDOW_MAX);
	round_update(cc, &bounded);
	if (cc->ops->measure != NULL)
		cc->ops->measure(cc, &bounded);
	if (cc_in_slow_start(cc) && !cc->ops->own_slow_start)
		cc_slow_start_measure(cc, &bounded);
	if (ack->cwnd_limited && !ack->in_recovery && bounded.acked_bytes > 0) {
		if (cc_in_slow_start(cc) && !cc->ops->own_slow_start)
			cc_slow_start_grow(cc, &bounded);
		else
			cc->ops->avoid(cc, &bounded);
	}
	cc->rto_left_bytes -= cc_min(cc->rto_left_bytes, ack->acked_bytes);
	cc_bound(cc);
}

/* ---- congestion ---- */

void
cc_congestion(struct cc *cc, const struct cc_congestion *congestion)
{
	bool rto = congestion->signal == CC_RTO || congestion->signal == CC_RTO_AGAIN;

	if (congestion->signal != CC_RTO_AGAIN) {
		/* A mark is never undone: the router meant it. */
		cc->undo_cwnd_bytes = congestion->signal != CC_ECN ? cc->cwnd_bytes : 0;
		cc->undo_ssthresh_bytes = cc->ssthresh_bytes;
		/* RFC 5681 equation 4, RFC 8511 2: no less than two segments. */
		cc->ssthresh_bytes =
			cc_min(cc_max(cc->ops->ssthresh(cc, congestion), 2 * cc->mss_bytes),
				CC_WINDOW_MAX);
		cc->cwnd_bytes = cc_min(cc->cwnd_bytes, cc->ssthresh_bytes);
	}
	if (rto) {
		cc->cwnd_bytes = cc->mss_bytes; /* RFC 5681 3.1: the loss window */
		cc->rto_left_bytes = congestion->in_flight_bytes;
	}
	cc->growth_rest = 0;
	cc_bound(cc);
}

void
cc_recovery_end(struct cc *cc, uint32_t in_flight_bytes)
{
	uint32_t mss = cc->mss_bytes;

	if (!cc->bursts_moderated)
		cc->cwnd_bytes = cc_min(cc_min(cc->cwnd_bytes, cc->ssthresh_bytes),
			cc_max(cc_min(in_flight_bytes, CC_WINDOW_MAX), mss) + mss);
	cc_bound(cc);
}

void
cc_undo(struct cc *cc)
{
	if (cc->undo_cwnd_bytes == 0)
		return;
	cc->cwnd_bytes = cc_max(cc->cwnd_bytes, cc->undo_cwnd_bytes);
	cc->ssthresh_bytes = cc->undo_ssthresh_bytes;
	cc->undo_cwnd_bytes = 0;
	cc->rto_left_bytes = 0;
	if (cc->ops->undo != NULL)
		cc->ops->undo(cc);
	cc_bound(cc);
}

/* ---- idle times, pacing ---- */

void
cc_idle(struct cc *cc, uint64_t idle_us, uint64_t rto_us)
{
	if (cc->ops->idle != NULL)
		cc->ops->idle(cc);
	if (idle_us <= rto_us || cc->cwnd_bytes <= cc->initial_window_bytes)
		return;
	/* RFC 2861 3: what was used is remembered, so that slow start leads back near to it. */
	if (cc->ssthresh_bytes != CC_SSTHRESH_NONE)
		cc->ssthresh_bytes = cc_max(cc->ssthresh_bytes, cc_part(cc->cwnd_bytes, 3, 4));
	cc->cwnd_bytes = cc->initial_window_bytes;
	cc_bound(cc);
}

/* Twice the window in a round while it doubles in each, else a quarter more: nothing waits for it. */
uint64_t
cc_pacing_rate(const struct cc *cc, uint32_t srtt_us)
{
	uint64_t window;

	if (srtt_us == 0)
		return UINT64_MAX;
	if (cc->ops->pacing_rate != NULL)
		return cc->ops->pacing_rate(cc, srtt_us);
	window = cc_in_slow_start(cc) ? 2ULL * cc->cwnd_bytes : cc->cwnd_bytes * 5ULL / 4;
	return window * 1000000 / srtt_us;
}
