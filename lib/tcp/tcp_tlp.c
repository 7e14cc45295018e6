/* SPDX-License-Identifier: BSD-3-Clause */
/* Tail loss probes: RFC 8985 7. What nothing follows is followed by a probe, sooner than by a time-out. */
#include "tcp/tcp_priv.h"

/* RFC 8985 7.2, as long as there is no round-trip time. */
#define PROBE_TIMEOUT_INITIAL_US 1000000U

bool
tcp_tlp_arm(struct tcp_core *core, struct tcp_conn *conn)
{
	uint64_t timeout_us;

	/* RFC 8985 7.2: with SACK, not in recovery, nothing SACKed, and one probe at a time. */
	if (!conn->sack_ok || conn->recovery != TCP_RECOVERY_NONE || conn->sacked_bytes > 0 ||
		conn->tlp_out || conn->state < TCP_ESTABLISHED || conn->snd_wnd == 0 ||
		conn->backoff > 0)
		return false;
	timeout_us = conn->srtt_us != 0 ? 2ULL * conn->srtt_us : PROBE_TIMEOUT_INITIAL_US;
	/* The peer may delay the ACK of a single one. */
	if (conn->srtt_us != 0 && tcp_flight_size(conn) <= conn->snd_mss)
		timeout_us += core->config.delayed_ack_us;
	if (timeout_us > conn->rto_us)
		return false;
	conn->retransmit_kind = TCP_RETRANSMIT_PROBE;
	tcp_timer_set(core, conn, TCP_TIMER_RETRANSMIT, core->now_ns + timeout_us * 1000);
	return true;
}

static struct tcp_seg *
last_sent(struct tcp_conn *conn)
{
	struct tcp_seg *seg, *last = NULL;

	/* The last by sequence number is the last that was sent first, if not the last sent. */
	TAILQ_FOREACH_REVERSE(seg, &conn->in_flight, tcp_seg_times, by_time)
	{
		if (tcp_seg_end(seg) == conn->snd_nxt)
			return seg;
	}
	STAILQ_FOREACH (seg, &conn->queue, next) {
		if (seg == conn->unsent)
			break;
		last = seg;
	}
	return last;
}

struct tcp_seg *
tcp_tlp_choose(struct tcp_conn *conn)
{
	struct tcp_seg *seg = conn->unsent;

	/* RFC 8985 7.3: new data if the window has room for it, whatever cwnd says. */
	if (seg != NULL && seg->length > 0 && seg->length <= conn->snd_mss &&
		seq_until(tcp_seg_end(seg), conn->snd_una + conn->snd_wnd)) {
		conn->tlp_is_retrans = false;
		conn->tlp_end = tcp_seg_end(seg);
	} else {
		seg = last_sent(conn);
		conn->tlp_is_retrans = true;
		conn->tlp_end = conn->snd_nxt;
	}
	/* It may have arrived since the timer struck. */
	if (seg != NULL && seg->state & TCP_SEG_SACKED)
		seg = NULL;
	conn->tlp_out = seg != NULL;
	return seg;
}

/* RFC 8985 7.4.2: whether the probe made good for a loss, which then counts as one. */
void
tcp_tlp_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack)
{
	const struct tcp_segment *segment = ack->segment;
	bool repaired;

	if (!conn->tlp_out || seq_before(segment->ack, conn->tlp_end))
		return;
	repaired = conn->tlp_is_retrans && !ack->dsack && seq_after(segment->ack, conn->tlp_end);
	/* The first to acknowledge it does not tell whether both arrived: the next does. */
	if (conn->tlp_is_retrans && !ack->dsack && !repaired &&
		(ack->acked > 0 || segment->length > 0 || segment->options.sack_count > 0))
		return;
	conn->tlp_out = false;
	if (!repaired || conn->recovery != TCP_RECOVERY_NONE)
		return;
	tcp_congestion(core, conn, CC_LOSS, ack->flight_before);
}
