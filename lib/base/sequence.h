/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Numbers that wrap: sequence numbers of TCP (RFC 9293 3.4), and other 32-bit clocks and counters.
 * One is before another if it is less than 2^31 steps behind it.
 */
#ifndef BASE_SEQUENCE_H
#define BASE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool
seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/** a <= b */
static inline bool
seq_until(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

/** a >= b */
static inline bool
seq_from(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

static inline uint32_t
seq_max(uint32_t a, uint32_t b)
{
	return seq_after(a, b) ? a : b;
}

static inline uint32_t
seq_min(uint32_t a, uint32_t b)
{
	return seq_before(a, b) ? a : b;
}

/** first <= seq < first + length */
static inline bool
seq_within(uint32_t seq, uint32_t first, uint32_t length)
{
	return seq - first < length;
}

#endif
