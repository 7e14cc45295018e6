/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups: exact shares, even spread of hashes, references of their paths. */
#include "unit/route/route_model.h"

#include <errno.h>

#include "route/route.h"

static const struct nexthop_link link1 = { .iface = 1, .port = 10, .mtu = 1500 };

static int
setup(void **state)
{
	*state = nexthop_table_create(NULL, 512, -1);
	assert_non_null(*state);
	return 0;
}

static int
teardown(void **state)
{
	assert_int_equal(nexthop_next(*state, NEXTHOP_ID_FIRST_FREE), UINT32_MAX);
	nexthop_table_destroy(*state);
	return 0;
}

static uint32_t
path(struct nexthop_table *table)
{
	struct ip_addr addr = model_parse_addr("10.0.0.2");
	uint32_t id;

	assert_int_equal(nexthop_gateway(table, &link1, &addr, true, &id, NULL), 0);
	return id;
}

static const struct nexthop_group *
group_create(struct nexthop_table *table, const uint32_t *weights, uint32_t count, uint32_t *id)
{
	struct nexthop_path paths[NEXTHOP_PATHS_MAX];
	const struct nexthop *nexthop;

	for (uint32_t i = 0; i < count; i++)
		paths[i] = (struct nexthop_path){ .nexthop = path(table), .weight = weights[i] };
	assert_int_equal(nexthop_group(table, paths, count, id, NULL), 0);
	nexthop = nexthop_get(nexthop_table_array(table), *id);
	assert_int_equal(nexthop->type, NEXTHOP_GROUP);
	assert_int_equal(nexthop->group->path_count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(nexthop->group->paths[i].nexthop, paths[i].nexthop);
		assert_int_equal(nexthop->group->paths[i].weight, weights[i]);
	}
	return nexthop->group;
}

/* Each path's buckets, and the share of uniform hashes. */
static void
assert_shares(const struct nexthop_group *group)
{
	uint32_t buckets[512] = { 0 };
	uint32_t hits[512] = { 0 };
	const uint32_t hashes = 4000000;
	struct model random = { .seed = 7 };
	uint64_t sum = 0;

	for (uint32_t i = 0; i < group->path_count; i++)
		sum += group->paths[i].weight;
	for (uint32_t i = 0; i < group->bucket_count; i++)
		buckets[group->buckets[i]]++;
	for (uint32_t i = 0; i < hashes; i++)
		hits[nexthop_group_select(group, (uint32_t)model_random(&random))]++;
	for (uint32_t i = 0; i < group->path_count; i++) {
		const struct nexthop_path *member = &group->paths[i];
		double share = (double)member->weight / (double)sum;
		double hit = (double)hits[member->nexthop] / hashes;

		assert_true(buckets[member->nexthop] * sum ==
			(uint64_t)group->bucket_count * member->weight);
		assert_true(hit > share * 0.99 && hit < share * 1.01);
	}
}

static void
test_weights(void **state)
{
	static const uint32_t weights[] = { 1, 2, 3, 5, 7, 11, 13 };
	const struct nexthop_group *group;
	uint32_t id;

	group = group_create(*state, weights, 7, &id);
	assert_int_equal(group->bucket_count % 42, 0);
	assert_in_range(group->bucket_count, 512, 65536);
	assert_shares(group);
	/* Interleaved: any 42 buckets in a row have each path's exact share. */
	for (uint32_t first = 0; first + 42 <= group->bucket_count; first++) {
		uint32_t count = 0;

		for (uint32_t i = first; i < first + 42; i++)
			count += group->buckets[i] == group->paths[6].nexthop;
		assert_int_equal(count, 13);
	}
	/* ... and the heaviest path is never far away. */
	for (uint32_t first = 0; first + 6 <= group->bucket_count; first++) {
		uint32_t count = 0;

		for (uint32_t i = first; i < first + 6; i++)
			count += group->buckets[i] == group->paths[6].nexthop;
		assert_in_range(count, 1, 3);
	}
	nexthop_release(*state, id);
}

static void
test_equal(void **state)
{
	static const uint32_t weights[] = { 200, 200, 200 };
	const struct nexthop_group *group;
	uint32_t id;

	group = group_create(*state, weights, 3, &id);
	assert_int_equal(group->bucket_count, 513);
	assert_shares(group);
	for (uint32_t i = 0; i < group->bucket_count; i++)
		assert_int_equal(group->buckets[i], group->buckets[i % 3]);
	nexthop_release(*state, id);
}

static void
test_single(void **state)
{
	static const uint32_t weights[] = { 256 };
	const struct nexthop_group *group;
	uint32_t id;

	group = group_create(*state, weights, 1, &id);
	assert_int_equal(group->bucket_count, 512);
	assert_int_equal(nexthop_group_select(group, 0), group->paths[0].nexthop);
	assert_int_equal(nexthop_group_select(group, UINT32_MAX), group->paths[0].nexthop);
	nexthop_release(*state, id);
}

/* The largest sum of weights that does not reduce. */
static void
test_largest(void **state)
{
	const struct nexthop_group *group;
	uint32_t weights[NEXTHOP_PATHS_MAX];
	uint32_t buckets[512] = { 0 };
	uint32_t id;

	for (uint32_t i = 0; i < NEXTHOP_PATHS_MAX; i++)
		weights[i] = NEXTHOP_WEIGHT_MAX;
	weights[0] = NEXTHOP_WEIGHT_MAX - 1;
	group = group_create(*state, weights, NEXTHOP_PATHS_MAX, &id);
	assert_int_equal(group->bucket_count, 65535);
	for (uint32_t i = 0; i < group->bucket_count; i++)
		buckets[group->buckets[i]]++;
	for (uint32_t i = 0; i < NEXTHOP_PATHS_MAX; i++)
		assert_int_equal(buckets[group->paths[i].nexthop], weights[i]);
	nexthop_release(*state, id);
}

/* Of a queue's packets the low bits of the hash are the same; few flows differ in few bits. */
static void
test_queue_bias(void **state)
{
	static const uint32_t weights[] = { 1, 1, 1, 1 };
	const struct nexthop_group *group;
	uint32_t hits[512] = { 0 };
	uint32_t id;

	group = group_create(*state, weights, 4, &id);
	for (uint32_t i = 0; i < 1000000; i++)
		hits[nexthop_group_select(group, i << 7 | 5)]++;
	for (uint32_t i = 0; i < 4; i++)
		assert_in_range(hits[group->paths[i].nexthop], 247500, 252500);
	nexthop_release(*state, id);
}

static void
test_references(void **state)
{
	static const uint32_t weights[] = { 1, 1 };
	struct nexthop_table *table = *state;
	const struct nexthop_group *group;
	uint32_t id, first, second;

	group = group_create(table, weights, 2, &id);
	first = group->paths[0].nexthop;
	second = group->paths[1].nexthop;
	nexthop_hold(table, second);
	assert_int_equal(nexthop_iface_used(table, 1), 0);
	nexthop_release(table, id);
	assert_int_equal(nexthop_references(table, id), 0);
	assert_int_equal(nexthop_references(table, first), 0);
	assert_int_equal(nexthop_references(table, second), 1);
	nexthop_release(table, second);
}

static void
test_invalid(void **state)
{
	static const uint32_t weights[] = { 1 };
	struct nexthop_table *table = *state;
	struct nexthop_path paths[NEXTHOP_PATHS_MAX + 1];
	uint32_t member = path(table);
	uint32_t nested, id;

	group_create(table, weights, 1, &nested);
	for (uint32_t i = 0; i <= NEXTHOP_PATHS_MAX; i++)
		paths[i] = (struct nexthop_path){ .nexthop = member, .weight = 1 };
	assert_int_equal(nexthop_group(table, paths, 0, &id, NULL), -EINVAL);
	assert_int_equal(nexthop_group(table, paths, NEXTHOP_PATHS_MAX + 1, &id, NULL), -EINVAL);
	paths[1].weight = 0;
	assert_int_equal(nexthop_group(table, paths, 2, &id, NULL), -EINVAL);
	paths[1].weight = NEXTHOP_WEIGHT_MAX + 1;
	assert_int_equal(nexthop_group(table, paths, 2, &id, NULL), -EINVAL);
	paths[1] = (struct nexthop_path){ .nexthop = nested, .weight = 1 };
	assert_int_equal(nexthop_group(table, paths, 2, &id, NULL), -EINVAL);
	paths[1].nexthop = 500;
	assert_int_equal(nexthop_group(table, paths, 2, &id, NULL), -EINVAL);
	paths[1].nexthop = NEXTHOP_ID_NO_ROUTE;
	assert_int_equal(nexthop_group(table, paths, 2, &id, NULL), -EINVAL);
	/* The caller keeps its references. */
	assert_int_equal(nexthop_references(table, member), 1);
	nexthop_release(table, member);
	nexthop_release(table, nested);
}

/* A worker in an old group finds it, and the nexthops of its paths, as they were. */
static void
test_grace(void **state)
{
	static const uint32_t weights[] = { 1, 3 };
	struct rte_rcu_qsbr *rcu = model_rcu_create();
	struct nexthop_table *table = nexthop_table_create(rcu, 64, -1);
	const struct nexthop *nexthops = nexthop_table_array(table);
	const struct nexthop_group *group;
	uint32_t id, first;

	group = group_create(table, weights, 2, &id);
	first = group->paths[0].nexthop;
	nexthop_release(table, id);
	for (unsigned i = 0; i < 8; i++)
		path(table);
	assert_ptr_equal(nexthops[id].group, group);
	assert_int_equal(nexthops[id].type, NEXTHOP_GROUP);
	assert_int_equal(group->paths[0].nexthop, first);
	assert_int_equal(nexthops[first].type, NEXTHOP_UNRESOLVED);
	rte_rcu_qsbr_quiescent(rcu, 0);
	path(table);
	assert_null(nexthops[id].group);
	nexthop_table_destroy(table);
	free(rcu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_weights, setup, teardown),
		cmocka_unit_test_setup_teardown(test_equal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_single, setup, teardown),
		cmocka_unit_test_setup_teardown(test_largest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_bias, setup, teardown),
		cmocka_unit_test_setup_teardown(test_references, setup, teardown),
		cmocka_unit_test_setup_teardown(test_invalid, setup, teardown),
		cmocka_unit_test(test_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
