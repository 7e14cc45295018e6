/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the tx edge share: port_tx.c, port_checksum.c, port_gso.c. */
#ifndef PORT_PORT_TX_H
#define PORT_PORT_TX_H

#include "port/port.h"

/* @return how many the port took, the first ones */
uint32_t port_tx_push(
	const struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint32_t count);

/* Have a packet ready for a port. @return false: it cannot be */
bool port_tx_prepare(const struct port *port, struct rte_mbuf *pkt);

/* Whether a packet has more buffers than the port takes: `max` with PORT_TX_MULTI_SEGS, 0 for any. */
static inline bool
port_segs_exceed(const struct port *port, unsigned segs, uint16_t max)
{
	return segs > 1 && ((port->offloads & PORT_TX_MULTI_SEGS) == 0 || (max != 0 && segs > max));
}

/*
 * Whether each segment that a port makes of a packet takes no more buffers than any other packet may,
 * the header's included.
 */
bool port_tso_segs_fit(const struct rte_mbuf *pkt, uint16_t max);

/* Whether a packet is to be segmented, and the port does not do it. */
static inline bool
port_gso_is_needed(const struct port *port, const struct rte_mbuf *pkt)
{
	return (pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0 &&
		((port->offloads & PORT_TX_TSO) == 0 || pkt->tso_segsz < PORT_TSO_SEGMENT_MIN ||
			port_segs_exceed(port, pkt->nb_segs, port->tx_tso_segs_max) ||
			(port_segs_exceed(port, pkt->nb_segs, port->tx_segs_max) &&
				!port_tso_segs_fit(pkt, port->tx_segs_max)));
}

/*
 * Segment a packet, and send the segments.
 * @return DROP_REASON_COUNT: all are sent. Else *pkt, or what is left of it, is still the caller's:
 *         DROP_tx_queue_full, DROP_tx_nomem: some are sent, perhaps; DROP_tx_unsupported: it is not what
 *         it says of itself
 */
enum drop_reason port_gso_send(const struct port *port, uint16_t queue, struct rte_mbuf **pkt);

#endif
