/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A command line cut into words: quotes, comments, and what may not stand in a line.
 */
#ifndef CLI_LINE_H
#define CLI_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cli_proto.h"

#define CLI_LINE_MAX  CLI_PROTO_LINE_MAX
#define CLI_WORDS_MAX 8192

struct cli_word {
	uint32_t offset; /**< in the line, quotes included */
	uint32_t length;
	const char *text; /**< without its quotes */
	bool quoted;
};

struct cli_line {
	const char *text; /**< the caller's; not ended by a NUL */
	size_t length;
	struct cli_word *words;
	unsigned count;
	char *values; /**< the words' texts */
	size_t end; /**< where the last word or the comment ends the command */
	bool open_quote;
};

/** Why a line could not be cut into words, and where. */
struct cli_line_fault {
	const char *reason;
	size_t offset;
	size_t length;
};

/**
 * @param text is kept by `line`, not copied
 * @return 0; -ENOMEM; -EINVAL with `fault` set. An unended quote is no fault: see open_quote
 */
int cli_line_split(
	struct cli_line *line, const char *text, size_t length, struct cli_line_fault *fault);
void cli_line_free(struct cli_line *line);

#endif
