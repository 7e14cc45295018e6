/* SPDX-License-Identifier: BSD-3-Clause */
/* Router advertisements to structs; router solicitations. */
#include "wire/ra.h"

#include <errno.h>

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define RA_FIXED_LENGTH 16
#define OPTION_UNIT     8

enum ra_option { RA_SOURCE_MAC = 1, RA_PREFIX = 3, RA_MTU = 5, RA_ROUTE = 24 };

enum ra_flag { RA_MANAGED = 0x80, RA_OTHER = 0x40 };
enum ra_prefix_flag { RA_ON_LINK = 0x80, RA_AUTONOMOUS = 0x40 };

/* RFC 4191 2.1: two bits. @return -1 for the reserved value */
static int
preference_decode(uint8_t flags)
{
	switch (flags >> 3 & 3) {
	case 0: return RA_MEDIUM;
	case 1: return RA_HIGH;
	case 3: return RA_LOW;
	default: return -1;
	}
}

/* RFC 4191 2.2: the reserved value is as good as medium, and without a lifetime none counts. */
static enum ra_preference
router_preference(uint8_t flags, uint16_t lifetime_s)
{
	int preference = lifetime_s != 0 ? preference_decode(flags) : RA_MEDIUM;

	return preference >= 0 ? (enum ra_preference)preference : RA_MEDIUM;
}

static void
mac_parse(const uint8_t *p, struct ra *ra)
{
	struct mac_addr mac;

	memcpy(&mac, p + 2, sizeof(mac));
	if (mac_addr_is_group(&mac) || mac_addr_is_zero(&mac))
		return;
	ra->mac = mac;
	ra->has_mac = true;
}

static void
prefix_parse(const uint8_t *p, struct ra *ra)
{
	struct ip_prefix prefix = { ip_addr_from6(p + 16), p[2] };

	/* RFC 4861 4.6.2, RFC 4862 5.5.3 (b): the link-local prefix is nobody's to give. */
	if (p[2] > 128 || ra->prefix_count == RA_PREFIXES_MAX ||
		ip_addr_is_link_local(&prefix.addr) || ip_addr_is_multicast(&prefix.addr))
		return;
	ra->prefixes[ra->prefix_count++] = (struct ra_prefix){
		.prefix = ip_prefix_network(&prefix),
		.on_link = (p[3] & RA_ON_LINK) != 0,
		.autonomous = (p[3] & RA_AUTONOMOUS) != 0,
		.valid_s = be32_load(p + 4),
		.preferred_s = be32_load(p + 8),
	};
}

/* RFC 4191 2.3: as much of the prefix as it needs; one of reserved preference is to be ignored. */
static void
route_parse(const uint8_t *p, uint32_t length, struct ra *ra)
{
	struct ip_prefix prefix = { { .family = IP_FAMILY_6 }, p[2] };
	int preference = preference_decode(p[3]);

	if (length > 24 || p[2] > 128 || p[2] > (length - 8) * 8 || preference < 0 ||
		ra->route_count == RA_ROUTES_MAX)
		return;
	memcpy(prefix.addr.bytes, p + 8, length - 8);
	prefix = ip_prefix_network(&prefix);
	if (ip_addr_is_link_local(&prefix.addr) || ip_addr_is_multicast(&prefix.addr))
		return;
	ra->routes[ra->route_count++] = (struct ra_route){
		.prefix = prefix,
		.preference = (enum ra_preference)preference,
		.lifetime_s = be32_load(p + 4),
	};
}

/* RFC 4861 6.1.2: all options have a length above zero; those unknown or ill-formed are skipped. */
static int
options_parse(const uint8_t *p, uint32_t length, struct ra *ra)
{
	while (length > 0) {
		uint32_t option_length;

		if (length < 2 || p[1] == 0)
			return -EINVAL;
		option_length = p[1] * OPTION_UNIT;
		if (option_length > length)
			return -EINVAL;
		if (p[0] == RA_SOURCE_MAC && option_length == 8)
			mac_parse(p, ra);
		else if (p[0] == RA_MTU && option_length == 8)
			ra->mtu = be32_load(p + 4);
		else if (p[0] == RA_PREFIX && option_length == 32)
			prefix_parse(p, ra);
		else if (p[0] == RA_ROUTE)
			route_parse(p, option_length, ra);
		p += option_length;
		length -= option_length;
	}
	return 0;
}

int
ra_parse(const void *data, uint32_t length, const struct nd_envelope *envelope, struct ra *ra)
{
	const uint8_t *p = data;
	uint64_t sum;

	/* The hop limit proves that no router forwarded it; only routers of the link advertise. */
	if (envelope->hop_limit != 255 || envelope->src.family != IP_FAMILY_6 ||
		!ip_addr_is_link_local(&envelope->src))
		return -EINVAL;
	if (length < RA_FIXED_LENGTH || p[0] != ICMP6_ROUTER_ADVERTISEMENT || p[1] != 0)
		return -EINVAL;
	sum = checksum_pseudo(&envelope->src, &envelope->dst, IP_PROTO_ICMP6, length);
	if (checksum_fold(checksum_add(sum, data, length)) != 0xffff)
		return -EINVAL;
	*ra = (struct ra){
		.hop_limit = p[4],
		.managed = (p[5] & RA_MANAGED) != 0,
		.other = (p[5] & RA_OTHER) != 0,
		.preference = router_preference(p[5], be16_load(p + 6)),
		.lifetime_s = be16_load(p + 6),
		.reachable_ms = be32_load(p + 8),
		.retrans_ms = be32_load(p + 12),
	};
	return options_parse(p + RA_FIXED_LENGTH, length - RA_FIXED_LENGTH, ra);
}

uint32_t
rs_build(void *data, const struct mac_addr *mac, const struct nd_envelope *envelope)
{
	struct icmp icmp = { .type = ICMP6_ROUTER_SOLICITATION };
	uint32_t length = ICMP_HDR_LENGTH;
	uint8_t *p = data;

	icmp_build(p, &icmp);
	if (mac != NULL) {
		p[length] = RA_SOURCE_MAC;
		p[length + 1] = 1;
		memcpy(p + length + 2, mac, sizeof(*mac));
		length += OPTION_UNIT;
	}
	icmp6_checksum_set(data, length, &envelope->src, &envelope->dst);
	return length;
}
