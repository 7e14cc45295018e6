/* SPDX-License-Identifier: BSD-3-Clause */
/* Seeded random numbers: the known sequence, chances, and the shape of what should be normal. */
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DRAWS 1000000

/* The reference code's first numbers from the state 1, 2, 3, 4. */
static void
test_known_sequence(void **state)
{
	static const uint64_t expected[] = { 11520, 0, 1509978240, 1215971899390074240,
		1216172134540287360, 607988272756665600 };
	struct random random = { { 1, 2, 3, 4 } };

	for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_true(random_draw(&random) == expected[i]);
}

/* splitmix64 of 0 begins with this. */
static void
test_seed(void **state)
{
	struct random first, second;

	random_init(&first, 0);
	assert_true(first.state[0] == 0xe220a8397b1dcdafULL);
	random_init(&second, 1);
	assert_true(random_draw(&first) != random_draw(&second));
}

static void
test_chance(void **state)
{
	static const uint32_t chances[] = { 1000, 10000000, 500000000, 999000000 };
	struct random random;

	random_init(&random, 7);
	for (unsigned i = 0; i < sizeof(chances) / sizeof(chances[0]); i++) {
		double p = chances[i] / 1e9, variance = DRAWS * p * (1 - p), off;
		unsigned count = 0;

		for (unsigned n = 0; n < DRAWS; n++)
			count += random_chance(&random, chances[i]);
		off = count - DRAWS * p;
		assert_true(off * off <= 25 * variance + 25);
	}
	assert_false(random_chance(&random, 0));
	assert_true(random_chance(&random, RANDOM_PPB));
}

static void
test_below(void **state)
{
	unsigned counts[10] = { 0 };
	struct random random;

	random_init(&random, 8);
	assert_int_equal(random_below(&random, 0), 0);
	for (unsigned n = 0; n < DRAWS; n++)
		counts[random_below(&random, 10)]++;
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(counts[i], 98500, 101500);
}

static void
test_normal(void **state)
{
	const uint64_t deviation = 1000000;
	double sum = 0, squares = 0;
	struct random random;
	unsigned within = 0;

	random_init(&random, 9);
	for (unsigned n = 0; n < DRAWS; n++) {
		int64_t value = random_normal(&random, deviation);

		assert_in_range(value + 6000000, 0, 12000000);
		sum += (double)value;
		squares += (double)value * (double)value;
		within += value > -(int64_t)deviation && value < (int64_t)deviation;
	}
	/* Of mean 0, of the deviation that was asked for, and 68 % within it. */
	assert_true(sum / DRAWS > -5000 && sum / DRAWS < 5000);
	assert_true(squares / DRAWS > 0.99e12 && squares / DRAWS < 1.01e12);
	assert_in_range(within, 670000, 690000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sequence),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_chance),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_normal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
