/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Random numbers that strangers see and must not guess, without a system call for each: SipHash of
 * a counter, under a key that the system gave (or a seed, in simulations). One owner.
 */
#ifndef BASE_SECRET_RANDOM_H
#define BASE_SECRET_RANDOM_H

#include "base/entropy.h"
#include "base/siphash.h"

struct secret_random {
	struct siphash_key key;
	uint64_t count;
};

/** The control thread's: the key may need a system call. */
static inline void
secret_random_init(struct secret_random *random, struct entropy *entropy)
{
	entropy_fill(entropy, &random->key, sizeof(random->key));
	random->count = 0;
}

/** 64 bits. */
static inline uint64_t
secret_random_draw(struct secret_random *random)
{
	uint64_t count = htole64(random->count++);

	return siphash(&random->key, &count, sizeof(count));
}

/** From 0 to `bound` - 1; 0 of nothing. The bias is less than bound / 2^64. */
static inline uint64_t
secret_random_below(struct secret_random *random, uint64_t bound)
{
	return (uint64_t)((unsigned __int128)secret_random_draw(random) * bound >> 64);
}

#endif
