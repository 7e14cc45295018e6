/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the stack's neighbours share. Private to lib/stack.
 *
 * stack_neigh_input.c takes ARP and ND messages, stack_neigh_action.c carries out what lib/neigh
 * makes of them, stack_neigh_send.c sends, stack_neigh_announce.c tells of our own addresses,
 * stack_neigh_proxy.c answers for others, stack_neigh_anycast.c for addresses of all routers, stack_neigh_route.c has neighbours' host routes, stack_dad.c finds out which addresses are ours,
 * stack_neigh.c is the rest.
 */
#ifndef STACK_STACK_NEIGH_H
#define STACK_STACK_NEIGH_H

#include "stack/worker.h"
#include "wire/arp.h"
#include "wire/nd.h"

static inline uint64_t
stack_neigh_now_ms(const struct stack *stack)
{
	return stack->now_ns / 1000000;
}

/* Whether an interface sends to neighbours of an address's family, once they are known. */
static inline bool
stack_neigh_is_served(const struct iface *iface, const struct ip_addr *addr)
{
	return iface->admin_up && !(iface->ip6_off && addr->family == IP_FAMILY_6);
}

/* stack_neigh_send.c: what cannot be sent for want of a buffer is counted */
void stack_arp_send(struct stack *stack, const struct iface *iface, const struct arp *arp,
	const struct mac_addr *dst);
struct ip6_build;
/* To a group, or to the neighbour with the MAC address `dst`. */
void stack_ip6_send(struct stack *stack, const struct iface *iface, const struct ip6_build *build,
	const void *payload, const struct mac_addr *dst);
void stack_nd_send(struct stack *stack, const struct iface *iface, const struct nd *nd,
	const struct nd_envelope *envelope, const struct mac_addr *dst);
/* Gratuitous ARP (RFC 5227 2.3), unsolicited advertisement (RFC 4861 7.2.6): an address is ours. */
void stack_neigh_announce(
	struct stack *stack, const struct iface *iface, const struct ip_addr *addr);

/* An ND message, as it came. */
struct nd_received {
	struct nd nd;
	struct nd_envelope envelope;
	struct mac_addr from; /* the frame's source */
};

/* stack_neigh_input.c: the answer to a solicitation. `own`: the address is ours alone */
void stack_nd_advertise(struct stack *stack, const struct iface *iface, const struct nd *question,
	const struct nd_envelope *asked, bool own);

/* stack_neigh_anycast.c: a solicitation for the anycast address of a subnet */
void stack_anycast_answer(
	struct stack *stack, const struct iface *iface, const struct nd_received *in);
void stack_anycast_poll(struct stack *stack);
uint64_t stack_anycast_next_ms(const struct stack *stack);

/* stack_dad.c */
void stack_dad_poll(struct stack *stack);
uint64_t stack_dad_next_ms(const struct stack *stack);
/* @return whether the message is about a tentative address, and so for nobody else */
bool stack_dad_input(struct stack *stack, const struct iface *iface, const struct nd_received *in);

/* stack_autoconf.c */
void stack_autoconf_poll(struct stack *stack);
uint64_t stack_autoconf_next_ms(const struct stack *stack);
/* It said so itself: RFC 4861 7.2.5. */
void stack_autoconf_router_gone(
	struct stack *stack, const struct iface *iface, const struct ip_addr *router);

/* stack_mld.c */
void stack_mld_poll(struct stack *stack);
uint64_t stack_mld_next_ms(const struct stack *stack);

/* stack_neigh_action.c: carry out what lib/neigh decided, in its order */
void stack_neigh_carry_out(struct stack *stack);

/* stack_neigh_route.c: the host route of a neighbour that is known, if its link is its way; in the VRF of
 * the interface, which need not be published */
void stack_neigh_route_insert(
	struct stack *stack, const struct iface *iface, const struct neigh_key *key);
void stack_neigh_route_remove(struct stack *stack, uint16_t vrf, const struct neigh_key *key);
/* Visit the neighbours of an interface. @return whether there is another one */
bool stack_neigh_next_on(const struct stack *stack, uint16_t iface, struct neigh_info *info);

/* stack_neigh_announce.c */
void stack_announce_poll(struct stack *stack);
uint64_t stack_announce_next_ms(const struct stack *stack);
/* Somebody else says that an address of ours is his: RFC 5227 2.4. */
void stack_announce_defend(struct stack *stack, const struct iface *iface,
	const struct ip_addr *addr, const struct mac_addr *rival);

/* stack_neigh_proxy.c: whether we answer on an interface for somebody who is behind another */
bool stack_neigh_proxied(
	const struct stack *stack, const struct iface *iface, const struct ip_addr *target);

#endif
