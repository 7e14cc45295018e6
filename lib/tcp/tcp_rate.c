/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How fast data arrives at the peer (draft-cheng-iccrg-delivery-rate-estimation): what was delivered
 * between the sending of a segment and its acknowledgment, by the time that took.
 */
#include "tcp/tcp_priv.h"

void
tcp_rate_sent(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg)
{
	/* After idle time the clock starts anew: otherwise it would count. */
	if (tcp_in_flight(conn) == 0)
		conn->delivered_us = core->now_us;
	seg->delivered = conn->delivered;
	seg->delivered_us = conn->delivered_us;
}

void
tcp_rate_sample(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack)
{
	uint32_t delivered, interval_us;

	if (conn->app_limited != 0 && seq_after(conn->delivered, conn->app_limited))
		conn->app_limited = 0;
	if (!ack->any)
		return;
	delivered = conn->delivered - ack->newest.delivered;
	interval_us = core->now_us - ack->newest.delivered_us;
	/* Less than a round trip cannot be: ACKs that were held up, and came together. */
	if (interval_us == 0 || interval_us < conn->min_rtt_us)
		return;
	conn->rate = delivered * 1000000ULL / interval_us;
	conn->rate_app_limited = conn->app_limited != 0;
}
