/* SPDX-License-Identifier: BSD-3-Clause */
/* What a command works on: the daemon that it was typed to. */
#ifndef COMMANDS_CALL_H
#define COMMANDS_CALL_H

#include "cli/cli.h"
#include "spated/daemon.h"

static inline struct daemon *
daemon_of(const struct cli_call *call)
{
	return call->daemon;
}

/* NULL before DPDK runs. */
static inline struct stack *
stack_of(const struct cli_call *call)
{
	return daemon_of(call)->stack;
}

#endif
