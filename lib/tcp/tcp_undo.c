/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A recovery that was for nothing is undone, once that shows: by timestamps (Eifel, RFC 3522 and
 * 4015), by duplicates reported for all that was sent again (RFC 2883, 3708), or, after a time-out, as
 * what was sent before it arrives (F-RTO, RFC 5682).
 */
#include "tcp/tcp_priv.h"

void
tcp_undo_start(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->undo_ok = true;
	conn->undo_any = false;
	conn->undo_retrans = 0;
	/* What a probe or the last recovery sent again may be on its way: its answer is none to this. */
	if (conn->retrans_bytes == 0)
		conn->undo_ts = 0;
}

/*
 * RFC 3522 3.2: the peer echoes a timestamp from before anything was sent again. That one segment was
 * late does not say that the others were, which wait for theirs.
 */
static bool
eifel_detects(const struct tcp_conn *conn, const struct tcp_ack *ack)
{
	const struct tcp_options *options = &ack->segment->options;

	if (conn->recovery == TCP_RECOVERY_FAST && conn->retrans_bytes > 0 &&
		seq_before(conn->snd_una, conn->recover))
		return false;
	return conn->recovery != TCP_RECOVERY_NONE && conn->timestamps_ok &&
		options->present & TCP_OPTION_TIMESTAMPS && ack->acked > 0 && conn->undo_ts != 0 &&
		seq_before(options->ts_ecr, conn->undo_ts & ~1U);
}

/*
 * RFC 5682 3: what was sent before the time-out, and never again, arrives. Not with all the rest (2.1 step
 * 2a): then it may have waited for what was sent again, and the acknowledgments before been lost.
 */
static bool
frto_detects(const struct tcp_conn *conn, const struct tcp_ack *ack)
{
	return conn->recovery == TCP_RECOVERY_TIMEOUT && conn->frto && conn->sack_ok && ack->orig &&
		seq_before(conn->snd_una, conn->recover) &&
		seq_until(tcp_seg_end(&ack->newest), conn->recover);
}

static bool
duplicates_detect(const struct tcp_conn *conn, const struct tcp_ack *ack)
{
	return ack->dsack && conn->undo_any && conn->undo_retrans == 0;
}

/* What was deemed lost and not sent again is in flight after all, the oldest. */
static void
lost_clear(struct tcp_conn *conn)
{
	struct tcp_seg *seg, *before = NULL;

	STAILQ_FOREACH (seg, &conn->queue, next) {
		if (seg == conn->unsent)
			break;
		if (!(seg->state & TCP_SEG_LOST))
			continue;
		conn->lost_bytes -= tcp_seg_space(seg);
		seg->state &= (uint8_t)~TCP_SEG_LOST;
		if (seg->state & TCP_SEG_RETRANS)
			continue;
		if (before == NULL)
			TAILQ_INSERT_HEAD(&conn->in_flight, seg, by_time);
		else
			TAILQ_INSERT_AFTER(&conn->in_flight, before, seg, by_time);
		before = seg;
	}
	conn->lost_hint = NULL;
}

bool
tcp_undo_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack)
{
	if (!conn->undo_ok)
		return false;
	if (!eifel_detects(conn, ack) && !frto_detects(conn, ack) && !duplicates_detect(conn, ack))
		return false;
	lost_clear(conn);
	cc_undo(&conn->cc);
	conn->undo_ok = false;
	conn->frto = false;
	conn->recovery = TCP_RECOVERY_NONE;
	/*
	 * RFC 8985 6.2 step 3 does not look at what was sent again; but what was late only, so that it was, is
	 * what reordering is. Else RACK would take the next for lost as soon, and never see it.
	 */
	if (conn->undo_fast && conn->sack_ok && !conn->rack_reordering) {
		conn->rack_reordering = true;
		conn->reorderings++;
	}
	conn->undos++;
	tcp_count(core, TCP_STAT_undos);
	return true;
}
