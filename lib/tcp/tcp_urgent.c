/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Urgent data: RFC 9293 3.8.5, as RFC 6093 says: a mark in the stream, and no data beside it. Users
 * are told that it is there, and read everything in order.
 */
#include "tcp/tcp_priv.h"

static uint32_t
next_to_read(const struct tcp_conn *conn)
{
	return conn->rcv_nxt - conn->fin_received - conn->rcv_queued;
}

void
tcp_urgent_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	uint32_t up = segment->seq + segment->urgent;

	/* RFC 9293 3.10.7.4, sixth step. Who reads no more is told of nothing. */
	if (conn->fin_received || conn->read_shut || !seq_after(up, conn->rcv_nxt) ||
		(conn->rcv_up_ok && seq_until(up, conn->rcv_up)))
		return;
	conn->rcv_up = up;
	conn->rcv_up_ok = true;
	/* MUST-32 */
	tcp_event_add(core, conn, TCP_EVENT_URGENT);
}

uint32_t
tcp_urgent_left(const struct tcp_conn *conn)
{
	return conn->rcv_up_ok ? conn->rcv_up - next_to_read(conn) : 0;
}

void
tcp_urgent_read(struct tcp_conn *conn)
{
	/* There is nothing behind the peer's end of data. */
	if (conn->rcv_up_ok && conn->fin_received && seq_after(conn->rcv_up, conn->rcv_nxt - 1))
		conn->rcv_up = conn->rcv_nxt - 1;
	if (conn->rcv_up_ok && seq_until(conn->rcv_up, next_to_read(conn)))
		conn->rcv_up_ok = false;
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
