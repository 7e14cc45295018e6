/* SPDX-License-Identifier: BSD-3-Clause */
/* How connections end: RFC 9293 3.6, 3.10.4, 3.10.5, and the eighth step of 3.10.7.4. */
#include "tcp/tcp_priv.h"

/* The state after our end of data, RFC 9293 figure 5; as it is where there is none. */
static const uint8_t state_after_close[TCP_STATE_COUNT] = {
	[TCP_CLOSED] = TCP_CLOSED,
	[TCP_SYN_SENT] = TCP_SYN_SENT,
	[TCP_SYN_RECEIVED] = TCP_FIN_WAIT_1,
	[TCP_ESTABLISHED] = TCP_FIN_WAIT_1,
	[TCP_FIN_WAIT_1] = TCP_FIN_WAIT_1,
	[TCP_FIN_WAIT_2] = TCP_FIN_WAIT_2,
	[TCP_CLOSE_WAIT] = TCP_LAST_ACK,
	[TCP_CLOSING] = TCP_CLOSING,
	[TCP_LAST_ACK] = TCP_LAST_ACK,
	[TCP_TIME_WAIT] = TCP_TIME_WAIT,
};

/* Behind all data: on the last segment if that was not sent yet. */
void
tcp_fin_queue(struct tcp_core *core, struct tcp_conn *conn)
{
	struct tcp_seg *last = tcp_queue_last(conn);

	if (conn->fin_queued)
		return;
	if (conn->unsent != NULL && !(last->flags & TCP_SYN))
		last->flags |= TCP_FIN;
	else if (tcp_seg_append(core, conn, TCP_FIN) == NULL)
		return; /* tcp_output() tries again */
	conn->snd_end++;
	conn->fin_queued = true;
}

static void
fin_send(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->fin_wanted = true;
	conn->state = state_after_close[conn->state];
	tcp_fin_queue(core, conn);
	tcp_flush_add(core, conn);
}

int
tcp_shutdown(struct tcp_core *core, struct tcp_conn *conn, unsigned how)
{
	if (conn->state < TCP_ESTABLISHED || conn->state == TCP_TIME_WAIT)
		return -ENOTCONN;
	if (how & TCP_SHUTDOWN_READ && !conn->read_shut) {
		conn->read_shut = true;
		tcp_pkts_free(conn->rcv_head);
		conn->rcv_head = NULL;
		core->received -= conn->rcv_queued;
		conn->rcv_queued = 0;
		conn->rcv_up_ok = false;
		tcp_event_add(core, conn, TCP_EVENT_READABLE);
		if (tcp_window_is_due(conn))
			tcp_flush_add(core, conn);
	}
	if (how & TCP_SHUTDOWN_WRITE && !conn->fin_wanted)
		fin_send(core, conn);
	return 0;
}

void
tcp_abort(struct tcp_core *core, struct tcp_conn *conn)
{
	tcp_event_drop(core, conn);
	conn->detached = true;
	conn->user = NULL;
	switch (conn->state) {
	case TCP_CLOSED:
	case TCP_TIME_WAIT:
		if (!conn->on_flush)
			tcp_conn_free(core, conn);
		return;
	case TCP_SYN_SENT: tcp_conn_end(core, conn, 0); return;
	default:
		/* RFC 9293 3.10.5 */
		conn->reset_wanted = true;
		tcp_flush_add(core, conn);
	}
}

bool
tcp_kill(struct tcp_core *core, struct tcp_conn *conn)
{
	switch (conn->state) {
	case TCP_CLOSED:
	case TCP_TIME_WAIT: return false;
	case TCP_SYN_SENT: tcp_conn_end(core, conn, ECONNABORTED); return true;
	default:
		conn->error = ECONNABORTED;
		conn->reset_wanted = true;
		tcp_flush_add(core, conn);
		return true;
	}
}

void
tcp_close(struct tcp_core *core, struct tcp_conn *conn)
{
	/* RFC 2525 2.17: the peer has to know that what it sent was not received. */
	if (conn->rcv_head != NULL || conn->state <= TCP_SYN_SENT || conn->state == TCP_TIME_WAIT) {
		tcp_abort(core, conn);
		return;
	}
	tcp_event_drop(core, conn);
	conn->detached = true;
	conn->user = NULL;
	if (!conn->fin_wanted)
		fin_send(core, conn);
	/* FIN-WAIT-2 ends in any case now. */
	if (conn->state == TCP_FIN_WAIT_2)
		tcp_keepalive_arm(core, conn);
}

/* RFC 9293 3.10.7.4, fifth step: our FIN is acknowledged. */
void
tcp_fin_acked(struct tcp_core *core, struct tcp_conn *conn)
{
	switch (conn->state) {
	case TCP_FIN_WAIT_1:
		conn->state = TCP_FIN_WAIT_2;
		if (conn->detached)
			tcp_keepalive_arm(core, conn);
		break;
	case TCP_CLOSING: tcp_time_wait_enter(core, conn); break;
	case TCP_LAST_ACK: tcp_conn_end(core, conn, 0); break;
	default: break;
	}
}

/* RFC 9293 3.10.7.4, eighth step: the peer's FIN, with nothing missing in front. */
void
tcp_fin_input(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->rcv_nxt++;
	conn->fin_received = true;
	conn->fin_pending = false;
	conn->ack_now = true;
	tcp_urgent_read(conn);
	tcp_event_add(core, conn, TCP_EVENT_READABLE);
	switch (conn->state) {
	case TCP_SYN_RECEIVED:
	case TCP_ESTABLISHED: conn->state = TCP_CLOSE_WAIT; break;
	/* Ours was not acknowledged, or tcp_fin_acked() had been there: they cross. */
	case TCP_FIN_WAIT_1: conn->state = TCP_CLOSING; break;
	case TCP_FIN_WAIT_2: tcp_time_wait_enter(core, conn); break;
	default: break;
	}
}
