/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes by prefix, by address, and in order. */
#include "route/route_table.h"

#include <errno.h>

const char *
route_source_name(enum route_source source)
{
	static const char *const names[ROUTE_SOURCE_COUNT] = {
		[ROUTE_LOCAL] = "local",
		[ROUTE_CONNECTED] = "connected",
		[ROUTE_STATIC] = "static",
		[ROUTE_RA] = "ra",
		[ROUTE_NEIGHBOUR] = "neighbour",
	};

	return (unsigned)source < ROUTE_SOURCE_COUNT ? names[source] : "unknown";
}

static void
prefix_route(const struct rib_prefix *prefix, enum route_source source, struct route *route)
{
	route->prefix = prefix->prefix;
	route->source = source;
	route->metric = source == ROUTE_STATIC ? prefix->metric : 0;
	route->active = source == rib_prefix_best(prefix);
	route->nexthop = prefix->nexthops[source];
}

int
route_find(const struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, struct route *route)
{
	const struct rib_prefix *node = table_find(table, prefix);

	if (!rib_prefix_has(node, source))
		return -ENOENT;
	prefix_route(node, source, route);
	return 0;
}

static void
spare_route(const struct rib_prefix *node, const struct rib_spare *spare, struct route *route)
{
	*route = (struct route){
		.prefix = node->prefix,
		.source = ROUTE_STATIC,
		.metric = spare->metric,
		.nexthop = spare->nexthop,
	};
}

int
route_find_metric(const struct route_table *table, const struct ip_prefix *prefix, uint32_t metric,
	struct route *route)
{
	struct rib_prefix *node = table_find(table, prefix);
	const struct rib_spare *spare;

	if (rib_prefix_has(node, ROUTE_STATIC) && node->metric == metric) {
		prefix_route(node, ROUTE_STATIC, route);
		return 0;
	}
	spare = node != NULL ? *rib_spare_find(node, metric) : NULL;
	if (spare == NULL || spare->metric != metric)
		return -ENOENT;
	spare_route(node, spare, route);
	return 0;
}

int
route_lookup_prefix(
	const struct route_table *table, const struct ip_prefix *prefix, struct route *route)
{
	const struct ip_prefix network = ip_prefix_network(prefix);
	const struct rib_prefix *node = table_cover(table, &network);

	if (node == NULL)
		return -ENOENT;
	prefix_route(node, rib_prefix_best(node), route);
	return 0;
}

int
route_lookup(const struct route_table *table, const struct ip_addr *addr, struct route *route)
{
	const struct ip_prefix host = { .addr = *addr, .length = ip_addr_bits(addr) };

	return route_lookup_prefix(table, &host, route);
}

/* What comes behind a route of the same prefix. */
static int
prefix_next(struct rib_prefix *node, struct route *route)
{
	const struct rib_spare *spare = NULL;
	unsigned sources = node->sources & ~((2U << route->source) - 1);

	if (route->source == ROUTE_STATIC && route->metric < UINT32_MAX)
		spare = *rib_spare_find(node, route->metric + 1);
	if (spare != NULL)
		spare_route(node, spare, route);
	else if (sources != 0)
		prefix_route(node, (enum route_source)__builtin_ctz(sources), route);
	else
		return -ENOENT;
	return 0;
}

/* The first route of a prefix, of the next one if it is NULL: the other family's. */
static int
first_route(const struct route_table *table, struct rib_prefix *node, uint8_t family,
	struct route *route)
{
	if (node == NULL && family == IP_FAMILY_4)
		node = rib_first(table_rib(table, IP_FAMILY_6));
	if (node == NULL)
		return -ENOENT;
	prefix_route(node, rib_prefix_best(node), route);
	return 0;
}

int
route_first(const struct route_table *table, const struct ip_prefix *prefix, struct route *route)
{
	uint8_t family = prefix->addr.family;

	return first_route(table, rib_find_after(table_rib(table, family), prefix), family, route);
}

int
route_next(const struct route_table *table, struct route *route)
{
	uint8_t family = route->prefix.addr.family == IP_FAMILY_6 ? IP_FAMILY_6 : IP_FAMILY_4;
	struct rib_prefix *node = rib_find_after(table_rib(table, family), &route->prefix);

	if (node != NULL && ip_prefix_compare(&node->prefix, &route->prefix) == 0) {
		if (prefix_next(node, route) == 0)
			return 0;
		node = rib_next(node);
	}
	return first_route(table, node, family, route);
}
