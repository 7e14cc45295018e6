/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gateways that are found through routes, in order: which groups have each, and through which group
 * it is found. So a change of a route costs what it changes, however many groups there are. Private
 * to lib/stack; used by stack_group.c.
 */
#ifndef STACK_STACK_GATEWAY_H
#define STACK_STACK_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/queue.h>

#include <bsd/sys/tree.h>

#include "wire/ip_addr.h"

struct stack_group;

LIST_HEAD(stack_gateway_uses, stack_gateway_use);
LIST_HEAD(stack_gateway_list, stack_gateway);
RB_HEAD(stack_gateways, stack_gateway);

/* One for all groups that have it. */
struct stack_gateway {
	RB_ENTRY(stack_gateway) node; /* by VRF and address */
	LIST_ENTRY(stack_gateway) behind; /* of the group through which it is found, if is_behind */
	struct stack_gateway_uses uses;
	struct ip_addr addr;
	uint16_t vrf;
	bool is_behind;
};

/* A path of a group that has it. */
struct stack_gateway_use {
	LIST_ENTRY(stack_gateway_use) entry;
	struct stack_gateway *gateway; /* NULL: none */
	struct stack_group *group;
};

/*
 * The gateway with this address, for one more use.
 * @return it, NULL without memory; the first use of a gateway has to say what it is behind
 */
struct stack_gateway *stack_gateway_hold(struct stack_gateways *gateways, uint16_t vrf,
	const struct ip_addr *addr, struct stack_gateway_use *use);
/* The last use takes it away. */
void stack_gateway_release(struct stack_gateways *gateways, struct stack_gateway_use *use);
/* The gateways of a VRF that a prefix contains: the first one, and the one after another. */
struct stack_gateway *stack_gateway_first(
	struct stack_gateways *gateways, uint16_t vrf, const struct ip_prefix *prefix);
struct stack_gateway *stack_gateway_next(
	struct stack_gateway *gateway, const struct ip_prefix *prefix);
/* It is found through a group that has the list `behind`; NULL: through none. */
void stack_gateway_move(struct stack_gateway *gateway, struct stack_gateway_list *behind);

#endif
