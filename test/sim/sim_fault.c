/* SPDX-License-Identifier: BSD-3-Clause */
/* Faults of a node: what it lacks, and for how long. Of packet buffers: sim_pool.c. */
#include "sim/sim_private.h"

#include <string.h>

void
sim_node_fail_pools(struct sim_node *node, const struct sim_pool_faults *faults)
{
	for (unsigned i = 0; i < node->stack->worker_count; i++)
		sim_pool_faults_set(
			node->stack->workers[i]->pool, faults, random_draw(&node->sim->random) | 1);
}

void
sim_node_slow_control(struct sim_node *node, uint64_t interval_ms)
{
	/* Packets that were punted before a neighbour was known, but come to the control thread
	 * after that, leave behind later ones. */
	node->sim->unordered |= interval_ms != 0;
	node->control_interval_ns = interval_ms * SIM_MS_NS;
	node->control_next_ns = sim_node_now_ns(node) + node->control_interval_ns;
	node->dirty = true;
}

void
sim_node_stall(struct sim_node *node, unsigned worker, bool stalled)
{
	if (stalled)
		node->stalled |= UINT64_C(1) << worker;
	else
		node->stalled &= ~(UINT64_C(1) << worker);
	node->dirty = true;
}

void
sim_node_clock_jump(struct sim_node *node, uint64_t ms)
{
	node->clock_offset_ns += ms * SIM_MS_NS;
	node->dirty = true;
}

void
sim_node_set_iface(struct sim_node *node, const struct sim_link *link, bool up)
{
	struct error err = { 0 };

	/* Packets take other ways. */
	node->sim->unordered = true;
	if (stack_iface_set_admin(sim_stack(node), link->name, up, &err) < 0)
		sim_fail("%s: %s: %s", node->name, link->name, err.text);
}

/* ---- rings ---- */

static struct rte_ring *
ring_of(const struct worker *w, enum sim_ring ring)
{
	switch (ring) {
	case SIM_RING_INJECT: return w->inject;
	case SIM_RING_PUNT: return w->punt;
	case SIM_RING_HANDOFF: return w->handoff;
	case SIM_RING_SPREAD: return w->spread;
	case SIM_RING_COUNT: break;
	}
	return NULL;
}

/* What is on a ring already stays: it shrinks as that is taken off. */
void
sim_rings_limit(struct sim_node *node)
{
	for (unsigned i = 0; i < node->stack->worker_count; i++) {
		for (unsigned r = 0; r < SIM_RING_COUNT; r++) {
			struct rte_ring *ring = ring_of(node->stack->workers[i], (enum sim_ring)r);
			uint32_t limit = RTE_MIN(node->ring_limits[r], ring->mask);

			ring->capacity = RTE_MAX(limit, rte_ring_count(ring));
		}
	}
}

void
sim_node_limit_ring(struct sim_node *node, enum sim_ring ring, unsigned packets)
{
	node->ring_limits[ring] = packets;
	sim_rings_limit(node);
}

static void
nothing_run(struct worker *w, struct worker_msg *msg)
{
}

struct stack *
sim_node_fill_mailboxes(struct sim_node *node)
{
	static struct worker_msg nothing = { .run = nothing_run };
	/* First: who asks for the stack has its workers go on, and empty what was filled. */
	struct stack *stack = sim_stack(node);

	for (unsigned i = 0; i < stack->worker_count; i++) {
		while (rte_ring_enqueue(stack->workers[i]->mailbox, &nothing) == 0)
			;
	}
	node->dirty = true;
	return stack;
}

void
sim_node_clear_stages(struct sim_node *node)
{
	stack_stage_clear(node->stack);
	memset(node->stages, 0, sizeof(node->stages));
}
