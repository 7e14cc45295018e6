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

#include "base/counter.h"
#include "base/error.h"
#include "pkt/pkt.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"
#include "wire/toeplitz.h"

#define PORT_MAX       64
#define PORT_QUEUE_MAX 64
#define PORT_NAME_MAX  32
#define PORT_NONE      UINT16_MAX
/** MAC addresses beside a port's own. */
#define PORT_MAC_MAX 16
/** Groups of multicast that a port is told to let in. */
#define PORT_GROUP_MAX 256
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
	PORT_RX_RSS_HASH =
		1 << 2, /**< sets hash.rss; port_rss_trust() says if it is the flow hash */
	PORT_TX_IP4_CHECKSUM = 1 << 3,
	PORT_TX_L4_CHECKSUM = 1 << 4, /**< TCP, UDP */
	PORT_TX_MULTI_SEGS = 1 << 5,
	PORT_TX_TSO = 1 << 6, /**< RTE_MBUF_F_TX_TCP_SEG, of PORT_TSO_SEGMENT_MIN bytes or more */
	/** RTE_MBUF_F_RX_LRO. For hosts: a router cannot send on what is larger than the MTU. */
	PORT_RX_LRO = 1 << 7,
	PORT_RX_SCTP_CHECKSUM = 1 << 8, /**< sets RTE_MBUF_F_RX_L4_CKSUM_* of SCTP, too */
	PORT_TX_SCTP_CHECKSUM = 1 << 9,
};
#define PORT_OFFLOAD_COUNT 10
/** Segments that all ports with PORT_TX_TSO make; smaller ones are made here: i40e's least. */
#define PORT_TSO_SEGMENT_MIN 256
/** "rx-ipv4-checksum"; of the offload 1 << `bit`. */
const char *port_offload_name(unsigned bit);
/** The offload of that name; 0: there is none. */
uint32_t port_offload_parse(const char *name);

/** What the user asks for; 0: whatever suits. */
struct port_config {
	uint16_t rxq_count, txq_count; /**< in port->config, for port_configure(): not 0 */
	uint16_t rxd_count, txd_count; /**< descriptors a queue; 0: the driver chooses */
	uint16_t mtu; /**< bytes of L3; 0: PORT_MTU_DEFAULT, or less if the device can't */
};

struct port_stats {
	uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	uint64_t rx_missed, rx_errors, rx_nombuf, tx_errors;
	bool rx_missed_known; /**< else nobody counts what found no room in a queue */
};

/** What went through the queues of a port. */
struct port_totals {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
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

/** Longest RSS key and largest redirection table; DPDK's devices go to 52 and 512. */
#define PORT_RSS_KEY_MAX 64
#define PORT_RETA_MAX    512

/**
 * What a port hashes, as testpmd names it: addresses and ports of TCP, UDP and SCTP where these are
 * on; the addresses of everything else, and of fragments, where those are.
 */
enum port_rss_field {
	PORT_RSS_IP4 = 1 << 0,
	PORT_RSS_IP4_FRAG = 1 << 1,
	PORT_RSS_IP4_TCP = 1 << 2,
	PORT_RSS_IP4_UDP = 1 << 3,
	PORT_RSS_IP4_SCTP = 1 << 4,
	PORT_RSS_IP4_OTHER = 1 << 5,
	PORT_RSS_IP6 = 1 << 6,
	PORT_RSS_IP6_FRAG = 1 << 7,
	PORT_RSS_IP6_TCP = 1 << 8,
	PORT_RSS_IP6_UDP = 1 << 9,
	PORT_RSS_IP6_SCTP = 1 << 10,
	PORT_RSS_IP6_OTHER = 1 << 11,
};
#define PORT_RSS_FIELD_COUNT 12
/** The fields of pkt/flow_hash.h. Some NICs name the rest beside, or instead of, plain IP. */
#define PORT_RSS_FLOW_FIELDS                                                              \
	(PORT_RSS_IP4 | PORT_RSS_IP4_FRAG | PORT_RSS_IP4_TCP | PORT_RSS_IP4_UDP |         \
		PORT_RSS_IP4_SCTP | PORT_RSS_IP6 | PORT_RSS_IP6_FRAG | PORT_RSS_IP6_TCP | \
		PORT_RSS_IP6_UDP | PORT_RSS_IP6_SCTP)

/** Receive-side scaling: what is hashed, by which key, and to which queue a hash leads. */
struct port_rss {
	uint32_t fields; /**< enum port_rss_field; 0: the device does not hash */
	uint32_t fields_possible;
	uint16_t key_length; /**< bytes */
	uint16_t reta_size; /**< a power of 2; 0: no redirection table that could be seen */
	uint8_t key[PORT_RSS_KEY_MAX];
	uint16_t reta[PORT_RETA_MAX]; /**< the queue of each bucket; a hash's bucket: modulo size */
};

/** Software RSS: whose packets are whose, for ports that do not hash. Immutable once in use. */
#define PORT_SPREAD_BUCKETS 128
struct port_spread {
	struct toeplitz toeplitz;
	uint32_t fields; /**< enum port_rss_field */
	bool flow_hash; /**< the hash is the flow hash, and left in the packet */
	uint8_t workers[PORT_SPREAD_BUCKETS]; /**< of each bucket */
};

/** What packets of a steering rule are like; all that is said must be so. Unsaid fields are 0. */
enum port_flow_field {
	PORT_FLOW_VLAN = 1 << 0, /**< one tag; without it none, unless nothing at all is said */
	PORT_FLOW_ETH_TYPE = 1 << 1,
	PORT_FLOW_SRC = 1 << 2,
	PORT_FLOW_DST = 1 << 3,
	PORT_FLOW_PROTO = 1 << 4, /**< of either family, if nothing else says which */
	PORT_FLOW_SRC_PORT = 1 << 5, /**< not of fragments, so that a datagram stays together */
	PORT_FLOW_DST_PORT = 1 << 6,
};
struct port_flow_match {
	uint32_t fields; /**< enum port_flow_field */
	uint16_t vlan;
	uint16_t eth_type;
	struct ip_prefix src, dst; /**< networks */
	uint8_t proto; /**< IPv6: behind the extension headers */
	uint16_t src_port, dst_port;
};

/** A steering rule: it leads packets to a queue or a worker before RSS does. */
#define PORT_FLOW_RULES_MAX 64
#define PORT_FLOW_ID_MAX    65535
/** The next one that is free. */
#define PORT_FLOW_ID_ANY UINT32_MAX
struct port_flow_rule {
	struct port_flow_match match;
	uint16_t priority; /**< the lowest decides; of equal ones the lowest id */
	bool to_worker;
	uint16_t target; /**< queue or worker */
	uint32_t id;
	void *hardware; /**< the driver's; NULL: done in software */
	uint64_t hits; /**< counted by tables that are gone */
};

/** Who looks at the packets of a port: called by workers with what a queue received, or has sent. */
struct port_tap {
	/** NULL: not that direction */
	void (*rx)(void *arg, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);
	void (*tx)(void *arg, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);
	void *arg;
};

/** Of port->rss, what is not the default: it is written to the device at each start. */
enum port_rss_asked {
	PORT_RSS_ASKED_FIELDS = 1 << 0,
	PORT_RSS_ASKED_KEY = 1 << 1,
	PORT_RSS_ASKED_RETA = 1 << 2,
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
	 * (rxq_min, rxq_max...), queues_paired, device_name, driver_name and args_pci.
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

	/** The port is stopped. -ENOBUFS: its packets would need several buffers each, for which
	 * the queues have to be set up anew, by configure(). */
	int (*set_mtu)(struct port *port, uint16_t mtu, struct error *err);
	int (*set_promiscuous)(struct port *port, bool on, struct error *err);
	/** Receive these groups of multicast, or with NULL all. -ENOTSUP: it cannot tell them apart. */
	int (*set_groups)(struct port *port, const struct mac_addr *groups, unsigned count,
		struct error *err);
	/** Have another address; sets port->mac. */
	int (*set_mac)(struct port *port, const struct mac_addr *mac, struct error *err);
	/**
	 * Receive what is sent to one more address. A device that has no filter for it receives
	 * everything from then on: whoever takes the packets looks at their addresses anyway.
	 */
	int (*add_mac)(struct port *port, const struct mac_addr *mac, struct error *err);
	int (*remove_mac)(struct port *port, const struct mac_addr *mac, struct error *err);
	void (*link)(struct port *port, struct port_link *link);
	int (*stats)(struct port *port, struct port_stats *stats);
	/** @return how many there are; at most `max` of them were written */
	int (*xstats)(struct port *port, struct port_xstat *xstats, unsigned max);

	/** What the started device hashes and where to; all 0 if it does not. */
	int (*rss_get)(struct port *port, struct port_rss *rss);
	/** The fields and the key of `rss`, while packets come in. */
	int (*rss_set_hash)(struct port *port, const struct port_rss *rss, struct error *err);
	/** @param reta as many entries as port->rss.reta_size, while packets come in */
	int (*rss_set_reta)(struct port *port, const uint16_t *reta, struct error *err);

	/**
	 * Have the started device put the packets of a rule on its queue, until flow_destroy() or
	 * stop(). NULL: the driver never does. @return the driver's handle; NULL: not this rule
	 */
	void *(*flow_create)(struct port *port, const struct port_flow_rule *rule);
	int (*flow_destroy)(struct port *port, void *flow, struct error *err);
	/** Packets that the rule has led. @return 0; -errno: the device does not count them */
	int (*flow_hits)(struct port *port, void *flow, uint64_t *packets);

	/**
	 * Show a tap what its functions are for, from now on; NULL: nobody looks. Workers may be in
	 * the old one until a grace period has passed. NULL: lib/capture knows another way.
	 */
	void (*tap_set)(const struct port *port, const struct port_tap *tap);

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
	uint64_t polls_full; /**< rx: of bursts, those with as much as was asked for */
	uint64_t drops; /**< tx: packets that the queue had no room for */
} __attribute__((aligned(64)));

/** How fast a queue's counters grow; control's. */
struct port_queue_rate {
	uint64_t packets, bytes; /**< at the last look */
	uint64_t packets_per_s, bytes_per_s; /**< between the last two looks */
};

/** Packets by queue and bucket of a port whose hash is known, while somebody wants to see them. */
struct port_buckets {
	uint16_t size; /**< of the table */
	uint64_t packets[PORT_QUEUE_MAX][PORT_RETA_MAX]; /**< a row is its queue's poller's */
	/* control's */
	uint64_t seen[PORT_RETA_MAX]; /**< at the last look, over all queues */
	uint64_t packets_per_s[PORT_RETA_MAX]; /**< between the last two looks */
};

struct port {
	/* read by workers in each burst; written by control while no worker uses the port, but for
	 * what is atomic */
	const struct port_ops *ops;
	void *driver;
	/** Bits of ol_flags that the driver leaves in received packets and that say nothing here:
	 * a hash that is not the flow hash, the sender's flags. Atomic. 0: no pass over the packets. */
	uint64_t rx_flags_clear;
	uint32_t offloads; /**< enum port_offload: in use; set by configure */
	/** Buffers that a packet may have, one that the port segments, and any other; 0: as many as
	 * it likes. With PORT_TX_MULTI_SEGS; set by configure. */
	uint16_t tx_tso_segs_max, tx_segs_max;
	uint16_t index; /**< in the port table */
	bool up; /**< atomic: control says that packets may move */
	struct port_queue_counters *rxq_counters; /**< [config.rxq_count], each its worker's */
	struct port_queue_counters *txq_counters; /**< [config.txq_count] */
	struct port_buckets *buckets; /**< atomic; NULL: not counted */

	/* control thread only */
	char name[PORT_NAME_MAX];
	char device_name[64]; /**< the driver's name for it, "net_tap0" */
	char driver_name[32]; /**< "net_tap" */
	char args[256]; /**< as the user gave them */
	bool args_pci; /**< args is a PCI address */
	struct port_config asked; /**< as the user gave it, for `config show` */
	struct port_config config; /**< in force */
	struct mac_addr mac;
	bool mac_asked; /**< by the user */
	uint8_t mac_count;
	struct mac_addr macs[PORT_MAC_MAX]; /**< beside it, as the user asked */
	int numa_node; /**< -1: unknown */
	uint16_t rxq_min; /**< so many get packets, whether they are set up or not; 0: none does */
	uint16_t rxq_max, txq_max;
	bool queues_paired; /**< the device needs as many rx as tx queues */
	bool promiscuous; /**< as the user asked */
	bool groups_filtered; /**< as the user asked: not all multicast */
	bool link_up; /**< at the last look */
	uint16_t rxq_used; /**< of rxq_count, the first ones; the others are polled by nobody */
	uint64_t rxq_pinned; /**< a bit a queue: the user gave it a worker */
	uint8_t rxq_workers[PORT_QUEUE_MAX]; /**< that worker */
	uint8_t rss_asked; /**< enum port_rss_asked */
	struct port_rss rss; /**< in force */
	struct port_spread *spread; /**< software RSS: the table leads to workers; NULL: off */
	unsigned flow_count;
	struct port_flow_rule
		flow_rules[PORT_FLOW_RULES_MAX]; /**< in the order of their priority */
	struct port_flow_table *flows; /**< of software; NULL: there is no rule for it */
	uint16_t reta_targets; /**< with `spread`: how many workers there are */
	uint16_t rxq_counted, txq_counted; /**< queues that rxq_counters, txq_counters are of */
	struct port_totals before; /**< through queues that were set up anew since */
	struct port_queue_rate rxq_rates[PORT_QUEUE_MAX], txq_rates[PORT_QUEUE_MAX];
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

/** Start a configured port, and set up its RSS as the user asked for. Stopped if it fails. */
int port_start(struct port *port, struct error *err);

/** Of all queues, those included that the port had before it was configured anew. */
void port_totals(const struct port *port, struct port_totals *totals);

/** Look at the counters of all queues, `elapsed_ns` after the last time. */
void port_rates_update(struct port *port, uint64_t elapsed_ns);

/** Take a stopped port out of the table. Workers may still see it until a grace period ends. */
void port_unpublish(struct port_table *table, struct port *port);
/** Close the device and free the port. Not in the table any more, no worker uses it. */
void port_destroy(struct port *port);

/** @name Receive-side scaling
 * @{
 */
/** "ipv4-tcp"; of the field 1 << `bit`. */
const char *port_rss_field_name(unsigned bit);
/** Whether both directions of a flow hash alike: the key repeats every 16 bits. */
bool port_rss_is_symmetric(const struct port_rss *rss);
/** Whether the fields and the key make the flow hash that `key` (of 40 bytes) makes. */
bool port_rss_is_flow_hash(const struct port_rss *rss, const uint8_t *key);
/** What every device is given at first. */
void port_rss_default_key(uint8_t *key, unsigned length);
/** Something in port->rss was set: note if it is not the default now. */
void port_rss_asked_update(struct port *port, enum port_rss_asked what);
/** What the flow hashes to. @return false: none of the fields takes it, it goes to queue 0 */
bool port_rss_hash(const struct port_rss *rss, const struct ip_flow *flow, uint32_t *hash);

/** Of IPv4, the field that has the ports of a protocol; 0: it has none. */
uint32_t port_rss_ports_field(uint8_t proto);
/**
 * What a device with these fields and this key hashes of a frame, of which `length` bytes are there.
 * @return false: none of the fields takes it
 */
bool port_rss_frame_hash(const struct toeplitz *toeplitz, uint32_t fields, const uint8_t *bytes,
	uint32_t length, uint32_t *hash);
/**
 * Worker: what a frame hashes to in software; in the packet as well if it is the flow hash.
 * @return false: none of the fields takes it
 */
bool port_spread_hash(const struct port_spread *spread, struct rte_mbuf *pkt, uint32_t *hash);
/** What the table can lead to: queues in use, or workers. */
uint16_t port_reta_targets(const struct port *port);
/** What a port starts with: all of these in turn. */
void port_reta_default(const struct port *port, uint16_t *reta);
/** A table that lists the queues in turn until it is full. */
void port_reta_repeat(uint16_t *reta, uint16_t size, const unsigned *queues, unsigned queue_count);
/** A table in which each queue has so many parts; as `ethtool -X weight`, in contiguous runs. */
void port_reta_weigh(uint16_t *reta, uint16_t size, const unsigned *weights, unsigned count);
/** After how many entries the table repeats. */
uint16_t port_reta_period(const uint16_t *reta, uint16_t size);

/** Worker: count a packet's bucket. */
static inline void
port_bucket_count(struct port_buckets *buckets, uint16_t queue, uint32_t hash)
{
	counter_add(&buckets->packets[queue][hash % buckets->size], 1);
}

/** Whether workers may take the hash in the port's packets for the flow hash. Under traffic. */
void port_rss_trust(struct port *port, bool trust);
/** @} */

/** @name Steering rules
 * @{
 */
/** @return 0; -EINVAL: no packet can be like that */
int port_flow_check(const struct port_flow_match *match, struct error *err);
/** Whether they are for the same packets. */
bool port_flow_match_equal(const struct port_flow_match *a, const struct port_flow_match *b);
/** By id, NULL: none. */
struct port_flow_rule *port_flow_find(struct port *port, uint32_t id);
/** Put a rule where priority and id say; the id is not in use. There must be room. @return it */
struct port_flow_rule *port_flow_insert(struct port *port, const struct port_flow_rule *rule);
void port_flow_remove(struct port *port, uint32_t id);
/**
 * The rule that decides about a flow that comes in with a VLAN tag, or 0: none.
 * @param by_device of those that the device does
 * @return NULL: no rule does
 */
const struct port_flow_rule *port_flow_decide(
	const struct port *port, const struct ip_flow *flow, uint16_t vlan, bool by_device);
/** Offer a started device the rules that lead to queues: `hardware` says which it took. */
void port_flow_offload(struct port *port);

/** Whether a rule is for a frame: for drivers that do rules themselves. By workers. */
bool port_flow_takes(const struct port_flow_match *match, const uint8_t *frame, uint32_t length);

/** Rules for workers: immutable but for their counters. */
struct port_flow_table;
/** All rules of the port. @param rxq_workers of each queue. @return NULL: no memory */
struct port_flow_table *port_flow_table_create(
	const struct port *port, const unsigned *rxq_workers, unsigned worker_count);
/** Free a table that no worker uses any more, and keep what it counted in the port's rules. */
void port_flow_table_destroy(struct port *port, struct port_flow_table *table);
/** What a table counted. */
uint64_t port_flow_table_hits(const struct port_flow_table *table, uint32_t id);
/** Worker: whose a frame is by the rules. Counts. @return false: no rule takes it */
bool port_flow_lookup(struct port_flow_table *table, const struct rte_mbuf *pkt,
	unsigned this_worker, unsigned *worker);
/** @} */

/**
 * Worker: receive from a queue that it owns: at most PKT_BURST packets, into an empty vector.
 * Prefetches their headers and metadata, and counts. Does not look at port->up: the caller does.
 */
void port_rx(struct port *port, uint16_t queue, struct pkt_vec *vec);

/**
 * Worker: send the vector on a queue that it owns, and empty it. What the queue has no room for
 * after PORT_TX_TRIES calls that moved nothing is dropped with DROP_tx_queue_full.
 *
 * A packet asks for checksums with RTE_MBUF_F_TX_IP_CKSUM, _TCP_CKSUM, _UDP_CKSUM or _SCTP_CKSUM, and
 * l2_len and l3_len; what is in its checksum fields does not matter. They are filled in here where
 * the port does not do it. Where it cannot take as many segments they are joined; a packet for which
 * that fails is dropped with DROP_tx_unsupported.
 *
 * A packet of TCP asks to be segmented with RTE_MBUF_F_TX_TCP_SEG and RTE_MBUF_F_TX_IPV4 or _IPV6,
 * l4_len and tso_segsz, which is bytes of data; its IP lengths are its own, its checksums are filled
 * in in any case. Its buffers are of a pool with room for packets. Where the port does not segment
 * it is done here: each segment is a copy. It counts as one packet, as it came: sent, if all its
 * segments are; else dropped, though some may be on the wire.
 *
 * @param drops needs room for the whole vector
 * @return packets that the port took
 */
uint32_t port_tx(struct port *port, uint16_t queue, struct pkt_vec *vec, struct pkt_vec *drops);

#endif
