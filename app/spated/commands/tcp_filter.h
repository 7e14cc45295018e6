/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections of TCP a command is about. */
#ifndef COMMANDS_TCP_FILTER_H
#define COMMANDS_TCP_FILTER_H

#include "commands/parse_filter.h"

/* A single one, by its ends. */
#define TCP_CONN_SYNTAX "LOCAL:ENDPOINT REMOTE:ENDPOINT [vrf VRF]"

/* @return 0, or -ENOENT, -EINVAL with call->err set @{ */
int tcp_filter_parse(struct cli_call *call, const struct stack *stack, struct stack_filter *filter);
int tcp_conn_parse(struct cli_call *call, struct stack *stack, struct stack_filter *filter);
/* @} */

#endif
