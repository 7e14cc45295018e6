/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Ports: devices with rx and tx queues, and the contract that their drivers fulfil.
 *
 * The control thread adds, changes and removes ports; workers receive and send on the queues that
 * were given to them. A struct port stays in memory, and its queues usable, until the control
 * thread has unpublished it and a grace period has passed.
 */
#ifndef PORT_PORT_H
#define PORT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "pkt/pkt.h"
#include "wire/mac.h"

#define PORT_MAX       64
#define PORT_QUEUE_MAX 64
#define PORT_NAME_MAX  32
#define PORT_NONE      UINT16_MAX
/** Calls that may find no room in a tx queue before the rest of a vector is dropped. */
#define PORT_TX_TRIES 4

/** A range for PORT_MTU: RFC 791's least, and what a jumbo frame carries. */
#define PORT_MTU_MIN     68
#define PORT_MTU_MAX     9600
#define PORT_MTU_DEFAULT 1500

/** What a port does in hardware; what not, the port's edge or its reader does in software. */
enum port_offload {
	PORT_RX_IP4_CHECKSUM = 1 << 0, /**< sets RTE_MBUF_F_RX_IP_CKSUM_* */
	PORT_RX_L4_CHECKSUM = 1 << 1,
	PORT_RX_RSS_HASH = 1 << 2, /**< hash.rss is Toeplitz over the fields of pkt/flow_hash.h */
	PORT_TX_IP4_CHECKSUM = 1 << 3,
	PORT_TX_L4_CHECKSUM = 1 << 4, /**< TCP, UDP */
	PORT_TX_MULTI_SEGS = 1 << 5,
};

/** What the user asks for; 0: whatever suits. */
struct port_config {
	uint16_t rxq_count, txq_count; /**< in port->config, for port_configure(): not 0 */
	uint16_t rxd_count, txd_count; /**< descriptors a queue; 0: the driver chooses */
	uint16_t mtu; /**< bytes of L3; 0: PORT_MTU_DEFAULT, or less if the device can't */
};

struct port_stats {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t rx_missed, rx_errors, rx_nombuf, tx_errors;
};

struct port_xstat {
	char name[64];
	uint64_t value;
};

struct port_link {
	bool up;
	bool full_duplex;
	uint32_t speed_mbps; /**< 0: unknown */
};

struct port;

/**
 * What a driver does. All but rx and tx run on the control thread; those that can fail return 0 or
 * -errno with a sentence in `err`, and leave the port as it was.
 */
struct port_ops {
	const char *name; /**< "ethdev" */

	/**
	 * Find or make the device and take it: sets port->driver, mac, numa_node, limits
	 * (rxq_max...), queues_paired, device_name, driver_name and args_pci.
	 * @param args devargs ("net_tap0,iface=t0") or PCI address
	 */
	int (*open)(struct port *port, const char *args, struct error *err);
	/**
	 * Set up queues as port->config says, rounding what the device cannot do (queue counts
	 * only down), and write what was reached back to port->config; sets port->offloads and
	 * rx_flags_clear. The port is stopped.
	 * @param pools one mempool for each rx queue
	 */
	int (*configure)(struct port *port, struct rte_mempool *const *pools, struct error *err);
	int (*start)(struct port *port, struct error *err);
	void (*stop)(struct port *port);
	/** Give the device back. No worker uses the port any more. */
	void (*close)(struct port *port);

	int (*set_mtu)(struct port *port, uint16_t mtu, struct error *err);
	int (*set_promiscuous)(struct port *port, bool on, struct error *err);
	void (*link)(struct port *port, struct port_link *link);
	int (*stats)(struct port *port, struct port_stats *stats);
	/** @return how many there are; at most `max` of them were written */
	int (*xstats)(struct port *port, struct port_xstat *xstats, unsigned max);

	/** Worker: take up to `count` packets. Packets come without metadata, l2_len undefined. */
	uint16_t (*rx)(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);
	/** Worker: send; takes ownership of the first packets, as many as it returns. */
	uint16_t (*tx)(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);
};

/** Counters of one queue, written by the worker that owns it, read by the control thread. */
struct port_queue_counters {
	uint64_t packets, bytes;
	uint64_t bursts; /**< calls that moved at least one packet */
	uint64_t polls_empty; /**< rx: calls that found nothing */
	uint64_t drops; /**< tx: packets that the queue had no room for */
} __attribute__((aligned(64)));

struct port {
	/* read by workers in each burst; written by control while no worker uses the port, but for
	 * `up` */
	const struct port_ops *ops;
	void *driver;
	/** Bits of ol_flags that the driver leaves in received packets and that say nothing here:
	 * a hash that is not PORT_RX_RSS_HASH, the sender's flags. 0: no pass over the packets. */
	uint64_t rx_flags_clear;
	uint32_t offloads; /**< enum port_offload: in use; set by configure */
	uint16_t index; /**< in the port table */
	bool up; /**< atomic: control says that packets may move */
	struct port_queue_counters *rxq_counters; /**< [config.rxq_count], each its worker's */
	struct port_queue_counters *txq_counters; /**< [config.txq_count] */

	/* control thread only */
	char name[PORT_NAME_MAX];
	char device_name[64]; /**< the driver's name for it, "net_tap0" */
	char driver_name[32]; /**< "net_tap" */
	char args[256]; /**< as the user gave them */
	bool args_pci; /**< args is a PCI address */
	struct port_config asked; /**< as the user gave it, for `config show` */
	struct port_config config; /**< in force */
	struct mac_addr mac;
	int numa_node; /**< -1: unknown */
	uint16_t rxq_max, txq_max;
	bool queues_paired; /**< the device needs as many rx as tx queues */
	bool promiscuous;
	bool link_up; /**< at the last look */
} __attribute__((aligned(64)));

/** Ports by index. Entries are written by control, read by workers under RCU. */
struct port_table {
	struct port *ports[PORT_MAX];
};

/** @return the port, or NULL. Control thread. */
struct port *port_lookup(const struct port_table *table, const char *name);

/** First non-NULL port at index `from` or after; NULL at the end. For loops of shows. */
struct port *port_next(const struct port_table *table, unsigned from);

/**
 * Open a device with `ops` and put it, stopped and unconfigured, into a free slot of the table.
 * @return 0, -EEXIST for a name in use, -EINVAL for a bad name, -ENOSPC, or the driver's error
 */
int port_create(struct port_table *table, const struct port_ops *ops, const char *name,
	const char *args, struct port **port, struct error *err);

/**
 * Configure the queues as port->config says: driver's configure() and memory for the counters, on
 * the port's node. Counters start at 0. The port is stopped and no worker uses it. After a failure
 * it cannot be started before it was configured with success.
 * @param pools one mempool for each rx queue of port->config.rxq_count
 * @return 0, -EINVAL for queue counts or an MTU out of range, -ENOMEM, or the driver's error
 */
int port_configure(struct port *port, struct rte_mempool *const *pools, struct error *err);

/** Take a stopped port out of the table. Workers may still see it until a grace period ends. */
void port_unpublish(struct port_table *table, struct port *port);
/** Close the device and free the port. Not in the table any more, no worker uses it. */
void port_destroy(struct port *port);

/**
 * Worker: receive from a queue that it owns: at most PKT_BURST packets, into an empty vector.
 * Prefetches their headers and metadata, and counts. Does not look at port->up: the caller does.
 */
void port_rx(struct port *port, uint16_t queue, struct pkt_vec *vec);

/**
 * Worker: send the vector on a queue that it owns, and empty it. What the queue has no room for
 * after PORT_TX_TRIES calls that moved nothing is dropped with DROP_tx_queue_full.
 *
 * A packet asks for checksums with RTE_MBUF_F_TX_IP_CKSUM, _TCP_CKSUM or _UDP_CKSUM, and l2_len and
 * l3_len; what is in its checksum fields does not matter. They are filled in here where the port
 * does not do it. Where it cannot take several segments they are joined; a packet for which that
 * fails is dropped with DROP_tx_unsupported.
 *
 * @param drops needs room for the whole vector
 * @return packets that the port took
 */
uint32_t port_tx(struct port *port, uint16_t queue, struct pkt_vec *vec, struct pkt_vec *drops);

#endif
