/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 options: checked where a packet comes in, filled in where it goes out or is answered. */
#ifndef IP4_OPTIONS_H
#define IP4_OPTIONS_H

#include "ip/ip_priv.h"

/*
 * Check all options of a header (RFC 791 3.1, RFC 1812 5.3.13).
 * @return 0; or the reason to refuse it, with the error that it earns
 */
enum drop_reason ip4_options_check(const struct ip4_header *hdr, struct ip_error *error);

/*
 * Write our address, and the time, into record route and timestamp options of a header that was
 * checked; its checksum follows. RFC 1812 5.3.13.4, 5.3.13.5.
 */
void ip4_options_record(struct ip4_header *hdr, uint32_t addr_be, uint64_t now_ns);

#endif
