/* SPDX-License-Identifier: BSD-3-Clause */
/* Faults of a node: what it lacks, and for how long. Of packet buffers: sim_pool.c. */
#include "sim/sim_private.h"

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
