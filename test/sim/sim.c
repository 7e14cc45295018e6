/* SPDX-License-Identifier: BSD-3-Clause */
/* The virtual clock, and the loop that drives it: see sim.h. */
#include "sim/sim_private.h"

#include <stdlib.h>

/* Stacks take 0 for "never" in places. */
#define START_NS   SIM_S_NS
#define NODE_MBUFS 1024

/* FNV-1a's start, Fowler, Noll and Vo. */
#define DIGEST_START 0xcbf29ce484222325

struct sim *
sim_create(const struct sim_config *config)
{
	struct sim *sim = calloc(1, sizeof(*sim));

	if (sim == NULL)
		abort();
	sim->config = *config;
	sim->now_ns = START_NS;
	sim->mbufs_per_worker = NODE_MBUFS;
	sim->digest = DIGEST_START;
	random_init(&sim->random, config->seed);
	/* How workers take turns does not change what the scenario draws. */
	random_init(&sim->schedule, ~config->seed);
	return sim;
}

static void
nodes_run(struct sim *sim)
{
	for (unsigned i = 0; i < sim->node_count; i++) {
		struct sim_node *node = sim->nodes[i];

		if (node->dirty || node->wake_ns <= sim->now_ns)
			sim_node_run(node);
	}
}

static uint64_t
next_ns(const struct sim *sim)
{
	uint64_t next = sim_event_next_ns(sim);

	for (unsigned i = 0; i < sim->node_count; i++)
		next = RTE_MIN(next, sim->nodes[i]->dirty ? sim->now_ns : sim->nodes[i]->wake_ns);
	return next;
}

void
sim_run_ms(struct sim *sim, uint64_t ms)
{
	const uint64_t end_ns = sim->now_ns + ms * SIM_MS_NS;

	for (uint64_t next; (next = next_ns(sim)) <= end_ns;) {
		sim->now_ns = RTE_MAX(next, sim->now_ns);
		while (sim_event_next_ns(sim) <= sim->now_ns)
			sim_event_run(sim);
		nodes_run(sim);
	}
	sim->now_ns = end_ns;
}

void
sim_after_ms(struct sim *sim, uint64_t ms, void (*run)(struct sim *sim, void *arg), void *arg)
{
	sim_after_us(sim, 1000 * ms, run, arg);
}

void
sim_after_us(struct sim *sim, uint64_t us, void (*run)(struct sim *sim, void *arg), void *arg)
{
	sim_event_add(sim,
		&(struct sim_event){ .time_ns = sim->now_ns + us * 1000, .run = run, .arg = arg });
}

bool
sim_at_frame(struct sim *sim, void (*run)(struct sim *sim, void *arg), void *arg)
{
	uint64_t time_ns = UINT64_MAX;

	for (unsigned i = 0; i < sim->node_count; i++)
		time_ns = RTE_MIN(time_ns, sim_node_frame_ns(sim->nodes[i]));
	if (time_ns == UINT64_MAX)
		return false;
	sim_event_add(sim,
		&(struct sim_event){
			.time_ns = RTE_MAX(time_ns, sim->now_ns), .run = run, .arg = arg });
	return true;
}

uint64_t
sim_destroy(struct sim *sim)
{
	uint64_t digest;

	sim->closing = true;
	/* No faults any more: what waits for neighbours, or for other fragments, has its time. */
	for (unsigned i = 0; i < sim->node_count; i++) {
		struct sim_node *node = sim->nodes[i];

		sim_node_fail_pools(node, &(struct sim_pool_faults){ 0 });
		sim_node_slow_control(node, 0);
		for (unsigned r = 0; r < SIM_RING_COUNT; r++)
			sim_node_limit_ring(node, (enum sim_ring)r, SIM_RING_AS_MADE);
		for (unsigned w = 0; w < sim->config.workers; w++)
			sim_node_stall(node, w, false);
	}
	sim_run_ms(sim, IP_REASSEMBLY_TIMEOUT_NS / SIM_MS_NS + 10000);
	digest = sim->digest;
	for (unsigned i = 0; i < sim->node_count; i++)
		sim_check_at_rest(sim->nodes[i]);
	for (unsigned i = 0; i < sim->link_count; i++)
		sim_check_link(sim->links[i]);
	sim_events_drop(sim);
	sim_traffic_destroy(sim);
	sim_routes_remove(sim);
	for (unsigned i = 0; i < sim->node_count; i++)
		sim_node_destroy(sim->nodes[i]);
	for (unsigned i = 0; i < sim->link_count; i++)
		sim_link_destroy(sim->links[i]);
	free(sim);
	return digest;
}

uint64_t
sim_now_ns(const struct sim *sim)
{
	return sim->now_ns;
}

uint32_t
sim_random(struct sim *sim, uint32_t below)
{
	return random_below(&sim->random, below);
}

const void *
sim_arg(const struct sim *sim)
{
	return sim->config.arg;
}

void
sim_mbufs_set(struct sim *sim, uint32_t mbufs_per_worker)
{
	sim->mbufs_per_worker = mbufs_per_worker;
}

unsigned
sim_workers(const struct sim *sim)
{
	return sim->config.workers;
}

struct sim_node *
sim_node_at(struct sim *sim, unsigned index)
{
	return sim->nodes[index];
}

unsigned
sim_node_count(const struct sim *sim)
{
	return sim->node_count;
}

struct sim_link *
sim_link_at(struct sim *sim, unsigned index)
{
	return sim->links[index];
}

unsigned
sim_link_count(const struct sim *sim)
{
	return sim->link_count;
}
