/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Random numbers that a seed fixes: xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom
 * Number Generators"). Integers only, so that every build draws the same. Not for secrets.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/** Chances are in parts of this: 10^9 is always. */
#define RANDOM_PPB 1000000000U

struct random {
	uint64_t state[4];
};

/** Any seed will do, 0 too: splitmix64 makes a state of it. */
static inline void
random_init(struct random *random, uint64_t seed)
{
	for (unsigned i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15ULL;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
		random->state[i] = z ^ z >> 31;
	}
}

static inline uint64_t
random_rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

/** 64 bits. */
static inline uint64_t
random_draw(struct random *random)
{
	uint64_t *s = random->state;
	const uint64_t result = random_rotate(s[1] * 5, 7) * 9;
	const uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = random_rotate(s[3], 45);
	return result;
}

/** From 0 to `bound` - 1; 0 of nothing. The bias is less than bound / 2^64. */
static inline uint64_t
random_below(struct random *random, uint64_t bound)
{
	return (uint64_t)((unsigned __int128)random_draw(random) * bound >> 64);
}

/** True in `ppb` of RANDOM_PPB cases. Nothing is drawn for what is never or always so. */
static inline bool
random_chance(struct random *random, uint32_t ppb)
{
	if (ppb == 0)
		return false;
	return ppb >= RANDOM_PPB || random_below(random, RANDOM_PPB) < ppb;
}

/**
 * A value near the normal distribution of mean 0 and the given deviation: the sum of twelve uniform
 * ones, which is never further than six deviations from 0.
 */
static inline int64_t
random_normal(struct random *random, uint64_t deviation)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < 6; i++) {
		uint64_t draw = random_draw(random);

		sum += (int64_t)(uint32_t)draw + (int64_t)(draw >> 32) - UINT32_MAX;
	}
	return (int64_t)((__int128)sum * (int64_t)deviation >> 32);
}

#endif
