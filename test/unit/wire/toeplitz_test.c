/* SPDX-License-Identifier: BSD-3-Clause */
/* Toeplitz against Microsoft's "Verifying the RSS hash calculation". */
#include "wire/toeplitz.h"

#include <stdlib.h>

#include "wire/endian.h"
#include "unit/wire/wire_fixture.h"

static const struct {
	const char *dst, *src;
	uint16_t dst_port, src_port;
	uint32_t hash_addrs, hash_ports;
} vectors[] = {
	{ "161.142.100.80", "66.9.149.187", 1766, 2794, 0x323e8fc2, 0x51ccc178 },
	{ "65.69.140.83", "199.92.111.2", 4739, 14230, 0xd718262a, 0xc626b0ea },
	{ "12.22.207.184", "24.19.198.95", 38024, 12898, 0xd2d0a5de, 0x5c2b394a },
	{ "209.142.163.6", "38.27.205.30", 2217, 48228, 0x82989176, 0xafc7327f },
	{ "202.188.127.2", "153.39.163.191", 1303, 44251, 0x5d1809c5, 0x10e828a2 },
	{ "3ffe:2501:200:3::1", "3ffe:2501:200:1fff::7", 1766, 2794, 0x2cc18cd5, 0x40207d3d },
	{ "ff02::1", "3ffe:501:8::260:97ff:fe40:efab", 4739, 14230, 0x0f0c461c, 0xdde51bbf },
	{ "fe80::200:f8ff:fe21:67cf", "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 38024, 44251,
		0x4b61e985, 0x02d1feef },
};

static struct toeplitz toeplitz;

static void
test_published_vectors(void **state)
{
	toeplitz_init(&toeplitz, toeplitz_default_key);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct ip_addr src = addr_of(vectors[i].src), dst = addr_of(vectors[i].dst);
		unsigned length = ip_addr_length(&src);
		uint8_t input[TOEPLITZ_INPUT_MAX];

		memcpy(input, src.bytes, length);
		memcpy(input + length, dst.bytes, length);
		be16_store(input + 2 * length, vectors[i].src_port);
		be16_store(input + 2 * length + 2, vectors[i].dst_port);
		assert_int_equal(
			toeplitz_hash(&toeplitz, input, 2 * length), vectors[i].hash_addrs);
		assert_int_equal(
			toeplitz_hash(&toeplitz, input, 2 * length + 4), vectors[i].hash_ports);
	}
}

/* Each bit of the longest input selects the 32 key bits that start at its place. */
static void
test_each_bit_selects_its_window(void **state)
{
	uint8_t key[TOEPLITZ_KEY_LENGTH];

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 73 + 41);
	toeplitz_init(&toeplitz, key);
	assert_memory_equal(toeplitz.key, key, sizeof(key));
	for (unsigned bit = 0; bit < TOEPLITZ_INPUT_MAX * 8; bit++) {
		uint8_t input[TOEPLITZ_INPUT_MAX] = { 0 };
		uint32_t window = 0;

		for (unsigned i = bit; i < bit + 32; i++)
			window = window << 1 | (key[i / 8] >> (7 - i % 8) & 1U);
		input[bit / 8] = (uint8_t)(0x80U >> (bit % 8));
		assert_int_equal(toeplitz_hash(&toeplitz, input, sizeof(input)), window);
	}
	assert_int_equal(toeplitz_hash(&toeplitz, key, 0), 0);
}

/* However this CPU computes it, with each length and from each place. */
static void
test_agrees_with_the_table(void **state)
{
	uint8_t input[TOEPLITZ_INPUT_MAX];

	toeplitz_init(&toeplitz, toeplitz_default_key);
	srand(1);
	for (unsigned round = 0; round < 1000; round++) {
		for (unsigned i = 0; i < sizeof(input); i++)
			input[i] = (uint8_t)rand();
		for (unsigned position = 0; position < sizeof(input); position += 4) {
			for (unsigned length = 0; position + length <= sizeof(input); length++)
				assert_int_equal(
					toeplitz_hash_at(&toeplitz, position, input, length),
					toeplitz_table_hash(&toeplitz, position, input, length));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_vectors),
		cmocka_unit_test(test_each_bit_selects_its_window),
		cmocka_unit_test(test_agrees_with_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
