/* SPDX-License-Identifier: BSD-3-Clause */
/* neigh: who is on the links, by ARP and ND or by the user. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_vrf.h"

/* @return whether there is a static entry, which an undo has to bring back; what was learned comes again */
static bool
static_find(const struct cli_call *call, const char *iface, const struct ip_addr *addr,
	struct neigh_info *info)
{
	const struct stack *stack = stack_of(call);
	const struct iface *at = iface_lookup(stack->ifaces, iface);

	return at != NULL &&
		neigh_find(stack->neighs, stack->now_ns / 1000000,
			&(struct neigh_key){ at->index, *addr }, info) == 0 &&
		info->state == NEIGH_PERMANENT;
}

static void
undo_static(struct cli_call *call, const char *iface, const struct neigh_info *before)
{
	char text[MAC_TEXT_MAX];

	cli_undo(call, "neigh add %s lladdr %s dev %s", cli_arg_string(call, "ADDR"),
		mac_addr_format(&before->mac, text), iface);
}

static int
neigh_add_command(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");
	struct neigh_info before;
	struct ip_addr addr;
	struct mac_addr mac;
	bool was_static;
	int rc;

	cli_arg_addr(call, "ADDR", &addr);
	cli_arg_mac(call, "lladdr", &mac);
	was_static = static_find(call, iface, &addr, &before);
	rc = stack_neigh_add(stack_of(call), iface, &addr, &mac, call->err);
	if (rc == 0 && was_static)
		undo_static(call, iface, &before);
	else if (rc == 0)
		cli_undo(call, "neigh del %s dev %s", cli_arg_string(call, "ADDR"), iface);
	return rc;
}

static int
neigh_del(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");
	struct neigh_info before;
	struct ip_addr addr;
	bool was_static;
	int rc;

	cli_arg_addr(call, "ADDR", &addr);
	was_static = static_find(call, iface, &addr, &before);
	rc = stack_neigh_remove(stack_of(call), iface, &addr, call->err);
	if (rc == 0 && was_static)
		undo_static(call, iface, &before);
	return rc;
}

static int
neigh_flush_command(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");

	return stack_neigh_flush(stack_of(call), iface != NULL ? iface : "", call->err);
}

static void
show_neigh(struct show *show, const struct stack *stack, const struct neigh_info *info)
{
	const struct iface *iface = iface_get(stack->ifaces, info->key.iface);
	char text[IP_TEXT_MAX];

	show_record_begin(show, NULL);
	show_string(show, "address", ip_addr_format(&info->key.addr, text));
	show_string(show, "iface", iface != NULL ? iface->name : NULL);
	show_string(show, "vrf", iface != NULL ? stack->vrfs[iface->vrf]->name : NULL);
	if (mac_addr_is_zero(&info->mac))
		show_none(show, "lladdr");
	else
		show_string(show, "lladdr", mac_addr_format(&info->mac, text));
	show_string(show, "state", neigh_state_name(info->state));
	show_bool(show, "router", info->router);
	show_u64(show, "held", info->held);
	show_double(show, "age_s", (double)info->age_ms / 1000, 1);
	show_record_end(show);
}

static int
neigh_proxy_add(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");
	struct ip_prefix prefix;
	int rc;

	cli_arg_prefix(call, "PREFIX", &prefix);
	rc = stack_proxy_add(stack_of(call), iface, &prefix, call->err);
	if (rc == 0)
		cli_undo(call, "neigh proxy del %s dev %s", cli_arg_string(call, "PREFIX"), iface);
	return rc;
}

static int
neigh_proxy_del(struct cli_call *call)
{
	const char *iface = cli_arg_string(call, "IFACE");
	struct ip_prefix prefix;
	int rc;

	cli_arg_prefix(call, "PREFIX", &prefix);
	rc = stack_proxy_remove(stack_of(call), iface, &prefix, call->err);
	if (rc == 0)
		cli_undo(call, "neigh proxy add %s dev %s", cli_arg_string(call, "PREFIX"), iface);
	return rc;
}

static int
neigh_proxy_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct stack_proxy *proxy;
	char text[IP_TEXT_MAX];

	show_list_begin(call->show, NULL);
	TAILQ_FOREACH (proxy, &stack->proxies, entry) {
		show_record_begin(call->show, NULL);
		show_string(call->show, "prefix", ip_prefix_format(&proxy->prefix, text));
		show_string(call->show, "iface", iface_get(stack->ifaces, proxy->iface)->name);
		show_record_end(call->show);
	}
	show_list_end(call->show);
	return 0;
}

static int
neigh_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const char *name = cli_arg_string(call, "IFACE");
	const struct iface *wanted = name != NULL ? iface_lookup(stack->ifaces, name) : NULL;
	struct neigh_info info = { 0 };
	uint16_t vrf;
	int rc = parse_vrf(call, stack, "vrf", &vrf);

	if (rc < 0)
		return rc;
	if (name != NULL && wanted == NULL)
		return cli_fail(call, "IFACE", ENOENT,
			"no interface \"%s\": 'iface show' lists them", name);
	show_list_begin(call->show, NULL);
	while (neigh_next(stack->neighs, stack->now_ns / 1000000, &info) == 0) {
		const struct iface *iface = iface_get(stack->ifaces, info.key.iface);

		if ((wanted == NULL || wanted->index == info.key.iface) &&
			(!cli_arg_present(call, "vrf") || (iface != NULL && iface->vrf == vrf)))
			show_neigh(call->show, stack, &info);
	}
	show_list_end(call->show);
	return 0;
}

static int
neigh_stats(struct cli_call *call)
{
	const struct stack_neigh_counters *ours = &stack_of(call)->neigh_counters;
	const struct neigh_config *config = &stack_of(call)->config.neigh;
	struct neigh_counters counters;
	struct show *show = call->show;

	neigh_counters(stack_of(call)->neighs, &counters);
	show_record_begin(show, NULL);
	show_u64(show, "entries", counters.entries);
	show_u64(show, "entries_high", counters.entries_high);
	show_u64(show, "entries_max", config->entries_max);
	show_u64(show, "entries_iface_max", config->entries_iface_max);
	show_u64(show, "incomplete", counters.incomplete);
	show_u64(show, "incomplete_max", config->incomplete_max);
	show_u64(show, "incomplete_iface_max", config->incomplete_iface_max);
	show_u64(show, "held", counters.held);
	show_u64(show, "created", counters.created);
	show_u64(show, "solicits", counters.solicits);
	show_u64(show, "resolved", counters.resolved);
	show_u64(show, "failed", counters.failed);
	show_u64(show, "expired", counters.expired);
	show_u64(show, "evicted", counters.evicted);
	show_u64(show, "refused", counters.refused);
	show_u64(show, "mac_changes", counters.mac_changes);
	show_u64(show, "announced", ours->announced);
	show_u64(show, "conflicts", ours->conflicts);
	show_u64(show, "proxied", ours->proxied);
	show_u64(show, "duplicates", ours->duplicates);
	show_u64(show, "mld_reports", ours->mld_reports);
	show_u64(show, "mld_queries", ours->mld_queries);
	show_u64(show, "unsent", ours->unsent);
	show_record_end(show);
	return 0;
}

static void
neigh_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	char addr[IP_TEXT_MAX], mac[MAC_TEXT_MAX];
	const struct stack_proxy *proxy;
	struct neigh_info info = { 0 };

	TAILQ_FOREACH (proxy, &stack->proxies, entry)
		strbuf_printf(out, "neigh proxy add %s dev %s\n",
			ip_prefix_format(&proxy->prefix, addr),
			iface_get(stack->ifaces, proxy->iface)->name);

	while (neigh_next(stack->neighs, 0, &info) == 0) {
		const struct iface *iface = iface_get(stack->ifaces, info.key.iface);

		if (info.state == NEIGH_PERMANENT && iface != NULL)
			strbuf_printf(out, "neigh add %s lladdr %s dev %s\n",
				ip_addr_format(&info.key.addr, addr),
				mac_addr_format(&info.mac, mac), iface->name);
	}
}

static const struct cli_command commands[] = {
	{ "neigh add ADDR lladdr MAC dev IFACE", "make a static entry, or an entry static",
		neigh_add_command, 0 },
	{ "neigh del ADDR dev IFACE", "forget a neighbour", neigh_del, 0 },
	{ "neigh flush [IFACE]", "forget all that were learned", neigh_flush_command, 0 },
	{ "neigh proxy add PREFIX dev IFACE",
		"answer on an interface for those behind another\n"
		"PREFIX: an address, or a prefix of addresses",
		neigh_proxy_add, 0 },
	{ "neigh proxy del PREFIX dev IFACE", "leave it to themselves again", neigh_proxy_del, 0 },
	{ "neigh proxy show", "for whom we answer, and where", neigh_proxy_show, CLI_SHOW },
	{ "neigh show [IFACE] [vrf VRF]",
		"neighbours and their states; with a VRF, only those on its interfaces", neigh_show,
		CLI_SHOW },
	{ "neigh stats", "how full the table is, and what happened in it", neigh_stats, CLI_SHOW },
};

const struct cli_noun cli_noun_neigh = {
	.name = "neigh",
	.help = "neighbours on the links: ARP and ND",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = neigh_config,
};
