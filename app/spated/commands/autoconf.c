/* SPDX-License-Identifier: BSD-3-Clause */
/* autoconf: what interfaces learned from router advertisements; 'iface set' says which may. */
#include "autoconf/autoconf.h"
#include "commands/commands.h"
#include "commands/show_ifaces.h"
#include "spated/daemon.h"

/* Seconds to an end; "forever". */
static void
show_end(struct show *show, const char *name, uint64_t until_ms, uint64_t now_ms)
{
	if (until_ms == UINT64_MAX)
		show_string(show, name, "forever");
	else if (until_ms <= now_ms)
		show_none(show, name);
	else
		show_u64(show, name, (until_ms - now_ms) / 1000);
}

static void
show_said(struct show *show, const char *name, uint32_t value)
{
	if (value != 0)
		show_u64(show, name, value);
	else
		show_none(show, name);
}

static const char *const preferences[] = {
	[RA_LOW] = "low",
	[RA_MEDIUM] = "medium",
	[RA_HIGH] = "high",
};

static void
show_routers(struct show *show, const struct stack *stack, const struct iface *iface,
	const struct autoconf_host *host)
{
	const struct neigh_key *used = &stack->vrfs[iface->vrf]->autoconf_router;
	char text[IP_TEXT_MAX];

	show_list_begin(show, "routers");
	for (unsigned i = 0; i < host->router_count; i++) {
		const struct autoconf_router *router = &host->routers[i];

		show_record_begin(show, NULL);
		show_string(show, "address", ip_addr_format(&router->addr, text));
		show_string(show, "preference", preferences[router->preference]);
		show_end(show, "lifetime_s", router->until_ms, stack->now_ns / 1000000);
		show_bool(show, "default",
			used->iface == iface->index && ip_addr_equal(&used->addr, &router->addr));
		show_record_end(show);
	}
	show_list_end(show);
}

static void
show_prefixes(struct show *show, const struct autoconf_host *host, uint64_t now_ms)
{
	char text[IP_TEXT_MAX];

	show_list_begin(show, "prefixes");
	for (unsigned i = 0; i < host->prefix_count; i++) {
		const struct autoconf_prefix *prefix = &host->prefixes[i];

		show_record_begin(show, NULL);
		show_string(show, "prefix", ip_prefix_format(&prefix->prefix, text));
		show_end(show, "on_link_s", prefix->on_link_until_ms, now_ms);
		if (prefix->addr.family != IP_FAMILY_NONE)
			show_string(show, "address", ip_addr_format(&prefix->addr, text));
		else
			show_none(show, "address");
		show_end(show, "valid_s", prefix->valid_until_ms, now_ms);
		show_end(show, "preferred_s", prefix->preferred_until_ms, now_ms);
		show_record_end(show);
	}
	show_list_end(show);
}

static void
show_routes(struct show *show, const struct stack *stack, const struct iface *iface,
	const struct autoconf_host *host)
{
	char text[IP_TEXT_MAX];

	show_list_begin(show, "routes");
	for (unsigned i = 0; i < host->route_count; i++) {
		const struct autoconf_route *route = &host->routes[i];

		show_record_begin(show, NULL);
		show_string(show, "prefix", ip_prefix_format(&route->prefix, text));
		show_string(show, "router", ip_addr_format(&route->router, text));
		show_string(show, "preference", preferences[route->preference]);
		show_end(show, "lifetime_s", route->until_ms, stack->now_ns / 1000000);
		show_bool(show, "used", stack_autoconf_route_used(stack, iface, route));
		show_record_end(show);
	}
	show_list_end(show);
}

static void
show_autoconf(struct show *show, const struct stack *stack, const struct iface *iface)
{
	const struct autoconf_host *host = stack_autoconf_show(stack, iface->index);

	if (host == NULL)
		return;
	show_record_begin(show, NULL);
	show_string(show, "iface", iface->name);
	show_u64(show, "advertisements", host->advertisements);
	show_u64(show, "refused", host->refused);
	show_said(show, "hop_limit", host->link.hop_limit);
	show_said(show, "mtu", host->link.mtu);
	show_said(show, "reachable_ms", host->link.reachable_ms);
	show_said(show, "retrans_ms", host->link.retrans_ms);
	show_bool(show, "managed", host->managed);
	show_bool(show, "other", host->other);
	show_routers(show, stack, iface, host);
	show_prefixes(show, host, stack->now_ns / 1000000);
	show_routes(show, stack, iface, host);
	show_record_end(show);
}

static int
autoconf_show(struct cli_call *call)
{
	return show_ifaces(call, show_autoconf);
}

static const struct cli_command commands[] = {
	{ "autoconf show [IFACE]",
		"routers, prefixes and routes that were advertised, on interfaces that accept them",
		autoconf_show, CLI_SHOW },
};

const struct cli_noun cli_noun_autoconf = {
	.name = "autoconf",
	.help = "IPv6 routers, prefixes and routes learned from router advertisements",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
