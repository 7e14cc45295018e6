/* SPDX-License-Identifier: BSD-3-Clause */
/* From the paths of a route to the neighbours that they lead to. Private to lib/stack. */
#ifndef STACK_STACK_RESOLVE_H
#define STACK_STACK_RESOLVE_H

#include "stack/stack.h"

/* The VRF in which a path's gateway is. */
static inline uint16_t
stack_path_vrf(const struct stack_route *route, uint32_t path)
{
	return route->paths[path].leaked ? route->paths[path].vrf : route->vrf;
}

/* An interface with a link, by its name; it must be in the VRF. */
int stack_link_iface(const struct stack *stack, uint16_t vrf, const char *name,
	const struct iface **iface, struct error *err);

/*
 * The interface that a path's gateway is on: as said, or where its subnet is connected in the VRF;
 * NULL: it is to be found through other routes.
 */
int stack_path_iface(const struct stack *stack, uint16_t vrf, const struct stack_path *path,
	const struct iface **iface, struct error *err);

/* A neighbour that a group sends to. */
struct stack_member {
	uint16_t iface;
	uint32_t weight;
	struct ip_addr gateway; /* family IP_FAMILY_NONE: there is none, "unreachable" */
};

struct stack_members {
	uint32_t count; /* at least 1 */
	struct stack_member items[NEXTHOP_PATHS_MAX];
};

/*
 * Where paths that say their VRF lead: to a neighbour each, or to those that a gateway is found behind. What cannot be
 * found is left out; if nothing is left, the one member is "unreachable".
 */
void stack_paths_resolve(const struct stack *stack, const struct stack_path *paths, uint32_t count,
	struct stack_members *members);
/* Nexthops of a group's own for them. */
int stack_members_create(struct stack *stack, const struct stack_members *members,
	struct nexthop_path nexthops[NEXTHOP_PATHS_MAX], struct error *err);
void stack_members_release(
	struct stack *stack, const struct nexthop_path *nexthops, uint32_t count);

#endif
