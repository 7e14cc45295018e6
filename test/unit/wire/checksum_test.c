/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum: the examples of RFC 1071 and 1624, and its corners. */
#include "wire/checksum.h"

#include <endian.h>

#include "unit/wire/wire_fixture.h"

/* Word by word, as RFC 1071 4.1 has it; the checksum as a number. */
static uint16_t
reference(const uint8_t *p, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)p[i] << 8 | (i + 1 < length ? p[i + 1] : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void
test_rfc1071_example(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	uint64_t sum = checksum_add(0, bytes, sizeof(bytes));

	assert_int_equal(be16toh(checksum_fold(sum)), 0xddf2);
	assert_int_equal(be16toh(checksum_finish(sum)), 0x220d);
}

static void
test_every_length_and_split(void **state)
{
	uint8_t bytes[67];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 151 + 203);
	for (unsigned length = 0; length <= sizeof(bytes); length++) {
		uint8_t *copy = bytes_copy(bytes, length);

		assert_int_equal(be16toh(checksum_finish(checksum_add(0, copy, length))),
			reference(copy, length));
		for (unsigned first = 0; first <= length; first += 2) {
			uint64_t sum = checksum_add(0, copy, first);

			sum = checksum_add(sum, copy + first, length - first);
			assert_int_equal(be16toh(checksum_finish(sum)), reference(copy, length));
		}
		free(copy);
	}
	/* From an odd address. */
	assert_int_equal(
		be16toh(checksum_finish(checksum_add(0, bytes + 1, 66))), reference(bytes + 1, 66));
}

static void
test_fold_loses_no_carry(void **state)
{
	static uint8_t ones[65535];

	assert_int_equal(checksum_fold(0), 0);
	assert_int_equal(checksum_fold(UINT64_MAX), 0xffff);
	assert_int_equal(checksum_fold(0x10000), 1);
	assert_int_equal(checksum_fold(0xffffffff), 0xffff);
	assert_int_equal(checksum_fold(0x1fffe), 0xffff);
	assert_int_equal(checksum_fold(0x100000000), 1);
	/* Each fold carries once more. */
	assert_int_equal(checksum_fold(0xffffffff00000001), 1);
	assert_int_equal(checksum_fold(0xfffffffe00000002), 1);
	assert_int_equal(checksum_fold(0xffff00010000ffff), 1);
	assert_int_equal(checksum_fold(0x00010000ffffffff), 1);
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(checksum_finish(checksum_add(0, ones, 65534)), 0);
	assert_int_equal(
		be16toh(checksum_finish(checksum_add(0, ones, 65535))), reference(ones, 65535));
}

static void
test_ip4_header(void **state)
{
	/* From Wikipedia's article on the IPv4 header checksum: 0xb861. */
	uint8_t hdr[21] = { 0, 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0xb8,
		0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };

	assert_int_equal(checksum_ip4_hdr_sum(hdr + 1), 0xffff);
	hdr[11] = hdr[12] = 0;
	assert_int_equal(be16toh((uint16_t)~checksum_ip4_hdr_sum(hdr + 1)), 0xb861);
}

/* Carries out of every width: each 32-bit word of the header one of the extremes. */
static void
test_ip4_header_carries(void **state)
{
	static const uint32_t words[] = { 0, 1, 0xffffffff, 0xfffffffe, 0xffff0000, 0x0000ffff,
		0x80000001 };
	enum { WORDS = sizeof(words) / sizeof(words[0]) };

	for (unsigned choice = 0; choice < WORDS * WORDS * WORDS * WORDS * WORDS; choice++) {
		uint32_t hdr[5];
		unsigned rest = choice;

		for (unsigned i = 0; i < 5; i++, rest /= WORDS)
			hdr[i] = words[rest % WORDS];
		assert_int_equal(checksum_ip4_hdr_sum(hdr),
			checksum_fold(checksum_add(0, hdr, sizeof(hdr))));
		assert_int_equal((uint16_t)~checksum_ip4_hdr_sum(hdr),
			htobe16(reference((const uint8_t *)hdr, sizeof(hdr))));
		assert_int_equal(choice == 0 || checksum_ip4_hdr_sum(hdr) == 0xffff,
			checksum_ip4_hdr_is_good(hdr));
	}
}

/* RFC 1624 4: the example for which RFC 1141 gives 0xffff. */
static void
test_rfc1624_example(void **state)
{
	assert_int_equal(checksum_update16(htobe16(0xdd2f), htobe16(0x5555), htobe16(0x3285)), 0);
}

/* The update gives what a whole computation gives, 0x0000 and 0xffff told apart. */
static void
test_update_equals_computing_anew(void **state)
{
	static const uint16_t old_words[] = { 0, 1, 0xffff, 0xfffe, 0x8000, 0x5555, 0x40ff };
	uint8_t bytes[20] = { 0x45, 0x00, 0x00, 0x1c, 0xbe, 0xef, 0x40, 0x00, [12] = 10, 1, 2, 3 };

	for (size_t i = 0; i < sizeof(old_words) / sizeof(old_words[0]); i++) {
		uint16_t old_word = old_words[i], checksum;

		memcpy(bytes + 8, &old_word, 2);
		checksum = checksum_finish(checksum_add(0, bytes, sizeof(bytes)));
		for (uint32_t word = 0; word <= 0xffff; word++) {
			uint16_t new_word = (uint16_t)word;

			memcpy(bytes + 8, &new_word, 2);
			assert_int_equal(checksum_update16(checksum, old_word, new_word),
				checksum_finish(checksum_add(0, bytes, sizeof(bytes))));
		}
	}
}

static void
test_pseudo_headers(void **state)
{
	/* RFC 9293 3.1 and RFC 8200 8.1, written out. */
	static const uint8_t pseudo4[12] = { 10, 0, 0, 1, 192, 0, 2, 255, 0, 17, 0x12, 0x34 };
	static const uint8_t pseudo6[40] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1, [16] = 0xff,
		0x02, [31] = 2, [32] = 0x00, 0x01, 0x23, 0x45, [39] = 58 };
	struct ip_addr src = addr_of("10.0.0.1"), dst = addr_of("192.0.2.255");

	assert_int_equal(be16toh(checksum_finish(checksum_pseudo(&src, &dst, 17, 0x1234))),
		reference(pseudo4, sizeof(pseudo4)));
	src = addr_of("2001:db8::1");
	dst = addr_of("ff02::2");
	assert_int_equal(be16toh(checksum_finish(checksum_pseudo(&src, &dst, 58, 0x12345))),
		reference(pseudo6, sizeof(pseudo6)));
	assert_int_equal(be16toh(checksum_finish(checksum_pseudo_at(pseudo4, 8, 17, 0x1234))),
		reference(pseudo4, sizeof(pseudo4)));
	assert_int_equal(be16toh(checksum_finish(checksum_pseudo_at(pseudo6, 32, 58, 0x12345))),
		reference(pseudo6, sizeof(pseudo6)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc1071_example),
		cmocka_unit_test(test_every_length_and_split),
		cmocka_unit_test(test_fold_loses_no_carry),
		cmocka_unit_test(test_ip4_header),
		cmocka_unit_test(test_ip4_header_carries),
		cmocka_unit_test(test_rfc1624_example),
		cmocka_unit_test(test_update_equals_computing_anew),
		cmocka_unit_test(test_pseudo_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
