/* SPDX-License-Identifier: BSD-3-Clause */
/* Random numbers of the system, or from a seed: see entropy.h. */
#include "base/entropy.h"

#include <string.h>

#include <bsd/stdlib.h>

void
entropy_init(struct entropy *entropy, uint64_t seed)
{
	*entropy = (struct entropy){ .seeded = seed != 0 };
	random_init(&entropy->random, seed);
}

uint64_t
entropy_u64(struct entropy *entropy)
{
	uint64_t value;

	if (entropy->seeded)
		return random_draw(&entropy->random);
	arc4random_buf(&value, sizeof(value));
	return value;
}

uint32_t
entropy_u32(struct entropy *entropy)
{
	return (uint32_t)(entropy_u64(entropy) >> 32);
}

/* What 64 bits are more likely to give than others is less than 2^-32 of it. */
uint32_t
entropy_below(struct entropy *entropy, uint32_t bound)
{
	return (uint32_t)((unsigned __int128)entropy_u64(entropy) * bound >> 64);
}

void
entropy_fill(struct entropy *entropy, void *bytes, size_t length)
{
	uint8_t *to = bytes;

	while (length > 0) {
		uint64_t value = entropy_u64(entropy);
		size_t part = length < sizeof(value) ? length : sizeof(value);

		memcpy(to, &value, part);
		to += part;
		length -= part;
	}
}
