/* SPDX-License-Identifier: BSD-3-Clause */
/* The VRF that a command is about. */
#ifndef COMMANDS_PARSE_VRF_H
#define COMMANDS_PARSE_VRF_H

#include "cli/cli.h"
#include "stack/stack.h"

/* The one behind the keyword `name`, or without it the default one. @return 0 or -ENOENT */
int parse_vrf(struct cli_call *call, const struct stack *stack, const char *name, uint16_t *vrf);
/* Where a packet is sent from that may be said to leave by an interface: its VRF is the packet's. */
int parse_vrf_of(
	struct cli_call *call, const struct stack *stack, const char *iface, uint16_t *vrf);
/* " vrf NAME", or nothing for the default one: as commands say it. */
void vrf_append(const struct stack *stack, uint16_t vrf, struct strbuf *out);

#endif
