/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups by what users said of them: shared by routes. Their members are of stack_resolve.c. */
#include "stack/stack_group.h"

#include <stdlib.h>

#include <bsd/string.h>
#include <bsd/sys/tree.h>

#include "stack/stack_gateway.h"
#include "stack/stack_resolve.h"
#include "stack/worker.h"

struct stack_group {
	RB_ENTRY(stack_group) node;
	TAILQ_ENTRY(stack_group) entry; /* in `recursive`, if one of its paths is */
	TAILQ_ENTRY(stack_group) stale_entry; /* in `stale`, if is_stale */
	struct stack_gateway_use *uses; /* [path_count], of a recursive one */
	struct stack_gateway_list behind; /* gateways that are found through it */
	bool is_stale; /* a gateway of it may have moved */
	uint64_t serial; /* never used again, other than its id */
	uint64_t own; /* its serial if one route alone has it, to count; else 0 */
	uint64_t like; /* serial of the group that it came in place of, or 0 */
	uint32_t id; /* of its nexthop */
	bool recursive;
	uint32_t path_count;
	struct stack_path paths[]; /* in full: with interfaces; no byte undefined */
};

RB_HEAD(group_tree, stack_group);
TAILQ_HEAD(group_list, stack_group);

struct stack_groups {
	struct group_tree tree;
	struct group_list recursive;
	struct group_list stale;
	struct stack_gateways gateways;
	struct stack_group **by_id; /* [nexthops_max] */
	uint64_t serial; /* of the last one */
};

/*
 * Alike are groups of the same paths that came in place of the same group: their flows take the
 * same ways. One that was laid out afresh may not stand in for one that had flows to keep.
 */
static int
group_compare(const struct stack_group *a, const struct stack_group *b)
{
	if (a->own != b->own)
		return a->own < b->own ? -1 : 1;
	if (a->like != b->like)
		return a->like < b->like ? -1 : 1;
	if (a->path_count != b->path_count)
		return a->path_count < b->path_count ? -1 : 1;
	return memcmp(a->paths, b->paths, a->path_count * sizeof(a->paths[0]));
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(group_tree, stack_group, node, group_compare, __attribute__((unused)) static)

struct stack_groups *
stack_groups_create(uint32_t nexthops_max)
{
	struct stack_groups *groups = calloc(1, sizeof(*groups));

	if (groups == NULL)
		return NULL;
	RB_INIT(&groups->tree);
	TAILQ_INIT(&groups->recursive);
	TAILQ_INIT(&groups->stale);
	RB_INIT(&groups->gateways);
	groups->by_id = calloc(nexthops_max, sizeof(struct stack_group *));
	if (groups->by_id == NULL) {
		free(groups);
		return NULL;
	}
	return groups;
}

static void
group_free(struct stack_groups *groups, struct stack_group *group)
{
	for (uint32_t i = 0; group->uses != NULL && i < group->path_count; i++) {
		if (group->uses[i].gateway != NULL)
			stack_gateway_release(&groups->gateways, &group->uses[i]);
	}
	free(group->uses);
	free(group);
}

static void
group_forget(struct stack_groups *groups, struct stack_group *group)
{
	struct stack_gateway *gateway;

	groups->by_id[group->id] = NULL;
	RB_REMOVE(group_tree, &groups->tree, group);
	if (group->recursive)
		TAILQ_REMOVE(&groups->recursive, group, entry);
	if (group->is_stale)
		TAILQ_REMOVE(&groups->stale, group, stale_entry);
	/* The change that took its last route says what they are found through now. */
	while ((gateway = LIST_FIRST(&group->behind)) != NULL)
		stack_gateway_move(gateway, NULL);
	group_free(groups, group);
}

void
stack_groups_destroy(struct stack_groups *groups)
{
	struct stack_group *group;

	if (groups == NULL)
		return;
	while ((group = RB_ROOT(&groups->tree)) != NULL)
		group_forget(groups, group);
	free(groups->by_id);
	free(groups);
}

/* What a route says, in full. */
static int
group_read(const struct stack *stack, const struct stack_route *route, struct stack_group **group,
	struct error *err)
{
	struct stack_group *new;
	int rc = 0;

	if (route->path_count == 0 || route->path_count > NEXTHOP_PATHS_MAX)
		return error_set(err, EINVAL, "a route has 1 to %d paths, not %u",
			NEXTHOP_PATHS_MAX, route->path_count);
	new = calloc(1, sizeof(*new) + route->path_count * sizeof(new->paths[0]));
	if (new == NULL)
		return error_set(err, ENOMEM, "no memory for a nexthop group");
	new->path_count = route->path_count;
	for (uint32_t i = 0; i < route->path_count && rc == 0; i++) {
		const struct stack_path *said = &route->paths[i];
		struct stack_path *path = &new->paths[i];
		const struct iface *iface;

		path->gateway = said->gateway;
		path->weight = said->weight;
		path->vrf = stack_path_vrf(route, i);
		if (said->weight == 0 || said->weight > NEXTHOP_WEIGHT_MAX)
			rc = error_set(err, EINVAL, "a weight is 1 to %d, not %u",
				NEXTHOP_WEIGHT_MAX, said->weight);
		if (rc == 0)
			rc = stack_path_iface(stack, path->vrf, said, &iface, err);
		if (rc == 0 && iface != NULL)
			strlcpy(path->iface, iface->name, sizeof(path->iface));
		else if (rc == 0)
			new->recursive = path->recursive = true;
	}
	if (rc < 0) {
		free(new);
		return rc;
	}
	*group = new;
	return 0;
}

/* The group through which a gateway is found now. Those that are not recursive never move. */
static void
gateway_find(const struct stack *stack, struct stack_gateway *gateway)
{
	struct stack_group *through = NULL;
	struct route route;

	if (route_lookup(stack_routes(stack, gateway->vrf), &gateway->addr, &route) == 0)
		through = stack->groups->by_id[route.nexthop];
	stack_gateway_move(
		gateway, through != NULL && through->recursive ? &through->behind : NULL);
}

/* Its gateways are to be watched. */
static int
group_watch(struct stack *stack, struct stack_group *group, struct error *err)
{
	group->uses = calloc(group->path_count, sizeof(*group->uses));
	for (uint32_t i = 0; group->uses != NULL && i < group->path_count; i++) {
		struct stack_gateway *gateway;

		if (!group->paths[i].recursive)
			continue;
		group->uses[i].group = group;
		gateway = stack_gateway_hold(&stack->groups->gateways, group->paths[i].vrf,
			&group->paths[i].gateway, &group->uses[i]);
		if (gateway == NULL)
			return error_set(err, ENOMEM, "no memory for a gateway");
		gateway_find(stack, gateway);
	}
	return group->uses != NULL ? 0 : error_set(err, ENOMEM, "no memory for gateways");
}

/* A nexthop for it. */
static int
group_make(struct stack *stack, struct stack_group *group, uint32_t like, struct error *err)
{
	struct nexthop_path nexthops[NEXTHOP_PATHS_MAX];
	struct stack_members members;
	int rc;

	stack_paths_resolve(stack, group->paths, group->path_count, &members);
	rc = stack_members_create(stack, &members, nexthops, err);
	if (rc < 0)
		return rc;
	rc = nexthop_group_like(stack->nexthops, nexthops, members.count, like, &group->id, err);
	if (rc < 0) {
		stack_members_release(stack, nexthops, members.count);
		return rc;
	}
	stack_nexthop_counters_base(stack, group->id);
	return 0;
}

/*
 * Routes that come to the same paths by different histories have groups of their own, so that each
 * keeps its flows. When routes have changed so much that this takes most nexthops, new groups start
 * afresh, and are shared.
 */
static bool
group_may_inherit(const struct stack *stack)
{
	return nexthop_table_used(stack->nexthops) < nexthop_table_max(stack->nexthops) / 4 * 3;
}

int
stack_group_hold(struct stack *stack, const struct stack_route *route, uint32_t like, uint32_t *id,
	struct error *err)
{
	const bool inherits = like != NEXTHOP_ID_NO_ROUTE && group_may_inherit(stack);
	struct stack_groups *groups = stack->groups;
	struct stack_group *group, *present;
	int rc = group_read(stack, route, &group, err);

	if (rc < 0)
		return rc;
	/* The same paths again: nothing changes. */
	present = groups->by_id[like];
	if (present != NULL) {
		group->like = present->like;
		group->own = route->counted ? present->own : 0;
		if (group_compare(group, present) != 0) {
			group->like = inherits ? present->serial : 0;
			group->own = 0;
		}
	} else if (inherits) {
		group->like = UINT64_MAX - like;
	}
	if (route->counted && group->own == 0)
		group->own = groups->serial + 1;
	present = RB_FIND(group_tree, &groups->tree, group);
	if (present != NULL) {
		free(group);
		nexthop_hold(stack->nexthops, present->id);
		*id = present->id;
		return 0;
	}
	rc = group->recursive ? group_watch(stack, group, err) : 0;
	if (rc == 0)
		rc = group_make(stack, group, inherits ? like : NEXTHOP_ID_NO_ROUTE, err);
	if (rc < 0) {
		group_free(groups, group);
		return rc;
	}
	group->serial = ++groups->serial;
	groups->by_id[group->id] = group;
	RB_INSERT(group_tree, &groups->tree, group);
	if (group->recursive)
		TAILQ_INSERT_TAIL(&groups->recursive, group, entry);
	*id = group->id;
	return 0;
}

void
stack_group_released(struct stack *stack, uint32_t id)
{
	struct stack_group *group = stack->groups->by_id[id];

	if (group != NULL && nexthop_references(stack->nexthops, id) == 0)
		group_forget(stack->groups, group);
}

bool
stack_route_is_counted(const struct stack *stack, uint32_t nexthop)
{
	const struct stack_group *group = stack->groups->by_id[nexthop];

	return group != NULL ? group->own != 0 : nexthop_is_private(stack->nexthops, nexthop);
}

const struct stack_path *
stack_route_paths(const struct stack *stack, uint32_t nexthop, uint32_t *count)
{
	const struct stack_group *group = stack->groups->by_id[nexthop];

	*count = group != NULL ? group->path_count : 0;
	return group != NULL ? group->paths : NULL;
}

/* ---- gateways that are found through other routes ---- */

static bool
members_are(const struct stack *stack, uint32_t id, const struct stack_members *members)
{
	const struct nexthop *nexthops = nexthop_table_array(stack->nexthops);
	const struct nexthop_group *group = nexthop_get(nexthops, id)->group;

	if (group->path_count != members->count)
		return false;
	for (uint32_t i = 0; i < members->count; i++) {
		const struct nexthop *old = nexthop_get(nexthops, group->paths[i].nexthop);
		const struct stack_member *new = &members->items[i];

		/* "unreachable" has no interface and no gateway, as its nexthop. */
		if (group->paths[i].weight != new->weight || old->iface != new->iface ||
			!ip_addr_equal(&old->gateway, &new->gateway))
			return false;
	}
	return true;
}

/* @return 0, or without memory or nexthops what was said: it is as it was */
static int
group_resolve(struct stack *stack, const struct stack_group *group)
{
	struct nexthop_path nexthops[NEXTHOP_PATHS_MAX];
	struct stack_members members;
	int rc;

	stack_paths_resolve(stack, group->paths, group->path_count, &members);
	if (members_are(stack, group->id, &members))
		return 0;
	rc = stack_members_create(stack, &members, nexthops, NULL);
	if (rc < 0)
		return rc;
	rc = nexthop_group_change(stack->nexthops, group->id, nexthops, members.count, NULL);
	if (rc < 0)
		stack_members_release(stack, nexthops, members.count);
	return rc;
}

static void
gateway_moved(struct stack_groups *groups, const struct stack_gateway *gateway)
{
	const struct stack_gateway_use *use;

	LIST_FOREACH (use, &gateway->uses, entry) {
		if (!use->group->is_stale)
			TAILQ_INSERT_TAIL(&groups->stale, use->group, stale_entry);
		use->group->is_stale = true;
	}
}

/* @return whether any gateway may have moved */
static bool
prefix_changed(const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct stack_groups *groups = stack->groups;
	struct stack_gateway *gateway = stack_gateway_first(&groups->gateways, vrf, prefix);
	bool any = gateway != NULL;

	for (; gateway != NULL; gateway = stack_gateway_next(gateway, prefix)) {
		gateway_find(stack, gateway);
		gateway_moved(groups, gateway);
	}
	return any;
}

static bool
vrf_changed(const struct stack *stack, const struct stack_vrf *vrf)
{
	static const struct ip_prefix all4 = { .addr.family = IP_FAMILY_4 };
	static const struct ip_prefix all6 = { .addr.family = IP_FAMILY_6 };
	struct route_changes changes;
	bool any = false;

	route_changes_take(vrf->routes, &changes);
	if (changes.count > ROUTE_CHANGES_MAX) {
		any = prefix_changed(stack, vrf->index, &all4);
		return prefix_changed(stack, vrf->index, &all6) || any;
	}
	for (uint32_t i = 0; i < changes.count; i++)
		any |= prefix_changed(stack, vrf->index, &changes.prefixes[i]);
	return any;
}

unsigned
stack_group_leads_to(const struct stack *stack, uint16_t vrf)
{
	const struct stack_group *group;
	unsigned count = 0;

	TAILQ_FOREACH (group, &stack->groups->recursive, entry) {
		bool leads = false;

		for (uint32_t i = 0; i < group->path_count; i++)
			leads |= group->paths[i].vrf == vrf;
		count += leads;
	}
	return count;
}

bool
stack_group_waits(const struct stack *stack)
{
	return !TAILQ_EMPTY(&stack->groups->stale);
}

void
stack_group_retry(struct stack *stack)
{
	struct group_list *stale = &stack->groups->stale;
	struct stack_group *group, *next;

	for (group = TAILQ_FIRST(stale); group != NULL; group = next) {
		next = TAILQ_NEXT(group, stale_entry);
		if (group_resolve(stack, group) < 0)
			continue;
		TAILQ_REMOVE(stale, group, stale_entry);
		group->is_stale = false;
	}
}

void
stack_group_follow(struct stack *stack)
{
	const struct stack_gateway *gateway;
	const struct stack_group *group;
	const struct stack_vrf *vrf;
	bool any = false;

	for (unsigned i = 0; (vrf = stack_vrf_next(stack, i)) != NULL; i = vrf->index + 1U)
		any |= vrf_changed(stack, vrf);
	if (!any)
		return;
	/* And who has a gateway behind one that moved, which joins the end of the list. */
	TAILQ_FOREACH (group, &stack->groups->stale, stale_entry) {
		LIST_FOREACH (gateway, &group->behind, behind)
			gateway_moved(stack->groups, gateway);
	}
	stack_group_retry(stack);
}
