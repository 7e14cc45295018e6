/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers from a secret key: a seed's are its own, the system's nobody's; uniform below a bound. */
#include "base/secret_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct secret_random
seeded(uint64_t seed)
{
	struct secret_random random;
	struct entropy entropy;

	entropy_init(&entropy, seed);
	secret_random_init(&random, &entropy);
	return random;
}

static void
the_key_decides(void **state)
{
	struct secret_random a = seeded(1), b = seeded(1), c = seeded(2), system1 = seeded(0),
			     system2 = seeded(0);

	for (unsigned i = 0; i < 100; i++) {
		uint64_t value = secret_random_draw(&a);

		assert_int_equal(secret_random_draw(&b), value);
		assert_int_not_equal(secret_random_draw(&c), value);
		assert_int_not_equal(secret_random_draw(&system1), secret_random_draw(&system2));
	}
}

static void
below_is_uniform(void **state)
{
	struct secret_random random = seeded(3);
	unsigned seen[10] = { 0 };

	for (unsigned i = 0; i < 100000; i++)
		seen[secret_random_below(&random, 10)]++;
	/* Ten thousand each, and five times the standard deviation. */
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(seen[i], 10000 - 475, 10000 + 475);
	assert_int_equal(secret_random_below(&random, 0), 0);
	assert_int_equal(secret_random_below(&random, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_decides),
		cmocka_unit_test(below_is_uniform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
