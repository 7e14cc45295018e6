/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Sums over the workers' counters, read without stopping them. Part of stack.h.
 */
#ifndef STACK_STACK_STATS_H
#define STACK_STACK_STATS_H

#include "stack/stack.h"

struct stage_stats {
	uint64_t packets, vectors, cycles;
};

/**
 * Packets in = packets out: rx + originated + injected + split = tx + delivered + punted + dropped +
 * merged + held, and
 * rx = forwarded + delivered + (punted - punted_own) + (dropped - dropped_own) + merged + held.
 */
struct flow_stats {
	uint64_t rx, originated, injected;
	uint64_t split; /**< fragments made, less the packets that they were */
	uint64_t tx, delivered, punted, dropped;
	uint64_t merged; /**< fragments, less the packets that they became */
	uint64_t held; /**< fragments that wait for others now */
	uint64_t forwarded; /**< sent, or handed off to be: packets that came from a port */
	uint64_t
		dropped_own; /**< of dropped: packets made here, or injected, and what was split off */
	uint64_t punted_own; /**< of punted: likewise */
	uint64_t in_transit; /**< on handoff rings */
	uint64_t in_handover; /**< on handover rings, to be delivered */
};

struct worker_stats {
	unsigned lcore;
	int numa_node;
	int cpu; /**< -1: not pinned to one */
	unsigned rxqs;
	uint64_t loops, loops_idle, sleeps;
	uint64_t cycles_busy, cycles_idle;
	struct flow_stats flow;
	struct ip_counters ip;
};
/** @param worker index, or worker_count for the sum of all */
void stack_worker_stats(const struct stack *stack, unsigned worker, struct worker_stats *stats);
void stack_stage_stats(
	const struct stack *stack, unsigned worker, struct stage_stats stats[STAGE_COUNT]);
void stack_stage_clear(struct stack *stack);
/** Workers' and control's drops since the last clear. */
void stack_drops(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT]);
void stack_drops_clear(struct stack *stack);

/** What an interface sent or received: packets = unicast + multicast + broadcast. */
struct stack_iface_way {
	uint64_t packets, bytes, unicast, multicast, broadcast;
};
/** The sum of the ports' interfaces is what `struct flow_stats` has as rx and tx. */
struct stack_iface_stats {
	struct stack_iface_way rx, tx; /**< those of the VLANs on it included */
	bool has_port; /**< `port` is what its device counts */
	struct port_stats port;
	/** By itself: of packets that came in by it, and of those that were to leave by it. */
	uint64_t drops[DROP_REASON_COUNT];
};
void stack_iface_stats(
	const struct stack *stack, const struct iface *iface, struct stack_iface_stats *stats);
/** Of packets made here, or of interfaces that are gone: with those of all interfaces, the sum of
 * all drops since the stack was made. */
void stack_drops_elsewhere(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT]);
/** What went to a nexthop since it exists or the last clear; to all paths of a group. */
void stack_nexthop_counters(const struct stack *stack, uint32_t id, struct nexthop_counters *sum);
void stack_nexthop_clear(struct stack *stack);

struct ring_stats {
	char name[16];
	unsigned worker;
	uint32_t size, depth, high; /**< high-water mark */
	uint64_t enqueued, drops;
};
#define STACK_RINGS_PER_WORKER 6
/** @param ring 0 .. STACK_RINGS_PER_WORKER - 1: mailbox, inject, punt, handoff, spread, handover */
void stack_ring_stats(
	const struct stack *stack, unsigned worker, unsigned ring, struct ring_stats *stats);

struct pool_stats {
	uint32_t size, available;
	int numa_node;
	uint64_t bytes;
};
void stack_pool_stats(const struct stack *stack, unsigned worker, struct pool_stats *stats);

#endif
