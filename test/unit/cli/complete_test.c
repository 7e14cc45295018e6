/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/complete.c: what Tab and `?` offer at each place of a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli_fixture.h"

static void
check(struct fixture *f, const char *line, int partial, const char *words)
{
	int ret;

	strbuf_reset(&f->out);
	ret = cli_complete(f->cli, line, strlen(line), &f->out);
	if (ret != partial || strcmp(strbuf_text(&f->out), words) != 0)
		fail_msg("\"%s\": %d, %s", line, ret, strbuf_text(&f->out));
}

static void
test_keywords(void **state)
{
	struct fixture *f = *state;

	check(f, "", 0, "boot\nthing\nshow\nroute\nwait\nconfig\nhelp\nlog\nversion\n");
	check(f, "ro", 2, "route\n");
	check(f, "route", 5, "route\n");
	check(f, "route ", 0, "add\ndel\nget\nshow\n");
	check(f, "  r   d", 1, "del\n");
	check(f, "zork", 4, "");
	check(f, "route add ", 0, "");
	check(f, "route add 10.0.0.0/8 ", 0, "via\ndev\nblackhole\nunreachable\n");
	check(f, "route add 10.0.0.0/8 via 10.0.0.2 ", 0, "dev\nweight\nvia\ntable\n");
	check(f, "route add 10.0.0.0/8 via 10.0.0.2 weight 2 ", 0, "dev\nvia\ntable\n");
	check(f, "show ", 0, "thing\nroute\nlog\nversion\n");
	check(f, "route show ipv4 ", 0, "json\n");
}

static void
test_nothing_where_the_line_is_wrong(void **state)
{
	struct fixture *f = *state;

	check(f, "zork ", -EINVAL, "");
	check(f, "route add 10.0.0.300/8 ", -EINVAL, "");
	check(f, "route # ", -EINVAL, "");
	check(f, "route #", -EINVAL, "");
	check(f, "#", -EINVAL, "");
	check(f, "\"ro", 3, ""); /* a quoted word is no keyword */
	check(f, "route \x01 ", -EINVAL, "");
}

static void
test_values(void **state)
{
	struct fixture *f = *state;

	strcpy(f->daemon.names[0], "p0");
	strcpy(f->daemon.names[1], "p1");
	strcpy(f->daemon.names[2], "lo");
	check(f, "thing del ", 0, "dev\np0\np1\nlo\n");
	check(f, "thing del p", 1, "p0\np1\n");
	check(f, "thing del \"p", 2, "p0\np1\n");
	check(f, "log level cl", 2, "cli\n");
	check(f, "log level cli ", 0, "error\nwarning\nnotice\ninfo\ndebug\n");
	check(f, "route get ::1 flow ", 0, "icmp\nudp\ntcp\nsctp\n");
}

static void
test_quoted_blanks_are_one_word(void **state)
{
	struct fixture *f = *state;

	check(f, "config save \"a b # c\" ", 0, "");
	check(f, "thing note \"a b\" ", 0, "");
	check(f, "thing note a b c", 1, "");
}

static void
test_help(void **state)
{
	struct fixture *f = *state;

	cli_help(f->cli, "route ", 6, &f->out);
	assert_non_null(strstr(f->out.text, "  add                     add a route\n"));
	strbuf_reset(&f->out);
	cli_help(f->cli, "route add 10.0.0.0/8 via 10.0.0.2 ", 34, &f->out);
	assert_non_null(strstr(f->out.text, "  via ADDR                the next router\n"));
	assert_non_null(strstr(f->out.text, "  weight N "));
	assert_non_null(strstr(f->out.text, "  <Enter>                 add a route\n"));
	strbuf_reset(&f->out);
	cli_help(f->cli, "route add ", 10, &f->out);
	assert_non_null(strstr(f->out.text, "  PREFIX                  where the route leads\n"));
	strbuf_reset(&f->out);
	assert_true(cli_help(f->cli, "zork ", 5, &f->out) < 0);
}

static void
test_a_long_line(void **state)
{
	struct fixture *f = *state;
	struct strbuf line = STRBUF_INIT;

	strbuf_append(&line, "route add 10.0.0.0/8");
	for (unsigned i = 0; i < 2000; i++)
		strbuf_append(&line, " via 10.0.0.2");
	strbuf_append(&line, " we");
	check(f, line.text, 2, "weight\n");
	strbuf_free(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keywords, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_nothing_where_the_line_is_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quoted_blanks_are_one_word, setup, teardown),
		cmocka_unit_test_setup_teardown(test_help, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_long_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
