/* SPDX-License-Identifier: BSD-3-Clause */
/* Fragments to datagrams, by the rules that both families share: for ip4_local and ip6_local. */
#ifndef IP_REASSEMBLY_H
#define IP_REASSEMBLY_H

#include "ip/ip_reassembly_table.h"

/* A fragment that arrived, its lengths checked: start + length is no more than a datagram has. */
struct ip_reassembly_piece {
	struct ip_reassembly_key key;
	uint32_t start, length; /* bytes of payload */
	uint32_t headers; /* bytes of the packet in front of the payload */
	uint8_t ecn; /* codepoint */
	bool more;
};

/*
 * Take a fragment. @return NULL: it is held, or was dropped; or the datagram that it completed: the
 * packet with offset 0, the others' payload behind it. Its headers are still those of a fragment.
 */
struct rte_mbuf *ip_reassembly_input(struct ip_core *core, struct rte_mbuf *pkt,
	const struct ip_reassembly_piece *piece, const struct ip_out *out);

/* A fragment of an IPv4 packet, with l3_len. @return as above, now a whole packet */
struct rte_mbuf *ip4_reassemble(
	struct ip_core *core, struct rte_mbuf *pkt, const struct ip_out *out);
/* A fragment of an IPv6 packet, whose chain was walked up to its fragment header and beyond. */
struct ip6_chain;
struct rte_mbuf *ip6_reassemble(struct ip_core *core, struct rte_mbuf *pkt,
	const struct ip6_chain *chain, const struct ip_out *out);

#endif
