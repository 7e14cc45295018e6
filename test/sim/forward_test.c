/* SPDX-License-Identifier: BSD-3-Clause */
/* Forwarding: RFC 1812, RFC 8200; RFC 792 and RFC 4443 where it ends. */
#include "sim/sim.h"

#include "wire/icmp.h"

static void
echo_crosses_a_router(struct sim *sim)
{
	struct sim_path p = sim_path(sim);

	for (uint8_t family = IP_FAMILY_4; family <= IP_FAMILY_6; family += 2) {
		struct sim_ping *ping =
			sim_ping(p.a, p.b, family, &(struct sim_ping_config){ .count = 10 });

		sim_run_ms(sim, 10000);
		sim_assert(ping->received == 10, "IPv%u: %u of 10 replies", family, ping->received);
	}
}

static void
hops_are_counted(struct sim *sim)
{
	struct sim_path p = sim_path(sim);
	struct sim_ping *ping4 =
		sim_ping(p.a, p.b, IP_FAMILY_4, &(struct sim_ping_config){ .ttl = 1 });
	struct sim_ping *ping6 =
		sim_ping(p.a, p.b, IP_FAMILY_6, &(struct sim_ping_config){ .ttl = 1 });

	sim_run_ms(sim, 1000);
	sim_assert(ping4->errors == 1 && ping4->error_type == ICMP4_TIME_EXCEEDED,
		"%u errors, the last of type %u", ping4->errors, ping4->error_type);
	sim_assert(ping6->errors == 1 && ping6->error_type == ICMP6_TIME_EXCEEDED,
		"%u errors, the last of type %u", ping6->errors, ping6->error_type);
}

static void
flows_stay_in_order(struct sim *sim)
{
	struct sim_path p = sim_path(sim);
	struct sim_flow *flows[64];

	/* So that neighbours are known, who have room for eight packets while they are not. */
	sim_ping(p.a, p.b, IP_FAMILY_4, &(struct sim_ping_config){ 0 });
	sim_ping(p.a, p.b, IP_FAMILY_6, &(struct sim_ping_config){ 0 });
	sim_run_ms(sim, 1000);
	for (unsigned i = 0; i < 64; i++)
		flows[i] = sim_flow(p.a, p.b, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_flow_config){ .count = 100,
				.burst = 1 + sim_random(sim, 16),
				.interval_us = 1 + sim_random(sim, 1000) });
	sim_run_ms(sim, 1000);
	for (unsigned i = 0; i < 64; i++)
		sim_assert(flows[i]->arrived == 100, "%u of 100 datagrams of flow %u arrived",
			flows[i]->arrived, i);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(echo_crosses_a_router),
		SIM_SCENARIO(hops_are_counted),
		SIM_SCENARIO(flows_stay_in_order),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
