/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages that sockets of SCTP receive, and notifications: RFC 6458 3.1.4, 4.1.8, 6. */
#include "sock/sock_sctp_priv.h"

void
sock_assoc_peer(const struct sock_assoc *sa, struct sock_addr *peer)
{
	*peer = (struct sock_addr){ sctp_peer(sa->assoc), sa->remote_port, PKT_IFACE_NONE };
}

/* ---- receiving ---- */

/* An association of many has ended, and all was read: it is not the socket's any more. */
static void
release(struct sock_assoc *sa)
{
	sctp_close(sock_sctp_of(sa->sock), sa->assoc);
	sock_assoc_remove(sa);
}

static bool
has_to_read(const struct sock_assoc *sa)
{
	return sctp_notice_is_next(sa->assoc) || sctp_has_next(sa->assoc);
}

/*
 * RFC 6458 8.1.20: the rest of its message is to come before another's. Of one that was given up it
 * does not.
 */
static bool
holds_turn(const struct sock_assoc *sa)
{
	return sa->in_message && !sa->sock->sctp->interleave && sctp_part_is_open(sa->assoc) &&
		sctp_assoc_state(sa->assoc) != SCTP_CLOSED;
}

bool
sock_sctp_is_readable(const struct sock *sock)
{
	const struct sock_assoc *sa;

	TAILQ_FOREACH (sa, &sock->sctp->ready, ready_entry) {
		if (has_to_read(sa))
			return true;
		if (holds_turn(sa))
			return false;
	}
	return false;
}

struct sock_assoc *
sock_sctp_reader(struct sock *sock)
{
	struct sock_assoc *sa;

	if (!sock->sctp->many)
		return TAILQ_FIRST(&sock->sctp->assocs);
	while ((sa = TAILQ_FIRST(&sock->sctp->ready)) != NULL && !has_to_read(sa)) {
		if (sctp_assoc_state(sa->assoc) == SCTP_CLOSED)
			release(sa);
		else if (holds_turn(sa))
			return NULL;
		else
			sock_assoc_unready(sa);
	}
	return sa;
}

/* Others of many have their turn, unless a message is in its midst. */
static void
turn_end(struct sock_assoc *sa)
{
	if (!sa->on_ready || (sa->in_message && !sa->sock->sctp->interleave))
		return;
	sock_assoc_unready(sa);
	sock_assoc_ready(sa);
}

static void
info_fill(const struct sock_assoc *sa, const struct sctp_message *message,
	struct sock_sctp_info *info)
{
	*info = (struct sock_sctp_info){
		.assoc = sa->id,
		.stream = message->stream,
		.ssn = message->ssn,
		.flags = ((message->flags & SCTP_MESSAGE_UNORDERED) != 0 ? SOCK_SCTP_UNORDERED
									 : 0U) |
			((message->flags & SCTP_MESSAGE_END) != 0 ? SOCK_SCTP_EOR : 0U),
		.ppid_be = message->ppid_be,
		.context = sa->context,
		.tsn = message->tsn,
		.cum_tsn = sctp_cum_tsn(sa->assoc),
	};
}

/* @return whose turn it is, or NULL and why in *rc */
static struct sock_assoc *
reader_find(struct sock *sock, int64_t *rc)
{
	struct sock_assoc *sa = sock_sctp_reader(sock);

	*rc = 0;
	if (sa == NULL)
		*rc = sock->sctp->many ? -EAGAIN : -ENOTCONN;
	else if (sctp_notice_is_next(sa->assoc))
		*rc = -ENOMSG;
	return *rc == 0 ? sa : NULL;
}

void
sock_assoc_discard(const struct sock_assoc *sa)
{
	struct sctp_core *core = sock_sctp_of(sa->sock);
	struct sctp_message message;
	uint8_t bytes[2048];

	while (sctp_has_next(sa->assoc))
		sctp_recv(core, sa->assoc, bytes, sizeof(bytes), &message);
}

int64_t
sock_sctp_receive(struct sock *sock, void *data, size_t size, struct sock_sctp_info *info,
	struct sock_addr *peer)
{
	struct sctp_message message;
	struct sock_assoc *sa;
	int64_t rc;

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	if (size == 0)
		return 0;
	sa = reader_find(sock, &rc);
	if (sa == NULL)
		return rc;
	if (unlikely((sock->shut & SOCK_SHUTDOWN_READ) != 0))
		sock_assoc_discard(sa);
	rc = sctp_recv(sock_sctp_of(sock), sa->assoc, data, size, &message);
	if (rc <= 0)
		return rc == -EAGAIN && (sock->shut & SOCK_SHUTDOWN_READ) != 0 ? 0 : rc;
	if (info != NULL)
		info_fill(sa, &message, info);
	if (peer != NULL)
		sock_assoc_peer(sa, peer);
	sa->in_message = (message.flags & SCTP_MESSAGE_END) == 0;
	turn_end(sa);
	return rc;
}

uint32_t
sock_sctp_next(struct sock *sock, struct sock_sctp_info *info)
{
	struct sctp_message message;
	struct sock_assoc *sa;
	uint32_t length;
	int64_t rc;

	if (!sock_is_sctp(sock))
		return 0;
	sa = reader_find(sock, &rc);
	if (sa == NULL)
		return 0;
	length = sctp_next(sa->assoc, &message);
	if (length > 0 && info != NULL)
		info_fill(sa, &message, info);
	return length;
}

int64_t
sock_sctp_receive_plain(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	return sock_sctp_receive(sock, data, size, NULL, peer);
}

int64_t
sock_sctp_peek(struct sock *sock, void *data, size_t size, struct sock_addr *peer)
{
	struct sctp_message message;
	int64_t rc;
	struct sock_assoc *sa = reader_find(sock, &rc);

	if (sa == NULL)
		return rc;
	if (peer != NULL)
		sock_assoc_peer(sa, peer);
	return sctp_peek(sa->assoc, data, size, &message);
}

int
sock_sctp_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max)
{
	unsigned count = 0;
	int64_t rc = -ENOBUFS;

	while (count < max) {
		struct rte_mbuf *pkt = sock_packet_alloc(sock->app->core);
		struct sock_sctp_info info;

		msgs[count] = (struct sock_msg){ .pkt = pkt };
		if (pkt == NULL)
			break;
		rc = sock_sctp_receive(sock, rte_pktmbuf_mtod(pkt, void *),
			rte_pktmbuf_tailroom(pkt), &info, &msgs[count].peer);
		if (rc <= 0) {
			rte_pktmbuf_free(pkt);
			break;
		}
		rte_pktmbuf_append(pkt, (uint16_t)rc);
		msgs[count++].flags = (info.flags & SOCK_SCTP_EOR) != 0 ? SOCK_MSG_END : 0;
	}
	return count > 0 ? (int)count : (int)rc;
}

/* ---- notifications ---- */

/* Whose notification is in front. NULL: none is, and why in *rc */
static struct sock_assoc *
notice_find(struct sock *sock, int *rc)
{
	struct sock_assoc *sa;

	*rc = -EOPNOTSUPP;
	if (!sock_is_sctp(sock))
		return NULL;
	sa = sock_sctp_reader(sock);
	*rc = sa == NULL || !sctp_notice_is_next(sa->assoc) ? -EAGAIN : 0;
	return *rc == 0 ? sa : NULL;
}

int
sock_sctp_notice_peek(struct sock *sock, uint32_t *assoc, struct sctp_notice *notice)
{
	int rc;
	const struct sock_assoc *sa = notice_find(sock, &rc);

	if (sa == NULL)
		return rc;
	*assoc = sa->id;
	*notice = *sctp_notice_peek(sa->assoc);
	return 0;
}

size_t
sock_sctp_notice_data(struct sock *sock, uint32_t offset, void *bytes, size_t size)
{
	int rc;
	const struct sock_assoc *sa = notice_find(sock, &rc);

	return sa != NULL ? sctp_notice_data(sa->assoc, offset, bytes, size) : 0;
}

int
sock_sctp_notice(struct sock *sock, uint32_t *assoc, struct sctp_notice *notice)
{
	int rc;
	struct sock_assoc *sa = notice_find(sock, &rc);

	if (sa == NULL)
		return rc;
	*assoc = sa->id;
	sctp_notice_take(sock_sctp_of(sock), sa->assoc, notice);
	turn_end(sa);
	return 0;
}
