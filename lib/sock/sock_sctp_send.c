/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages that sockets of SCTP send: RFC 6458 3.1.4, 4.1.8, 5.3.4, 5.3.7. */
#include "sock/sock_sctp_priv.h"

/* By id, or by peer. @return 0 or -errno; *sa is NULL: there is none yet */
static int
assoc_for(struct sock *sock, uint32_t id, const struct sock_sctp_to *to, struct sock_assoc **sa)
{
	const struct sock_sctp *sctp = sock->sctp;

	if (!sctp->many) {
		*sa = TAILQ_FIRST(&sctp->assocs);
		/* RFC 6458 4.1.8: nobody is sent to by one that listens. */
		return sctp->listener != NULL ? -EPIPE : 0;
	}
	*sa = id >= SOCK_SCTP_ASSOC_FIRST ? sock_assoc_find(sock, id) : NULL;
	if (id >= SOCK_SCTP_ASSOC_FIRST)
		return *sa != NULL ? 0 : -EINVAL;
	for (unsigned i = 0; i < to->count && *sa == NULL; i++)
		*sa = sock_assoc_with(sock, &to->peers[i]);
	return 0;
}

static bool
is_any(const struct ip_addr *addr)
{
	return addr->family == IP_FAMILY_NONE || ip_addr_is_unspecified(addr);
}

static uint8_t
message_flags(const struct sock_sctp_info *info, const struct sock_sctp_to *to)
{
	return (uint8_t)(((info->flags & SOCK_SCTP_UNORDERED) != 0 ? SCTP_MESSAGE_UNORDERED : 0U) |
		((info->flags & SOCK_SCTP_IMMEDIATE) != 0 ? SCTP_MESSAGE_IMMEDIATE : 0U) |
		(to->more ? SCTP_MESSAGE_MORE : 0U));
}

/* @return 0 or -errno */
static int
message_send(struct sock_assoc *sa, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_sctp_to *to)
{
	struct sctp_core *core = sock_sctp_of(sa->sock);
	const struct sctp_message message = {
		.stream = info->stream,
		.flags = message_flags(info, to),
		.ppid_be = info->ppid_be,
		.context = info->context,
		.pr_policy = info->pr_policy,
		.pr_value = info->pr_value,
		.has_key = info->has_key,
		.key_id = info->key_id,
		.to = (info->flags & SOCK_SCTP_ADDR_OVER) != 0 && to->count > 0 &&
				!is_any(&to->peers[0].addr)
			? &to->peers[0].addr
			: NULL,
	};
	int rc = 0;

	sock_assoc_touch(sa);
	if ((info->flags & SOCK_SCTP_ABORT) != 0) {
		sctp_end(core, sa->assoc, data, length);
		return 0;
	}
	/* RFC 6458 5.3.4: with SCTP_EOF there need be no bytes. */
	if (length > 0 || (info->flags & SOCK_SCTP_EOF) == 0)
		rc = sctp_send(core, sa->assoc, &message, data, length);
	if (rc == 0 && (info->flags & SOCK_SCTP_EOF) != 0)
		rc = sctp_shutdown(core, sa->assoc);
	return rc;
}

/* @return how many took it, or why the first did not */
static int
message_send_all(struct sock *sock, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_sctp_to *to)
{
	struct sock_assoc *sa = TAILQ_FIRST(&sock->sctp->assocs);
	int rc = sa != NULL ? 0 : -ENOTCONN, count = 0;

	/* Those that are touched go to the end: each is asked once. */
	for (uint32_t left = sock->sctp->assoc_count; left > 0; left--) {
		struct sock_assoc *next = TAILQ_NEXT(sa, entry);
		int one = message_send(sa, data, length, info, to);

		count += one == 0;
		rc = rc == 0 ? one : rc;
		sa = next;
	}
	return count > 0 ? count : rc;
}

/* What says less than it might is made up by the defaults. */
static const struct sock_sctp_info *
info_choose(const struct sock_assoc *sa, const struct sock_sctp_info *info)
{
	return info != NULL ? info : &sa->defaults;
}

/* RFC 6458 4.1.8: who is named to one that is an association is its peer. @return 0 or -EINVAL */
static int
peer_check(const struct sock_assoc *sa, const struct sock_sctp_to *to)
{
	struct sctp_path_info path;

	/* Of one that has ended nobody knows it any more. */
	if (sctp_assoc_state(sa->assoc) == SCTP_CLOSED)
		return 0;
	for (unsigned i = 0; i < to->count; i++) {
		const struct sock_addr *peer = &to->peers[i];
		unsigned at = 0;

		while (!is_any(&peer->addr) && sctp_path_info(sa->assoc, at, &path) &&
			!ip_addr_equal(&path.remote, &peer->addr))
			at++;
		if ((peer->port != 0 && peer->port != sa->remote_port) ||
			(!is_any(&peer->addr) && !sctp_path_info(sa->assoc, at, &path)))
			return -EINVAL;
	}
	return 0;
}

/* An association with a peer whose addresses are these is begun by its first message, or is not. */
static int
begin(struct sock *sock, const void *data, size_t length, const struct sock_sctp_info *info,
	const struct sock_sctp_to *to)
{
	struct sock_assoc *sa;
	int rc;

	if (to->count == 0 || to->peers[0].addr.family == IP_FAMILY_NONE)
		return sock->sctp->many ? -EDESTADDRREQ : -ENOTCONN;
	/* RFC 6458 5.3.4: there is nothing to end. */
	if ((info->flags & SOCK_SCTP_ABORT) != 0 ||
		((info->flags & SOCK_SCTP_EOF) != 0 && length == 0))
		return -EINVAL;
	rc = sock_sctp_associate(sock, to->peers, to->count, &sa);
	if (rc < 0)
		return rc;
	rc = message_send(sa, data, length, info, to);
	/* Who is told to wait is told when that is over, too. */
	if (rc < 0 && rc != -EAGAIN) {
		sctp_close(sock_sctp_of(sock), sa->assoc);
		sock_assoc_remove(sa);
	}
	return rc;
}

int64_t
sock_sctp_sendx(struct sock *sock, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_sctp_to *to)
{
	const struct sock_sctp_info *all = info != NULL ? info : &sock->sctp->defaults;
	struct sock_assoc *sa;
	int rc;

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	/* RFC 6458 5.3.4: of one-to-one sockets it has no effect. */
	if (sock->sctp->many && (all->flags & SOCK_SCTP_SENDALL) != 0) {
		rc = message_send_all(sock, data, length, all, to);
		return rc < 0 ? rc : (int64_t)length;
	}
	rc = assoc_for(sock, info != NULL ? info->assoc : 0, to, &sa);
	if (rc == 0 && sa != NULL && !sock->sctp->many)
		rc = peer_check(sa, to);
	if (rc == 0)
		rc = sa != NULL ? message_send(sa, data, length, info_choose(sa, info), to)
				: begin(sock, data, length, all, to);
	return rc < 0 ? rc : (int64_t)length;
}

int64_t
sock_sctp_send(struct sock *sock, const void *data, size_t length,
	const struct sock_sctp_info *info, const struct sock_addr *peer)
{
	struct sock_sctp_to to;

	/* The rest is as it was: nobody looks at it. */
	to.count = peer != NULL && peer->addr.family != IP_FAMILY_NONE ? 1 : 0;
	to.more = false;
	if (to.count > 0)
		to.peers[0] = *peer;
	return sock_sctp_sendx(sock, data, length, info, &to);
}

int64_t
sock_sctp_send_plain(
	struct sock *sock, const void *data, size_t length, const struct sock_addr *peer)
{
	return sock_sctp_send(sock, data, length, NULL, peer);
}

int
sock_sctp_send_msg(struct sock *sock, struct sock_msg *msg)
{
	int64_t rc;

	/* Messages are cut from one piece of memory. */
	if (rte_pktmbuf_linearize(msg->pkt) != 0)
		return -EMSGSIZE;
	rc = sock_sctp_send(
		sock, rte_pktmbuf_mtod(msg->pkt, void *), msg->pkt->data_len, NULL, &msg->peer);
	if (rc < 0)
		return (int)rc;
	rte_pktmbuf_free(msg->pkt);
	return 0;
}
