/* SPDX-License-Identifier: BSD-3-Clause */
/* Anything: networks, traffic, bad links and faults as the seed has them. What must always hold does. */
#include "sim/random.h"

#define SPAN_MS 20000

static struct sim_node *
any_node(struct sim *sim)
{
	return sim_node_at(sim, sim_random(sim, sim_node_count(sim)));
}

static struct sim_link *
any_link(struct sim *sim)
{
	return sim_link_at(sim, sim_random(sim, sim_link_count(sim)));
}

static uint8_t
any_family(struct sim *sim)
{
	return one_in(sim, 2) ? IP_FAMILY_4 : IP_FAMILY_6;
}

/* ---- traffic ---- */

static bool
has_route(struct sim_node *from, const struct sim_node *to, uint8_t family)
{
	const struct ip_addr dst = sim_addr(to, family);
	struct stack_way way;

	stack_route_get(sim_stack(from), IP_VRF_DEFAULT, &dst, NULL, &way);
	return way.found;
}

/* Some are so large that they go in fragments. */
static struct sim_ping_config
any_ping(struct sim *sim)
{
	return (struct sim_ping_config){ .count = 1 + sim_random(sim, 10),
		.interval_ms = 1 + sim_random(sim, 500),
		.size_bytes = (uint16_t)sim_random(sim, one_in(sim, 3) ? 9000 : 1400),
		.ttl = one_in(sim, 8) ? 2 : 0,
		.df = one_in(sim, 8) };
}

static void
ping_vlan(struct sim *sim)
{
	const struct sim_link *link = any_link(sim);
	const struct sim_ping_config config = any_ping(sim);

	if (sim_link_has_vlan(link))
		sim_ping_vlan(link, sim_random(sim, 2), any_family(sim), &config);
}

static void
traffic_add(struct sim *sim)
{
	struct sim_node *from = any_node(sim), *to = any_node(sim);
	const struct sim_ping_config ping = any_ping(sim);
	uint8_t family = any_family(sim);

	if (from == to || !has_route(from, to, family))
		return;
	if (one_in(sim, 2))
		sim_ping(from, to, family, &ping);
	else
		sim_flow(from, to, family,
			&(struct sim_flow_config){ .count = 1 + sim_random(sim, 200),
				.burst = 1 + sim_random(sim, 8),
				.interval_us = 1 + sim_random(sim, 20000),
				.size_bytes = (uint16_t)sim_random(sim, 1400) });
}

/* ---- what else happens ---- */

static void
links_change(struct sim *sim)
{
	struct sim_link *link = any_link(sim);

	if (one_in(sim, 2))
		random_link_impair(sim, link);
	else
		sim_link_set(link, !sim_link_is_up(link));
}

/* Those who configure themselves hear of it. */
static void
router_says(struct sim *sim)
{
	const struct sim_link *link = any_link(sim);
	struct sim_node *node = sim_link_node(link, sim_random(sim, 2));

	if (one_in(sim, 3))
		sim_query_listeners(node, link, (uint16_t)sim_random(sim, 5000));
	else
		sim_advertise(node, link, (uint16_t)sim_random(sim, 10), sim_random(sim, 10));
}

static void
iface_changes(struct sim *sim)
{
	const struct sim_link *link = any_link(sim);

	sim_node_set_iface(sim_link_node(link, sim_random(sim, 2)), link, !one_in(sim, 3));
}

static void something_happens(struct sim *sim, void *arg);

/* With a frame: then somebody may be in the middle of something. */
static void
something_is_due(struct sim *sim, void *arg)
{
	if (!sim_at_frame(sim, something_happens, arg))
		something_happens(sim, arg);
}

static void
something_happens(struct sim *sim, void *arg)
{
	struct error err = { 0 };

	switch (sim_random(sim, 12)) {
	case 0: links_change(sim); break;
	case 1: random_node_fault(sim, any_node(sim)); break;
	case 2: sim_routes(sim); break;
	case 3: stack_neigh_flush(sim_stack(any_node(sim)), "", &err); break;
	case 4: router_says(sim); break;
	case 5: ping_vlan(sim); break;
	case 6: iface_changes(sim); break;
	default: traffic_add(sim); break;
	}
	sim_after_ms(sim, sim_random(sim, 500), something_is_due, arg);
}

static void
anything(struct sim *sim)
{
	random_network_create(sim);
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
