/* SPDX-License-Identifier: BSD-3-Clause */
/* Which associations of SCTP a command is about. */
#ifndef COMMANDS_SCTP_FILTER_H
#define COMMANDS_SCTP_FILTER_H

#include "cli/cli.h"
#include "stack/stack.h"

/* Behind a verb: all that match each of these. */
#define SCTP_FILTER_SYNTAX                                                               \
	"[local PREFIX] [local-port N:1-65535] [remote PREFIX] [remote-port N:1-65535] " \
	"[state STATE] [vrf VRF]"
/* Or a single one, by its verification tag. */
#define SCTP_ASSOC_SYNTAX "TAG:N"

/* @return 0, or -ENOENT, -EINVAL with call->err set @{ */
int sctp_filter_parse(struct cli_call *call, struct stack *stack, struct stack_sctp_filter *filter);
int sctp_assoc_parse(struct cli_call *call, struct stack_sctp_filter *filter);
/* @} */
/* Whether it matches all there are. */
bool sctp_filter_is_empty(const struct stack_sctp_filter *filter);
/* The one of its tag. @return 0, or -ENOENT with call->err set */
int sctp_assoc_find(struct cli_call *call, const struct stack_sctp_filter *filter,
	struct stack_sctp_assoc *assoc);

#endif
