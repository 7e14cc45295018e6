/* SPDX-License-Identifier: BSD-3-Clause */
/* The small services over SCTP: echo, discard, chargen. */
#include "unit/sock/sock_sctp_pair.h"

#include "service/service.h"

/* A service at the server's end. */
static struct sock_app *
serve(struct sock_pair *pair, const struct sock_app_ops *ops)
{
	const struct sock_service service = { .local =
						      sock_fixture_addr(SERVER_ADDR, SERVER_PORT) };
	struct sock_app *app = calloc(1, sizeof(*app));

	assert_non_null(app);
	app->ops = ops;
	app->state = calloc(1, ops->state_size + 1);
	assert_non_null(app->state);
	assert_int_equal(sock_app_start(pair->ends[SERVER].socks, app, &service), 0);
	return app;
}

static void
serve_end(struct sock_app *app)
{
	sock_app_stop(app);
	free(app->state);
	free(app);
}

static struct sock *
client_of(struct sock_pair *pair)
{
	struct sock *client = sock_pair_open(pair, CLIENT, SOCK_SCTP);

	assert_int_equal(sock_fixture_connect(client, SERVER_ADDR, SERVER_PORT), -EINPROGRESS);
	sock_pair_run(pair, 10);
	return client;
}

/* Messages come back as they were, and large ones when the client has read those before. */
static void
test_echo(void **state)
{
	static uint8_t message[100000], back[sizeof(message)];
	struct sock_pair *pair = sock_pair_create();
	struct sock_app *app = serve(pair, &service_sctp_echo);
	struct sock *client = client_of(pair);
	struct sock_sctp_info info = { .stream = 4, .ppid_be = 7, .flags = SOCK_SCTP_UNORDERED };
	unsigned received = 0;

	assert_int_equal(sock_sctp_send(client, "hello", 5, &info, NULL), 5);
	sock_pair_run(pair, 10);
	assert_int_equal(sock_sctp_receive(client, back, sizeof(back), &info, NULL), 5);
	assert_int_equal(info.stream, 4);
	assert_int_equal(info.ppid_be, 7);
	assert_int_equal(info.flags, SOCK_SCTP_UNORDERED | SOCK_SCTP_EOR);
	memset(message, 0x5a, sizeof(message));
	/* More than the buffers of both ends hold. */
	for (unsigned sent = 0, ms = 0; received < 12; ms++) {
		assert_in_range(ms, 0, 20000);
		while (sent < 12 &&
			sock_send(client, message, sizeof(message), NULL) == sizeof(message))
			sent++;
		sock_pair_run(pair, 1);
		if (ms > 500 && sock_sctp_receive(client, back, sizeof(back), &info, NULL) > 0) {
			assert_int_equal(info.flags & SOCK_SCTP_EOR, SOCK_SCTP_EOR);
			assert_memory_equal(back, message, sizeof(message));
			received++;
		}
	}
	sock_shutdown(client, SOCK_SHUTDOWN_WRITE);
	sock_pair_run(pair, 300);
	assert_int_equal(sock_receive(client, back, sizeof(back), NULL), 0);
	serve_end(app);
	sock_pair_destroy(pair);
}

/* One that is delivered in parts: RFC 9260 6.9. */
static void
test_echo_in_parts(void **state)
{
	static uint8_t message[200000], back[sizeof(message) + 1];
	struct sock_pair *pair = sock_pair_create();
	struct sock_app *app = serve(pair, &service_sctp_echo);
	struct sock *client = client_of(pair);
	struct sock_sctp_info info = { .stream = 4, .ppid_be = 7 };

	for (uint32_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i / 7);
	for (unsigned round = 0; round < 3; round++) {
		uint64_t length = 0;

		info = (struct sock_sctp_info){ .stream = 4, .ppid_be = 7 };
		assert_int_equal(sock_sctp_send(client, message, sizeof(message), &info, NULL),
			sizeof(message));
		for (unsigned ms = 0; length == 0 || (info.flags & SOCK_SCTP_EOR) == 0; ms++) {
			int64_t n;

			assert_in_range(ms, 0, 20000);
			sock_pair_run(pair, 1);
			n = sock_sctp_receive(
				client, back + length, sizeof(back) - length, &info, NULL);
			length += n > 0 ? (uint64_t)n : 0;
		}
		assert_int_equal(length, sizeof(message));
		assert_memory_equal(back, message, sizeof(message));
		assert_int_equal(info.stream, 4);
		assert_int_equal(info.ppid_be, 7);
	}
	assert_true(sctp_stats(pair->ends[SERVER].sctp)[SCTP_STAT_partial_deliveries] >= 3);
	serve_end(app);
	sock_pair_destroy(pair);
}

static void
test_discard(void **state)
{
	static uint8_t message[60000];
	struct sock_pair *pair = sock_pair_create();
	struct sock_app *app = serve(pair, &service_sctp_discard);
	struct sock *client = client_of(pair);

	for (unsigned sent = 0, ms = 0; sent < 20; ms++) {
		assert_in_range(ms, 0, 20000);
		if (sock_send(client, message, sizeof(message), NULL) > 0)
			sent++;
		else
			sock_pair_run(pair, 1);
	}
	sock_pair_run(pair, 1000);
	assert_int_equal(sock_fixture_option(client, SOCK_OPT_UNACKED), 0);
	assert_int_equal(sock_receive(client, message, sizeof(message), NULL), -EAGAIN);
	serve_end(app);
	sock_pair_destroy(pair);
}

static void
test_chargen(void **state)
{
	struct sock_pair *pair = sock_pair_create();
	struct sock_app *app = serve(pair, &service_sctp_chargen);
	struct sock *client = client_of(pair);
	struct sock_sctp_info info;
	char line[100];

	for (unsigned lines = 0, ms = 0; lines < 10000; ms++) {
		assert_in_range(ms, 0, 20000);
		sock_pair_run(pair, 1);
		while (sock_sctp_receive(client, line, sizeof(line), &info, NULL) == 74) {
			assert_int_equal(line[0], ' ' + lines % 95);
			assert_int_equal(info.flags, SOCK_SCTP_EOR);
			lines++;
		}
	}
	serve_end(app);
	sock_pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_echo_in_parts),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_chargen),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
