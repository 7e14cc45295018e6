/* SPDX-License-Identifier: BSD-3-Clause */
/* What routers say of a link, made so: its MTU and hop limit for IPv6, and its neighbours' times (RFC
 * 4861 6.3.4). Called by stack_autoconf.c whenever that may have changed. */
#include "stack/stack_autoconf.h"

/* A link can be said to be narrower than it is, not wider. */
static uint16_t
mtu6_of(const struct iface *iface, const struct autoconf_link *link)
{
	return link->mtu != 0 && link->mtu < iface->mtu ? (uint16_t)link->mtu : 0;
}

void
stack_autoconf_link_sync(struct stack *stack, uint16_t index, const struct autoconf_link *link)
{
	const struct iface *iface = iface_get(stack->ifaces, index);
	const uint16_t mtu6 = mtu6_of(iface, link);
	struct iface *copy;

	neigh_iface_times_set(stack->neighs, index, link->reachable_ms, link->retrans_ms);
	if (iface->mtu6 == mtu6 && iface->hop_limit == link->hop_limit)
		return;
	/* Without memory it is tried again at the next look. */
	if (stack_iface_find_copy(stack, iface->name, &copy, NULL) < 0)
		return;
	copy->mtu6 = mtu6;
	copy->hop_limit = link->hop_limit;
	stack_iface_publish(stack, copy, NULL);
}
