/* SPDX-License-Identifier: BSD-3-Clause */
/* The source address of what the control thread sends to somewhere: by the way there, RFC 6724. */
#include "stack/worker.h"

/* Why nothing can be sent by a nexthop that leads over no link. */
static int
error_no_link(const struct ip_addr *dst, enum nexthop_type type, struct error *err)
{
	char text[IP_TEXT_MAX];

	ip_addr_format(dst, text);
	if (type == NEXTHOP_LOCAL)
		return error_set(err, ENETUNREACH, "%s is an address of this router itself", text);
	if (type == NEXTHOP_BROADCAST)
		return error_set(err, ENETUNREACH, "%s is a broadcast address", text);
	return error_set(err, ENETUNREACH, "the route to %s leads nowhere: 'route get %s' shows it",
		text, text);
}

int
stack_output_iface(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct iface **iface, struct error *err)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);
	const struct nexthop *nexthop;
	char text[IP_TEXT_MAX];
	struct stack_way way;

	stack_route_get(stack, vrf, dst, NULL, &way);
	if (!way.found)
		return error_set(err, ENETUNREACH, "no route to %s", ip_addr_format(dst, text));
	nexthop = nexthop_get(nexthops, way.nexthop);
	if (nexthop->type == NEXTHOP_GROUP)
		nexthop = nexthop_get(nexthops, nexthop->group->paths[0].nexthop);
	if (nexthop->type < NEXTHOP_ATTACHED)
		return error_no_link(dst, nexthop->type, err);
	*iface = iface_get(stack->ifaces, nexthop->iface);
	return 0;
}

/* RFC 6724 4: a router may use another interface's of its VRF, for one whose own do not reach that far. */
static const struct ip_addr *
source_elsewhere(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst)
{
	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		const struct ip_addr *source =
			iface->up && iface->vrf == vrf ? iface_addr_source(iface, dst) : NULL;

		if (source != NULL && iface_addr_reaches(source, dst))
			return source;
	}
	return NULL;
}

int
stack_source(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct iface *iface, struct ip_addr *source, struct error *err)
{
	const struct ip_addr *own, *other;
	int rc = iface != NULL ? 0 : stack_output_iface(stack, vrf, dst, &iface, err);

	if (rc < 0)
		return rc;
	own = iface_addr_source(iface, dst);
	if (own == NULL || !iface_addr_reaches(own, dst)) {
		other = source_elsewhere(stack, iface->vrf, dst);
		own = other != NULL ? other : own;
	}
	if (own == NULL)
		return error_set(err, EADDRNOTAVAIL, "%s has no IPv%u address to send from",
			iface->name, dst->family);
	*source = *own;
	return 0;
}

uint16_t
stack_source_vrf(const struct stack *stack, uint16_t vrf, const struct ip_addr *source)
{
	const struct iface *iface;
	struct route route;

	/* Of a link-local one the interface was said, and the VRF is that one's. */
	if (ip_addr_is_link_local(source) ||
		(route_lookup(stack_routes(stack, vrf), source, &route) == 0 &&
			route.source == ROUTE_LOCAL))
		return vrf;
	for (unsigned i = 0; (iface = iface_next(stack->ifaces, i)) != NULL;
		i = iface->index + 1U) {
		if (iface_addr_is_own(iface, source))
			return iface->vrf;
	}
	return vrf;
}
