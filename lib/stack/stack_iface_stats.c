/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What interfaces sent, received and lost. Of a port's interface, the VLANs on it included, packets
 * and bytes are those of the port's queues; the rest, and all of VLANs, is in counters of each
 * worker by interface (struct iface_counters in ether/ether.h).
 */
#include "stack/worker.h"

#include <stdlib.h>

#include <rte_malloc.h>

#include "base/counter.h"

/* What the control thread knows of an index. */
struct stack_iface_record {
	struct iface_counters own; /* drops of the control thread */
	struct iface_counters base; /* of interfaces that had the index before */
	struct iface_counters gone; /* of VLANs that were on this one */
};

/* @param times 1, or -1 to take away */
static void
counters_apply(struct iface_counters *sum, const struct iface_counters *c, uint64_t times)
{
	/* Groups first: a worker may count meanwhile, and they are part of the packets. */
	sum->rx_multicast += times * counter_read(&c->rx_multicast);
	sum->rx_broadcast += times * counter_read(&c->rx_broadcast);
	sum->tx_multicast += times * counter_read(&c->tx_multicast);
	sum->tx_broadcast += times * counter_read(&c->tx_broadcast);
	sum->rx_packets += times * counter_read(&c->rx_packets);
	sum->rx_bytes += times * counter_read(&c->rx_bytes);
	sum->tx_packets += times * counter_read(&c->tx_packets);
	sum->tx_bytes += times * counter_read(&c->tx_bytes);
	for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
		sum->drops[r] += times * counter_read(&c->drops[r]);
}

static int
worker_reserve(struct worker *w, uint16_t index)
{
	struct iface_counters *counters;

	if (w->iface_counters[index] != NULL)
		return 0;
	counters = rte_zmalloc_socket(
		"iface counters", sizeof(*counters), RTE_CACHE_LINE_SIZE, w->numa_node);
	/* DPDK may have no memory on the worker's node: far memory is better than none. */
	if (counters == NULL)
		counters = rte_zmalloc("iface counters", sizeof(*counters), RTE_CACHE_LINE_SIZE);
	if (counters == NULL)
		return -ENOMEM;
	__atomic_store_n(&w->iface_counters[index], counters, __ATOMIC_RELEASE);
	return 0;
}

int
stack_iface_counters_reserve(struct stack *stack, uint16_t index, struct error *err)
{
	int rc = 0;

	if (index >= IFACE_MAX)
		return 0; /* iface_insert() says why not */
	if (stack->iface_records[index] == NULL)
		stack->iface_records[index] = aligned_alloc(
			_Alignof(struct stack_iface_record), sizeof(*stack->iface_records[index]));
	if (stack->iface_records[index] == NULL)
		rc = -ENOMEM;
	else
		memset(stack->iface_records[index], 0, sizeof(*stack->iface_records[index]));
	for (unsigned i = 0; rc == 0 && i < stack->worker_count; i++)
		rc = worker_reserve(stack->workers[i], index);
	if (rc < 0)
		return error_set(err, ENOMEM, "no memory for the counters of one more interface");
	for (unsigned i = 0; i < stack->worker_count; i++)
		counters_apply(&stack->iface_records[index]->base,
			stack->workers[i]->iface_counters[index], 1);
	return 0;
}

void
stack_iface_counters_destroy(struct stack *stack)
{
	for (unsigned i = 0; i < IFACE_MAX; i++)
		free(stack->iface_records[i]);
}

void
stack_iface_drop_count(struct stack *stack, uint16_t iface, enum drop_reason reason)
{
	if (iface < IFACE_MAX && stack->iface_records[iface] != NULL)
		stack->iface_records[iface]->own.drops[reason]++;
}

/* By itself: packets and bytes of a port's interface are 0. */
static void
iface_own(const struct stack *stack, uint16_t index, struct iface_counters *sum)
{
	const struct stack_iface_record *record = stack->iface_records[index];

	*sum = (struct iface_counters){ 0 };
	if (record == NULL)
		return;
	for (unsigned i = 0; i < stack->worker_count; i++)
		counters_apply(sum, stack->workers[i]->iface_counters[index], 1);
	counters_apply(sum, &record->own, 1);
	counters_apply(sum, &record->base, UINT64_MAX);
}

/* With the VLANs on it, those that are gone included; but drops are its own. */
static void
iface_whole(const struct stack *stack, const struct iface *iface, struct iface_counters *sum)
{
	uint64_t drops[DROP_REASON_COUNT];

	iface_own(stack, iface->index, sum);
	memcpy(drops, sum->drops, sizeof(drops));
	if (stack->iface_records[iface->index] != NULL)
		counters_apply(sum, &stack->iface_records[iface->index]->gone, 1);
	for (const struct iface *vlan = iface_next(stack->ifaces, 0); vlan != NULL;
		vlan = iface_next(stack->ifaces, vlan->index + 1U)) {
		struct iface_counters part;

		if (vlan->type != IFACE_VLAN || vlan->parent != iface->index)
			continue;
		iface_whole(stack, vlan, &part);
		counters_apply(sum, &part, 1);
	}
	memcpy(sum->drops, drops, sizeof(drops));
}

void
stack_iface_counters_fold(struct stack *stack, const struct iface *iface)
{
	struct stack_iface_record *parent =
		iface->type == IFACE_VLAN ? stack->iface_records[iface->parent] : NULL;
	struct iface_counters whole;

	if (parent == NULL)
		return;
	iface_whole(stack, iface, &whole);
	counters_apply(&parent->gone, &whole, 1);
}

/* A worker may have counted some of the groups, and not the packets yet. */
static uint64_t
unicast(const struct stack_iface_way *way)
{
	uint64_t groups = way->multicast + way->broadcast;

	return way->packets > groups ? way->packets - groups : 0;
}

static void
port_apply(struct port *port, struct stack_iface_stats *stats)
{
	struct port_totals totals;

	port_totals(port, &totals);
	stats->rx.packets = totals.rx_packets;
	stats->rx.bytes = totals.rx_bytes;
	stats->tx.packets = totals.tx_packets;
	stats->tx.bytes = totals.tx_bytes;
	stats->has_port = port->ops->stats(port, &stats->port) == 0;
}

void
stack_iface_stats(
	const struct stack *stack, const struct iface *iface, struct stack_iface_stats *stats)
{
	struct iface_counters sum;

	iface_whole(stack, iface, &sum);
	*stats = (struct stack_iface_stats){
		.rx = { .packets = sum.rx_packets,
			.bytes = sum.rx_bytes,
			.multicast = sum.rx_multicast,
			.broadcast = sum.rx_broadcast },
		.tx = { .packets = sum.tx_packets,
			.bytes = sum.tx_bytes,
			.multicast = sum.tx_multicast,
			.broadcast = sum.tx_broadcast },
	};
	memcpy(stats->drops, sum.drops, sizeof(stats->drops));
	if (iface->type == IFACE_PORT)
		port_apply(stack->ports.ports[iface->port], stats);
	stats->rx.unicast = unicast(&stats->rx);
	stats->tx.unicast = unicast(&stats->tx);
}

void
stack_drops_elsewhere(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT])
{
	struct iface_counters known = { 0 };

	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		struct iface_counters own;

		iface_own(stack, iface->index, &own);
		counters_apply(&known, &own, 1);
	}
	/* After the parts: the whole may only have grown meanwhile. */
	stack_drops_total(stack, drops);
	for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
		drops[r] -= known.drops[r];
}
