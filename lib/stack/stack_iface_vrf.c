/* SPDX-License-Identifier: BSD-3-Clause */
/* An interface moves to another VRF, with all that is known by it. */
#include "stack/stack_group.h"
#include "stack/worker.h"

#include <stdlib.h>

#include <rte_rcu_qsbr.h>

static int
move_check(const struct stack *stack, const struct iface *iface, struct error *err)
{
	unsigned routes = stack_iface_routes(stack, iface->index);

	if (routes > 0)
		return error_set(err, EBUSY,
			"%u static routes go through %s: delete them first ('route show dev %s vrf "
			"%s' lists those of its VRF)",
			routes, iface->name, iface->name, stack->vrfs[iface->vrf]->name);
	return 0;
}

/*
 * First all that it brings with it is in the new VRF, then packets that come in by it, then nothing
 * is in the old one: each packet finds one state or the other. `moved` is how it will be.
 */
static int
iface_move(struct stack *stack, struct iface *moved, uint16_t vrf, struct error *err)
{
	const uint16_t before = moved->vrf;
	struct iface *copy;
	int rc = stack_iface_find_copy(stack, moved->name, &copy, err);

	if (rc < 0)
		return rc;
	moved->vrf = copy->vrf = vrf;
	rc = stack_addrs_connect(stack, moved, err);
	if (rc < 0) {
		free(copy);
		return rc;
	}
	stack_neigh_connect(stack, moved, before);
	rc = stack_iface_publish(stack, copy, err);
	if (rc < 0) {
		stack_neigh_disconnect(stack, moved->index, vrf);
		stack_addrs_disconnect(stack, moved);
		return rc;
	}
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	moved->vrf = before;
	stack_neigh_disconnect(stack, moved->index, before);
	stack_addrs_disconnect(stack, moved);
	stack_autoconf_vrf_changed(stack, iface_get(stack->ifaces, moved->index), before);
	stack_group_follow(stack);
	return 0;
}

int
stack_iface_set_vrf(struct stack *stack, const char *name, uint16_t vrf, struct error *err)
{
	const struct iface *iface;
	struct iface *moved;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0 || iface->vrf == vrf)
		return rc;
	rc = move_check(stack, iface, err);
	if (rc < 0)
		return rc;
	rc = stack_iface_find_copy(stack, name, &moved, err);
	if (rc < 0)
		return rc;
	rc = iface_move(stack, moved, vrf, err);
	free(moved);
	return rc;
}
