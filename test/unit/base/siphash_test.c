/* SPDX-License-Identifier: BSD-3-Clause */
/* SipHash-2-4 against its authors' vectors: key 00 01 02..., input 00 01 02... */
#include "base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
published_vectors(void **state)
{
	static const struct {
		size_t length;
		uint64_t hash;
	} vectors[] = {
		{ 0, 0x726fdb47dd0e0e31 },
		{ 1, 0x74f839c593dc67fd },
		{ 7, 0xab0200f58b01d137 },
		{ 8, 0x93f5f5799a932462 },
		{ 15, 0xa129ca6149be45e5 },
		{ 16, 0x3f2acc7f57c29bdb },
		{ 63, 0x958a324ceb064572 },
	};
	struct siphash_key key;
	uint8_t bytes[64];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (unsigned i = 0; i < 2; i++) {
		uint64_t word;

		memcpy(&word, bytes + 8 * i, sizeof(word));
		key.words[i] = le64toh(word);
	}
	for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_int_equal(siphash(&key, bytes, vectors[i].length), vectors[i].hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
