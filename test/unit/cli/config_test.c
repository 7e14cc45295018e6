/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/config.c and its commands: check, load and undo, save, start-up. */
#include "cli/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session.h"
#include "fake_nouns.h"

struct fixture {
	struct fake_daemon daemon;
	struct cli *cli;
	struct strbuf out, errors;
	char directory[64];
	char path[128];
	char text[512]; /* that the expected errors are made in */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->cli = fake_cli_create(&f->daemon);
	strcpy(f->directory, "spate_config_test.XXXXXX");
	*state = f;
	if (f->cli == NULL || mkdtemp(f->directory) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/conf", f->directory);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->directory); /* fails if a temporary file was left behind: see test_save */
	cli_destroy(f->cli);
	strbuf_free(&f->out);
	strbuf_free(&f->errors);
	free(f);
	return 0;
}

static void
write_bytes(struct fixture *f, const char *bytes, size_t length)
{
	FILE *file = fopen(f->path, "w");

	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
	strbuf_reset(&f->out);
	strbuf_reset(&f->errors);
}

static void
write_text(struct fixture *f, const char *text)
{
	write_bytes(f, text, strlen(text));
}

/* "%s" stands for the path, as often as it comes. */
static void
check_errors(struct fixture *f, const char *fmt)
{
	struct strbuf text = STRBUF_INIT;

	for (; *fmt != '\0'; fmt++) {
		if (fmt[0] == '%' && fmt[1] == 's') {
			strbuf_append(&text, f->path);
			fmt++;
		} else {
			strbuf_append_bytes(&text, fmt, 1);
		}
	}
	assert_string_equal(strbuf_text(&f->errors), strbuf_text(&text));
	strbuf_free(&text);
}

static void
check_things(struct fixture *f, const char *expected)
{
	struct strbuf out = STRBUF_INIT;
	struct cli_config_cursor cursor = { 0 };

	while (cli_config_next(f->cli, &cursor, &out))
		continue;
	assert_string_equal(strbuf_text(&out), expected);
	strbuf_free(&out);
}

/* "config check FILE", "config load FILE" */
static int
file_command(struct fixture *f, const char *verb, const char *path)
{
	struct strbuf line = STRBUF_INIT;
	int ret;

	strbuf_printf(&line, "config %s %s", verb, path);
	ret = cli_run(f->cli, &(struct cli_request){ .line = line.text, .length = line.length },
		&f->out, &f->errors);
	strbuf_free(&line);
	return ret;
}

static void
test_check_names_every_bad_line(void **state)
{
	struct fixture *f = *state;

	write_text(f, "thing add a\n# fine\n\nzork\r\nthing add\nconfig save x\nthing add b");
	assert_int_equal(file_command(f, "check", f->path), -EINVAL);
	check_errors(f,
		"%s:4: unknown word \"zork\": expected boot, thing, show, route, wait, config, "
		"help, log or version\n  zork\n  ^^^^\n"
		"%s:5: the command is not complete: expected NAME, a name such as p0: at most 31 "
		"letters, digits or . _ - @, a letter or digit first\n  thing add\n            ^\n"
		"%s:6: \"config save FILE\" is not accepted in a configuration file\n"
		"  config save x\n  ^^^^^^");
	check_things(f, "");
	write_text(f, "thing add a\nboot poll busy");
	assert_int_equal(file_command(f, "check", f->path), 0);
	cli_set_started(f->cli);
	assert_int_equal(file_command(f, "check", f->path), 0);
}

static void
test_check_is_bounded(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w");

	for (unsigned i = 0; i < 100000; i++)
		fputs("zork\n", file);
	fclose(file);
	assert_int_equal(file_command(f, "check", f->path), -EINVAL);
	assert_true(f->errors.length < 10000);
	assert_non_null(strstr(f->errors.text, ":20: "));
	assert_null(strstr(f->errors.text, ":21: "));
	assert_non_null(strstr(f->errors.text, ": 99980 more lines with errors"));
}

static void
test_hostile_files(void **state)
{
	struct fixture *f = *state;
	char *big = malloc(1 << 20);

	write_bytes(f, "thing add a\0b\n", 14);
	assert_int_equal(file_command(f, "check", f->path), -EINVAL);
	assert_non_null(strstr(f->errors.text, ":1: a NUL byte stands in the line"));
	memset(big, 'x', 1 << 20);
	write_bytes(f, big, 1 << 20);
	assert_int_equal(file_command(f, "check", f->path), -EINVAL);
	assert_non_null(strstr(f->errors.text, ":1: the line is longer than"));
	assert_true(f->errors.length < 500);
	memset(big, 0x1b, 1 << 20);
	write_bytes(f, big, 1 << 16);
	assert_int_equal(file_command(f, "check", f->path), -EINVAL);
	assert_null(strchr(f->errors.text, 0x1b));
	write_text(f, "");
	assert_int_equal(file_command(f, "check", f->path), 0);
	free(big);
	strbuf_reset(&f->errors);
	assert_int_equal(file_command(f, "check", f->directory), -EINVAL);
	assert_non_null(strstr(f->errors.text, "is a directory"));
	strbuf_reset(&f->errors);
	assert_int_equal(file_command(f, "check", "/nonexistent"), -EINVAL);
	assert_string_equal(f->errors.text, "/nonexistent: No such file or directory");
	strbuf_reset(&f->errors);
	assert_int_equal(file_command(f, "check", "/dev/zero"), -EINVAL);
	assert_string_equal(f->errors.text, "/dev/zero: is not a regular file");
}

static void
test_load_all(void **state)
{
	struct fixture *f = *state;

	write_text(f, "thing add a # one\nthing add b\r\nthing del a\nthing add c");
	assert_int_equal(file_command(f, "load", f->path), 0);
	check_things(f, "thing add c\nthing add b\n");
}

static void
test_load_or_nothing(void **state)
{
	struct fixture *f = *state;

	strcpy(f->daemon.names[0], "old");
	strcpy(f->daemon.names[1], "older");
	write_text(f, "thing add a\nthing del old\nthing add b\nthing add older\nthing add c\n");
	assert_int_equal(file_command(f, "load", f->path), -EEXIST);
	check_errors(f,
		"%s:4: thing older exists already\n  thing add older\n            ^^^^^\n"
		"%s: the lines before it were undone");
	check_things(f, "thing add old\nthing add older\n");
	/* a line that does not parse: nothing is run at all */
	f->daemon.last[0] = '\0';
	write_text(f, "thing note ran\nzork\n");
	assert_int_equal(file_command(f, "load", f->path), -EINVAL);
	assert_string_equal(f->daemon.last, "");
}

/* While the daemon runs, what is for the start must be as it is; nothing is done otherwise. */
static void
test_load_of_what_is_for_the_start(void **state)
{
	struct fixture *f = *state;

	strcpy(f->daemon.boot, "busy");
	cli_set_started(f->cli);
	write_text(f, "thing add a\nboot poll adaptive\n");
	assert_int_equal(file_command(f, "load", f->path), -EBUSY);
	check_errors(f, "%s:2: it is busy\n  boot poll adaptive\n       ^^^^");
	check_things(f, "");
	assert_int_equal(file_command(f, "check", f->path), 0);
	write_text(f, "thing add a\nboot poll busy\n");
	assert_int_equal(file_command(f, "load", f->path), 0);
	check_things(f, "thing add a\n");
	assert_int_equal(fake_run(f->cli, "boot poll busy", &f->out, &f->errors), -EPERM);
}

static void
test_start_up_in_two_phases(void **state)
{
	struct fixture *f = *state;
	struct cli_config *config;

	write_text(f, "thing add a\nboot poll busy\nthing add b\n");
	config = cli_config_read(f->cli, f->path, &f->errors);
	assert_non_null(config);
	assert_int_equal(cli_config_run(config, f->cli, CLI_CONFIG_START, &f->out, &f->errors), 0);
	assert_string_equal(f->daemon.last, "busy");
	check_things(f, "");
	cli_set_started(f->cli);
	assert_int_equal(cli_config_run(config, f->cli, CLI_CONFIG_REST, &f->out, &f->errors), 0);
	check_things(f, "thing add a\nthing add b\n");
	cli_config_free(config);
}

static int
save(struct fixture *f, const char *path)
{
	snprintf(f->text, sizeof(f->text), "config save %s", path);
	return fake_run(f->cli, f->text, &f->out, &f->errors);
}

static void
test_save(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	strcpy(f->daemon.names[0], "a");
	write_text(f, "what was there before");
	chmod(f->path, 0644);
	assert_int_equal(save(f, f->path), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	f->daemon.names[0][0] = '\0';
	assert_int_equal(file_command(f, "load", f->path), 0);
	check_things(f, "thing add a\n");

	assert_int_equal(save(f, f->directory), -EINVAL);
	assert_int_equal(save(f, "/dev/null"), -EINVAL);
	assert_int_equal(save(f, "/nonexistent/x"), -ENOENT);
	/* nothing else was left in the directory */
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(rmdir(f->directory), 0);
}

/* ---- in slices ---- */

/* A client that waits. */
struct waiter {
	struct cli_session session;
	struct strbuf text;
	int status; /* CLI_PENDING: it has not ended yet */
};

static void
waiter_write(struct cli_session *session, const char *bytes, size_t length)
{
	strbuf_append_bytes(&((struct waiter *)session)->text, bytes, length);
}

static void
waiter_end(struct cli_session *session, int status, const char *text)
{
	((struct waiter *)session)->status = status;
}

static void
waiter_run(struct fixture *f, struct waiter *waiter, const char *line)
{
	struct cli_request request = {
		.line = line, .length = strlen(line), .session = &waiter->session
	};

	*waiter = (struct waiter){ .session = { .write = waiter_write, .end = waiter_end },
		.status = CLI_PENDING };
	strbuf_reset(&f->out);
	assert_int_equal(cli_run(f->cli, &request, &f->out, &f->errors), CLI_PENDING);
}

/* @return how many slices it took */
static unsigned
waiter_wait(struct fixture *f, struct waiter *waiter)
{
	unsigned slices = 0;

	for (; waiter->status == CLI_PENDING; slices++)
		assert_true(cli_poll(f->cli));
	assert_int_equal(waiter->status, 0);
	return slices;
}

static void
test_show_in_slices(void **state)
{
	struct fixture *f = *state;
	struct waiter waiter;

	strcpy(f->daemon.names[0], "long1");
	strcpy(f->daemon.names[1], "long2");
	strcpy(f->daemon.names[2], "c");
	waiter_run(f, &waiter, "config show");
	assert_true(waiter_wait(f, &waiter) >= 3);
	assert_non_null(strstr(waiter.text.text, "thing add long1\n"));
	assert_non_null(strstr(waiter.text.text, "thing add long2\nthing add c\n"));
	assert_null(strstr(waiter.text.text, "changed"));
	strbuf_free(&waiter.text);
	/* What changes meanwhile may be there or not: the reader is told. */
	waiter_run(f, &waiter, "config show");
	cli_poll(f->cli);
	assert_int_equal(fake_run(f->cli, "thing add d", &f->out, &f->errors), 0);
	waiter_wait(f, &waiter);
	assert_non_null(strstr(waiter.text.text, "# This changed while it was printed"));
	strbuf_free(&waiter.text);
	/* Nothing is left of one whose client has gone. */
	waiter_run(f, &waiter, "config show");
	cli_poll(f->cli);
	cli_session_abort(&waiter.session);
	assert_false(cli_poll(f->cli));
	strbuf_free(&waiter.text);
}

static void
test_save_in_slices(void **state)
{
	struct fixture *f = *state;
	struct waiter waiter;

	strcpy(f->daemon.names[0], "long1");
	strcpy(f->daemon.names[1], "long2");
	snprintf(f->text, sizeof(f->text), "config save %s", f->path);
	waiter_run(f, &waiter, f->text);
	assert_true(waiter_wait(f, &waiter) >= 3);
	/* A change is in the file, wherever it comes. */
	waiter_run(f, &waiter, f->text);
	cli_poll(f->cli);
	cli_poll(f->cli);
	assert_int_equal(fake_run(f->cli, "thing add d", &f->out, &f->errors), 0);
	assert_int_equal(fake_run(f->cli, "thing del dev long1", &f->out, &f->errors), 0);
	assert_true(waiter_wait(f, &waiter) >= 2);
	memset(f->daemon.names, 0, sizeof(f->daemon.names));
	assert_int_equal(file_command(f, "load", f->path), 0);
	assert_string_equal(f->daemon.names[0], "long2");
	assert_string_equal(f->daemon.names[1], "d");
	assert_string_equal(f->daemon.names[2], "");
	/* One whose client has gone leaves the old file, and nothing beside it. */
	waiter_run(f, &waiter, f->text);
	cli_poll(f->cli);
	cli_session_abort(&waiter.session);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(rmdir(f->directory), 0);
}

static void
test_relative_paths_start_at_the_client(void **state)
{
	struct fixture *f = *state;
	struct cli_request request = {
		.line = "config save conf", .length = 16, .directory = f->directory
	};

	assert_int_equal(cli_run(f->cli, &request, &f->out, &f->errors), 0);
	assert_int_equal(access(f->path, F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_check_names_every_bad_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_load_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_load_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_load_of_what_is_for_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_start_up_in_two_phases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_save, setup, teardown),
		cmocka_unit_test_setup_teardown(test_show_in_slices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_save_in_slices, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_relative_paths_start_at_the_client, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
