/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges of bytes: RFC 9110 14. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "service/http_range.h"

/* @return "0+5 7+3", "whole" or "outside" */
static const char *
ranges_of(const char *value, uint64_t size)
{
	static char text[256];
	struct http_ranges ranges;
	int n = 0;

	text[0] = '\0';
	switch (http_range_parse(
		(struct http_text){ value, (uint32_t)strlen(value) }, size, &ranges)) {
	case HTTP_RANGE_WHOLE: assert_int_equal(ranges.count, 0); return "whole";
	case HTTP_RANGE_OUTSIDE: assert_int_equal(ranges.count, 0); return "outside";
	case HTTP_RANGE_PARTS: break;
	}
	for (unsigned i = 0; i < ranges.count; i++) {
		assert_true(ranges.ranges[i].length > 0);
		assert_true(ranges.ranges[i].first + ranges.ranges[i].length <= size);
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%llu+%llu", i > 0 ? " " : "",
			(unsigned long long)ranges.ranges[i].first,
			(unsigned long long)ranges.ranges[i].length);
	}
	return text;
}

static void
test_ranges(void **state)
{
	static const struct {
		const char *value;
		uint64_t size;
		const char *ranges;
	} cases[] = {
		/* 14.1.2's examples */
		{ "bytes=0-499", 10000, "0+500" },
		{ "bytes=500-999", 10000, "500+500" },
		{ "bytes=-500", 10000, "9500+500" },
		{ "bytes=9500-", 10000, "9500+500" },
		{ "bytes=0-0,-1", 10000, "0+1 9999+1" },
		{ "bytes= 0-999, 4500-5499, -1000", 10000, "0+1000 4500+1000 9000+1000" },
		{ "bytes=500-700,601-999", 10000, "500+201 601+399" },
		/* They end where the file does. */
		{ "Bytes=5-99", 10, "5+5" },
		{ "bytes=-99", 10, "0+10" },
		{ "bytes=5-99999999999999999999999", 10, "5+5" },
		{ "bytes=-99999999999999999999999", 10, "0+10" },
		{ "bytes=0-1,50-60", 10, "0+2" },
		{ "bytes=10-", 10, "outside" },
		{ "bytes=99999999999999999999999-", 10, "outside" },
		{ "bytes=-0", 10, "outside" },
		{ "bytes=10-11,-0", 10, "outside" },
		/* What is not understood is not there. */
		{ "bytes=5-4", 10, "whole" },
		{ "bytes=1-2,5-4", 10, "whole" },
		{ "bytes=a-b", 10, "whole" },
		{ "bytes=1-2-3", 10, "whole" },
		{ "bytes=--1", 10, "whole" },
		{ "bytes=1", 10, "whole" },
		{ "bytes=-", 10, "whole" },
		{ "bytes=", 10, "whole" },
		{ "bytes=,", 10, "whole" },
		{ "bytes 0-1", 10, "whole" },
		{ "lines=0-1", 10, "whole" },
		{ "", 10, "whole" },
		{ "bytes=0-1", 0, "whole" },
		/* 14.2: more than there is, or in more pieces than anybody needs. */
		{ "bytes=0-,0-", 10, "whole" },
		{ "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7", 10, "0+1 1+1 2+1 3+1 4+1 5+1 6+1 7+1" },
		{ "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", 10, "whole" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *ranges = ranges_of(cases[i].value, cases[i].size);

		if (strcmp(ranges, cases[i].ranges) != 0)
			fail_msg("\"%s\" of %llu: %s", cases[i].value,
				(unsigned long long)cases[i].size, ranges);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
