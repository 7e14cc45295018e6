/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of VRFs: control's side, and what workers see of it (ip/ip_vrf.h). */
#include "stack/stack_group.h"
#include "stack/worker.h"

#include <stdlib.h>

#include <bsd/string.h>
#include <rte_rcu_qsbr.h>

#include "base/name.h"
#include "cc/cc.h"

static struct stack_vrf *
vrf_lookup(const struct stack *stack, const char *name)
{
	for (unsigned i = 0; i < IP_VRF_MAX; i++) {
		if (stack->vrfs[i] != NULL && strcmp(stack->vrfs[i]->name, name) == 0)
			return stack->vrfs[i];
	}
	return NULL;
}

int
stack_vrf_find(const struct stack *stack, const char *name, uint16_t *index, struct error *err)
{
	const struct stack_vrf *vrf =
		vrf_lookup(stack, name != NULL ? name : STACK_VRF_DEFAULT_NAME);

	if (vrf == NULL)
		return error_set(err, ENOENT, "no VRF \"%s\": 'vrf show' lists them", name);
	*index = vrf->index;
	return 0;
}

const struct stack_vrf *
stack_vrf_next(const struct stack *stack, unsigned from)
{
	for (unsigned i = from; i < IP_VRF_MAX; i++) {
		if (stack->vrfs[i] != NULL)
			return stack->vrfs[i];
	}
	return NULL;
}

/* Workers see what the VRF says now. What they saw before is used by nobody any more. */
static int
vrf_publish(struct stack *stack, const struct stack_vrf *vrf, const struct flow_policy *policy)
{
	const struct ip_vrf *old = stack->ip_vrfs.vrfs[vrf->index];
	struct ip_vrf *new = malloc(sizeof(*new));

	if (new == NULL)
		return -ENOMEM;
	*new = (struct ip_vrf){
		.fib4 = route_table_fib4(vrf->routes),
		.fib6 = route_table_fib6(vrf->routes),
		.policy = policy,
	};
	__atomic_store_n(&stack->ip_vrfs.vrfs[vrf->index], new, __ATOMIC_RELEASE);
	if (old != NULL)
		rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	free((void *)(uintptr_t)old);
	return 0;
}

int
stack_vrf_policy_set(
	struct stack *stack, struct stack_vrf *vrf, struct flow_policy *policy, struct error *err)
{
	if (vrf_publish(stack, vrf, policy) < 0)
		return error_set(err, ENOMEM, "no memory");
	free(vrf->policy);
	vrf->policy = policy;
	return 0;
}

/*
 * The default VRF first, then in turn: a packet that waits somewhere under the index of one that is
 * gone does not meet the next one.
 */
static int
index_choose(const struct stack *stack, uint16_t *index)
{
	if (stack->vrfs[IP_VRF_DEFAULT] == NULL) {
		*index = IP_VRF_DEFAULT;
		return 0;
	}
	for (unsigned i = 1; i <= IP_VRF_MAX; i++) {
		*index = (uint16_t)((stack->vrf_last + i) % IP_VRF_MAX);
		if (stack->vrfs[*index] == NULL)
			return 0;
	}
	return -ENOSPC;
}

static void
vrf_free(struct stack_vrf *vrf)
{
	route_table_destroy(vrf->routes);
	free(vrf->policy);
	free(vrf);
}

int
stack_vrf_add(struct stack *stack, const char *name, struct error *err)
{
	struct stack_vrf *vrf;
	uint16_t index;
	int rc = name_check(name, STACK_VRF_NAME_MAX, err);

	if (rc < 0)
		return rc;
	if (vrf_lookup(stack, name) != NULL)
		return error_set(err, EEXIST, "VRF %s exists already", name);
	if (index_choose(stack, &index) < 0)
		return error_set(err, ENOSPC, "there are %u VRFs already, the most there can be",
			IP_VRF_MAX);
	vrf = calloc(1, sizeof(*vrf));
	if (vrf == NULL)
		return error_set(err, ENOMEM, "no memory for VRF %s", name);
	vrf->index = index;
	vrf->cc = cc_default();
	strlcpy(vrf->name, name, sizeof(vrf->name));
	vrf->routes = route_table_create(stack->rcu, stack->nexthops, -1);
	if (vrf->routes == NULL || vrf_publish(stack, vrf, NULL) < 0) {
		vrf_free(vrf);
		return error_set(err, ENOMEM, "no memory for the routes of VRF %s", name);
	}
	if (index == IP_VRF_DEFAULT)
		route_table_use_huge_pages(vrf->routes);
	stack->vrfs[index] = vrf;
	stack->vrf_last = index;
	return 0;
}

/* ---- the end of a VRF ---- */

static unsigned
iface_count(const struct stack *stack, uint16_t vrf)
{
	const struct iface *iface;
	unsigned count = 0;

	for (unsigned i = 0; (iface = iface_next(stack->ifaces, i)) != NULL; i = iface->index + 1U)
		count += iface->vrf == vrf;
	return count;
}

void
stack_vrf_hold(struct stack *stack, uint16_t vrf)
{
	stack->vrfs[vrf]->users++;
}

void
stack_vrf_release(struct stack *stack, uint16_t vrf)
{
	stack->vrfs[vrf]->users--;
}

/* Without interfaces in it, its routes are those of the user. */
static int
vrf_check_unused(const struct stack *stack, const struct stack_vrf *vrf, struct error *err)
{
	unsigned ifaces = iface_count(stack, vrf->index), routes;
	struct route_table_stats stats;

	if (ifaces > 0)
		return error_set(err, EBUSY,
			ifaces == 1
				? "%u interface is in VRF %s: 'iface set IFACE vrf default' takes "
				  "it out"
				: "%u interfaces are in VRF %s: 'iface set IFACE vrf default' takes "
				  "them out",
			ifaces, vrf->name);
	route_table_stats(vrf->routes, &stats);
	routes = stats.routes4 + stats.routes6;
	if (routes > 0)
		return error_set(err, EBUSY,
			routes == 1 ? "%u static route is in VRF %s: delete it first"
				    : "%u static routes are in VRF %s: delete them first",
			routes, vrf->name);
	if (vrf->users > 0)
		return error_set(err, EBUSY,
			"VRF %s is in use by a ping or a load of routes: wait for its end",
			vrf->name);
	if (stack_group_leads_to(stack, vrf->index) > 0)
		return error_set(err, EBUSY,
			"routes of other VRFs have 'nexthop-vrf %s': delete them first", vrf->name);
	return 0;
}

struct forget_msg {
	struct worker_msg msg;
	uint16_t vrf;
};

static void
forget_run(struct worker *w, struct worker_msg *msg)
{
	ip_reassembly_forget(&w->ip, ((const struct forget_msg *)msg)->vrf);
}

int
stack_vrf_remove(struct stack *stack, const char *name, struct error *err)
{
	struct stack_vrf *vrf = vrf_lookup(stack, name);
	const struct ip_vrf *shared;
	int rc;

	if (vrf == NULL)
		return error_set(err, ENOENT, "no VRF \"%s\": 'vrf show' lists them", name);
	if (vrf->index == IP_VRF_DEFAULT)
		return error_set(err, EINVAL, "there is always a VRF %s", vrf->name);
	rc = vrf_check_unused(stack, vrf, err);
	if (rc < 0)
		return rc;
	/* Interfaces that were in it may have gone a moment ago: no worker holds one any more. */
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	shared = stack->ip_vrfs.vrfs[vrf->index];
	stack_tcp_cc_set(stack, vrf->index, cc_default());
	stack->vrfs[vrf->index] = NULL;
	__atomic_store_n(&stack->ip_vrfs.vrfs[vrf->index], NULL, __ATOMIC_RELEASE);
	rte_rcu_qsbr_synchronize(stack->rcu, RTE_QSBR_THRID_INVALID);
	free((void *)(uintptr_t)shared);
	for (unsigned i = 0; i < stack->worker_count; i++) {
		struct forget_msg msg = { .msg.run = forget_run, .vrf = vrf->index };

		mailbox_call(stack->workers[i], &msg.msg);
	}
	ip_pmtu_forget(&stack->pmtu, vrf->index);
	vrf_free(vrf);
	return 0;
}

void
stack_vrfs_destroy(struct stack *stack)
{
	for (unsigned i = 0; i < IP_VRF_MAX; i++) {
		if (stack->vrfs[i] == NULL)
			continue;
		free((void *)(uintptr_t)stack->ip_vrfs.vrfs[i]);
		vrf_free(stack->vrfs[i]);
	}
}
