/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What the files of the engine share; no one else includes it.
 */
#ifndef CLI_CLI_PRIVATE_H
#define CLI_CLI_PRIVATE_H

#include "cli/engine.h"
#include "cli/graph.h"
#include "cli/job.h"
#include "cli/line.h"
#include "cli/match.h"
#include "cli/parser.h"

#define CLI_COMPLETERS_MAX 16

struct cli {
	const struct cli_noun *const *nouns;
	unsigned noun_count;
	void *daemon;
	struct cli_graph graph;
	struct cli_parser *parser;
	bool started;
	bool loading; /**< a file of commands: it alone changes the configuration */
	unsigned changes; /**< of the configuration */
	struct cli_job_list jobs; /**< those under way */
	struct {
		const struct cli_type *type;
		cli_completer words;
	} completers[CLI_COMPLETERS_MAX];
	unsigned completer_count;
};

/** What a completer adds to: either the words that begin like `wanted`, or whether it is one. */
struct cli_words {
	const char *wanted;
	bool exact; /**< only ask whether `wanted` is one of the words */
	bool found;
	void (*add)(void *arg, const char *word);
	void *arg;
};

/** The parsed line of one call. */
struct cli_args {
	struct cli_line line;
	struct cli_match match;
	int *bound; /**< indices of match.bindings, in the line's order */
	unsigned bound_count;
	unsigned first, end; /**< those of `bound` that the getters see now */
	unsigned group; /**< the repetition the getters see, 0 for the whole line */
	char *rest; /**< the value of TEXT */
	int blamed; /**< the word an error is about, or -1 */
	const struct cli_request *request;
	struct strbuf *out;
	struct strbuf *errors;
};

/**
 * Split and match a line; to be freed with cli_args_free() whatever it returns.
 *
 * @param command NULL if the line is empty
 */
int cli_args_parse(struct cli *cli, struct cli_args *args, const char *line, size_t length,
	const struct cli_graph_command **command, struct strbuf *errors);
void cli_args_free(struct cli_args *args);

/** Call the completer and the fixed values of a type, if it has any. */
void cli_type_words(const struct cli *cli, const struct cli_type *type, struct cli_words *words);
/** A cli_match_known whose `arg` is the struct cli. */
bool cli_type_known(void *arg, const struct cli_type *type, const char *word);

#endif
