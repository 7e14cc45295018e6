/* SPDX-License-Identifier: BSD-3-Clause */
/* What ICMP errors quote, and mean: for the transports. */
#include "wire/icmp_quote.h"

#include <errno.h>
#include <stddef.h>

#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static bool
quote4_parse(uint8_t proto, const uint8_t *quoted, uint32_t length, struct icmp_quote *quote)
{
	uint32_t hdr_length;

	if (length < IP4_HDR_LENGTH || quoted[0] >> 4 != 4)
		return false;
	hdr_length = (quoted[0] & 0xfU) * 4;
	if (hdr_length < IP4_HDR_LENGTH || length < hdr_length + ICMP_QUOTE_L4_LENGTH ||
		quoted[offsetof(struct ip4_header, proto)] != proto ||
		(be16_load(quoted + offsetof(struct ip4_header, frag_be)) & IP4_FRAG_OFFSET) != 0)
		return false;
	*quote = (struct icmp_quote){ .src = quoted + offsetof(struct ip4_header, src_be),
		.dst = quoted + offsetof(struct ip4_header, dst_be),
		.l4 = quoted + hdr_length };
	return true;
}

static bool
quote6_parse(uint8_t proto, const uint8_t *quoted, uint32_t length, struct icmp_quote *quote)
{
	struct ip6_chain chain;

	if (length < IP6_HDR_LENGTH || quoted[0] >> 4 != 6 ||
		ip6_chain_parse(quoted, length, &chain) < 0 || chain.proto != proto ||
		length < (uint32_t)chain.offset + ICMP_QUOTE_L4_LENGTH ||
		(chain.fragment && !chain.fragment_first))
		return false;
	*quote = (struct icmp_quote){ .src = quoted + offsetof(struct ip6_header, src),
		.dst = quoted + offsetof(struct ip6_header, dst),
		.l4 = quoted + chain.offset };
	return true;
}

bool
icmp_quote_parse(enum ip_family family, uint8_t proto, const uint8_t *quoted, uint32_t length,
	struct icmp_quote *quote)
{
	return family == IP_FAMILY_4 ? quote4_parse(proto, quoted, length, quote)
				     : quote6_parse(proto, quoted, length, quote);
}

static struct icmp_meaning
meaning4(const struct icmp *icmp)
{
	if (icmp->type == ICMP4_TIME_EXCEEDED)
		return (struct icmp_meaning){ EHOSTUNREACH, false };
	if (icmp->type == ICMP4_PARAMETER_PROBLEM)
		return (struct icmp_meaning){ EPROTO, true };
	switch (icmp->code) {
	case ICMP4_PORT_UNREACHABLE: return (struct icmp_meaning){ ECONNREFUSED, true };
	case ICMP4_PROTO_UNREACHABLE: return (struct icmp_meaning){ ENOPROTOOPT, true };
	case ICMP4_FRAGMENTATION_NEEDED: return (struct icmp_meaning){ EMSGSIZE, false };
	case ICMP4_NET_UNREACHABLE: return (struct icmp_meaning){ ENETUNREACH, false };
	/* RFC 1122 names them neither soft nor hard; a filter does not go away. */
	case ICMP4_NET_PROHIBITED: return (struct icmp_meaning){ ENETUNREACH, true };
	case ICMP4_HOST_PROHIBITED:
	case ICMP4_ADMIN_PROHIBITED: return (struct icmp_meaning){ EHOSTUNREACH, true };
	default: return (struct icmp_meaning){ EHOSTUNREACH, false };
	}
}

static struct icmp_meaning
meaning6(const struct icmp *icmp)
{
	switch (icmp->type) {
	case ICMP6_PACKET_TOO_BIG: return (struct icmp_meaning){ EMSGSIZE, false };
	case ICMP6_TIME_EXCEEDED: return (struct icmp_meaning){ EHOSTUNREACH, false };
	case ICMP6_PARAMETER_PROBLEM: return (struct icmp_meaning){ EPROTO, true };
	default: break;
	}
	switch (icmp->code) {
	case ICMP6_PORT_UNREACHABLE: return (struct icmp_meaning){ ECONNREFUSED, true };
	case ICMP6_ADMIN_PROHIBITED: return (struct icmp_meaning){ EACCES, true };
	case ICMP6_NO_ROUTE: return (struct icmp_meaning){ ENETUNREACH, false };
	default: return (struct icmp_meaning){ EHOSTUNREACH, false };
	}
}

struct icmp_meaning
icmp_error_meaning(enum ip_family family, const struct icmp *icmp)
{
	return family == IP_FAMILY_4 ? meaning4(icmp) : meaning6(icmp);
}

bool
icmp_error_is_too_big(enum ip_family family, const struct icmp *icmp)
{
	if (family == IP_FAMILY_6)
		return icmp->type == ICMP6_PACKET_TOO_BIG;
	return icmp->type == ICMP4_UNREACHABLE && icmp->code == ICMP4_FRAGMENTATION_NEEDED;
}
