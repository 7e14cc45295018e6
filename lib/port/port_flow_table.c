/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules in software: made by control, read by workers in pipeline_spread.c. */
#include <string.h>

#include <rte_malloc.h>

#include "base/counter.h"
#include "pkt/flow_hash.h"
#include "port/port_flow_key.h"
#include "wire/mac.h"

/* Nobody polls the queue that the rule leads to. */
#define WORKER_NONE UINT8_MAX

struct table_rule {
	struct port_flow_compare compare;
	uint32_t id;
	uint8_t worker;
};

/* What a worker counts. */
struct table_hits {
	uint64_t packets[PORT_FLOW_RULES_MAX];
} __attribute__((aligned(64)));

struct port_flow_table {
	unsigned count;
	unsigned worker_count;
	struct table_rule rules[PORT_FLOW_RULES_MAX];
	struct table_hits hits[]; /* of each worker */
};

struct port_flow_table *
port_flow_table_create(const struct port *port, const unsigned *rxq_workers, unsigned worker_count)
{
	size_t size = sizeof(struct port_flow_table) + worker_count * sizeof(struct table_hits);
	struct port_flow_table *table = rte_zmalloc_socket("flows", size, 64, port->numa_node);

	if (table == NULL)
		table = rte_zmalloc("flows", size, 64);
	if (table == NULL)
		return NULL;
	table->count = port->flow_count;
	table->worker_count = worker_count;
	for (unsigned i = 0; i < table->count; i++) {
		const struct port_flow_rule *from = &port->flow_rules[i];
		struct table_rule *rule = &table->rules[i];
		unsigned worker;

		port_flow_compile(&from->match, &rule->compare);
		rule->id = from->id;
		worker = from->to_worker ? from->target : rxq_workers[from->target];
		rule->worker = worker < worker_count ? (uint8_t)worker : WORKER_NONE;
	}
	return table;
}

uint64_t
port_flow_table_hits(const struct port_flow_table *table, uint32_t id)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < table->count; i++) {
		for (unsigned w = 0; w < table->worker_count && table->rules[i].id == id; w++)
			sum += counter_read(&table->hits[w].packets[i]);
	}
	return sum;
}

void
port_flow_table_destroy(struct port *port, struct port_flow_table *table)
{
	for (unsigned i = 0; table != NULL && i < port->flow_count; i++)
		port->flow_rules[i].hits += port_flow_table_hits(table, port->flow_rules[i].id);
	rte_free(table);
}

void
port_flow_key_of_frame(const struct port_frame *frame, union port_flow_key *key)
{
	/* A rule names one tag: behind a second one it sees no IP. */
	const bool seen = frame->tags < 2;
	const unsigned length = frame->ip6 ? 16 : 4;

	*key = (union port_flow_key){
		.vlan = frame->vlan,
		.eth_type = seen ? frame->eth_type : ETHER_TYPE_VLAN,
		.flags = frame->tags > 0 ? PORT_FLOW_KEY_TAGGED : 0,
	};
	if (frame->addrs == NULL || !seen)
		return;
	key->flags |= PORT_FLOW_KEY_IP;
	key->proto = frame->proto;
	memcpy(key->src, frame->addrs, length);
	memcpy(key->dst, (const uint8_t *)frame->addrs + length, length);
	if (frame->ports == NULL || frame->fragment || !flow_has_ports(frame->proto))
		return;
	key->flags |= PORT_FLOW_KEY_PORTS;
	memcpy(key->ports_be, frame->ports, sizeof(key->ports_be));
}

bool
port_flow_takes(const struct port_flow_match *match, const uint8_t *bytes, uint32_t length)
{
	struct port_flow_compare compare;
	struct port_frame frame;
	union port_flow_key key;

	port_frame_parse(bytes, length, &frame);
	port_flow_key_of_frame(&frame, &key);
	port_flow_compile(match, &compare);
	return port_flow_key_matches(&key, &compare);
}

bool
port_flow_lookup(struct port_flow_table *table, const struct rte_mbuf *pkt, unsigned this_worker,
	unsigned *worker)
{
	struct port_frame frame;
	union port_flow_key key;

	port_frame_parse(rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, &frame);
	port_flow_key_of_frame(&frame, &key);
	for (unsigned i = 0; i < table->count; i++) {
		const struct table_rule *rule = &table->rules[i];

		if (!port_flow_key_matches(&key, &rule->compare))
			continue;
		counter_add(&table->hits[this_worker].packets[i], 1);
		*worker = rule->worker != WORKER_NONE ? rule->worker : this_worker;
		return true;
	}
	return false;
}
