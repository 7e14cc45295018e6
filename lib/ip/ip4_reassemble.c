/* SPDX-License-Identifier: BSD-3-Clause */
/* What IPv4 has of its own in reassembly: what a fragment is, and the header of the whole. RFC 791. */
#include "ip/ip_reassembly.h"

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/ip4.h"

#define IP4_TOS_CE 3

static struct ip_reassembly_key
key_of(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	struct ip_reassembly_key key = { .id = hdr->id_be,
		.iface = PKT_IFACE_NONE,
		.proto = hdr->proto,
		.family = IP_FAMILY_4,
		.vrf = pkt_meta(pkt)->vrf };

	memcpy(key.src, &hdr->src_be, sizeof(hdr->src_be));
	memcpy(key.dst, &hdr->dst_be, sizeof(hdr->dst_be));
	return key;
}

static struct rte_mbuf *
whole_finish(struct rte_mbuf *pkt, const struct ip_out *out)
{
	struct ip4_header *hdr = pkt_l3(pkt, struct ip4_header *);
	uint32_t length = pkt_l3_length(pkt);

	/* With the options of the first fragment it may be longer than the last one made it. */
	if (length > IP4_LENGTH_MAX) {
		pkt_drop(out->drops, pkt, DROP_ip_fragment_malformed);
		return NULL;
	}
	hdr->total_length_be = htobe16((uint16_t)length);
	hdr->frag_be = 0;
	if (pkt_meta(pkt)->ce)
		hdr->tos |= IP4_TOS_CE;
	hdr->checksum = 0;
	hdr->checksum = checksum_finish(checksum_add(0, hdr, pkt->l3_len));
	pkt->ol_flags &= ~(RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK);
	return pkt;
}

struct rte_mbuf *
ip4_reassemble(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	uint16_t frag = be16toh(hdr->frag_be);
	const struct ip_reassembly_piece piece = {
		.key = key_of(pkt, hdr),
		.start = (frag & IP4_FRAG_OFFSET) * 8U,
		.length = pkt_l3_length(pkt) - pkt->l3_len,
		.headers = pkt->l2_len + pkt->l3_len,
		.ecn = hdr->tos & IP4_TOS_CE,
		.more = (frag & IP4_FRAG_MF) != 0,
	};

	/* Of nothing, not in units of 8, or the ping of death. */
	if (piece.length == 0 || (piece.more && piece.length % 8 != 0) ||
		piece.start + piece.length > IP4_LENGTH_MAX - pkt->l3_len) {
		pkt_drop(out->drops, pkt, DROP_ip_fragment_malformed);
		return NULL;
	}
	pkt = ip_reassembly_input(core, pkt, &piece, out);
	return pkt != NULL ? whole_finish(pkt, out) : NULL;
}
