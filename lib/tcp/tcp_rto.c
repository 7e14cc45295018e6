/* SPDX-License-Identifier: BSD-3-Clause */
/* The retransmission timer strikes: RFC 6298 5.4 to 5.7; and when to give up: RFC 9293 3.8.3. */
#include "tcp/tcp_priv.h"

/* RFC 9293 3.8.3, R2: at least 100 seconds. Doubled from 200 ms on, these are a quarter of an hour. */
#define RETRIES_MAX 15
/* Of what its user has closed: nobody waits for it. */
#define RETRIES_MAX_DETACHED 8
/* While memory that it has is short. Doubled from 200 ms on, these are R2, and a dozen seconds. */
#define RETRIES_MAX_SHORT          8
#define RETRIES_MAX_SHORT_DETACHED 5

bool
tcp_is_burden(const struct tcp_core *core, const struct tcp_conn *conn)
{
	const struct tcp_seg *first = STAILQ_FIRST(&conn->queue);

	return conn->backoff >= (conn->detached ? RETRIES_MAX_SHORT_DETACHED : RETRIES_MAX_SHORT) &&
		first != NULL && first->mbufs > 0 && tcp_send_is_short(core);
}

int
tcp_timeout_error(const struct tcp_conn *conn)
{
	return conn->icmp_error != 0 ? conn->icmp_error : ETIMEDOUT;
}

static bool
gives_up(const struct tcp_conn *conn)
{
	if (conn->state == TCP_SYN_SENT || conn->state == TCP_SYN_RECEIVED)
		return conn->backoff >= conn->syn_retries;
	/* RFC 5482, 9293 3.9.1.4: else it counts, however often something is sent until then. */
	return (conn->user_timeout_ms == 0 || tcp_user_timeout_is_nobodys(conn)) &&
		conn->backoff >= (conn->detached ? RETRIES_MAX_DETACHED : RETRIES_MAX);
}

void
tcp_rto_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	/* Nothing is out: a packet buffer was wanted, and is tried for again. */
	if (conn->snd_una == conn->snd_nxt)
		return;
	if (gives_up(conn)) {
		tcp_count(core, TCP_STAT_timeout_drops);
		tcp_conn_end(core, conn, tcp_timeout_error(conn));
		return;
	}
	if (tcp_is_burden(core, conn)) {
		tcp_shed(core, conn);
		return;
	}
	tcp_recovery_timeout(core, conn);
	/* RFC 6298 5.5 */
	conn->backoff = (uint8_t)RTE_MIN(conn->backoff + 1U, 255U);
	conn->rto_backoff = (uint8_t)RTE_MIN(conn->rto_backoff + 1U, 255U);
	/* What was too big for a router may have been told of to another connection. */
	if (core->config.path_mtu != NULL)
		tcp_pmtu_set(core, conn,
			core->config.path_mtu(core->config.path_arg, &conn->node.tuple), true);
	if (!tcp_scale_timeout(core, conn))
		tcp_pmtu_black_hole_check(core, conn);
}
