/* SPDX-License-Identifier: BSD-3-Clause */
/* The arguments of a parsed line: made by engine.c, read by the handlers through cli_arg_*(). */
#include "cli/cli_private.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"

/* Puts the chain of bindings that ends in `last` in the line's order. */
static int
args_bind(struct cli_args *args, int last)
{
	const struct cli_match *match = &args->match;
	unsigned count = 0, i;

	for (int b = last; b >= 0; b = match->bindings[b].previous)
		count++;
	args->bound = calloc(count + 1, sizeof(*args->bound));
	if (args->bound == NULL)
		return -ENOMEM;
	i = count;
	for (int b = last; b >= 0; b = match->bindings[b].previous)
		args->bound[--i] = b;
	args->bound_count = args->end = count;
	if (count > 0) {
		const struct cli_binding *tail = &match->bindings[args->bound[count - 1]];
		const struct cli_node *node = &match->graph->nodes[tail->node];
		size_t offset = args->line.words[tail->word].offset;

		if (node->kind == CLI_NODE_ARG && node->type->rest_of_line) {
			/* Not strndup(): there is no NUL behind the line. */
			args->rest = calloc(1, args->line.end - offset + 1);
			if (args->rest == NULL)
				return -ENOMEM;
			memcpy(args->rest, args->line.text + offset, args->line.end - offset);
		}
	}
	return 0;
}

static int
out_of_memory(struct strbuf *errors)
{
	strbuf_append(errors, "out of memory");
	return -ENOMEM;
}

int
cli_args_parse(struct cli *cli, struct cli_args *args, const char *line, size_t length,
	const struct cli_graph_command **command, struct strbuf *errors)
{
	const struct cli_thread *thread;
	struct cli_line_fault fault;
	int ret;

	*args = (struct cli_args){ .blamed = -1 };
	*command = NULL;
	cli_match_init(&args->match, &cli->graph, cli_type_known, cli);
	ret = cli_line_split(&args->line, line, length, &fault);
	if (ret == -EINVAL)
		cli_diag_fault(errors, line, length, &fault);
	if (ret == -ENOMEM)
		return out_of_memory(errors);
	if (ret != 0 || args->line.count == 0)
		return ret;
	if (args->line.open_quote) {
		strbuf_append(errors, "a quote is not closed");
		cli_diag_point(
			errors, line, length, args->line.words[args->line.count - 1].offset, 1);
		return -EINVAL;
	}
	ret = cli_parser_run(cli->parser, &args->line, &args->match);
	if (ret == -EINVAL)
		cli_diag_match(errors, &args->line, &args->match);
	if (ret == -EINVAL)
		return ret;
	thread = cli_match_end(&args->match);
	if (ret != 0 || args_bind(args, thread->binding) != 0)
		return out_of_memory(errors);
	*command = &cli->graph.commands[cli->graph.nodes[thread->node].command];
	return 0;
}

void
cli_args_free(struct cli_args *args)
{
	cli_line_free(&args->line);
	cli_match_fini(&args->match);
	free(args->bound);
	free(args->rest);
}

/* The word bound to `name`, or NULL. @param value whether a keyword will not do */
static const struct cli_binding *
args_lookup(const struct cli_args *args, const char *name, bool value)
{
	for (unsigned i = args->first; i < args->end; i++) {
		const struct cli_binding *binding = &args->match.bindings[args->bound[i]];
		const struct cli_node *node = &args->match.graph->nodes[binding->node];

		if (node->kind == CLI_NODE_KEYWORD && value)
			continue;
		if (strcmp(node->word, name) == 0 ||
			(node->key != NULL && strcmp(node->key, name) == 0))
			return binding;
	}
	return NULL;
}

bool
cli_arg_present(const struct cli_call *call, const char *name)
{
	return args_lookup(call->args, name, false) != NULL;
}

const char *
cli_arg_string(const struct cli_call *call, const char *name)
{
	const struct cli_args *args = call->args;
	const struct cli_binding *binding = args_lookup(args, name, true);

	if (binding == NULL)
		return NULL;
	if (args->match.graph->nodes[binding->node].type->rest_of_line)
		return args->rest;
	return args->line.words[binding->word].text;
}

uint64_t
cli_arg_number(const struct cli_call *call, const char *name, uint64_t fallback)
{
	const char *word = cli_arg_string(call, name);
	uint64_t number;

	return word != NULL && cli_number_parse(word, &number) ? number : fallback;
}

bool
cli_arg_addr(const struct cli_call *call, const char *name, struct ip_addr *addr)
{
	const char *word = cli_arg_string(call, name), *zone;

	return word != NULL && cli_scoped_parse(word, addr, &zone);
}

int
cli_arg_scope(struct cli_call *call, const char *name, const char **iface)
{
	const char *word = cli_arg_string(call, name), *dev = cli_arg_string(call, "dev");
	struct ip_addr addr;

	*iface = NULL;
	if (word != NULL)
		cli_scoped_parse(word, &addr, iface);
	if (*iface != NULL && dev != NULL && strcmp(*iface, dev) != 0)
		return cli_fail(call, "dev", EINVAL,
			"the address is on %s already: leave 'dev' out", *iface);
	if (*iface == NULL)
		*iface = dev;
	return 0;
}

bool
cli_arg_prefix(const struct cli_call *call, const char *name, struct ip_prefix *prefix)
{
	const char *word = cli_arg_string(call, name);

	return word != NULL && ip_prefix_parse(word, prefix) == 0;
}

bool
cli_arg_mac(const struct cli_call *call, const char *name, struct mac_addr *mac)
{
	const char *word = cli_arg_string(call, name);

	return word != NULL && mac_addr_parse(word, mac) == 0;
}

bool
cli_arg_endpoint(
	const struct cli_call *call, const char *name, struct ip_addr *addr, uint16_t *port)
{
	const char *word = cli_arg_string(call, name);

	return word != NULL && cli_endpoint_parse(word, addr, port);
}

int
cli_arg_list(const struct cli_call *call, const char *name, unsigned *values, unsigned max)
{
	const char *word = cli_arg_string(call, name);

	return word != NULL ? cli_list_parse(word, values, max) : 0;
}

int
cli_arg_path(const struct cli_call *call, const char *name, char *path, size_t size)
{
	const char *directory = cli_directory(call);
	const char *word = cli_arg_string(call, name);
	int length;

	if (word == NULL)
		return error_set(call->err, EINVAL, "no file was named");
	if (word[0] == '/' || directory == NULL)
		length = snprintf(path, size, "%s", word);
	else
		length = snprintf(path, size, "%s/%s", directory, word);
	if (length >= (int)size)
		return error_set(
			call->err, ENAMETOOLONG, "the path is longer than %zu bytes", size - 1);
	return 0;
}

bool
cli_arg_group_next(struct cli_call *call)
{
	struct cli_args *args = call->args;
	const struct cli_binding *bindings = args->match.bindings;
	unsigned i = args->group == 0 ? 0 : args->end;

	args->group++;
	while (i < args->bound_count && bindings[args->bound[i]].group != args->group)
		i++;
	args->first = i;
	while (i < args->bound_count && bindings[args->bound[i]].group == args->group)
		i++;
	args->end = i;
	if (args->first < args->end)
		return true;
	args->group = 0;
	args->first = 0;
	args->end = args->bound_count;
	return false;
}

int
cli_fail(struct cli_call *call, const char *name, int errnum, const char *fmt, ...)
{
	const struct cli_binding *binding = args_lookup(call->args, name, true);
	va_list ap;

	if (binding == NULL)
		binding = args_lookup(call->args, name, false);
	call->args->blamed = binding != NULL ? (int)binding->word : -1;
	call->err->errnum = errnum;
	va_start(ap, fmt);
	vsnprintf(call->err->text, sizeof(call->err->text), fmt, ap);
	va_end(ap);
	return -errnum;
}

const char *
cli_quote(const char *word, char *buf, size_t size)
{
	bool plain = word[0] != '\0' && strpbrk(word, " \t\"#") == NULL;
	size_t n = 0;

	if (plain) {
		snprintf(buf, size, "%s", word);
		return buf;
	}
	buf[n++] = '"';
	for (; *word != '\0' && n + 4 < size; word++) {
		/* outside of quotes a backslash is a plain character, inside it is not */
		if (*word == '"' || *word == '\\')
			buf[n++] = '\\';
		buf[n++] = *word;
	}
	buf[n++] = '"';
	buf[n] = '\0';
	return buf;
}
