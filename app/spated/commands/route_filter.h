/* SPDX-License-Identifier: BSD-3-Clause */
/* Which routes a show is about, and going through them a part at a time. */
#ifndef COMMANDS_ROUTE_FILTER_H
#define COMMANDS_ROUTE_FILTER_H

#include "cli/cli.h"
#include "stack/stack.h"

/* As iproute2 has it: root: within a prefix; match: those that contain it; exact: itself. */
enum route_range { ROUTE_RANGE_ROOT, ROUTE_RANGE_MATCH, ROUTE_RANGE_EXACT };

struct route_filter {
	uint16_t vrf;
	enum route_range range;
	struct ip_prefix prefix; /* family IP_FAMILY_NONE: all */
	bool only_default; /* 0.0.0.0/0 and ::/0 */
	uint8_t family; /* IP_FAMILY_NONE: both */
	int source; /* -1: any */
	struct ip_addr via; /* family IP_FAMILY_NONE: any */
	uint16_t iface; /* IFACE_NONE: any */

	/* where it is */
	struct route at;
	bool started;
	bool unseen; /* `at` was not looked at yet */
};

int route_filter_parse(
	struct cli_call *call, const struct stack *stack, struct route_filter *filter);
/*
 * The next route that passes, of at most `tries` that are looked at.
 * @return 0; -EAGAIN: none of those, but there are more; -ENOENT: that was all
 */
int route_filter_next(struct route_filter *filter, const struct stack *stack, unsigned tries);

#endif
