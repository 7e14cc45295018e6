/* SPDX-License-Identifier: BSD-3-Clause */
/* The UDP header: RFC 768. */
#include <errno.h>

#include "unit/wire/wire_fixture.h"

#include "wire/checksum.h"
#include "wire/udp.h"

static void
test_parses_what_was_built(void **state)
{
	const struct udp built = { .src_port = 4000, .dst_port = 53, .length = 100 };
	uint8_t bytes[UDP_HDR_LENGTH];
	struct udp udp;

	udp_build(bytes, &built);
	assert_memory_equal(bytes, "\x0f\xa0\x00\x35\x00\x64\x00\x00", sizeof(bytes));
	assert_int_equal(udp_parse(bytes, 100, &udp), 0);
	assert_int_equal(udp.src_port, 4000);
	assert_int_equal(udp.dst_port, 53);
	assert_int_equal(udp.length, 100);
	assert_false(udp.checksummed);
	bytes[UDP_CHECKSUM_FIELD] = 1;
	assert_int_equal(udp_parse(bytes, 101, &udp), 0);
	assert_true(udp.checksummed);
}

static void
test_refuses_lengths_that_cannot_be(void **state)
{
	static const struct {
		uint16_t said;
		uint32_t present;
		int rc;
	} cases[] = { { 8, 8, 0 }, { 7, 8, -EINVAL }, { 0, 8, -EINVAL }, { 9, 8, -EINVAL },
		{ 9, 9, 0 }, { 65535, 65535, 0 }, { 65535, 65534, -EINVAL } };
	uint8_t bytes[UDP_HDR_LENGTH];
	struct udp udp;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		udp_build(bytes, &(struct udp){ .length = cases[i].said });
		assert_int_equal(udp_parse(bytes, cases[i].present, &udp), cases[i].rc);
	}
	for (uint32_t length = 0; length < UDP_HDR_LENGTH; length++)
		assert_int_equal(udp_parse(bytes, length, &udp), -EINVAL);
}

/* A sum whose complement is 0 is sent as all ones: they are equal, but 0 means something else. */
static void
test_checksum_is_never_zero(void **state)
{
	assert_int_equal(udp_checksum_finish(0xffff), 0xffff);
	assert_int_equal(udp_checksum_finish(0x1234), 0xedcb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parses_what_was_built),
		cmocka_unit_test(test_refuses_lengths_that_cannot_be),
		cmocka_unit_test(test_checksum_is_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
