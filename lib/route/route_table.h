/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What route_table.c, which changes a route table, and route_find.c, which reads it, share.
 */
#ifndef ROUTE_ROUTE_TABLE_H
#define ROUTE_ROUTE_TABLE_H

#include "route/fib4.h"
#include "route/fib6.h"
#include "route/rib.h"

struct route_table {
	struct rib rib4, rib6;
	uint32_t routes4, routes6;
	uint32_t prefixes, spares;
	struct fib4 fib4;
	struct fib6 fib6;
	struct nexthop_table *nexthops;
	struct rte_rcu_qsbr *rcu;
	struct route_changes changes;
};

/* The tree's functions do not know const. */
static inline struct rib *
table_rib(const struct route_table *table, uint8_t family)
{
	const struct rib *rib = family == IP_FAMILY_4 ? &table->rib4 : &table->rib6;

	return (struct rib *)(uintptr_t)rib;
}

static inline struct rib_prefix *
table_find(const struct route_table *table, const struct ip_prefix *prefix)
{
	return rib_find(table_rib(table, prefix->addr.family), prefix);
}

/** The longest prefix that contains all of `prefix`, or equals it. */
static inline struct rib_prefix *
table_cover(const struct route_table *table, const struct ip_prefix *prefix)
{
	return rib_cover(table_rib(table, prefix->addr.family), prefix);
}

#endif
