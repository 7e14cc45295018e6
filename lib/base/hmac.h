/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * HMAC (RFC 2104) over SHA-1 and SHA-256, which are libmd's: no memory is allocated.
 */
#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hmac_hash { HMAC_SHA1, HMAC_SHA256, HMAC_HASH_COUNT };

#define HMAC_LENGTH_MAX 32
/** Of a digest, bytes. */
unsigned hmac_length(enum hmac_hash hash);

/** Bytes that are hashed one behind the other. */
struct hmac_part {
	const void *data;
	size_t length;
};

/** digest: hmac_length() bytes */
void hmac_hash(enum hmac_hash hash, const struct hmac_part *parts, unsigned count, uint8_t *digest);
void hmac(enum hmac_hash hash, const void *key, size_t key_length, const struct hmac_part *parts,
	unsigned count, uint8_t *digest);

/** Whether they are equal, in a time that says nothing of where they are not. */
bool hmac_equal(const uint8_t *a, const uint8_t *b, size_t length);

#endif
