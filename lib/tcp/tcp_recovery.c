/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loss recovery: when it begins and ends. Losses are found by tcp_rack.c; of peers without SACK by
 * duplicate ACKs (RFC 5681, 6582). How much is sent meanwhile says tcp_prr.c.
 */
#include "tcp/tcp_priv.h"

#define DUP_THRESH 3 /* RFC 5681 3.2 */

void
tcp_congestion(struct tcp_core *core, struct tcp_conn *conn, enum cc_signal signal,
	uint32_t in_flight_bytes)
{
	/* RFC 3168 6.1.2: told of with the next new data, whatever the reason. */
	conn->cwr_wanted = conn->ecn_ok;
	cc_congestion(&conn->cc,
		&(struct cc_congestion){ .signal = signal,
			.now_us = core->now_ns / 1000,
			.in_flight_bytes = in_flight_bytes,
			.min_rtt_us = conn->min_rtt_us });
}

/*
 * RFC 5681 3.2 (2), 6675 5 (4.2): FlightSize without what limited transmit has sent, which is what went
 * beyond cwnd; unless a mark has made that smaller since.
 */
static uint32_t
loss_flight(const struct tcp_conn *conn)
{
	uint32_t flight = tcp_flight_size(conn);

	return seq_before(conn->snd_una, conn->ecn_recover) ? flight
							    : RTE_MIN(flight, conn->cc.cwnd_bytes);
}

static void
fast_start(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->recovery = TCP_RECOVERY_FAST;
	conn->recover = conn->snd_nxt;
	conn->recoveries++;
	tcp_count(core, TCP_STAT_recoveries);
	tcp_undo_start(core, conn);
	conn->undo_fast = true;
	tcp_congestion(core, conn, CC_LOSS, loss_flight(conn));
	/* RFC 3168 6.1.2: and a mark of the same window is the same congestion. */
	conn->ecn_recover = conn->snd_nxt;
	tcp_prr_start(conn);
}

/* RFC 6582 3.2: peers without SACK. @return whether something was marked lost */
static bool
reno_detect(struct tcp_conn *conn, const struct tcp_ack *ack)
{
	struct tcp_seg *head = STAILQ_FIRST(&conn->queue);

	if (head == NULL || head == conn->unsent || head->state & TCP_SEG_LOST)
		return false;
	/* Step 2: three duplicates; not of what an earlier recovery had sent again (step 1). */
	if (conn->recovery == TCP_RECOVERY_NONE
			? conn->dup_acks < DUP_THRESH || seq_before(conn->snd_una, conn->recover)
			: /* Step 3: a partial acknowledgment, so the next is missing too. */
			conn->recovery != TCP_RECOVERY_FAST || ack->acked == 0)
		return false;
	tcp_seg_mark_lost(conn, head);
	return true;
}

/* @return whether it goes on */
static bool
recovery_end_check(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack)
{
	if (tcp_undo_ack(core, conn, ack))
		return false;
	if (seq_before(conn->snd_una, conn->recover))
		return true;
	/* RFC 6582 3.2 (3). With SACK, PRR has led to ssthresh, which cwnd has been since: RFC 6937 3. */
	if (conn->recovery == TCP_RECOVERY_FAST && !conn->sack_ok)
		cc_recovery_end(&conn->cc, tcp_in_flight(conn));
	conn->recovery = TCP_RECOVERY_NONE;
	conn->frto = false;
	if (!conn->sack_ok)
		conn->sacked_bytes = 0;
	/* RFC 8985 6.2 step 4: the wider window lasts for so many recoveries. */
	if (conn->rack_window_persist > 0 && --conn->rack_window_persist == 0)
		conn->rack_window_factor = 1;
	return false;
}

void
tcp_recovery_ack(struct tcp_core *core, struct tcp_conn *conn, struct tcp_ack *ack)
{
	uint32_t delivered = conn->delivered - ack->delivered_before;
	bool probe_out = conn->mtu_probe_out;

	if (conn->recovery != TCP_RECOVERY_NONE)
		recovery_end_check(core, conn, ack);
	else if (ack->dsack)
		tcp_undo_ack(core, conn, ack);
	if (conn->sack_ok) {
		tcp_rack_update(core, conn, ack);
		/* Something has to have arrived for anything to be late. */
		if (ack->any || conn->recovery != TCP_RECOVERY_NONE)
			ack->lost = tcp_rack_detect(core, conn);
	} else {
		ack->lost = reno_detect(conn, ack);
	}
	if (ack->lost && conn->recovery == TCP_RECOVERY_NONE &&
		!tcp_mtu_probe_is_all(conn, probe_out))
		fast_start(core, conn);
	if (conn->recovery == TCP_RECOVERY_FAST)
		tcp_prr_ack(conn, delivered, ack->acked > 0);
	tcp_tlp_ack(core, conn, ack);
}

void
tcp_recovery_reorder_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	bool probe_out = conn->mtu_probe_out;

	if (!tcp_rack_detect(core, conn))
		return;
	if (conn->recovery == TCP_RECOVERY_NONE && !tcp_mtu_probe_is_all(conn, probe_out))
		fast_start(core, conn);
	if (conn->recovery == TCP_RECOVERY_FAST)
		tcp_prr_ack(conn, 0, false);
}

void
tcp_recovery_timeout(struct tcp_core *core, struct tcp_conn *conn)
{
	struct tcp_seg *head = STAILQ_FIRST(&conn->queue), *seg;
	/* RFC 5681 3.1: ssthresh stays if this was sent again for a time-out before. */
	bool again = conn->recovery == TCP_RECOVERY_TIMEOUT && conn->backoff > 0;

	/* RFC 6675 5.1, 2018 8: the peer has given up what it had. */
	if (head != NULL && head->state & TCP_SEG_SACKED) {
		tcp_count(core, TCP_STAT_sack_reneged);
		tcp_sack_forget(conn);
	}
	conn->undo_fast = false;
	conn->frto = again ? conn->frto : conn->recovery == TCP_RECOVERY_NONE;
	if (!again)
		tcp_undo_start(core, conn);
	tcp_congestion(core, conn, again ? CC_RTO_AGAIN : CC_RTO, tcp_flight_size(conn));
	tcp_mtu_probe_forget(conn);
	STAILQ_FOREACH (seg, &conn->queue, next) {
		if (seg == conn->unsent)
			break;
		if (!(seg->state & TCP_SEG_SACKED))
			tcp_seg_mark_lost(conn, seg);
	}
	if (!conn->sack_ok)
		conn->sacked_bytes = 0;
	conn->dup_acks = 0;
	conn->recovery = TCP_RECOVERY_TIMEOUT;
	conn->recover = conn->snd_nxt;
	conn->ecn_recover = conn->snd_nxt;
	conn->tlp_out = false;
	conn->timeouts = (uint16_t)RTE_MIN(conn->timeouts + 1U, (uint32_t)UINT16_MAX);
	tcp_count(core, TCP_STAT_timeouts);
}
