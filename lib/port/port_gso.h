/* SPDX-License-Identifier: BSD-3-Clause */
/* What TCP segmentation in software does for both ways of it: port_gso.c, port_gso_in_place.c. */
#ifndef PORT_PORT_GSO_H
#define PORT_PORT_GSO_H

#include "port/port_tx.h"

#define PORT_GSO_BURST 32

struct port_gso {
	const struct rte_mbuf *pkt;
	uint64_t ol_flags; /* of segments */
	uint32_t header; /* bytes in front of the data */
	uint32_t done, left; /* bytes of the data */
	uint16_t segment; /* number of the next one */
};

/* Have the header of the next segment, which has `part` bytes of data, say what it is. */
void port_gso_mend(struct port_gso *gso, struct rte_mbuf *segment, uint32_t part);

/* Whether each buffer of the packet is a segment, with room for the header in front of it. */
bool port_gso_is_in_place(const struct port_gso *gso);
/* Send the packet's buffers as segments: as port_gso_send(). */
enum drop_reason port_gso_in_place(
	const struct port *port, uint16_t queue, struct port_gso *gso, struct rte_mbuf **pkt);

#endif
