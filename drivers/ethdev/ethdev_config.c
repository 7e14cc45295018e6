/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets up the queues, offloads, RSS and MTU of a device. Called by control: port_configure(). */
#include "ethdev/ethdev_priv.h"

#include <string.h>

#include <rte_errno.h>

#include "base/log.h"
#include "wire/toeplitz.h"

/* Descriptors of a queue where neither the user nor the driver has a wish. */
#define DESCRIPTORS_DEFAULT 1024

/* The fields of pkt/flow_hash.h: ports of TCP, UDP and SCTP; of all else, the addresses. */
#define RSS_FIELDS                                                                                \
	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |                \
		RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV4_SCTP | RTE_ETH_RSS_IPV6 | \
		RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP |                            \
		RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_NONFRAG_IPV6_SCTP)
/* Some NICs name what is left over beside, or instead of, plain IP. */
#define RSS_FIELDS_OTHER (RTE_ETH_RSS_NONFRAG_IPV4_OTHER | RTE_ETH_RSS_NONFRAG_IPV6_OTHER)

#define RX_L4_CHECKSUM   (RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM)
#define TX_L4_CHECKSUM   (RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM)
/* What a device has to do beside segmentation for that to be of use. */
#define TX_TSO_NEEDS (RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS)

/* A configuration on its way to the device. */
struct plan {
	struct rte_eth_dev_info info;
	struct rte_eth_conf eth;
	struct port_config config;
	uint32_t offloads; /* enum port_offload */
	uint64_t rx_flags_clear;
	uint32_t frame_max; /* bytes */
};

static uint32_t
frame_overhead(const struct rte_eth_dev_info *info)
{
	/* As ethdev itself reckons. */
	if (info->max_mtu != UINT16_MAX && info->max_rx_pktlen > info->max_mtu)
		return info->max_rx_pktlen - info->max_mtu;
	return ETHDEV_OVERHEAD;
}

static uint16_t
mtu_limit(const struct rte_eth_dev_info *info)
{
	uint32_t limit = RTE_MIN((uint32_t)info->max_mtu, (uint32_t)PORT_MTU_MAX);

	return (uint16_t)RTE_MIN(limit, info->max_rx_pktlen - frame_overhead(info));
}

static int
mtu_check(const struct port *port, const struct rte_eth_dev_info *info, uint16_t mtu,
	struct error *err)
{
	uint16_t limit = mtu_limit(info);

	if (mtu >= PORT_MTU_MIN && mtu >= info->min_mtu && mtu <= limit)
		return 0;
	return error_set(err, EINVAL, "%s: MTU %u is not within %u and %u, the limits of %s",
		port->name, mtu, RTE_MAX((uint16_t)PORT_MTU_MIN, info->min_mtu), limit,
		port->device_name);
}

static void
plan_queues(const struct port *port, struct plan *plan)
{
	struct port_config *config = &plan->config;

	config->rxq_count = RTE_MIN(config->rxq_count, port->rxq_max);
	config->txq_count = RTE_MIN(config->txq_count, port->txq_max);
	if (port->queues_paired) {
		config->rxq_count = RTE_MIN(config->rxq_count, config->txq_count);
		config->txq_count = config->rxq_count;
	}
}

static int
room_error(const struct port *port, uint16_t mtu, uint32_t frame, uint32_t room, struct error *err)
{
	return error_set(err, EINVAL,
		"%s: MTU %u needs packet buffers of %u bytes, they have %u, and %s does not spread "
		"packets over several",
		port->name, mtu, frame, room, port->driver_name);
}

static int
plan_mtu(const struct port *port, struct plan *plan, struct rte_mempool *const *pools,
	struct error *err)
{
	uint32_t frame, room = UINT16_MAX;
	int ret;

	if (plan->config.mtu == 0)
		plan->config.mtu = RTE_MIN((uint16_t)PORT_MTU_DEFAULT, mtu_limit(&plan->info));
	ret = mtu_check(port, &plan->info, plan->config.mtu, err);
	if (ret != 0)
		return ret;
	plan->eth.rxmode.mtu = plan->config.mtu;

	for (uint16_t i = 0; i < plan->config.rxq_count; i++)
		room = RTE_MIN(room, (uint32_t)rte_pktmbuf_data_room_size(pools[i]));
	room = room > RTE_PKTMBUF_HEADROOM ? room - RTE_PKTMBUF_HEADROOM : 0;
	frame = plan->config.mtu + frame_overhead(&plan->info);
	plan->frame_max = room;
	if (frame <= room)
		return 0;
	if (!ethdev_scatters(port->driver, &plan->info))
		return room_error(port, plan->config.mtu, frame, room, err);
	plan->eth.rxmode.offloads |= plan->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	plan->frame_max = UINT32_MAX;
	return 0;
}

/* CRC32c, which many devices do not know that know the checksum of the others. */
static void
plan_sctp_offloads(struct plan *plan, uint64_t rx, uint64_t tx)
{
	if ((rx & RTE_ETH_RX_OFFLOAD_SCTP_CKSUM) != 0) {
		plan->eth.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCTP_CKSUM;
		plan->offloads |= PORT_RX_SCTP_CHECKSUM;
	}
	if ((tx & RTE_ETH_TX_OFFLOAD_SCTP_CKSUM) != 0) {
		plan->eth.txmode.offloads |= RTE_ETH_TX_OFFLOAD_SCTP_CKSUM;
		plan->offloads |= PORT_TX_SCTP_CHECKSUM;
	}
}

/* Use what the device can do, but where it costs more than it saves. */
static void
plan_offloads(struct plan *plan, uint32_t traits)
{
	uint64_t rx = plan->info.rx_offload_capa, tx = plan->info.tx_offload_capa;

	if ((traits & ETHDEV_CHECKSUM_SOFT) != 0) {
		rx &= ~(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RX_L4_CHECKSUM |
			RTE_ETH_RX_OFFLOAD_SCTP_CKSUM);
		tx &= ~(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | TX_L4_CHECKSUM |
			RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO);
	}
	if ((traits & ETHDEV_RX_L4_PARTIAL) != 0)
		rx &= ~(RX_L4_CHECKSUM | RTE_ETH_RX_OFFLOAD_SCTP_CKSUM);

	if ((rx & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0) {
		plan->eth.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
		plan->offloads |= PORT_RX_IP4_CHECKSUM;
	}
	if ((rx & RX_L4_CHECKSUM) == RX_L4_CHECKSUM) {
		plan->eth.rxmode.offloads |= RX_L4_CHECKSUM;
		plan->offloads |= PORT_RX_L4_CHECKSUM;
	}
	if ((tx & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0) {
		plan->eth.txmode.offloads |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
		plan->offloads |= PORT_TX_IP4_CHECKSUM;
	}
	if ((tx & TX_L4_CHECKSUM) == TX_L4_CHECKSUM) {
		plan->eth.txmode.offloads |= TX_L4_CHECKSUM;
		plan->offloads |= PORT_TX_L4_CHECKSUM;
	}
	plan_sctp_offloads(plan, rx, tx);
	/* Not MBUF_FAST_FREE: a queue sends packets of several pools. */
	if ((tx & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0) {
		plan->eth.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
		plan->offloads |= PORT_TX_MULTI_SEGS;
	}
	if ((tx & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0 && (tx & TX_TSO_NEEDS) == TX_TSO_NEEDS) {
		plan->eth.txmode.offloads |= RTE_ETH_TX_OFFLOAD_TCP_TSO;
		plan->offloads |= PORT_TX_TSO;
	}
	if ((traits & ETHDEV_SCATTERS) != 0)
		plan->offloads |= PORT_TX_MULTI_SEGS;
}

/* Whether hash.rss would be what flow_hash.h computes, whatever the packet. */
static bool
rss_hash_is_ours(const struct rte_eth_dev_info *info)
{
	return (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0 &&
		(info->flow_type_rss_offloads & RSS_FIELDS) == RSS_FIELDS &&
		info->hash_key_size == TOEPLITZ_KEY_LENGTH;
}

static void
plan_rss(struct plan *plan, struct ethdev *ethdev)
{
	uint64_t fields = plan->info.flow_type_rss_offloads & (RSS_FIELDS | RSS_FIELDS_OTHER);
	uint8_t key_length = plan->info.hash_key_size;
	struct rte_eth_rss_conf *rss = &plan->eth.rx_adv_conf.rss_conf;
	bool ours = rss_hash_is_ours(&plan->info);

	if (fields == 0 || (plan->config.rxq_count == 1 && !ours))
		return;
	plan->eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	rss->rss_hf = fields;
	if (key_length == 0)
		key_length = TOEPLITZ_KEY_LENGTH; /* what ethdev says that 0 means */
	if (key_length <= sizeof(ethdev->rss_key)) {
		port_rss_default_key(ethdev->rss_key, key_length);
		rss->rss_key = ethdev->rss_key;
		rss->rss_key_len = key_length;
	}
	if (ours) {
		plan->eth.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
		plan->offloads |= PORT_RX_RSS_HASH;
	} else if ((ethdev->traits & ETHDEV_VIRTUAL) == 0) {
		/* NICs tend to deliver the hash that they computed, asked for or not. */
		plan->rx_flags_clear |= RTE_MBUF_F_RX_RSS_HASH;
	}
}

static int
device_queues_setup(const struct port *port, const struct plan *plan,
	struct rte_mempool *const *pools, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_rxconf rxconf = plan->info.default_rxconf;
	struct rte_eth_txconf txconf = plan->info.default_txconf;
	unsigned node = (unsigned)port->numa_node; /* -1 is SOCKET_ID_ANY */
	int ret;

	rxconf.offloads = plan->eth.rxmode.offloads;
	txconf.offloads = plan->eth.txmode.offloads;
	for (uint16_t i = 0; i < plan->config.rxq_count; i++) {
		ret = rte_eth_rx_queue_setup(
			ethdev->id, i, plan->config.rxd_count, node, &rxconf, pools[i]);
		if (ret != 0)
			return ethdev_error(err, port, ret, "setting up an rx queue");
	}
	for (uint16_t i = 0; i < plan->config.txq_count; i++) {
		ret = rte_eth_tx_queue_setup(ethdev->id, i, plan->config.txd_count, node, &txconf);
		if (ret != 0)
			return ethdev_error(err, port, ret, "setting up a tx queue");
	}
	return 0;
}

static uint16_t
descriptors_choose(uint16_t asked, uint16_t device_default)
{
	if (asked != 0)
		return asked;
	return device_default != 0 ? device_default : DESCRIPTORS_DEFAULT;
}

/* Tell the device its MTU: configuring alone does not reach the kernel's end of a tap. */
static int
device_mtu_set(const struct port *port, uint16_t mtu, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	int ret = rte_eth_dev_set_mtu(ethdev->id, mtu);

	/* A driver without that function takes what fits its limits, which was checked. */
	if (ret == 0 || ret == -ENOTSUP)
		return 0;
	if (ret == -EBUSY)
		return error_set(err, EBUSY,
			"%s: %s changes its MTU only while the port is stopped", port->name,
			port->driver_name);
	return ethdev_error(err, port, ret, "setting the MTU");
}

static int
device_configure(const struct port *port, struct plan *plan, bool mtu_asked, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	struct port_config *config = &plan->config;
	uint16_t mtu_before = 0;
	int ret;

	rte_eth_dev_get_mtu(ethdev->id, &mtu_before);
	ret = rte_eth_dev_configure(ethdev->id, config->rxq_count, config->txq_count, &plan->eth);
	if (ret != 0)
		return ethdev_error(err, port, ret, "configuring the device");
	/* Else it may be the kernel's interface, and what the kernel's MTU is was not asked. */
	if (mtu_asked || mtu_before != config->mtu) {
		ret = device_mtu_set(port, config->mtu, err);
		if (ret != 0)
			return ret;
	}
	config->rxd_count =
		descriptors_choose(config->rxd_count, plan->info.default_rxportconf.ring_size);
	config->txd_count =
		descriptors_choose(config->txd_count, plan->info.default_txportconf.ring_size);
	ret = rte_eth_dev_adjust_nb_rx_tx_desc(ethdev->id, &config->rxd_count, &config->txd_count);
	return ret == 0 ? 0 : ethdev_error(err, port, ret, "choosing the number of descriptors");
}

int
ethdev_configure(struct port *port, struct rte_mempool *const *pools, struct error *err)
{
	struct ethdev *ethdev = port->driver;
	struct plan plan = { .config = port->config };
	/* Set once, it stays; and the kernel's end of a tap may be out of reach by now. */
	bool mtu_asked = port->config.mtu != 0 && !ethdev->configured;
	int ret;

	if (ethdev->configured && (ethdev->traits & ETHDEV_CONFIGURE_ONCE) != 0)
		return error_set(err, ENOTSUP,
			"%s: %s can be configured only once: remove the port and add it anew",
			port->name, port->driver_name);
	ethdev->configured = false;
	ret = rte_eth_dev_info_get(ethdev->id, &plan.info);
	if (ret != 0)
		return ethdev_error(err, port, ret, "asking the device for its limits");
	plan_queues(port, &plan);
	ret = plan_mtu(port, &plan, pools, err);
	if (ret != 0)
		return ret;
	plan_offloads(&plan, ethdev->traits);
	plan_rss(&plan, ethdev);
	/* All but what says how the buffer is held. */
	if ((ethdev->traits & ETHDEV_FLAGS_STALE) != 0)
		plan.rx_flags_clear = ~(RTE_MBUF_F_EXTERNAL | RTE_MBUF_F_INDIRECT);

	ret = device_configure(port, &plan, mtu_asked, err);
	if (ret == 0)
		ret = device_queues_setup(port, &plan, pools, err);
	if (ret != 0)
		return ret;
	/* IPv6 neighbour discovery arrives as multicast. What can't filter needs no order. */
	if (!port->groups_filtered && ethdev_set_groups(port, NULL, 0, NULL) != 0)
		log(port, WARNING, "%s: receiving all multicast failed", port->name);
	port->config = plan.config;
	port->offloads = plan.offloads;
	port->tx_tso_segs_max = plan.info.tx_desc_lim.nb_seg_max;
	port->tx_segs_max = plan.info.tx_desc_lim.nb_mtu_seg_max;
	ethdev->segments = (plan.offloads & PORT_TX_TSO) != 0;
	port->rx_flags_clear = plan.rx_flags_clear;
	ethdev->frame_max = plan.frame_max;
	ethdev->configured = true;
	return 0;
}

int
ethdev_set_mtu(struct port *port, uint16_t mtu, struct error *err)
{
	const struct ethdev *ethdev = port->driver;
	struct rte_eth_dev_info info;
	uint32_t frame;
	int ret = rte_eth_dev_info_get(ethdev->id, &info);

	if (ret != 0)
		return ethdev_error(err, port, ret, "asking the device for its limits");
	ret = mtu_check(port, &info, mtu, err);
	if (ret != 0)
		return ret;
	if (!ethdev->configured)
		return error_set(err, EINVAL, "%s is not configured", port->name);
	frame = mtu + frame_overhead(&info);
	if (frame > ethdev->frame_max && ethdev_scatters(ethdev, &info))
		return error_set(err, ENOBUFS, "%s: MTU %u needs several packet buffers a packet",
			port->name, mtu);
	if (frame > ethdev->frame_max)
		return room_error(port, mtu, frame, ethdev->frame_max, err);
	ret = device_mtu_set(port, mtu, err);
	if (ret == 0)
		port->config.mtu = mtu;
	return ret;
}
