/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user timeout is told as: RFC 5482 3.3. How it is heard is told by script/rfc5482. */
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	pair->settings.adv_uto = true;
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

static uint32_t
told_s(uint32_t user_timeout_ms)
{
	pair->settings.user_timeout_ms = user_timeout_ms;
	pair->filter = pair_lose_all;
	pair_start(pair);
	pair_connect(pair);
	pair_run_for(pair, MS_NS);
	assert_true(pair_last(pair, PAIR_CLIENT)->options.present & TCP_OPTION_USER_TIMEOUT);
	return pair_last(pair, PAIR_CLIENT)->options.user_timeout_s;
}

static void
test_rounded_up(void **state)
{
	assert_int_equal(told_s(120001), 121);
}

/* Of minutes 15 bits. */
static void
test_longest(void **state)
{
	assert_int_equal(told_s(UINT32_MAX), 0x7fff * 60);
}

#define UTO_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UTO_TEST(test_rounded_up),
		UTO_TEST(test_longest),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
