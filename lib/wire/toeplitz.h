/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The Toeplitz hash of receive-side scaling, as NICs compute it.
 *
 * The hash is linear over GF(2): the parts of the input contribute independently, and add up by
 * exclusive or. They come from carry-less multiplications where the CPU has them (twice as fast),
 * else from a table with an entry for each value of each byte.
 */
#ifndef WIRE_TOEPLITZ_H
#define WIRE_TOEPLITZ_H

#include <stdint.h>
#ifdef __PCLMUL__
#include "wire/toeplitz_clmul.h"
#endif

/** IPv6 addresses and ports. */
#define TOEPLITZ_INPUT_MAX  36
#define TOEPLITZ_KEY_LENGTH 40

/** A key, expanded. Immutable after toeplitz_init(): any thread may read it. */
struct toeplitz {
	uint8_t key[TOEPLITZ_KEY_LENGTH];
	uint64_t windows[TOEPLITZ_KEY_LENGTH / 4]; /**< 64 key bits from each 32nd on */
	uint32_t table[TOEPLITZ_INPUT_MAX][256]; /**< [byte's position][byte's value] */
};

/** The key that Microsoft's RSS specification gives as an example and most drivers default to. */
extern const uint8_t toeplitz_default_key[TOEPLITZ_KEY_LENGTH];

void toeplitz_init(struct toeplitz *toeplitz, const uint8_t key[TOEPLITZ_KEY_LENGTH]);

/* What toeplitz_hash_at() does on every CPU. Inlined: a constant length becomes straight code. */
static inline __attribute__((always_inline)) uint32_t
toeplitz_table_hash(
	const struct toeplitz *toeplitz, unsigned position, const void *data, unsigned length_bytes)
{
	const uint8_t *p = data;
	uint32_t hash = 0;

	for (unsigned i = 0; i < length_bytes; i++)
		hash ^= toeplitz->table[position + i][p[i]];
	return hash;
}

/**
 * The part of a hash that `length_bytes` bytes in network order contribute, which stand at byte
 * `position` of the input, a multiple of 4.
 */
#ifdef __PCLMUL__
static inline __attribute__((always_inline)) uint32_t
toeplitz_hash_at(
	const struct toeplitz *toeplitz, unsigned position, const void *data, unsigned length_bytes)
{
	return toeplitz_clmul(toeplitz->windows + position / 4, data, length_bytes);
}
#else
static inline __attribute__((always_inline)) uint32_t
toeplitz_hash_at(
	const struct toeplitz *toeplitz, unsigned position, const void *data, unsigned length_bytes)
{
	return toeplitz_table_hash(toeplitz, position, data, length_bytes);
}
#endif

/** Hash `length_bytes` (at most TOEPLITZ_INPUT_MAX) bytes in network order. */
static inline uint32_t
toeplitz_hash(const struct toeplitz *toeplitz, const void *data, unsigned length_bytes)
{
	return toeplitz_hash_at(toeplitz, 0, data, length_bytes);
}

#endif
