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

#define GROUP 16

static inline void
fib4_lookup_group(const struct fib4 *fib, const uint32_t *dst_be, uint32_t *nexthops, unsigned count)
{
	uint32_t default_nexthop = mtrie_load(&fib->trie.default_nexthop);
	uint32_t dst[GROUP], entries[GROUP];
	uint32_t any = 0;

	for (unsigned i = 0; i < count; i++)
		dst[i] = be32toh(dst_be[i]);
	for (unsigned i = 0; i < count; i++) {
		entries[i] = mtrie_load(&fib->trie.root[dst[i] >> MTRIE_BLOCK_BITS]);
		any |= entries[i];
	}
	if (__builtin_expect((any & MTRIE_EXT) != 0, 0)) {
		for (unsigned i = 0; i < count; i++) {
			if ((entries[i] & MTRIE_EXT) != 0)
				entries[i] = mtrie_load(&mtrie_block(fib->trie.blocks, entries[i])[dst[i] & 0xff]);
		}
	}
	for (unsigned i = 0; i < count; i++)
		nexthops[i] = entries[i] != 0 ? entries[i] : default_nexthop;
}

void
fib4_lookup_bulk(
	const struct fib4 *fib, const uint32_t *dst_be, uint32_t *nexthops, unsigned count)
{
	for (; count >= GROUP; count -= GROUP) {
		fib4_lookup_group(fib, dst_be, nexthops, GROUP);
		dst_be += GROUP;
		nexthops += GROUP;
	}
	if (count > 0)
		fib4_lookup_group(fib, dst_be, nexthops, count);
}
