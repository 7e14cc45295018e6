/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which path has which addresses and ports: a hash table that its worker writes, and that others may
 * ask whether it has a hash.
 */
#ifndef SCTP_SCTP_TABLE_H
#define SCTP_SCTP_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/siphash.h"
#include "pkt/slab.h"
#include "wire/ip_addr.h"

/* A peer's address, as it sends to a port of ours. No padding: hashed and compared whole. */
struct sctp_key {
	uint8_t remote[16]; /* network order; IPv4 uses the first 4, the rest is 0 */
	uint16_t local_port, remote_port;
	uint16_t iface; /* of link-local addresses; else PKT_IFACE_NONE */
	uint8_t vrf;
	uint8_t family; /* enum ip_family */
};

_Static_assert(sizeof(struct sctp_key) == 24, "three words");

#define SCTP_REF_NONE UINT32_MAX

/* What a path begins with. */
struct sctp_node {
	struct sctp_key key;
	uint32_t hash;
	uint32_t zero;
	uint64_t link; /* hash << 32 | ref of the next one of the bucket; read by other workers */
};

struct sctp_table {
	uint32_t mask;
	uint32_t count;
	uint32_t changes; /* odd while something is taken out; read by other workers */
	uint32_t *buckets; /* [mask + 1]: refs; read by other workers */
	struct siphash_key key;
	const struct slab *slab; /* of what begins with a node */
};

int sctp_table_init(struct sctp_table *table, uint32_t entries, const struct siphash_key *key,
	const struct slab *slab, int socket_id);
void sctp_table_fini(struct sctp_table *table);

static inline uint32_t
sctp_table_hash(const struct sctp_table *table, const struct sctp_key *key)
{
	return (uint32_t)siphash(&table->key, key, sizeof(*key));
}

static inline bool
sctp_key_equal(const struct sctp_key *a, const struct sctp_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/*
 * Nodes with a key, one after the other: two endpoints of ours with a port in common, but no address,
 * may both have an association with the same peer.
 * @param from NULL at first, then the last one
 */
struct sctp_node *sctp_table_lookup(const struct sctp_table *table, const struct sctp_key *key,
	uint32_t hash, const struct sctp_node *from);

/* Key and hash of the node are set. */
void sctp_table_insert(struct sctp_table *table, struct sctp_node *node);
void sctp_table_remove(struct sctp_table *table, struct sctp_node *node);

/* What another worker, who may change it, has. It may say that it has what it has just taken out. */
enum sctp_table_answer { SCTP_TABLE_HAS, SCTP_TABLE_HAS_NOT, SCTP_TABLE_CHANGES };
enum sctp_table_answer sctp_table_has(const struct sctp_table *table, uint32_t hash);

#endif
