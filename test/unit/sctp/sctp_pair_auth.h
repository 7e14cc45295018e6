/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What an attacker, or a test, computes who has seen the handshake and knows the key: RFC 4895 6.1, 6.2,
 * from what is on the wire alone.
 */
#ifndef UNIT_SCTP_PAIR_AUTH_H
#define UNIT_SCTP_PAIR_AUTH_H

#include "base/hmac.h"
#include "unit/sctp/sctp_pair.h"

/** The key vectors of both ends. */
struct pair_vectors {
	uint8_t bytes[2][128];
	uint32_t lengths[2];
};

/** Of a filter: take the vectors from INIT and INIT ACK. */
void pair_vectors_see(struct pair_vectors *vectors, const struct pair_packet *packet);
/** The HMAC over an AUTH chunk and what is behind it, in which the place of the HMAC is skipped. */
void pair_vectors_digest(const struct pair_vectors *vectors, const char *key, enum hmac_hash hash,
	const uint8_t *chunks, uint32_t length, uint8_t *digest);
/** Chunks behind an AUTH chunk that is good, by the empty key, to the server at once. */
void pair_vectors_inject(
	struct pair *pair, const struct pair_vectors *vectors, const void *chunks, uint32_t length);

#endif
