/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The path's MTU shrinks: as ICMP says (RFC 1191, 8201), or as silence does (RFC 4821 4, 8899 3). How it grows
 * again says tcp_mtu_probe.c.
 */
#include "tcp/tcp_priv.h"

/* Less is not believed: RFC 8201 4, and what lib/ip believes. */
#define PMTU_MIN4        576
#define PATH_MTU_DEFAULT 1500
/* Time-outs in a row after which a smaller packet is tried. */
#define BLACK_HOLE_TIMEOUTS 3

uint32_t
tcp_path_mtu(const struct tcp_core *core, const struct tcp_tuple *tuple,
	const struct tcp_settings *settings)
{
	uint32_t headers = IP6_MTU_MIN - tcp_mss_of_mtu(IP6_MTU_MIN, tuple->family);
	uint32_t mtu = settings->mtu;

	if (mtu == 0)
		mtu = core->config.path_mtu != NULL
			? core->config.path_mtu(core->config.path_arg, tuple)
			: PATH_MTU_DEFAULT;
	if (settings->mss_max != 0)
		mtu = RTE_MIN(mtu, settings->mss_max + headers);
	return RTE_MIN(mtu, (uint32_t)UINT16_MAX);
}

void
tcp_pmtu_set(struct tcp_core *core, struct tcp_conn *conn, uint32_t mtu, bool told)
{
	uint8_t family = conn->node.tuple.family;
	uint32_t options = conn->timestamps_ok ? 12 : 0, mss;
	struct tcp_seg *seg;

	mtu = RTE_MAX(mtu, family == IP_FAMILY_4 ? (uint32_t)PMTU_MIN4 : IP6_MTU_MIN);
	/* RFC 8201 4: never up by an error. */
	if (mtu >= conn->pmtu)
		return;
	conn->pmtu = (uint16_t)mtu;
	tcp_mtu_probe_later(core, conn, told);
	mss = tcp_mss_of_mtu(mtu, family) - options;
	if (mss >= conn->snd_mss)
		return;
	conn->snd_mss = (uint16_t)mss;
	cc_mss_set(&conn->cc, mss);
	/* RFC 1191 6.5: what was too big was not lost to congestion, and is sent again at once. */
	STAILQ_FOREACH (seg, &conn->queue, next) {
		if (seg == conn->unsent)
			break;
		if (seg->length > mss && !(seg->state & TCP_SEG_SACKED))
			tcp_seg_mark_lost(conn, seg);
	}
	tcp_flush_add(core, conn);
}

void
tcp_pmtu_black_hole_check(struct tcp_core *core, struct tcp_conn *conn)
{
	const struct tcp_seg *head = STAILQ_FIRST(&conn->queue);

	if (conn->state < TCP_ESTABLISHED || head == NULL || conn->backoff < BLACK_HOLE_TIMEOUTS)
		return;
	/* Small ones are lost as well: then it is not their size. */
	if (head->length + conn->hdr_length <= IP6_MTU_MIN) {
		if (conn->backoff > BLACK_HOLE_TIMEOUTS)
			tcp_pmtu_set(core, conn, PMTU_MIN4, false);
		return;
	}
	tcp_pmtu_set(core, conn, IP6_MTU_MIN, false);
}
