/* SPDX-License-Identifier: BSD-3-Clause */
/* Stable identifiers: the same for the same, and different for everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "autoconf/autoconf.h"

static struct ip_addr
stable(const char *text, const char *iface, uint8_t counter, const char *secret)
{
	struct ip_prefix prefix;
	struct ip_addr addr;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	addr = autoconf_stable_addr(&prefix, iface, counter, secret);
	assert_true(ip_prefix_contains(&prefix, &addr));
	return addr;
}

static void
test_each_input_counts(void **state)
{
	const struct ip_addr addrs[] = {
		stable("2001:db8::/64", "p0", 0, "0123456789abcdef"),
		stable("2001:db8:0:1::/64", "p0", 0, "0123456789abcdef"),
		stable("2001:db8::/64", "p1", 0, "0123456789abcdef"),
		stable("2001:db8::/64", "p0", 1, "0123456789abcdef"),
		stable("2001:db8::/64", "p0", 0, "0123456789abcdeg"),
	};
	const struct ip_addr again = stable("2001:db8::/64", "p0", 0, "0123456789abcdef");
	char text[IP_TEXT_MAX];

	assert_true(ip_addr_equal(&addrs[0], &again));
	for (unsigned i = 0; i < 5; i++) {
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(addrs[i].bytes + 8, addrs[j].bytes + 8, 8);
	}
	/* A restart, and another version of spate, must not change it; by sha256sum. */
	assert_string_equal(ip_addr_format(&addrs[0], text), "2001:db8::794e:9c0a:96a5:b0eb");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_input_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
