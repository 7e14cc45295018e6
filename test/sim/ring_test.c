/* SPDX-License-Identifier: BSD-3-Clause */
/* A ring of routers, a host at each: an hour of it, with links that flap and lose. */
#include "sim/sim.h"

#include <stdio.h>

#define ROUTERS 8
#define HOUR_MS 3600000

struct ring {
	struct sim_node *routers[ROUTERS], *hosts[ROUTERS];
	struct sim_link *links[ROUTERS];
};

static void
ring_create(struct sim *sim, struct ring *ring)
{
	char name[16];

	for (unsigned i = 0; i < ROUTERS; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		ring->routers[i] = sim_node(sim, name);
	}
	for (unsigned i = 0; i < ROUTERS; i++) {
		snprintf(name, sizeof(name), "h%u", i);
		ring->hosts[i] = sim_node(sim, name);
		sim_link(ring->hosts[i], ring->routers[i]);
		ring->links[i] = sim_link(ring->routers[i], ring->routers[(i + 1) % ROUTERS]);
	}
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
}

static void
routes_follow(struct sim *sim, void *arg)
{
	(void)arg;
	sim_routes(sim);
}

/* One link at most is down: the routing protocol notices after a second. */
static void
links_flap(struct sim *sim, void *arg)
{
	const struct ring *ring = arg;
	struct sim_link *link = NULL;

	for (unsigned i = 0; i < ROUTERS; i++)
		link = sim_link_is_up(ring->links[i]) ? link : ring->links[i];
	if (link != NULL)
		sim_link_set(link, true);
	else
		sim_link_set(ring->links[sim_random(sim, ROUTERS)], false);
	sim_after_ms(sim, 1000, routes_follow, NULL);
	sim_after_ms(sim, 5000 + sim_random(sim, 25000), links_flap, arg);
}

static void
an_hour_of_flapping_links(struct sim *sim)
{
	const unsigned count = HOUR_MS / 5000;
	struct sim_ping *pings[ROUTERS];
	struct ring ring;

	ring_create(sim, &ring);
	for (unsigned i = 0; i < sim_link_count(sim); i++)
		sim_link_impair(sim_link_at(sim, i),
			&(struct cable_impair){ .delay_ns = SIM_MS_NS, .loss.p = SIM_PERCENT(1) });
	/* Half of them have two ways of equal length. */
	for (unsigned i = 0; i < ROUTERS; i++)
		pings[i] = sim_ping(ring.hosts[i],
			ring.hosts[(i + (i % 2 ? ROUTERS / 2 : 3)) % ROUTERS],
			i % 4 < 2 ? IP_FAMILY_4 : IP_FAMILY_6,
			&(struct sim_ping_config){ .count = count, .interval_ms = 5000 });
	sim_after_ms(sim, 1000, links_flap, &ring);
	sim_run_ms(sim, HOUR_MS);
	/* Twelve links there and back, 1 % each; and a second of twenty without some of the ways. */
	for (unsigned i = 0; i < ROUTERS; i++)
		sim_assert(pings[i]->received > count * 7 / 10, "%u of %u replies to h%u",
			pings[i]->received, count, i);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = { SIM_SCENARIO(an_hour_of_flapping_links) };

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
