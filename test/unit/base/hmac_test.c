/* SPDX-License-Identifier: BSD-3-Clause */
/* HMAC by the test vectors of RFC 2202 3 (SHA-1) and RFC 4231 4 (SHA-256). */
#include "base/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
digest_check(enum hmac_hash hash, const uint8_t *digest, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	char said[2 * HMAC_LENGTH_MAX + 1] = "";

	for (unsigned i = 0; i < hmac_length(hash); i++) {
		said[2 * i] = digits[digest[i] >> 4];
		said[2 * i + 1] = digits[digest[i] & 15];
	}
	assert_string_equal(said, hex);
}

static void
vector_check(const uint8_t *key, size_t key_length, const void *data, size_t length,
	const char *sha1, const char *sha256)
{
	const char *expected[HMAC_HASH_COUNT] = { sha1, sha256 };

	for (enum hmac_hash hash = HMAC_SHA1; hash < HMAC_HASH_COUNT; hash++) {
		uint8_t digest[HMAC_LENGTH_MAX];

		/* Cut in two wherever it may be. */
		for (size_t cut = 0; cut <= length; cut++) {
			const struct hmac_part parts[2] = { { data, cut },
				{ (const uint8_t *)data + cut, length - cut } };

			hmac(hash, key, key_length, parts, 2, digest);
			digest_check(hash, digest, expected[hash]);
		}
	}
}

static void
test_vectors(void **state)
{
	uint8_t key[131], data[50];

	(void)state;
	vector_check((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28,
		"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0x0b, 20);
	vector_check(key, 20, "Hi There", 8, "b617318655057264e28bc0b6fb378c8ef146be00",
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	memset(key, 0xaa, 20);
	memset(data, 0xdd, sizeof(data));
	vector_check(key, 20, data, 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	for (uint8_t i = 0; i < 25; i++)
		key[i] = (uint8_t)(i + 1);
	memset(data, 0xcd, sizeof(data));
	vector_check(key, 25, data, 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

/* A key longer than a block: the RFCs have 80 bytes for SHA-1, 131 for SHA-256. */
static void
test_long_keys(void **state)
{
	static const char text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	const struct hmac_part part = { text, sizeof(text) - 1 };
	uint8_t key[131], digest[HMAC_LENGTH_MAX];

	(void)state;
	memset(key, 0xaa, sizeof(key));
	hmac(HMAC_SHA1, key, 80, &part, 1, digest);
	digest_check(HMAC_SHA1, digest, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
	hmac(HMAC_SHA256, key, 131, &part, 1, digest);
	digest_check(HMAC_SHA256, digest,
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void
test_equal(void **state)
{
	uint8_t a[20] = { 1, 2, 3 }, b[20] = { 1, 2, 3 };

	(void)state;
	assert_true(hmac_equal(a, b, sizeof(a)));
	for (unsigned i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x80;
		assert_false(hmac_equal(a, b, sizeof(a)));
		b[i] ^= 0x80;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
