/* SPDX-License-Identifier: BSD-3-Clause */
/* A window that is closed is probed until it opens: RFC 9293 3.8.6.1. */
#include "tcp/tcp_priv.h"

/* Probes without any answer, after which nobody is there; and with, of what nobody waits for. */
#define PROBES_UNANSWERED_MAX 15
#define PROBES_DETACHED_MAX   8

void
tcp_persist_arm(struct tcp_core *core, struct tcp_conn *conn)
{
	uint64_t timeout_us = (uint64_t)conn->rto_us << RTE_MIN(conn->backoff, 16);

	if (conn->due_ns[TCP_TIMER_RETRANSMIT] != 0 &&
		conn->retransmit_kind == TCP_RETRANSMIT_PERSIST)
		return;
	timeout_us = RTE_MIN(timeout_us, (uint64_t)core->config.rto_max_us);
	/* What waits to be sent does so from now on. */
	if (conn->snd_nxt == conn->snd_una)
		conn->stalled_ms = core->now_ms;
	conn->retransmit_kind = TCP_RETRANSMIT_PERSIST;
	tcp_timer_set(core, conn, TCP_TIMER_RETRANSMIT, core->now_ns + timeout_us * 1000);
}

void
tcp_persist_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	/* RFC 6429 3: what may be done to it when memory is short, though it answers. */
	if (tcp_is_burden(core, conn)) {
		tcp_shed(core, conn);
		return;
	}
	/* RFC 9293 3.8.6.1, MUST-37: as long as the peer answers, the connection stays open. */
	if (conn->backoff >= (conn->detached ? PROBES_DETACHED_MAX : PROBES_UNANSWERED_MAX)) {
		bool answers = core->now_ms - conn->heard_ms < core->config.rto_max_us / 500;

		if (conn->detached || !answers) {
			tcp_count(core, TCP_STAT_timeout_drops);
			tcp_conn_end(core, conn, tcp_timeout_error(conn));
			return;
		}
	} else {
		conn->backoff++;
	}
	conn->probe = TCP_PROBE_WINDOW;
}
