/* SPDX-License-Identifier: BSD-3-Clause */
/* What the workers count, summed for the control thread without stopping them. */
#include "stack/worker.h"

#include <sched.h>

#include <rte_lcore.h>

#include "base/counter.h"

static void
flow_add(struct flow_stats *flow, const struct worker *w)
{
	const struct worker_counters *c = &w->counters;

	flow->rx += counter_read(&c->rx);
	flow->originated += counter_read(&w->ip.counters.originated);
	flow->injected += counter_read(&c->injected);
	flow->split +=
		counter_read(&w->ip.counters.fragments) - counter_read(&w->ip.counters.fragmented);
	flow->merged += counter_read(&w->ip.counters.merged);
	flow->held += counter_read(&w->ip.counters.held);
	flow->tx += counter_read(&c->tx);
	flow->delivered += counter_read(&w->ip.counters.delivered);
	flow->punted += counter_read(&c->punted);
	flow->dropped_own += counter_read(&c->dropped_own);
	flow->punted_own += counter_read(&c->punted_own);
	for (unsigned i = 0; i < DROP_REASON_COUNT; i++)
		flow->dropped += counter_read(&c->drops[i]);
	flow->in_transit += counter_read(&c->handoff_out) - counter_read(&c->handoff_in);
	flow->in_handover += counter_read(&c->handover_out) - counter_read(&c->handover_in);
}

static void
ip_add(struct ip_counters *sum, const struct ip_counters *c)
{
	sum->forwarded4 += counter_read(&c->forwarded4);
	sum->forwarded6 += counter_read(&c->forwarded6);
	sum->delivered += counter_read(&c->delivered);
	sum->originated += counter_read(&c->originated);
	sum->reassembled += counter_read(&c->reassembled);
	sum->merged += counter_read(&c->merged);
	sum->held += counter_read(&c->held);
	sum->datagrams += counter_read(&c->datagrams);
	sum->reassembly_timeouts += counter_read(&c->reassembly_timeouts);
	sum->reassembly_evicted += counter_read(&c->reassembly_evicted);
	sum->fragmented += counter_read(&c->fragmented);
	sum->fragments += counter_read(&c->fragments);
	sum->errors_sent += counter_read(&c->errors_sent);
	sum->errors_limited += counter_read(&c->errors_limited);
	sum->errors_suppressed += counter_read(&c->errors_suppressed);
	sum->errors_nomem += counter_read(&c->errors_nomem);
}

/* The one CPU that a worker is pinned to, or -1. */
static int
worker_cpu(const struct worker *w)
{
	rte_cpuset_t set = rte_lcore_cpuset(w->lcore);

	if (CPU_COUNT(&set) != 1)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set))
			return cpu;
	}
	return -1;
}

static void
worker_stats_add(const struct worker *w, struct worker_stats *stats)
{
	const struct worker_counters *c = &w->counters;

	stats->lcore = w->lcore;
	stats->numa_node = w->numa_node;
	stats->cpu = worker_cpu(w);
	stats->rxqs += w->queues->rxq_count;
	stats->loops += counter_read(&c->loops);
	stats->loops_idle += counter_read(&c->loops_idle);
	stats->sleeps += counter_read(&c->sleeps);
	stats->cycles_busy += counter_read(&c->cycles_busy);
	stats->cycles_idle += counter_read(&c->cycles_idle);
	flow_add(&stats->flow, w);
	ip_add(&stats->ip, &w->ip.counters);
}

/* The workers that an index stands for: one, or all. */
static unsigned
worker_range(const struct stack *stack, unsigned worker, unsigned *first)
{
	*first = worker < stack->worker_count ? worker : 0;
	return worker < stack->worker_count ? worker + 1 : stack->worker_count;
}

void
stack_worker_stats(const struct stack *stack, unsigned worker, struct worker_stats *stats)
{
	unsigned first, end = worker_range(stack, worker, &first);
	struct flow_stats *flow = &stats->flow;

	*stats = (struct worker_stats){ 0 };
	for (unsigned i = first; i < end; i++)
		worker_stats_add(stack->workers[i], stats);
	/* What was handed off was forwarded, and what was taken over was not here. */
	flow->forwarded = flow->tx + flow->in_transit -
		(flow->originated + flow->injected + flow->split - flow->dropped_own -
			flow->punted_own);
}

void
stack_stage_stats(const struct stack *stack, unsigned worker, struct stage_stats stats[STAGE_COUNT])
{
	unsigned first, end = worker_range(stack, worker, &first);

	memset(stats, 0, sizeof(*stats) * STAGE_COUNT);
	for (unsigned i = first; i < end; i++) {
		for (unsigned s = 0; s < STAGE_COUNT; s++) {
			const struct stage_stats *c = &stack->workers[i]->counters.stages[s];

			stats[s].packets += counter_read(&c->packets);
			stats[s].vectors += counter_read(&c->vectors);
			stats[s].cycles += counter_read(&c->cycles);
		}
	}
}

static void
stage_clear_run(struct worker *w, struct worker_msg *msg)
{
	(void)msg;
	for (unsigned s = 0; s < STAGE_COUNT; s++) {
		counter_set(&w->counters.stages[s].packets, 0);
		counter_set(&w->counters.stages[s].vectors, 0);
		counter_set(&w->counters.stages[s].cycles, 0);
	}
	counter_set(&w->counters.cycles_busy, 0);
	counter_set(&w->counters.cycles_idle, 0);
}

/* Only a worker may write its counters: it clears them itself. */
void
stack_stage_clear(struct stack *stack)
{
	struct worker_msg msg = { .run = stage_clear_run };

	for (unsigned i = 0; i < stack->worker_count; i++)
		mailbox_call(stack->workers[i], &msg);
}

void
stack_drops_total(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT])
{
	for (unsigned r = 0; r < DROP_REASON_COUNT; r++) {
		drops[r] = stack->counters.drops[r];
		for (unsigned i = 0; i < stack->worker_count; i++)
			drops[r] += counter_read(&stack->workers[i]->counters.drops[r]);
	}
}

void
stack_drops(const struct stack *stack, uint64_t drops[DROP_REASON_COUNT])
{
	stack_drops_total(stack, drops);
	for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
		drops[r] -= stack->drops_base[r];
}

/* The workers' counters go on, so that packets in stay equal to packets out. */
void
stack_drops_clear(struct stack *stack)
{
	stack_drops_total(stack, stack->drops_base);
}

/* What workers sent, and what control held meanwhile. */
static struct nexthop_counters
nexthop_total(const struct stack *stack, uint32_t id)
{
	struct nexthop_counters sum = stack->nexthop_held[id];

	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct nexthop_counters *c = &stack->workers[i]->nexthop_counters[id];

		sum.packets += counter_read(&c->packets);
		sum.bytes += counter_read(&c->bytes);
	}
	return sum;
}

void
stack_nexthop_counters_base(struct stack *stack, uint32_t id)
{
	stack->nexthop_base[id] = nexthop_total(stack, id);
	stack->nexthop_seen[id] = stack->nexthop_base[id].packets - stack->nexthop_held[id].packets;
}

static void
nexthop_add(const struct stack *stack, uint32_t id, struct nexthop_counters *sum)
{
	struct nexthop_counters total = nexthop_total(stack, id);

	sum->packets += total.packets - stack->nexthop_base[id].packets;
	sum->bytes += total.bytes - stack->nexthop_base[id].bytes;
}

void
stack_nexthop_counters(const struct stack *stack, uint32_t id, struct nexthop_counters *sum)
{
	const struct nexthop *nexthop = nexthop_get(nexthop_table_array(stack->nexthops), id);

	*sum = (struct nexthop_counters){ 0 };
	if (nexthop->type != NEXTHOP_GROUP) {
		nexthop_add(stack, id, sum);
		return;
	}
	for (uint32_t i = 0; i < nexthop->group->path_count; i++)
		nexthop_add(stack, nexthop->group->paths[i].nexthop, sum);
}

void
stack_nexthop_clear(struct stack *stack)
{
	for (uint32_t id = nexthop_next(stack->nexthops, 0); id != UINT32_MAX;
		id = nexthop_next(stack->nexthops, id + 1))
		stack->nexthop_base[id] = nexthop_total(stack, id);
}

static void
ring_counters_add(struct ring_stats *stats, const struct ring_counters *counters)
{
	uint64_t high = counter_read(&counters->high);

	stats->enqueued += counter_read(&counters->enqueued);
	stats->drops += counter_read(&counters->drops);
	if (high > stats->high)
		stats->high = (uint32_t)high;
}

void
stack_ring_stats(
	const struct stack *stack, unsigned worker, unsigned ring, struct ring_stats *stats)
{
	const struct worker *w = stack->workers[worker];
	const struct {
		const char *name;
		const struct rte_ring *ring;
		const struct ring_counters *counters; /* NULL: by producer */
	} rings[STACK_RINGS_PER_WORKER] = {
		{ "mailbox", w->mailbox, &w->mailbox_ring },
		{ "inject", w->inject, &w->inject_ring },
		{ "punt", w->punt, &w->punt_ring },
		{ "handoff", w->handoff, NULL },
		{ "spread", w->spread, NULL },
		{ "handover", w->handover, NULL },
	};

	*stats = (struct ring_stats){
		.worker = worker,
		.size = rte_ring_get_capacity(rings[ring].ring),
		.depth = rte_ring_count(rings[ring].ring),
	};
	snprintf(stats->name, sizeof(stats->name), "%s", rings[ring].name);
	if (rings[ring].counters != NULL) {
		ring_counters_add(stats, rings[ring].counters);
		return;
	}
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker *from = stack->workers[i];
		const struct ring_counters *counters = &from->handoff_rings[worker];

		if (rings[ring].ring == w->spread)
			counters = &from->spread_rings[worker];
		else if (rings[ring].ring == w->handover)
			counters = &from->handover_rings[worker];
		ring_counters_add(stats, counters);
	}
}

void
stack_pool_stats(const struct stack *stack, unsigned worker, struct pool_stats *stats)
{
	const struct worker *w = stack->workers[worker];

	*stats = (struct pool_stats){
		.size = w->pool->size,
		.available = rte_mempool_avail_count(w->pool),
		.numa_node = w->numa_node,
		.bytes = (uint64_t)w->pool->size *
			(w->pool->header_size + w->pool->elt_size + w->pool->trailer_size),
	};
}
