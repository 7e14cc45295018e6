/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sockets with several addresses, which come and go: RFC 6458 9.1. All of a call's do, or none. Peers
 * that have agreed to RFC 5061 are told; those that have not keep what they know.
 */
#include "sock/sock_sctp_priv.h"

/* One that was accepted, or peeled off, has its name beside others. */
static int
addr_check(const struct sock *sock, const struct sock_addr *addr, bool add)
{
	const struct sock_sctp *sctp = sock->sctp;
	int rc = add ? sock_sctp_bind_check(sock, addr) : 0;

	if (rc < 0)
		return rc;
	if ((addr->port != 0 && addr->port != sock->bound.port) ||
		ip_addr_is_unspecified(&addr->addr) ||
		sock_addr_is_among(sctp->addrs, sctp->addr_count, &addr->addr) == add)
		return -EINVAL;
	return add && sctp->bound && sock_sctp_name_is_taken(sock, &addr->addr, sock->bound.port)
		? -EADDRINUSE
		: 0;
}

/* @param plain filled in */
static int
addrs_check(const struct sock *sock, const struct sock_addr *addrs, unsigned count, bool add,
	struct ip_addr *plain)
{
	const struct sock_sctp *sctp = sock->sctp;

	/* What is bound to any has no name to change: 8.1.23 is for that. */
	if (sctp->addr_count == 0 || (!add && count >= sctp->addr_count))
		return -EINVAL;
	if (add && sctp->addr_count + count > SCTP_ADDRS_MAX)
		return -ENOBUFS;
	for (unsigned i = 0; i < count; i++) {
		int rc = addr_check(sock, &addrs[i], add);

		if (rc < 0)
			return rc;
		if (sock_addr_is_among(plain, i, &addrs[i].addr))
			return -EINVAL;
		plain[i] = addrs[i].addr;
	}
	return 0;
}

static int
assoc_tell(const struct sock_assoc *sa, const struct ip_addr *addrs, unsigned count, bool add)
{
	struct sctp_core *core = sock_sctp_of(sa->sock);

	return add ? sctp_locals_add(core, sa->assoc, addrs, count)
		   : sctp_locals_delete(core, sa->assoc, addrs, count);
}

static int
listener_tell(const struct sock *sock)
{
	const struct sctp_bind bind = sock_sctp_listen_bind(sock);

	return sock->sctp->listener != NULL
		? sctp_listener_addrs_set(sock_sctp_of(sock), sock->sctp->listener, &bind)
		: 0;
}

/* In the order in which they came: the first one is the socket's name. */
static void
names_change(struct sock *sock, const struct ip_addr *addrs, unsigned count, bool add)
{
	struct sock_sctp *sctp = sock->sctp;
	uint8_t kept = 0;

	for (unsigned i = 0; i < sctp->addr_count; i++) {
		if (add || !sock_addr_is_among(addrs, count, &sctp->addrs[i]))
			sctp->addrs[kept++] = sctp->addrs[i];
	}
	for (unsigned i = 0; add && i < count; i++)
		sctp->addrs[kept++] = addrs[i];
	sctp->addr_count = kept;
	sock->bound.addr = sctp->addrs[0];
}

/* Of a socket that has a name. @return 0 or -errno */
static int
change(struct sock *sock, const struct sock_addr *addrs, unsigned count, bool add)
{
	struct sock_sctp *sctp = sock->sctp;
	const struct sock_assoc *sa = TAILQ_FIRST(&sctp->assocs);
	struct ip_addr plain[SCTP_ADDRS_MAX];
	int rc = addrs_check(sock, addrs, count, add, plain);

	/* A one-to-one socket is its association: it changes, or nothing does. */
	if (rc == 0 && !sctp->many && sa != NULL)
		rc = assoc_tell(sa, plain, count, add);
	if (rc < 0)
		return rc;
	names_change(sock, plain, count, add);
	rc = listener_tell(sock);
	if (rc < 0) {
		names_change(sock, plain, count, !add);
		return rc;
	}
	TAILQ_FOREACH (sa, &sctp->assocs, entry) {
		if (sctp->many)
			(void)assoc_tell(sa, plain, count, add);
	}
	return 0;
}

static void
name_give_up(struct sock *sock)
{
	sock_sctp_unbind(sock);
	sock->sctp->addr_count = 0;
	sock->bound = (struct sock_addr){ { .family = sock->family }, 0, PKT_IFACE_NONE };
}

int
sock_sctp_bindx(struct sock *sock, const struct sock_addr *addrs, unsigned count, bool add)
{
	int rc;

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	if (count == 0 || count > SCTP_ADDRS_MAX)
		return -EINVAL;
	if (sock->sctp->bound || sock->sctp->assoc_count > 0)
		return change(sock, addrs, count, add);
	if (!add)
		return -EINVAL;
	rc = sock_sctp_bind(sock, &addrs[0]);
	if (rc < 0 || count == 1)
		return rc;
	rc = change(sock, addrs + 1, count - 1, true);
	if (rc < 0)
		name_give_up(sock);
	return rc;
}
