/* SPDX-License-Identifier: BSD-3-Clause */
/* Any bad link, of all that cables can be. */
#include "sim/random.h"

#include <stdio.h>

/* Up to a tenth. */
static uint32_t
any_chance(struct sim *sim)
{
	return sim_random(sim, RANDOM_PPB / 10);
}

static struct cable_loss
any_loss(struct sim *sim)
{
	switch (sim_random(sim, 5)) {
	case 0: return (struct cable_loss){ .model = CABLE_LOSS_NTH, .n = sim_random(sim, 100) };
	case 1:
		return (struct cable_loss){ .model = CABLE_LOSS_EVERY,
			.n = 2 + sim_random(sim, 50) };
	case 2:
		return (struct cable_loss){ .model = CABLE_LOSS_GEMODEL,
			.p = any_chance(sim),
			.r = any_chance(sim) + 1,
			.bad = RANDOM_PPB,
			.good = any_chance(sim) };
	default: return (struct cable_loss){ .p = any_chance(sim) };
	}
}

/* Whom the loss meets. */
static const char *
any_filter(struct sim *sim)
{
	static const char *const filters[] = { "arp", "icmp6", "udp", "ip", "ip6 multicast",
		"ether multicast", "greater 1000", "vlan" };

	return filters[sim_random(sim, RTE_DIM(filters))];
}

static void
impair_way(struct sim *sim, struct cable_impair *impair)
{
	impair->delay_ns = sim_random(sim, 20 * SIM_MS_NS);
	if (one_in(sim, 2))
		impair->jitter_ns = sim_random(sim, 20 * SIM_MS_NS);
	if (one_in(sim, 2))
		impair->distribution = CABLE_NORMAL;
	if (one_in(sim, 2))
		impair->loss = any_loss(sim);
	if (one_in(sim, 4))
		snprintf(impair->filter, sizeof(impair->filter), "%s", any_filter(sim));
	if (one_in(sim, 4)) {
		impair->reorder = any_chance(sim);
		impair->reorder_ns = sim_random(sim, 20 * SIM_MS_NS);
	}
}

static void
impair_frames(struct sim *sim, struct cable_impair *impair)
{
	if (one_in(sim, 4))
		impair->duplicate = any_chance(sim);
	if (one_in(sim, 4))
		impair->corrupt_before = any_chance(sim);
	if (one_in(sim, 4))
		impair->corrupt_after = any_chance(sim);
	if (one_in(sim, 4))
		impair->truncate = any_chance(sim);
}

/* From 0.1 to 100 Mbit/s. */
static void
impair_rate(struct sim *sim, struct cable_impair *impair)
{
	impair->rate_bps = 100000;
	for (unsigned i = sim_random(sim, 4); i > 0; i--)
		impair->rate_bps *= 10;
	impair->limit_packets = 1 + sim_random(sim, 100);
	impair->limit_bytes = one_in(sim, 4) ? 2000 + sim_random(sim, 100000) : 0;
	impair->burst_bytes = one_in(sim, 2) ? sim_random(sim, 10000) : 0;
	impair->codel = one_in(sim, 2);
	impair->ecn = one_in(sim, 2);
	if (one_in(sim, 2))
		impair->codel_interval_ns = (5 + sim_random(sim, 100)) * SIM_MS_NS;
}

void
random_link_impair(struct sim *sim, struct sim_link *link)
{
	struct cable_impair impair = { 0 };

	impair_way(sim, &impair);
	impair_frames(sim, &impair);
	if (one_in(sim, 3))
		impair_rate(sim, &impair);
	sim_link_impair(link, &impair);
}
