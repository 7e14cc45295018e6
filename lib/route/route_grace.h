/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Ids that workers may still see, waiting for the end of their grace period.
 *
 * A queue of (RCU token, id) in the order of removal. The control thread is its only user; it must
 * not be registered with the qsbr variable itself, or route_grace_wait() would wait for ever.
 */
#ifndef ROUTE_ROUTE_GRACE_H
#define ROUTE_ROUTE_GRACE_H

#include <stdint.h>

struct rte_rcu_qsbr;

/** Ids that wait at a time; one more, and route_grace_push() waits for the workers. */
#define ROUTE_GRACE_MAX 8192

struct route_grace_item {
	uint64_t token;
	uint32_t id;
};

struct route_grace {
	struct rte_rcu_qsbr *rcu; /**< NULL: nobody reads, ids are free at once */
	void (*done)(void *owner, uint32_t id);
	void *owner;
	struct route_grace_item *items; /**< ring of ROUTE_GRACE_MAX */
	uint32_t head, tail; /**< running; items are [head, tail) */
};

/** @return 0 or -ENOMEM */
int route_grace_init(struct route_grace *grace, struct rte_rcu_qsbr *rcu,
	void (*done)(void *owner, uint32_t id), void *owner);
/** Whatever still waits is forgotten. */
void route_grace_fini(struct route_grace *grace);
/** `id` cannot be reached any more: call `done` for it when no worker can hold it. */
void route_grace_push(struct route_grace *grace, uint32_t id);
/** Call `done` for those whose grace period is over. Never waits. */
void route_grace_reclaim(struct route_grace *grace);
/** Wait for a grace period if any id waits, and call `done` for all. */
void route_grace_wait(struct route_grace *grace);

#endif
