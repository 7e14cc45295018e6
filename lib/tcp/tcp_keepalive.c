/* SPDX-License-Identifier: BSD-3-Clause */
/* Keep-alives (RFC 9293 3.8.4), and the end of FIN-WAIT-2, which share a timer. */
#include "tcp/tcp_priv.h"

void
tcp_keepalive_arm(struct tcp_core *core, struct tcp_conn *conn)
{
	if (conn->state == TCP_FIN_WAIT_2 && conn->detached) {
		tcp_timer_set(core, conn, TCP_TIMER_KEEP,
			core->now_ns + core->config.fin_wait_2_us * 1000ULL);
		return;
	}
	if (conn->keepalive_idle_ms == 0 || conn->state < TCP_ESTABLISHED) {
		tcp_timer_clear(conn, TCP_TIMER_KEEP);
		return;
	}
	tcp_timer_set(
		core, conn, TCP_TIMER_KEEP, core->now_ns + conn->keepalive_idle_ms * 1000000ULL);
}

/*
 * RFC 5482 4.2: not before the user timeout where there is one, which then counts rather than probes (so
 * does Linux).
 */
static bool
gives_up(const struct tcp_conn *conn, uint32_t quiet_ms)
{
	if (conn->user_timeout_ms != 0)
		return conn->probes > 0 && quiet_ms >= conn->user_timeout_ms;
	return conn->probes >= conn->keepalive_count;
}

void
tcp_keep_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t quiet_ms = core->now_ms - conn->heard_ms;

	if (conn->state == TCP_FIN_WAIT_2 && conn->detached) {
		/* The peer may stay as long as it likes, but not here. */
		tcp_conn_end(core, conn, 0);
		return;
	}
	/* RFC 9293 3.8.4: only when nothing was heard, and nothing is out, which has its own timer. */
	if (quiet_ms < conn->keepalive_idle_ms || conn->snd_una != conn->snd_nxt) {
		uint32_t rest = quiet_ms < conn->keepalive_idle_ms
			? conn->keepalive_idle_ms - quiet_ms
			: conn->keepalive_idle_ms;

		conn->probes = 0;
		tcp_timer_set(core, conn, TCP_TIMER_KEEP, core->now_ns + rest * 1000000ULL);
		return;
	}
	if (gives_up(conn, quiet_ms)) {
		tcp_count(core, TCP_STAT_keepalive_drops);
		conn->error = ETIMEDOUT;
		conn->reset_wanted = true;
		tcp_flush_add(core, conn);
		return;
	}
	conn->probes = (uint8_t)RTE_MIN(conn->probes + 1U, UINT8_MAX);
	conn->probe = TCP_PROBE_KEEPALIVE;
	tcp_timer_set(core, conn, TCP_TIMER_KEEP,
		core->now_ns + conn->keepalive_interval_ms * 1000000ULL);
	tcp_flush_add(core, conn);
}
