/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbours of a stack: timers, interfaces and addresses that come and go, what users say. */
#include "stack/stack_neigh.h"

#include "base/counter.h"

/* ---- timers, and what users say ---- */

struct used_sum {
	struct stack *stack;
	bool used;
};

static void
used_visit(void *arg, uint32_t id)
{
	struct used_sum *sum = arg;
	uint64_t packets = 0;

	for (unsigned i = 0; i < sum->stack->worker_count; i++)
		packets += counter_read(&sum->stack->workers[i]->nexthop_counters[id].packets);
	sum->used |= packets != sum->stack->nexthop_seen[id];
	sum->stack->nexthop_seen[id] = packets;
}

/* Whether packets went to a neighbour since it was asked last. */
static bool
neigh_used(void *arg, const struct neigh_key *key)
{
	struct used_sum sum = { .stack = arg };

	nexthop_gateway_foreach(sum.stack->nexthops, key->iface, &key->addr, used_visit, &sum);
	return sum.used;
}

void
stack_neigh_poll(struct stack *stack)
{
	neigh_tick(
		stack->neighs, stack_neigh_now_ms(stack), neigh_used, stack, &stack->neigh_actions);
	stack_neigh_carry_out(stack);
	/* In this order: a probe's group is reported before the probe (RFC 4862 5.4.2). */
	stack_mld_poll(stack);
	stack_dad_poll(stack);
	stack_anycast_poll(stack);
	stack_autoconf_poll(stack);
	stack_announce_poll(stack);
}

uint64_t
stack_neigh_next_ms(const struct stack *stack)
{
	uint64_t next_ms = neigh_next_ms(stack->neighs);

	next_ms = RTE_MIN(next_ms, stack_mld_next_ms(stack));
	next_ms = RTE_MIN(next_ms, stack_dad_next_ms(stack));
	next_ms = RTE_MIN(next_ms, stack_autoconf_next_ms(stack));
	next_ms = RTE_MIN(next_ms, stack_anycast_next_ms(stack));
	return RTE_MIN(next_ms, stack_announce_next_ms(stack));
}

void
stack_neigh_iface_gone(struct stack *stack, uint16_t iface)
{
	neigh_flush(stack->neighs, iface, true, &stack->neigh_actions);
	stack_neigh_carry_out(stack);
}

void
stack_neigh_iface_admin(struct stack *stack, const struct iface *iface)
{
	struct neigh_info info = { .key.iface = iface->index };

	while (stack_neigh_next_on(stack, iface->index, &info)) {
		if (info.state != NEIGH_PERMANENT)
			continue;
		if (stack_neigh_is_served(iface, &info.key.addr))
			nexthop_resolve(stack->nexthops, iface->index, &info.key.addr, &info.mac);
		else
			nexthop_unresolve(stack->nexthops, iface->index, &info.key.addr);
	}
}

void
stack_neigh_ip6_off(struct stack *stack, const struct iface *iface)
{
	struct neigh_info info = { .key.iface = iface->index };

	while (stack_neigh_next_on(stack, iface->index, &info)) {
		if (info.state == NEIGH_PERMANENT || info.key.addr.family != IP_FAMILY_6)
			continue;
		neigh_remove(stack->neighs, &info.key, &stack->neigh_actions, NULL);
		stack_neigh_carry_out(stack);
	}
	stack_neigh_iface_admin(stack, iface);
}

int
stack_neigh_add(struct stack *stack, const char *name, const struct ip_addr *addr,
	const struct mac_addr *mac, struct error *err)
{
	const struct iface *iface;
	char text[IP_TEXT_MAX];
	int rc = stack_iface_find_l3(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	if (mac_addr_is_group(mac) || mac_addr_is_zero(mac))
		return error_set(
			err, EINVAL, "a neighbour's MAC address is not a group's, nor zero");
	if (iface_addr_is_own(iface, addr))
		return error_set(err, EINVAL, "%s is an address of %s itself",
			ip_addr_format(addr, text), name);
	rc = neigh_add(stack->neighs, stack_neigh_now_ms(stack),
		&(struct neigh_key){ iface->index, *addr }, mac, &stack->neigh_actions, err);
	stack_neigh_carry_out(stack);
	stack_settle_poll(stack);
	return rc;
}

int
stack_neigh_remove(
	struct stack *stack, const char *name, const struct ip_addr *addr, struct error *err)
{
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	rc = neigh_remove(stack->neighs, &(struct neigh_key){ iface->index, *addr },
		&stack->neigh_actions, err);
	stack_neigh_carry_out(stack);
	return rc;
}

int
stack_neigh_flush(struct stack *stack, const char *name, struct error *err)
{
	const struct iface *iface = NULL;
	int rc = name[0] != '\0' ? stack_iface_find(stack, name, &iface, err) : 0;

	if (rc < 0)
		return rc;
	neigh_flush(stack->neighs, iface != NULL ? iface->index : IFACE_NONE, false,
		&stack->neigh_actions);
	stack_neigh_carry_out(stack);
	return 0;
}
