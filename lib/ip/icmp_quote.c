/* SPDX-License-Identifier: BSD-3-Clause */
/* Which protocol an ICMP error is about, so that it gets to it: for icmp4.c and icmp6.c. */
#include "ip/ip_priv.h"

#include "wire/icmp.h"
#include "wire/ip6.h"

/* As far as the first segment has it. A later fragment is nobody's. */
static int
quoted_proto(enum ip_family family, const uint8_t *quoted, uint32_t length)
{
	struct ip6_chain chain;

	if (family == IP_FAMILY_4)
		return length >= IP4_HDR_LENGTH ? quoted[offsetof(struct ip4_header, proto)] : -1;
	if (length < IP6_HDR_LENGTH || ip6_chain_parse(quoted, length, &chain) < 0)
		return -1;
	return chain.proto;
}

void
icmp_error_sort(
	enum ip_family family, struct rte_mbuf *pkt, unsigned offset, const struct ip_out *out)
{
	const uint8_t *quoted =
		rte_pktmbuf_mtod_offset(pkt, const uint8_t *, offset) + ICMP_HDR_LENGTH;

	switch (quoted_proto(family, quoted, pkt->data_len - offset - ICMP_HDR_LENGTH)) {
	case IP_PROTO_UDP: pkt_vec_append(out->udp_errors, pkt); break;
	case IP_PROTO_TCP: pkt_vec_append(out->tcp_errors, pkt); break;
	case IP_PROTO_SCTP: pkt_vec_append(out->sctp_errors, pkt); break;
	default: pkt_punt(out->punts, pkt, PUNT_ICMP); break;
	}
}
