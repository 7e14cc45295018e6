/* SPDX-License-Identifier: BSD-3-Clause */
/* What associations are set to, by their ids: RFC 6458 7.1, 8. */
#include "sock/sock_sctp_priv.h"

#include "wire/ip4.h"

/* ---- ids ---- */

bool
sock_is_sctp(const struct sock *sock)
{
	return sock->ops == &sock_sctp_ops || sock->ops == &sock_sctp_many_ops;
}

const struct sock_assoc *
sock_sctp_find(const struct sock *sock, uint32_t assoc)
{
	return sock_is_sctp(sock) ? sock_assoc_find(sock, assoc) : NULL;
}

/* One-to-one sockets mean what they are, once they are it. */
bool
sock_sctp_is_future(const struct sock *sock, uint32_t assoc)
{
	return sock->sctp->many ? assoc == SOCK_SCTP_FUTURE : TAILQ_EMPTY(&sock->sctp->assocs);
}

bool
sock_sctp_has_future(const struct sock *sock, uint32_t assoc)
{
	return !sock->sctp->many || assoc == SOCK_SCTP_FUTURE || assoc == SOCK_SCTP_ALL;
}

bool
sock_sctp_is_meant(const struct sock_assoc *sa, uint32_t assoc)
{
	return !sa->sock->sctp->many || assoc == SOCK_SCTP_CURRENT || assoc == SOCK_SCTP_ALL ||
		sa->id == assoc;
}

/* @return 0; -EINVAL: it means nobody; -EOPNOTSUPP */
int
sock_sctp_id_check(const struct sock *sock, uint32_t assoc)
{
	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	return sock->sctp->many && assoc >= SOCK_SCTP_ASSOC_FIRST &&
			sock_sctp_find(sock, assoc) == NULL
		? -EINVAL
		: 0;
}

/* ---- settings ---- */

int
sock_sctp_settings_get(const struct sock *sock, uint32_t assoc, struct sctp_settings *settings)
{
	const struct sock_assoc *sa;

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	if (sock_sctp_is_future(sock, assoc)) {
		*settings = sock_sctp_settings(sock, IP_TTL_DEFAULT);
		return 0;
	}
	sa = sock_sctp_find(sock, assoc);
	if (sa == NULL)
		return -EINVAL;
	sctp_settings_get(sa->assoc, settings);
	return 0;
}

int
sock_sctp_future_get(const struct sock *sock, struct sctp_settings *settings)
{
	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	*settings = sock_sctp_settings(sock, IP_TTL_DEFAULT);
	return 0;
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
	int rc = sock_sctp_id_check(sock, assoc);

	if (rc == 0 && sock_sctp_has_future(sock, assoc))
		rc = future_change(sock, change, arg);
	if (rc < 0)
		return rc;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (sock_sctp_is_meant(sa, assoc))
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

/* ---- what sctp.h has ---- */

int
sock_sctp_future_change(struct sock *sock, sock_sctp_change_fn *change, void *arg)
{
	return sock_is_sctp(sock) ? future_change(sock, change, arg) : -EOPNOTSUPP;
}

int
sock_sctp_each(struct sock *sock, uint32_t assoc, sock_sctp_each_fn *each, void *arg)
{
	struct sock_assoc *sa;
	int rc = sock_sctp_id_check(sock, assoc);

	if (rc < 0)
		return rc;
	if (!sock->sctp->many && TAILQ_EMPTY(&sock->sctp->assocs))
		return -ENOTCONN;
	TAILQ_FOREACH (sa, &sock->sctp->assocs, entry) {
		if (sock_sctp_is_meant(sa, assoc))
			rc = each(sock_sctp_of(sock), sa->assoc, arg);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int
sock_sctp_one(struct sock *sock, uint32_t assoc, sock_sctp_each_fn *each, void *arg)
{
	const struct sock_assoc *sa = sock_sctp_find(sock, assoc);

	if (!sock_is_sctp(sock))
		return -EOPNOTSUPP;
	if (sa == NULL)
		return sock->sctp->many ? -EINVAL : -ENOTCONN;
	return each(sock_sctp_of(sock), sa->assoc, arg);
}
