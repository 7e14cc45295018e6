/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Where a stack has its random numbers from: the system, whose nobody can guess, or a seed, for
 * simulations that are to be run again.
 *
 * A value that each owner has for himself; one that is all zeros is the system's.
 */
#ifndef BASE_ENTROPY_H
#define BASE_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

struct entropy {
	bool seeded;
	struct random random; /**< unused unless seeded */
};

/** @param seed 0: the system's numbers */
void entropy_init(struct entropy *entropy, uint64_t seed);
uint64_t entropy_u64(struct entropy *entropy);
uint32_t entropy_u32(struct entropy *entropy);
/** Below `bound`; 0 for a bound of 0 or 1. */
uint32_t entropy_below(struct entropy *entropy, uint32_t bound);
void entropy_fill(struct entropy *entropy, void *bytes, size_t length);

#endif
