/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Commands that nobody types: from the command line, a file, or a pipe.
 */
#ifndef SPATE_SCRIPT_H
#define SPATE_SCRIPT_H

#include <stdio.h>

#include "spate/conn.h"

/** Run one command; an error goes to standard error. */
enum spate_status script_command(struct conn *conn, const char *command);
/** Run the lines of a file ("-": standard input) up to the first that fails. */
enum spate_status script_file(struct conn *conn, const char *path);

#endif
