/* SPDX-License-Identifier: BSD-3-Clause */
/* Any network: a tree of routers with some more links, and hosts at the leaves. */
#include "sim/random.h"

#include <stdio.h>

#define ROUTERS_MAX 5
#define HOSTS_MAX   4

/* What every link of IPv6 carries, and up to what jumbo frames do. */
static uint16_t
any_mtu(struct sim *sim)
{
	static const uint16_t mtus[] = { 1280, 1281, 1400, 1492, 1500, 4000, 9000 };

	return mtus[sim_random(sim, RTE_DIM(mtus))];
}

static void
links_vary(struct sim *sim)
{
	for (unsigned i = 0; i < sim_link_count(sim); i++) {
		struct sim_link *link = sim_link_at(sim, i);

		if (one_in(sim, 4))
			sim_link_set_mtu(link, any_mtu(sim));
		if (one_in(sim, 4))
			sim_link_add_vlan(link, (uint16_t)(1 + sim_random(sim, 4094)),
				one_in(sim, 2) ? "red" : NULL);
	}
}

/* What a path depends on. */
static void
multipath_vary(struct sim *sim, struct sim_node *node)
{
	static const uint8_t fields[] = { FLOW_SRC | FLOW_DST, FLOW_FIELDS_L4, FLOW_DST };
	const struct flow_policy policy = { .fields = fields[sim_random(sim, RTE_DIM(fields))],
		.symmetric = one_in(sim, 2),
		.seed = sim_random(sim, UINT32_MAX) };
	struct error err = { 0 };

	if (one_in(sim, 2) &&
		stack_multipath_set(sim_stack(node), IP_VRF_DEFAULT, &policy, &err) < 0)
		sim_fail("%s", err.text);
}

/* The last link of a host is its only one. */
static void
host_configure(struct sim *sim, struct sim_node *host, const struct sim_link *link)
{
	struct error err = { 0 };

	if (one_in(sim, 2) && stack_autoconf_set(sim_stack(host), sim_iface(link), true, &err) < 0)
		sim_fail("%s", err.text);
}

static struct sim_node *
node_create(struct sim *sim, const char *kind, unsigned number)
{
	struct sim_node *node;
	char name[16];

	snprintf(name, sizeof(name), "%s%u", kind, number);
	node = sim_node(sim, name);
	if (one_in(sim, 4))
		sim_node_limit_txqs(node, (uint16_t)(1 + sim_random(sim, sim_workers(sim))));
	return node;
}

void
random_network_create(struct sim *sim)
{
	unsigned routers = 1 + sim_random(sim, ROUTERS_MAX);
	unsigned hosts = 2 + sim_random(sim, HOSTS_MAX - 1);

	for (unsigned i = 0; i < routers; i++) {
		node_create(sim, "r", i);
		if (i > 0)
			sim_link(sim_node_at(sim, sim_random(sim, i)), sim_node_at(sim, i));
	}
	/* Two routers may have several links between them. */
	for (unsigned i = sim_random(sim, routers + 2); i > 0 && routers > 1; i--) {
		unsigned a = sim_random(sim, routers), b = sim_random(sim, routers - 1);

		sim_link(sim_node_at(sim, a), sim_node_at(sim, b + (b >= a)));
	}
	for (unsigned i = 0; i < routers; i++)
		multipath_vary(sim, sim_node_at(sim, i));
	for (unsigned i = 0; i < hosts; i++) {
		struct sim_node *router = sim_node_at(sim, sim_random(sim, routers));
		struct sim_node *host = node_create(sim, "h", i);

		host_configure(sim, host, sim_link(host, router));
	}
	links_vary(sim);
	sim_routes(sim);
}
