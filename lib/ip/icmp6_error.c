/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the ICMPv6 errors that packets of the errors vector earned: RFC 4443 2.2, 2.4, 3. */
#include "ip/icmp_error.h"

#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* RFC 4443 2.4 (e): when no error may be sent. */
static bool
icmp6_error_allowed(const struct rte_mbuf *pkt)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	const struct pkt_meta *meta = pkt_meta(pkt);
	struct ip6_chain chain;
	bool group = ip6_is_multicast(hdr->dst) || (meta->flags & PKT_L2_GROUP) != 0;

	if (meta->flags & PKT_ORIGINATED)
		return false;
	/* (e.3), (e.4): to a group only packet too big, and what an option asks for */
	if (group && meta->icmp_type != ICMP6_PACKET_TOO_BIG &&
		(meta->icmp_type != ICMP6_PARAMETER_PROBLEM ||
			meta->icmp_code != ICMP6_UNRECOGNIZED_OPTION))
		return false;
	/* (e.6) */
	if (ip6_is_unspecified_or_loopback(hdr->src) || ip6_is_multicast(hdr->src))
		return false;
	/* (e.1), (e.2): what ends before it says what it is is taken for none */
	if (ip6_chain_parse(hdr, pkt->data_len - pkt->l2_len, &chain) < 0)
		return meta->icmp_type == ICMP6_PARAMETER_PROBLEM;
	if (chain.fragment && !chain.fragment_first)
		return true;
	if (chain.proto != IP_PROTO_ICMP6)
		return true;
	return chain.offset < pkt->data_len - pkt->l2_len &&
		!icmp6_type_is_error(((const uint8_t *)hdr)[chain.offset]) &&
		((const uint8_t *)hdr)[chain.offset] != ICMP6_REDIRECT;
}

static void
icmp6_error_finish(struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *src,
	struct rte_mbuf *error)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	struct ip_addr dst = ip_addr_from6(hdr->src);
	uint8_t *data = rte_pktmbuf_mtod(error, uint8_t *);
	uint16_t length = error->data_len - IP6_HDR_LENGTH;

	icmp6_checksum_set(data + IP6_HDR_LENGTH, length, src, &dst);
	ip6_hdr_build((struct ip6_header *)data,
		&(struct ip6_build){
			.src = src->bytes,
			.dst = dst.bytes,
			.payload_length = length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = iface_hop_limit(iface_get(core->ifaces, pkt_meta(pkt)->iface)),
		});
}

void
icmp6_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	static const struct icmp_error_family family = {
		.family = IP_FAMILY_6,
		.hdr_length = IP6_HDR_LENGTH,
		.length_max = IP6_MTU_MIN, /* RFC 4443 2.4 (c) */
		.allowed = icmp6_error_allowed,
		.finish = icmp6_error_finish,
	};

	icmp_error(core, in, out, &family);
}
