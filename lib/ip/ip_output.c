/* SPDX-License-Identifier: BSD-3-Clause */
/* What ip4_output and ip6_output do alike with a packet that has no adjacency. */
#include "ip/ip_priv.h"

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
