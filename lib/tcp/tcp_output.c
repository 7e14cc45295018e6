/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a connection sends at a flush: what is lost again, new data as windows and Nagle allow, a
 * probe, and the acknowledgment if nothing else carried it. What follows each other goes in packets of
 * several segments: tcp_tso.c.
 */
#include "tcp/tcp_tso.h"

/* Segments that leave together count one by one: queues behind hold no more of them. */
static inline bool
out_full(const struct tcp_core *core, const struct tcp_conn *conn, const struct tcp_out *out)
{
	return core->flush_room == 0 ||
		tcp_out_vec(out, conn->node.tuple.family)->count == PKT_VEC_MAX;
}

/* ---- one segment ---- */

/* Flags that its state calls for, beside its own. */
static uint8_t
seg_flags(const struct tcp_conn *conn, const struct tcp_seg *seg, bool new)
{
	uint8_t flags = seg->flags;

	if (conn->state != TCP_SYN_SENT)
		flags |= TCP_ACK;
	if (flags & TCP_SYN)
		return flags | tcp_ecn_syn_flags(conn);
	if (conn->ece_echo)
		flags |= TCP_ECE;
	if (conn->cwr_wanted && new && seg->length > 0)
		flags |= TCP_CWR;
	return flags;
}

static void
seg_sent_new(struct tcp_conn *conn, struct tcp_seg *seg)
{
	conn->unsent = STAILQ_NEXT(seg, next);
	conn->snd_nxt = tcp_seg_end(seg);
	TAILQ_INSERT_TAIL(&conn->in_flight, seg, by_time);
	if (seg->length > 0)
		conn->cwr_wanted = false;
	if (conn->recovery == TCP_RECOVERY_FAST)
		conn->prr_out += tcp_seg_space(seg);
}

static void
seg_sent_again(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg)
{
	if (tcp_seg_is_timed(conn, seg))
		TAILQ_REMOVE(&conn->in_flight, seg, by_time);
	/* A probe of what the peer says it has: it is in flight all the same. */
	if (seg->state & TCP_SEG_SACKED) {
		seg->state &= (uint8_t)~TCP_SEG_SACKED;
		conn->sacked_bytes -= tcp_seg_space(seg);
	}
	TAILQ_INSERT_TAIL(&conn->in_flight, seg, by_time);
	if (!(seg->state & TCP_SEG_RETRANS))
		conn->retrans_bytes += tcp_seg_space(seg);
	seg->state |= TCP_SEG_RETRANS | TCP_SEG_EVER_RETRANS;
	conn->prr_out += tcp_seg_space(seg);
	if (conn->undo_ts == 0)
		conn->undo_ts = (tcp_ts_now(core) + conn->ts_offset) | 1;
	if (conn->recovery != TCP_RECOVERY_NONE) {
		conn->undo_any = true;
		conn->undo_retrans++;
	}
	conn->retransmits++;
	conn->bytes_retransmitted += seg->length;
	tcp_count(core, TCP_STAT_retrans_segs);
}

/* What its header says. */
static struct tcp_send
seg_header(const struct tcp_conn *conn, const struct tcp_seg *seg)
{
	bool new = seg == conn->unsent;

	return (struct tcp_send){
		.seq = seg->seq,
		.length = seg->length,
		.segments = 1,
		.flags = seg_flags(conn, seg, new),
		/* RFC 3168 6.1.5, 6.1.6: not on what is sent again, nor on window probes; 6.1.1: nor on SYNs. */
		.ecn = conn->ecn_ok && new && seg->length > 0 && conn->probe != TCP_PROBE_WINDOW
			? TCP_ECT0
			: 0,
	};
}

/* A packet of its data. NULL: no memory */
static struct rte_mbuf *
seg_pkt(struct tcp_core *core, struct tcp_seg *seg)
{
	/* A FIN may be left of one whose data is acknowledged. */
	struct rte_mbuf *pkt =
		seg->length > 0 ? tcp_seg_pkt(core, seg) : rte_pktmbuf_alloc(core->config.pool);

	if (pkt == NULL)
		tcp_count(core, TCP_STAT_nomem);
	return pkt;
}

/* It leaves now: what that means for the scoreboard, and for samples. */
static void
seg_sent(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg)
{
	if (tcp_flight_size(conn) == 0)
		conn->stalled_ms = core->now_ms;
	tcp_rate_sent(core, conn, seg);
	/* What is sent from now on nothing has overtaken; and times stay near enough to be compared. */
	if (TAILQ_EMPTY(&conn->in_flight))
		conn->rack_sent_us = core->now_us - 1;
	conn->data_segments_out += seg->length > 0;
	conn->bytes_sent += seg->length;
	tcp_pace_sent(core, conn, seg->length);
	if (seg == conn->unsent)
		seg_sent_new(conn, seg);
	else
		seg_sent_again(core, conn, seg);
	seg->sent_us = conn->sent_us = core->now_us;
}

bool
tcp_seg_send(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg,
	const struct tcp_out *out)
{
	struct tcp_send send = seg_header(conn, seg);
	struct rte_mbuf *pkt = seg_pkt(core, seg);

	if (pkt == NULL)
		return false;
	seg_sent(core, conn, seg);
	tcp_header_send(core, conn, pkt, &send, out);
	return true;
}

bool
tcp_ack_send(struct tcp_core *core, struct tcp_conn *conn, uint32_t seq, const struct tcp_out *out)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(core->config.pool);
	struct tcp_send send = { .seq = seq, .segments = 1, .flags = TCP_ACK };

	if (pkt == NULL) {
		tcp_count(core, TCP_STAT_nomem);
		return false;
	}
	if (conn->ece_echo)
		send.flags |= TCP_ECE;
	tcp_header_send(core, conn, pkt, &send, out);
	return true;
}

/*
 * Of what carries no data. RFC 9293 3.10.7.4: behind its window a peer takes nothing, neither an ACK nor a
 * reset; and there snd_nxt is after a probe of a closed window. But for what the scale has cut off of it.
 */
static uint32_t
empty_seq(const struct tcp_conn *conn)
{
	uint32_t edge = conn->snd_una + conn->snd_wnd;

	if (!seq_after(conn->snd_nxt, edge) ||
		(conn->snd_wnd > 0 && conn->snd_nxt - edge < 1U << conn->snd_wscale))
		return conn->snd_nxt;
	return edge;
}

static void
reset_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	struct tcp_send send = {
		.seq = empty_seq(conn),
		.segments = 1,
		.flags = TCP_RST | TCP_ACK,
	};
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(core->config.pool);

	if (pkt == NULL)
		tcp_count(core, TCP_STAT_nomem);
	else
		tcp_header_send(core, conn, pkt, &send, out);
}

/* Send a segment: with those before it, or as the first of a packet. @return false: it cannot be */
static bool
seg_add(struct tcp_core *core, struct tcp_conn *conn, struct tcp_tso *tso, struct tcp_seg *seg,
	const struct tcp_out *out)
{
	struct tcp_send send;
	struct rte_mbuf *pkt;

	if (!tcp_tso_takes(core, conn, tso, seg))
		tcp_tso_send(core, conn, tso, out);
	if (tso->send.segments >= core->flush_room || out_full(core, conn, out))
		return false;
	send = seg_header(conn, seg);
	pkt = seg_pkt(core, seg);
	if (pkt == NULL)
		return false;
	seg_sent(core, conn, seg);
	tcp_tso_add(tso, pkt, &send);
	return true;
}

/* ---- what is lost ---- */

static uint32_t
cwnd(const struct tcp_conn *conn)
{
	return conn->recovery == TCP_RECOVERY_FAST ? conn->prr_cwnd : conn->cc.cwnd_bytes;
}

static struct tcp_seg *
lost_next(struct tcp_conn *conn)
{
	struct tcp_seg *seg = conn->lost_hint;

	while (seg != NULL && seg != conn->unsent &&
		(seg->state & (TCP_SEG_LOST | TCP_SEG_RETRANS)) != TCP_SEG_LOST)
		seg = STAILQ_NEXT(seg, next);
	conn->lost_hint = seg == conn->unsent ? NULL : seg;
	return conn->lost_hint;
}

/* As much of it as leaves at once: what was sent within a window is, unless that says something else by now. */
static uint32_t
lost_length(const struct tcp_conn *conn, const struct tcp_seg *seg)
{
	uint32_t edge = conn->snd_una + conn->snd_wnd, length = conn->snd_mss;

	if (unlikely(conn->snd_wscale != conn->snd_wscale_agreed))
		length = seq_after(edge, seg->seq) ? RTE_MIN(edge - seg->seq, length) : 0;
	return RTE_MIN(seg->length, length);
}

/* @return false: stop here */
static bool
lost_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	struct tcp_tso tso = { .send.segments = 0 };
	struct tcp_seg *seg;

	while ((seg = lost_next(conn)) != NULL) {
		uint32_t length = lost_length(conn, seg);

		if (tcp_in_flight(conn) + tcp_seg_space(seg) > cwnd(conn) &&
			tcp_in_flight(conn) > 0)
			break;
		/* The path may carry less by now than when it was made. */
		if (length < seg->length &&
			(length == 0 || !tcp_seg_split(core, conn, seg, length)))
			break;
		if (tcp_pace_waits(core, conn) || !seg_add(core, conn, &tso, seg, out))
			break;
	}
	tcp_tso_send(core, conn, &tso, out);
	return seg == NULL;
}

/* ---- new data ---- */

/* The end of what there is to send waits for more: by the user's cork, or Nagle's algorithm. */
static bool
small_waits(const struct tcp_conn *conn, const struct tcp_seg *seg, uint32_t length)
{
	if (length >= conn->snd_mss || (seg->flags & (TCP_FIN | TCP_SYN)) ||
		STAILQ_NEXT(seg, next) != NULL ||
		(conn->snd_up_ok && seq_after(conn->snd_up, seg->seq)))
		return false;
	if (conn->cork)
		return !conn->cork_over;
	/* RFC 9293 3.7.4 */
	return !conn->nodelay && conn->snd_nxt != conn->snd_una;
}

/* From when a corked segment waits, it does not do so for ever. */
static void
cork_arm(struct tcp_core *core, struct tcp_conn *conn, bool waits)
{
	if (!waits)
		tcp_timer_clear(conn, TCP_TIMER_CORK);
	else if (conn->cork && conn->due_ns[TCP_TIMER_CORK] == 0)
		tcp_timer_set(core, conn, TCP_TIMER_CORK, core->now_ns + TCP_CORK_MS * 1000000ULL);
}

void
tcp_cork_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->cork_over = true;
	tcp_flush_add(core, conn);
}

/*
 * RFC 9293 3.8.6.2.1: how much of a segment the peer's window takes, if it is worth it.
 * @return bytes; 0 of a segment with data: wait
 */
static uint32_t
window_takes(const struct tcp_conn *conn, const struct tcp_seg *seg, uint32_t length)
{
	uint32_t edge = conn->snd_una + conn->snd_wnd;
	uint32_t room = seq_after(edge, seg->seq) ? edge - seg->seq : 0;

	if (length <= room)
		return length;
	/* Half of the largest window there was is worth it, however little that is. */
	return room >= conn->snd_mss || (room > 0 && room >= tcp_scale_window_max(conn) / 2) ? room
											     : 0;
}

static void
data_flags(struct tcp_conn *conn, struct tcp_seg *seg)
{
	/* RFC 9293 3.9.1.2: the last of what is there is pushed. */
	if (seg->length > 0 && STAILQ_NEXT(seg, next) == NULL)
		seg->flags |= TCP_PSH;
}

enum data_end { DATA_NONE, DATA_CWND, DATA_WINDOW, DATA_SMALL, DATA_STOP, DATA_SEND };

/* Whether new data may leave; then the first segment is as long as it may be. */
static enum data_end
data_check(struct tcp_core *core, struct tcp_conn *conn)
{
	struct tcp_seg *seg = conn->unsent;
	uint32_t length, takes;

	if (seg == NULL)
		return DATA_NONE;
	if (conn->state <= TCP_SYN_RECEIVED && !(seg->flags & TCP_SYN))
		return DATA_STOP;
	length = RTE_MIN(seg->length, conn->snd_mss);
	takes = window_takes(conn, seg, length);
	if (takes == 0 && seg->length > 0)
		return DATA_WINDOW;
	length = takes;
	if (tcp_in_flight(conn) + length > cwnd(conn) && tcp_in_flight(conn) > 0)
		return DATA_CWND;
	if (length == seg->length && small_waits(conn, seg, length))
		return DATA_SMALL;
	if (tcp_pace_waits(core, conn) ||
		(length < seg->length && !tcp_seg_split(core, conn, seg, length)))
		return DATA_STOP;
	return DATA_SEND;
}

static enum data_end
data_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	struct tcp_tso tso = { .send.segments = 0 };
	enum data_end end;

	while ((end = data_check(core, conn)) == DATA_SEND) {
		data_flags(conn, conn->unsent);
		if (seg_add(core, conn, &tso, conn->unsent, out))
			continue;
		end = DATA_STOP;
		break;
	}
	tcp_tso_send(core, conn, &tso, out);
	return end;
}

/* RFC 5681 4.1: a window that was not used for long says nothing of the path any more. */
static void
idle_check(struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t idle_us = core->now_us - conn->sent_us;

	if (conn->unsent != NULL && conn->snd_nxt == conn->snd_una && idle_us > conn->rto_us)
		cc_idle(&conn->cc, idle_us, conn->rto_us);
}

/* What this flush says about who limits the rate: RFC 7661 4.3, and for samples of the rate. */
static void
limits_note(struct tcp_conn *conn, enum data_end end)
{
	uint32_t in_flight = tcp_in_flight(conn);

	conn->rcv_limited = end == DATA_WINDOW;
	if (end == DATA_CWND)
		conn->cwnd_limited = true;
	else if (cc_in_slow_start(&conn->cc))
		conn->cwnd_limited = in_flight >= conn->cc.cwnd_bytes / 2;
	else
		conn->cwnd_limited = in_flight + conn->snd_mss > conn->cc.cwnd_bytes;
	if ((end == DATA_NONE || end == DATA_SMALL) && conn->lost_bytes == 0 &&
		in_flight < conn->cc.cwnd_bytes)
		conn->app_limited = (conn->delivered + in_flight) | 1;
}

/* ---- probes and acknowledgments ---- */

static uint32_t
probe_length(const struct tcp_conn *conn, const struct tcp_seg *seg)
{
	if (seg != conn->unsent)
		return conn->snd_mss;
	return RTE_MIN(RTE_MAX(conn->snd_wnd, 1U), (uint32_t)conn->snd_mss);
}

/* Of what was made for a path that carried more, the last that it carries now. NULL: no memory */
static struct tcp_seg *
last_fitting(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg)
{
	while (seg != NULL && seg->length > conn->snd_mss) {
		if (!tcp_seg_split(core, conn, seg, conn->snd_mss))
			return NULL;
		seg = STAILQ_NEXT(seg, next);
	}
	return seg;
}

static bool
probe_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	struct tcp_seg *seg;

	switch (conn->probe) {
	case TCP_PROBE_NONE: return true;
	case TCP_PROBE_TAIL:
		seg = last_fitting(core, conn, tcp_tlp_choose(conn));
		if (seg != NULL && !tcp_seg_send(core, conn, seg, out))
			return false;
		tcp_count(core, TCP_STAT_tlp_probes);
		break;
	case TCP_PROBE_WINDOW:
		seg = STAILQ_FIRST(&conn->queue);
		/* What the window takes, an octet at least; if that is out already, again. */
		if (seg != NULL && seg->length > probe_length(conn, seg) &&
			!tcp_seg_split(core, conn, seg, probe_length(conn, seg)))
			return false;
		if (seg != NULL && !tcp_seg_send(core, conn, seg, out))
			return false;
		tcp_count(core, TCP_STAT_zero_window_probes);
		break;
	case TCP_PROBE_KEEPALIVE:
		/* RFC 9293 3.8.4: what was acknowledged long ago, so that an ACK comes. */
		if (!tcp_ack_send(core, conn, conn->snd_una - 1, out))
			return false;
		tcp_count(core, TCP_STAT_keepalives);
		break;
	}
	conn->probe = TCP_PROBE_NONE;
	return true;
}

/* RFC 9293 3.8.6.3, 5681 4.2: an ACK at once, or soon. */
static bool
ack_is_due(struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t unacked = conn->rcv_nxt - conn->rcv_acked;

	if (conn->state == TCP_SYN_SENT || conn->state == TCP_CLOSED)
		return false;
	if (conn->ack_now || tcp_window_is_due(conn))
		return true;
	if (unacked == 0)
		return false;
	if (unacked >= 2U * conn->rcv_mss || conn->quick_acks > 0 || conn->quickack)
		return true;
	if (conn->due_ns[TCP_TIMER_ACK] == 0)
		tcp_timer_set(core, conn, TCP_TIMER_ACK,
			core->now_ns + core->config.delayed_ack_us * 1000ULL);
	return false;
}

static bool
acks_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	uint32_t count = ack_is_due(core, conn);

	count = RTE_MAX(count, conn->dup_acks_owed);
	for (; count > 0; count--) {
		bool full = out_full(core, conn, out);

		if (!full && tcp_ack_send(core, conn, empty_seq(conn), out))
			continue;
		conn->dup_acks_owed = (uint8_t)RTE_MIN(count, 255U);
		/* Without a packet buffer now there is none a moment later either. */
		if (!full)
			tcp_timer_set(core, conn, TCP_TIMER_ACK,
				core->now_ns + core->config.delayed_ack_us * 1000ULL);
		return !full;
	}
	conn->dup_acks_owed = 0;
	return true;
}

bool
tcp_output(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	enum data_end end = DATA_STOP;
	bool sent_all;

	if (out_full(core, conn, out))
		return false;
	if (conn->reset_wanted) {
		reset_send(core, conn, out);
		tcp_conn_end(core, conn, conn->error);
		return true;
	}
	if (conn->state == TCP_CLOSED)
		return true;
	/* A descriptor was wanted for it when the user closed. */
	if (conn->fin_wanted && !conn->fin_queued && conn->state != TCP_TIME_WAIT)
		tcp_fin_queue(core, conn);
	/* With something out, an acknowledgment comes back here. */
	if (unlikely(conn->fin_wanted && !conn->fin_queued && conn->state != TCP_TIME_WAIT &&
		    conn->snd_end == conn->snd_una))
		tcp_timer_set(core, conn, TCP_TIMER_WRITE, core->now_ns + TCP_RETRY_NS);
	idle_check(core, conn);
	sent_all = probe_send(core, conn, out) && lost_send(core, conn, out);
	if (sent_all && tcp_mtu_probe_is_wanted(conn) && !out_full(core, conn, out) &&
		tcp_mtu_probe_send(core, conn, out))
		end = DATA_CWND;
	else if (sent_all)
		end = data_send(core, conn, out);
	tcp_write_check(core, conn);
	cork_arm(core, conn, end == DATA_SMALL);
	if (end == DATA_NONE)
		conn->cork_over = false;
	limits_note(conn, end);
	tcp_limit_update(core, conn);
	tcp_retransmit_arm(core, conn);
	tcp_user_timeout_arm(core, conn);
	return acks_send(core, conn, out) &&
		!(out_full(core, conn, out) && (conn->unsent != NULL || conn->lost_hint != NULL));
}

void
tcp_flush(struct tcp_core *core, const struct tcp_out *out)
{
	struct tcp_conn *conn, *last = TAILQ_LAST(&core->flush, tcp_conn_list);

	core->flush_room = PKT_VEC_MAX;
	while ((conn = TAILQ_FIRST(&core->flush)) != NULL) {
		bool done = tcp_output(core, conn, out);

		TAILQ_REMOVE(&core->flush, conn, flush_next);
		conn->on_flush = false;
		if (!done) {
			/* To the end of the line: a large window does not keep others waiting. */
			tcp_flush_add(core, conn);
			break;
		}
		if (conn->detached && (conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT))
			tcp_conn_free(core, conn);
		if (conn == last)
			break;
	}
}
