/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Longest-prefix match: one multibit trie for both families, read without locks under RCU.
 *
 * A root of 2^24 entries stands for the first 24 bits; below it come blocks of 256 entries, 8 bits
 * each. An entry is a nexthop id, or MTRIE_EXT and a block's index; prefixes are expanded to all
 * entries that they cover. 0 means that nothing more specific than the default route matches, so
 * that /0 costs one field instead of 64 MB.
 *
 * Each destination changes by one 32-bit store. Blocks are filled before they are linked, and used
 * again a grace period after they were unlinked.
 */
#ifndef ROUTE_MTRIE_H
#define ROUTE_MTRIE_H

#include <stdbool.h>
#include <stdint.h>

#include "route/route_grace.h"

struct rte_rcu_qsbr;

#define MTRIE_EXT           (UINT32_C(1) << 31)
#define MTRIE_ROOT_BITS     24
#define MTRIE_BLOCK_BITS    8
#define MTRIE_BLOCK_ENTRIES (1 << MTRIE_BLOCK_BITS)
/** Of 4 KB, in the root. */
#define MTRIE_ROOT_PAGES (1 << (MTRIE_ROOT_BITS - 10))

/** What a prefix writes into the entries that it covers. */
struct mtrie_leaf {
	uint32_t nexthop; /**< 1..MTRIE_EXT-1; 0 only as the cover of a removed prefix */
	uint8_t length; /**< of the prefix */
};

struct mtrie {
	/* read by workers, and by control */
	const uint32_t *root; /**< [2^24] */
	const uint32_t *blocks; /**< [block_max][256] */
	uint32_t default_nexthop; /**< of the /0 route; 0 without one */

	/* control thread only */
	_Alignas(64) uint32_t *root_entries; /**< `root`, to write */
	uint32_t *block_entries;
	uint8_t *root_lengths; /**< prefix length behind each entry that is a leaf; 0: none */
	uint8_t *block_lengths;
	uint32_t *block_used; /**< entries of a block that need it: see level_needs() */
	uint32_t root_used;
	uint32_t block_max; /**< blocks that there can be */
	uint32_t block_mapped; /**< of these, accessible */
	uint32_t block_high; /**< of these, ever used */
	uint32_t block_free; /**< first of the free list below block_high, or MTRIE_EXT */
	uint32_t free_count; /**< length of that list */
	uint32_t block_count; /**< linked */
	bool huge; /**< it asks for huge pages */
	uint32_t root_pages; /**< of the root that were written */
	uint64_t root_touched[MTRIE_ROOT_PAGES / 64]; /**< a bit each: it was */
	struct route_grace grace;
};

/**
 * @param block_max at most 2^30
 * @param socket_id NUMA node of the memory, or -1
 * @return 0 or -ENOMEM
 */
int mtrie_init(struct mtrie *trie, struct rte_rcu_qsbr *rcu, uint32_t block_max, int socket_id);
/** No worker may look up any more. */
void mtrie_fini(struct mtrie *trie);

/**
 * Insert a prefix, or give it another nexthop.
 * @param key address in network order without host bits, at least 4 bytes
 * @return 0, or with nothing changed -ENOSPC (no block left) or -ENOMEM. Never fails for a prefix
 * that is there.
 */
int mtrie_insert(struct mtrie *trie, const uint8_t *key, const struct mtrie_leaf *leaf);
/**
 * Remove a prefix that was inserted.
 * @param cover the longest prefix left that contains it; { 0, 0 } if there is none
 */
void mtrie_remove(
	struct mtrie *trie, const uint8_t *key, unsigned length, const struct mtrie_leaf *cover);
/**
 * From now on use huge pages. A trie does so by itself once it has some size: until then it is one of
 * many that should cost little.
 */
void mtrie_use_huge_pages(struct mtrie *trie);
/** Memory in use, bytes; of the root whole pages, huge ones if it uses them. */
uint64_t mtrie_bytes(const struct mtrie *trie);

/** Load an entry: the block or nexthop behind it is complete. */
static inline uint32_t
mtrie_load(const uint32_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_ACQUIRE);
}

static inline const uint32_t *
mtrie_block(const uint32_t *blocks, uint32_t entry)
{
	return blocks + (uint64_t)(entry & ~MTRIE_EXT) * MTRIE_BLOCK_ENTRIES;
}

/** One address; workers use the bulk lookups of the families. */
static inline uint32_t
mtrie_lookup(const struct mtrie *trie, const uint8_t *key)
{
	uint32_t entry =
		mtrie_load(&trie->root[(uint32_t)key[0] << 16 | (uint32_t)key[1] << 8 | key[2]]);

	for (unsigned byte = 3; (entry & MTRIE_EXT) != 0; byte++)
		entry = mtrie_load(&mtrie_block(trie->blocks, entry)[key[byte]]);
	return entry != 0 ? entry : mtrie_load(&trie->default_nexthop);
}

#endif
