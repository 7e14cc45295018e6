/* SPDX-License-Identifier: BSD-3-Clause */
/* The control thread's share of a stack's work: what is due now, and when something is due next. */
#include "stack/stack_group.h"
#include "stack/worker.h"

/* How often the control thread looks at what has no event. */
#define NEIGH_POLL_NS 10000000ULL
#define RATE_POLL_NS  1000000000ULL
#define PMTU_POLL_NS  10000000000ULL

bool
stack_poll(struct stack *stack, uint64_t now_ns)
{
	bool busy;

	stack->now_ns = now_ns;
	busy = stack_punt_poll(stack);
	busy |= stack_settle_poll(stack);
	stack_group_follow(stack);
	nexthop_table_reclaim(stack->nexthops);
	if (now_ns - stack->neigh_polled_ns >= NEIGH_POLL_NS) {
		stack->neigh_polled_ns = now_ns;
		stack_neigh_poll(stack);
		stack_failover_poll(stack);
		/* What these changed of the routes. */
		stack_group_follow(stack);
	}
	if (now_ns - stack->pmtu_polled_ns >= PMTU_POLL_NS) {
		stack->pmtu_polled_ns = now_ns;
		ip_pmtu_expire(&stack->pmtu, now_ns);
	}
	if (now_ns - stack->link_polled_ns >= STACK_LINK_POLL_NS) {
		stack->link_polled_ns = now_ns;
		stack_link_poll(stack);
	}
	if (now_ns - stack->rates_polled_ns >= RATE_POLL_NS) {
		stack_group_retry(stack);
		stack_rates_poll(stack, now_ns - stack->rates_polled_ns);
		stack->rates_polled_ns = now_ns;
	}
	return busy;
}

/* A punt ring that is not empty is at once; rates, and ids to be used again, wait. */
uint64_t
stack_next_event_ns(const struct stack *stack)
{
	uint64_t next_ms = stack_neigh_next_ms(stack), next_ns;

	for (unsigned i = 0; i < stack->worker_count; i++) {
		if (!rte_ring_empty(stack->workers[i]->punt))
			return 0;
	}
	next_ns = next_ms > UINT64_MAX / 1000000 ? UINT64_MAX : next_ms * 1000000;
	next_ns = RTE_MIN(next_ns, stack_failover_next_ns(stack));
	if (stack->settling.count > 0)
		next_ns = 0;
	if (next_ns != UINT64_MAX)
		next_ns = RTE_MAX(next_ns, stack->neigh_polled_ns + NEIGH_POLL_NS);
	if (stack->pmtu.count > 0)
		next_ns = RTE_MIN(next_ns, stack->pmtu_polled_ns + PMTU_POLL_NS);
	if (stack_group_waits(stack))
		next_ns = RTE_MIN(next_ns, stack->rates_polled_ns + RATE_POLL_NS);
	return next_ns;
}
