/* SPDX-License-Identifier: BSD-3-Clause */
/* Validates and looks up IPv4 packets: after ether_input, before ip4_forward and ip4_local. */
#include "ip/ip4_options.h"

#include "wire/checksum.h"
#include "wire/endian.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/mac.h"

#define IP4_BROADCAST_BE 0xffffffffU

/* What the checks say of a packet that is not to be dropped: look up where it goes. */
#define IP4_LOOKUP (-1)

static bool
checksum_is_good(const struct rte_mbuf *pkt, const struct ip4_header *hdr, unsigned hdr_length)
{
	uint64_t flags = pkt->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (flags == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
		return true;
	if (flags == RTE_MBUF_F_RX_IP_CKSUM_BAD)
		return false;
	return checksum_fold(checksum_add(0, hdr, hdr_length)) == 0xffff;
}

/* Addresses: RFC 1812 5.3.7, RFC 1122 3.2.1.3, RFC 3927 7. */
static int
ip4_check_addrs(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	uint8_t dst_class = ip4_class(hdr->dst_be);

	if (ip4_class(hdr->src_be) & IP4_CLASS_NOT_SRC)
		return DROP_ip4_bad_src;
	if (hdr->dst_be == IP4_BROADCAST_BE)
		return DROP_ip4_broadcast;
	if (dst_class & IP4_CLASS_NOT_DST)
		return DROP_ip4_bad_dst;
	if (dst_class & IP4_CLASS_MULTICAST)
		return DROP_ip4_multicast;
	/* RFC 1812 5.3.4: a link-layer broadcast must not become a unicast. */
	if (pkt_meta(pkt)->flags & PKT_L2_GROUP)
		return DROP_ip4_l2_broadcast;
	return IP4_LOOKUP;
}

/* All checks, in the order of RFC 1812 5.2.2. @return IP4_LOOKUP or enum drop_reason */
static int
ip4_check(struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	unsigned hdr_length, total_length;

	/* (1) long enough for a header */
	if (pkt->data_len < pkt->l2_len + IP4_HDR_LENGTH)
		return DROP_ip4_truncated;
	/* (3) version; before the length of what may be no IPv4 header */
	if (hdr->version_ihl >> 4 != 4)
		return DROP_ip4_bad_version;
	/* (4) header length */
	hdr_length = ip4_hdr_length(hdr);
	if (hdr_length < IP4_HDR_LENGTH || pkt->data_len < pkt->l2_len + hdr_length)
		return DROP_ip4_bad_hdr_length;
	/* (2) checksum */
	if (!checksum_is_good(pkt, hdr, hdr_length))
		return DROP_ip4_bad_checksum;
	/* (5) total length */
	total_length = be16toh(hdr->total_length_be);
	if (total_length < hdr_length || total_length > pkt_l3_length(pkt))
		return DROP_ip4_bad_total_length;
	return ip4_check_addrs(pkt, hdr);
}

/* The common case in few instructions: what passes would pass ip4_check() too. */
static inline bool
ip4_is_plain(const struct rte_mbuf *pkt, const struct ip4_header *hdr)
{
	uint64_t checksum = pkt->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
	uint32_t length;

	if (pkt->data_len < pkt->l2_len + IP4_HDR_LENGTH)
		return false;
	length = be16toh(hdr->total_length_be);
	return hdr->version_ihl == IP4_VERSION_IHL && length >= IP4_HDR_LENGTH &&
		length <= pkt_l3_length(pkt) &&
		(ip4_class(hdr->src_be) | ip4_class(hdr->dst_be) | pkt_meta(pkt)->flags) == 0 &&
		(checksum == RTE_MBUF_F_RX_IP_CKSUM_GOOD ||
			(checksum != RTE_MBUF_F_RX_IP_CKSUM_BAD &&
				checksum_ip4_hdr_sum(hdr) == 0xffff));
}

void
ip4_no_route(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out)
{
	static const struct ip_error net = { ICMP4_UNREACHABLE, ICMP4_NET_UNREACHABLE, 0 };
	static const struct ip_error host = { ICMP4_UNREACHABLE, ICMP4_HOST_UNREACHABLE, 0 };
	static const struct ip_error admin = { ICMP4_UNREACHABLE, ICMP4_ADMIN_PROHIBITED, 0 };

	switch (type) {
	case NEXTHOP_PROHIBIT: ip_error(out, pkt, DROP_route_prohibit, admin); break;
	case NEXTHOP_BLACKHOLE: pkt_drop(out->drops, pkt, DROP_route_blackhole); break;
	case NEXTHOP_BROADCAST: pkt_drop(out->drops, pkt, DROP_ip4_broadcast); break;
	case NEXTHOP_UNREACHABLE: ip_error(out, pkt, DROP_route_unreachable, host); break;
	default: ip_error(out, pkt, DROP_ip4_no_route, net); break;
	}
}

static bool
is_link_local(const struct ip4_header *hdr)
{
	struct ip_addr src = ip_addr_from4(&hdr->src_be), dst = ip_addr_from4(&hdr->dst_be);

	return ip_addr_is_link_local(&src) || ip_addr_is_link_local(&dst);
}

/* Everything that is not simply sent on. @return whether it is to be forwarded all the same */
static __rte_noinline bool
ip4_sort_slow(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out)
{
	if (type == NEXTHOP_LOCAL) {
		pkt_vec_append(out->local, pkt);
		return false;
	}
	if (type < NEXTHOP_ATTACHED) {
		ip4_no_route(pkt, type, out);
		return false;
	}
	if (is_link_local(pkt_l3(pkt, const struct ip4_header *))) {
		pkt_drop(out->drops, pkt, DROP_ip4_link_local);
		return false;
	}
	return true;
}

/* What the fast checks leave open. @return whether it is to be looked up; else it was dropped */
static __rte_noinline bool
ip4_accept_slow(struct rte_mbuf *pkt, const struct ip4_header *hdr, const struct ip_out *out)
{
	int verdict = ip4_check(pkt, hdr);
	enum drop_reason reason;
	struct ip_error error;

	if (verdict != IP4_LOOKUP) {
		pkt_drop(out->drops, pkt, verdict);
		return false;
	}
	if (hdr->version_ihl == IP4_VERSION_IHL)
		return true;
	reason = ip4_options_check(hdr, &error);
	if (reason != 0) {
		ip_trim(pkt, be16toh(hdr->total_length_be));
		ip_error(out, pkt, reason, error);
		return false;
	}
	pkt_meta(pkt)->flags |= PKT_IP4_OPTIONS;
	return true;
}

void
ip4_input(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out)
{
	struct pkt_vec *forward = out->forward;
	uint32_t forward_count = forward->count;
	struct rte_mbuf *pkts[PKT_VEC_MAX];
	uint32_t dst_be[PKT_VEC_MAX], nexthops[PKT_VEC_MAX];
	unsigned count = 0;
	bool plain = true;

	for (uint32_t i = 0; i < in->count; i++) {
		struct rte_mbuf *pkt = in->pkts[i];
		const struct ip4_header *hdr = pkt_l3(pkt, const struct ip4_header *);

		if (unlikely(!ip4_is_plain(pkt, hdr))) {
			if (!ip4_accept_slow(pkt, hdr, out))
				continue;
			plain = false;
		}
		ip_trim(pkt, be16toh(hdr->total_length_be));
		dst_be[count] = hdr->dst_be;
		pkts[count++] = pkt;
	}
	if (count == 0)
		return;
	ip4_vrf_lookup(core->vrfs, pkts, dst_be, nexthops, count);
	for (unsigned i = 0; i < count; i++) {
		enum nexthop_type type = nexthop_type_of(nexthop_get(core->nexthops, nexthops[i]));

		pkt_meta(pkts[i])->nexthop = nexthops[i];
		if (likely(type >= NEXTHOP_ATTACHED && plain) || ip4_sort_slow(pkts[i], type, out))
			forward->pkts[forward_count++] = pkts[i];
	}
	forward->count = forward_count;
}
