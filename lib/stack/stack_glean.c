/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which neighbour a punted packet waits for. Looked up again, on the control thread: the nexthop id
 * that the worker saw may have been freed, and taken by another, while the packet was on the ring.
 */
#include "stack/worker.h"

#include "pkt/flow_policy.h"
#include "wire/ip6.h"

static bool
group_has(const struct nexthop_group *group, uint32_t id)
{
	for (uint32_t i = 0; i < group->path_count; i++) {
		if (group->paths[i].nexthop == id)
			return true;
	}
	return false;
}

/* The nexthop of a packet's route now; of a group the path that the worker chose, if it still serves. */
static uint32_t
glean_nexthop(const struct stack *stack, struct rte_mbuf *pkt, const struct ip_addr *dst)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	const struct stack_vrf *vrf = stack->vrfs[meta->vrf];
	const struct nexthop *nexthop;
	const struct iface *iface;
	struct route route;

	if (dst->family == IP_FAMILY_6 && ip_addr_is_link_local(dst)) {
		iface = iface_get(stack->ifaces, meta->iface);
		return iface != NULL ? iface->attached : NEXTHOP_ID_NO_ROUTE;
	}
	if (vrf == NULL || route_lookup(vrf->routes, dst, &route) < 0)
		return NEXTHOP_ID_NO_ROUTE;
	nexthop = nexthop_get(nexthop_table_array(stack->nexthops), route.nexthop);
	if (nexthop->type != NEXTHOP_GROUP)
		return route.nexthop;
	if (group_has(nexthop->group, meta->nexthop) &&
		nexthop_down(stack->nexthops, meta->nexthop) == 0)
		return meta->nexthop;
	return nexthop_group_select(nexthop->group,
		dst->family == IP_FAMILY_4 ? flow_path_ip4(vrf->policy, &stack->toeplitz, pkt)
					   : flow_path_ip6(vrf->policy, &stack->toeplitz, pkt));
}

int
stack_glean_key(const struct stack *stack, struct rte_mbuf *pkt, struct neigh_key *key,
	uint32_t *nexthop_id)
{
	const uint8_t *l3 = pkt_l3(pkt, const uint8_t *);
	struct ip_addr dst = l3[0] >> 4 == 4
		? ip_addr_from4(&((const struct ip4_header *)l3)->dst_be)
		: ip_addr_from6(((const struct ip6_header *)l3)->dst);
	uint32_t id = glean_nexthop(stack, pkt, &dst);
	const struct nexthop *nexthop = nexthop_get(nexthop_table_array(stack->nexthops), id);
	const struct iface *iface;

	if (nexthop->type < NEXTHOP_ATTACHED || nexthop->type == NEXTHOP_GROUP)
		return -ENETUNREACH;
	iface = iface_get(stack->ifaces, nexthop->iface);
	if (iface == NULL || !iface->up || (iface->ip6_off && dst.family == IP_FAMILY_6))
		return -ENETDOWN;
	*key = (struct neigh_key){
		.iface = nexthop->iface,
		.addr = nexthop->type == NEXTHOP_ATTACHED ? dst : nexthop->gateway,
	};
	*nexthop_id = id;
	return 0;
}
