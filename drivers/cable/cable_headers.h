/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the headers of a frame are, as a NIC sees them. */
#ifndef CABLE_CABLE_HEADERS_H
#define CABLE_CABLE_HEADERS_H

#include <stdbool.h>
#include <stdint.h>

struct cable_headers {
	uint8_t version; /* 4, 6; 0: no IP, or none that is whole */
	uint8_t proto; /* of the transport header; 0: none that is whole: fragments, unknown ones */
	uint16_t l3, l4; /* offsets in the frame */
	uint32_t l4_length; /* bytes, without what pads the frame, or is behind UDP's end */
};

/* Bytes in front of the network header: Ethernet's and those of at most two VLAN tags. */
unsigned cable_link_length(const uint8_t *frame, uint32_t length);
void cable_headers_parse(const uint8_t *frame, uint32_t length, struct cable_headers *headers);

#endif
