/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 lookups for whole vectors. Called by workers; the trie is written by route_table.c. */
#include "route/fib4.h"

#include <endian.h>

#include "route/route.h"

int
fib4_init(struct fib4 *fib, struct rte_rcu_qsbr *rcu, int socket_id)
{
	return mtrie_init(&fib->trie, rcu, FIB4_BLOCK_MAX, socket_id);
}

/*
 * One pass, and as few instructions as can be: the more lookups fit in the CPU's reorder window,
 * the more of their cache misses overlap. Two passes, and steps without a branch, were measured,
 * and are slower unless a third of the packets need the second level (doc/decisions/0001).
 */
void
fib4_lookup_bulk(const struct fib4 *fib, const uint32_t *dst_be, uint32_t *nexthops, unsigned count)
{
	const uint32_t *root = fib->trie.root;
	const uint32_t *blocks = fib->trie.blocks;
	uint32_t default_nexthop = mtrie_load(&fib->trie.default_nexthop);

	for (unsigned i = 0; i < count; i++) {
		uint32_t dst = be32toh(dst_be[i]);
		uint32_t entry = mtrie_load(&root[dst >> MTRIE_BLOCK_BITS]);

		if (__builtin_expect((entry & MTRIE_EXT) != 0, 0))
			entry = mtrie_load(&mtrie_block(blocks, entry)[dst & 0xff]);
		/* GCC makes a branch of ?: here, in the way of the next loads. */
		nexthops[i] = entry | (default_nexthop & -(uint32_t)(entry == 0));
	}
}
