/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of nexthops: ids, references, grace. Links are nexthop_link.c, groups nexthop_group.c. */
#include "route/nexthop_table.h"

#include <stdlib.h>
#include <string.h>

#include "route/route_memory.h"

#define NEXTHOP_MIN 64
/* A FIB's entry has 31 bits for it; the rest is what a table may reasonably take: 1 GB. */
#define NEXTHOP_MAX (UINT32_C(1) << 24)

/* route_grace's callback: no worker can hold this id any more. */
static void
nexthop_free(void *owner, uint32_t id)
{
	struct nexthop_table *table = owner;
	struct nexthop_entry *entry = &table->entries[id];

	free(table->nexthops[id].group);
	memset(&table->nexthops[id], 0, sizeof(table->nexthops[id]));
	*entry = (struct nexthop_entry){ .id = id, .next_free = table->free };
	table->free = id;
	table->used--;
}

int
nexthop_alloc(struct nexthop_table *table, uint32_t *id, struct error *err)
{
	struct nexthop_entry *entry;
	uint32_t new;

	route_grace_reclaim(&table->grace);
	if (table->free == 0 && table->high == table->max)
		route_grace_wait(&table->grace);
	if (table->free != 0) {
		new = table->free;
		table->free = table->entries[new].next_free;
	} else if (table->high < table->max) {
		new = table->high++;
	} else {
		return error_set(err, ENOSPC, "all %u nexthops are in use", table->max);
	}
	entry = &table->entries[new];
	*entry = (struct nexthop_entry){ .id = new, .references = 1, .state = NEXTHOP_USED };
	table->used++;
	*id = new;
	return 0;
}

void
nexthop_hold(struct nexthop_table *table, uint32_t id)
{
	if (id >= NEXTHOP_ID_FIRST_FREE)
		table->entries[id].references++;
}

void
nexthop_release(struct nexthop_table *table, uint32_t id)
{
	struct nexthop_entry *entry = &table->entries[id];
	const struct nexthop_group *group = table->nexthops[id].group;

	if (id < NEXTHOP_ID_FIRST_FREE || --entry->references > 0)
		return;
	entry->state = NEXTHOP_DYING;
	if (group == NULL)
		nexthop_link_remove(table, id);
	/* No FIB leads to the group any more, so that the paths' grace periods cover it as well. */
	for (uint32_t i = 0; group != NULL && i < group->path_count; i++)
		nexthop_release(table, group->paths[i].nexthop);
	route_grace_push(&table->grace, id);
}

uint32_t
nexthop_references(const struct nexthop_table *table, uint32_t id)
{
	return nexthop_is_used(table, id) ? table->entries[id].references : 0;
}

bool
nexthop_is_private(const struct nexthop_table *table, uint32_t id)
{
	return nexthop_is_used(table, id) && table->entries[id].private_;
}

uint32_t
nexthop_next(const struct nexthop_table *table, uint32_t id)
{
	for (; id < table->high; id++) {
		if (nexthop_is_used(table, id))
			return id;
	}
	return UINT32_MAX;
}

const struct nexthop *
nexthop_table_array(const struct nexthop_table *table)
{
	return table->nexthops;
}

void
nexthop_table_reclaim(struct nexthop_table *table)
{
	route_grace_reclaim(&table->grace);
	nexthop_group_retired_reclaim(table);
}

uint32_t
nexthop_table_used(const struct nexthop_table *table)
{
	return table->used;
}

uint32_t
nexthop_table_max(const struct nexthop_table *table)
{
	return table->max;
}

void
nexthop_table_stats(const struct nexthop_table *table, struct nexthop_table_stats *stats)
{
	*stats = (struct nexthop_table_stats){
		.bytes = table->high * (sizeof(*table->nexthops) + sizeof(*table->entries)),
	};
	for (uint32_t id = NEXTHOP_ID_FIRST_FREE; id < table->high; id++) {
		stats->used += nexthop_is_used(table, id);
		if (table->nexthops[id].group != NULL)
			stats->bytes += nexthop_group_bytes(table->nexthops[id].group);
	}
}

static void
nexthop_table_fixed(struct nexthop_table *table)
{
	static const uint8_t types[NEXTHOP_ID_FIRST_FREE] = {
		[NEXTHOP_ID_NO_ROUTE] = NEXTHOP_NO_ROUTE,
		[NEXTHOP_ID_LOCAL] = NEXTHOP_LOCAL,
		[NEXTHOP_ID_BLACKHOLE] = NEXTHOP_BLACKHOLE,
		[NEXTHOP_ID_UNREACHABLE] = NEXTHOP_UNREACHABLE,
		[NEXTHOP_ID_PROHIBIT] = NEXTHOP_PROHIBIT,
		[NEXTHOP_ID_BROADCAST] = NEXTHOP_BROADCAST,
		[NEXTHOP_ID_ANYCAST] = NEXTHOP_LOCAL,
	};

	for (uint32_t id = 0; id < NEXTHOP_ID_FIRST_FREE; id++) {
		table->nexthops[id].type = types[id];
		table->entries[id] = (struct nexthop_entry){
			.id = id,
			.references = 1,
			.state = NEXTHOP_USED,
		};
	}
	table->high = NEXTHOP_ID_FIRST_FREE;
}

struct nexthop_table *
nexthop_table_create(struct rte_rcu_qsbr *rcu, uint32_t max, int socket_id)
{
	struct nexthop_table *table = calloc(1, sizeof(*table));
	uint32_t rounded = NEXTHOP_MIN;
	size_t size;

	if (table == NULL)
		return NULL;
	while (rounded < max && rounded < NEXTHOP_MAX)
		rounded *= 2;
	table->max = rounded;
	size = rounded * sizeof(*table->nexthops);
	RB_INIT(&table->links);
	table->retired_tail = &table->retired;
	table->rcu = rcu;
	table->entries = calloc(rounded, sizeof(*table->entries));
	table->nexthops = route_memory_reserve(size, socket_id);
	if (table->nexthops != NULL)
		route_memory_use_huge_pages(table->nexthops, size);
	if (table->entries == NULL || table->nexthops == NULL ||
		route_memory_grow(table->nexthops, 0, size) < 0 ||
		route_grace_init(&table->grace, rcu, nexthop_free, table) < 0) {
		nexthop_table_destroy(table);
		return NULL;
	}
	nexthop_table_fixed(table);
	return table;
}

void
nexthop_table_destroy(struct nexthop_table *table)
{
	if (table == NULL)
		return;
	for (uint32_t id = 0; id < table->high; id++)
		free(table->nexthops[id].group);
	nexthop_group_retired_free(table);
	route_grace_fini(&table->grace);
	route_memory_release(table->nexthops, table->max * sizeof(*table->nexthops));
	free(table->entries);
	free(table);
}
