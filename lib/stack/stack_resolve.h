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

/*
 * Nexthops of a group's own for the paths: one each, or those that a gateway is found behind. What
 * cannot be found is left out; if nothing is left, the one member is "unreachable".
 */
int stack_members_create(struct stack *stack, const struct stack_path *paths, uint32_t path_count,
	struct nexthop_path members[NEXTHOP_PATHS_MAX], uint32_t *count, struct error *err);
void stack_members_release(struct stack *stack, const struct nexthop_path *members, uint32_t count);

#endif
