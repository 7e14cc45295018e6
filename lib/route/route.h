/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Routes, FIBs, nexthops and nexthop groups.
 *
 * The control thread is the only writer; workers look up in the FIBs and read nexthops under RCU.
 * A nexthop is known by its id, which is what a FIB answers. Memory that workers may still see
 * (groups, tries' blocks, ids) is used again only after a grace period.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"
#include "wire/vlan.h"

struct rte_rcu_qsbr;
struct fib4;
struct fib6;
struct route_table;
struct nexthop_table;

/* ---- nexthops ---- */

enum nexthop_type {
	NEXTHOP_NO_ROUTE, /**< what a FIB answers where nothing matches */
	NEXTHOP_LOCAL, /**< an address of ours */
	NEXTHOP_BLACKHOLE,
	NEXTHOP_UNREACHABLE,
	NEXTHOP_PROHIBIT,
	NEXTHOP_BROADCAST, /**< the broadcast addresses of a subnet of ours */
	NEXTHOP_ATTACHED, /**< the destination is on the link: to be resolved */
	NEXTHOP_UNRESOLVED, /**< a gateway without an adjacency yet */
	NEXTHOP_RESOLVED, /**< with one, but what waits for it is to go first */
	NEXTHOP_GATEWAY, /**< ready: prepend `rewrite`, send to `port` */
	NEXTHOP_GROUP, /**< choose a member by flow hash */
};

/** Ids that always mean the same. */
enum nexthop_id {
	NEXTHOP_ID_NO_ROUTE = 0,
	NEXTHOP_ID_LOCAL,
	NEXTHOP_ID_BLACKHOLE,
	NEXTHOP_ID_UNREACHABLE,
	NEXTHOP_ID_PROHIBIT,
	NEXTHOP_ID_BROADCAST,
	NEXTHOP_ID_ANYCAST, /**< NEXTHOP_LOCAL, but no source of answers */
	NEXTHOP_ID_FIRST_FREE,
};

#define NEXTHOP_REWRITE_MAX 24

/** Immutable once published; replaced whole under RCU. */
struct nexthop_group {
	uint32_t bucket_count; /**< a power of two */
	uint32_t path_count;

	/* control thread only; the arrays are behind the buckets */
	struct nexthop_path *paths; /**< [path_count] */
	uint16_t *owners; /**< [bucket_count]: the paths, by index, that have the buckets */
	uint16_t *homes; /**< the same, when no path is down */
	struct nexthop_group *retired; /**< the next one that waits for its grace period */
	uint64_t token; /**< of rte_rcu_qsbr_start(), when it was replaced */

	uint32_t buckets[]; /**< nexthop ids */
};

/** A member of a group. */
struct nexthop_path {
	uint32_t nexthop; /**< id; private to this group, so that its counters are this path's */
	uint32_t weight;
};

/** What a worker needs to send a packet on. One cache line. */
struct nexthop {
	/** The link header to prepend. The first 8 bytes (all of the destination MAC address) change
	 * in one store, so that a reader sees the old or the new neighbour. */
	_Alignas(64) uint8_t rewrite[NEXTHOP_REWRITE_MAX];
	uint8_t type; /**< enum nexthop_type; stored last, with release */
	uint8_t rewrite_length; /**< bytes */
	uint16_t port;
	uint16_t iface;
	uint16_t mtu; /**< bytes of L3; atomic */
	struct nexthop_group *group; /**< NEXTHOP_GROUP only */
	struct ip_addr gateway; /**< NEXTHOP_UNRESOLVED to NEXTHOP_GATEWAY */
};

_Static_assert(sizeof(struct nexthop) == 64, "one cache line");

/** Worker: the group of a NEXTHOP_GROUP, as it is now. */
static inline const struct nexthop_group *
nexthop_group_of(const struct nexthop *nexthop)
{
	return __atomic_load_n(&nexthop->group, __ATOMIC_ACQUIRE);
}

/** Worker: what a nexthop is now. What comes with it (a rewrite, a group) is complete. */
static inline enum nexthop_type
nexthop_type_of(const struct nexthop *nexthop)
{
	return (enum nexthop_type)__atomic_load_n(&nexthop->type, __ATOMIC_ACQUIRE);
}

/** Worker: bytes of L3 that fit. */
static inline uint16_t
nexthop_mtu_of(const struct nexthop *nexthop)
{
	return __atomic_load_n(&nexthop->mtu, __ATOMIC_RELAXED);
}

/** Nexthops by id: the part of the table that workers read. */
static inline const struct nexthop *
nexthop_get(const struct nexthop *nexthops, uint32_t id)
{
	return &nexthops[id];
}

/**
 * @param max ids that there can be, rounded up to a power of two; at least 64
 * @param socket_id NUMA node of the memory, or -1
 */
struct nexthop_table *nexthop_table_create(struct rte_rcu_qsbr *rcu, uint32_t max, int socket_id);
void nexthop_table_destroy(struct nexthop_table *table);
/** The array that workers index, fixed for the life of the table. */
const struct nexthop *nexthop_table_array(const struct nexthop_table *table);
uint32_t nexthop_table_max(const struct nexthop_table *table);
struct nexthop_table_stats {
	uint32_t used; /**< ids in use, but for those that always mean the same */
	uint64_t bytes; /**< memory of all ids that ever were, and of the groups' buckets */
};
void nexthop_table_stats(const struct nexthop_table *table, struct nexthop_table_stats *stats);
/** Give back ids and memory whose grace period is over. Never waits. */
void nexthop_table_reclaim(struct nexthop_table *table);
/** Ids that are not free, those that wait for their grace period among them. */
uint32_t nexthop_table_used(const struct nexthop_table *table);

/** What nexthops need to know of the interface that they leave by. */
struct nexthop_link {
	uint16_t iface, port, mtu;
	uint16_t mtu6; /**< of IPv6; 0: the same */
	struct mac_addr mac; /**< the interface's own: the source address of the rewrite */
	struct vlan_tags tags; /**< of the rewrite */
};

/**
 * The nexthop for destinations on a link; one an interface, shared and counted by references.
 * Release each reference with nexthop_release().
 */
int nexthop_attached(struct nexthop_table *table, const struct nexthop_link *link, uint32_t *id,
	struct error *err);
/**
 * The nexthop for a gateway (or a neighbour) on a link: unresolved unless its neighbour is
 * known to another nexthop of (iface, gateway): what nexthop_resolve() said is forgotten with the
 * last one of them.
 * @param private_ true: a new one, never shared (a group's path, with its own counters)
 */
int nexthop_gateway(struct nexthop_table *table, const struct nexthop_link *link,
	const struct ip_addr *gateway, bool private_, uint32_t *id, struct error *err);
/**
 * A group over `count` paths (1..NEXTHOP_PATHS_MAX, weights 1..NEXTHOP_WEIGHT_MAX), whose nexthops
 * are private. Takes over the caller's references to them if it succeeds.
 */
int nexthop_group(struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	uint32_t *id, struct error *err);
#define NEXTHOP_PATHS_MAX  256
#define NEXTHOP_WEIGHT_MAX 256
/**
 * A group that comes in place of `like`, a group or a gateway, or NEXTHOP_ID_NO_ROUTE: paths that
 * both have keep the flows that they have, as far as the weights allow it.
 */
int nexthop_group_like(struct nexthop_table *table, const struct nexthop_path *paths,
	uint32_t count, uint32_t like, uint32_t *id, struct error *err);

/**
 * Give a group that may be in use other paths; those that stay keep their flows. The references are
 * as in nexthop_group(); those to the old paths are released.
 */
int nexthop_group_change(struct nexthop_table *table, uint32_t id, const struct nexthop_path *paths,
	uint32_t count, struct error *err);

/** Why nothing is sent to a nexthop. */
enum nexthop_down {
	NEXTHOP_DOWN_IFACE = 1 << 0, /**< its interface is down */
	NEXTHOP_DOWN_LINK = 1 << 1, /**< the port has lost its link */
	NEXTHOP_DOWN_NEIGH = 1 << 2, /**< its neighbour does not answer */
};

/**
 * Say of the nexthops on an interface, or those of one gateway, that they are down for a reason, or
 * not any more. Groups move their buckets at once: those of paths that are down to the others, and
 * back; if all paths are down, as if none was, since there is no better choice.
 * @param gateway NULL: all on the interface, and those that are made there later
 */
void nexthop_down_set(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway,
	enum nexthop_down reason, bool down);
/** @return bits of enum nexthop_down; 0: up */
unsigned nexthop_down(const struct nexthop_table *table, uint32_t id);
struct nexthop_gateway_key {
	uint16_t iface;
	struct ip_addr gateway;
};
/**
 * Gateways that are down because their neighbours do not answer: somebody has to ask them again.
 * @param key the last one; zero to start
 * @return 0 or -ENOENT: there are no more
 */
int nexthop_down_next(const struct nexthop_table *table, struct nexthop_gateway_key *key);

void nexthop_hold(struct nexthop_table *table, uint32_t id);
/**
 * Drop a reference; the last one frees the id (and, of a group, its paths') after a grace period.
 * No FIB may lead to it any more: the routes, which hold references, see to that.
 */
void nexthop_release(struct nexthop_table *table, uint32_t id);

/** Give all gateway nexthops for (iface, gateway) their adjacency. An EtherType of the family. */
void nexthop_resolve(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway,
	const struct mac_addr *mac);
/**
 * Likewise, but those that are unresolved are NEXTHOP_RESOLVED until nexthop_settle().
 * @return whether there are any
 */
bool nexthop_prepare(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway,
	const struct mac_addr *mac);
void nexthop_settle(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway);
/** Take it away: they are unresolved again. */
void nexthop_unresolve(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway);
/** The interface's MTU or MAC changed: rewrite all nexthops on it. */
void nexthop_link_update(struct nexthop_table *table, const struct nexthop_link *link);

/** Call `visit` for each gateway nexthop of (iface, gateway). */
void nexthop_gateway_foreach(const struct nexthop_table *table, uint16_t iface,
	const struct ip_addr *gateway, void (*visit)(void *arg, uint32_t id), void *arg);
/** Ids in use, in order: the next one at or after `id`, or UINT32_MAX. For shows. */
uint32_t nexthop_next(const struct nexthop_table *table, uint32_t id);
/** References that are held. */
uint32_t nexthop_references(const struct nexthop_table *table, uint32_t id);
/** Whether it was made private, by nexthop_gateway(). */
bool nexthop_is_private(const struct nexthop_table *table, uint32_t id);
/** @return 0 or -ENOENT: no gateway nexthop on that interface is in use (groups' paths included) */
int nexthop_iface_used(const struct nexthop_table *table, uint16_t iface);

/**
 * Worker: the member of a group for a flow hash. The hash is mixed first, since its low bits also
 * chose the RSS queue.
 */
static inline uint32_t
nexthop_group_select(const struct nexthop_group *group, uint32_t hash)
{
	/* Multiplicative hashing (Knuth 6.4) by 2^32 / golden ratio, then a range reduction. */
	uint32_t mixed = hash * 0x9e3779b1U;

	mixed ^= mixed >> 15;
	mixed *= 0x85ebca77U;
	return group->buckets[(uint64_t)mixed * group->bucket_count >> 32];
}

/* ---- FIBs ---- */

/** Bulk lookup. `dst_be`: addresses in network order. `nexthops`: ids out. Worker, under RCU. */
void fib4_lookup_bulk(
	const struct fib4 *fib, const uint32_t *dst_be, uint32_t *nexthops, unsigned count);
/** The same for IPv6; `dst`: pointers to 16 bytes each, in place in the packets. */
void fib6_lookup_bulk(
	const struct fib6 *fib, const uint8_t *const *dst, uint32_t *nexthops, unsigned count);

/* ---- route tables: one VRF's RIB and its two FIBs ---- */

/** Where a route comes from; of several for one prefix the first in this order is in use. */
enum route_source {
	ROUTE_LOCAL, /**< an address of ours */
	ROUTE_CONNECTED, /**< its subnet */
	ROUTE_STATIC,
	ROUTE_RA, /**< from router advertisements */
	ROUTE_NEIGHBOUR, /**< the host route of a resolved neighbour */
	ROUTE_SOURCE_COUNT
};

const char *route_source_name(enum route_source source);

struct route {
	struct ip_prefix prefix; /**< without host bits */
	enum route_source source;
	uint32_t metric; /**< of a static one: of several the one with the lowest is in use */
	bool active; /**< in the FIB */
	uint32_t nexthop;
};

/** @param nexthops whose ids the routes hold references of */
struct route_table *route_table_create(
	struct rte_rcu_qsbr *rcu, struct nexthop_table *nexthops, int socket_id);
/**
 * Have its FIBs use huge pages from the start, as the largest table should: others begin small, some
 * 10 KB a family, and use them from some hundred KB on.
 */
void route_table_use_huge_pages(struct route_table *table);
/** Waits for a grace period; its FIBs must not be given to workers any more. */
void route_table_destroy(struct route_table *table);
const struct fib4 *route_table_fib4(const struct route_table *table);
const struct fib6 *route_table_fib6(const struct route_table *table);

/**
 * Insert a route; takes over the caller's reference to the nexthop if it succeeds.
 * Workers see either the old or the new state of each destination, never a third.
 * @return 0, -EEXIST if there is one of this source, -EINVAL (host bits; a nexthop that is not in
 * use, or NEXTHOP_ID_NO_ROUTE), -ENOMEM, -ENOSPC
 */
int route_insert(struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, uint32_t nexthop, struct error *err);
/**
 * The same for a route whose prefix, source, metric and nexthop say all; with `replace` the route
 * of that source and metric, if there is one, gets another nexthop.
 */
int route_set(
	struct route_table *table, const struct route *route, bool replace, struct error *err);
/** Insert, or give the route of this source another nexthop, without a moment without a route. */
int route_replace(struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, uint32_t nexthop, struct error *err);
/** Of several static routes, the one in use. @return 0 or -ENOENT */
int route_remove(struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, struct error *err);
/** The static route of this metric. @return 0 or -ENOENT */
int route_remove_metric(struct route_table *table, const struct ip_prefix *prefix, uint32_t metric,
	struct error *err);
int route_find_metric(const struct route_table *table, const struct ip_prefix *prefix,
	uint32_t metric, struct route *route);
/** The route of this source for exactly this prefix. @return 0 or -ENOENT */
int route_find(const struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, struct route *route);
/** Longest match among the active routes. @return 0 or -ENOENT */
int route_lookup(const struct route_table *table, const struct ip_addr *addr, struct route *route);
/** Longest match among the active routes whose prefixes contain, or are, this one. */
int route_lookup_prefix(
	const struct route_table *table, const struct ip_prefix *prefix, struct route *route);
/** Prefixes for which the FIB answers something else than before. */
struct route_changes {
	uint32_t count; /**< more than ROUTE_CHANGES_MAX: of those one does not know */
	struct ip_prefix prefixes[16];
};
#define ROUTE_CHANGES_MAX 16
/** What changed since the last call. */
void route_changes_take(struct route_table *table, struct route_changes *changes);
/** The first route of the first prefix at or after this one. @return 0, or -ENOENT at the end */
int route_first(
	const struct route_table *table, const struct ip_prefix *prefix, struct route *route);
/**
 * Routes in order (ip_prefix_compare(), then source, then metric): the first one behind `route`,
 * which the caller zeroes to start.
 * @return 0, or -ENOENT at the end
 */
int route_next(const struct route_table *table, struct route *route);

struct route_table_stats {
	uint32_t routes4, routes6; /**< in the RIB */
	uint64_t rib_bytes; /**< memory of the routes themselves */
	uint64_t fib4_bytes, fib6_bytes; /**< memory of the FIBs, roots in huge pages of 2 MB */
	uint32_t fib4_blocks, fib6_blocks; /**< blocks of 256 entries in use */
};
void route_table_stats(const struct route_table *table, struct route_table_stats *stats);

#endif
