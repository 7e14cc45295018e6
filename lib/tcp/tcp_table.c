/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash table of tuples: chains of refs, by SipHash, so that no peer can choose its chain. */
#include "tcp/tcp_table.h"

#include <string.h>

/* Of other workers: how often a table is walked that changes, and how far. */
#define TABLE_TRIES 4
#define TABLE_STEPS 64

int
tcp_table_init(
	struct tcp_table *table, uint32_t entries, const struct siphash_key *key, int socket_id)
{
	uint32_t buckets = 64;

	while (buckets < entries)
		buckets *= 2;
	table->mask = buckets - 1;
	table->count = 0;
	table->key = *key;
	table->buckets =
		rte_malloc_socket("tcp table", sizeof(*table->buckets) * buckets, 64, socket_id);
	if (table->buckets == NULL)
		return -ENOMEM;
	memset(table->buckets, 0xff, sizeof(*table->buckets) * buckets);
	return 0;
}

void
tcp_table_fini(struct tcp_table *table)
{
	rte_free(table->buckets);
	table->buckets = NULL;
}

uint32_t
tcp_table_hash(const struct tcp_table *table, const struct tcp_tuple *tuple)
{
	uint64_t words[5];

	memcpy(words, tuple, sizeof(words));
	if (tuple->family == IP_FAMILY_4) {
		/* Addresses are 4 bytes, and zeros. */
		words[0] |= words[2] << 32;
		words[1] = words[4];
		return (uint32_t)siphash(&table->key, words, 16);
	}
	return (uint32_t)siphash(&table->key, words, 40);
}

static inline bool
tuple_equal(const struct tcp_tuple *a, const struct tcp_tuple *b)
{
	uint64_t x[5], y[5];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4])) == 0;
}

static inline uint32_t
link_next(uint64_t link)
{
	return (uint32_t)link;
}

struct tcp_node *
tcp_table_lookup(const struct tcp_table *table, const struct tcp_tuple *tuple, uint32_t hash,
	enum tcp_kind *kind)
{
	uint32_t ref = table->buckets[hash & table->mask];

	while (ref != TCP_REF_NONE) {
		struct tcp_node *node = tcp_table_node(table, ref);

		if (node->hash == hash && tuple_equal(&node->tuple, tuple)) {
			*kind = (enum tcp_kind)(ref >> 30);
			return node;
		}
		ref = link_next(node->link);
	}
	*kind = TCP_KIND_NONE;
	return NULL;
}

/*
 * Items are never given back to the system, and refs always lead to one: so whatever happens meanwhile
 * the walk stays within the table. It may get into another chain with an item that is used again;
 * then the table has changed, and it is walked once more.
 */
enum tcp_table_answer
tcp_table_has(const struct tcp_table *table, uint32_t hash, uint32_t kinds)
{
	for (unsigned tries = 0; tries < TABLE_TRIES; tries++) {
		uint32_t before = __atomic_load_n(&table->changes, __ATOMIC_ACQUIRE);
		uint32_t ref =
			__atomic_load_n(&table->buckets[hash & table->mask], __ATOMIC_ACQUIRE);
		unsigned steps = 0;

		for (; ref != TCP_REF_NONE && steps < TABLE_STEPS; steps++) {
			uint64_t link = __atomic_load_n(
				&tcp_table_node(table, ref)->link, __ATOMIC_ACQUIRE);

			if (link >> 32 == hash && (kinds >> (ref >> 30) & 1) != 0)
				return TCP_TABLE_HAS;
			ref = link_next(link);
		}
		if (ref == TCP_REF_NONE && before % 2 == 0 &&
			__atomic_load_n(&table->changes, __ATOMIC_ACQUIRE) == before)
			return TCP_TABLE_HAS_NOT;
	}
	return TCP_TABLE_CHANGES;
}

static uint32_t
node_ref(const struct tcp_table *table, enum tcp_kind kind, const struct tcp_node *node)
{
	return (uint32_t)kind << 30 | slab_index(table->slabs[kind], node);
}

void
tcp_table_insert(struct tcp_table *table, enum tcp_kind kind, struct tcp_node *node)
{
	uint32_t *bucket = &table->buckets[node->hash & table->mask];

	__atomic_store_n(&node->link, (uint64_t)node->hash << 32 | *bucket, __ATOMIC_RELEASE);
	__atomic_store_n(bucket, node_ref(table, kind, node), __ATOMIC_RELEASE);
	table->count++;
}

void
tcp_table_remove(struct tcp_table *table, enum tcp_kind kind, struct tcp_node *node)
{
	uint32_t *bucket = &table->buckets[node->hash & table->mask];
	uint32_t ref = node_ref(table, kind, node), next = link_next(node->link);
	struct tcp_node *before = NULL;

	for (uint32_t at = *bucket; at != ref; at = link_next(before->link))
		before = tcp_table_node(table, at);
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
