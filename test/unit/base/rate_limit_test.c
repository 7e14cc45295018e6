/* SPDX-License-Identifier: BSD-3-Clause */
/* Shares of a rate limit: nobody uses it up alone, and all together no more than there is. */
#include "base/rate_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct rate all = { .rate = 1000, .burst = 100 };
static const struct rate each = { .rate = 500, .burst = 60 };

static unsigned
take_all(struct rate_limit *limit, unsigned who, uint64_t now_ns)
{
	unsigned count = 0;

	while (count < 10000 && rate_limit_take(limit, who, now_ns))
		count++;
	return count;
}

static void
test_one_leaves_others_some(void **state)
{
	struct rate_limit limit;

	rate_limit_init(&limit, all, each, 0);
	assert_int_equal(take_all(&limit, 1, 0), 60);
	assert_int_equal(take_all(&limit, 2, 0), 40);
	assert_int_equal(take_all(&limit, 3, 0), 0);
	/* 20 ms: 20 for all, 10 of them for one. */
	assert_int_equal(take_all(&limit, 1, 20000000), 10);
	assert_int_equal(take_all(&limit, 1, 20000000), 0);
	assert_int_equal(take_all(&limit, 3, 20000000), 10);
}

/* For as long as one asks for more than there is, another gets what he needs. */
static void
test_flood_does_not_starve_others(void **state)
{
	struct rate_limit limit;
	unsigned flood = 0;

	rate_limit_init(&limit, all, each, 0);
	for (uint64_t ms = 0; ms < 10000; ms++) {
		flood += take_all(&limit, 7, ms * 1000000);
		if (ms % 10 == 0)
			assert_true(rate_limit_take(&limit, 8, ms * 1000000));
	}
	assert_true(flood >= 5000 && flood <= 5060);
}

static void
test_numbers_wrap(void **state)
{
	struct rate_limit limit;

	rate_limit_init(&limit, all, each, 0);
	assert_int_equal(take_all(&limit, UINT16_MAX, 0), 60);
	assert_int_equal(take_all(&limit, UINT16_MAX % RATE_LIMIT_SHARES, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_leaves_others_some),
		cmocka_unit_test(test_flood_does_not_starve_others),
		cmocka_unit_test(test_numbers_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
