/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The client's connection to the daemon: requests out, replies in.
 */
#ifndef SPATE_CONN_H
#define SPATE_CONN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "common/cli_proto.h"

/** Exit statuses of spate. */
enum spate_status { SPATE_OK = 0, SPATE_FAILED = 1, SPATE_USAGE = 2, SPATE_UNREACHABLE = 3 };

struct conn {
	int fd; /**< -1 while there is none */
	const char *path;
	bool json; /**< ask every show for JSON */
	char *body; /**< of the last message received */
};

/** Take Ctrl-C as the wish to stop the running command. Once, before conn_open(). */
void conn_catch_interrupt(void);

/** @return 0, or -errno after an error message that says what to do */
int conn_open(struct conn *conn);
void conn_close(struct conn *conn);

/**
 * Run a line: its output goes to standard output as it comes.
 *
 * @param error the daemon's text if it fails
 * @return SPATE_OK, SPATE_FAILED, or SPATE_UNREACHABLE if the daemon has gone
 */
enum spate_status conn_run(
	struct conn *conn, const char *line, size_t length, struct strbuf *error);

/**
 * Ask for the words that may come at the end of `line`: COMPLETE or HELP.
 *
 * @param partial how many bytes at the end of `line` they would replace
 * @return SPATE_OK with `out` set, SPATE_FAILED if there are none, SPATE_UNREACHABLE
 */
enum spate_status conn_ask(struct conn *conn, enum cli_proto_type type, const char *line,
	size_t length, struct strbuf *out, size_t *partial);

#endif
