/* SPDX-License-Identifier: BSD-3-Clause */
/* Error texts for lines that do not parse; called by args.c and engine.c. */
#include "cli/diag.h"

#include <ctype.h>
#include <string.h>

#include "cli/similar.h"
#include "cli/utf8.h"

#define WINDOW_COLUMNS 100 /* of the line that are shown */
#define WINDOW_BEFORE  60 /* of them before the word in question */
#define WORD_SHOWN_MAX 40
#define EXPECTED_MAX   24

/* Bytes of strangers reach a terminal: of each character one column, but no control ones. */
static void
append_printable(struct strbuf *out, const char *text, size_t length)
{
	bool printable;
	unsigned step;

	for (size_t i = 0; i < length; i += step) {
		step = cli_utf8_step(text + i, length - i, &printable);
		if (printable)
			strbuf_append_bytes(out, text + i, step);
		else
			strbuf_append(out, text[i] == '\t' ? " " : "?");
	}
}

static void
append_columns(struct strbuf *out, const char *text, size_t length, const char *mark)
{
	bool printable;

	for (size_t i = 0; i < length; i += cli_utf8_step(text + i, length - i, &printable))
		strbuf_append(out, mark);
}

static bool
is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Moves a cut out of the middle of a UTF-8 sequence, which has three continuation bytes at
 * most: bytes that are no UTF-8 are cut anywhere. */
static size_t
cut_move(const char *line, size_t line_length, size_t cut)
{
	for (unsigned i = 0; i < 3 && cut > 0 && cut < line_length; i++) {
		if (!is_continuation(line[cut]))
			break;
		cut--;
	}
	return cut;
}

void
cli_diag_point(
	struct strbuf *out, const char *line, size_t line_length, size_t offset, size_t length)
{
	size_t start = offset > WINDOW_COLUMNS - 20 ? offset - WINDOW_BEFORE : 0;
	size_t end;

	start = cut_move(line, line_length, start);
	end = line_length - start > WINDOW_COLUMNS ? start + WINDOW_COLUMNS : line_length;
	end = cut_move(line, line_length, end);
	strbuf_printf(out, "\n  %s", start > 0 ? "..." : "");
	append_printable(out, line + start, end - start);
	strbuf_printf(out, "%s\n  %s", end < line_length ? "..." : "", start > 0 ? "   " : "");
	if (offset >= line_length) {
		append_columns(out, line + start, line_length - start, " ");
		strbuf_append(out, " ^");
		return;
	}
	append_columns(out, line + start, offset - start, " ");
	if (offset + length > end)
		length = end - offset;
	append_columns(out, line + offset, length, "^");
}

void
cli_diag_fault(
	struct strbuf *out, const char *text, size_t length, const struct cli_line_fault *fault)
{
	strbuf_append(out, fault->reason);
	cli_diag_point(out, text, length, fault->offset, fault->length);
}

static void
append_word(struct strbuf *out, const struct cli_word *word)
{
	size_t length = strlen(word->text);
	size_t shown = length;

	if (shown > WORD_SHOWN_MAX) {
		shown = cut_move(word->text, length, WORD_SHOWN_MAX - 3);
	}
	strbuf_append(out, "\"");
	append_printable(out, word->text, shown);
	strbuf_append(out, shown < length ? "...\"" : "\"");
}

/* What the threads could take; the words are shown as the syntax has them. */
struct expected {
	const char *names[EXPECTED_MAX];
	unsigned count;
	unsigned left_out;
	const struct cli_node *arg; /* the only kind of argument, if there is one kind */
	unsigned args; /* kinds of arguments */
	unsigned keywords;
	bool end; /* the line could end here */
};

static bool
expected_contains(const struct expected *expected, const char *name)
{
	for (unsigned i = 0; i < expected->count; i++) {
		if (strcmp(expected->names[i], name) == 0)
			return true;
	}
	return false;
}

/* @param prefix only keywords that begin so; NULL for everything */
static void
expected_collect(struct expected *expected, const struct cli_match *match, const char *prefix)
{
	*expected = (struct expected){ 0 };
	for (unsigned i = 0; i < match->now.count; i++) {
		const struct cli_node *node = &match->graph->nodes[match->now.items[i].node];

		if (node->kind == CLI_NODE_END) {
			expected->end = true;
			continue;
		}
		if (prefix != NULL &&
			(node->kind != CLI_NODE_KEYWORD ||
				strncmp(node->word, prefix, strlen(prefix)) != 0))
			continue;
		if (expected_contains(expected, node->word))
			continue;
		if (node->kind == CLI_NODE_ARG) {
			expected->arg = node;
			expected->args++;
		} else {
			expected->keywords++;
		}
		if (expected->count < EXPECTED_MAX)
			expected->names[expected->count++] = node->word;
		else
			expected->left_out++;
	}
}

static void
append_expected(struct strbuf *out, const struct expected *expected, const char *last)
{
	for (unsigned i = 0; i < expected->count; i++) {
		if (i > 0)
			strbuf_append(out,
				i + 1 == expected->count && expected->left_out == 0 ? last : ", ");
		strbuf_append(out, expected->names[i]);
	}
	if (expected->left_out > 0)
		strbuf_printf(out, " or one of %u others", expected->left_out);
}

static void
append_bad_value(struct strbuf *out, const struct cli_node *node, const struct cli_word *word)
{
	append_word(out, word);
	if (node->ranged)
		strbuf_printf(out, " is not %s from %ju to %ju", node->type->what,
			(uintmax_t)node->range.min, (uintmax_t)node->range.max);
	else
		strbuf_printf(
			out, " is not %s: expected e.g. %s", node->type->what, node->type->example);
}

/* Whether the word rather looks like a wrong value than like a wrong keyword. */
static bool
looks_like_value(const char *word)
{
	return isdigit((unsigned char)word[0]) || strpbrk(word, ".:/,") != NULL;
}

/* The keyword that is most like a word, or NULL. */
static const char *
meant_find(const struct cli_match *match, const char *word)
{
	const char *meant = NULL;

	for (unsigned i = 0; i < match->now.count; i++) {
		const struct cli_node *node = &match->graph->nodes[match->now.items[i].node];

		/* The very word, in quotes, was none of the keywords on purpose. */
		if (node->kind == CLI_NODE_KEYWORD && strcmp(word, node->word) != 0 &&
			cli_similar(word, node->word) &&
			(meant == NULL ||
				cli_similar_distance(word, node->word) <
					cli_similar_distance(word, meant)))
			meant = node->word;
	}
	return meant;
}

static void
append_unknown(struct strbuf *out, const struct cli_match *match, const struct expected *expected,
	const struct cli_word *word)
{
	const char *meant = meant_find(match, word->text);

	strbuf_append(out, "unknown word ");
	append_word(out, word);
	if (meant != NULL) {
		strbuf_printf(out, ": did you mean \"%s\"?", meant);
		return;
	}
	strbuf_append(out, ": expected ");
	append_expected(out, expected, expected->end ? ", " : " or ");
	strbuf_append(out, expected->end ? " or the end of the line" : "");
}

static void
diag_word(struct strbuf *out, const struct cli_line *line, const struct cli_match *match)
{
	const struct cli_word *word = &line->words[match->consumed];
	struct expected expected;

	expected_collect(&expected, match, NULL);
	if (match->fault == CLI_MATCH_AMBIGUOUS) {
		expected_collect(&expected, match, word->text);
		append_word(out, word);
		strbuf_append(out, " is ambiguous: it could be ");
		append_expected(out, &expected, " or ");
	} else if (expected.count == 0) {
		strbuf_append(out, "unexpected word ");
		append_word(out, word);
		strbuf_append(out, ": the command is complete before it");
	} else if (expected.args == 1 && (expected.keywords == 0 || looks_like_value(word->text))) {
		append_bad_value(out, expected.arg, word);
	} else {
		append_unknown(out, match, &expected, word);
	}
	cli_diag_point(out, line->text, line->length, word->offset, word->length);
}

void
cli_diag_match(struct strbuf *out, const struct cli_line *line, const struct cli_match *match)
{
	struct expected expected;

	if (match->consumed < line->count) {
		diag_word(out, line, match);
		return;
	}
	expected_collect(&expected, match, NULL);
	strbuf_append(out, "the command is not complete: expected ");
	append_expected(out, &expected, " or ");
	if (expected.count == 1 && expected.args == 1)
		strbuf_printf(out, ", %s such as %s", expected.arg->type->what,
			expected.arg->type->example);
	cli_diag_point(out, line->text, line->end, line->end, 1);
}
