/* SPDX-License-Identifier: BSD-3-Clause */
/* Tests of cli/server.c and client.c over a real UNIX socket: good clients, slow ones, hostile
 * ones, and those that leave. */
#include "cli/server.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <bsd/string.h>

#include "common/cli_proto.h"
#include "fake_nouns.h"

struct fixture {
	struct fake_daemon daemon;
	struct cli *cli;
	struct cli_server *server;
	char directory[64];
	char path[100];
	struct strbuf out; /* of the last answer */
	struct strbuf error;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };

	f->cli = fake_cli_create(&f->daemon);
	strcpy(f->directory, "spate_server_test.XXXXXX");
	*state = f;
	if (mkdtemp(f->directory) == NULL)
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/run/s.sock", f->directory);
	f->server = cli_server_open(f->cli, f->path, &err);
	if (f->server == NULL)
		fprintf(stderr, "%s\n", err.text);
	return f->server != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	cli_server_close(f->server);
	assert_int_equal(access(f->path, F_OK), -1);
	*strrchr(f->path, '/') = '\0';
	rmdir(f->path);
	rmdir(f->directory);
	cli_destroy(f->cli);
	strbuf_free(&f->out);
	strbuf_free(&f->error);
	free(f);
	return 0;
}

static int
client_connect(const struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strlcpy(addr.sun_path, f->path, sizeof(addr.sun_path));
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void
client_send(int fd, enum cli_proto_type type, const void *body, uint32_t length)
{
	struct cli_proto_header header = { .length = length, .type = type };

	assert_int_equal(send(fd, &header, sizeof(header), MSG_NOSIGNAL), sizeof(header));
	assert_int_equal(send(fd, body, length, MSG_NOSIGNAL), length);
}

static void
client_run(int fd, const char *line)
{
	char body[256];

	snprintf(body, sizeof(body), "%c%s", 0, line);
	body[0] = 0;
	client_send(fd, CLI_PROTO_RUN, body, 1 + strlen(line));
}

/* Receives exactly `length` bytes, letting the server work meanwhile. @return false at EOF */
static bool
client_receive(struct fixture *f, int fd, void *bytes, size_t length)
{
	char *pos = bytes;

	for (unsigned idle = 0; length > 0 && idle < 1000;) {
		ssize_t n = recv(fd, pos, length, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return false;
		if (n > 0) {
			pos += n;
			length -= n;
			continue;
		}
		cli_server_poll(f->server, 1);
		idle++;
	}
	assert_int_equal(length, 0);
	return true;
}

/* Receives an answer to its END. @return the status, or 1 if the server hung up */
static int
client_answer(struct fixture *f, int fd)
{
	struct cli_proto_header header;
	static char body[CLI_PROTO_REPLY_MAX];
	int32_t status;

	strbuf_reset(&f->out);
	strbuf_reset(&f->error);
	for (;;) {
		if (!client_receive(f, fd, &header, sizeof(header)))
			return 1;
		assert_true(header.length <= CLI_PROTO_REPLY_MAX);
		if (!client_receive(f, fd, body, header.length))
			return 1;
		if (header.type == CLI_PROTO_OUTPUT) {
			strbuf_append_bytes(&f->out, body, header.length);
			continue;
		}
		assert_int_equal(header.type, CLI_PROTO_END);
		memcpy(&status, body, sizeof(status));
		strbuf_append_bytes(
			&f->error, body + sizeof(status), header.length - sizeof(status));
		return status;
	}
}

static void
server_settle(struct fixture *f)
{
	for (unsigned i = 0; i < 20; i++)
		cli_server_run(f->server);
}

static void
test_runs_lines(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), other = client_connect(f);

	client_run(fd, "thing add a");
	assert_int_equal(client_answer(f, fd), 0);
	client_run(other, "show thing");
	assert_int_equal(client_answer(f, other), 0);
	assert_string_equal(f->out.text, "NAME  NUMBER\na          0\n");
	client_send(other, CLI_PROTO_RUN, "\1show thing", 11);
	assert_int_equal(client_answer(f, other), 0);
	assert_string_equal(f->out.text, "[\n{\"name\":\"a\",\"number\":0}\n]\n");
	client_run(fd, "thing add a");
	assert_int_equal(client_answer(f, fd), -EEXIST);
	assert_string_equal(f->error.text, "thing a exists already\n  thing add a\n            ^");
	client_send(fd, CLI_PROTO_COMPLETE, "thing a", 7);
	assert_int_equal(client_answer(f, fd), 1);
	assert_string_equal(f->out.text, "add\n");
	client_send(fd, CLI_PROTO_HELP, "thing a", 7);
	assert_int_equal(client_answer(f, fd), 1);
	assert_non_null(strstr(f->out.text, "add a thing"));
	assert_int_equal(cli_server_clients(f->server), 2);
	close(fd);
	server_settle(f);
	assert_int_equal(cli_server_clients(f->server), 1);
	close(other);
}

static void
test_pipelined_requests_in_pieces(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f), sent = 0;
	char bytes[4096];
	size_t length = 0;

	for (unsigned i = 0; i < 8; i++) {
		struct cli_proto_header header = { .type = CLI_PROTO_RUN };
		int n = snprintf(bytes + length + sizeof(header) + 1, 64, "thing add t%u", i);

		header.length = n + 1;
		memcpy(bytes + length, &header, sizeof(header));
		bytes[length + sizeof(header)] = 0;
		length += sizeof(header) + 1 + n;
	}
	for (; sent < (int)length; sent++) {
		assert_int_equal(send(fd, bytes + sent, 1, 0), 1);
		cli_server_run(f->server);
	}
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(client_answer(f, fd), 0);
	assert_string_equal(f->daemon.names[7], "t7");
	close(fd);
}

static void
test_the_socket_is_private(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	/* somebody answers there */
	assert_null(cli_server_open(f->cli, f->path, &err));
	assert_int_equal(err.errnum, EADDRINUSE);
	/* something else is there */
	assert_null(cli_server_open(f->cli, "/dev/null", &err));
	assert_int_equal(err.errnum, EEXIST);
	memset(err.text, 'x', 200);
	err.text[200] = '\0';
	assert_null(cli_server_open(f->cli, err.text, &err));
	assert_int_equal(err.errnum, ENAMETOOLONG);
}

static void
test_a_stale_socket_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct error err = { 0 };
	int fd;

	cli_server_close(f->server);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strlcpy(addr.sun_path, f->path, sizeof(addr.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	f->server = cli_server_open(f->cli, f->path, &err);
	assert_non_null(f->server);
	fd = client_connect(f);
	client_run(fd, "version show");
	assert_int_equal(client_answer(f, fd), 0);
	close(fd);
}

static void
test_pending_ends_later(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_run(fd, "wait");
	client_run(fd, "thing add after"); /* has to wait its turn */
	server_settle(f);
	assert_non_null(f->daemon.pending);
	assert_null(strstr(f->daemon.names[0], "after"));
	cli_session_printf(f->daemon.pending, "tick %u\n", 1);
	cli_session_end(f->daemon.pending, 0, NULL);
	f->daemon.pending = NULL;
	assert_int_equal(client_answer(f, fd), 0);
	assert_string_equal(f->out.text, "waiting\nreally\ntick 1\n");
	assert_int_equal(client_answer(f, fd), 0);
	assert_string_equal(f->daemon.names[0], "after");
	assert_int_equal(f->daemon.aborted, 0);
	close(fd);
}

static void
test_pending_is_aborted(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_send(fd, CLI_PROTO_ABORT, "", 0); /* nothing runs: ignored */
	client_run(fd, "wait");
	server_settle(f);
	client_send(fd, CLI_PROTO_ABORT, "", 0);
	assert_int_equal(client_answer(f, fd), -EINTR);
	assert_string_equal(f->out.text, "waiting\nreally\naborted\n");
	assert_string_equal(f->error.text, "interrupted");
	assert_int_equal(f->daemon.aborted, 1);
	client_run(fd, "version show");
	assert_int_equal(client_answer(f, fd), 0);
	/* it leaves */
	client_run(fd, "wait");
	server_settle(f);
	close(fd);
	server_settle(f);
	assert_int_equal(f->daemon.aborted, 2);
	assert_int_equal(cli_server_clients(f->server), 0);
	/* it says that it will send no more */
	fd = client_connect(f);
	client_run(fd, "wait");
	server_settle(f);
	shutdown(fd, SHUT_WR);
	assert_int_equal(client_answer(f, fd), -EINTR);
	assert_int_equal(f->daemon.aborted, 3);
	close(fd);
	server_settle(f);
	/* the server leaves */
	fd = client_connect(f);
	client_run(fd, "wait");
	server_settle(f);
	cli_server_close(f->server);
	f->server = NULL;
	assert_int_equal(f->daemon.aborted, 4);
	close(fd);
}

static void
test_half_closed_client_gets_its_answer(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_run(fd, "version show");
	shutdown(fd, SHUT_WR);
	assert_int_equal(client_answer(f, fd), 0);
	assert_int_equal(client_answer(f, fd), 1);
	server_settle(f);
	assert_int_equal(cli_server_clients(f->server), 0);
	close(fd);
}

static void
test_garbage_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	static const struct cli_proto_header bad[] = {
		{ .length = CLI_PROTO_REQUEST_MAX + 1, .type = CLI_PROTO_RUN },
		{ .length = UINT32_MAX, .type = CLI_PROTO_RUN },
		{ .length = 0, .type = CLI_PROTO_RUN },
		{ .length = 1, .type = 'x' },
		{ .length = 1, .type = CLI_PROTO_OUTPUT },
		{ .length = 4, .type = CLI_PROTO_END },
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = client_connect(f);

		assert_int_equal(send(fd, &bad[i], sizeof(bad[i]), 0), sizeof(bad[i]));
		assert_int_equal(client_answer(f, fd), -EPROTO);
		assert_int_equal(client_answer(f, fd), 1);
		close(fd);
	}
	server_settle(f);
	assert_int_equal(cli_server_clients(f->server), 0);
}

static void
test_random_bytes(void **state)
{
	struct fixture *f = *state;
	unsigned seed = 1;

	for (unsigned round = 0; round < 200; round++) {
		static const char types[] = "RCHDA";
		int fd = client_connect(f);
		char body[300];

		for (unsigned i = 0; i < sizeof(body); i++)
			body[i] = rand_r(&seed);
		client_send(fd, types[round % 5], body, sizeof(body));
		send(fd, body, sizeof(body), MSG_NOSIGNAL);
		server_settle(f);
		close(fd);
		server_settle(f);
	}
	assert_int_equal(cli_server_clients(f->server), 0);
}

static void
test_a_large_answer_arrives_whole(void **state)
{
	struct fixture *f = *state;
	int fd = client_connect(f);

	client_run(fd, "thing many 100000");
	assert_int_equal(client_answer(f, fd), 0);
	assert_int_equal(f->out.length, 100000 * 41);
	close(fd);
}

static void
test_too_large_an_answer_is_an_error(void **state)
{
	struct fixture *f = *state;
	int fd;

	cli_server_set_output_max(f->server, 100000);
	fd = client_connect(f);
	client_run(fd, "thing many 10000");
	assert_int_equal(client_answer(f, fd), -EFBIG);
	close(fd);
}

static void
test_a_slow_reader_is_dropped(void **state)
{
	struct fixture *f = *state;
	static char line[1001];
	int fd, other;

	cli_server_set_output_max(f->server, 100000);
	memset(line, 'x', sizeof(line) - 1);
	fd = client_connect(f);
	other = client_connect(f);
	client_run(fd, "wait");
	server_settle(f);
	for (unsigned i = 0; i < 10000 && f->daemon.pending != NULL; i++) {
		cli_session_printf(f->daemon.pending, "%s", line);
		cli_server_run(f->server);
	}
	assert_int_equal(f->daemon.aborted, 1);
	assert_int_equal(cli_server_clients(f->server), 1);
	client_run(other, "version show");
	assert_int_equal(client_answer(f, other), 0);
	close(fd);
	close(other);
}

static void
test_one_client_too_many(void **state)
{
	struct fixture *f = *state;
	int fds[CLI_CLIENTS_MAX], fd;

	for (unsigned i = 0; i < CLI_CLIENTS_MAX; i++) {
		fds[i] = client_connect(f);
		cli_server_run(f->server);
	}
	fd = client_connect(f);
	assert_int_equal(client_answer(f, fd), -EUSERS);
	assert_int_equal(client_answer(f, fd), 1);
	close(fd);
	close(fds[0]);
	server_settle(f);
	fd = client_connect(f);
	client_run(fd, "version show");
	assert_int_equal(client_answer(f, fd), 0);
	close(fd);
	for (unsigned i = 1; i < CLI_CLIENTS_MAX; i++)
		close(fds[i]);
}

static void
test_the_descriptor_says_when_there_is_work(void **state)
{
	struct fixture *f = *state;
	struct pollfd pollfd = { .fd = cli_server_fd(f->server), .events = POLLIN };
	int fd;

	assert_int_equal(poll(&pollfd, 1, 0), 0);
	fd = client_connect(f);
	assert_int_equal(poll(&pollfd, 1, 0), 1);
	server_settle(f);
	assert_int_equal(poll(&pollfd, 1, 0), 0);
	client_run(fd, "version show");
	assert_int_equal(poll(&pollfd, 1, 0), 1);
	assert_int_equal(client_answer(f, fd), 0);
	server_settle(f);
	assert_int_equal(poll(&pollfd, 1, 0), 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_runs_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pipelined_requests_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_socket_is_private, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_stale_socket_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pending_ends_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pending_is_aborted, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_half_closed_client_gets_its_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_garbage_ends_the_connection, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_large_answer_arrives_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_too_large_an_answer_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_slow_reader_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_client_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_the_descriptor_says_when_there_is_work, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
