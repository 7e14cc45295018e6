/* SPDX-License-Identifier: BSD-3-Clause */
/* Defaults for sending, and what is known of associations, by their ids: RFC 6458 8, 9.3, 9.5. */
#include "sock/sock_sctp_priv.h"

int
sock_sctp_default_set(struct sock *sock, uint32_t assoc, const struct sock_sctp_info *info)
{
	struct sock_sctp_info defaults = *info;
	struct sock_assoc *sa;
	int rc = sock_sctp_id_check(sock, assoc);

	if (rc < 0)
		return rc;
	/* RFC 6458 8.1.31: what a message is, not what becomes of its association. */
	defaults.flags &= SOCK_SCTP_UNORDERED | SOCK_SCTP_IMMEDIATE | SOCK_SCTP_SENDALL;
	if (sock_sctp_has_future(sock, assoc))
		sock->sctp->defaults = defaults;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (sock_sctp_is_meant(sa, assoc))
			sa->defaults = defaults;
	}
	return 0;
}

int
sock_sctp_default_get(const struct sock *sock, uint32_t assoc, struct sock_sctp_info *info)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	if (sa == NULL && !sock_sctp_is_future(sock, assoc))
		return -EINVAL;
	*info = sa != NULL ? sa->defaults : sock->sctp->defaults;
	return 0;
}

int
sock_sctp_context_set(struct sock *sock, uint32_t assoc, uint32_t context)
{
	struct sock_assoc *sa;
	int rc = sock_sctp_id_check(sock, assoc);

	if (rc < 0)
		return rc;
	if (sock_sctp_has_future(sock, assoc))
		sock->sctp->context = context;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (sock_sctp_is_meant(sa, assoc))
			sa->context = context;
	}
	return 0;
}

int
sock_sctp_context_get(const struct sock *sock, uint32_t assoc, uint32_t *context)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	if (sa == NULL && !sock_sctp_is_future(sock, assoc))
		return -EINVAL;
	*context = sa != NULL ? sa->context : sock->sctp->context;
	return 0;
}

/* ---- what is known ---- */

int
sock_sctp_info(const struct sock *sock, uint32_t assoc, struct sctp_info *info)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	if (sa == NULL)
		return -EINVAL;
	sctp_info(sock_sctp_of(sock), sa->assoc, info);
	return 0;
}

int
sock_sctp_path_info(const struct sock *sock, uint32_t assoc, const struct ip_addr *peer,
	struct sctp_path_info *info)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	for (unsigned i = 0; sa != NULL && sctp_path_info(sa->assoc, i, info); i++) {
		if (peer != NULL ? ip_addr_equal(peer, &info->remote) : info->primary)
			return 0;
	}
	return -EINVAL;
}

int
sock_sctp_primary_set(struct sock *sock, uint32_t assoc, const struct ip_addr *peer)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	return sa != NULL ? sctp_primary_set(sock_sctp_of(sock), sa->assoc, peer) : -EINVAL;
}

int
sock_sctp_encaps_port_set(
	struct sock *sock, uint32_t assoc, const struct ip_addr *peer, uint16_t port)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	return sa != NULL ? sctp_encaps_port_set(sa->assoc, peer, port) : -EINVAL;
}

int
sock_sctp_heartbeat(struct sock *sock, uint32_t assoc, const struct ip_addr *peer)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	return sa != NULL ? sctp_heartbeat(sock_sctp_of(sock), sa->assoc, peer) : -EINVAL;
}

int
sock_sctp_peers(const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);
	struct sctp_path_info path;
	unsigned count = 0;

	/* RFC 6458 9.3: there is no association on this socket. */
	if (sa == NULL)
		return sock_is_sctp(sock) && !sock->sctp->many ? 0 : -EINVAL;
	for (; count < max && sctp_path_info(sa->assoc, count, &path); count++)
		addrs[count] = (struct sock_addr){ path.remote, sa->remote_port, PKT_IFACE_NONE };
	return (int)count;
}

int
sock_sctp_locals(const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max)
{
	struct sctp_bind locals = { .addr_count = 0 };
	const struct sock_assoc *sa;

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	sa = sock_sctp_find(sock, assoc);
	if (sa == NULL && !sock_sctp_is_future(sock, assoc))
		return -EINVAL;
	if (sa != NULL)
		locals.addr_count = sctp_locals(sa->assoc, locals.addrs);
	else if (sock->sctp->bound)
		locals = sock_sctp_bind_of(sock);
	/* RFC 6458 9.5: of one that is bound to any, those that there are. */
	if (locals.addr_count == 0 && sock->sctp->bound)
		sock_sctp_addrs_all(sock, &locals);
	if (locals.addr_count == 0 && sock->sctp->bound)
		locals.addrs[locals.addr_count++] = sock->bound.addr;
	for (unsigned i = 0; i < locals.addr_count && i < max; i++)
		addrs[i] = (struct sock_addr){ locals.addrs[i], sock->bound.port, PKT_IFACE_NONE };
	return (int)RTE_MIN(locals.addr_count, max);
}

struct sock_sctp_owner
sock_sctp_owner(const struct sctp_assoc *assoc)
{
	const struct sock_assoc *sa = sctp_user(assoc);

	if (sa == NULL)
		return (struct sock_sctp_owner){ .app = NULL };
	return (struct sock_sctp_owner){
		.app = sock_app_name(sa->sock),
		.many = sa->sock->sctp->many,
		.assoc = sa->id,
	};
}
