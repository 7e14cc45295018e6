/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of authentication, of listeners and of associations: RFC 4895 6.1, RFC 6458 8.3. */
#include "sctp/sctp_priv.h"

/* ---- keys of an association ---- */

/* RFC 4895 6.1: as numbers, and of equal ones the shorter first. */
static bool
vector_is_before(const struct sctp_auth_vector *a, const struct sctp_auth_vector *b)
{
	/* Both begin with the type of RANDOM, which is not zero: the longer number is the larger. */
	if (a->length != b->length)
		return a->length < b->length;
	return memcmp(a->bytes, b->bytes, a->length) < 0;
}

static void
secrets_compute(const struct sctp_auth_vector *local, const struct sctp_auth_vector *peer,
	struct sctp_auth_key *key)
{
	bool before = vector_is_before(local, peer);
	const struct sctp_auth_vector *first = before ? local : peer;
	const struct sctp_auth_vector *second = before ? peer : local;
	struct hmac_part parts[3] = { { key->bytes, key->length } };

	parts[1] = (struct hmac_part){ first->bytes, first->length };
	parts[2] = (struct hmac_part){ second->bytes, second->length };
	for (enum hmac_hash hash = HMAC_SHA1; hash < HMAC_HASH_COUNT; hash++)
		hmac_hash(hash, parts, RTE_DIM(parts), key->secrets[hash]);
}

static void
key_derive(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_auth_key *key)
{
	struct sctp_auth_vector local;

	/* The peer has not said anything yet. */
	if (assoc->auth->peer.length == 0)
		return;
	sctp_auth_vector_local(
		core, &assoc->settings, assoc->local_tag, assoc->initial_tsn, &local);
	secrets_compute(&local, &assoc->auth->peer, key);
}

bool
sctp_auth_cookie_key(struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct sctp_cookie *cookie, uint16_t id, struct sctp_auth_key *key)
{
	const struct sctp_auth_vector peer = sctp_auth_cookie_get(cookie);
	const struct sctp_auth_key *shared = NULL;
	struct sctp_auth_vector local;

	if (assoc->auth != NULL)
		shared = sctp_auth_key_find(&assoc->auth->keys, id);
	/* Who has had none begins with key 0, which is empty. */
	if (shared == NULL && (assoc->auth != NULL || id != 0))
		return false;
	*key = shared != NULL ? *shared : (struct sctp_auth_key){ .id = 0 };
	sctp_auth_vector_local(
		core, &assoc->settings, cookie->local_tag, cookie->local_tsn, &local);
	secrets_compute(&local, &peer, key);
	return true;
}

void
sctp_auth_agree(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_vector *vector)
{
	struct sctp_auth_key *key;

	/* One that begins again may be able to what it was not before. */
	if (sctp_has(assoc, SCTP_EXT_AUTH) && assoc->auth == NULL &&
		sctp_auth_create(core, assoc, NULL) != 0)
		assoc->extensions &= (uint16_t) ~(SCTP_EXT_AUTH | SCTP_EXT_ASCONF);
	if (sctp_has(assoc, SCTP_EXT_AUTH)) {
		sctp_auth_peer_read(assoc->auth, vector);
		SLIST_FOREACH(key, &assoc->auth->keys.list, next)
		key_derive(core, assoc, key);
	} else if (assoc->settings.extensions & SCTP_EXT_AUTH) {
		sctp_auth_free(core, assoc);
		sctp_notice_add(
			core, assoc, &(struct sctp_notice){ .type = SCTP_NOTICE_AUTH_NO_AUTH });
	}
}

/* ---- sets of keys ---- */

struct sctp_auth_key *
sctp_auth_key_find(const struct sctp_auth_keys *keys, uint16_t id)
{
	struct sctp_auth_key *key;

	SLIST_FOREACH(key, &keys->list, next)
	{
		if (key->id == id)
			return key;
	}
	return NULL;
}

struct sctp_auth_key *
sctp_auth_key_put(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id,
	const void *bytes, size_t length)
{
	struct sctp_auth_key *key = sctp_auth_key_find(keys, id);

	if (key == NULL) {
		if (keys->count == SCTP_AUTH_KEYS_MAX ||
			(key = slab_take(&core->auth_keys)) == NULL)
			return NULL;
		SLIST_INSERT_HEAD(&keys->list, key, next);
		keys->count++;
	}
	key->id = id;
	key->length = (uint8_t)length;
	key->deactivated = false;
	if (length > 0)
		memcpy(key->bytes, bytes, length);
	return key;
}

int
sctp_auth_keys_activate(struct sctp_auth_keys *keys, uint16_t id)
{
	const struct sctp_auth_key *key = sctp_auth_key_find(keys, id);

	if (id == keys->active)
		return 0;
	if (key == NULL || key->deactivated)
		return -EINVAL;
	keys->active = id;
	return 0;
}

static void
key_free(struct sctp_core *core, struct sctp_auth_keys *keys, struct sctp_auth_key *key)
{
	SLIST_REMOVE(&keys->list, key, sctp_auth_key, next);
	keys->count--;
	/* What is secret does not stay where others come to. */
	memset(key, 0, sizeof(*key));
	slab_give(&core->auth_keys, key);
}

int
sctp_auth_keys_delete(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id)
{
	struct sctp_auth_key *key = sctp_auth_key_find(keys, id);

	if (key == NULL || keys->active == id || key->uses > 0)
		return -EINVAL;
	key_free(core, keys, key);
	return 0;
}

int
sctp_auth_keys_deactivate(struct sctp_auth_keys *keys, uint16_t id)
{
	struct sctp_auth_key *key = sctp_auth_key_find(keys, id);

	if (key == NULL || keys->active == id)
		return -EINVAL;
	key->deactivated = true;
	return 0;
}

bool
sctp_auth_keys_copy(
	struct sctp_core *core, struct sctp_auth_keys *to, const struct sctp_auth_keys *from)
{
	const struct sctp_auth_key *key;
	bool done = true;

	to->active = from->active;
	SLIST_FOREACH(key, &from->list, next)
	{
		struct sctp_auth_key *copy =
			sctp_auth_key_put(core, to, key->id, key->bytes, key->length);

		done &= copy != NULL;
		if (copy != NULL)
			copy->deactivated = key->deactivated;
	}
	return done;
}

void
sctp_auth_keys_free(struct sctp_core *core, struct sctp_auth_keys *keys)
{
	while (!SLIST_EMPTY(&keys->list))
		key_free(core, keys, SLIST_FIRST(&keys->list));
}

int
sctp_auth_create(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_keys *from)
{
	struct sctp_auth *auth = slab_take(&core->auths);
	bool done;

	if (auth == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return -ENOBUFS;
	}
	*auth = (struct sctp_auth){ .keys.active = 0 };
	sctp_auth_types_get(&assoc->settings, auth->local_types);
	assoc->auth = auth;
	/* A listener that has keys may have deleted key 0. */
	done = (from != NULL && !SLIST_EMPTY(&from->list)) ||
		sctp_auth_key_put(core, &auth->keys, 0, NULL, 0) != NULL;
	if (from != NULL)
		done &= sctp_auth_keys_copy(core, &auth->keys, from);
	/* What is sent is signed with it, unasked. */
	done &= sctp_auth_key_find(&auth->keys, auth->keys.active) != NULL;
	if (done)
		return 0;
	sctp_count(core, SCTP_STAT_nomem);
	sctp_auth_free(core, assoc);
	return -ENOBUFS;
}

void
sctp_auth_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->auth == NULL)
		return;
	sctp_auth_keys_free(core, &assoc->auth->keys);
	slab_give(&core->auths, assoc->auth);
	assoc->auth = NULL;
}

/* ---- what users call ---- */

int
sctp_auth_key_set(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id, const void *bytes,
	size_t length)
{
	struct sctp_auth_key *key;

	if (assoc->auth == NULL)
		return -EOPNOTSUPP;
	if (length > SCTP_AUTH_KEY_MAX)
		return -EINVAL;
	key = sctp_auth_key_put(core, &assoc->auth->keys, id, bytes, length);
	if (key == NULL)
		return -ENOBUFS;
	key_derive(core, assoc, key);
	return 0;
}

int
sctp_auth_key_activate(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id)
{
	RTE_SET_USED(core);
	return assoc->auth != NULL ? sctp_auth_keys_activate(&assoc->auth->keys, id) : -EOPNOTSUPP;
}

int
sctp_auth_key_active(const struct sctp_assoc *assoc)
{
	return assoc->auth != NULL ? assoc->auth->keys.active : -EOPNOTSUPP;
}

unsigned
sctp_auth_chunks(const struct sctp_assoc *assoc, bool peer, uint8_t *types)
{
	const struct sctp_auth *auth = assoc->auth;
	unsigned count = 0;

	for (unsigned type = 0; type < 256 && auth != NULL; type++) {
		const uint64_t *bits = peer ? auth->peer_types : auth->local_types;

		if (bits[type / 64] >> type % 64 & 1)
			types[count++] = (uint8_t)type;
	}
	return count;
}

/* RFC 6458 6.1.8: nothing is sent with it any more, nor sent again. */
static void
free_key_check(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_key *key)
{
	if (key->deactivated && key->uses == 0)
		sctp_notice_add(core, assoc,
			&(struct sctp_notice){
				.type = SCTP_NOTICE_AUTH_FREE_KEY, .key_id = key->id });
}

int
sctp_auth_key_deactivate(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id)
{
	int ret = assoc->auth != NULL ? sctp_auth_keys_deactivate(&assoc->auth->keys, id)
				      : -EOPNOTSUPP;

	if (ret == 0)
		free_key_check(core, assoc, sctp_auth_key_find(&assoc->auth->keys, id));
	return ret;
}

int
sctp_auth_key_check(const struct sctp_assoc *assoc, uint16_t id)
{
	const struct sctp_auth_key *key;

	if (assoc->auth == NULL)
		return -EOPNOTSUPP;
	key = sctp_auth_key_find(&assoc->auth->keys, id);
	return key != NULL && !key->deactivated ? 0 : -EINVAL;
}

void
sctp_auth_piece_take(struct sctp_assoc *assoc, struct sctp_piece *piece, uint16_t id)
{
	piece->state |= SCTP_PIECE_KEYED;
	piece->key_id = id;
	sctp_auth_key_find(&assoc->auth->keys, id)->uses++;
}

void
sctp_auth_piece_release(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	struct sctp_auth_key *key;

	/* Peers that cannot authenticate leave no keys. */
	if (likely(!(piece->state & SCTP_PIECE_KEYED)) || assoc->auth == NULL)
		return;
	key = sctp_auth_key_find(&assoc->auth->keys, piece->key_id);
	if (key == NULL || key->uses == 0)
		return;
	key->uses--;
	free_key_check(core, assoc, key);
}

int
sctp_auth_key_delete(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id)
{
	return assoc->auth != NULL ? sctp_auth_keys_delete(core, &assoc->auth->keys, id)
				   : -EOPNOTSUPP;
}

int
sctp_listener_auth_key_set(struct sctp_core *core, struct sctp_listener *listener, uint16_t id,
	const void *key, size_t length)
{
	struct sctp_auth_keys *keys = &listener->keys;

	if (length > SCTP_AUTH_KEY_MAX)
		return -EINVAL;
	/* Key 0 is always there. */
	if (SLIST_EMPTY(&keys->list) && sctp_auth_key_put(core, keys, 0, NULL, 0) == NULL)
		return -ENOBUFS;
	return sctp_auth_key_put(core, keys, id, key, length) != NULL ? 0 : -ENOBUFS;
}

int
sctp_listener_auth_key_activate(struct sctp_core *core, struct sctp_listener *listener, uint16_t id)
{
	RTE_SET_USED(core);
	return sctp_auth_keys_activate(&listener->keys, id);
}

int
sctp_listener_auth_key_delete(struct sctp_core *core, struct sctp_listener *listener, uint16_t id)
{
	return sctp_auth_keys_delete(core, &listener->keys, id);
}
