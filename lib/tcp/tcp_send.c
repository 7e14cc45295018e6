/* SPDX-License-Identifier: BSD-3-Clause */
/* Data from the user, copied or handed over in packets: RFC 9293 3.10.2. */
#include "tcp/tcp_priv.h"

/* @return 0 or -errno: whether there may be more data */
static int
may_send(struct tcp_conn *conn)
{
	switch (conn->state) {
	case TCP_CLOSED: return conn->error != 0 ? -tcp_error(conn) : -EPIPE;
	case TCP_SYN_SENT:
	case TCP_SYN_RECEIVED:
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT: return conn->fin_wanted ? -EPIPE : 0;
	default: return -EPIPE;
	}
}

/* When descriptors or buffers become scarce, who has so much to send waits for others. */
#define SCARCE_QUEUE 8192
/* A segment takes so much of the buffer at least: who asks for small ones does not get more of them. */
#define SEGMENT_LEAST 512

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
	return RTE_MAX(UNSENT_MAX / conn->snd_mss, 2U) * conn->snd_mss;
}

uint32_t
tcp_unsent_room(const struct tcp_conn *conn)
{
	uint32_t unsent = conn->snd_end - conn->snd_nxt, max = UINT32_MAX;

	if (conn->snd_buf_tuned)
		max = unsent_max(conn);
	return unsent < max ? max - unsent : 0;
}

/*
 * Not for each segment: when a third of the buffer is free. Of a tuned one half of what may wait is as
 * good: if cwnd is as large as the buffer, it is not to run dry while that third leaves.
 */
static bool
room_is_worth_it(const struct tcp_conn *conn)
{
	uint32_t worth = conn->snd_buf - conn->snd_buf / 3 * 2;

	if (conn->snd_buf_tuned) {
		if (tcp_unsent_room(conn) < unsent_max(conn) / 2)
			return false;
		worth = RTE_MIN(worth, unsent_max(conn) / 2);
	}
	return conn->snd_end - conn->snd_una <= conn->snd_buf - worth;
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
	if (conn->write_blocked && room_is_worth_it(conn))
		writable_tell(core, conn);
}

static uint32_t
buffer_room(const struct tcp_core *core, const struct tcp_conn *conn)
{
	uint32_t queued = conn->snd_end - conn->snd_una, limit = conn->snd_buf;

	queued = RTE_MAX(queued, conn->seg_count * SEGMENT_LEAST);

	if (core->segs.used > core->segs.max / 4 * 3 ||
		core->send_buffers > core->config.send_buffers_max / 4 * 3)
		limit = RTE_MIN(limit, (uint32_t)SCARCE_QUEUE);
	return queued < limit ? RTE_MIN(limit - queued, tcp_unsent_room(conn)) : 0;
}

/* Whether so many packet buffers more may be in send queues: segments of jumbo frames are in several. */
static bool
buffers_allowed(struct tcp_core *core, unsigned count)
{
	if (core->send_buffers + count <= core->config.send_buffers_max)
		return true;
	tcp_count(core, TCP_STAT_nomem);
	return false;
}

/* Who has nothing out will not be told by an acknowledgment that there is memory again. */
static void
memory_wait(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->write_blocked = true;
	if (conn->snd_end == conn->snd_una)
		tcp_timer_set(core, conn, TCP_TIMER_WRITE, core->now_ns + TCP_RETRY_NS);
}

void
tcp_write_strike(struct tcp_core *core, struct tcp_conn *conn)
{
	/* tcp_output() tries for a FIN again. */
	if (conn->fin_wanted && !conn->fin_queued)
		tcp_flush_add(core, conn);
	writable_tell(core, conn);
}

/* The last segment, if more data may join it. */
static struct tcp_seg *
open_segment(struct tcp_conn *conn)
{
	struct tcp_seg *last = tcp_queue_last(conn);

	return conn->unsent != NULL && last->pkt != NULL && last->length < conn->snd_mss ? last
											 : NULL;
}

/* The mbuf at the end of a segment with room, or another. NULL: there is none */
static struct rte_mbuf *
segment_tail(struct tcp_core *core, struct tcp_seg *seg)
{
	struct rte_mbuf *tail = seg->pkt != NULL ? rte_pktmbuf_lastseg(seg->pkt) : NULL, *m;

	if (tail != NULL && RTE_MBUF_DIRECT(tail) && rte_mbuf_refcnt_read(tail) == 1 &&
		rte_pktmbuf_tailroom(tail) > 0)
		return tail;
	if (!buffers_allowed(core, 1))
		return NULL;
	m = rte_pktmbuf_alloc(core->config.pool);
	if (m == NULL) {
		tcp_count(core, TCP_STAT_nomem);
		return NULL;
	}
	core->send_buffers++;
	if (tail == NULL) {
		seg->pkt = m;
		seg->offset = m->data_off;
	} else {
		tail->next = m;
	}
	seg->mbufs++;
	return m;
}

/* Copy into one segment what it takes. @return bytes */
static uint32_t
segment_fill(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg, const uint8_t *data,
	size_t length)
{
	uint32_t room = (uint32_t)conn->snd_mss - seg->length, done = 0;

	room = (uint32_t)RTE_MIN(room, length);
	while (done < room) {
		struct rte_mbuf *m = segment_tail(core, seg);
		uint32_t n;

		if (m == NULL)
			break;
		n = RTE_MIN(room - done, rte_pktmbuf_tailroom(m));
		memcpy(rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len), data + done, n);
		m->data_len = (uint16_t)(m->data_len + n);
		seg->length = (uint16_t)(seg->length + n);
		done += n;
	}
	conn->snd_end += done;
	return done;
}

/* A segment that got no data is none. */
static void
append_undo(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg)
{
	if (conn->unsent == seg)
		conn->unsent = NULL;
	STAILQ_REMOVE(&conn->queue, seg, tcp_seg, next);
	tcp_seg_free(core, conn, seg);
}

int64_t
tcp_send(struct tcp_core *core, struct tcp_conn *conn, const void *data, size_t length)
{
	int ret = may_send(conn);
	size_t done = 0;

	if (ret != 0)
		return ret;
	length = RTE_MIN(length, (size_t)INT32_MAX);
	if (length > buffer_room(core, conn)) {
		length = buffer_room(core, conn);
		conn->write_blocked = true;
	}
	while (done < length) {
		struct tcp_seg *seg = open_segment(conn);
		uint32_t n;

		if (seg == NULL && (seg = tcp_seg_append(core, conn, 0)) == NULL)
			break;
		n = segment_fill(core, conn, seg, (const uint8_t *)data + done, length - done);
		if (seg->length == 0)
			append_undo(core, conn, seg);
		if (n == 0)
			break;
		done += n;
	}
	if (done < length)
		memory_wait(core, conn);
	if (done == 0)
		return length == 0 && !conn->write_blocked ? 0 : -EAGAIN;
	tcp_flush_add(core, conn);
	return (int64_t)done;
}

static bool
pkt_is_shared(const struct rte_mbuf *pkt)
{
	for (; pkt != NULL; pkt = pkt->next) {
		if (rte_mbuf_refcnt_read(pkt) != 1)
			return true;
	}
	return false;
}

/* Whether a packet of nobody else's can be sent as it is: headers are written in front of its first byte. */
static bool
pkt_fits(const struct tcp_conn *conn, const struct rte_mbuf *pkt)
{
	return pkt->pkt_len <= conn->snd_mss && rte_pktmbuf_headroom(pkt) >= TCP_HEADROOM &&
		RTE_MBUF_DIRECT(pkt);
}

/* Copy a packet, and free what was copied. @return whether that was all; the rest stays there */
static bool
pkt_copy(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkt)
{
	struct rte_mbuf *m, *next;

	while ((m = *pkt) != NULL) {
		int64_t ret = tcp_send(core, conn, rte_pktmbuf_mtod(m, void *), m->data_len);
		uint16_t n = (uint16_t)RTE_MAX(ret, 0);

		m->data_off = (uint16_t)(m->data_off + n);
		m->data_len = (uint16_t)(m->data_len - n);
		m->pkt_len -= n;
		if (m->data_len > 0)
			return false;
		next = m->next;
		if (next != NULL) {
			next->pkt_len = m->pkt_len;
			next->nb_segs = (uint16_t)(m->nb_segs - 1);
		}
		rte_pktmbuf_free_seg(m);
		*pkt = next;
	}
	return true;
}

/* @return whether it was taken */
static bool
pkt_send(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkts)
{
	struct rte_mbuf *pkt = *pkts, *copy;
	struct tcp_seg *seg;

	if (unlikely(pkt->pkt_len == 0)) {
		rte_pktmbuf_free(pkt);
		return true;
	}
	/* What others have a part in stays as it is. */
	if (unlikely(pkt_is_shared(pkt))) {
		copy = rte_pktmbuf_copy(pkt, core->config.pool, 0, UINT32_MAX);
		if (copy == NULL) {
			memory_wait(core, conn);
			return false;
		}
		rte_pktmbuf_free(pkt);
		*pkts = pkt = copy;
	}
	if (pkt_fits(conn, pkt)) {
		seg = buffers_allowed(core, pkt->nb_segs) ? tcp_seg_append(core, conn, 0) : NULL;
		if (seg == NULL) {
			memory_wait(core, conn);
			return false;
		}
		core->send_buffers += pkt->nb_segs;
		seg->pkt = pkt;
		seg->offset = pkt->data_off;
		seg->length = (uint16_t)pkt->pkt_len;
		seg->mbufs = pkt->nb_segs;
		conn->snd_end += seg->length;
		return true;
	}
	return pkt_copy(core, conn, pkts);
}

/* One that never fits whole is taken as soon as there is any room: piece by piece, if it is to be cut. */
static bool
pkt_has_room(const struct tcp_core *core, const struct tcp_conn *conn, const struct rte_mbuf *pkt)
{
	uint32_t room = buffer_room(core, conn), most = conn->snd_buf;

	if (conn->snd_buf_tuned)
		most = RTE_MIN(most, unsent_max(conn));
	return pkt->pkt_len <= room || (room > 0 && pkt->pkt_len > most);
}

int
tcp_send_pkts(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkts, unsigned count)
{
	int ret = may_send(conn);
	unsigned done = 0;

	if (ret != 0)
		return ret;
	while (done < count) {
		if (!pkt_has_room(core, conn, pkts[done]) || !pkt_send(core, conn, &pkts[done])) {
			memory_wait(core, conn);
			break;
		}
		done++;
	}
	if (done == 0 && count > 0)
		return -EAGAIN;
	tcp_flush_add(core, conn);
	return (int)done;
}

uint32_t
tcp_unacked(const struct tcp_conn *conn)
{
	return conn->snd_end - conn->snd_una;
}
