/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which worker the packets of a flow come to, told to workers that begin one, so that they choose a port
 * for which that is they: RFC 6056, by lib/ephemeral. It is advice: what comes to others all the same
 * is handed over, as it is while a change is under way.
 */
#include "stack/worker.h"

#include <limits.h>

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

static void
affinity_fill(const struct stack *stack, const struct port *port, struct port_affinity *affinity)
{
	const struct port_rss *rss = &port->rss;

	affinity->bucket_count = rss->reta_size;
	for (unsigned i = 0; i < rss->reta_size; i++) {
		unsigned worker = port->spread != NULL
			? rss->reta[i]
			: stack_rxq_worker(stack, port, rss->reta[i]);

		affinity->bucket_workers[i] = (uint16_t)worker;
		if (worker < WORKER_MAX)
			affinity->workers |= UINT64_C(1) << worker;
	}
}

/* @return NULL: nothing is known of it, or there is no memory */
static struct port_affinity *
affinity_create(const struct stack *stack, const struct port *port)
{
	struct port_affinity *affinity;

	if (stack->worker_count == 1 || port == NULL || !port->up || port->rss.reta_size == 0 ||
		!port_rss_is_flow_hash(&port->rss, stack->toeplitz.key))
		return NULL;
	affinity = rte_zmalloc("affinity", sizeof(*affinity), 64);
	if (affinity != NULL)
		affinity_fill(stack, port, affinity);
	return affinity;
}

static bool
is_same(const struct port_affinity *a, const struct port_affinity *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->bucket_count == b->bucket_count &&
		memcmp(a->bucket_workers, b->bucket_workers, sizeof(a->bucket_workers)) == 0;
}

void
stack_affinity_update(struct stack *stack, unsigned port)
{
	struct port_affinity *old = stack->affinities[port];
	struct port_affinity *affinity = affinity_create(stack, stack->ports.ports[port]);

	if (is_same(old, affinity)) {
		rte_free(affinity);
		return;
	}
	__atomic_store_n(&stack->affinities[port], affinity, __ATOMIC_RELEASE);
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	rte_free(old);
}

bool
stack_affinity_get(
	const struct stack *stack, uint16_t port, unsigned worker, struct ephemeral_rss *rss)
{
	const struct port_affinity *affinity = port < PORT_MAX
		? __atomic_load_n(&stack->affinities[port], __ATOMIC_ACQUIRE)
		: NULL;

	if (affinity == NULL || (affinity->workers >> worker & 1) == 0)
		return false;
	*rss = (struct ephemeral_rss){
		.toeplitz = &stack->toeplitz,
		.bucket_workers = affinity->bucket_workers,
		.bucket_count = affinity->bucket_count,
		.worker = (uint16_t)worker,
	};
	return true;
}

void
stack_affinities_destroy(struct stack *stack)
{
	for (unsigned i = 0; i < PORT_MAX; i++)
		rte_free(stack->affinities[i]);
}
