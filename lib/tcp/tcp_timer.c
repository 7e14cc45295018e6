/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection's timers: one node in the wheel for all of them. Moving a deadline later, as each ACK
 * does, only writes it down: when the node strikes too early, it is armed for what is then the next.
 */
#include "tcp/tcp_priv.h"

/* Connections whose timers strike in a loop of the worker: segments that come in do not wait for more. */
#define TIMERS_A_LOOP 256

static uint64_t
earliest(const struct tcp_core *core, const struct tcp_conn *conn)
{
	uint64_t due_ns = tcp_user_timeout_ns(core, conn);

	if (conn->pace_waits && conn->pace_ns < due_ns)
		due_ns = conn->pace_ns;

	for (unsigned i = 0; i < TCP_TIMER_COUNT; i++) {
		if (conn->due_ns[i] != 0 && conn->due_ns[i] < due_ns)
			due_ns = conn->due_ns[i];
	}
	return due_ns;
}

void
tcp_timer_arm(struct tcp_core *core, struct tcp_conn *conn, uint64_t due_ns)
{
	if (!timer_is_armed(&conn->timer) || due_ns >> TIMER_WHEEL_SHIFT < conn->timer.tick - 1)
		timer_wheel_arm(&core->wheel, &conn->timer, due_ns);
}

void
tcp_timer_set(struct tcp_core *core, struct tcp_conn *conn, enum tcp_timer timer, uint64_t due_ns)
{
	conn->due_ns[timer] = due_ns;
	tcp_timer_arm(core, conn, due_ns);
}

static void
retransmit_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	switch (conn->retransmit_kind) {
	case TCP_RETRANSMIT_RTO: tcp_rto_strike(core, conn); break;
	case TCP_RETRANSMIT_PROBE: conn->probe = TCP_PROBE_TAIL; break;
	case TCP_RETRANSMIT_REORDER: tcp_recovery_reorder_strike(core, conn); break;
	case TCP_RETRANSMIT_PERSIST: tcp_persist_strike(core, conn); break;
	}
	tcp_flush_add(core, conn);
}

static void
conn_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	static void (*const strikes[TCP_TIMER_COUNT])(struct tcp_core *, struct tcp_conn *) = {
		[TCP_TIMER_RETRANSMIT] = retransmit_strike,
		[TCP_TIMER_ACK] = tcp_ack_strike,
		[TCP_TIMER_KEEP] = tcp_keep_strike,
		[TCP_TIMER_WRITE] = tcp_write_strike,
		[TCP_TIMER_CORK] = tcp_cork_strike,
	};
	uint64_t next;

	tcp_user_timeout_strike(core, conn);
	for (unsigned i = 0; i < TCP_TIMER_COUNT && conn->state != TCP_CLOSED; i++) {
		if (conn->due_ns[i] == 0 || conn->due_ns[i] > core->now_ns)
			continue;
		conn->due_ns[i] = 0;
		strikes[i](core, conn);
	}
	tcp_pace_strike(core, conn);
	next = earliest(core, conn);
	if (next != UINT64_MAX && conn->state != TCP_CLOSED)
		timer_wheel_arm(&core->wheel, &conn->timer, next);
}

void
tcp_ack_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->ack_now = true;
	tcp_flush_add(core, conn);
}

void
tcp_timers(struct tcp_core *core, const struct tcp_out *out)
{
	struct timer_node *node;

	timer_wheel_advance(&core->wheel, core->now_ns);
	for (unsigned i = 0; i < TIMERS_A_LOOP; i++) {
		node = timer_wheel_take(&core->wheel);
		if (node == NULL)
			break;
		conn_strike(core, RTE_PTR_SUB(node, offsetof(struct tcp_conn, timer)));
	}
	tcp_half_open_timers(core, out);
	tcp_time_wait_timers(core);
}

void
tcp_retransmit_arm(struct tcp_core *core, struct tcp_conn *conn)
{
	uint64_t timeout_us = (uint64_t)conn->rto_us << RTE_MIN(conn->rto_backoff, 16);
	bool waits = conn->snd_nxt != conn->snd_una;

	if (conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT)
		return;
	/* What is out beyond a closed window was a probe, or will not be taken. */
	if (waits ? conn->snd_wnd == 0 && conn->state >= TCP_ESTABLISHED
		  : conn->unsent != NULL && conn->rcv_limited) {
		tcp_persist_arm(core, conn);
		return;
	}
	/* What waits for its pace has a timer of its own: until then nobody can say anything. */
	if ((!waits && conn->unsent == NULL) || (conn->pace_waits && tcp_in_flight(conn) == 0)) {
		tcp_timer_clear(conn, TCP_TIMER_RETRANSMIT);
		return;
	}
	if (conn->due_ns[TCP_TIMER_RETRANSMIT] != 0 &&
		conn->retransmit_kind != TCP_RETRANSMIT_PERSIST)
		return;
	if (waits && tcp_tlp_arm(core, conn))
		return;
	timeout_us = RTE_MIN(timeout_us, (uint64_t)core->config.rto_max_us);
	conn->retransmit_kind = TCP_RETRANSMIT_RTO;
	tcp_timer_set(core, conn, TCP_TIMER_RETRANSMIT, core->now_ns + timeout_us * 1000);
}
