/* SPDX-License-Identifier: BSD-3-Clause */
/* Expand a Toeplitz key into tables of one entry for each value of each input byte. */
#include "wire/toeplitz.h"

#include <string.h>

const uint8_t toeplitz_default_key[TOEPLITZ_KEY_LENGTH] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b,
	0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae,
	0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b,
	0xbe, 0xac, 0x01, 0xfa };

/* The 32 key bits that start at bit `bit`, the leftmost first. */
static uint32_t
key_window(const uint8_t key[TOEPLITZ_KEY_LENGTH], unsigned bit)
{
	uint64_t window = 0;

	for (unsigned i = 0; i < 5; i++) {
		unsigned byte = bit / 8 + i;

		window = window << 8 | (byte < TOEPLITZ_KEY_LENGTH ? key[byte] : 0);
	}
	return (uint32_t)(window >> (8 - bit % 8));
}

void
toeplitz_init(struct toeplitz *toeplitz, const uint8_t key[TOEPLITZ_KEY_LENGTH])
{
	memcpy(toeplitz->key, key, TOEPLITZ_KEY_LENGTH);
	for (unsigned word = 0; word < TOEPLITZ_KEY_LENGTH / 4; word++)
		toeplitz->windows[word] = (uint64_t)key_window(key, 32 * word) << 32 |
			key_window(key, 32 * word + 32);
	for (unsigned position = 0; position < TOEPLITZ_INPUT_MAX; position++) {
		for (unsigned value = 0; value < 256; value++) {
			uint32_t hash = 0;

			for (unsigned bit = 0; bit < 8; bit++) {
				if (value & (0x80 >> bit))
					hash ^= key_window(key, position * 8 + bit);
			}
			toeplitz->table[position][value] = hash;
		}
	}
}
