/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pacing, where the user asks for it, his congestion control, or the policy: data leaves as fast as he allows, and
 * cwnd fills a round trip, not in a burst at its beginning. Each segment is paid for by the time that the next one waits.
 */
#include "tcp/tcp_priv.h"

/* What was not sent in time may follow at once, up to so long: timers have ticks, and workers loops. */
#define CREDIT_NS 1000000ULL

void
tcp_pace_set(const struct tcp_core *core, struct tcp_conn *conn, uint32_t rate)
{
	/* A wait by the old rate may be of hours. */
	if (rate == 0 || rate > conn->pacing_rate) {
		conn->pace_ns = RTE_MIN(conn->pace_ns, core->now_ns);
		conn->pace_waits = false;
	}
	conn->pacing_rate = rate;
	conn->paced = rate != 0 || conn->pace_always || conn->cc.ops->paces;
	cc_bursts_set(&conn->cc, conn->paced);
}

bool
tcp_pace_waits(struct tcp_core *core, struct tcp_conn *conn)
{
	if (likely(!conn->paced) || conn->pace_ns <= core->now_ns)
		return false;
	conn->pace_waits = true;
	tcp_timer_arm(core, conn, conn->pace_ns);
	return true;
}

void
tcp_pace_sent(const struct tcp_core *core, struct tcp_conn *conn, uint32_t bytes)
{
	uint64_t rate;

	if (likely(!conn->paced))
		return;
	rate = cc_pacing_rate(&conn->cc, conn->srtt_us);
	if (conn->pacing_rate != 0)
		rate = RTE_MIN(rate, conn->pacing_rate);
	conn->pace_ns = RTE_MAX(conn->pace_ns, core->now_ns - RTE_MIN(core->now_ns, CREDIT_NS));
	conn->pace_ns += bytes * 1000000000ULL / RTE_MAX(rate, 1U);
}

void
tcp_pace_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	if (!conn->pace_waits || conn->pace_ns > core->now_ns)
		return;
	conn->pace_waits = false;
	tcp_flush_add(core, conn);
}
