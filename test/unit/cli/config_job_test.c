/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/config_job.c: a load in slices, who may do what meanwhile, and who leaves it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session.h"
#include "cli_fixture.h"

#define PATH  "spate_config_job_test.conf"
#define SMALL "spate_config_job_test_small.conf"
#define SAVED "spate_config_job_test_saved.conf"
#define PAIRS 10000 /* of lines, that many slices have to run and take back */

struct client {
	struct cli_session session;
	int status; /* 1: it waits */
	struct strbuf text;
};

static void
client_write(struct cli_session *session, const char *bytes, size_t length)
{
	strbuf_append_bytes(&((struct client *)session)->text, bytes, length);
}

static void
client_end(struct cli_session *session, int status, const char *text)
{
	struct client *client = (struct client *)session;

	client->status = status;
	strbuf_append(&client->text, text);
}

/* @return the status, or CLI_PENDING */
static int
client_run(struct fixture *f, struct client *client, const char *line)
{
	struct cli_request request = {
		.line = line, .length = strlen(line), .session = &client->session
	};

	client->session.write = client_write;
	client->session.end = client_end;
	strbuf_reset(&f->out);
	strbuf_reset(&f->errors);
	client->status = cli_run(f->cli, &request, &f->out, &f->errors);
	return client->status;
}

static void
file_write(const char *path, unsigned pairs, const char *last)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("thing add a\n", file);
	for (unsigned i = 0; i < pairs; i++)
		fputs("thing add c\nthing del c\n", file);
	fputs(last, file);
	fclose(file);
}

static bool
has(const struct fixture *f, const char *name)
{
	for (unsigned i = 0; i < FAKE_NAMES_MAX; i++) {
		if (strcmp(f->daemon.names[i], name) == 0)
			return true;
	}
	return false;
}

/* Start to load; it has done something, and has more to do. */
static void
load_begin(struct fixture *f, struct client *client)
{
	assert_int_equal(client_run(f, client, "config load " PATH), CLI_PENDING);
	while (!has(f, "a"))
		assert_true(cli_poll(f->cli));
	assert_int_equal(client->status, CLI_PENDING);
}

/* While a file is loaded others look, but change nothing; what fails is taken back. */
static void
test_others_meanwhile(void **state)
{
	struct client loader = { 0 }, other = { 0 };
	struct fixture *f = *state;

	file_write(PATH, PAIRS, "thing add a\n");
	file_write(SMALL, 0, "");
	load_begin(f, &loader);
	assert_int_equal(client_run(f, &other, "thing add b"), -EBUSY);
	assert_non_null(strstr(strbuf_text(&f->errors), "a file is being loaded"));
	assert_int_equal(client_run(f, &other, "thing show"), 0);
	assert_int_equal(client_run(f, &other, "help thing"), 0);
	assert_int_equal(client_run(f, &other, "config load " SMALL), CLI_PENDING);
	cli_poll(f->cli);
	assert_int_equal(other.status, -EBUSY);
	assert_int_equal(loader.status, CLI_PENDING);
	while (cli_poll(f->cli))
		continue;
	assert_int_equal(loader.status, -EEXIST);
	assert_non_null(strstr(strbuf_text(&loader.text), PATH ":20002: thing a exists already"));
	assert_non_null(strstr(strbuf_text(&loader.text), "the lines before it were undone"));
	assert_false(has(f, "a"));
	assert_int_equal(client_run(f, &other, "thing add b"), 0);
	strbuf_free(&loader.text);
	strbuf_free(&other.text);
	unlink(PATH);
	unlink(SMALL);
}

/* Whoever leaves does not leave half of it; nor does the daemon wait for that when it ends. */
static void
test_client_that_leaves(void **state)
{
	struct client loader = { 0 }, other = { 0 };
	struct fixture *f = *state;

	file_write(PATH, PAIRS, "");
	load_begin(f, &loader);
	cli_session_abort(&loader.session);
	assert_int_equal(loader.status, -EINTR);
	assert_int_equal(client_run(f, &other, "thing add b"), -EBUSY);
	while (cli_poll(f->cli))
		continue;
	assert_false(has(f, "a"));
	assert_int_equal(client_run(f, &other, "thing add b"), 0);
	load_begin(f, &loader);
	cli_session_abort(&loader.session);
	strbuf_free(&loader.text);
	strbuf_free(&other.text);
	unlink(PATH);
}

static size_t
much_backlog(const struct cli_session *session)
{
	return SIZE_MAX;
}

/* Nor does one that reads nothing: others would be locked out for as long as it likes. */
static void
test_client_that_does_not_read(void **state)
{
	struct client loader = { 0 }, other = { 0 };
	struct fixture *f = *state;

	file_write(PATH, PAIRS, "thing add b\n");
	load_begin(f, &loader);
	loader.session.backlog = much_backlog;
	while (cli_poll(f->cli))
		continue;
	assert_int_equal(loader.status, 0);
	assert_true(has(f, "b"));
	assert_int_equal(client_run(f, &other, "thing add d"), 0);
	strbuf_free(&loader.text);
	strbuf_free(&other.text);
	unlink(PATH);
}

/* What changes the configuration bit by bit, as a load of routes, does not go on between the lines
 * of a file, and a file is not loaded between its bits. */
static void
test_other_loads(void **state)
{
	struct client loader = { 0 }, other = { 0 };
	struct fixture *f = *state;

	file_write(PATH, PAIRS, "");
	file_write(SMALL, 0, "");
	assert_int_equal(client_run(f, &other, "thing fill 4"), CLI_PENDING);
	assert_true(cli_poll(f->cli));
	assert_int_equal(client_run(f, &loader, "config load " SMALL), CLI_PENDING);
	while (other.status == CLI_PENDING)
		assert_true(cli_poll(f->cli));
	assert_int_equal(other.status, 0);
	assert_int_equal(loader.status, -EBUSY);
	assert_non_null(strstr(strbuf_text(&loader.text), "are being loaded: try again"));
	assert_false(has(f, "a"));
	load_begin(f, &loader);
	assert_int_equal(client_run(f, &other, "thing fill 1"), -EBUSY);
	while (cli_poll(f->cli))
		continue;
	assert_int_equal(loader.status, 0);
	strbuf_free(&loader.text);
	strbuf_free(&other.text);
	unlink(PATH);
	unlink(SMALL);
}

static void
assert_saved(const char *path, const char *expected)
{
	char text[256] = { 0 };
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, expected);
	unlink(path);
}

/* A save waits for the end: of a load that is done it has all, of one that is undone nothing. */
static void
test_save_meanwhile(void **state)
{
	static const char *const ends[][2] = {
		{ "thing add b\n", "thing add a\nthing add b\n" },
		{ "thing add b\nthing add a\n", "" },
	};
	struct fixture *f = *state;
	char expected[256];

	for (unsigned i = 0; i < 2; i++) {
		struct client loader = { 0 }, other = { 0 };

		file_write(PATH, PAIRS, ends[i][0]);
		load_begin(f, &loader);
		assert_int_equal(client_run(f, &other, "config save " SAVED), CLI_PENDING);
		while (loader.status == CLI_PENDING) {
			assert_int_not_equal(access(SAVED, F_OK), 0);
			assert_true(cli_poll(f->cli));
		}
		while (other.status == CLI_PENDING)
			assert_true(cli_poll(f->cli));
		assert_int_equal(other.status, 0);
		snprintf(expected, sizeof(expected), "# Written by spated (config save).\n%s",
			ends[i][1]);
		assert_saved(SAVED, expected);
		memset(f->daemon.names, 0, sizeof(f->daemon.names));
		strbuf_free(&loader.text);
		strbuf_free(&other.text);
	}
	unlink(PATH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_others_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_that_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_that_does_not_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_loads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_save_meanwhile, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
