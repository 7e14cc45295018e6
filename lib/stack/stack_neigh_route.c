/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host routes of neighbours: they spare packets to a neighbour itself the way over the control
 * thread. Only where its address is routed to its link: packets go where the longest prefix leads
 * (RFC 1812 5.2.4.3), and never another way because somebody answered.
 */
#include "stack/stack_neigh.h"

static struct ip_prefix
host_prefix(const struct neigh_key *key)
{
	return (struct ip_prefix){ key->addr, ip_addr_bits(&key->addr) };
}

/* Whether a neighbour's address, its host route apart, leads to the link that it is on. */
static bool
is_on_link(const struct stack *stack, const struct iface *iface, const struct neigh_key *key)
{
	const struct ip_prefix above = { key->addr, (uint8_t)(ip_addr_bits(&key->addr) - 1) };
	struct route route;

	return route_lookup_prefix(stack_routes(stack, iface->vrf), &above, &route) == 0 &&
		route.nexthop == iface->attached;
}

void
stack_neigh_route_insert(
	struct stack *stack, const struct iface *iface, const struct neigh_key *key)
{
	const struct ip_prefix host = host_prefix(key);
	struct route_table *routes = stack_routes(stack, iface->vrf);
	struct nexthop_link link;
	struct route present;
	uint32_t nexthop;

	if (ip_addr_is_link_local(&key->addr) ||
		route_find(routes, &host, ROUTE_NEIGHBOUR, &present) == 0 ||
		!is_on_link(stack, iface, key))
		return;
	stack_iface_link(iface, &link);
	if (nexthop_gateway(stack->nexthops, &link, &key->addr, false, &nexthop, NULL) < 0)
		return;
	if (nexthop_references(stack->nexthops, nexthop) == 1)
		stack_nexthop_counters_base(stack, nexthop);
	if (route_insert(routes, &host, ROUTE_NEIGHBOUR, nexthop, NULL) < 0)
		nexthop_release(stack->nexthops, nexthop);
}

/* Its own, not that of a neighbour with the same address on another link. */
void
stack_neigh_route_remove(struct stack *stack, uint16_t vrf, const struct neigh_key *key)
{
	const struct ip_prefix host = host_prefix(key);
	struct route_table *routes = stack_routes(stack, vrf);
	struct route route;

	if (route_find(routes, &host, ROUTE_NEIGHBOUR, &route) == 0 &&
		nexthop_get(nexthop_table_array(stack->nexthops), route.nexthop)->iface ==
			key->iface)
		route_remove(routes, &host, ROUTE_NEIGHBOUR, NULL);
}

bool
stack_neigh_next_on(const struct stack *stack, uint16_t iface, struct neigh_info *info)
{
	return neigh_next(stack->neighs, stack_neigh_now_ms(stack), info) == 0 &&
		info->key.iface == iface;
}

void
stack_neigh_routes_check(struct stack *stack, uint16_t index)
{
	const struct iface *iface = index != IFACE_NONE ? iface_get(stack->ifaces, index) : NULL;
	struct neigh_info info = { .key.iface = index };

	while (iface != NULL && stack_neigh_next_on(stack, index, &info)) {
		if (!is_on_link(stack, iface, &info.key))
			stack_neigh_route_remove(stack, iface->vrf, &info.key);
	}
}

uint16_t
stack_neigh_routes_iface(const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix)
{
	const struct nexthop *nexthop;
	struct route route;

	if (route_lookup_prefix(stack_routes(stack, vrf), prefix, &route) < 0)
		return IFACE_NONE;
	nexthop = nexthop_get(nexthop_table_array(stack->nexthops), route.nexthop);
	return nexthop->type == NEXTHOP_ATTACHED ? nexthop->iface : IFACE_NONE;
}

void
stack_neigh_connect(struct stack *stack, const struct iface *iface, uint16_t before)
{
	struct neigh_info info = { .key.iface = iface->index };
	struct route present;

	while (stack_neigh_next_on(stack, iface->index, &info)) {
		const struct ip_prefix host = host_prefix(&info.key);

		if (route_find(stack_routes(stack, before), &host, ROUTE_NEIGHBOUR, &present) == 0)
			stack_neigh_route_insert(stack, iface, &info.key);
	}
}

void
stack_neigh_disconnect(struct stack *stack, uint16_t index, uint16_t vrf)
{
	struct neigh_info info = { .key.iface = index };

	while (stack_neigh_next_on(stack, index, &info))
		stack_neigh_route_remove(stack, vrf, &info.key);
}
