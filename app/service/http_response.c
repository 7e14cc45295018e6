/* SPDX-License-Identifier: BSD-3-Clause */
/* Responses: RFC 9110 15, in the form of RFC 9112 4. */
#include "service/http_response.h"

#include "service/http_condition.h"
#include "service/http_date.h"

struct writer {
	char *at;
	uint32_t length, size;
	bool full; /* something did not fit */
};

static void
write_bytes(struct writer *w, const char *bytes, size_t length)
{
	if (length > w->size - w->length) {
		w->full = true;
		return;
	}
	memcpy(w->at + w->length, bytes, length);
	w->length += (uint32_t)length;
}

static void
write_text(struct writer *w, const char *text)
{
	write_bytes(w, text, strlen(text));
}

static void
write_number(struct writer *w, uint64_t number)
{
	char digits[20];
	unsigned i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	write_bytes(w, digits + i, sizeof(digits) - i);
}

static const char *
reason_of(unsigned status)
{
	switch (status) {
	case 200: return "OK";
	case 206: return "Partial Content";
	case 301: return "Moved Permanently";
	case 304: return "Not Modified";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 408: return "Request Timeout";
	case 411: return "Length Required";
	case 412: return "Precondition Failed";
	case 413: return "Content Too Large";
	case 414: return "URI Too Long";
	case 416: return "Range Not Satisfiable";
	case 417: return "Expectation Failed";
	case 431: return "Request Header Fields Too Large";
	case 501: return "Not Implemented";
	case 503: return "Service Unavailable";
	case 505: return "HTTP Version Not Supported";
	default: return "";
	}
}

/* ---- what it is ---- */

void
http_response_refuse(struct http_response *response, int status)
{
	*response = (struct http_response){ .status = (uint16_t)status };
}

/* RFC 9110 14.2: ranges are for GET alone, and come after the conditions. */
static uint16_t
ranges_decide(struct http_response *response, const struct http_request *request, uint64_t now)
{
	struct http_text value;

	if (request->method != HTTP_GET || !http_field_single(request, HTTP_RANGE, &value) ||
		!http_if_range_check(request, response->file, now))
		return 200;
	switch (http_range_parse(value, response->file->size, &response->ranges)) {
	case HTTP_RANGE_PARTS: return 206;
	case HTTP_RANGE_OUTSIDE: return 416;
	case HTTP_RANGE_WHOLE:
	default: return 200;
	}
}

static uint16_t
status_decide(struct http_response *response, const struct http_request *request,
	const struct http_files *files, uint64_t now)
{
	char path[HTTP_PATH_MAX];
	int status;

	if (request->method == HTTP_UNKNOWN)
		return 501;
	if (request->method == HTTP_NOT_ALLOWED)
		return 405;
	status = http_path_decode(request->path, path, sizeof(path));
	if (status < 0)
		return (uint16_t)-status;
	response->file = http_files_lookup(files, path);
	if (response->file == NULL)
		return 404;
	if (response->file->data == NULL)
		return 301;
	status = http_condition_check(request, response->file, now);
	return status != 0 ? (uint16_t)status : ranges_decide(response, request, now);
}

void
http_response_decide(struct http_response *response, const struct http_request *request,
	const struct http_files *files, uint64_t now)
{
	*response = (struct http_response){
		.is_head = request->method == HTTP_HEAD,
		.is_1_0 = request->is_1_0,
		/* Who waits for a 100 may send the body now, or not: RFC 9110 10.1.1. */
		.persist =
			request->persist && !(request->expect_continue && request->body_length > 0),
	};
	response->status = status_decide(response, request, files, now);
}

/* ---- how it is written ---- */

/* The entity tag without its quotes: made of the file's contents, which so do not have it inside. */
static void
write_boundary(struct writer *w, const struct http_file *file)
{
	write_bytes(w, file->etag + 1, strlen(file->etag) - 2);
}

static void
write_content_range(struct writer *w, const struct http_range *range, uint64_t size)
{
	write_text(w, "Content-Range: bytes ");
	write_number(w, range->first);
	write_text(w, "-");
	write_number(w, range->first + range->length - 1);
	write_text(w, "/");
	write_number(w, size);
	write_text(w, "\r\n");
}

static void
write_content_length(struct writer *w, uint64_t length)
{
	write_text(w, "Content-Length: ");
	write_number(w, length);
	write_text(w, "\r\n");
}

uint32_t
http_part_build(const struct http_response *response, unsigned part, char *out)
{
	struct writer w = { .at = out, .size = HTTP_TEXT_MAX };

	if (response->status != 206 || response->ranges.count < 2)
		return 0;
	write_text(&w, "\r\n--");
	write_boundary(&w, response->file);
	if (part == response->ranges.count) {
		write_text(&w, "--\r\n");
		return w.length;
	}
	write_text(&w, "\r\n");
	write_bytes(&w, response->file->info, response->file->type_length);
	write_content_range(&w, &response->ranges.ranges[part], response->file->size);
	write_text(&w, "\r\n");
	return w.length;
}

bool
http_response_part(const struct http_response *response, unsigned part, struct http_range *range)
{
	if (response->is_head)
		return false;
	if (response->status == 206 && part < response->ranges.count) {
		*range = response->ranges.ranges[part];
		return true;
	}
	*range = (struct http_range){ 0 };
	if (response->status != 200 || part > 0)
		return false;
	range->length = response->file->size;
	return true;
}

static uint64_t
parts_length(const struct http_response *response)
{
	char text[HTTP_TEXT_MAX];
	uint64_t sum = 0;

	for (unsigned i = 0; i < response->ranges.count; i++)
		sum += http_part_build(response, i, text) + response->ranges.ranges[i].length;
	return sum + http_part_build(response, response->ranges.count, text);
}

/* Of 200, 206 and 304. */
static void
write_file_fields(struct writer *w, const struct http_response *response)
{
	const struct http_file *file = response->file;
	const bool several = response->status == 206 && response->ranges.count > 1;
	uint16_t from = several || response->status == 304 ? file->type_length : 0;

	write_bytes(w, file->info + from, (size_t)(file->info_length - from));
	if (several) {
		write_text(w, "Content-Type: multipart/byteranges; boundary=");
		write_boundary(w, file);
		write_text(w, "\r\n");
		write_content_length(w, parts_length(response));
	} else if (response->status == 206) {
		write_content_range(w, &response->ranges.ranges[0], file->size);
		write_content_length(w, response->ranges.ranges[0].length);
	} else if (response->status == 200) {
		write_content_length(w, file->size);
	}
}

/* The directory's own path, not what was asked for: nothing that a stranger wrote is repeated. */
static void
write_location(struct writer *w, const char *path)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char plain[] =
		"/-._~ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	write_text(w, "Location: ");
	for (; *path != '\0'; path++) {
		const unsigned char c = (unsigned char)*path;
		const char encoded[] = { '%', hex[c >> 4], hex[c & 15] };

		if (strchr(plain, c) != NULL)
			write_bytes(w, path, 1);
		else
			write_bytes(w, encoded, sizeof(encoded));
	}
	write_text(w, "\r\n");
}

static void
write_status(struct writer *w, uint16_t status)
{
	write_number(w, status);
	write_text(w, " ");
	write_text(w, reason_of(status));
}

/* Of all others: the status in words is what there is to see. */
static void
write_status_fields(struct writer *w, const struct http_response *response)
{
	if (response->status == 405)
		write_text(w, "Allow: GET, HEAD\r\n");
	if (response->status == 301)
		write_location(w, response->file->path);
	if (response->status == 416) {
		write_text(w, "Content-Range: bytes */");
		write_number(w, response->file->size);
		write_text(w, "\r\n");
	}
	write_text(w, "Content-Type: text/plain\r\n");
	write_content_length(w, 4 + strlen(reason_of(response->status)) + 1);
}

uint32_t
http_response_build(const struct http_response *response, const char *date, char *out)
{
	struct writer w = { .at = out, .size = HTTP_TEXT_MAX };
	const bool of_file =
		response->status == 200 || response->status == 206 || response->status == 304;

	write_text(&w, "HTTP/1.1 ");
	write_status(&w, response->status);
	write_text(&w, "\r\nDate: ");
	write_bytes(&w, date, HTTP_DATE_LENGTH);
	write_text(&w, "\r\n");
	if (of_file)
		write_file_fields(&w, response);
	else
		write_status_fields(&w, response);
	if (!response->persist)
		write_text(&w, "Connection: close\r\n");
	else if (response->is_1_0)
		write_text(&w, "Connection: keep-alive\r\n");
	write_text(&w, "\r\n");
	if (!of_file && !response->is_head) {
		write_status(&w, response->status);
		write_text(&w, "\n");
	}
	return w.length;
}
