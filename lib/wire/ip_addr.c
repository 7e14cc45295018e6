/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses and prefixes: text, comparison, classes. */
#include "wire/ip_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/ip4.h"
#include "wire/ip6.h"

struct ip_addr
ip_addr_from4(const void *bytes)
{
	struct ip_addr addr = { .family = IP_FAMILY_4 };

	memcpy(addr.bytes, bytes, 4);
	return addr;
}

struct ip_addr
ip_addr_from6(const void *bytes)
{
	struct ip_addr addr = { .family = IP_FAMILY_6 };

	memcpy(addr.bytes, bytes, 16);
	return addr;
}

uint32_t
ip_addr_to_u32(const struct ip_addr *addr)
{
	return (uint32_t)addr->bytes[0] << 24 | (uint32_t)addr->bytes[1] << 16 |
		(uint32_t)addr->bytes[2] << 8 | addr->bytes[3];
}

bool
ip_addr_is_unspecified(const struct ip_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

bool
ip_addr_is_multicast(const struct ip_addr *addr)
{
	if (addr->family == IP_FAMILY_4)
		return (addr->bytes[0] & 0xf0) == 0xe0;
	return addr->bytes[0] == 0xff;
}

bool
ip_addr_is_loopback(const struct ip_addr *addr)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (addr->family == IP_FAMILY_4)
		return addr->bytes[0] == 127;
	return memcmp(addr->bytes, loopback6, sizeof(loopback6)) == 0;
}

bool
ip_addr_is_host(const struct ip_addr *addr)
{
	if (addr->family == IP_FAMILY_4)
		return !(ip4_class_at(addr->bytes) & IP4_CLASS_NOT_SRC);
	return !ip6_is_multicast(addr->bytes) && !ip6_is_unspecified_or_loopback(addr->bytes) &&
		!ip6_is_mapped(addr->bytes);
}

bool
ip_addr_is_link_local(const struct ip_addr *addr)
{
	if (addr->family == IP_FAMILY_4)
		return addr->bytes[0] == 169 && addr->bytes[1] == 254;
	return addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

int
ip_addr_parse(const char *text, struct ip_addr *addr)
{
	struct ip_addr parsed = { 0 };

	if (inet_pton(AF_INET, text, parsed.bytes) == 1)
		parsed.family = IP_FAMILY_4;
	else if (inet_pton(AF_INET6, text, parsed.bytes) == 1)
		parsed.family = IP_FAMILY_6;
	else
		return -EINVAL;
	*addr = parsed;
	return 0;
}

char *
ip_addr_format(const struct ip_addr *addr, char text[IP_TEXT_MAX])
{
	int af = addr->family == IP_FAMILY_4 ? AF_INET : AF_INET6;

	if (addr->family == IP_FAMILY_NONE || inet_ntop(af, addr->bytes, text, IP_TEXT_MAX) == NULL)
		snprintf(text, IP_TEXT_MAX, "-");
	return text;
}

int
ip_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	char addr_text[IP_TEXT_MAX];
	const char *slash = strchr(text, '/');
	struct ip_prefix parsed;
	size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
	unsigned long bits;
	char *end;

	if (length >= sizeof(addr_text))
		return -EINVAL;
	memcpy(addr_text, text, length);
	addr_text[length] = '\0';
	if (ip_addr_parse(addr_text, &parsed.addr) < 0)
		return -EINVAL;
	parsed.length = ip_addr_bits(&parsed.addr);
	if (slash != NULL) {
		/* As for an address's parts: no sign, no space, no leading zero. */
		if (slash[1] < '0' || slash[1] > '9' || (slash[1] == '0' && slash[2] != '\0'))
			return -EINVAL;
		bits = strtoul(slash + 1, &end, 10);
		if (*end != '\0' || bits > parsed.length)
			return -EINVAL;
		parsed.length = bits;
	}
	*prefix = parsed;
	return 0;
}

char *
ip_prefix_format(const struct ip_prefix *prefix, char text[IP_TEXT_MAX])
{
	size_t length;

	ip_addr_format(&prefix->addr, text);
	length = strlen(text);
	snprintf(text + length, IP_TEXT_MAX - length, "/%u", prefix->length);
	return text;
}

struct ip_prefix
ip_prefix_network(const struct ip_prefix *prefix)
{
	struct ip_prefix network = *prefix;
	unsigned byte = prefix->length / 8;

	if (byte < sizeof(network.addr.bytes)) {
		network.addr.bytes[byte] &= (uint8_t)(0xff00 >> (prefix->length % 8));
		memset(network.addr.bytes + byte + 1, 0, sizeof(network.addr.bytes) - byte - 1);
	}
	return network;
}

bool
ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr)
{
	unsigned whole = prefix->length / 8;
	unsigned rest = prefix->length % 8;

	if (prefix->addr.family != addr->family ||
		memcmp(prefix->addr.bytes, addr->bytes, whole) != 0)
		return false;
	return rest == 0 || ((prefix->addr.bytes[whole] ^ addr->bytes[whole]) >> (8 - rest)) == 0;
}

int
ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b)
{
	int order = memcmp(&a->addr, &b->addr, sizeof(a->addr));

	return order != 0 ? order : (int)a->length - (int)b->length;
}
