/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of interfaces that configure themselves share. Private to lib/stack. */
#ifndef STACK_STACK_AUTOCONF_H
#define STACK_STACK_AUTOCONF_H

#include "autoconf/autoconf.h"
#include "stack/stack_neigh.h"

struct stack_autoconf {
	TAILQ_ENTRY(stack_autoconf) entry;
	uint16_t iface;
	bool up; /* the interface was, at the last look */
	struct autoconf_host host;
	/* what there are routes for */
	unsigned link_count;
	struct ip_prefix links[AUTOCONF_PREFIXES_MAX];
};

static inline uint16_t
stack_autoconf_vrf(const struct stack *stack, const struct stack_autoconf *autoconf)
{
	return iface_get(stack->ifaces, autoconf->iface)->vrf;
}

/* Whoever may advertise must not fill the disk by it. */
bool stack_autoconf_may_log(struct stack *stack);

/* stack_autoconf_link.c */
void stack_autoconf_link_sync(
	struct stack *stack, uint16_t iface, const struct autoconf_link *link);

/* stack_autoconf_route.c */
void stack_autoconf_default_sync(struct stack *stack, uint16_t vrf);
/* Make the routes of an interface agree with what it learned. */
void stack_autoconf_routes_sync(struct stack *stack, const struct stack_autoconf *autoconf);
/* The interface is in another VRF than its routes. */
void stack_autoconf_routes_leave(struct stack *stack, uint16_t iface);
/* A prefix is on the link instead. */
void stack_autoconf_route_forget(struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix);

#endif
