/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges of bytes: RFC 9110 14.1.2. */
#include "service/http_range.h"

/* Numbers that are too large for us are beyond every file. */
static bool
position_parse(struct http_text text, uint64_t *position)
{
	return http_number_parse(text, position) || *position == UINT64_MAX;
}

/* @return false: this is no range. @param range of length 0: it is not in the file */
static bool
range_parse(struct http_text text, uint64_t size, struct http_range *range)
{
	const char *dash = memchr(text.at, '-', text.length);
	struct http_text left, right;
	uint64_t first, last;

	*range = (struct http_range){ 0 };
	if (dash == NULL)
		return false;
	left = (struct http_text){ text.at, (uint32_t)(dash - text.at) };
	right = (struct http_text){ dash + 1, text.length - left.length - 1 };
	if (left.length == 0) {
		if (!position_parse(right, &last))
			return false;
		range->length = last < size ? last : size;
		range->first = size - range->length;
		return true;
	}
	last = UINT64_MAX;
	if (!position_parse(left, &first) || (right.length > 0 && !position_parse(right, &last)) ||
		first > last)
		return false;
	if (first >= size)
		return true;
	range->first = first;
	range->length = (last < size ? last + 1 : size) - first;
	return true;
}

/* @return false: this is to be ignored */
static bool
ranges_parse(struct http_text list, uint64_t size, struct http_ranges *ranges)
{
	struct http_text text;
	uint64_t sum = 0;
	unsigned count = 0;

	for (; http_list_next(&list, &text); count++) {
		struct http_range range;

		if (!range_parse(text, size, &range) || count == HTTP_RANGES_MAX)
			return false;
		if (range.length == 0)
			continue;
		sum += range.length;
		ranges->ranges[ranges->count++] = range;
	}
	return count > 0 && (ranges->count < 2 || sum <= size);
}

enum http_range_result
http_range_parse(struct http_text value, uint64_t size, struct http_ranges *ranges)
{
	static const struct http_text unit = HTTP_TEXT_INIT("bytes=");

	ranges->count = 0;
	/* Of an empty file there is no range that an answer could name. */
	if (size == 0 || value.length < unit.length ||
		!http_text_equals((struct http_text){ value.at, unit.length }, unit))
		return HTTP_RANGE_WHOLE;
	value = (struct http_text){ value.at + unit.length, value.length - unit.length };
	if (!ranges_parse(value, size, ranges)) {
		ranges->count = 0;
		return HTTP_RANGE_WHOLE;
	}
	return ranges->count > 0 ? HTTP_RANGE_PARTS : HTTP_RANGE_OUTSIDE;
}
