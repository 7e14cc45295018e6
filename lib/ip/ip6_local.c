/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorts IPv6 packets for an address of ours by next header: after ip6_input; ICMPv6 in icmp6.c, others in lib/udp, lib/tcp, lib/sctp. */
#include "ip/ip6_chain.h"
#include "ip/ip_reassembly.h"

#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

static void
ip6_local_one(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	struct ip6_chain chain;
	bool fragmented;

	if (ip6_chain_input(pkt, &chain, out) < 0)
		return;
	fragmented = chain.fragment_header;
	if (chain.fragment) {
		pkt = ip6_reassemble(core, pkt, &chain, out);
		if (pkt == NULL || ip6_chain_input(pkt, &chain, out) < 0)
			return;
		/* A fragment within a fragment: what is put together is not put together again. */
		if (chain.fragment) {
			pkt_drop(out->drops, pkt, DROP_ip6_bad_extension);
			return;
		}
	}
	pkt->l3_len = chain.offset;
	switch (chain.proto) {
	case IP_PROTO_ICMP6: icmp6_input(core, pkt, fragmented, out); break;
	case IP_PROTO_UDP: pkt_vec_append(out->udp, pkt); break;
	case IP_PROTO_TCP: pkt_vec_append(out->tcp, pkt); break;
	case IP_PROTO_SCTP: pkt_vec_append(out->sctp, pkt); break;
	/* RFC 8200 4.7: nothing follows, and that is no fault. */
	case IP_PROTO_NONE: pkt_drop(out->drops, pkt, DROP_ip6_no_proto); break;
	default:
		/* RFC 8200 4: the pointer leads to the byte that named the unknown header. */
		ip_error(out, pkt, DROP_ip6_no_proto,
			(struct ip_error){ ICMP6_PARAMETER_PROBLEM, ICMP6_UNRECOGNIZED_NEXT_HEADER,
				chain.proto_field });
		break;
	}
}

void
ip6_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	for (uint32_t i = 0; i < in->count; i++)
		ip6_local_one(core, in->pkts[i], out);
}
