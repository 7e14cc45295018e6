/* SPDX-License-Identifier: BSD-3-Clause */
/* version: of spate and of the DPDK it runs on. */
#include <rte_version.h>

#include "commands/commands.h"
#include "spate_version.h"

static int
version_show(struct cli_call *call)
{
	show_record_begin(call->show, NULL);
	show_string(call->show, "spate", SPATE_VERSION);
	show_string(call->show, "dpdk", rte_version());
	show_record_end(call->show);
	return 0;
}

static const struct cli_command commands[] = {
	{ "version show", "show the versions of spate and DPDK", version_show, CLI_SHOW },
};

const struct cli_noun cli_noun_version = {
	.name = "version",
	.help = "versions of spate and DPDK",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
