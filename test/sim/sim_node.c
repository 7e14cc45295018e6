/* SPDX-License-Identifier: BSD-3-Clause */
/* A whole stack among others: its worker loops and its control thread, one round after the other. */
#include "sim/sim_private.h"

#include <stdio.h>
#include <stdlib.h>

struct sim_node *
sim_node(struct sim *sim, const char *name)
{
	struct stack_config config = { .worker_count = sim->config.workers,
		.mbufs_per_worker = sim->mbufs_per_worker,
		.nexthops_max = 1024,
		.neigh = NEIGH_CONFIG_DEFAULT,
		.nd = STACK_ND_CONFIG_DEFAULT };
	struct sim_node *node = calloc(1, sizeof(*node));
	struct error err = { 0 };

	if (node == NULL)
		abort();
	sim_assert(sim->node_count < SIM_NODES_MAX, "no more than %u nodes", SIM_NODES_MAX);
	config.seed = random_draw(&sim->random) | 1;
	config.neigh.seed = (uint32_t)random_draw(&sim->random) | 1;
	config.neigh.entries_max = 256;
	config.neigh.incomplete_max = 64;
	config.neigh.held_max = 256;
	node->sim = sim;
	node->index = sim->node_count;
	snprintf(node->name, sizeof(node->name), "%s", name);
	node->dirty = true;
	node->wake_ns = node->links_look_ns = UINT64_MAX;
	if (stack_create(&config, &node->stack, &err) < 0)
		sim_fail("%s: %s", name, err.text);
	for (unsigned i = 0; i < SIM_RING_COUNT; i++)
		node->ring_limits[i] = SIM_RING_AS_MADE;
	sim->nodes[sim->node_count++] = node;
	sim_workers_create(node);
	return node;
}

void
sim_node_limit_txqs(struct sim_node *node, uint16_t count)
{
	node->txqs_max = count;
}

uint64_t
sim_node_now_ns(const struct sim_node *node)
{
	return node->sim->now_ns + node->clock_offset_ns;
}

static bool
is_stalled(const struct sim_node *node, unsigned worker)
{
	return (node->stalled & UINT64_C(1) << worker) != 0;
}

/* The control thread is about to do something: the workers are anywhere. */
static void
workers_scatter(struct sim_node *node)
{
	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		if (!is_stalled(node, i) && random_below(&node->sim->schedule, 2) == 0)
			sim_worker_run(node, i, sim_node_now_ns(node));
	}
}

void
sim_node_touch(struct sim_node *node)
{
	node->dirty = true;
	node->stack->now_ns = sim_node_now_ns(node);
}

struct stack *
sim_stack(struct sim_node *node)
{
	workers_scatter(node);
	sim_node_touch(node);
	return node->stack;
}

void
sim_node_link_changed(struct sim_node *node)
{
	node->links_look_ns = node->stack->link_polled_ns + STACK_LINK_POLL_NS;
	node->dirty = true;
}

/* Whether somebody fetches what comes by a port. */
static bool
is_polled(const struct sim_node *node, const struct port *port)
{
	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		const struct worker_queues *queues = node->stack->workers[i]->queues;

		for (unsigned j = 0; j < queues->rxq_count && !is_stalled(node, i); j++) {
			if (queues->rxqs[j].port == port)
				return true;
		}
	}
	return false;
}

static uint64_t
workers_next_ns(const struct sim_node *node)
{
	uint64_t next_ns = UINT64_MAX;

	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		if (!is_stalled(node, i))
			next_ns = RTE_MIN(next_ns, worker_next_event_ns(node->stack->workers[i]));
	}
	return next_ns;
}

static uint64_t
control_next_ns(const struct sim_node *node)
{
	uint64_t next_ns = RTE_MIN(stack_next_event_ns(node->stack), node->links_look_ns);

	return RTE_MAX(next_ns, node->control_next_ns);
}

uint64_t
sim_node_frame_ns(const struct sim_node *node)
{
	uint64_t next_ns = UINT64_MAX;

	for (unsigned i = 0; i < node->port_count; i++) {
		const struct port *port = node->links[i]->ends[node->ends[i]].port;

		if (port != NULL && is_polled(node, port))
			next_ns = RTE_MIN(next_ns, cable_next_event_ns(port));
	}
	return next_ns;
}

/* By the simulator's clock. */
static uint64_t
node_next_ns(const struct sim_node *node)
{
	uint64_t next_ns = RTE_MIN(workers_next_ns(node), control_next_ns(node));

	if (next_ns != UINT64_MAX)
		next_ns -= RTE_MIN(next_ns, node->clock_offset_ns);
	return RTE_MIN(next_ns, sim_node_frame_ns(node));
}

/* Those to whom it has sent something. */
static void
peers_wake(const struct sim_node *node)
{
	for (unsigned i = 0; i < node->port_count; i++) {
		const struct sim_link_end *end = &node->links[i]->ends[!node->ends[i]];

		if (end->port != NULL)
			end->node->wake_ns =
				RTE_MIN(end->node->wake_ns, sim_node_frame_ns(end->node));
	}
}

static bool
workers_poll(struct sim_node *node, uint64_t now_ns)
{
	unsigned count = node->stack->worker_count;
	/* In which order they find what others left for them is nobody's promise. */
	unsigned first = random_below(&node->sim->schedule, count);
	bool busy = false;

	for (unsigned i = 0; i < count; i++) {
		unsigned worker = (first + i) % count;

		if (!is_stalled(node, worker))
			busy |= sim_worker_run(node, worker, now_ns);
	}
	return busy;
}

static bool
control_poll(struct sim_node *node, uint64_t now_ns)
{
	bool busy;

	if (now_ns < node->control_next_ns)
		return false;
	node->control_next_ns = now_ns + node->control_interval_ns;
	busy = stack_poll(node->stack, now_ns);
	if (node->stack->link_polled_ns >= node->links_look_ns)
		node->links_look_ns = UINT64_MAX;
	return busy;
}

void
sim_node_run(struct sim_node *node)
{
	const uint64_t now_ns = sim_node_now_ns(node);
	bool busy = true;

	for (unsigned round = 0; busy; round++) {
		sim_assert(round < SIM_ROUNDS_MAX, "%s does not come to rest", node->name);
		node->dirty = false;
		sim_rings_limit(node);
		busy = workers_poll(node, now_ns);
		busy |= control_poll(node, now_ns);
		/* A worker may have fetched frames from a wire into the queue of one before it. */
		busy |= node->dirty || node_next_ns(node) <= node->sim->now_ns;
		sim_check_running(node);
	}
	if (node->stalled == 0)
		node->injected_seen = node->stack->counters.injected;
	node->wake_ns = node_next_ns(node);
	peers_wake(node);
}

struct ip_addr
sim_addr(const struct sim_node *node, uint8_t family)
{
	return node->links[0]->ends[node->ends[0]].addr[family == IP_FAMILY_6];
}

void
sim_node_destroy(struct sim_node *node)
{
	struct error err = { 0 };

	sim_node_touch(node);
	for (unsigned i = 0; i < node->port_count; i++) {
		if (stack_port_remove(node->stack, node->links[i]->name, &err) < 0)
			sim_fail("%s: %s", node->name, err.text);
		node->links[i]->ends[node->ends[i]].port = NULL;
	}
	sim_vrfs_remove(node);
	sim_node_run(node);
	sim_check_emptied(node);
	sim_workers_destroy(node);
	stack_destroy(node->stack);
	node->sim->nodes[node->index] = NULL;
	free(node);
}
