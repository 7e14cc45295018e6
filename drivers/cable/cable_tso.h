/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP segmentation, as a NIC does it. */
#ifndef CABLE_CABLE_TSO_H
#define CABLE_CABLE_TSO_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

struct cable_tso {
	const struct rte_mbuf *pkt;
	uint32_t header; /* bytes in front of what is cut */
	uint32_t done; /* bytes of that */
	uint16_t segment; /* number of the next one */
};

/* @return false: it cannot be cut: no TCP, or not what the packet says of itself */
bool cable_tso_init(struct cable_tso *tso, const struct rte_mbuf *pkt);
/* The largest frame it makes. */
uint32_t cable_tso_frame_max(const struct cable_tso *tso);
/* Write the next one, with all its checksums. @return bytes; 0: there are no more */
uint32_t cable_tso_next(struct cable_tso *tso, uint8_t *frame);

#endif
