/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The UDP header: RFC 768.
 */
#ifndef WIRE_UDP_H
#define WIRE_UDP_H

#include <stdbool.h>
#include <stdint.h>

#define UDP_HDR_LENGTH 8
/** Bytes of data of the longest datagram behind an IPv4 or an IPv6 header: jumbograms are none. */
#define UDP_DATA_MAX4 65507
#define UDP_DATA_MAX6 65527

/** A header's fields, the checksum apart. */
struct udp {
	uint16_t src_port, dst_port;
	uint16_t length; /**< with the header */
	bool checksummed; /**< the checksum field is not 0 */
};

/**
 * @param data the header's first byte, aligned or not
 * @param length bytes of IP's payload, of which UDP_HDR_LENGTH are at `data` if there are as many
 * @return 0, or -EINVAL: cut off, or of a length that is less than the header's or more than there is
 */
int udp_parse(const void *data, uint32_t length, struct udp *udp);

/** Write a header with a checksum of 0. */
void udp_build(void *data, const struct udp *udp);

/** The checksum to store, of a sum that has the pseudo header too. RFC 768: 0 would say there is none. */
uint16_t udp_checksum_finish(uint64_t sum);

/** Where the checksum is in the header. */
#define UDP_CHECKSUM_FIELD 6

#endif
