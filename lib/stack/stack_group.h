/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The nexthop groups of routes with several paths, or with gateways that are found through other
 * routes. Routes that say the same share one. Private to lib/stack.
 */
#ifndef STACK_STACK_GROUP_H
#define STACK_STACK_GROUP_H

#include "stack/stack.h"

struct stack_groups *stack_groups_create(uint32_t nexthops_max);
void stack_groups_destroy(struct stack_groups *groups);

/*
 * A group for a route's paths, with a reference; `like`: the nexthop that it comes in place of, or
 * NEXTHOP_ID_NO_ROUTE. Paths that are in both keep their flows.
 */
int stack_group_hold(struct stack *stack, const struct stack_route *route, uint32_t like,
	uint32_t *id, struct error *err);
/* A route has given its reference to a nexthop back: if it was a group's last, forget the group. */
void stack_group_released(struct stack *stack, uint32_t id);
/* Routes changed: gateways that were found through them may have moved. */
void stack_group_follow(struct stack *stack);
/* Those for whose new paths there were no nexthops or no memory keep the old ones: try again. */
void stack_group_retry(struct stack *stack);
bool stack_group_waits(const struct stack *stack);
/* How many groups have gateways that are to be found through routes of a VRF. */
unsigned stack_group_leads_to(const struct stack *stack, uint16_t vrf);

#endif
