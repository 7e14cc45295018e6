/* SPDX-License-Identifier: BSD-3-Clause */
/* From the paths of a route to the neighbours that they lead to. Private to lib/stack. */
#ifndef STACK_STACK_RESOLVE_H
#define STACK_STACK_RESOLVE_H

#include "stack/stack.h"

/*
 * The interface that a path's gateway is on: as said, or where its subnet is connected; NULL: it is
 * to be found through other routes.
 */
int stack_path_iface(const struct stack *stack, const struct stack_path *path,
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
 * Where paths lead: to a neighbour each, or to those that a gateway is found behind. What cannot be
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
