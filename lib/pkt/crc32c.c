/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRC32c of what is long. The CPU's instruction takes 8 bytes a cycle, but has its result three cycles
 * later: so three parts of the bytes are taken at the same time, and put together: V. Gopal et al., "Fast
 * CRC computation for iSCSI polynomial using CRC32 instruction", Intel, 2011.
 */
#include "pkt/crc32c.h"

#if defined(__SSE4_2__) && defined(__PCLMUL__)

#include <immintrin.h>

#define WORD sizeof(uint64_t)

/* Parts of so many words, and x^(128 words - 33) and x^(64 words - 33) modulo the polynomial, reflected. */
struct triple {
	uint32_t words;
	uint32_t behind_two, behind_one;
};

static inline uint64_t
word_load(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* What is left of `crc` once as many zeros have followed as `factor` is of, before a last reduction. */
static inline uint64_t
shift(uint64_t crc, uint32_t factor)
{
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(
		_mm_cvtsi64_si128((long long)crc), _mm_cvtsi64_si128((long long)factor), 0));
}

static uint32_t
triple_add(const struct triple *triple, uint32_t crc, const uint8_t *bytes)
{
	const uint8_t *second = bytes + triple->words * WORD,
		      *third = second + triple->words * WORD, *end = second;
	uint64_t crcs[3] = { crc, 0, 0 };

	for (; bytes < end; bytes += WORD, second += WORD, third += WORD) {
		crcs[0] = _mm_crc32_u64(crcs[0], word_load(bytes));
		crcs[1] = _mm_crc32_u64(crcs[1], word_load(second));
		crcs[2] = _mm_crc32_u64(crcs[2], word_load(third));
	}
	return (uint32_t)(_mm_crc32_u64(0,
				  shift(crcs[0], triple->behind_two) ^
					  shift(crcs[1], triple->behind_one)) ^
		crcs[2]);
}

uint32_t
crc32c_add_long(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
	static const struct triple triples[] = {
		{ 56, 0x68bce87a, 0x1b03397f },
		{ 28, 0x1b03397f, 0x83348832 },
		{ 14, 0x83348832, 0x47db8317 },
		{ 7, 0x47db8317, 0x1c291d04 },
	};

	for (unsigned i = 0; i < sizeof(triples) / sizeof(triples[0]); i++) {
		const uint32_t part = triples[i].words * 3 * WORD;

		for (; length >= part; bytes += part, length -= part)
			crc = triple_add(&triples[i], crc, bytes);
	}
	return crc32c_add_plain(crc, bytes, length);
}

#else

uint32_t
crc32c_add_long(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
	return crc32c_add_plain(crc, bytes, length);
}

#endif
