/* SPDX-License-Identifier: BSD-3-Clause */
/* Data to the user, copied or in the packets that hold it: RFC 9293 3.10.3. */
#include "tcp/tcp_priv.h"

/* What a user is told when there is nothing to read. */
static int
nothing_to_read(struct tcp_conn *conn)
{
	if (conn->fin_received || conn->read_shut)
		return 0;
	if (conn->state == TCP_CLOSED)
		return conn->error != 0 ? -tcp_error(conn) : 0;
	return conn->state < TCP_ESTABLISHED ? -ENOTCONN : -EAGAIN;
}

/* Bytes were taken: perhaps the window opens. */
static void
data_taken(struct tcp_core *core, struct tcp_conn *conn, uint32_t taken)
{
	conn->rcv_queued -= taken;
	core->received -= taken;
	tcp_urgent_read(conn);
	tcp_window_tune(core, conn, taken);
	if (conn->state != TCP_CLOSED && tcp_window_is_due(conn))
		tcp_flush_add(core, conn);
}

int64_t
tcp_recv(struct tcp_core *core, struct tcp_conn *conn, void *data, size_t size)
{
	struct rte_mbuf *m;
	size_t done = 0;

	while (done < size && (m = conn->rcv_head) != NULL) {
		uint16_t n = (uint16_t)RTE_MIN(size - done, m->data_len);

		memcpy((uint8_t *)data + done, rte_pktmbuf_mtod(m, void *), n);
		done += n;
		if (n == m->data_len) {
			conn->rcv_head = m->next;
			rte_pktmbuf_free_seg(m);
		} else {
			m->data_off = (uint16_t)(m->data_off + n);
			m->data_len = (uint16_t)(m->data_len - n);
		}
	}
	if (done == 0)
		return size == 0 ? 0 : nothing_to_read(conn);
	data_taken(core, conn, (uint32_t)done);
	return (int64_t)done;
}

int64_t
tcp_peek(struct tcp_conn *conn, void *data, size_t size)
{
	size_t done = 0;

	for (struct rte_mbuf *m = conn->rcv_head; m != NULL && done < size; m = m->next) {
		size_t n = RTE_MIN(size - done, (size_t)m->data_len);

		memcpy((uint8_t *)data + done, rte_pktmbuf_mtod(m, void *), n);
		done += n;
	}
	return done == 0 && size > 0 ? nothing_to_read(conn) : (int64_t)done;
}

int
tcp_recv_pkts(struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkts, unsigned max)
{
	uint32_t taken = 0;
	struct rte_mbuf *m;
	unsigned count = 0;

	while (count < max && (m = conn->rcv_head) != NULL) {
		conn->rcv_head = m->next;
		m->next = NULL;
		m->nb_segs = 1;
		m->pkt_len = m->data_len;
		taken += m->data_len;
		pkts[count++] = m;
	}
	if (count == 0)
		return max == 0 ? 0 : nothing_to_read(conn);
	data_taken(core, conn, taken);
	return (int)count;
}

uint32_t
tcp_unread(const struct tcp_conn *conn)
{
	return conn->rcv_queued;
}
