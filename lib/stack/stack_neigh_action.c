/* SPDX-License-Identifier: BSD-3-Clause */
/* What lib/neigh decides, carried out: adjacencies and host routes, held packets on their way. */
#include "stack/stack_neigh.h"

#include "wire/icmp.h"

/* ---- adjacencies ---- */

static void
resolved(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);

	if (iface == NULL)
		return;
	stack_neigh_route_insert(stack, iface, &action->key);
	if (stack_neigh_is_served(iface, &action->key.addr) &&
		nexthop_prepare(
			stack->nexthops, action->key.iface, &action->key.addr, &action->mac))
		stack_settle_add(stack, &action->key);
}

static void
unresolved(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);

	nexthop_unresolve(stack->nexthops, action->key.iface, &action->key.addr);
	if (iface != NULL)
		stack_neigh_route_remove(stack, iface->vrf, &action->key);
}

/* ---- held packets ---- */

/*
 * By the nexthop that the packet's route has now: the id that it was punted with may be another's. A
 * route that has changed meanwhile leads elsewhere, and has not sent it.
 */
static void
transmit_count(struct stack *stack, const struct neigh_action *action, uint32_t bytes)
{
	struct neigh_key key;
	uint32_t id;

	if (stack_glean_key(stack, action->pkt, &key, &id) < 0 || key.iface != action->key.iface ||
		!ip_addr_equal(&key.addr, &action->key.addr))
		return;
	stack->nexthop_held[id].packets++;
	stack->nexthop_held[id].bytes += bytes;
}

/* The link header replaces what the packet came with; then it goes to the worker that punted it. */
static void
transmit(struct stack *stack, const struct neigh_action *action)
{
	const struct iface *iface = iface_get(stack->ifaces, action->key.iface);
	bool ip4 = action->key.addr.family == IP_FAMILY_4;
	struct rte_mbuf *pkt = action->pkt;
	struct pkt_meta *meta = pkt_meta(pkt);
	uint8_t *frame;

	if (iface == NULL || !iface->up) {
		stack_drop(stack, pkt, DROP_neigh_no_iface);
		return;
	}
	transmit_count(stack, action, pkt_l3_length(pkt) + vlan_hdr_length(&iface->tags));
	rte_pktmbuf_adj(pkt, pkt->l2_len);
	frame = (uint8_t *)rte_pktmbuf_prepend(pkt, (uint16_t)vlan_hdr_length(&iface->tags));
	if (frame == NULL) {
		stack_drop(stack, pkt, DROP_tx_no_headroom);
		return;
	}
	pkt->l2_len = vlan_hdr_length(&iface->tags);
	vlan_hdr_build(frame, &action->mac, &iface->mac, &iface->tags,
		ip4 ? ETHER_TYPE_IP4 : ETHER_TYPE_IP6);
	meta->iface = iface->index;
	meta->reason = INJECT_FRAME;
	stack_inject(stack, meta->worker, pkt);
}

/* RFC 1812 3.3.2, RFC 4861 7.2.2: a neighbour that does not answer is reported to the sender. */
static void
discard(struct stack *stack, const struct neigh_action *action)
{
	static const enum drop_reason reasons[] = {
		[NEIGH_DISCARD_FAILED] = DROP_neigh_failed,
		[NEIGH_DISCARD_QUEUE_FULL] = DROP_neigh_queue_full,
		[NEIGH_DISCARD_TABLE_FULL] = DROP_neigh_table_full,
		[NEIGH_DISCARD_NO_IFACE] = DROP_neigh_no_iface,
	};
	struct rte_mbuf *pkt = action->pkt;
	struct pkt_meta *meta = pkt_meta(pkt);

	if (action->reason != NEIGH_DISCARD_FAILED || (meta->flags & PKT_ORIGINATED)) {
		stack_drop(stack, pkt, reasons[action->reason]);
		return;
	}
	meta->icmp_code = action->key.addr.family == IP_FAMILY_4 ? ICMP4_HOST_UNREACHABLE
								 : ICMP6_ADDR_UNREACHABLE;
	meta->icmp_type =
		action->key.addr.family == IP_FAMILY_4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE;
	meta->icmp_rest = 0;
	meta->reason = action->key.addr.family == IP_FAMILY_4 ? INJECT_ERROR4 : INJECT_ERROR6;
	stack_inject(stack, meta->worker, pkt);
}

/*
 * When what was held is on its way. A neighbour that is transmitted to may be known for longer than
 * its subnet is connected: the next packet needs no help.
 */
static void
adjacencies_publish(struct stack *stack, const struct neigh_actions *actions)
{
	for (uint32_t i = 0; i < actions->count; i++) {
		const struct neigh_action *action = &actions->items[i];
		const struct iface *iface = iface_get(stack->ifaces, action->key.iface);

		if (action->type == NEIGH_RESOLVED ||
			(action->type == NEIGH_TRANSMIT && iface != NULL && iface->up))
			resolved(stack, action);
		if (action->type == NEIGH_RESOLVED)
			stack_failover_neigh(stack, &action->key);
	}
}

/* Carry out what lib/neigh decided, in its order, but for adjacencies. */
void
stack_neigh_carry_out(struct stack *stack)
{
	struct neigh_actions *actions = &stack->neigh_actions;

	for (uint32_t i = 0; i < actions->count; i++) {
		const struct neigh_action *action = &actions->items[i];

		/* Groups let go of a path before it loses its adjacency, and take it back after. */
		if (action->type == NEIGH_UNRESOLVED || action->type == NEIGH_DISCARD)
			stack_failover_neigh(stack, &action->key);
		switch (action->type) {
		case NEIGH_SOLICIT:
		case NEIGH_SOLICIT_UNICAST: stack_neigh_solicit(stack, action); break;
		case NEIGH_RESOLVED: break;
		case NEIGH_UNRESOLVED: unresolved(stack, action); break;
		case NEIGH_TRANSMIT: transmit(stack, action); break;
		case NEIGH_DISCARD: discard(stack, action); break;
		}
	}
	adjacencies_publish(stack, actions);
	actions->count = 0;
}
