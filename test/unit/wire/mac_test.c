/* SPDX-License-Identifier: BSD-3-Clause */
/* MAC addresses and their text. */
#include "wire/mac.h"

#include <errno.h>

#include "unit/wire/wire_fixture.h"

static void
test_text_and_back(void **state)
{
	static const struct mac_addr expected = { { 0x02, 0x00, 0xab, 0xcd, 0xef, 0x9f } };
	struct mac_addr mac;
	char text[MAC_TEXT_MAX];

	assert_int_equal(mac_addr_parse("02:00:AB:cd:eF:9f", &mac), 0);
	assert_memory_equal(&mac, &expected, sizeof(mac));
	assert_string_equal(mac_addr_format(&mac, text), "02:00:ab:cd:ef:9f");
}

static void
test_garbage_is_refused_and_leaves_the_result_alone(void **state)
{
	static const char *const texts[] = { "", "02", "02:00:00:00:00", "02:00:00:00:00:0",
		"02:00:00:00:00:01:", "02:00:00:00:00:01 ", " 2:00:00:00:00:01",
		"02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00/01", "0x:00:00:00:00:01",
		"02:00:00:00:00:+1", "02:00:00:00:00:@1", "02:00:00:00:00:`1",
		"::::::::::::::::::" };
	struct mac_addr mac = { { 1, 2, 3, 4, 5, 6 } };
	const struct mac_addr before = mac;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(mac_addr_parse(texts[i], &mac), -EINVAL);
		assert_memory_equal(&mac, &before, sizeof(mac));
	}
}

static void
test_classes(void **state)
{
	static const struct mac_addr zero, one = { { 0, 0, 0, 0, 0, 1 } };
	static const struct mac_addr group = { { 1, 0, 0, 0, 0, 0 } };
	static const struct mac_addr all = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

	assert_true(mac_addr_is_zero(&zero));
	assert_false(mac_addr_is_zero(&one));
	assert_true(mac_addr_is_group(&group));
	assert_true(mac_addr_is_group(&all));
	assert_false(mac_addr_is_group(&one));
	assert_true(mac_addr_equal(&one, &(struct mac_addr){ { 0, 0, 0, 0, 0, 1 } }));
	assert_false(mac_addr_equal(&one, &zero));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_back),
		cmocka_unit_test(test_garbage_is_refused_and_leaves_the_result_alone),
		cmocka_unit_test(test_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
