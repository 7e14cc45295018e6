/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters of "route show". */
#include "commands/route_filter.h"

#include <string.h>

#include "commands/parse_vrf.h"

static int
parse_range(struct cli_call *call, struct route_filter *filter)
{
	static const struct {
		const char *word;
		enum route_range range;
	} ranges[] = {
		{ "root", ROUTE_RANGE_ROOT },
		{ "match", ROUTE_RANGE_MATCH },
		{ "exact", ROUTE_RANGE_EXACT },
		{ "PREFIX", ROUTE_RANGE_EXACT },
	};
	char text[IP_TEXT_MAX];
	struct ip_prefix network;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (filter->prefix.addr.family == IP_FAMILY_NONE &&
			cli_arg_prefix(call, ranges[i].word, &filter->prefix))
			filter->range = ranges[i].range;
	}
	if (filter->prefix.addr.family == IP_FAMILY_NONE) {
		filter->only_default = cli_arg_present(call, "PREFIX");
		return 0;
	}
	network = ip_prefix_network(&filter->prefix);
	if (ip_prefix_compare(&network, &filter->prefix) != 0)
		return error_set(call->err, EINVAL, "it has host bits set: did you mean %s?",
			ip_prefix_format(&network, text));
	return 0;
}

static void
parse_source(const struct cli_call *call, struct route_filter *filter)
{
	filter->source = -1;
	for (int source = 0; source < ROUTE_SOURCE_COUNT; source++) {
		if (cli_arg_present(call, route_source_name((enum route_source)source)))
			filter->source = source;
	}
}

int
route_filter_parse(struct cli_call *call, const struct stack *stack, struct route_filter *filter)
{
	const char *name = cli_arg_string(call, "dev");
	const struct iface *iface;
	int rc;

	*filter = (struct route_filter){ .iface = IFACE_NONE };
	rc = parse_vrf(call, stack, "vrf", &filter->vrf);
	if (rc == 0)
		rc = parse_range(call, filter);
	if (rc < 0)
		return rc;
	parse_source(call, filter);
	cli_arg_addr(call, "via", &filter->via);
	if (cli_arg_present(call, "ipv4"))
		filter->family = IP_FAMILY_4;
	if (cli_arg_present(call, "ipv6"))
		filter->family = IP_FAMILY_6;
	if (name == NULL)
		return 0;
	iface = iface_lookup(stack->ifaces, name);
	if (iface == NULL)
		return cli_fail(
			call, "dev", ENOENT, "no interface \"%s\": 'iface show' lists them", name);
	filter->iface = iface->index;
	return 0;
}

static bool
nexthop_passes(const struct route_filter *filter, const struct stack *stack, uint32_t id)
{
	const struct nexthop *nexthop = nexthop_get(nexthop_table_array(stack->nexthops), id);
	const struct stack_path *paths;
	uint32_t count;

	if (nexthop->type != NEXTHOP_GROUP)
		return (filter->via.family == IP_FAMILY_NONE ||
			       ip_addr_equal(&filter->via, &nexthop->gateway)) &&
			(filter->iface == IFACE_NONE ||
				(nexthop->type >= NEXTHOP_ATTACHED &&
					filter->iface == nexthop->iface));
	for (uint32_t i = 0; i < nexthop->group->path_count; i++) {
		if (nexthop_passes(filter, stack, nexthop->group->paths[i].nexthop))
			return true;
	}
	/* A gateway that was said, and is found elsewhere. */
	paths = stack_route_paths(stack, id, &count);
	for (uint32_t i = 0; i < count && filter->iface == IFACE_NONE; i++) {
		if (ip_addr_equal(&filter->via, &paths[i].gateway))
			return true;
	}
	return false;
}

static bool
route_passes(const struct route_filter *filter, const struct stack *stack)
{
	const struct route *route = &filter->at;

	if (filter->only_default && route->prefix.length != 0)
		return false;
	if (filter->family != IP_FAMILY_NONE && filter->family != route->prefix.addr.family)
		return false;
	if (filter->source >= 0 && (enum route_source)filter->source != route->source)
		return false;
	return (filter->via.family == IP_FAMILY_NONE && filter->iface == IFACE_NONE) ||
		nexthop_passes(filter, stack, route->nexthop);
}

/* The first route of a range; for `match` of those of a length or longer. */
static int
range_first(struct route_filter *filter, const struct stack *stack, uint8_t length)
{
	struct ip_prefix first = filter->prefix;

	if (first.addr.family == IP_FAMILY_NONE)
		return route_next(stack_routes(stack, filter->vrf), &filter->at);
	if (filter->range == ROUTE_RANGE_MATCH) {
		first.length = length;
		first = ip_prefix_network(&first);
	}
	return route_first(stack_routes(stack, filter->vrf), &first, &filter->at);
}

/* @return 0; 1: try again, it is not in the range; -ENOENT: the range ends */
static int
range_check(struct route_filter *filter, const struct stack *stack)
{
	const struct ip_prefix *prefix = &filter->prefix, *at = &filter->at.prefix;

	if (prefix->addr.family == IP_FAMILY_NONE)
		return 0;
	switch (filter->range) {
	case ROUTE_RANGE_EXACT: return ip_prefix_compare(at, prefix) == 0 ? 0 : -ENOENT;
	case ROUTE_RANGE_ROOT:
		return at->addr.family == prefix->addr.family && at->length >= prefix->length &&
				ip_prefix_contains(prefix, &at->addr)
			? 0
			: -ENOENT;
	case ROUTE_RANGE_MATCH: break;
	}
	/* Prefixes that contain this one are far apart: look for each length. */
	for (unsigned length = 0; length <= prefix->length; length++) {
		const struct ip_prefix cut = { prefix->addr, (uint8_t)length };
		const struct ip_prefix wanted = ip_prefix_network(&cut);

		if (ip_prefix_compare(at, &wanted) == 0)
			return 0;
		if (ip_prefix_compare(at, &wanted) < 0)
			return range_first(filter, stack, (uint8_t)length) < 0 ? -ENOENT : 1;
	}
	return -ENOENT;
}

int
route_filter_next(struct route_filter *filter, const struct stack *stack, unsigned tries)
{
	const struct route_table *routes;
	int rc = 0;

	/* It may have gone since the last part. */
	if (stack->vrfs[filter->vrf] == NULL)
		return -ENOENT;
	routes = stack_routes(stack, filter->vrf);
	if (!filter->started)
		rc = range_first(filter, stack, 0);
	else if (!filter->unseen)
		rc = route_next(routes, &filter->at);
	filter->started = true;
	filter->unseen = false;
	while (rc == 0 && tries-- > 0) {
		rc = range_check(filter, stack);
		if (rc == 0 && route_passes(filter, stack))
			return 0;
		if (rc == 0)
			rc = route_next(routes, &filter->at);
		else if (rc > 0)
			rc = 0;
	}
	filter->unseen = rc == 0;
	return rc < 0 ? -ENOENT : -EAGAIN;
}
