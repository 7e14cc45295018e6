/* SPDX-License-Identifier: BSD-3-Clause */
/* The rx edge: a burst from a queue into a vector. Called by pipeline.c before ether_input. */
#include "port/port.h"

#include <rte_branch_prediction.h>
#include <rte_prefetch.h>

#include "base/counter.h"

/* A pass over the burst that ports with honest drivers do not need. */
static void
flags_clear(struct rte_mbuf *const *pkts, uint16_t count, uint64_t clear)
{
	for (uint16_t i = 0; i < count; i++)
		pkts[i]->ol_flags &= ~clear;
}

/* By the hash as the device gave it: before it may be cleared. */
static void
buckets_count(
	struct port_buckets *buckets, uint16_t queue, struct rte_mbuf *const *pkts, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		if (pkts[i]->ol_flags & RTE_MBUF_F_RX_RSS_HASH)
			port_bucket_count(buckets, queue, pkts[i]->hash.rss);
	}
}

void
port_rx(struct port *port, uint16_t queue, struct pkt_vec *vec)
{
	struct port_queue_counters *counters = &port->rxq_counters[queue];
	uint64_t clear = __atomic_load_n(&port->rx_flags_clear, __ATOMIC_RELAXED);
	uint16_t count = port->ops->rx(port->driver, queue, vec->pkts, PKT_BURST);
	struct port_buckets *buckets = __atomic_load_n(&port->buckets, __ATOMIC_ACQUIRE);
	uint64_t bytes = 0;

	vec->count = count;
	if (count == 0) {
		counter_add(&counters->polls_empty, 1);
		return;
	}
	/* The driver has just written the first line of each mbuf; the headers, and the line with
	 * struct pkt_meta, come from further away and are what ether_input touches first. */
	for (uint16_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = vec->pkts[i];

		rte_prefetch0(rte_pktmbuf_mtod(pkt, const void *));
		rte_mbuf_prefetch_part2(pkt);
		bytes += pkt->pkt_len;
	}
	if (unlikely(buckets != NULL) && (port->offloads & PORT_RX_RSS_HASH) != 0)
		buckets_count(buckets, queue, vec->pkts, count);
	if (unlikely(clear != 0))
		flags_clear(vec->pkts, count, clear);
	counter_add(&counters->packets, count);
	counter_add(&counters->bytes, bytes);
	counter_add(&counters->bursts, 1);
	counter_add(&counters->polls_full, count == PKT_BURST);
}
