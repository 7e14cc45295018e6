/* SPDX-License-Identifier: BSD-3-Clause */
/* What routers advertise on one interface: learned, bounded, aged. */
#include "autoconf/autoconf.h"

#include "wire/ip6.h"

/* RFC 4862 5.5.3 (e): what a single forged advertisement cannot take away. */
#define TWO_HOURS_MS UINT64_C(7200000)

void
autoconf_host_start(struct autoconf_host *host, uint64_t now_ms, uint32_t random)
{
	*host = (struct autoconf_host){
		.solicits_left = AUTOCONF_SOLICITS_MAX,
		.solicit_ms = now_ms + random % AUTOCONF_DELAY_MAX_MS,
		.advertisements = host->advertisements,
		.refused = host->refused,
	};
}

bool
autoconf_host_solicit(struct autoconf_host *host, uint64_t now_ms)
{
	if (host->solicits_left == 0 || now_ms < host->solicit_ms)
		return false;
	host->solicits_left--;
	host->solicit_ms = now_ms + AUTOCONF_SOLICIT_INTERVAL_MS;
	return true;
}

static uint64_t
lifetime_end(uint64_t now_ms, uint32_t lifetime_s)
{
	return lifetime_s == RA_INFINITE ? UINT64_MAX : now_ms + lifetime_s * UINT64_C(1000);
}

/* ---- routers ---- */

static struct autoconf_router *
router_find(struct autoconf_host *host, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < host->router_count; i++) {
		if (ip_addr_equal(&host->routers[i].addr, addr))
			return &host->routers[i];
	}
	return NULL;
}

/* With a router goes what it said of the link: whoever is left says it again. */
static void
router_remove(struct autoconf_host *host, struct autoconf_router *router)
{
	size_t behind;

	if (ip_addr_equal(&host->link.router, &router->addr))
		host->link = (struct autoconf_link){ 0 };
	behind = (size_t)(&host->routers[--host->router_count] - router);
	memmove(router, router + 1, behind * sizeof(*router));
}

/* What a router says of itself as default router. */
struct default_said {
	uint32_t lifetime_s;
	enum ra_preference preference;
};

/* RFC 4191 3.1: a route for ::/0 says it again, and overrides what the header says. */
static struct default_said
default_said(const struct ra *ra)
{
	struct default_said said = { ra->lifetime_s, ra->preference };

	for (unsigned i = 0; i < ra->route_count; i++) {
		if (ra->routes[i].prefix.length == 0)
			said = (struct default_said){ ra->routes[i].lifetime_s,
				ra->routes[i].preference };
	}
	return said;
}

/* RFC 4861 6.3.4. Those known are not pushed out by others, who might be many. @return whether
 * what it says of the link counts: last words do not, nor one for whom there is no room */
static bool
router_input(struct autoconf_host *host, const struct ra *ra, const struct ip_addr *addr,
	uint64_t now_ms)
{
	struct autoconf_router *router = router_find(host, addr);
	const struct default_said said = default_said(ra);

	if (said.lifetime_s == 0) {
		if (router != NULL)
			router_remove(host, router);
		return router == NULL;
	}
	if (router == NULL) {
		if (host->router_count == AUTOCONF_ROUTERS_MAX) {
			host->refused++;
			return false;
		}
		router = &host->routers[host->router_count++];
		router->addr = *addr;
	}
	router->preference = said.preference;
	router->until_ms = lifetime_end(now_ms, said.lifetime_s);
	return true;
}

const struct autoconf_router *
autoconf_host_router(const struct autoconf_host *host,
	bool (*answers)(void *arg, const struct ip_addr *router), void *arg)
{
	const struct autoconf_router *best = NULL;
	bool best_answers = false;

	for (unsigned i = 0; i < host->router_count; i++) {
		const struct autoconf_router *router = &host->routers[i];
		bool good = answers(arg, &router->addr);

		if (best == NULL || (good && !best_answers) ||
			(good == best_answers && router->preference > best->preference)) {
			best = router;
			best_answers = good;
		}
	}
	return best;
}

/* ---- routes: RFC 4191 3.1 ---- */

static struct autoconf_route *
route_find(struct autoconf_host *host, const struct ip_prefix *prefix, const struct ip_addr *router)
{
	for (unsigned i = 0; i < host->route_count; i++) {
		if (ip_prefix_compare(&host->routes[i].prefix, prefix) == 0 &&
			ip_addr_equal(&host->routes[i].router, router))
			return &host->routes[i];
	}
	return NULL;
}

static void
route_remove(struct autoconf_host *host, struct autoconf_route *route)
{
	size_t behind = (size_t)(&host->routes[--host->route_count] - route);

	memmove(route, route + 1, behind * sizeof(*route));
}

static void
route_input(struct autoconf_host *host, const struct ra_route *said, const struct ip_addr *router,
	uint64_t now_ms)
{
	struct autoconf_route *route = route_find(host, &said->prefix, router);

	if (said->prefix.length == 0)
		return; /* default_said() */
	if (said->lifetime_s == 0) {
		if (route != NULL)
			route_remove(host, route);
		return;
	}
	if (route == NULL) {
		if (host->route_count == AUTOCONF_ROUTES_MAX) {
			host->refused++;
			return;
		}
		route = &host->routes[host->route_count++];
		*route = (struct autoconf_route){ .prefix = said->prefix, .router = *router };
	}
	route->preference = said->preference;
	route->until_ms = lifetime_end(now_ms, said->lifetime_s);
}

const struct autoconf_route *
autoconf_host_route(const struct autoconf_host *host, const struct ip_prefix *prefix,
	bool (*answers)(void *arg, const struct ip_addr *router), void *arg)
{
	const struct autoconf_route *best = NULL;
	bool best_answers = false;

	for (unsigned i = 0; i < host->route_count; i++) {
		const struct autoconf_route *route = &host->routes[i];
		bool good;

		if (ip_prefix_compare(&route->prefix, prefix) != 0)
			continue;
		good = answers(arg, &route->router);
		if (best == NULL || (good && !best_answers) ||
			(good == best_answers && route->preference > best->preference)) {
			best = route;
			best_answers = good;
		}
	}
	return best;
}

bool
autoconf_host_router_remove(struct autoconf_host *host, const struct ip_addr *addr)
{
	struct autoconf_router *router = router_find(host, addr);
	bool known = router != NULL;

	if (known)
		router_remove(host, router);
	for (unsigned i = host->route_count; i-- > 0;) {
		if (ip_addr_equal(&host->routes[i].router, addr)) {
			route_remove(host, &host->routes[i]);
			known = true;
		}
	}
	return known;
}

/* ---- prefixes ---- */

static struct autoconf_prefix *
prefix_find(struct autoconf_host *host, const struct ip_prefix *prefix)
{
	for (unsigned i = 0; i < host->prefix_count; i++) {
		if (ip_prefix_compare(&host->prefixes[i].prefix, prefix) == 0)
			return &host->prefixes[i];
	}
	return NULL;
}

/* RFC 4862 5.5.3 (e): lifetimes grow at will, but shrink to two hours only. */
static uint64_t
valid_until(const struct autoconf_prefix *known, uint32_t valid_s, uint64_t now_ms)
{
	uint64_t said_ms = lifetime_end(now_ms, valid_s);
	uint64_t least_ms = now_ms + TWO_HOURS_MS;

	if (said_ms > least_ms || said_ms > known->valid_until_ms)
		return said_ms;
	return known->valid_until_ms <= least_ms ? known->valid_until_ms : least_ms;
}

/* RFC 4862 5.5.3: identifiers have 64 bits, and so must the prefix. */
static bool
makes_address(const struct ra_prefix *said)
{
	return said->autonomous && said->prefix.length == 64 && said->preferred_s <= said->valid_s;
}

static void
prefix_update(struct autoconf_prefix *prefix, const struct ra_prefix *said, uint64_t now_ms)
{
	/* RFC 4861 6.3.4 */
	if (said->on_link)
		prefix->on_link_until_ms =
			said->valid_s != 0 ? lifetime_end(now_ms, said->valid_s) : 0;
	if (!makes_address(said))
		return;
	if (prefix->valid_until_ms != 0)
		prefix->valid_until_ms = valid_until(prefix, said->valid_s, now_ms);
	else if (said->valid_s != 0)
		prefix->valid_until_ms = lifetime_end(now_ms, said->valid_s);
	prefix->preferred_until_ms = lifetime_end(now_ms, said->preferred_s);
}

static void
prefix_input(struct autoconf_host *host, const struct ra_prefix *said, uint64_t now_ms)
{
	struct autoconf_prefix *prefix = prefix_find(host, &said->prefix);

	/* Everything on the link would be a default route by another name. */
	if (said->prefix.length == 0)
		return;
	if (prefix == NULL) {
		if (said->valid_s == 0 || !(said->on_link || makes_address(said)))
			return;
		if (host->prefix_count == AUTOCONF_PREFIXES_MAX) {
			host->refused++;
			return;
		}
		prefix = &host->prefixes[host->prefix_count++];
		*prefix = (struct autoconf_prefix){ .prefix = said->prefix };
	}
	prefix_update(prefix, said, now_ms);
}

/* ---- the link ---- */

static uint32_t
within(uint32_t value, uint32_t min, uint32_t max)
{
	return value < min ? min : value > max ? max : value;
}

/* RFC 4861 6.3.4: what is not said stays as it was. */
static void
link_input(struct autoconf_link *link, const struct ra *ra, const struct ip_addr *router)
{
	if (ra->hop_limit == 0 && ra->mtu == 0 && ra->reachable_ms == 0 && ra->retrans_ms == 0)
		return;
	link->router = *router;
	if (ra->hop_limit != 0)
		link->hop_limit = ra->hop_limit;
	if (ra->mtu >= IP6_MTU_MIN)
		link->mtu = ra->mtu;
	if (ra->reachable_ms != 0)
		link->reachable_ms = within(
			ra->reachable_ms, AUTOCONF_REACHABLE_MIN_MS, AUTOCONF_REACHABLE_MAX_MS);
	if (ra->retrans_ms != 0)
		link->retrans_ms =
			within(ra->retrans_ms, AUTOCONF_RETRANS_MIN_MS, AUTOCONF_RETRANS_MAX_MS);
}

/* ---- all of it ---- */

void
autoconf_host_input(struct autoconf_host *host, const struct ra *ra, const struct ip_addr *router,
	uint64_t now_ms)
{
	host->advertisements++;
	/* RFC 4861 6.3.7: one that is a default router ends the soliciting. */
	if (ra->lifetime_s != 0)
		host->solicits_left = 0;
	host->managed = ra->managed;
	host->other = ra->other;
	if (router_input(host, ra, router, now_ms))
		link_input(&host->link, ra, router);
	for (unsigned i = 0; i < ra->prefix_count; i++)
		prefix_input(host, &ra->prefixes[i], now_ms);
	for (unsigned i = 0; i < ra->route_count; i++)
		route_input(host, &ra->routes[i], router, now_ms);
}

/* An end that has come is none any more. @return whether it has */
static bool
end_expire(uint64_t *until_ms, uint64_t now_ms)
{
	if (*until_ms == 0 || now_ms < *until_ms)
		return false;
	*until_ms = 0;
	return true;
}

bool
autoconf_host_expire(struct autoconf_host *host, uint64_t now_ms)
{
	bool changed = false;

	for (unsigned i = host->router_count; i-- > 0;) {
		if (now_ms >= host->routers[i].until_ms) {
			router_remove(host, &host->routers[i]);
			changed = true;
		}
	}
	for (unsigned i = host->route_count; i-- > 0;) {
		if (now_ms >= host->routes[i].until_ms) {
			route_remove(host, &host->routes[i]);
			changed = true;
		}
	}
	for (unsigned i = host->prefix_count; i-- > 0;) {
		struct autoconf_prefix *prefix = &host->prefixes[i];

		changed |= end_expire(&prefix->on_link_until_ms, now_ms);
		changed |= end_expire(&prefix->valid_until_ms, now_ms);
		changed |= end_expire(&prefix->preferred_until_ms, now_ms);
		if (prefix->on_link_until_ms == 0 && prefix->valid_until_ms == 0) {
			*prefix = host->prefixes[--host->prefix_count];
			changed = true;
		}
	}
	return changed;
}

/* 0: it is not due. */
static void
sooner(uint64_t *next_ms, uint64_t due_ms)
{
	if (due_ms != 0 && due_ms < *next_ms)
		*next_ms = due_ms;
}

uint64_t
autoconf_host_next_ms(const struct autoconf_host *host)
{
	uint64_t next_ms = host->solicits_left > 0 ? host->solicit_ms : UINT64_MAX;

	for (unsigned i = 0; i < host->router_count; i++)
		sooner(&next_ms, host->routers[i].until_ms);
	for (unsigned i = 0; i < host->route_count; i++)
		sooner(&next_ms, host->routes[i].until_ms);
	for (unsigned i = 0; i < host->prefix_count; i++) {
		const struct autoconf_prefix *prefix = &host->prefixes[i];

		sooner(&next_ms, prefix->on_link_until_ms);
		sooner(&next_ms, prefix->valid_until_ms);
		sooner(&next_ms, prefix->preferred_until_ms);
	}
	return next_ms;
}
