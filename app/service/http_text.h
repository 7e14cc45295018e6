/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of what was received, and what all fields are made of: lists, numbers. RFC 9110 5.6. */
#ifndef SERVICE_HTTP_TEXT_H
#define SERVICE_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct http_text {
	const char *at;
	uint32_t length;
};

/* Of a literal. */
#define HTTP_TEXT_INIT(literal)                \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}
#define HTTP_TEXT(literal) ((struct http_text)HTTP_TEXT_INIT(literal))

static inline bool
http_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
http_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The rest of it. */
static inline struct http_text
http_text_from(struct http_text text, uint32_t offset)
{
	return (struct http_text){ text.at + offset, text.length - offset };
}

/* What stands before the first `mark` is cut off, with it. @return false: there is no mark */
bool http_text_cut(struct http_text *text, char mark, struct http_text *before);

/* Without the white space around: RFC 9110 5.6.3. */
struct http_text http_text_trim(struct http_text text);

/* The next element of a comma-separated list, which is cut off: RFC 9110 5.6.1. false: no more */
bool http_list_next(struct http_text *list, struct http_text *element);

/* ASCII letters of both cases are the same. */
bool http_text_equals(struct http_text text, struct http_text other);

/* @return false: not digits alone, or too large, which is UINT64_MAX */
bool http_number_parse(struct http_text text, uint64_t *number);

/*
 * The path as names of files have it: percent-encodings decoded, with a zero byte behind.
 * @return its length, or -status
 */
int http_path_decode(struct http_text path, char *out, size_t size);

#endif
