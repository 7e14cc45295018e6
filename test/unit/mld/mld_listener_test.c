/* SPDX-License-Identifier: BSD-3-Clause */
/* When which groups are reported: changes, answers to queries, and older queriers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "mld/mld.h"

static struct ip_addr
group(unsigned n)
{
	return (struct ip_addr){ IP_FAMILY_6, { 0xff, 0x02, [11] = 1, 0xff, [15] = (uint8_t)n } };
}

/* Listen to groups 1 to `count`. */
static void
listen(struct mld_listener *l, unsigned count, uint64_t now_ms)
{
	struct ip_addr groups[MLD_GROUPS_MAX];

	for (unsigned i = 0; i < count; i++)
		groups[i] = group(i + 1);
	mld_listener_set(l, groups, count, now_ms);
}

/* What is reported now: version, then of each group its record's type: "2: 1=4 2=4". */
static const char *
reported(struct mld_listener *l, uint64_t now_ms, uint32_t random)
{
	static char text[2048];
	struct mld_report report;
	int length = 0;

	if (!mld_listener_tick(l, now_ms, random, &report))
		return "";
	length += snprintf(text, sizeof(text), "%u:", report.version);
	/* In order of the groups. */
	for (unsigned n = 1; n <= MLD_GROUPS_MAX; n++) {
		for (unsigned i = 0; i < report.count; i++) {
			if (report.records[i].group.bytes[15] == n)
				length += snprintf(text + length, sizeof(text) - (size_t)length,
					" %u=%u", n, report.records[i].type);
		}
	}
	return text;
}

static struct mld_listener
quiet_listener(unsigned groups)
{
	struct mld_listener l = { .robustness = 2 };

	listen(&l, groups, 0);
	reported(&l, 0, 0);
	reported(&l, 1, 0);
	assert_string_equal(reported(&l, 5000, 0), "");
	return l;
}

/* RFC 3810 6.1: robustness times, less than a second apart. */
static void
test_changes(void **state)
{
	struct mld_listener l = { .robustness = 2 };

	listen(&l, 2, 1000);
	assert_string_equal(reported(&l, 1000, 699), "2: 1=4 2=4");
	assert_string_equal(reported(&l, 1699, 0), "");
	assert_string_equal(reported(&l, 1700, 0), "2: 1=4 2=4");
	assert_string_equal(reported(&l, 9000, 0), "");
	/* The same again is no change. */
	listen(&l, 2, 10000);
	assert_string_equal(reported(&l, 10000, 0), "");
	listen(&l, 1, 11000);
	assert_string_equal(reported(&l, 11000, 0), "2: 2=3");
	/* It comes back before it was left for good. */
	listen(&l, 2, 11001);
	assert_string_equal(reported(&l, 11001, 0), "2: 2=4");
	assert_string_equal(reported(&l, 11002, 0), "2: 2=4");
	listen(&l, 0, 20000);
	assert_string_equal(reported(&l, 20000, 0), "2: 1=3 2=3");
	assert_string_equal(reported(&l, 20001, 0), "2: 1=3 2=3");
	assert_int_equal(l.count, 0);
}

/* All groups change at once: those that are listened to now count, not farewells. */
static void
test_no_place_for_farewells(void **state)
{
	struct mld_listener l = quiet_listener(MLD_GROUPS_MAX);
	struct ip_addr groups[MLD_GROUPS_MAX];
	struct mld_report report;

	for (unsigned i = 0; i < MLD_GROUPS_MAX; i++) {
		groups[i] = group(i + 1);
		groups[i].bytes[14] = 1;
	}
	mld_listener_set(&l, groups, MLD_GROUPS_MAX, 6000);
	assert_true(mld_listener_tick(&l, 6000, 0, &report));
	assert_int_equal(report.count, MLD_GROUPS_MAX);
	for (unsigned i = 0; i < MLD_GROUPS_MAX; i++) {
		assert_int_equal(report.records[i].type, MLD_TO_EXCLUDE);
		assert_true(report.records[i].group.bytes[14] == 1);
	}
}

static void
test_all_nodes_is_not_reported(void **state)
{
	const struct ip_addr all_nodes = { IP_FAMILY_6, { 0xff, 0x02, [15] = 1 } };
	struct mld_listener l = { .robustness = 2 };

	mld_listener_set(&l, &all_nodes, 1, 0);
	assert_string_equal(reported(&l, 0, 0), "");
	assert_int_equal(l.count, 0);
}

static void
test_queries(void **state)
{
	const struct mld_query general = {
		.version = 2, .response_ms = 1000, .group = { .family = IP_FAMILY_6 }
	};
	struct mld_query specific = { .version = 2, .response_ms = 1000, .group = group(2) };
	struct mld_listener l = quiet_listener(3);

	mld_listener_query(&l, &general, 10000, 2500);
	assert_string_equal(reported(&l, 10499, 0), "");
	/* One that would be later is answered by the same report. */
	mld_listener_query(&l, &general, 10400, 900);
	mld_listener_query(&l, &specific, 10400, 900);
	assert_string_equal(reported(&l, 10500, 0), "2: 1=2 2=2 3=2");
	assert_string_equal(reported(&l, 20000, 0), "");
	/* For a group alone; for one that is not listened to. */
	mld_listener_query(&l, &specific, 20000, 100);
	specific.group = group(9);
	mld_listener_query(&l, &specific, 20000, 0);
	assert_string_equal(reported(&l, 20099, 0), "");
	assert_string_equal(reported(&l, 20100, 0), "2: 2=2");
	/* At once, and both sorts: the general answer does not hurry for the other. */
	specific.group = group(1);
	mld_listener_query(&l, &general, 30000, 500);
	mld_listener_query(&l, &specific, 30000, 100);
	assert_string_equal(reported(&l, 30100, 0), "2: 1=2");
	assert_string_equal(reported(&l, 30500, 0), "2: 1=2 2=2 3=2");
	specific.response_ms = 0;
	mld_listener_query(&l, &specific, 40000, 77);
	assert_string_equal(reported(&l, 40000, 0), "2: 1=2");
}

/* The querier's robustness is taken over. */
static void
test_robustness_of_the_querier(void **state)
{
	struct mld_query general = {
		.version = 2, .robustness = 3, .response_ms = 1, .group = { .family = IP_FAMILY_6 }
	};
	struct mld_listener l = quiet_listener(1);

	mld_listener_query(&l, &general, 10000, 0);
	assert_string_equal(reported(&l, 10000, 0), "2: 1=2");
	listen(&l, 2, 11000);
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(reported(&l, 11000 + i, 0), "2: 2=4");
	assert_string_equal(reported(&l, 20000, 0), "");
	/* 5.1.8: one that does not say it leaves it to us. */
	general.robustness = 0;
	mld_listener_query(&l, &general, 30000, 0);
	assert_int_equal(mld_listener_robustness(&l), 2);
}

/* RFC 3810 8.2.1: what is pending is forgotten, and version 1 spoken until its querier is gone. */
static void
test_older_querier(void **state)
{
	const struct mld_query old = {
		.version = 1, .response_ms = 10000, .group = { .family = IP_FAMILY_6 }
	};
	struct mld_listener l = quiet_listener(2);

	listen(&l, 1, 9000);
	assert_string_equal(reported(&l, 9000, 500), "2: 2=3");
	mld_listener_query(&l, &old, 9100, 2000);
	assert_int_equal(l.count, 1);
	assert_int_equal(mld_listener_version(&l, 9100), 1);
	assert_string_equal(reported(&l, 11099, 0), "");
	assert_string_equal(reported(&l, 11100, 0), "1: 1=2");
	listen(&l, 2, 12000);
	assert_string_equal(reported(&l, 12000, 0), "1: 2=4");
	assert_string_equal(reported(&l, 12001, 0), "1: 2=4");
	/* A farewell is said once. */
	listen(&l, 1, 13000);
	assert_string_equal(reported(&l, 13000, 0), "1: 2=3");
	assert_string_equal(reported(&l, 13500, 0), "");
	assert_int_equal(mld_listener_version(&l, 9100 + 2 * 125000 + 9999), 1);
	assert_int_equal(mld_listener_version(&l, 9100 + 2 * 125000 + 10000), 2);
	/* What was still to be said in version 1 is not said in version 2. */
	listen(&l, 2, 9100 + 2 * 125000 + 9000);
	assert_string_equal(reported(&l, 9100 + 2 * 125000 + 9000, 0), "1: 2=4");
	assert_string_equal(reported(&l, 9100 + 2 * 125000 + 10000, 0), "");
	listen(&l, 3, 300000);
	assert_string_equal(reported(&l, 300000, 0), "2: 3=4");
}

/* RFC 2710 4: the groups are not all reported at once. */
static void
test_older_querier_spreads(void **state)
{
	const struct mld_query old = {
		.version = 1, .response_ms = 10000, .group = { .family = IP_FAMILY_6 }
	};
	struct mld_listener l = quiet_listener(20);
	unsigned moments = 0, groups = 0;
	struct mld_report report;

	mld_listener_query(&l, &old, 10000, 12345);
	for (uint64_t now_ms = 10000; now_ms < 20000; now_ms++) {
		if (!mld_listener_tick(&l, now_ms, 0, &report))
			continue;
		assert_int_equal(report.version, 1);
		moments++;
		groups += report.count;
	}
	assert_int_equal(groups, 20);
	assert_in_range(moments, 15, 20);
	(void)state;
}

static void
test_bound(void **state)
{
	struct mld_listener l = { .robustness = 1 };
	struct ip_addr one = group(200);

	listen(&l, MLD_GROUPS_MAX, 0);
	assert_int_equal(l.count, MLD_GROUPS_MAX);
	/* All are left, and still to be said so, when another comes: it takes the place of one. */
	mld_listener_set(&l, &one, 1, 0);
	assert_int_equal(l.count, MLD_GROUPS_MAX);
	reported(&l, 0, 0);
	assert_int_equal(l.count, 1);
	assert_true(ip_addr_equal(&l.groups[0].addr, &one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_no_place_for_farewells),
		cmocka_unit_test(test_all_nodes_is_not_reported),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_robustness_of_the_querier),
		cmocka_unit_test(test_older_querier),
		cmocka_unit_test(test_older_querier_spreads),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
