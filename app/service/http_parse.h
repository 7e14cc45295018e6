/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A request of HTTP/1.1 as a struct: RFC 9112 2 to 7, RFC 9110 5 to 10. Pure functions; what they give
 * points into what was received.
 */
#ifndef SERVICE_HTTP_PARSE_H
#define SERVICE_HTTP_PARSE_H

#include "service/http_text.h"

/* Beyond these a request is refused. */
#define HTTP_LINE_MAX   4096 /* the request line */
#define HTTP_HEADER_MAX 8192 /* all of the header */
#define HTTP_FIELDS_MAX 64
#define HTTP_BODY_MAX   (1U << 20) /* bytes that are read past, since nothing here wants them */

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_NOT_ALLOWED, /* one that RFC 9110 or 5789 defines, but files do not know */
	HTTP_UNKNOWN,
};

/* Those that matter here. */
enum http_field {
	HTTP_CONNECTION,
	HTTP_CONTENT_LENGTH,
	HTTP_EXPECT,
	HTTP_HOST,
	HTTP_IF_MATCH,
	HTTP_IF_MODIFIED_SINCE,
	HTTP_IF_NONE_MATCH,
	HTTP_IF_RANGE,
	HTTP_IF_UNMODIFIED_SINCE,
	HTTP_RANGE,
	HTTP_TRANSFER_ENCODING,
	HTTP_FIELD_COUNT
};

struct http_field_line {
	enum http_field name;
	struct http_text value; /* without the white space around */
};

struct http_request {
	enum http_method method;
	bool is_1_0; /* HTTP/1.0; otherwise 1.1 or a later 1.x */
	bool persist; /* the connection may stay: RFC 9112 9.3 */
	bool expect_continue;
	struct http_text path; /* as it was written: starts with '/' */
	uint64_t body_length;
	unsigned line_count; /* of those that matter here */
	struct http_field_line lines[HTTP_FIELDS_MAX];
};

/*
 * Find the end of a header. `scanned` is 0 at first, and remembers how far it has looked.
 * @return its length, with the empty line; 0: there is more to come; -status: it is too long
 */
int http_header_find(const char *data, uint32_t length, uint32_t *scanned);

/* @return bytes of empty lines, which are ignored in front of a request: RFC 9112 2.2 */
uint32_t http_empty_lines(const char *data, uint32_t length);

/*
 * @param length as http_header_find() says
 * @return 0, or the status to refuse it with; where the next request would begin is not known then
 */
int http_parse(const char *data, uint32_t length, struct http_request *request);

/* The one field of that name. @return false: there is none, or several */
bool http_field_single(
	const struct http_request *request, enum http_field name, struct http_text *value);

#endif
