/* SPDX-License-Identifier: BSD-3-Clause */
/* Random numbers: a seed's sequence is its own; without one it is the system's. */
#include "base/entropy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
a_seed_decides(void **state)
{
	struct entropy a, b, c;
	unsigned same = 0;

	entropy_init(&a, 7);
	entropy_init(&b, 7);
	entropy_init(&c, 8);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t value = entropy_u64(&a);

		assert_int_equal(value, entropy_u64(&b));
		same += value == entropy_u64(&c);
	}
	assert_int_equal(same, 0);
}

static void
without_a_seed_it_is_the_systems(void **state)
{
	struct entropy a = { 0 }, b = { 0 };

	assert_int_not_equal(entropy_u64(&a), entropy_u64(&b));
	entropy_init(&a, 0);
	assert_false(a.seeded);
}

static void
below_is_uniform(void **state)
{
	unsigned counts[10] = { 0 };
	struct entropy entropy;

	entropy_init(&entropy, 42);
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t value = entropy_below(&entropy, 10);

		assert_in_range(value, 0, 9);
		counts[value]++;
	}
	/* Five standard deviations. */
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(counts[i], 10000 - 475, 10000 + 475);
	assert_int_equal(entropy_below(&entropy, 0), 0);
	assert_int_equal(entropy_below(&entropy, 1), 0);
}

static void
fills_what_it_is_given(void **state)
{
	struct entropy entropy;
	uint8_t bytes[32];

	for (size_t length = 0; length < sizeof(bytes); length++) {
		memset(bytes, 0xaa, sizeof(bytes));
		entropy_init(&entropy, 3);
		entropy_fill(&entropy, bytes, length);
		for (size_t i = length; i < sizeof(bytes); i++)
			assert_int_equal(bytes[i], 0xaa);
		/* That eight of eight bytes stayed as they were has one chance in 2^64. */
		if (length >= 8)
			assert_memory_not_equal(bytes, "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_decides),
		cmocka_unit_test(without_a_seed_it_is_the_systems),
		cmocka_unit_test(below_is_uniform),
		cmocka_unit_test(fills_what_it_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
