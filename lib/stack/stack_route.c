/* SPDX-License-Identifier: BSD-3-Clause */
/* Static routes as users say them, and the way that a flow takes. */
#include "stack/worker.h"

#include <bsd/string.h>

#include "pkt/flow_hash.h"

/* The interface that a gateway is on: as said, or where its subnet is connected. */
static int
path_iface(const struct stack *stack, const struct stack_path *path, const struct iface **iface,
	struct error *err)
{
	char text[IP_TEXT_MAX];
	struct route route;

	ip_addr_format(&path->gateway, text);
	if (path->iface[0] != '\0') {
		int rc = stack_iface_find(stack, path->iface, iface, err);

		if (rc == 0 && (*iface)->attached == NEXTHOP_ID_NO_ROUTE)
			return error_set(
				err, EINVAL, "nothing is behind the loopback %s", path->iface);
		return rc;
	}
	if (path->gateway.family == IP_FAMILY_6 && ip_addr_is_link_local(&path->gateway))
		return error_set(err, EINVAL,
			"%s is link-local: say on which interface with 'dev IFACE'", text);
	if (route_lookup(stack->routes, &path->gateway, &route) == 0) {
		if (route.source == ROUTE_LOCAL)
			return error_set(
				err, EINVAL, "gateway %s is an address of this router", text);
		if (route.source == ROUTE_CONNECTED || route.source == ROUTE_NEIGHBOUR)
			*iface = iface_get(stack->ifaces,
				nexthop_get(nexthop_table_array(stack->nexthops), route.nexthop)
					->iface);
		if ((route.source == ROUTE_CONNECTED && route.nexthop != NEXTHOP_ID_BROADCAST) ||
			route.source == ROUTE_NEIGHBOUR)
			return 0;
	}
	return error_set(err, ENETUNREACH,
		"gateway %s is in no connected subnet: add an address on its link with 'addr add', "
		"or say the interface with 'dev IFACE'",
		text);
}

/* A gateway nexthop for one path; a known neighbour makes it ready at once. */
static int
path_nexthop(struct stack *stack, const struct stack_path *path, bool private_, uint32_t *id,
	struct error *err)
{
	const struct iface *iface;
	struct nexthop_link link;
	int rc = path_iface(stack, path, &iface, err);

	if (rc < 0)
		return rc;
	stack_iface_link(iface, &link);
	rc = nexthop_gateway(stack->nexthops, &link, &path->gateway, private_, id, err);
	if (rc < 0)
		return rc;
	if (nexthop_references(stack->nexthops, *id) == 1)
		stack_nexthop_counters_base(stack, *id);
	stack_failover_neigh(stack, &(struct neigh_key){ iface->index, path->gateway });
	return 0;
}

static int
group_nexthop(struct stack *stack, const struct stack_route *route, uint32_t *id, struct error *err)
{
	struct nexthop_path paths[NEXTHOP_PATHS_MAX] = { { 0 } };
	uint32_t count;
	int rc = 0;

	*id = NEXTHOP_ID_NO_ROUTE;
	for (count = 0; count < route->path_count; count++) {
		paths[count].weight = route->paths[count].weight;
		rc = path_nexthop(stack, &route->paths[count], true, &paths[count].nexthop, err);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = nexthop_group(stack->nexthops, paths, count, id, err);
	if (rc < 0) {
		while (count > 0)
			nexthop_release(stack->nexthops, paths[--count].nexthop);
		return rc;
	}
	stack_nexthop_counters_base(stack, *id);
	return 0;
}

/* The nexthop of a route, with a reference for it. */
static int
route_nexthop(struct stack *stack, const struct stack_route *route, uint32_t *id, struct error *err)
{
	const struct iface *iface;
	int rc;

	switch (route->type) {
	case STACK_ROUTE_BLACKHOLE: *id = NEXTHOP_ID_BLACKHOLE; return 0;
	case STACK_ROUTE_UNREACHABLE: *id = NEXTHOP_ID_UNREACHABLE; return 0;
	case STACK_ROUTE_DEV:
		rc = stack_iface_find(stack, route->iface, &iface, err);
		if (rc < 0)
			return rc;
		if (iface->attached == NEXTHOP_ID_NO_ROUTE)
			return error_set(
				err, EINVAL, "nothing is behind the loopback %s", route->iface);
		nexthop_hold(stack->nexthops, iface->attached);
		*id = iface->attached;
		return 0;
	case STACK_ROUTE_VIA: break;
	}
	for (uint32_t i = 0; i < route->path_count; i++) {
		if (route->paths[i].gateway.family != route->prefix.addr.family)
			return error_set(err, EINVAL,
				"an IPv%u route needs gateways of its own family",
				route->prefix.addr.family);
	}
	if (route->path_count == 1)
		return path_nexthop(stack, &route->paths[0], false, id, err);
	return group_nexthop(stack, route, id, err);
}

int
stack_route_add(
	struct stack *stack, const struct stack_route *route, bool replace, struct error *err)
{
	struct ip_prefix network = ip_prefix_network(&route->prefix);
	char text[IP_TEXT_MAX], network_text[IP_TEXT_MAX];
	struct route present;
	uint32_t nexthop;
	int rc;

	if (ip_prefix_compare(&network, &route->prefix) != 0)
		return error_set(err, EINVAL, "%s has host bits set: did you mean %s?",
			ip_prefix_format(&route->prefix, text),
			ip_prefix_format(&network, network_text));
	if (network.length > 0 && ip_addr_is_multicast(&network.addr))
		return error_set(err, EINVAL, "%s is multicast, which is not routed",
			ip_prefix_format(&network, text));
	if (!replace && route_find(stack->routes, &network, ROUTE_STATIC, &present) == 0)
		return error_set(err, EEXIST,
			"there is a route for %s already: 'route replace' changes it",
			ip_prefix_format(&network, text));
	rc = route_nexthop(stack, route, &nexthop, err);
	if (rc < 0)
		return rc;
	/* Paths that stay keep their flows. */
	if (route_find(stack->routes, &network, ROUTE_STATIC, &present) == 0 &&
		route->path_count > 1)
		rc = nexthop_group_inherit(stack->nexthops, nexthop, present.nexthop, err);
	if (rc == 0)
		rc = replace ? route_replace(stack->routes, &network, ROUTE_STATIC, nexthop, err)
			     : route_insert(stack->routes, &network, ROUTE_STATIC, nexthop, err);
	if (rc < 0)
		nexthop_release(stack->nexthops, nexthop);
	return rc;
}

int
stack_route_remove(struct stack *stack, const struct ip_prefix *prefix, struct error *err)
{
	char text[IP_TEXT_MAX];
	int rc = route_remove(stack->routes, prefix, ROUTE_STATIC, NULL);

	if (rc < 0)
		return error_set(err, -rc, "there is no static route for %s",
			ip_prefix_format(prefix, text));
	return 0;
}

static bool
nexthop_uses_iface(const struct stack *stack, uint32_t id, uint16_t iface)
{
	const struct nexthop *nexthop = nexthop_get(nexthop_table_array(stack->nexthops), id);

	if (nexthop->type == NEXTHOP_GROUP) {
		for (uint32_t i = 0; i < nexthop->group->path_count; i++) {
			if (nexthop_uses_iface(stack, nexthop->group->paths[i].nexthop, iface))
				return true;
		}
		return false;
	}
	return nexthop->type >= NEXTHOP_ATTACHED && nexthop->iface == iface;
}

unsigned
stack_iface_routes(const struct stack *stack, uint16_t iface)
{
	struct route route = { 0 };
	unsigned count = 0;

	while (route_next(stack->routes, &route) == 0) {
		if (route.source == ROUTE_STATIC && nexthop_uses_iface(stack, route.nexthop, iface))
			count++;
	}
	return count;
}

void
stack_route_get(const struct stack *stack, const struct ip_addr *dst, const struct ip_flow *flow,
	struct stack_way *way)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);
	const struct nexthop *nexthop;

	*way = (struct stack_way){ 0 };
	if (route_lookup(stack->routes, dst, &way->route) < 0)
		return;
	way->found = true;
	way->nexthop = way->route.nexthop;
	nexthop = nexthop_get(nexthops, way->nexthop);
	if (nexthop->type == NEXTHOP_GROUP && flow != NULL) {
		way->hash = flow_hash_flow(&stack->toeplitz, flow);
		way->nexthop = nexthop_group_select(nexthop->group, way->hash);
		way->chosen = true;
	}
}
