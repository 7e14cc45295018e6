/* SPDX-License-Identifier: BSD-3-Clause */
/* Token buckets: the burst, the rate, and that no second burst hides behind the first. */
#include "base/token_bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SECOND_NS 1000000000ULL

/* Take until there is none. @return how many there were, at most `max` */
static unsigned
take_all(struct token_bucket *bucket, uint64_t now_ns, unsigned max)
{
	unsigned count = 0;

	while (count < max && token_bucket_take(bucket, now_ns))
		count++;
	return count;
}

static void
test_burst_then_rate(void **state)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, 1000, 100, 0);
	assert_int_equal(take_all(&bucket, 0, 1000), 100);
	assert_int_equal(take_all(&bucket, 999999, 1000), 0);
	assert_int_equal(take_all(&bucket, 1000000, 1000), 1);
	assert_int_equal(take_all(&bucket, 11000000, 1000), 10);
	assert_int_equal(take_all(&bucket, 11999999, 1000), 0);
	assert_int_equal(take_all(&bucket, 12000000, 1000), 1);
}

/* After a long silence there is one burst, not two. */
static void
test_saves_no_more_than_a_burst(void **state)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, 1000, 100, 0);
	assert_int_equal(take_all(&bucket, 3600 * SECOND_NS, 1000), 100);
	assert_int_equal(take_all(&bucket, 3600 * SECOND_NS + 5000000, 1000), 5);
	assert_int_equal(take_all(&bucket, 7200 * SECOND_NS, 1000), 100);
}

/* Over a second nobody gets more than the rate and the burst, however often he asks. */
static void
test_rate_holds_for_eager_takers(void **state)
{
	struct token_bucket bucket;
	unsigned count = 0;

	token_bucket_init(&bucket, 1000, 100, 0);
	for (uint64_t now_ns = 0; now_ns <= SECOND_NS; now_ns += 1777)
		count += take_all(&bucket, now_ns, 1);
	assert_in_range(count, 1099, 1100);
}

static void
test_time_that_goes_back(void **state)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, 1000, 2, SECOND_NS);
	assert_int_equal(take_all(&bucket, 0, 10), 2);
	assert_int_equal(take_all(&bucket, SECOND_NS - 1, 10), 0);
	assert_int_equal(take_all(&bucket, SECOND_NS + 1000000, 10), 1);
}

static void
test_no_rate(void **state)
{
	struct token_bucket bucket;

	token_bucket_init(&bucket, 0, 3, 0);
	assert_int_equal(take_all(&bucket, 0, 10), 3);
	assert_int_equal(take_all(&bucket, UINT64_MAX - 1, 10), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_burst_then_rate),
		cmocka_unit_test(test_saves_no_more_than_a_burst),
		cmocka_unit_test(test_rate_holds_for_eager_takers),
		cmocka_unit_test(test_time_that_goes_back),
		cmocka_unit_test(test_no_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
