/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbours: RFC 826 and RFC 4861 7 as two stacks see each other, RFC 4862 5.4. */
#include "sim/sim.h"

#include "wire/icmp.h"

#define UNREACHABLE_AFTER_MS 15000 /* DELAY_FIRST_PROBE_TIME, three probes, and some */

static void
hang(struct sim *sim, struct sim_node *node, bool on)
{
	for (unsigned i = 0; i < sim_workers(sim); i++)
		sim_node_stall(node, i, on);
}

static void
reaches(struct sim *sim, const struct sim_path *p, uint8_t family, unsigned lost)
{
	struct sim_ping *ping =
		sim_ping(p->a, p->b, family, &(struct sim_ping_config){ .count = 5 });

	sim_run_ms(sim, 10000);
	sim_assert(ping->received >= 5 - lost, "IPv%u: %u of 5 replies", family, ping->received);
}

/* RFC 4861 7.3: one that was reachable is found to be gone while its link stays, and to be back. */
static void
one_that_hangs_is_reported_and_comes_back(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (uint8_t family = IP_FAMILY_4; family <= IP_FAMILY_6; family += 2) {
		struct sim_ping *ping;

		reaches(sim, &p, family, 0);
		hang(sim, p.b, true);
		/* REACHABLE until then; nothing arrives, and nobody says so. */
		sim_run_ms(sim, 60000);
		ping = sim_ping(p.a, p.b, family, &(struct sim_ping_config){ .count = 30 });
		sim_run_ms(sim, 31000);
		sim_assert(ping->received == 0, "%u replies of one that hangs", ping->received);
		sim_assert(ping->errors >= 30 - UNREACHABLE_AFTER_MS / 1000 &&
				ping->error_type ==
					(family == IP_FAMILY_4 ? ICMP4_UNREACHABLE
							       : ICMP6_UNREACHABLE),
			"IPv%u: %u errors, the last of type %u", family, ping->errors,
			ping->error_type);
		hang(sim, p.b, false);
		/* Some answers to what it finds in its queues now are on their way. */
		sim_run_ms(sim, 5000);
		reaches(sim, &p, family, 0);
	}
}

/*
 * The control thread of a router has half of a flow on its ring when it learns of the neighbour that
 * the flow is for: what comes after that waits for what came before.
 */
static void
a_flow_keeps_its_order_when_its_neighbour_is_found(struct sim *sim)
{
	struct sim_path p = sim_path(sim);
	struct error err = { 0 };

	for (uint8_t family = IP_FAMILY_4; family <= IP_FAMILY_6; family += 2) {
		struct sim_flow *flow;

		reaches(sim, &p, family, 0);
		stack_neigh_flush(sim_stack(p.r), "", &err);
		sim_node_slow_control(p.r, 25);
		flow = sim_flow(p.a, p.b, family,
			&(struct sim_flow_config){
				.count = 300, .burst = 40, .interval_us = 10000 });
		sim_run_ms(sim, 1000);
		sim_node_slow_control(p.r, 0);
		sim_run_ms(sim, 1000);
		sim_assert(flow->arrived >= 200, "IPv%u: %u of 300 arrived", family, flow->arrived);
		sim_assert(flow->inversions == 0, "IPv%u: %u left behind later ones", family,
			flow->inversions);
	}
}

/* RFC 4861 5.3, 7.3: what nobody uses is forgotten. */
static void
the_unused_are_forgotten(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	reaches(sim, &p, IP_FAMILY_4, 0);
	reaches(sim, &p, IP_FAMILY_6, 0);
	sim_run_ms(sim, 1200000);
	for (unsigned i = 0; i < sim_node_count(sim); i++) {
		struct neigh_counters counters;

		neigh_counters(sim_stack(sim_node_at(sim, i))->neighs, &counters);
		sim_assert(counters.entries == 0, "node %u still knows %u neighbours", i,
			counters.entries);
	}
	reaches(sim, &p, IP_FAMILY_4, 0);
	reaches(sim, &p, IP_FAMILY_6, 0);
}

/* RFC 4862 5.4: the later one notices, and does without; the earlier one goes on. */
static void
a_duplicate_address_is_not_used(struct sim *sim)
{
	struct sim_path p = sim_path(sim);
	const struct ip_prefix taken = { sim_addr(p.b, IP_FAMILY_6), 64 };
	struct error err = { 0 };
	struct stack *stack;

	reaches(sim, &p, IP_FAMILY_6, 0);
	stack = sim_stack(p.r);
	if (stack_addr_add(stack, sim_iface(sim_link_at(sim, 1)), &taken, &err) < 0)
		sim_fail("%s", err.text);
	sim_run_ms(sim, SIM_SETTLE_MS);
	sim_assert(stack->neigh_counters.duplicates == 1, "%llu duplicates were found",
		(unsigned long long)stack->neigh_counters.duplicates);
	reaches(sim, &p, IP_FAMILY_6, 0);
	if (stack_addr_remove(sim_stack(p.r), sim_iface(sim_link_at(sim, 1)), &taken, &err) < 0)
		sim_fail("%s", err.text);
}

/* Solicitations and answers are lost as all else is: RFC 4861 7.2.2 has three. */
static void
found_in_spite_of_loss(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (unsigned i = 0; i < sim_link_count(sim); i++)
		sim_link_impair(sim_link_at(sim, i),
			&(struct cable_impair){
				.delay_ns = SIM_DELAY_NS, .loss.p = SIM_PERCENT(20) });
	for (unsigned i = 0; i < 20; i++) {
		struct error err = { 0 };

		stack_neigh_flush(sim_stack(p.r), "", &err);
		sim_ping(p.a, p.b, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_ping_config){ .count = 10, .interval_ms = 100 });
		sim_run_ms(sim, 10000);
	}
	for (unsigned i = 0; i < sim_link_count(sim); i++)
		sim_link_impair(sim_link_at(sim, i), &(struct cable_impair){ 0 });
	sim_run_ms(sim, 10000);
	reaches(sim, &p, IP_FAMILY_4, 0);
	reaches(sim, &p, IP_FAMILY_6, 0);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(one_that_hangs_is_reported_and_comes_back),
		SIM_SCENARIO(a_flow_keeps_its_order_when_its_neighbour_is_found),
		SIM_SCENARIO(the_unused_are_forgotten),
		SIM_SCENARIO(a_duplicate_address_is_not_used),
		SIM_SCENARIO(found_in_spite_of_loss),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
