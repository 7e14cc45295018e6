/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Router advertisements in, router solicitations out: RFC 4861 4.1, 4.2, 6.1, RFC 4191 2.
 */
#ifndef WIRE_RA_H
#define WIRE_RA_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"
#include "wire/mac.h"
#include "wire/nd.h"

/** Prefixes and routes of one advertisement; those beyond are ignored. */
#define RA_PREFIXES_MAX 16
#define RA_ROUTES_MAX   16
/** A lifetime that does not end. */
#define RA_INFINITE UINT32_MAX
/** ICMPv6 header, source link-layer address option. */
#define RS_LENGTH_MAX 16

/** RFC 4191 2.1 */
enum ra_preference { RA_LOW, RA_MEDIUM, RA_HIGH };

struct ra_prefix {
	struct ip_prefix prefix; /**< without host bits */
	bool on_link, autonomous;
	uint32_t valid_s, preferred_s; /**< RA_INFINITE: for ever */
};

/** RFC 4191 2.3: behind the router is a prefix. */
struct ra_route {
	struct ip_prefix prefix; /**< without host bits */
	enum ra_preference preference;
	uint32_t lifetime_s; /**< 0: not any more; RA_INFINITE: for ever */
};

struct ra {
	uint8_t hop_limit; /**< 0: not said */
	bool managed, other;
	enum ra_preference preference; /**< as default router */
	uint16_t lifetime_s; /**< as default router; 0: it is none */
	uint32_t reachable_ms, retrans_ms; /**< 0: not said */
	uint32_t mtu; /**< 0: not said */
	bool has_mac;
	struct mac_addr mac;
	unsigned prefix_count;
	struct ra_prefix prefixes[RA_PREFIXES_MAX];
	unsigned route_count;
	struct ra_route routes[RA_ROUTES_MAX];
};

/**
 * Check by RFC 4861 6.1.2 and take apart.
 *
 * @param data first byte of the ICMPv6 header
 * @return 0, or -EINVAL: any of the checks fails, the ICMPv6 checksum's included
 */
int ra_parse(const void *data, uint32_t length, const struct nd_envelope *envelope, struct ra *ra);

/** Write a solicitation. @param mac NULL: from nowhere, without it. @return bytes written */
uint32_t rs_build(void *data, const struct mac_addr *mac, const struct nd_envelope *envelope);

#endif
