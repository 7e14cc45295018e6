/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranges and exclusions: what is refused changes nothing, and what is set can be read again. */
#include "unit/ephemeral/ephemeral_fixture.h"

static void
defaults_are_those_of_the_rfc(void **state)
{
	struct ephemeral_policy policy;
	uint16_t first, last;

	ephemeral_policy_init(&policy);
	assert_int_equal(policy.min, 1024);
	assert_int_equal(policy.max, 65535);
	assert_ptr_equal(policy.algorithm, ephemeral_algorithm_get(0));
	assert_false(ephemeral_policy_excluded(&policy, 0, &first, &last));
}

static void
ranges_that_are_none_are_refused(void **state)
{
	struct ephemeral_policy policy, before;
	struct error err;

	ephemeral_policy_init(&policy);
	before = policy;
	assert_int_equal(ephemeral_policy_range(&policy, 0, 10, &err), -EINVAL);
	assert_int_equal(ephemeral_policy_range(&policy, 11, 10, &err), -EINVAL);
	assert_int_equal(ephemeral_policy_exclude(&policy, 0, 10, &err), -EINVAL);
	assert_int_equal(ephemeral_policy_exclude(&policy, 11, 10, &err), -EINVAL);
	assert_non_null(strstr(err.text, "11-10 is no range of ports"));
	assert_memory_equal(&policy, &before, sizeof(policy));
}

static void
one_port_must_be_left(void **state)
{
	struct ephemeral_policy policy, before;
	struct error err;

	ephemeral_policy_init(&policy);
	assert_int_equal(ephemeral_policy_exclude(&policy, 2000, 65535, &err), 0);
	before = policy;
	assert_int_equal(ephemeral_policy_exclude(&policy, 1, 1999, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "no port from 1024 to 65535"));
	assert_int_equal(ephemeral_policy_range(&policy, 2000, 3000, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "from 2000 to 3000 are excluded"));
	assert_memory_equal(&policy, &before, sizeof(policy));
	assert_int_equal(ephemeral_policy_exclude(&policy, 1, 1998, &err), 0);
	assert_int_equal(ephemeral_policy_range(&policy, 1999, 65535, &err), 0);
}

static void
exclusions_are_read_as_ranges(void **state)
{
	const uint16_t set[][2] = { { 1, 1 }, { 5060, 5061 }, { 8080, 8090 }, { 8091, 8191 },
		{ 65535, 65535 } };
	const uint16_t read[][2] = { { 1, 1 }, { 5060, 5061 }, { 8080, 8191 }, { 65535, 65535 } };
	struct ephemeral_policy policy;
	uint16_t first, last;
	uint32_t from = 0;

	ephemeral_policy_init(&policy);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(ephemeral_policy_exclude(&policy, set[i][0], set[i][1], NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(ephemeral_policy_excluded(&policy, from, &first, &last));
		assert_int_equal(first, read[i][0]);
		assert_int_equal(last, read[i][1]);
		from = last + 1U;
	}
	assert_false(ephemeral_policy_excluded(&policy, from, &first, &last));
	assert_true(ephemeral_policy_excludes(&policy, 8191));
	assert_false(ephemeral_policy_excludes(&policy, 8192));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_rfc),
		cmocka_unit_test(ranges_that_are_none_are_refused),
		cmocka_unit_test(one_port_must_be_left),
		cmocka_unit_test(exclusions_are_read_as_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
