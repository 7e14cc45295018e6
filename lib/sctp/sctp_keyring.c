/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared keys that are nobody's yet: of a socket, for associations to come. RFC 6458 8.3. */
#include "sctp/sctp_priv.h"

int
sctp_keyring_create(struct sctp_core *core, struct sctp_auth_keys **result)
{
	struct sctp_auth_keys *keys = slab_take(&core->keyrings);

	if (keys == NULL)
		return -ENOBUFS;
	*keys = (struct sctp_auth_keys){ .active = 0 };
	if (sctp_auth_key_put(core, keys, 0, NULL, 0) == NULL) {
		slab_give(&core->keyrings, keys);
		return -ENOBUFS;
	}
	*result = keys;
	return 0;
}

void
sctp_keyring_destroy(struct sctp_core *core, struct sctp_auth_keys *keys)
{
	if (keys == NULL)
		return;
	sctp_auth_keys_free(core, keys);
	slab_give(&core->keyrings, keys);
}

int
sctp_keyring_set(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id, const void *key,
	size_t length)
{
	if (length > SCTP_AUTH_KEY_MAX)
		return -EINVAL;
	return sctp_auth_key_put(core, keys, id, key, length) != NULL ? 0 : -ENOBUFS;
}

int
sctp_keyring_activate(struct sctp_auth_keys *keys, uint16_t id)
{
	return sctp_auth_keys_activate(keys, id);
}

int
sctp_keyring_deactivate(struct sctp_auth_keys *keys, uint16_t id)
{
	return sctp_auth_keys_deactivate(keys, id);
}

int
sctp_keyring_delete(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id)
{
	return sctp_auth_keys_delete(core, keys, id);
}

int
sctp_keyring_active(const struct sctp_auth_keys *keys)
{
	return keys->active;
}

/* Instead of those that there are, which stay if there is no room: the active one is always there. */
static int
replace(struct sctp_core *core, struct sctp_auth_keys *to, const struct sctp_auth_keys *from)
{
	struct sctp_auth_keys keys = { .active = 0 };

	if (!sctp_auth_keys_copy(core, &keys, from)) {
		sctp_auth_keys_free(core, &keys);
		return -ENOBUFS;
	}
	sctp_auth_keys_free(core, to);
	*to = keys;
	return 0;
}

int
sctp_keyring_give(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_keys *keys)
{
	return assoc->auth != NULL ? replace(core, &assoc->auth->keys, keys) : 0;
}

int
sctp_keyring_lend(
	struct sctp_core *core, struct sctp_listener *listener, const struct sctp_auth_keys *keys)
{
	return replace(core, &listener->keys, keys);
}
