/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of IPv4 headers: the walk, lengths that lie, what fragments carry. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "unit/wire/ip4_header_fixture.h"

static void
test_walk(void **state)
{
	struct ip4_header_max max = IP4_HEADER(1, 7, 3, 4, 148, 4, 0, 0, 0, 9, 9, 9);
	struct ip4_option option = { 0 };

	assert_int_equal(ip4_option_next(&max.hdr, &option), 1);
	assert_int_equal(option.type, IP4_OPTION_NOP);
	assert_int_equal(option.offset, 20);
	assert_int_equal(ip4_option_next(&max.hdr, &option), 1);
	assert_int_equal(option.type, IP4_OPTION_RECORD_ROUTE);
	assert_int_equal(option.offset, 21);
	assert_int_equal(option.length, 3);
	assert_int_equal(ip4_option_next(&max.hdr, &option), 1);
	assert_int_equal(option.type, IP4_OPTION_ROUTER_ALERT);
	assert_int_equal(ip4_option_next(&max.hdr, &option), 0);
	assert_int_equal(ip4_option_next(&max.hdr, &option), 0);
	max = IP4_HEADER(0);
	option = (struct ip4_option){ 0 };
	assert_int_equal(ip4_option_next(&max.hdr, &option), 0);
	max.hdr.version_ihl = 0x45;
	assert_int_equal(ip4_option_next(&max.hdr, &option), 0);
}

/* The byte at fault is what a parameter problem points to. */
static void
test_bad_lengths(void **state)
{
	const struct {
		struct ip4_header_max max;
		uint8_t at;
	} cases[] = {
		{ IP4_HEADER(7, 0, 0, 0), 21 },
		{ IP4_HEADER(7, 1, 0, 0), 21 },
		{ IP4_HEADER(7, 5, 0, 0), 21 },
		{ IP4_HEADER(7, 255, 0, 0), 21 },
		{ IP4_HEADER(1, 1, 1, 7), 23 },
		{ IP4_HEADER(1, 1, 7, 3), 23 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip4_option option = { 0 };
		int rc;

		do
			rc = ip4_option_next(&cases[i].max.hdr, &option);
		while (rc > 0);
		assert_int_equal(rc, -EINVAL);
		assert_int_equal(option.offset, cases[i].at);
	}
}

/* RFC 791 3.1: record route stays with the first fragment, router alert goes with each. */
static void
test_fragment(void **state)
{
	static const uint8_t kept[] = { 148, 4, 0, 0, 130, 3, 1, 0 };
	struct ip4_header_max max = IP4_HEADER(7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0, 1, 130, 3, 1);
	struct ip4_header_max fragment;
	uint8_t full[40];

	assert_int_equal(ip4_hdr_fragment(&max.hdr, &fragment), 28);
	assert_int_equal(fragment.hdr.version_ihl, 0x47);
	assert_int_equal(fragment.hdr.ttl, 9);
	assert_memory_equal(fragment.options, kept, sizeof(kept));
	max = IP4_HEADER(1, 1, 7, 3, 4);
	assert_int_equal(ip4_hdr_fragment(&max.hdr, &fragment), 20);
	memset(full, 0, sizeof(full));
	full[0] = 130;
	full[1] = 40;
	max = ip4_header(full, sizeof(full));
	assert_int_equal(ip4_hdr_fragment(&max.hdr, &fragment), 60);
	assert_memory_equal(&fragment, &max, sizeof(max));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_bad_lengths),
		cmocka_unit_test(test_fragment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
