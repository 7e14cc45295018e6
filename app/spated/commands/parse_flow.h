/* SPDX-License-Identifier: BSD-3-Clause */
/* The words `PROTO SRC:ENDPOINT DST:ENDPOINT` of several commands. */
#ifndef COMMANDS_PARSE_FLOW_H
#define COMMANDS_PARSE_FLOW_H

#include "cli/cli.h"

/* @return 0; -EINVAL: source and destination are of different families */
int parse_flow(struct cli_call *call, struct ip_flow *flow);

#endif
