/* SPDX-License-Identifier: BSD-3-Clause */
/* route: where packets go. */
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "cli/job.h"
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_flow.h"
#include "commands/parse_vrf.h"
#include "commands/route_filter.h"
#include "commands/route_load.h"
#include "commands/show_nexthop.h"

static int
parse_paths(struct cli_call *call, struct stack_route *route)
{
	const char *iface;

	route->type = STACK_ROUTE_VIA;
	while (cli_arg_group_next(call)) {
		struct stack_path *path = &route->paths[route->path_count];

		if (route->path_count == NEXTHOP_PATHS_MAX)
			return error_set(call->err, E2BIG, "a route has at most %u paths",
				NEXTHOP_PATHS_MAX);
		*path = (struct stack_path){
			.weight = (uint32_t)cli_arg_number(call, "weight", 1),
			.recursive = cli_arg_present(call, "recursive"),
			.leaked = cli_arg_present(call, "nexthop-vrf"),
		};
		if (parse_vrf(call, stack_of(call), "nexthop-vrf", &path->vrf) < 0)
			return -ENOENT;
		cli_arg_addr(call, "via", &path->gateway);
		if (cli_arg_scope(call, "via", &iface) < 0)
			return -EINVAL;
		if (iface != NULL)
			strlcpy(path->iface, iface, sizeof(path->iface));
		route->path_count++;
	}
	return 0;
}

/* "default" is of its gateway's family; without a gateway it is IPv4's, as in iproute2. */
static void
parse_destination(const struct cli_call *call, struct stack_route *route)
{
	bool via = route->type == STACK_ROUTE_VIA && route->path_count > 0;

	if (!cli_arg_prefix(call, "PREFIX", &route->prefix))
		route->prefix.addr.family =
			via ? route->paths[0].gateway.family : (uint8_t)IP_FAMILY_4;
}

static int
parse_way(struct cli_call *call, struct stack_route *route)
{
	if (cli_arg_present(call, "blackhole")) {
		route->type = STACK_ROUTE_BLACKHOLE;
	} else if (cli_arg_present(call, "unreachable")) {
		route->type = STACK_ROUTE_UNREACHABLE;
	} else if (cli_arg_present(call, "prohibit")) {
		route->type = STACK_ROUTE_PROHIBIT;
	} else if (cli_arg_present(call, "IFACE") && !cli_arg_present(call, "via")) {
		route->type = STACK_ROUTE_DEV;
		strlcpy(route->iface, cli_arg_string(call, "IFACE"), sizeof(route->iface));
		route->leaked = cli_arg_present(call, "nexthop-vrf");
		return parse_vrf(call, stack_of(call), "nexthop-vrf", &route->nexthop_vrf);
	} else {
		return parse_paths(call, route);
	}
	return 0;
}

static int
parse_route(struct cli_call *call, struct stack_route *route)
{
	int rc;

	*route = (struct stack_route){ 0 };
	rc = parse_vrf(call, stack_of(call), "vrf", &route->vrf);
	if (rc < 0)
		return rc;
	route->metric = (uint32_t)cli_arg_number(call, "metric", 0);
	route->counted = cli_arg_present(call, "counted");
	rc = parse_way(call, route);
	if (rc == 0)
		parse_destination(call, route);
	return rc;
}

/* A static route as what stands behind "route add". */
static void
route_append(const struct stack *stack, uint16_t vrf, const struct route *route, struct strbuf *out)
{
	char text[IP_TEXT_MAX];

	strbuf_printf(out, "%s ", ip_prefix_format(&route->prefix, text));
	nexthop_append(stack, vrf, route->nexthop, out);
	if (route->metric != 0)
		strbuf_printf(out, " metric %u", route->metric);
	if (stack_route_is_counted(stack, route->nexthop))
		strbuf_append(out, " counted");
	vrf_append(stack, vrf, out);
}

/* What takes a change back that is to come: the route that is there, or none. */
static void
undo_append(const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix,
	uint32_t metric, struct strbuf *undo)
{
	char text[IP_TEXT_MAX];
	struct route route;

	if (route_find_metric(stack_routes(stack, vrf), prefix, metric, &route) == 0) {
		strbuf_append(undo, "route replace ");
		route_append(stack, vrf, &route, undo);
	} else {
		strbuf_printf(
			undo, "route del %s metric %u", ip_prefix_format(prefix, text), metric);
		vrf_append(stack, vrf, undo);
	}
}

static int
route_set_command(struct cli_call *call, bool replace)
{
	struct stack_route *route = malloc(sizeof(*route));
	struct strbuf undo = STRBUF_INIT;
	int rc;

	if (route == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	rc = parse_route(call, route);
	if (rc == 0) {
		undo_append(stack_of(call), route->vrf, &route->prefix, route->metric, &undo);
		rc = stack_route_add(stack_of(call), route, replace, call->err);
	}
	if (rc == 0)
		cli_undo(call, "%s", strbuf_text(&undo));
	strbuf_free(&undo);
	free(route);
	return rc;
}

static int
route_add(struct cli_call *call)
{
	return route_set_command(call, false);
}

static int
route_replace_command(struct cli_call *call)
{
	return route_set_command(call, true);
}

/* Which route is meant: with "default", that of the family that has one. */
static int
parse_present(struct cli_call *call, uint16_t vrf, struct ip_prefix *prefix)
{
	const struct ip_prefix default4 = { .addr.family = IP_FAMILY_4 };
	const struct ip_prefix default6 = { .addr.family = IP_FAMILY_6 };
	const struct route_table *routes = stack_routes(stack_of(call), vrf);
	struct route route;
	bool has4, has6;

	if (cli_arg_prefix(call, "PREFIX", prefix))
		return 0;
	has4 = route_find(routes, &default4, ROUTE_STATIC, &route) == 0;
	has6 = route_find(routes, &default6, ROUTE_STATIC, &route) == 0;
	if (has4 && has6)
		return cli_fail(call, "PREFIX", EINVAL,
			"there are two default routes: say 0.0.0.0/0 or ::/0");
	*prefix = has6 ? default6 : default4;
	return 0;
}

static int
route_del(struct cli_call *call)
{
	struct stack *stack = stack_of(call);
	struct strbuf undo = STRBUF_INIT;
	struct ip_prefix prefix;
	struct route present = { 0 };
	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc == 0)
		rc = parse_present(call, vrf, &prefix);
	if (rc < 0)
		return rc;
	if (cli_arg_present(call, "metric"))
		present.metric = (uint32_t)cli_arg_number(call, "metric", 0);
	else
		route_find(stack_routes(stack, vrf), &prefix, ROUTE_STATIC, &present);
	undo_append(stack, vrf, &prefix, present.metric, &undo);
	rc = cli_arg_present(call, "metric")
		? stack_route_remove_metric(stack, vrf, &prefix, present.metric, call->err)
		: stack_route_remove(stack, vrf, &prefix, call->err);
	if (rc == 0)
		cli_undo(call, "%s", strbuf_text(&undo));
	strbuf_free(&undo);
	return rc;
}

/* ---- shows ---- */

/* Of a route that is counted; what others share says nothing of one route. */
static void
show_route_counters(struct show *show, const struct stack *stack, uint32_t nexthop)
{
	struct nexthop_counters counters;

	if (!stack_route_is_counted(stack, nexthop)) {
		show_none(show, "packets");
		show_none(show, "bytes");
		return;
	}
	stack_nexthop_counters(stack, nexthop, &counters);
	show_u64(show, "packets", counters.packets);
	show_u64(show, "bytes", counters.bytes);
}

static void
show_route(struct show *show, const struct stack *stack, uint16_t vrf, const struct route *route)
{
	char text[IP_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "vrf", stack->vrfs[vrf]->name);
	show_string(show, "prefix", ip_prefix_format(&route->prefix, text));
	show_string(show, "source", route_source_name(route->source));
	show_u64(show, "metric", route->metric);
	show_bool(show, "active", route->active);
	show_u64(show, "nexthop", route->nexthop);
	show_string(show, "type",
		nexthop_type_name(
			nexthop_get(nexthop_table_array(stack->nexthops), route->nexthop)->type));
	show_nexthop(show, stack, vrf, "way", route->nexthop);
	show_route_counters(show, stack, route->nexthop);
	show_record_end(show);
}

/* Routes that are looked at between two looks at the clients. */
#define SLICE_ROUTES 1000

struct route_show {
	const struct stack *stack;
	struct route_filter filter;
	bool count_only;
	uint64_t count;
	bool started;
};

static void
route_show_end(struct show *show, const struct route_show *self)
{
	if (!self->count_only) {
		show_list_end(show);
		return;
	}
	show_record_begin(show, NULL);
	show_u64(show, "routes", self->count);
	show_record_end(show);
}

static int
route_show_step(struct show *show, void *arg)
{
	struct route_show *self = arg;
	unsigned tries = SLICE_ROUTES;
	int rc = 0;

	if (!self->started && !self->count_only)
		show_list_begin(show, NULL);
	self->started = true;
	for (; tries > 0 && rc == 0; tries--) {
		rc = route_filter_next(&self->filter, self->stack, SLICE_ROUTES);
		self->count += rc == 0;
		if (rc == 0 && !self->count_only)
			show_route(show, self->stack, self->filter.vrf, &self->filter.at);
	}
	if (rc != -ENOENT)
		return 1;
	route_show_end(show, self);
	return 0;
}

static int
route_show(struct cli_call *call)
{
	struct route_show *self = calloc(1, sizeof(*self));
	int rc;

	if (self == NULL)
		return error_set(call->err, ENOMEM, "no memory");
	self->stack = stack_of(call);
	self->count_only = cli_arg_present(call, "count");
	rc = route_filter_parse(call, self->stack, &self->filter);
	if (rc < 0) {
		free(self);
		return rc;
	}
	return cli_show_start(
		call, &(struct cli_show_job){ .step = route_show_step, .free = free, .arg = self });
}

static int
route_stats(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	struct show *show = call->show;
	struct route_table_stats stats;
	struct nexthop_table_stats nexthops;
	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc < 0)
		return rc;
	route_table_stats(stack_routes(stack, vrf), &stats);
	nexthop_table_stats(stack->nexthops, &nexthops);
	show_record_begin(show, NULL);
	show_string(show, "vrf", stack->vrfs[vrf]->name);
	show_u64(show, "ipv4_routes", stats.routes4);
	show_u64(show, "ipv6_routes", stats.routes6);
	show_u64(show, "rib_bytes", stats.rib_bytes);
	show_u64(show, "ipv4_fib_bytes", stats.fib4_bytes);
	show_u64(show, "ipv6_fib_bytes", stats.fib6_bytes);
	show_u64(show, "ipv4_fib_blocks", stats.fib4_blocks);
	show_u64(show, "ipv6_fib_blocks", stats.fib6_blocks);
	show_u64(show, "nexthops", nexthops.used);
	show_u64(show, "nexthop_bytes", nexthops.bytes);
	show_u64(show, "nexthops_max", nexthop_table_max(stack->nexthops));
	show_record_end(show);
	return 0;
}

static int
route_get(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	bool inner, has_flow = cli_arg_present(call, "flow");
	struct show *show = call->show;
	struct ip_flow flow;
	struct stack_way way;
	struct ip_addr dst;
	char text[IP_TEXT_MAX];
	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc == 0 && has_flow)
		rc = parse_flow(call, &flow);
	if (rc < 0)
		return rc;
	if (has_flow)
		flow.label = (uint32_t)cli_arg_number(call, "label", 0);
	cli_arg_addr(call, "ADDR", &dst);
	inner = stack->vrfs[vrf]->policy != NULL && stack->vrfs[vrf]->policy->inner;
	if (has_flow && !inner && !ip_addr_equal(&dst, &flow.dst))
		return cli_fail(call, "DST", EINVAL, "the flow does not go to %s",
			ip_addr_format(&dst, text));
	stack_route_get(stack, vrf, &dst, has_flow ? &flow : NULL, &way);
	if (!way.found)
		return error_set(
			call->err, ENETUNREACH, "no route to %s", ip_addr_format(&dst, text));
	show_record_begin(show, NULL);
	show_string(show, "vrf", stack->vrfs[vrf]->name);
	show_string(show, "address", ip_addr_format(&dst, text));
	show_string(show, "prefix", ip_prefix_format(&way.route.prefix, text));
	show_string(show, "source", route_source_name(way.route.source));
	if (way.chosen) {
		show_stringf(show, "hash", "0x%08x", way.hash);
		show_u64(show, "group", way.route.nexthop);
	}
	show_u64(show, "nexthop", way.nexthop);
	show_string(show, "type",
		nexthop_type_name(
			nexthop_get(nexthop_table_array(stack->nexthops), way.nexthop)->type));
	show_nexthop(show, stack, vrf, "way", way.nexthop);
	show_record_end(show);
	return 0;
}

/* What config show printed last. A VRF that is gone by the next slice has no routes left. */
struct config_position {
	uint16_t vrf;
	struct route route;
};

_Static_assert(sizeof(struct config_position) <= CLI_CONFIG_POSITION, "the route printed last");

/* @return whether there are more */
static bool
vrf_route_config(const struct stack *stack, const struct stack_vrf *vrf, struct route *route,
	struct strbuf *out)
{
	for (unsigned i = 0; i < SLICE_ROUTES; i++) {
		if (route_next(vrf->routes, route) < 0)
			return false;
		if (route->source != ROUTE_STATIC)
			continue;
		strbuf_append(out, "route add ");
		route_append(stack, vrf->index, route, out);
		strbuf_append(out, "\n");
	}
	return true;
}

static bool
route_config(void *arg, void *position, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	struct config_position *at = position;
	const struct stack_vrf *vrf = stack_vrf_next(stack, at->vrf);

	if (vrf == NULL)
		return false;
	if (vrf->index != at->vrf)
		*at = (struct config_position){ .vrf = vrf->index };
	if (!vrf_route_config(stack, vrf, &at->route, out))
		*at = (struct config_position){ .vrf = vrf->index + 1 };
	return true;
}

#define ROUTE_NEXTHOPS                                                                                    \
	"PREFIX:DEST ({via GATEWAY:SCOPED [dev IFACE] [recursive] [weight N:1-256] [nexthop-vrf VRF]} | " \
	"dev IFACE [nexthop-vrf VRF] | blackhole | unreachable | prohibit) "                              \
	"[metric N:0-4294967295] [counted] [vrf VRF]"
#define ROUTE_NEXTHOPS_HELP                                                                        \
	"\nPREFIX: the destinations, e.g. 10.0.0.0/8, 2001:db8::/32; default is 0.0.0.0/0 or ::/0" \
	"\nvia: a gateway; several of them share the flows by their weights"                       \
	"\ndev: the interface; without via: the destinations are on its link"                      \
	"\nweight: this gateway's share of the flows (default 1)"                                  \
	"\nblackhole: drop without a word"                                                         \
	"\nunreachable: drop, and tell the sender"                                                 \
	"\nprohibit: likewise, that it is forbidden"                                               \
	"\nrecursive: the gateway is on no link of ours, but found through another route, now or " \
	"later; without it, only if there is one now"                                              \
	"\nmetric: of several routes for one prefix the lowest is in use (default 0)"              \
	"\ncounted: count the packets of this route, in route show; it takes nexthops of its own"  \
	"\nvrf: the VRF whose packets take the route (without it the default one)"                 \
	"\nnexthop-vrf: the gateway or interface is in this VRF: the route leaks there"

static const struct cli_command commands[] = {
	{ "route add " ROUTE_NEXTHOPS, "add a route" ROUTE_NEXTHOPS_HELP, route_add, 0 },
	{ "route replace " ROUTE_NEXTHOPS,
		"change a route, or add it; packets see the old or the new" ROUTE_NEXTHOPS_HELP,
		route_replace_command, 0 },
	{ "route del PREFIX:DEST [metric N:0-4294967295] [vrf VRF]",
		"remove a route; without a metric, the one in use", route_del, 0 },
	{ "route show [PREFIX:DEST] [root ROOT:PREFIX] [match MATCH:PREFIX] [exact EXACT:PREFIX] "
	  "[ipv4|ipv6] [source (local|connected|static|ra|neighbour)] [via ADDR] [dev IFACE] "
	  "[vrf VRF] [count]",
		"routes of all sources of a VRF; with a prefix, of exactly that\n"
		"root: those within a prefix, and its own\n"
		"match: those whose prefixes contain this one, and its own\n"
		"via: those by this gateway\n"
		"count: only say how many there are",
		route_show, CLI_SHOW },
	{ "route stats [vrf VRF]", "how many a VRF has, and the memory they take", route_stats,
		CLI_SHOW },
	{ "route load FILE [vrf VRF]",
		"add the routes of a file, while packets flow: all its lines are checked before\n"
		"FILE: lines of PREFIX via ADDR, or route add as above\n"
		"vrf: of lines that say no VRF",
		route_load, 0 },
	{ "route get ADDR [flow PROTO SRC:ENDPOINT DST:ENDPOINT] [label N:0-1048575] "
	  "[vrf VRF]",
		"the way to an address; with a flow, the path that it takes in a group\n"
		"label: the flow label of IPv6\n"
		"flow: e.g. flow udp 10.0.0.9:4000 192.0.2.1:53; with 'multipath set policy ... "
		"inner' it may be one inside of a tunnel to ADDR",
		route_get, CLI_SHOW },
};

const struct cli_noun cli_noun_route = {
	.name = "route",
	.help = "where packets go",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config_next = route_config,
};
