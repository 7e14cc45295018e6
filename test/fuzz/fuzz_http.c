/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests to the HTTP server, however many there are in an input: what is parsed lies within it, what
 * is answered has the form of an answer, and sends as many bytes as it says.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "service/http_date.h"
#include "service/http_response.h"

#define NOW      800000000
#define MODIFIED 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

#define INFO(type)                                                                   \
	"Content-Type: " type "\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n" \
	"ETag: \"0123456789abcdef\"\r\nAccept-Ranges: bytes\r\n"
#define FILE_OF(name, text)                                                                     \
	{                                                                                       \
		.path = (name), .data = (text), .size = sizeof(text) - 1, .modified = MODIFIED, \
		.is_dated = true, .etag = "\"0123456789abcdef\"", .info = INFO("text/plain"),   \
		.type_length = sizeof("Content-Type: text/plain\r\n") - 1,                      \
		.info_length = sizeof(INFO("text/plain")) - 1                                   \
	}

/* Sorted, as they are by http_files_load(). */
static struct http_file contents[] = {
	{ .path = "/docs/" },
	FILE_OF("/docs/a b", "0123456789"),
	FILE_OF("/empty", ""),
	FILE_OF("/index.html", "<p>home</p>\n"),
};
static const struct http_files files = { .count = 4, .files = contents };

static void
check(bool promise)
{
	if (!promise)
		abort();
}

static void
within(struct http_text text, const char *data, uint32_t length)
{
	/* A path may also be the literal "/". */
	if (text.length == 1 && text.at[0] == '/')
		return;
	check(text.at >= data && text.length <= length &&
		(uint32_t)(text.at - data) <= length - text.length);
}

/* The number behind a field's name. */
static uint64_t
content_length(const char *header, uint32_t length)
{
	static const char name[] = "\r\nContent-Length: ";
	const char *at = memmem(header, length, name, sizeof(name) - 1);

	return at != NULL ? strtoull(at + sizeof(name) - 1, NULL, 10) : 0;
}

/* @return how many bytes the parts of a file have, with what is between them */
static uint64_t
parts_length(const struct http_response *response)
{
	char text[HTTP_TEXT_MAX];
	struct http_range range;
	uint64_t sum = 0;
	unsigned i = 0;

	for (; http_response_part(response, i, &range); i++) {
		check(response->file != NULL && range.first + range.length <= response->file->size);
		sum += http_part_build(response, i, text) + range.length;
	}
	return i > 0 ? sum + http_part_build(response, i, text) : 0;
}

static void
answer_check(const struct http_response *response)
{
	char text[HTTP_TEXT_MAX + 1], date[HTTP_DATE_LENGTH];
	uint32_t length;
	uint64_t body;
	char *end;

	http_date_build(NOW, date);
	length = http_response_build(response, date, text);
	check(length <= HTTP_TEXT_MAX);
	text[length] = '\0';
	check(strlen(text) == length && strncmp(text, "HTTP/1.1 ", 9) == 0);
	end = strstr(text, "\r\n\r\n");
	check(end != NULL);
	/* Nothing that a stranger wrote may end a line. */
	for (const char *c = text; c < end; c++)
		check((*c >= ' ' && *c < 0x7f) || *c == '\r' || *c == '\n');
	body = length - (uint64_t)(end + 4 - text) + parts_length(response);
	check(body ==
		(response->is_head || response->status == 304 ? 0 : content_length(text, length)));
}

/* @return whether there may be another request behind */
static bool
request_check(const char **data, uint32_t *size)
{
	struct http_request request;
	struct http_response response;
	uint32_t skip = http_empty_lines(*data, *size), scanned = 0;
	int length, status;

	*data += skip;
	*size -= skip;
	length = http_header_find(*data, *size, &scanned);
	check(length <= (int)*size && length <= HTTP_HEADER_MAX);
	if (length == 0)
		return false;
	status = length < 0 ? -length : http_parse(*data, (uint32_t)length, &request);
	if (status != 0) {
		http_response_refuse(&response, status);
		check(!response.persist);
		answer_check(&response);
		return false;
	}
	check(request.body_length <= HTTP_BODY_MAX && request.line_count <= HTTP_FIELDS_MAX);
	within(request.path, *data, (uint32_t)length);
	for (unsigned i = 0; i < request.line_count; i++)
		within(request.lines[i].value, *data, (uint32_t)length);
	http_response_decide(&response, &request, &files, NOW);
	answer_check(&response);
	skip = (uint32_t)length + (uint32_t)request.body_length;
	if (skip > *size)
		return false;
	*data += skip;
	*size -= skip;
	return response.persist;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of its own length, so that what is read beyond it is noticed. */
	char *copy = malloc(size + 1);
	const char *at = copy;
	uint32_t left = (uint32_t)size;

	check(copy != NULL && size < UINT32_MAX);
	if (size > 0)
		memcpy(copy, data, size);
	while (request_check(&at, &left))
		;
	free(copy);
	return 0;
}
