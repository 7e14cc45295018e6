/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash table of paths: chains of refs, by SipHash, so that no peer can choose its chain. */
#include "sctp/sctp_table.h"

/* Of other workers: how often a table is walked that changes, and how far. */
#define TABLE_TRIES 4
#define TABLE_STEPS 64

int
sctp_table_init(struct sctp_table *table, uint32_t entries, const struct siphash_key *key,
	const struct slab *slab, int socket_id)
{
	uint32_t buckets = 64;

	while (buckets < entries)
		buckets *= 2;
	*table = (struct sctp_table){ .mask = buckets - 1, .key = *key, .slab = slab };
	table->buckets =
		rte_malloc_socket("sctp table", sizeof(*table->buckets) * buckets, 64, socket_id);
	if (table->buckets == NULL)
		return -ENOMEM;
	memset(table->buckets, 0xff, sizeof(*table->buckets) * buckets);
	return 0;
}

void
sctp_table_fini(struct sctp_table *table)
{
	rte_free(table->buckets);
	table->buckets = NULL;
}

static inline struct sctp_node *
table_node(const struct sctp_table *table, uint32_t ref)
{
	return slab_at(table->slab, ref);
}

static inline uint32_t
link_next(uint64_t link)
{
	return (uint32_t)link;
}

struct sctp_node *
sctp_table_lookup(const struct sctp_table *table, const struct sctp_key *key, uint32_t hash,
	const struct sctp_node *from)
{
	uint32_t ref = from != NULL ? link_next(from->link) : table->buckets[hash & table->mask];

	while (ref != SCTP_REF_NONE) {
		struct sctp_node *node = table_node(table, ref);

		if (node->hash == hash && sctp_key_equal(&node->key, key))
			return node;
		ref = link_next(node->link);
	}
	return NULL;
}

/*
 * Paths are never given back to the system, and refs always lead to one: so whatever happens
 * meanwhile the walk stays within the table. It may get into another chain with a path that is used
 * again; then the table has changed, and it is walked once more.
 */
enum sctp_table_answer
sctp_table_has(const struct sctp_table *table, uint32_t hash)
{
	for (unsigned tries = 0; tries < TABLE_TRIES; tries++) {
		uint32_t before = __atomic_load_n(&table->changes, __ATOMIC_ACQUIRE);
		uint32_t ref =
			__atomic_load_n(&table->buckets[hash & table->mask], __ATOMIC_ACQUIRE);
		unsigned steps = 0;

		for (; ref != SCTP_REF_NONE && steps < TABLE_STEPS; steps++) {
			uint64_t link =
				__atomic_load_n(&table_node(table, ref)->link, __ATOMIC_ACQUIRE);

			if (link >> 32 == hash)
				return SCTP_TABLE_HAS;
			ref = link_next(link);
		}
		if (ref == SCTP_REF_NONE && before % 2 == 0 &&
			__atomic_load_n(&table->changes, __ATOMIC_ACQUIRE) == before)
			return SCTP_TABLE_HAS_NOT;
	}
	return SCTP_TABLE_CHANGES;
}

void
sctp_table_insert(struct sctp_table *table, struct sctp_node *node)
{
	uint32_t *bucket = &table->buckets[node->hash & table->mask];

	__atomic_store_n(&node->link, (uint64_t)node->hash << 32 | *bucket, __ATOMIC_RELEASE);
	__atomic_store_n(bucket, slab_index(table->slab, node), __ATOMIC_RELEASE);
	table->count++;
}

void
sctp_table_remove(struct sctp_table *table, struct sctp_node *node)
{
	uint32_t *bucket = &table->buckets[node->hash & table->mask];
	uint32_t ref = slab_index(table->slab, node), next = link_next(node->link);
	struct sctp_node *before = NULL;

	for (uint32_t at = *bucket; at != ref; at = link_next(before->link))
		before = table_node(table, at);
	/* Those who read release-acquire what follows see this as well. */
	__atomic_store_n(&table->changes, table->changes + 1, __ATOMIC_RELAXED);
	if (before == NULL)
		__atomic_store_n(bucket, next, __ATOMIC_RELEASE);
	else
		__atomic_store_n(
			&before->link, (uint64_t)before->hash << 32 | next, __ATOMIC_RELEASE);
	__atomic_store_n(&table->changes, table->changes + 1, __ATOMIC_RELEASE);
	table->count--;
}
