/* SPDX-License-Identifier: BSD-3-Clause */
/* Several ways to one destination: RFC 2991, RFC 2992, and doc/decisions/0004-resilient-groups.md. */
#include "sim/sim.h"

#define PATHS       3
#define FLOWS       192
#define CHURN_COUNT 100

struct fan {
	struct sim_node *a, *r, *t, *b;
	struct sim_link *ways[PATHS]; /* from r */
	struct sim_flow *flows[FLOWS];
};

/* So that neighbours are known, who have room for eight packets while they are not. */
static void
neighbours_warm(struct sim *sim, struct fan *fan)
{
	for (unsigned i = 0; i < 64; i++)
		sim_flow(fan->a, fan->b, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_flow_config){ .count = 5, .interval_us = 100000 });
	sim_run_ms(sim, 1000);
}

/* a - r - three others - t - b */
static void
fan_create(struct sim *sim, struct fan *fan)
{
	*fan = (struct fan){ .a = sim_node(sim, "a"),
		.r = sim_node(sim, "r"),
		.t = sim_node(sim, "t"),
		.b = sim_node(sim, "b") };
	sim_link(fan->a, fan->r);
	for (unsigned i = 0; i < PATHS; i++) {
		struct sim_node *middle = sim_node(sim, "m");

		fan->ways[i] = sim_link(fan->r, middle);
		sim_link(middle, fan->t);
	}
	sim_link(fan->t, fan->b);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	neighbours_warm(sim, fan);
}

static void
flows_start(struct fan *fan, unsigned count, uint64_t interval_us)
{
	for (unsigned i = 0; i < FLOWS; i++)
		fan->flows[i] = sim_flow(fan->a, fan->b, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_flow_config){ .count = count, .interval_us = interval_us });
}

/* By which of its ways a flow leaves r: the links are numbered as they were made. */
static unsigned
way_of(const struct fan *fan, const struct sim_flow *flow)
{
	unsigned link = (flow->way[1] - 1U) / 2;

	sim_assert(flow->way[1] != 0 && link % 2 == 1, "flow %u left by link %u", flow->id, link);
	(void)fan;
	return link / 2;
}

static void
a_flow_keeps_its_way(struct sim *sim)
{
	unsigned counts[PATHS] = { 0 };
	struct fan fan;

	fan_create(sim, &fan);
	flows_start(&fan, 20, 10000);
	sim_run_ms(sim, 1000);
	for (unsigned i = 0; i < FLOWS; i++) {
		sim_assert(fan.flows[i]->path_changes == 0 && fan.flows[i]->arrived == 20,
			"flow %u changed its way %u times, and %u of 20 arrived", i,
			fan.flows[i]->path_changes, fan.flows[i]->arrived);
		counts[way_of(&fan, fan.flows[i])]++;
	}
	for (unsigned i = 0; i < PATHS; i++)
		sim_assert(counts[i] > FLOWS / PATHS / 2, "%u of %u flows took way %u", counts[i],
			FLOWS, i);
}

/* RFC 2992 asks how many flows a change disrupts: those of the way that failed, no others. */
static void
only_the_flows_of_a_lost_way_move(struct sim *sim)
{
	unsigned before[FLOWS], lost = sim_random(sim, PATHS), moved = 0;
	struct fan fan;

	fan_create(sim, &fan);
	flows_start(&fan, 200, 10000);
	sim_run_ms(sim, 500);
	for (unsigned i = 0; i < FLOWS; i++)
		before[i] = way_of(&fan, fan.flows[i]);
	sim_link_set(fan.ways[lost], false);
	sim_run_ms(sim, 500);
	for (unsigned i = 0; i < FLOWS; i++) {
		unsigned now = way_of(&fan, fan.flows[i]);

		sim_assert(now != lost, "flow %u stays on the way that is lost", i);
		sim_assert(before[i] == lost || now == before[i], "flow %u moved in vain", i);
		moved += now != before[i];
	}
	sim_assert(moved > 0, "no flow was on way %u", lost);
	sim_link_set(fan.ways[lost], true);
	sim_run_ms(sim, 2000);
	for (unsigned i = 0; i < FLOWS; i++) {
		sim_assert(before[i] == lost || fan.flows[i]->path_changes == 0,
			"flow %u moved in vain as the way came back", i);
		/* What was sent before the loss of the link was noticed. */
		sim_assert(fan.flows[i]->arrived >= (before[i] == lost ? 185 : 200),
			"%u of 200 datagrams of flow %u arrived", fan.flows[i]->arrived, i);
	}
}

static void
routes_churn(struct sim *sim, void *arg)
{
	const struct fan *fan = arg;
	struct sim_link *way = fan->ways[sim_random(sim, PATHS - 1)];

	sim_link_set(way, !sim_link_is_up(way));
	sim_routes(sim);
	sim_after_ms(sim, 1 + sim_random(sim, 200), routes_churn, arg);
}

/* Routes come and go under traffic; one way is always there. */
static void
routes_that_churn_lead_on(struct sim *sim)
{
	unsigned arrived = 0;
	struct fan fan;

	fan_create(sim, &fan);
	flows_start(&fan, CHURN_COUNT, 20000);
	routes_churn(sim, &fan);
	sim_run_ms(sim, 3000);
	for (unsigned i = 0; i < FLOWS; i++)
		arrived += fan.flows[i]->arrived;
	/* Those that were on a link as it went down, and before its other end knew. */
	sim_assert(arrived > FLOWS * CHURN_COUNT * 9 / 10, "%u of %u arrived", arrived,
		FLOWS * CHURN_COUNT);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(a_flow_keeps_its_way),
		SIM_SCENARIO(only_the_flows_of_a_lost_way_move),
		SIM_SCENARIO(routes_that_churn_lead_on),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
