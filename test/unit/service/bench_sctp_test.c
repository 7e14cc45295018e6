/* SPDX-License-Identifier: BSD-3-Clause */
/* Bench clients and their server over SCTP: what is counted is what was done, and what is wrong is found. */
#include "unit/sock/sock_sctp_pair.h"

#include "service/bench_message.h"

#define PORT    SERVER_PORT
#define SECONDS 1000000000ULL

struct fixture {
	struct sock_pair *pair;
	struct sock_service at, by;
	struct bench_config config;
	struct sock_app server, client;
};

static void
app_start(struct sock_app *app, struct sock_core *core, const struct sock_app_ops *ops,
	const void *config)
{
	*app = (struct sock_app){ .ops = ops, .state = calloc(1, ops->state_size + 1) };
	assert_non_null(app->state);
	if (ops->create != NULL)
		assert_int_equal(ops->create(app, config), 0);
	assert_int_equal(sock_app_start(core, app, config), 0);
}

static void
app_end(struct sock_app *app)
{
	if (app->state == NULL)
		return;
	sock_app_stop(app);
	if (app->ops->destroy != NULL)
		app->ops->destroy(app);
	free(app->state);
	app->state = NULL;
}

/* @param server NULL: there is none */
static struct fixture *
fixture_create(const struct sock_app_ops *server)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->pair = sock_pair_create();
	f->at = (struct sock_service){ .local = sock_fixture_addr(SERVER_ADDR, PORT) };
	f->config = (struct bench_config){
		.mode = BENCH_SEND,
		.proto = SOCK_SCTP,
		.peers = { sock_fixture_addr(SERVER_ADDR, PORT) },
		.locals = { sock_fixture_addr(CLIENT_ADDR, 0) },
		.peer_count = 1,
		.local_count = 1,
		.connections = 1,
		.request_bytes = 64,
		.response_bytes = 64,
		.streams = 1,
		.verify = true,
		.duration_ns = 5 * SECONDS,
		.worker_count = 1,
	};
	f->by = (struct sock_service){ .options = &f->config };
	if (server != NULL)
		app_start(&f->server, f->pair->ends[SERVER].socks, server, &f->at);
	return f;
}

static void
client_start(struct fixture *f)
{
	app_start(&f->client, f->pair->ends[CLIENT].socks, &service_bench_client, &f->by);
}

static void
fixture_destroy(struct fixture *f)
{
	app_end(&f->client);
	app_end(&f->server);
	sock_pair_destroy(f->pair);
	free(f);
}

static struct bench_counters
counted(const struct fixture *f)
{
	static struct bench_result result;
	struct sock_app *app = (struct sock_app *)&f->client;

	bench_result_collect(&app, 1, &result);
	return result.counters;
}

static struct bench_server_counters
served(const struct fixture *f)
{
	struct bench_server_counters sum;
	struct sock_app *app = (struct sock_app *)&f->server;

	bench_server_collect(&app, 1, &sum);
	return sum;
}

static void
test_hello(void **state)
{
	const struct bench_hello hello = { BENCH_RECEIVE, 100, 2000, true, true, 7 };
	uint8_t data[BENCH_SCTP_HELLO_LENGTH], bad[sizeof(data)];
	struct bench_hello back;

	bench_sctp_hello_build(&hello, data);
	assert_true(bench_sctp_hello_parse(data, &back));
	assert_int_equal(back.mode, BENCH_RECEIVE);
	assert_int_equal(back.request_bytes, 100);
	assert_int_equal(back.response_bytes, 2000);
	assert_int_equal(back.streams, 7);
	assert_true(back.verify && back.unordered);
	/* All but the sizes, of which much is good, are wrong with a bit more; and with none or too many. */
	for (unsigned i = 0; i < sizeof(data); i++) {
		memcpy(bad, data, sizeof(bad));
		bad[i] ^= 0x40;
		assert_int_equal(bench_sctp_hello_parse(bad, &back),
			i == 10 || i == 11 || i == 14 || i == 15 || i == 17 ? 1 : 0);
	}
	for (unsigned i = 8; i < 16; i += 4) {
		memcpy(bad, data, sizeof(bad));
		memset(bad + i, 0, 4);
		assert_false(bench_sctp_hello_parse(bad, &back));
		bad[i + 3] = BENCH_NUMBER_LENGTH - 1;
		assert_false(bench_sctp_hello_parse(bad, &back));
		bad[7] = 0;
		assert_true(bench_sctp_hello_parse(bad, &back));
	}
	memcpy(bad, data, sizeof(bad));
	memset(bad + 16, 0, 2);
	assert_false(bench_sctp_hello_parse(bad, &back));
	bad[16] = 0x04;
	assert_true(bench_sctp_hello_parse(bad, &back));
	bad[17] = 1;
	assert_false(bench_sctp_hello_parse(bad, &back));
}

/* Of a length that is asked for, to its end: on one stream or several, ordered or not, small and large. */
static void
test_send(void **state)
{
	static const struct {
		uint32_t size;
		uint16_t streams;
		bool unordered;
	} cases[] = { { 8, 1, false }, { 64, 10, false }, { 1500, 3, true }, { 200000, 2, false },
		{ 200000, 2, true }, { BENCH_MESSAGE_MAX, 2, false },
		{ BENCH_MESSAGE_MAX, 1, true } };

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct fixture *f = fixture_create(&service_bench_server);
		const uint64_t count = cases[i].size > 10000 ? 8 : 500;
		struct bench_counters c;

		f->config.request_bytes = cases[i].size;
		f->config.streams = cases[i].streams;
		f->config.unordered = cases[i].unordered;
		f->config.stream_bytes = count * cases[i].size;
		f->config.connections = 3;
		client_start(f);
		for (unsigned ms = 0; counted(f).ended < 3; ms++) {
			assert_in_range(ms, 0, 20000);
			sock_pair_run(f->pair, 1);
		}
		c = counted(f);
		assert_int_equal(c.messages_sent, 3 * count);
		assert_int_equal(c.bytes_sent, 3 * count * cases[i].size);
		assert_int_equal(c.failed, 0);
		assert_int_equal(served(f).messages_received, 3 * count);
		assert_int_equal(served(f).bytes_received, c.bytes_sent);
		assert_int_equal(served(f).messages_wrong, 0);
		assert_int_equal(served(f).open, 0);
		assert_int_equal(served(f).connections, 3);
		fixture_destroy(f);
	}
}

static void
test_receive(void **state)
{
	for (unsigned unordered = 0; unordered < 2; unordered++) {
		struct fixture *f = fixture_create(&service_bench_server);
		struct bench_counters c;

		f->config.mode = BENCH_RECEIVE;
		f->config.response_bytes = 3000;
		f->config.streams = 20;
		f->config.unordered = unordered != 0;
		client_start(f);
		sock_pair_run(f->pair, 5200);
		c = counted(f);
		assert_in_range(c.messages_received, 100, UINT32_MAX);
		assert_in_range(served(f).messages_sent, c.messages_received, UINT32_MAX);
		assert_int_equal(c.messages_wrong, 0);
		assert_int_equal(c.open, 0);
		assert_int_equal(served(f).open, 0);
		assert_int_equal(served(f).bad, 0);
		fixture_destroy(f);
	}
}

/* Each stream has a request under way: in a packet, all of them go. */
static void
test_requests(void **state)
{
	static struct bench_result result;
	struct fixture *f = fixture_create(&service_bench_server);
	struct sock_app *app = &f->client;

	f->config.mode = BENCH_RR;
	f->config.streams = 8;
	f->config.request_bytes = 100;
	f->config.response_bytes = 50;
	client_start(f);
	sock_pair_run(f->pair, 1000);
	bench_result_collect(&app, 1, &result);
	assert_in_range(result.counters.transactions, 2000, 8000);
	assert_int_equal(result.counters.transactions, result.latency.count);
	assert_int_equal(result.counters.messages_received, result.counters.transactions);
	assert_in_range(result.counters.messages_sent, result.counters.transactions,
		result.counters.transactions + 8);
	assert_int_equal(result.counters.messages_wrong, 0);
	assert_int_equal(served(f).messages_wrong, 0);
	assert_in_range(result.latency.max, 1, SECONDS / 100);
	sock_pair_run(f->pair, 5000);
	assert_int_equal(counted(f).open, 0);
	assert_int_equal(served(f).open, 0);
	fixture_destroy(f);
}

/* Responses as long as there are: more than a send buffer has room for unless it is asked. */
static void
test_long_responses(void **state)
{
	for (enum bench_mode mode = BENCH_RECEIVE; mode <= BENCH_RR; mode++) {
		struct fixture *f = fixture_create(&service_bench_server);

		f->config.mode = mode;
		f->config.response_bytes = BENCH_MESSAGE_MAX;
		f->config.duration_ns = SECONDS;
		client_start(f);
		sock_pair_run(f->pair, 1200);
		assert_in_range(counted(f).messages_received, 5, UINT32_MAX);
		assert_int_equal(counted(f).messages_wrong, 0);
		assert_int_equal(counted(f).failed, 0);
		assert_int_equal(served(f).messages_wrong, 0);
		fixture_destroy(f);
	}
}

static void
test_connect_each_time(void **state)
{
	struct fixture *f = fixture_create(&service_bench_server);
	struct bench_counters c;

	f->config.mode = BENCH_CRR;
	f->config.connections = 2;
	client_start(f);
	sock_pair_run(f->pair, 1000);
	c = counted(f);
	assert_in_range(c.transactions, 50, 2000);
	assert_in_range(c.opened, c.transactions, c.transactions + 2);
	assert_int_equal(c.failed, 0);
	assert_int_equal(c.messages_wrong, 0);
	assert_in_range(served(f).responses, c.transactions, c.transactions + 2);
	fixture_destroy(f);
}

/* A server that is none of ours: what it echoes is verified all the same. */
static void
test_raw_echo(void **state)
{
	struct fixture *f = fixture_create(&service_sctp_echo);

	f->config.mode = BENCH_RR;
	f->config.raw = true;
	f->config.streams = 4;
	f->config.request_bytes = f->config.response_bytes = 2000;
	f->config.unordered = true;
	client_start(f);
	sock_pair_run(f->pair, 1000);
	assert_in_range(counted(f).transactions, 100, 4000);
	assert_int_equal(counted(f).messages_wrong, 0);
	fixture_destroy(f);
}

static void
test_hold(void **state)
{
	struct fixture *f = fixture_create(&service_bench_server);

	f->config.mode = BENCH_HOLD;
	f->config.verify = false;
	f->config.connections = 10;
	client_start(f);
	sock_pair_run(f->pair, 1000);
	assert_int_equal(counted(f).open, 10);
	assert_int_equal(served(f).open, 10);
	sock_pair_run(f->pair, 5000);
	assert_int_equal(counted(f).open, 0);
	assert_int_equal(served(f).open, 0);
	fixture_destroy(f);
}

/* ---- by hand ---- */

static struct sock *
ask(struct fixture *f, const struct bench_hello *hello, size_t length)
{
	struct sock *sock = sock_pair_open(f->pair, CLIENT, SOCK_SCTP);
	uint8_t data[BENCH_SCTP_HELLO_LENGTH];

	assert_int_equal(sock_fixture_connect(sock, SERVER_ADDR, PORT), -EINPROGRESS);
	sock_pair_run(f->pair, 10);
	bench_sctp_hello_build(hello, data);
	assert_int_equal(sock_send(sock, data, length, NULL), length);
	sock_pair_run(f->pair, 10);
	f->pair->ends[CLIENT].app.count = 0;
	return sock;
}

static void
number_send(struct fixture *f, struct sock *sock, uint64_t number, bool unordered, int fault)
{
	const struct sock_sctp_info info = { .stream = 1,
		.flags = unordered ? SOCK_SCTP_UNORDERED : 0 };
	uint8_t data[40];

	bench_message_fill(number, 1, data, sizeof(data));
	data[39] ^= fault == 1;
	assert_int_equal(sock_sctp_send(sock, data, fault == 2 ? 39 : 40, &info, NULL),
		fault == 2 ? 39 : 40);
	sock_pair_run(f->pair, 20);
}

/* Each fault is found, and counted once. */
static void
test_faults(void **state)
{
	static const struct {
		bool unordered, sent_unordered;
		uint64_t numbers[4];
		int fault; /* of the last */
		unsigned wrong;
	} cases[] = {
		{ false, false, { 0, 1, 2, 3 }, 0, 0 },
		{ false, false, { 0, 1, 2, 3 }, 1, 1 }, /* a byte is another */
		{ false, false, { 0, 1, 2, 3 }, 2, 1 }, /* too short */
		{ false, false, { 0, 1, 2, 2 }, 0, 1 }, /* twice */
		{ false, false, { 0, 2, 3, 4 }, 0, 1 }, /* one is missing */
		{ false, false, { 0, 2, 1, 3 }, 0, 2 }, /* and comes too late */
		{ false, true, { 0, 1, 2, 3 }, 0, 4 },
		{ true, true, { 3, 1, 2, 0 }, 0, 0 },
		{ true, true, { 3, 1, 2, 2 }, 0, 2 }, /* twice, and one missing at the end */
		{ true, true, { 0, 1, 2, 3 }, 1, 1 },
		{ true, true, { 0, 1, 2, 70000 }, 0, 1 + 65535 }, /* nobody sends so far ahead */
		/* Of 70001 all but four: some once others had their places, the rest at the end. */
		{ true, true, { 0, 60000, 65636, 70000 }, 0, 70001 - 4 },
		/* Nor these: what is behind the last of all begins anew. */
		{ true, true, { UINT64_MAX - 99, UINT64_MAX, 0, 1 }, 0, 1 + 99 },
	};

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct fixture *f = fixture_create(&service_bench_server);
		const struct bench_hello hello = { BENCH_SEND, 40, 40, true, cases[i].unordered,
			2 };
		struct sock *sock = ask(f, &hello, BENCH_SCTP_HELLO_LENGTH);

		for (unsigned j = 0; j < 4; j++)
			number_send(f, sock, cases[i].numbers[j], cases[i].sent_unordered,
				j == 3 ? cases[i].fault : 0);
		assert_int_equal(sock_shutdown(sock, SOCK_SHUTDOWN_WRITE), 0);
		sock_pair_run(f->pair, 300);
		assert_int_equal(served(f).messages_received, 4);
		assert_int_equal(served(f).messages_wrong, cases[i].wrong);
		assert_int_equal(served(f).open, 0);
		fixture_destroy(f);
	}
}

/* Who says nothing that it understands, or nothing at all, goes; and what is looked at has a bound. */
static void
test_strangers(void **state)
{
	struct bench_hello hello = { BENCH_SEND, 40, 40, true, false, 2 };
	struct fixture *f = fixture_create(&service_bench_server);
	struct sock *sock = ask(f, &hello, BENCH_SCTP_HELLO_LENGTH - 1);

	assert_int_equal(served(f).bad, 1);
	assert_int_equal(served(f).open, 0);
	sock_close(sock);
	sock = sock_pair_open(f->pair, CLIENT, SOCK_SCTP);
	assert_int_equal(sock_fixture_connect(sock, SERVER_ADDR, PORT), -EINPROGRESS);
	sock_pair_run(f->pair, 100);
	assert_int_equal(served(f).open, 1);
	sock_pair_run(f->pair, 10100);
	assert_int_equal(served(f).timeouts, 1);
	assert_int_equal(served(f).open, 0);
	sock_close(sock);
	for (unsigned i = 0; i <= BENCH_CHECKS_MAX; i++) {
		sock = ask(f, &hello, BENCH_SCTP_HELLO_LENGTH);
		assert_int_equal(served(f).open, 1);
		sock_close(sock);
		sock_pair_run(f->pair, 300);
		assert_int_equal(served(f).open, 0);
	}
	assert_int_equal(served(f).refused, 0);
	fixture_destroy(f);
}

/* A server that answers what nobody asked, and twice. */
static void
test_strange_server(void **state)
{
	struct fixture *f = fixture_create(NULL);
	struct sock *listener = sock_pair_listen(f->pair, SOCK_SCTP), *sock;
	struct sock_sctp_info info = { .stream = 1 };
	uint8_t data[64] = { 0 };

	f->config.mode = BENCH_RR;
	f->config.raw = true;
	f->config.verify = false;
	f->config.streams = 2;
	client_start(f);
	sock_pair_run(f->pair, 10);
	assert_int_equal(sock_accept(listener, &sock), 0);
	assert_int_equal(counted(f).messages_sent, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(sock_sctp_send(sock, data, 64, &info, NULL), 64);
	info.stream = 5;
	assert_int_equal(sock_sctp_send(sock, data, 64, &info, NULL), 64);
	sock_pair_run(f->pair, 10);
	assert_int_equal(counted(f).transactions, 2);
	info.stream = 0;
	assert_int_equal(sock_sctp_send(sock, data, 63, &info, NULL), 63);
	sock_pair_run(f->pair, 10);
	assert_int_equal(counted(f).transactions, 3);
	assert_int_equal(counted(f).messages_wrong, 2);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_long_responses),
		cmocka_unit_test(test_connect_each_time),
		cmocka_unit_test(test_raw_echo),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_strange_server),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
