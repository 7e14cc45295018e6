/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The prefixes of a route table in order, and what each has. Control thread; used by route_table.c
 * and route_find.c.
 */
#ifndef ROUTE_RIB_H
#define ROUTE_RIB_H

#include <stdbool.h>
#include <stdint.h>

#include <bsd/sys/tree.h>

#include "route/route.h"

/** A static route that waits behind one of a lower metric. */
struct rib_spare {
	struct rib_spare *next; /**< of a higher metric */
	uint32_t metric;
	uint32_t nexthop;
};

/**
 * A prefix with at least one route. A million of them are kept: no pointer or count too much, and what
 * a search looks at comes first.
 */
struct rib_prefix {
	RB_ENTRY(rib_prefix) node;
	struct ip_prefix prefix;
	uint8_t sources; /**< bit mask of enum route_source */
	uint32_t metric; /**< of the static route in nexthops */
	uint32_t
		nexthops[ROUTE_SOURCE_COUNT]; /**< of ROUTE_STATIC the one with the lowest metric */
	struct rib_spare *spares;
};

RB_HEAD(rib, rib_prefix);

/** @return the prefix, or NULL */
struct rib_prefix *rib_find(struct rib *rib, const struct ip_prefix *prefix);
/** The first one at or after `prefix` in order, or NULL. */
struct rib_prefix *rib_find_after(struct rib *rib, const struct ip_prefix *prefix);
/** The longest prefix that contains all of `prefix`, or equals it; NULL if there is none. */
struct rib_prefix *rib_cover(struct rib *rib, const struct ip_prefix *prefix);
struct rib_prefix *rib_first(struct rib *rib);
struct rib_prefix *rib_next(struct rib_prefix *prefix);
void rib_insert(struct rib *rib, struct rib_prefix *prefix);
void rib_remove(struct rib *rib, struct rib_prefix *prefix);

static inline bool
rib_prefix_has(const struct rib_prefix *prefix, enum route_source source)
{
	return prefix != NULL && (prefix->sources >> source & 1) != 0;
}

/** The source of the route in use. */
static inline enum route_source
rib_prefix_best(const struct rib_prefix *prefix)
{
	return (enum route_source)__builtin_ctz(prefix->sources);
}

/** Where the spare of a metric is, or would be. */
struct rib_spare **rib_spare_find(struct rib_prefix *prefix, uint32_t metric);
/** @return 0 or -ENOMEM */
int rib_spare_insert(struct rib_spare **at, uint32_t metric, uint32_t nexthop);
void rib_spare_remove(struct rib_spare **at);

#endif
