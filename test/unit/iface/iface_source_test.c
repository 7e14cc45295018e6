/* SPDX-License-Identifier: BSD-3-Clause */
/* Source addresses: the examples of RFC 6724 10.1, and what else the rules say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "iface/iface.h"

struct candidate {
	const char *addr;
	enum iface_addr_state state;
};

/* The index of the candidate that is chosen, whatever their order; -1: none. */
static int
choose(const char *dst_text, const struct candidate candidates[3])
{
	struct iface there = { .name = "p0" }, back = { .name = "p0" };
	const struct ip_addr *chosen, *again;
	struct ip_prefix prefix;
	struct ip_addr dst;
	int count = 0;

	assert_int_equal(ip_addr_parse(dst_text, &dst), 0);
	while (count < 3 && candidates[count].addr != NULL)
		count++;
	for (int i = 0; i < count; i++) {
		assert_int_equal(ip_prefix_parse(candidates[i].addr, &prefix), 0);
		assert_int_equal(iface_addr_add(&there, &prefix, NULL), 0);
		iface_addr_state_set(&there, i, candidates[i].state);
		assert_int_equal(ip_prefix_parse(candidates[count - 1 - i].addr, &prefix), 0);
		assert_int_equal(iface_addr_add(&back, &prefix, NULL), 0);
		iface_addr_state_set(&back, i, candidates[count - 1 - i].state);
	}
	chosen = iface_addr_source(&there, &dst);
	again = iface_addr_source(&back, &dst);
	assert_true((chosen == NULL) == (again == NULL));
	if (chosen == NULL)
		return -1;
	assert_true(ip_addr_equal(chosen, again));
	return iface_addr_find(&there, chosen);
}

#define CHOOSE(dst, ...) choose(dst, (const struct candidate[3]){ __VA_ARGS__ })

static void
test_examples(void **state)
{
	/* Rule 2, wide enough; also for a group of the site. */
	assert_int_equal(
		CHOOSE("2001:db8:1::1", { .addr = "2001:db8:3::1/64" }, { .addr = "fe80::1/64" }),
		0);
	assert_int_equal(
		CHOOSE("ff05::1", { .addr = "2001:db8:3::1/64" }, { .addr = "fe80::1/64" }), 0);
	/* Rule 1 comes before rule 3, and rule 2 does. */
	assert_int_equal(CHOOSE("2001:db8:1::1",
				 { .addr = "2001:db8:1::1/64", .state = IFACE_ADDR_DEPRECATED },
				 { .addr = "2001:db8:2::1/64" }),
		0);
	assert_int_equal(CHOOSE("fe80::1", { .addr = "fe80::2/64", .state = IFACE_ADDR_DEPRECATED },
				 { .addr = "2001:db8:1::1/64" }),
		0);
	/* Rule 8 */
	assert_int_equal(CHOOSE("2001:db8:1::1", { .addr = "2001:db8:1::2/64" },
				 { .addr = "2001:db8:3::2/64" }),
		0);
	/* Rule 6: 6to4 */
	assert_int_equal(
		CHOOSE("2002:c633:6401::1", { .addr = "2002:c633:6401::d5e3:7953:13eb:22e8/64" },
			{ .addr = "2001:db8:1::2/64" }),
		0);
}

static void
test_other_rules(void **state)
{
	/* Rule 3 */
	assert_int_equal(CHOOSE("2001:db8:9::1",
				 { .addr = "2001:db8:9::2/64", .state = IFACE_ADDR_DEPRECATED },
				 { .addr = "2001:db8:3::2/64" }),
		1);
	/* Rule 6 comes before rule 8: Teredo's prefix has more in common, but another label. */
	assert_int_equal(
		CHOOSE("2001:db8:9::1", { .addr = "2001:0:1::2/64" }, { .addr = "2400:1::2/64" }),
		1);
	/* Rule 6: unique local to unique local */
	assert_int_equal(
		CHOOSE("fd00:1::1", { .addr = "2001:db8:1::2/64" }, { .addr = "fd00:2::1/64" }), 1);
	assert_int_equal(
		CHOOSE("2001:db8:9::1", { .addr = "2001:db8:1::2/64" }, { .addr = "fd00:2::1/64" }),
		0);
	/* Better too narrow than none; the narrowest that is wide enough. */
	assert_int_equal(CHOOSE("2001:db8::1", { .addr = "fe80::1/64" }), 0);
	assert_int_equal(
		CHOOSE("ff02::1", { .addr = "2001:db8::1/64" }, { .addr = "fe80::1/64" }), 1);
	/* Those that are not ours are no candidates. */
	assert_int_equal(CHOOSE("2001:db8:1::1",
				 { .addr = "2001:db8:1::2/64", .state = IFACE_ADDR_TENTATIVE },
				 { .addr = "2001:db8:3::2/64", .state = IFACE_ADDR_DUPLICATE },
				 { .addr = "fe80::1/64" }),
		2);
	assert_int_equal(CHOOSE("2001:db8:1::1", { .addr = "10.0.0.1/24" }), -1);
}

static void
test_ip4(void **state)
{
	assert_int_equal(CHOOSE("10.0.1.9", { .addr = "10.0.0.1/24" }, { .addr = "10.0.1.1/24" },
				 { .addr = "fe80::1/64" }),
		1);
	assert_int_equal(CHOOSE("192.0.2.1", { .addr = "10.0.0.1/24" }), 0);
	assert_int_equal(CHOOSE("192.0.2.1", { .addr = "fe80::1/64" }), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_other_rules),
		cmocka_unit_test(test_ip4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
