/* SPDX-License-Identifier: BSD-3-Clause */
/* Who leads where: what a routing protocol would find out, set as static routes. */
#include "sim/sim_private.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define FAR UINT_MAX

static struct ip_prefix
link_prefix(const struct sim_link *link, unsigned six)
{
	struct ip_prefix prefix = { link->ends[0].addr[six], six ? 64 : 24 };

	prefix.addr.bytes[six ? 15 : 3] = 0;
	return prefix;
}

static struct sim_node *
peer(const struct sim_node *node, unsigned port)
{
	return node->links[port]->ends[!node->ends[port]].node;
}

/* How far each node is from a link, in links that are up. */
static void
distances(const struct sim *sim, const struct sim_link *to, unsigned *far)
{
	bool changed = true;

	for (unsigned i = 0; i < sim->node_count; i++)
		far[i] = FAR;
	for (unsigned end = 0; end < 2; end++)
		far[to->ends[end].node->index] = 0;
	while (changed) {
		changed = false;
		for (unsigned i = 0; i < sim->link_count; i++) {
			const struct sim_link *link = sim->links[i];

			for (unsigned end = 0; end < 2 && link->up; end++) {
				unsigned a = link->ends[end].node->index;
				unsigned b = link->ends[!end].node->index;

				if (far[a] != FAR && far[b] > far[a] + 1) {
					far[b] = far[a] + 1;
					changed = true;
				}
			}
		}
	}
}

static struct sim_route
paths_choose(const struct sim_node *node, const struct sim_link *to, const unsigned *far)
{
	struct sim_route route = { 0 };

	if (far[node->index] == FAR || far[node->index] == 0)
		return route;
	for (unsigned port = 0; port < node->port_count; port++) {
		if (node->links[port]->up && far[peer(node, port)->index] == far[node->index] - 1)
			route.paths[route.path_count++] = (uint8_t)port;
	}
	return route;
}

static void
path_set(struct sim_node *node, const struct sim_link *to, const struct sim_route *chosen,
	unsigned six)
{
	struct stack_route *route = calloc(1, sizeof(*route));
	struct error err = { 0 };

	if (route == NULL)
		abort();
	route->prefix = link_prefix(to, six);
	route->type = STACK_ROUTE_VIA;
	route->path_count = chosen->path_count;
	for (unsigned i = 0; i < chosen->path_count; i++) {
		unsigned port = chosen->paths[i];
		const struct sim_link *link = node->links[port];

		route->paths[i].gateway = link->ends[!node->ends[port]].addr[six];
		route->paths[i].weight = 1;
	}
	if (stack_route_add(node->stack, route, true, &err) < 0)
		sim_fail("%s: a route to %s: %s", node->name, to->name, err.text);
	free(route);
}

static void
path_unset(struct sim_node *node, const struct sim_link *to, unsigned six)
{
	const struct ip_prefix prefix = link_prefix(to, six);
	struct error err = { 0 };

	if (stack_route_remove(node->stack, IP_VRF_DEFAULT, &prefix, &err) < 0)
		sim_fail("%s: the route to %s: %s", node->name, to->name, err.text);
}

static void
paths_change(struct sim_node *node, const struct sim_link *to, const struct sim_route *chosen)
{
	struct sim_route *now = &node->routes[to->index];

	if (memcmp(now, chosen, sizeof(*now)) == 0)
		return;
	sim_stack(node);
	for (unsigned six = 0; six < 2; six++) {
		if (chosen->path_count > 0)
			path_set(node, to, chosen, six);
		else
			path_unset(node, to, six);
	}
	*now = *chosen;
	for (unsigned i = 0; i < chosen->path_count; i++)
		node->ways[to->index] |= (uint16_t)(1U << chosen->paths[i]);
	node->sim->unordered |= node->sim->flow_count > 0;
}

void
sim_routes(struct sim *sim)
{
	unsigned far[SIM_NODES_MAX];

	for (unsigned i = 0; i < sim->link_count; i++) {
		distances(sim, sim->links[i], far);
		for (unsigned n = 0; n < sim->node_count; n++) {
			struct sim_node *node = sim->nodes[n];
			struct sim_route route = paths_choose(node, sim->links[i], far);

			paths_change(node, sim->links[i], &route);
		}
	}
}

void
sim_routes_remove(struct sim *sim)
{
	static const struct sim_route none;

	for (unsigned i = 0; i < sim->link_count; i++) {
		for (unsigned n = 0; n < sim->node_count; n++)
			paths_change(sim->nodes[n], sim->links[i], &none);
	}
}
