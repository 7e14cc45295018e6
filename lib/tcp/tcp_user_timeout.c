/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 5482: how long each side waits for acknowledgments is told to the other, who may wait as long, where
 * users ask for it (ENABLED). What the peer tells counts unless the user has set a user timeout of his own
 * (then it is not CHANGEABLE).
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

/* RFC 9293 3.10.8: it ends the connection then, not when it is next time to send again. */
uint64_t
tcp_user_timeout_clamp(
	const struct tcp_core *core, const struct tcp_conn *conn, uint64_t timeout_us)
{
	uint32_t stalled_ms = core->now_ms - conn->stalled_ms;

	if (conn->user_timeout_ms == 0)
		return timeout_us;
	if (stalled_ms >= conn->user_timeout_ms)
		return 0;
	return RTE_MIN(timeout_us, (conn->user_timeout_ms - stalled_ms) * 1000ULL);
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
