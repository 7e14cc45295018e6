/* SPDX-License-Identifier: BSD-3-Clause */
/* What may be a slip of the finger, and what is another word. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cli/similar.h"

static void
test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} cases[] = {
		{ "", "", 0 },
		{ "", "route", 5 },
		{ "route", "route", 0 },
		{ "rotue", "route", 1 }, /* swapped */
		{ "rout", "route", 1 },
		{ "routes", "route", 1 },
		{ "roude", "route", 1 },
		{ "oruet", "route", 2 },
		{ "ca", "abc", 3 }, /* no letter is touched twice */
		{ "kitten", "sitting", 3 },
	};
	char longest[CLI_SIMILAR_LENGTH_MAX + 1] = "", too_long[CLI_SIMILAR_LENGTH_MAX + 2] = "";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cli_similar_distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(cli_similar_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
	memset(longest, 'a', sizeof(longest) - 1);
	memset(too_long, 'a', sizeof(too_long) - 1);
	assert_int_equal(cli_similar_distance(longest, "a"), sizeof(longest) - 2);
	assert_int_equal(cli_similar_distance(too_long, too_long), UINT_MAX);
}

static void
test_similar(void **state)
{
	assert_true(cli_similar("adr", "addr"));
	assert_true(cli_similar("ruote", "route"));
	assert_true(cli_similar("neihg", "neigh"));
	assert_true(cli_similar("shwo", "show"));
	assert_true(cli_similar("shut", "shutdown"));
	assert_false(cli_similar("sh", "shutdown"));
	assert_false(cli_similar("ip", "mld"));
	assert_false(cli_similar("add", "del"));
	assert_false(cli_similar("quit", "route"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_similar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
