/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * IPv4 headers with options, for the tests of who reads them: IP4_HEADER(7, 3, 4).
 */
#ifndef UNIT_WIRE_IP4_HEADER_FIXTURE_H
#define UNIT_WIRE_IP4_HEADER_FIXTURE_H

#include <string.h>

#include "wire/ip4_option.h"

/* Padded with what ends the list of options. */
static inline struct ip4_header_max
ip4_header(const uint8_t *options, unsigned length)
{
	struct ip4_header_max max = { .hdr = { .ttl = 9 } };

	memcpy(max.options, options, length);
	max.hdr.version_ihl = (uint8_t)(0x45 + (length + 3) / 4);
	return max;
}
#define IP4_HEADER(...) \
	ip4_header((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

#endif
