/* SPDX-License-Identifier: BSD-3-Clause */
/* HMAC: RFC 2104. */
#include "base/hmac.h"

#include <string.h>
#include <sys/types.h>

#include <sha1.h>
#include <sha2.h>

#define BLOCK_LENGTH 64 /* of both hashes */
#define IPAD         0x36
#define OPAD         0x5c

_Static_assert(SHA1_BLOCK_LENGTH == BLOCK_LENGTH && SHA256_BLOCK_LENGTH == BLOCK_LENGTH, "");

unsigned
hmac_length(enum hmac_hash hash)
{
	return hash == HMAC_SHA1 ? SHA1_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

static void
sha1(const struct hmac_part *parts, unsigned count, uint8_t *digest)
{
	SHA1_CTX ctx;

	SHA1Init(&ctx);
	for (unsigned i = 0; i < count; i++)
		SHA1Update(&ctx, parts[i].data, parts[i].length);
	SHA1Final(digest, &ctx);
}

static void
sha256(const struct hmac_part *parts, unsigned count, uint8_t *digest)
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	for (unsigned i = 0; i < count; i++)
		SHA256Update(&ctx, parts[i].data, parts[i].length);
	SHA256Final(digest, &ctx);
}

void
hmac_hash(enum hmac_hash hash, const struct hmac_part *parts, unsigned count, uint8_t *digest)
{
	if (hash == HMAC_SHA1)
		sha1(parts, count, digest);
	else
		sha256(parts, count, digest);
}

#define PARTS_MAX 8

void
hmac(enum hmac_hash hash, const void *key, size_t key_length, const struct hmac_part *parts,
	unsigned count, uint8_t *digest)
{
	uint8_t pad[BLOCK_LENGTH] = { 0 }, inner[HMAC_LENGTH_MAX];
	struct hmac_part all[1 + PARTS_MAX] = { { pad, sizeof(pad) } };

	if (key_length > sizeof(pad))
		hmac_hash(hash, &(struct hmac_part){ key, key_length }, 1, pad);
	else if (key_length > 0)
		memcpy(pad, key, key_length);
	count = count < PARTS_MAX ? count : PARTS_MAX;
	memcpy(&all[1], parts, count * sizeof(*parts));
	for (unsigned i = 0; i < sizeof(pad); i++)
		pad[i] ^= IPAD;
	hmac_hash(hash, all, 1 + count, inner);
	for (unsigned i = 0; i < sizeof(pad); i++)
		pad[i] ^= IPAD ^ OPAD;
	all[1] = (struct hmac_part){ inner, hmac_length(hash) };
	hmac_hash(hash, all, 2, digest);
}

bool
hmac_equal(const uint8_t *a, const uint8_t *b, size_t length)
{
	uint8_t difference = 0;

	for (size_t i = 0; i < length; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}
