/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port double (port_double.c) does as a NIC that spreads what comes in: RSS, and rules. */
#include "support/port_double_private.h"

#include <string.h>

#include "wire/endian.h"

/* What a NIC comes up with, whatever it was told before. */
void
port_double_rss_reset(struct port_double *port_double, uint16_t rxq_count)
{
	struct port_rss *rss = &port_double->rss;

	memset(rss, 0, sizeof(*rss));
	if (port_double->reta_size == 0)
		return;
	rss->fields = rss->fields_possible = (1U << PORT_RSS_FIELD_COUNT) - 1;
	rss->key_length = TOEPLITZ_KEY_LENGTH;
	memcpy(rss->key, toeplitz_default_key, TOEPLITZ_KEY_LENGTH);
	toeplitz_init(&port_double->toeplitz, rss->key);
	rss->reta_size = port_double->reta_size;
	for (uint16_t i = 0; i < rss->reta_size; i++)
		rss->reta[i] = i % rxq_count;
}

int
port_double_rss_get(struct port *port, struct port_rss *rss)
{
	const struct port_double *port_double = port->driver;

	*rss = port_double->rss;
	return 0;
}

int
port_double_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err)
{
	struct port_double *port_double = port->driver;

	port_double->calls.rss_set_hash++;
	if (port_double->failures.rss_set_hash != 0)
		return port_double_failure(port_double->failures.rss_set_hash, "rss_set_hash", err);
	pthread_mutex_lock(&port_double->rss_lock);
	port_double->rss.fields = rss->fields;
	memcpy(port_double->rss.key, rss->key, sizeof(rss->key));
	toeplitz_init(&port_double->toeplitz, rss->key);
	pthread_mutex_unlock(&port_double->rss_lock);
	return 0;
}

int
port_double_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err)
{
	struct port_double *port_double = port->driver;

	port_double->calls.rss_set_reta++;
	if (port_double->failures.rss_set_reta != 0)
		return port_double_failure(port_double->failures.rss_set_reta, "rss_set_reta", err);
	pthread_mutex_lock(&port_double->rss_lock);
	for (uint16_t i = 0; i < port_double->rss.reta_size; i++)
		port_double->rss.reta[i] = reta[i];
	pthread_mutex_unlock(&port_double->rss_lock);
	return 0;
}

void *
port_double_flow_create(struct port *port, const struct port_flow_rule *rule)
{
	struct port_double *port_double = port->driver;

	port_double->calls.flow_create++;
	for (unsigned i = 0; i < RTE_MIN(port_double->flows_max, (unsigned)PORT_DOUBLE_FLOWS);
		i++) {
		struct port_double_flow *flow = &port_double->flows[i];

		if (flow->used)
			continue;
		pthread_mutex_lock(&port_double->rss_lock);
		*flow = (struct port_double_flow){ .used = true, .rule = *rule };
		pthread_mutex_unlock(&port_double->rss_lock);
		return flow;
	}
	return NULL;
}

int
port_double_flow_destroy(struct port *port, void *handle, struct error *err)
{
	struct port_double *port_double = port->driver;
	struct port_double_flow *flow = handle;

	if (port_double->failures.flow_destroy != 0)
		return port_double_failure(port_double->failures.flow_destroy, "flow_destroy", err);
	pthread_mutex_lock(&port_double->rss_lock);
	flow->used = false;
	pthread_mutex_unlock(&port_double->rss_lock);
	return 0;
}

int
port_double_flow_hits(struct port *port, void *handle, uint64_t *packets)
{
	const struct port_double_flow *flow = handle;

	*packets = flow->hits;
	(void)port;
	return 0;
}

/* What a NIC looks at of a frame without a tag. */
static bool
flow_takes(const struct port_flow_match *match, const struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *), *l4;
	bool ip6 = be16_load(frame + 12) == 0x86dd;
	struct ip_addr src, dst;
	uint8_t proto;

	if (match->fields == 0)
		return true;
	if (!ip6 && be16_load(frame + 12) != 0x0800)
		return false;
	src = ip6 ? ip_addr_from6(frame + 22) : ip_addr_from4(frame + 26);
	dst = ip6 ? ip_addr_from6(frame + 38) : ip_addr_from4(frame + 30);
	proto = ip6 ? frame[20] : frame[23];
	l4 = ip6 ? frame + 54 : frame + 14 + 4 * (frame[14] & 15);
	return (!(match->fields & PORT_FLOW_SRC) || ip_prefix_contains(&match->src, &src)) &&
		(!(match->fields & PORT_FLOW_DST) || ip_prefix_contains(&match->dst, &dst)) &&
		(!(match->fields & PORT_FLOW_PROTO) || match->proto == proto) &&
		(!(match->fields & PORT_FLOW_SRC_PORT) || match->src_port == be16_load(l4)) &&
		(!(match->fields & PORT_FLOW_DST_PORT) || match->dst_port == be16_load(l4 + 2));
}

/* The rule that decides; NULL: RSS does. */
static struct port_double_flow *
flow_of(struct port_double *port_double, const struct rte_mbuf *pkt)
{
	struct port_double_flow *best = NULL;

	for (unsigned i = 0; i < PORT_DOUBLE_FLOWS; i++) {
		struct port_double_flow *flow = &port_double->flows[i];

		if (flow->used && flow_takes(&flow->rule.match, pkt) &&
			(best == NULL || flow->rule.priority < best->rule.priority))
			best = flow;
	}
	return best;
}

bool
port_double_arrive(struct port_double *port_double, struct rte_mbuf *pkt)
{
	struct port_double_queue *queue;
	struct port_double_flow *flow;
	uint16_t index = 0;
	uint32_t hash;
	bool room;

	pthread_mutex_lock(&port_double->rss_lock);
	if (port_rss_frame_hash(&port_double->toeplitz, port_double->rss.fields,
		    rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, &hash)) {
		index = port_double->rss.reta[hash % port_double->rss.reta_size];
		if (port_double->offloads & PORT_RX_RSS_HASH) {
			pkt->hash.rss = hash;
			pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		}
	}
	flow = flow_of(port_double, pkt);
	if (flow != NULL) {
		index = flow->rule.target;
		flow->hits++;
	}
	queue = &port_double->rx[index];
	room = port_double_queue_length(queue) < PORT_DOUBLE_QUEUE_SIZE;
	if (room)
		port_double_queue_push(queue, pkt);
	pthread_mutex_unlock(&port_double->rss_lock);
	return room;
}
