/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/line.c: words, quotes, comments, and what may not stand in a line. */
#include "cli/line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
split(struct cli_line *line, const char *text)
{
	struct cli_line_fault fault;

	return cli_line_split(line, text, strlen(text), &fault);
}

static void
test_words(void **state)
{
	struct cli_line line;

	assert_int_equal(split(&line, "  route\tadd 10.0.0.0/8  "), 0);
	assert_int_equal(line.count, 3);
	assert_string_equal(line.words[0].text, "route");
	assert_int_equal(line.words[0].offset, 2);
	assert_string_equal(line.words[2].text, "10.0.0.0/8");
	assert_int_equal(line.words[2].length, 10);
	assert_int_equal(line.end, 22);
	cli_line_free(&line);
}

static void
test_quotes(void **state)
{
	struct cli_line line;

	assert_int_equal(split(&line, "\"a b\" c\"d # e\"f \"\" \"q\\\"\\\\\""), 0);
	assert_int_equal(line.count, 4);
	assert_string_equal(line.words[0].text, "a b");
	assert_int_equal(line.words[0].length, 5);
	assert_true(line.words[0].quoted);
	assert_string_equal(line.words[1].text, "cd # ef");
	assert_string_equal(line.words[2].text, "");
	assert_string_equal(line.words[3].text, "q\"\\");
	assert_false(line.open_quote);
	cli_line_free(&line);

	assert_int_equal(split(&line, "a \"b c"), 0);
	assert_true(line.open_quote);
	assert_string_equal(line.words[1].text, "b c");
	cli_line_free(&line);
}

static void
test_comments(void **state)
{
	struct cli_line line;

	assert_int_equal(split(&line, "a b#c # d e"), 0);
	assert_int_equal(line.count, 2);
	assert_string_equal(line.words[1].text, "b#c");
	cli_line_free(&line);
	assert_int_equal(split(&line, "  # nothing"), 0);
	assert_int_equal(line.count, 0);
	cli_line_free(&line);
	assert_int_equal(split(&line, ""), 0);
	assert_int_equal(line.count, 0);
	cli_line_free(&line);
}

static void
test_refuses_control_characters(void **state)
{
	static const char nul[] = "route\0add";
	struct cli_line_fault fault;
	struct cli_line line;

	assert_int_equal(cli_line_split(&line, nul, sizeof(nul) - 1, &fault), -EINVAL);
	assert_int_equal(fault.offset, 5);
	assert_int_equal(split(&line, "a\nb"), -EINVAL);
	assert_int_equal(split(&line, "a\x1b[2J"), -EINVAL);
	assert_int_equal(split(&line, "a\x7f"), -EINVAL);
	assert_int_equal(split(&line, "a\x8a"), -EINVAL);
	assert_int_equal(split(&line, "a\xc3"), -EINVAL);
	assert_int_equal(split(&line, "\xc3\xa9"), 0);
	cli_line_free(&line);
}

static void
test_bounds(void **state)
{
	size_t length = 2 * CLI_LINE_MAX;
	char *text = malloc(length);
	struct cli_line_fault fault;
	struct cli_line line;

	memset(text, 'x', length);
	assert_int_equal(cli_line_split(&line, text, CLI_LINE_MAX + 1, &fault), -EINVAL);
	assert_int_equal(cli_line_split(&line, text, CLI_LINE_MAX, &fault), 0);
	assert_int_equal(line.count, 1);
	cli_line_free(&line);
	for (size_t i = 1; i < length; i += 2)
		text[i] = ' ';
	assert_int_equal(cli_line_split(&line, text, 2 * CLI_WORDS_MAX, &fault), 0);
	assert_int_equal(line.count, CLI_WORDS_MAX);
	cli_line_free(&line);
	assert_int_equal(cli_line_split(&line, text, 2 * CLI_WORDS_MAX + 1, &fault), -EINVAL);
	assert_int_equal(fault.offset, 2 * CLI_WORDS_MAX);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_comments),
		cmocka_unit_test(test_refuses_control_characters),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
