/* SPDX-License-Identifier: BSD-3-Clause */
/* shutdown: the end of the daemon. */
#include "commands/call.h"
#include "commands/commands.h"

static int
shutdown_command(struct cli_call *call)
{
	daemon_of(call)->stop = true;
	return 0;
}

static const struct cli_command commands[] = {
	{ "shutdown", "stop the daemon", shutdown_command, CLI_NOT_IN_FILE | CLI_WRITTEN_OUT },
};

const struct cli_noun cli_noun_shutdown = {
	.name = "shutdown",
	.help = "stop the daemon",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
