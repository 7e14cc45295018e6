/* SPDX-License-Identifier: BSD-3-Clause */
/* Links that are slow, or bad: what becomes of a flow across a router. */
#include "sim/sim.h"

#define COUNT 2000

struct path {
	struct sim_node *a, *r, *b;
	struct sim_link *link; /* the one that is impaired: from a to r */
};

/* All neighbours know each other, on the link for good: however bad it is, nobody is given up. */
static struct path
path_create(struct sim *sim)
{
	struct path path = { sim_node(sim, "a"), sim_node(sim, "r"), sim_node(sim, "b"), NULL };

	path.link = sim_link(path.a, path.r);
	sim_link_know(path.link);
	sim_link(path.r, path.b);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	for (uint8_t family = IP_FAMILY_4; family <= IP_FAMILY_6; family += 2)
		sim_ping(path.a, path.b, family, &(struct sim_ping_config){ 0 });
	sim_run_ms(sim, 2000);
	return path;
}

/* @return what a sent on the link meanwhile */
static struct cable_counters
flow_run(struct sim *sim, const struct path *p, const struct cable_impair *impair,
	const struct sim_flow_config *config, struct sim_flow **flow)
{
	const uint64_t span_ms = config->count * config->interval_us / config->burst / 1000;
	struct cable_counters before, after;

	sim_link_impair(p->link, impair);
	sim_link_counters(p->link, 0, &before);
	*flow = sim_flow(p->a, p->b, sim_random(sim, 2) ? IP_FAMILY_4 : IP_FAMILY_6, config);
	/* What waits in the queue comes after. */
	sim_run_ms(sim, span_ms + 5000);
	sim_link_counters(p->link, 0, &after);
	after.sent -= before.sent;
	for (unsigned i = 0; i < CABLE_LOST_COUNT; i++)
		after.lost[i] -= before.lost[i];
	after.duplicated -= before.duplicated;
	after.truncated -= before.truncated;
	after.corrupted_after -= before.corrupted_after;
	after.reordered -= before.reordered;
	return after;
}

/* Whether it was the flow's frames; what else a sent meanwhile may be among them. */
static bool
are_its_frames(const struct cable_counters *counters, uint64_t frames, uint64_t datagrams)
{
	return counters->sent >= COUNT && frames >= datagrams &&
		frames - datagrams <= counters->sent - COUNT;
}

/* Twice as much as the link carries: half of it is lost, behind a queue that is always full. */
static void
a_slow_link_has_a_queue(struct sim *sim)
{
	struct path p = path_create(sim);
	const struct cable_impair slow = { .rate_bps = 1000000, .limit_packets = 20 };
	const struct sim_flow_config config = {
		.count = COUNT, .burst = 10, .interval_us = 40000, .size_bytes = 958
	};
	struct cable_counters counters;
	struct sim_flow *flow;

	counters = flow_run(sim, &p, &slow, &config, &flow);
	sim_assert(
		are_its_frames(&counters, counters.lost[CABLE_LOST_limit], COUNT - flow->arrived),
		"%u of %u arrived, %llu found the queue full", flow->arrived, COUNT,
		(unsigned long long)counters.lost[CABLE_LOST_limit]);
	sim_assert(flow->arrived > COUNT * 45 / 100 && flow->arrived < COUNT * 55 / 100,
		"%u of %u arrived", flow->arrived, COUNT);
}

/* RFC 8289: a queue that does not go away is kept short, though there is room. */
static void
codel_keeps_the_queue_short(struct sim *sim)
{
	struct path p = path_create(sim);
	const struct cable_impair slow = { .rate_bps = 1000000,
		.limit_packets = 1000,
		.codel = true,
		.codel_interval_ns = 20 * SIM_MS_NS };
	const struct sim_flow_config config = {
		.count = COUNT, .burst = 1, .interval_us = 7000, .size_bytes = 958
	};
	struct cable_counters counters;
	struct sim_flow *flow;

	counters = flow_run(sim, &p, &slow, &config, &flow);
	sim_assert(
		are_its_frames(&counters, counters.lost[CABLE_LOST_codel], COUNT - flow->arrived) &&
			counters.lost[CABLE_LOST_codel] > COUNT / 20,
		"%u of %u arrived, %llu had waited for too long", flow->arrived, COUNT,
		(unsigned long long)counters.lost[CABLE_LOST_codel]);
}

/* One in eleven, ten at a time. */
static void
bursts_are_lost(struct sim *sim)
{
	struct path p = path_create(sim);
	const struct cable_impair bad = { .loss = { .model = CABLE_LOSS_GEMODEL,
						  .p = SIM_PERCENT(1),
						  .r = SIM_PERCENT(10),
						  .bad = RANDOM_PPB } };
	const struct sim_flow_config config = { .count = COUNT, .burst = 1, .interval_us = 500 };
	struct cable_counters counters;
	struct sim_flow *flow;

	counters = flow_run(sim, &p, &bad, &config, &flow);
	sim_assert(are_its_frames(&counters, counters.lost[CABLE_LOST_loss], COUNT - flow->arrived),
		"%u of %u arrived, %llu were lost", flow->arrived, COUNT,
		(unsigned long long)counters.lost[CABLE_LOST_loss]);
	sim_assert(counters.lost[CABLE_LOST_loss] > COUNT / 200 &&
			counters.lost[CABLE_LOST_loss] < COUNT / 4,
		"%llu of %u were lost", (unsigned long long)counters.lost[CABLE_LOST_loss], COUNT);
}

/* A router sends on what comes as it comes. */
static void
what_is_late_or_twice_arrives(struct sim *sim)
{
	struct path p = path_create(sim);
	const struct cable_impair bad = { .duplicate = SIM_PERCENT(5),
		.delay_ns = SIM_MS_NS,
		.reorder = SIM_PERCENT(10),
		.reorder_ns = 3 * SIM_MS_NS };
	const struct sim_flow_config config = { .count = COUNT, .burst = 1, .interval_us = 500 };
	struct cable_counters counters;
	struct sim_flow *flow;

	counters = flow_run(sim, &p, &bad, &config, &flow);
	sim_assert(flow->arrived == COUNT && flow->duplicates > 0 &&
			are_its_frames(&counters, counters.duplicated, flow->duplicates),
		"%u of %u arrived, %u of them twice", flow->arrived, COUNT, flow->duplicates);
	sim_assert(flow->inversions > 0 && counters.reordered > 0,
		"%llu were held back, and r sent %u behind later ones",
		(unsigned long long)counters.reordered, flow->inversions);
}

/* What is not whole, or whose IP header is wrong, goes no further; what is wrong is noticed. */
static void
what_is_cut_or_wrong_does_not_arrive(struct sim *sim)
{
	struct path p = path_create(sim);
	const struct cable_impair bad = { .truncate = SIM_PERCENT(10),
		.corrupt_after = SIM_PERCENT(10) };
	const struct sim_flow_config config = { .count = COUNT, .burst = 1, .interval_us = 500 };
	struct cable_counters counters;
	struct sim_flow *flow;
	uint64_t bad_frames;

	counters = flow_run(sim, &p, &bad, &config, &flow);
	bad_frames = counters.truncated + counters.corrupted_after;
	sim_assert(bad_frames > COUNT / 10 && flow->arrived + bad_frames >= COUNT &&
			flow->arrived < COUNT - bad_frames / 2,
		"%u of %u arrived, %llu were cut or wrong", flow->arrived, COUNT,
		(unsigned long long)bad_frames);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(a_slow_link_has_a_queue),
		SIM_SCENARIO(codel_keeps_the_queue_short),
		SIM_SCENARIO(bursts_are_lost),
		SIM_SCENARIO(what_is_late_or_twice_arrives),
		SIM_SCENARIO(what_is_cut_or_wrong_does_not_arrive),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
