/* SPDX-License-Identifier: BSD-3-Clause */
/* Words that are of a type, and words that are not: addresses with their interface. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cli/type.h"

static bool
accepts_as(const char *name, const char *word)
{
	const struct cli_type *type = cli_type_lookup(name, strlen(name));

	assert_non_null(type);
	return type->accepts(word, NULL);
}

static bool
accepts(const char *word)
{
	return accepts_as("SCOPED", word);
}

static void
test_scoped(void **state)
{
	struct ip_addr addr, expected;
	const char *zone;

	assert_int_equal(ip_addr_parse("fe80::1", &expected), 0);
	assert_true(cli_scoped_parse("fe80::1%p0.100", &addr, &zone));
	assert_true(ip_addr_equal(&addr, &expected));
	assert_string_equal(zone, "p0.100");
	assert_true(cli_scoped_parse("fe80::1", &addr, &zone));
	assert_null(zone);
	assert_true(accepts("10.0.0.1"));
	assert_true(accepts("2001:db8::1"));
	/* Where an interface says nothing, or is none. */
	assert_false(accepts("10.0.0.1%p0"));
	assert_false(accepts("169.254.0.1%p0"));
	assert_false(accepts("2001:db8::1%p0"));
	assert_false(accepts("fe80::1%"));
	assert_false(accepts("fe80::1%%p0"));
	assert_false(accepts("fe80::1%p0%p1"));
	assert_false(accepts("%p0"));
	assert_false(accepts(""));
	assert_false(
		accepts("fe80:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000%p0"));
}

static void
test_destination(void **state)
{
	assert_true(accepts_as("DEST", "default"));
	assert_true(accepts_as("DEST", "10.0.0.0/8"));
	assert_true(accepts_as("DEST", "::/0"));
	assert_false(accepts_as("DEST", "defaul"));
	assert_false(accepts_as("DEST", "10.0.0.0/33"));
	assert_false(accepts_as("PREFIX", "default"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scoped),
		cmocka_unit_test(test_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
