/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What interfaces send and lose. Called by pipeline.c where packets leave. Most of what a port's
 * interface sends and receives is in the counters of the port's queues: here is what these cannot
 * tell, VLANs and groups. What is received is counted by ether_input.
 */
#include "stack/worker.h"

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

#include "base/counter.h"

/* The interface that a frame of ours leaves by. */
static const struct iface *
frame_iface(const struct worker *w, unsigned port, const struct rte_mbuf *pkt, bool *vlan)
{
	struct vlan_tags tags;
	uint16_t type;

	vlan_hdr_parse(rte_pktmbuf_mtod(pkt, const uint8_t *), pkt->data_len, &tags, &type);
	*vlan = tags.count > 0;
	return *vlan ? iface_by_vlan(w->ip.ifaces, (uint16_t)port, &tags)
		     : iface_by_port(w->ip.ifaces, (uint16_t)port);
}

static inline bool
frame_is_plain(const struct ether_hdr *hdr)
{
	return hdr->type_be != RTE_BE16(ETHER_TYPE_VLAN) &&
		hdr->type_be != RTE_BE16(ETHER_TYPE_QINQ) && !mac_addr_is_group(&hdr->dst);
}

/* @param times 1, or -1 to take back */
static __rte_noinline void
frame_count(struct worker *w, unsigned port, const struct rte_mbuf *pkt, uint64_t times)
{
	const struct ether_hdr *hdr = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	struct iface_counters *counters;
	bool vlan;
	const struct iface *iface = frame_iface(w, port, pkt, &vlan);

	if (iface == NULL)
		return;
	counters = worker_iface_counters(w, iface->index);
	if (counters == NULL)
		return;
	if (mac_addr_is_group(&hdr->dst))
		counter_add(mac_addr_is_broadcast(&hdr->dst) ? &counters->tx_broadcast
							     : &counters->tx_multicast,
			times);
	if (vlan) {
		counter_add(&counters->tx_packets, times);
		counter_add(&counters->tx_bytes, times * pkt->pkt_len);
	}
}

void
pipeline_count_tx(struct worker *w, unsigned port, const struct pkt_vec *vec)
{
	for (uint32_t i = 0; i < vec->count; i++) {
		if (!frame_is_plain(rte_pktmbuf_mtod(vec->pkts[i], const struct ether_hdr *)))
			frame_count(w, port, vec->pkts[i], 1);
	}
}

void
pipeline_count_unsent(struct worker *w, unsigned port, const struct pkt_vec *drops, uint32_t from)
{
	for (uint32_t i = from; i < drops->count; i++) {
		if (!frame_is_plain(rte_pktmbuf_mtod(drops->pkts[i], const struct ether_hdr *)))
			frame_count(w, port, drops->pkts[i], UINT64_MAX);
	}
}

void
pipeline_drops_output(struct worker *w, unsigned port, const struct pkt_vec *drops, uint32_t from)
{
	for (uint32_t i = from; i < drops->count; i++) {
		bool vlan;
		const struct iface *iface = frame_iface(w, port, drops->pkts[i], &vlan);

		pkt_meta(drops->pkts[i])->iface = iface != NULL ? iface->index : PKT_IFACE_NONE;
	}
}

void
pipeline_drop_input(struct worker *w, uint16_t port, struct rte_mbuf *pkt, enum drop_reason reason)
{
	const struct iface *iface = iface_by_port(w->ip.ifaces, port);

	pkt_meta_init(pkt, iface != NULL ? iface->index : PKT_IFACE_NONE, 0);
	if (iface != NULL)
		ether_input_count(pkt, false, w->iface_counters);
	pkt_drop(&w->vecs.drops, pkt, reason);
}
