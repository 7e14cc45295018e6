/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of a file: RFC 9110 14. */
#ifndef SERVICE_HTTP_RANGE_H
#define SERVICE_HTTP_RANGE_H

#include "service/http_text.h"

/* Who asks for more, or for more than all, gets the whole: RFC 9110 14.2. */
#define HTTP_RANGES_MAX 8

struct http_range {
	uint64_t first, length; /* within the file; never empty */
};

struct http_ranges {
	unsigned count;
	struct http_range ranges[HTTP_RANGES_MAX]; /* in the order asked for */
};

enum http_range_result {
	HTTP_RANGE_WHOLE, /* no ranges, or none that are understood */
	HTTP_RANGE_PARTS,
	HTTP_RANGE_OUTSIDE, /* none of them is in the file */
};

/* @param value of the field; @param size of the file */
enum http_range_result http_range_parse(
	struct http_text value, uint64_t size, struct http_ranges *ranges);

#endif
