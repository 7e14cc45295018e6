/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules and software RSS in a worker: packets that others are to work on go to their rings.
 * For pipeline.c. */
#include "stack/worker.h"

#include <rte_branch_prediction.h>

#include "base/counter.h"

/* The worker of a packet; ours, if neither a rule nor the hash takes it. */
static unsigned
spread_worker(const struct worker *w, const struct worker_rxq *rxq, struct rte_mbuf *pkt)
{
	struct port_buckets *buckets = __atomic_load_n(&rxq->port->buckets, __ATOMIC_ACQUIRE);
	unsigned worker = 0;
	uint32_t hash = 0;

	if (rxq->flows != NULL && port_flow_lookup(rxq->flows, pkt, w->index, &worker))
		return worker;
	if (rxq->spread == NULL || !port_spread_hash(rxq->spread, pkt, &hash))
		return w->index;
	if (unlikely(buckets != NULL))
		port_bucket_count(buckets, rxq->queue, hash);
	return rxq->spread->workers[hash % PORT_SPREAD_BUCKETS];
}

static void
spread_put(struct worker *w, uint16_t port, unsigned to, struct rte_mbuf **pkts, uint32_t count)
{
	struct ring_counters *counters = &w->spread_rings[to];
	struct worker *owner = w->stack->workers[to];
	uint32_t done = rte_ring_enqueue_burst(owner->spread, (void **)pkts, count, NULL);
	uint32_t depth = rte_ring_count(owner->spread);

	counter_add(&counters->enqueued, done);
	counter_add(&counters->drops, count - done);
	if (depth > counters->high)
		counter_set(&counters->high, depth);
	/* Received by whoever goes on with them: those that nobody does, by us. */
	counter_add(&w->counters.rx, count - done);
	for (uint32_t i = done; i < count; i++)
		pipeline_drop_input(w, port, pkts[i], DROP_spread_ring_full);
}

void
pipeline_spread_out(struct worker *w, const struct worker_rxq *rxq, struct pkt_vec *vec)
{
	uint32_t count = vec->count;
	struct rte_mbuf *sorted[PKT_BURST];
	uint8_t workers[PKT_BURST];
	uint64_t others = 0;

	vec->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct rte_mbuf *pkt = vec->pkts[i];

		workers[i] = (uint8_t)spread_worker(w, rxq, pkt);
		others |= 1ULL << workers[i];
		/* Where it came in: all that its worker has to know. */
		pkt_meta(pkt)->tx_port = rxq->port->index;
	}
	others &= ~(1ULL << w->index);
	for (; others != 0; others &= others - 1) {
		unsigned to = (unsigned)__builtin_ctzll(others);
		uint32_t n = 0;

		for (uint32_t i = 0; i < count; i++) {
			if (workers[i] == to)
				sorted[n++] = vec->pkts[i];
		}
		spread_put(w, rxq->port->index, to, sorted, n);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (workers[i] == w->index)
			vec->pkts[vec->count++] = vec->pkts[i];
	}
}

uint32_t
pipeline_spread_in(struct worker *w, struct rte_mbuf **pkts)
{
	uint32_t count = rte_ring_dequeue_burst(w->spread, (void **)pkts, PKT_BURST, NULL);

	counter_add(&w->counters.spread_in, count);
	return count;
}
