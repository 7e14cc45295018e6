/* SPDX-License-Identifier: BSD-3-Clause */
/* What is set and known of associations, by their ids: RFC 6458 8, 9.3, 9.5. */
#include "sock/sock_sctp_priv.h"

#include "wire/ip4.h"

static bool
is_sctp(const struct sock *sock)
{
	return sock->ops == &sock_sctp_ops || sock->ops == &sock_sctp_many_ops;
}

static const struct sock_assoc *
find(const struct sock *sock, uint32_t assoc)
{
	return is_sctp(sock) ? sock_assoc_find(sock, assoc) : NULL;
}

/* One-to-one sockets mean what they are, once they are it. */
static bool
is_future(const struct sock *sock, uint32_t assoc)
{
	return sock->sctp->many ? assoc == SOCK_SCTP_FUTURE : TAILQ_EMPTY(&sock->sctp->assocs);
}

int
sock_sctp_settings_get(const struct sock *sock, uint32_t assoc, struct sctp_settings *settings)
{
	const struct sock_assoc *sa;

	if (!is_sctp(sock))
		return -EOPNOTSUPP;
	if (is_future(sock, assoc)) {
		*settings = sock_sctp_settings(sock, IP_TTL_DEFAULT);
		return 0;
	}
	sa = find(sock, assoc);
	if (sa == NULL)
		return -EINVAL;
	sctp_settings_get(sa->assoc, settings);
	return 0;
}

static bool
has_future(const struct sock *sock, uint32_t assoc)
{
	return !sock->sctp->many || assoc == SOCK_SCTP_FUTURE || assoc == SOCK_SCTP_ALL;
}

static bool
is_meant(const struct sock_assoc *sa, uint32_t assoc)
{
	return !sa->sock->sctp->many || assoc == SOCK_SCTP_CURRENT || assoc == SOCK_SCTP_ALL ||
		sa->id == assoc;
}

/* @return 0; -EINVAL: it means nobody; -EOPNOTSUPP */
static int
id_check(const struct sock *sock, uint32_t assoc)
{
	if (!is_sctp(sock))
		return -EOPNOTSUPP;
	return sock->sctp->many && assoc >= SOCK_SCTP_ASSOC_FIRST && find(sock, assoc) == NULL
		? -EINVAL
		: 0;
}

static int
future_change(struct sock *sock, sock_sctp_change_fn *change, void *arg)
{
	struct sock_sctp *sctp = sock->sctp;
	struct sctp_settings settings = sock_sctp_settings(sock, IP_TTL_DEFAULT);
	int rc = change(&settings, arg);

	if (rc == 0)
		rc = sctp_settings_check(&settings);
	if (rc < 0)
		return rc;
	if (sctp->listener != NULL)
		sctp_listener_settings_set(sctp->listener, &settings);
	/* Whoever has set no other keeps the way's. */
	if (sctp->settings.ttl == 0 && settings.ttl == IP_TTL_DEFAULT)
		settings.ttl = 0;
	sctp->settings = settings;
	return 0;
}

static int
assoc_change(struct sock_assoc *sa, sock_sctp_change_fn *change, void *arg)
{
	struct sctp_settings settings;
	int rc;

	sctp_settings_get(sa->assoc, &settings);
	rc = change(&settings, arg);
	if (rc == 0)
		rc = sctp_settings_check(&settings);
	if (rc == 0)
		sctp_settings_set(sock_sctp_of(sa->sock), sa->assoc, &settings);
	return rc;
}

int
sock_sctp_settings_change(struct sock *sock, uint32_t assoc, sock_sctp_change_fn *change, void *arg)
{
	struct sock_assoc *sa;
	int rc = id_check(sock, assoc);

	if (rc == 0 && has_future(sock, assoc))
		rc = future_change(sock, change, arg);
	if (rc < 0)
		return rc;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (is_meant(sa, assoc))
			rc = assoc_change(sa, change, arg);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int
settings_copy(struct sctp_settings *settings, void *arg)
{
	*settings = *(const struct sctp_settings *)arg;
	return 0;
}

int
sock_sctp_settings_set(struct sock *sock, uint32_t assoc, const struct sctp_settings *settings)
{
	struct sctp_settings copy = *settings;

	return sock_sctp_settings_change(sock, assoc, settings_copy, &copy);
}

static int
streams_change(struct sctp_settings *settings, void *arg)
{
	settings->out_streams = *(const uint16_t *)arg;
	return 0;
}

int
sock_sctp_streams_set(struct sock *sock, uint16_t streams)
{
	return sock_sctp_settings_change(sock, SOCK_SCTP_FUTURE, streams_change, &streams);
}

int
sock_sctp_default_set(struct sock *sock, uint32_t assoc, const struct sock_sctp_info *info)
{
	struct sock_sctp_info defaults = *info;
	struct sock_assoc *sa;
	int rc = id_check(sock, assoc);

	if (rc < 0)
		return rc;
	/* RFC 6458 8.1.31: what a message is, not what becomes of its association. */
	defaults.flags &= SOCK_SCTP_UNORDERED | SOCK_SCTP_IMMEDIATE;
	if (has_future(sock, assoc))
		sock->sctp->defaults = defaults;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (is_meant(sa, assoc))
			sa->defaults = defaults;
	}
	return 0;
}

int
sock_sctp_default_get(const struct sock *sock, uint32_t assoc, struct sock_sctp_info *info)
{
	const struct sock_assoc *sa = find(sock, assoc);

	if (!is_sctp(sock))
		return -EOPNOTSUPP;
	if (sa == NULL && !is_future(sock, assoc))
		return -EINVAL;
	*info = sa != NULL ? sa->defaults : sock->sctp->defaults;
	return 0;
}

int
sock_sctp_context_set(struct sock *sock, uint32_t assoc, uint32_t context)
{
	struct sock_assoc *sa;
	int rc = id_check(sock, assoc);

	if (rc < 0)
		return rc;
	if (has_future(sock, assoc))
		sock->sctp->context = context;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (is_meant(sa, assoc))
			sa->context = context;
	}
	return 0;
}

int
sock_sctp_context_get(const struct sock *sock, uint32_t assoc, uint32_t *context)
{
	const struct sock_assoc *sa = find(sock, assoc);

	if (!is_sctp(sock))
		return -EOPNOTSUPP;
	if (sa == NULL && !is_future(sock, assoc))
		return -EINVAL;
	*context = sa != NULL ? sa->context : sock->sctp->context;
	return 0;
}

/* ---- what is known ---- */

int
sock_sctp_info(const struct sock *sock, uint32_t assoc, struct sctp_info *info)
{
	const struct sock_assoc *sa = find(sock, assoc);

	if (sa == NULL)
		return -EINVAL;
	sctp_info(sock_sctp_of(sock), sa->assoc, info);
	return 0;
}

int
sock_sctp_path_info(const struct sock *sock, uint32_t assoc, const struct ip_addr *peer,
	struct sctp_path_info *info)
{
	const struct sock_assoc *sa = find(sock, assoc);

	for (unsigned i = 0; sa != NULL && sctp_path_info(sa->assoc, i, info); i++) {
		if (peer != NULL ? ip_addr_equal(peer, &info->remote) : info->primary)
			return 0;
	}
	return -EINVAL;
}

int
sock_sctp_primary_set(struct sock *sock, uint32_t assoc, const struct ip_addr *peer)
{
	const struct sock_assoc *sa = find(sock, assoc);

	return sa != NULL ? sctp_primary_set(sock_sctp_of(sock), sa->assoc, peer) : -EINVAL;
}

int
sock_sctp_encaps_port_set(
	struct sock *sock, uint32_t assoc, const struct ip_addr *peer, uint16_t port)
{
	const struct sock_assoc *sa = find(sock, assoc);

	return sa != NULL ? sctp_encaps_port_set(sa->assoc, peer, port) : -EINVAL;
}

int
sock_sctp_heartbeat(struct sock *sock, uint32_t assoc, const struct ip_addr *peer)
{
	const struct sock_assoc *sa = find(sock, assoc);

	return sa != NULL ? sctp_heartbeat(sock_sctp_of(sock), sa->assoc, peer) : -EINVAL;
}

int
sock_sctp_peers(const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max)
{
	const struct sock_assoc *sa = find(sock, assoc);
	struct sctp_path_info path;
	unsigned count = 0;

	if (sa == NULL)
		return -EINVAL;
	for (; count < max && sctp_path_info(sa->assoc, count, &path); count++)
		addrs[count] = (struct sock_addr){ path.remote, sa->remote_port, PKT_IFACE_NONE };
	return (int)count;
}

int
sock_sctp_locals(const struct sock *sock, uint32_t assoc, struct sock_addr *addrs, unsigned max)
{
	struct ip_addr locals[SCTP_ADDRS_MAX];
	const struct sock_assoc *sa;
	unsigned count;

	if (!is_sctp(sock))
		return -EOPNOTSUPP;
	sa = find(sock, assoc);
	if (sa == NULL && !is_future(sock, assoc))
		return -EINVAL;
	if (sa != NULL) {
		count = sctp_locals(sa->assoc, locals);
	} else {
		count = sock->sctp->addr_count;
		memcpy(locals, sock->sctp->addrs, count * sizeof(locals[0]));
	}
	/* Bound to any: RFC 6458 9.5. */
	if (count == 0 && sock->sctp->bound)
		locals[count++] = sock->bound.addr;
	for (unsigned i = 0; i < count && i < max; i++)
		addrs[i] = (struct sock_addr){ locals[i], sock->bound.port, PKT_IFACE_NONE };
	return (int)RTE_MIN(count, max);
}
