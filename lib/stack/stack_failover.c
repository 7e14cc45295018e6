/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which nexthops are down, told to lib/route, which takes them out of their groups. Called where
 * the control thread learns it: from stack_iface.c, stack_port.c and stack_neigh.c.
 */
#include "stack/worker.h"

#include <rte_rcu_qsbr.h>

#include "base/counter.h"

/* How often gateways that failed are asked whether they are back. */
#define ASK_NS 1000000000ULL
/* Looks at a port without a link that find packets received: one may be of before. */
#define LINK_LIES 2

void
stack_failover_iface(struct stack *stack, const struct iface *iface)
{
	nexthop_down_set(stack->nexthops, iface->index, NULL, NEXTHOP_DOWN_IFACE, !iface->up);
	if (iface->port < PORT_MAX)
		nexthop_down_set(stack->nexthops, iface->index, NULL, NEXTHOP_DOWN_LINK,
			stack->links[iface->port].lost);
}

/* The first at index `from` or after of the interfaces on a port, its VLANs among them. */
static const struct iface *
port_iface_next(const struct stack *stack, const struct port *port, unsigned from)
{
	const struct iface *iface = iface_next(stack->ifaces, from);

	while (iface != NULL && iface->port != port->index)
		iface = iface_next(stack->ifaces, iface->index + 1U);
	return iface;
}

void
stack_failover_port_stops(struct stack *stack, const struct port *port)
{
	for (const struct iface *iface = port_iface_next(stack, port, 0); iface != NULL;
		iface = port_iface_next(stack, port, iface->index + 1U))
		nexthop_down_set(stack->nexthops, iface->index, NULL, NEXTHOP_DOWN_IFACE, true);
	/* Packets that chose it before are in vectors, then on rings. */
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	stack_rings_drain(stack);
}

void
stack_failover_port_goes_on(struct stack *stack, const struct port *port)
{
	for (const struct iface *iface = port_iface_next(stack, port, 0); iface != NULL;
		iface = port_iface_next(stack, port, iface->index + 1U))
		stack_failover_iface(stack, iface);
}

static uint64_t
port_received(const struct port *port)
{
	uint64_t sum = 0;

	for (uint16_t q = 0; q < port->config.rxq_count && port->rxq_counters != NULL; q++)
		sum += counter_read(&port->rxq_counters[q].packets);
	return sum;
}

/* Some drivers cannot tell: a link by which packets come is there, whatever they say. */
static bool
link_is_lost(struct stack_link *link, const struct port *port)
{
	uint64_t received = port_received(port);

	if (!port->up || port->link_up)
		link->lies = 0;
	else if (link->lost && received != link->received && link->lies < LINK_LIES)
		link->lies++;
	link->received = received;
	return port->up && !port->link_up && link->lies < LINK_LIES;
}

void
stack_failover_link(struct stack *stack, const struct port *port)
{
	struct stack_link *link = &stack->links[port->index];
	bool lost = link_is_lost(link, port);

	if (lost == link->lost)
		return;
	link->lost = lost;
	for (const struct iface *iface = port_iface_next(stack, port, 0); iface != NULL;
		iface = port_iface_next(stack, port, iface->index + 1U))
		nexthop_down_set(stack->nexthops, iface->index, NULL, NEXTHOP_DOWN_LINK, lost);
}

void
stack_failover_neigh(struct stack *stack, const struct neigh_key *key)
{
	struct neigh_info info;

	/* One that is asked again, or was forgotten meanwhile, is as it was. */
	if (neigh_find(stack->neighs, stack->now_ns / 1000000, key, &info) < 0 ||
		info.state == NEIGH_INCOMPLETE)
		return;
	nexthop_down_set(stack->nexthops, key->iface, &key->addr, NEXTHOP_DOWN_NEIGH,
		info.state == NEIGH_FAILED);
}

uint64_t
stack_failover_next_ns(const struct stack *stack)
{
	struct nexthop_gateway_key gateway = { 0 };

	return nexthop_down_next(stack->nexthops, &gateway) == 0 ? stack->failed_asked_ns + ASK_NS
								 : UINT64_MAX;
}

/* Nothing is sent to them any more that would make neighbours of them again. */
void
stack_failover_poll(struct stack *stack)
{
	struct nexthop_gateway_key gateway = { 0 };

	if (stack->now_ns - stack->failed_asked_ns < ASK_NS)
		return;
	stack->failed_asked_ns = stack->now_ns;
	while (nexthop_down_next(stack->nexthops, &gateway) == 0) {
		const struct neigh_key key = { gateway.iface, gateway.gateway };

		stack_neigh_ask(stack, &key);
	}
}
