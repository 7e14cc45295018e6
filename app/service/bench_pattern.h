/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stream whose bytes say where they belong: words of 64 bits, lowest byte first, of which the i-th is the
 * output of SplitMix64 for i modulo BENCH_PATTERN_WORDS. That is a prime, so that what is misplaced by
 * any power of 2 (a segment, a buffer, a turn of the sequence numbers) is wrong.
 */
#ifndef SERVICE_BENCH_PATTERN_H
#define SERVICE_BENCH_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_PATTERN_WORDS 131071

/* The bytes from a place of the stream on. */
void bench_pattern_fill(uint64_t place, uint8_t *data, size_t length);
/* @return how many bytes are not what belongs there */
size_t bench_pattern_compare(uint64_t place, const uint8_t *data, size_t length);

#endif
