/* SPDX-License-Identifier: BSD-3-Clause */
/* What arrived in a queue, to its worker. */
#include "cable/cable_priv.h"

#include <rte_mbuf.h>

#include "base/counter.h"

uint16_t
cable_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct cable_end *end = driver;
	struct cable_rxq *rxq = &end->rxqs[queue];
	uint64_t bytes = 0;
	unsigned n = rte_ring_dequeue_burst(rxq->ring, (void **)pkts, count, NULL);

	for (unsigned i = 0; i < n; i++)
		bytes += pkts[i]->pkt_len;
	counter_add(&rxq->packets, n);
	counter_add(&rxq->bytes, bytes);
	return (uint16_t)n;
}
