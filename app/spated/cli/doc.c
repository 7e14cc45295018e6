/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands as text, from their tables: doc/cli.md for `spated --print-cli-doc`, `help`, and
 * `config show`. */
#include "cli/cli_private.h"

#include <errno.h>
#include <string.h>

static const char doc_head[] =
	"# Commands of spate\n"
	"\n"
	"Written by `spated --print-cli-doc` from the tables in app/spated/commands/.\n"
	"\n"
	"A command is a noun, mostly a verb, and arguments. Words in capitals stand for\n"
	"arguments; `[..]` may be left out, and optional groups side by side come in any order; `{..}` comes\n"
	"once or more; `a|b` is either. Keywords may be abbreviated as long as they stay\n"
	"unambiguous; a word in quotes is never a keyword. `#` begins a comment. Every show takes\n"
	"`json`, and `show X` is `X show`. `?` lists what may come next, Tab completes.\n"
	"\n"
	"The configuration file holds the same commands, one a line.\n";

static const char *
doc_json(const struct cli_command *command)
{
	return (command->flags & CLI_SHOW) && strstr(command->syntax, "[json]") == NULL ? " [json]"
											: "";
}

/* The help's first line, and the words it explains as list items. */
static void
doc_help(const char *help, const char *item, struct strbuf *out)
{
	for (;;) {
		size_t length = strcspn(help, "\n");

		strbuf_append_bytes(out, help, length);
		strbuf_append(out, "\n");
		if (help[length] == '\0')
			return;
		help += length + 1;
		strbuf_append(out, item);
	}
}

static void
doc_command(const struct cli_command *command, struct strbuf *out)
{
	strbuf_printf(out, "\n    %s%s\n\n", command->syntax, doc_json(command));
	doc_help(command->help, "- ", out);
	if (command->flags & CLI_AT_START)
		strbuf_append(out, "\nAccepted only at start, in the configuration file.\n");
	if (command->flags & CLI_NOT_IN_FILE)
		strbuf_append(out, "\nNot accepted in a configuration file.\n");
	if (command->flags & CLI_WRITTEN_OUT)
		strbuf_append(out, "\nNot to be abbreviated.\n");
}

void
cli_doc(const struct cli *cli, struct strbuf *out)
{
	strbuf_append(out, doc_head);
	for (unsigned n = 0; n < cli->noun_count; n++) {
		const struct cli_noun *noun = cli->nouns[n];

		strbuf_printf(out, "\n## %s\n\n%s\n", noun->name, noun->help);
		for (unsigned i = 0; i < noun->count; i++)
			doc_command(&noun->commands[i], out);
	}
	strbuf_append(out, "\n## Arguments\n\n| word | is | e.g. |\n|---|---|---|\n");
	for (unsigned i = 0; cli_type_at(i) != NULL; i++) {
		const struct cli_type *type = cli_type_at(i);

		strbuf_printf(out, "| %s | %s | %s |\n", type->name, type->what, type->example);
	}
}

/* Whether each word of `text` begins the word of `syntax` at its place. */
static bool
syntax_begins(const char *syntax, const char *text)
{
	for (;;) {
		size_t length;

		syntax += strspn(syntax, " ");
		text += strspn(text, " \t");
		if (*text == '\0')
			return true;
		length = strcspn(text, " \t");
		if (strncmp(syntax, text, length) != 0)
			return false;
		text += length;
		syntax += strcspn(syntax, " ");
	}
}

int
cli_help_commands(struct cli *cli, const char *text, struct strbuf *out)
{
	bool found = false;

	if (text[strspn(text, " \t")] == '\0') {
		for (unsigned n = 0; n < cli->noun_count; n++)
			strbuf_printf(
				out, "  %-10s  %s\n", cli->nouns[n]->name, cli->nouns[n]->help);
		strbuf_append(
			out, "\n\"help NOUN\" lists its commands, \"?\" what may come next.\n");
		return 0;
	}
	for (unsigned i = 0; i < cli->graph.command_count; i++) {
		const struct cli_command *command = cli->graph.commands[i].command;

		if (!syntax_begins(command->syntax, text))
			continue;
		found = true;
		strbuf_printf(out, "%s%s\n    ", command->syntax, doc_json(command));
		doc_help(command->help, "      ", out);
	}
	return found ? 0 : -ENOENT;
}
