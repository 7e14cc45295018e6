/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Sentences that say what is wrong with a line, where, and what would be right.
 */
#ifndef CLI_DIAG_H
#define CLI_DIAG_H

#include "cli/line.h"
#include "cli/match.h"

/** Append the line, and carets under `length` bytes at `offset` of it. */
void cli_diag_point(
	struct strbuf *out, const char *line, size_t line_length, size_t offset, size_t length);
/** Say why the line could not be cut into words. */
void cli_diag_fault(
	struct strbuf *out, const char *text, size_t length, const struct cli_line_fault *fault);
/** Say why the match stopped where it did. */
void cli_diag_match(struct strbuf *out, const struct cli_line *line, const struct cli_match *match);

#endif
