/* SPDX-License-Identifier: BSD-3-Clause */
/* Walks the graph a word at a time; driven by parser.c, read by complete.c, diag.c and arg.c. */
#include "cli/match.h"

#include <stdlib.h>
#include <string.h>

/* How a word was recognised, the strongest last. */
enum match_class { MATCH_NONE, MATCH_ARG, MATCH_ABBREVIATION, MATCH_KNOWN, MATCH_EXACT };

static bool
threads_contain(const struct cli_threads *threads, const struct cli_thread *thread)
{
	for (unsigned i = 0; i < threads->count; i++) {
		if (threads->items[i].node == thread->node &&
			threads->items[i].used == thread->used)
			return true;
	}
	return false;
}

static void
threads_append(
	struct cli_match *match, struct cli_threads *threads, const struct cli_thread *thread)
{
	unsigned capacity = threads->capacity != 0 ? threads->capacity * 2 : 64;
	struct cli_thread *items;

	if (threads->count == threads->capacity) {
		items = realloc(threads->items, capacity * sizeof(*items));
		if (items == NULL) {
			match->failed = true;
			return;
		}
		threads->items = items;
		threads->capacity = capacity;
	}
	threads->items[threads->count++] = *thread;
}

static void
threads_add(struct cli_match *match, struct cli_threads *threads, const struct cli_thread *thread)
{
	if (!threads_contain(threads, thread))
		threads_append(match, threads, thread);
}

/* Follows `thread` to every node that takes a word, and to END. The syntax bounds the depth. */
static void
thread_spread(struct cli_match *match, struct cli_threads *threads, struct cli_thread thread)
{
	const struct cli_node *nodes = match->graph->nodes;
	const struct cli_node *node = &nodes[thread.node];
	struct cli_thread other;

	switch (node->kind) {
	case CLI_NODE_KEYWORD:
	case CLI_NODE_ARG:
	case CLI_NODE_END: threads_add(match, threads, &thread); return;
	case CLI_NODE_OPEN: thread.used &= ~node->bits; break;
	case CLI_NODE_REPEAT: thread.group++; break;
	case CLI_NODE_SPLIT:
	case CLI_NODE_SET:
	case CLI_NODE_AGAIN: break;
	}
	for (int i = node->first_alternative; i != CLI_NODE_NONE; i = nodes[i].sibling) {
		other = thread;
		other.node = i;
		if (node->kind == CLI_NODE_SET) {
			if (thread.used & (UINT64_C(1) << nodes[i].bit))
				continue;
			other.used |= UINT64_C(1) << nodes[i].bit;
		}
		thread_spread(match, threads, other);
		/* the REPEAT it leads back to may be an alternative of another node */
		if (node->kind == CLI_NODE_AGAIN)
			break;
	}
	if (node->next != CLI_NODE_NONE) {
		thread.node = node->next;
		thread_spread(match, threads, thread);
	}
}

void
cli_match_restart(struct cli_match *match)
{
	const struct cli_graph *graph = match->graph;

	match->now.count = 0;
	match->binding_count = 0;
	match->consumed = 0;
	match->fault = CLI_MATCH_OK;
	for (unsigned i = 0; i < graph->command_count; i++) {
		const struct cli_graph_command *command = &graph->commands[i];
		struct cli_thread thread = { .node = command->start, .binding = -1 };

		threads_append(match, &match->now, &thread);
		thread.node = command->start_swapped;
		if (thread.node != CLI_NODE_NONE)
			threads_append(match, &match->now, &thread);
	}
}

void
cli_match_init(struct cli_match *match, const struct cli_graph *graph, cli_match_known known,
	void *known_arg)
{
	*match = (struct cli_match){ .graph = graph, .known = known, .known_arg = known_arg };
}

void
cli_match_fini(struct cli_match *match)
{
	free(match->now.items);
	free(match->then.items);
	free(match->bindings);
}

static enum match_class
classify(const struct cli_match *match, const struct cli_node *node, const struct cli_word *word)
{
	size_t length;

	if (node->kind == CLI_NODE_ARG) {
		if (!node->type->accepts(word->text, &node->range))
			return MATCH_NONE;
		return MATCH_ARG;
	}
	if (node->kind != CLI_NODE_KEYWORD || word->quoted)
		return MATCH_NONE;
	length = strlen(word->text);
	if (strncmp(node->word, word->text, length) != 0)
		return MATCH_NONE;
	if (node->word[length] == '\0')
		return MATCH_EXACT;
	return (match->graph->commands[node->command].command->flags & CLI_WRITTEN_OUT) != 0
		? MATCH_NONE
		: MATCH_ABBREVIATION;
}

/* What the word is taken for: the strongest class, and whether it names one keyword only. */
static enum match_class
classify_all(const struct cli_match *match, const struct cli_word *word)
{
	const struct cli_node *nodes = match->graph->nodes;
	const char *keyword = NULL;
	bool ambiguous = false, arg = false;
	enum match_class best = MATCH_NONE;

	for (unsigned i = 0; i < match->now.count; i++) {
		const struct cli_node *node = &nodes[match->now.items[i].node];
		enum match_class class = classify(match, node, word);

		arg = arg || class == MATCH_ARG;
		if (class == MATCH_ABBREVIATION) {
			ambiguous =
				ambiguous || (keyword != NULL && strcmp(keyword, node->word) != 0);
			keyword = node->word;
		}
		best = class > best ? class : best;
	}
	if (best != MATCH_ABBREVIATION)
		return best;
	/* `show p` where p is a port beats p for a keyword. */
	for (unsigned i = 0; arg && match->known != NULL && i < match->now.count; i++) {
		const struct cli_node *node = &nodes[match->now.items[i].node];

		if (classify(match, node, word) == MATCH_ARG &&
			match->known(match->known_arg, node->type, word->text))
			return MATCH_KNOWN;
	}
	if (ambiguous)
		return arg ? MATCH_ARG : MATCH_NONE;
	return best;
}

static int
binding_add(struct cli_match *match, const struct cli_thread *thread)
{
	unsigned capacity = match->binding_capacity != 0 ? match->binding_capacity * 2 : 64;
	struct cli_binding *bindings;

	if (match->binding_count == match->binding_capacity) {
		bindings = realloc(match->bindings, capacity * sizeof(*bindings));
		if (bindings == NULL) {
			match->failed = true;
			return thread->binding;
		}
		match->bindings = bindings;
		match->binding_capacity = capacity;
	}
	match->bindings[match->binding_count] = (struct cli_binding){ .previous = thread->binding,
		.node = thread->node,
		.word = match->consumed,
		.group = match->graph->nodes[thread->node].repeated ? thread->group : 0 };
	return match->binding_count++;
}

/* Moves `thread` over the word it has taken. */
static void
thread_advance(struct cli_match *match, struct cli_thread thread)
{
	const struct cli_node *node = &match->graph->nodes[thread.node];
	bool rest = node->kind == CLI_NODE_ARG && node->type->rest_of_line;

	/* The rest of the line is one argument: its first word stands for it. */
	if (!rest || thread.binding < 0 || match->bindings[thread.binding].node != thread.node)
		thread.binding = binding_add(match, &thread);
	if (rest)
		threads_add(match, &match->then, &thread);
	thread.node = node->next;
	thread_spread(match, &match->then, thread);
}

static bool
ambiguous(const struct cli_match *match, const struct cli_word *word)
{
	for (unsigned i = 0; i < match->now.count; i++) {
		const struct cli_node *node = &match->graph->nodes[match->now.items[i].node];

		if (classify(match, node, word) == MATCH_ABBREVIATION)
			return true;
	}
	return false;
}

bool
cli_match_step(struct cli_match *match, const struct cli_word *word)
{
	enum match_class best = classify_all(match, word);
	struct cli_threads swap;

	if (best == MATCH_NONE) {
		match->fault = ambiguous(match, word) ? CLI_MATCH_AMBIGUOUS : CLI_MATCH_UNKNOWN;
		return false;
	}
	if (best == MATCH_KNOWN)
		best = MATCH_ARG;
	match->then.count = 0;
	for (unsigned i = 0; i < match->now.count; i++) {
		const struct cli_thread *thread = &match->now.items[i];

		if (classify(match, &match->graph->nodes[thread->node], word) == best)
			thread_advance(match, *thread);
	}
	swap = match->now;
	match->now = match->then;
	match->then = swap;
	match->consumed++;
	return true;
}

const struct cli_thread *
cli_match_end(const struct cli_match *match)
{
	for (unsigned i = 0; i < match->now.count; i++) {
		if (match->graph->nodes[match->now.items[i].node].kind == CLI_NODE_END)
			return &match->now.items[i];
	}
	return NULL;
}
