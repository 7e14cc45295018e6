/* SPDX-License-Identifier: BSD-3-Clause */
/* The shows that say something of each interface, or of the one that is named. */
#ifndef COMMANDS_SHOW_IFACES_H
#define COMMANDS_SHOW_IFACES_H

#include "cli/cli.h"
#include "stack/stack.h"

typedef void show_iface_fn(struct show *show, const struct stack *stack, const struct iface *iface);

/* A list of what `show_one` writes: any number of records an interface. Takes the arguments IFACE and vrf. */
int show_ifaces(struct cli_call *call, show_iface_fn *show_one);

#endif
