/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is withdrawn while packets that chose it are in the middle of a worker's loop: they take the
 * way that they chose, or none, and never that of whoever is next to use its number or its memory.
 */
#include "sim/sim.h"

#include <stdlib.h>

#define FLOWS       32
#define DECOYS      8
#define CHANGES     300
#define BURST       5
#define INTERVAL_US 3000

/* a - m - b, and a - o: nothing for b ever goes by the other one. */
struct fork {
	struct sim_node *a, *m, *b, *o;
	struct sim_link *way, *other; /* from a */
	struct sim_flow *flows[FLOWS];
	bool there; /* a's routes to b, or an address of m */
};

static struct ip_prefix
prefix_of(const char *text)
{
	struct ip_prefix prefix;

	if (ip_prefix_parse(text, &prefix) < 0)
		sim_fail("%s is no prefix", text);
	return prefix;
}

/* Each has a nexthop of its own. */
static void
way_add(struct fork *fork, const struct ip_prefix *prefix, const char *gateway)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	struct error err = { 0 };

	if (route == NULL)
		abort();
	route->prefix = *prefix;
	route->type = STACK_ROUTE_VIA;
	route->counted = true;
	route->path_count = 1;
	route->paths[0].weight = 1;
	if (ip_addr_parse(gateway, &route->paths[0].gateway) < 0 ||
		stack_route_add(sim_stack(fork->a), route, true, &err) < 0)
		sim_fail("a route by %s: %s", gateway, err.text);
	free(route);
}

static void
way_remove(struct fork *fork, const struct ip_prefix *prefix)
{
	struct error err = { 0 };

	if (stack_route_remove(sim_stack(fork->a), IP_VRF_DEFAULT, prefix, &err) < 0)
		sim_fail("%s", err.text);
}

static void
routes_to_b(struct fork *fork, bool there)
{
	static const char *const prefixes[] = { "10.0.1.0/24", "2001:db8:1::/64" };
	static const char *const gateways[] = { "10.0.0.2", "2001:db8::2" };

	for (unsigned i = 0; i < RTE_DIM(prefixes) && there != fork->there; i++) {
		const struct ip_prefix prefix = prefix_of(prefixes[i]);

		if (there)
			way_add(fork, &prefix, gateways[i]);
		else
			way_remove(fork, &prefix);
	}
	fork->there = there;
}

/* Whoever takes numbers that are free takes all of them. */
static void
decoys_pass(struct fork *fork)
{
	struct ip_prefix prefix = prefix_of("198.51.100.0/24");

	for (uint8_t i = 0; i < DECOYS; i++) {
		prefix.addr.bytes[2] = i;
		way_add(fork, &prefix, "10.0.2.2");
	}
	for (uint8_t i = 0; i < DECOYS; i++) {
		prefix.addr.bytes[2] = i;
		way_remove(fork, &prefix);
	}
}

/* With each burst, once all of it is on the rings. */
static void
routes_change(struct sim *sim, void *arg)
{
	struct fork *fork = arg;

	routes_to_b(fork, !fork->there);
	decoys_pass(fork);
	sim_after_us(sim, INTERVAL_US, routes_change, arg);
}

static void
fork_create(struct sim *sim, struct fork *fork)
{
	*fork = (struct fork){ .a = sim_node(sim, "a"),
		.m = sim_node(sim, "m"),
		.b = sim_node(sim, "b"),
		.o = sim_node(sim, "o") };
	fork->way = sim_link(fork->a, fork->m);
	sim_link_know(fork->way);
	sim_link_know(sim_link(fork->m, fork->b));
	fork->other = sim_link(fork->a, fork->o);
	sim_link_know(fork->other);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
}

/* @return datagrams that are to come */
static unsigned
flows_start(struct fork *fork, const struct sim_node *to, unsigned first)
{
	unsigned count = 0;

	for (unsigned i = first; i < FLOWS; i += 2, count += BURST * CHANGES)
		fork->flows[i] = sim_flow(fork->a, to, i % 4 < 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_flow_config){ .count = BURST * CHANGES,
				.burst = BURST,
				.interval_us = INTERVAL_US });
	return count;
}

static unsigned
flows_arrived(const struct fork *fork)
{
	unsigned arrived = 0;

	for (unsigned i = 0; i < FLOWS; i++)
		arrived += fork->flows[i]->arrived;
	return arrived;
}

static void
nobody_takes_anothers_way(struct sim *sim)
{
	struct cable_counters before, after;
	struct fork fork;
	unsigned sent, arrived;

	fork_create(sim, &fork);
	fork.there = true;
	sim_link_counters(fork.other, 0, &before);
	sent = flows_start(&fork, fork.b, 0) + flows_start(&fork, fork.b, 1);
	routes_change(sim, &fork);
	sim_run_ms(sim, CHANGES * INTERVAL_US / 1000);
	sim_link_counters(fork.other, 0, &after);
	arrived = flows_arrived(&fork);
	sim_assert(arrived > sent / 4, "%u of %u arrived", arrived, sent);
	sim_assert(after.sent == before.sent, "a sent %llu frames to o",
		(unsigned long long)(after.sent - before.sent));
	/* sim_routes() takes them away. */
	routes_to_b(&fork, true);
}

/* The interface by which all comes is replaced: it has another address. */
static void
address_changes(struct sim *sim, void *arg)
{
	const struct ip_prefix addr = prefix_of("192.0.2.1/24");
	struct fork *fork = arg;
	struct error err = { 0 };
	int rc;

	if (fork->there)
		rc = stack_addr_remove(sim_stack(fork->m), sim_iface(fork->way), &addr, &err);
	else
		rc = stack_addr_add(sim_stack(fork->m), sim_iface(fork->way), &addr, &err);
	if (rc < 0)
		sim_fail("%s", err.text);
	fork->there = !fork->there;
	sim_after_us(sim, INTERVAL_US, address_changes, arg);
}

/* Some are for m itself: they are left when the others were passed on already. */
static void
interfaces_change_under_packets(struct sim *sim)
{
	struct fork fork;
	unsigned sent;

	fork_create(sim, &fork);
	sent = flows_start(&fork, fork.b, 0) + flows_start(&fork, fork.m, 1);
	sim_after_us(sim, SIM_DELAY_NS / 1000, address_changes, &fork);
	sim_run_ms(sim, CHANGES * INTERVAL_US / 1000 + 100);
	sim_assert(flows_arrived(&fork) == sent, "%u of %u arrived", flows_arrived(&fork), sent);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(nobody_takes_anothers_way),
		SIM_SCENARIO(interfaces_change_under_packets),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
