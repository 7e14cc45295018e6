/* SPDX-License-Identifier: BSD-3-Clause */
/* Text of HTTP: the smallest things that http_parse.c and others read. */
#include "service/http_text.h"

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool
http_text_equals(struct http_text text, struct http_text other)
{
	if (text.length != other.length)
		return false;
	for (uint32_t i = 0; i < text.length; i++) {
		if (to_lower(text.at[i]) != to_lower(other.at[i]))
			return false;
	}
	return true;
}

bool
http_text_cut(struct http_text *text, char mark, struct http_text *before)
{
	const char *at = memchr(text->at, mark, text->length);

	if (at == NULL)
		return false;
	*before = (struct http_text){ text->at, (uint32_t)(at - text->at) };
	*text = http_text_from(*text, before->length + 1);
	return true;
}

struct http_text
http_text_trim(struct http_text text)
{
	while (text.length > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
		text = http_text_from(text, 1);
	while (text.length > 0 &&
		(text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t'))
		text.length--;
	return text;
}

bool
http_list_next(struct http_text *list, struct http_text *element)
{
	while (list->length > 0) {
		if (!http_text_cut(list, ',', element)) {
			*element = *list;
			list->length = 0;
		}
		*element = http_text_trim(*element);
		/* RFC 9110 5.6.1.2: empty elements do not count. */
		if (element->length > 0)
			return true;
	}
	return false;
}

bool
http_number_parse(struct http_text text, uint64_t *number)
{
	uint64_t n = 0;
	bool fits = text.length > 0;

	for (uint32_t i = 0; i < text.length; i++) {
		uint64_t digit = (uint64_t)(text.at[i] - '0');

		if (!http_is_digit(text.at[i])) {
			*number = 0;
			return false;
		}
		if (n > (UINT64_MAX - digit) / 10)
			fits = false;
		n = n * 10 + digit;
	}
	*number = fits || text.length == 0 ? n : UINT64_MAX;
	return fits;
}

/* ---- paths: RFC 3986 2.1 ---- */

static int
hex_of(char c)
{
	c = to_lower(c);
	if (http_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
http_path_decode(struct http_text path, char *out, size_t size)
{
	size_t n = 0;

	for (uint32_t i = 0; i < path.length; i++) {
		int c = (unsigned char)path.at[i];

		if (c == '%') {
			if (path.length - i < 3 || hex_of(path.at[i + 1]) < 0 ||
				hex_of(path.at[i + 2]) < 0)
				return -400;
			c = hex_of(path.at[i + 1]) * 16 + hex_of(path.at[i + 2]);
			i += 2;
			/* No name has these, and whoever writes them so means no good. */
			if (c == '\0' || c == '/')
				return -404;
		}
		if (n + 1 >= size)
			return -404;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return (int)n;
}
