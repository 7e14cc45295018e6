/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The graph that the syntax strings are compiled to at start, by syntax.c; match.c walks it.
 *
 * Words are matched at KEYWORD and ARG nodes; the others are passed through without one.
 */
#ifndef CLI_GRAPH_H
#define CLI_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/type.h"

#define CLI_NODE_NONE (-1)

enum cli_node_kind {
	CLI_NODE_KEYWORD,
	CLI_NODE_ARG,
	CLI_NODE_SPLIT, /**< goes on at each of its alternatives */
	CLI_NODE_OPEN, /**< enters a set of optional groups: none was seen yet */
	CLI_NODE_SET, /**< goes on at each optional group not seen yet, and after the set */
	CLI_NODE_REPEAT, /**< a further repetition begins */
	CLI_NODE_AGAIN, /**< goes on at REPEAT and after the group */
	CLI_NODE_END, /**< the command is complete */
};

struct cli_node {
	enum cli_node_kind kind;
	int next;
	int first_alternative; /**< SPLIT, SET; the REPEAT of an AGAIN */
	int sibling; /**< the next alternative of the node that lists this one */
	unsigned bit; /**< an optional group's, in cli_thread.used */
	uint64_t bits; /**< OPEN: those of its groups */
	unsigned command; /**< index of graph->commands */
	bool first; /**< KEYWORD: the line's first word */
	bool verb; /**< KEYWORD: the line's second word */
	bool repeated; /**< stands in the {..} group */
	char *word; /**< KEYWORD; ARG: the name it is shown by */
	const char *key; /**< ARG: the keyword just before it, or NULL */
	const struct cli_type *type; /**< ARG */
	struct cli_range range;
	bool ranged;
};

struct cli_graph_command {
	const struct cli_noun *noun;
	const struct cli_command *command;
	int start; /**< "X show ..." */
	int start_swapped; /**< "show X ...", or CLI_NODE_NONE */
};

struct cli_graph {
	struct cli_node *nodes;
	unsigned count;
	unsigned capacity;
	struct cli_graph_command *commands;
	unsigned command_count;
	unsigned command_capacity;
};

/**
 * Add a command.
 *
 * @return 0, -ENOMEM, or -EINVAL with `err` saying what is wrong with its syntax
 */
int cli_graph_add(struct cli_graph *graph, const struct cli_noun *noun,
	const struct cli_command *command, struct error *err);
void cli_graph_free(struct cli_graph *graph);

#endif
