/* SPDX-License-Identifier: BSD-3-Clause */
/* Gateways to neighbours: on a link of ours, or behind another route, and so on. */
#include "stack/stack_resolve.h"

#include "stack/worker.h"

/* Routes on the way from a gateway to a neighbour, and lookups for all paths of one route. */
#define DEPTH_MAX   8
#define LOOKUPS_MAX 4096

/* Where paths lead in the end. */
struct resolved {
	uint32_t count;
	struct {
		uint16_t iface;
		struct ip_addr gateway;
		double share;
	} items[NEXTHOP_PATHS_MAX];
	uint32_t lookups;
	bool uneven; /* a path led to none, or to several */
};

/* Whether a gateway may be found through this route. Through a default route all would be found. */
static bool
route_resolves(const struct stack *stack, const struct route *route)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);

	return route->source != ROUTE_LOCAL && route->prefix.length > 0 &&
		nexthop_get(nexthops, route->nexthop)->type >= NEXTHOP_ATTACHED;
}

/* Whether what the route leads to is on its link: a route that a router advertised (RFC 4191) leads
 * further, as a static one does. */
static bool
leads_to_link(const struct nexthop *nexthop, const struct route *route)
{
	return route->source == ROUTE_NEIGHBOUR ||
		(route->source != ROUTE_STATIC && nexthop->type == NEXTHOP_ATTACHED);
}

int
stack_link_iface(const struct stack *stack, uint16_t vrf, const char *name,
	const struct iface **iface, struct error *err)
{
	int rc = stack_iface_find_l3(stack, name, iface, err);

	if (rc < 0)
		return rc;
	if ((*iface)->attached == NEXTHOP_ID_NO_ROUTE)
		return error_set(err, EINVAL, "nothing is behind the loopback %s", name);
	if ((*iface)->vrf != vrf)
		return error_set(err, EXDEV,
			"%s is in VRF %s, not in %s: only 'nexthop-vrf %s' leads a route there",
			name, stack->vrfs[(*iface)->vrf]->name, stack->vrfs[vrf]->name,
			stack->vrfs[(*iface)->vrf]->name);
	return 0;
}

int
stack_path_iface(const struct stack *stack, uint16_t vrf, const struct stack_path *path,
	const struct iface **iface, struct error *err)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);
	char text[IP_TEXT_MAX];
	struct route route;

	*iface = NULL;
	if (path->iface[0] != '\0')
		return stack_link_iface(stack, vrf, path->iface, iface, err);
	ip_addr_format(&path->gateway, text);
	if (path->gateway.family == IP_FAMILY_6 && ip_addr_is_link_local(&path->gateway))
		return error_set(err, EINVAL,
			"%s is link-local: say on which interface with 'dev IFACE' or %%IFACE",
			text);
	if (path->recursive)
		return 0;
	if (route_lookup(stack_routes(stack, vrf), &path->gateway, &route) == 0) {
		if (route.source == ROUTE_LOCAL)
			return error_set(
				err, EINVAL, "gateway %s is an address of this router", text);
		if (route_resolves(stack, &route)) {
			if (leads_to_link(nexthop_get(nexthops, route.nexthop), &route))
				*iface = iface_get(
					stack->ifaces, nexthop_get(nexthops, route.nexthop)->iface);
			return 0;
		}
	}
	return error_set(err, ENETUNREACH,
		"gateway %s is in no connected subnet, and no route but a default one leads there: "
		"add an address on its link with 'addr add', or say the interface with 'dev IFACE', "
		"or that a route will come with 'recursive'",
		text);
}

static void
resolved_add(struct resolved *to, uint16_t iface, const struct ip_addr *gateway, double share)
{
	if (to->count == NEXTHOP_PATHS_MAX)
		return;
	to->items[to->count].iface = iface;
	to->items[to->count].gateway = *gateway;
	to->items[to->count++].share = share;
}

static void resolve_paths(const struct stack *stack, const struct stack_path *paths, uint32_t count,
	double share, unsigned depth, struct resolved *to);

/* A recursive path's place: on the link of its route, or where that leads. Loops end by the bounds. */
static void
resolve_gateway(const struct stack *stack, const struct stack_path *path, double share,
	unsigned depth, struct resolved *to)
{
	const struct nexthop *nexthop;
	const struct stack_path *paths;
	struct route route;
	uint32_t count;

	if (depth == DEPTH_MAX || to->lookups++ >= LOOKUPS_MAX)
		return;
	if (route_lookup(stack_routes(stack, path->vrf), &path->gateway, &route) < 0 ||
		!route_resolves(stack, &route))
		return;
	nexthop = nexthop_get(nexthop_table_array(stack->nexthops), route.nexthop);
	if (leads_to_link(nexthop, &route) || nexthop->type == NEXTHOP_ATTACHED) {
		resolved_add(to, nexthop->iface, &path->gateway, share);
	} else if (nexthop->type == NEXTHOP_GROUP) {
		paths = stack_route_paths(stack, route.nexthop, &count);
		resolve_paths(stack, paths, count, share, depth + 1, to);
	} else {
		resolved_add(to, nexthop->iface, &nexthop->gateway, share);
	}
}

/* Share out what comes to a route over its paths. */
static void
resolve_paths(const struct stack *stack, const struct stack_path *paths, uint32_t count,
	double share, unsigned depth, struct resolved *to)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += paths[i].weight;
	for (uint32_t i = 0; i < count; i++) {
		const struct iface *iface;
		double part = share * paths[i].weight / sum;

		if (paths[i].recursive) {
			resolve_gateway(stack, &paths[i], part, depth, to);
		} else {
			iface = iface_lookup(stack->ifaces, paths[i].iface);
			if (iface != NULL)
				resolved_add(to, iface->index, &paths[i].gateway, part);
		}
		to->uneven |= depth == 0 && to->count != i + 1;
	}
}

/* Whole numbers for the shares: as said, if each path has led to one neighbour. */
static uint32_t
member_weight(const struct resolved *from, uint32_t i, const struct stack_path *paths)
{
	double most = 0;
	uint32_t weight;

	if (!from->uneven)
		return paths[i].weight;
	for (uint32_t j = 0; j < from->count; j++)
		most = RTE_MAX(most, from->items[j].share);
	weight = (uint32_t)(from->items[i].share / most * NEXTHOP_WEIGHT_MAX + 0.5);
	return RTE_MAX(weight, 1U);
}

void
stack_paths_resolve(const struct stack *stack, const struct stack_path *paths, uint32_t count,
	struct stack_members *members)
{
	struct resolved resolved;

	resolved.count = resolved.lookups = 0;
	resolved.uneven = false;
	resolve_paths(stack, paths, count, 1, 0, &resolved);
	members->count = resolved.count;
	for (uint32_t i = 0; i < resolved.count; i++) {
		members->items[i] = (struct stack_member){
			.iface = resolved.items[i].iface,
			.weight = member_weight(&resolved, i, paths),
			.gateway = resolved.items[i].gateway,
		};
	}
	if (members->count == 0)
		members->items[members->count++] = (struct stack_member){ .weight = 1 };
}

static int
member_create(
	struct stack *stack, const struct stack_member *member, uint32_t *id, struct error *err)
{
	struct nexthop_link link;
	int rc;

	if (member->gateway.family == IP_FAMILY_NONE) {
		*id = NEXTHOP_ID_UNREACHABLE;
		return 0;
	}
	stack_iface_link(iface_get(stack->ifaces, member->iface), &link);
	rc = nexthop_gateway(stack->nexthops, &link, &member->gateway, true, id, err);
	if (rc < 0)
		return rc;
	stack_nexthop_counters_base(stack, *id);
	stack_failover_neigh(stack, &(struct neigh_key){ member->iface, member->gateway });
	return 0;
}

void
stack_members_release(struct stack *stack, const struct nexthop_path *nexthops, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		nexthop_release(stack->nexthops, nexthops[i].nexthop);
}

int
stack_members_create(struct stack *stack, const struct stack_members *members,
	struct nexthop_path nexthops[NEXTHOP_PATHS_MAX], struct error *err)
{
	for (uint32_t i = 0; i < members->count; i++) {
		int rc = member_create(stack, &members->items[i], &nexthops[i].nexthop, err);

		if (rc < 0) {
			stack_members_release(stack, nexthops, i);
			return rc;
		}
		nexthops[i].weight = members->items[i].weight;
	}
	return 0;
}
