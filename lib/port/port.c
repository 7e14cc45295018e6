/* SPDX-License-Identifier: BSD-3-Clause */
/* The port table, and a port's life: created, configured, unpublished, destroyed. By control. */
#include "port/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "base/counter.h"
#include "base/name.h"

_Static_assert(offsetof(struct port, name) <= 64, "what workers read of a port is one cache line");

const char *
port_offload_name(unsigned bit)
{
	static const char *const names[PORT_OFFLOAD_COUNT] = { "rx-ipv4-checksum", "rx-l4-checksum",
		"rx-rss-hash", "tx-ipv4-checksum", "tx-l4-checksum", "tx-multi-segs", "tx-tso",
		"rx-lro", "rx-sctp-checksum", "tx-sctp-checksum" };

	return names[bit];
}

uint32_t
port_offload_parse(const char *name)
{
	for (unsigned i = 0; i < PORT_OFFLOAD_COUNT; i++) {
		if (strcmp(port_offload_name(i), name) == 0)
			return 1U << i;
	}
	return 0;
}

struct port *
port_lookup(const struct port_table *table, const char *name)
{
	for (unsigned i = 0; i < PORT_MAX; i++) {
		if (table->ports[i] != NULL && strcmp(table->ports[i]->name, name) == 0)
			return table->ports[i];
	}
	return NULL;
}

struct port *
port_next(const struct port_table *table, unsigned from)
{
	for (unsigned i = from; i < PORT_MAX; i++) {
		if (table->ports[i] != NULL)
			return table->ports[i];
	}
	return NULL;
}

static int
slot_find(const struct port_table *table, uint16_t *slot, struct error *err)
{
	for (uint16_t i = 0; i < PORT_MAX; i++) {
		if (table->ports[i] == NULL) {
			*slot = i;
			return 0;
		}
	}
	return error_set(
		err, ENOSPC, "there are %u ports already, the most there can be", PORT_MAX);
}

int
port_create(struct port_table *table, const struct port_ops *ops, const char *name,
	const char *args, struct port **result, struct error *err)
{
	struct port *port;
	uint16_t slot = 0;
	int ret;

	ret = name_check(name, PORT_NAME_MAX, err);
	if (ret != 0)
		return ret;
	if (port_lookup(table, name) != NULL)
		return error_set(err, EEXIST, "port %s exists already: 'port del %s' removes it",
			name, name);
	if (strlen(args) >= sizeof(port->args))
		return error_set(err, EINVAL, "device arguments are longer than %zu characters",
			sizeof(port->args) - 1);
	ret = slot_find(table, &slot, err);
	if (ret != 0)
		return ret;

	port = aligned_alloc(_Alignof(struct port), sizeof(*port));
	if (port == NULL)
		return error_set(err, ENOMEM, "no memory for port %s", name);
	memset(port, 0, sizeof(*port));
	port->ops = ops;
	port->index = slot;
	port->numa_node = -1;
	snprintf(port->name, sizeof(port->name), "%s", name);
	snprintf(port->args, sizeof(port->args), "%s", args);
	ret = ops->open(port, args, err);
	if (ret != 0) {
		free(port);
		return ret;
	}
	__atomic_store_n(&table->ports[slot], port, __ATOMIC_RELEASE);
	*result = port;
	return 0;
}

static struct port_queue_counters *
counters_create(unsigned count, int numa_node)
{
	size_t size = count * sizeof(struct port_queue_counters);
	void *counters = rte_zmalloc_socket("port counters", size, RTE_CACHE_LINE_SIZE, numa_node);

	/* DPDK may have no memory on the port's node: far memory is better than none. */
	if (counters == NULL)
		counters = rte_zmalloc("port counters", size, RTE_CACHE_LINE_SIZE);
	return counters;
}

static void
counters_destroy(struct port *port)
{
	rte_free(port->rxq_counters);
	rte_free(port->txq_counters);
	port->rxq_counters = NULL;
	port->txq_counters = NULL;
}

void
port_totals(const struct port *port, struct port_totals *totals)
{
	*totals = port->before;
	for (uint16_t q = 0; q < port->rxq_counted; q++) {
		totals->rx_packets += counter_read(&port->rxq_counters[q].packets);
		totals->rx_bytes += counter_read(&port->rxq_counters[q].bytes);
	}
	for (uint16_t q = 0; q < port->txq_counted; q++) {
		totals->tx_packets += counter_read(&port->txq_counters[q].packets);
		totals->tx_bytes += counter_read(&port->txq_counters[q].bytes);
	}
}

int
port_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct port_queue_counters *rxq_counters, *txq_counters;
	struct port_config *config = &port->config;
	int ret;

	if (config->rxq_count == 0 || config->rxq_count > PORT_QUEUE_MAX ||
		config->txq_count == 0 || config->txq_count > PORT_QUEUE_MAX)
		return error_set(err, EINVAL, "%s: %u rx and %u tx queues: 1 to %u are possible",
			port->name, config->rxq_count, config->txq_count, PORT_QUEUE_MAX);
	if (config->mtu != 0 && (config->mtu < PORT_MTU_MIN || config->mtu > PORT_MTU_MAX))
		return error_set(err, EINVAL, "%s: MTU %u is not within %u and %u", port->name,
			config->mtu, PORT_MTU_MIN, PORT_MTU_MAX);

	rxq_counters = counters_create(config->rxq_count, port->numa_node);
	txq_counters = counters_create(config->txq_count, port->numa_node);
	if (rxq_counters == NULL || txq_counters == NULL) {
		ret = error_set(err, ENOMEM, "%s: no memory for its counters", port->name);
		goto free_counters;
	}
	ret = port->ops->configure(port, pools, err);
	if (ret != 0)
		goto free_counters;
	/* Drivers round counts down, never up, so that the arrays are large enough. */
	port_totals(port, &port->before);
	counters_destroy(port);
	port->rxq_counters = rxq_counters;
	port->txq_counters = txq_counters;
	port->rxq_counted = config->rxq_count;
	port->txq_counted = config->txq_count;
	port->rxq_used = config->rxq_count;
	memset(port->rxq_rates, 0, sizeof(port->rxq_rates));
	memset(port->txq_rates, 0, sizeof(port->txq_rates));
	return 0;

free_counters:
	rte_free(rxq_counters);
	rte_free(txq_counters);
	return ret;
}

static void
rates_update(struct port_queue_rate *rates, const struct port_queue_counters *counters,
	unsigned count, uint64_t elapsed_ns)
{
	const double per_s = 1e9 / (double)elapsed_ns;

	for (unsigned i = 0; i < count; i++) {
		uint64_t packets = counter_read(&counters[i].packets);
		uint64_t bytes = counter_read(&counters[i].bytes);

		rates[i] = (struct port_queue_rate){
			.packets = packets,
			.bytes = bytes,
			.packets_per_s = (uint64_t)((double)(packets - rates[i].packets) * per_s),
			.bytes_per_s = (uint64_t)((double)(bytes - rates[i].bytes) * per_s),
		};
	}
}

static void
buckets_update(struct port_buckets *buckets, uint64_t elapsed_ns)
{
	for (unsigned i = 0; i < buckets->size; i++) {
		uint64_t sum = 0;

		for (unsigned q = 0; q < PORT_QUEUE_MAX; q++)
			sum += counter_read(&buckets->packets[q][i]);
		buckets->packets_per_s[i] =
			(uint64_t)((double)(sum - buckets->seen[i]) * 1e9 / (double)elapsed_ns);
		buckets->seen[i] = sum;
	}
}

void
port_rates_update(struct port *port, uint64_t elapsed_ns)
{
	rates_update(port->rxq_rates, port->rxq_counters, port->config.rxq_count, elapsed_ns);
	rates_update(port->txq_rates, port->txq_counters, port->config.txq_count, elapsed_ns);
	if (port->buckets != NULL)
		buckets_update(port->buckets, elapsed_ns);
}

void
port_unpublish(struct port_table *table, struct port *port)
{
	__atomic_store_n(&table->ports[port->index], NULL, __ATOMIC_RELEASE);
}

void
port_destroy(struct port *port)
{
	port->ops->close(port);
	counters_destroy(port);
	rte_free(port->spread);
	port_flow_table_destroy(port, port->flows);
	rte_free(port->buckets);
	free(port);
}
