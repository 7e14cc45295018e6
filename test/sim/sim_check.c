/* SPDX-License-Identifier: BSD-3-Clause */
/* What must hold in every scenario: checked after each run of a node, and when all is over. */
#include "sim/sim_private.h"

/* Calls of one stage in one round of a worker: its rx queues, rings and fragments, generously. */
#define STAGE_CALLS_MAX (64 * (SIM_PORTS_MAX + 4))

/* Packets in = packets out: doc/invariants.md. */
static void
flow_check(const struct sim_node *node)
{
	struct worker_stats stats;
	const struct flow_stats *flow = &stats.flow;
	uint64_t in, out;

	stack_worker_stats(node->stack, node->stack->worker_count, &stats);
	in = flow->rx + flow->originated + flow->injected + flow->split;
	out = flow->tx + flow->delivered + flow->punted + flow->dropped + flow->merged +
		flow->held + flow->in_transit + flow->in_handover;
	sim_assert(in == out, "%s: %llu packets came in, %llu went or stayed", node->name,
		(unsigned long long)in, (unsigned long long)out);
}

/* No stage is given more than a vector holds, nor called without end. */
static void
stages_check(struct sim_node *node, unsigned worker)
{
	struct stage_stats stats[STAGE_COUNT];

	stack_stage_stats(node->stack, worker, stats);
	for (unsigned i = 0; i < STAGE_COUNT; i++) {
		struct stage_stats *before = &node->stages[worker][i];
		uint64_t calls = stats[i].vectors - before->vectors;
		uint64_t packets = stats[i].packets - before->packets;

		sim_assert(packets <= calls * PKT_VEC_MAX && calls <= STAGE_CALLS_MAX,
			"%s: worker %u had stage %s work on %llu packets in %llu calls", node->name,
			worker, stage_name((enum stage)i), (unsigned long long)packets,
			(unsigned long long)calls);
		*before = stats[i];
	}
}

/* Of what a worker has in its vectors in the middle of its loop nobody knows. */
void
sim_check_running(struct sim_node *node)
{
	bool inside = false;

	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		inside |= sim_worker_is_inside(node, i);
		stages_check(node, i);
	}
	if (!inside)
		flow_check(node);
}

/* Each rx queue is polled by one worker, and each tx queue used by one. */
static void
owners_check(const struct sim_node *node, const struct port *port)
{
	unsigned pollers[PORT_QUEUE_MAX] = { 0 }, senders[PORT_QUEUE_MAX] = { 0 };

	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		const struct worker_queues *queues = node->stack->workers[i]->queues;
		const struct worker_txq *txq = &queues->txqs[port->index];

		for (unsigned j = 0; j < queues->rxq_count; j++)
			pollers[queues->rxqs[j].queue] += queues->rxqs[j].port == port;
		senders[txq->queue] += txq->port == port && txq->owner == i;
	}
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		sim_assert(pollers[q] == 1 && senders[q] <= 1,
			"%s: queue %u of %s is polled by %u workers and used by %u", node->name, q,
			port->name, pollers[q], senders[q]);
}

void
sim_check_at_rest(struct sim_node *node)
{
	struct stack *stack = node->stack;

	flow_check(node);
	for (struct port *port = port_next(&stack->ports, 0); port != NULL;
		port = port_next(&stack->ports, port->index + 1U))
		owners_check(node, port);
	for (unsigned i = 0; i < stack->worker_count; i++)
		sim_assert(worker_next_event_ns(stack->workers[i]) == UINT64_MAX,
			"%s: worker %u still has something to do", node->name, i);
}

/* Its ports, routes and neighbours were taken away: nothing is left of them. */
void
sim_check_emptied(struct sim_node *node)
{
	struct stack *stack = node->stack;
	struct route_table_stats routes;
	struct neigh_counters neighs;

	for (unsigned i = 0; i < stack->worker_count; i++) {
		unsigned lost = rte_mempool_in_use_count(stack->workers[i]->pool);

		sim_assert(lost == 0, "%s: %u packets of worker %u were not freed", node->name,
			lost, i);
	}
	route_table_stats(stack_routes(stack, IP_VRF_DEFAULT), &routes);
	neigh_counters(stack->neighs, &neighs);
	sim_assert(routes.routes4 + routes.routes6 == 0, "%s: %u routes are left", node->name,
		routes.routes4 + routes.routes6);
	sim_assert(neighs.entries + neighs.incomplete + neighs.held == 0,
		"%s: %u neighbours are left", node->name, neighs.entries + neighs.incomplete);
	sim_assert(nexthop_next(stack->nexthops, NEXTHOP_ID_FIRST_FREE) == UINT32_MAX,
		"%s: nexthop %u is left", node->name,
		nexthop_next(stack->nexthops, NEXTHOP_ID_FIRST_FREE));
	sim_assert(TAILQ_EMPTY(&stack->dads) && TAILQ_EMPTY(&stack->mlds) &&
			TAILQ_EMPTY(&stack->announces) && TAILQ_EMPTY(&stack->pings) &&
			TAILQ_EMPTY(&stack->autoconfs) && TAILQ_EMPTY(&stack->anycasts),
		"%s: something of its interfaces is left", node->name);
	sim_assert(stack_next_event_ns(stack) == UINT64_MAX || stack->pmtu.count > 0,
		"%s: a timer is left", node->name);
}

/* Frames in = frames out: as the cable counts them, as its tap saw them, as the NICs count them. */
void
sim_check_link(const struct sim_link *link)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct sim_link_end *end = &link->ends[i];
		struct port *peer = link->ends[!i].port;
		struct cable_counters c;
		struct port_stats stats;
		uint64_t lost = 0;

		sim_link_counters(link, i, &c);
		peer->ops->stats(peer, &stats);
		for (unsigned j = 0; j < CABLE_LOST_COUNT; j++)
			lost += c.lost[j];
		sim_assert(c.sent == end->events[CABLE_EVENT_SENT] &&
				c.duplicated == end->events[CABLE_EVENT_DUPLICATED] &&
				c.delivered == end->events[CABLE_EVENT_DELIVERED] &&
				lost == end->events[CABLE_EVENT_LOST] &&
				c.sent + c.duplicated == c.delivered + lost + c.in_flight &&
				c.delivered == stats.rx_packets,
			"%s: of %llu frames of %s %llu arrived, %llu were lost, %llu received",
			link->name, (unsigned long long)c.sent, end->node->name,
			(unsigned long long)c.delivered, (unsigned long long)lost,
			(unsigned long long)stats.rx_packets);
		sim_assert(c.refused == 0, "%s: %s had its NIC send %llu frames that it cannot",
			link->name, end->node->name, (unsigned long long)c.refused);
	}
}
