/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an acknowledgment does: RFC 9293 3.10.7.4, fifth step. It is checked, frees what it covers, and
 * is then asked what it says of the path: tcp_sack.c, tcp_rack.c, tcp_recovery.c, lib/cc.
 */
#include "tcp/tcp_priv.h"

/* Whether the segment was out before the peer can have seen it sent again: RFC 8985 6.2 step 2. */
static bool
was_first_sending(const struct tcp_core *core, const struct tcp_conn *conn,
	const struct tcp_ack *ack, const struct tcp_seg *seg)
{
	uint32_t sent_ms_ago = (core->now_us - seg->sent_us) / 1000;
	uint32_t sent_ts = tcp_ts_now(core) + conn->ts_offset - sent_ms_ago;
	const struct tcp_options *options = &ack->segment->options;

	if (conn->timestamps_ok && options->present & TCP_OPTION_TIMESTAMPS)
		return seq_before(options->ts_ecr, sent_ts);
	return core->now_us - seg->sent_us < conn->min_rtt_us;
}

/* RFC 8985 5.2: RACK.fack, and what came behind it though sent in front. */
static void
reordering_note(struct tcp_conn *conn, const struct tcp_seg *seg)
{
	uint32_t end = tcp_seg_end(seg);

	if (seq_after(end, conn->rack_fack)) {
		conn->rack_fack = end;
	} else if (seq_before(end, conn->rack_fack) && !(seg->state & TCP_SEG_EVER_RETRANS)) {
		conn->rack_reordering = true;
		conn->reorderings++;
	}
}

void
tcp_ack_delivered(
	struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack, struct tcp_seg *seg)
{
	uint32_t rtt_us = RTE_MAX(core->now_us - seg->sent_us, 1U);

	conn->delivered += tcp_seg_space(seg);
	conn->delivered_us = core->now_us;
	if (!ack->any || seq_from(seg->sent_us, ack->newest.sent_us)) {
		ack->newest = *seg;
		ack->any = true;
	}
	reordering_note(conn, seg);
	if (seg->state & TCP_SEG_EVER_RETRANS) {
		/* RFC 6298 3: whose round trip this is, nobody knows. */
		if (was_first_sending(core, conn, ack, seg))
			return;
	} else {
		ack->orig = true;
		ack->rtt_us = rtt_us;
	}
	/* RFC 8985 6.2 step 2: the latest of those that arrived. */
	if (seq_after(seg->sent_us, conn->rack_sent_us) ||
		(seg->sent_us == conn->rack_sent_us &&
			seq_after(tcp_seg_end(seg), conn->rack_end))) {
		conn->rack_sent_us = seg->sent_us;
		conn->rack_end = tcp_seg_end(seg);
	}
	conn->rack_rtt_us = rtt_us;
}

/* Forget a segment's part in the pipe, or `bytes` of it. */
static void
pipe_leave(struct tcp_conn *conn, const struct tcp_seg *seg, uint32_t bytes)
{
	if (seg->state & TCP_SEG_SACKED)
		conn->sacked_bytes -= bytes;
	if (seg->state & TCP_SEG_LOST)
		conn->lost_bytes -= bytes;
	if (seg->state & TCP_SEG_RETRANS)
		conn->retrans_bytes -= bytes;
}

static void
seg_acked(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack, struct tcp_seg *seg)
{
	if (!(seg->state & TCP_SEG_SACKED))
		tcp_ack_delivered(core, conn, ack, seg);
	if (tcp_seg_is_timed(conn, seg))
		TAILQ_REMOVE(&conn->in_flight, seg, by_time);
	pipe_leave(conn, seg, tcp_seg_space(seg));
	if (unlikely(seg->state & TCP_SEG_MTU_PROBE))
		tcp_mtu_probe_acked(core, conn, seg);
	if (conn->lost_hint == seg)
		conn->lost_hint = STAILQ_NEXT(seg, next);
	if (conn->sack_hint == seg)
		conn->sack_hint = NULL;
	STAILQ_REMOVE_HEAD(&conn->queue, next);
	if (seg->flags & TCP_FIN)
		conn->fin_acked = true;
	tcp_seg_free(core, conn, seg);
}

/* Marks in the stream that are passed come along: half of all numbers on they would lie ahead. */
static void
marks_follow(struct tcp_conn *conn)
{
	if (conn->recovery == TCP_RECOVERY_NONE)
		conn->recover = seq_max(conn->recover, conn->snd_una);
	conn->ecn_recover = seq_max(conn->ecn_recover, conn->snd_una);
	conn->rack_dsack_round = seq_max(conn->rack_dsack_round, conn->snd_una);
	if (conn->snd_up_ok && seq_from(conn->snd_una, conn->snd_up))
		conn->snd_up_ok = false;
}

/* RFC 9293 3.4: segments that are acknowledged wholly leave the queue. */
static void
queue_ack(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack, uint32_t una)
{
	bool repaired = false;
	struct tcp_seg *seg;

	while ((seg = STAILQ_FIRST(&conn->queue)) != NULL && seg != conn->unsent) {
		if (seq_after(tcp_seg_end(seg), una)) {
			uint32_t bytes = una - seg->seq;

			if (seq_after(una, seg->seq) && bytes <= seg->length) {
				pipe_leave(conn, seg, bytes);
				conn->delivered += bytes;
				tcp_seg_trim(core, seg, bytes);
			}
			break;
		}
		repaired |= (seg->state & TCP_SEG_EVER_RETRANS) != 0;
		seg_acked(core, conn, ack, seg);
	}
	/*
	 * RFC 6298 3: what had to wait for one that was sent again took longer than a round trip; but
	 * timestamps tell which one came.
	 */
	if (repaired)
		ack->rtt_us = tcp_rtt_by_timestamp(core, conn, ack->segment);
	ack->acked = una - conn->snd_una;
	conn->snd_una = una;
	marks_follow(conn);
	conn->bytes_acked += ack->acked;
	conn->stalled_ms = core->now_ms;
	conn->backoff = 0;
	/* Whatever ICMP has told is over. */
	conn->icmp_error = 0;
}

/* RFC 9293 3.10.7.4: the send window. */
static void
window_update(struct tcp_conn *conn, const struct tcp_segment *segment, struct tcp_ack *ack)
{
	uint32_t window = (uint32_t)segment->window << conn->snd_wscale;

	if (seq_before(segment->seq, conn->snd_wl1) ||
		(segment->seq == conn->snd_wl1 && seq_before(segment->ack, conn->snd_wl2)))
		return;
	ack->window_update = window != conn->snd_wnd;
	ack->window_opened = window > 0 && conn->snd_wnd == 0 && ack->window_update;
	conn->snd_wnd = window;
	conn->snd_wnd_max = RTE_MAX(conn->snd_wnd_max, window);
	conn->snd_wl1 = segment->seq;
	conn->snd_wl2 = segment->ack;
}

/* What was sent into a closed window was not taken: it is sent again, and nobody is to blame. */
static void
window_opened(const struct tcp_core *core, struct tcp_conn *conn)
{
	struct tcp_seg *seg;

	conn->backoff = 0;
	/* Nor has what the peer did not take waited for an acknowledgment until now: RFC 5482. */
	conn->stalled_ms = core->now_ms;
	tcp_timer_clear(conn, TCP_TIMER_RETRANSMIT);
	tcp_mtu_probe_forget(conn);
	while ((seg = TAILQ_FIRST(&conn->in_flight)) != NULL)
		tcp_seg_mark_lost(conn, seg);
}

/*
 * RFC 5681 2: a duplicate, from a peer without SACK. Each says that a segment arrived: so much less is
 * in flight, though never less than nothing but the one that is missing.
 */
static void
duplicate_note(struct tcp_conn *conn, const struct tcp_segment *segment, const struct tcp_ack *ack)
{
	uint32_t flight = tcp_flight_size(conn), most;

	if (conn->sack_ok)
		return;
	if (ack->acked > 0) {
		/* What was acknowledged now, but the missing one, duplicates had told of. */
		uint32_t arrived = ack->acked > conn->snd_mss ? ack->acked - conn->snd_mss : 0;

		if (conn->recovery == TCP_RECOVERY_NONE || arrived > conn->sacked_bytes)
			arrived = conn->sacked_bytes;
		conn->sacked_bytes -= arrived;
		conn->delivered -= arrived;
		conn->dup_acks = 0;
	} else if (flight > 0 && segment->length == 0 && !ack->window_update &&
		segment->ack == conn->snd_una && !(segment->flags & (TCP_SYN | TCP_FIN))) {
		conn->dup_acks = (uint8_t)RTE_MIN(conn->dup_acks + 1U, 255U);
		conn->sacked_bytes += conn->snd_mss;
		conn->delivered += conn->snd_mss;
	}
	most = flight > conn->snd_mss + conn->lost_bytes ? flight - conn->snd_mss - conn->lost_bytes
							 : 0;
	conn->sacked_bytes = RTE_MIN(conn->sacked_bytes, most);
}

static void
cc_tell(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack)
{
	uint32_t delivered = conn->delivered - ack->delivered_before;

	if (ack->acked == 0 && delivered == 0)
		return;
	cc_ack(&conn->cc,
		&(struct cc_ack){
			.now_us = core->now_ns / 1000,
			.acked_bytes = ack->acked,
			.delivered_bytes = delivered,
			.in_flight_bytes = tcp_in_flight(conn),
			.rtt_us = ack->rtt_us,
			.min_rtt_us = conn->min_rtt_us,
			.delivery_rate = conn->rate,
			.rate_app_limited = conn->rate_app_limited,
			.cwnd_limited = conn->cwnd_limited,
			.in_recovery = conn->recovery == TCP_RECOVERY_FAST,
		});
}

/* RFC 9293 3.9.1.2: room in the buffer; and the buffer follows cwnd, so that it does not limit it. */
static void
send_buffer_check(struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t wanted = 2 * RTE_MIN(conn->cc.cwnd_bytes, UINT32_MAX / 4);

	if (wanted > conn->snd_buf && conn->snd_buf < conn->snd_buf_max && conn->cwnd_limited) {
		conn->snd_buf = RTE_MIN(wanted, conn->snd_buf_max);
		conn->snd_buf_tuned = true;
	}
	tcp_write_check(core, conn);
}

/* RFC 5961 5: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT. */
static bool
ack_is_acceptable(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	if (seq_from(segment->ack, conn->snd_una - conn->snd_wnd_max) &&
		seq_until(segment->ack, conn->snd_nxt))
		return true;
	tcp_count(core, TCP_STAT_bad_acks);
	tcp_challenge(core, conn);
	return false;
}

bool
tcp_ack_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	struct tcp_ack ack = {
		.segment = segment,
		.flight_before = tcp_in_flight(conn),
		.delivered_before = conn->delivered,
	};

	if (!ack_is_acceptable(core, conn, segment))
		return false;
	/* RFC 9293 3.10.7.4: an old one is ignored. */
	if (seq_before(segment->ack, conn->snd_una))
		return true;
	window_update(conn, segment, &ack);
	/* Nothing out, nothing new: all that idle and receiving connections hear. */
	if (conn->snd_una == conn->snd_nxt && !ack.window_update)
		return true;
	if (segment->ack != conn->snd_una)
		queue_ack(core, conn, &ack, segment->ack);
	if (ack.window_opened && conn->state >= TCP_ESTABLISHED)
		window_opened(core, conn);
	if (conn->sack_ok)
		tcp_sack_input(core, conn, &ack);
	if (ack.acked > 0 || ack.any)
		tcp_timer_clear(conn, TCP_TIMER_RETRANSMIT);
	if (unlikely(!conn->snd_scale_good) && ack.any)
		tcp_scale_ack(core, conn, conn->delivered - ack.newest.delivered);
	duplicate_note(conn, segment, &ack);
	tcp_rate_sample(core, conn, &ack);
	if (ack.rtt_us != 0)
		tcp_rtt_sample(core, conn, ack.rtt_us);
	tcp_ecn_ack(core, conn, &ack);
	tcp_recovery_ack(core, conn, &ack);
	cc_tell(core, conn, &ack);
	if (ack.acked > 0)
		send_buffer_check(core, conn);
	tcp_flush_add(core, conn);
	if (conn->fin_acked) {
		conn->fin_acked = false;
		tcp_fin_acked(core, conn);
	}
	return true;
}
