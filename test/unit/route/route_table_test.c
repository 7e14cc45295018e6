/* SPDX-License-Identifier: BSD-3-Clause */
/* The RIB: sources, longest match, order, references, and the FIBs against the naive model. */
#include "unit/route/route_model.h"

#include <errno.h>

#include "route/fib4.h"
#include "route/fib6.h"
#include "route/route.h"

struct fixture {
	struct nexthop_table *nexthops;
	struct route_table *table;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->nexthops = nexthop_table_create(NULL, 2048, -1);
	assert_non_null(fixture->nexthops);
	fixture->table = route_table_create(NULL, fixture->nexthops, -1);
	assert_non_null(fixture->table);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	route_table_destroy(fixture->table);
	/* All references were given back. */
	assert_int_equal(nexthop_next(fixture->nexthops, NEXTHOP_ID_FIRST_FREE), UINT32_MAX);
	nexthop_table_destroy(fixture->nexthops);
	free(fixture);
	return 0;
}

static uint32_t
gateway(struct fixture *fixture, uint32_t host)
{
	const struct nexthop_link link = { .iface = 1, .mtu = 1500 };
	struct ip_addr addr = model_parse_addr("192.0.0.0");
	uint32_t id;

	addr.bytes[2] = host >> 8;
	addr.bytes[3] = host & 0xff;
	assert_int_equal(nexthop_gateway(fixture->nexthops, &link, &addr, false, &id, NULL), 0);
	return id;
}

static int
insert(struct fixture *fixture, const char *text, enum route_source source, uint32_t nexthop)
{
	struct ip_prefix prefix = model_parse(text);

	return route_insert(fixture->table, &prefix, source, nexthop, NULL);
}

static int
remove_text(struct fixture *fixture, const char *text, enum route_source source)
{
	struct ip_prefix prefix = model_parse(text);

	return route_remove(fixture->table, &prefix, source, NULL);
}

/* What the FIB answers; the RIB must agree. */
static uint32_t
lookup(struct fixture *fixture, const struct ip_addr *addr)
{
	const uint8_t *dst = addr->bytes;
	struct route route;
	uint32_t dst_be;
	uint32_t id;

	if (addr->family == IP_FAMILY_4) {
		memcpy(&dst_be, dst, sizeof(dst_be));
		fib4_lookup_bulk(route_table_fib4(fixture->table), &dst_be, &id, 1);
	} else {
		fib6_lookup_bulk(route_table_fib6(fixture->table), &dst, &id, 1);
	}
	if (route_lookup(fixture->table, addr, &route) < 0)
		route.nexthop = NEXTHOP_ID_NO_ROUTE;
	else
		assert_true(route.active && ip_prefix_contains(&route.prefix, addr));
	assert_int_equal(id, route.nexthop);
	return id;
}

static uint32_t
lookup_text(struct fixture *fixture, const char *text)
{
	struct ip_addr addr = model_parse_addr(text);

	return lookup(fixture, &addr);
}

static void
test_sources(void **state)
{
	struct fixture *f = *state;
	uint32_t connected = gateway(f, 1), fixed = gateway(f, 2), neighbour = gateway(f, 3);
	struct ip_prefix prefix = model_parse("10.0.0.0/24");
	struct route route;

	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_NEIGHBOUR, neighbour), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), neighbour);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_CONNECTED, connected), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), connected);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_STATIC, fixed), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), connected);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_STATIC, fixed), -EEXIST);
	assert_int_equal(route_find(f->table, &prefix, ROUTE_STATIC, &route), 0);
	assert_false(route.active);
	assert_int_equal(route.nexthop, fixed);
	assert_int_equal(route_find(f->table, &prefix, ROUTE_CONNECTED, &route), 0);
	assert_true(route.active);
	assert_int_equal(route_find(f->table, &prefix, ROUTE_LOCAL, &route), -ENOENT);
	/* An inactive one goes without a trace, the active one hands over to the next. */
	assert_int_equal(remove_text(f, "10.0.0.0/24", ROUTE_CONNECTED), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), fixed);
	assert_int_equal(remove_text(f, "10.0.0.0/24", ROUTE_NEIGHBOUR), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), fixed);
	assert_int_equal(remove_text(f, "10.0.0.0/24", ROUTE_STATIC), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), NEXTHOP_ID_NO_ROUTE);
	assert_int_equal(remove_text(f, "10.0.0.0/24", ROUTE_STATIC), -ENOENT);
}

static void
test_replace(void **state)
{
	struct fixture *f = *state;
	uint32_t first = gateway(f, 1), second = gateway(f, 2);
	struct ip_prefix prefix = model_parse("10.0.0.0/25");
	struct route_table_stats stats;

	assert_int_equal(route_replace(f->table, &prefix, ROUTE_STATIC, first, NULL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), first);
	assert_int_equal(route_replace(f->table, &prefix, ROUTE_STATIC, second, NULL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), second);
	assert_int_equal(nexthop_references(f->nexthops, first), 0);
	/* Under a better one: kept, not shown. */
	assert_int_equal(insert(f, "10.0.0.0/25", ROUTE_LOCAL, NEXTHOP_ID_LOCAL), 0);
	first = gateway(f, 3);
	assert_int_equal(route_replace(f->table, &prefix, ROUTE_STATIC, first, NULL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), NEXTHOP_ID_LOCAL);
	route_table_stats(f->table, &stats);
	assert_int_equal(stats.routes4, 2);
	assert_int_equal(stats.fib4_blocks, 1);
	assert_int_equal(remove_text(f, "10.0.0.0/25", ROUTE_LOCAL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), first);
	/* With itself: the caller's reference takes the place of the old one. */
	nexthop_hold(f->nexthops, first);
	assert_int_equal(route_replace(f->table, &prefix, ROUTE_STATIC, first, NULL), 0);
	assert_int_equal(nexthop_references(f->nexthops, first), 1);
}

static void
test_invalid(void **state)
{
	struct fixture *f = *state;
	struct ip_prefix prefix = { .addr.family = IP_FAMILY_NONE };
	struct error err = { 0 };

	assert_int_equal(insert(f, "10.0.0.1/24", ROUTE_STATIC, NEXTHOP_ID_LOCAL), -EINVAL);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_STATIC, NEXTHOP_ID_NO_ROUTE), -EINVAL);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_STATIC, 100), -EINVAL);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_STATIC, UINT32_MAX), -EINVAL);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_SOURCE_COUNT, NEXTHOP_ID_LOCAL), -EINVAL);
	assert_int_equal(
		route_insert(f->table, &prefix, ROUTE_STATIC, NEXTHOP_ID_LOCAL, &err), -EINVAL);
	assert_int_equal(err.errnum, EINVAL);
	prefix = model_parse("10.0.0.0/24");
	prefix.length = 33;
	assert_int_equal(
		route_insert(f->table, &prefix, ROUTE_STATIC, NEXTHOP_ID_LOCAL, NULL), -EINVAL);
	assert_int_equal(lookup_text(f, "10.0.0.1"), NEXTHOP_ID_NO_ROUTE);
}

static void
test_full(void **state)
{
	struct fixture *f = *state;
	/* Only the FIB's limit is lowered. */
	struct fib4 *fib = (struct fib4 *)(uintptr_t)route_table_fib4(f->table);
	struct ip_prefix prefix = model_parse("10.0.1.0/25");
	struct error err = { 0 };
	struct route route = { 0 };
	uint32_t id = gateway(f, 1);

	fib->trie.block_max = 1;
	assert_int_equal(insert(f, "10.0.0.0/25", ROUTE_STATIC, NEXTHOP_ID_LOCAL), 0);
	assert_int_equal(route_insert(f->table, &prefix, ROUTE_STATIC, id, &err), -ENOSPC);
	assert_string_equal(err.text, "the FIB is full: no block left for 10.0.1.0/25");
	assert_int_equal(route_find(f->table, &prefix, ROUTE_STATIC, &route), -ENOENT);
	assert_int_equal(nexthop_references(f->nexthops, id), 1);
	assert_int_equal(lookup_text(f, "10.0.1.0"), NEXTHOP_ID_NO_ROUTE);
	nexthop_release(f->nexthops, id);
	fib->trie.block_max = FIB4_BLOCK_MAX;
}

static void
test_next(void **state)
{
	static const struct {
		const char *prefix;
		enum route_source source;
	} order[] = {
		{ "0.0.0.0/0", ROUTE_STATIC },
		{ "10.0.0.0/8", ROUTE_STATIC },
		{ "10.0.0.0/24", ROUTE_LOCAL },
		{ "10.0.0.0/24", ROUTE_STATIC },
		{ "10.0.0.0/24", ROUTE_NEIGHBOUR },
		{ "10.0.0.0/32", ROUTE_LOCAL },
		{ "10.0.1.0/24", ROUTE_LOCAL },
		{ "255.255.255.255/32", ROUTE_LOCAL },
		{ "::/0", ROUTE_STATIC },
		{ "::/128", ROUTE_LOCAL },
		{ "ff00::/8", ROUTE_LOCAL },
	};
	struct fixture *f = *state;
	struct route route = { 0 };
	unsigned count = sizeof(order) / sizeof(order[0]);

	assert_int_equal(route_next(f->table, &route), -ENOENT);
	for (unsigned i = 0; i < count; i++) {
		unsigned at = i * 7 % count;

		assert_int_equal(
			insert(f, order[at].prefix, order[at].source, NEXTHOP_ID_LOCAL), 0);
	}
	for (unsigned i = 0; i < count; i++) {
		struct ip_prefix prefix = model_parse(order[i].prefix);

		assert_int_equal(route_next(f->table, &route), 0);
		assert_int_equal(ip_prefix_compare(&route.prefix, &prefix), 0);
		assert_int_equal(route.source, order[i].source);
		assert_int_equal(route.active, i != 3 && i != 4);
	}
	assert_int_equal(route_next(f->table, &route), -ENOENT);
	/* From a prefix that is gone. */
	route = (struct route){ .prefix = model_parse("10.0.0.128/25"), .source = ROUTE_STATIC };
	assert_int_equal(route_next(f->table, &route), 0);
	assert_int_equal(route.prefix.addr.bytes[2], 1);
}

static void
model_step(struct fixture *f, struct model *model, uint8_t family)
{
	struct ip_prefix prefix = model_prefix(model, family);
	struct model_route *route = model_find(model, &prefix);
	uint32_t nexthop;

	if (model->count > 0 && model_below(model, 300) < model->count)
		route = &model->routes[model_below(model, model->count)];
	if (route != NULL && model_below(model, 4) != 0) {
		prefix = route->prefix;
		assert_int_equal(route_remove(f->table, &prefix, ROUTE_STATIC, NULL), 0);
		model_remove(model, route);
		return;
	}
	nexthop = gateway(f, model_below(model, 1000));
	if (route == NULL) {
		assert_int_equal(route_insert(f->table, &prefix, ROUTE_STATIC, nexthop, NULL), 0);
	} else {
		prefix = route->prefix;
		assert_int_equal(route_replace(f->table, &prefix, ROUTE_STATIC, nexthop, NULL), 0);
	}
	model_insert(model, &prefix, nexthop);
}

/* Both families in one table: they do not meet. */
static void
test_model(void **state)
{
	struct fixture *f = *state;
	struct model *models = calloc(2, sizeof(*models));
	struct route_table_stats stats;

	assert_non_null(models);
	models[0].seed = 40;
	models[1].seed = 60;
	for (unsigned step = 0; step < 60000; step++) {
		struct model *model = &models[step % 2];
		uint8_t family = step % 2 == 0 ? IP_FAMILY_4 : IP_FAMILY_6;

		model_step(f, model, family);
		for (unsigned i = 0; i < 4; i++) {
			struct ip_addr addr = model_probe(model, family);

			assert_int_equal(lookup(f, &addr), model_nexthop(model, &addr));
		}
	}
	route_table_stats(f->table, &stats);
	assert_int_equal(stats.routes4, models[0].count);
	assert_int_equal(stats.routes6, models[1].count);
	assert_true(stats.fib4_blocks > 0 && stats.fib6_blocks > 0);
	for (unsigned m = 0; m < 2; m++) {
		for (uint32_t i = 0; i < models[m].count; i++) {
			const struct ip_prefix *prefix = &models[m].routes[i].prefix;

			assert_int_equal(route_remove(f->table, prefix, ROUTE_STATIC, NULL), 0);
		}
	}
	route_table_stats(f->table, &stats);
	assert_int_equal(stats.routes4 + stats.routes6, 0);
	assert_int_equal(stats.fib4_blocks + stats.fib6_blocks, 0);
	free(models);
}

static void
test_source_names(void **state)
{
	assert_string_equal(route_source_name(ROUTE_LOCAL), "local");
	assert_string_equal(route_source_name(ROUTE_NEIGHBOUR), "neighbour");
}

static int
set_metric(struct fixture *f, const char *text, uint32_t metric, uint32_t nexthop, bool replace)
{
	const struct route route = { .prefix = model_parse(text),
		.source = ROUTE_STATIC,
		.metric = metric,
		.nexthop = nexthop };

	return route_set(f->table, &route, replace, NULL);
}

/* The lowest of several is in use, whatever the order in which they come and go. */
static void
test_metrics(void **state)
{
	struct fixture *f = *state;
	const struct ip_prefix prefix = model_parse("10.0.0.0/24");
	uint32_t ids[5];
	struct route route = { 0 };
	struct route_table_stats stats;

	for (uint32_t i = 0; i < 5; i++)
		ids[i] = gateway(f, i + 1);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 20, ids[2], false), 0);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 30, ids[3], false), 0);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 10, ids[1], false), 0);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 30, ids[3], false), -EEXIST);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 10, ids[1], false), -EEXIST);
	assert_int_equal(insert(f, "10.0.0.0/24", ROUTE_NEIGHBOUR, ids[4]), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), ids[1]);
	/* In order, with what is behind them. */
	for (uint32_t i = 1; i < 5; i++) {
		assert_int_equal(route_next(f->table, &route), 0);
		assert_int_equal(route.nexthop, ids[i]);
		assert_int_equal(route.metric, i < 4 ? i * 10 : 0);
		assert_int_equal(route.active, i == 1);
	}
	assert_int_equal(route_next(f->table, &route), -ENOENT);
	/* One that waits is replaced; one that is not there is not removed. */
	assert_int_equal(set_metric(f, "10.0.0.0/24", 30, ids[0], true), 0);
	assert_int_equal(route_find_metric(f->table, &prefix, 30, &route), 0);
	assert_int_equal(route.nexthop, ids[0]);
	assert_int_equal(route_find_metric(f->table, &prefix, 15, &route), -ENOENT);
	assert_int_equal(route_remove_metric(f->table, &prefix, 15, NULL), -ENOENT);
	route_table_stats(f->table, &stats);
	assert_int_equal(stats.routes4, 4);
	assert_int_equal(route_remove_metric(f->table, &prefix, 20, NULL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), ids[1]);
	assert_int_equal(route_remove(f->table, &prefix, ROUTE_STATIC, NULL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), ids[0]);
	assert_int_equal(route_remove_metric(f->table, &prefix, 30, NULL), 0);
	assert_int_equal(lookup_text(f, "10.0.0.1"), ids[4]);
	/* Only static routes have one. */
	assert_int_equal(route_set(f->table,
				 &(struct route){ .prefix = prefix,
					 .source = ROUTE_CONNECTED,
					 .metric = 1,
					 .nexthop = ids[4] },
				 false, NULL),
		-EINVAL);
	/* What waits at the end goes with the table. */
	assert_int_equal(set_metric(f, "10.1.0.0/24", 20, NEXTHOP_ID_BLACKHOLE, false), 0);
	assert_int_equal(set_metric(f, "10.1.0.0/24", 30, NEXTHOP_ID_BLACKHOLE, false), 0);
}

/* What has to be looked at again after a change: all of it, or that there was too much. */
static void
test_changes(void **state)
{
	struct fixture *f = *state;
	struct route_changes changes;

	route_changes_take(f->table, &changes);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 20, NEXTHOP_ID_BLACKHOLE, false), 0);
	assert_int_equal(set_metric(f, "10.0.0.0/24", 30, NEXTHOP_ID_BLACKHOLE, false), 0);
	route_changes_take(f->table, &changes);
	assert_int_equal(changes.count, 1);
	assert_int_equal(changes.prefixes[0].length, 24);
	assert_int_equal(remove_text(f, "10.0.0.0/24", ROUTE_STATIC), 0);
	assert_int_equal(remove_text(f, "10.0.0.0/24", ROUTE_STATIC), 0);
	route_changes_take(f->table, &changes);
	assert_int_equal(changes.count, 2);
	route_changes_take(f->table, &changes);
	assert_int_equal(changes.count, 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(set_metric(f, "10.0.0.0/24", 20, NEXTHOP_ID_BLACKHOLE, true), 0);
	route_changes_take(f->table, &changes);
	assert_int_equal(changes.count, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replace, setup, teardown),
		cmocka_unit_test_setup_teardown(test_invalid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_next, setup, teardown),
		cmocka_unit_test_setup_teardown(test_model, setup, teardown),
		cmocka_unit_test(test_source_names),
		cmocka_unit_test_setup_teardown(test_metrics, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
