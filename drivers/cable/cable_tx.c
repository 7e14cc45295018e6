/* SPDX-License-Identifier: BSD-3-Clause */
/* From a worker's packets to frames on the wire, by what the packets ask of the NIC. */
#include "cable/cable_priv.h"

#include <rte_mbuf.h>

#include "base/counter.h"
#include "cable/cable_checksum.h"
#include "cable/cable_tso.h"

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

/* A packet that never becomes a frame. */
static void
packet_refuse(struct cable_txq *txq)
{
	counter_add(&txq->counters.refused, 1);
}

static void
packet_segment(struct cable_end *end, struct cable_txq *txq, const struct rte_mbuf *pkt)
{
	struct cable_tso tso;
	uint32_t length;

	if ((end->offloads & PORT_TX_TSO) == 0 || !cable_tso_init(&tso, pkt) ||
		cable_tso_frame_max(&tso) > end->mtu + pkt->l2_len ||
		cable_tso_frame_max(&tso) > cable_frame_max(end->mtu)) {
		packet_refuse(txq);
		return;
	}
	while ((length = cable_tso_next(&tso, txq->frame)) != 0)
		frame_send(end, txq, length);
}

static void
packet_send(struct cable_end *end, struct cable_txq *txq, const struct rte_mbuf *pkt)
{
	uint32_t length = pkt->pkt_len;

	if ((pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0) {
		packet_segment(end, txq, pkt);
		return;
	}
	if (length < ETHER_HDR_LENGTH || length > sizeof(txq->frame)) {
		packet_refuse(txq);
		return;
	}
	pkt_copy_out(pkt, 0, length, txq->frame);
	if (length - cable_link_length(txq->frame, length) > end->mtu) {
		packet_refuse(txq);
		return;
	}
	if ((pkt->ol_flags & TX_CHECKSUMS) != 0)
		checksums_fill(pkt, txq->frame);
	frame_send(end, txq, length);
}

uint16_t
cable_tx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct cable_end *end = driver;
	struct cable_txq *txq = &end->txqs[queue];
	unsigned place = cable_gate_place(end, true, queue);
	uint32_t descriptors = end->txd_count;
	const struct port_tap *tap;
	uint16_t sent = 0;

	/* Each buffer takes a descriptor. All are free again when the call ends. */
	cable_gate_enter(end, place);
	for (; sent < count; sent++) {
		const struct rte_mbuf *pkt = pkts[sent];

		if (pkt->nb_segs > end->txd_count) {
			packet_refuse(txq);
			continue;
		}
		if (pkt->nb_segs > descriptors)
			break;
		descriptors -= pkt->nb_segs;
		packet_send(end, txq, pkt);
	}
	cable_gate_leave(end, place);
	tap = __atomic_load_n(&end->port_tap, __ATOMIC_ACQUIRE);
	if (unlikely(tap != NULL) && tap->tx != NULL && sent > 0)
		tap->tx(tap->arg, queue, pkts, sent);
	rte_pktmbuf_free_bulk(pkts, sent);
	return sent;
}
