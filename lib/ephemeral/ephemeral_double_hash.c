/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6056 3.3.4, "Double-Hash Port Selection": as 3.3.3, but with many counters, chosen by a
 * second hash, so that only few destinations share one.
 */
#include "ephemeral/ephemeral_priv.h"

static void
start(struct ephemeral_search *search)
{
	uint64_t offset = ephemeral_hash(&search->ephemeral->offset_key, search->request);

	search->cursor = (uint32_t)(offset % search->count);
	ephemeral_counter_find(search);
}

static uint32_t
next(struct ephemeral_search *search)
{
	uint32_t value = *search->counter % search->count;

	/* Within the range: where 16 bits wrap, the sequence would jump. */
	*search->counter = (uint16_t)((value + 1) % search->count);
	return (search->cursor + value) % search->count;
}

const struct ephemeral_algorithm ephemeral_double_hash = {
	.name = "double-hash",
	.help = "sequences by destination, counters by destination (RFC 6056 3.3.4)",
	.start = start,
	.next = next,
};
