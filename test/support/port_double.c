/* SPDX-License-Identifier: BSD-3-Clause */
/* A port without a device: see port_double.h. */
#include "support/port_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/endian.h"

#define ALL_OFFLOADS                                                                            \
	(PORT_RX_IP4_CHECKSUM | PORT_RX_L4_CHECKSUM | PORT_RX_RSS_HASH | PORT_TX_IP4_CHECKSUM | \
		PORT_TX_L4_CHECKSUM | PORT_TX_MULTI_SEGS)

/* Doubles that exist, for open() to find by name. */
static struct port_double *doubles[PORT_MAX + 1];

/* A test may fill a queue while a worker's thread empties it, and the other way round. */
static uint32_t
queue_length(const struct port_double_queue *queue)
{
	return __atomic_load_n(&queue->tail, __ATOMIC_ACQUIRE) -
		__atomic_load_n(&queue->head, __ATOMIC_ACQUIRE);
}

static void
queue_push(struct port_double_queue *queue, struct rte_mbuf *pkt)
{
	if (queue_length(queue) == PORT_DOUBLE_QUEUE_SIZE)
		fail_msg("the port double's queue is full");
	queue->pkts[queue->tail % PORT_DOUBLE_QUEUE_SIZE] = pkt;
	__atomic_store_n(&queue->tail, queue->tail + 1, __ATOMIC_RELEASE);
}

static struct rte_mbuf *
queue_pop(struct port_double_queue *queue)
{
	struct rte_mbuf *pkt;

	if (queue_length(queue) == 0)
		return NULL;
	pkt = queue->pkts[queue->head % PORT_DOUBLE_QUEUE_SIZE];
	__atomic_store_n(&queue->head, queue->head + 1, __ATOMIC_RELEASE);
	return pkt;
}

static unsigned
queue_flush(struct port_double_queue *queue)
{
	unsigned count = 0;

	for (struct rte_mbuf *pkt; (pkt = queue_pop(queue)) != NULL; count++)
		rte_pktmbuf_free(pkt);
	return count;
}

static unsigned
double_slot(const char *name)
{
	for (unsigned i = 0; i < sizeof(doubles) / sizeof(doubles[0]); i++) {
		if (name == NULL ? doubles[i] == NULL
				 : doubles[i] != NULL && strcmp(doubles[i]->name, name) == 0)
			return i;
	}
	return sizeof(doubles) / sizeof(doubles[0]);
}

struct port_double *
port_double_create(const char *name)
{
	const unsigned none = sizeof(doubles) / sizeof(doubles[0]);
	unsigned slot = double_slot(NULL);
	struct port_double *port_double;

	if (slot == none || double_slot(name) != none)
		fail_msg("no port double %s can be made", name);
	port_double = calloc(1, sizeof(*port_double));
	if (port_double == NULL)
		abort();
	snprintf(port_double->name, sizeof(port_double->name), "%s", name);
	port_double->mac.bytes[0] = 0x02;
	port_double->mac.bytes[5] = (uint8_t)slot;
	port_double->rxq_max = PORT_DOUBLE_QUEUES;
	port_double->txq_max = PORT_DOUBLE_QUEUES;
	port_double->mtu_max = PORT_MTU_MAX;
	port_double->offloads = ALL_OFFLOADS;
	port_double->link =
		(struct port_link){ .up = true, .full_duplex = true, .speed_mbps = 10000 };
	port_double->tx_room = PORT_DOUBLE_NO_LIMIT;
	port_double->tx_call_max = PORT_DOUBLE_NO_LIMIT;
	port_double->reta_size = 128;
	pthread_mutex_init(&port_double->rss_lock, NULL);
	doubles[slot] = port_double;
	return port_double;
}

void
port_double_destroy(struct port_double *port_double)
{
	for (unsigned i = 0; i < PORT_DOUBLE_QUEUES; i++)
		queue_flush(&port_double->rx[i]);
	port_double_flush(port_double);
	doubles[double_slot(port_double->name)] = NULL;
	pthread_mutex_destroy(&port_double->rss_lock);
	free(port_double);
}

struct port *
port_double_start(struct port_double *port_double, struct port_table *table, const char *name,
	uint16_t rxq_count, uint16_t txq_count)
{
	struct error err = { 0 };
	struct port *port;

	if (port_create(table, &port_double_ops, name, port_double->name, &port, &err) != 0)
		fail_msg("port_create: %s", err.text);
	port->config.rxq_count = rxq_count;
	port->config.txq_count = txq_count;
	if (port_configure(port, NULL, &err) != 0)
		fail_msg("port_configure: %s", err.text);
	if (port_start(port, &err) != 0)
		fail_msg("start: %s", err.text);
	__atomic_store_n(&port->up, true, __ATOMIC_RELEASE);
	return port;
}

void
port_double_stop(struct port_table *table, struct port *port)
{
	__atomic_store_n(&port->up, false, __ATOMIC_RELEASE);
	port->ops->stop(port);
	port_unpublish(table, port);
	port_destroy(port);
}

void
port_double_inject(struct port_double *port_double, uint16_t queue, struct rte_mbuf *pkt)
{
	queue_push(&port_double->rx[queue], pkt);
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
	room = queue_length(queue) < PORT_DOUBLE_QUEUE_SIZE;
	if (room)
		queue_push(queue, pkt);
	pthread_mutex_unlock(&port_double->rss_lock);
	return room;
}

unsigned
port_double_pending(const struct port_double *port_double, uint16_t queue)
{
	return queue_length(&port_double->rx[queue]);
}

unsigned
port_double_sent(const struct port_double *port_double, uint16_t queue)
{
	return queue_length(&port_double->tx[queue]);
}

struct rte_mbuf *
port_double_take(struct port_double *port_double, uint16_t queue)
{
	return queue_pop(&port_double->tx[queue]);
}

unsigned
port_double_flush(struct port_double *port_double)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PORT_DOUBLE_QUEUES; i++)
		count += queue_flush(&port_double->tx[i]);
	return count;
}

static int
injected(int errnum, const char *what, struct error *err)
{
	return errnum == 0 ? 0 : error_set(err, errnum, "%s was made to fail", what);
}

static int
double_open(struct port *port, const char *args, struct error *err)
{
	unsigned slot = double_slot(args);
	struct port_double *port_double;
	int ret;

	if (slot == sizeof(doubles) / sizeof(doubles[0]))
		return error_set(err, ENODEV, "there is no port double %s", args);
	port_double = doubles[slot];
	port_double->calls.open++;
	ret = injected(port_double->failures.open, "open", err);
	if (ret != 0)
		return ret;
	port->driver = port_double;
	port->mac = port_double->mac;
	port->rxq_max = port_double->rxq_max;
	port->txq_max = port_double->txq_max;
	port->queues_paired = port_double->queues_paired;
	snprintf(port->device_name, sizeof(port->device_name), "%s", args);
	snprintf(port->driver_name, sizeof(port->driver_name), "double");
	return 0;
}

static int
double_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct port_double *port_double = port->driver;
	struct port_config *config = &port->config;
	int ret;

	port_double->calls.configure++;
	ret = injected(port_double->failures.configure, "configure", err);
	if (ret != 0)
		return ret;
	if (config->mtu > port_double->mtu_max)
		return error_set(err, EINVAL, "MTU %u is too large", config->mtu);
	config->rxq_count = RTE_MIN(config->rxq_count, port_double->rxq_max);
	config->txq_count = RTE_MIN(config->txq_count, port_double->txq_max);
	if (config->mtu == 0)
		config->mtu = RTE_MIN((uint16_t)PORT_MTU_DEFAULT, port_double->mtu_max);
	if (config->rxd_count == 0)
		config->rxd_count = PORT_DOUBLE_QUEUE_SIZE;
	if (config->txd_count == 0)
		config->txd_count = PORT_DOUBLE_QUEUE_SIZE;
	port->offloads = port_double->offloads;
	port->rx_flags_clear = port_double->rx_flags_clear;
	return 0;
}

/* What a NIC comes up with, whatever it was told before. */
static void
rss_reset(struct port_double *port_double, uint16_t rxq_count)
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

static int
double_start(struct port *port, struct error *err)
{
	struct port_double *port_double = port->driver;

	port_double->calls.start++;
	rss_reset(port_double, port->config.rxq_count);
	memset(port_double->flows, 0, sizeof(port_double->flows));
	port_double->started = port_double->failures.start == 0;
	return injected(port_double->failures.start, "start", err);
}

static void
double_stop(struct port *port)
{
	struct port_double *port_double = port->driver;

	port_double->calls.stop++;
	port_double->started = false;
}

static void
double_close(struct port *port)
{
	struct port_double *port_double = port->driver;

	port_double->calls.close++;
	port_double->started = false;
	port->driver = NULL;
}

static int
double_set_mtu(struct port *port, uint16_t mtu, struct error *err)
{
	struct port_double *port_double = port->driver;
	int ret;

	port_double->calls.set_mtu++;
	ret = injected(port_double->failures.set_mtu, "set_mtu", err);
	if (ret != 0)
		return ret;
	if (mtu > port_double->mtu_max)
		return error_set(err, EINVAL, "MTU %u is too large", mtu);
	port->config.mtu = mtu;
	return 0;
}

static int
double_set_promiscuous(struct port *port, bool on, struct error *err)
{
	struct port_double *port_double = port->driver;
	int ret;

	port_double->calls.set_promiscuous++;
	ret = injected(port_double->failures.set_promiscuous, "set_promiscuous", err);
	if (ret == 0)
		port->promiscuous = on;
	return ret;
}

static int
double_set_groups(
	struct port *port, const struct mac_addr *groups, unsigned count, struct error *err)
{
	struct port_double *port_double = port->driver;
	int ret;

	port_double->calls.set_groups++;
	ret = injected(port_double->failures.set_groups, "set_groups", err);
	if (ret != 0)
		return ret;
	port_double->groups_all = groups == NULL;
	port_double->group_count = count;
	if (groups != NULL)
		memcpy(port_double->groups, groups, count * sizeof(*groups));
	return 0;
}

static int
double_set_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct port_double *port_double = port->driver;
	int ret;

	port_double->calls.set_mac++;
	ret = injected(port_double->failures.set_mac, "set_mac", err);
	if (ret == 0)
		port->mac = port_double->mac = *mac;
	return ret;
}

static int
double_add_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct port_double *port_double = port->driver;

	(void)mac;
	port_double->calls.add_mac++;
	return injected(port_double->failures.add_mac, "add_mac", err);
}

static int
double_remove_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct port_double *port_double = port->driver;

	(void)mac;
	port_double->calls.remove_mac++;
	return injected(port_double->failures.remove_mac, "remove_mac", err);
}

static void
double_link(struct port *port, struct port_link *link)
{
	const struct port_double *port_double = port->driver;

	*link = port_double->link;
}

static int
double_stats(struct port *port, struct port_stats *stats)
{
	const struct port_double *port_double = port->driver;

	*stats = port_double->stats;
	return 0;
}

static int
double_xstats(struct port *port, struct port_xstat *xstats, unsigned max)
{
	const struct port_double *port_double = port->driver;

	if (max > 0) {
		snprintf(xstats[0].name, sizeof(xstats[0].name), "double_tx_calls");
		xstats[0].value = port_double->calls.tx;
	}
	return 1;
}

static int
double_rss_get(struct port *port, struct port_rss *rss)
{
	const struct port_double *port_double = port->driver;

	*rss = port_double->rss;
	return 0;
}

static int
double_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err)
{
	struct port_double *port_double = port->driver;

	port_double->calls.rss_set_hash++;
	if (port_double->failures.rss_set_hash != 0)
		return injected(port_double->failures.rss_set_hash, "rss_set_hash", err);
	pthread_mutex_lock(&port_double->rss_lock);
	port_double->rss.fields = rss->fields;
	memcpy(port_double->rss.key, rss->key, sizeof(rss->key));
	toeplitz_init(&port_double->toeplitz, rss->key);
	pthread_mutex_unlock(&port_double->rss_lock);
	return 0;
}

static int
double_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err)
{
	struct port_double *port_double = port->driver;

	port_double->calls.rss_set_reta++;
	if (port_double->failures.rss_set_reta != 0)
		return injected(port_double->failures.rss_set_reta, "rss_set_reta", err);
	pthread_mutex_lock(&port_double->rss_lock);
	for (uint16_t i = 0; i < port_double->rss.reta_size; i++)
		port_double->rss.reta[i] = reta[i];
	pthread_mutex_unlock(&port_double->rss_lock);
	return 0;
}

static void *
double_flow_create(struct port *port, const struct port_flow_rule *rule)
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

static int
double_flow_destroy(struct port *port, void *handle, struct error *err)
{
	struct port_double *port_double = port->driver;
	struct port_double_flow *flow = handle;

	if (port_double->failures.flow_destroy != 0)
		return injected(port_double->failures.flow_destroy, "flow_destroy", err);
	pthread_mutex_lock(&port_double->rss_lock);
	flow->used = false;
	pthread_mutex_unlock(&port_double->rss_lock);
	return 0;
}

static int
double_flow_hits(struct port *port, void *handle, uint64_t *packets)
{
	const struct port_double_flow *flow = handle;

	*packets = flow->hits;
	(void)port;
	return 0;
}

/* Queues are several workers'. */
static void
stats_add(uint64_t *sum, uint64_t n)
{
	__atomic_add_fetch(sum, n, __ATOMIC_RELAXED);
}

static uint16_t
double_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct port_double *port_double = driver;
	uint16_t n = 0;

	__atomic_add_fetch(&port_double->calls.rx, 1, __ATOMIC_RELAXED);
	while (n < count && queue_length(&port_double->rx[queue]) > 0) {
		pkts[n] = queue_pop(&port_double->rx[queue]);
		stats_add(&port_double->stats.rx_packets, 1);
		stats_add(&port_double->stats.rx_bytes, pkts[n++]->pkt_len);
	}
	return n;
}

static uint16_t
double_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct port_double *port_double = driver;
	uint16_t n = 0;

	__atomic_add_fetch(&port_double->calls.tx, 1, __ATOMIC_RELAXED);
	while (n < count && n < port_double->tx_call_max && port_double->tx_room > 0 &&
		queue_length(&port_double->tx[queue]) < PORT_DOUBLE_QUEUE_SIZE) {
		if (port_double->tx_room != PORT_DOUBLE_NO_LIMIT)
			port_double->tx_room--;
		stats_add(&port_double->stats.tx_packets, 1);
		stats_add(&port_double->stats.tx_bytes, pkts[n]->pkt_len);
		if (port_double->watch != NULL)
			port_double->watch(port_double->watch_arg, pkts[n]);
		queue_push(&port_double->tx[queue], pkts[n++]);
	}
	return n;
}

const struct port_ops port_double_ops = {
	.name = "double",
	.open = double_open,
	.configure = double_configure,
	.start = double_start,
	.stop = double_stop,
	.close = double_close,
	.set_mtu = double_set_mtu,
	.set_promiscuous = double_set_promiscuous,
	.set_groups = double_set_groups,
	.set_mac = double_set_mac,
	.add_mac = double_add_mac,
	.remove_mac = double_remove_mac,
	.link = double_link,
	.stats = double_stats,
	.xstats = double_xstats,
	.rss_get = double_rss_get,
	.rss_set_hash = double_rss_set_hash,
	.rss_set_reta = double_rss_set_reta,
	.flow_create = double_flow_create,
	.flow_destroy = double_flow_destroy,
	.flow_hits = double_flow_hits,
	.rx = double_rx,
	.tx = double_tx,
};
