/* SPDX-License-Identifier: BSD-3-Clause */
/* What arrived in a queue, to its worker. */
#include "cable/cable_priv.h"

#include <rte_mbuf.h>

#include "base/counter.h"
#include "cable/cable_lro.h"

/* What is on its way may have arrived. */
static void
wire_poll(struct cable_end *end, uint16_t queue)
{
	struct cable_end *peer = cable_peer(end);
	unsigned place = cable_gate_place(end, false, queue);

	cable_gate_enter(end, place);
	if (__atomic_load_n(&end->cable->up, __ATOMIC_ACQUIRE))
		cable_medium_poll(&peer->medium, __atomic_load_n(&peer->tap, __ATOMIC_ACQUIRE),
			cable_now_ns(end->cable));
	cable_gate_leave(end, place);
}

uint16_t
cable_rx(void *driver, uint16_t queue, struct rte_mbuf **pkts, uint16_t count)
{
	struct cable_end *end = driver;
	struct cable_rxq *rxq = &end->rxqs[queue];
	const struct port_tap *tap;
	uint64_t bytes = 0;
	unsigned n;

	if (__atomic_load_n(&cable_peer(end)->medium.active, __ATOMIC_ACQUIRE))
		wire_poll(end, queue);
	n = rte_ring_dequeue_burst(rxq->ring, (void **)pkts, count, NULL);

	for (unsigned i = 0; i < n; i++)
		bytes += pkts[i]->pkt_len;
	counter_add(&rxq->packets, n);
	counter_add(&rxq->bytes, bytes);
	if ((end->offloads & PORT_RX_LRO) != 0)
		n = cable_lro(pkts, (uint16_t)n);
	tap = __atomic_load_n(&end->port_tap, __ATOMIC_ACQUIRE);
	if (unlikely(tap != NULL) && tap->rx != NULL && n > 0)
		tap->rx(tap->arg, queue, pkts, (uint16_t)n);
	return (uint16_t)n;
}
