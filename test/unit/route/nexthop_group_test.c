/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups: shares, even spread of hashes, references, and paths that come and go. */
#include "unit/route/route_model.h"

#include <errno.h>
#include <pthread.h>

#include "route/nexthop_table.h"

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

/* The share of the buckets that each path has, and that of uniform hashes: right to 1 %. */
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
		double has = (double)buckets[member->nexthop] / group->bucket_count;
		double hit = (double)hits[member->nexthop] / hashes;

		assert_true(has > share * 0.99 && has < share * 1.01);
		assert_true(hit > share * 0.985 && hit < share * 1.015);
	}
}

static void
test_weights(void **state)
{
	static const uint32_t weights[] = { 1, 2, 3, 5, 7, 11, 13 };
	const struct nexthop_group *group;
	uint32_t id;

	group = group_create(*state, weights, 7, &id);
	assert_int_equal(group->bucket_count, 8192);
	assert_shares(group);
	/* Interleaved: the heaviest path is never far away. */
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
	assert_int_equal(group->bucket_count, 512);
	assert_shares(group);
	nexthop_release(*state, id);
}

static void
test_single(void **state)
{
	static const uint32_t weights[] = { 256 };
	const struct nexthop_group *group;
	uint32_t id;

	group = group_create(*state, weights, 1, &id);
	assert_int_equal(group->bucket_count, 1);
	assert_int_equal(nexthop_group_select(group, 0), group->paths[0].nexthop);
	assert_int_equal(nexthop_group_select(group, UINT32_MAX), group->paths[0].nexthop);
	nexthop_release(*state, id);
}

/* As many buckets as there can be: less than one too many or too few for anybody. */
static void
test_largest(void **state)
{
	const struct nexthop_group *group;
	uint32_t weights[NEXTHOP_PATHS_MAX];
	uint32_t buckets[512] = { 0 };
	uint32_t id;

	for (uint32_t i = 0; i < NEXTHOP_PATHS_MAX; i++)
		weights[i] = NEXTHOP_WEIGHT_MAX;
	weights[0] = 1;
	group = group_create(*state, weights, NEXTHOP_PATHS_MAX, &id);
	assert_int_equal(group->bucket_count, 65536);
	for (uint32_t i = 0; i < group->bucket_count; i++)
		buckets[group->buckets[i]]++;
	assert_in_range(buckets[group->paths[0].nexthop], 1, 2);
	for (uint32_t i = 1; i < NEXTHOP_PATHS_MAX; i++)
		assert_in_range(buckets[group->paths[i].nexthop], 256, 258);
	nexthop_release(*state, id);
}

/* ---- paths that come and go ---- */

static uint32_t
path_on(struct nexthop_table *table, const struct nexthop_link *link, unsigned host)
{
	struct ip_addr addr = model_parse_addr("10.0.0.0");
	uint32_t id;

	addr.bytes[3] = (uint8_t)host;
	assert_int_equal(nexthop_gateway(table, link, &addr, true, &id, NULL), 0);
	return id;
}

/* A group of the gateways 10.0.0.`first`.., each on an interface of its own, in place of another. */
static uint32_t
group_like(struct nexthop_table *table, unsigned first, unsigned count, uint32_t like)
{
	struct nexthop_path paths[NEXTHOP_PATHS_MAX];
	uint32_t id;

	for (unsigned i = 0; i < count; i++) {
		const struct nexthop_link link = { .iface = (uint16_t)(first + i), .mtu = 1500 };

		paths[i] = (struct nexthop_path){ path_on(table, &link, first + i), 1 };
	}
	assert_int_equal(nexthop_group_like(table, paths, count, like, &id, NULL), 0);
	return id;
}

static uint32_t
group_of(struct nexthop_table *table, unsigned first, unsigned count)
{
	return group_like(table, first, count, NEXTHOP_ID_NO_ROUTE);
}

static const struct nexthop_group *
group_at(const struct nexthop_table *table, uint32_t id)
{
	return nexthop_group_of(nexthop_get(nexthop_table_array(table), id));
}

#define FLOWS 20000

/* The last byte of the gateway that each flow takes. */
static void
flows_of(const struct nexthop_table *table, uint32_t id, uint8_t gateways[FLOWS])
{
	const struct nexthop *nexthops = nexthop_table_array(table);
	struct model random = { .seed = 99 };

	for (unsigned i = 0; i < FLOWS; i++) {
		uint32_t path =
			nexthop_group_select(group_at(table, id), (uint32_t)model_random(&random));

		gateways[i] = nexthops[path].gateway.bytes[3];
	}
}

static void
test_down(void **state)
{
	struct nexthop_table *table = *state;
	struct ip_addr fourth = model_parse_addr("10.0.0.4");
	uint8_t before[FLOWS], during[FLOWS], after[FLOWS];
	uint32_t id = group_of(table, 1, 8);

	flows_of(table, id, before);
	nexthop_down_set(table, 3, NULL, NEXTHOP_DOWN_LINK, true);
	flows_of(table, id, during);
	for (unsigned i = 0; i < FLOWS; i++) {
		assert_int_not_equal(during[i], 3);
		assert_true(before[i] == 3 || before[i] == during[i]);
	}
	/* Down for two reasons, it is up when both are gone. */
	nexthop_down_set(table, 3, NULL, NEXTHOP_DOWN_IFACE, true);
	nexthop_down_set(table, 3, NULL, NEXTHOP_DOWN_LINK, false);
	flows_of(table, id, after);
	assert_memory_equal(after, during, FLOWS);
	nexthop_down_set(table, 3, NULL, NEXTHOP_DOWN_IFACE, false);
	flows_of(table, id, after);
	assert_memory_equal(after, before, FLOWS);
	/* One gateway of an interface. */
	nexthop_down_set(table, 4, &fourth, NEXTHOP_DOWN_NEIGH, true);
	flows_of(table, id, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_true(before[i] == 4 ? after[i] != 4 : after[i] == before[i]);
	nexthop_release(table, id);
}

/* No better choice: as if none was down. */
static void
test_all_down(void **state)
{
	struct nexthop_table *table = *state;
	uint8_t before[FLOWS], after[FLOWS];
	uint32_t id = group_of(table, 1, 3);

	flows_of(table, id, before);
	for (uint16_t iface = 1; iface <= 3; iface++)
		nexthop_down_set(table, iface, NULL, NEXTHOP_DOWN_IFACE, true);
	flows_of(table, id, after);
	assert_memory_equal(after, before, FLOWS);
	nexthop_down_set(table, 2, NULL, NEXTHOP_DOWN_IFACE, false);
	flows_of(table, id, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(after[i], 2);
	nexthop_release(table, id);
}

/* What is made on an interface that is down is down; so is one more for a gateway that failed. */
static void
test_down_from_birth(void **state)
{
	struct nexthop_table *table = *state;
	struct ip_addr addr = model_parse_addr("10.0.0.9");
	struct nexthop_gateway_key key = { 0 };
	uint32_t attached, first, second;

	assert_int_equal(nexthop_attached(table, &link1, &attached, NULL), 0);
	nexthop_down_set(table, 1, NULL, NEXTHOP_DOWN_LINK, true);
	first = path_on(table, &link1, 9);
	assert_int_equal(nexthop_down(table, first), NEXTHOP_DOWN_LINK);
	nexthop_down_set(table, 1, &addr, NEXTHOP_DOWN_NEIGH, true);
	second = path_on(table, &link1, 9);
	assert_int_equal(nexthop_down(table, second), NEXTHOP_DOWN_LINK | NEXTHOP_DOWN_NEIGH);
	assert_int_equal(nexthop_down(table, attached), NEXTHOP_DOWN_LINK);
	/* Asked once, however many nexthops lead there. */
	assert_int_equal(nexthop_down_next(table, &key), 0);
	assert_true(key.iface == 1 && ip_addr_equal(&key.gateway, &addr));
	assert_int_equal(nexthop_down_next(table, &key), -ENOENT);
	nexthop_release(table, attached);
	nexthop_release(table, first);
	nexthop_release(table, second);
}

/* In place of another group: what both have keeps its flows, with more buckets too. */
static void
test_inherit(void **state)
{
	struct nexthop_table *table = *state;
	uint8_t before[FLOWS], after[FLOWS];
	uint32_t eight = group_of(table, 1, 8);
	uint32_t seven, nine, single;
	unsigned moved = 0;

	flows_of(table, eight, before);
	seven = group_like(table, 1, 7, eight);
	flows_of(table, seven, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_true(before[i] == 8 || before[i] == after[i]);
	nine = group_like(table, 1, 20, eight);
	assert_true(group_at(table, nine)->bucket_count > group_at(table, eight)->bucket_count);
	flows_of(table, nine, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_true(after[i] > 8 || before[i] == after[i]);
	/* In place of a gateway. */
	single = path_on(table, &(struct nexthop_link){ .iface = 2, .mtu = 1500 }, 2);
	nexthop_release(table, seven);
	seven = group_like(table, 1, 4, single);
	flows_of(table, seven, after);
	for (unsigned i = 0; i < FLOWS; i++)
		moved += after[i] != 2;
	assert_in_range(moved, FLOWS * 74 / 100, FLOWS * 76 / 100);
	/* One path of those, and all again: it keeps its part of the flows. */
	nexthop_release(table, single);
	single = group_like(table, 3, 1, eight);
	flows_of(table, single, after);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(after[i], 3);
	nexthop_release(table, seven);
	seven = group_like(table, 1, 4, single);
	flows_of(table, seven, after);
	moved = 0;
	for (unsigned i = 0; i < FLOWS; i++)
		moved += after[i] != 3;
	assert_in_range(moved, FLOWS * 74 / 100, FLOWS * 76 / 100);
	nexthop_release(table, eight);
	nexthop_release(table, seven);
	nexthop_release(table, nine);
	nexthop_release(table, single);
}

struct reader {
	struct rte_rcu_qsbr *rcu;
	bool full; /* atomic: control is about to wait */
};

static void *
reader_run(void *arg)
{
	struct reader *reader = arg;

	while (!__atomic_load_n(&reader->full, __ATOMIC_ACQUIRE))
		rte_pause();
	rte_rcu_qsbr_quiescent(reader->rcu, 0);
	return NULL;
}

/* A worker in the old group finds it as it was until it reports. */
static void
test_down_grace(void **state)
{
	struct rte_rcu_qsbr *rcu = model_rcu_create();
	struct nexthop_table *table = nexthop_table_create(rcu, 64, -1);
	uint32_t id = group_of(table, 1, 2);
	const struct nexthop_group *old = group_at(table, id);
	size_t bytes = nexthop_group_bytes(old);
	struct reader reader = { .rcu = rcu };
	uint32_t first = old->buckets[0];
	pthread_t thread;

	nexthop_down_set(table, 1, NULL, NEXTHOP_DOWN_LINK, true);
	nexthop_down_set(table, 1, NULL, NEXTHOP_DOWN_LINK, false);
	assert_ptr_not_equal(group_at(table, id), old);
	assert_int_equal(old->bucket_count, 512);
	assert_int_equal(old->buckets[0], first);
	nexthop_table_reclaim(table);
	assert_int_equal(table->retired_bytes, 2 * bytes);
	rte_rcu_qsbr_quiescent(rcu, 0);
	nexthop_table_reclaim(table);
	assert_int_equal(table->retired_bytes, 0);
	/* More than can wait: control waits for the worker. */
	assert_int_equal(pthread_create(&thread, NULL, reader_run, &reader), 0);
	for (unsigned i = 0; table->retired_bytes < NEXTHOP_RETIRED_BYTES_MAX; i++)
		nexthop_down_set(table, 1, NULL, NEXTHOP_DOWN_LINK, i % 2 == 0);
	__atomic_store_n(&reader.full, true, __ATOMIC_RELEASE);
	nexthop_down_set(table, 2, NULL, NEXTHOP_DOWN_LINK, true);
	assert_int_equal(table->retired_bytes, bytes);
	pthread_join(thread, NULL);
	nexthop_table_destroy(table);
	free(rcu);
	(void)state;
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

/* A group takes more than its paths, and gives it back. */
static void
test_bytes(void **state)
{
	static const uint32_t weights[] = { 1, 3 };
	struct nexthop_table *table = *state;
	struct nexthop_table_stats paths, all;
	const struct nexthop_group *group;
	uint32_t id, gone[2] = { path(table), path(table) };

	nexthop_table_stats(table, &paths);
	assert_int_equal(paths.used, 2);
	nexthop_release(table, gone[0]);
	nexthop_release(table, gone[1]);
	group = group_create(table, weights, 2, &id);
	nexthop_table_stats(table, &all);
	assert_int_equal(all.used, 3);
	assert_true(all.bytes >= paths.bytes + group->bucket_count * sizeof(group->buckets[0]));
	nexthop_release(table, id);
	nexthop_table_stats(table, &all);
	assert_int_equal(all.used, 0);
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
		cmocka_unit_test_setup_teardown(test_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_down_from_birth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inherit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
		cmocka_unit_test(test_grace),
		cmocka_unit_test(test_down_grace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
