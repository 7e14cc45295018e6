/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Neighbor solicitations and advertisements: RFC 4861 4.3, 4.4, 7.1.
 */
#ifndef WIRE_ND_H
#define WIRE_ND_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"
#include "wire/mac.h"

/** ICMPv6 header, target, a link-layer address option or a nonce option. */
#define ND_LENGTH_MAX   32
#define ND_NONCE_LENGTH 6

struct nd {
	uint8_t type; /**< ICMP6_NEIGHBOR_SOLICITATION or ICMP6_NEIGHBOR_ADVERTISEMENT */
	bool router, solicited, override; /**< of an advertisement */
	bool has_mac; /**< source (NS) or target (NA) link-layer address option present */
	struct mac_addr mac;
	struct ip_addr target;
	/** Of a solicitation that has no `mac`: RFC 3971 5.3.2 as used by RFC 7527 4. */
	bool has_nonce;
	uint8_t nonce[ND_NONCE_LENGTH];
};

/** The IPv6 header's part in the checks of RFC 4861 7.1. */
struct nd_envelope {
	struct ip_addr src, dst;
	uint8_t hop_limit;
};

/**
 * Check by RFC 4861 7.1.1 and 7.1.2 and take apart.
 *
 * @param data first byte of the ICMPv6 header
 * @return 0, or -EINVAL: any of the checks fails, the ICMPv6 checksum's included
 */
int nd_parse(const void *data, uint32_t length, const struct nd_envelope *envelope, struct nd *nd);

/** Write up to ND_LENGTH_MAX bytes with checksum. @return bytes written */
uint32_t nd_build(void *data, const struct nd *nd, const struct nd_envelope *envelope);

#endif
