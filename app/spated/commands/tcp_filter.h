/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections of TCP a command is about. */
#ifndef COMMANDS_TCP_FILTER_H
#define COMMANDS_TCP_FILTER_H

#include "cli/cli.h"
#include "stack/stack.h"

/* Behind a verb: all that match each of these. */
#define TCP_FILTER_SYNTAX                                                                \
	"[local PREFIX] [local-port N:1-65535] [remote PREFIX] [remote-port N:1-65535] " \
	"[state STATE] [vrf VRF]"
/* Or a single one, by its ends. */
#define TCP_CONN_SYNTAX "LOCAL:ENDPOINT REMOTE:ENDPOINT [vrf VRF]"

/* @return 0, or -ENOENT, -EINVAL with call->err set @{ */
int tcp_filter_parse(struct cli_call *call, struct stack *stack, struct stack_tcp_filter *filter);
int tcp_conn_parse(struct cli_call *call, struct stack *stack, struct stack_tcp_filter *filter);
/* @} */
/* Whether it matches all there are. */
bool tcp_filter_is_empty(const struct stack_tcp_filter *filter);

#endif
