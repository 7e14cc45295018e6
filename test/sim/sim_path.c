/* SPDX-License-Identifier: BSD-3-Clause */
/* Two hosts, and a router between them. */
#include "sim/sim.h"

struct sim_path
sim_path_with_txqs(struct sim *sim, uint16_t count)
{
	struct sim_path path = {
		.a = sim_node(sim, "a"), .r = sim_node(sim, "r"), .b = sim_node(sim, "b")
	};

	for (unsigned i = 0; i < sim_node_count(sim); i++)
		sim_node_limit_txqs(sim_node_at(sim, i), count);
	path.ar = sim_link(path.a, path.r);
	path.rb = sim_link(path.r, path.b);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	return path;
}

struct sim_path
sim_path(struct sim *sim)
{
	return sim_path_with_txqs(sim, 0);
}
