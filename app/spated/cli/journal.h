/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The commands that take back what a config load has done so far.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include <stdbool.h>

#include "cli/engine.h"

struct cli_journal {
	char **lines;
	unsigned count;
	unsigned capacity;
	bool failed; /**< memory ran out: the load must stop, and can only be undone in part */
	unsigned undo_failed; /**< lines that could not be taken back */
};

/** Takes over `line`, which may be NULL for memory that ran out. */
void cli_journal_add(struct cli_journal *journal, char *line);
/** Run the last line, and forget it; if it fails, `errors` says why. @return whether there was one */
bool cli_journal_undo(struct cli_journal *journal, struct cli *cli, struct strbuf *errors);
void cli_journal_free(struct cli_journal *journal);

#endif
