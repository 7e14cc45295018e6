/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 5482: how long each side waits for acknowledgments is told to the other, who may wait as long, where
 * users ask for it (ENABLED). What the peer tells counts unless the user has set a user timeout of his own
 * (then it is not CHANGEABLE).
 *
 * RFC 9293 3.10.8: it ends the connection when it is over, not when it is next time to send again; and that is
 * none sooner for it.
 */
#include "tcp/tcp_priv.h"

/* RFC 5482 3.1: L_LIMIT and U_LIMIT, within which a peer is followed. */
#define LIMIT_LOWER_S 100U
#define LIMIT_UPPER_S 3600U
/* ADV_UTO of who has not set a user timeout: RFC 9293 3.9.1.1. */
#define ADV_UTO_DEFAULT_S 300U
/* RFC 5482 3.3: 15 bits of minutes. */
#define ADV_UTO_MAX_S (0x7fff * 60)

static uint32_t
adv_uto_s(const struct tcp_conn *conn)
{
	if (conn->uto_changeable)
		return ADV_UTO_DEFAULT_S;
	/* Rounded up. */
	return RTE_MIN(
		conn->user_timeout_ms / 1000 + (conn->user_timeout_ms % 1000 != 0), ADV_UTO_MAX_S);
}

void
tcp_user_timeout_set(struct tcp_conn *conn, const struct tcp_settings *settings)
{
	bool changeable = settings->adv_uto && settings->user_timeout_ms == 0;
	bool told_before = conn->adv_uto;
	uint32_t before_s = adv_uto_s(conn);

	/* What the peer has told stays; what the user had set does not, when he takes it back. */
	if (!changeable || !conn->uto_changeable)
		conn->user_timeout_ms = settings->user_timeout_ms;
	conn->uto_changeable = changeable;
	conn->adv_uto = settings->adv_uto;
	/* RFC 5482 3.1: with the next segment, whenever another one is used. */
	if (!told_before || adv_uto_s(conn) != before_s)
		conn->uto_due = true;
	conn->uto_due = conn->uto_due && conn->adv_uto;
}

/* Whether something waits for the peer that it ends. */
static bool
counts(const struct tcp_conn *conn)
{
	if (conn->user_timeout_ms == 0 || conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT)
		return false;
	/*
	 * What the peer has told is no reason to leave it while it answers probes: MUST-37. From when one is due
	 * until it is sent the timer is not armed, but the window is as closed.
	 */
	if (conn->retransmit_kind == TCP_RETRANSMIT_PERSIST) {
		if (conn->uto_changeable && conn->snd_wnd == 0)
			return false;
		if (conn->due_ns[TCP_TIMER_RETRANSMIT] != 0)
			return !conn->uto_changeable;
	}
	return conn->snd_nxt != conn->snd_una && !tcp_user_timeout_is_nobodys(conn);
}

uint64_t
tcp_user_timeout_ns(const struct tcp_core *core, const struct tcp_conn *conn)
{
	uint32_t stalled_ms = core->now_ms - conn->stalled_ms;

	if (!counts(conn))
		return UINT64_MAX;
	if (stalled_ms >= conn->user_timeout_ms)
		return core->now_ns;
	return core->now_ns + (conn->user_timeout_ms - stalled_ms) * 1000000ULL;
}

void
tcp_user_timeout_arm(struct tcp_core *core, struct tcp_conn *conn)
{
	if (unlikely(counts(conn)))
		tcp_timer_arm(core, conn, tcp_user_timeout_ns(core, conn));
}

void
tcp_user_timeout_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	if (tcp_user_timeout_ns(core, conn) > core->now_ns)
		return;
	tcp_count(core, TCP_STAT_timeout_drops);
	tcp_conn_end(core, conn, tcp_timeout_error(conn));
}

void
tcp_user_timeout_input(struct tcp_conn *conn, const struct tcp_options *options)
{
	uint32_t timeout_s = RTE_MAX(options->user_timeout_s, LIMIT_LOWER_S);

	/* RFC 5482 3.3: zero says nothing. */
	if (!conn->uto_changeable || options->user_timeout_s == 0)
		return;
	/* USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT)) */
	timeout_s = RTE_MIN(RTE_MAX(timeout_s, adv_uto_s(conn)), LIMIT_UPPER_S);
	conn->user_timeout_ms = timeout_s * 1000;
}

void
tcp_user_timeout_tell(struct tcp_conn *conn, bool syn, uint32_t room, struct tcp_options *options)
{
	const uint32_t used = conn->timestamps_ok ? 12 : 0;

	/* RFC 5482 3.1: in the SYN, and behind it once more, as the peer may have kept nothing of that. */
	if (!conn->adv_uto || (!syn && (!conn->uto_due || room < used + 4)))
		return;
	options->present |= TCP_OPTION_USER_TIMEOUT;
	options->user_timeout_s = adv_uto_s(conn);
	if (!syn)
		conn->uto_due = false;
}
