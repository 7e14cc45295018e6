/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * VRFs as workers see them: where packets of each are looked up. RFC 4364 3 has the idea: addresses
 * mean something within one VRF only, so that customers may use the same.
 *
 * A packet is in the VRF of the interface that it came in by, and stays there: in it its answers and
 * errors are routed, also if a route has led it out by another VRF's interface (pkt_meta's `vrf`).
 */
#ifndef IP_IP_VRF_H
#define IP_IP_VRF_H

#include <stdint.h>

#include "pkt/flow_policy.h"
#include "pkt/pkt.h"
#include "route/route.h"

#define IP_VRF_MAX     256 /* as many as pkt_meta has room for */
#define IP_VRF_DEFAULT 0

/** Immutable once published; replaced whole under RCU. */
struct ip_vrf {
	const struct fib4 *fib4;
	const struct fib6 *fib6;
	const struct flow_policy *policy; /**< what a path depends on; NULL: the flow hash */
};

/** VRFs by index. Pointers are written by control, read by workers under RCU. */
struct ip_vrf_table {
	const struct ip_vrf *vrfs[IP_VRF_MAX];
};

/** @return NULL: it is gone; never so for an interface's */
static inline const struct ip_vrf *
ip_vrf_get(const struct ip_vrf_table *table, uint16_t index)
{
	return __atomic_load_n(&table->vrfs[index], __ATOMIC_ACQUIRE);
}

/** What decides on the path of a packet in its VRF. */
static inline const struct flow_policy *
ip_vrf_policy(const struct ip_vrf_table *table, const struct rte_mbuf *pkt)
{
	const struct ip_vrf *vrf = ip_vrf_get(table, pkt_meta(pkt)->vrf);

	return vrf != NULL ? vrf->policy : NULL;
}

/**
 * Look up packets of any VRFs, each in its own; in bulk where those of one VRF follow each other.
 * `nexthops`: ids out; NEXTHOP_ID_NO_ROUTE for packets whose VRF is gone.
 * @{
 */
void ip4_vrf_lookup(const struct ip_vrf_table *table, struct rte_mbuf *const *pkts,
	const uint32_t *dst_be, uint32_t *nexthops, unsigned count);
void ip6_vrf_lookup(const struct ip_vrf_table *table, struct rte_mbuf *const *pkts,
	const uint8_t *const *dst, uint32_t *nexthops, unsigned count);
/** @} */

#endif
