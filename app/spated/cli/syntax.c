/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiles syntax strings (cli.h describes them) into the graph; called by engine.c at start. */
#include "cli/graph.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYNTAX_LENGTH_MAX 1024
#define SYNTAX_DEPTH_MAX  8
#define SYNTAX_GROUPS_MAX 64

/* A part of the graph under construction. What follows is hung on exit.next. */
struct fragment {
	int entry, exit;
	bool nullable; /* it may match no word at all */
};

struct compiler {
	struct cli_graph *graph;
	const char *pos;
	unsigned command;
	unsigned groups; /* optional groups so far */
	unsigned depth;
	unsigned words;
	bool repeated;
	int errnum;
	const char *fault;
};

static int compile_choice(struct compiler *c, char closing, struct fragment *out);

static int
fault_set(struct compiler *c, int errnum, const char *fault)
{
	c->errnum = errnum;
	c->fault = fault;
	return -errnum;
}

static int
node_add(struct compiler *c, enum cli_node_kind kind)
{
	struct cli_graph *graph = c->graph;
	unsigned capacity = graph->capacity != 0 ? graph->capacity * 2 : 256;
	struct cli_node *nodes;

	if (graph->count == graph->capacity) {
		nodes = realloc(graph->nodes, capacity * sizeof(*nodes));
		if (nodes == NULL)
			return fault_set(c, ENOMEM, "out of memory");
		graph->nodes = nodes;
		graph->capacity = capacity;
	}
	graph->nodes[graph->count] = (struct cli_node){ .kind = kind,
		.next = CLI_NODE_NONE,
		.first_alternative = CLI_NODE_NONE,
		.sibling = CLI_NODE_NONE,
		.command = c->command };
	return graph->count++;
}

static struct cli_node *
node_at(struct compiler *c, int index)
{
	return &c->graph->nodes[index];
}

static void
skip_blanks(struct compiler *c)
{
	while (*c->pos == ' ')
		c->pos++;
}

static bool
is_word_char(char ch)
{
	return isalnum((unsigned char)ch) || ch == '-' || ch == '_' || ch == '.';
}

/* N:1-65535 or SRC:ENDPOINT: what follows the colon. */
static int
compile_suffix(struct compiler *c, struct cli_node *node)
{
	const char *start = ++c->pos;
	char *end;

	if (!isdigit((unsigned char)*start)) {
		while (is_word_char(*c->pos))
			c->pos++;
		node->type = cli_type_lookup(start, c->pos - start);
		return 0;
	}
	errno = 0;
	node->range.min = strtoull(start, &end, 10);
	if (*end != '-' || !isdigit((unsigned char)end[1]))
		return fault_set(c, EINVAL, "a range is written as in N:1-65535");
	node->range.max = strtoull(end + 1, &end, 10);
	if (errno != 0 || node->range.min > node->range.max)
		return fault_set(c, EINVAL, "the range is empty or too large");
	node->ranged = true;
	c->pos = end;
	return 0;
}

static int
compile_argument(struct compiler *c, struct cli_node *node, const char *start, size_t length)
{
	node->kind = CLI_NODE_ARG;
	node->range = (struct cli_range){ 0, UINT64_MAX };
	node->type = cli_type_lookup(start, length);
	if (*c->pos == ':' && compile_suffix(c, node) != 0)
		return -c->errnum;
	if (node->type == NULL)
		return fault_set(c, EINVAL, "there is no such argument type (type.c lists them)");
	return 0;
}

static int
compile_word(struct compiler *c, struct fragment *out)
{
	const char *start = c->pos;
	struct cli_node *node;
	size_t length;
	int index;

	while (is_word_char(*c->pos))
		c->pos++;
	length = c->pos - start;
	if (length == 0)
		return fault_set(c, EINVAL, "a word or a group is missing");
	index = node_add(c, CLI_NODE_KEYWORD);
	if (index < 0)
		return index;
	node = node_at(c, index);
	node->word = strndup(start, length);
	if (node->word == NULL)
		return fault_set(c, ENOMEM, "out of memory");
	node->first = c->words == 0;
	node->verb = c->words == 1;
	c->words++;
	*out = (struct fragment){ index, index, false };
	if (isupper((unsigned char)*start))
		return compile_argument(c, node, start, length);
	for (size_t i = 0; i < length; i++) {
		if (isupper((unsigned char)start[i]))
			return fault_set(c, EINVAL, "a word mixes capitals and small letters");
	}
	return 0;
}

static int
compile_atom(struct compiler *c, struct fragment *out)
{
	if (*c->pos != '(')
		return compile_word(c, out);
	c->pos++;
	return compile_choice(c, ')', out);
}

/* Puts `branch` beside the ones of `out`; the first call makes the SPLIT and its exit. */
static int
split_add(struct compiler *c, struct fragment *out, int *last, const struct fragment *branch)
{
	int split, join;

	if (branch->nullable)
		return fault_set(c, EINVAL, "an alternative may match nothing");
	if (*last == CLI_NODE_NONE) {
		split = node_add(c, CLI_NODE_SPLIT);
		join = split < 0 ? split : node_add(c, CLI_NODE_SPLIT);
		if (join < 0)
			return join;
		node_at(c, split)->first_alternative = branch->entry;
		*out = (struct fragment){ split, join, false };
	} else {
		node_at(c, *last)->sibling = branch->entry;
	}
	*last = branch->entry;
	node_at(c, branch->exit)->next = out->exit;
	return 0;
}

/* atom|atom|... */
static int
compile_tight(struct compiler *c, struct fragment *out)
{
	struct fragment branch;
	int last = CLI_NODE_NONE;
	int ret;

	ret = compile_atom(c, &branch);
	if (ret != 0 || *c->pos != '|') {
		*out = branch;
		return ret;
	}
	ret = split_add(c, out, &last, &branch);
	while (ret == 0 && *c->pos == '|') {
		c->pos++;
		ret = compile_atom(c, &branch);
		if (ret == 0)
			ret = split_add(c, out, &last, &branch);
	}
	return ret;
}

/* [a] [b N] ...: side by side, so in any order. */
static int
compile_optionals(struct compiler *c, struct fragment *out)
{
	struct fragment group;
	int open, set, last = CLI_NODE_NONE;
	int ret;

	open = node_add(c, CLI_NODE_OPEN);
	set = open < 0 ? open : node_add(c, CLI_NODE_SET);
	if (set < 0)
		return set;
	node_at(c, open)->next = set;
	for (; *c->pos == '['; skip_blanks(c)) {
		c->pos++;
		ret = compile_choice(c, ']', &group);
		if (ret != 0)
			return ret;
		if (group.nullable)
			return fault_set(c, EINVAL, "an optional group may match nothing");
		if (c->groups == SYNTAX_GROUPS_MAX)
			return fault_set(c, EINVAL, "more than 64 optional groups");
		node_at(c, group.entry)->bit = c->groups;
		node_at(c, open)->bits |= UINT64_C(1) << c->groups++;
		node_at(c, group.exit)->next = set;
		if (last == CLI_NODE_NONE)
			node_at(c, set)->first_alternative = group.entry;
		else
			node_at(c, last)->sibling = group.entry;
		last = group.entry;
	}
	*out = (struct fragment){ open, set, true };
	return 0;
}

static int
compile_repeat(struct compiler *c, struct fragment *out)
{
	unsigned first_node = c->graph->count;
	struct fragment group;
	int repeat, again, ret;

	if (c->repeated)
		return fault_set(c, EINVAL, "more than one {..} group");
	c->repeated = true;
	c->pos++;
	ret = compile_choice(c, '}', &group);
	if (ret != 0)
		return ret;
	if (group.nullable)
		return fault_set(c, EINVAL, "the {..} group may match nothing");
	for (unsigned i = first_node; i < c->graph->count; i++)
		c->graph->nodes[i].repeated = true;
	repeat = node_add(c, CLI_NODE_REPEAT);
	again = repeat < 0 ? repeat : node_add(c, CLI_NODE_AGAIN);
	if (again < 0)
		return again;
	node_at(c, repeat)->next = group.entry;
	node_at(c, group.exit)->next = again;
	node_at(c, again)->first_alternative = repeat;
	*out = (struct fragment){ repeat, again, false };
	return 0;
}

static int
compile_element(struct compiler *c, struct fragment *out)
{
	switch (*c->pos) {
	case '[': return compile_optionals(c, out);
	case '{': return compile_repeat(c, out);
	default: return compile_tight(c, out);
	}
}

/* An argument is also known by the keyword just before it. */
static void
key_set(struct compiler *c, const struct fragment *before, const struct fragment *after)
{
	const struct cli_node *keyword = node_at(c, before->exit);
	struct cli_node *arg = node_at(c, after->entry);

	if (before->entry == before->exit && keyword->kind == CLI_NODE_KEYWORD &&
		arg->kind == CLI_NODE_ARG)
		arg->key = keyword->word;
}

static int
compile_sequence(struct compiler *c, char closing, struct fragment *out)
{
	struct fragment element, previous = { CLI_NODE_NONE, CLI_NODE_NONE, true };
	int ret;

	skip_blanks(c);
	for (; *c->pos != closing && *c->pos != '|' && *c->pos != '\0'; skip_blanks(c)) {
		ret = compile_element(c, &element);
		if (ret != 0)
			return ret;
		if (previous.entry == CLI_NODE_NONE) {
			*out = element;
		} else {
			key_set(c, &previous, &element);
			node_at(c, out->exit)->next = element.entry;
			out->exit = element.exit;
			out->nullable = out->nullable && element.nullable;
		}
		previous = element;
	}
	return previous.entry != CLI_NODE_NONE ? 0 : fault_set(c, EINVAL, "a group is empty");
}

/* sequence | sequence | ... up to the closing bracket */
static int
compile_choice(struct compiler *c, char closing, struct fragment *out)
{
	struct fragment branch;
	int last = CLI_NODE_NONE;
	int ret;

	if (++c->depth > SYNTAX_DEPTH_MAX)
		return fault_set(c, EINVAL, "groups are nested too deeply");
	ret = compile_sequence(c, closing, &branch);
	if (ret != 0)
		return ret;
	*out = branch;
	if (*c->pos == '|')
		ret = split_add(c, out, &last, &branch);
	while (ret == 0 && *c->pos == '|') {
		c->pos++;
		ret = compile_sequence(c, closing, &branch);
		if (ret == 0)
			ret = split_add(c, out, &last, &branch);
	}
	if (ret != 0)
		return ret;
	if (*c->pos != closing)
		return fault_set(c, EINVAL, "a closing bracket is missing or the wrong one");
	c->pos++;
	c->depth--;
	return 0;
}

/* Whether any word may come at `index` or after it. */
static bool
takes_word(const struct cli_graph *graph, int index)
{
	const struct cli_node *node = &graph->nodes[index];

	if (node->kind == CLI_NODE_KEYWORD || node->kind == CLI_NODE_ARG ||
		node->kind == CLI_NODE_AGAIN)
		return true;
	for (int i = node->first_alternative; i != CLI_NODE_NONE; i = graph->nodes[i].sibling) {
		/* A set's groups lead back to it: one that takes the rest of the line is no word
		 * that could come after itself. */
		if (graph->nodes[i].kind != CLI_NODE_ARG || !graph->nodes[i].type->rest_of_line)
			return true;
	}
	return node->next != CLI_NODE_NONE && takes_word(graph, node->next);
}

static int
line_compile(struct compiler *c, const char *syntax, int *start)
{
	unsigned first_node = c->graph->count;
	struct fragment line;
	int end, ret;

	c->pos = syntax;
	c->words = c->groups = c->depth = 0;
	c->repeated = false;
	ret = compile_sequence(c, '\0', &line);
	if (ret != 0)
		return ret;
	if (*c->pos == '|')
		return fault_set(c, EINVAL, "alternatives need a group around them");
	end = node_add(c, CLI_NODE_END);
	if (end < 0)
		return end;
	node_at(c, line.exit)->next = end;
	*start = line.entry;
	if (node_at(c, *start)->kind != CLI_NODE_KEYWORD)
		return fault_set(c, EINVAL, "the first word must be the noun");
	for (unsigned i = first_node; i < c->graph->count; i++) {
		const struct cli_node *node = &c->graph->nodes[i];

		if (node->kind == CLI_NODE_ARG && node->type->rest_of_line &&
			takes_word(c->graph, node->next))
			return fault_set(c, EINVAL, "TEXT must be the last word");
	}
	return 0;
}

/* Compiles the command, and once more as "show X" if it is a show. */
static int
command_compile(struct compiler *c, struct cli_graph_command *entry)
{
	const struct cli_command *command = entry->command;
	size_t name_length = strlen(entry->noun->name);
	const char *rest = command->syntax + name_length;
	char syntax[SYNTAX_LENGTH_MAX];
	const char *json;
	int length, ret;

	json = (command->flags & CLI_SHOW) && strstr(rest, "[json]") == NULL ? " [json]" : "";
	if (strncmp(command->syntax, entry->noun->name, name_length) != 0 ||
		(*rest != ' ' && *rest != '\0'))
		return fault_set(c, EINVAL, "the first word must be the noun");
	length = snprintf(syntax, sizeof(syntax), "%s%s", command->syntax, json);
	if (length >= (int)sizeof(syntax))
		return fault_set(c, EINVAL, "the syntax is too long");
	ret = line_compile(c, syntax, &entry->start);
	if (ret != 0 || !(command->flags & CLI_SHOW) || strncmp(rest, " show", 5) != 0 ||
		(rest[5] != ' ' && rest[5] != '\0'))
		return ret; // NOLINT(clang-analyzer-core.StackAddressEscape)
	snprintf(syntax, sizeof(syntax), "show %s%s%s", entry->noun->name, rest + 5, json);
	ret = line_compile(c, syntax, &entry->start_swapped);
	c->pos = NULL; /* not into `syntax` any more */
	return ret;
}

int
cli_graph_add(struct cli_graph *graph, const struct cli_noun *noun,
	const struct cli_command *command, struct error *err)
{
	unsigned capacity = graph->command_capacity != 0 ? graph->command_capacity * 2 : 64;
	struct compiler c = { .graph = graph, .command = graph->command_count };
	struct cli_graph_command *commands;

	if (graph->command_count == graph->command_capacity) {
		commands = realloc(graph->commands, capacity * sizeof(*commands));
		if (commands == NULL)
			return error_set(err, ENOMEM, "out of memory");
		graph->commands = commands;
		graph->command_capacity = capacity;
	}
	graph->commands[graph->command_count] =
		(struct cli_graph_command){ noun, command, CLI_NODE_NONE, CLI_NODE_NONE };
	if (command_compile(&c, &graph->commands[graph->command_count]) != 0)
		return error_set(
			err, c.errnum, "%s, in the syntax \"%s\"", c.fault, command->syntax);
	graph->command_count++;
	return 0;
}

void
cli_graph_free(struct cli_graph *graph)
{
	for (unsigned i = 0; i < graph->count; i++)
		free(graph->nodes[i].word);
	free(graph->nodes);
	free(graph->commands);
	*graph = (struct cli_graph){ 0 };
}
