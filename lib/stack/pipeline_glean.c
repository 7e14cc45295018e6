/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that were punted for want of an adjacency come back by the inject ring, later than those
 * that found one. So that they are not overtaken, an adjacency is NEXTHOP_RESOLVED at first: packets
 * for it are punted like those before them, until nothing that this worker has punted for that
 * neighbour is on its way any more; from then on they are sent from here, until the control thread
 * has made it NEXTHOP_GATEWAY (stack_settle.c). What was punted last for a neighbour is noted by a
 * hash of its address: those that share one wait for each other, others do not. Called by pipeline.c.
 */
#include "stack/worker.h"

#include "wire/ip4.h"
#include "wire/ip6.h"

bool
pipeline_glean_is_over(const struct worker *w, const struct rte_mbuf *pkt)
{
	const struct pkt_meta *meta = pkt_meta(pkt);
	const struct nexthop *nexthop = nexthop_get(w->ip.nexthops, meta->nexthop);
	enum nexthop_type type = nexthop_type_of(nexthop);

	return meta->reason == PUNT_GLEAN && (type == NEXTHOP_RESOLVED || type == NEXTHOP_GATEWAY);
}

void
pipeline_glean_pass(struct worker *w, struct rte_mbuf *pkt)
{
	struct worker_vecs *v = &w->vecs;

	if (likely((pkt_meta(pkt)->flags & PKT_TO_CUT) == 0))
		pkt_vec_append(&v->ether, pkt);
	else if (*pkt_l3(pkt, const uint8_t *) >> 4 == 4)
		pkt_vec_append(&v->fragments4, pkt);
	else
		pkt_vec_append(&v->fragments6, pkt);
}

/* The place of the neighbour that a packet is for: its destination, or the gateway. */
static unsigned
place_of(const struct worker *w, const struct rte_mbuf *pkt)
{
	const struct nexthop *nexthop = nexthop_get(w->ip.nexthops, pkt_meta(pkt)->nexthop);
	const struct ip4_header *hdr4 = pkt_l3(pkt, const struct ip4_header *);
	const struct ip6_header *hdr6 = (const void *)hdr4;
	struct ip_addr addr = nexthop->gateway;
	uint64_t words[2];

	if (nexthop_type_of(nexthop) == NEXTHOP_ATTACHED)
		addr = hdr4->version_ihl >> 4 == 4 ? ip_addr_from4(&hdr4->dst_be)
						   : ip_addr_from6(hdr6->dst);
	memcpy(words, addr.bytes, sizeof(words));
	/* Knuth's multiplicative hash. */
	return (unsigned)(((words[0] ^ words[1]) * 0x9e3779b97f4a7c15ULL) >> 54) %
		WORKER_GLEAN_PLACES;
}

/* After the type: what was held is on the ring before an adjacency is there to be seen. */
static bool
is_on_its_way(const struct worker *w, unsigned place)
{
	return __atomic_load_n(&w->punts_done, __ATOMIC_ACQUIRE) < w->gleaned[place] ||
		!rte_ring_empty(w->inject);
}

void
pipeline_glean_take(struct worker *w)
{
	struct pkt_vec *punts = &w->vecs.punts;
	uint64_t behind[WORKER_GLEAN_PLACES / 64] = { 0 };
	uint32_t count = punts->count, kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = punts->pkts[i];
		unsigned place;

		if (pkt_meta(pkt)->reason == PUNT_GLEAN) {
			place = place_of(w, pkt);
			/* Behind one that is punted its neighbour's are. */
			if ((behind[place / 64] >> place % 64 & 1) == 0 &&
				pipeline_glean_is_over(w, pkt) && !is_on_its_way(w, place)) {
				pipeline_glean_pass(w, pkt);
				continue;
			}
			behind[place / 64] |= UINT64_C(1) << place % 64;
		}
		punts->pkts[kept++] = pkt;
	}
	punts->count = kept;
}

void
pipeline_glean_note(struct worker *w, const struct pkt_vec *punts, uint64_t last)
{
	for (uint32_t i = 0; i < punts->count; i++) {
		if (pkt_meta(punts->pkts[i])->reason == PUNT_GLEAN)
			w->gleaned[place_of(w, punts->pkts[i])] = last;
	}
}
