/* SPDX-License-Identifier: BSD-3-Clause */
/* What IPv6 has of its own in reassembly: errors, and the headers of the whole. RFC 8200 4.5, 7112. */
#include "ip/ip_reassembly.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip6.h"

#define IP6_PAYLOAD_MAX 65535
#define ECN_CE          3

static struct ip_reassembly_key
key_of(const struct rte_mbuf *pkt, const struct ip6_header *hdr, uint32_t id)
{
	struct ip_reassembly_key key = { .id = id,
		.iface = ip6_is_link_local(hdr->src) ? pkt_meta(pkt)->iface : PKT_IFACE_NONE,
		.family = IP_FAMILY_6,
		.vrf = pkt_meta(pkt)->vrf };

	memcpy(key.src, hdr->src, sizeof(key.src));
	memcpy(key.dst, hdr->dst, sizeof(key.dst));
	return key;
}

/* RFC 8200 4.5: errors whose pointer says which field is wrong. @return whether it earned one */
static bool
is_malformed(struct rte_mbuf *pkt, const struct ip6_chain *chain,
	const struct ip_reassembly_piece *piece, const struct ip_out *out)
{
	struct ip_error error = { ICMP6_PARAMETER_PROBLEM, ICMP6_ERRONEOUS_FIELD, 0 };

	if (piece->length == 0) {
		pkt_drop(out->drops, pkt, DROP_ip_fragment_malformed);
		return true;
	}
	if (piece->more && piece->length % 8 != 0)
		error.rest = offsetof(struct ip6_header, payload_length_be);
	else if (chain->fragment_offset - IP6_HDR_LENGTH + piece->start + piece->length >
		IP6_PAYLOAD_MAX)
		error.rest = chain->fragment_offset + IP6_FRAG_OFFSET_FIELD;
	else
		return false;
	ip_error(out, pkt, DROP_ip_fragment_malformed, error);
	return true;
}

/* The fragment header goes; what is in front of it moves up. */
static struct rte_mbuf *
whole_finish(struct rte_mbuf *pkt, const struct ip6_chain *first, uint8_t next_header)
{
	uint8_t *data = rte_pktmbuf_mtod(pkt, uint8_t *);
	struct ip6_header *hdr;

	data[pkt->l2_len + first->fragment_field] = next_header;
	memmove(data + IP6_FRAG_HDR_LENGTH, data, pkt->l2_len + first->fragment_offset);
	rte_pktmbuf_adj(pkt, IP6_FRAG_HDR_LENGTH);
	hdr = pkt_l3(pkt, struct ip6_header *);
	hdr->payload_length_be = htobe16((uint16_t)(pkt_l3_length(pkt) - IP6_HDR_LENGTH));
	if (pkt_meta(pkt)->ce)
		hdr->version_class_flow_be |= htobe32(ECN_CE << 20);
	pkt->ol_flags &= ~RTE_MBUF_F_RX_L4_CKSUM_MASK;
	return pkt;
}

struct rte_mbuf *
ip6_reassemble(struct ip_core *core, struct rte_mbuf *pkt, const struct ip6_chain *chain,
	const struct ip_out *out)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	uint32_t headers = chain->fragment_offset + IP6_FRAG_HDR_LENGTH;
	struct ip_reassembly_piece piece = { .headers = pkt->l2_len + headers,
		.length = pkt_l3_length(pkt) - headers,
		.ecn = be32toh(hdr->version_class_flow_be) >> 20 & ECN_CE };
	struct ip6_chain first;
	struct ip6_frag frag;

	ip6_frag_parse((const uint8_t *)hdr + chain->fragment_offset, &frag);
	piece.key = key_of(pkt, hdr, frag.id);
	piece.start = frag.offset;
	piece.more = frag.more;
	if (is_malformed(pkt, chain, &piece, out))
		return NULL;
	pkt = ip_reassembly_input(core, pkt, &piece, out);
	if (pkt == NULL)
		return NULL;
	/* RFC 8200 4.5: the headers, and what follows them, are the first fragment's. */
	hdr = pkt_l3(pkt, const struct ip6_header *);
	if (ip6_chain_parse(hdr, pkt->data_len - pkt->l2_len, &first) < 0 ||
		pkt_l3_length(pkt) - IP6_FRAG_HDR_LENGTH - IP6_HDR_LENGTH > IP6_PAYLOAD_MAX) {
		pkt_drop(out->drops, pkt, DROP_ip_fragment_malformed);
		return NULL;
	}
	ip6_frag_parse((const uint8_t *)hdr + first.fragment_offset, &frag);
	return whole_finish(pkt, &first, frag.next_header);
}
