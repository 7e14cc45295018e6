/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Urgent data: RFC 9293 3.8.5, as RFC 6093 says: a mark in the stream, and no data beside it. Users
 * are told that it is there, and read everything in order.
 */
#include "tcp/tcp_priv.h"

void
tcp_urgent_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	/* RFC 9293 3.10.7.4, sixth step. */
	if (conn->fin_received)
		return;
	if (seq_after(segment->seq + segment->urgent, conn->rcv_nxt))
		tcp_event_add(core, conn, TCP_EVENT_URGENT);
}

int
tcp_urgent_send(struct tcp_core *core, struct tcp_conn *conn)
{
	if (conn->state != TCP_ESTABLISHED && conn->state != TCP_CLOSE_WAIT)
		return -ENOTCONN;
	/* RFC 6093 4: the pointer leads behind the last byte. */
	conn->snd_up = conn->snd_end;
	conn->snd_up_ok = true;
	tcp_flush_add(core, conn);
	return 0;
}
