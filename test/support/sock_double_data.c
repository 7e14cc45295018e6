/* SPDX-License-Identifier: BSD-3-Clause */
/* The data of the network in memory: streams and datagrams from one socket to another. */
#include "support/sock_double_private.h"

#define DATAGRAMS_MAX 64

static int64_t
datagram_send(struct sock *sock, const void *data, size_t length, const struct sock_addr *to)
{
	const struct sock_addr *peer = to != NULL ? to : &sock->remote;
	struct sock *receiver = sock_double_find(sock->app->core, SOCK_UDP, peer->port);
	struct datagram *d;

	if (receiver == NULL || receiver->datagram_count == DATAGRAMS_MAX)
		return (int64_t)length;
	d = malloc(sizeof(*d) + length);
	assert_non_null(d);
	d->peer = sock->local;
	d->length = length;
	memcpy(d->data, data, length);
	STAILQ_INSERT_TAIL(&receiver->datagrams, d, entry);
	receiver->datagram_count++;
	receiver->events |= SOCK_EVENT_READABLE;
	return (int64_t)length;
}

int64_t
sock_send(struct sock *sock, const void *data, size_t length, const struct sock_addr *to)
{
	struct sock *peer = sock->peer;
	size_t room;

	if (sock->proto == SOCK_UDP)
		return datagram_send(sock, data, length, to);
	if (sock->error != 0)
		return -sock->error;
	if (!sock->is_connected)
		return -ENOTCONN;
	if (sock->is_shut || peer == NULL)
		return -EPIPE;
	room = peer->length < peer->room ? peer->room - peer->length : 0;
	sock->is_blocked = room < length;
	if (room == 0 && length > 0)
		return -EAGAIN;
	length = RTE_MIN(length, room);
	peer->data = realloc(peer->data, peer->length + length + 1);
	assert_non_null(peer->data);
	memcpy(peer->data + peer->length, data, length);
	peer->length += length;
	peer->events |= SOCK_EVENT_READABLE;
	return (int64_t)length;
}

static int64_t
datagram_receive(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	struct datagram *d = STAILQ_FIRST(&sock->datagrams);
	size_t length;

	if (d == NULL)
		return -EAGAIN;
	STAILQ_REMOVE_HEAD(&sock->datagrams, entry);
	sock->datagram_count--;
	length = RTE_MIN(size, d->length);
	memcpy(data, d->data, length);
	if (peer != NULL)
		*peer = d->peer;
	free(d);
	return (int64_t)length;
}

int
sock_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max)
{
	uint8_t data[RTE_MBUF_DEFAULT_DATAROOM];
	int64_t n;

	msgs[0] = (struct sock_msg){ .flags = SOCK_MSG_END };
	n = sock_receive(sock, data, sizeof(data), &msgs[0].peer);
	if (n < 0)
		return (int)n;
	msgs[0].pkt = rte_pktmbuf_alloc(sock->app->core->pool);
	assert_non_null(msgs[0].pkt);
	memcpy(rte_pktmbuf_append(msgs[0].pkt, (uint16_t)n), data, (size_t)n);
	return 1;
}

int
sock_send_msgs(struct sock *sock, struct sock_msg *msgs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *pkt = msgs[i].pkt;
		int64_t n = sock_send(
			sock, rte_pktmbuf_mtod(pkt, void *), pkt->data_len, &msgs[i].peer);

		if (n < 0)
			return i > 0 ? (int)i : (int)n;
		rte_pktmbuf_free(pkt);
	}
	return (int)count;
}

static void
room_tell(struct sock *sock)
{
	/* As lib/tcp does: not for each segment. */
	if (sock->peer == NULL || !sock->peer->is_blocked || sock->length > sock->room / 3 * 2)
		return;
	sock->peer->is_blocked = false;
	sock->peer->events |= SOCK_EVENT_WRITABLE;
}

int64_t
sock_receive(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	size_t length = RTE_MIN(size, sock->length);

	if (sock->proto == SOCK_UDP)
		return datagram_receive(sock, data, size, peer);
	if (sock->error != 0)
		return -sock->error;
	if (!sock->is_connected)
		return -ENOTCONN;
	if (length == 0)
		return sock->is_ended || size == 0 ? 0 : -EAGAIN;
	memcpy(data, sock->data, length);
	sock->length -= length;
	memmove(sock->data, sock->data + length, sock->length);
	room_tell(sock);
	return (int64_t)length;
}

void
sock_double_room_set(struct sock *sock, uint32_t bytes)
{
	sock->room = bytes;
	room_tell(sock);
}
