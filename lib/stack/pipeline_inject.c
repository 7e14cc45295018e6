/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the control thread sends: frames that it made or held for a neighbour, packets to be routed,
 * and those that could not go on. Called by worker.c; pipeline.c is next.
 */
#include "stack/pipeline.h"

/* Of the link, for what a frame carries. */
static uint16_t
frame_mtu(const struct iface *iface, bool ip6)
{
	return iface->mtu6 != 0 && ip6 ? RTE_MIN(iface->mtu6, iface->mtu) : iface->mtu;
}

/*
 * One that was held for its neighbour is cut now, if that was decided before. Its link may have
 * become too small for one of which it was not: nobody is told, but by the next one.
 */
static void
inject_frame(struct worker *w, struct rte_mbuf *pkt, const struct iface *iface)
{
	struct worker_vecs *v = &w->vecs;
	const struct ether_output_out out = { v->tx, &v->tx_ports, &v->drops };
	struct pkt_meta *meta = pkt_meta(pkt);
	const bool ip6 = *pkt_l3(pkt, const uint8_t *) >> 4 == 6;
	const uint16_t mtu = frame_mtu(iface, ip6);

	if (unlikely((meta->flags & PKT_TO_CUT) != 0)) {
		meta->icmp_rest = RTE_MIN(meta->icmp_rest, (uint32_t)mtu);
		meta->tx_port = iface->port;
		pkt_vec_append(&v->frames, pkt);
	} else if (unlikely(pkt->l2_len != 0 && !ip_fits(pkt, mtu))) {
		pkt_drop(&v->drops, pkt, ip6 ? DROP_ip6_too_big : DROP_ip4_too_big);
	} else {
		ether_output_port(&out, pkt, iface->port);
	}
}

static void
inject_sort(struct worker *w, struct rte_mbuf *pkt)
{
	struct worker_vecs *v = &w->vecs;
	struct pkt_meta *meta = pkt_meta(pkt);
	const struct iface *iface = iface_get(w->ip.ifaces, meta->iface);

	switch ((enum inject_kind)meta->reason) {
	case INJECT_IP4: pkt_vec_append(&v->replies4, pkt); break;
	case INJECT_IP6: pkt_vec_append(&v->replies6, pkt); break;
	case INJECT_ERROR4:
		meta->reason = DROP_neigh_failed;
		pkt_vec_append(&v->errors4, pkt);
		break;
	case INJECT_ERROR6:
		meta->reason = DROP_neigh_failed;
		pkt_vec_append(&v->errors6, pkt);
		break;
	case INJECT_FRAME:
		if (iface == NULL || iface->port >= PORT_MAX)
			pkt_drop(&v->drops, pkt, DROP_tx_port_down);
		else
			inject_frame(w, pkt, iface);
		break;
	}
}

/* Packets that the control thread made or held: ready frames, or packets to be routed. */
bool
pipeline_inject(struct worker *w)
{
	struct rte_mbuf *pkts[PKT_BURST];
	unsigned count = rte_ring_dequeue_burst(w->inject, (void **)pkts, PKT_BURST, NULL);

	if (count == 0)
		return false;
	counter_add(&w->counters.injected, count);
	for (unsigned i = 0; i < count; i++)
		inject_sort(w, pkts[i]);
	stage_end(w, STAGE_inject, count);
	pipeline_run(w);
	return true;
}
