/* SPDX-License-Identifier: BSD-3-Clause */
/* What ip4_output and ip6_output do alike: with a packet that has no adjacency, and with segments. */
#include "ip/ip_priv.h"

bool
ip_fits(struct rte_mbuf *pkt, uint16_t mtu)
{
	const uint32_t hdr_length = pkt->l3_len + pkt->l4_len;

	if (pkt_l3_length(pkt) <= mtu)
		return true;
	if ((pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG) == 0 || mtu <= hdr_length)
		return false;
	pkt->tso_segsz = (uint16_t)RTE_MIN((uint32_t)pkt->tso_segsz, mtu - hdr_length);
	return true;
}

bool
ip_output_slow(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out)
{
	switch (type) {
	case NEXTHOP_ATTACHED:
	case NEXTHOP_UNRESOLVED:
	case NEXTHOP_RESOLVED: pkt_punt(out->punts, pkt, PUNT_GLEAN); return true;
	case NEXTHOP_GROUP: pkt_drop(out->drops, pkt, DROP_route_group_bad); return true;
	default: return false;
	}
}
