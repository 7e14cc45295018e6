/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of datagrams under reassembly: hash, age, and the fragments held. For ip_reassembly.c. */
#include "ip/ip_reassembly_table.h"

#include <rte_jhash.h>
#include <rte_malloc.h>

#define NONE IP_REASSEMBLY_NONE

static bool
table_alloc(struct ip_reassembly *table, int socket_id)
{
	table->buckets = rte_zmalloc_socket("reassembly buckets",
		sizeof(*table->buckets) * (table->bucket_mask + 1), 64, socket_id);
	table->datagrams = rte_zmalloc_socket("reassembly datagrams",
		sizeof(*table->datagrams) * IP_REASSEMBLY_DATAGRAMS, 64, socket_id);
	table->nodes = rte_zmalloc_socket(
		"reassembly nodes", sizeof(*table->nodes) * table->node_max, 64, socket_id);
	return table->buckets != NULL && table->datagrams != NULL && table->nodes != NULL;
}

struct ip_reassembly *
ip_reassembly_create(uint32_t fragments_max, uint32_t random, int socket_id)
{
	struct ip_reassembly *table =
		rte_zmalloc_socket("reassembly", sizeof(*table), 64, socket_id);

	if (table == NULL)
		return NULL;
	table->seed = random;
	table->bucket_mask = IP_REASSEMBLY_DATAGRAMS - 1;
	table->held_max = fragments_max;
	table->node_max = fragments_max + PKT_BURST;
	if (!table_alloc(table, socket_id)) {
		ip_reassembly_destroy(table);
		return NULL;
	}
	table->oldest = table->newest = table->doomed_first = table->doomed_last = NONE;
	for (uint32_t i = 0; i <= table->bucket_mask; i++)
		table->buckets[i] = NONE;
	for (uint32_t i = 0; i < IP_REASSEMBLY_DATAGRAMS; i++)
		table->datagrams[i].hash_next = i + 1 < IP_REASSEMBLY_DATAGRAMS ? i + 1 : NONE;
	for (uint32_t i = 0; i < table->node_max; i++)
		table->nodes[i].next = i + 1 < table->node_max ? i + 1 : NONE;
	return table;
}

void
ip_reassembly_destroy(struct ip_reassembly *table)
{
	struct rte_mbuf *pkt;

	if (table == NULL)
		return;
	while (table->datagram_count > 0) {
		struct ip_reassembly_datagram *datagram = &table->datagrams[table->oldest];

		ip_reassembly_doom(table, datagram, DROP_ip_reassembly_timeout);
		ip_reassembly_remove(table, datagram);
	}
	while (table->node_count > 0 && (pkt = ip_reassembly_doomed(table)) != NULL)
		rte_pktmbuf_free(pkt);
	rte_free(table->buckets);
	rte_free(table->datagrams);
	rte_free(table->nodes);
	rte_free(table);
}

static uint32_t *
bucket_of(struct ip_reassembly *table, const struct ip_reassembly_key *key)
{
	uint32_t hash = rte_jhash_32b((const uint32_t *)key, sizeof(*key) / 4, table->seed);

	return &table->buckets[hash & table->bucket_mask];
}

struct ip_reassembly_datagram *
ip_reassembly_lookup(struct ip_reassembly *table, const struct ip_reassembly_key *key)
{
	for (uint32_t i = *bucket_of(table, key); i != NONE; i = table->datagrams[i].hash_next) {
		if (memcmp(&table->datagrams[i].key, key, sizeof(*key)) == 0)
			return &table->datagrams[i];
	}
	return NULL;
}

struct ip_reassembly_datagram *
ip_reassembly_insert(
	struct ip_reassembly *table, const struct ip_reassembly_key *key, uint64_t deadline_ns)
{
	uint32_t index = table->free_datagram, *bucket = bucket_of(table, key);
	struct ip_reassembly_datagram *datagram;

	if (index == NONE)
		return NULL;
	datagram = &table->datagrams[index];
	table->free_datagram = datagram->hash_next;
	*datagram = (struct ip_reassembly_datagram){
		.key = *key,
		.deadline_ns = deadline_ns,
		.hash_next = *bucket,
		.older = table->newest,
		.newer = NONE,
		.first = NONE,
		.last = NONE,
	};
	*bucket = index;
	if (table->newest != NONE)
		table->datagrams[table->newest].newer = index;
	else
		table->oldest = index;
	table->newest = index;
	table->datagram_count++;
	return datagram;
}

void
ip_reassembly_remove(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram)
{
	uint32_t index = (uint32_t)(datagram - table->datagrams);
	uint32_t *link = bucket_of(table, &datagram->key);

	while (*link != index)
		link = &table->datagrams[*link].hash_next;
	*link = datagram->hash_next;
	if (datagram->older != NONE)
		table->datagrams[datagram->older].newer = datagram->newer;
	else
		table->oldest = datagram->newer;
	if (datagram->newer != NONE)
		table->datagrams[datagram->newer].older = datagram->older;
	else
		table->newest = datagram->older;
	datagram->hash_next = table->free_datagram;
	table->free_datagram = index;
	table->datagram_count--;
}

bool
ip_reassembly_hold(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram,
	uint32_t prev, const struct ip_reassembly_node *node)
{
	uint32_t index = table->free_node;
	uint32_t *link = prev != NONE ? &table->nodes[prev].next : &datagram->first;

	if (index == NONE)
		return false;
	table->free_node = table->nodes[index].next;
	table->node_count++;
	table->nodes[index] = *node;
	table->nodes[index].next = *link;
	*link = index;
	if (datagram->last == prev)
		datagram->last = index;
	datagram->count++;
	datagram->length += node->end - node->start;
	return true;
}

void
ip_reassembly_doom(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram,
	enum drop_reason reason)
{
	if (datagram->count == 0)
		return;
	for (uint32_t i = datagram->first; i != NONE; i = table->nodes[i].next)
		pkt_meta(table->nodes[i].pkt)->reason = reason;
	if (table->doomed_last != NONE)
		table->nodes[table->doomed_last].next = datagram->first;
	else
		table->doomed_first = datagram->first;
	table->doomed_last = datagram->last;
	table->doomed_count += datagram->count;
	datagram->first = datagram->last = NONE;
	datagram->count = datagram->length = 0;
}

static struct ip_reassembly_node
node_free(struct ip_reassembly *table, uint32_t index)
{
	struct ip_reassembly_node node = table->nodes[index];

	table->nodes[index].next = table->free_node;
	table->free_node = index;
	table->node_count--;
	return node;
}

struct rte_mbuf *
ip_reassembly_doomed(struct ip_reassembly *table)
{
	struct ip_reassembly_node node;

	if (table->doomed_first == NONE)
		return NULL;
	node = node_free(table, table->doomed_first);
	table->doomed_first = node.next;
	if (node.next == NONE)
		table->doomed_last = NONE;
	table->doomed_count--;
	return node.pkt;
}

struct ip_reassembly_node
ip_reassembly_take(struct ip_reassembly *table, struct ip_reassembly_datagram *datagram)
{
	struct ip_reassembly_node node = node_free(table, datagram->first);

	datagram->first = node.next;
	if (node.next == NONE)
		datagram->last = NONE;
	datagram->count--;
	return node;
}
