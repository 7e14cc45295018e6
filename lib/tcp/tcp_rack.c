/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RACK: a segment is lost if one that was sent later arrived, and it had time to: RFC 8985 6. Probes
 * of tails are in tcp_tlp.c.
 */
#include "tcp/tcp_priv.h"

/* RFC 8985 6.2 step 4: round trips for which a wider window is kept after a D-SACK. */
#define WINDOW_PERSIST 16
/* RFC 5681, as RACK keeps it while nothing was reordered. */
#define DUP_THRESH 3

static uint32_t
reorder_window_us(const struct tcp_conn *conn)
{
	/* RFC 8985 6.2 step 4 */
	if (!conn->rack_reordering) {
		if (conn->recovery != TCP_RECOVERY_NONE)
			return 0;
		if (conn->sacked_bytes >= DUP_THRESH * (uint32_t)conn->snd_mss)
			return 0;
	}
	return RTE_MIN(conn->rack_window_factor * (conn->min_rtt_us / 4), conn->srtt_us);
}

void
tcp_rack_update(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack)
{
	/* RFC 8985 6.2 step 4: a duplicate says that the window was too narrow; once a round. */
	if (ack->dsack && seq_from(conn->snd_una, conn->rack_dsack_round)) {
		conn->rack_window_factor = (uint8_t)RTE_MIN(conn->rack_window_factor + 1U, 255U);
		conn->rack_window_persist = WINDOW_PERSIST;
		conn->rack_dsack_round = conn->snd_nxt;
	}
}

bool
tcp_rack_detect(struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t window_us = reorder_window_us(conn);
	uint32_t wait_us = 0;
	struct tcp_seg *seg, *next;
	bool lost = false;

	/* By the time of sending: the first that was sent after what arrived ends it. */
	for (seg = TAILQ_FIRST(&conn->in_flight); seg != NULL; seg = next) {
		int32_t remaining_us;

		next = TAILQ_NEXT(seg, by_time);
		if (seq_after(seg->sent_us, conn->rack_sent_us) ||
			(seg->sent_us == conn->rack_sent_us &&
				seq_from(tcp_seg_end(seg), conn->rack_end)))
			break;
		remaining_us =
			(int32_t)(seg->sent_us + conn->rack_rtt_us + window_us - core->now_us);
		if (remaining_us <= 0) {
			tcp_seg_mark_lost(conn, seg);
			lost = true;
		} else {
			wait_us = RTE_MAX(wait_us, (uint32_t)remaining_us);
		}
	}
	if (wait_us > 0) {
		conn->retransmit_kind = TCP_RETRANSMIT_REORDER;
		tcp_timer_set(core, conn, TCP_TIMER_RETRANSMIT, core->now_ns + wait_us * 1000ULL);
	}
	return lost;
}
