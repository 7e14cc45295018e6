/* SPDX-License-Identifier: BSD-3-Clause */
/* Sequence numbers compare across the wrap. */
#include "base/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_order_wraps(void **state)
{
	static const uint32_t places[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX };

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint32_t a = places[i], b = places[i] + 100, far = places[i] + 0x7fffffff;

		assert_true(seq_before(a, b) && seq_before(a, far));
		assert_true(seq_after(b, a) && !seq_after(a, b));
		assert_true(seq_until(a, a) && seq_from(a, a) && !seq_before(a, a));
		assert_true(seq_until(a, b) && !seq_from(a, b));
		assert_int_equal(seq_max(a, b), b);
		assert_int_equal(seq_min(a, b), a);
	}
}

static void
test_within(void **state)
{
	assert_true(seq_within(UINT32_MAX, UINT32_MAX, 2));
	assert_true(seq_within(0, UINT32_MAX, 2));
	assert_false(seq_within(1, UINT32_MAX, 2));
	assert_false(seq_within(UINT32_MAX - 1, UINT32_MAX, 2));
	assert_false(seq_within(5, 5, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_wraps),
		cmocka_unit_test(test_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
