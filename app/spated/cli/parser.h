/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * DPDK's rte_cmdline, set to walk our graph.
 */
#ifndef CLI_PARSER_H
#define CLI_PARSER_H

#include "cli/line.h"
#include "cli/match.h"

struct cli_parser;

struct cli_parser *cli_parser_create(void);
void cli_parser_destroy(struct cli_parser *parser);

/**
 * Take `match` over every word of `line`.
 *
 * @return 0; -EINVAL if it is no whole command (match->consumed and match->fault say how
 *         far it got); -ENOMEM
 */
int cli_parser_run(struct cli_parser *parser, const struct cli_line *line, struct cli_match *match);

/**
 * Take `match` to where the line's last, incomplete word begins, or past its last word if
 * the line ends with a blank.
 *
 * @return 0; -EINVAL if the words before it are wrong; -ENOMEM
 */
int cli_parser_approach(
	struct cli_parser *parser, const struct cli_line *line, struct cli_match *match);

#endif
