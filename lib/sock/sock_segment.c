/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SOCK_OPT_SEGMENT for packets that are handed over: each datagram is a copy, so that its headers have
 * room in front and ports need not take packets of several buffers. Called by sock_udp.c.
 */
#include "sock/sock_priv.h"

#include <errno.h>

/* @return 0, or -ENOBUFS, and then none */
static int
pieces_copy(const struct sock *sock, const struct rte_mbuf *pkt, struct rte_mbuf **pieces,
	unsigned count)
{
	struct rte_mempool *pool = sock->app->core->config.pool;

	for (unsigned i = 0; i < count; i++) {
		pieces[i] = rte_pktmbuf_copy(pkt, pool, i * (uint32_t)sock->segment, sock->segment);
		if (pieces[i] == NULL) {
			rte_pktmbuf_free_bulk(pieces, i);
			return -ENOBUFS;
		}
	}
	return 0;
}

int
sock_segment_send(struct sock *sock, struct sock_msg *msg, sock_send_fn *send)
{
	const uint32_t count = (msg->pkt->pkt_len + sock->segment - 1) / sock->segment;
	struct rte_mbuf *pieces[SOCK_BATCH];
	struct sock_msg piece = *msg;
	unsigned sent = 0;
	int rc;

	if (count > SOCK_BATCH)
		return -EMSGSIZE;
	if (pkt_queue_room(sock->app->core->config.output) < count)
		return -EAGAIN;
	rc = pieces_copy(sock, msg->pkt, pieces, count);
	if (rc < 0)
		return rc;
	for (; rc == 0 && sent < count; sent += rc == 0) {
		piece.pkt = pieces[sent];
		rc = send(sock, &piece);
	}
	if (sent < count)
		rte_pktmbuf_free_bulk(pieces + sent, count - sent);
	/* What is wrong with one of them is wrong with the first. */
	if (sent == 0)
		return rc;
	rte_pktmbuf_free(msg->pkt);
	return 0;
}
