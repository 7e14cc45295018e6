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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_others_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_that_leaves, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
