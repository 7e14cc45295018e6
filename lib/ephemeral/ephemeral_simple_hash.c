/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6056 3.3.3, "Simple Hash-Based Port Selection": each destination has a sequence of its own,
 * that starts at a secret offset; one counter moves all of them on. So a destination's ports are
 * used again as late as can be, but the counter tells each destination how many ports the others
 * were given.
 */
#include "ephemeral/ephemeral_priv.h"

static void
start(struct ephemeral_search *search)
{
	uint64_t offset = ephemeral_hash(&search->ephemeral->offset_key, search->request);

	search->cursor = (uint32_t)(offset % search->count);
}

/* The counter stays within the range: where 2^32 wraps, the sequence would jump. */
static uint32_t
next(struct ephemeral_search *search)
{
	uint32_t next_ephemeral = search->ephemeral->next % search->count;

	search->ephemeral->next = next_ephemeral + 1;
	return (search->cursor + next_ephemeral) % search->count;
}

const struct ephemeral_algorithm ephemeral_simple_hash = {
	.name = "hash",
	.help = "sequences by destination, one counter for all (RFC 6056 3.3.3)",
	.start = start,
	.next = next,
};
