/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The double hash of RFC 6056 3.3.4, whose counters move on by the random increments of 3.3.5: who
 * shares a counter with another destination does not learn how much that one is used (Kol, Klein,
 * Gilad, "Device Tracking via Linux's New TCP Source Port Selection Algorithm", 2023). Within one
 * search the candidates follow each other, so that a free port is found if there is one.
 */
#include "ephemeral/ephemeral_priv.h"

static void
start(struct ephemeral_search *search)
{
	uint64_t offset = ephemeral_hash(&search->ephemeral->offset_key, search->request);

	ephemeral_counter_find(search);
	search->cursor = (uint32_t)((offset % search->count + *search->counter) % search->count);
}

static uint32_t
next(struct ephemeral_search *search)
{
	uint32_t candidate = search->cursor;

	search->cursor = (candidate + 1) % search->count;
	*search->counter = (uint16_t)((*search->counter + 1U) % search->count);
	return candidate;
}

/* The last candidate was one step. */
static void
end(struct ephemeral_search *search)
{
	uint32_t extra = ephemeral_increment(search) - 1;

	*search->counter = (uint16_t)((*search->counter + extra) % search->count);
}

const struct ephemeral_algorithm ephemeral_hash_increments = {
	.name = "double-hash-increments",
	.help = "double hash whose counters move by random steps (RFC 6056 3.3.4 and 3.3.5)",
	.increment = 16,
	.start = start,
	.next = next,
	.end = end,
};
