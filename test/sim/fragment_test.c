/* SPDX-License-Identifier: BSD-3-Clause */
/* Fragments, made and put together: RFC 791, 1191, 1812 4.2.2.7, 8200 4.5, 8201. */
#include "sim/sim.h"

#include "wire/icmp.h"

#define NARROW_MTU 1280 /* what every link of IPv6 carries */

struct path {
	struct sim_node *a, *r, *s, *b;
	struct sim_link *narrow;
};

/* a - r - s - b, and less fits between the routers. */
static struct path
path_create(struct sim *sim)
{
	struct path path = { sim_node(sim, "a"), sim_node(sim, "r"), sim_node(sim, "s"),
		sim_node(sim, "b"), NULL };

	sim_link(path.a, path.r);
	path.narrow = sim_link(path.r, path.s);
	sim_link(path.s, path.b);
	sim_link_set_mtu(path.narrow, NARROW_MTU);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	return path;
}

static void
large_echoes_cross_a_narrow_link(struct sim *sim)
{
	static const uint16_t sizes[] = { 1232, 1233, 1473, 3000, 9000, 65000 };
	struct path p = path_create(sim);

	for (unsigned i = 0; i < RTE_DIM(sizes); i++) {
		struct sim_ping *ping4 = sim_ping(p.a, p.b, IP_FAMILY_4,
			&(struct sim_ping_config){ .count = 4, .size_bytes = sizes[i] });
		struct sim_ping *ping6 = sim_ping(p.a, p.b, IP_FAMILY_6,
			&(struct sim_ping_config){ .count = 4, .size_bytes = sizes[i] });

		sim_run_ms(sim, 10000);
		sim_assert(ping4->received == 4, "%u of 4 replies of %u bytes by IPv4",
			ping4->received, sizes[i]);
		/* Each end learns of the narrow link by a packet that was too big for it. */
		sim_assert(ping6->received >= 2, "%u of 4 replies of %u bytes by IPv6",
			ping6->received, sizes[i]);
	}
}

/* RFC 1191 4, RFC 8201 4: who may not be cut is told what fits. */
static void
the_mtu_of_the_path_is_told(struct sim *sim)
{
	struct path p = path_create(sim);
	struct sim_ping *ping = sim_ping(p.a, p.b, IP_FAMILY_4,
		&(struct sim_ping_config){ .count = 1, .size_bytes = 1400, .df = true });
	const struct ip_addr dst = sim_addr(p.b, IP_FAMILY_4);
	uint32_t mtu;

	sim_run_ms(sim, 1000);
	mtu = ip_pmtu_lookup(&sim_stack(p.a)->pmtu, IP_VRF_DEFAULT, &dst);
	sim_assert(ping->errors == 1 && ping->error_type == ICMP4_UNREACHABLE && mtu == NARROW_MTU,
		"%u errors, and the path has an MTU of %u", ping->errors, mtu);
	/* RFC 1191 6.3: it is forgotten after ten minutes, for it may have grown. */
	sim_run_ms(sim, 620000);
	mtu = ip_pmtu_lookup(&sim_stack(p.a)->pmtu, IP_VRF_DEFAULT, &dst);
	sim_assert(mtu == UINT32_MAX, "it still has an MTU of %u", mtu);
}

/* Of a datagram of which one fragment is lost, nothing stays: RFC 791 3.2, RFC 8200 4.5. */
static void
what_is_not_whole_goes(struct sim *sim)
{
	struct path p = path_create(sim);
	struct sim_ping *pings[8];
	struct worker_stats stats;
	unsigned received = 0;

	/* So that the path's MTU is known. */
	sim_ping(p.a, p.b, IP_FAMILY_6, &(struct sim_ping_config){ .size_bytes = 3000 });
	sim_run_ms(sim, 2000);
	sim_link_impair(p.narrow,
		&(struct cable_impair){ .delay_ns = 4 * SIM_MS_NS,
			.jitter_ns = 3 * SIM_MS_NS,
			.loss.p = SIM_PERCENT(5),
			.duplicate = SIM_PERCENT(5) });
	for (unsigned i = 0; i < RTE_DIM(pings); i++)
		pings[i] = sim_ping(p.a, p.b, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4,
			&(struct sim_ping_config){
				.count = 50, .interval_ms = 100, .size_bytes = 8000 });
	sim_run_ms(sim, 10000);
	for (unsigned i = 0; i < RTE_DIM(pings); i++)
		received += pings[i]->received;
	sim_assert(received > 40 && received < 360, "%u of 400 replies", received);
	sim_run_ms(sim, 70000);
	stack_worker_stats(sim_stack(p.b), sim_workers(sim), &stats);
	sim_assert(stats.flow.held == 0 && stats.ip.reassembly_timeouts > 0,
		"%llu fragments are held, %llu datagrams timed out",
		(unsigned long long)stats.flow.held,
		(unsigned long long)stats.ip.reassembly_timeouts);
}

int
main(int argc, char **argv)
{
	static const struct sim_scenario scenarios[] = {
		SIM_SCENARIO(large_echoes_cross_a_narrow_link),
		SIM_SCENARIO(the_mtu_of_the_path_is_told),
		SIM_SCENARIO(what_is_not_whole_goes),
	};

	return sim_main(argc, argv, scenarios, RTE_DIM(scenarios));
}
