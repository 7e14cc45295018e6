/* SPDX-License-Identifier: BSD-3-Clause */
/* The writer's side of the multibit trie. Called by route_table.c; read by fib4.c and fib6.c. */
#include "route/mtrie.h"

#include <errno.h>
#include <string.h>

#include "route/route_memory.h"

#define ROOT_ENTRIES (UINT32_C(1) << MTRIE_ROOT_BITS)
#define ROOT_BYTES   (ROOT_ENTRIES * sizeof(uint32_t))
#define BLOCK_BYTES  (MTRIE_BLOCK_ENTRIES * sizeof(uint32_t))
/* The root and a block for each further byte of an IPv6 address. */
#define LEVEL_MAX (1 + (128 - MTRIE_ROOT_BITS) / MTRIE_BLOCK_BITS)
/* Blocks made accessible at a time: a whole number of huge pages. */
#define BLOCK_CHUNK 8192

_Static_assert(
	(BLOCK_CHUNK * BLOCK_BYTES) % ROUTE_MEMORY_HUGE_PAGE == 0, "a chunk is whole huge pages");
_Static_assert(ROOT_BYTES / MTRIE_ROOT_PAGES == 4096, "root_touched has a bit a page");

#define PAGE_BYTES (ROOT_BYTES / MTRIE_ROOT_PAGES)
/* From so many small pages of the root on, or bytes of blocks, huge ones are worth their size. */
#define HUGE_PAGES_MIN  64
#define HUGE_BLOCKS_MIN (HUGE_PAGES_MIN * PAGE_BYTES / BLOCK_BYTES)

/* The root or a block, on the way down to a prefix. */
struct level {
	uint32_t *entries;
	uint8_t *lengths;
	uint32_t *used;
	uint32_t block; /* MTRIE_EXT for the root */
	unsigned depth; /* bits decided above */
	unsigned bits; /* decided here */
	uint32_t index; /* of the entry on the way */
};

static void
level_root(struct mtrie *trie, struct level *level, const uint8_t *key)
{
	*level = (struct level){
		.entries = trie->root_entries,
		.lengths = trie->root_lengths,
		.used = &trie->root_used,
		.block = MTRIE_EXT,
		.bits = MTRIE_ROOT_BITS,
		.index = (uint32_t)key[0] << 16 | (uint32_t)key[1] << 8 | key[2],
	};
}

static void
level_block(struct mtrie *trie, struct level *level, uint32_t block, unsigned depth)
{
	*level = (struct level){
		.entries = trie->block_entries + (uint64_t)block * MTRIE_BLOCK_ENTRIES,
		.lengths = trie->block_lengths + (uint64_t)block * MTRIE_BLOCK_ENTRIES,
		.used = &trie->block_used[block],
		.block = block,
		.depth = depth,
		.bits = MTRIE_BLOCK_BITS,
	};
}

/*
 * Whether an entry could not be part of the level above: it leads further down, or belongs to a
 * prefix that ends here. A block without such an entry is uniform: one prefix above it, or none,
 * covers all of it.
 */
static unsigned
level_needs(const struct level *level, uint32_t entry, uint8_t length)
{
	return (entry & MTRIE_EXT) != 0 || length > level->depth;
}

static void
root_touch(struct mtrie *trie, uint32_t index)
{
	uint32_t page = index / (ROOT_ENTRIES / MTRIE_ROOT_PAGES);
	uint64_t *word = &trie->root_touched[page / 64], bit = UINT64_C(1) << page % 64;

	if ((*word & bit) == 0) {
		*word |= bit;
		trie->root_pages++;
	}
}

static void
level_store(struct mtrie *trie, struct level *level, uint32_t index, const struct mtrie_leaf *leaf)
{
	*level->used -= level_needs(level, level->entries[index], level->lengths[index]);
	*level->used += level_needs(level, leaf->nexthop, leaf->length);
	level->lengths[index] = leaf->length;
	if (level->block == MTRIE_EXT)
		root_touch(trie, index);
	/* Release: the nexthop (or the block) behind the entry is complete. */
	__atomic_store_n(&level->entries[index], leaf->nexthop, __ATOMIC_RELEASE);
}

/*
 * Write `leaf` over the leaves of the range, and below it, that belong to prefixes of at most
 * `length` bits. Below the level where that prefix ends, no entry becomes needed or needless by
 * it, so that blocks come and go only on the way to it.
 */
static void
level_fill(struct mtrie *trie, struct level *level, uint32_t count, const struct mtrie_leaf *leaf,
	unsigned length)
{
	for (uint32_t i = level->index; i < level->index + count; i++) {
		uint32_t entry = level->entries[i];

		if ((entry & MTRIE_EXT) != 0) {
			struct level below;

			level_block(trie, &below, entry & ~MTRIE_EXT, level->depth + level->bits);
			level_fill(trie, &below, MTRIE_BLOCK_ENTRIES, leaf, length);
		} else if (level->lengths[i] <= length) {
			level_store(trie, level, i, leaf);
		}
	}
}

/* Entries of a level that a prefix covers which ends in it. */
static uint32_t
level_span(const struct level *level, unsigned length)
{
	return UINT32_C(1) << (level->depth + level->bits - length);
}

/*
 * The way to where a prefix of `length` bits ends, or to the leaf where the way there ends.
 * Returns the number of levels; the last one is that of the leaf.
 */
static unsigned
mtrie_walk(struct mtrie *trie, const uint8_t *key, unsigned length, struct level *levels)
{
	unsigned count = 1;

	level_root(trie, &levels[0], key);
	for (;;) {
		const struct level *level = &levels[count - 1];
		uint32_t entry = level->entries[level->index];
		unsigned depth = level->depth + level->bits;

		if (length <= depth || (entry & MTRIE_EXT) == 0)
			return count;
		level_block(trie, &levels[count], entry & ~MTRIE_EXT, depth);
		levels[count].index = key[depth / 8];
		count++;
	}
}

/* route_grace's callback: no worker can be in this block any more. */
static void
block_release(void *owner, uint32_t block)
{
	struct mtrie *trie = owner;

	trie->block_entries[(uint64_t)block * MTRIE_BLOCK_ENTRIES] = trie->block_free;
	trie->block_free = block;
	trie->free_count++;
}

static uint32_t
block_take(struct mtrie *trie)
{
	uint32_t block = trie->block_free;

	trie->block_count++;
	if (block == MTRIE_EXT)
		return trie->block_high++;
	trie->block_free = trie->block_entries[(uint64_t)block * MTRIE_BLOCK_ENTRIES];
	trie->free_count--;
	return block;
}

static int
blocks_map(struct mtrie *trie)
{
	uint64_t old = trie->block_mapped;
	uint64_t new = old + BLOCK_CHUNK < trie->block_max ? old + BLOCK_CHUNK : trie->block_max;

	if (route_memory_grow(trie->block_entries, old * BLOCK_BYTES, new *BLOCK_BYTES) < 0 ||
		route_memory_grow(trie->block_lengths, old * MTRIE_BLOCK_ENTRIES,
			new *MTRIE_BLOCK_ENTRIES) < 0 ||
		route_memory_grow(trie->block_used, old * sizeof(*trie->block_used),
			new * sizeof(*trie->block_used)) < 0)
		return -ENOMEM;
	trie->block_mapped = new;
	return 0;
}

/* Make sure that `count` calls of block_take() succeed. */
static int
blocks_reserve(struct mtrie *trie, uint32_t count)
{
	route_grace_reclaim(&trie->grace);
	if (trie->free_count + (trie->block_max - trie->block_high) < count)
		route_grace_wait(&trie->grace);
	if (trie->free_count + (trie->block_max - trie->block_high) < count)
		return -ENOSPC;
	while (trie->free_count + (trie->block_mapped - trie->block_high) < count) {
		if (blocks_map(trie) < 0)
			return -ENOMEM;
	}
	return 0;
}

/*
 * Build the blocks from below `top` to where the prefix ends, from the last one upwards, each
 * filled with the leaf that they replace; then link the first one.
 */
static void
mtrie_extend(
	struct mtrie *trie, struct level *top, const uint8_t *key, const struct mtrie_leaf *leaf)
{
	unsigned first = top->depth + top->bits;
	unsigned last = (leaf->length - 1U) / MTRIE_BLOCK_BITS * MTRIE_BLOCK_BITS;
	uint8_t old_length = top->lengths[top->index];
	uint32_t old_entry = top->entries[top->index];
	struct mtrie_leaf link = *leaf;

	for (unsigned depth = last; depth >= first; depth -= MTRIE_BLOCK_BITS) {
		uint32_t block = block_take(trie);
		uint32_t count = 1;
		struct level level;

		level_block(trie, &level, block, depth);
		for (unsigned i = 0; i < MTRIE_BLOCK_ENTRIES; i++)
			level.entries[i] = old_entry;
		memset(level.lengths, old_length, MTRIE_BLOCK_ENTRIES);
		*level.used = 0;
		if (depth == last)
			count = level_span(&level, leaf->length);
		for (unsigned i = 0; i < count; i++)
			level_store(trie, &level, key[depth / 8] + i, &link);
		/* An entry that leads down has no length of its own. */
		link = (struct mtrie_leaf){ .nexthop = MTRIE_EXT | block };
	}
	level_store(trie, top, top->index, &link);
}

int
mtrie_insert(struct mtrie *trie, const uint8_t *key, const struct mtrie_leaf *leaf)
{
	struct level levels[LEVEL_MAX], *level;
	unsigned depth;
	int ret;

	if (leaf->length == 0) {
		__atomic_store_n(&trie->default_nexthop, leaf->nexthop, __ATOMIC_RELEASE);
		return 0;
	}
	if (!trie->huge &&
		(trie->root_pages >= HUGE_PAGES_MIN || trie->block_high >= HUGE_BLOCKS_MIN))
		mtrie_use_huge_pages(trie);
	level = &levels[mtrie_walk(trie, key, leaf->length, levels) - 1];
	depth = level->depth + level->bits;
	if (leaf->length <= depth) {
		level_fill(trie, level, level_span(level, leaf->length), leaf, leaf->length);
		return 0;
	}
	ret = blocks_reserve(trie, (leaf->length - depth + 7) / MTRIE_BLOCK_BITS);
	if (ret < 0)
		return ret;
	mtrie_extend(trie, level, key, leaf);
	return 0;
}

void
mtrie_remove(
	struct mtrie *trie, const uint8_t *key, unsigned length, const struct mtrie_leaf *cover)
{
	/* The default route is not expanded. */
	struct mtrie_leaf leaf = cover->length > 0 ? *cover : (struct mtrie_leaf){ 0 };
	struct level levels[LEVEL_MAX];
	unsigned last;

	if (length == 0) {
		__atomic_store_n(&trie->default_nexthop, 0, __ATOMIC_RELEASE);
		return;
	}
	last = mtrie_walk(trie, key, length, levels) - 1;
	level_fill(trie, &levels[last], level_span(&levels[last], length), &leaf, length);
	while (last > 0 && *levels[last].used == 0) {
		leaf.nexthop = levels[last].entries[0];
		leaf.length = levels[last].lengths[0];
		level_store(trie, &levels[last - 1], levels[last - 1].index, &leaf);
		trie->block_count--;
		route_grace_push(&trie->grace, levels[last].block);
		last--;
	}
}

/* Groups of `size` pages of the root, 4 or a multiple of 64, of which one at least was written. */
static uint64_t
root_groups(const struct mtrie *trie, unsigned size)
{
	const uint64_t mask = size < 64 ? (UINT64_C(1) << size) - 1 : UINT64_MAX;
	uint64_t count = 0;

	for (unsigned page = 0; page < MTRIE_ROOT_PAGES; page += size) {
		uint64_t touched = 0;

		for (unsigned at = page; at < page + size; at += 64)
			touched |= trie->root_touched[at / 64] >> at % 64 & mask;
		count += touched != 0;
	}
	return count;
}

void
mtrie_use_huge_pages(struct mtrie *trie)
{
	uint64_t max = trie->block_max;

	trie->huge = true;
	route_memory_use_huge_pages(trie->root_entries, ROOT_BYTES);
	route_memory_use_huge_pages(trie->root_lengths, ROOT_ENTRIES);
	route_memory_use_huge_pages(trie->block_entries, max * BLOCK_BYTES);
	route_memory_use_huge_pages(trie->block_lengths, max * MTRIE_BLOCK_ENTRIES);
	route_memory_use_huge_pages(trie->block_used, max * sizeof(*trie->block_used));
}

uint64_t
mtrie_bytes(const struct mtrie *trie)
{
	uint64_t blocks =
		trie->block_high * (BLOCK_BYTES + MTRIE_BLOCK_ENTRIES + sizeof(*trie->block_used));

	/* The lengths are a byte for each entry of four. */
	if (trie->huge)
		return blocks +
			root_groups(trie, ROUTE_MEMORY_HUGE_PAGE / PAGE_BYTES) *
			(ROUTE_MEMORY_HUGE_PAGE + ROUTE_MEMORY_HUGE_PAGE / 4);
	return blocks + (trie->root_pages + root_groups(trie, 4)) * PAGE_BYTES;
}

int
mtrie_init(struct mtrie *trie, struct rte_rcu_qsbr *rcu, uint32_t block_max, int socket_id)
{
	uint64_t max = block_max;

	*trie = (struct mtrie){ .block_max = block_max, .block_free = MTRIE_EXT };
	trie->root_entries = route_memory_reserve(ROOT_BYTES, socket_id);
	trie->root_lengths = route_memory_reserve(ROOT_ENTRIES, socket_id);
	trie->block_entries = route_memory_reserve(max * BLOCK_BYTES, socket_id);
	trie->block_lengths = route_memory_reserve(max * MTRIE_BLOCK_ENTRIES, socket_id);
	trie->block_used = route_memory_reserve(max * sizeof(*trie->block_used), socket_id);
	if (trie->root_entries == NULL || trie->root_lengths == NULL ||
		trie->block_entries == NULL || trie->block_lengths == NULL ||
		trie->block_used == NULL)
		goto release;
	if (route_memory_grow(trie->root_entries, 0, ROOT_BYTES) < 0 ||
		route_memory_grow(trie->root_lengths, 0, ROOT_ENTRIES) < 0 ||
		route_grace_init(&trie->grace, rcu, block_release, trie) < 0)
		goto release;
	trie->root = trie->root_entries;
	trie->blocks = trie->block_entries;
	return 0;

release:
	mtrie_fini(trie);
	return -ENOMEM;
}

void
mtrie_fini(struct mtrie *trie)
{
	uint64_t max = trie->block_max;

	route_grace_fini(&trie->grace);
	route_memory_release(trie->block_used, max * sizeof(*trie->block_used));
	route_memory_release(trie->block_lengths, max * MTRIE_BLOCK_ENTRIES);
	route_memory_release(trie->block_entries, max * BLOCK_BYTES);
	route_memory_release(trie->root_lengths, ROOT_ENTRIES);
	route_memory_release(trie->root_entries, ROOT_BYTES);
}
