/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A walk over the graph, a word at a time: what the line may still be, and what was bound.
 */
#ifndef CLI_MATCH_H
#define CLI_MATCH_H

#include "cli/graph.h"
#include "cli/line.h"

/** A way the words so far can be read. `node` is one that takes a word, or END. */
struct cli_thread {
	int node;
	int binding; /**< the last word's, or -1 */
	unsigned group; /**< repetitions of the {..} group begun */
	uint64_t used; /**< optional groups seen */
};

/** A word, and the node that took it. */
struct cli_binding {
	int previous;
	int node;
	unsigned word;
	unsigned group; /**< 1.. within the {..} group, 0 outside */
};

struct cli_threads {
	struct cli_thread *items;
	unsigned count;
	unsigned capacity;
};

enum cli_match_fault {
	CLI_MATCH_OK,
	CLI_MATCH_UNKNOWN, /**< nothing takes the word */
	CLI_MATCH_AMBIGUOUS, /**< it abbreviates several keywords */
};

/** Asks the app for the words it knows of a type: see cli_set_completer(). */
typedef bool (*cli_match_known)(void *arg, const struct cli_type *type, const char *word);

struct cli_match {
	const struct cli_graph *graph;
	struct cli_threads now; /**< may take the next word */
	struct cli_threads then; /**< scratch for the step under way */
	struct cli_binding *bindings;
	unsigned binding_count;
	unsigned binding_capacity;
	unsigned consumed; /**< words taken */
	enum cli_match_fault fault;
	cli_match_known known;
	void *known_arg;
	bool failed; /**< memory ran out */
};

void cli_match_init(struct cli_match *match, const struct cli_graph *graph, cli_match_known known,
	void *known_arg);
void cli_match_fini(struct cli_match *match);
/** Go back to the beginning of the line. */
void cli_match_restart(struct cli_match *match);
/** Take a word. @return false with match->fault set; the threads then are those before it */
bool cli_match_step(struct cli_match *match, const struct cli_word *word);
/** The way in which the line so far is a whole command, or NULL. */
const struct cli_thread *cli_match_end(const struct cli_match *match);

#endif
