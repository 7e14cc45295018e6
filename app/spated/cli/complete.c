/* SPDX-License-Identifier: BSD-3-Clause */
/* Tab and `?`: the words that may come next. Called by server.c through engine.h. */
#include "cli/cli_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HELP_ROWS_MAX  512
#define HELP_WORD_SIZE 80

/* A line up to the cursor: the words before it are matched, the last is perhaps partial. */
struct place {
	struct cli_line line;
	struct cli_match match;
	const char *partial;
	size_t partial_length; /* as it stands in the line, with its quotes */
	bool quoted;
};

static int
place_find(struct cli *cli, struct place *place, const char *text, size_t length)
{
	const struct cli_word *last;
	struct cli_line_fault fault;
	int ret;

	*place = (struct place){ .partial = "" };
	cli_match_init(&place->match, &cli->graph, cli_type_known, cli);
	ret = cli_line_split(&place->line, text, length, &fault);
	if (ret != 0)
		return ret;
	if (memchr(text + place->line.end, '#', length - place->line.end) != NULL)
		return -EINVAL; /* within a comment */
	if (place->line.count > 0 && place->line.end == length) {
		last = &place->line.words[place->line.count - 1];
		place->partial = last->text;
		place->partial_length = last->length;
		place->quoted = last->quoted;
	}
	return cli_parser_approach(cli->parser, &place->line, &place->match);
}

static void
place_free(struct place *place)
{
	cli_line_free(&place->line);
	cli_match_fini(&place->match);
}

static bool
begins(const char *word, const char *prefix)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

/* Whether an earlier thread at this place shows the same word. */
static bool
repeats(const struct cli_match *match, unsigned index)
{
	const struct cli_node *nodes = match->graph->nodes;
	const struct cli_node *node = &nodes[match->now.items[index].node];

	for (unsigned i = 0; i < index; i++) {
		const struct cli_node *other = &nodes[match->now.items[i].node];

		if (other->kind != node->kind)
			continue;
		if (node->kind == CLI_NODE_END ||
			(strcmp(node->word, other->word) == 0 && node->type == other->type))
			return true;
	}
	return false;
}

static void
complete_add(void *arg, const char *word)
{
	char quoted[HELP_WORD_SIZE * 2];
	struct strbuf *out = arg;

	strbuf_append(out, cli_quote(word, quoted, sizeof(quoted)));
	strbuf_append(out, "\n");
}

int
cli_complete(struct cli *cli, const char *text, size_t length, struct strbuf *out)
{
	struct place place;
	int ret = place_find(cli, &place, text, length);

	for (unsigned i = 0; ret == 0 && i < place.match.now.count; i++) {
		const struct cli_node *node = &cli->graph.nodes[place.match.now.items[i].node];
		struct cli_words words = {
			.wanted = place.partial, .add = complete_add, .arg = out
		};

		if (repeats(&place.match, i))
			continue;
		if (node->kind == CLI_NODE_ARG)
			cli_type_words(cli, node->type, &words);
		else if (node->kind == CLI_NODE_KEYWORD && !place.quoted &&
			begins(node->word, place.partial))
			complete_add(out, node->word);
	}
	ret = ret == 0 ? (int)place.partial_length : ret;
	place_free(&place);
	return ret;
}

/* The line "word: text" of a command's help, or NULL. @param length of the text */
static const char *
word_help(const struct cli_command *command, const char *word, int *length)
{
	const char *line = strchr(command->help, '\n');
	size_t word_length = strlen(word);

	for (; line != NULL; line = strchr(line, '\n')) {
		line++;
		if (strncmp(line, word, word_length) == 0 && line[word_length] == ':') {
			line += word_length + 1;
			line += strspn(line, " ");
			*length = strcspn(line, "\n");
			return line;
		}
	}
	return NULL;
}

static void
help_row(struct strbuf *out, const char *word, int length, const char *text)
{
	strbuf_printf(out, "  %-22s  %.*s\n", word, length, text);
}

static void
help_keyword(const struct cli *cli, const struct cli_node *node, struct strbuf *out)
{
	const struct cli_graph_command *command = &cli->graph.commands[node->command];
	const struct cli_node *next = NULL;
	const char *text;
	char word[HELP_WORD_SIZE];
	int length;

	if (node->next != CLI_NODE_NONE && cli->graph.nodes[node->next].kind == CLI_NODE_ARG)
		next = &cli->graph.nodes[node->next];
	if (node->first || node->verb)
		next = NULL;
	snprintf(word, sizeof(word), "%s%s%s", node->word, next != NULL ? " " : "",
		next != NULL ? next->word : "");
	text = word_help(command->command, node->word, &length);
	if (node->first) {
		bool noun = strcmp(node->word, command->noun->name) == 0;

		text = noun ? command->noun->help : "`show X` is `X show`";
		length = strlen(text);
	} else if (node->verb && text == NULL) {
		text = command->command->help;
		length = strcspn(text, "\n");
	} else if (text == NULL && strcmp(node->word, "json") == 0) {
		text = "as JSON";
		length = strlen(text);
	} else if (text == NULL) {
		text = next != NULL ? next->type->what : "";
		length = strlen(text);
	}
	help_row(out, word, length, text);
}

struct help_values {
	struct strbuf *out;
	unsigned rows;
};

static void
help_value(void *arg, const char *word)
{
	struct help_values *values = arg;

	if (values->rows++ < HELP_ROWS_MAX)
		help_row(values->out, word, 0, "");
}

static void
help_argument(
	const struct cli *cli, const struct cli_node *node, const char *partial, struct strbuf *out)
{
	struct help_values values = { .out = out };
	struct cli_words words = { .wanted = partial, .add = help_value, .arg = &values };
	char range[64];
	const char *text;
	int length;

	snprintf(range, sizeof(range), "%s from %ju to %ju", node->type->what,
		(uintmax_t)node->range.min, (uintmax_t)node->range.max);
	text = word_help(cli->graph.commands[node->command].command, node->word, &length);
	if (text == NULL && node->ranged) {
		help_row(out, node->word, strlen(range), range);
	} else if (text == NULL) {
		strbuf_printf(out, "  %-22s  %s, e.g. %s\n", node->word, node->type->what,
			node->type->example);
	} else {
		help_row(out, node->word, length, text);
	}
	cli_type_words(cli, node->type, &words);
}

int
cli_help(struct cli *cli, const char *text, size_t length, struct strbuf *out)
{
	struct place place;
	int ret = place_find(cli, &place, text, length);

	for (unsigned i = 0; ret == 0 && i < place.match.now.count; i++) {
		const struct cli_node *node = &cli->graph.nodes[place.match.now.items[i].node];

		if (repeats(&place.match, i))
			continue;
		if (node->kind == CLI_NODE_KEYWORD && begins(node->word, place.partial))
			help_keyword(cli, node, out);
		if (node->kind == CLI_NODE_ARG)
			help_argument(cli, node, place.partial, out);
		if (node->kind == CLI_NODE_END && place.partial_length == 0) {
			const char *what = cli->graph.commands[node->command].command->help;

			help_row(out, "<Enter>", strcspn(what, "\n"), what);
		}
	}
	ret = ret == 0 ? (int)place.partial_length : ret;
	place_free(&place);
	return ret;
}
