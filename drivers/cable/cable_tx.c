/* SPDX-License-Identifier: BSD-3-Clause */
/* From a worker's packets to frames on the wire, by what the packets ask of the NIC. */
#include "cable/cable_priv.h"

#include <rte_mbuf.h>

#include "base/counter.h"
#include "cable/cable_checksum.h"

#define TX_CHECKSUMS (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)

static void
frame_send(struct cable_end *end, struct cable_txq *txq, uint32_t length)
{
	struct cable_medium *medium = &end->medium;
	bool impaired = __atomic_load_n(&medium->active, __ATOMIC_ACQUIRE);
	struct cable_trail trail = { .counters = &txq->counters,
		.tap = __atomic_load_n(&end->tap, __ATOMIC_ACQUIRE) };

	/* Nobody else asks for the time. */
	if (impaired || trail.tap != NULL)
		trail.now_ns = cable_now_ns(end->cable);
	counter_add(&txq->counters.sent, 1);
	counter_add(&txq->counters.sent_bytes, length);
	cable_trail_note(&trail, CABLE_EVENT_SENT, CABLE_LOST_COUNT, txq->frame, length);
	if (!__atomic_load_n(&end->cable->up, __ATOMIC_ACQUIRE))
		cable_trail_lost(&trail, CABLE_LOST_link_down, txq->frame, length);
	else if (impaired)
		cable_medium_send(medium, txq->frame, length, trail.tap, trail.now_ns);
	else
		cable_receive(cable_peer(end), txq->frame, length, &trail);
}

/* port_tx() asks only for what the port offers. */
static void
checksums_fill(const struct rte_mbuf *pkt, uint8_t *frame)
{
	struct cable_headers headers;

	cable_headers_parse(frame, pkt->pkt_len, &headers);
	if ((pkt->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 && headers.version == 4)
		cable_ip4_fill(frame, &headers);
	if ((pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0)
		cable_l4_fill(frame, &headers);
}

static void
packet_send(struct cable_end *end, struct cable_txq *txq, const struct rte_mbuf *pkt)
{
	if (pkt->pkt_len < ETHER_HDR_LENGTH || pkt->pkt_len > sizeof(txq->frame)) {
		counter_add(&txq->counters.refused, 1);
		return;
	}
	pkt_copy_out(pkt, 0, pkt->pkt_len, txq->frame);
	if (pkt->pkt_len - cable_link_length(txq->frame, pkt->pkt_len) > end->mtu) {
		counter_add(&txq->counters.refused, 1);
		return;
	}
	if ((pkt->ol_flags & TX_CHECKSUMS) != 0)
		checksums_fill(pkt, txq->frame);
	frame_send(end, txq, pkt->pkt_len);
}

uint16_t
cable_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct cable_end *end = driver;
	struct cable_txq *txq = &end->txqs[queue];
	unsigned place = cable_gate_place(end, true, queue);

	cable_gate_enter(end, place);
	for (uint16_t i = 0; i < count; i++)
		packet_send(end, txq, pkts[i]);
	cable_gate_leave(end, place);
	rte_pktmbuf_free_bulk(pkts, count);
	return count;
}
