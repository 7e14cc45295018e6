/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What ICMP errors quote of the packet that they are about, and what they mean to who has sent it:
 * RFC 792, RFC 1122 3.2.2, RFC 4443 3.
 */
#ifndef WIRE_ICMP_QUOTE_H
#define WIRE_ICMP_QUOTE_H

#include "wire/icmp.h"

/** Bytes of the transport header that every error quotes: RFC 792. */
#define ICMP_QUOTE_L4_LENGTH 8

/** Places within the error. */
struct icmp_quote {
	const uint8_t *src, *dst; /**< addresses of the packet that is quoted */
	const uint8_t *l4; /**< ICMP_QUOTE_L4_LENGTH bytes at least */
};

/**
 * @param quoted behind the error's own ICMP_HDR_LENGTH bytes
 * @return false: it is no packet of this family and protocol, a later fragment, or cut off too early
 */
bool icmp_quote_parse(enum ip_family family, uint8_t proto, const uint8_t *quoted, uint32_t length,
	struct icmp_quote *quote);

struct icmp_meaning {
	int error; /**< errno, as Linux has it */
	bool hard; /**< RFC 1122 4.2.3.9: one that will not go away by itself */
};

struct icmp_meaning icmp_error_meaning(enum ip_family family, const struct icmp *icmp);
/** The packet was larger than its path carries: RFC 1191, RFC 8201. */
bool icmp_error_is_too_big(enum ip_family family, const struct icmp *icmp);

#endif
