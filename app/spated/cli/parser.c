/* SPDX-License-Identifier: BSD-3-Clause */
/* Lets rte_cmdline walk the graph: one instruction whose tokens are made as it asks for them,
 * as testpmd does for its flow commands. Called by args.c and complete.c. */
#include "cli/parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <cmdline.h>
#include <cmdline_parse.h>

struct cli_parser {
	struct cmdline *cmdline;
	cmdline_parse_ctx_t instructions[2];
	struct cmdline_token_hdr token; /* stands for whatever word comes next */
	cmdline_parse_inst_t *instruction;
	const struct cli_line *line; /* those of the parse under way */
	struct cli_match *match;
	const char *text;
	bool approaching; /* for completion: the line does not end here */
	bool complete;
	bool arrived;
};

/* rte_cmdline asks for a dynamic token without saying for whom, so the parser at work is
 * named here, for the time of one cmdline_parse() or cmdline_complete() only. */
static __thread struct cli_parser *parser_at_work;

static bool
at_end(const struct cli_parser *parser)
{
	return !parser->approaching && parser->match->consumed == parser->line->count &&
		cli_match_end(parser->match) != NULL;
}

/* Called with a cmdline to run the whole instruction, without one to make a token. */
static void
instruction_callback(void *result, struct cmdline *cmdline, void *position)
{
	struct cli_parser *parser = parser_at_work;
	struct cmdline_token_hdr **token = result;

	if (cmdline != NULL) {
		parser->complete = true;
		return;
	}
	if (position == (void *)&parser->instruction->tokens[0])
		cli_match_restart(parser->match);
	*token = at_end(parser) ? NULL : &parser->token;
}

static int
token_parse(struct cmdline_token_hdr *token, const char *text, void *result, unsigned size)
{
	struct cli_parser *parser = container_of(token, struct cli_parser, token);
	const struct cli_line *line = parser->line;
	unsigned index = parser->match->consumed;

	if (index >= line->count || line->words[index].offset != (size_t)(text - parser->text))
		return -1;
	if (!cli_match_step(parser->match, &line->words[index]))
		return -1;
	return line->words[index].length;
}

/* cmdline_complete() cuts words at 64 bytes and has one help text for all, so it only
 * leads to the place; complete.c reads the words off the threads there. */
static int
token_arrived(struct cmdline_token_hdr *token)
{
	container_of(token, struct cli_parser, token)->arrived = true;
	return 0;
}

static int
token_word(struct cmdline_token_hdr *token, int index, char *word, unsigned size)
{
	return -1;
}

struct cli_parser *
cli_parser_create(void)
{
	static struct cmdline_token_ops ops = {
		.parse = token_parse,
		.complete_get_nb = token_arrived,
		.complete_get_elt = token_word,
	};
	struct cli_parser *parser = calloc(1, sizeof(*parser));

	if (parser == NULL)
		return NULL;
	/* One entry of `tokens`: NULL, which says that they are dynamic. */
	parser->instruction =
		calloc(1, sizeof(*parser->instruction) + sizeof(parser->instruction->tokens[0]));
	if (parser->instruction == NULL)
		goto fail;
	parser->instruction->f = instruction_callback;
	parser->token.ops = &ops;
	parser->instructions[0] = parser->instruction;
	parser->cmdline = cmdline_new(parser->instructions, "", -1, -1);
	if (parser->cmdline == NULL)
		goto fail;
	return parser;
fail:
	free(parser->instruction);
	free(parser);
	return NULL;
}

void
cli_parser_destroy(struct cli_parser *parser)
{
	if (parser == NULL)
		return;
	cmdline_free(parser->cmdline);
	free(parser->instruction);
	free(parser);
}

/* rte_cmdline splits words at blanks and ends the line at '#', quoted or not: it is shown the
 * line with those hidden. The words' values come from line.c. */
static char *
line_disguise(const struct cli_line *line, bool keep_blanks)
{
	char *text = malloc(line->length + 2);
	size_t length = keep_blanks && line->count > 0 ? line->length : line->end;

	if (text == NULL)
		return NULL;
	memcpy(text, line->text, length);
	for (unsigned i = 0; i < line->count; i++) {
		char *word = text + line->words[i].offset;

		for (char *c = word; c < word + line->words[i].length; c++) {
			if (*c == ' ' || *c == '\t' || *c == '#')
				*c = '_';
		}
	}
	text[length] = '\0';
	return text;
}

static void
parser_start(struct cli_parser *parser, const struct cli_line *line, struct cli_match *match,
	const char *text, bool approaching)
{
	parser->line = line;
	parser->match = match;
	parser->text = text;
	parser->approaching = approaching;
	parser->complete = parser->arrived = false;
	parser_at_work = parser;
}

int
cli_parser_run(struct cli_parser *parser, const struct cli_line *line, struct cli_match *match)
{
	char *text = line_disguise(line, false);

	if (text == NULL)
		return -ENOMEM;
	/* cmdline_parse() wants "\n\0" at the end */
	text[line->end] = '\n';
	text[line->end + 1] = '\0';
	parser_start(parser, line, match, text, false);
	cmdline_parse(parser->cmdline, text);
	parser_at_work = NULL;
	free(text);
	if (match->failed)
		return -ENOMEM;
	return parser->complete ? 0 : -EINVAL;
}

int
cli_parser_approach(struct cli_parser *parser, const struct cli_line *line, struct cli_match *match)
{
	char *text = line_disguise(line, true);
	char unused[64];
	int state = -1;

	if (text == NULL)
		return -ENOMEM;
	parser_start(parser, line, match, text, true);
	cmdline_complete(parser->cmdline, text, &state, unused, sizeof(unused));
	parser_at_work = NULL;
	free(text);
	if (match->failed)
		return -ENOMEM;
	return parser->arrived ? 0 : -EINVAL;
}
