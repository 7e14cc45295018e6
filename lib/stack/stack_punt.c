/* SPDX-License-Identifier: BSD-3-Clause */
/* Control's end of the rings: what workers punt comes in here, what control makes goes out. */
#include "stack/worker.h"

#include "base/counter.h"

void
stack_drop(struct stack *stack, struct rte_mbuf *pkt, enum drop_reason reason)
{
	stack->counters.drops[reason]++;
	stack_iface_drop_count(stack, pkt_meta(pkt)->iface, reason);
	rte_pktmbuf_free(pkt);
}

void
stack_inject(struct stack *stack, unsigned worker, struct rte_mbuf *pkt)
{
	struct worker *w = stack->workers[worker];
	unsigned depth;

	pkt_meta(pkt)->flags |= PKT_INJECTED;
	if (rte_ring_enqueue(w->inject, pkt) < 0) {
		counter_add(&w->inject_ring.drops, 1);
		stack_drop(stack, pkt, DROP_inject_ring_full);
		return;
	}
	stack->counters.injected++;
	counter_add(&w->inject_ring.enqueued, 1);
	depth = rte_ring_count(w->inject);
	if (depth > w->inject_ring.high)
		w->inject_ring.high = depth;
}

static void
stack_punt_one(struct stack *stack, struct rte_mbuf *pkt)
{
	stack->counters.received++;
	stack_arping_input(stack, pkt);
	switch ((enum punt_reason)pkt_meta(pkt)->reason) {
	case PUNT_ARP: stack_neigh_arp_input(stack, pkt); break;
	case PUNT_RA: stack_autoconf_input(stack, pkt); break;
	case PUNT_MLD: stack_mld_input(stack, pkt); break;
	case PUNT_ND: stack_neigh_nd_input(stack, pkt); break;
	case PUNT_GLEAN: stack_neigh_glean(stack, pkt); break;
	case PUNT_ICMP:
		stack_pmtu_input(stack, pkt);
		if (pkt_meta(pkt)->flags & PKT_ABOUT_OURS)
			rte_pktmbuf_free(pkt);
		else
			stack_ping_input(stack, pkt);
		break;
	default: stack_drop(stack, pkt, DROP_punt_unknown); break;
	}
}

/* One burst of each worker, so that none is starved by another. */
bool
stack_punt_poll(struct stack *stack)
{
	struct rte_mbuf *pkts[PKT_BURST];
	bool busy = false;

	for (unsigned i = 0; i < stack->worker_count; i++) {
		unsigned count = rte_ring_dequeue_burst(
			stack->workers[i]->punt, (void **)pkts, PKT_BURST, NULL);

		for (unsigned j = 0; j < count; j++)
			stack_punt_one(stack, pkts[j]);
		if (count > 0)
			__atomic_store_n(&stack->workers[i]->punts_done,
				stack->workers[i]->punts_done + count, __ATOMIC_RELEASE);
		busy |= count > 0;
	}
	return busy;
}
