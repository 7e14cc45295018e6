/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Options of the IPv4 header: RFC 791 3.1, RFC 2113.
 */
#ifndef WIRE_IP4_OPTION_H
#define WIRE_IP4_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip4.h"

enum ip4_option_type {
	IP4_OPTION_END = 0,
	IP4_OPTION_NOP = 1,
	IP4_OPTION_RECORD_ROUTE = 7,
	IP4_OPTION_TIMESTAMP = 68,
	IP4_OPTION_LSRR = 131,
	IP4_OPTION_SSRR = 137,
	IP4_OPTION_ROUTER_ALERT = 148,
};

/** Bit of the type: every fragment carries the option, not only the first. */
#define IP4_OPTION_COPIED 0x80

struct ip4_option {
	uint8_t type;
	uint8_t offset; /**< from the header's first byte */
	uint8_t length; /**< with type and length; 1 of a no-operation */
};

/**
 * The next option of a header whose length was checked. Start with a zeroed `option`; the end of
 * the list, and of the header, ends the walk.
 *
 * @return 1, 0 at the end, or -EINVAL for a length that cannot be: then option->offset leads to
 *         the byte that is wrong
 */
int ip4_option_next(const struct ip4_header *hdr, struct ip4_option *option);

/** A header with room for all options. */
struct ip4_header_max {
	struct ip4_header hdr;
	uint8_t options[IP4_HDR_LENGTH_MAX - IP4_HDR_LENGTH];
};

/**
 * The header of all fragments but the first: with the options that are to be copied. Lengths,
 * fragment fields and checksum stay as they were; the header length is right.
 *
 * @param hdr with options that can be walked
 * @return its length in bytes
 */
unsigned ip4_hdr_fragment(const struct ip4_header *hdr, struct ip4_header_max *fragment);

#endif
