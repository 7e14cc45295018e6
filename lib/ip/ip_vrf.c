/* SPDX-License-Identifier: BSD-3-Clause */
/* Lookups of vectors in which packets of several VRFs may be: for ip*_input and ip*_route. */
#include "ip/ip_vrf.h"

#include <string.h>

_Static_assert(NEXTHOP_ID_NO_ROUTE == 0, "what is not found is set to zero");

/* How many packets from the first on are of its VRF. */
static unsigned
run_length(struct rte_mbuf *const *pkts, unsigned count)
{
	const uint8_t vrf = pkt_meta(pkts[0])->vrf;
	unsigned i = 1;

	while (i < count && pkt_meta(pkts[i])->vrf == vrf)
		i++;
	return i;
}

void
ip4_vrf_lookup(const struct ip_vrf_table *table, struct rte_mbuf *const *pkts,
	const uint32_t *dst_be, uint32_t *nexthops, unsigned count)
{
	for (unsigned i = 0, run; i < count; i += run) {
		const struct ip_vrf *vrf = ip_vrf_get(table, pkt_meta(pkts[i])->vrf);

		run = run_length(pkts + i, count - i);
		if (likely(vrf != NULL))
			fib4_lookup_bulk(vrf->fib4, dst_be + i, nexthops + i, run);
		else
			memset(nexthops + i, 0, run * sizeof(*nexthops));
	}
}

void
ip6_vrf_lookup(const struct ip_vrf_table *table, struct rte_mbuf *const *pkts,
	const uint8_t *const *dst, uint32_t *nexthops, unsigned count)
{
	for (unsigned i = 0, run; i < count; i += run) {
		const struct ip_vrf *vrf = ip_vrf_get(table, pkt_meta(pkts[i])->vrf);

		run = run_length(pkts + i, count - i);
		if (likely(vrf != NULL))
			fib6_lookup_bulk(vrf->fib6, dst + i, nexthops + i, run);
		else
			memset(nexthops + i, 0, run * sizeof(*nexthops));
	}
}
