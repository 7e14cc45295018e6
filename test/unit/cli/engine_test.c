/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of lines run through rte_cmdline: matching, arguments, errors and where they point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/session.h"
#include "cli_fixture.h"

/* Runs a line that must succeed, and that must leave `last`. */
static void
check(struct fixture *f, const char *line, const char *last)
{
	f->daemon.last[0] = '\0';
	if (fake_run(f->cli, line, &f->out, &f->errors) != 0)
		fail_msg("%s: %s", line, strbuf_text(&f->errors));
	assert_string_equal(f->daemon.last, last);
}

/* Runs a line that must fail with this whole text. */
static void
check_error(struct fixture *f, const char *line, const char *text)
{
	assert_true(fake_run(f->cli, line, &f->out, &f->errors) < 0);
	assert_string_equal(strbuf_text(&f->errors), text);
	assert_int_equal(f->out.length, 0);
}

static void
test_matches(void **state)
{
	struct fixture *f = *state;

	check(f, "route add 10.0.0.0/8 blackhole", "10.0.0.0/8 blackhole");
	check(f, "\t route  add 2001:db8::/32 blackhole # why", "2001:db8::/32 blackhole");
	check(f, "", "");
	check(f, "# only a comment", "");
	check(f, "route get 10.0.0.1", "10.0.0.1");
	check(f, "route get 10.0.0.1 flow udp 10.0.0.9:4000 192.0.2.1:53",
		"udp 10.0.0.9:4000 192.0.2.1 53");
	check(f, "route get ::1 flow tcp [2001:db8::1]:1 [2001:db8::2]:80",
		"tcp [2001:db8::1]:1 2001:db8::2 80");
	check(f, "route get ::1 flow icmp 10.0.0.9 192.0.2.1", "icmp 10.0.0.9 192.0.2.1 0");
}

static void
test_abbreviations(void **state)
{
	struct fixture *f = *state;

	check(f, "ro sh", "all");
	check(f, "r a 10.0.0.0/8 b t 5", "10.0.0.0/8 blackhole table");
	check(f, "b p b", "busy");
	check_error(f, "r a 10.0.0.0/8 v",
		"the command is not complete: expected ADDR, an address such as 10.0.0.1 or "
		"2001:db8::1\n"
		"  r a 10.0.0.0/8 v\n"
		"                   ^");
	/* t is thing here and table there; s is show alone; `r s` is not ambiguous */
	check(f, "r s", "all");
	check_error(f, "route show 10.0.0.0/8 ip",
		"\"ip\" is ambiguous: it could be ipv4 or ipv6\n"
		"  route show 10.0.0.0/8 ip\n"
		"                        ^^");
	check_error(f, "\"route\" show",
		"unknown word \"route\": expected boot, thing, show, route, wait, config, help, "
		"log or version\n"
		"  \"route\" show\n"
		"  ^^^^^^^");
}

static void
test_show_swapped(void **state)
{
	struct fixture *f = *state;

	check(f, "show route 10.0.0.0/8 ipv6", "10.0.0.0/8 ipv6");
	check(f, "s r", "all");
	assert_non_null(strstr(f->out.text, "PREFIX"));
	check(f, "s r json ipv4", "all ipv4");
	assert_string_equal(f->out.text, "[\n{\"prefix\":\"10.0.0.0/8\",\"metric\":7}\n]\n");
}

static void
test_optionals_in_any_order_once(void **state)
{
	struct fixture *f = *state;

	check_error(f, "route show ipv4 ipv6",
		"unknown word \"ipv6\": expected PREFIX, json or the end of the line\n"
		"  route show ipv4 ipv6\n"
		"                  ^^^^");
	check(f, "route show json 10.0.0.0/8", "10.0.0.0/8");
	check_error(f, "route show ipv4 10.0.0.0/8 json json",
		"unexpected word \"json\": the command is complete before it\n"
		"  route show ipv4 10.0.0.0/8 json json\n"
		"                                  ^^^^");
}

static void
test_groups(void **state)
{
	struct fixture *f = *state;
	struct strbuf line = STRBUF_INIT;

	check(f, "route add 10.0.0.0/8 via 10.0.0.2", "10.0.0.0/8 10.0.0.2/-/1");
	check(f,
		"route add 10.0.0.0/8 via 10.0.0.2 weight 2 dev p0 via ::1 dev p1 via 10.0.0.4 "
		"table 9",
		"10.0.0.0/8 10.0.0.2/p0/2 ::1/p1/1 10.0.0.4/-/1 table");
	check_error(f, "route add 10.0.0.0/8 via 10.0.0.2 weight 2 weight 3",
		"unknown word \"weight\": expected dev, via, table or the end of the line\n"
		"  route add 10.0.0.0/8 via 10.0.0.2 weight 2 weight 3\n"
		"                                             ^^^^^^");
	strbuf_append(&line, "route add 10.0.0.0/8");
	for (unsigned i = 0; i < 2000; i++)
		strbuf_append(&line, " via 10.0.0.2 weight 2");
	assert_int_equal(fake_run(f->cli, line.text, &f->out, &f->errors), 0);
	strbuf_free(&line);
}

static void
test_errors_point(void **state)
{
	struct fixture *f = *state;

	check_error(f, "route add 10.0.0.0/8 blackholx",
		"unknown word \"blackholx\": did you mean \"blackhole\"?\n"
		"  route add 10.0.0.0/8 blackholx\n"
		"                       ^^^^^^^^^");
	check_error(f, "route add 10.0.0.300/8 blackhole",
		"\"10.0.0.300/8\" is not a prefix: expected e.g. 10.0.0.0/8 or 2001:db8::/32\n"
		"  route add 10.0.0.300/8 blackhole\n"
		"            ^^^^^^^^^^^^");
	check_error(f, "route add 10.0.0.0/8 via 10.0.0.2 weight 257",
		"\"257\" is not a number from 1 to 256\n"
		"  route add 10.0.0.0/8 via 10.0.0.2 weight 257\n"
		"                                           ^^^");
	check_error(f, "route add",
		"the command is not complete: expected PREFIX, a prefix such as 10.0.0.0/8 or "
		"2001:db8::/32\n"
		"  route add\n"
		"            ^");
	check_error(f, "thing add \"x", "a quote is not closed\n  thing add \"x\n            ^");
	check_error(f, "thing del nothing",
		"there is no thing nothing\n  thing del nothing\n            ^^^^^^^");
	/* two bytes, one column */
	check_error(f, "thing add \xc3\xa9 x",
		"\"\xc3\xa9\" is not a name: expected e.g. p0: at most 31 letters, digits or . _ - "
		"@, a letter or digit first\n  thing add \xc3\xa9 x\n            ^");
}

static void
test_errors_of_long_lines_stay_short(void **state)
{
	struct fixture *f = *state;
	struct strbuf line = STRBUF_INIT;

	strbuf_append(&line, "thing add ");
	for (unsigned i = 0; i < 60000; i++)
		strbuf_append(&line, "y");
	assert_int_equal(fake_run(f->cli, line.text, &f->out, &f->errors), -EINVAL);
	assert_true(f->errors.length < 500);
	assert_non_null(strstr(f->errors.text, "..."));
	strbuf_reset(&line);
	for (unsigned i = 0; i < 8000; i++)
		strbuf_append(&line, "route ");
	assert_int_equal(fake_run(f->cli, line.text, &f->out, &f->errors), -EINVAL);
	assert_true(f->errors.length < 500);
	/* found by fuzzing: bytes that only seem to continue a character */
	strbuf_reset(&line);
	strbuf_append(&line, "rout");
	for (unsigned i = 0; i < 300; i++)
		strbuf_append(&line, "\x8a");
	strbuf_append(&line, " \xff");
	assert_int_equal(fake_run(f->cli, line.text, &f->out, &f->errors), -EINVAL);
	assert_string_equal(f->errors.text + f->errors.length - 8, "\n      ^");
	strbuf_free(&line);
}

static void
test_known_values_beat_abbreviations(void **state)
{
	struct fixture *f = *state;

	check(f, "thing add d", "");
	check(f, "thing add j", "");
	check(f, "thing add json", "");
	check(f, "thing show j", "");
	assert_string_equal(f->out.text, "NAME  NUMBER\nj          1\n");
	check(f, "thing show json", "");
	assert_string_equal(f->out.text,
		"[\n{\"name\":\"d\",\"number\":0},\n{\"name\":\"j\",\"number\":1},\n"
		"{\"name\":\"json\",\"number\":2}\n]\n");
	check(f, "thing show \"json\"", "");
	assert_string_equal(f->out.text, "NAME  NUMBER\njson       2\n");
	check(f, "thing del d", "");
	check(f, "thing del de j", "");
	check(f, "thing show js", ""); /* no thing js: an abbreviation of json again */
	assert_string_equal(f->out.text, "[\n{\"name\":\"json\",\"number\":2}\n]\n");
}

static void
test_text_takes_the_rest(void **state)
{
	struct fixture *f = *state;

	check(f, "thing note --vdev \"net a\",x=1  -m 512 # comment",
		"--vdev \"net a\",x=1  -m 512");
	check(f, "thing note show", "show");
	check_error(f, "thing note",
		"the command is not complete: expected TEXT, the rest of the line such as any "
		"words\n"
		"  thing note\n"
		"             ^");
}

static void
test_at_start_only(void **state)
{
	struct fixture *f = *state;

	check(f, "boot cores 1-3,5", "cores");
	cli_set_started(f->cli);
	assert_int_equal(fake_run(f->cli, "boot cores 1", &f->out, &f->errors), -EPERM);
	assert_non_null(strstr(f->errors.text, "accepted only at start"));
}

static void
test_failed_show_prints_nothing(void **state)
{
	struct fixture *f = *state;

	check_error(f, "thing fail", "it broke");
	check_error(f, "thing fail json", "it broke");
}

static void
test_pending_needs_a_session(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fake_run(f->cli, "wait", &f->out, &f->errors), -ENOTSUP);
}

static void
test_json_by_request(void **state)
{
	struct fixture *f = *state;
	struct cli_request request = { .line = "show route", .length = 10, .json = true };

	assert_int_equal(cli_run(f->cli, &request, &f->out, &f->errors), 0);
	assert_int_equal(f->out.text[0], '[');
}

static void
test_quote(void **state)
{
	char buf[64];

	assert_string_equal(cli_quote("plain", buf, sizeof(buf)), "plain");
	assert_string_equal(cli_quote("a b", buf, sizeof(buf)), "\"a b\"");
	assert_string_equal(cli_quote("a\"\\", buf, sizeof(buf)), "\"a\\\"\\\\\"");
	assert_string_equal(cli_quote("", buf, sizeof(buf)), "\"\"");
}

static void
test_doc_and_help_know_every_command(void **state)
{
	struct fixture *f = *state;
	struct strbuf doc = STRBUF_INIT;

	cli_doc(f->cli, &doc);
	assert_non_null(strstr(doc.text, "\n## route\n\nthe routes\n"));
	assert_non_null(strstr(doc.text, "\n    route show [PREFIX] [ipv4|ipv6] [json]\n"));
	assert_non_null(strstr(doc.text, "\n- via: the next router\n"));
	strbuf_free(&doc);
	check(f, "help route a", "");
	assert_non_null(strstr(f->out.text, "route add PREFIX"));
	assert_null(strstr(f->out.text, "route del"));
	assert_int_equal(fake_run(f->cli, "help zork", &f->out, &f->errors), -ENOENT);
}

static void
test_log_levels(void **state)
{
	struct fixture *f = *state;

	check(f, "log level cli debug", "");
	check(f, "config show", "");
	assert_string_equal(f->out.text, "log level cli debug\n");
	check(f, "log level cli notice", "");
	check(f, "log level lib.eal warning", "");
	check(f, "log show json", "");
	assert_non_null(strstr(f->out.text, "{\"module\":\"lib.eal\",\"level\":\"warning\""));
	assert_int_equal(
		fake_run(f->cli, "log level lib.zork debug", &f->out, &f->errors), -ENOENT);
	assert_int_equal(fake_run(f->cli, "log level zork debug", &f->out, &f->errors), -ENOENT);
	assert_int_equal(fake_run(f->cli, "log level cli loud", &f->out, &f->errors), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_matches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abbreviations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_show_swapped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_optionals_in_any_order_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_point, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_errors_of_long_lines_stay_short, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_known_values_beat_abbreviations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_takes_the_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_at_start_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_show_prints_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pending_needs_a_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json_by_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quote, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_doc_and_help_know_every_command, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_levels, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
