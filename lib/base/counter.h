/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Counters with one writer and any number of readers.
 *
 * A plain 64-bit load and store that the compiler can neither tear nor repeat: no lock prefix, so
 * that a worker counts at the price of an addition.
 */
#ifndef BASE_COUNTER_H
#define BASE_COUNTER_H

#include <stdint.h>

/** Single writer: only the thread that owns the counter may add to it. */
static inline void
counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

/** Single writer: give the counter a value (a high-water mark, zero). */
static inline void
counter_set(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, value, __ATOMIC_RELAXED);
}

/** Any thread. */
static inline uint64_t
counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
