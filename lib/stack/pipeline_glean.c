/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that were punted for want of an adjacency come back by the inject ring, later than those
 * that found one. So that they are not overtaken, an adjacency is NEXTHOP_RESOLVED at first: packets
 * for it are punted like those before them, until nothing that this worker has punted is on its
 * way any more; from then on they are sent from here, until the control thread has made it
 * NEXTHOP_GATEWAY (stack_settle.c). Called by pipeline.c.
 */
#include "stack/worker.h"

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

/* After the type: what was held is on the ring before an adjacency is there to be seen. */
static bool
nothing_is_on_its_way(const struct worker *w)
{
	return __atomic_load_n(&w->punts_done, __ATOMIC_ACQUIRE) == w->counters.punted &&
		rte_ring_empty(w->inject);
}

void
pipeline_glean_take(struct worker *w)
{
	struct pkt_vec *punts = &w->vecs.punts;
	uint32_t count = punts->count, kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = punts->pkts[i];

		/* Behind one that is punted all are. */
		if (kept == 0 && pipeline_glean_is_over(w, pkt) && nothing_is_on_its_way(w))
			pipeline_glean_pass(w, pkt);
		else
			punts->pkts[kept++] = pkt;
	}
	punts->count = kept;
}
