/* SPDX-License-Identifier: BSD-3-Clause */
/* The tx edge: a vector into a queue. Called by pipeline.c after ether_output. */
#include "port/port.h"

#include <rte_branch_prediction.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define TX_CHECKSUMS (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)

/* Where the pseudo header of a packet comes from, whichever its family. */
struct l4_place {
	struct ip_addr src, dst;
	uint8_t proto;
	uint32_t offset; /* of the L4 header in the packet */
	uint32_t length; /* bytes of L4, without what pads the frame */
	uint32_t field; /* offset of the checksum in the packet */
};

/* Bring all segments into the first. Data that others share must not be written to. */
static bool
pkt_make_linear(struct rte_mbuf *pkt)
{
	return pkt->nb_segs == 1 ||
		(RTE_MBUF_DIRECT(pkt) && rte_mbuf_refcnt_read(pkt) == 1 &&
			rte_pktmbuf_linearize(pkt) == 0);
}

/* Have the first `length` bytes in the first segment. */
static bool
pkt_make_reachable(struct rte_mbuf *pkt, uint32_t length)
{
	return length <= pkt->data_len || (length <= pkt->pkt_len && pkt_make_linear(pkt));
}

static bool
ip4_checksum_fill(struct rte_mbuf *pkt, bool in_hardware)
{
	struct ip4_header *hdr;

	if (pkt->l3_len < IP4_HDR_LENGTH || !pkt_make_reachable(pkt, pkt->l2_len + pkt->l3_len))
		return false;
	hdr = pkt_l3(pkt, struct ip4_header *);
	hdr->checksum = 0;
	if (in_hardware)
		return true;
	hdr->checksum = checksum_finish(checksum_add(0, hdr, pkt->l3_len));
	pkt->ol_flags &= ~RTE_MBUF_F_TX_IP_CKSUM;
	return true;
}

static bool
l4_place_find(struct rte_mbuf *pkt, struct l4_place *place)
{
	bool tcp = (pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM;
	uint32_t hdr_length = tcp ? sizeof(struct rte_tcp_hdr) : sizeof(struct rte_udp_hdr);
	uint32_t end;

	place->proto = tcp ? IP_PROTO_TCP : IP_PROTO_UDP;
	place->offset = pkt->l2_len + pkt->l3_len;
	place->field = place->offset +
		(tcp ? offsetof(struct rte_tcp_hdr, cksum)
		     : offsetof(struct rte_udp_hdr, dgram_cksum));
	if (pkt->l3_len < IP4_HDR_LENGTH || !pkt_make_reachable(pkt, place->offset + hdr_length))
		return false;
	if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4) {
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		place->src = ip_addr_from4(&hdr->src_be);
		place->dst = ip_addr_from4(&hdr->dst_be);
		end = pkt->l2_len + be16toh(hdr->total_length_be);
	} else {
		const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);

		if (pkt->l3_len < IP6_HDR_LENGTH)
			return false;
		place->src = ip_addr_from6(hdr->src);
		place->dst = ip_addr_from6(hdr->dst);
		end = pkt->l2_len + IP6_HDR_LENGTH + be16toh(hdr->payload_length_be);
	}
	place->length = end - place->offset;
	return end >= place->offset + hdr_length && end <= pkt->pkt_len;
}

static bool
l4_checksum_fill(struct rte_mbuf *pkt, bool in_hardware)
{
	struct l4_place place;
	uint16_t *field, sum;
	uint64_t pseudo;

	if ((pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_SCTP_CKSUM ||
		!l4_place_find(pkt, &place))
		return false;
	field = rte_pktmbuf_mtod_offset(pkt, uint16_t *, place.field);
	pseudo = checksum_pseudo(&place.src, &place.dst, place.proto, place.length);
	if (in_hardware) {
		/* What rte_eth_tx_prepare() does: NICs add the packet's bytes to this. */
		*field = checksum_fold(pseudo);
		return true;
	}
	*field = 0;
	sum = checksum_finish(pseudo + pkt_sum(pkt, place.offset, place.length));
	/* RFC 768: 0 would say that there is none. */
	*field = sum == 0 && place.proto == IP_PROTO_UDP ? 0xffff : sum;
	pkt->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
	return true;
}

static bool
pkt_prepare(struct rte_mbuf *pkt, uint32_t offloads)
{
	if (pkt->nb_segs > 1 && (offloads & PORT_TX_MULTI_SEGS) == 0 && !pkt_make_linear(pkt))
		return false;
	if ((pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0 &&
		!l4_checksum_fill(pkt, (offloads & PORT_TX_L4_CHECKSUM) != 0))
		return false;
	return (pkt->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) == 0 ||
		ip4_checksum_fill(pkt, (offloads & PORT_TX_IP4_CHECKSUM) != 0);
}

/* Do what the packets ask for and the port does not. Returns the bytes of those dropped. */
static uint64_t
vec_prepare(struct pkt_vec *vec, uint32_t offloads, struct pkt_vec *drops)
{
	uint64_t bytes_dropped = 0;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < vec->count; i++) {
		struct rte_mbuf *pkt = vec->pkts[i];

		if (likely(pkt_prepare(pkt, offloads))) {
			vec->pkts[kept++] = pkt;
		} else {
			bytes_dropped += pkt->pkt_len;
			pkt_drop(drops, pkt, DROP_tx_unsupported);
		}
	}
	vec->count = kept;
	return bytes_dropped;
}

static uint32_t
vec_push(const struct port *port, uint16_t queue, struct pkt_vec *vec)
{
	uint32_t sent = 0;

	for (unsigned idle = 0; sent < vec->count && idle < PORT_TX_TRIES;) {
		uint16_t n = port->ops->tx(
			port->driver, queue, vec->pkts + sent, (uint16_t)(vec->count - sent));

		sent += n;
		idle += n == 0;
	}
	return sent;
}

uint32_t
port_tx(struct port *port, uint16_t queue, struct pkt_vec *vec, struct pkt_vec *drops)
{
	struct port_queue_counters *counters = &port->txq_counters[queue];
	uint64_t flags = 0, bytes = 0;
	uint32_t segs = 0, sent;

	/* Once sent, a packet may be gone: what is counted is read before. */
	for (uint32_t i = 0; i < vec->count; i++) {
		const struct rte_mbuf *pkt = vec->pkts[i];

		flags |= pkt->ol_flags;
		segs |= pkt->nb_segs;
		bytes += pkt->pkt_len;
	}
	if (unlikely((flags & TX_CHECKSUMS) != 0 ||
		    (segs > 1 && (port->offloads & PORT_TX_MULTI_SEGS) == 0)))
		bytes -= vec_prepare(vec, port->offloads, drops);

	sent = vec_push(port, queue, vec);
	if (unlikely(sent < vec->count)) {
		counter_add(&counters->drops, vec->count - sent);
		for (uint32_t i = sent; i < vec->count; i++) {
			bytes -= vec->pkts[i]->pkt_len;
			pkt_drop(drops, vec->pkts[i], DROP_tx_queue_full);
		}
	}
	if (likely(sent > 0)) {
		counter_add(&counters->packets, sent);
		counter_add(&counters->bytes, bytes);
		counter_add(&counters->bursts, 1);
	}
	vec->count = 0;
	return sent;
}
