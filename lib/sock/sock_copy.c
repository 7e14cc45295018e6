/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending and receiving for those who have their data in memory: the copies in and out of packets. */
#include "sock/sock_priv.h"

#include <errno.h>

#include "wire/udp.h"

struct rte_mbuf *
sock_packet_alloc(struct sock_core *core)
{
	return rte_pktmbuf_alloc(core->config.pool);
}

/* @return the data in as many buffers as it takes, or NULL without */
static struct rte_mbuf *
packet_fill(struct sock_core *core, const uint8_t *data, size_t length)
{
	struct rte_mbuf *head = sock_packet_alloc(core), *last = head;

	while (last != NULL) {
		uint16_t room = rte_pktmbuf_tailroom(last);
		uint16_t part = length < room ? (uint16_t)length : room;

		memcpy(rte_pktmbuf_append(last, part), data, part);
		if (last != head) {
			last->next = NULL;
			head->nb_segs++;
			head->pkt_len += part;
		}
		data += part;
		length -= part;
		if (length == 0)
			return head;
		last->next = sock_packet_alloc(core);
		last = last->next;
	}
	rte_pktmbuf_free(head);
	return NULL;
}

/* One datagram, or one piece of what is cut to datagrams. */
static int
send_one(struct sock *sock, const uint8_t *data, size_t length, const struct sock_addr *peer)
{
	struct sock_msg msg = { 0 };
	int rc;

	msg.pkt = packet_fill(sock->app->core, data, length);
	if (msg.pkt == NULL)
		return -ENOBUFS;
	if (peer != NULL)
		msg.peer = *peer;
	rc = sock_send_msgs(sock, &msg, 1);
	if (rc < 0)
		rte_pktmbuf_free(msg.pkt);
	return rc;
}

int64_t
sock_send(struct sock *sock, const void *data, size_t length, const struct sock_addr *peer)
{
	const size_t max = sock->segment != 0 ? sock->segment : length;
	size_t done = 0;
	int rc;

	if (sock->ops->send != NULL)
		return sock->ops->send(sock, data, length, peer);
	/* All at once would be too long for what the segments' lengths are added up in. */
	if (max > UDP_DATA_MAX6)
		return -EMSGSIZE;
	do {
		size_t part = length - done < max ? length - done : max;

		rc = send_one(sock, (const uint8_t *)data + done, part, peer);
		if (rc < 0)
			return done > 0 ? (int64_t)done : rc;
		done += part;
	} while (done < length);
	return (int64_t)done;
}

int64_t
sock_receive(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	struct sock_msg msg;
	uint32_t length;
	int rc;

	if (sock->ops->receive != NULL)
		return sock->ops->receive(sock, data, size, peer);
	rc = sock_receive_msgs(sock, &msg, 1);
	if (rc <= 0)
		return rc;
	length = RTE_MIN(msg.pkt->pkt_len, (uint32_t)RTE_MIN(size, UINT32_MAX));
	pkt_copy_out(msg.pkt, 0, length, data);
	if (peer != NULL)
		*peer = msg.peer;
	rte_pktmbuf_free(msg.pkt);
	return length;
}
