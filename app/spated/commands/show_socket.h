/* SPDX-License-Identifier: BSD-3-Clause */
/* What the shows of TCP and of UDP say in the same way. */
#ifndef COMMANDS_SHOW_SOCKET_H
#define COMMANDS_SHOW_SOCKET_H

#include "cli/cli.h"
#include "stack/stack.h"

/* "10.0.0.1:80", "[2001:db8::1]:80", "*:80". `port` is in host byte order. */
void show_endpoint(struct show *show, const char *name, const struct ip_addr *addr, uint16_t port);

/* The column "vrf"; empty if it was deleted meanwhile. */
void show_vrf(struct show *show, const struct stack *stack, uint8_t vrf);

#endif
