/* SPDX-License-Identifier: BSD-3-Clause */
/* CRC32c of any length, in any pieces: as it is bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pkt/crc32c.h"

#define LENGTH_MAX 5000

static uint8_t bytes[LENGTH_MAX + 8];
/* Of the first so many bytes. */
static uint32_t expected[LENGTH_MAX + 1];

static void
bytes_fill(void)
{
	uint32_t seed = 1, crc = CRC32C_INIT;

	for (unsigned i = 0; i < sizeof(bytes); i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(seed >> 24);
	}
	expected[0] = crc;
	for (unsigned i = 0; i < LENGTH_MAX; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
		expected[i + 1] = crc;
	}
}

static void
test_lengths(void **state)
{
	for (unsigned length = 0; length <= LENGTH_MAX; length++)
		assert_int_equal(crc32c_add(CRC32C_INIT, bytes, length), expected[length]);
}

/* From wherever it stands, and after whatever came before. */
static void
test_pieces(void **state)
{
	for (unsigned first = 0; first < 300; first++) {
		for (unsigned length = first; length <= LENGTH_MAX; length += 331)
			assert_int_equal(crc32c_add(crc32c_add(CRC32C_INIT, bytes, first),
						 bytes + first, length - first),
				expected[length]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_pieces),
	};

	bytes_fill();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
