/* SPDX-License-Identifier: BSD-3-Clause */
/* What bench_stream.c sends where it is looked at, and how it is looked at. */
#include "service/bench_pattern.h"

#include <endian.h>
#include <string.h>

#include <rte_common.h>

#define WORD_BYTES sizeof(uint64_t)

/* SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t
pattern_word(uint64_t index)
{
	uint64_t z = (index % BENCH_PATTERN_WORDS + 1) * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return htole64(z ^ (z >> 31));
}

/* Up to the end of a word. @return how many bytes */
static size_t
part_fill(uint64_t place, uint8_t part[WORD_BYTES], size_t length)
{
	const uint64_t word = pattern_word(place / WORD_BYTES);
	const size_t from = place % WORD_BYTES, count = RTE_MIN(WORD_BYTES - from, length);

	memcpy(part, (const uint8_t *)&word + from, count);
	return count;
}

void
bench_pattern_fill(uint64_t place, uint8_t *data, size_t length)
{
	for (size_t done = 0; done < length;)
		done += part_fill(place + done, data + done, length - done);
}

size_t
bench_pattern_compare(uint64_t place, const uint8_t *data, size_t length)
{
	size_t wrong = 0;

	for (size_t done = 0; done < length;) {
		uint8_t part[WORD_BYTES];
		const size_t count = part_fill(place + done, part, length - done);

		for (size_t i = 0; memcmp(part, data + done, count) != 0 && i < count; i++) {
			wrong += part[i] != data[done + i];
			part[i] = data[done + i];
		}
		done += count;
	}
	return wrong;
}
