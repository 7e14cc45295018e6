/* SPDX-License-Identifier: BSD-3-Clause */
/* Gateways that are found through routes, by VRF and address. Called by stack_group.c. */
#include "stack/stack_gateway.h"

#include <stdlib.h>
#include <string.h>

static int
gateway_compare(const struct stack_gateway *a, const struct stack_gateway *b)
{
	if (a->vrf != b->vrf)
		return a->vrf < b->vrf ? -1 : 1;
	/* As ip_prefix_compare(): what a prefix contains is in a row behind its first address. */
	return memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(
	stack_gateways, stack_gateway, node, gateway_compare, __attribute__((unused)) static)

struct stack_gateway *
stack_gateway_hold(struct stack_gateways *gateways, uint16_t vrf, const struct ip_addr *addr,
	struct stack_gateway_use *use)
{
	struct stack_gateway key = { .vrf = vrf, .addr = *addr };
	struct stack_gateway *gateway = RB_FIND(stack_gateways, gateways, &key);

	if (gateway == NULL) {
		gateway = calloc(1, sizeof(*gateway));
		if (gateway == NULL)
			return NULL;
		gateway->vrf = vrf;
		gateway->addr = *addr;
		RB_INSERT(stack_gateways, gateways, gateway);
	}
	LIST_INSERT_HEAD(&gateway->uses, use, entry);
	use->gateway = gateway;
	return gateway;
}

void
stack_gateway_release(struct stack_gateways *gateways, struct stack_gateway_use *use)
{
	struct stack_gateway *gateway = use->gateway;

	LIST_REMOVE(use, entry);
	use->gateway = NULL;
	if (!LIST_EMPTY(&gateway->uses))
		return;
	stack_gateway_move(gateway, NULL);
	RB_REMOVE(stack_gateways, gateways, gateway);
	free(gateway);
}

static struct stack_gateway *
if_contained(struct stack_gateway *gateway, uint16_t vrf, const struct ip_prefix *prefix)
{
	bool contained = gateway != NULL && gateway->vrf == vrf &&
		ip_prefix_contains(prefix, &gateway->addr);

	return contained ? gateway : NULL;
}

struct stack_gateway *
stack_gateway_first(struct stack_gateways *gateways, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct stack_gateway key = { .vrf = vrf, .addr = prefix->addr };

	return if_contained(RB_NFIND(stack_gateways, gateways, &key), vrf, prefix);
}

struct stack_gateway *
stack_gateway_next(struct stack_gateway *gateway, const struct ip_prefix *prefix)
{
	return if_contained(RB_NEXT(stack_gateways, , gateway), gateway->vrf, prefix);
}

void
stack_gateway_move(struct stack_gateway *gateway, struct stack_gateway_list *behind)
{
	if (gateway->is_behind)
		LIST_REMOVE(gateway, behind);
	gateway->is_behind = behind != NULL;
	if (behind != NULL)
		LIST_INSERT_HEAD(behind, gateway, behind);
}
