/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections or associations: the words that commands of TCP and SCTP have in common. */
#ifndef COMMANDS_PARSE_FILTER_H
#define COMMANDS_PARSE_FILTER_H

#include "cli/cli.h"
#include "stack/stack.h"

/* Behind a verb: all that match each of these. */
#define FILTER_SYNTAX                                                                    \
	"[local PREFIX] [local-port N:1-65535] [remote PREFIX] [remote-port N:1-65535] " \
	"[state STATE] [vrf VRF]"

/* What may follow "state". */
struct filter_states {
	const char *const *names; /* [count] */
	unsigned first, count; /* those from `first` on are told to who names none of them */
};

/* @return 0, or -ENOENT with call->err set */
int parse_filter(struct cli_call *call, const struct stack *stack,
	const struct filter_states *states, struct stack_filter *filter);
/* Whether it matches all there are. */
bool filter_is_empty(const struct stack_filter *filter);

#endif
