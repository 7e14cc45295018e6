/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of this driver share: a cable, its ends, and who may touch what.
 *
 * A frame's way: cable_tx.c takes it from the sender's packet, does what the sender's NIC is asked
 * for, and hands it on as plain bytes; cable_receive.c is the NIC at the other end, up to its
 * receive queues; cable_rx.c empties these, and cable_lro.c makes large packets of what was in them.
 *
 * The sender's worker reads the receiver's end. What control changes of that while packets come in
 * is in struct cable_setup, which is replaced whole. Queues and buffers it may change once `up` is
 * false and nobody is inside any more: cable_gate_wait().
 */
#ifndef CABLE_CABLE_PRIV_H
#define CABLE_CABLE_PRIV_H

#include <sys/queue.h>

#include <rte_cycles.h>
#include <rte_mempool.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "cable/cable.h"
#include "cable/cable_medium.h"
#include "wire/mac.h"
#include "wire/vlan.h"

#define CABLE_KEY_LENGTHS_TEXT "40 or 52"
#define CABLE_ARG_MAX          256

/* Rules beyond these are left to software, as those beyond a NIC's are. */
#define CABLE_FLOWS_MAX 32

/* Workers that can be inside: those of each end's tx and rx queues. */
#define CABLE_GATE_MAX (2 * 2 * CABLE_QUEUE_MAX)

/* What open() was told. */
struct cable_args {
	char end[PORT_NAME_MAX], peer[PORT_NAME_MAX];
	uint16_t key_length;
	uint32_t offloads;
	uint32_t flight;
};

struct cable_flow {
	struct port_flow_rule rule;
	uint64_t *hits; /* of its end's; the rule's handle */
};

/* What a NIC was told, and may be told anew while packets come in. */
struct cable_setup {
	bool promiscuous;
	bool groups_all; /* of multicast */
	uint16_t mac_count, group_count;
	struct mac_addr macs[1 + PORT_MAC_MAX]; /* the first is its own */
	struct mac_addr groups[PORT_GROUP_MAX];
	struct port_rss rss;
	struct toeplitz toeplitz; /* of rss.key */
	uint16_t flow_count;
	struct cable_flow flows[CABLE_FLOWS_MAX]; /* the one that decides first */
};

struct cable_rxq {
	struct rte_ring *ring; /* packets that arrived */
	struct rte_mempool *pool;
	uint64_t packets, bytes; /* taken by the queue's worker */
} __attribute__((aligned(64)));

/* All of it the queue's worker's. */
struct cable_txq {
	struct cable_counters counters;
	uint8_t frame[CABLE_FRAME_MAX]; /* the one that is being sent */
} __attribute__((aligned(64)));

struct cable_end {
	struct cable *cable;
	unsigned index; /* in the cable */
	char name[PORT_NAME_MAX];
	bool opened; /* a port has it */
	bool started, plugged;
	bool configured;
	uint16_t mtu;
	uint16_t rxq_count, txq_count, txd_count;
	uint32_t offloads_possible, offloads; /* enum port_offload */
	struct cable_setup *setup; /* atomic: in force */
	struct cable_setup *spare; /* control's */
	struct cable_rxq rxqs[CABLE_QUEUE_MAX];
	struct cable_txq *txqs; /* [CABLE_QUEUE_MAX] */
	uint64_t flow_hits[CABLE_FLOWS_MAX]; /* atomic */
	uint32_t flight; /* frames on their way at most */
	uint64_t flushed; /* control's: packets that waited when it was stopped */
	const struct cable_tap *tap; /* atomic: of what it sends */
	const struct port_tap *port_tap; /* atomic */
	struct cable_medium medium; /* through which it sends, if there are impairments */
};

struct cable {
	LIST_ENTRY(cable) entry;
	unsigned id; /* to name DPDK's objects */
	bool up; /* atomic: both ends are there, started and plugged in */
	struct rte_rcu_qsbr *gate;
	uint64_t (*now_ns)(void *arg);
	void *now_arg;
	uint64_t ns_per_tsc_32; /* nanoseconds a TSC cycle, times 2^32 */
	struct cable_end ends[2];
};

static inline struct cable_end *
cable_peer(const struct cable_end *end)
{
	return &end->cable->ends[!end->index];
}

static inline uint64_t
cable_now_ns(const struct cable *cable)
{
	if (cable->now_ns != NULL)
		return cable->now_ns(cable->now_arg);
	return (uint64_t)((unsigned __int128)rte_rdtsc() * cable->ns_per_tsc_32 >> 32);
}

/* The largest frame that an end with this MTU sends. */
static inline uint32_t
cable_frame_max(uint16_t mtu)
{
	return mtu + CABLE_FRAME_MAX - PORT_MTU_MAX;
}

/* A worker is inside between these; a tx and an rx queue have a place of their own. */
static inline unsigned
cable_gate_place(const struct cable_end *end, bool tx, uint16_t queue)
{
	return (end->index * 2 + tx) * CABLE_QUEUE_MAX + queue;
}

static inline void
cable_gate_enter(const struct cable_end *end, unsigned place)
{
	rte_rcu_qsbr_thread_online(end->cable->gate, place);
}

static inline void
cable_gate_leave(const struct cable_end *end, unsigned place)
{
	rte_rcu_qsbr_thread_offline(end->cable->gate, place);
}

/* Control: until those who are inside, and may see what was before, have left. */
void cable_gate_wait(struct cable *cable);

/* cable_args.c */
int cable_args_parse(
	const struct port *port, const char *text, struct cable_args *args, struct error *err);

/* cable.c */
/* Something changed that the link depends on. When it is down, nobody sends to either end. */
void cable_link_update(struct cable *cable);
/* Free the queues of an end that nobody uses. */
void cable_queues_free(struct cable_end *end);

/* cable_config.c */
int cable_configure(struct port *port, struct rte_mempool *const *pools, struct error *err);
int cable_set_mtu(struct port *port, uint16_t mtu, struct error *err);

/* cable_setup.c: change a copy, then have it in force */
struct cable_setup *cable_setup_begin(struct cable_end *end);
void cable_setup_commit(struct cable_end *end);

/* cable_filter.c */
int cable_set_promiscuous(struct port *port, bool on, struct error *err);
int cable_set_groups(
	struct port *port, const struct mac_addr *groups, unsigned count, struct error *err);
int cable_set_mac(struct port *port, const struct mac_addr *mac, struct error *err);
int cable_add_mac(struct port *port, const struct mac_addr *mac, struct error *err);
int cable_remove_mac(struct port *port, const struct mac_addr *mac, struct error *err);
/* Whether a frame to this address is let in. */
bool cable_filter_accepts(const struct cable_setup *setup, const struct mac_addr *dst);

/* cable_rss.c */
void cable_rss_init(struct port_rss *rss, uint16_t key_length);
void cable_rss_spread(struct cable_setup *setup, uint16_t rxq_count);
int cable_rss_get(struct port *port, struct port_rss *rss);
int cable_rss_set_hash(struct port *port, const struct port_rss *rss, struct error *err);
int cable_rss_set_reta(struct port *port, const uint16_t *reta, struct error *err);

/* cable_flow.c */
void *cable_flow_create(struct port *port, const struct port_flow_rule *rule);
int cable_flow_destroy(struct port *port, void *flow, struct error *err);
int cable_flow_hits(struct port *port, void *flow, uint64_t *packets);
void cable_flows_clear(struct cable_end *end);
/* Whether a rule leads a frame to a queue. */
bool cable_flow_lookup(
	const struct cable_setup *setup, const uint8_t *frame, uint32_t length, uint16_t *queue);

/* cable_receive.c: a frame comes to an end, a struct cable_end */
void cable_receive(
	void *end, const uint8_t *frame, uint32_t length, const struct cable_trail *trail);

/* cable_tx.c, cable_rx.c */
uint16_t cable_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);
uint16_t cable_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count);

/* cable_stats.c */
void cable_link(struct port *port, struct port_link *link);
int cable_stats(struct port *port, struct port_stats *stats);
int cable_xstats(struct port *port, struct port_xstat *xstats, unsigned max);

#endif
