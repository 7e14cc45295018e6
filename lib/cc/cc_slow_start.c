/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slow start: RFC 5681 3.1 with the byte counting of RFC 3465, and HyStart++, RFC 9406, whose names
 * are used here. The first slow start of a connection watches the delay: when it rises, the queue
 * grows, and slow start gives way to a conservative one (CSS), which ends it unless the delay falls
 * again. Later ones end at ssthresh.
 */
#include "cc/cc_priv.h"

/* RFC 9406 4.3. */
#define MIN_RTT_THRESH_US  4000
#define MAX_RTT_THRESH_US  16000
#define MIN_RTT_DIVISOR    8
#define N_RTT_SAMPLE       8
#define CSS_GROWTH_DIVISOR 4
#define CSS_ROUNDS         5
#define L                  8

static void
css_enter(struct cc *cc)
{
	cc->phase = CC_CONSERVATIVE;
	cc->css_baseline_us = cc->round_rtt_us;
	cc->css_rounds = 1; /* a part of a round counts as one */
	cc->growth_rest = 0;
}

/* RFC 9406 4.2: enough samples of this round, and it takes longer than the one before. */
static bool
delay_has_risen(const struct cc *cc)
{
	uint32_t thresh_us;

	if (cc->round_samples < N_RTT_SAMPLE || cc->last_round_rtt_us == UINT32_MAX)
		return false;
	thresh_us = cc_min(cc_max(cc->last_round_rtt_us / MIN_RTT_DIVISOR, MIN_RTT_THRESH_US),
		MAX_RTT_THRESH_US);
	return cc->round_rtt_us >= (uint64_t)cc->last_round_rtt_us + thresh_us;
}

static void
css_measure(struct cc *cc)
{
	if (cc->round_samples >= N_RTT_SAMPLE && cc->round_rtt_us < cc->css_baseline_us) {
		cc->phase = CC_SLOW_START; /* the delay was none of a queue's */
		cc->css_baseline_us = UINT32_MAX;
		cc->growth_rest = 0;
		return;
	}
	if (!cc->round_start)
		return;
	if (cc->css_rounds == CSS_ROUNDS)
		cc->ssthresh_bytes = cc->cwnd_bytes;
	else
		cc->css_rounds++;
}

void
cc_slow_start_measure(struct cc *cc, const struct cc_ack *ack)
{
	/* RFC 9406 4.3: only where nothing else says when to stop. */
	if (cc->no_hystart || cc->ssthresh_bytes != CC_SSTHRESH_NONE || ack->in_recovery)
		return;
	if (cc->phase == CC_CONSERVATIVE)
		css_measure(cc);
	else if (delay_has_risen(cc))
		css_enter(cc);
}

void
cc_slow_start_grow(struct cc *cc, const struct cc_ack *ack)
{
	uint32_t growth = ack->acked_bytes;

	/* RFC 3465 2.3: after a time-out an acknowledgment may be of what arrived long ago. */
	if (cc->rto_left_bytes > 0 || cc->one_at_a_time)
		growth = cc_min(growth, cc->mss_bytes);
	else if (!cc->bursts_moderated)
		growth = cc_min(growth, L * cc->mss_bytes);
	if (cc->phase == CC_CONSERVATIVE) {
		growth += cc->growth_rest;
		cc->growth_rest = growth % CSS_GROWTH_DIVISOR;
		growth /= CSS_GROWTH_DIVISOR;
	}
	cc->cwnd_bytes = cc_min(cc->cwnd_bytes + growth, cc->ssthresh_bytes);
}
