/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests: strict wherever two readers could disagree about where a message ends (RFC 9112 11.2). A
 * line ends by CRLF and nothing else, fields do not go on in the next line, and there is one length.
 */
#include "service/http_parse.h"

#define ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

/* RFC 9110 5.6.2. */
static bool
is_token(struct http_text text)
{
	for (uint32_t i = 0; i < text.length; i++) {
		char c = text.at[i];

		if (!http_is_digit(c) && !http_is_alpha(c) &&
			(c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return text.length > 0;
}

static bool
text_is(struct http_text text, struct http_text exactly)
{
	return text.length == exactly.length && memcmp(text.at, exactly.at, text.length) == 0;
}

/* ---- the header as a whole ---- */

int
http_header_find(const char *data, uint32_t length, uint32_t *scanned)
{
	/* Perhaps an empty line in front, of which http_empty_lines() knows. */
	if (length == 1 && data[0] == '\r')
		return 0;
	for (uint32_t i = *scanned; i < length; i++) {
		if (data[i] != '\n')
			continue;
		/* Of a line that ends wrongly as well, so that it is answered and not waited for. */
		if ((i >= 1 && data[i - 1] == '\n') ||
			(i >= 2 && data[i - 1] == '\r' && data[i - 2] == '\n')) {
			if (i >= HTTP_HEADER_MAX)
				return -431;
			return (int)i + 1;
		}
	}
	*scanned = length;
	if (length >= HTTP_LINE_MAX && memchr(data, '\n', HTTP_LINE_MAX) == NULL)
		return -414;
	return length >= HTTP_HEADER_MAX ? -431 : 0;
}

uint32_t
http_empty_lines(const char *data, uint32_t length)
{
	uint32_t n = 0;

	while (length - n >= 2 && data[n] == '\r' && data[n + 1] == '\n')
		n += 2;
	return n;
}

/* ---- the request line: RFC 9112 3 ---- */

static enum http_method
method_of(struct http_text text)
{
	static const struct http_text known[] = { HTTP_TEXT_INIT("POST"), HTTP_TEXT_INIT("PUT"),
		HTTP_TEXT_INIT("DELETE"), HTTP_TEXT_INIT("OPTIONS"), HTTP_TEXT_INIT("TRACE"),
		HTTP_TEXT_INIT("CONNECT"), HTTP_TEXT_INIT("PATCH") };

	if (text_is(text, HTTP_TEXT("GET")))
		return HTTP_GET;
	if (text_is(text, HTTP_TEXT("HEAD")))
		return HTTP_HEAD;
	for (unsigned i = 0; i < ELEMENTS(known); i++) {
		if (text_is(text, known[i]))
			return HTTP_NOT_ALLOWED;
	}
	return HTTP_UNKNOWN;
}

/* RFC 9112 2.3. */
static int
version_parse(struct http_text text, struct http_request *request)
{
	if (text.length != 8 || memcmp(text.at, "HTTP/", 5) != 0 || !http_is_digit(text.at[5]) ||
		text.at[6] != '.' || !http_is_digit(text.at[7]))
		return 400;
	if (text.at[5] != '1')
		return 505;
	request->is_1_0 = text.at[7] == '0';
	return 0;
}

/* RFC 3986 3.2.2 and 3.2.3, without looking at what an address in brackets means. */
static bool
is_host(struct http_text host)
{
	const bool literal = host.length > 0 && host.at[0] == '[';
	const char *others = literal ? "[:." : "-._~!$&'()*+,;=%";
	uint32_t i = 0;

	for (; i < host.length; i++) {
		char c = host.at[i];

		if (c == (literal ? ']' : ':'))
			break;
		if (!http_is_alpha(c) && !http_is_digit(c) && (c == '\0' || !strchr(others, c)))
			return false;
	}
	if (literal && i++ == host.length)
		return false;
	if (i < host.length && host.at[i++] != ':')
		return false;
	for (; i < host.length; i++) {
		if (!http_is_digit(host.at[i]))
			return false;
	}
	return true;
}

/* RFC 9112 3.2.2: what goes to a proxy is understood by a server, too. */
static int
absolute_parse(struct http_text target, struct http_request *request)
{
	static const struct http_text scheme = HTTP_TEXT_INIT("http://");
	uint32_t i = scheme.length;
	struct http_text host;

	if (target.length <= i || !http_text_equals((struct http_text){ target.at, i }, scheme))
		return 400;
	while (i < target.length && target.at[i] != '/' && target.at[i] != '?')
		i++;
	host = (struct http_text){ target.at + scheme.length, i - scheme.length };
	/* RFC 9110 4.2.1: a host that is empty is none; 4.2.4: nor is there a user. */
	if (host.length == 0 || host.at[0] == ':' || !is_host(host))
		return 400;
	request->path = http_text_from(target, i);
	return 0;
}

static int
target_parse(struct http_text target, struct http_request *request)
{
	struct http_text rest, path;
	int status;

	for (uint32_t i = 0; i < target.length; i++) {
		if (target.at[i] <= ' ' || target.at[i] >= 0x7f || target.at[i] == '#')
			return 400;
	}
	if (target.length == 0)
		return 400;
	request->path = target;
	/* Whatever it is that others ask for, they do not get it. */
	if (request->method != HTTP_GET && request->method != HTTP_HEAD)
		return 0;
	if (target.at[0] != '/') {
		status = absolute_parse(target, request);
		if (status != 0)
			return status;
	}
	rest = request->path;
	if (http_text_cut(&rest, '?', &path))
		request->path = path;
	if (request->path.length == 0)
		request->path = HTTP_TEXT("/");
	return 0;
}

static int
request_line_parse(struct http_text line, struct http_request *request)
{
	struct http_text method, target;
	int status;

	if (!http_text_cut(&line, ' ', &method) || !is_token(method) ||
		!http_text_cut(&line, ' ', &target))
		return 400;
	request->method = method_of(method);
	status = version_parse(line, request);
	return status != 0 ? status : target_parse(target, request);
}

/* ---- fields: RFC 9112 5 ---- */

static enum http_field
field_of(struct http_text name)
{
	static const struct http_text names[HTTP_FIELD_COUNT] = {
		[HTTP_CONNECTION] = HTTP_TEXT_INIT("connection"),
		[HTTP_CONTENT_LENGTH] = HTTP_TEXT_INIT("content-length"),
		[HTTP_EXPECT] = HTTP_TEXT_INIT("expect"),
		[HTTP_HOST] = HTTP_TEXT_INIT("host"),
		[HTTP_IF_MATCH] = HTTP_TEXT_INIT("if-match"),
		[HTTP_IF_MODIFIED_SINCE] = HTTP_TEXT_INIT("if-modified-since"),
		[HTTP_IF_NONE_MATCH] = HTTP_TEXT_INIT("if-none-match"),
		[HTTP_IF_RANGE] = HTTP_TEXT_INIT("if-range"),
		[HTTP_IF_UNMODIFIED_SINCE] = HTTP_TEXT_INIT("if-unmodified-since"),
		[HTTP_RANGE] = HTTP_TEXT_INIT("range"),
		[HTTP_TRANSFER_ENCODING] = HTTP_TEXT_INIT("transfer-encoding"),
	};
	unsigned i = 0;

	while (i < HTTP_FIELD_COUNT && !http_text_equals(name, names[i]))
		i++;
	return (enum http_field)i;
}

static int
field_parse(struct http_text line, struct http_request *request)
{
	struct http_text name;
	enum http_field field;

	/* RFC 9112 5.1: no space before the colon; 5.2: nor a line that goes on. Neither is a token. */
	if (!http_text_cut(&line, ':', &name) || !is_token(name))
		return 400;
	line = http_text_trim(line);
	/* RFC 9110 5.5: a control character has no place there. */
	for (uint32_t i = 0; i < line.length; i++) {
		unsigned char c = (unsigned char)line.at[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return 400;
	}
	field = field_of(name);
	if (field != HTTP_FIELD_COUNT)
		request->lines[request->line_count++] = (struct http_field_line){ field, line };
	return 0;
}

static unsigned
field_count(const struct http_request *request, enum http_field name)
{
	unsigned count = 0;

	for (unsigned i = 0; i < request->line_count; i++)
		count += request->lines[i].name == name;
	return count;
}

bool
http_field_single(const struct http_request *request, enum http_field name, struct http_text *value)
{
	const struct http_field_line *found = NULL;

	for (unsigned i = 0; i < request->line_count; i++) {
		if (request->lines[i].name != name)
			continue;
		if (found != NULL)
			return false;
		found = &request->lines[i];
	}
	if (found == NULL)
		return false;
	*value = found->value;
	return true;
}

/* ---- what the fields say of the message ---- */

/* RFC 9112 3.2. */
static int
host_check(const struct http_request *request)
{
	unsigned count = field_count(request, HTTP_HOST);
	struct http_text host;

	if (count == 0)
		return request->is_1_0 ? 0 : 400;
	if (count > 1 || !http_field_single(request, HTTP_HOST, &host) || !is_host(host))
		return 400;
	return 0;
}

/* RFC 9112 6.1 and 6.3 (4): a body without a length is not wanted. */
static int
transfer_encoding_check(const struct http_request *request)
{
	struct http_text list, coding = { "", 0 };
	unsigned count = 0;

	for (unsigned i = 0; i < request->line_count; i++) {
		if (request->lines[i].name != HTTP_TRANSFER_ENCODING)
			continue;
		list = request->lines[i].value;
		while (http_list_next(&list, &coding))
			count++;
	}
	/* With both, or from one who cannot know it, somebody on the way may see another end. */
	if (request->is_1_0 || field_count(request, HTTP_CONTENT_LENGTH) > 0)
		return 400;
	if (!http_text_equals(coding, HTTP_TEXT("chunked")))
		return 400;
	return count == 1 ? 411 : 501;
}

/* RFC 9112 6.3. */
static int
body_check(struct http_request *request)
{
	struct http_text length;

	if (field_count(request, HTTP_TRANSFER_ENCODING) > 0)
		return transfer_encoding_check(request);
	if (field_count(request, HTTP_CONTENT_LENGTH) == 0)
		return 0;
	/* (5): several are an error, whether they agree or not. */
	if (!http_field_single(request, HTTP_CONTENT_LENGTH, &length))
		return 400;
	if (!http_number_parse(length, &request->body_length) && request->body_length == 0)
		return 400;
	return request->body_length > HTTP_BODY_MAX ? 413 : 0;
}

/* RFC 9110 7.6.1, RFC 9112 9.3. */
static void
connection_check(struct http_request *request)
{
	bool close = false, keep_alive = false;
	struct http_text list, option;

	for (unsigned i = 0; i < request->line_count; i++) {
		if (request->lines[i].name != HTTP_CONNECTION)
			continue;
		list = request->lines[i].value;
		while (http_list_next(&list, &option)) {
			close |= http_text_equals(option, HTTP_TEXT("close"));
			keep_alive |= http_text_equals(option, HTTP_TEXT("keep-alive"));
		}
	}
	request->persist = !close && (!request->is_1_0 || keep_alive);
}

/* RFC 9110 10.1.1. */
static int
expect_check(struct http_request *request)
{
	struct http_text list, expectation;

	for (unsigned i = 0; i < request->line_count && !request->is_1_0; i++) {
		if (request->lines[i].name != HTTP_EXPECT)
			continue;
		list = request->lines[i].value;
		while (http_list_next(&list, &expectation)) {
			if (!http_text_equals(expectation, HTTP_TEXT("100-continue")))
				return 417;
			request->expect_continue = true;
		}
	}
	return 0;
}

static int
fields_check(struct http_request *request)
{
	int status = host_check(request);

	if (status == 0)
		status = body_check(request);
	if (status == 0)
		status = expect_check(request);
	connection_check(request);
	return status;
}

/* @return false: it does not end as lines do */
static bool
line_cut(struct http_text *text, struct http_text *line)
{
	if (!http_text_cut(text, '\n', line) || line->length == 0 ||
		line->at[line->length - 1] != '\r')
		return false;
	line->length--;
	/* RFC 9112 2.2: CR alone is none. */
	return memchr(line->at, '\r', line->length) == NULL;
}

int
http_parse(const char *data, uint32_t length, struct http_request *request)
{
	struct http_text header = { data, length }, line;
	int status;

	*request = (struct http_request){ .method = HTTP_UNKNOWN };
	if (!line_cut(&header, &line))
		return 400;
	if (line.length > HTTP_LINE_MAX)
		return 414;
	status = request_line_parse(line, request);
	for (unsigned count = 0; status == 0; count++) {
		if (!line_cut(&header, &line))
			return 400;
		if (line.length == 0)
			return header.length == 0 ? fields_check(request) : 400;
		status = count < HTTP_FIELDS_MAX ? field_parse(line, request) : 431;
	}
	return status;
}
