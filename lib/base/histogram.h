/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A histogram over many orders of magnitude, as Gil Tene's HdrHistogram: each power of two is cut into
 * 64 equal parts, so that a value is known to 1/64 of itself, and to note one costs a store.
 *
 * One writer; who reads meanwhile may miss what is just being noted.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#include "base/counter.h"

#define HISTOGRAM_PART_BITS 6
#define HISTOGRAM_PARTS     (1U << HISTOGRAM_PART_BITS)
/** Values from here on are all the same: 2^40 ns are 18 minutes. */
#define HISTOGRAM_VALUE_BITS 40
#define HISTOGRAM_SLOTS      ((HISTOGRAM_VALUE_BITS - HISTOGRAM_PART_BITS + 1) * HISTOGRAM_PARTS)

struct histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t min, max; /**< min: 0 while there is none */
	uint64_t slots[HISTOGRAM_SLOTS];
};

/** Below 2 * HISTOGRAM_PARTS each value has a slot of its own. */
static inline unsigned
histogram_slot(uint64_t value)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
	unsigned shift = bits > HISTOGRAM_PART_BITS + 1 ? bits - HISTOGRAM_PART_BITS - 1 : 0;

	if (bits > HISTOGRAM_VALUE_BITS)
		return HISTOGRAM_SLOTS - 1;
	return shift * HISTOGRAM_PARTS + (unsigned)(value >> shift);
}

static inline void
histogram_add(struct histogram *histogram, uint64_t value)
{
	counter_add(&histogram->slots[histogram_slot(value)], 1);
	counter_add(&histogram->sum, value);
	if (value < histogram->min || histogram->count == 0)
		counter_set(&histogram->min, value);
	if (value > histogram->max)
		counter_set(&histogram->max, value);
	counter_add(&histogram->count, 1);
}

/** Add one, which may be another thread's, to a sum of the caller's. */
void histogram_merge(struct histogram *sum, const struct histogram *histogram);

/**
 * The value that so many of 100000 do not exceed: the largest that its slot has.
 * @return 0 if there are none
 */
uint64_t histogram_percentile(const struct histogram *histogram, uint32_t of_100000);

#endif
