/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Sockets of a script: calls of lib/sock, and what they have to answer.
 */
#ifndef SCRIPT_SOCK_H
#define SCRIPT_SOCK_H

#include "base/error.h"
#include "stack/stack.h"

/** An application on worker 0, with sockets by name. */
struct script_sock;

struct script_sock *script_sock_create(struct stack *stack);
/** Its sockets are closed. NULL: nothing */
void script_sock_destroy(struct script_sock *socks);

/** "NAME CALL ARGUMENTS... [= RESULT]". @return 0, or -EINVAL: the answer was another */
int script_sock_run(struct script_sock *socks, char *line, struct error *err);

#endif
