/* SPDX-License-Identifier: BSD-3-Clause */
/* mld: the multicast groups that interfaces listen to. */
#include "commands/call.h"
#include "commands/commands.h"
#include "commands/show_ifaces.h"

static int
mld_set(struct cli_call *call)
{
	struct stack *stack = stack_of(call);

	cli_undo(call, "mld set robustness %u", stack->config.nd.mld_robustness);
	stack_mld_set(stack, (uint8_t)cli_arg_number(call, "robustness", 0));
	return 0;
}

static void
show_mld(struct show *show, const struct stack *stack, const struct iface *iface)
{
	struct stack_mld_info info;
	char text[IP_TEXT_MAX];

	if (!stack_mld_show(stack, iface->index, &info))
		return;
	show_record_begin(show, NULL);
	show_string(show, "iface", iface->name);
	show_u64(show, "version", info.version);
	show_u64(show, "robustness", info.robustness);
	show_list_begin(show, "groups");
	for (unsigned i = 0; i < info.count; i++)
		show_string(show, NULL, ip_addr_format(&info.groups[i], text));
	show_list_end(show);
	show_record_end(show);
}

static int
mld_show(struct cli_call *call)
{
	return show_ifaces(call, show_mld);
}

static void
mld_config(void *arg, struct strbuf *out)
{
	const struct stack *stack = ((struct daemon *)arg)->stack;
	const struct stack_nd_config usual = STACK_ND_CONFIG_DEFAULT;

	if (stack->config.nd.mld_robustness != usual.mld_robustness)
		strbuf_printf(out, "mld set robustness %u\n", stack->config.nd.mld_robustness);
}

static const struct cli_command commands[] = {
	{ "mld set robustness N:0-7",
		"how often a change of our groups is reported\n"
		"robustness: reports (default 2; 0: no reports at all)",
		mld_set, 0 },
	{ "mld show [IFACE]", "multicast groups, and the version of MLD that reports them",
		mld_show, CLI_SHOW },
};

const struct cli_noun cli_noun_mld = {
	.name = "mld",
	.help = "multicast groups that interfaces listen to",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = mld_config,
};
