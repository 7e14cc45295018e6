/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A daemon of a few names, and its nouns: what the CLI's tests run commands on.
 */
#ifndef CLI_FAKE_NOUNS_H
#define CLI_FAKE_NOUNS_H

#include "cli/engine.h"

#define FAKE_NAMES_MAX 16

struct fake_daemon {
	char names[FAKE_NAMES_MAX][32]; /**< things added; "" for a free place */
	char boot[16]; /**< what `boot` said first */
	char last[1024]; /**< what the last command got, as text */
	struct cli_session *pending; /**< of `wait` */
	unsigned aborted;
	unsigned rows; /**< of `thing many` */
};

/** With the noun table of fake_nouns.c, and `type` IFACE completed with the things' names. */
struct cli *fake_cli_create(struct fake_daemon *daemon);

/** Run a line. @return its status; texts are in out and errors, which the caller frees */
int fake_run(struct cli *cli, const char *line, struct strbuf *out, struct strbuf *errors);

#endif
