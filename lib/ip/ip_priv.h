/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/ip share. */
#ifndef IP_PRIV_H
#define IP_PRIV_H

#include "ip/ip.h"
#include "wire/endian.h"
#include "wire/ip4.h"

/* An ICMP error to send: type, code, and the MTU or pointer. */
struct ip_error {
	uint8_t type, code;
	uint32_t rest;
};

/* The packet is lost for `reason`, and its sender is to hear of it. */
static inline void
ip_error(const struct ip_out *out, struct rte_mbuf *pkt, enum drop_reason reason,
	struct ip_error error)
{
	struct pkt_meta *meta = pkt_meta(pkt);

	meta->reason = reason;
	meta->icmp_type = error.type;
	meta->icmp_code = error.code;
	meta->icmp_rest = error.rest;
	pkt_vec_append(out->errors, pkt);
}

/* A packet for a transport here, whose source has this nexthop: that is not one of ours. */
static inline void
ip_local_pass(struct rte_mbuf *pkt, uint32_t source_nexthop, struct pkt_vec *transport,
	const struct ip_out *out, enum drop_reason bad_src)
{
	if (unlikely(source_nexthop == NEXTHOP_ID_LOCAL || source_nexthop == NEXTHOP_ID_BROADCAST))
		pkt_drop(out->drops, pkt, bad_src);
	else
		pkt_vec_append(transport, pkt);
}

/* Cut off what is behind the datagram: Ethernet's padding. */
static inline void
ip_trim(struct rte_mbuf *pkt, uint32_t datagram_length)
{
	uint32_t excess = pkt_l3_length(pkt) - datagram_length;

	if (unlikely(excess != 0))
		pkt_trim(pkt, excess);
}

/*
 * RFC 1624 for a decrement of the TTL: the checksum's complement loses what the header lost. TTL,
 * protocol and checksum change in one word; a carry out of the checksum comes back in.
 */
static inline void
ip4_decrement_ttl(struct ip4_header *hdr)
{
	uint32_t word;

	memcpy(&word, &hdr->ttl, sizeof(word));
	word += (word >= 0xfffe0000U ? 0x20000U : 0x10000U) - 1;
	memcpy(&hdr->ttl, &word, sizeof(word));
}

/* Whether a nexthop of this type leads over a link: others have no MTU. */
static inline bool
has_mtu(enum nexthop_type type)
{
	return type >= NEXTHOP_ATTACHED && type != NEXTHOP_GROUP;
}

/* Whether a packet with these flags is to fit all of its path, as far as that is known. */
static inline bool
is_by_path(uint8_t flags)
{
	return (flags & (PKT_ORIGINATED | PKT_PROBE)) == PKT_ORIGINATED;
}

/*
 * What is known of the path to a destination, in the VRF that it begins in: that of the interface
 * by which packets leave, and errors about them come back.
 */
static inline uint16_t
ip_path_mtu(const struct ip_core *core, const struct nexthop *nexthop, const struct ip_addr *dst)
{
	const struct iface *iface = iface_get(core->ifaces, nexthop->iface);

	if (iface == NULL)
		return nexthop->mtu;
	return (uint16_t)RTE_MIN(nexthop->mtu, ip_pmtu_lookup(core->pmtu, iface->vrf, dst));
}

/* Who made a packet may know of less: a transport that probes (RFC 8899). */
static inline uint16_t
ip_wished_mtu(const struct rte_mbuf *pkt, uint16_t mtu)
{
	const struct pkt_meta *meta = pkt_meta(pkt);

	if (likely((meta->flags & PKT_TO_CUT) == 0))
		return mtu;
	return (uint16_t)RTE_MIN(meta->icmp_rest, (uint32_t)mtu);
}

/* RFC 6864 4.3: of a datagram that may be cut on its way. */
static inline uint16_t
ip4_id_be(struct ip_core *core, uint32_t dst_be)
{
	return htobe16((uint16_t)ip_id_next(&core->ids, &dst_be, sizeof(dst_be)));
}

/* The transport's checksum, which was left to the port: no port can make it of a fragment. */
void ip_fragment_checksum(struct rte_mbuf *pkt);

/*
 * To be cut to an MTU. That is decided here, once, and stays with the packet: without an adjacency it
 * waits in one piece. @return whether it goes to be cut now
 */
static inline bool
ip_fragment_later(
	const struct ip_out *out, struct rte_mbuf *pkt, uint16_t mtu, enum nexthop_type type)
{
	if (unlikely((pkt->ol_flags & RTE_MBUF_F_TX_L4_MASK) != 0))
		ip_fragment_checksum(pkt);
	pkt_meta(pkt)->flags |= PKT_TO_CUT;
	pkt_meta(pkt)->icmp_rest = mtu;
	if (type != NEXTHOP_GATEWAY)
		return false;
	pkt_vec_append(out->fragments, pkt);
	return true;
}

/* ICMP's part of local delivery. The packet's l3_len is set. */
void icmp4_input(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out);
/* `fragmented`: it came with a fragment header, in one piece or in several. */
void icmp6_input(
	struct ip_core *core, struct rte_mbuf *pkt, bool fragmented, const struct ip_out *out);

/* An ICMP error, its header at `offset`: to the transport that it is about, or to control. */
void icmp_error_sort(
	enum ip_family family, struct rte_mbuf *pkt, unsigned offset, const struct ip_out *out);

/* Sort a packet for which forwarding is out of the question: by the type of its nexthop. */
void ip4_no_route(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out);
void ip6_no_route(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out);

/*
 * Output to what is not a gateway that is ready: to be resolved first, or dropped.
 * @return whether it was taken; else there is no way, which the family says in its own words
 */
bool ip_output_slow(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out);

#endif
