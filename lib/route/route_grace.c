/* SPDX-License-Identifier: BSD-3-Clause */
/* Deferred reuse of ids under RCU. */
#include "route/route_grace.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_rcu_qsbr.h>

/*
 * Not rte_rcu_qsbr_dq: it allocates from EAL's heap, which unit tests do not
 * start, and it reclaims at its own pace.
 */
int
route_grace_init(struct route_grace *grace, struct rte_rcu_qsbr *rcu,
	void (*done)(void *owner, uint32_t id), void *owner)
{
	*grace = (struct route_grace){ .rcu = rcu, .done = done, .owner = owner };
	if (rcu == NULL)
		return 0;
	grace->items = calloc(ROUTE_GRACE_MAX, sizeof(*grace->items));
	return grace->items != NULL ? 0 : -ENOMEM;
}

void
route_grace_fini(struct route_grace *grace)
{
	free(grace->items);
	grace->items = NULL;
}

void
route_grace_push(struct route_grace *grace, uint32_t id)
{
	struct route_grace_item *item;

	if (grace->rcu == NULL) {
		grace->done(grace->owner, id);
		return;
	}
	route_grace_reclaim(grace);
	if (grace->tail - grace->head == ROUTE_GRACE_MAX)
		route_grace_wait(grace);
	item = &grace->items[grace->tail % ROUTE_GRACE_MAX];
	item->id = id;
	item->token = rte_rcu_qsbr_start(grace->rcu);
	grace->tail++;
}

static void
grace_pop(struct route_grace *grace)
{
	const struct route_grace_item *item = &grace->items[grace->head % ROUTE_GRACE_MAX];

	grace->head++;
	grace->done(grace->owner, item->id);
}

void
route_grace_reclaim(struct route_grace *grace)
{
	while (grace->head != grace->tail) {
		uint64_t token = grace->items[grace->head % ROUTE_GRACE_MAX].token;

		if (!rte_rcu_qsbr_check(grace->rcu, token, false))
			return;
		grace_pop(grace);
	}
}

void
route_grace_wait(struct route_grace *grace)
{
	if (grace->head == grace->tail)
		return;
	rte_rcu_qsbr_synchronize(grace->rcu, RTE_QSBR_THRID_INVALID);
	while (grace->head != grace->tail)
		grace_pop(grace);
}
