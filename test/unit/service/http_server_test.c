/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The HTTP server with its clients, over a network in memory: answers by the request, in order, whole,
 * however slowly they are taken; and connections that end when they have to.
 */
#include <errno.h>

#include "support/sock_double.h"
#include "unit/service/http_fixture.h"

#define PORT    80
#define SECONDS 1000000000ULL
#define HOST    "Host: a\r\n"

struct fixture {
	struct sock_core *core;
	struct http_config *config;
	struct sock_service service;
	struct sock_app *server, *client;
};

static struct fixture *
fixture_create(uint32_t connections_max, uint32_t requests_max)
{
	struct http_config wanted = {
		.connections_max = connections_max, .requests_max = requests_max, .idle_s = 60
	};
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };
	int rc;

	assert_non_null(f);
	snprintf(wanted.directory, sizeof(wanted.directory), "%s", http_fixture_directory);
	f->core = sock_double_create(NULL);
	f->config = http_config_create(&wanted, &err);
	assert_non_null(f->config);
	f->service = (struct sock_service){ .local.port = PORT, .options = f->config };
	f->server = sock_double_start(f->core, &service_http, &f->service, &rc);
	assert_non_null(f->server);
	f->client = sock_double_start(f->core, &sock_double_nobody, NULL, &rc);
	return f;
}

static struct http_counters
counters(const struct fixture *f)
{
	struct http_counters sum;

	http_counters_sum(&f->server, 1, &sum);
	return sum;
}

static void
fixture_destroy(struct fixture *f)
{
	sock_double_stop(f->client);
	sock_double_run(f->core);
	assert_int_equal(counters(f).open, 0);
	sock_double_stop(f->server);
	sock_double_destroy(f->core);
	http_config_destroy(f->config);
	free(f);
}

static struct sock *
connect_to(struct fixture *f)
{
	const struct sock_addr to = { .port = PORT };
	struct sock *sock;

	assert_int_equal(sock_open(f->client, SOCK_TCP, IP_FAMILY_4, 0, &sock), 0);
	assert_int_equal(sock_connect(sock, &to), -EINPROGRESS);
	sock_double_run(f->core);
	return sock;
}

static void
say(struct fixture *f, struct sock *sock, const char *text)
{
	assert_int_equal(sock_send(sock, text, strlen(text), NULL), strlen(text));
	sock_double_run(f->core);
}

/* All that has come, with a zero behind. */
static char *
hear(struct fixture *f, struct sock *sock, size_t *length)
{
	static char text[HTTP_FIXTURE_BIG + 4096];
	int64_t n;

	*length = 0;
	do {
		n = sock_receive(sock, text + *length, sizeof(text) - 1 - *length, NULL);
		*length += n > 0 ? (size_t)n : 0;
		sock_double_run(f->core);
	} while (n > 0);
	text[*length] = '\0';
	return text;
}

static bool
has_ended(struct sock *sock)
{
	char byte;

	return sock_receive(sock, &byte, 1, NULL) == 0;
}

/* One request on a connection of its own. @return the answer */
static char *
ask(struct fixture *f, const char *request)
{
	struct sock *sock = connect_to(f);
	size_t length;
	char *text;

	say(f, sock, request);
	text = hear(f, sock, &length);
	sock_close(sock);
	sock_double_run(f->core);
	return text;
}

static void
expect(const char *answer, const char *status, const char *const *wanted)
{
	char line[64];

	snprintf(line, sizeof(line), "HTTP/1.1 %s\r\n", status);
	if (strncmp(answer, line, strlen(line)) != 0)
		fail_msg("not %s:\n%s", status, answer);
	for (; *wanted != NULL; wanted++) {
		if (strstr(answer, *wanted) == NULL)
			fail_msg("no \"%s\":\n%s", *wanted, answer);
	}
}

#define EXPECT(answer, status, ...) \
	expect(answer, status, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static const struct http_file *
file_of(const struct fixture *f, const char *path)
{
	return http_files_lookup(&f->config->files, path);
}

static void
test_answers(void **state)
{
	struct fixture *f = fixture_create(4, 100);

	EXPECT(ask(f, "GET /ten.txt HTTP/1.1\r\n" HOST "\r\n"), "200 OK",
		"\r\nContent-Type: text/plain; charset=utf-8\r\n",
		"\r\nLast-Modified: " HTTP_FIXTURE_DATE "\r\n", "\r\nAccept-Ranges: bytes\r\n",
		"\r\nContent-Length: 10\r\n", "\r\nDate: ", "\r\nETag: \"", "\r\n\r\n0123456789");
	EXPECT(ask(f, "GET http://x/docs/?q HTTP/1.1\r\n" HOST "\r\n"), "200 OK",
		"\r\n\r\n<p>docs</p>\n");
	EXPECT(ask(f, "GET /empty HTTP/1.1\r\n" HOST "\r\n"), "200 OK",
		"\r\nContent-Length: 0\r\n");
	EXPECT(ask(f, "GET /docs/with%20space/a%25b.TXT HTTP/1.1\r\n" HOST "\r\n"), "200 OK",
		"\r\n\r\nx");
	EXPECT(ask(f, "GET /docs/with%20space?x HTTP/1.1\r\n" HOST "\r\n"), "301 Moved Permanently",
		"\r\nLocation: /docs/with%20space/\r\n");
	EXPECT(ask(f, "GET /no HTTP/1.1\r\n" HOST "\r\n"), "404 Not Found",
		"\r\n\r\n404 Not Found\n");
	EXPECT(ask(f, "GET /../../etc/passwd HTTP/1.1\r\n" HOST "\r\n"), "404 Not Found");
	EXPECT(ask(f, "GET /%zz HTTP/1.1\r\n" HOST "\r\n"), "400 Bad Request");
	EXPECT(ask(f, "DELETE /ten.txt HTTP/1.1\r\n" HOST "\r\n"), "405 Method Not Allowed",
		"\r\nAllow: GET, HEAD\r\n");
	EXPECT(ask(f, "BREW / HTTP/1.1\r\n" HOST "\r\n"), "501 Not Implemented");
	EXPECT(ask(f, "GET / HTTP/3.0\r\n" HOST "\r\n"), "505 HTTP Version Not Supported",
		"\r\nConnection: close\r\n");
	EXPECT(ask(f, "GET / HTTP/1.1\r\n\r\n"), "400 Bad Request", "\r\nConnection: close\r\n");
	EXPECT(ask(f, "GET / HTTP/1.1\r\n" HOST "Expect: more\r\n\r\n"), "417 Expectation Failed");
	assert_int_equal(counters(f).requests, 13);
	assert_int_equal(counters(f).ok, 4);
	assert_int_equal(counters(f).client_errors, 6);
	assert_int_equal(counters(f).server_errors, 2);
	fixture_destroy(f);
}

/* RFC 9110 9.3.2: the same header, and nothing behind. */
static void
test_head(void **state)
{
	static const char *const paths[] = { "/ten.txt", "/big.bin", "/no", "/docs" };
	struct fixture *f = fixture_create(4, 100);

	for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char request[128], head[4096];
		char *get;

		snprintf(request, sizeof(request), "HEAD %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
		snprintf(head, sizeof(head), "%s", ask(f, request));
		assert_string_equal(strstr(head, "\r\n\r\n"), "\r\n\r\n");
		snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
		get = ask(f, request);
		assert_int_equal(strncmp(get, head, strlen(head)), 0);
	}
	/* 14.2: ranges are not for HEAD. */
	EXPECT(ask(f, "HEAD /ten.txt HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\n\r\n"), "200 OK",
		"\r\nContent-Length: 10\r\n");
	fixture_destroy(f);
}

static void
test_ranges(void **state)
{
	struct fixture *f = fixture_create(4, 100);
	char wanted[1024], length[64];
	const char *answer, *body;
	const struct http_file *ten = file_of(f, "/ten.txt");

	EXPECT(ask(f, "GET /ten.txt HTTP/1.1\r\n" HOST "Range: bytes=2-4\r\n\r\n"),
		"206 Partial Content", "\r\nContent-Range: bytes 2-4/10\r\n",
		"\r\nContent-Length: 3\r\n", "\r\nContent-Type: text/plain; charset=utf-8\r\n",
		"\r\n\r\n234");
	EXPECT(ask(f, "GET /ten.txt HTTP/1.1\r\n" HOST "Range: bytes=10-\r\n\r\n"),
		"416 Range Not Satisfiable", "\r\nContent-Range: bytes */10\r\n");
	EXPECT(ask(f, "GET /ten.txt HTTP/1.1\r\n" HOST "Range: bytes=0-,0-\r\n\r\n"), "200 OK");
	EXPECT(ask(f,
		       "GET /ten.txt HTTP/1.1\r\n" HOST
		       "Range: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n"),
		"200 OK");
	/* 14.6 */
	answer = ask(f, "GET /ten.txt HTTP/1.1\r\n" HOST "Range: bytes=0-1,-2\r\n\r\n");
	snprintf(wanted, sizeof(wanted),
		"\r\n--%.16s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Range: bytes 0-1/10\r\n\r\n01"
		"\r\n--%.16s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Range: bytes 8-9/10\r\n\r\n89"
		"\r\n--%.16s--\r\n",
		ten->etag + 1, ten->etag + 1, ten->etag + 1);
	snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n", strlen(wanted));
	EXPECT(answer, "206 Partial Content", length,
		"\r\nContent-Type: multipart/byteranges; boundary=");
	body = strstr(answer, "\r\n\r\n") + 4;
	assert_string_equal(body, wanted);
	fixture_destroy(f);
}

/* RFC 9110 13.2.2, in its order. */
static void
test_conditions(void **state)
{
	static const struct {
		const char *fields, *status;
	} cases[] = {
		{ "If-None-Match: %s\r\n", "304 Not Modified" },
		{ "If-None-Match: W/%s\r\n", "304 Not Modified" },
		{ "If-None-Match: \"a,b\" , %s\r\n", "304 Not Modified" },
		{ "If-None-Match: \"x\"\r\nIf-None-Match: %s\r\n", "304 Not Modified" },
		{ "If-None-Match: *\r\n", "304 Not Modified" },
		{ "If-None-Match: \"x\"\r\n", "200 OK" },
		{ "If-None-Match: x\r\n", "200 OK" },
		{ "If-None-Match: \"x\"\r\nIf-Modified-Since: " HTTP_FIXTURE_DATE "\r\n",
			"200 OK" },
		{ "If-Modified-Since: " HTTP_FIXTURE_DATE "\r\n", "304 Not Modified" },
		{ "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", "200 OK" },
		{ "If-Modified-Since: yesterday\r\n", "200 OK" },
		{ "If-Match: %s\r\n", "200 OK" },
		{ "If-Match: W/%s\r\n", "412 Precondition Failed" },
		{ "If-Match: \"x\"\r\n", "412 Precondition Failed" },
		{ "If-Match: *\r\n", "200 OK" },
		{ "If-Match: %s\r\nIf-None-Match: %s\r\n", "304 Not Modified" },
		{ "If-Unmodified-Since: " HTTP_FIXTURE_DATE "\r\n", "200 OK" },
		{ "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
			"412 Precondition Failed" },
		{ "If-Match: %s\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n",
			"200 OK" },
		{ "Range: bytes=0-1\r\nIf-None-Match: %s\r\n", "304 Not Modified" },
		{ "Range: bytes=0-1\r\nIf-Range: %s\r\n", "206 Partial Content" },
		{ "Range: bytes=0-1\r\nIf-Range: W/%s\r\n", "200 OK" },
		{ "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n", "200 OK" },
		{ "Range: bytes=0-1\r\nIf-Range: " HTTP_FIXTURE_DATE "\r\n",
			"206 Partial Content" },
		{ "Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:38 GMT\r\n", "200 OK" },
		{ "Range: bytes=50-\r\nIf-Range: \"x\"\r\n", "200 OK" },
	};
	struct fixture *f = fixture_create(4, 100);
	const char *etag = file_of(f, "/ten.txt")->etag;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char fields[256], request[512];
		const char *answer;

		snprintf(fields, sizeof(fields), cases[i].fields, etag, etag);
		snprintf(request, sizeof(request), "GET /ten.txt HTTP/1.1\r\n" HOST "%s\r\n",
			fields);
		answer = ask(f, request);
		if (strncmp(answer + 9, cases[i].status, strlen(cases[i].status)) != 0)
			fail_msg("%s%s", fields, answer);
		/* 15.4.5: no contents, and no word of how long they would be. */
		if (answer[9] == '3') {
			EXPECT(answer, cases[i].status, "\r\nETag: ");
			assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
			assert_null(strstr(answer, "Content-Type"));
		}
	}
	fixture_destroy(f);
}

/* RFC 9112 9.3: several requests on a connection, one behind the other, and in any pieces. */
static void
test_pipelining(void **state)
{
	static const char requests[] =
		"GET /ten.txt HTTP/1.1\r\n" HOST "\r\n"
		"\r\nPOST /ten.txt HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody"
		"HEAD /big.bin HTTP/1.1\r\n" HOST "\r\n"
		"GET /ten.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
		"GET /ten.txt HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"
		"GET /ten.txt HTTP/1.1\r\n" HOST "\r\n";
	struct fixture *f = fixture_create(4, 100);
	char whole[8192];
	size_t length;

	for (size_t piece = 1; piece <= sizeof(requests); piece += piece < 20 ? 1 : 50) {
		struct sock *sock = connect_to(f);
		const char *text;

		for (size_t i = 0; i < sizeof(requests) - 1; i += piece) {
			size_t n = RTE_MIN(piece, sizeof(requests) - 1 - i);

			assert_int_equal(sock_send(sock, requests + i, n, NULL), n);
			sock_double_run(f->core);
		}
		text = hear(f, sock, &length);
		assert_int_equal(length, strlen(text));
		if (piece == 1)
			snprintf(whole, sizeof(whole), "%s", text);
		assert_string_equal(text, whole);
		assert_true(has_ended(sock));
		sock_close(sock);
	}
	EXPECT(whole, "200 OK", "405 Method Not Allowed", "\r\nContent-Length: 300000\r\n",
		"\r\nConnection: keep-alive\r\n", "\r\nConnection: close\r\n");
	fixture_destroy(f);
}

/* A client that takes a little at a time gets it all, and is sent no more than it takes. */
static void
test_slow_reader(void **state)
{
	struct fixture *f = fixture_create(4, 100);
	struct sock *sock = connect_to(f);
	const uint8_t *body;
	size_t length;
	char *text;

	sock_double_room_set(sock, 1000);
	say(f, sock, "GET /big.bin HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
	assert_in_range(counters(f).bytes, 1, 1000);
	text = hear(f, sock, &length);
	body = (const uint8_t *)strstr(text, "\r\n\r\n") + 4;
	assert_int_equal(length - (size_t)((const char *)body - text), HTTP_FIXTURE_BIG);
	for (uint32_t i = 0; i < HTTP_FIXTURE_BIG; i++)
		assert_int_equal(body[i], http_fixture_byte(i));
	assert_true(has_ended(sock));
	sock_close(sock);
	fixture_destroy(f);
}

/* Who takes a byte now and then does not hold a connection; who takes 240 a second may. */
static void
test_least_rate(void **state)
{
	struct fixture *f = fixture_create(4, 100);
	struct sock *drips = connect_to(f), *slow = connect_to(f);
	uint8_t data[7300];

	sock_double_room_set(drips, 1000);
	sock_double_room_set(slow, sizeof(data));
	say(f, drips, "GET /big.bin HTTP/1.1\r\n" HOST "\r\n");
	say(f, slow, "GET /big.bin HTTP/1.1\r\n" HOST "\r\n");
	for (unsigned i = 0; i < 10; i++) {
		sock_double_advance(f->core, 29 * SECONDS);
		sock_receive(drips, data, 1, NULL);
		assert_int_equal(sock_receive(slow, data, sizeof(data), NULL), sizeof(data));
		sock_double_run(f->core);
		assert_int_equal(counters(f).open, i == 0 ? 2 : 1);
	}
	assert_int_equal(counters(f).timeouts, 1);
	sock_close(drips);
	sock_close(slow);
	fixture_destroy(f);
}

/* What counts is what the client has: there is room to be told of only once it has a third of a buffer. */
static void
test_least_rate_of_a_large_buffer(void **state)
{
	struct fixture *f = fixture_create(4, 100);
	struct sock *slow = connect_to(f), *slower = connect_to(f);
	uint8_t data[2500];

	sock_double_room_set(slow, 87040);
	sock_double_room_set(slower, 87040);
	say(f, slow, "GET /big.bin HTTP/1.1\r\n" HOST "\r\n");
	say(f, slower, "GET /big.bin HTTP/1.1\r\n" HOST "\r\n");
	for (unsigned i = 0; i < 30; i++) {
		sock_double_advance(f->core, 9990000000);
		assert_int_equal(sock_receive(slow, data, sizeof(data), NULL), sizeof(data));
		sock_receive(slower, data, i < 3 ? 2400 : 2300, NULL);
		sock_double_run(f->core);
		assert_int_equal(counters(f).open, i < 6 ? 2 : 1);
	}
	assert_int_equal(counters(f).timeouts, 1);
	sock_double_advance(f->core, 61 * SECONDS);
	assert_int_equal(counters(f).open, 0);
	assert_int_equal(counters(f).timeouts, 2);
	sock_close(slow);
	sock_close(slower);
	fixture_destroy(f);
}

/* RFC 9112 9.6: what is refused is not reset, so that the answer arrives. */
static void
test_refused(void **state)
{
	static const struct {
		const char *request, *status;
	} cases[] = {
		{ "GET /\n\n", "400 Bad Request" },
		{ "POST / HTTP/1.1\r\n" HOST
		  "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n",
			"400 Bad Request" },
		{ "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"411 Length Required" },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999\r\n\r\n",
			"413 Content Too Large" },
		/* RFC 9110 10.1.1: it is not known then whether the body comes. */
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n",
			"405 Method Not Allowed" },
	};
	struct fixture *f = fixture_create(4, 100);
	char line[HTTP_LINE_MAX + 1];
	size_t length;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sock *sock = connect_to(f);

		say(f, sock, cases[i].request);
		/* What comes behind is no request any more. */
		say(f, sock, "GET /ten.txt HTTP/1.1\r\n" HOST "\r\n");
		EXPECT(hear(f, sock, &length), cases[i].status, "\r\nConnection: close\r\n");
		assert_null(strstr(hear(f, sock, &length), "0123456789"));
		assert_true(has_ended(sock));
		sock_close(sock);
		sock_double_run(f->core);
	}
	memset(line, 'a', HTTP_LINE_MAX);
	line[HTTP_LINE_MAX] = '\0';
	EXPECT(ask(f, line), "414 URI Too Long");
	fixture_destroy(f);
}

/* Who waits for what is told; who does not end is left. */
static void
test_time(void **state)
{
	struct fixture *f = fixture_create(4, 100);
	struct sock *silent = connect_to(f), *slow = connect_to(f), *kept = connect_to(f),
		    *deaf = connect_to(f);
	size_t length;

	sock_double_room_set(deaf, 100);
	say(f, deaf, "GET /big.bin HTTP/1.1\r\n" HOST "\r\n");
	say(f, slow, "GET / HTTP/1.1\r\n");
	say(f, kept, "GET /ten.txt HTTP/1.1\r\n" HOST "\r\n");
	hear(f, kept, &length);
	sock_double_advance(f->core, 6 * SECONDS);
	/* A byte now and then is no request. */
	say(f, slow, "X");
	sock_double_advance(f->core, 5 * SECONDS);
	assert_true(has_ended(silent));
	EXPECT(hear(f, slow, &length), "408 Request Timeout", "\r\nConnection: close\r\n");
	assert_int_equal(counters(f).open, 3);
	sock_double_advance(f->core, 3 * SECONDS);
	assert_int_equal(counters(f).open, 2);
	assert_false(has_ended(kept));
	sock_double_advance(f->core, 20 * SECONDS);
	assert_int_equal(counters(f).open, 1);
	say(f, kept, "GET /ten.txt HTTP/1.1\r\n" HOST "\r\n");
	EXPECT(hear(f, kept, &length), "200 OK");
	sock_double_advance(f->core, 59 * SECONDS);
	assert_int_equal(counters(f).open, 1);
	sock_double_advance(f->core, 2 * SECONDS);
	assert_true(has_ended(kept));
	assert_int_equal(counters(f).open, 0);
	assert_int_equal(counters(f).timeouts, 5);
	sock_close(silent);
	sock_close(slow);
	sock_close(kept);
	sock_close(deaf);
	fixture_destroy(f);
}

/* Beyond the limits new ones are refused, and old ones live on. */
static void
test_limits(void **state)
{
	struct fixture *f = fixture_create(2, 3);
	struct sock *first = connect_to(f), *second = connect_to(f), *third = connect_to(f);
	size_t length;

	assert_true(has_ended(third));
	sock_close(third);
	assert_int_equal(counters(f).refused, 1);
	for (unsigned i = 1; i <= 3; i++) {
		const char *text;

		say(f, first, "GET /ten.txt HTTP/1.1\r\n" HOST "\r\n");
		text = hear(f, first, &length);
		EXPECT(text, "200 OK");
		assert_int_equal(strstr(text, "\r\nConnection: close\r\n") != NULL, i == 3);
	}
	assert_true(has_ended(first));
	sock_close(first);
	sock_double_run(f->core);
	/* There is room again. */
	third = connect_to(f);
	assert_false(has_ended(third));
	sock_close(third);
	sock_close(second);
	fixture_destroy(f);
}

/* Clients that go: by an end, by a reset, in the middle of an answer. */
static void
test_gone(void **state)
{
	struct fixture *f = fixture_create(2, 100);
	struct sock *sock;
	size_t length;

	for (unsigned i = 0; i < 3; i++) {
		sock = connect_to(f);
		sock_double_room_set(sock, 100);
		say(f, sock, "GET /big.bin HTTP/1.1\r\n" HOST "\r\n");
		sock_close(sock);
		sock_double_run(f->core);
		assert_int_equal(counters(f).open, 0);
	}
	/* Half closed: all that was asked is answered. */
	sock = connect_to(f);
	assert_int_equal(sock_send(sock, "GET /ten.txt HTTP/1.1\r\n" HOST "\r\n", 34, NULL), 34);
	assert_int_equal(sock_shutdown(sock, SOCK_SHUTDOWN_WRITE), 0);
	sock_double_run(f->core);
	EXPECT(hear(f, sock, &length), "200 OK", "\r\n\r\n0123456789");
	assert_true(has_ended(sock));
	sock_close(sock);
	fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_pipelining),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_least_rate),
		cmocka_unit_test(test_least_rate_of_a_large_buffer),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, http_fixture_setup, http_fixture_teardown);
}
