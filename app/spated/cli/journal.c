/* SPDX-License-Identifier: BSD-3-Clause */
/* The undo journal; written by handlers through cli_undo(), run by config.c. */
#include "cli/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_private.h"

#define UNDO_ERRORS_MAX 20 /* that are spelt out */

void
cli_undo(struct cli_call *call, const char *fmt, ...)
{
	struct cli_journal *journal = call->args->request->journal;
	char *line;
	va_list ap;

	call->cli->changes++;
	if (journal == NULL)
		return;
	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	cli_journal_add(journal, line);
}

void
cli_journal_add(struct cli_journal *journal, char *line)
{
	unsigned capacity = journal->capacity != 0 ? journal->capacity * 2 : 64;
	char **lines;

	if (line != NULL && journal->count == journal->capacity) {
		lines = realloc(journal->lines, capacity * sizeof(*lines));
		if (lines == NULL) {
			free(line);
			line = NULL;
		} else {
			journal->lines = lines;
			journal->capacity = capacity;
		}
	}
	if (line == NULL)
		journal->failed = true;
	else
		journal->lines[journal->count++] = line;
}

bool
cli_journal_undo(struct cli_journal *journal, struct cli *cli, struct strbuf *errors)
{
	struct strbuf out = STRBUF_INIT, why = STRBUF_INIT;
	struct cli_request request = { 0 };
	char *line;

	if (journal->count == 0)
		return false;
	line = journal->lines[--journal->count];
	request.line = line;
	request.length = strlen(line);
	if (cli_run(cli, &request, &out, &why) != 0 && journal->undo_failed++ < UNDO_ERRORS_MAX)
		strbuf_printf(errors, "\ncould not undo with \"%s\": %s", line, strbuf_text(&why));
	free(line);
	strbuf_free(&out);
	strbuf_free(&why);
	return true;
}

void
cli_journal_free(struct cli_journal *journal)
{
	while (journal->count > 0)
		free(journal->lines[--journal->count]);
	free(journal->lines);
	*journal = (struct cli_journal){ 0 };
}
