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

/* Whether so many packet buffers more may be in send queues: segments of jumbo frames are in several. */
static bool
buffers_allowed(struct tcp_core *core, unsigned count, bool first)
{
	const uint32_t max = core->config.send_buffers_max;

	if (core->send_buffers + count <= (first ? max : tcp_send_more_max(max)))
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
segment_tail(struct tcp_core *core, const struct tcp_conn *conn, struct tcp_seg *seg)
{
	struct rte_mbuf *tail = seg->pkt != NULL ? rte_pktmbuf_lastseg(seg->pkt) : NULL, *m;

	if (tail != NULL && RTE_MBUF_DIRECT(tail) && rte_mbuf_refcnt_read(tail) == 1 &&
		rte_pktmbuf_tailroom(tail) > 0)
		return tail;
	if (!buffers_allowed(core, 1, tcp_data_segments(conn) == 1))
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
		struct rte_mbuf *m = segment_tail(core, conn, seg);
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
	if (length > tcp_send_room(core, conn)) {
		length = tcp_send_room(core, conn);
		conn->write_blocked = true;
		conn->snd_wanted = 0;
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
	struct tcp_seg *seg = NULL;

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
		if (buffers_allowed(core, pkt->nb_segs, tcp_data_segments(conn) == 0))
			seg = tcp_seg_append(core, conn, 0);
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

int
tcp_send_pkts(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkts, unsigned count)
{
	int ret = may_send(conn);
	unsigned done = 0;

	if (ret != 0)
		return ret;
	while (done < count) {
		if (!tcp_send_takes(core, conn, pkts[done]->pkt_len) ||
			!pkt_send(core, conn, &pkts[done])) {
			memory_wait(core, conn);
			conn->snd_wanted =
				(uint16_t)RTE_MIN(pkts[done]->pkt_len, (uint32_t)UINT16_MAX);
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
