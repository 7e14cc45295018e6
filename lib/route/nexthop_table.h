/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The control side of nexthops: what nexthop.c, nexthop_link.c and nexthop_group.c share.
 */
#ifndef ROUTE_NEXTHOP_TABLE_H
#define ROUTE_NEXTHOP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/tree.h>

#include "route/route.h"
#include "route/route_grace.h"

/**
 * Memory of replaced groups that can wait for the end of its grace period; then the control thread
 * waits itself. Some thousand groups: a change of one route can replace all those behind it.
 */
#define NEXTHOP_RETIRED_BYTES_MAX (16U << 20)

enum nexthop_state {
	NEXTHOP_FREE,
	NEXTHOP_USED,
	NEXTHOP_DYING, /**< workers may still see it */
};

/** What control knows of a nexthop, by id. */
struct nexthop_entry {
	RB_ENTRY(nexthop_entry) node; /**< in `links`, if it is attached or a gateway */
	uint32_t id;
	uint32_t references;
	uint32_t next_free; /**< NEXTHOP_FREE: the next one, or 0 */
	uint16_t iface;
	uint8_t state; /**< enum nexthop_state */
	bool private_;
	uint8_t down; /**< bits of enum nexthop_down */
	bool stale; /**< a group: one of its paths went down or came up */
	uint32_t group; /**< the group whose path it is, or 0 */
	struct ip_addr gateway; /**< IP_FAMILY_NONE: attached */
	struct mac_addr mac; /**< the interface's */
	struct vlan_tags tags; /**< the interface's */
};

RB_HEAD(nexthop_links, nexthop_entry);

struct nexthop_table {
	struct nexthop *nexthops; /**< [max], read by workers */
	struct nexthop_entry *entries; /**< [max] */
	struct nexthop_links links; /**< by interface, gateway, private_, id */
	uint32_t max;
	uint32_t high; /**< ids ever used are below */
	uint32_t free; /**< first of the free list, or 0 */
	uint32_t used; /**< ids that are neither free nor fixed */
	struct route_grace grace;
	struct nexthop_group *retired, **retired_tail; /**< groups that were replaced, in order */
	uint64_t retired_bytes;
	struct rte_rcu_qsbr *rcu;
};

/** A new id with one reference; the nexthop is zero. @return 0 or -ENOSPC */
int nexthop_alloc(struct nexthop_table *table, uint32_t *id, struct error *err);
static inline bool
nexthop_is_used(const struct nexthop_table *table, uint32_t id)
{
	return id < table->max && table->entries[id].state == NEXTHOP_USED;
}
/** Lay the buckets of a group out anew. @return 0 or -ENOMEM: it is as it was */
int nexthop_group_refresh(struct nexthop_table *table, uint32_t id);
/** Memory of a group. */
size_t nexthop_group_bytes(const struct nexthop_group *group);
/** Free the groups that were replaced, and whose grace period is over. */
void nexthop_group_retired_reclaim(struct nexthop_table *table);
/** Free the groups that were replaced. No worker runs. */
void nexthop_group_retired_free(struct nexthop_table *table);
/** A nexthop on a link loses its last reference: it is not found any more. */
void nexthop_link_remove(struct nexthop_table *table, uint32_t id);

#endif
