/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Commands that somebody types at a terminal.
 */
#ifndef SPATE_SHELL_H
#define SPATE_SHELL_H

#include "spate/conn.h"

/** Read and run lines until Ctrl-D, `quit` or `exit`. @param instance for the prompt, or NULL */
enum spate_status shell_run(struct conn *conn, const char *instance);

#endif
