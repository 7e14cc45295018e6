/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A frame comes to an end: let in or not, hashed, copied into the packet buffers of its queue,
 * verified. On the thread of whoever brings it, within the gate.
 */
#include "cable/cable_priv.h"

#include <rte_mbuf.h>
#include <rte_net.h>

#include "base/counter.h"
#include "cable/cable_checksum.h"

/* Where a rule or RSS leads a frame to, and by which hash. */
struct way {
	uint16_t queue;
	bool hashed;
	uint32_t hash;
};

static struct way
way_choose(const struct cable_setup *setup, const uint8_t *frame, uint32_t length)
{
	struct way way = { 0 };

	way.hashed =
		port_rss_frame_hash(&setup->toeplitz, setup->rss.fields, frame, length, &way.hash);
	if (way.hashed)
		way.queue = setup->rss.reta[way.hash % CABLE_RETA_SIZE];
	cable_flow_lookup(setup, frame, length, &way.queue);
	return way;
}

/* @return how many bytes there was room for */
static uint32_t
seg_fill(struct rte_mbuf *seg, const uint8_t *bytes, uint32_t length)
{
	seg->data_len = (uint16_t)RTE_MIN(length, rte_pktmbuf_tailroom(seg));
	rte_memcpy(rte_pktmbuf_mtod(seg, void *), bytes, seg->data_len);
	return seg->data_len;
}

/* A packet of as many buffers as it takes; NULL: there are not enough. */
static struct rte_mbuf *
frame_copy(struct rte_mempool *pool, const uint8_t *frame, uint32_t length)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(pool), *seg = pkt;
	uint32_t done;

	if (pkt == NULL)
		return NULL;
	pkt->pkt_len = length;
	for (done = seg_fill(pkt, frame, length); done < length; seg = seg->next) {
		seg->next = rte_pktmbuf_alloc(pool);
		if (seg->next == NULL) {
			rte_pktmbuf_free(pkt);
			return NULL;
		}
		pkt->nb_segs++;
		done += seg_fill(seg->next, frame + done, length - done);
	}
	return pkt;
}

static uint64_t
checksum_flag(enum cable_checksum checksum, uint64_t good, uint64_t bad)
{
	return checksum == CABLE_CHECKSUM_NONE ? 0 : checksum == CABLE_CHECKSUM_GOOD ? good : bad;
}

static void
checksums_verify(uint32_t offloads, const uint8_t *frame, uint32_t length, struct rte_mbuf *pkt)
{
	struct cable_headers headers;

	if ((offloads & (PORT_RX_IP4_CHECKSUM | PORT_RX_L4_CHECKSUM)) == 0)
		return;
	cable_headers_parse(frame, length, &headers);
	if (offloads & PORT_RX_IP4_CHECKSUM)
		pkt->ol_flags |= checksum_flag(cable_ip4_verify(frame, &headers),
			RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_IP_CKSUM_BAD);
	if (offloads & PORT_RX_L4_CHECKSUM)
		pkt->ol_flags |= checksum_flag(cable_l4_verify(frame, &headers),
			RTE_MBUF_F_RX_L4_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_BAD);
}

static enum cable_lost
frame_store(struct cable_end *end, const struct way *way, const uint8_t *frame, uint32_t length)
{
	struct cable_rxq *rxq = &end->rxqs[way->queue];
	struct rte_mbuf *pkt;

	/* As a NIC, that has a buffer ready for each free descriptor. */
	if (rte_ring_full(rxq->ring))
		return CABLE_LOST_missed;
	pkt = frame_copy(rxq->pool, frame, length);
	if (pkt == NULL)
		return CABLE_LOST_nombuf;
	if (way->hashed && (end->offloads & PORT_RX_RSS_HASH) != 0) {
		pkt->hash.rss = way->hash;
		pkt->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	}
	checksums_verify(end->offloads, frame, length, pkt);
	pkt->packet_type = rte_net_get_ptype(pkt, NULL, RTE_PTYPE_ALL_MASK);
	if (rte_ring_enqueue(rxq->ring, pkt) == 0)
		return CABLE_LOST_COUNT;
	rte_pktmbuf_free(pkt);
	return CABLE_LOST_missed;
}

/* @return CABLE_LOST_COUNT: it was not lost */
static enum cable_lost
frame_arrive(struct cable_end *end, const uint8_t *frame, uint32_t length)
{
	const struct cable_setup *setup = __atomic_load_n(&end->setup, __ATOMIC_ACQUIRE);
	struct way way;

	if (length < ETHER_HDR_LENGTH)
		return CABLE_LOST_runt;
	if (length - cable_link_length(frame, length) > end->mtu)
		return CABLE_LOST_oversize;
	if (!cable_filter_accepts(setup, (const struct mac_addr *)frame))
		return CABLE_LOST_filtered;
	way = way_choose(setup, frame, length);
	return frame_store(end, &way, frame, length);
}

void
cable_receive(void *end, const uint8_t *frame, uint32_t length, const struct cable_trail *trail)
{
	enum cable_lost lost = frame_arrive(end, frame, length);

	if (lost != CABLE_LOST_COUNT) {
		cable_trail_lost(trail, lost, frame, length);
		return;
	}
	counter_add(&trail->counters->delivered, 1);
	counter_add(&trail->counters->delivered_bytes, length);
	cable_trail_note(trail, CABLE_EVENT_DELIVERED, lost, frame, length);
}
