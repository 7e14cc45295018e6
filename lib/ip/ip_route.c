/* SPDX-License-Identifier: BSD-3-Clause */
/* Looks up the nexthop of packets made here: after icmp*_error and local delivery, before ip*_output. */
#include "ip/ip_priv.h"

#include "wire/ip4.h"
#include "wire/ip6.h"

/* To ourselves, nowhere, or on: an error about our own packet is never sent. */
static void
ip_route_sort(const struct ip_core *core, struct rte_mbuf *pkt, uint32_t nexthop,
	const struct ip_out *out, enum drop_reason no_route)
{
	pkt_meta(pkt)->nexthop = nexthop;
	if (nexthop_type_of(nexthop_get(core->nexthops, nexthop)) >= NEXTHOP_ATTACHED)
		pkt_vec_append(out->output, pkt);
	else
		pkt_drop(out->drops, pkt, no_route);
}

void
ip4_route(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	uint32_t dst_be[PKT_VEC_MAX], nexthops[PKT_VEC_MAX];

	for (uint32_t i = 0; i < in->count; i++)
		dst_be[i] = pkt_l3(in->pkts[i], const struct ip4_header *)->dst_be;
	ip4_vrf_lookup(core->vrfs, in->pkts, dst_be, nexthops, in->count);
	for (uint32_t i = 0; i < in->count; i++) {
		const struct ip4_header *ip = pkt_l3(in->pkts[i], const struct ip4_header *);

		/* RFC 1122 3.2.1.3: no route leads to what no host has; nor is anything sent to groups. */
		if (unlikely((ip4_class(ip->dst_be) & IP4_CLASS_NOT_SRC) != 0))
			nexthops[i] = NEXTHOP_ID_NO_ROUTE;
		ip_route_sort(core, in->pkts[i], nexthops[i], out, DROP_ip4_no_route);
	}
}

/* A link-local destination is on the link that the packet, or what it answers, came by. */
static uint32_t
link_local_nexthop(const struct ip_core *core, const struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);

	return iface != NULL ? iface->attached : NEXTHOP_ID_NO_ROUTE;
}

/* :: and ::1, IPv4 as IPv6, groups: none of them a host's. */
static bool
is_nobodys(const uint8_t dst[16])
{
	return ip6_is_multicast(dst) ||
		(dst[0] == 0 && (ip6_is_unspecified_or_loopback(dst) || ip6_is_mapped(dst)));
}

void
ip6_route(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	const uint8_t *dst[PKT_VEC_MAX];
	uint32_t nexthops[PKT_VEC_MAX];

	for (uint32_t i = 0; i < in->count; i++)
		dst[i] = pkt_l3(in->pkts[i], const struct ip6_header *)->dst;
	ip6_vrf_lookup(core->vrfs, in->pkts, dst, nexthops, in->count);
	for (uint32_t i = 0; i < in->count; i++) {
		uint32_t nexthop = nexthops[i];

		if (ip6_is_link_local(dst[i]))
			nexthop = link_local_nexthop(core, in->pkts[i]);
		else if (unlikely(is_nobodys(dst[i])))
			nexthop = NEXTHOP_ID_NO_ROUTE;
		ip_route_sort(core, in->pkts[i], nexthop, out, DROP_ip6_no_route);
	}
}
