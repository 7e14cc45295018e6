/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A port without a device: tests put packets into its rx queues and look at what was sent.
 *
 *     struct port_double *wire = port_double_create("wire0");
 *     struct port *port = port_double_start(wire, &table, "p0", 2, 2);
 *     port_double_inject(wire, 1, pkt);
 *     ...
 *     pkt = port_double_take(wire, 0);
 *     ...
 *     port_double_stop(&table, port);
 *     port_double_destroy(wire);
 *
 * The settings may be changed at any time between bursts. Functions fail the cmocka test that
 * calls them if what they are asked cannot be done.
 */
#ifndef SUPPORT_PORT_DOUBLE_H
#define SUPPORT_PORT_DOUBLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "port/port.h"
#include "wire/toeplitz.h"

#define PORT_DOUBLE_QUEUES 8
/** Packets that a queue of the double holds. */
#define PORT_DOUBLE_QUEUE_SIZE 1024
#define PORT_DOUBLE_NO_LIMIT   UINT32_MAX

/** Calls that a test can count. */
struct port_double_calls {
	unsigned open, configure, start, stop, close, set_mtu, set_promiscuous, rx, tx;
	unsigned rss_set_hash, rss_set_reta, flow_create;
	unsigned set_groups, set_mac, add_mac, remove_mac;
};

/** Errno with which a call is to fail; 0: it does not. */
struct port_double_failures {
	int open, configure, start, set_mtu, set_promiscuous, rss_set_hash, rss_set_reta;
	int set_groups, set_mac, add_mac, remove_mac;
	int flow_destroy;
};

/** A steering rule in the double; of those without a VLAN tag. */
#define PORT_DOUBLE_FLOWS 8
struct port_double_flow {
	bool used;
	struct port_flow_rule rule;
	uint64_t hits;
};

struct port_double_queue {
	uint32_t head, tail; /**< free-running */
	struct rte_mbuf *pkts[PORT_DOUBLE_QUEUE_SIZE];
};

struct port_double {
	/* settings, before port_create() */
	char name[PORT_NAME_MAX]; /**< devargs that lead here */
	struct mac_addr mac; /**< 02:00:00:00:00:NN */
	uint16_t rxq_max, txq_max; /**< PORT_DOUBLE_QUEUES */
	uint16_t mtu_max; /**< PORT_MTU_MAX */
	bool queues_paired; /**< false */
	uint32_t offloads; /**< enum port_offload; all. Taken over by configure */
	uint64_t rx_flags_clear; /**< 0. Taken over by configure */
	uint16_t reta_size; /**< 128; 0: a port without RSS */
	unsigned flows_max; /**< steering rules that it takes: 0 */

	/* settings, at any time */
	struct port_double_failures failures;
	struct port_link link; /**< up, 10 Gbit/s */
	uint32_t tx_room; /**< packets that will still be taken, over all queues; no limit */
	uint32_t tx_call_max; /**< packets taken in one call; no limit */
	/** If set, sees each packet as it is sent, in the order of all queues; on workers' threads. */
	void (*watch)(void *watch_arg, const struct rte_mbuf *pkt);
	void *watch_arg;

	/* what happened */
	struct port_double_calls calls;
	bool started;
	struct port_stats stats;
	bool groups_all; /**< of multicast; else: */
	unsigned group_count;
	struct mac_addr groups[PORT_GROUP_MAX];
	/** As in a NIC: set up anew by each start, changed at once while packets come in. */
	struct port_rss rss;
	struct toeplitz toeplitz;
	struct port_double_flow flows[PORT_DOUBLE_FLOWS];
	pthread_mutex_t rss_lock;
	struct port_double_queue rx[PORT_DOUBLE_QUEUES], tx[PORT_DOUBLE_QUEUES];
};

extern const struct port_ops port_double_ops;

/** A double with the defaults above, to be opened by its name. */
struct port_double *port_double_create(const char *name);
/** Frees it and all packets that are still in its queues. Its port must be gone. */
void port_double_destroy(struct port_double *port_double);

/** port_create(), configure, start and up, all in one. */
struct port *port_double_start(struct port_double *port_double, struct port_table *table,
	const char *name, uint16_t rxq_count, uint16_t txq_count);
/** Stop, unpublish and destroy the port; the double and what it holds stays. */
void port_double_stop(struct port_table *table, struct port *port);

/** Let a packet arrive on an rx queue. */
void port_double_inject(struct port_double *port_double, uint16_t queue, struct rte_mbuf *pkt);
/**
 * Let a packet arrive where a rule or RSS leads it, with its hash if PORT_RX_RSS_HASH is on. A thread of its
 * own may do so. @return false: the queue is full, the packet still the caller's
 */
bool port_double_arrive(struct port_double *port_double, struct rte_mbuf *pkt);
/** Packets that wait in an rx queue. */
unsigned port_double_pending(const struct port_double *port_double, uint16_t queue);
/** Packets sent on a tx queue that were not taken yet. */
unsigned port_double_sent(const struct port_double *port_double, uint16_t queue);
/** The oldest packet sent on a tx queue, now the caller's; NULL if there is none. */
struct rte_mbuf *port_double_take(struct port_double *port_double, uint16_t queue);
/** Free what was sent on any queue. @return how many that was */
unsigned port_double_flush(struct port_double *port_double);

#endif
