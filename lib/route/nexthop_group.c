/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups: weighted paths over resilient hash buckets, replaced whole when a path goes or comes. */
#include "route/nexthop_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <rte_rcu_qsbr.h>

#include "route/nexthop_buckets.h"

_Static_assert(NEXTHOP_PATHS_MAX <= NEXTHOP_BUCKETS_MEMBERS_MAX, "a member a path");
/* Every path has a bucket. */
_Static_assert(NEXTHOP_PATHS_MAX *NEXTHOP_WEIGHT_MAX <= NEXTHOP_BUCKETS_MAX, "least shares");

static int
paths_check(const struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	struct error *err)
{
	if (count == 0 || count > NEXTHOP_PATHS_MAX)
		return error_set(
			err, EINVAL, "a group has 1 to %d paths, not %u", NEXTHOP_PATHS_MAX, count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t id = paths[i].nexthop;

		if (paths[i].weight == 0 || paths[i].weight > NEXTHOP_WEIGHT_MAX)
			return error_set(err, EINVAL, "a weight is 1 to %d, not %u",
				NEXTHOP_WEIGHT_MAX, paths[i].weight);
		if (id == NEXTHOP_ID_NO_ROUTE || !nexthop_is_used(table, id))
			return error_set(err, EINVAL, "there is no nexthop %u", id);
		if (table->nexthops[id].type == NEXTHOP_GROUP)
			return error_set(err, EINVAL, "nexthop %u is a group itself", id);
	}
	return 0;
}

/* ---- building ---- */

static size_t
group_size(uint32_t path_count, uint32_t bucket_count)
{
	const struct nexthop_group *group;
	size_t size = sizeof(*group) + path_count * sizeof(group->paths[0]) +
		bucket_count *
			(sizeof(group->buckets[0]) + sizeof(group->owners[0]) +
				sizeof(group->homes[0]));

	return (size + 63) / 64 * 64;
}

size_t
nexthop_group_bytes(const struct nexthop_group *group)
{
	return group_size(group->path_count, group->bucket_count);
}

static struct nexthop_group *
group_alloc(const struct nexthop_path *paths, uint32_t path_count, uint32_t bucket_count)
{
	struct nexthop_group *group = aligned_alloc(64, group_size(path_count, bucket_count));

	if (group == NULL)
		return NULL;
	*group = (struct nexthop_group){ .bucket_count = bucket_count, .path_count = path_count };
	group->paths = (struct nexthop_path *)(void *)&group->buckets[bucket_count];
	group->owners = (uint16_t *)(void *)&group->paths[path_count];
	group->homes = group->owners + bucket_count;
	memcpy(group->paths, paths, path_count * sizeof(*paths));
	return group;
}

/* The weights of the paths; 0 for those that are down, unless all are. @return whether none is 0 */
static bool
weights_of(const struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	uint32_t *weights)
{
	bool any = false, each = true;

	for (uint32_t i = 0; i < count; i++)
		any |= table->entries[paths[i].nexthop].down == 0;
	for (uint32_t i = 0; i < count; i++) {
		bool down = table->entries[paths[i].nexthop].down != 0;

		weights[i] = any && down ? 0 : paths[i].weight;
		each &= weights[i] != 0;
	}
	return each;
}

static bool
same_gateway(const struct nexthop_table *table, uint32_t a, uint32_t b)
{
	const struct nexthop_entry *first = &table->entries[a], *second = &table->entries[b];

	return a == b ||
		(first->gateway.family != IP_FAMILY_NONE && first->iface == second->iface &&
			ip_addr_equal(&first->gateway, &second->gateway));
}

/* Which path of a new group each path of an old one is; NEXTHOP_BUCKET_FREE: none. */
static void
paths_match(const struct nexthop_table *table, const struct nexthop_path *old, uint32_t old_count,
	const struct nexthop_group *group, uint16_t *match)
{
	bool taken[NEXTHOP_PATHS_MAX] = { false };

	for (uint32_t i = 0; i < old_count; i++) {
		match[i] = NEXTHOP_BUCKET_FREE;
		for (uint32_t j = 0; j < group->path_count; j++) {
			if (taken[j] ||
				!same_gateway(table, old[i].nexthop, group->paths[j].nexthop))
				continue;
			taken[j] = true;
			match[i] = (uint16_t)j;
			break;
		}
	}
}

/* Buckets as they are in another group: each of its buckets is so many neighbours here. */
static void
buckets_inherit(
	struct nexthop_group *group, const struct nexthop_group *like, const uint16_t *match)
{
	uint32_t split = group->bucket_count / like->bucket_count;

	for (uint32_t b = 0; b < group->bucket_count; b++) {
		group->homes[b] = match[like->homes[b / split]];
		group->owners[b] = match[like->owners[b / split]];
	}
}

static void
buckets_inherit_none(struct nexthop_group *group, uint16_t owner)
{
	for (uint32_t b = 0; b < group->bucket_count; b++)
		group->homes[b] = group->owners[b] = owner;
}

/* No bucket is away from home. */
static bool
buckets_are_home(const struct nexthop_group *group)
{
	return memcmp(group->owners, group->homes, group->bucket_count * sizeof(group->homes[0])) ==
		0;
}

/* @param like a group or a gateway that it comes in place of; NEXTHOP_ID_NO_ROUTE: none */
static struct nexthop_group *
group_create(const struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	uint32_t like)
{
	const struct nexthop_group *old = table->nexthops[like].group;
	struct nexthop_path single = { .nexthop = like };
	uint16_t match[NEXTHOP_PATHS_MAX];
	uint32_t weights[NEXTHOP_PATHS_MAX];
	struct nexthop_buckets buckets;
	struct nexthop_group *group;
	bool home;

	assert(count > 0);
	for (uint32_t i = 0; i < count; i++)
		weights[i] = paths[i].weight;
	buckets.count = nexthop_buckets_count(weights, count);
	if (old != NULL && count > 1 && old->bucket_count > buckets.count)
		buckets.count = old->bucket_count;
	group = group_alloc(paths, count, buckets.count);
	if (group == NULL)
		return NULL;
	if (old != NULL && count > 1) {
		paths_match(table, old->paths, old->path_count, group, match);
		buckets_inherit(group, old, match);
	} else {
		paths_match(table, &single, 1, group, match);
		buckets_inherit_none(group, match[0]);
	}
	buckets.owners = group->homes;
	buckets.homes = NULL;
	home = buckets_are_home(group);
	nexthop_buckets_assign(&buckets, weights, count);
	/* As most are: nothing was away from home, and nothing has to go. */
	if (weights_of(table, paths, count, weights) && home) {
		memcpy(group->owners, group->homes, buckets.count * sizeof(group->homes[0]));
	} else {
		buckets.owners = group->owners;
		buckets.homes = group->homes;
		nexthop_buckets_assign(&buckets, weights, count);
	}
	for (uint32_t b = 0; b < group->bucket_count; b++)
		group->buckets[b] = group->paths[group->owners[b]].nexthop;
	return group;
}

/* ---- replacing ---- */

static void
retired_pop(struct nexthop_table *table)
{
	struct nexthop_group *group = table->retired;

	table->retired = group->retired;
	if (table->retired == NULL)
		table->retired_tail = &table->retired;
	table->retired_bytes -= nexthop_group_bytes(group);
	free(group);
}

void
nexthop_group_retired_free(struct nexthop_table *table)
{
	while (table->retired != NULL)
		retired_pop(table);
}

void
nexthop_group_retired_reclaim(struct nexthop_table *table)
{
	while (table->retired != NULL &&
		rte_rcu_qsbr_check(table->rcu, table->retired->token, false) == 1)
		retired_pop(table);
}

/* Workers may be in it still. */
static void
group_retire(struct nexthop_table *table, struct nexthop_group *group)
{
	if (table->rcu == NULL) {
		free(group);
		return;
	}
	nexthop_group_retired_reclaim(table);
	if (table->retired_bytes >= NEXTHOP_RETIRED_BYTES_MAX) {
		rte_rcu_qsbr_synchronize(table->rcu, RTE_QSBR_THRID_INVALID);
		nexthop_group_retired_free(table);
	}
	group->token = rte_rcu_qsbr_start(table->rcu);
	group->retired = NULL;
	*table->retired_tail = group;
	table->retired_tail = &group->retired;
	table->retired_bytes += nexthop_group_bytes(group);
}

int
nexthop_group_refresh(struct nexthop_table *table, uint32_t id)
{
	struct nexthop_group *old = table->nexthops[id].group;
	struct nexthop_group *group = group_create(table, old->paths, old->path_count, id);

	if (group == NULL)
		return -ENOMEM;
	__atomic_store_n(&table->nexthops[id].group, group, __ATOMIC_RELEASE);
	group_retire(table, old);
	return 0;
}

static void
paths_adopt(
	struct nexthop_table *table, uint32_t id, const struct nexthop_path *paths, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (paths[i].nexthop >= NEXTHOP_ID_FIRST_FREE)
			table->entries[paths[i].nexthop].group = id;
	}
}

int
nexthop_group_change(struct nexthop_table *table, uint32_t id, const struct nexthop_path *paths,
	uint32_t count, struct error *err)
{
	struct nexthop_group *old = table->nexthops[id].group, *group;
	int ret;

	ret = paths_check(table, paths, count, err);
	if (ret < 0)
		return ret;
	group = group_create(table, paths, count, id);
	if (group == NULL)
		return error_set(err, ENOMEM, "no memory for a nexthop group");
	paths_adopt(table, id, paths, count);
	__atomic_store_n(&table->nexthops[id].group, group, __ATOMIC_RELEASE);
	for (uint32_t i = 0; i < old->path_count; i++)
		nexthop_release(table, old->paths[i].nexthop);
	group_retire(table, old);
	return 0;
}

int
nexthop_group_like(struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	uint32_t like, uint32_t *id, struct error *err)
{
	struct nexthop_group *group;
	int ret;

	ret = paths_check(table, paths, count, err);
	if (ret < 0)
		return ret;
	group = group_create(table, paths, count, like);
	if (group == NULL)
		return error_set(err, ENOMEM, "no memory for a nexthop group");
	ret = nexthop_alloc(table, id, err);
	if (ret < 0) {
		free(group);
		return ret;
	}
	paths_adopt(table, *id, paths, count);
	table->nexthops[*id].group = group;
	table->nexthops[*id].type = NEXTHOP_GROUP;
	return 0;
}

int
nexthop_group(struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	uint32_t *id, struct error *err)
{
	return nexthop_group_like(table, paths, count, NEXTHOP_ID_NO_ROUTE, id, err);
}
