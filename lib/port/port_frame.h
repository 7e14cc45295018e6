/* SPDX-License-Identifier: BSD-3-Clause */
/* What software RSS and steering rules look at in a frame, before ether_input. */
#ifndef PORT_PORT_FRAME_H
#define PORT_PORT_FRAME_H

#include <stdbool.h>
#include <stdint.h>

/* Pointers lead into the frame. */
struct port_frame {
	uint8_t tags; /* VLAN tags: 2 at most are passed */
	uint16_t vlan; /* of the first of them */
	uint16_t eth_type; /* behind them; 0: cut off */
	const void *addrs; /* source and destination; NULL: no IP */
	const void *ports; /* NULL: there are none, or they are not all there */
	uint8_t proto; /* of fragments: as the fragment header says */
	bool ip6, fragment;
};

/* @param length bytes of the frame that are there: of a packet's first segment */
void port_frame_parse(const uint8_t *bytes, uint32_t length, struct port_frame *frame);

#endif
