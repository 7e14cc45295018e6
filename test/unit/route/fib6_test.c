/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 bulk lookups: every count, against single ones, and while routes change. */
#include "unit/route/route_model.h"

#include "route/fib6.h"
#include "unit/route/route_churn.h"

static void
insert(struct route_table *table, const char *text, uint32_t nexthop)
{
	struct ip_prefix prefix = model_parse(text);

	assert_int_equal(route_insert(table, &prefix, ROUTE_STATIC, nexthop, NULL), 0);
}

/* Each count up to 130, at the ends of the prefixes and of all depths; nothing is written behind. */
static void
test_bulk(void **state)
{
	static const struct {
		const char *addr;
		uint32_t nexthop;
	} cases[] = {
		{ "::", NEXTHOP_ID_BLACKHOLE },
		{ "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", NEXTHOP_ID_BLACKHOLE },
		{ "2001:db8::", NEXTHOP_ID_LOCAL },
		{ "2001:db8:0:7fff::", NEXTHOP_ID_LOCAL },
		{ "2001:db8:0:8000::", NEXTHOP_ID_UNREACHABLE },
		{ "2001:db8:0:8000:ffff:ffff:ffff:ffff", NEXTHOP_ID_UNREACHABLE },
		{ "2001:db8:0:8001::", NEXTHOP_ID_LOCAL },
		{ "2001:db9::", NEXTHOP_ID_BLACKHOLE },
		/* In the last block, but not in its route. */
		{ "fe80::1", NEXTHOP_ID_BLACKHOLE },
		{ "fe80::2", NEXTHOP_ID_LOCAL },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NEXTHOP_ID_BLACKHOLE },
	};
	const unsigned case_count = sizeof(cases) / sizeof(cases[0]);
	struct nexthop_table *nexthops = nexthop_table_create(NULL, 64, -1);
	struct route_table *table = route_table_create(NULL, nexthops, -1);
	struct fib6 *fib = (struct fib6 *)(uintptr_t)route_table_fib6(table);
	bool avx512 = fib->avx512;
	struct ip_addr addrs[130];
	const uint8_t *dst[130];
	uint32_t ids[131];

	insert(table, "::/0", NEXTHOP_ID_BLACKHOLE);
	insert(table, "2001:db8::/32", NEXTHOP_ID_LOCAL);
	insert(table, "2001:db8:0:8000::/64", NEXTHOP_ID_UNREACHABLE);
	insert(table, "fe80::2/128", NEXTHOP_ID_LOCAL);
	for (unsigned i = 0; i < 130; i++) {
		addrs[i] = model_parse_addr(cases[i % case_count].addr);
		dst[i] = addrs[i].bytes;
	}
	/* By both ways, if this CPU has both. */
	for (unsigned run = 0; run <= 2 * 130; run++) {
		unsigned count = run / 2;

		fib->avx512 = avx512 && run % 2 == 0;
		memset(ids, 0xee, sizeof(ids));
		fib6_lookup_bulk(fib, dst, ids, count);
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
	static const uint8_t zero[16];
	struct nexthop_table *nexthops = nexthop_table_create(NULL, 64, -1);
	struct route_table *table = route_table_create(NULL, nexthops, -1);
	const uint8_t *dst[2] = { zero, zero };
	uint32_t ids[2] = { 9, 9 };

	fib6_lookup_bulk(route_table_fib6(table), dst, ids, 2);
	assert_int_equal(ids[0], NEXTHOP_ID_NO_ROUTE);
	assert_int_equal(ids[1], NEXTHOP_ID_NO_ROUTE);
	route_table_destroy(table);
	nexthop_table_destroy(nexthops);
}

static const uint8_t *churn_dst[CHURN_ADDRS];

static void
churn_lookup(const struct churn *churn, uint32_t *ids)
{
	fib6_lookup_bulk(route_table_fib6(churn->table), churn_dst, ids, CHURN_ADDRS);
}

static void
churn_by(bool scalar)
{
	struct churn *churn = churn_create(66);
	struct fib6 *fib = (struct fib6 *)(uintptr_t)route_table_fib6(churn->table);

	fib->avx512 = fib->avx512 && !scalar;
	churn->lookup = churn_lookup;
	churn->prefixes[0] = model_parse("2001:db8::/32");
	churn->prefixes[1] = model_parse("2001:db8:5555:5500::/59");
	churn_fill(churn);
	for (unsigned i = 0; i < CHURN_ADDRS; i++)
		churn_dst[i] = churn->addrs[i].bytes;
	churn_run(churn);
	churn_destroy(churn);
}

static void
test_churn(void **state)
{
	churn_by(false);
}

static void
test_churn_scalar(void **state)
{
	churn_by(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_churn_scalar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
