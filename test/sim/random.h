/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of sim_random share: random_test.c is what happens, random_network.c to whom. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include "sim/sim.h"

static inline bool
one_in(struct sim *sim, uint32_t n)
{
	return sim_random(sim, n) == 0;
}

/* random_network.c */
void random_network_create(struct sim *sim);

/* random_impair.c */
void random_link_impair(struct sim *sim, struct sim_link *link);

/* random_fault.c */
void random_node_fault(struct sim *sim, struct sim_node *node);

#endif
