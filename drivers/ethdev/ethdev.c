/* SPDX-License-Identifier: BSD-3-Clause */
/* A port's life over a DPDK device: taken, started, stopped, given back; and its bursts. */
#include "ethdev/ethdev.h"

#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "base/log.h"
#include "ethdev/ethdev_priv.h"

int
ethdev_error(struct error *err, const struct port *port, int ret, const char *what)
{
	/* Many drivers return a bare -1, which is not EPERM. */
	if (ret >= -1)
		return error_set(err, EIO, "%s: %s failed (DPDK's log says why)", port->name, what);
	return error_set(err, -ret, "%s: %s failed: %s", port->name, what, rte_strerror(-ret));
}

/* A device without an address (net_ring) gets one: local, and the same at each start. */
static void
mac_make(const char *device_name, struct mac_addr *mac)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */

	for (const char *c = device_name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 1099511628211ULL;
	memcpy(mac->bytes, &hash, sizeof(mac->bytes));
	mac->bytes[0] = (mac->bytes[0] & 0xfc) | 0x02;
}

static uint16_t
queue_limit(uint16_t device_max)
{
	return device_max < PORT_QUEUE_MAX ? device_max : PORT_QUEUE_MAX;
}

static int
device_describe(struct port *port, struct ethdev *ethdev, struct error *err)
{
	struct rte_eth_dev_info info;
	struct rte_ether_addr mac;
	int ret = rte_eth_dev_info_get(ethdev->id, &info);

	if (ret != 0)
		return ethdev_error(err, port, ret, "asking the device for its limits");
	ethdev->device = info.device;
	ethdev->if_index = info.if_index;
	ethdev->traits = ethdev_kind_lookup(info.driver_name)->traits;
	if ((ethdev->traits & ETHDEV_NO_ETHERNET) != 0)
		return error_set(
			err, ENOTSUP, "%s has no Ethernet header: use net_tap", info.driver_name);
	if (info.max_rx_queues == 0 || info.max_tx_queues == 0)
		return error_set(err, ENOTSUP,
			"%s has %u rx and %u tx queues: one of each is needed",
			rte_dev_name(info.device), info.max_rx_queues, info.max_tx_queues);

	snprintf(port->device_name, sizeof(port->device_name), "%s", rte_dev_name(info.device));
	snprintf(port->driver_name, sizeof(port->driver_name), "%s", info.driver_name);
	port->rxq_max = queue_limit(info.max_rx_queues);
	port->txq_max = queue_limit(info.max_tx_queues);
	if ((ethdev->traits & ETHDEV_QUEUES_ALL) != 0)
		port->rxq_min = port->rxq_max;
	port->queues_paired = (ethdev->traits & ETHDEV_QUEUES_PAIRED) != 0;
	port->numa_node = rte_eth_dev_socket_id(ethdev->id);
	if (rte_eth_macaddr_get(ethdev->id, &mac) == 0)
		memcpy(port->mac.bytes, mac.addr_bytes, sizeof(port->mac.bytes));
	if (mac_addr_is_zero(&port->mac))
		mac_make(port->device_name, &port->mac);
	return 0;
}

/* Close the DPDK port, and detach its device if it has no other. */
static void
device_release(const struct ethdev *ethdev)
{
	uint16_t sibling;

	ethdev_take(ethdev->id, false);
	rte_eth_dev_close(ethdev->id);
	RTE_ETH_FOREACH_DEV_OF(sibling, ethdev->device)
	return;
	if (ethdev->device != NULL)
		rte_dev_remove(ethdev->device);
}

static int
ethdev_open(struct port *port, const char *args, struct error *err)
{
	struct ethdev_address address;
	struct ethdev *ethdev;
	int ret;

	ethdev = calloc(1, sizeof(*ethdev));
	if (ethdev == NULL)
		return error_set(err, ENOMEM, "no memory for port %s", port->name);
	ret = ethdev_probe(args, &address, &ethdev->id, err);
	if (ret != 0)
		goto free_ethdev;
	ethdev_take(ethdev->id, true);
	ret = device_describe(port, ethdev, err);
	if (ret != 0)
		goto release_device;
	port->args_pci = address.pci;
	port->driver = ethdev;
	return 0;

release_device:
	device_release(ethdev);
free_ethdev:
	free(ethdev);
	return ret;
}

static int
ethdev_start(struct port *port, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	int ret;

	if (!ethdev->configured)
		return error_set(err, EINVAL, "%s is not configured", port->name);
	ret = rte_eth_dev_start(ethdev->id);
	if (ret == -ENODEV && (ethdev->traits & ETHDEV_KERNEL_NAME) != 0)
		return error_set(err, ENODEV,
			"%s: its interface is not in spated's network namespace any more: move it "
			"back there, or remove the port and add it anew",
			port->name);
	if (ret != 0)
		return ethdev_error(err, port, ret, "starting the device");
	ethdev->started = true;
	return 0;
}

/* What others have put into the rings of net_ring is lost to their pools if we don't take it. */
static void
rings_drain(const struct port *port, uint16_t id)
{
	struct rte_mbuf *pkts[PKT_BURST];
	uint16_t count;

	for (uint16_t queue = 0; queue < port->config.rxq_count; queue++) {
		while ((count = rte_eth_rx_burst(id, queue, pkts, PKT_BURST)) > 0)
			rte_pktmbuf_free_bulk(pkts, count);
	}
}

static void
ethdev_stop(struct port *port)
{
	struct ethdev *ethdev = port->driver;
	int ret;

	if (!ethdev->started)
		return;
	if ((ethdev->traits & ETHDEV_FLAGS_STALE) != 0)
		rings_drain(port, ethdev->id);
	ethdev_flows_flush(ethdev);
	ret = rte_eth_dev_stop(ethdev->id);
	if (ret != 0)
		log(port, WARNING, "%s: stopping the device failed: %s", port->name,
			rte_strerror(-ret));
	ethdev->started = false;
}

static void
ethdev_close(struct port *port)
{
	struct ethdev *ethdev = port->driver;

	ethdev_stop(port);
	ethdev_filter_restore(port);
	device_release(ethdev);
	free(ethdev);
	port->driver = NULL;
}

static uint16_t
ethdev_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	return rte_eth_rx_burst(((const struct ethdev *)driver)->id, queue, pkts, count);
}

/* Of virtio the checksum of the pseudo header has a length, unlike that of all others. */
static __rte_noinline uint16_t
segments_prepare(
	const struct ethdev *ethdev, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	uint64_t flags = 0;

	for (uint16_t i = 0; i < count; i++)
		flags |= pkts[i]->ol_flags;
	return (flags & RTE_MBUF_F_TX_TCP_SEG) != 0
		? rte_eth_tx_prepare(ethdev->id, queue, pkts, count)
		: count;
}

static uint16_t
ethdev_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	const struct ethdev *ethdev = driver;

	if (ethdev->segments)
		count = segments_prepare(ethdev, queue, pkts, count);
	return rte_eth_tx_burst(ethdev->id, queue, pkts, count);
}

const struct port_ops ethdev_port_ops = {
	.name = "ethdev",
	.open = ethdev_open,
	.configure = ethdev_configure,
	.start = ethdev_start,
	.stop = ethdev_stop,
	.close = ethdev_close,
	.set_mtu = ethdev_set_mtu,
	.set_promiscuous = ethdev_set_promiscuous,
	.set_groups = ethdev_set_groups,
	.set_mac = ethdev_set_mac,
	.add_mac = ethdev_add_mac,
	.remove_mac = ethdev_remove_mac,
	.link = ethdev_link,
	.stats = ethdev_stats,
	.xstats = ethdev_xstats,
	.rss_get = ethdev_rss_get,
	.rss_set_hash = ethdev_rss_set_hash,
	.rss_set_reta = ethdev_rss_set_reta,
	.flow_create = ethdev_flow_create,
	.flow_destroy = ethdev_flow_destroy,
	.flow_hits = ethdev_flow_hits,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
};
