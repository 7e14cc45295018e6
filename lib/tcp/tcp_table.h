/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who has which tuple: connections, half-open ones and those in TIME-WAIT in one hash table, so that
 * one lookup finds whichever it is.
 */
#ifndef TCP_TCP_TABLE_H
#define TCP_TCP_TABLE_H

#include <string.h>

#include <rte_prefetch.h>

#include "base/siphash.h"
#include "tcp/tcp.h"
#include "pkt/slab.h"

enum tcp_kind {
	TCP_KIND_CONN,
	TCP_KIND_HALF_OPEN,
	TCP_KIND_TIME_WAIT,
	TCP_KIND_COUNT,
	TCP_KIND_NONE = TCP_KIND_COUNT,
};

/* Kind and index in its slab: 30 bits. */
#define TCP_REF_NONE UINT32_MAX

/* What each of them begins with. */
struct tcp_node {
	struct tcp_tuple tuple;
	uint32_t hash;
	uint32_t zero;
	uint64_t link; /* hash << 32 | ref of the next one of the bucket; read by other workers */
};

/* Give an item of a slab its contents, but for what other workers may be looking at. */
static inline void
tcp_node_assign(struct tcp_node *to, const struct tcp_node *from, size_t size)
{
	to->tuple = from->tuple;
	to->hash = from->hash;
	memcpy(to + 1, from + 1, size - sizeof(*to));
}

struct tcp_table {
	uint32_t mask;
	uint32_t count;
	uint32_t changes; /* odd while something is taken out; read by other workers */
	uint32_t *buckets; /* [mask + 1]: refs; read by other workers */
	struct siphash_key key;
	const struct slab *slabs[TCP_KIND_COUNT];
};

int tcp_table_init(
	struct tcp_table *table, uint32_t entries, const struct siphash_key *key, int socket_id);
void tcp_table_fini(struct tcp_table *table);

uint32_t tcp_table_hash(const struct tcp_table *table, const struct tcp_tuple *tuple);

/* @return NULL, and TCP_KIND_NONE: it is not there */
struct tcp_node *tcp_table_lookup(const struct tcp_table *table, const struct tcp_tuple *tuple,
	uint32_t hash, enum tcp_kind *kind);

/*
 * Tuple and hash of the node are set. One that is there already is what is looked up from now on: so
 * what takes another's place comes before that goes, and nobody is told that there is none.
 */
void tcp_table_insert(struct tcp_table *table, enum tcp_kind kind, struct tcp_node *node);
void tcp_table_remove(struct tcp_table *table, enum tcp_kind kind, struct tcp_node *node);

/*
 * What another worker, who may change it, has of these kinds, a bit each. It may say that it has what it has
 * just taken out.
 */
#define TCP_KINDS_ALL UINT32_MAX
enum tcp_table_answer { TCP_TABLE_HAS, TCP_TABLE_HAS_NOT, TCP_TABLE_CHANGES };
enum tcp_table_answer tcp_table_has(const struct tcp_table *table, uint32_t hash, uint32_t kinds);

static inline struct tcp_node *
tcp_table_node(const struct tcp_table *table, uint32_t ref)
{
	return slab_at(table->slabs[ref >> 30], ref & 0x3fffffff);
}

/* For lookups of a burst: the bucket first, then who is in it. */
static inline void
tcp_table_prefetch(const struct tcp_table *table, uint32_t hash)
{
	rte_prefetch0(&table->buckets[hash & table->mask]);
}

static inline void
tcp_table_prefetch_node(const struct tcp_table *table, uint32_t hash)
{
	uint32_t ref = table->buckets[hash & table->mask];

	if (ref != TCP_REF_NONE) {
		const uint8_t *node = (const uint8_t *)tcp_table_node(table, ref);

		rte_prefetch0(node);
		rte_prefetch0(node + 64);
		rte_prefetch0(node + 128);
	}
}

#endif
