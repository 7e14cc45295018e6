/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * IPv4 and IPv6 addresses, prefixes and flows as values, and their text.
 */
#ifndef WIRE_IP_ADDR_H
#define WIRE_IP_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Applications in shared objects call these (app/spated/spated.syms). */
#pragma GCC visibility push(default)

enum ip_family { IP_FAMILY_NONE = 0, IP_FAMILY_4 = 4, IP_FAMILY_6 = 6 };

/** "255.255.255.255", or the longest IPv6 text with "/128" and a NUL, rounded up. */
#define IP_TEXT_MAX 52

/** An address of either family. Bytes beyond the family's length are zero. */
struct ip_addr {
	uint8_t family; /**< enum ip_family */
	uint8_t bytes[16]; /**< network byte order; IPv4 uses the first 4 */
};

struct ip_prefix {
	struct ip_addr addr; /**< may have bits beyond `length` set: see ip_prefix_network() */
	uint8_t length; /**< bits: 0..32 or 0..128 */
};

/** What a flow hash is taken over. Ports are 0 where the protocol has none. */
struct ip_flow {
	struct ip_addr src, dst;
	uint8_t proto; /**< IANA protocol number */
	uint16_t src_port, dst_port; /**< host byte order */
	uint32_t label; /**< of IPv6 */
};

static inline unsigned
ip_addr_bits(const struct ip_addr *addr)
{
	return addr->family == IP_FAMILY_4 ? 32 : 128;
}

static inline unsigned
ip_addr_length(const struct ip_addr *addr)
{
	return addr->family == IP_FAMILY_4 ? 4 : 16;
}

static inline bool
ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** An IPv4 address from four bytes in network order. */
struct ip_addr ip_addr_from4(const void *bytes);
struct ip_addr ip_addr_from6(const void *bytes);
/** The four bytes of an IPv4 address as a number in host byte order. */
uint32_t ip_addr_to_u32(const struct ip_addr *addr);

bool ip_addr_is_unspecified(const struct ip_addr *addr);
bool ip_addr_is_multicast(const struct ip_addr *addr);
bool ip_addr_is_loopback(const struct ip_addr *addr);
/** Whether it may be a host's on a link: no group, nor unspecified, loopback, reserved, or IPv4 as IPv6. */
bool ip_addr_is_host(const struct ip_addr *addr);
/** 169.254/16 or fe80::/10 */
bool ip_addr_is_link_local(const struct ip_addr *addr);

/** Text to address. @return 0 or -EINVAL */
int ip_addr_parse(const char *text, struct ip_addr *addr);
/** Address to text (RFC 5952 for IPv6). @return `text` */
char *ip_addr_format(const struct ip_addr *addr, char text[IP_TEXT_MAX]);

/** "10.0.0.0/8"; without a slash, the whole address. @return 0 or -EINVAL */
int ip_prefix_parse(const char *text, struct ip_prefix *prefix);
char *ip_prefix_format(const struct ip_prefix *prefix, char text[IP_TEXT_MAX]);
/** The same prefix with the bits beyond its length cleared. */
struct ip_prefix ip_prefix_network(const struct ip_prefix *prefix);
bool ip_prefix_contains(const struct ip_prefix *prefix, const struct ip_addr *addr);
/** Order: family, address, then length (a shorter prefix first). @return <0, 0, >0 */
int ip_prefix_compare(const struct ip_prefix *a, const struct ip_prefix *b);

#pragma GCC visibility pop

#endif
