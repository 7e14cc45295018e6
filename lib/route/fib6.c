/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 lookups for whole vectors. Called by workers; the trie is written by route_table.c. */
#include "route/fib6.h"

#include "wire/endian.h"

#include "route/route.h"

#define CHUNK      64
#define ROOT_BYTES (MTRIE_ROOT_BITS / 8)

/*
 * Level by level: the loads of a level do not depend on each other, so that the CPU overlaps their
 * cache misses. The number of levels is that of the deepest address, which hardly changes from one
 * chunk to the next, so that the only branch is foreseen and levels overlap too.
 */
static void
fib6_lookup_chunk(
	const struct mtrie *trie, const uint8_t *const *dst, uint32_t *nexthops, unsigned count)
{
	const uint32_t *blocks = trie->blocks;
	uint32_t default_nexthop = mtrie_load(&trie->default_nexthop);
	uint32_t any = 0;

	for (unsigned i = 0; i < count; i++) {
		nexthops[i] = mtrie_load(&trie->root[be32_load(dst[i]) >> MTRIE_BLOCK_BITS]);
		any |= nexthops[i];
	}
	for (unsigned byte = ROOT_BYTES; (any & MTRIE_EXT) != 0; byte++) {
		any = 0;
		for (unsigned i = 0; i < count; i++) {
			nexthops[i] = mtrie_step(blocks, nexthops[i], dst[i][byte]);
			any |= nexthops[i];
		}
	}
	for (unsigned i = 0; i < count; i++)
		nexthops[i] = nexthops[i] != 0 ? nexthops[i] : default_nexthop;
}

void
fib6_lookup_bulk(
	const struct fib6 *fib, const uint8_t *const *dst, uint32_t *nexthops, unsigned count)
{
	while (count > 0) {
		unsigned chunk = count < CHUNK ? count : CHUNK;

		fib6_lookup_chunk(&fib->trie, dst, nexthops, chunk);
		dst += chunk;
		nexthops += chunk;
		count -= chunk;
	}
}
