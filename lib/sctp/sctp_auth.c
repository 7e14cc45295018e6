/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AUTH chunks: RFC 4895 6.2, 6.3. One is put in front of the first chunk that needs it when a packet
 * is done; one that is received is verified before anything behind it is looked at.
 */
#include "sctp/sctp_priv.h"

#include "wire/endian.h"

#define AUTH_FIXED_LENGTH 8U /* with the chunk header */

/* RFC 4895 3.3 */
static const uint16_t hmac_ids[HMAC_HASH_COUNT] = { [HMAC_SHA1] = 1, [HMAC_SHA256] = 3 };

static inline bool
type_is_in(const uint64_t *types, uint8_t type)
{
	return (types[type / 64] >> type % 64 & 1) != 0;
}

/* Over the AUTH chunk, its HMAC being zeros, and what is behind it: RFC 4895 6.2. */
static void
digest_compute(const struct sctp_auth_key *key, enum hmac_hash hash, const uint8_t *auth,
	size_t length, uint8_t *digest)
{
	static const uint8_t zeros[HMAC_LENGTH_MAX];
	const size_t front = AUTH_FIXED_LENGTH + hmac_length(hash);
	const struct hmac_part parts[] = {
		{ auth, AUTH_FIXED_LENGTH },
		{ zeros, hmac_length(hash) },
		{ auth + front, length - front },
	};

	hmac(hash, key->secrets[hash], hmac_length(hash), parts, RTE_DIM(parts), digest);
}

/* ---- sent ---- */

uint32_t
sctp_auth_space(const struct sctp_assoc *assoc)
{
	return assoc->auth != NULL ? assoc->auth->space : 0;
}

bool
sctp_auth_protects(const struct sctp_assoc *assoc, uint8_t type)
{
	return sctp_auth_space(assoc) > 0 && type_is_in(assoc->auth->peer_types, type);
}

/* Where the first chunk is that needs it. NULL: none does */
static uint8_t *
first_protected(const struct sctp_auth *auth, const struct sctp_writer *writer)
{
	struct sctp_cursor cursor = { writer->data, writer->used };
	struct sctp_chunk chunk;

	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		if (type_is_in(auth->peer_types, chunk.type))
			return writer->data + (chunk.value - SCTP_CHUNK_HDR_LENGTH - writer->data);
	}
	return NULL;
}

/* The active one cannot be deleted. One of a piece is gone if the peer has begun again without it. */
static const struct sctp_auth_key *
key_of(const struct sctp_auth *auth, uint32_t wanted)
{
	const struct sctp_auth_key *key =
		wanted != 0 ? sctp_auth_key_find(&auth->keys, (uint16_t)(wanted - 1)) : NULL;

	return key != NULL ? key : sctp_auth_key_find(&auth->keys, auth->keys.active);
}

void
sctp_auth_sign(const struct sctp_assoc *assoc, struct sctp_writer *writer, uint32_t wanted)
{
	const struct sctp_auth *auth = assoc->auth;
	const struct sctp_auth_key *key;
	uint8_t *at;

	if (sctp_auth_space(assoc) == 0 || (at = first_protected(auth, writer)) == NULL)
		return;
	key = key_of(auth, wanted);
	memmove(at + auth->space, at, (size_t)(writer->data + writer->used - at));
	writer->used += auth->space;
	writer->chunks++;
	at[0] = SCTP_AUTH;
	at[1] = 0;
	be16_store(at + 2, auth->space);
	be16_store(at + 4, key->id);
	be16_store(at + 6, hmac_ids[auth->hash]);
	digest_compute(key, (enum hmac_hash)auth->hash, at,
		(size_t)(writer->data + writer->used - at), at + AUTH_FIXED_LENGTH);
}

/* ---- received ---- */

bool
sctp_auth_admits(const struct sctp_packet *packet, uint8_t type)
{
	const struct sctp_assoc *assoc = packet->assoc;

	return packet->authenticated || assoc == NULL || assoc->auth == NULL ||
		!sctp_has(assoc, SCTP_EXT_AUTH) || !type_is_in(assoc->auth->local_types, type);
}

/* RFC 4895 6.3: an algorithm that we have not offered. */
static void
unsupported_hmac(struct sctp_core *core, const struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out)
{
	if (packet->assoc->state >= SCTP_COOKIE_ECHOED)
		sctp_reply_error(
			core, packet, SCTP_CAUSE_UNSUPPORTED_HMAC, chunk->value + 2, 2, out);
}

/* @return HMAC_HASH_COUNT: another */
static enum hmac_hash
hash_of(const struct sctp_settings *settings, const struct sctp_chunk *chunk)
{
	uint16_t id = be16_load(chunk->value + 2), ids[SCTP_AUTH_HMACS_MAX];
	unsigned count = sctp_auth_hmacs(settings, ids), at = 0;
	enum hmac_hash hash = HMAC_SHA1;

	while (at < count && ids[at] != id)
		at++;
	while (hash < HMAC_HASH_COUNT && (at == count || hmac_ids[hash] != id))
		hash++;
	return hash;
}

static bool
verify(const struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_auth_key *key, enum hmac_hash hash)
{
	const uint8_t *auth = chunk->value - SCTP_CHUNK_HDR_LENGTH;
	uint8_t digest[HMAC_LENGTH_MAX];

	if (key == NULL ||
		chunk->length != AUTH_FIXED_LENGTH - SCTP_CHUNK_HDR_LENGTH + hmac_length(hash))
		return false;
	digest_compute(key, hash, auth, (size_t)(packet->bytes + packet->length - auth), digest);
	return hmac_equal(digest, auth + AUTH_FIXED_LENGTH, hmac_length(hash));
}

/* The peer has used a key. */
static void
key_used(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t id)
{
	if (assoc->auth == NULL || id == assoc->auth->peer_key)
		return;
	assoc->auth->peer_key = id;
	sctp_notice_add(core, assoc,
		&(struct sctp_notice){ .type = SCTP_NOTICE_AUTH_NEW_KEY, .key_id = id });
}

/* By the association's keys, or by those of a cookie, if there is one. */
static bool
auth_verify(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_cookie *cookie, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;
	const struct sctp_auth_key *key = NULL;
	struct sctp_auth_key of_cookie;
	uint16_t key_id;
	enum hmac_hash hash;

	if (chunk->length < AUTH_FIXED_LENGTH - SCTP_CHUNK_HDR_LENGTH) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return false;
	}
	key_id = be16_load(chunk->value);
	hash = hash_of(&assoc->settings, chunk);
	if (hash == HMAC_HASH_COUNT && out != NULL)
		unsupported_hmac(core, packet, chunk, out);
	if (cookie == NULL)
		key = sctp_auth_key_find(&assoc->auth->keys, key_id);
	else if (sctp_auth_cookie_key(core, assoc, cookie, key_id, &of_cookie))
		key = &of_cookie;
	if (hash == HMAC_HASH_COUNT || !verify(packet, chunk, key, hash)) {
		sctp_count(core, SCTP_STAT_auth_failed);
		return false;
	}
	packet->authenticated = true;
	key_used(core, assoc, key_id);
	return true;
}

bool
sctp_auth_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_out *out)
{
	/* RFC 4895 6.3: it waits for the cookie, which says what the keys are made of. */
	if (packet->assoc == NULL || (packet->first && packet->first_type == SCTP_COOKIE_ECHO)) {
		packet->auth = *chunk;
		return packet->first;
	}
	if (packet->assoc->auth == NULL || !sctp_has(packet->assoc, SCTP_EXT_AUTH)) {
		sctp_count(core, SCTP_STAT_unknown_chunk);
		return false;
	}
	/* RFC 4895 5.1: there is one in a packet at most. */
	if (packet->authenticated) {
		sctp_count(core, SCTP_STAT_bad_bundle);
		return false;
	}
	return auth_verify(core, packet, chunk, NULL, out);
}

bool
sctp_auth_cookie_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie)
{
	if (packet->auth.value != NULL && cookie->extensions & SCTP_EXT_AUTH)
		return auth_verify(core, packet, &packet->auth, cookie, NULL);
	if (sctp_auth_admits(packet, SCTP_COOKIE_ECHO))
		return true;
	sctp_count(core, SCTP_STAT_unauthenticated);
	return false;
}
