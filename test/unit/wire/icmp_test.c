/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP and ICMPv6 headers and checksums. */
#include "wire/icmp.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/ip4.h"
#include "unit/wire/wire_fixture.h"

static void
test_fields_and_back(void **state)
{
	static const uint8_t echo[ICMP_HDR_LENGTH] = { 8, 3, 0xab, 0xcd, 0xf2, 0x34, 0x56, 0x78 };
	static const uint8_t no_checksum[ICMP_HDR_LENGTH] = { 8, 3, 0, 0, 0xf2, 0x34, 0x56, 0x78 };
	uint8_t built[ICMP_HDR_LENGTH];
	struct icmp icmp;

	assert_int_equal(icmp_parse(echo, sizeof(echo), &icmp), 0);
	assert_int_equal(icmp.type, ICMP4_ECHO_REQUEST);
	assert_int_equal(icmp.code, 3);
	assert_int_equal(icmp.rest, 0xf2345678);
	memset(built, 0xee, sizeof(built));
	icmp_build(built, &icmp);
	assert_memory_equal(built, no_checksum, sizeof(built));
}

static void
test_cut_off_at_each_byte(void **state)
{
	static const uint8_t bytes[ICMP_HDR_LENGTH] = { 8 };
	struct icmp icmp;

	for (uint32_t length = 0; length <= sizeof(bytes); length++) {
		uint8_t *copy = bytes_copy(bytes, length);

		assert_int_equal(
			icmp_parse(copy, length, &icmp), length < sizeof(bytes) ? -EINVAL : 0);
		free(copy);
	}
}

static void
test_checksum4(void **state)
{
	/* An echo request as ping sends it, with an odd byte of data. */
	uint8_t echo[] = { 8, 0, 0xff, 0xff, 0x12, 0x34, 0x00, 0x01, 'a', 'b', 'c' };

	icmp4_checksum_set(echo, sizeof(echo));
	/* 0800 + 1234 + 0001 + 6162 + 6300 = de97 */
	assert_int_equal(echo[2], 0x21);
	assert_int_equal(echo[3], 0x68);
	assert_int_equal(checksum_fold(checksum_add(0, echo, sizeof(echo))), 0xffff);
}

static void
test_checksum6(void **state)
{
	uint8_t echo[] = { 128, 0, 0xff, 0xff, 0x12, 0x34, 0x00, 0x01 };
	struct ip_addr src = addr_of("fe80::1"), dst = addr_of("fe80::2");
	uint64_t sum;

	icmp6_checksum_set(echo, sizeof(echo), &src, &dst);
	/* fe80 + 1 + fe80 + 2 + 8 (length) + 3a (ICMPv6) + 8000 + 1234 + 1 = 28f7a -> 8f7c */
	assert_int_equal(echo[2], 0x70);
	assert_int_equal(echo[3], 0x83);
	sum = checksum_pseudo(&src, &dst, IP_PROTO_ICMP6, sizeof(echo));
	assert_int_equal(checksum_fold(checksum_add(sum, echo, sizeof(echo))), 0xffff);
}

static void
test_what_may_not_be_answered_by_an_error(void **state)
{
	static const uint8_t queries[] = { ICMP4_ECHO_REPLY, ICMP4_ECHO_REQUEST, 9, 10, 13, 14 };
	bool is_query[256] = { false };

	for (size_t i = 0; i < sizeof(queries); i++)
		is_query[queries[i]] = true;
	for (unsigned type = 0; type < 256; type++) {
		assert_int_equal(icmp4_type_is_error((uint8_t)type), !is_query[type]);
		assert_int_equal(icmp6_type_is_error((uint8_t)type), type < 128);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_and_back),
		cmocka_unit_test(test_cut_off_at_each_byte),
		cmocka_unit_test(test_checksum4),
		cmocka_unit_test(test_checksum6),
		cmocka_unit_test(test_what_may_not_be_answered_by_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
