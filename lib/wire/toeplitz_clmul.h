/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The Toeplitz hash by carry-less multiplication. Included by toeplitz.h, where the CPU has it.
 *
 * With the input's first bit as the lowest, input and key multiply as polynomials over GF(2): bit i
 * of a 32-bit word shifts the 64 key bits of the word's place left by i, and bits 32 to 63 of the
 * sum are the 32 bits of key that start i bits further on, for each bit i that is set.
 */
#ifndef WIRE_TOEPLITZ_CLMUL_H
#define WIRE_TOEPLITZ_CLMUL_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/* The bits of each byte in the opposite order. */
#ifdef __GFNI__
static inline __m128i
toeplitz_bits_reverse(__m128i bytes)
{
	return _mm_gf2p8affine_epi64_epi8(bytes, _mm_set1_epi64x((long long)0x8040201008040201), 0);
}
#else
static inline __m128i
toeplitz_bits_reverse(__m128i bytes)
{
	const __m128i high = _mm_setr_epi8(0x00, (char)0x80, 0x40, (char)0xc0, 0x20, (char)0xa0,
		0x60, (char)0xe0, 0x10, (char)0x90, 0x50, (char)0xd0, 0x30, (char)0xb0, 0x70,
		(char)0xf0);
	const __m128i low = _mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15);
	const __m128i nibble = _mm_set1_epi8(0x0f);

	return _mm_or_si128(_mm_shuffle_epi8(high, _mm_and_si128(bytes, nibble)),
		_mm_shuffle_epi8(low, _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble)));
}
#endif

/**
 * @param windows 64 key bits from the place of each 32-bit word of the data on, the first bit the
 * highest; one more than there are words
 */
static inline __attribute__((always_inline)) uint32_t
toeplitz_clmul(const uint64_t *windows, const void *data, unsigned length_bytes)
{
	const uint8_t *p = data;
	__m128i sum = _mm_setzero_si128();

	for (unsigned at = 0; at < length_bytes; at += 8) {
		unsigned left = length_bytes - at;
		__m128i key = _mm_loadu_si128((const __m128i *)(const void *)(windows + at / 4));
		uint64_t bytes = 0;
		__m128i words;

		memcpy(&bytes, p + at, left < 8 ? left : 8);
		words = _mm_cvtsi64_si128((long long)bytes);
		words = _mm_unpacklo_epi32(toeplitz_bits_reverse(words), _mm_setzero_si128());
		sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(words, key, 0x00));
		if (left > 4)
			sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(words, key, 0x11));
	}
	return (uint32_t)_mm_extract_epi32(sum, 1);
}

#endif
