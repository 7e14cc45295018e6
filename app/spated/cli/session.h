/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Who waits for a command that takes its time: the server's client, or a test.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdarg.h>

#include "cli/cli.h"

struct cli_session {
	void (*write)(struct cli_session *session, const char *bytes, size_t length);
	/** @param text the error, "" for success */
	void (*end)(struct cli_session *session, int status, const char *text);
	/** Bytes written that nobody has fetched yet; NULL: it does not matter. */
	size_t (*backlog)(const struct cli_session *session);
	void (*abort)(void *arg); /**< the pending command's */
	void *abort_arg;
	bool pending;
};

/** As cli_session_printf(). */
void cli_session_vprintf(struct cli_session *session, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/** cli_session_end() with an error of any length. @param text "" for success, or what `status` says */
void cli_session_end_with(struct cli_session *session, int status, const char *text);
/** Abort the pending command, if there is one: nothing is pending afterwards. */
void cli_session_abort(struct cli_session *session);

#endif
