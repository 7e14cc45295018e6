/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Windows whose scale does not get through: RFC 7323 2.2 has both sides agree on it, and what is between them may
 * not know. Then each direction goes on with windows as they stand in the header.
 *
 * A firewall that keeps track of windows without their scale lets nothing through beyond them: time-outs tell, if
 * nothing beyond ever arrived, and smaller segments do not help (tcp_pmtu.c). A scale that was rewritten on its way has a peer send no more than our windows say
 * as they stand, however much they mean. One byte beyond disproves either, for good. That the peer's windows may
 * mean more than we were told is not tried out: nothing is sent beyond a window.
 */
#include "tcp/tcp_priv.h"

/* Time-outs with data beyond, after which windows are taken as they stand; and then, after which that was not it. */
#define BEYOND_TIMEOUTS 5
#define VAIN_TIMEOUTS   3
/* Windows that the peer has filled to the byte, one after the other. */
#define FILLED_WINDOWS 8
/* The first of all windows has no scale, so nothing in it says anything. */
#define FIRST_WINDOW 65535U
/* Then the scale is tried again, by tcp_clock_s(). */
#define RETRY_AFTER 60U

void
tcp_scale_agreed(struct tcp_conn *conn)
{
	conn->snd_wscale_agreed = conn->snd_wscale;
	conn->rcv_wscale_agreed = conn->rcv_wscale;
	conn->snd_scale_good = conn->snd_wscale == 0;
	conn->rcv_scale_good = conn->rcv_wscale == 0;
}

/* ---- windows of the peer's ---- */

/* As they stand, they end here. */
static uint32_t
snd_edge(const struct tcp_conn *conn)
{
	return conn->snd_una + (conn->snd_wnd >> conn->snd_wscale);
}

static void
snd_scale_set(struct tcp_conn *conn, uint8_t scale)
{
	uint32_t field = conn->snd_wnd >> conn->snd_wscale;

	conn->snd_wscale = scale & 15;
	conn->snd_wnd = field << conn->snd_wscale;
	/* RFC 5961 5.2 has none that was seen be forgotten. */
	conn->snd_wnd_max = RTE_MAX(conn->snd_wnd_max, conn->snd_wnd);
}

void
tcp_scale_ack(struct tcp_core *core, struct tcp_conn *conn, uint32_t ahead)
{
	if (conn->snd_wscale != conn->snd_wscale_agreed) {
		conn->beyond_timeouts = BEYOND_TIMEOUTS;
		/* It may have been something else: then the next time-out tells. */
		if ((uint16_t)(tcp_clock_s(core) - conn->scale_s) < RETRY_AFTER)
			return;
		conn->beyond_timeouts = BEYOND_TIMEOUTS - 1;
		snd_scale_set(conn, conn->snd_wscale_agreed);
		return;
	}
	if (ahead <= conn->snd_wnd_max >> conn->snd_wscale)
		return;
	conn->beyond_timeouts = 0;
	if (conn->bytes_acked > FIRST_WINDOW)
		conn->snd_scale_good = true;
}

bool
tcp_scale_timeout(struct tcp_core *core, struct tcp_conn *conn)
{
	bool without = conn->snd_wscale != conn->snd_wscale_agreed;
	uint32_t edge = snd_edge(conn);

	if (conn->snd_scale_good || conn->state < TCP_ESTABLISHED || conn->sacked_bytes > 0)
		return false;
	if (without) {
		if (++conn->beyond_timeouts < BEYOND_TIMEOUTS + VAIN_TIMEOUTS)
			return false;
		/* Nothing gets through like this either. */
		snd_scale_set(conn, conn->snd_wscale_agreed);
		conn->snd_scale_good = true;
		return false;
	}
	if (edge == conn->snd_una || !seq_after(conn->snd_nxt, edge) ||
		++conn->beyond_timeouts < BEYOND_TIMEOUTS)
		return false;
	snd_scale_set(conn, 0);
	conn->scale_s = tcp_clock_s(core);
	tcp_count(core, TCP_STAT_scale_fallbacks);
	return true;
}

/* ---- ours ---- */

void
tcp_scale_data(struct tcp_core *core, struct tcp_conn *conn, uint32_t end, bool pushed)
{
	uint32_t edge = conn->rcv_acked + conn->rcv_field;

	if (conn->bytes_received <= FIRST_WINDOW)
		return;
	if (seq_after(end, edge)) {
		conn->rcv_scale_good = true;
		conn->rcv_wscale = conn->rcv_wscale_agreed;
		return;
	}
	if (end != edge) {
		conn->filled_windows = 0;
		return;
	}
	/*
	 * RFC 9293 3.9.1.2, MUST-60: without PSH there is more that the window holds back. With it a message may
	 * be as long as that by chance, time and again, which says nothing.
	 */
	if (pushed)
		return;
	/* A peer that only seems to, by what it has to send, sends beyond them now: then that was wrong. */
	if (++conn->filled_windows < FILLED_WINDOWS || conn->rcv_wscale == 0)
		return;
	conn->rcv_wscale = 0;
	conn->ack_now = true;
	tcp_count(core, TCP_STAT_scale_fallbacks);
}
