/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the tx edge share: port_tx.c, port_checksum.c, port_gso.c. */
#ifndef PORT_PORT_TX_H
#define PORT_PORT_TX_H

#include "port/port.h"

/* @return how many the port took, the first ones */
uint32_t port_tx_push(
	const struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint32_t count);

/* Have a packet ready for a port with these offloads. @return false: it cannot be */
bool port_tx_prepare(struct rte_mbuf *pkt, uint32_t offloads);

/* Whether a packet is to be segmented, and the port does not do it. */
static inline bool
port_gso_is_needed(const struct rte_mbuf *pkt, uint32_t offloads)
{
	return (pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0 &&
		((offloads & PORT_TX_TSO) == 0 ||
			(pkt->nb_segs > 1 && (offloads & PORT_TX_MULTI_SEGS) == 0));
}

/*
 * Segment a packet, and send the segments. The packet stays the caller's.
 * @return DROP_REASON_COUNT: all are sent; DROP_tx_queue_full, DROP_tx_nomem: some are, perhaps;
 *         DROP_tx_unsupported: it is not what it says of itself
 */
enum drop_reason port_gso_send(const struct port *port, uint16_t queue, const struct rte_mbuf *pkt);

#endif
