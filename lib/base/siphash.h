/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"): a keyed function whose
 * results say nothing of the key or of other results. For what strangers see or choose.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** 128 bits that nobody else knows. */
struct siphash_key {
	uint64_t words[2];
};

static inline uint64_t
siphash_rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static inline void
siphash_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = siphash_rotate(v[1], 13) ^ v[0];
	v[3] = siphash_rotate(v[3], 16) ^ v[2];
	v[0] = siphash_rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = siphash_rotate(v[1], 17) ^ v[2];
	v[3] = siphash_rotate(v[3], 21) ^ v[0];
	v[2] = siphash_rotate(v[2], 32);
}

static inline void
siphash_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	siphash_round(v);
	siphash_round(v);
	v[0] ^= word;
}

/** Any bytes, padding among them: clear a struct before it is filled in. */
static inline uint64_t
siphash(const struct siphash_key *key, const void *data, size_t length_bytes)
{
	const uint8_t *p = data;
	uint64_t v[4] = {
		key->words[0] ^ 0x736f6d6570736575ULL,
		key->words[1] ^ 0x646f72616e646f6dULL,
		key->words[0] ^ 0x6c7967656e657261ULL,
		key->words[1] ^ 0x7465646279746573ULL,
	};
	uint64_t word, last = (uint64_t)length_bytes << 56;

	for (; length_bytes >= sizeof(word); p += sizeof(word), length_bytes -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		siphash_word(v, le64toh(word));
	}
	for (unsigned i = 0; i < length_bytes; i++)
		last |= (uint64_t)p[i] << 8 * i;
	siphash_word(v, last);
	v[2] ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		siphash_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
