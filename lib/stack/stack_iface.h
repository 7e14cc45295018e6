/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Interfaces of a stack, and their addresses. Part of stack.h.
 */
#ifndef STACK_STACK_IFACE_H
#define STACK_STACK_IFACE_H

#include "stack/stack.h"

/** Interfaces that are added are in the default VRF. */
int stack_loopback_add(struct stack *stack, const char *name, struct error *err);
/**
 * An interface for the frames of another one that have this tag too. It has that one's MAC address,
 * is up no longer than it, and its MTU is not larger.
 */
int stack_vlan_add(struct stack *stack, const char *name, const char *parent,
	const struct vlan_tag *tag, struct error *err);
/** A loopback, or a VLAN with those on it: a port's interface goes with the port. -EBUSY: routes */
int stack_iface_remove(struct stack *stack, const char *name, struct error *err);
int stack_iface_set_admin(struct stack *stack, const char *name, bool up, struct error *err);
/**
 * Move an interface to another VRF, with its addresses and neighbours, and the routes of these.
 * -EBUSY: static routes go through it; -EEXIST: the VRF has one of its addresses or subnets
 */
int stack_iface_set_vrf(struct stack *stack, const char *name, uint16_t vrf, struct error *err);
/**
 * Let an interface carry IP, or not any more: then it has no address, no neighbours, and sends
 * nothing. VLANs on it are interfaces of their own. -EBUSY: addresses, routes
 */
int stack_iface_set_l3(struct stack *stack, const char *name, bool on, struct error *err);
int stack_iface_set_mtu(struct stack *stack, const char *name, uint16_t mtu, struct error *err);

/**
 * With its local, connected and broadcast routes. One of IPv6 is tentative at first: not used
 * before it is known to be unique (RFC 4862 5.4).
 * @param addr with host bits: 10.0.0.1/24
 */
int stack_addr_add(
	struct stack *stack, const char *iface, const struct ip_prefix *addr, struct error *err);
int stack_addr_remove(
	struct stack *stack, const char *iface, const struct ip_prefix *addr, struct error *err);

#endif
