/* SPDX-License-Identifier: BSD-3-Clause */
/* Picks the path and checks the MTU of IPv6 packets: after ip6_forward and ip6_route, before ether_output. */
#include "ip/ip_priv.h"

#include "pkt/flow_policy.h"
#include "wire/icmp.h"
#include "wire/ip6.h"

/*
 * RFC 8200 5: routers do not fragment, and RFC 4443 3.2 tells the MTU; who makes a packet may cut
 * it. @return whether it was taken
 */
static bool
ip6_too_big(struct rte_mbuf *pkt, uint16_t mtu, enum nexthop_type type, const struct ip_out *out)
{
	if (ip_fits(pkt, mtu))
		return false;
	if ((pkt_meta(pkt)->flags & (PKT_ORIGINATED | PKT_DONT_CUT)) == PKT_ORIGINATED)
		return ip_fragment_later(out, pkt, mtu, type);
	ip_error(out, pkt, DROP_ip6_too_big, (struct ip_error){ ICMP6_PACKET_TOO_BIG, 0, mtu });
	return true;
}

/* RFC 8201: what is made here may know of a narrower link further on. */
static uint16_t
ip6_path_mtu(const struct ip_core *core, const struct rte_mbuf *pkt, const struct nexthop *nexthop)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	struct ip_addr dst = ip_addr_from6(hdr->dst);

	return ip_wished_mtu(pkt, ip_path_mtu(core, nexthop, &dst));
}

void
ip6_output(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	struct pkt_vec *ether = out->ether;
	uint32_t count = ether->count;

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		struct pkt_meta *meta = pkt_meta(pkt);
		const struct nexthop *nexthop = nexthop_get(core->nexthops, meta->nexthop);
		enum nexthop_type type = nexthop_type_of(nexthop);
		uint16_t mtu;

		if (type == NEXTHOP_GROUP) {
			meta->nexthop = nexthop_group_select(nexthop_group_of(nexthop),
				flow_path_ip6(ip_vrf_policy(core->vrfs, pkt), core->toeplitz, pkt));
			nexthop = nexthop_get(core->nexthops, meta->nexthop);
			type = nexthop_type_of(nexthop);
		}
		mtu = nexthop_mtu_of(nexthop);
		if (unlikely(is_by_path(meta->flags)))
			mtu = ip6_path_mtu(core, pkt, nexthop);
		if (unlikely(pkt_l3_length(pkt) > mtu) && has_mtu(type) &&
			ip6_too_big(pkt, mtu, type, out))
			continue;
		if (likely(type == NEXTHOP_GATEWAY))
			ether->pkts[count++] = pkt;
		else if (!ip_output_slow(pkt, type, out))
			ip6_no_route(pkt, type, out);
	}
	ether->count = count;
}
