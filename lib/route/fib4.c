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
 * `entry`, or `other` if that is 0, by a conditional move. From ?: GCC 12 makes a branch, which
 * is wrong half of the time where half of the packets take the default route.
 */
#ifdef __x86_64__
static inline uint32_t
nonzero_or(uint32_t entry, uint32_t other)
{
	__asm__("test %0, %0\n\tcmovz %1, %0" : "+r"(entry) : "r"(other) : "cc");
	return entry;
}
#else
static inline uint32_t
nonzero_or(uint32_t entry, uint32_t other)
{
	return entry != 0 ? entry : other;
}
#endif

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
		nexthops[i] = nonzero_or(entry, default_nexthop);
	}
}
