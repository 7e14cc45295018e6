/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups: weighted paths laid out over hash buckets. */
#include "route/nexthop_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* At least this many buckets, so that the range reduction of a hash stays even. */
#define BUCKETS_MIN 512
#define BUCKETS_MAX 65536

/* A share is exact if the buckets are a multiple of the sum of the weights: it always fits. */
_Static_assert(NEXTHOP_PATHS_MAX *NEXTHOP_WEIGHT_MAX <= BUCKETS_MAX, "exact shares");

static uint32_t
greatest_common_divisor(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

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

/*
 * Interleave the paths: each bucket goes to the path that is furthest behind its share ("smooth
 * weighted round robin"), so that any run of buckets is shared nearly as the weights say. After
 * each `sum` buckets the shares are exact and the pattern repeats.
 */
static void
buckets_fill(struct nexthop_group *group, uint32_t sum)
{
	int32_t behind[NEXTHOP_PATHS_MAX] = { 0 };

	for (uint32_t bucket = 0; bucket < sum; bucket++) {
		uint32_t best = 0;

		for (uint32_t i = 0; i < group->path_count; i++) {
			behind[i] += (int32_t)group->paths[i].weight;
			if (behind[i] > behind[best])
				best = i;
		}
		behind[best] -= (int32_t)sum;
		group->buckets[bucket] = group->paths[best].nexthop;
	}
	for (uint32_t bucket = sum; bucket < group->bucket_count; bucket++)
		group->buckets[bucket] = group->buckets[bucket - sum];
}

static struct nexthop_group *
group_create(const struct nexthop_path *paths, uint32_t count)
{
	struct nexthop_group *group;
	uint32_t divisor = 0;
	uint32_t sum = 0;
	uint32_t buckets;
	size_t size;

	for (uint32_t i = 0; i < count; i++) {
		divisor = greatest_common_divisor(paths[i].weight, divisor);
		sum += paths[i].weight;
	}
	assert(divisor != 0 && sum != 0); /* weights are at least 1 */
	sum /= divisor;
	buckets = (BUCKETS_MIN + sum - 1) / sum * sum;
	size = sizeof(*group) + buckets * sizeof(group->buckets[0]) + count * sizeof(*paths);
	group = aligned_alloc(64, (size + 63) / 64 * 64);
	if (group == NULL)
		return NULL;
	group->bucket_count = buckets;
	group->path_count = count;
	group->paths = (struct nexthop_path *)(void *)&group->buckets[buckets];
	for (uint32_t i = 0; i < count; i++) {
		group->paths[i].nexthop = paths[i].nexthop;
		group->paths[i].weight = paths[i].weight / divisor;
	}
	buckets_fill(group, sum);
	/* A show tells the weights as they were given. */
	memcpy(group->paths, paths, count * sizeof(*paths));
	return group;
}

int
nexthop_group(struct nexthop_table *table, const struct nexthop_path *paths, uint32_t count,
	uint32_t *id, struct error *err)
{
	struct nexthop_group *group;
	int ret;

	ret = paths_check(table, paths, count, err);
	if (ret < 0)
		return ret;
	group = group_create(paths, count);
	if (group == NULL)
		return error_set(err, ENOMEM, "no memory for a nexthop group");
	ret = nexthop_alloc(table, id, err);
	if (ret < 0) {
		free(group);
		return ret;
	}
	table->nexthops[*id].group = group;
	table->nexthops[*id].type = NEXTHOP_GROUP;
	return 0;
}
