/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Adjacencies that are new: workers use them freely only when nothing is on its way any more that
 * they punted for want of one (pipeline_glean.c). Called by stack_neigh_action.c and stack_poll.c.
 */
#include "stack/worker.h"

#include <rte_rcu_qsbr.h>

#include "base/counter.h"

/* In a flood there is always something on its way. */
#define SETTLE_MAX_NS 100000000ULL

static void
settle_all(struct stack *stack)
{
	struct stack_settling *settling = &stack->settling;

	for (unsigned i = 0; i < settling->count; i++)
		nexthop_settle(stack->nexthops, settling->keys[i].iface, &settling->keys[i].addr);
	settling->count = 0;
}

/*
 * Who looked at an adjacency before it was one may still be about to punt for it: all have begun a
 * loop since.
 */
static bool
all_have_seen(const struct stack *stack)
{
	return rte_rcu_qsbr_check(stack->rcu, stack->settling.token, false) == 1;
}

/*
 * Whether workers have punted nothing that is not done with, and have sent what came of it. They count
 * when it is on the ring already.
 */
static bool
is_quiet(const struct stack *stack)
{
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker *w = stack->workers[i];

		if (w->punts_done != counter_read(&w->counters.punted) ||
			!rte_ring_empty(w->punt) || !rte_ring_empty(w->inject))
			return false;
	}
	return true;
}

void
stack_settle_add(struct stack *stack, const struct neigh_key *key)
{
	struct stack_settling *settling = &stack->settling;

	/* Of one that was lost meanwhile, too. */
	settling->token = rte_rcu_qsbr_start(stack->rcu);
	for (unsigned i = 0; i < settling->count; i++) {
		if (settling->keys[i].iface == key->iface &&
			ip_addr_equal(&settling->keys[i].addr, &key->addr))
			return;
	}
	if (settling->count == STACK_SETTLING_MAX)
		settle_all(stack);
	if (settling->count == 0)
		settling->since_ns = stack->now_ns;
	settling->keys[settling->count++] = *key;
}

bool
stack_settle_poll(struct stack *stack)
{
	if (stack->settling.count == 0 ||
		(!(all_have_seen(stack) && is_quiet(stack)) &&
			stack->now_ns - stack->settling.since_ns < SETTLE_MAX_NS))
		return false;
	settle_all(stack);
	return true;
}
