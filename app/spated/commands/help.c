/* SPDX-License-Identifier: BSD-3-Clause */
/* help: the nouns, or the commands that begin with the given words. */
#include "cli/engine.h"
#include "commands/commands.h"

static int
help(struct cli_call *call)
{
	const char *text = cli_arg_string(call, "TEXT");
	struct strbuf out = STRBUF_INIT;
	int ret;

	ret = cli_help_commands(call->cli, text != NULL ? text : "", &out);
	if (ret != 0)
		ret = cli_fail(
			call, "TEXT", ENOENT, "no command begins so: \"help\" lists the nouns");
	cli_write(call, strbuf_text(&out), out.length);
	strbuf_free(&out);
	return ret;
}

static const struct cli_command commands[] = {
	{ "help [TEXT]",
		"list the nouns, or the commands that begin with the words given\n"
		"TEXT: the first words of a command, e.g. route add",
		help, CLI_ONLY_READS },
};

const struct cli_noun cli_noun_help = {
	.name = "help",
	.help = "what commands there are",
	.commands = commands,
	.count = sizeof(commands) / sizeof(commands[0]),
};
