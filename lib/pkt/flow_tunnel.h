/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The packet inside a tunnel's packet: IP in IP, GRE, VXLAN, GTP-U. One tunnel deep.
 */
#ifndef PKT_FLOW_TUNNEL_H
#define PKT_FLOW_TUNNEL_H

#include <stdint.h>

/**
 * Look behind a header. Nothing of it needs to be valid.
 *
 * @param proto what follows the IP header
 * @param data the first byte behind it
 * @param length bytes present there
 * @param inner_length bytes present from the inner header on
 * @return the inner IP header, of IPv4 whole with its options and of IPv6 without extension headers;
 *         NULL: there is none, or it is cut off
 */
const void *flow_tunnel_inner(
	uint8_t proto, const void *data, uint32_t length, uint32_t *inner_length);

#endif
