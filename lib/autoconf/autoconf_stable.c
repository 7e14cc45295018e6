/* SPDX-License-Identifier: BSD-3-Clause */
/* RFC 7217 5: F() is SHA-256, over inputs of fixed length, and the secret last. */
#include "autoconf/autoconf.h"

#include <sys/types.h>
#include <sha2.h>

#include "wire/endian.h"

#define NAME_LENGTH 32

/* RFC 5453: the subnet routers' anycast address, and those reserved for anycast by RFC 2526. */
static bool
is_reserved(const uint8_t iid[8])
{
	static const uint8_t zero[8], anycast[7] = { 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return memcmp(iid, zero, sizeof(zero)) == 0 ||
		(memcmp(iid, anycast, sizeof(anycast)) == 0 && iid[7] >= 0x80);
}

static void
identifier(const struct ip_prefix *prefix, const char *iface, uint8_t counter, uint8_t again,
	const char *secret, uint8_t iid[8])
{
	uint8_t digest[SHA256_DIGEST_LENGTH], name[NAME_LENGTH] = { 0 };
	SHA2_CTX ctx;

	strncpy((char *)name, iface, sizeof(name) - 1);
	SHA256Init(&ctx);
	SHA256Update(&ctx, prefix->addr.bytes, 8);
	SHA256Update(&ctx, name, sizeof(name));
	SHA256Update(&ctx, &counter, 1);
	SHA256Update(&ctx, &again, 1);
	SHA256Update(&ctx, (const uint8_t *)secret, strlen(secret));
	SHA256Final(digest, &ctx);
	memcpy(iid, digest, 8);
}

struct ip_addr
autoconf_stable_addr(
	const struct ip_prefix *prefix, const char *iface, uint8_t counter, const char *secret)
{
	struct ip_addr addr = prefix->addr;
	uint8_t again = 0;

	do
		identifier(prefix, iface, counter, again++, secret, addr.bytes + 8);
	while (is_reserved(addr.bytes + 8));
	return addr;
}
