/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of a file of routes: "PREFIX via ADDR", or "route add PREFIX ..." as the CLI has it. */
#ifndef COMMANDS_ROUTE_LINE_H
#define COMMANDS_ROUTE_LINE_H

#include "stack/stack.h"

/*
 * @param stack where VRFs are looked up
 * @param vrf of a line that says none
 * @param replace set for "route replace"
 * @return 0; 1: nothing but a comment; -EINVAL with `err` set
 */
int route_line_parse(const struct stack *stack, uint16_t vrf, const char *line, size_t length,
	struct stack_route *route, bool *replace, struct error *err);

#endif
