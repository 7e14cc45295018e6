/* SPDX-License-Identifier: BSD-3-Clause */
/* Explicit congestion notification: RFC 3168 6.1. What a mark does to cwnd (RFC 8511) is lib/cc's. */
#include "tcp/tcp_priv.h"

uint8_t
tcp_ecn_syn_flags(const struct tcp_conn *conn)
{
	/* RFC 3168 6.1.1, and 6.1.1.1: not again if the first was not answered. */
	if (conn->state == TCP_SYN_SENT)
		return conn->ecn_asked && conn->backoff < 2 ? TCP_ECE | TCP_CWR : 0;
	return conn->ecn_ok ? TCP_ECE : 0;
}

bool
tcp_ecn_agrees(const struct tcp_conn *conn, const struct tcp_segment *segment)
{
	uint8_t flags = segment->flags & (TCP_ECE | TCP_CWR);

	if (segment->flags & TCP_ACK)
		return conn->ecn_asked && flags == TCP_ECE;
	return flags == (TCP_ECE | TCP_CWR) && tcp_ecn_syn_flags(conn) != 0;
}

/* The receiver: RFC 3168 6.1.3. Marks are echoed until the sender says that it has slowed down. */
void
tcp_ecn_input(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_segment *segment)
{
	/* What CWR answers came before this mark. */
	if (segment->flags & TCP_CWR)
		conn->ece_echo = false;
	if (!segment->ce)
		return;
	conn->ecn_marks++;
	if (!conn->ece_echo) {
		conn->ack_now = true;
		tcp_flush_add(core, conn);
	}
	conn->ece_echo = true;
}

/* The sender: RFC 3168 6.1.2, once a window of data. */
void
tcp_ecn_ack(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_ack *ack)
{
	if (!conn->ecn_ok || !(ack->segment->flags & TCP_ECE) || ack->segment->flags & TCP_SYN ||
		seq_before(conn->snd_una, conn->ecn_recover) || ack->acked == 0)
		return;
	conn->ecn_recover = conn->snd_nxt;
	if (conn->recovery == TCP_RECOVERY_NONE)
		tcp_congestion(core, conn, CC_ECN, ack->flight_before);
	else
		conn->cwr_wanted = true;
}
