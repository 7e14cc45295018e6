/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared keys of authentication, by ids of associations: RFC 6458 8.3. */
#include "sock/sock_sctp_priv.h"

int
sock_sctp_keys_give(struct sock *sock, struct sctp_assoc *assoc)
{
	const struct sctp_auth_keys *keys = sock->sctp->keys;

	return keys != NULL ? sctp_keyring_give(sock_sctp_of(sock), assoc, keys) : 0;
}

int
sock_sctp_keys_lend(struct sock *sock)
{
	const struct sock_sctp *sctp = sock->sctp;

	return sctp->keys != NULL && sctp->listener != NULL
		? sctp_keyring_lend(sock_sctp_of(sock), sctp->listener, sctp->keys)
		: 0;
}

static int
future_do(struct sock *sock, const struct sock_sctp_key *key)
{
	struct sctp_core *core = sock_sctp_of(sock);
	struct sock_sctp *sctp = sock->sctp;
	int rc = sctp->keys == NULL ? sctp_keyring_create(core, &sctp->keys) : 0;

	if (rc < 0)
		return rc;
	switch (key->verb) {
	case SOCK_SCTP_KEY_SET:
		rc = sctp_keyring_set(core, sctp->keys, key->id, key->bytes, key->length);
		break;
	case SOCK_SCTP_KEY_ACTIVATE: rc = sctp_keyring_activate(sctp->keys, key->id); break;
	case SOCK_SCTP_KEY_DEACTIVATE: rc = sctp_keyring_deactivate(sctp->keys, key->id); break;
	case SOCK_SCTP_KEY_DELETE: rc = sctp_keyring_delete(core, sctp->keys, key->id); break;
	}
	return rc == 0 ? sock_sctp_keys_lend(sock) : rc;
}

static int
assoc_do(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	const struct sock_sctp_key *key = arg;

	switch (key->verb) {
	case SOCK_SCTP_KEY_SET:
		return sctp_auth_key_set(core, assoc, key->id, key->bytes, key->length);
	case SOCK_SCTP_KEY_ACTIVATE: return sctp_auth_key_activate(core, assoc, key->id);
	case SOCK_SCTP_KEY_DEACTIVATE: return sctp_auth_key_deactivate(core, assoc, key->id);
	case SOCK_SCTP_KEY_DELETE: return sctp_auth_key_delete(core, assoc, key->id);
	}
	return -EINVAL;
}

int
sock_sctp_key(struct sock *sock, uint32_t assoc, const struct sock_sctp_key *key)
{
	struct sock_sctp_key copy = *key;
	int rc = sock_sctp_id_check(sock, assoc);

	/* A one-to-one socket that is an association has nobody else to come. */
	if (rc == 0 &&
		(sock->sctp->many ? sock_sctp_has_future(sock, assoc)
				  : TAILQ_EMPTY(&sock->sctp->assocs)))
		rc = future_do(sock, key);
	if (rc < 0 || TAILQ_EMPTY(&sock->sctp->assocs))
		return rc;
	return sock_sctp_each(sock, assoc, assoc_do, &copy);
}

static int
active_get(struct sctp_core *core, struct sctp_assoc *assoc, void *arg)
{
	(void)core;
	(void)arg;
	return sctp_auth_key_active(assoc);
}

int
sock_sctp_key_active(struct sock *sock, uint32_t assoc)
{
	if (sock_is_sctp(sock) && sock_sctp_is_future(sock, assoc))
		return sock->sctp->keys != NULL ? sctp_keyring_active(sock->sctp->keys) : 0;
	return sock_sctp_one(sock, assoc, active_get, NULL);
}
