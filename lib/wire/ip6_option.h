/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Options of hop-by-hop and destination options headers: RFC 8200 4.2.
 */
#ifndef WIRE_IP6_OPTION_H
#define WIRE_IP6_OPTION_H

#include <stdint.h>

/** Options of one header, padding apart, before it is refused (RFC 8504 5.3). */
#define IP6_OPTIONS_MAX 8

/** What to do about an option that is not known: the upper two bits of its type. */
enum ip6_option_action {
	IP6_OPTION_SKIP,
	IP6_OPTION_DISCARD,
	IP6_OPTION_TELL, /**< discard, and tell the sender */
	IP6_OPTION_TELL_UNICAST, /**< discard, and tell him unless it was to a group */
};

/**
 * Walk the options of a header that is all there. Known is only padding: the first other option
 * that is not to be skipped ends the walk.
 *
 * @param header the extension header's first byte
 * @param at offset from there of the option, or of the length that is wrong, where the walk ended
 * @return enum ip6_option_action; -EINVAL for a length that leads out of the header, -E2BIG for
 *         more than IP6_OPTIONS_MAX
 */
int ip6_options_check(const void *header, uint16_t *at);

#endif
