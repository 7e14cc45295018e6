/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * VRFs and static routes. Part of stack.h.
 */
#ifndef STACK_STACK_ROUTE_H
#define STACK_STACK_ROUTE_H

#include "stack/stack.h"

/* ---- VRFs ---- */

#define STACK_VRF_NAME_MAX     32
#define STACK_VRF_DEFAULT_NAME "default"

/** Routes of their own, for interfaces of their own (doc/decisions/0007-vrfs.md). */
struct stack_vrf {
	uint16_t index;
	char name[STACK_VRF_NAME_MAX];
	struct route_table *routes;
	struct flow_policy *policy; /**< what a path depends on; NULL: the flow hash */
	const struct cc_ops *cc; /**< congestion control of sockets that do not say another */
	struct neigh_key
		autoconf_router; /**< of the default route; IP_FAMILY_NONE: there is none */
	unsigned users; /**< that go on for a while: pings, loads of routes */
};

/** @return 0, -EEXIST, -EINVAL (name), -ENOSPC, -ENOMEM */
int stack_vrf_add(struct stack *stack, const char *name, struct error *err);
/** -EBUSY: interfaces or routes are in it, or routes lead there */
int stack_vrf_remove(struct stack *stack, const char *name, struct error *err);
/** Something that goes on for a while is in the VRF, which stays meanwhile. */
void stack_vrf_hold(struct stack *stack, uint16_t vrf);
void stack_vrf_release(struct stack *stack, uint16_t vrf);
/** @param name NULL: the default one */
int stack_vrf_find(const struct stack *stack, const char *name, uint16_t *vrf, struct error *err);
/** The first one at index `from` or after, or NULL. */
const struct stack_vrf *stack_vrf_next(const struct stack *stack, unsigned from);
/** Of a VRF that is there. */
static inline struct route_table *
stack_routes(const struct stack *stack, uint16_t vrf)
{
	return stack->vrfs[vrf]->routes;
}

/* ---- routes ---- */

struct stack_path {
	struct ip_addr gateway;
	char iface[IFACE_NAME_MAX]; /**< "": where the gateway's subnet is connected */
	uint32_t weight; /**< 1 if not said */
	/** The gateway is found through another route, now or once there is one. Without an
	 * interface a gateway that such a route leads to is taken for one. */
	bool recursive;
	bool leaked; /**< the gateway is in another VRF than the route: in `vrf` */
	uint16_t vrf;
};

enum stack_route_type {
	STACK_ROUTE_VIA,
	STACK_ROUTE_DEV,
	STACK_ROUTE_BLACKHOLE,
	STACK_ROUTE_UNREACHABLE,
	STACK_ROUTE_PROHIBIT
};

/** A static route as a user says it. */
struct stack_route {
	uint16_t vrf;
	struct ip_prefix prefix;
	uint32_t metric; /**< of several routes for one prefix the lowest is in use */
	enum stack_route_type type;
	bool counted; /**< STACK_ROUTE_VIA: nexthops of its own, so that their counters are its own */
	char iface[IFACE_NAME_MAX]; /**< STACK_ROUTE_DEV */
	bool leaked; /**< STACK_ROUTE_DEV: it is in another VRF than the route: in nexthop_vrf */
	uint16_t nexthop_vrf;
	uint32_t path_count; /**< STACK_ROUTE_VIA: 1 or more */
	struct stack_path paths[NEXTHOP_PATHS_MAX];
};

/** Add a static route; `replace`: or change the one that is there of its metric, without a moment
 * without. */
int stack_route_add(
	struct stack *stack, const struct stack_route *route, bool replace, struct error *err);
/** The one in use. */
int stack_route_remove(
	struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix, struct error *err);
int stack_route_remove_metric(struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix,
	uint32_t metric, struct error *err);
/** Whether a route's nexthop is its own, as it is of a route that is `counted`. */
bool stack_route_is_counted(const struct stack *stack, uint32_t nexthop);
/**
 * What was said of a group, each path with its VRF, and its interface or recursive; NULL: it is no
 * group.
 */
const struct stack_path *stack_route_paths(
	const struct stack *stack, uint32_t nexthop, uint32_t *count);

/** The way that packets to an address, or of a flow, take. */
struct stack_way {
	struct route route; /**< longest match; valid if `found` */
	bool found;
	uint32_t nexthop; /**< after the group's choice */
	bool chosen; /**< a group chose it by `hash` */
	uint32_t hash;
};
/** @param flow NULL: no flow given, a group stays a group */
void stack_route_get(const struct stack *stack, uint16_t vrf, const struct ip_addr *dst,
	const struct ip_flow *flow, struct stack_way *way);

/** What the path of a packet in a group depends on. @param policy NULL: the flow hash */
int stack_multipath_set(
	struct stack *stack, uint16_t vrf, const struct flow_policy *policy, struct error *err);

#endif
