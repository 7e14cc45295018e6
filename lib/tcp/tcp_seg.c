/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The send queue: data in pieces of a segment each, in mbufs with room for headers in front, so that
 * sending copies nothing. See struct tcp_seg about who owns which fields of the mbufs.
 */
#include "tcp/tcp_priv.h"

/*
 * Some descriptors are not for data: a path that carries less than segments were made for would otherwise
 * stop all connections for good once data has taken the last. Half of them are for the cutting to the
 * path's MSS alone, as peers may ask for all others: by small windows, and by connections that end.
 * Who has some does not get the last of those for data (tcp_room.c).
 */
enum seg_use { SEG_FOR_MORE, SEG_FOR_DATA, SEG_FOR_CONTROL, SEG_FOR_PATH };

static struct tcp_seg *
seg_take(struct tcp_core *core, enum seg_use use)
{
	struct slab *segs = &core->segs;
	uint32_t left = 2 + segs->max / 64;

	if (use == SEG_FOR_MORE)
		left = RTE_MAX(left, segs->max - tcp_send_more_max(segs->max));
	else if (use != SEG_FOR_DATA)
		left = use == SEG_FOR_CONTROL ? left / 2 : 0;
	if (segs->used + left < segs->max)
		return slab_take(segs);
	tcp_count(core, TCP_STAT_nomem);
	return NULL;
}

/* A small window takes as data does; but a connection with nothing out has to begin, or never ends. */
static enum seg_use
split_use(const struct tcp_conn *conn, uint32_t length)
{
	if (length >= conn->snd_mss)
		return SEG_FOR_PATH;
	return conn->snd_nxt == conn->snd_una ? SEG_FOR_CONTROL : SEG_FOR_MORE;
}

struct tcp_seg *
tcp_seg_append(struct tcp_core *core, struct tcp_conn *conn, uint8_t flags)
{
	const enum seg_use use = tcp_data_segments(conn) > 0 ? SEG_FOR_MORE : SEG_FOR_DATA;
	struct tcp_seg *seg = seg_take(core, flags == 0 ? use : SEG_FOR_CONTROL);

	if (seg == NULL)
		return NULL;
	*seg = (struct tcp_seg){ .seq = conn->snd_end, .flags = flags };
	conn->seg_count++;
	STAILQ_INSERT_TAIL(&conn->queue, seg, next);
	if (conn->unsent == NULL)
		conn->unsent = seg;
	return seg;
}

static void
mbufs_free(struct tcp_core *core, struct rte_mbuf *pkt, uint16_t mbufs)
{
	struct rte_mbuf *next;

	core->send_buffers -= mbufs;
	/* By number: what is linked behind the last while it is sent is not looked at. */
	for (uint16_t i = 0; i < mbufs; i++, pkt = next) {
		next = i + 1 < mbufs ? pkt->next : NULL;
		rte_pktmbuf_free_seg(pkt);
	}
}

void
tcp_seg_free(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg)
{
	conn->seg_count--;
	mbufs_free(core, seg->pkt, seg->mbufs);
	slab_give(&core->segs, seg);
}

void
tcp_queue_free(struct tcp_core *core, struct tcp_conn *conn)
{
	struct tcp_seg *seg;

	while ((seg = STAILQ_FIRST(&conn->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&conn->queue, next);
		tcp_seg_free(core, conn, seg);
	}
	STAILQ_INIT(&conn->queue);
	TAILQ_INIT(&conn->in_flight);
	conn->unsent = conn->lost_hint = conn->sack_hint = NULL;
	conn->sacked_bytes = conn->lost_bytes = conn->retrans_bytes = 0;
}

/* Bytes of data in the first mbuf. */
static uint32_t
first_length(const struct tcp_seg *seg)
{
	const struct rte_mbuf *m = seg->pkt;
	uint32_t rest = 0;

	for (uint16_t i = 1; i < seg->mbufs; i++) {
		m = m->next;
		rest += m->data_len;
	}
	return seg->length - rest;
}

/* Copy `length` bytes of data from `offset` on. */
static void
seg_copy_out(const struct tcp_seg *seg, uint32_t offset, uint32_t length, uint8_t *to)
{
	const struct rte_mbuf *m = seg->pkt;
	const uint8_t *data = (const uint8_t *)m->buf_addr + seg->offset;
	uint32_t here = first_length(seg);

	while (length > 0) {
		if (offset < here) {
			uint32_t n = RTE_MIN(length, here - offset);

			memcpy(to, data + offset, n);
			to += n;
			length -= n;
			offset += n;
		}
		offset -= here;
		if (length == 0)
			break;
		m = m->next;
		data = rte_pktmbuf_mtod(m, const uint8_t *);
		here = m->data_len;
	}
}

/* Likewise, with what is behind it in the queue. */
static void
queue_copy_out(const struct tcp_seg *seg, uint32_t offset, uint32_t length, uint8_t *to)
{
	while (length > 0) {
		uint32_t here = seg->length > offset ? seg->length - offset : 0;
		uint32_t n = RTE_MIN(length, here);

		if (n > 0)
			seg_copy_out(seg, offset, n, to);
		to += n;
		length -= n;
		offset = here > 0 ? 0 : offset - seg->length;
		seg = STAILQ_NEXT(seg, next);
	}
}

/* The same bytes in packets of our own, from a segment on. NULL: there are none */
static struct rte_mbuf *
seg_copy(struct tcp_core *core, const struct tcp_seg *seg, uint32_t offset, uint32_t length,
	uint16_t *mbufs)
{
	struct rte_mbuf *head = NULL, *tail = NULL;

	*mbufs = 0;
	while (length > 0) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(core->config.pool);
		uint32_t n;

		if (m == NULL) {
			tcp_count(core, TCP_STAT_nomem);
			rte_pktmbuf_free(head);
			return NULL;
		}
		n = RTE_MIN(length, rte_pktmbuf_tailroom(m));
		queue_copy_out(seg, offset, n, (uint8_t *)rte_pktmbuf_append(m, (uint16_t)n));
		offset += n;
		length -= n;
		if (head == NULL) {
			head = m;
		} else {
			tail->next = m;
			head->nb_segs++;
			head->pkt_len += n;
		}
		tail = m;
		++*mbufs;
	}
	return head;
}

/*
 * Whether headers may be written in front of it: nobody else has any of it, as nothing of what was sent
 * is still on its way; and they would be aligned, which they are not when a peer has acknowledged an
 * odd number of its bytes.
 */
static bool
seg_takes_header(const struct tcp_seg *seg)
{
	const struct rte_mbuf *m = seg->pkt;

	/* What was acknowledged may leave a buffer in front that was its user's, and is not as ours are. */
	if (((uintptr_t)m->buf_addr + seg->offset) % 2 != 0 || seg->offset < TCP_HEADROOM ||
		!RTE_MBUF_DIRECT(m))
		return false;
	for (uint16_t i = 0; i < seg->mbufs; i++, m = m->next) {
		if (rte_mbuf_refcnt_read(m) != 1)
			return false;
	}
	return true;
}

/*
 * Whether it would do in one buffer, though it is in several: ports that take only one cannot put those
 * together that we still have.
 */
static bool
seg_is_scattered(const struct tcp_core *core, const struct tcp_seg *seg)
{
	return seg->mbufs > 1 &&
		seg->length + RTE_PKTMBUF_HEADROOM <= rte_pktmbuf_data_room_size(core->config.pool);
}

struct rte_mbuf *
tcp_seg_pkt(struct tcp_core *core, struct tcp_seg *seg)
{
	struct rte_mbuf *m = seg->pkt;
	uint32_t first;

	if (unlikely(!seg_takes_header(seg) || seg_is_scattered(core, seg))) {
		uint16_t mbufs;

		/* What others have is theirs: it goes its way, and we go on with a copy. */
		return seg_copy(core, seg, 0, seg->length, &mbufs);
	}
	first = first_length(seg);
	m->data_off = seg->offset;
	m->data_len = (uint16_t)first;
	m->pkt_len = seg->length;
	m->nb_segs = seg->mbufs;
	for (uint16_t i = 0; i < seg->mbufs; i++, m = m->next) {
		rte_mbuf_refcnt_update(m, 1);
		if (i + 1 == seg->mbufs)
			m->next = NULL;
	}
	return seg->pkt;
}

bool
tcp_seg_split(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg, uint32_t length)
{
	struct tcp_seg *rest = seg_take(core, split_use(conn, length));
	struct rte_mbuf *tail = NULL, *head = NULL;
	uint16_t tail_mbufs, head_mbufs;

	if (rest == NULL)
		return false;
	tail = seg_copy(core, seg, length, seg->length - length, &tail_mbufs);
	/* Of one mbuf the end is cut by saying so; of several one would have to be changed. */
	if (tail != NULL && seg->mbufs > 1)
		head = seg_copy(core, seg, 0, length, &head_mbufs);
	if (tail == NULL || (head == NULL && seg->mbufs > 1)) {
		rte_pktmbuf_free(tail);
		slab_give(&core->segs, rest);
		return false;
	}
	conn->seg_count++;
	core->send_buffers += tail_mbufs;
	*rest = *seg;
	rest->seq += length;
	rest->length = (uint16_t)(seg->length - length);
	rest->pkt = tail;
	rest->mbufs = tail_mbufs;
	rest->offset = tail->data_off;
	STAILQ_INSERT_AFTER(&conn->queue, seg, rest, next);
	if (tcp_seg_is_timed(conn, seg))
		TAILQ_INSERT_AFTER(&conn->in_flight, seg, rest, by_time);
	seg->flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	seg->length = (uint16_t)length;
	if (head != NULL) {
		mbufs_free(core, seg->pkt, seg->mbufs);
		core->send_buffers += head_mbufs;
		seg->pkt = head;
		seg->mbufs = head_mbufs;
		seg->offset = head->data_off;
	}
	return true;
}

/* Those behind a segment, which were not sent, have so many bytes less. */
static void
front_take(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg, uint32_t length)
{
	struct tcp_seg *next;

	while (length > 0) {
		next = STAILQ_NEXT(seg, next);
		if (length < next->length) {
			tcp_seg_trim(core, next, length);
			break;
		}
		length -= next->length;
		seg->flags |= next->flags & TCP_PSH;
		/* It is not the last; and STAILQ_REMOVE() would look for it from the first that is in flight. */
		STAILQ_NEXT(seg, next) = STAILQ_NEXT(next, next);
		tcp_seg_free(core, conn, next);
	}
}

bool
tcp_seg_join(struct tcp_core *core, struct tcp_conn *conn, struct tcp_seg *seg, uint32_t length)
{
	struct rte_mbuf *pkt;
	uint16_t mbufs;

	if (seg->length >= length)
		return seg->length == length || tcp_seg_split(core, conn, seg, length);
	pkt = seg_copy(core, seg, 0, length, &mbufs);
	if (pkt == NULL)
		return false;
	front_take(core, conn, seg, length - seg->length);
	mbufs_free(core, seg->pkt, seg->mbufs);
	core->send_buffers += mbufs;
	seg->pkt = pkt;
	seg->mbufs = mbufs;
	seg->offset = pkt->data_off;
	seg->length = (uint16_t)length;
	return true;
}

void
tcp_seg_trim(struct tcp_core *core, struct tcp_seg *seg, uint32_t bytes)
{
	uint32_t here = seg->mbufs > 0 ? first_length(seg) : 0;

	seg->seq += bytes;
	while (bytes > here && seg->mbufs > 1) {
		struct rte_mbuf *next = seg->pkt->next;

		bytes -= here;
		seg->length = (uint16_t)(seg->length - here);
		mbufs_free(core, seg->pkt, 1);
		seg->pkt = next;
		seg->mbufs--;
		seg->offset = next->data_off;
		here = next->data_len;
	}
	seg->offset = (uint16_t)(seg->offset + bytes);
	seg->length = (uint16_t)(seg->length - bytes);
}

void
tcp_seg_mark_lost(struct tcp_conn *conn, struct tcp_seg *seg)
{
	if (unlikely(seg->state & TCP_SEG_MTU_PROBE))
		tcp_mtu_probe_lost(conn, seg);
	if (tcp_seg_is_timed(conn, seg))
		TAILQ_REMOVE(&conn->in_flight, seg, by_time);
	if (seg->state & TCP_SEG_RETRANS) {
		conn->retrans_bytes -= tcp_seg_space(seg);
		seg->state &= (uint8_t)~TCP_SEG_RETRANS;
	}
	if (!(seg->state & TCP_SEG_LOST)) {
		conn->lost_bytes += tcp_seg_space(seg);
		seg->state |= TCP_SEG_LOST;
		/* Without SACK it is a guess how much has arrived, but not what is lost. */
		if (!conn->sack_ok)
			conn->sacked_bytes = RTE_MIN(
				conn->sacked_bytes, tcp_flight_size(conn) - conn->lost_bytes);
	}
	if (conn->lost_hint == NULL || seq_before(seg->seq, conn->lost_hint->seq))
		conn->lost_hint = seg;
}
