/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way back up, after tcp_pmtu.c has made segments smaller: RFC 4821 7, 8899 5. A segment that is larger than
 * others, of data that is to be sent anyway, tells whether the path carries it. That it alone is lost is no sign
 * of congestion. Only with SACK, which tells what of several was lost.
 *
 * All that is allowed is tried first, then half of what is between; when that is little, the search is over for
 * PMTU_RAISE_TIMER, and begins anew.
 */
#include "tcp/tcp_priv.h"

/* RFC 8899 5.1.2: MAX_PROBES, of a size. */
#define PROBES_MAX 3
/* Less than this is not searched for: RFC 4821 7.3. */
#define WORTH_BYTES 32U
/* Segments that follow a probe, so that its loss shows: RFC 4821 7.4. */
#define FOLLOWERS 4
/* tcp_clock_s(): RFC 8899 5.1.1, PMTU_RAISE_TIMER, as RFC 8201 4 has it; of a guess, sooner. */
#define RAISE_AFTER      600U
#define BLACK_HOLE_AFTER 10U
/* RFC 4821 7.6.2: what is lost without being congestion is to be little. Round trips between probes. */
#define PROBE_ROUNDS 5U

static void
wait_for(const struct tcp_core *core, struct tcp_conn *conn, uint32_t clocks)
{
	conn->mtu_probe_s = (uint16_t)(tcp_clock_s(core) + RTE_MIN(clocks, RAISE_AFTER));
}

/* Nothing waits for longer: so one that was idle for hours, and sees the clock wrap, does not either. */
static bool
is_due(const struct tcp_core *core, const struct tcp_conn *conn)
{
	return (uint16_t)(conn->mtu_probe_s - tcp_clock_s(core) - 1U) >= RAISE_AFTER;
}

void
tcp_mtu_probe_later(const struct tcp_core *core, struct tcp_conn *conn, bool told)
{
	/* What a probe had found is taken back: the path is not the same for long. */
	bool guess = !told && !conn->mtu_raised;

	conn->pmtu_high = conn->pmtu_most;
	conn->mtu_probe_out = conn->mtu_halve = conn->mtu_raised = false;
	conn->mtu_probe_fails = 0;
	wait_for(core, conn, guess ? BLACK_HOLE_AFTER : RAISE_AFTER);
}

/* RFC 8899 4.6.2: of a size that was probed. */
void
tcp_mtu_probe_too_big(struct tcp_core *core, struct tcp_conn *conn, uint32_t seq, uint32_t mtu)
{
	struct tcp_seg *seg;

	if (!conn->mtu_probe_out || mtu >= conn->pmtu_high || mtu < conn->pmtu)
		return;
	TAILQ_FOREACH (seg, &conn->in_flight, by_time) {
		if (seg->state & TCP_SEG_MTU_PROBE)
			break;
	}
	if (seg == NULL || seg->seq != seq || mtu >= seg->length + conn->hdr_length)
		return;
	conn->pmtu_high = (uint16_t)mtu;
	conn->mtu_probe_fails = 0;
	conn->mtu_halve = false;
	tcp_mtu_probe_forget(conn);
	tcp_seg_mark_lost(conn, seg);
	tcp_flush_add(core, conn);
}

/* The size to try. 0: there is none for now */
static uint32_t
next_size(const struct tcp_core *core, struct tcp_conn *conn)
{
	uint32_t high = conn->pmtu_high;

	/* What routers have told is believed for as long as lib/ip does. */
	if (core->config.path_mtu != NULL)
		high = RTE_MIN(
			high, core->config.path_mtu(core->config.path_arg, &conn->node.tuple));
	if (high < conn->pmtu + WORTH_BYTES && high < conn->pmtu_most) {
		tcp_mtu_probe_later(core, conn, true);
		return 0;
	}
	return conn->mtu_halve ? (conn->pmtu + high + 1) / 2 : high;
}

/* RFC 4821 7.4: nothing is amiss. */
static bool
may_probe(const struct tcp_core *core, const struct tcp_conn *conn)
{
	return conn->sack_ok && !conn->mtu_probe_out &&
		(conn->state == TCP_ESTABLISHED || conn->state == TCP_CLOSE_WAIT) &&
		conn->recovery == TCP_RECOVERY_NONE && conn->lost_bytes == 0 &&
		conn->sacked_bytes == 0 && conn->backoff == 0 && !conn->tlp_out &&
		!conn->snd_up_ok && is_due(core, conn);
}

/* RFC 4821 7.4: there is enough to send behind it, and both windows take it. */
static bool
is_worth_it(const struct tcp_conn *conn, uint32_t length)
{
	uint32_t needed = length + FOLLOWERS * conn->snd_mss;

	return conn->snd_end - conn->snd_nxt >= needed && needed <= conn->cc.cwnd_bytes &&
		needed <= conn->snd_wnd;
}

static bool
has_room(const struct tcp_conn *conn, uint32_t length)
{
	return tcp_in_flight(conn) + length <= conn->cc.cwnd_bytes &&
		seq_until(conn->snd_nxt + length, conn->snd_una + conn->snd_wnd);
}

bool
tcp_mtu_probe_send(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_out *out)
{
	struct tcp_seg *seg = conn->unsent;
	uint32_t size, length;

	/* What is known of the path is looked up last: it takes longest. */
	if (!may_probe(core, conn) || !is_worth_it(conn, conn->snd_mss + WORTH_BYTES))
		return false;
	size = next_size(core, conn);
	length = size > conn->hdr_length ? size - conn->hdr_length : 0;
	if (length <= conn->snd_mss || !is_worth_it(conn, length))
		return false;
	/* What fills a window segment by segment never leaves room for a larger one, unless it waits. */
	if (!has_room(conn, length))
		return true;
	if (tcp_pace_waits(core, conn) || !tcp_seg_join(core, conn, seg, length))
		return false;
	wait_for(core, conn, 2 + conn->srtt_us / 1000000U * PROBE_ROUNDS);
	seg->state |= TCP_SEG_MTU_PROBE;
	if (!tcp_seg_send(core, conn, seg, out)) {
		seg->state &= (uint8_t)~TCP_SEG_MTU_PROBE;
		return false;
	}
	conn->mtu_probe_out = true;
	tcp_count(core, TCP_STAT_mtu_probes);
	return false;
}

void
tcp_mtu_probe_acked(struct tcp_core *core, struct tcp_conn *conn, const struct tcp_seg *seg)
{
	bool known = conn->mtu_probe_out;

	conn->mtu_probe_out = false;
	if (!known || seg->length <= conn->snd_mss)
		return;
	conn->snd_mss = seg->length;
	conn->pmtu = (uint16_t)(seg->length + conn->hdr_length);
	cc_mss_set(&conn->cc, conn->snd_mss);
	conn->mtu_probe_fails = 0;
	conn->mtu_raised = true;
	wait_for(core, conn, 0);
	tcp_count(core, TCP_STAT_mtu_raised);
}

void
tcp_mtu_probe_lost(struct tcp_conn *conn, struct tcp_seg *seg)
{
	uint32_t size = seg->length + conn->hdr_length;
	/* One that a tail loss probe has cut says nothing. */
	bool known = conn->mtu_probe_out && seg->length > conn->snd_mss && size <= conn->pmtu_high;

	seg->state &= (uint8_t)~TCP_SEG_MTU_PROBE;
	conn->mtu_probe_out = false;
	if (!known || ++conn->mtu_probe_fails < PROBES_MAX)
		return;
	conn->pmtu_high = (uint16_t)(size - 1);
	conn->mtu_probe_fails = 0;
	conn->mtu_halve = true;
}

bool
tcp_mtu_probe_is_all(const struct tcp_conn *conn, bool was_out)
{
	const struct tcp_seg *seg = conn->lost_hint;

	return was_out && !conn->mtu_probe_out && seg != NULL && seg->length > conn->snd_mss &&
		conn->lost_bytes == tcp_seg_space(seg);
}
