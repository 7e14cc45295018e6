/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What the path in a group depends on, where it is not the flow hash: chosen fields of a packet.
 *
 * Fragments of one datagram have one hash: the ports of the first one do not count.
 */
#ifndef PKT_FLOW_POLICY_H
#define PKT_FLOW_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt/flow_hash.h"

enum flow_field {
	FLOW_SRC = 1 << 0,
	FLOW_DST = 1 << 1,
	FLOW_PROTO = 1 << 2,
	FLOW_SRC_PORT = 1 << 3,
	FLOW_DST_PORT = 1 << 4,
	FLOW_LABEL = 1 << 5, /**< of IPv6: RFC 6438 */
};
#define FLOW_FIELDS_L3 (FLOW_SRC | FLOW_DST)
#define FLOW_FIELDS_L4 (FLOW_SRC | FLOW_DST | FLOW_PROTO | FLOW_SRC_PORT | FLOW_DST_PORT)

/** Immutable while workers may see it. */
struct flow_policy {
	uint8_t fields; /**< bits of enum flow_field */
	bool symmetric; /**< both directions of a flow have one hash */
	uint32_t seed;
	bool inner; /**< of a tunnel's packet: by the packet inside, where it shows */
};

/** Hash of an IPv4 packet whose header was validated. */
uint32_t flow_policy_ip4(const struct flow_policy *policy, const struct rte_mbuf *pkt);
/** Hash of an IPv6 packet whose fixed header was validated. */
uint32_t flow_policy_ip6(const struct flow_policy *policy, const struct rte_mbuf *pkt);
/** What the packets of this flow hash to; in a tunnel too, if `inner`. */
uint32_t flow_policy_flow(const struct flow_policy *policy, const struct ip_flow *flow);

/** What chooses the path of a packet; `policy` NULL: the flow hash. */
static inline uint32_t
flow_path_ip4(
	const struct flow_policy *policy, const struct toeplitz *toeplitz, struct rte_mbuf *pkt)
{
	return policy != NULL ? flow_policy_ip4(policy, pkt) : flow_hash_ip4(toeplitz, pkt);
}

static inline uint32_t
flow_path_ip6(
	const struct flow_policy *policy, const struct toeplitz *toeplitz, struct rte_mbuf *pkt)
{
	return policy != NULL ? flow_policy_ip6(policy, pkt) : flow_hash_ip6(toeplitz, pkt);
}

static inline uint32_t
flow_path_flow(const struct flow_policy *policy, const struct toeplitz *toeplitz,
	const struct ip_flow *flow)
{
	return policy != NULL ? flow_policy_flow(policy, flow) : flow_hash_flow(toeplitz, flow);
}

#endif
