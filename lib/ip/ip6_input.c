/* SPDX-License-Identifier: BSD-3-Clause */
/* Validates and looks up IPv6 packets: after ether_input, before ip6_forward and ip6_local. */
#include "ip/ip_priv.h"

#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/mac.h"

/* What the checks say of a packet that is not to be dropped. */
enum ip6_verdict { IP6_LOOKUP = -1, IP6_LOCAL = -2 };

/*
 * ff02::1, ff02::2, ff05::2 and the solicited-node groups of RFC 4291 2.7.1: ND's, and what pings
 * them. ff01::2 never comes by a link.
 */
static bool
is_group_of_ours(const uint8_t dst[16])
{
	static const uint8_t all_nodes[15] = { 0xff, 0x02 };
	static const uint8_t solicited_node[13] = { 0xff, 0x02, [11] = 0x01, [12] = 0xff };

	if (memcmp(dst, all_nodes, sizeof(all_nodes)) == 0)
		return dst[15] == 1 || dst[15] == 2;
	return memcmp(dst, solicited_node, sizeof(solicited_node)) == 0 ||
		memcmp(dst, ip6_site_routers.bytes, sizeof(ip6_site_routers.bytes)) == 0;
}

/* RFC 4291 2.5.6: link-local addresses mean something only on their link. */
static int
ip6_check_link_local(
	const struct ip_core *core, const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	const struct iface *iface = iface_get(core->ifaces, pkt_meta(pkt)->iface);
	struct ip_addr dst = ip_addr_from6(hdr->dst);

	if (iface != NULL && iface_addr_is_own(iface, &dst))
		return IP6_LOCAL;
	return DROP_ip6_link_local;
}

/* Addresses: RFC 4291 2.5.2, 2.5.3, 2.5.5.2, 2.5.6, 2.7; RFC 6890 2.2.3. */
static int
ip6_check_addrs(
	const struct ip_core *core, const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	if (ip6_is_multicast(hdr->src))
		return DROP_ip6_bad_src;
	if (ip6_is_mapped(hdr->src) ||
		(ip6_is_unspecified_or_loopback(hdr->src) && !ip6_is_unspecified(hdr->src)))
		return DROP_ip6_bad_src;
	/* From nowhere may come only what duplicate address detection sends, to a group. */
	if (ip6_is_multicast(hdr->dst))
		return is_group_of_ours(hdr->dst) ? IP6_LOCAL : DROP_ip6_multicast;
	if (ip6_is_unspecified_or_loopback(hdr->dst) || ip6_is_mapped(hdr->dst))
		return DROP_ip6_bad_dst;
	if (ip6_is_unspecified_or_loopback(hdr->src))
		return DROP_ip6_bad_src;
	if (pkt_meta(pkt)->flags & PKT_L2_GROUP)
		return DROP_ip6_l2_broadcast;
	if (ip6_is_link_local(hdr->dst))
		return ip6_check_link_local(core, pkt, hdr);
	return IP6_LOOKUP;
}

/* All checks. @return enum ip6_verdict or enum drop_reason */
static int
ip6_check(const struct ip_core *core, const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	if (pkt->data_len < pkt->l2_len + IP6_HDR_LENGTH)
		return DROP_ip6_truncated;
	if (ip6_version(hdr) != 6)
		return DROP_ip6_bad_version;
	if (be16toh(hdr->payload_length_be) > pkt_l3_length(pkt) - IP6_HDR_LENGTH)
		return DROP_ip6_bad_payload_length;
	return ip6_check_addrs(core, pkt, hdr);
}

/* Neither multicast, link-local, unspecified nor loopback: the first byte and word tell. */
static inline bool
is_plain_addr(const uint8_t addr[16])
{
	uint64_t high;

	memcpy(&high, addr, sizeof(high));
	return addr[0] < 0xfe && high != 0;
}

/* The common case in few instructions: what passes would pass ip6_check() too. */
static inline bool
ip6_is_plain(const struct rte_mbuf *pkt, const struct ip6_header *hdr)
{
	return pkt->data_len >= pkt->l2_len + IP6_HDR_LENGTH && ip6_version(hdr) == 6 &&
		be16toh(hdr->payload_length_be) <= pkt_l3_length(pkt) - IP6_HDR_LENGTH &&
		is_plain_addr(hdr->src) && is_plain_addr(hdr->dst) && pkt_meta(pkt)->flags == 0;
}

void
ip6_no_route(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out)
{
	static const struct ip_error no_route = { ICMP6_UNREACHABLE, ICMP6_NO_ROUTE, 0 };
	static const struct ip_error unreachable = { ICMP6_UNREACHABLE, ICMP6_ADDR_UNREACHABLE, 0 };
	static const struct ip_error admin = { ICMP6_UNREACHABLE, ICMP6_ADMIN_PROHIBITED, 0 };

	switch (type) {
	case NEXTHOP_PROHIBIT: ip_error(out, pkt, DROP_route_prohibit, admin); break;
	case NEXTHOP_BLACKHOLE: pkt_drop(out->drops, pkt, DROP_route_blackhole); break;
	case NEXTHOP_UNREACHABLE: ip_error(out, pkt, DROP_route_unreachable, unreachable); break;
	default: ip_error(out, pkt, DROP_ip6_no_route, no_route); break;
	}
}

/* Everything that is not simply sent on. @return whether it is to be forwarded all the same */
static __rte_noinline bool
ip6_sort_slow(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out)
{
	static const struct ip_error beyond = { ICMP6_UNREACHABLE, ICMP6_BEYOND_SCOPE, 0 };
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);

	if (type == NEXTHOP_LOCAL) {
		pkt_vec_append(out->local, pkt);
		return false;
	}
	if (type < NEXTHOP_ATTACHED) {
		ip6_no_route(pkt, type, out);
		return false;
	}
	/* RFC 4007 9: where it would go its source means nothing. */
	if (ip6_is_link_local(hdr->src)) {
		ip_error(out, pkt, DROP_ip6_link_local, beyond);
		return false;
	}
	return true;
}

/*
 * What the fast checks leave open. @return whether it is to be looked up; else it was dropped, or,
 * for an address that only its link knows, delivered
 */
static __rte_noinline bool
ip6_accept_slow(struct ip_core *core, struct rte_mbuf *pkt, const struct ip6_header *hdr,
	const struct ip_out *out)
{
	int verdict = ip6_check(core, pkt, hdr);

	if (verdict == IP6_LOOKUP)
		return true;
	if (verdict != IP6_LOCAL) {
		pkt_drop(out->drops, pkt, verdict);
		return false;
	}
	ip_trim(pkt, IP6_HDR_LENGTH + be16toh(hdr->payload_length_be));
	pkt_meta(pkt)->nexthop = NEXTHOP_ID_LOCAL;
	pkt_vec_append(out->local, pkt);
	return false;
}

void
ip6_input(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	struct pkt_vec *forward = out->forward;
	uint32_t forward_count = forward->count;
	struct rte_mbuf *pkts[PKT_VEC_MAX];
	const uint8_t *dst[PKT_VEC_MAX];
	uint32_t nexthops[PKT_VEC_MAX];
	unsigned count = 0;
	bool plain = true;

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);

		if (unlikely(!ip6_is_plain(pkt, hdr))) {
			if (!ip6_accept_slow(core, pkt, hdr, out))
				continue;
			plain = false;
		}
		ip_trim(pkt, IP6_HDR_LENGTH + be16toh(hdr->payload_length_be));
		dst[count] = hdr->dst;
		pkts[count++] = pkt;
	}
	if (count == 0)
		return;
	ip6_vrf_lookup(core->vrfs, pkts, dst, nexthops, count);
	for (unsigned i = 0; i < count; i++) {
		enum nexthop_type type = nexthop_type_of(nexthop_get(core->nexthops, nexthops[i]));

		pkt_meta(pkts[i])->nexthop = nexthops[i];
		if (likely(type >= NEXTHOP_ATTACHED && plain) || ip6_sort_slow(pkts[i], type, out))
			forward->pkts[forward_count++] = pkts[i];
	}
	forward->count = forward_count;
}
