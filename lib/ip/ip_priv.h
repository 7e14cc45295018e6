/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of lib/ip share. */
#ifndef IP_PRIV_H
#define IP_PRIV_H

#include "ip/ip.h"
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

/* Cut off what is behind the datagram: Ethernet's padding. */
static inline void
ip_trim(struct rte_mbuf *pkt, uint32_t datagram_length)
{
	uint32_t excess = pkt_l3_length(pkt) - datagram_length;

	if (likely(excess == 0))
		return;
	/* Padding that fills more than the last segment is no padding: rte_pktmbuf_trim() refuses. */
	if (likely(pkt->nb_segs == 1)) {
		pkt->pkt_len -= excess;
		pkt->data_len -= excess;
	} else {
		rte_pktmbuf_trim(pkt, excess);
	}
}

/* RFC 1624 for a decrement of the TTL: the checksum's complement loses what the header lost. */
static inline void
ip4_decrement_ttl(struct ip4_header *hdr)
{
	uint32_t sum = (uint32_t)hdr->checksum + RTE_BE16(0x0100);

	hdr->checksum = (uint16_t)(sum + (sum >= 0xffff));
	hdr->ttl--;
}

/* ICMP's part of local delivery. The packet's l3_len is set. */
void icmp4_input(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out);
void icmp6_input(struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out);

/* Sort a packet for which forwarding is out of the question: by the type of its nexthop. */
void ip4_no_route(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out);
void ip6_no_route(struct rte_mbuf *pkt, enum nexthop_type type, const struct ip_out *out);

#endif
