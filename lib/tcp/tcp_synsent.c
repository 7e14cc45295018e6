/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments for a connection in SYN-SENT (RFC 9293 3.10.7.3), and how one becomes established. */
#include "tcp/tcp_priv.h"

/* What the peer's SYN offers, and we do as well. */
static void
options_agree(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	const struct tcp_options *options = &segment->options;
	bool ack = (segment->flags & TCP_ACK) != 0;
	/* A SYN-ACK may answer any of our SYNs; one who sends a SYN will see the last, perhaps only that. */
	uint32_t agreed = options->present & tcp_syn_offer(core, conn, ack ? 0 : conn->backoff);

	conn->sack_ok = (agreed & TCP_OPTION_SACK_PERMITTED) != 0;
	conn->timestamps_ok = (agreed & TCP_OPTION_TIMESTAMPS) != 0;
	conn->wscale_ok = (agreed & TCP_OPTION_WSCALE) != 0;
	conn->ecn_ok = tcp_ecn_agrees(conn, segment);
	/* RFC 7323 2.2: both or none. */
	if (conn->wscale_ok)
		conn->snd_wscale = options->wscale;
	else
		conn->rcv_wscale = 0;
	if (conn->timestamps_ok) {
		conn->ts_recent = options->ts_val;
		conn->ts_recent_ms = core->now_ms;
	}
	tcp_conn_agree(core, conn, options->present & TCP_OPTION_MSS ? options->mss : 0);
}

/* The peer's SYN: RFC 9293 3.10.7.3, fourth step. */
static void
syn_take(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	options_agree(core, conn, segment);
	conn->rcv_nxt = segment->seq + 1;
	conn->rcv_acked = conn->rcv_nxt;
	/* The window of our SYN: it was not scaled. */
	conn->rcv_adv = conn->rcv_nxt + RTE_MIN(conn->rcv_buf, 65535U);
	conn->snd_wnd = conn->snd_wnd_max = segment->window;
	conn->snd_wl1 = segment->seq;
	conn->snd_wl2 = segment->ack;
}

void
tcp_conn_establish(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	conn->state = TCP_ESTABLISHED;
	conn->opened = true;
	/* The window of an ACK is scaled, that of a SYN was not. */
	conn->snd_wnd = segment->flags & TCP_SYN ? segment->window
						 : (uint32_t)segment->window << conn->snd_wscale;
	conn->snd_wnd_max = RTE_MAX(conn->snd_wnd_max, conn->snd_wnd);
	conn->snd_wl1 = segment->seq;
	conn->snd_wl2 = segment->ack;
	conn->rack_fack = conn->recover = conn->ecn_recover = segment->ack;
	conn->rack_dsack_round = segment->ack;
	conn->icmp_error = 0;
	tcp_keepalive_arm(core, conn);
	tcp_event_add(core, conn, TCP_EVENT_WRITABLE);
}

static void
syn_acked(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	syn_take(core, conn, segment);
	tcp_conn_establish(core, conn, segment);
	/* RFC 9293 3.10.7.3: the SYN is acknowledged, data may follow in this very segment. */
	segment->seq++;
	segment->flags &= (uint8_t)~TCP_SYN;
	conn->recovery = TCP_RECOVERY_NONE;
	conn->ack_now = true;
	/* Its window was taken as it stands: tcp_ack_input() would scale it. */
	conn->snd_wl1 = segment->seq + 1;
	tcp_established_input(core, conn, segment);
	conn->snd_wl1 = segment->seq;
	tcp_flush_add(core, conn);
}

/* Both opened at the same time: RFC 9293 3.5, figure 8. Our SYN is sent again, as a SYN-ACK. */
static void
simultaneous_open(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	struct tcp_seg *syn = STAILQ_FIRST(&conn->queue);

	syn_take(core, conn, segment);
	conn->state = TCP_SYN_RECEIVED;
	if (syn != NULL && syn != conn->unsent)
		tcp_seg_mark_lost(conn, syn);
	tcp_flush_add(core, conn);
}

void
tcp_syn_sent_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment,
	const struct tcp_out *out)
{
	bool ack = (segment->flags & TCP_ACK) != 0;

	/* First step: an acknowledgment of what was not sent is answered by a reset. */
	if (ack &&
		(seq_until(segment->ack, conn->snd_una) ||
			seq_after(segment->ack, conn->snd_nxt))) {
		tcp_count(core, TCP_STAT_bad_acks);
		tcp_reset_send(core, segment, out);
		return;
	}
	/* Second step; RFC 5961 3.2: only one that acknowledges our SYN. */
	if (segment->flags & TCP_RST) {
		if (ack)
			tcp_conn_end(core, conn, ECONNREFUSED);
		return;
	}
	/* Fifth step. */
	if (!(segment->flags & TCP_SYN))
		return;
	if (ack)
		syn_acked(core, conn, segment);
	else
		simultaneous_open(core, conn, segment);
}
