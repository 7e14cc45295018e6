/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters that libpcap can compile by itself, and those for which it would ask somebody. */
#include "wire/filter_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_without_names(void **state)
{
	static const char *const filters[] = {
		"",
		"udp port 53",
		"host 10.0.0.1 and not (tcp or icmp6)",
		"net 10.0.0.0/8 or net 10.1",
		"net 2001:db8::/32",
		"ip6 host 2001:db8::1",
		"ether host 02:00:00:00:00:01",
		"tcp portrange 1000-2000",
		"tcp src portrange (1-2 or 5-6) and not 4-7",
		"ether proto 0x0806",
		"udp[15] == 3",
		"ip[0] & 0xf != 5 && ip[6:2] & 0x1fff = 0",
		"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
		"vlan 5 and icmp6[icmp6type] == icmp6-neighborsolicit",
		"len > 1000 or greater 500",
		"tcp[2:2] - 1 > 79",
		"ether broadcast",
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct error err = { 0 };

		if (filter_words_check(filters[i], &err) != 0)
			fail_msg("%s: %s", filters[i], err.text);
	}
}

/* Each of these would make libpcap call the resolver, or ask what a name means. */
static void
test_names(void **state)
{
	static const char *const filters[] = {
		"host router.example",
		"example",
		"src host dead.beef",
		"host 1and1.example",
		"host 1.2.3.4.5",
		"host 1..2",
		"host 0xzz",
		"host beef:1",
		"host fe80::1.example",
		"net office",
		"port http",
		"gateway 10.0.0.1",
		"ip proto \\tcp",
		"host \\tcp",
		"host a_b",
		"host -a",
		"host -1.example",
		"host 1-2",
		"1-2",
		"portrange 1-2 and src 3-4",
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct error err = { 0 };

		if (filter_words_check(filters[i], &err) != -EINVAL)
			fail_msg("%s is let by", filters[i]);
		assert_true(err.text[0] != '\0');
	}
}

static void
test_long_word(void **state)
{
	struct error err = { 0 };
	char filter[1000];

	memset(filter, '1', sizeof(filter) - 1);
	filter[sizeof(filter) - 1] = '\0';
	assert_int_equal(filter_words_check(filter, &err), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_names),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
