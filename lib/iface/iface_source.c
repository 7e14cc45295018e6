/* SPDX-License-Identifier: BSD-3-Clause */
/* Which of an interface's addresses a packet of ours leaves from: RFC 6724 5. */
#include "iface/iface.h"

/* RFC 4007 5, 6: what the four bits of a multicast address' scope say; larger is wider. */
enum scope { SCOPE_LINK_LOCAL = 2, SCOPE_SITE_LOCAL = 5, SCOPE_GLOBAL = 14 };

static unsigned
scope_of(const struct ip_addr *addr)
{
	if (addr->bytes[0] == 0xff)
		return addr->bytes[1] & 0xf;
	if (ip_addr_is_link_local(addr) || ip_addr_is_loopback(addr))
		return SCOPE_LINK_LOCAL;
	if (addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0xc0)
		return SCOPE_SITE_LOCAL;
	return SCOPE_GLOBAL;
}

/* The default policy table of RFC 6724 2.1, longest prefixes first; precedences are not needed. */
static unsigned
label_of(const struct ip_addr *addr)
{
	static const struct {
		struct ip_prefix prefix;
		uint8_t label;
	} policies[] = {
		{ { { IP_FAMILY_6, { [15] = 1 } }, 128 }, 0 },
		{ { { IP_FAMILY_6, { [10] = 0xff, 0xff } }, 96 }, 4 },
		{ { { IP_FAMILY_6, { 0 } }, 96 }, 3 },
		{ { { IP_FAMILY_6, { 0x20, 0x01 } }, 32 }, 5 },
		{ { { IP_FAMILY_6, { 0x20, 0x02 } }, 16 }, 2 },
		{ { { IP_FAMILY_6, { 0x3f, 0xfe } }, 16 }, 12 },
		{ { { IP_FAMILY_6, { 0xfe, 0xc0 } }, 10 }, 11 },
		{ { { IP_FAMILY_6, { 0xfc } }, 7 }, 13 },
	};

	for (unsigned i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		if (ip_prefix_contains(&policies[i].prefix, addr))
			return policies[i].label;
	}
	return 1;
}

/* RFC 6724 2.2: within the source's prefix; what is behind 64 bits is an identifier. */
static unsigned
common_length(const struct ip_prefix *source, const struct ip_addr *dst)
{
	unsigned max = source->length < 64 ? source->length : 64;
	unsigned bits = 0;

	while (bits < max &&
		((source->addr.bytes[bits / 8] ^ dst->bytes[bits / 8]) & 0x80 >> bits % 8) == 0)
		bits++;
	return bits;
}

/*
 * RFC 6724 5, rules 1 to 8, but for those of mobile nodes (4) and temporary addresses (7); the
 * interface (5) is the caller's choice.
 * @return whether address `a` is better than `b`
 */
static bool
is_better(const struct iface *iface, unsigned a, unsigned b, const struct ip_addr *dst)
{
	const struct ip_addr *addr_a = &iface->addrs[a].addr, *addr_b = &iface->addrs[b].addr;
	unsigned scope_a = scope_of(addr_a), scope_b = scope_of(addr_b), scope = scope_of(dst);
	bool matches_a = label_of(addr_a) == label_of(dst);
	bool matches_b = label_of(addr_b) == label_of(dst);

	/* 1 */
	if (ip_addr_equal(addr_a, dst) || ip_addr_equal(addr_b, dst))
		return ip_addr_equal(addr_a, dst);
	/* 2: the narrowest that is wide enough, else the widest */
	if (scope_a != scope_b)
		return scope_a < scope_b ? scope_a >= scope : scope_b < scope;
	/* 3 */
	if (iface->addr_states[a] != iface->addr_states[b])
		return iface->addr_states[a] == IFACE_ADDR_PREFERRED;
	/* 6 */
	if (matches_a != matches_b)
		return matches_a;
	/* 8 */
	return common_length(&iface->addrs[a], dst) > common_length(&iface->addrs[b], dst);
}

static const struct ip_addr *
source4(const struct iface *iface, const struct ip_addr *dst)
{
	const struct ip_prefix *own = iface_addr_covering(iface, dst);

	if (own != NULL)
		return &own->addr;
	return iface->source4.family == IP_FAMILY_4 ? &iface->source4 : NULL;
}

const struct ip_addr *
iface_addr_source(const struct iface *iface, const struct ip_addr *dst)
{
	int best = -1;

	if (dst->family == IP_FAMILY_4)
		return source4(iface, dst);
	for (unsigned i = 0; i < iface->addr_count; i++) {
		if (iface->addrs[i].addr.family == IP_FAMILY_6 && iface_addr_is_usable(iface, i) &&
			(best < 0 || is_better(iface, i, (unsigned)best, dst)))
			best = (int)i;
	}
	return best >= 0 ? &iface->addrs[best].addr : NULL;
}

bool
iface_addr_reaches(const struct ip_addr *source, const struct ip_addr *dst)
{
	return source->family == IP_FAMILY_4 || scope_of(source) >= scope_of(dst);
}
