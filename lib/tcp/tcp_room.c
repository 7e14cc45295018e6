/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much more a user may send: one answer for tcp_send.c, which takes it, for those who ask, and for those who
 * wait to be told.
 */
#include "tcp/tcp_priv.h"

#include <errno.h>

/* When descriptors or buffers are short, who has so much to send waits for others. */
#define SCARCE_QUEUE 8192U
/* A segment takes so much of the buffer at least: who asks for small ones does not get more of them. */
#define SEGMENT_LEAST 512U

/*
 * A buffer that follows cwnd has room for what recovery sends beyond cwnd (tcp_ack.c). What is sent for
 * the first time is better written just before: it is still in the caches then, and the same few packet
 * buffers are used again. So no more of it waits than some loops of the worker send.
 */
#define UNSENT_MAX 131072U

/* In whole segments, as without Nagle's algorithm the last would leave as it is. */
static uint32_t
unsent_max(const struct tcp_conn *conn)
{
	if (!conn->snd_buf_tuned)
		return UINT32_MAX;
	return RTE_MAX(UNSENT_MAX / conn->snd_mss, 2U) * conn->snd_mss;
}

bool
tcp_send_is_short(const struct tcp_core *core)
{
	return core->segs.used > core->segs.max / 8 * 5 ||
		core->send_buffers > core->config.send_buffers_max / 8 * 5;
}

/*
 * Peers that close their windows, or do not answer, keep what is queued for them. What is left then is for those
 * who have nothing there: a segment each, so that such peers hold nobody else up.
 */
static bool
is_left_for_first(const struct tcp_core *core)
{
	return core->segs.used >= tcp_send_more_max(core->segs.max) ||
		core->send_buffers >= tcp_send_more_max(core->config.send_buffers_max);
}

static uint32_t
buffer_limit(const struct tcp_core *core, const struct tcp_conn *conn)
{
	if (likely(core->segs.used <= core->segs.max / 4 * 3 &&
		    core->send_buffers <= core->config.send_buffers_max / 4 * 3))
		return conn->snd_buf;
	return RTE_MIN(conn->snd_buf, is_left_for_first(core) ? conn->snd_mss : SCARCE_QUEUE);
}

static inline uint32_t
less(uint32_t limit, uint32_t taken)
{
	return taken < limit ? limit - taken : 0;
}

uint32_t
tcp_send_room(const struct tcp_core *core, const struct tcp_conn *conn)
{
	uint32_t queued = conn->snd_end - conn->snd_una;
	uint32_t buffer, unsent;

	if (unlikely(is_left_for_first(core)) && tcp_data_segments(conn) > 0)
		return 0;
	queued = RTE_MAX(queued, tcp_data_segments(conn) * SEGMENT_LEAST);
	buffer = less(buffer_limit(core, conn), queued);
	unsent = less(unsent_max(conn), conn->snd_end - conn->snd_nxt);
	return RTE_MIN(buffer, unsent);
}

bool
tcp_send_takes(const struct tcp_core *core, const struct tcp_conn *conn, uint32_t length)
{
	uint32_t room = tcp_send_room(core, conn);

	/* One that never fits whole is taken as soon as there is any: piece by piece, if it is to be cut. */
	return length <= room ||
		(room > 0 && length > RTE_MIN(buffer_limit(core, conn), unsent_max(conn)));
}

/*
 * Not for each segment: when a third of the buffer is free. Of a tuned one half of what may wait is as
 * good: if cwnd is as large as the buffer, it is not to run dry while that third leaves.
 */
static bool
room_is_worth_it(const struct tcp_core *core, const struct tcp_conn *conn)
{
	uint32_t limit = buffer_limit(core, conn);
	uint32_t worth = RTE_MIN(limit - limit / 3 * 2, unsent_max(conn) / 2);

	return tcp_send_room(core, conn) >= worth && tcp_send_takes(core, conn, conn->snd_wanted);
}

/* Who waits for room is told of it, while he is connected: before, the end of the handshake tells him. */
static void
writable_tell(struct tcp_core *core, struct tcp_conn *conn)
{
	if (!conn->write_blocked ||
		(conn->state != TCP_ESTABLISHED && conn->state != TCP_CLOSE_WAIT))
		return;
	conn->write_blocked = false;
	tcp_event_add(core, conn, TCP_EVENT_WRITABLE);
}

void
tcp_write_check(struct tcp_core *core, struct tcp_conn *conn)
{
	if (conn->write_blocked && room_is_worth_it(core, conn))
		writable_tell(core, conn);
}

void
tcp_shed(struct tcp_core *core, struct tcp_conn *conn)
{
	tcp_count(core, TCP_STAT_scarce_drops);
	conn->error = ENOBUFS;
	conn->reset_wanted = true;
	tcp_flush_add(core, conn);
}

void
tcp_write_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	/* tcp_output() tries for a FIN again. */
	if (conn->fin_wanted && !conn->fin_queued)
		tcp_flush_add(core, conn);
	writable_tell(core, conn);
}
