/* SPDX-License-Identifier: BSD-3-Clause */
/* Authentication: RFC 4895. An association has a struct sctp_auth if it wants it, and its peer agrees. */
#ifndef SCTP_SCTP_AUTH_H
#define SCTP_SCTP_AUTH_H

#include <sys/queue.h>

#include "base/hmac.h"
#include "sctp/sctp.h"

#define SCTP_AUTH_RANDOM_LENGTH 32 /* RFC 4895 6.1 */
/* What an end says in INIT or INIT ACK, as far as it is remembered: an end that says more has none. */
#define SCTP_AUTH_VECTOR_MAX 128

struct sctp_core;
struct sctp_packet;
struct sctp_cookie;

struct sctp_auth_key {
	SLIST_ENTRY(sctp_auth_key) next;
	uint16_t id;
	uint8_t length;
	bool deactivated;
	uint32_t uses; /* pieces that wait to be sent with it, or to be acknowledged */
	uint8_t bytes[SCTP_AUTH_KEY_MAX];
	/* The association shared key (RFC 4895 6.1), hashed, as HMAC has it of long keys. */
	uint8_t secrets[HMAC_HASH_COUNT][HMAC_LENGTH_MAX];
};

SLIST_HEAD(sctp_auth_key_list, sctp_auth_key);

/* Of an association, or of a listener for its associations. */
struct sctp_auth_keys {
	struct sctp_auth_key_list list;
	uint16_t active;
	uint8_t count;
};

/* RANDOM, CHUNKS and HMAC-ALGO of an end, without padding. */
struct sctp_auth_vector {
	uint8_t length;
	uint8_t bytes[SCTP_AUTH_VECTOR_MAX];
};

struct sctp_auth {
	struct sctp_auth_keys keys;
	uint64_t local_types[4], peer_types[4]; /* a bit for each type of chunk that needs it */
	struct sctp_auth_vector peer;
	uint16_t peer_key; /* that it has used last */
	uint8_t hash; /* enum hmac_hash, of what is sent */
	uint8_t space; /* of an AUTH chunk; 0: the peer wants none */
};

/* ---- sctp_auth.c: chunks ---- */

/* Whether a chunk of this type may be looked at. */
bool sctp_auth_admits(const struct sctp_packet *packet, uint8_t type);
/* @return false: what follows is not looked at */
bool sctp_auth_input(struct sctp_core *core, struct sctp_packet *packet,
	const struct sctp_chunk *chunk, const struct sctp_out *out);
/*
 * Of a COOKIE ECHO for packet->assoc, by the keys that its cookie says: RFC 4895 6.3.
 * @return false: it is not the peer's
 */
bool sctp_auth_cookie_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_cookie *cookie);
/*
 * An AUTH chunk in front of the first that needs one. The writer's memory has room for it.
 * @param key as sctp_auth_piece_key() has it
 */
void sctp_auth_sign(const struct sctp_assoc *assoc, struct sctp_writer *writer, uint32_t key);
/* Whether the peer takes chunks of this type only behind one. */
bool sctp_auth_protects(const struct sctp_assoc *assoc, uint8_t type);
/* Bytes that it may take in a packet. */
uint32_t sctp_auth_space(const struct sctp_assoc *assoc);

/* ---- sctp_auth_key.c ---- */

/* With what a piece is to be sent: a key's number and 1, or 0: the active one. */
static inline uint32_t
sctp_auth_piece_key(const struct sctp_piece *piece)
{
	return piece->state & SCTP_PIECE_KEYED ? piece->key_id + 1U : 0;
}
/* @return 0; -EINVAL: no such key, or one that was deactivated; -EOPNOTSUPP */
int sctp_auth_key_check(const struct sctp_assoc *assoc, uint16_t id);
/* A piece is to be sent with a key that was checked; it does not need it any more. @{ */
void sctp_auth_piece_take(struct sctp_assoc *assoc, struct sctp_piece *piece, uint16_t id);
void sctp_auth_piece_release(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece);
/* @} */

struct sctp_auth_key *sctp_auth_key_find(const struct sctp_auth_keys *keys, uint16_t id);
/* @return NULL: there is no room */
struct sctp_auth_key *sctp_auth_key_put(struct sctp_core *core, struct sctp_auth_keys *keys,
	uint16_t id, const void *bytes, size_t length);
/* @return 0; -EINVAL: there is none such, or the active one @{ */
int sctp_auth_keys_activate(struct sctp_auth_keys *keys, uint16_t id);
int sctp_auth_keys_delete(struct sctp_core *core, struct sctp_auth_keys *keys, uint16_t id);
int sctp_auth_keys_deactivate(struct sctp_auth_keys *keys, uint16_t id);
/* @} */
/* Beside those that it has. @return false: there is no room */
bool sctp_auth_keys_copy(
	struct sctp_core *core, struct sctp_auth_keys *to, const struct sctp_auth_keys *from);
void sctp_auth_keys_free(struct sctp_core *core, struct sctp_auth_keys *keys);
/* With the keys that a listener has, or with key 0. @return 0, or -ENOBUFS */
int sctp_auth_create(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_keys *from);
/* A key of the association as a cookie's vectors make it. @return false: it has none of that number */
bool sctp_auth_cookie_key(struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct sctp_cookie *cookie, uint16_t id, struct sctp_auth_key *key);
void sctp_auth_free(struct sctp_core *core, struct sctp_assoc *assoc);
/* assoc->extensions say whether it was agreed on: keys are computed, or it has none. */
void sctp_auth_agree(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_auth_vector *vector);

/* ---- sctp_auth_offer.c: what both ends say of it in the handshake ---- */

/* What INIT, INIT ACK says of us; the same for the same tag and TSN. */
void sctp_auth_put(const struct sctp_core *core, const struct sctp_settings *settings, uint32_t tag,
	uint32_t tsn, struct sctp_writer *writer);
/*
 * What the peer says. init->extensions loses what cannot be.
 * @return false: the association cannot be: RFC 4895 6.1, RFC 5061 4.2.7
 */
bool sctp_auth_parse(const struct sctp_settings *settings, struct sctp_init *init,
	struct sctp_auth_vector *vector);
/* Numbers of algorithms that we offer. @return how many */
unsigned sctp_auth_hmacs(const struct sctp_settings *settings, uint16_t ids[SCTP_AUTH_HMACS_MAX]);
/* Whether they can be offered. */
bool sctp_auth_hmacs_are_good(const uint16_t *ids, unsigned count);
/* Types of chunks that we want protected, a bit each. */
void sctp_auth_types_get(const struct sctp_settings *settings, uint64_t *types);
/* Our key vector, by the tag and the TSN that we have said: RFC 4895 6.1. */
void sctp_auth_vector_local(const struct sctp_core *core, const struct sctp_settings *settings,
	uint32_t tag, uint32_t tsn, struct sctp_auth_vector *vector);
/* What the peer wants protected, and by which algorithm. */
void sctp_auth_peer_read(struct sctp_auth *auth, const struct sctp_auth_vector *vector);

/* In a cookie. */
void sctp_auth_cookie_put(const struct sctp_auth_vector *vector, struct sctp_cookie *cookie);
struct sctp_auth_vector sctp_auth_cookie_get(const struct sctp_cookie *cookie);

#endif
