/* SPDX-License-Identifier: BSD-3-Clause */
/* vrf: routes of their own, for interfaces of their own. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/parse_vrf.h"

static int
vrf_add(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "NAME");
	int rc = stack_vrf_add(stack_of(call), name, call->err);

	if (rc == 0)
		cli_undo(call, "vrf del %s", name);
	return rc;
}

static int
vrf_del(struct cli_call *call)
{
	const char *name = cli_arg_string(call, "VRF");
	int rc = stack_vrf_remove(stack_of(call), name, call->err);

	if (rc == 0)
		cli_undo(call, "vrf add %s", name);
	return rc;
}

static void
show_vrf(struct show *show, const struct stack *stack, const struct stack_vrf *vrf)
{
	struct route_table_stats stats;
	const struct iface *iface;

	route_table_stats(vrf->routes, &stats);
	show_record_begin(show, NULL);
	show_string(show, "vrf", vrf->name);
	show_list_begin(show, "ifaces");
	for (unsigned i = 0; (iface = iface_next(stack->ifaces, i)) != NULL;
		i = iface->index + 1U) {
		if (iface->vrf == vrf->index)
			show_string(show, NULL, iface->name);
	}
	show_list_end(show);
	show_u64(show, "ipv4_routes", stats.routes4);
	show_u64(show, "ipv6_routes", stats.routes6);
	show_u64(show, "bytes", stats.rib_bytes + stats.fib4_bytes + stats.fib6_bytes);
	show_record_end(show);
}

static int
vrf_show(struct cli_call *call)
{
	const struct stack *stack = stack_of(call);
	const struct stack_vrf *vrf;
	uint16_t index;
	int rc;

	if (cli_arg_present(call, "VRF")) {
		rc = parse_vrf(call, stack, "VRF", &index);
		if (rc == 0)
			show_vrf(call->show, stack, stack->vrfs[index]);
		return rc;
	}
	show_list_begin(call->show, NULL);
	for (unsigned i = 0; (vrf = stack_vrf_next(stack, i)) != NULL; i = vrf->index + 1U)
		show_vrf(call->show, stack, vrf);
	show_list_end(call->show);
	return 0;
}

static void
vrf_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	const struct stack_vrf *vrf;

	for (unsigned i = IP_VRF_DEFAULT + 1; (vrf = stack_vrf_next(stack, i)) != NULL;
		i = vrf->index + 1U)
		strbuf_printf(out, "vrf add %s\n", vrf->name);
}

static const struct cli_command commands[] = {
	{ "vrf add NAME",
		"make a VRF, without interfaces or routes; 'iface set IFACE vrf NAME' puts one in",
		vrf_add, 0 },
	{ "vrf del VRF", "remove one that has no interfaces and no static routes", vrf_del, 0 },
	{ "vrf show [VRF]", "their interfaces, routes of both families, and memory", vrf_show,
		CLI_SHOW },
};

const struct cli_noun cli_noun_vrf = {
	.name = "vrf",
	.help = "routes of their own, for interfaces of their own",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = vrf_config,
};
