/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 lookups for whole vectors. Called by workers; the trie is written by route_table.c. */
#include "route/fib4.h"

#include <endian.h>

#include "route/route.h"

void
fib4_lookup_bulk(const struct fib4 *fib, const uint32_t *dst_be, uint32_t *nexthops, unsigned count)
{
	const uint32_t *root = fib->trie.root;
	const uint32_t *blocks = fib->trie.blocks;
	uint32_t default_nexthop = mtrie_load(&fib->trie.default_nexthop);

	for (unsigned i = 0; i < count; i++)
		nexthops[i] = mtrie_load(&root[be32toh(dst_be[i]) >> MTRIE_BLOCK_BITS]);
	for (unsigned i = 0; i < count; i++) {
		uint32_t entry = mtrie_step(blocks, nexthops[i], be32toh(dst_be[i]) & 0xff);

		nexthops[i] = entry != 0 ? entry : default_nexthop;
	}
}
