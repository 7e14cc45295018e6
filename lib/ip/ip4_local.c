/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorts IPv4 packets for an address of ours by protocol: after ip4_input; ICMP in icmp4.c, others in lib/udp, lib/tcp, lib/sctp. */
#include "ip/ip_reassembly.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

/* @return the transport's vector; NULL: of none, and it is where it belongs */
static struct pkt_vec *
sort_one(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	static const struct ip_error no_proto = { ICMP4_UNREACHABLE, ICMP4_PROTO_UNREACHABLE, 0 };

	switch (pkt_l3(pkt, const struct ip4_header *)->proto) {
	case IP_PROTO_UDP: return out->udp;
	case IP_PROTO_TCP: return out->tcp;
	case IP_PROTO_SCTP: return out->sctp;
	case IP_PROTO_ICMP: icmp4_input(core, pkt, out); return NULL;
	default: ip_error(out, pkt, DROP_ip4_no_proto, no_proto); return NULL;
	}
}

void
ip4_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	uint32_t src_be[PKT_VEC_MAX], nexthops[PKT_VEC_MAX], count = 0;
	struct rte_mbuf *pkts[PKT_VEC_MAX];
	struct pkt_vec *transports[PKT_VEC_MAX];

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		pkt->l3_len = ip4_hdr_length(hdr);
		if (hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) {
			pkt = ip4_reassemble(core, pkt, out);
			if (pkt == NULL)
				continue;
		}
		transports[count] = sort_one(core, pkt, out);
		if (transports[count] == NULL)
			continue;
		src_be[count] = pkt_l3(pkt, const struct ip4_header *)->src_be;
		pkts[count++] = pkt;
	}
	if (count == 0)
		return;
	/*
	 * RFC 1122 3.2.1.3, 4.1.3.6, 9293 MUST-63: from the broadcast address of a subnet of ours, or from an
	 * address of ours, which sends nothing to itself by a link.
	 */
	ip4_vrf_lookup(core->vrfs, pkts, src_be, nexthops, count);
	for (uint32_t i = 0; i < count; i++)
		ip_local_pass(pkts[i], nexthops[i], transports[i], out, DROP_ip4_bad_src);
}
