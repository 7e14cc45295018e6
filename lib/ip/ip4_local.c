/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorts IPv4 packets for an address of ours by protocol: after ip4_input; ICMP in icmp4.c, others in lib/udp, lib/tcp, lib/sctp. */
#include "ip/ip_reassembly.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

void
ip4_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	static const struct ip_error no_proto = { ICMP4_UNREACHABLE, ICMP4_PROTO_UNREACHABLE, 0 };

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		pkt->l3_len = ip4_hdr_length(hdr);
		if (hdr->frag_be & htobe16(IP4_FRAG_MF | IP4_FRAG_OFFSET)) {
			pkt = ip4_reassemble(core, pkt, out);
			if (pkt == NULL)
				continue;
			hdr = pkt_l3(pkt, const struct ip4_header *);
		}
		if (hdr->proto == IP_PROTO_ICMP)
			icmp4_input(core, pkt, out);
		else if (hdr->proto == IP_PROTO_UDP)
			pkt_vec_append(out->udp, pkt);
		else if (hdr->proto == IP_PROTO_TCP)
			pkt_vec_append(out->tcp, pkt);
		else if (hdr->proto == IP_PROTO_SCTP)
			pkt_vec_append(out->sctp, pkt);
		else
			ip_error(out, pkt, DROP_ip4_no_proto, no_proto);
	}
}
