/* SPDX-License-Identifier: BSD-3-Clause */
/* config: the running state as commands, and files of commands. Work is done in cli/config.c and config_job.c. */
#include <limits.h>

#include "cli/config.h"
#include "commands/commands.h"

static int
config_save(struct cli_call *call)
{
	char path[PATH_MAX];
	int ret = cli_arg_path(call, "FILE", path, sizeof(path));

	return ret != 0 ? ret : cli_config_save(call, path);
}

static int
config_load(struct cli_call *call)
{
	char path[PATH_MAX];
	int ret = cli_arg_path(call, "FILE", path, sizeof(path));

	return ret != 0 ? ret : cli_config_start(call, path, true);
}

static int
config_check(struct cli_call *call)
{
	char path[PATH_MAX];
	int ret = cli_arg_path(call, "FILE", path, sizeof(path));

	return ret != 0 ? ret : cli_config_start(call, path, false);
}

static const struct cli_command commands[] = {
	{ "config show", "print the running state as commands that recreate it", cli_config_show,
		CLI_ONLY_READS },
	{ "config save FILE", "write the running state to a file, atomically", config_save,
		CLI_NOT_IN_FILE },
	{ "config load FILE",
		"run the commands of a file: all of them, or, if one fails, none\n"
		"FILE: what port del, iface del and neigh flush in it remove does not come back",
		config_load, CLI_NOT_IN_FILE },
	{ "config check FILE", "look for errors in a file of commands, without running it",
		config_check, CLI_NOT_IN_FILE },
};

const struct cli_noun cli_noun_config = {
	.name = "config",
	.help = "the configuration, which is commands",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
