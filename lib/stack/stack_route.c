/* SPDX-License-Identifier: BSD-3-Clause */
/* Static routes as users say them, and the way that a flow takes. */
#include "pkt/flow_policy.h"
#include "stack/stack_group.h"
#include "stack/stack_resolve.h"
#include "stack/worker.h"

/* A gateway nexthop for the only path of a route; a known neighbour makes it ready at once. */
static int
gateway_nexthop(struct stack *stack, const struct iface *iface, const struct stack_route *route,
	uint32_t *id, struct error *err)
{
	const struct ip_addr *gateway = &route->paths[0].gateway;
	struct nexthop_link link;
	int rc;

	stack_iface_link(iface, &link);
	rc = nexthop_gateway(stack->nexthops, &link, gateway, route->counted, id, err);
	if (rc < 0)
		return rc;
	if (nexthop_references(stack->nexthops, *id) == 1)
		stack_nexthop_counters_base(stack, *id);
	stack_failover_neigh(stack, &(struct neigh_key){ iface->index, *gateway });
	return 0;
}

static int
paths_nexthop(struct stack *stack, const struct stack_route *route, uint32_t like, uint32_t *id,
	struct error *err)
{
	const struct iface *iface = NULL;
	int rc;

	for (uint32_t i = 0; i < route->path_count; i++) {
		if (route->paths[i].gateway.family != route->prefix.addr.family)
			return error_set(err, EINVAL,
				"an IPv%u route needs gateways of its own family",
				route->prefix.addr.family);
	}
	if (route->path_count == 1) {
		rc = stack_path_iface(
			stack, stack_path_vrf(route, 0), &route->paths[0], &iface, err);
		if (rc < 0)
			return rc;
	}
	if (iface != NULL)
		return gateway_nexthop(stack, iface, route, id, err);
	return stack_group_hold(stack, route, like, id, err);
}

/* The nexthop of a route, with a reference for it. */
static int
route_nexthop(struct stack *stack, const struct stack_route *route, uint32_t like, uint32_t *id,
	struct error *err)
{
	const uint16_t vrf = route->leaked ? route->nexthop_vrf : route->vrf;
	const struct iface *iface;
	int rc;

	switch (route->type) {
	case STACK_ROUTE_BLACKHOLE: *id = NEXTHOP_ID_BLACKHOLE; return 0;
	case STACK_ROUTE_PROHIBIT: *id = NEXTHOP_ID_PROHIBIT; return 0;
	case STACK_ROUTE_UNREACHABLE: *id = NEXTHOP_ID_UNREACHABLE; return 0;
	case STACK_ROUTE_DEV:
		rc = stack_link_iface(stack, vrf, route->iface, &iface, err);
		if (rc < 0)
			return rc;
		nexthop_hold(stack->nexthops, iface->attached);
		*id = iface->attached;
		return 0;
	case STACK_ROUTE_VIA: break;
	}
	return paths_nexthop(stack, route, like, id, err);
}

/* A destination that a route can be for. */
static int
prefix_check(const struct ip_prefix *prefix, struct error *err)
{
	struct ip_prefix network = ip_prefix_network(prefix);
	char text[IP_TEXT_MAX], network_text[IP_TEXT_MAX];

	if (ip_prefix_compare(&network, prefix) != 0)
		return error_set(err, EINVAL, "%s has host bits set: did you mean %s?",
			ip_prefix_format(prefix, text), ip_prefix_format(&network, network_text));
	if (network.length > 0 && ip_addr_is_multicast(&network.addr))
		return error_set(err, EINVAL, "%s is multicast, which is not routed",
			ip_prefix_format(&network, text));
	return 0;
}

int
stack_route_add(
	struct stack *stack, const struct stack_route *said, bool replace, struct error *err)
{
	struct route route = {
		.prefix = said->prefix,
		.source = ROUTE_STATIC,
		.metric = said->metric,
	};
	struct route_table *routes = stack_routes(stack, said->vrf);
	struct route present = { .nexthop = NEXTHOP_ID_NO_ROUTE };
	char text[IP_TEXT_MAX];
	uint16_t on_link;
	int rc = prefix_check(&said->prefix, err);

	if (rc < 0)
		return rc;
	on_link = stack_neigh_routes_iface(stack, said->vrf, &said->prefix);
	if (said->counted && said->type != STACK_ROUTE_VIA)
		return error_set(err, EINVAL, "only routes by a gateway can be counted");
	if (route_find_metric(routes, &said->prefix, said->metric, &present) == 0 && !replace)
		return error_set(err, EEXIST,
			"there is a route for %s already: 'route replace' changes it, another "
			"'metric' goes beside it",
			ip_prefix_format(&said->prefix, text));
	rc = route_nexthop(stack, said, present.nexthop, &route.nexthop, err);
	if (rc < 0)
		return rc;
	rc = route_set(routes, &route, replace, err);
	if (rc < 0)
		nexthop_release(stack->nexthops, route.nexthop);
	stack_group_released(stack, rc < 0 ? route.nexthop : present.nexthop);
	stack_neigh_routes_check(stack, on_link);
	stack_group_follow(stack);
	return rc;
}

/* The static route of a prefix that `present` is. */
static int
static_remove(struct stack *stack, uint16_t vrf, const struct route *present, struct error *err)
{
	uint16_t on_link = stack_neigh_routes_iface(stack, vrf, &present->prefix);
	int rc = route_remove_metric(
		stack_routes(stack, vrf), &present->prefix, present->metric, err);

	if (rc < 0)
		return rc;
	stack_group_released(stack, present->nexthop);
	stack_neigh_routes_check(stack, on_link);
	stack_group_follow(stack);
	return 0;
}

int
stack_route_remove(
	struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix, struct error *err)
{
	char text[IP_TEXT_MAX];
	struct route present;

	if (route_find(stack_routes(stack, vrf), prefix, ROUTE_STATIC, &present) < 0)
		return error_set(err, ENOENT, "there is no static route for %s",
			ip_prefix_format(prefix, text));
	return static_remove(stack, vrf, &present, err);
}

int
stack_route_remove_metric(struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix,
	uint32_t metric, struct error *err)
{
	char text[IP_TEXT_MAX];
	struct route present;

	if (route_find_metric(stack_routes(stack, vrf), prefix, metric, &present) < 0)
		return error_set(err, ENOENT, "there is no static route for %s with metric %u",
			ip_prefix_format(prefix, text), metric);
	return static_remove(stack, vrf, &present, err);
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

static unsigned
vrf_iface_routes(const struct stack *stack, const struct stack_vrf *vrf, uint16_t iface)
{
	struct route route = { 0 };
	unsigned count = 0;

	while (route_next(vrf->routes, &route) == 0) {
		if (route.source == ROUTE_STATIC && nexthop_uses_iface(stack, route.nexthop, iface))
			count++;
	}
	return count;
}

unsigned
stack_iface_routes(const struct stack *stack, uint16_t iface)
{
	const struct stack_vrf *vrf;
	unsigned count = 0;

	/* Routes of any VRF may have been led there. */
	for (unsigned i = 0; (vrf = stack_vrf_next(stack, i)) != NULL; i = vrf->index + 1U)
		count += vrf_iface_routes(stack, vrf, iface);
	return count;
}

void
stack_route_get(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct ip_flow *flow, struct stack_way *way)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);
	const struct nexthop *nexthop;

	*way = (struct stack_way){ 0 };
	if (route_lookup(stack_routes(stack, vrf), dst, &way->route) < 0)
		return;
	way->found = true;
	way->nexthop = way->route.nexthop;
	nexthop = nexthop_get(nexthops, way->nexthop);
	if (nexthop->type == NEXTHOP_GROUP && flow != NULL) {
		way->hash = flow_path_flow(stack->vrfs[vrf]->policy, &stack->toeplitz, flow);
		way->nexthop = nexthop_group_select(nexthop->group, way->hash);
		way->chosen = true;
	}
}
