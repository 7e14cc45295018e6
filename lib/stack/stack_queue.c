/* SPDX-License-Identifier: BSD-3-Clause */
/* Which worker serves which queue, and how that changes under traffic. */
#include "stack/worker.h"

#include <limits.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "base/counter.h"
#include "stack/stack_hook.h"

/* What a NIC has taken in but not yet written to a queue's ring is there after this. */
#define RXQ_SETTLE_US 100

unsigned
stack_rxq_worker(const struct stack *stack, const struct port *port, uint16_t queue)
{
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker_queues *queues = stack->workers[i]->queues;

		for (unsigned j = 0; j < queues->rxq_count; j++) {
			if (queues->rxqs[j].port == port && queues->rxqs[j].queue == queue)
				return i;
		}
	}
	return UINT_MAX;
}

unsigned
stack_txq_worker(const struct stack *stack, const struct port *port, uint16_t queue)
{
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker_txq *txq = &stack->workers[i]->queues->txqs[port->index];

		if (txq->port == port && txq->queue == queue && txq->owner == i)
			return i;
	}
	return UINT_MAX;
}

/* ---- the lists that workers read ---- */

static void
queues_free(const struct stack *stack, struct worker_queues *const *queues)
{
	for (unsigned i = 0; i < stack->worker_count; i++)
		rte_free(queues[i]);
}

/* Publish new queue lists and wait until no worker uses the old ones. */
static void
queues_publish(struct stack *stack, struct worker_queues *const *changed)
{
	struct worker_queues *old[WORKER_MAX] = { NULL };

	for (unsigned i = 0; i < stack->worker_count; i++) {
		old[i] = stack->workers[i]->queues;
		__atomic_store_n(&stack->workers[i]->queues, changed[i], __ATOMIC_RELEASE);
	}
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	queues_free(stack, old);
}

/* Copies of the queue lists without a port. */
static int
queues_copy(struct stack *stack, const struct port *port, struct worker_queues **copies,
	struct error *err)
{
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker *w = stack->workers[i];
		struct worker_queues *copy =
			rte_zmalloc_socket("queues", sizeof(*copy), 64, w->numa_node);

		copies[i] = copy;
		if (copy == NULL) {
			while (i > 0)
				rte_free(copies[--i]);
			return error_set(err, ENOMEM, "no memory for queue lists");
		}
		memcpy(copy->txqs, w->queues->txqs, sizeof(copy->txqs));
		if (copy->txqs[port->index].port == port)
			copy->txqs[port->index] = (struct worker_txq){ 0 };
		for (unsigned j = 0; j < w->queues->rxq_count; j++) {
			if (w->queues->rxqs[j].port != port)
				copy->rxqs[copy->rxq_count++] = w->queues->rxqs[j];
		}
	}
	return 0;
}

static int
rxqs_assign(struct port *port, const unsigned *workers, struct worker_queues *const *queues,
	struct error *err)
{
	for (uint16_t q = 0; q < port->config.rxq_count; q++) {
		struct worker_queues *list;

		if (workers[q] == UINT_MAX)
			continue;
		list = queues[workers[q]];
		// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): each worker has a list
		if (list->rxq_count == RTE_DIM(list->rxqs))
			return error_set(err, ENOSPC, "a worker can poll %zu rx queues at most",
				RTE_DIM(list->rxqs));
		list->rxqs[list->rxq_count++] =
			(struct worker_rxq){ port, q, port->flows, port->spread };
	}
	return 0;
}

/* A tx queue a worker; with fewer, some workers hand their packets to the owner of one. */
static void
txqs_assign(const struct stack *stack, struct port *port, struct worker_queues *const *queues)
{
	uint16_t count = port->config.txq_count;

	for (unsigned i = 0; i < stack->worker_count && count > 0; i++)
		queues[i]->txqs[port->index] = (struct worker_txq){
			.port = port,
			.queue = i % count,
			.owner = i % count,
		};
}

/* The lists with the port's queues as `workers` says; not published. */
static int
queues_prepare(struct stack *stack, struct port *port, const unsigned *workers,
	struct worker_queues **queues, struct error *err)
{
	int rc = queues_copy(stack, port, queues, err);

	if (rc < 0 || workers == NULL)
		return rc;
	txqs_assign(stack, port, queues);
	rc = rxqs_assign(port, workers, queues, err);
	if (rc < 0)
		queues_free(stack, queues);
	return rc;
}

int
stack_queues_set(struct stack *stack, struct port *port, const unsigned *workers, struct error *err)
{
	struct worker_queues *queues[WORKER_MAX] = { NULL };
	int rc = queues_prepare(stack, port, workers, queues, err);

	if (rc < 0)
		return rc;
	__atomic_store_n(&port->up, workers != NULL, __ATOMIC_RELEASE);
	queues_publish(stack, queues);
	stack_affinity_update(stack, port->index);
	return 0;
}

int
stack_rxqs_pause(struct stack *stack, struct port *port, uint64_t paused, const unsigned *after,
	struct rxq_pause *pause, struct error *err)
{
	struct worker_queues *queues[WORKER_MAX] = { NULL };
	unsigned workers[PORT_QUEUE_MAX] = { 0 };
	int rc;

	*pause = (struct rxq_pause){ 0 };
	rc = queues_prepare(stack, port, after, pause->queues, err);
	if (rc < 0)
		return rc;
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		workers[q] = paused & 1ULL << q ? UINT_MAX : stack_rxq_worker(stack, port, q);
	rc = queues_prepare(stack, port, workers, queues, err);
	if (rc < 0) {
		queues_free(stack, pause->queues);
		return rc;
	}
	queues_publish(stack, queues);
	stack_rings_drain(stack);
	return 0;
}

void
stack_rxqs_resume(struct stack *stack, const struct rxq_pause *pause)
{
	queues_publish(stack, pause->queues);
}

/* ---- the map of rx queues ---- */

static unsigned
least_loaded(const struct stack *stack, const unsigned *load)
{
	unsigned best = 0;

	for (unsigned i = 1; i < stack->worker_count; i++) {
		if (load[i] < load[best])
			best = i;
	}
	return best;
}

void
stack_rxqs_fill(const struct stack *stack, const struct port *port, unsigned *workers)
{
	unsigned load[WORKER_MAX] = { 0 };

	for (unsigned i = 0; i < stack->worker_count; i++) {
		const struct worker_queues *queues = stack->workers[i]->queues;

		for (unsigned j = 0; j < queues->rxq_count; j++)
			load[i] += queues->rxqs[j].port != port;
	}
	for (uint16_t q = 0; q < port->rxq_used; q++) {
		if (workers[q] == UINT_MAX && (port->rxq_pinned & 1ULL << q))
			workers[q] = port->rxq_workers[q];
		if (workers[q] != UINT_MAX)
			load[workers[q]]++;
	}
	for (uint16_t q = 0; q < port->rxq_used; q++) {
		if (workers[q] != UINT_MAX)
			continue;
		workers[q] = least_loaded(stack, load);
		load[workers[q]]++;
	}
}

void
stack_rxqs_choose(const struct stack *stack, const struct port *port, unsigned *workers)
{
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		workers[q] = UINT_MAX;
	stack_rxqs_fill(stack, port, workers);
}

void
stack_rxqs_get(const struct stack *stack, const struct port *port, unsigned *workers)
{
	for (uint16_t q = 0; q < port->config.rxq_count; q++)
		workers[q] = stack_rxq_worker(stack, port, q);
}

/* ---- waiting, so that no packet overtakes another of its flow ---- */

static uint64_t
spread_to(const struct stack *stack, unsigned worker)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < stack->worker_count; i++)
		sum += counter_read(&stack->workers[i]->spread_rings[worker].enqueued);
	return sum;
}

static uint64_t
handoff_to(const struct stack *stack, unsigned worker)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < stack->worker_count; i++)
		sum += counter_read(&stack->workers[i]->handoff_rings[worker].enqueued);
	return sum;
}

void
stack_rings_drain(const struct stack *stack)
{
	if (!stack->running)
		return;
	/* In the order in which a packet may pass both. */
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const uint64_t spread = spread_to(stack, i);

		while (counter_read(&stack->workers[i]->counters.spread_in) < spread)
			stack_hook_wait(stack);
	}
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	for (unsigned i = 0; i < stack->worker_count; i++) {
		const uint64_t handed = handoff_to(stack, i);

		while (counter_read(&stack->workers[i]->counters.handoff_in) < handed)
			stack_hook_wait(stack);
	}
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
}

/* What a queue's poller had counted at some time. */
struct rxq_mark {
	const struct worker *poller; /* NULL: there is none */
	uint64_t packets, polls_empty, loops;
};

static void
rxq_mark(const struct stack *stack, const struct port *port, uint16_t queue, struct rxq_mark *mark)
{
	const struct port_queue_counters *counters = &port->rxq_counters[queue];
	unsigned worker = stack_rxq_worker(stack, port, queue);

	*mark = (struct rxq_mark){ .poller = worker != UINT_MAX ? stack->workers[worker] : NULL };
	mark->packets = counter_read(&counters->packets);
	mark->polls_empty = counter_read(&counters->polls_empty);
	if (mark->poller != NULL)
		mark->loops = counter_read(&mark->poller->counters.loops);
}

/* A poll that found nothing after the mark, or as many packets as the queue can have held then. */
static bool
rxq_is_past(const struct port *port, uint16_t queue, const struct rxq_mark *mark)
{
	const struct port_queue_counters *counters = &port->rxq_counters[queue];
	uint64_t held = port->config.rxd_count + PKT_BURST;

	/* The first of two empty polls may have looked before the mark was taken. */
	if (counter_read(&counters->polls_empty) >= mark->polls_empty + 2 ||
		counter_read(&counters->packets) >= mark->packets + held)
		return true;
	/* Each loop polls it, and counts one or the other: if so many did not, it is not polled. By
	 * loops and not by time: a worker may have no CPU for a while. */
	return mark->poller == NULL ||
		counter_read(&mark->poller->counters.loops) > mark->loops + held + 2;
}

void
stack_rxqs_drain(const struct stack *stack, const struct port *port, uint64_t queues)
{
	struct rxq_mark marks[PORT_QUEUE_MAX];

	if (!stack->running || !port->up)
		return;
	rte_delay_us_block(RXQ_SETTLE_US);
	for (uint16_t q = 0; q < port->rxq_used; q++)
		rxq_mark(stack, port, q, &marks[q]);
	for (uint16_t q = 0; q < port->rxq_used; q++) {
		while ((queues & 1ULL << q) && !rxq_is_past(port, q, &marks[q]))
			stack_hook_wait(stack);
	}
	/* They are out of their loops, and out of the rings that they were put on. */
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	stack_rings_drain(stack);
}

int
stack_rxq_set_worker(
	struct stack *stack, const char *name, uint16_t queue, unsigned worker, struct error *err)
{
	unsigned workers[PORT_QUEUE_MAX] = { 0 };
	struct rxq_pause pause;
	struct port *port;
	int rc = stack_port_find(stack, name, &port, err);

	if (rc < 0)
		return rc;
	if (queue >= port->rxq_used)
		return error_set(err, EINVAL, "%s has %u rx queues: 0 to %u", name, port->rxq_used,
			port->rxq_used - 1);
	if (worker >= stack->worker_count)
		return error_set(err, EINVAL, "no worker %u: 'worker show' lists them", worker);
	stack_rxqs_get(stack, port, workers);
	if (port->up && workers[queue] != worker) {
		workers[queue] = worker;
		/* What rules lead to the queue moves with it, whichever queue it comes in by. */
		if (port->flows != NULL) {
			rc = stack_flow_table_set(stack, port, workers, err);
		} else {
			rc = stack_rxqs_pause(stack, port, 1ULL << queue, workers, &pause, err);
			if (rc == 0)
				stack_rxqs_resume(stack, &pause);
		}
		if (rc < 0)
			return rc;
	}
	port->rxq_pinned |= 1ULL << queue;
	port->rxq_workers[queue] = (uint8_t)worker;
	return 0;
}
