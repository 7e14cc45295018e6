/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 bulk lookups: every count, against single ones, and while routes change. */
#include "unit/route/route_model.h"

#include "route/fib4.h"
#include "unit/route/route_churn.h"

static void
insert(struct route_table *table, const char *text, uint32_t nexthop)
{
	struct ip_prefix prefix = model_parse(text);

	assert_int_equal(route_insert(table, &prefix, ROUTE_STATIC, nexthop, NULL), 0);
}

/* Each count up to 130, at the ends of the prefixes; nothing is written behind. */
static void
test_bulk(void **state)
{
	static const struct {
		const char *addr;
		uint32_t nexthop;
	} cases[] = {
		{ "0.0.0.0", NEXTHOP_ID_BLACKHOLE },
		{ "9.255.255.255", NEXTHOP_ID_BLACKHOLE },
		{ "10.0.0.0", NEXTHOP_ID_LOCAL },
		{ "10.1.2.127", NEXTHOP_ID_LOCAL },
		{ "10.1.2.128", NEXTHOP_ID_UNREACHABLE },
		{ "10.1.2.255", NEXTHOP_ID_UNREACHABLE },
		{ "10.1.3.0", NEXTHOP_ID_LOCAL },
		/* In a block, but not in its route. */
		{ "20.1.1.0", NEXTHOP_ID_BLACKHOLE },
		{ "20.1.1.1", NEXTHOP_ID_LOCAL },
		{ "255.255.255.255", NEXTHOP_ID_BLACKHOLE },
	};
	const unsigned case_count = sizeof(cases) / sizeof(cases[0]);
	struct nexthop_table *nexthops = nexthop_table_create(NULL, 64, -1);
	struct route_table *table = route_table_create(NULL, nexthops, -1);
	const struct fib4 *fib = route_table_fib4(table);
	uint32_t dst[130], ids[131];

	insert(table, "0.0.0.0/0", NEXTHOP_ID_BLACKHOLE);
	insert(table, "10.0.0.0/8", NEXTHOP_ID_LOCAL);
	insert(table, "10.1.2.128/25", NEXTHOP_ID_UNREACHABLE);
	insert(table, "20.1.1.1/32", NEXTHOP_ID_LOCAL);
	for (unsigned i = 0; i < 130; i++) {
		struct ip_addr addr = model_parse_addr(cases[i % case_count].addr);

		memcpy(&dst[i], addr.bytes, 4);
	}
	for (unsigned count = 0; count <= 130; count++) {
		memset(ids, 0xee, sizeof(ids));
		fib4_lookup_bulk(fib, dst, ids, count);
		for (unsigned i = 0; i < count; i++)
			assert_int_equal(ids[i], cases[i % case_count].nexthop);
		assert_int_equal(ids[count], 0xeeeeeeee);
	}
	route_table_destroy(table);
	nexthop_table_destroy(nexthops);
}

static void
test_empty(void **state)
{
	struct nexthop_table *nexthops = nexthop_table_create(NULL, 64, -1);
	struct route_table *table = route_table_create(NULL, nexthops, -1);
	const uint32_t dst[2] = { 0, UINT32_MAX };
	uint32_t ids[2] = { 9, 9 };

	fib4_lookup_bulk(route_table_fib4(table), dst, ids, 2);
	assert_int_equal(ids[0], NEXTHOP_ID_NO_ROUTE);
	assert_int_equal(ids[1], NEXTHOP_ID_NO_ROUTE);
	route_table_destroy(table);
	nexthop_table_destroy(nexthops);
}

static uint32_t churn_dst[CHURN_ADDRS];

static void
churn_lookup(const struct churn *churn, uint32_t *ids)
{
	fib4_lookup_bulk(route_table_fib4(churn->table), churn_dst, ids, CHURN_ADDRS);
}

static void
test_churn(void **state)
{
	struct churn *churn = churn_create(44);

	churn->lookup = churn_lookup;
	churn->prefixes[0] = model_parse("10.0.0.0/8");
	churn->prefixes[1] = model_parse("10.85.85.64/27");
	churn_fill(churn);
	for (unsigned i = 0; i < CHURN_ADDRS; i++)
		memcpy(&churn_dst[i], churn->addrs[i].bytes, 4);
	churn_run(churn);
	churn_destroy(churn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_churn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
