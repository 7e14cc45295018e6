/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of HTTP: what is understood, and what is refused, with which status. RFC 9110, RFC 9112. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/http_parse.h"

static int
parse(const char *text, struct http_request *request)
{
	uint32_t scanned = 0, length = (uint32_t)strlen(text);
	int end = http_header_find(text, length, &scanned);

	if (end <= 0)
		return end < 0 ? -end : -1;
	assert_int_equal(end, length);
	return http_parse(text, length, request);
}

/* @return the status of a request with these lines after its first; 0: it is good */
static int
parse_fields(const char *fields)
{
	struct http_request request;
	char text[HTTP_HEADER_MAX + 64];

	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n", fields);
	return parse(text, &request);
}

static void
test_request_line(void **state)
{
	static const struct {
		const char *line;
		int status;
		enum http_method method;
		const char *path;
	} cases[] = {
		{ "GET / HTTP/1.1", 0, HTTP_GET, "/" },
		{ "HEAD /a/b.html?q=1 HTTP/1.1", 0, HTTP_HEAD, "/a/b.html" },
		{ "GET /x HTTP/1.9", 0, HTTP_GET, "/x" },
		/* RFC 9112 3.2.2 */
		{ "GET http://example.org/x?y HTTP/1.1", 0, HTTP_GET, "/x" },
		{ "GET HTTP://example.org:80 HTTP/1.1", 0, HTTP_GET, "/" },
		{ "GET http://example.org?q HTTP/1.1", 0, HTTP_GET, "/" },
		{ "GET http://[2001:db8::1]:8080/x HTTP/1.1", 0, HTTP_GET, "/x" },
		{ "GET http:///x HTTP/1.1", 400, 0, NULL },
		{ "GET http://user@example.org/x HTTP/1.1", 400, 0, NULL },
		{ "GET https://example.org/x HTTP/1.1", 400, 0, NULL },
		{ "GET example.org HTTP/1.1", 400, 0, NULL },
		{ "GET * HTTP/1.1", 400, 0, NULL },
		/* 3.2.4 and 3.2.3: such targets belong to methods that are not allowed here. */
		{ "OPTIONS * HTTP/1.1", 0, HTTP_NOT_ALLOWED, "*" },
		{ "CONNECT example.org:80 HTTP/1.1", 0, HTTP_NOT_ALLOWED, "example.org:80" },
		{ "POST /x HTTP/1.1", 0, HTTP_NOT_ALLOWED, "/x" },
		{ "get / HTTP/1.1", 0, HTTP_UNKNOWN, "/" },
		{ "BREW /pot HTTP/1.1", 0, HTTP_UNKNOWN, "/pot" },
		{ "G(T / HTTP/1.1", 400, 0, NULL },
		{ " GET / HTTP/1.1", 400, 0, NULL },
		{ "GET  / HTTP/1.1", 400, 0, NULL },
		{ "GET /  HTTP/1.1", 400, 0, NULL },
		{ "GET\t/ HTTP/1.1", 400, 0, NULL },
		{ "GET / HTTP/1.1 ", 400, 0, NULL },
		{ "GET /", 400, 0, NULL },
		{ "GET / http/1.1", 400, 0, NULL },
		{ "GET / HTTP/1", 400, 0, NULL },
		{ "GET / HTTP/11", 400, 0, NULL },
		{ "GET / HTTP/2.0", 505, 0, NULL },
		{ "GET / HTTP/0.9", 505, 0, NULL },
		{ "GET /a#b HTTP/1.1", 400, 0, NULL },
		{ "GET /\x01 HTTP/1.1", 400, 0, NULL },
		{ "GET /\xc3\xa4 HTTP/1.1", 400, 0, NULL },
		{ "GET /a\rb HTTP/1.1", 400, 0, NULL },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_request request;
		char text[256];
		int status;

		snprintf(text, sizeof(text), "%s\r\nHost: a\r\n\r\n", cases[i].line);
		status = parse(text, &request);
		if (status != cases[i].status)
			fail_msg("\"%s\": %d", cases[i].line, status);
		if (status != 0)
			continue;
		assert_int_equal(request.method, cases[i].method);
		assert_int_equal(request.path.length, strlen(cases[i].path));
		assert_memory_equal(request.path.at, cases[i].path, request.path.length);
	}
}

static void
test_fields(void **state)
{
	static const struct {
		const char *fields;
		int status;
	} cases[] = {
		{ "Host: a\r\n", 0 },
		{ "hOST:a\r\nX-Other:\t b \r\nEmpty:\r\n", 0 },
		{ "Host: a\r\nX: \xff\xfe\r\n", 0 },
		/* RFC 9112 5.1, 5.2, 2.2 */
		{ "Host : a\r\n", 400 },
		{ "Host: a\r\n folded\r\n", 400 },
		{ " Host: a\r\n", 400 },
		{ "Host: a\r\nno colon\r\n", 400 },
		{ "Host: a\r\n: nameless\r\n", 400 },
		{ "Host: a\r\nX: a\rb\r\n", 400 },
		{ "Host: a\nX: b\r\n", 400 },
		{ "Host: a\r\nX: \x01\r\n", 400 },
		{ "Host: a\r\nX: \x7f\r\n", 400 },
		/* 3.2 */
		{ "", 400 },
		{ "Host: a\r\nHost: a\r\n", 400 },
		{ "Host:\r\n", 0 },
		{ "Host: 10.0.0.1:8080\r\n", 0 },
		{ "Host: [2001:db8::1]:80\r\n", 0 },
		{ "Host: [2001:db8::1]\r\n", 0 },
		{ "Host: [2001:db8::1\r\n", 400 },
		{ "Host: [::1]x\r\n", 400 },
		{ "Host: a:b\r\n", 400 },
		{ "Host: a, b\r\n", 400 },
		{ "Host: a/b\r\n", 400 },
		{ "Host: a b\r\n", 400 },
		/* RFC 9110 10.1.1 */
		{ "Host: a\r\nExpect: 100-Continue\r\n", 0 },
		{ "Host: a\r\nExpect: a miracle\r\n", 417 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = parse_fields(cases[i].fields);

		if (status != cases[i].status)
			fail_msg("\"%s\": %d", cases[i].fields, status);
	}
}

/* RFC 9112 6.3 and 11.2: nobody on the way can see another end of the message than we do. */
static void
test_bodies(void **state)
{
	static const struct {
		const char *fields;
		int status;
	} cases[] = {
		{ "Content-Length: 0\r\n", 0 },
		{ "Content-Length: 1048576\r\n", 0 },
		{ "Content-Length: 1048577\r\n", 413 },
		{ "Content-Length: 99999999999999999999999\r\n", 413 },
		{ "Content-Length: \r\n", 400 },
		{ "Content-Length: -1\r\n", 400 },
		{ "Content-Length: +1\r\n", 400 },
		{ "Content-Length: 0x10\r\n", 400 },
		{ "Content-Length: 1 1\r\n", 400 },
		{ "Content-Length: 5, 5\r\n", 400 },
		{ "Content-Length: 5\r\nContent-Length: 5\r\n", 400 },
		{ "Content-Length: 5\r\nContent-Length: 6\r\n", 400 },
		{ "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400 },
		{ "Transfer-Encoding: chunked\r\n", 411 },
		{ "Transfer-Encoding: CHUNKED\r\n", 411 },
		{ "Transfer-Encoding: , chunked ,\r\n", 411 },
		{ "Transfer-Encoding: gzip, chunked\r\n", 501 },
		{ "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 501 },
		{ "Transfer-Encoding: chunked, identity\r\n", 400 },
		{ "Transfer-Encoding: identity\r\n", 400 },
		{ "Transfer-Encoding: xchunked\r\n", 400 },
		{ "Transfer-Encoding:\r\n", 400 },
		{ "Transfer-Encoding : chunked\r\n", 400 },
	};
	struct http_request request;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char fields[256];
		int status;

		snprintf(fields, sizeof(fields), "Host: a\r\n%s", cases[i].fields);
		status = parse_fields(fields);
		if (status != cases[i].status)
			fail_msg("\"%s\": %d", cases[i].fields, status);
	}
	/* 6.1: one of HTTP/1.0 cannot know it. */
	assert_int_equal(
		parse("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", &request), 400);
	assert_int_equal(parse("POST / HTTP/1.0\r\nContent-Length: 17\r\n\r\n", &request), 0);
	assert_int_equal(request.body_length, 17);
}

/* RFC 9112 9.3. */
static void
test_persistence(void **state)
{
	static const struct {
		const char *rest;
		bool persist;
	} cases[] = {
		{ "HTTP/1.1\r\nHost: a\r\n\r\n", true },
		{ "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false },
		{ "HTTP/1.1\r\nHost: a\r\nConnection: upgrade , CLOSE\r\n\r\n", false },
		{ "HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
			false },
		{ "HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true },
		{ "HTTP/1.0\r\n\r\n", false },
		{ "HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
		{ "HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_request request;
		char text[256];

		snprintf(text, sizeof(text), "GET / %s", cases[i].rest);
		assert_int_equal(parse(text, &request), 0);
		if (request.persist != cases[i].persist)
			fail_msg("\"%s\"", cases[i].rest);
	}
}

/* A header ends where it ends, however it comes in pieces; and has an end. */
static void
test_limits(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	char big[HTTP_HEADER_MAX + 16];
	struct http_request request;
	uint32_t scanned = 0;
	int n;

	for (uint32_t length = 0; length < sizeof(text) - 1; length++)
		assert_int_equal(http_header_find(text, length, &scanned), 0);
	assert_int_equal(http_header_find(text, sizeof(text) + 4, &scanned), sizeof(text) - 1);
	/* One that is wrong is answered all the same. */
	scanned = 0;
	assert_int_equal(http_header_find("GET /\n\n", 7, &scanned), 7);
	assert_int_equal(http_empty_lines("\r\n\r\nGET", 7), 4);
	assert_int_equal(http_empty_lines("\r", 1), 0);

	memset(big, 'a', sizeof(big));
	scanned = 0;
	assert_int_equal(http_header_find(big, HTTP_LINE_MAX - 1, &scanned), 0);
	assert_int_equal(http_header_find(big, HTTP_LINE_MAX, &scanned), -414);
	memcpy(big, text, 16);
	scanned = 0;
	assert_int_equal(http_header_find(big, HTTP_HEADER_MAX - 1, &scanned), 0);
	assert_int_equal(http_header_find(big, HTTP_HEADER_MAX, &scanned), -431);

	n = snprintf(big, sizeof(big), "GET / HTTP/1.1\r\nHost: a\r\n");
	for (unsigned i = 1; i <= HTTP_FIELDS_MAX; i++) {
		assert_int_equal(parse_fields(big + 16), 0);
		n += snprintf(big + n, sizeof(big) - (size_t)n, "Range: %u\r\n", i);
	}
	assert_int_equal(parse_fields(big + 16), 431);
	assert_int_equal(http_parse("\r\n", 2, &request), 400);
	assert_int_equal(http_parse("", 0, &request), 400);
}

static void
test_paths(void **state)
{
	static const struct {
		const char *path;
		int result;
		const char *decoded;
	} cases[] = {
		{ "/a%20b%C3%A4", 6, "/a b\xc3\xa4" },
		{ "/%41", 2, "/A" },
		{ "/%", -400, NULL },
		{ "/%4", -400, NULL },
		{ "/%4g", -400, NULL },
		{ "/a%00b", -404, NULL },
		{ "/..%2f..%2Fetc/passwd", -404, NULL },
		{ "/0123456789abcdef", -404, NULL },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_text path = { cases[i].path, (uint32_t)strlen(cases[i].path) };
		char out[16];

		assert_int_equal(http_path_decode(path, out, sizeof(out)), cases[i].result);
		if (cases[i].decoded != NULL)
			assert_string_equal(out, cases[i].decoded);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_line),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_persistence),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
