/* SPDX-License-Identifier: BSD-3-Clause */
/* What a packet asks for and its port does not do: checksums, and one segment of several. */
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "port/port_tx.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* Where the pseudo header of a packet comes from, whichever its family. */
struct l4_place {
	const void *addrs; /* both, as they stand in IP's header */
	uint32_t addrs_bytes;
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

/* What RTE_MBUF_F_TX_L4_MASK asks for. */
static const struct l4_kind {
	uint8_t proto;
	uint8_t hdr_length;
	uint8_t field; /* offset of the checksum */
} l4_tcp = { IP_PROTO_TCP, sizeof(struct rte_tcp_hdr), offsetof(struct rte_tcp_hdr, cksum) },
  l4_udp = { IP_PROTO_UDP, sizeof(struct rte_udp_hdr), offsetof(struct rte_udp_hdr, dgram_cksum) },
  l4_sctp = { IP_PROTO_SCTP, sizeof(struct rte_sctp_hdr), offsetof(struct rte_sctp_hdr, cksum) };

static const struct l4_kind *
l4_kind_of(const struct rte_mbuf *pkt)
{
	switch (pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) {
	case RTE_MBUF_F_TX_TCP_CKSUM: return &l4_tcp;
	case RTE_MBUF_F_TX_SCTP_CKSUM: return &l4_sctp;
	default: return &l4_udp;
	}
}

static bool
l4_place_find(struct rte_mbuf *pkt, struct l4_place *place)
{
	const struct l4_kind *kind = l4_kind_of(pkt);
	const uint32_t hdr_length = kind->hdr_length;
	uint32_t end;

	place->proto = kind->proto;
	place->offset = pkt->l2_len + pkt->l3_len;
	place->field = place->offset + kind->field;
	if (pkt->l3_len < IP4_HDR_LENGTH || !pkt_make_reachable(pkt, place->offset + hdr_length))
		return false;
	if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4) {
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		place->addrs = &hdr->src_be;
		place->addrs_bytes = 8;
		end = pkt->l2_len + be16toh(hdr->total_length_be);
	} else {
		const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);

		if (pkt->l3_len < IP6_HDR_LENGTH)
			return false;
		place->addrs = hdr->src;
		place->addrs_bytes = 32;
		end = pkt->l2_len + IP6_HDR_LENGTH + be16toh(hdr->payload_length_be);
	}
	place->length = end - place->offset;
	return end >= place->offset + hdr_length && end <= pkt->pkt_len;
}

/* The field has the checksum of the pseudo header; its packet's bytes are added to that. */
static void
l4_sum_fill(struct rte_mbuf *pkt, const struct l4_place *place, uint64_t pseudo, uint16_t *field)
{
	uint16_t sum;

	*field = 0;
	sum = checksum_finish(pseudo + pkt_sum(pkt, place->offset, place->length));
	/* RFC 768: 0 would say that there is none. */
	*field = sum == 0 && place->proto == IP_PROTO_UDP ? 0xffff : sum;
}

/* RFC 9260 6.8: there is no pseudo header. */
static void
sctp_crc_fill(struct rte_mbuf *pkt, const struct l4_place *place)
{
	uint8_t *field = rte_pktmbuf_mtod_offset(pkt, uint8_t *, place->field);
	uint32_t crc;

	memset(field, 0, sizeof(crc));
	crc = pkt_crc32c(pkt, place->offset, place->length);
	memcpy(field, &crc, sizeof(crc));
}

static bool
l4_checksum_fill(struct rte_mbuf *pkt, uint32_t offloads)
{
	const bool segmented = (pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0;
	struct l4_place place;
	uint16_t *field;
	uint64_t pseudo;

	if (!l4_place_find(pkt, &place))
		return false;
	if (place.proto == IP_PROTO_SCTP) {
		if ((offloads & PORT_TX_SCTP_CHECKSUM) != 0)
			return true;
		sctp_crc_fill(pkt, &place);
		pkt->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
		return true;
	}
	field = rte_pktmbuf_mtod_offset(pkt, uint16_t *, place.field);
	/* What rte_eth_tx_prepare() does: NICs add the packet's bytes to this, and the length of
	 * each segment, which only they know. */
	pseudo = checksum_pseudo_at(
		place.addrs, place.addrs_bytes, place.proto, segmented ? 0 : place.length);
	if (segmented || (offloads & PORT_TX_L4_CHECKSUM) != 0) {
		*field = checksum_fold(pseudo);
		return true;
	}
	l4_sum_fill(pkt, &place, pseudo, field);
	pkt->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
	return true;
}

bool
port_tx_prepare(const struct port *port, struct rte_mbuf *pkt)
{
	const bool segmented = (pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) != 0;
	const uint32_t offloads = port->offloads;

	/* Segments have checksums, asked for or not. */
	if (segmented)
		pkt->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM |
			((pkt->ol_flags & RTE_MBUF_F_TX_IPV6) == 0 ? RTE_MBUF_F_TX_IP_CKSUM : 0);
	else if (port_segs_exceed(port, pkt->nb_segs, port->tx_segs_max) && !pkt_make_linear(pkt))
		return false;
	if ((pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0 && !l4_checksum_fill(pkt, offloads))
		return false;
	/* Who segments without making IP's checksum passes it on to somebody who mends it: virtio. */
	return (pkt->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) == 0 ||
		ip4_checksum_fill(pkt, (offloads & PORT_TX_IP4_CHECKSUM) != 0);
}
