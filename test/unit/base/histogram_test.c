/* SPDX-License-Identifier: BSD-3-Clause */
/* Histograms: each value in its place, and percentiles against a sorted array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"

#define COUNT 20000

static struct histogram histogram, other, sum;

static void
clear(void)
{
	memset(&histogram, 0, sizeof(histogram));
	memset(&other, 0, sizeof(other));
	memset(&sum, 0, sizeof(sum));
}

/* Slots follow each other without a gap, and are no wider than 1/64 of what is in them. */
static void
test_slots(void **state)
{
	uint64_t first = 0;
	unsigned slot = 0;

	for (uint64_t value = 0; value < 1U << 20; value++) {
		unsigned now = histogram_slot(value);

		if (now == slot)
			continue;
		assert_int_equal(now, slot + 1);
		assert_true((value - 1 - first) * HISTOGRAM_PARTS <= first);
		slot = now;
		first = value;
	}
	assert_int_equal(histogram_slot((1ULL << HISTOGRAM_VALUE_BITS) - 1), HISTOGRAM_SLOTS - 1);
	assert_int_equal(histogram_slot(1ULL << HISTOGRAM_VALUE_BITS), HISTOGRAM_SLOTS - 1);
	assert_int_equal(histogram_slot(UINT64_MAX), HISTOGRAM_SLOTS - 1);
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
test_percentiles(void **state)
{
	static const uint32_t ranks[] = { 1, 1000, 50000, 90000, 99000, 99900, 99999, 100000 };
	static uint64_t values[COUNT];
	uint64_t total = 0;

	clear();
	srand(1);
	for (unsigned i = 0; i < COUNT; i++) {
		values[i] = (uint64_t)rand() << (rand() % 9) >> (rand() % 20);
		histogram_add(i % 3 == 0 ? &histogram : &other, values[i]);
		total += values[i];
	}
	qsort(values, COUNT, sizeof(values[0]), compare);
	histogram_merge(&sum, &histogram);
	histogram_merge(&sum, &other);
	assert_int_equal(sum.count, COUNT);
	assert_int_equal(sum.sum, total);
	assert_int_equal(sum.min, values[0]);
	assert_int_equal(sum.max, values[COUNT - 1]);
	for (unsigned i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
		uint64_t rank = ((uint64_t)COUNT * ranks[i] + 99999) / 100000;
		uint64_t exact = values[rank - 1], told = histogram_percentile(&sum, ranks[i]);

		assert_true(told >= exact && told - exact <= exact / HISTOGRAM_PARTS);
	}
}

static void
test_few(void **state)
{
	clear();
	assert_int_equal(histogram_percentile(&sum, 50000), 0);
	histogram_merge(&sum, &histogram);
	assert_int_equal(sum.count, 0);
	histogram_add(&histogram, 1000);
	histogram_merge(&sum, &histogram);
	assert_int_equal(histogram_percentile(&sum, 0), 1000);
	assert_int_equal(histogram_percentile(&sum, 50000), 1000);
	histogram_add(&sum, UINT64_MAX);
	assert_int_equal(histogram_percentile(&sum, 100000), UINT64_MAX);
	histogram_add(&sum, 0);
	assert_int_equal(sum.min, 0);
	assert_int_equal(histogram_percentile(&sum, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
