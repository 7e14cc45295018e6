/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorts IPv6 packets for an address of ours by next header: after ip6_input; ICMPv6 in icmp6.c, others in lib/udp, lib/tcp, lib/sctp. */
#include "ip/ip6_chain.h"
#include "ip/ip_reassembly.h"

#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* @return the transport's vector, for the packet in `result`; NULL: of none, and it is where it belongs */
static struct pkt_vec *
sort_one(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out,
	struct rte_mbuf **result)
{
	struct ip6_chain chain;
	bool fragmented;

	if (ip6_chain_input(pkt, &chain, out) < 0)
		return NULL;
	fragmented = chain.fragment_header;
	if (chain.fragment) {
		pkt = ip6_reassemble(core, pkt, &chain, out);
		if (pkt == NULL || ip6_chain_input(pkt, &chain, out) < 0)
			return NULL;
		/* A fragment within a fragment: what is put together is not put together again. */
		if (chain.fragment) {
			pkt_drop(out->drops, pkt, DROP_ip6_bad_extension);
			return NULL;
		}
	}
	pkt->l3_len = chain.offset;
	*result = pkt;
	switch (chain.proto) {
	case IP_PROTO_ICMP6: icmp6_input(core, pkt, fragmented, out); break;
	case IP_PROTO_UDP: return out->udp;
	case IP_PROTO_TCP: return out->tcp;
	case IP_PROTO_SCTP: return out->sctp;
	/* RFC 8200 4.7: nothing follows, and that is no fault. */
	case IP_PROTO_NONE: pkt_drop(out->drops, pkt, DROP_ip6_no_proto); break;
	default:
		/* RFC 8200 4: the pointer leads to the byte that named the unknown header. */
		ip_error(out, pkt, DROP_ip6_no_proto,
			(struct ip_error){ ICMP6_PARAMETER_PROBLEM, ICMP6_UNRECOGNIZED_NEXT_HEADER,
				chain.proto_field });
		break;
	}
	return NULL;
}

/* RFC 4291 2.5.6: of a link, its interface knows its own. */
static bool
is_own_link_local(const struct ip_core *core, const struct rte_mbuf *pkt, const uint8_t *src)
{
	const struct iface *iface;
	struct ip_addr addr;

	if (likely(!ip6_is_link_local(src)))
		return false;
	iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);
	addr = ip_addr_from6(src);
	return iface != NULL && iface_addr_is_own(iface, &addr);
}

void
ip6_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	struct rte_mbuf *pkts[PKT_VEC_MAX];
	struct pkt_vec *transports[PKT_VEC_MAX];
	const uint8_t *src[PKT_VEC_MAX];
	uint32_t nexthops[PKT_VEC_MAX], count = 0;

	for (uint32_t i = 0; i < in->count; i++) {
		transports[count] = sort_one(core, in->pkts[i], out, &pkts[count]);
		if (transports[count] == NULL)
			continue;
		src[count] = pkt_l3(pkts[count], const struct ip6_header *)->src;
		if (unlikely(is_own_link_local(core, pkts[count], src[count])))
			pkt_drop(out->drops, pkts[count], DROP_ip6_bad_src);
		else
			count++;
	}
	if (count == 0)
		return;
	/* As in ip4_local(). */
	ip6_vrf_lookup(core->vrfs, pkts, src, nexthops, count);
	for (uint32_t i = 0; i < count; i++)
		ip_local_pass(pkts[i], nexthops[i], transports[i], out, DROP_ip6_bad_src);
}
