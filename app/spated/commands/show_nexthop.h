/* SPDX-License-Identifier: BSD-3-Clause */
/* How nexthops read in the shows of routes, nexthops and traces, and in the configuration. */
#ifndef COMMANDS_SHOW_NEXTHOP_H
#define COMMANDS_SHOW_NEXTHOP_H

#include "base/strbuf.h"
#include "cli/show.h"
#include "stack/stack.h"

const char *nexthop_type_name(enum nexthop_type type);
const char *nexthop_iface_name(const struct stack *stack, uint32_t id);
/* No route asks: where nexthops are is not compared. */
#define SHOW_VRF_NONE UINT16_MAX
/* "via 10.0.0.2 dev p0", "dev p0", "blackhole"; a group: each path with its weight. Of a route
 * of `vrf`, with "nexthop-vrf" where it leads to another one. */
void nexthop_append(const struct stack *stack, uint16_t vrf, uint32_t id, struct strbuf *out);
/* As iproute2 has it: "dead", "dead linkdown", or nothing. */
const char *nexthop_flags(const struct stack *stack, uint32_t id);
/* The same as a field, with the flags. */
void show_nexthop(
	struct show *show, const struct stack *stack, uint16_t vrf, const char *name, uint32_t id);

#endif
