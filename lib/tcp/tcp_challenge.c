/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Challenge ACKs (RFC 5961): a segment that may be forged is answered by an ACK, on which a peer that
 * meant it says so again. The limit (RFC 5961 7) is each connection's: one that all share could be
 * asked about connections of others (CVE-2016-5696).
 */
#include "tcp/tcp_priv.h"

void
tcp_challenge(struct tcp_core *core, struct tcp_conn *conn)
{
	if (core->now_us - conn->challenge_us >= TCP_CHALLENGE_WINDOW_US) {
		conn->challenge_us = core->now_us;
		conn->challenges = 0;
	}
	if (conn->challenges >= TCP_CHALLENGE_MAX) {
		tcp_count(core, TCP_STAT_challenge_limited);
		return;
	}
	conn->challenges++;
	tcp_count(core, TCP_STAT_challenge_acks);
	conn->ack_now = true;
	tcp_flush_add(core, conn);
}
