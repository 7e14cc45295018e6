/* SPDX-License-Identifier: BSD-3-Clause */
/* eal: arguments for DPDK, before it starts. */
#include "commands/call.h"
#include "commands/commands.h"

static int
eal(struct cli_call *call)
{
	struct daemon *daemon = daemon_of(call);

	if (daemon->stack != NULL)
		return startup_check_eal_args(
			&daemon->startup, cli_arg_string(call, "TEXT"), call->err);
	return startup_add_eal_args(&daemon->startup, cli_arg_string(call, "TEXT"), call->err);
}

/* What the user said; the daemon's own arguments follow from it again. */
static void
eal_config(void *arg, struct strbuf *out)
{
	const struct startup *startup = &((struct daemon *)arg)->startup;

	for (unsigned i = 0; i < startup->eal_args_said; i++)
		strbuf_printf(out, "%s%s", i == 0 ? "eal " : " ", startup->eal_args[i]);
	if (startup->eal_args_said > 0)
		strbuf_append(out, "\n");
}

static const struct cli_command commands[] = {
	{ "eal TEXT",
		"give DPDK's environment abstraction layer further arguments\n"
		"TEXT: as on DPDK's command lines, e.g. --no-huge -m 512",
		eal, CLI_AT_START },
};

const struct cli_noun cli_noun_eal = {
	.name = "eal",
	.help = "how DPDK starts",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
	.config = eal_config,
};
