/* SPDX-License-Identifier: BSD-3-Clause */
/* Bench clients and their server over a network in memory: what is counted is what was done. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/bench.h"
#include "service/bench_hello.h"
#include "service/bench_pattern.h"
#include "support/eal.h"
#include "support/sock_double.h"

#define PORT    5201
#define SECONDS 1000000000ULL

struct fixture {
	struct sock_core *core;
	struct sock_service at, by;
	struct bench_config config;
	struct sock_app *server, *client;
};

/* @param server NULL: there is none */
static struct fixture *
fixture_create(const struct sock_app_ops *server)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int rc;

	assert_non_null(f);
	f->core = sock_double_create(test_pool());
	f->at = (struct sock_service){ .local.port = PORT };
	f->config = (struct bench_config){
		.mode = BENCH_RR,
		.proto = SOCK_TCP,
		.peers[0].port = PORT,
		.peer_count = 1,
		.connections = 1,
		.request_bytes = 64,
		.response_bytes = 64,
		.duration_ns = 5 * SECONDS,
		.worker_count = 1,
	};
	f->by = (struct sock_service){ .options = &f->config };
	if (server != NULL) {
		f->server = sock_double_start(f->core, server, &f->at, &rc);
		assert_non_null(f->server);
	}
	return f;
}

static void
fixture_destroy(struct fixture *f)
{
	if (f->client != NULL)
		sock_double_stop(f->client);
	sock_double_stop(f->server);
	sock_double_destroy(f->core);
	free(f);
}

static void
client_start(struct fixture *f)
{
	int rc;

	f->client = sock_double_start(f->core, &service_bench_client, &f->by, &rc);
	assert_non_null(f->client);
}

static struct bench_result
result(const struct fixture *f)
{
	static struct bench_result result;

	bench_result_collect(&f->client, 1, &result);
	return result;
}

static struct bench_server_counters
served(const struct fixture *f)
{
	struct bench_server_counters sum;

	bench_server_collect(&f->server, 1, &sum);
	return sum;
}

/*
 * Time stands still while anything happens here: so a mode that never pauses would run for ever. The
 * peer of this one takes turns: it answers only when it is told to.
 */
static struct sock *peer_listener, *peer_sock;
static unsigned peer_count;

static int
peer_start(struct sock_app *app, const void *config)
{
	const struct sock_service *service = config;

	peer_count = 0;
	return sock_open(app, SOCK_TCP, IP_FAMILY_4, 0, &peer_listener) < 0 ||
			sock_bind(peer_listener, &service->local) < 0
		? -EINVAL
		: sock_listen(peer_listener, 8);
}

static void
peer_events(struct sock_app *app, const struct sock_event *events, unsigned count)
{
	while (sock_accept(peer_listener, &peer_sock) == 0)
		peer_count++;
}

static const struct sock_app_ops peer = {
	.name = "peer", .start = peer_start, .events = peer_events
};

static size_t
peer_hear(uint8_t *data, size_t size)
{
	size_t length = 0;
	int64_t n;

	while ((n = sock_receive(peer_sock, data + length, size - length, NULL)) > 0)
		length += (size_t)n;
	return length;
}

static void
test_hello(void **state)
{
	const struct bench_hello hello = { BENCH_CRR, 100, 2000, false, false, 0 };
	uint8_t data[BENCH_HELLO_LENGTH], bad[BENCH_HELLO_LENGTH];
	struct bench_hello back;

	bench_hello_build(&hello, data);
	assert_true(bench_hello_parse(data, &back));
	assert_int_equal(back.mode, hello.mode);
	assert_int_equal(back.request_bytes, hello.request_bytes);
	assert_int_equal(back.response_bytes, hello.response_bytes);
	assert_false(back.verify);
	/* Another beginning, another version, no such mode, sizes of 0 and too large ones. */
	for (unsigned i = 0; i < 6; i++) {
		memcpy(bad, data, sizeof(bad));
		bad[i] ^= 0x40;
		assert_false(bench_hello_parse(bad, &back));
	}
	for (unsigned i = 8; i < 16; i += 4) {
		memcpy(bad, data, sizeof(bad));
		memset(bad + i, 0, 4);
		assert_false(bench_hello_parse(bad, &back));
		memset(bad + i, 0xff, 4);
		assert_false(bench_hello_parse(bad, &back));
	}
	/* Only streams are verified, and there is nothing else yet to be asked for. */
	for (unsigned mode = 0; mode < BENCH_MODE_COUNT; mode++) {
		memcpy(bad, data, sizeof(bad));
		bad[5] = (uint8_t)mode;
		bad[7] = 1;
		assert_int_equal(
			bench_hello_parse(bad, &back), mode == BENCH_SEND || mode == BENCH_RECEIVE);
		bad[7] = 2;
		assert_false(bench_hello_parse(bad, &back));
	}
	for (unsigned i = 0; i < BENCH_MODE_COUNT; i++)
		assert_non_null(bench_mode_name(i));
	assert_null(bench_mode_name(BENCH_MODE_COUNT));
}

/* One request at a time, as long as it lasts, and the time that each takes. */
static void
test_requests(void **state)
{
	struct fixture *f = fixture_create(&peer);
	uint8_t data[4096] = { 0 };
	struct bench_hello hello;
	struct bench_result r;

	f->config.request_bytes = 100;
	f->config.response_bytes = 300;
	client_start(f);
	sock_double_advance(f->core, 0);
	assert_int_equal(peer_hear(data, sizeof(data)), BENCH_HELLO_LENGTH + 100);
	assert_true(bench_hello_parse(data, &hello));
	assert_int_equal(hello.mode, BENCH_RR);
	assert_int_equal(hello.request_bytes, 100);
	assert_int_equal(hello.response_bytes, 300);
	for (unsigned i = 0; i < 19; i++) {
		sock_double_advance(f->core, SECONDS / 8);
		assert_int_equal(sock_send(peer_sock, data, 200, NULL), 200);
		sock_double_run(f->core);
		assert_int_equal(peer_hear(data, sizeof(data)), 0);
		sock_double_advance(f->core, SECONDS / 8);
		assert_int_equal(sock_send(peer_sock, data, 100, NULL), 100);
		sock_double_run(f->core);
		r = result(f);
		assert_int_equal(r.counters.transactions, i + 1);
		assert_false(r.is_done);
		assert_int_equal(r.counters.open, 1);
		assert_int_equal(peer_hear(data, sizeof(data)), 100);
	}
	sock_double_advance(f->core, SECONDS);
	r = result(f);
	assert_true(r.is_done);
	assert_int_equal(r.counters.elapsed_ns, 5 * SECONDS);
	assert_int_equal(r.counters.opened, 1);
	assert_int_equal(r.counters.open, 0);
	assert_int_equal(r.counters.bytes_received, 19 * 300);
	assert_int_equal(r.latency.count, 19);
	assert_int_equal(r.latency.min, SECONDS / 4);
	assert_int_equal(r.latency.max, SECONDS / 4);
	fixture_destroy(f);
}

/* A new connection for each request; one that fails is tried again a little later. */
static void
test_connect_each_time(void **state)
{
	struct fixture *f = fixture_create(&peer);
	uint8_t data[256];
	struct bench_result r;

	f->config.mode = BENCH_CRR;
	sock_double_refuse(f->core, ECONNREFUSED);
	client_start(f);
	sock_double_advance(f->core, 0);
	assert_int_equal(result(f).counters.failed, 1);
	assert_int_equal(peer_count, 0);
	sock_double_advance(f->core, SECONDS / 10);
	for (unsigned i = 1; i <= 5; i++) {
		struct sock *sock = peer_sock;

		assert_int_equal(peer_count, i);
		assert_int_equal(peer_hear(data, sizeof(data)), BENCH_HELLO_LENGTH + 64);
		sock_double_advance(f->core, SECONDS / 100);
		assert_int_equal(sock_send(sock, data, 64, NULL), 64);
		sock_double_run(f->core);
		assert_int_equal(sock_receive(sock, data, 1, NULL), 0);
		sock_close(sock);
	}
	r = result(f);
	assert_int_equal(r.counters.transactions, 5);
	assert_int_equal(r.counters.opened, 6);
	assert_int_equal(r.counters.failed, 1);
	assert_int_equal(r.latency.max, SECONDS / 100);
	/* The peer ends in the middle. */
	sock_close(peer_sock);
	sock_double_run(f->core);
	assert_int_equal(result(f).counters.failed, 2);
	fixture_destroy(f);
}

/* As many as asked for, some at a time, and all at the end closed. */
static void
test_hold(void **state)
{
	struct fixture *f = fixture_create(&service_bench_server);
	struct bench_result r;

	f->config.mode = BENCH_HOLD;
	f->config.connections = 500;
	client_start(f);
	sock_double_advance(f->core, SECONDS);
	r = result(f);
	assert_int_equal(r.counters.open, 500);
	assert_int_equal(r.counters.opened, 500);
	assert_int_equal(r.latency.count, 500);
	assert_false(r.is_done);
	assert_int_equal(served(f).open, 500);
	assert_int_equal(served(f).bytes_received, 0);
	sock_double_advance(f->core, 5 * SECONDS);
	assert_true(result(f).is_done);
	assert_int_equal(result(f).counters.open, 0);
	assert_int_equal(served(f).open, 0);
	assert_int_equal(sock_double_count(f->core), 3);
	fixture_destroy(f);
}

/* The server's side, asked by hand. */
static struct sock *
connect_to(struct fixture *f, struct sock_app *app)
{
	const struct sock_addr to = { .port = PORT };
	struct sock *sock;

	assert_int_equal(sock_open(app, SOCK_TCP, IP_FAMILY_4, 0, &sock), 0);
	assert_int_equal(sock_connect(sock, &to), -EINPROGRESS);
	sock_double_run(f->core);
	return sock;
}

static struct sock *
ask(struct fixture *f, struct sock_app *app, const struct bench_hello *hello)
{
	struct sock *sock = connect_to(f, app);
	uint8_t data[BENCH_HELLO_LENGTH];

	bench_hello_build(hello, data);
	/* In two pieces. */
	assert_int_equal(sock_send(sock, data, 7, NULL), 7);
	sock_double_run(f->core);
	assert_int_equal(sock_send(sock, data + 7, sizeof(data) - 7, NULL), sizeof(data) - 7);
	sock_double_run(f->core);
	return sock;
}

static uint64_t
hear(struct sock *sock)
{
	static uint8_t data[65536];
	int64_t n = sock_receive(sock, data, sizeof(data), NULL);

	return n > 0 ? (uint64_t)n : 0;
}

static void
test_server(void **state)
{
	struct fixture *f = fixture_create(&service_bench_server);
	uint8_t data[BENCH_HELLO_LENGTH + 1000] = { 0 };
	struct sock_app *app;
	struct sock *sock;
	int rc;

	app = sock_double_start(f->core, &sock_double_nobody, NULL, &rc);
	/* Two requests and a half. */
	sock = ask(f, app, &(struct bench_hello){ BENCH_RR, 400, 70, false, false, 0 });
	assert_int_equal(sock_send(sock, data, 1000, NULL), 1000);
	sock_double_run(f->core);
	assert_int_equal(hear(sock), 140);
	assert_int_equal(sock_send(sock, data, 200, NULL), 200);
	sock_double_run(f->core);
	assert_int_equal(hear(sock), 70);
	sock_close(sock);
	/* A stream that is as long as somebody takes it. */
	sock = ask(f, app, &(struct bench_hello){ BENCH_RECEIVE, 0, 0, false, false, 0 });
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(hear(sock), 65536);
		sock_double_run(f->core);
	}
	sock_close(sock);
	sock = ask(f, app, &(struct bench_hello){ BENCH_SEND, 0, 0, false, false, 0 });
	assert_int_equal(sock_send(sock, data, 1000, NULL), 1000);
	sock_double_run(f->core);
	assert_int_equal(hear(sock), 0);
	sock_close(sock);
	sock_double_run(f->core);
	assert_int_equal(served(f).open, 0);
	assert_int_equal(served(f).responses, 3);
	assert_int_equal(served(f).bytes_received, 2200);
	/* Who says something else is not answered. */
	sock = ask(f, app, &(struct bench_hello){ BENCH_RR, 0, 0, false, false, 0 });
	assert_int_equal(sock_receive(sock, data, 1, NULL), 0);
	sock_close(sock);
	assert_int_equal(served(f).bad, 1);
	sock_double_stop(app);
	fixture_destroy(f);
}

/* Who connects and does not say what is wanted is not waited for; who has said it may be silent. */
static void
test_hello_deadline(void **state)
{
	struct fixture *f = fixture_create(&service_bench_server);
	const struct bench_hello hello = { BENCH_HOLD, 0, 0, false, false, 0 };
	uint8_t data[BENCH_HELLO_LENGTH];
	struct sock *held, *silent, *half, *late;
	struct sock_app *app;
	int rc;

	app = sock_double_start(f->core, &sock_double_nobody, NULL, &rc);
	held = ask(f, app, &hello);
	silent = connect_to(f, app);
	half = connect_to(f, app);
	assert_int_equal(sock_send(half, "spbn", 4, NULL), 4);
	sock_double_advance(f->core, 6 * SECONDS);
	late = connect_to(f, app);
	assert_int_equal(sock_send(half, "x", 1, NULL), 1);
	sock_double_advance(f->core, 5 * SECONDS);
	assert_int_equal(served(f).open, 2);
	assert_int_equal(sock_receive(silent, data, 1, NULL), 0);
	bench_hello_build(&hello, data);
	assert_int_equal(sock_send(late, data, sizeof(data), NULL), sizeof(data));
	sock_double_advance(f->core, 60 * SECONDS);
	assert_int_equal(served(f).open, 2);
	assert_int_equal(served(f).timeouts, 2);
	sock_close(held);
	sock_close(silent);
	sock_close(half);
	sock_close(late);
	sock_double_run(f->core);
	assert_int_equal(served(f).open, 0);
	sock_double_stop(app);
	fixture_destroy(f);
}

/* As long as asked, with what belongs there, both ways. */
static void
test_streams(void **state)
{
	static const enum bench_mode modes[] = { BENCH_SEND, BENCH_RECEIVE };

	for (unsigned i = 0; i < 2; i++) {
		struct fixture *f = fixture_create(&service_bench_server);
		struct bench_result r;

		f->config.mode = modes[i];
		f->config.verify = true;
		f->config.connections = 2;
		f->config.stream_bytes = 1000003;
		client_start(f);
		sock_double_advance(f->core, SECONDS / 4);
		r = result(f);
		assert_true(r.is_done);
		assert_int_equal(r.counters.opened, 2);
		assert_int_equal(r.counters.ended, 2);
		assert_int_equal(r.counters.failed, 0);
		assert_int_equal(r.counters.open, 0);
		assert_true(r.counters.elapsed_ns < SECONDS / 4);
		assert_int_equal(served(f).bytes_wrong + r.counters.bytes_wrong, 0);
		assert_int_equal(
			i == 0 ? served(f).bytes_received : r.counters.bytes_received, 2 * 1000003);
		assert_int_equal(served(f).open, 0);
		fixture_destroy(f);
	}
}

/* One byte of many is wrong, on either side; and a peer that ends too early has failed. */
static void
test_wrong_bytes(void **state)
{
	static uint8_t data[5000];
	struct fixture *f = fixture_create(&service_bench_server);
	struct sock_app *app;
	struct sock *sock;
	int rc;

	bench_pattern_fill(0, data, sizeof(data));
	data[4321]++;
	app = sock_double_start(f->core, &sock_double_nobody, NULL, &rc);
	sock = ask(f, app, &(struct bench_hello){ BENCH_SEND, 0, 0, true, false, 0 });
	assert_int_equal(sock_send(sock, data, sizeof(data), NULL), sizeof(data));
	sock_double_run(f->core);
	assert_int_equal(served(f).bytes_received, sizeof(data));
	assert_int_equal(served(f).bytes_wrong, 1);
	sock_close(sock);
	sock_double_stop(app);
	fixture_destroy(f);

	f = fixture_create(&peer);
	f->config.mode = BENCH_RECEIVE;
	f->config.verify = f->config.raw = true;
	f->config.stream_bytes = 2 * sizeof(data);
	client_start(f);
	sock_double_advance(f->core, 0);
	assert_int_equal(sock_send(peer_sock, data, sizeof(data), NULL), sizeof(data));
	sock_double_run(f->core);
	assert_int_equal(result(f).counters.bytes_wrong, 1);
	sock_close(peer_sock);
	sock_double_run(f->core);
	assert_int_equal(result(f).counters.failed, 1);
	assert_int_equal(result(f).counters.ended, 0);
	assert_false(result(f).is_done);
	fixture_destroy(f);
}

/* Never more than came, and nothing to those that are services themselves. */
static void
test_server_datagrams(void **state)
{
	static const struct {
		uint32_t request, response, length, answer;
		uint16_t port;
	} cases[] = {
		{ 100, 50, 100, 50, 4000 },
		{ 100, 100, 100, 100, 4000 },
		{ 100, 5000, 100, 100, 4000 },
		{ 100, 1, 100, BENCH_DATAGRAM_LENGTH, 4000 },
		{ 100, 50, BENCH_DATAGRAM_LENGTH - 1, 0, 4000 },
		{ 100, 50, 100, 0, 7 },
	};
	struct fixture *f = fixture_create(&service_bench_server);
	const struct sock_addr to = { .port = PORT };
	struct sock_app *app;
	int rc;

	app = sock_double_start(f->core, &sock_double_nobody, NULL, &rc);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bench_hello hello = { BENCH_RR, cases[i].request, cases[i].response,
			false, false, 0 };
		const struct sock_addr from = { .port = cases[i].port };
		uint8_t data[4096] = { 0 };
		struct sock *sock;
		int64_t n;

		assert_int_equal(sock_open(app, SOCK_UDP, IP_FAMILY_4, 0, &sock), 0);
		assert_int_equal(sock_bind(sock, &from), 0);
		bench_hello_build(&hello, data);
		bench_number_build(77 + i, data + BENCH_HELLO_LENGTH);
		sock_send(sock, data, cases[i].length, &to);
		sock_double_run(f->core);
		memset(data, 0, sizeof(data));
		n = sock_receive(sock, data, sizeof(data), NULL);
		assert_int_equal(n < 0 ? 0 : n, cases[i].answer);
		if (n > 0)
			assert_int_equal(bench_number_parse(data + BENCH_HELLO_LENGTH), 77 + i);
		sock_close(sock);
	}
	assert_int_equal(served(f).bad, 2);
	sock_double_stop(app);
	fixture_destroy(f);
}

/* A datagram that nobody answers is sent again, and an answer to an old one counts for nothing. */
static void
test_lost_datagrams(void **state)
{
	struct fixture *f = fixture_create(&sock_double_nobody);
	const struct sock_addr local = { .port = PORT };
	struct sock_addr client;
	uint8_t first[256], data[256];
	struct sock *sock;
	struct bench_result r;

	assert_int_equal(sock_open(f->server, SOCK_UDP, IP_FAMILY_4, 0, &sock), 0);
	assert_int_equal(sock_bind(sock, &local), 0);
	f->config.proto = SOCK_UDP;
	client_start(f);
	sock_double_advance(f->core, 0);
	assert_int_equal(sock_receive(sock, first, sizeof(first), &client), 64);
	sock_double_advance(f->core, SECONDS * 3 / 2);
	assert_int_equal(result(f).counters.lost, 1);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), 64);
	assert_memory_not_equal(first, data, 64);
	sock_send(sock, first, 64, &client);
	sock_double_run(f->core);
	assert_int_equal(result(f).counters.transactions, 0);
	sock_send(sock, data, 64, &client);
	sock_double_run(f->core);
	assert_int_equal(result(f).counters.transactions, 1);
	assert_int_equal(sock_receive(sock, data, sizeof(data), NULL), 64);
	sock_close(sock);
	sock_double_advance(f->core, 4 * SECONDS);
	r = result(f);
	assert_true(r.is_done);
	assert_int_equal(r.counters.transactions, 1);
	fixture_destroy(f);
}

/* Workers have their part of the connections; one without any is done at once. */
static void
test_parts(void **state)
{
	struct fixture *f = fixture_create(&service_bench_server);

	f->config.mode = BENCH_HOLD;
	f->config.connections = 7;
	f->config.worker_count = 3;
	client_start(f);
	sock_double_advance(f->core, SECONDS);
	assert_int_equal(result(f).counters.open, 3);
	sock_double_stop(f->client);
	f->config.connections = 0;
	client_start(f);
	assert_true(result(f).is_done);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_connect_each_time),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_hello_deadline),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_wrong_bytes),
		cmocka_unit_test(test_server_datagrams),
		cmocka_unit_test(test_lost_datagrams),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
