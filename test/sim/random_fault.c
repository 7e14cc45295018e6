/* SPDX-License-Identifier: BSD-3-Clause */
/* Anything that a node may lack. */
#include "sim/random.h"

static void
pools_fail(struct sim *sim, struct sim_node *node)
{
	struct sim_pool_faults faults = { 0 };

	switch (sim_random(sim, 3)) {
	case 0: faults.fail_ppm = sim_random(sim, 300000); break;
	case 1: faults.every_nth = 1 + sim_random(sim, 50); break;
	default: break;
	}
	sim_node_fail_pools(node, &faults);
}

static void
ring_fills(struct sim *sim, struct sim_node *node)
{
	enum sim_ring ring = (enum sim_ring)sim_random(sim, SIM_RING_COUNT);

	sim_node_limit_ring(node, ring, one_in(sim, 2) ? SIM_RING_AS_MADE : sim_random(sim, 8));
}

/* Its counters are cleared, or packets are traced, by workers that have no time for it. */
static void
mailboxes_fill(struct sim *sim, struct sim_node *node)
{
	const struct trace_filter any = { .iface = IFACE_NONE, .vrf = TRACE_VRF_ANY };
	struct stack *stack = sim_node_fill_mailboxes(node);
	struct error err = { 0 };

	if (one_in(sim, 2))
		sim_node_clear_stages(node);
	else if (stack_trace_add(stack, 1 + sim_random(sim, 100), &any, &err) < 0)
		sim_fail("%s", err.text);
	if (one_in(sim, 2))
		stack_trace_clear(stack);
}

void
random_node_fault(struct sim *sim, struct sim_node *node)
{
	switch (sim_random(sim, 7)) {
	case 0:
	case 1: pools_fail(sim, node); break;
	case 2: sim_node_slow_control(node, sim_random(sim, 300)); break;
	case 3: sim_node_stall(node, sim_random(sim, sim_workers(sim)), one_in(sim, 3)); break;
	case 4: ring_fills(sim, node); break;
	case 5: mailboxes_fill(sim, node); break;
	default: sim_node_clock_jump(node, sim_random(sim, 40000)); break;
	}
}
