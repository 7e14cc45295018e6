/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this driver share: the device behind a port, and what is known of its kind. */
#ifndef ETHDEV_ETHDEV_PRIV_H
#define ETHDEV_ETHDEV_PRIV_H

#include <sys/queue.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "port/port.h"

/* Ethernet header and FCS: what ethdev adds to an MTU where a driver does not say. */
#define ETHDEV_OVERHEAD (RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN)
/* The longest RSS key that we can set; the longest of DPDK 22.11 has 52 bytes. */
#define ETHDEV_RSS_KEY_MAX 64

/* How a DPDK driver differs from what its dev_info promises. */
enum ethdev_trait {
	/* Software: it never sets a hash, and filters nothing in hardware. */
	ETHDEV_VIRTUAL = 1 << 0,
	/* As many rx as tx queues. */
	ETHDEV_QUEUES_PAIRED = 1 << 1,
	/* Its checksum offloads run on our CPU, for each packet, asked or not. */
	ETHDEV_CHECKSUM_SOFT = 1 << 2,
	/* With rx L4 checksums on, the peer may send packets whose checksum is unfinished, which
	 * must not be forwarded. */
	ETHDEV_RX_L4_PARTIAL = 1 << 3,
	/* Packets come from other ports of this process, with the flags that they had there. */
	ETHDEV_FLAGS_STALE = 1 << 4,
	/* No Ethernet header: of no use here. */
	ETHDEV_NO_ETHERNET = 1 << 5,
	/* Whatever its peer sends comes in, to whom it may be. */
	ETHDEV_NO_FILTER = 1 << 6,
	/* What comes in is spread over all queues that the device was made with. */
	ETHDEV_QUEUES_ALL = 1 << 7,
	/* Receives and sends packets that take several buffers, though it does not offer to. */
	ETHDEV_SCATTERS = 1 << 8,
	/* Knows what found no room in its queues, though it is virtual. */
	ETHDEV_COUNTS_MISSED = 1 << 9,
	/* To start it is to set up a kernel's interface, which is looked for in our namespace. */
	ETHDEV_KERNEL_NAME = 1 << 10,
	/* Its queues cannot be set up a second time without losing packet buffers. */
	ETHDEV_CONFIGURE_ONCE = 1 << 11,
	/* It says that its link is up, whatever that of the kernel's interface below it is. */
	ETHDEV_KERNEL_LINK = 1 << 12,
};

struct ethdev_kind {
	const char *driver; /* DPDK's name of it */
	const char *usage; /* its devargs, for error messages; NULL: the user need not know it */
	uint32_t traits; /* enum ethdev_trait */
};

/* What port->driver points to. The id comes first: it is what workers read. */
struct ethdev {
	uint16_t id;
	bool segments; /* TSO is on: who wants such packets in some way of his own is asked */
	bool configured;
	bool started;
	uint32_t traits;
	unsigned if_index; /* of the kernel's interface below it, if there is one */
	uint32_t frame_max; /* bytes that the packet buffers of the queues take */
	bool promiscuous; /* for the user, or for addresses that it has no filter for */
	bool mac_unfiltered; /* our own is such */
	uint8_t unfiltered_count;
	struct mac_addr unfiltered[PORT_MAC_MAX];
	struct mac_addr mac_before; /* what it had when it was taken; 0: it has that still */
	struct rte_device *device;
	uint8_t rss_key[ETHDEV_RSS_KEY_MAX]; /* DPDK keeps a pointer to it */
	LIST_HEAD(, ethdev_flow) flows; /* what rte_flow does for us */
};

/* What a device is called and where it is looked for. */
struct ethdev_address {
	char name[RTE_DEV_NAME_MAX_LEN]; /* canonical: "0000:03:00.0", "net_tap0" */
	bool pci;
	bool has_args; /* there is more than the name */
};

/* By DPDK's name of the driver; never NULL: what is not known has no traits. */
const struct ethdev_kind *ethdev_kind_lookup(const char *driver);
/* By a device's name, "net_tap0"; NULL if no driver that we know fits. */
const struct ethdev_kind *ethdev_kind_of_device(const char *name);
/* The drivers for virtual devices, as "net_tap, net_pcap". */
const char *ethdev_kind_list(void);

/* Find the device in DPDK, probing it if need be. It is nobody's yet. */
int ethdev_probe(const char *args, struct ethdev_address *address, uint16_t *id, struct error *err);
/* A device is a port's from now on, or is given back. */
void ethdev_take(uint16_t id, bool take);

/* Whether packets may take several buffers. */
static inline bool
ethdev_scatters(const struct ethdev *ethdev, const struct rte_eth_dev_info *info)
{
	return (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 ||
		(ethdev->traits & ETHDEV_SCATTERS) != 0;
}

/* Report what a function of DPDK returned. */
int ethdev_error(struct error *err, const struct port *port, int ret, const char *what);

int ethdev_configure(struct port *port, struct rte_mempool *const *pools, struct error *err);
int ethdev_set_mtu(struct port *port, uint16_t mtu, struct error *err);

int ethdev_set_promiscuous(struct port *port, bool on, struct error *err);
int ethdev_set_groups(
	struct port *port, const struct mac_addr *groups, unsigned count, struct error *err);
int ethdev_set_mac(struct port *port, const struct mac_addr *mac, struct error *err);
int ethdev_add_mac(struct port *port, const struct mac_addr *mac, struct error *err);
int ethdev_remove_mac(struct port *port, const struct mac_addr *mac, struct error *err);
/* Undo all of it: the kernel's interface under af_packet or pcap outlives us. */
void ethdev_filter_restore(struct port *port);

void ethdev_link(struct port *port, struct port_link *link);
/* Whether a kernel's interface is there, up, and has a carrier. */
bool ethdev_kernel_link_is_up(unsigned if_index);
int ethdev_stats(struct port *port, struct port_stats *stats);
int ethdev_xstats(struct port *port, struct port_xstat *xstats, unsigned max);

int ethdev_rss_get(struct port *port, struct port_rss *rss);
int ethdev_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err);
int ethdev_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err);

/* Some devices keep them over a stop, some do not. */
void ethdev_flows_flush(struct ethdev *ethdev);
void *ethdev_flow_create(struct port *port, const struct port_flow_rule *rule);
int ethdev_flow_destroy(struct port *port, void *flow, struct error *err);
int ethdev_flow_hits(struct port *port, void *flow, uint64_t *packets);

#endif
