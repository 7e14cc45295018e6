/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP headers and options: what is written is read again, and nothing beyond the end is. */
#include "wire/tcp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

static void
test_header_there_and_back(void **state)
{
	const struct tcp_fields fields = { .src_port = 4000,
		.dst_port = 80,
		.seq = 0x12345678,
		.ack = 0x9abcdef0,
		.flags = TCP_SYN | TCP_ACK | TCP_CWR,
		.hdr_length = 24,
		.window = 65535,
		.urgent = 7 };
	uint8_t bytes[TCP_HDR_LENGTH_MAX] = { 0 };
	struct tcp_fields read;

	tcp_hdr_build((struct tcp_header *)bytes, &fields);
	assert_int_equal(tcp_hdr_parse(bytes, 24, &read), 0);
	assert_int_equal(read.src_port, fields.src_port);
	assert_int_equal(read.dst_port, fields.dst_port);
	assert_int_equal(read.seq, fields.seq);
	assert_int_equal(read.ack, fields.ack);
	assert_int_equal(read.flags, fields.flags);
	assert_int_equal(read.hdr_length, fields.hdr_length);
	assert_int_equal(read.window, fields.window);
	assert_int_equal(read.urgent, fields.urgent);
	assert_int_equal(bytes[12], 0x60);
}

static void
test_header_of_wrong_length(void **state)
{
	uint8_t bytes[TCP_HDR_LENGTH_MAX] = { 0 };
	struct tcp_fields fields;

	for (unsigned words = 0; words < 16; words++) {
		bytes[12] = (uint8_t)(words << 4);
		for (unsigned length = 0; length <= sizeof(bytes); length++) {
			int expected = length >= TCP_HDR_LENGTH && words >= 5 && words * 4 <= length
				? 0
				: -EINVAL;

			assert_int_equal(tcp_hdr_parse(bytes, length, &fields), expected);
		}
	}
}

static void
test_options_there_and_back(void **state)
{
	const struct tcp_options options = { .present = TCP_OPTION_MSS | TCP_OPTION_WSCALE |
			TCP_OPTION_SACK_PERMITTED | TCP_OPTION_TIMESTAMPS | TCP_OPTION_USER_TIMEOUT,
		.mss = 1460,
		.wscale = 7,
		.ts_val = 1,
		.ts_ecr = 2,
		.user_timeout_s = 300 };
	uint8_t bytes[TCP_OPTIONS_MAX];
	struct tcp_options read;
	uint32_t length = tcp_options_build(bytes, sizeof(bytes), &options);

	assert_int_equal(length, 28);
	assert_true(tcp_options_parse(bytes, length, true, &read));
	assert_int_equal(read.present, options.present);
	assert_int_equal(read.mss, 1460);
	assert_int_equal(read.wscale, 7);
	assert_int_equal(read.ts_val, 1);
	assert_int_equal(read.ts_ecr, 2);
	assert_int_equal(read.user_timeout_s, 300);
	/* RFC 9293 3.2, RFC 7323 2.2: what belongs to SYNs is not seen elsewhere. */
	assert_true(tcp_options_parse(bytes, length, false, &read));
	assert_int_equal(read.present, TCP_OPTION_TIMESTAMPS | TCP_OPTION_USER_TIMEOUT);
}

/* RFC 2018 3: four blocks, three beside timestamps, and fewer where there is less room. */
static void
test_sack_blocks(void **state)
{
	struct tcp_options options = { .sack_count = 4 }, read;
	uint8_t bytes[TCP_OPTIONS_MAX];

	for (uint32_t i = 0; i < 4; i++)
		options.sack[i] = (struct tcp_sack_block){ i * 1000, i * 1000 + 500 };
	for (unsigned timestamps = 0; timestamps < 2; timestamps++) {
		options.present = timestamps ? TCP_OPTION_TIMESTAMPS : 0;
		for (uint32_t room = 0; room <= TCP_OPTIONS_MAX; room += 4) {
			uint32_t fixed = timestamps && room >= 12 ? 12 : 0;
			uint32_t fit = room >= fixed + 12 ? (room - fixed - 4) / 8 : 0;
			uint32_t length = tcp_options_build(bytes, room, &options);

			fit = fit < 4 ? fit : 4;
			assert_true(length <= room);
			assert_true(tcp_options_parse(bytes, length, false, &read));
			assert_int_equal(read.sack_count, fit);
			for (uint32_t i = 0; i < fit; i++)
				assert_memory_equal(&read.sack[i], &options.sack[i], 8);
		}
	}
}

/* What is in front of something malformed counts; what comes after it does not. */
static void
test_malformed_options(void **state)
{
	static const struct {
		uint8_t bytes[16];
		uint8_t length;
		bool good;
		uint8_t present;
	} cases[] = {
		{ { 2, 4, 5, 180, 3, 3, 20 }, 7, true, TCP_OPTION_MSS | TCP_OPTION_WSCALE },
		{ { 2, 4, 5, 180, 3, 0, 7 }, 7, false, TCP_OPTION_MSS },
		{ { 2, 4, 5, 180, 3, 1, 7 }, 7, false, TCP_OPTION_MSS },
		{ { 2, 4, 5, 180, 3, 4, 7 }, 7, false, TCP_OPTION_MSS },
		{ { 2, 3, 5, 3, 3, 7 }, 6, false, 0 },
		{ { 2, 4, 5, 180, 4, 2, 0, 3, 3, 7 }, 10, true,
			TCP_OPTION_MSS | TCP_OPTION_SACK_PERMITTED },
		{ { 254, 4, 0, 0, 4, 2 }, 6, true, TCP_OPTION_SACK_PERMITTED },
		{ { 8, 9, 0, 0, 0, 0, 0, 0, 0 }, 9, false, 0 },
		{ { 5, 2 }, 2, false, 0 },
		{ { 5, 9, 0, 0, 0, 0, 0, 0, 0 }, 9, false, 0 },
		{ { 1, 1, 1, 4 }, 4, false, 0 },
		{ { 28, 4, 0x80, 5 }, 4, true, TCP_OPTION_USER_TIMEOUT },
	};
	struct tcp_options read;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* On the heap, so that a sanitizer sees what is read beyond the end. */
		uint8_t *bytes = malloc(cases[i].length);

		assert_non_null(bytes);
		memcpy(bytes, cases[i].bytes, cases[i].length);
		assert_int_equal(
			tcp_options_parse(bytes, cases[i].length, true, &read), cases[i].good);
		assert_int_equal(read.present, cases[i].present);
		free(bytes);
	}
	assert_true(tcp_options_parse(cases[0].bytes, 7, true, &read));
	assert_int_equal(read.wscale, TCP_WSCALE_MAX);
	assert_true(tcp_options_parse(cases[11].bytes, 4, false, &read));
	assert_int_equal(read.user_timeout_s, 300);
}

static void
test_random_options(void **state)
{
	struct tcp_options read;
	struct random random;

	random_init(&random, 1);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t length = (uint32_t)random_below(&random, TCP_OPTIONS_MAX + 1);
		uint8_t *bytes = malloc(length + (length == 0));

		assert_non_null(bytes);
		for (uint32_t j = 0; j < length; j++)
			bytes[j] =
				(uint8_t)random_below(&random, random_below(&random, 2) ? 12 : 256);
		tcp_options_parse(bytes, length, true, &read);
		assert_true(read.sack_count <= TCP_SACK_BLOCKS_MAX);
		free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_there_and_back),
		cmocka_unit_test(test_header_of_wrong_length),
		cmocka_unit_test(test_options_there_and_back),
		cmocka_unit_test(test_sack_blocks),
		cmocka_unit_test(test_malformed_options),
		cmocka_unit_test(test_random_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
