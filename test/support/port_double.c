/* SPDX-License-Identifier: BSD-3-Clause */
/* The life and the settings of a port without a device: see port_double.h. Its queues are
 * port_double_queue.c, its RSS and rules port_double_rss.c. */
#include "support/port_double_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALL_OFFLOADS                                                                            \
	(PORT_RX_IP4_CHECKSUM | PORT_RX_L4_CHECKSUM | PORT_RX_RSS_HASH | PORT_TX_IP4_CHECKSUM | \
		PORT_TX_L4_CHECKSUM | PORT_TX_MULTI_SEGS)

/* Doubles that exist, for open() to find by name. */
static struct port_double *doubles[PORT_MAX + 1];

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
		port_double_queue_flush(&port_double->rx[i]);
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

int
port_double_failure(int errnum, const char *what, struct error *err)
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
	ret = port_double_failure(port_double->failures.open, "open", err);
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
	ret = port_double_failure(port_double->failures.configure, "configure", err);
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

static int
double_start(struct port *port, struct error *err)
{
	struct port_double *port_double = port->driver;

	port_double->calls.start++;
	port_double_rss_reset(port_double, port->config.rxq_count);
	memset(port_double->flows, 0, sizeof(port_double->flows));
	port_double->started = port_double->failures.start == 0;
	return port_double_failure(port_double->failures.start, "start", err);
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
	ret = port_double_failure(port_double->failures.set_mtu, "set_mtu", err);
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
	ret = port_double_failure(port_double->failures.set_promiscuous, "set_promiscuous", err);
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
	ret = port_double_failure(port_double->failures.set_groups, "set_groups", err);
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
	ret = port_double_failure(port_double->failures.set_mac, "set_mac", err);
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
	return port_double_failure(port_double->failures.add_mac, "add_mac", err);
}

static int
double_remove_mac(struct port *port, const struct mac_addr *mac, struct error *err)
{
	struct port_double *port_double = port->driver;

	(void)mac;
	port_double->calls.remove_mac++;
	return port_double_failure(port_double->failures.remove_mac, "remove_mac", err);
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
	.rss_get = port_double_rss_get,
	.rss_set_hash = port_double_rss_set_hash,
	.rss_set_reta = port_double_rss_set_reta,
	.flow_create = port_double_flow_create,
	.flow_destroy = port_double_flow_destroy,
	.flow_hits = port_double_flow_hits,
	.rx = port_double_rx,
	.tx = port_double_tx,
};
