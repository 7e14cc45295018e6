/* SPDX-License-Identifier: BSD-3-Clause */
/* Which associations of SCTP a command is about. */
#ifndef COMMANDS_SCTP_FILTER_H
#define COMMANDS_SCTP_FILTER_H

#include "commands/parse_filter.h"

/* A single one, by its verification tag. */
#define SCTP_ASSOC_SYNTAX "TAG:N"

/* @return 0, or -ENOENT with call->err set */
int sctp_filter_parse(
	struct cli_call *call, const struct stack *stack, struct stack_filter *filter);
/* The one of its tag, and only it. @return 0, or -ENOENT, -EINVAL with call->err set */
int sctp_assoc_find(
	struct cli_call *call, struct stack_filter *filter, struct stack_sctp_assoc *assoc);

#endif
