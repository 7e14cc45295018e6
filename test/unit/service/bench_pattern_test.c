/* SPDX-License-Identifier: BSD-3-Clause */
/* The pattern of streams: what is at each place, and that nothing else fits there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/bench_pattern.h"

/* The first outputs of SplitMix64 with seed 0, as its authors have them; and again after the last word. */
static void
test_words(void **state)
{
	static const uint8_t words[16] = { 0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8, 0x20, 0xe2, 0xf4,
		0x65, 0xb9, 0xa1, 0x6a, 0x9e, 0x78, 0x6e };
	uint8_t data[sizeof(words)];

	(void)state;
	bench_pattern_fill(0, data, sizeof(data));
	assert_memory_equal(data, words, sizeof(words));
	bench_pattern_fill(8ULL * BENCH_PATTERN_WORDS, data, sizeof(data));
	assert_memory_equal(data, words, sizeof(words));
	bench_pattern_fill(8ULL * BENCH_PATTERN_WORDS - 8, data, sizeof(data));
	assert_memory_equal(data + 8, words, 8);
}

/* Pieces of any length from any place make the same stream. */
static void
test_pieces(void **state)
{
	uint8_t whole[256], pieces[256];

	(void)state;
	bench_pattern_fill(1000, whole, sizeof(whole));
	for (size_t length = 1; length < 20; length++) {
		for (size_t from = 0; from < sizeof(pieces); from += length) {
			const size_t left = sizeof(pieces) - from;

			bench_pattern_fill(
				1000 + from, pieces + from, left < length ? left : length);
		}
		assert_memory_equal(pieces, whole, sizeof(whole));
	}
}

static void
test_compare(void **state)
{
	uint8_t data[1000];

	(void)state;
	bench_pattern_fill(12345, data, sizeof(data));
	assert_int_equal(bench_pattern_compare(12345, data, sizeof(data)), 0);
	assert_int_equal(bench_pattern_compare(12350, data + 5, sizeof(data) - 5), 0);
	data[0] ^= 1;
	data[500] ^= 0x80;
	data[999] ^= 0x10;
	assert_int_equal(bench_pattern_compare(12345, data, sizeof(data)), 3);
	assert_int_equal(bench_pattern_compare(12345, data, 999), 2);
	memset(data, 0, sizeof(data));
	assert_in_range(bench_pattern_compare(12345, data, sizeof(data)), 980, 1000);
}

/* What belongs elsewhere, by any power of 2, does not fit here. */
static void
test_misplaced(void **state)
{
	uint8_t data[1000];

	(void)state;
	for (unsigned shift = 0; shift < 40; shift++) {
		bench_pattern_fill(777 + (1ULL << shift), data, sizeof(data));
		assert_in_range(bench_pattern_compare(777, data, sizeof(data)), 980, 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_misplaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
