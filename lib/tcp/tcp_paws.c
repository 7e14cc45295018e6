/* SPDX-License-Identifier: BSD-3-Clause */
/* Timestamps, and protection against wrapped sequence numbers: RFC 7323 4, 5. */
#include "tcp/tcp_priv.h"

/* RFC 7323 5.5: a timestamp that is older than 24 days says nothing. */
#define TS_RECENT_AGE_MS (24U * 86400U * 1000U)

/* RFC 7323 5.3 R1: a timestamp from before the last. Resets are not tested (5.2). */
bool
tcp_paws_refuses(
	const struct tcp_core *core, const struct tcp_conn *conn, const struct tcp_segment *segment)
{
	if (!conn->timestamps_ok || !(segment->options.present & TCP_OPTION_TIMESTAMPS) ||
		segment->flags & TCP_RST)
		return false;
	return seq_before(segment->options.ts_val, conn->ts_recent) &&
		core->now_ms - conn->ts_recent_ms < TS_RECENT_AGE_MS;
}

/* RFC 7323 4.3 (2), 5.3 R3: of segments that span what was acknowledged last. */
void
tcp_ts_update(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	if (!(segment->options.present & TCP_OPTION_TIMESTAMPS) ||
		seq_after(segment->seq, conn->rcv_acked))
		return;
	conn->ts_recent = segment->options.ts_val;
	conn->ts_recent_ms = core->now_ms;
}
