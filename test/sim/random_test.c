/* SPDX-License-Identifier: BSD-3-Clause */
/* Anything: networks, traffic, bad links and faults as the seed has them. What must always hold does. */
#include "sim/sim.h"

#include <stdio.h>

#define ROUTERS_MAX 5
#define HOSTS_MAX   4
#define SPAN_MS     20000

static bool
one_in(struct sim *sim, uint32_t n)
{
	return sim_random(sim, n) == 0;
}

static struct sim_node *
any_node(struct sim *sim)
{
	return sim_node_at(sim, sim_random(sim, sim_node_count(sim)));
}

static uint8_t
any_family(struct sim *sim)
{
	return one_in(sim, 2) ? IP_FAMILY_4 : IP_FAMILY_6;
}

/* A tree of routers with some more links, and hosts at the leaves. */
static void
network_create(struct sim *sim)
{
	unsigned routers = 1 + sim_random(sim, ROUTERS_MAX);
	unsigned hosts = 2 + sim_random(sim, HOSTS_MAX - 1);
	char name[16];

	for (unsigned i = 0; i < routers; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		sim_node(sim, name);
		if (i > 0)
			sim_link(sim_node_at(sim, sim_random(sim, i)), sim_node_at(sim, i));
	}
	for (unsigned i = sim_random(sim, routers); i > 0 && routers > 2; i--) {
		unsigned a = sim_random(sim, routers), b = sim_random(sim, routers - 1);

		sim_link(sim_node_at(sim, a), sim_node_at(sim, b + (b >= a)));
	}
	for (unsigned i = 0; i < hosts; i++) {
		snprintf(name, sizeof(name), "h%u", i);
		sim_link(sim_node(sim, name), sim_node_at(sim, sim_random(sim, routers)));
	}
	sim_routes(sim);
}

/* Up to a tenth. */
static uint32_t
any_chance(struct sim *sim)
{
	return sim_random(sim, RANDOM_PPB / 10);
}

/* Frames are late, out of order, lost: one by one, or in bursts. */
static void
impair_way(struct sim *sim, struct cable_impair *impair)
{
	impair->delay_ns = sim_random(sim, 20 * SIM_MS_NS);
	if (one_in(sim, 2))
		impair->jitter_ns = sim_random(sim, 20 * SIM_MS_NS);
	if (one_in(sim, 2))
		impair->loss.p = any_chance(sim);
	if (one_in(sim, 4))
		impair->loss = (struct cable_loss){ .model = CABLE_LOSS_GEMODEL,
			.p = any_chance(sim),
			.r = any_chance(sim) + 1,
			.bad = RANDOM_PPB,
			.good = any_chance(sim) };
	if (one_in(sim, 4)) {
		impair->reorder = any_chance(sim);
		impair->reorder_ns = sim_random(sim, 20 * SIM_MS_NS);
	}
}

static void
impair_frames(struct sim *sim, struct cable_impair *impair)
{
	if (one_in(sim, 4))
		impair->duplicate = any_chance(sim);
	if (one_in(sim, 4))
		impair->corrupt_before = any_chance(sim);
	if (one_in(sim, 4))
		impair->corrupt_after = any_chance(sim);
	if (one_in(sim, 4))
		impair->truncate = any_chance(sim);
}

/* From 0.1 to 100 Mbit/s. */
static void
impair_rate(struct sim *sim, struct cable_impair *impair)
{
	impair->rate_bps = 100000;
	for (unsigned i = sim_random(sim, 4); i > 0; i--)
		impair->rate_bps *= 10;
	impair->limit_packets = 1 + sim_random(sim, 100);
	impair->burst_bytes = one_in(sim, 2) ? sim_random(sim, 10000) : 0;
	impair->codel = one_in(sim, 2);
	impair->ecn = one_in(sim, 2);
}

static void
link_impair(struct sim *sim)
{
	struct sim_link *link = sim_link_at(sim, sim_random(sim, sim_link_count(sim)));
	struct cable_impair impair = { 0 };

	impair_way(sim, &impair);
	impair_frames(sim, &impair);
	if (one_in(sim, 3))
		impair_rate(sim, &impair);
	sim_link_impair(link, &impair);
}

static void
links_change(struct sim *sim)
{
	struct sim_link *link = sim_link_at(sim, sim_random(sim, sim_link_count(sim)));

	if (one_in(sim, 2))
		link_impair(sim);
	else
		sim_link_set(link, !sim_link_is_up(link));
}

static void
node_fault(struct sim *sim)
{
	struct sim_node *node = any_node(sim);

	switch (sim_random(sim, 5)) {
	case 0:
		sim_node_fail_pools(
			node, &(struct sim_pool_faults){ .fail_ppm = sim_random(sim, 300000) });
		break;
	case 1: sim_node_fail_pools(node, &(struct sim_pool_faults){ 0 }); break;
	case 2: sim_node_slow_control(node, sim_random(sim, 300)); break;
	case 3: sim_node_stall(node, sim_random(sim, sim_workers(sim)), one_in(sim, 3)); break;
	default: sim_node_clock_jump(node, sim_random(sim, 40000)); break;
	}
}

static bool
has_route(struct sim_node *from, const struct sim_node *to, uint8_t family)
{
	const struct ip_addr dst = sim_addr(to, family);
	struct stack_way way;

	stack_route_get(sim_stack(from), IP_VRF_DEFAULT, &dst, NULL, &way);
	return way.found;
}

static void
traffic_add(struct sim *sim)
{
	struct sim_node *from = any_node(sim), *to = any_node(sim);
	uint8_t family = any_family(sim);

	if (from == to || !has_route(from, to, family))
		return;
	if (one_in(sim, 2))
		sim_ping(from, to, family,
			&(struct sim_ping_config){ .count = 1 + sim_random(sim, 10),
				.interval_ms = 1 + sim_random(sim, 500),
				.size_bytes =
					(uint16_t)sim_random(sim, one_in(sim, 4) ? 9000 : 1400),
				.ttl = one_in(sim, 8) ? 2 : 0 });
	else
		sim_flow(from, to, family,
			&(struct sim_flow_config){ .count = 1 + sim_random(sim, 200),
				.burst = 1 + sim_random(sim, 8),
				.interval_us = 1 + sim_random(sim, 20000),
				.size_bytes = (uint16_t)sim_random(sim, 1400) });
}

static void
something_happens(struct sim *sim, void *arg)
{
	struct error err = { 0 };

	switch (sim_random(sim, 8)) {
	case 0: links_change(sim); break;
	case 1: node_fault(sim); break;
	case 2: sim_routes(sim); break;
	case 3: stack_neigh_flush(sim_stack(any_node(sim)), "", &err); break;
	default: traffic_add(sim); break;
	}
	sim_after_ms(sim, sim_random(sim, 500), something_happens, arg);
}

static void
anything(struct sim *sim)
{
	network_create(sim);
	/* Until addresses are proven there is nothing to send from. */
	sim_run_ms(sim, SIM_SETTLE_MS);
	something_happens(sim, NULL);
	sim_run_ms(sim, SPAN_MS);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = { SIM_SCENARIO(anything) };

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
