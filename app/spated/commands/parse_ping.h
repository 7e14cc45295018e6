/* SPDX-License-Identifier: BSD-3-Clause */
/* The words that ping and traceroute share: ADDR, size, source, dev, ttl, df, vrf. */
#ifndef COMMANDS_PARSE_PING_H
#define COMMANDS_PARSE_PING_H

#include "cli/cli.h"
#include "stack/stack.h"

/** @return 0 or -errno, and call->err says why */
int parse_ping(struct cli_call *call, uint16_t size_default, struct stack_ping_config *config);

#endif
