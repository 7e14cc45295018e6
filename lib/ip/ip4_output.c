/* SPDX-License-Identifier: BSD-3-Clause */
/* Picks the path and checks the MTU of IPv4 packets: after ip4_forward and ip4_route, before ether_output. */
#include "ip/ip4_options.h"

#include "pkt/flow_policy.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"

/* RFC 1191 4: what does not fit, and may not be cut, is answered with the MTU that would do. @return whether it was taken */
static bool
ip4_too_big(struct rte_mbuf *pkt, uint16_t mtu, enum nexthop_type type, const struct ip_out *out)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	struct ip_error error = { ICMP4_UNREACHABLE, ICMP4_FRAGMENTATION_NEEDED, mtu };

	if (ip_fits(pkt, mtu))
		return false;
	if ((hdr->frag_be & htobe16(IP4_FRAG_DF)) == 0)
		return ip_fragment_later(out, pkt, mtu, type);
	ip_error(out, pkt, DROP_ip4_too_big, error);
	return true;
}

/* RFC 1812 5.3.13.4: the address recorded is the outgoing interface's. Once: it may come again. */
static __rte_noinline void
ip4_output_options(const struct ip_core *core, struct rte_mbuf *pkt, const struct nexthop *nexthop)
{
	const struct iface *iface = iface_get(core->ifaces, nexthop->iface);
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	uint32_t addr_be;

	/* The error that it will earn quotes it as it came. */
	if (pkt_l3_length(pkt) > nexthop_mtu_of(nexthop) &&
		(hdr->frag_be & htobe16(IP4_FRAG_DF)) != 0)
		return;
	pkt_meta(pkt)->flags &= ~PKT_IP4_OPTIONS;
	if (iface == NULL || iface->source4.family != IP_FAMILY_4)
		return;
	memcpy(&addr_be, iface->source4.bytes, sizeof(addr_be));
	ip4_options_record(pkt_l3(pkt, struct ip4_header *), addr_be, core->now_ns);
}

/* RFC 1191: what is made here may know of a narrower link further on. */
static uint16_t
ip4_path_mtu(const struct ip_core *core, const struct rte_mbuf *pkt, const struct nexthop *nexthop)
{
	const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);
	struct ip_addr dst = ip_addr_from4(&hdr->dst_be);

	return ip_wished_mtu(pkt, ip_path_mtu(core, nexthop, &dst));
}

void
ip4_output(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
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
				flow_path_ip4(ip_vrf_policy(core->vrfs, pkt), core->toeplitz, pkt));
			nexthop = nexthop_get(core->nexthops, meta->nexthop);
			type = nexthop_type_of(nexthop);
		}
		mtu = nexthop_mtu_of(nexthop);
		if (unlikely(is_by_path(meta->flags)))
			mtu = ip4_path_mtu(core, pkt, nexthop);
		if (unlikely((meta->flags & PKT_IP4_OPTIONS) != 0) && has_mtu(type))
			ip4_output_options(core, pkt, nexthop);
		if (unlikely(pkt_l3_length(pkt) > mtu) && has_mtu(type) &&
			ip4_too_big(pkt, mtu, type, out))
			continue;
		if (likely(type == NEXTHOP_GATEWAY))
			ether->pkts[count++] = pkt;
		else if (!ip_output_slow(pkt, type, out))
			ip4_no_route(pkt, type, out);
	}
	ether->count = count;
}
