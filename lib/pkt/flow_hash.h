/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The flow hash: the NIC's RSS hash where it gave one, the same Toeplitz in software where not.
 *
 * Hashed are source and destination address, and for TCP, UDP and SCTP the ports; for fragments,
 * the first one too, only the addresses, so that a datagram stays on one path.
 */
#ifndef PKT_FLOW_HASH_H
#define PKT_FLOW_HASH_H

#include "pkt/pkt.h"
#include "wire/ip4.h"
#include "wire/toeplitz.h"

struct ip_flow;

/** Whether the ports of this protocol are part of the hash. */
static inline bool
flow_has_ports(uint8_t proto)
{
	return proto == IP_PROTO_TCP || proto == IP_PROTO_UDP || proto == IP_PROTO_SCTP;
}

/** Hash of an IPv4 packet whose header was validated; keeps it in hash.rss for who asks next. */
uint32_t flow_hash_ip4(const struct toeplitz *toeplitz, struct rte_mbuf *pkt);
/** Hash of an IPv6 packet whose fixed header was validated. */
uint32_t flow_hash_ip6(const struct toeplitz *toeplitz, struct rte_mbuf *pkt);
/** What the packets of this flow hash to. */
uint32_t flow_hash_flow(const struct toeplitz *toeplitz, const struct ip_flow *flow);

#endif
