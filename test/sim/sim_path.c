/* SPDX-License-Identifier: BSD-3-Clause */
/* Two hosts, and a router between them. */
#include "sim/sim.h"

struct sim_path
sim_path(struct sim *sim)
{
	struct sim_path path = {
		.a = sim_node(sim, "a"), .r = sim_node(sim, "r"), .b = sim_node(sim, "b")
	};

	path.ar = sim_link(path.a, path.r);
	path.rb = sim_link(path.r, path.b);
	sim_routes(sim);
	sim_run_ms(sim, SIM_SETTLE_MS);
	return path;
}
