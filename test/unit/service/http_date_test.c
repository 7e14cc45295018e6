/* SPDX-License-Identifier: BSD-3-Clause */
/* Dates of HTTP in their three formats, against the C library's. RFC 9110 5.6.7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "service/http_date.h"

#define NOW 1800000000 /* 2027 */

static bool
parse(const char *text, uint64_t *seconds)
{
	return http_date_parse((struct http_text){ text, (uint32_t)strlen(text) }, NOW, seconds);
}

static void
test_same_as_libc(void **state)
{
	/* Each day of 140 years, at some second of it. */
	for (uint64_t t = 0; t < 140ULL * 366 * 86400; t += 86399) {
		char ours[HTTP_DATE_LENGTH + 1] = { 0 }, libc[64], asctime[64], rfc850[64];
		time_t time = (time_t)t;
		uint64_t back;
		struct tm tm;

		gmtime_r(&time, &tm);
		strftime(libc, sizeof(libc), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		strftime(asctime, sizeof(asctime), "%a %b %e %H:%M:%S %Y", &tm);
		strftime(rfc850, sizeof(rfc850), "%A, %d-%b-%y %H:%M:%S GMT", &tm);
		http_date_build(t, ours);
		assert_string_equal(ours, libc);
		assert_true(parse(libc, &back));
		assert_int_equal(back, t);
		assert_true(parse(asctime, &back));
		assert_int_equal(back, t);
		/* Two digits tell the year up to 50 years from now. */
		if (tm.tm_year + 1900 >= 1978 && tm.tm_year + 1900 <= 2077) {
			assert_true(parse(rfc850, &back));
			assert_int_equal(back, t);
		}
	}
}

static void
test_what_is_none(void **state)
{
	static const char *const cases[] = { "", "Sun", "Sun,", "0", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 1995 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
		"Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
		"Son, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
		"Sun Nov 06 08:49:37 94", "Sun Nov 6 08:49:37 1994",
		"Sun, -6 Nov 1994 08:49:37 GMT" };
	uint64_t seconds;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i], &seconds))
			fail_msg("\"%s\"", cases[i]);
	}
	assert_true(parse("Sun, 06 Nov 1994 08:49:60 GMT", &seconds));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_libc),
		cmocka_unit_test(test_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
