/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interfaces that configure themselves by router advertisements: lib/autoconf says what is learned,
 * here routes and addresses are made to agree with it. Addresses come with /128: which prefixes
 * are on the link is another matter (RFC 5942 4), and has routes of its own.
 */
#include "stack/stack_autoconf.h"

#include <stdlib.h>

#include <bsd/string.h>

#include "base/log.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ROUTER_POLL_MS 1000

static struct stack_autoconf *
autoconf_find(const struct stack *stack, uint16_t iface)
{
	struct stack_autoconf *autoconf;

	TAILQ_FOREACH (autoconf, &stack->autoconfs, entry) {
		if (autoconf->iface == iface)
			return autoconf;
	}
	return NULL;
}

/* Whether routers are heard on an interface. */
static bool
is_up(const struct iface *iface)
{
	return iface->up && !iface->ip6_off;
}

bool
stack_autoconf_may_log(struct stack *stack)
{
	return token_bucket_take(&stack->autoconf_log, stack->now_ns);
}

/* ---- routes to prefixes on the link ---- */

static bool
is_on_link(const struct autoconf_host *host, const struct ip_prefix *prefix)
{
	for (unsigned i = 0; i < host->prefix_count; i++) {
		if (ip_prefix_compare(&host->prefixes[i].prefix, prefix) == 0)
			return host->prefixes[i].on_link_until_ms != 0;
	}
	return false;
}

static bool
has_link(const struct stack_autoconf *autoconf, const struct ip_prefix *prefix)
{
	for (unsigned i = 0; i < autoconf->link_count; i++) {
		if (ip_prefix_compare(&autoconf->links[i], prefix) == 0)
			return true;
	}
	return false;
}

/*
 * Another interface has it by the user's word. Else an advertisement of a part of it would lead
 * away what is sent to those on that link.
 */
static bool
is_elsewhere(const struct stack *stack, uint16_t index, const struct ip_prefix *prefix)
{
	const uint16_t vrf = iface_get(stack->ifaces, index)->vrf;

	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		if (iface->index == index || iface->vrf != vrf)
			continue;
		for (unsigned i = 0; i < iface->addr_count; i++) {
			const struct ip_addr *addr = &iface->addrs[i].addr;

			if (ip_prefix_contains(&iface->addrs[i], &prefix->addr) &&
				!ip_addr_is_link_local(addr))
				return true;
		}
	}
	return false;
}

static void
link_insert(struct stack *stack, struct stack_autoconf *autoconf, const struct ip_prefix *prefix)
{
	const struct iface *iface = iface_get(stack->ifaces, autoconf->iface);

	/* The bound of prefixes, and that none has two places, bound these as well. */
	if (autoconf->link_count == AUTOCONF_PREFIXES_MAX)
		return;
	stack_autoconf_route_forget(stack, iface->vrf, prefix);
	nexthop_hold(stack->nexthops, iface->attached);
	if (route_insert(stack_routes(stack, iface->vrf), prefix, ROUTE_RA, iface->attached, NULL) <
		0) {
		nexthop_release(stack->nexthops, iface->attached);
		return;
	}
	autoconf->links[autoconf->link_count++] = *prefix;
}

static void
links_sync(struct stack *stack, struct stack_autoconf *autoconf)
{
	const struct autoconf_host *host = &autoconf->host;

	for (unsigned i = autoconf->link_count; i-- > 0;) {
		if (is_on_link(host, &autoconf->links[i]) &&
			!is_elsewhere(stack, autoconf->iface, &autoconf->links[i]))
			continue;
		route_remove(stack_routes(stack, stack_autoconf_vrf(stack, autoconf)),
			&autoconf->links[i], ROUTE_RA, NULL);
		stack_neigh_routes_check(stack, autoconf->iface);
		autoconf->links[i] = autoconf->links[--autoconf->link_count];
	}
	for (unsigned i = 0; i < host->prefix_count; i++) {
		const struct autoconf_prefix *prefix = &host->prefixes[i];

		if (prefix->on_link_until_ms != 0 && !has_link(autoconf, &prefix->prefix) &&
			!is_elsewhere(stack, autoconf->iface, &prefix->prefix))
			link_insert(stack, autoconf, &prefix->prefix);
	}
}

/* ---- addresses: RFC 4862 5.5.3, 5.5.4 ---- */

static struct ip_prefix
host_prefix(const struct ip_addr *addr)
{
	return (struct ip_prefix){ *addr, ip_addr_bits(addr) };
}

/* The interface is found anew each time: what changes its addresses replaces it. */
static void
addr_choose(struct stack *stack, uint16_t index, struct autoconf_prefix *prefix)
{
	const struct stack_nd_config *config = &stack->config.nd;
	char name[IFACE_NAME_MAX];
	struct ip_prefix host;
	struct error err;

	strlcpy(name, iface_get(stack->ifaces, index)->name, sizeof(name));
	prefix->addr = autoconf_stable_addr(&prefix->prefix, name, prefix->duplicates,
		config->stable_secret[0] != '\0' ? config->stable_secret : config->random_secret);
	host = host_prefix(&prefix->addr);
	if (stack_addr_add_as(stack, name, &host, IFACE_ADDR_SLAAC, &err) < 0 &&
		stack_autoconf_may_log(stack))
		log(iface, WARNING, "%s: %s", name, err.text);
}

static void
addr_remove(struct stack *stack, uint16_t index, const struct ip_addr *addr)
{
	const struct ip_prefix host = host_prefix(addr);
	char name[IFACE_NAME_MAX];

	strlcpy(name, iface_get(stack->ifaces, index)->name, sizeof(name));
	stack_addr_remove(stack, name, &host, NULL);
}

/* RFC 7217 6: another address after a duplicate, but not for ever. */
static void
addr_choose_again(struct stack *stack, uint16_t index, struct autoconf_prefix *prefix)
{
	if (prefix->duplicates == AUTOCONF_STABLE_RETRIES)
		return;
	prefix->duplicates++;
	addr_remove(stack, index, &prefix->addr);
	addr_choose(stack, index, prefix);
}

static void
addr_sync(struct stack *stack, uint16_t index, struct autoconf_prefix *prefix)
{
	const struct iface *iface = iface_get(stack->ifaces, index);
	bool preferred = stack_neigh_now_ms(stack) < prefix->preferred_until_ms;
	int i;

	if (prefix->valid_until_ms == 0) {
		prefix->addr.family = IP_FAMILY_NONE;
		return;
	}
	if (prefix->addr.family == IP_FAMILY_NONE) {
		addr_choose(stack, index, prefix);
		return;
	}
	i = iface_addr_find(iface, &prefix->addr);
	if (i < 0)
		return;
	switch ((enum iface_addr_state)iface->addr_states[i]) {
	case IFACE_ADDR_TENTATIVE: break;
	case IFACE_ADDR_DUPLICATE: addr_choose_again(stack, index, prefix); break;
	case IFACE_ADDR_PREFERRED:
		if (!preferred)
			stack_addr_state_set(stack, index, &prefix->addr, IFACE_ADDR_DEPRECATED);
		break;
	case IFACE_ADDR_DEPRECATED:
		if (preferred)
			stack_addr_state_set(stack, index, &prefix->addr, IFACE_ADDR_PREFERRED);
		break;
	}
}

/* Whether a prefix accounts for an address. */
static bool
is_wanted(const struct autoconf_host *host, const struct ip_addr *addr)
{
	for (unsigned i = 0; i < host->prefix_count; i++) {
		if (ip_addr_equal(&host->prefixes[i].addr, addr))
			return host->prefixes[i].valid_until_ms != 0;
	}
	return false;
}

static void
addrs_sync(struct stack *stack, struct stack_autoconf *autoconf)
{
	const struct iface *iface = iface_get(stack->ifaces, autoconf->iface);

	for (unsigned i = iface->addr_count; i-- > 0;) {
		const struct ip_addr addr = iface->addrs[i].addr;

		if (iface->addr_origins[i] != IFACE_ADDR_SLAAC || is_wanted(&autoconf->host, &addr))
			continue;
		addr_remove(stack, autoconf->iface, &addr);
		iface = iface_get(stack->ifaces, autoconf->iface);
	}
	for (unsigned i = 0; i < autoconf->host.prefix_count; i++)
		addr_sync(stack, autoconf->iface, &autoconf->host.prefixes[i]);
}

static void
autoconf_sync(struct stack *stack, struct stack_autoconf *autoconf)
{
	stack_autoconf_link_sync(stack, autoconf->iface, &autoconf->host.link);
	links_sync(stack, autoconf);
	addrs_sync(stack, autoconf);
	stack_autoconf_default_sync(stack, stack_autoconf_vrf(stack, autoconf));
	stack_autoconf_routes_sync(stack, autoconf);
}

/* ---- messages ---- */

static void
solicit(struct stack *stack, const struct iface *iface, const struct ip_addr *source)
{
	const struct nd_envelope envelope = { *source, ip6_all_routers, 255 };
	uint8_t message[RS_LENGTH_MAX];
	uint32_t length = rs_build(message, &iface->mac, &envelope);

	stack_ip6_send(stack, iface,
		&(struct ip6_build){
			.src = envelope.src.bytes,
			.dst = envelope.dst.bytes,
			.payload_length = (uint16_t)length,
			.next_header = IP_PROTO_ICMP6,
			.hop_limit = envelope.hop_limit,
		},
		message, NULL);
}

/* RFC 4861 6.3.4: the router is a neighbour, and a router. */
static void
router_learn(struct stack *stack, const struct iface *iface, const struct ip_addr *router,
	const struct ra *ra)
{
	const struct neigh_news news = {
		.key = { iface->index, *router },
		.mac = ra->mac,
		.has_mac = ra->has_mac,
		.override = true,
		.router = true,
		.advertisement = true,
		.create = true,
	};

	neigh_input(stack->neighs, stack_neigh_now_ms(stack), &news, &stack->neigh_actions);
	stack_neigh_carry_out(stack);
}

void
stack_autoconf_input(struct stack *stack, struct rte_mbuf *pkt)
{
	const struct iface *iface = iface_get(stack->ifaces, pkt_meta(pkt)->iface);
	struct stack_autoconf *autoconf = autoconf_find(stack, pkt_meta(pkt)->iface);
	const struct ip6_header *hdr = pkt_l3(pkt, const struct ip6_header *);
	const struct nd_envelope envelope = { ip_addr_from6(hdr->src), ip_addr_from6(hdr->dst),
		hdr->hop_limit };
	uint32_t offset = pkt->l2_len + pkt->l3_len;
	struct ra ra;

	if (pkt->nb_segs > 1 ||
		ra_parse(rte_pktmbuf_mtod_offset(pkt, const void *, offset), pkt->data_len - offset,
			&envelope, &ra) < 0) {
		stack_drop(stack, pkt, DROP_nd_malformed);
		return;
	}
	if (iface == NULL || !iface->up || autoconf == NULL ||
		iface_addr_is_own(iface, &envelope.src)) {
		stack_drop(stack, pkt, DROP_ra_ignored);
		return;
	}
	router_learn(stack, iface, &envelope.src, &ra);
	autoconf_host_input(&autoconf->host, &ra, &envelope.src, stack_neigh_now_ms(stack));
	autoconf_sync(stack, autoconf);
	rte_pktmbuf_free(pkt);
}

void
stack_autoconf_router_gone(
	struct stack *stack, const struct iface *iface, const struct ip_addr *router)
{
	struct stack_autoconf *autoconf = autoconf_find(stack, iface->index);

	if (autoconf == NULL || !autoconf_host_router_remove(&autoconf->host, router))
		return;
	stack_autoconf_default_sync(stack, iface->vrf);
	stack_autoconf_routes_sync(stack, autoconf);
}

/* ---- interfaces, time, users ---- */

static void
autoconf_poll(struct stack *stack, struct stack_autoconf *autoconf, bool sync)
{
	const struct iface *iface = iface_get(stack->ifaces, autoconf->iface);
	const uint64_t now_ms = stack_neigh_now_ms(stack);
	const struct ip_addr *source;

	if (is_up(iface) != autoconf->up) {
		/* Nothing that was learned holds on a link that was gone. */
		autoconf->up = is_up(iface);
		autoconf_host_start(&autoconf->host, now_ms, entropy_u32(&stack->entropy));
		sync = true;
	}
	if (!autoconf->up) {
		if (sync)
			autoconf_sync(stack, autoconf);
		return;
	}
	source = iface_addr_link_local(iface);
	if (source != NULL && autoconf_host_solicit(&autoconf->host, now_ms))
		solicit(stack, iface, source);
	/* Duplicates and routers that do not answer are found by looking, too. */
	if (autoconf_host_expire(&autoconf->host, now_ms) || sync)
		autoconf_sync(stack, autoconf);
}

void
stack_autoconf_poll(struct stack *stack)
{
	const uint64_t now_ms = stack_neigh_now_ms(stack);
	bool sync = now_ms - stack->autoconf_polled_ms >= ROUTER_POLL_MS;
	struct stack_autoconf *autoconf;

	if (sync)
		stack->autoconf_polled_ms = now_ms;
	TAILQ_FOREACH (autoconf, &stack->autoconfs, entry)
		autoconf_poll(stack, autoconf, sync);
}

uint64_t
stack_autoconf_next_ms(const struct stack *stack)
{
	const struct stack_autoconf *autoconf;
	uint64_t next_ms = UINT64_MAX;

	TAILQ_FOREACH (autoconf, &stack->autoconfs, entry) {
		const struct iface *iface = iface_get(stack->ifaces, autoconf->iface);

		if (is_up(iface) != autoconf->up)
			return 0;
		next_ms = RTE_MIN(next_ms, stack->autoconf_polled_ms + ROUTER_POLL_MS);
		if (autoconf->up)
			next_ms = RTE_MIN(next_ms, autoconf_host_next_ms(&autoconf->host));
	}
	return next_ms;
}

static void
autoconf_free(struct stack *stack, struct stack_autoconf *autoconf)
{
	autoconf_host_start(&autoconf->host, 0, 0);
	autoconf_sync(stack, autoconf);
	TAILQ_REMOVE(&stack->autoconfs, autoconf, entry);
	free(autoconf);
}

void
stack_autoconf_iface_gone(struct stack *stack, uint16_t iface)
{
	struct stack_autoconf *autoconf, *next;

	for (autoconf = TAILQ_FIRST(&stack->autoconfs); autoconf != NULL; autoconf = next) {
		next = TAILQ_NEXT(autoconf, entry);
		if (iface == IFACE_NONE || autoconf->iface == iface)
			autoconf_free(stack, autoconf);
	}
}

void
stack_autoconf_vrf_changed(struct stack *stack, const struct iface *iface, uint16_t before)
{
	struct stack_autoconf *autoconf = autoconf_find(stack, iface->index);

	if (autoconf == NULL)
		return;
	while (autoconf->link_count > 0)
		route_remove(stack_routes(stack, before), &autoconf->links[--autoconf->link_count],
			ROUTE_RA, NULL);
	stack_autoconf_default_sync(stack, before);
	stack_autoconf_routes_leave(stack, iface->index);
	autoconf_sync(stack, autoconf);
}

int
stack_autoconf_set(struct stack *stack, const char *name, bool accept, struct error *err)
{
	struct stack_autoconf *autoconf;
	const struct iface *iface;
	int rc = stack_iface_find(stack, name, &iface, err);

	if (rc < 0)
		return rc;
	autoconf = autoconf_find(stack, iface->index);
	if (accept == (autoconf != NULL))
		return 0;
	if (!accept) {
		autoconf_free(stack, autoconf);
		return 0;
	}
	rc = stack_iface_find_l3(stack, name, &iface, err);
	if (rc < 0)
		return rc;
	if (iface->attached == NEXTHOP_ID_NO_ROUTE)
		return error_set(err, EINVAL, "no router is behind the loopback %s", name);
	autoconf = calloc(1, sizeof(*autoconf));
	if (autoconf == NULL)
		return error_set(err, ENOMEM, "no memory");
	autoconf->iface = iface->index;
	autoconf->up = is_up(iface);
	autoconf_host_start(
		&autoconf->host, stack_neigh_now_ms(stack), entropy_u32(&stack->entropy));
	TAILQ_INSERT_TAIL(&stack->autoconfs, autoconf, entry);
	return 0;
}

const struct autoconf_host *
stack_autoconf_show(const struct stack *stack, uint16_t iface)
{
	const struct stack_autoconf *autoconf = autoconf_find(stack, iface);

	return autoconf != NULL ? &autoconf->host : NULL;
}
