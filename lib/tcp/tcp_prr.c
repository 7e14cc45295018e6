/* SPDX-License-Identifier: BSD-3-Clause */
/* Proportional rate reduction: how much may be sent during fast recovery. RFC 6937 3. */
#include "tcp/tcp_priv.h"

void
tcp_prr_start(struct tcp_conn *conn)
{
	conn->prr_delivered = conn->prr_out = 0;
	conn->prr_flight = tcp_flight_size(conn); /* RecoverFS */
	conn->prr_cwnd = tcp_in_flight(conn);
}

void
tcp_prr_ack(struct tcp_conn *conn, uint32_t delivered, bool una_advanced)
{
	uint32_t pipe = tcp_in_flight(conn), ssthresh = conn->cc.ssthresh_bytes;
	int64_t count;

	conn->prr_delivered += delivered;
	if (pipe > ssthresh) {
		/* In proportion to what arrives. */
		count = (int64_t)(((uint64_t)conn->prr_delivered * ssthresh + conn->prr_flight -
					  1) /
				RTE_MAX(conn->prr_flight, 1U)) -
			conn->prr_out;
	} else {
		/* Slow start back to ssthresh, if ACKs go on; else one for one. */
		int64_t limit = (int64_t)conn->prr_delivered - conn->prr_out;

		if (una_advanced)
			limit = RTE_MAX(limit, (int64_t)delivered) + conn->snd_mss;
		count = RTE_MIN((int64_t)ssthresh - pipe, limit);
	}
	/* What fast retransmit sends, it sends at once; and what a partial ACK asks for: RFC 6582 3.2 (3). */
	if (conn->prr_out == 0 || (una_advanced && !conn->sack_ok))
		count = RTE_MAX(count, (int64_t)conn->snd_mss);
	conn->prr_cwnd = pipe + (uint32_t)RTE_MAX(count, 0);
}
