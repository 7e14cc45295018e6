/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Received data: in order it joins what the user reads, with a gap in front it waits in runs (RFC 9293
 * 3.10.7.4, seventh step). Packets are kept as they came, but for small ones, which are copied
 * together: so what a peer can make us hold is a multiple of the window that it has.
 */
#include "tcp/tcp_priv.h"

/* Runs of one connection: gaps that are waited for. */
#define RUNS_MAX 128
/* Bytes up to which data is rather copied than kept in a packet of its own. */
#define COPY_MAX 256
/* A segment that is the last to be taken: what was one on the wire, but in fragments, may have 64 KB. */
#define SEGMENT_LAST_MAX 9216U

/* Cut a packet to `length` bytes of data behind `front` others; segments without any are freed. */
void
tcp_pkt_trim(struct rte_mbuf **pkt, uint32_t front, uint32_t length)
{
	struct rte_mbuf *m, *next;

	while (front >= (*pkt)->data_len && (*pkt)->next != NULL) {
		front -= (*pkt)->data_len;
		m = *pkt;
		*pkt = m->next;
		rte_pktmbuf_free_seg(m);
	}
	m = *pkt;
	m->data_off = (uint16_t)(m->data_off + front);
	m->data_len = (uint16_t)(m->data_len - front);
	for (; m->next != NULL && m->data_len < length; m = m->next)
		length -= m->data_len;
	m->data_len = (uint16_t)length;
	next = m->next;
	m->next = NULL;
	while ((m = next) != NULL) {
		next = m->next;
		rte_pktmbuf_free_seg(m);
	}
}

void
tcp_pkts_free(struct rte_mbuf *head)
{
	struct rte_mbuf *next;

	for (; head != NULL; head = next) {
		next = head->next;
		rte_pktmbuf_free_seg(head);
	}
}

/* Put a packet behind others, or its bytes, if they are few. */
void
tcp_pkt_append(struct rte_mbuf **head, struct rte_mbuf **tail, struct rte_mbuf *pkt)
{
	struct rte_mbuf *last = *tail;

	if (*head == NULL) {
		*head = pkt;
	} else if (pkt->next == NULL && pkt->data_len <= COPY_MAX && RTE_MBUF_DIRECT(last) &&
		rte_mbuf_refcnt_read(last) == 1 && rte_pktmbuf_tailroom(last) >= pkt->data_len) {
		memcpy(rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len),
			rte_pktmbuf_mtod(pkt, uint8_t *), pkt->data_len);
		last->data_len = (uint16_t)(last->data_len + pkt->data_len);
		rte_pktmbuf_free_seg(pkt);
		return;
	} else {
		last->next = pkt;
	}
	*tail = rte_pktmbuf_lastseg(pkt);
}

/* ---- runs ---- */

static struct tcp_run *
run_create(struct tcp_core *core, struct tcp_conn *conn, struct tcp_run **at)
{
	struct tcp_run *run = conn->run_count < RUNS_MAX ? slab_take(&core->runs) : NULL;

	if (run == NULL) {
		tcp_count(core, TCP_STAT_reass_full);
		return NULL;
	}
	*run = (struct tcp_run){ .next = *at };
	*at = run;
	conn->run_count++;
	return run;
}

/* Modulo 2^32: fewer, too. */
static void
run_count_bytes(struct tcp_core *core, struct tcp_conn *conn, uint32_t bytes)
{
	conn->run_bytes += bytes;
	core->received += bytes;
}

static void
run_remove(struct tcp_core *core, struct tcp_conn *conn, struct tcp_run **at)
{
	struct tcp_run *run = *at;

	*at = run->next;
	conn->run_count--;
	run_count_bytes(core, conn, run->first - run->end);
	slab_give(&core->runs, run);
}

void
tcp_runs_free(struct tcp_core *core, struct tcp_conn *conn)
{
	while (conn->runs != NULL) {
		tcp_pkts_free(conn->runs->head);
		run_remove(core, conn, &conn->runs);
	}
}

/* A run touches the next: they become one. */
static void
run_join(struct tcp_core *core, struct tcp_conn *conn, struct tcp_run *run)
{
	struct tcp_run *next = run->next;
	struct rte_mbuf *rest, *tail;

	if (next == NULL || run->end != next->first)
		return;
	/* Its first buffer by itself: bytes that come from behind would have a buffer each. */
	rest = next->head->next;
	tail = next->tail;
	next->head->next = NULL;
	tcp_pkt_append(&run->head, &run->tail, next->head);
	if (rest != NULL) {
		run->tail->next = rest;
		run->tail = tail;
	}
	run->end = next->end;
	run_count_bytes(core, conn, next->end - next->first);
	run_remove(core, conn, &run->next);
}

/* RFC 2883 4: this part was here already. */
static void
duplicate_report(struct tcp_conn *conn, uint32_t first, uint32_t end)
{
	if (!conn->sack_ok || conn->dsack_ok)
		return;
	conn->dsack = (struct tcp_sack_block){ first, end };
	conn->dsack_ok = true;
}

/* Cut a segment to the bytes from `first` up to `end`. */
static void
segment_cut(struct tcp_segment *segment, uint32_t first, uint32_t end)
{
	segment->offset += first - segment->seq;
	segment->seq = first;
	segment->length = end - first;
}

/* It is given up, and its sender told what is there. */
static void
segment_refuse(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	tcp_count(core, TCP_STAT_received_full);
	segment->flags &= (uint8_t)~TCP_FIN;
	tcp_segment_drop(segment, DROP_tcp_memory_full);
	conn->ack_now = true;
}

/* What came in many buffers with little in each (small fragments) goes into few. @return false: no memory */
static bool
segment_pack(struct tcp_core *core, struct tcp_segment *segment)
{
	struct rte_mbuf *copy;

	if (likely(segment->pkt->nb_segs == 1 ||
		    segment->length > segment->pkt->nb_segs * (uint32_t)COPY_MAX))
		return true;
	copy = rte_pktmbuf_copy(segment->pkt, core->config.pool, segment->offset, segment->length);
	if (copy == NULL) {
		tcp_count(core, TCP_STAT_nomem);
		return false;
	}
	rte_pktmbuf_free(segment->pkt);
	segment->pkt = copy;
	segment->offset = 0;
	return true;
}

/*
 * Of what overlaps with runs only what is new is kept, and only up to the next run: the rest will come
 * again. @return false: nothing is new @{
 */
static bool
fit_behind(struct tcp_conn *conn, struct tcp_run *run, struct tcp_segment *segment)
{
	uint32_t first = segment->seq, end = segment->seq + segment->length;

	if (seq_until(end, run->end)) {
		duplicate_report(conn, first, end);
		run->age = ++conn->run_age;
		return false;
	}
	if (seq_before(first, run->end))
		duplicate_report(conn, first, run->end);
	first = run->end;
	if (run->next != NULL && seq_after(end, run->next->first)) {
		duplicate_report(conn, run->next->first, seq_min(end, run->next->end));
		end = run->next->first;
	}
	if (first == end)
		return false;
	segment_cut(segment, first, end);
	return true;
}

static bool
fit_before(struct tcp_conn *conn, const struct tcp_run *run, struct tcp_segment *segment)
{
	uint32_t end = segment->seq + segment->length;

	if (run != NULL && seq_after(end, run->first)) {
		duplicate_report(conn, run->first, seq_min(end, run->end));
		segment_cut(segment, segment->seq, run->first);
	}
	return true;
}
/* @} */

/* Keep a segment with a gap in front. */
static void
run_insert(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	struct tcp_run **at = &conn->runs, *run;
	bool grows;

	/* The first run that ends at or behind the segment's start. */
	while (*at != NULL && seq_before((*at)->end, segment->seq))
		at = &(*at)->next;
	run = *at;
	grows = run != NULL && seq_until(run->first, segment->seq);
	if (!(grows ? fit_behind(conn, run, segment) : fit_before(conn, run, segment)))
		return;
	if (!segment_pack(core, segment)) {
		segment_refuse(core, conn, segment);
		return;
	}
	if (!grows) {
		run = run_create(core, conn, at);
		if (run == NULL) {
			tcp_segment_drop(segment, DROP_tcp_reass_full);
			return;
		}
		run->first = run->end = segment->seq;
	}
	tcp_pkt_trim(&segment->pkt, segment->offset, segment->length);
	tcp_pkt_append(&run->head, &run->tail, segment->pkt);
	segment->pkt = NULL;
	run->end = segment->seq + segment->length;
	run->age = ++conn->run_age;
	run_count_bytes(core, conn, segment->length);
	run_join(core, conn, run);
}

/* ---- in order ---- */

static void
data_deliver(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf *head,
	struct rte_mbuf *tail, uint32_t length)
{
	conn->rcv_nxt += length;
	conn->bytes_received += length;
	/* RFC 9293 3.9.1.5: who has said that he reads no more gets nothing; it is acknowledged. */
	if (conn->read_shut) {
		tcp_pkts_free(head);
		return;
	}
	if (head == tail) {
		tcp_pkt_append(&conn->rcv_head, &conn->rcv_tail, head);
	} else {
		if (conn->rcv_head == NULL)
			conn->rcv_head = head;
		else
			conn->rcv_tail->next = head;
		conn->rcv_tail = tail;
	}
	conn->rcv_queued += length;
	core->received += length;
}

/* Runs that rcv_nxt has reached. */
static void
runs_deliver(struct tcp_core *core, struct tcp_conn *conn)
{
	struct tcp_run *run;

	while ((run = conn->runs) != NULL && seq_until(run->first, conn->rcv_nxt)) {
		uint32_t known = conn->rcv_nxt - run->first;

		if (seq_until(run->end, conn->rcv_nxt)) {
			duplicate_report(conn, run->first, run->end);
			tcp_pkts_free(run->head);
		} else {
			if (known > 0) {
				duplicate_report(conn, run->first, conn->rcv_nxt);
				tcp_pkt_trim(&run->head, known, run->end - run->first - known);
				run->tail = rte_pktmbuf_lastseg(run->head);
			}
			data_deliver(
				core, conn, run->head, run->tail, run->end - run->first - known);
		}
		run_remove(core, conn, &conn->runs);
	}
}

/* Cut what is old or beyond the window. @return false: nothing is left */
static bool
segment_fit(struct tcp_conn *conn, struct tcp_segment *segment)
{
	uint32_t first = segment->seq, end = segment->seq + segment->length;
	uint32_t edge = conn->rcv_nxt + tcp_window_room(conn);

	if (seq_before(first, conn->rcv_nxt)) {
		duplicate_report(conn, first, seq_min(end, conn->rcv_nxt));
		conn->ack_now = true;
		first = conn->rcv_nxt;
	}
	if (seq_after(end, edge)) {
		conn->ack_now = true;
		end = edge;
		/* What is cut off would come before a FIN. */
		segment->flags &= (uint8_t)~TCP_FIN;
	}
	if (!seq_before(first, end))
		return false;
	segment_cut(segment, first, end);
	return true;
}

/*
 * Users that do not read, and peers that leave gaps, must not have all packet buffers. But whose data
 * nobody reads yet may get one segment, so that none starves.
 */
static bool
memory_takes(const struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	const bool in_order = segment->seq == conn->rcv_nxt;
	const uint32_t max = in_order ? core->config.received_max : tcp_runs_bytes_max(core);
	const uint32_t one = RTE_MIN(segment->mss, SEGMENT_LAST_MAX);

	if (core->received + segment->length <= max)
		return true;
	if (!in_order || conn->rcv_queued > 0)
		return false;
	/* One, however many have come together. */
	if (segment->length > one) {
		segment_cut(segment, segment->seq, segment->seq + one);
		segment->flags &= (uint8_t)~TCP_FIN;
		conn->ack_now = true;
	}
	return true;
}

void
tcp_text_input(struct tcp_core *core, struct tcp_conn *conn, struct tcp_segment *segment)
{
	if (!segment_fit(conn, segment))
		return;
	if (unlikely(!memory_takes(core, conn, segment) ||
		    (segment->seq == conn->rcv_nxt && !segment_pack(core, segment)))) {
		segment_refuse(core, conn, segment);
		return;
	}
	conn->rcv_mss = (uint16_t)RTE_MAX(conn->rcv_mss, RTE_MIN(segment->mss, UINT16_MAX / 2));
	conn->data_segments_in += segment->count;
	conn->text_ms = core->now_ms;
	if (segment->seq != conn->rcv_nxt) {
		/* RFC 5681 4.2: at once, so that the sender learns of the gap. */
		tcp_count(core, TCP_STAT_out_of_order);
		conn->ack_now = true;
		if (!conn->sack_ok)
			conn->dup_acks_owed =
				(uint8_t)RTE_MIN(conn->dup_acks_owed + segment->count, UINT8_MAX);
		run_insert(core, conn, segment);
		return;
	}
	/* RFC 5681 4.2: also what fills a gap. */
	if (conn->runs != NULL)
		conn->ack_now = true;
	tcp_pkt_trim(&segment->pkt, segment->offset, segment->length);
	data_deliver(core, conn, segment->pkt, rte_pktmbuf_lastseg(segment->pkt), segment->length);
	segment->pkt = NULL;
	if (conn->runs != NULL)
		runs_deliver(core, conn);
	tcp_event_add(core, conn, TCP_EVENT_READABLE);
}
