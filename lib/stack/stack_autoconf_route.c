/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes by routers that advertise themselves: RFC 4861 6.3.6, RFC 4191 3. lib/autoconf says which
 * is the best of an interface, here is chosen among the interfaces of a VRF. Called by
 * stack_autoconf.c whenever that may have changed, and every second.
 */
#include "stack/stack_autoconf.h"

#include <stdlib.h>

#include "base/log.h"

static const struct ip_prefix default_prefix = { { .family = IP_FAMILY_6 }, 0 };

/* One that is in a route table: at most AUTOCONF_ROUTES_MAX an interface. */
struct stack_autoconf_route {
	TAILQ_ENTRY(stack_autoconf_route) entry;
	uint16_t vrf;
	struct ip_prefix prefix;
	struct neigh_key router;
	enum ra_preference preference;
};

/* ---- the default route ---- */

/* Where a router is looked for. */
struct stack_autoconf_scope {
	const struct stack *stack;
	uint16_t iface;
};

/* RFC 4861 6.3.6: one that is asked for, or was in vain, does not; whom nobody tried may. */
static bool
router_answers(void *arg, const struct ip_addr *router)
{
	const struct stack_autoconf_scope *scope = arg;
	const struct neigh_key key = { scope->iface, *router };
	struct neigh_info info;

	return neigh_find(scope->stack->neighs, stack_neigh_now_ms(scope->stack), &key, &info) <
		0 ||
		(info.state != NEIGH_INCOMPLETE && info.state != NEIGH_FAILED);
}

/* Of all interfaces of a VRF the best router, as of one: RFC 4191 3.2. */
static bool
default_router(struct stack *stack, uint16_t vrf, struct neigh_key *key)
{
	const struct autoconf_router *best = NULL;
	struct stack_autoconf *autoconf;
	bool best_answers = false;

	TAILQ_FOREACH (autoconf, &stack->autoconfs, entry) {
		struct stack_autoconf_scope scope = { stack, autoconf->iface };
		const struct autoconf_router *router =
			autoconf_host_router(&autoconf->host, router_answers, &scope);
		bool answers = router != NULL && router_answers(&scope, &router->addr);

		if (router == NULL || stack_autoconf_vrf(stack, autoconf) != vrf ||
			(best != NULL &&
				(best_answers > answers ||
					(best_answers == answers &&
						best->preference >= router->preference))))
			continue;
		best = router;
		best_answers = answers;
		*key = (struct neigh_key){ autoconf->iface, router->addr };
	}
	return best != NULL;
}

/* Have a route lead to a router. */
static int
route_lead(struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix,
	const struct neigh_key *router)
{
	struct nexthop_link link;
	uint32_t nexthop;
	int rc;

	stack_iface_link(iface_get(stack->ifaces, router->iface), &link);
	rc = nexthop_gateway(stack->nexthops, &link, &router->addr, false, &nexthop, NULL);
	if (rc < 0)
		return rc;
	if (nexthop_references(stack->nexthops, nexthop) == 1)
		stack_nexthop_counters_base(stack, nexthop);
	rc = route_replace(stack_routes(stack, vrf), prefix, ROUTE_RA, nexthop, NULL);
	if (rc < 0)
		nexthop_release(stack->nexthops, nexthop);
	return rc;
}

void
stack_autoconf_default_sync(struct stack *stack, uint16_t index)
{
	struct stack_vrf *vrf = stack->vrfs[index];
	struct neigh_key *installed = &vrf->autoconf_router, key;
	char text[IP_TEXT_MAX];

	if (!default_router(stack, index, &key)) {
		if (installed->addr.family == IP_FAMILY_NONE)
			return;
		if (stack_autoconf_may_log(stack))
			log(route, NOTICE, "no default router advertises itself any more");
		route_remove(vrf->routes, &default_prefix, ROUTE_RA, NULL);
		installed->addr.family = IP_FAMILY_NONE;
		return;
	}
	if (installed->iface == key.iface && ip_addr_equal(&installed->addr, &key.addr))
		return;
	if (stack_autoconf_may_log(stack))
		log(route, NOTICE, "%s: default router %s",
			iface_get(stack->ifaces, key.iface)->name, ip_addr_format(&key.addr, text));
	if (route_lead(stack, index, &default_prefix, &key) == 0)
		*installed = key;
}

/* ---- routes to prefixes behind routers ---- */

static struct stack_autoconf_route *
route_installed(const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct stack_autoconf_route *route;

	TAILQ_FOREACH (route, &stack->autoconf_routes, entry) {
		if (route->vrf == vrf && ip_prefix_compare(&route->prefix, prefix) == 0)
			return route;
	}
	return NULL;
}

static void
installed_remove(struct stack *stack, struct stack_autoconf_route *route)
{
	route_remove(stack_routes(stack, route->vrf), &route->prefix, ROUTE_RA, NULL);
	TAILQ_REMOVE(&stack->autoconf_routes, route, entry);
	free(route);
}

/*
 * RFC 4861 5.2: no router is asked for what is on a link. So no advertisement draws away what is
 * sent to a part of a subnet of ours.
 */
static bool
is_on_link(const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct ip_prefix above = { prefix->addr, (uint8_t)(prefix->length - 1) };
	const struct route_table *routes = stack_routes(stack, vrf);
	struct route route;

	above = ip_prefix_network(&above);
	if (route_find(routes, prefix, ROUTE_CONNECTED, &route) == 0 ||
		route_find(routes, prefix, ROUTE_LOCAL, &route) == 0 ||
		(route_find(routes, prefix, ROUTE_RA, &route) == 0 &&
			route_installed(stack, vrf, prefix) == NULL))
		return true;
	return route_lookup_prefix(routes, &above, &route) == 0 &&
		nexthop_get(nexthop_table_array(stack->nexthops), route.nexthop)->type ==
		NEXTHOP_ATTACHED;
}

static bool
key_answers(const struct stack *stack, const struct neigh_key *key)
{
	struct stack_autoconf_scope scope = { stack, key->iface };

	return router_answers(&scope, &key->addr);
}

/* Whether what an interface learned leads to a prefix by a shorter one, whose router answers. */
static bool
has_shorter(const struct stack *stack, const struct stack_autoconf *autoconf,
	const struct ip_prefix *prefix)
{
	struct stack_autoconf_scope scope = { stack, autoconf->iface };
	const uint16_t vrf = stack_autoconf_vrf(stack, autoconf);

	for (unsigned i = 0; i < autoconf->host.route_count; i++) {
		const struct autoconf_route *route = &autoconf->host.routes[i];

		if (route->prefix.length < prefix->length &&
			ip_prefix_contains(&route->prefix, &prefix->addr) &&
			router_answers(&scope, &route->router) &&
			!is_on_link(stack, vrf, &route->prefix))
			return true;
	}
	return false;
}

/* Likewise by any interface of the VRF, or by the default router. */
static bool
shorter_answers(const struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix)
{
	const struct neigh_key *fallback = &stack->vrfs[vrf]->autoconf_router;
	const struct stack_autoconf *autoconf;

	if (fallback->addr.family != IP_FAMILY_NONE && key_answers(stack, fallback))
		return true;
	TAILQ_FOREACH (autoconf, &stack->autoconfs, entry) {
		if (stack_autoconf_vrf(stack, autoconf) == vrf &&
			has_shorter(stack, autoconf, prefix))
			return true;
	}
	return false;
}

/*
 * RFC 4191 3.2: the best route of an interface for a prefix. That of a router that does not answer
 * gives way to a shorter prefix of one that does. @return NULL: there is none to be used
 */
static const struct autoconf_route *
route_choose(const struct stack *stack, const struct stack_autoconf *autoconf,
	const struct ip_prefix *prefix)
{
	struct stack_autoconf_scope scope = { stack, autoconf->iface };
	const uint16_t vrf = stack_autoconf_vrf(stack, autoconf);
	const struct autoconf_route *route =
		autoconf_host_route(&autoconf->host, prefix, router_answers, &scope);

	if (route == NULL || is_on_link(stack, vrf, prefix))
		return NULL;
	if (!router_answers(&scope, &route->router) && shorter_answers(stack, vrf, prefix))
		return NULL;
	return route;
}

/* Whether a route by another interface is better than the one that is there. */
static bool
is_better(const struct stack *stack, const struct stack_autoconf_route *installed,
	const struct neigh_key *router, enum ra_preference preference)
{
	bool answers = key_answers(stack, router);
	bool present_answers = key_answers(stack, &installed->router);

	return answers != present_answers ? answers : preference > installed->preference;
}

static void
route_offer(struct stack *stack, const struct stack_autoconf *autoconf,
	const struct autoconf_route *offered)
{
	const struct neigh_key router = { autoconf->iface, offered->router };
	const uint16_t vrf = stack_autoconf_vrf(stack, autoconf);
	struct stack_autoconf_route *route = route_installed(stack, vrf, &offered->prefix);

	if (route != NULL && route->router.iface != router.iface &&
		!is_better(stack, route, &router, offered->preference))
		return;
	if (route == NULL) {
		route = calloc(1, sizeof(*route));
		if (route == NULL)
			return;
		route->vrf = vrf;
		route->prefix = offered->prefix;
		TAILQ_INSERT_TAIL(&stack->autoconf_routes, route, entry);
	}
	route->preference = offered->preference;
	if (route->router.iface == router.iface && ip_addr_equal(&route->router.addr, &router.addr))
		return;
	if (route_lead(stack, vrf, &route->prefix, &router) == 0)
		route->router = router;
	else
		installed_remove(stack, route);
}

void
stack_autoconf_routes_sync(struct stack *stack, const struct stack_autoconf *autoconf)
{
	const struct autoconf_host *host = &autoconf->host;
	struct stack_autoconf_route *route, *next;

	for (route = TAILQ_FIRST(&stack->autoconf_routes); route != NULL; route = next) {
		next = TAILQ_NEXT(route, entry);
		if (route->router.iface == autoconf->iface &&
			route_choose(stack, autoconf, &route->prefix) == NULL)
			installed_remove(stack, route);
	}
	for (unsigned i = 0; i < host->route_count; i++) {
		const struct autoconf_route *best =
			route_choose(stack, autoconf, &host->routes[i].prefix);

		if (best != NULL)
			route_offer(stack, autoconf, best);
	}
}

void
stack_autoconf_routes_leave(struct stack *stack, uint16_t iface)
{
	struct stack_autoconf_route *route, *next;

	for (route = TAILQ_FIRST(&stack->autoconf_routes); route != NULL; route = next) {
		next = TAILQ_NEXT(route, entry);
		if (route->router.iface == iface)
			installed_remove(stack, route);
	}
}

void
stack_autoconf_route_forget(struct stack *stack, uint16_t vrf, const struct ip_prefix *prefix)
{
	struct stack_autoconf_route *route = route_installed(stack, vrf, prefix);

	if (route != NULL)
		installed_remove(stack, route);
}

bool
stack_autoconf_route_used(
	const struct stack *stack, const struct iface *iface, const struct autoconf_route *route)
{
	const struct stack_autoconf_route *installed =
		route_installed(stack, iface->vrf, &route->prefix);

	return installed != NULL && installed->router.iface == iface->index &&
		ip_addr_equal(&installed->router.addr, &route->router);
}
