/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/syntax.c: which syntax strings compile, and what is said of the others. */
#include "cli/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <bsd/string.h>

static int
compile(const char *syntax, unsigned flags, struct error *err)
{
	struct cli_command command = { .syntax = syntax, .help = "", .flags = flags };
	struct cli_noun noun = { .name = "x", .help = "", .commands = &command, .count = 1 };
	struct cli_graph graph = { 0 };
	int ret;

	*err = (struct error){ 0 };
	ret = cli_graph_add(&graph, &noun, &command, err);
	cli_graph_free(&graph);
	return ret;
}

static void
test_accepts(void **state)
{
	static const char *const good[] = { "x", "x add NAME", "x [a] [b N] c", "x a|b|c PREFIX",
		"x (a B:WORD | c|d) [e]", "x {via ADDR [dev IFACE] [weight N:1-256]} [f]",
		"x SRC:ENDPOINT DST:ENDPOINT", "x [TEXT]", "x (a|b)|(c|d) e", "x note TEXT",
		"x N:0-18446744073709551615" };
	struct error err;

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(compile(good[i], 0, &err), 0);
}

static void
test_refuses(void **state)
{
	static const struct {
		const char *syntax, *fault;
	} bad[] = {
		{ "", "the first word must be the noun" },
		{ "y add", "the first word must be the noun" },
		{ "xadd", "the first word must be the noun" },
		{ "x [a", "closing bracket" },
		{ "x (a]", "a word or a group is missing" },
		{ "x a)", "a word or a group is missing" },
		{ "x []", "a group is empty" },
		{ "x (a | )", "a group is empty" },
		{ "x a|", "a word or a group is missing" },
		{ "x a | b", "need a group" },
		{ "x FOO", "no such argument type" },
		{ "x A:FOO", "no such argument type" },
		{ "x [[a]]", "may match nothing" },
		{ "x {[a]}", "may match nothing" },
		{ "x ([a] | b)", "may match nothing" },
		{ "x {a} {b}", "more than one {..}" },
		{ "x {a {b}}", "more than one {..}" },
		{ "x TEXT more", "TEXT must be the last" },
		{ "x {TEXT}", "TEXT must be the last" },
		{ "x (TEXT | b) c", "TEXT must be the last" },
		{ "x N:5-1", "range is empty" },
		{ "x N:5", "a range is written" },
		{ "x N:0-99999999999999999999999", "too large" },
		{ "x aB", "mixes capitals" },
		{ "x ((((((((((a))))))))))", "nested too deeply" },
		{ "x $", "a word or a group is missing" },
	};
	struct error err;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (compile(bad[i].syntax, 0, &err) != -EINVAL ||
			strstr(err.text, bad[i].fault) == NULL)
			fail_msg("%s: %s", bad[i].syntax, err.text);
	}
}

static void
test_shows_take_json(void **state)
{
	struct error err;

	assert_int_equal(compile("x show [PREFIX]", CLI_SHOW, &err), 0);
	assert_int_equal(compile("x show [TEXT]", CLI_SHOW, &err), -EINVAL);
	assert_non_null(strstr(err.text, "TEXT must be the last"));
}

static void
test_bounds(void **state)
{
	char syntax[2048] = "x";
	struct error err;

	for (unsigned i = 0; i < 65; i++)
		strlcat(syntax, " [a]", sizeof(syntax));
	assert_int_equal(compile(syntax, 0, &err), -EINVAL);
	assert_non_null(strstr(err.text, "64 optional"));
	syntax[1 + 64 * 4] = '\0';
	assert_int_equal(compile(syntax, 0, &err), 0);
	memset(syntax + 1, ' ', sizeof(syntax) - 2);
	assert_int_equal(compile(syntax, 0, &err), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_shows_take_json),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
