/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMPv6 to an address of ours: echo is answered, ND is punted, errors go to the transport or to control. */
#include "ip/icmp_error.h"
#include "ip/ip_priv.h"

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

/* With the pseudo header (RFC 4443 2.3), over a message that may span segments. */
static bool
icmp6_checksum_is_good(const struct rte_mbuf *pkt, unsigned offset)
{
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	struct ip_addr src = ip_addr_from6(hdr->src), dst = ip_addr_from6(hdr->dst);
	uint32_t length = pkt->pkt_len - offset;

	return checksum_fold(checksum_pseudo(&src, &dst, IP_PROTO_ICMP6, length) +
		       pkt_sum(pkt, offset, length)) == 0xffff;
}

/* Extension headers of a request do not go back: the IPv6 header moves up to the message. */
static void
extensions_remove(struct rte_mbuf *pkt)
{
	unsigned length = pkt->l3_len - IP6_HDR_LENGTH;
	uint8_t *hdr = pkt_l3(pkt, uint8_t *);

	if (length == 0)
		return;
	memmove(hdr + length, hdr, IP6_HDR_LENGTH);
	rte_pktmbuf_adj(pkt, (uint16_t)(pkt->l2_len + length));
	pkt->l2_len = 0;
	pkt->l3_len = IP6_HDR_LENGTH;
}

static bool
is_group_of(const struct ip_addr *addr, const struct ip_addr *group)
{
	const struct ip_addr own = ip6_solicited_node(addr);

	return addr->family == IP_FAMILY_6 && ip_addr_equal(&own, group);
}

/* Whether an interface listens to a group; of solicited-node ones ND asks for others' as well. */
static bool
is_group_of_iface(const struct iface *iface, const struct ip_addr *group)
{
	struct ip_addr anycast;

	if (ip_addr_equal(group, &ip6_all_nodes) || ip_addr_equal(group, &ip6_all_routers) ||
		ip_addr_equal(group, &ip6_site_routers))
		return true;
	for (unsigned i = 0; i < iface->addr_count; i++) {
		if (is_group_of(&iface->addrs[i].addr, group) ||
			(iface_addr_anycast(&iface->addrs[i], &anycast) &&
				is_group_of(&anycast, group)))
			return true;
	}
	return false;
}

/*
 * RFC 4443 2.2 (b), 4.2: what is asked of a group is answered from an address of the interface, the
 * one that RFC 6724 chooses. @return it; NULL: it was not asked
 */
static const struct ip_addr *
group_source(const struct ip_core *core, const struct rte_mbuf *pkt, const struct ip_addr *group,
	const struct ip_addr *to)
{
	const struct iface *iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);

	return iface != NULL && is_group_of_iface(iface, group) ? iface_addr_source(iface, to)
								: NULL;
}

/* RFC 4443 4.2: the data goes back as it came. */
static bool
icmp6_echo_reply(struct ip_core *core, struct rte_mbuf *pkt)
{
	struct ip6_header *hdr = pkt_l3(pkt, struct ip6_header *);
	struct ip_addr from = ip_addr_from6(hdr->dst), to = ip_addr_from6(hdr->src);
	const struct ip_addr *source = &from;
	uint32_t length = pkt_l3_length(pkt) - pkt->l3_len;
	uint8_t *icmp;
	uint16_t sum;

	if (ip6_is_unspecified(hdr->src))
		return false;
	if (ip6_is_multicast(hdr->dst))
		source = group_source(core, pkt, &from, &to);
	else if (pkt_meta(pkt)->nexthop == NEXTHOP_ID_ANYCAST)
		/* The asker may be far from the link of the address. */
		source = icmp_error_source(core, pkt, &to);
	if (source == NULL)
		return false;
	from = *source;
	extensions_remove(pkt);
	hdr = pkt_l3(pkt, struct ip6_header *);
	icmp = (uint8_t *)(hdr + 1);
	ip6_hdr_build(hdr,
		&(struct ip6_build){
			.src = from.bytes,
			.dst = to.bytes,
			.payload_length = length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = iface_hop_limit(iface_get(core->ifaces, pkt_meta(pkt)->iface)),
		});
	icmp[0] = ICMP6_ECHO_REPLY;
	be16_store(icmp + 2, 0);
	sum = checksum_finish(checksum_pseudo(&from, &to, IP_PROTO_ICMP6, length) +
		pkt_sum(pkt, pkt->l2_len + pkt->l3_len, length));
	memcpy(icmp + 2, &sum, sizeof(sum));
	return true;
}

static void
icmp6_echo_request(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out)
{
	if (!icmp6_echo_reply(core, pkt)) {
		pkt_drop(out->drops, pkt, DROP_icmp6_ignored);
		return;
	}
	/* What came in ends here; what goes out is ours, and another flow than what came. */
	pkt->ol_flags &= ~RTE_MBUF_F_RX_RSS_HASH;
	pkt_meta(pkt)->flags = PKT_ORIGINATED;
	counter_add(&core->counters.delivered, 1);
	counter_add(&core->counters.originated, 1);
	pkt_vec_append(out->replies, pkt);
}

/* RFC 6980 5: what guards a link looks into no fragments, so that none may carry ND. */
static void
nd_punt(struct rte_mbuf *pkt, bool fragmented, enum punt_reason reason, const struct ip_out *out)
{
	if (fragmented)
		pkt_drop(out->drops, pkt, DROP_nd_malformed);
	else
		pkt_punt(out->punts, pkt, reason);
}

void
icmp6_input(struct ip_core *core, struct rte_mbuf *pkt, bool fragmented, const struct ip_out *out)
{
	unsigned offset = pkt->l2_len + pkt->l3_len;
	struct icmp icmp;

	if (offset > pkt->data_len ||
		icmp_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset),
			pkt->data_len - offset, &icmp) < 0) {
		pkt_drop(out->drops, pkt, DROP_icmp6_truncated);
		return;
	}
	if (!icmp6_checksum_is_good(pkt, offset)) {
		pkt_drop(out->drops, pkt, DROP_icmp6_bad_checksum);
		return;
	}
	switch (icmp.type) {
	case ICMP6_ECHO_REQUEST: icmp6_echo_request(core, pkt, out); break;
	case ICMP6_NEIGHBOR_SOLICITATION:
	case ICMP6_NEIGHBOR_ADVERTISEMENT: nd_punt(pkt, fragmented, PUNT_ND, out); break;
	case ICMP6_ROUTER_ADVERTISEMENT: nd_punt(pkt, fragmented, PUNT_RA, out); break;
	case ICMP6_MLD_QUERY: pkt_punt(out->punts, pkt, PUNT_MLD); break;
	case ICMP6_ECHO_REPLY: pkt_punt(out->punts, pkt, PUNT_ICMP); break;
	case ICMP6_UNREACHABLE:
	case ICMP6_PACKET_TOO_BIG:
	case ICMP6_TIME_EXCEEDED:
	case ICMP6_PARAMETER_PROBLEM: icmp_error_sort(IP_FAMILY_6, pkt, offset, out); break;
	default: pkt_drop(out->drops, pkt, DROP_icmp6_ignored); break;
	}
}
