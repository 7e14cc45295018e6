/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses of interfaces (stack_iface.c), with the routes that come with them. */
#include "stack/worker.h"

#include <stdlib.h>

static struct ip_prefix
host_prefix(const struct ip_addr *addr)
{
	return (struct ip_prefix){ *addr, ip_addr_bits(addr) };
}

#define SPECIALS_MAX 2

/*
 * The addresses of a subnet that are no host's: of IPv4 the two that mean all of it (RFC 1812
 * 4.2.3.1, 5.3.5), of IPv6 that of all its routers (RFC 4291 2.6.1). @return how many
 */
static unsigned
special_prefixes(const struct ip_prefix *addr, struct ip_prefix specials[SPECIALS_MAX])
{
	struct ip_prefix network = ip_prefix_network(addr);
	struct ip_addr anycast;
	uint32_t mask;

	specials[0] = host_prefix(&network.addr);
	if (addr->addr.family == IP_FAMILY_6)
		return iface_addr_anycast(addr, &anycast) ? 1 : 0;
	if (addr->length > 30)
		return 0;
	specials[1] = specials[0];
	mask = htobe32(addr->length == 0 ? UINT32_MAX : UINT32_MAX >> addr->length);
	for (unsigned i = 0; i < 4; i++)
		specials[1].addr.bytes[i] |= ((const uint8_t *)&mask)[i];
	return 2;
}

/* Whether another address of the interface is in the very same subnet, which is its routes' then. */
static bool
subnet_is_shared(const struct iface *iface, const struct ip_prefix *addr)
{
	const struct ip_prefix network = ip_prefix_network(addr);

	for (unsigned i = 0; i < iface->addr_count; i++) {
		const struct ip_prefix other = ip_prefix_network(&iface->addrs[i]);

		if (!ip_addr_equal(&iface->addrs[i].addr, &addr->addr) &&
			ip_prefix_compare(&network, &other) == 0)
			return true;
	}
	return false;
}

/* Whether an address brings its subnet with it: not on a loopback, which has no link. */
static bool
addr_connects(const struct iface *iface, const struct ip_prefix *addr)
{
	return addr->length < ip_addr_bits(&addr->addr) && iface->attached != NEXTHOP_ID_NO_ROUTE &&
		!subnet_is_shared(iface, addr);
}

static bool
has_special(const struct iface *iface, const struct ip_prefix *special)
{
	struct ip_prefix specials[SPECIALS_MAX];

	for (unsigned a = 0; a < iface->addr_count; a++) {
		unsigned count = special_prefixes(&iface->addrs[a], specials);

		for (unsigned i = 0; i < count; i++) {
			if (ip_prefix_compare(&specials[i], special) == 0)
				return true;
		}
	}
	return false;
}

/* Whether a subnet of the VRF has this special address: nested subnets can share one. */
static bool
special_is_used(const struct stack *stack, uint16_t vrf, const struct ip_prefix *special)
{
	const struct iface *iface;

	for (unsigned i = 0; (iface = iface_next(stack->ifaces, i)) != NULL; i = iface->index + 1) {
		if (iface->vrf == vrf && iface->attached != NEXTHOP_ID_NO_ROUTE &&
			has_special(iface, special))
			return true;
	}
	return false;
}

/* Of an address that the interface, as published, does not have any more. */
static void
addr_routes_remove(struct stack *stack, const struct iface *iface, const struct ip_prefix *addr)
{
	struct ip_prefix host = host_prefix(&addr->addr), network = ip_prefix_network(addr);
	struct route_table *routes = stack_routes(stack, iface->vrf);
	struct ip_prefix specials[SPECIALS_MAX];
	unsigned count = special_prefixes(addr, specials);

	route_remove(routes, &host, ROUTE_LOCAL, NULL);
	if (!addr_connects(iface, addr))
		return;
	for (unsigned i = 0; i < count; i++) {
		if (!special_is_used(stack, iface->vrf, &specials[i]))
			route_remove(routes, &specials[i], ROUTE_CONNECTED, NULL);
	}
	route_remove(routes, &network, ROUTE_CONNECTED, NULL);
}

static int
subnet_routes_insert(struct stack *stack, const struct iface *iface, const struct ip_prefix *addr,
	struct error *err)
{
	const uint32_t nexthop =
		addr->addr.family == IP_FAMILY_4 ? NEXTHOP_ID_BROADCAST : NEXTHOP_ID_ANYCAST;
	struct ip_prefix network = ip_prefix_network(addr), specials[SPECIALS_MAX];
	unsigned count = special_prefixes(addr, specials);
	struct route_table *routes = stack_routes(stack, iface->vrf);
	uint16_t on_link = stack_neigh_routes_iface(stack, iface->vrf, &network);
	char text[IP_TEXT_MAX];
	int rc;

	nexthop_hold(stack->nexthops, iface->attached);
	rc = route_insert(routes, &network, ROUTE_CONNECTED, iface->attached, err);
	if (rc < 0) {
		nexthop_release(stack->nexthops, iface->attached);
		return rc != -EEXIST
			? rc
			: error_set(err, EEXIST, "%s is connected on another interface already",
				  ip_prefix_format(&network, text));
	}
	stack_neigh_routes_check(stack, on_link);
	for (unsigned i = 0; i < count; i++) {
		rc = route_insert(routes, &specials[i], ROUTE_CONNECTED, nexthop, err);
		if (rc < 0 && rc != -EEXIST)
			return rc;
	}
	return 0;
}

/* Where packets to an address go: one that is tentative is not served. */
static uint32_t
addr_nexthop(const struct iface *iface, const struct ip_prefix *addr)
{
	return iface_addr_is_own(iface, &addr->addr) ? NEXTHOP_ID_LOCAL : NEXTHOP_ID_BLACKHOLE;
}

/* Local, connected, broadcast: all or none. The interface, as published, has not got it yet. */
static int
addr_routes_insert(struct stack *stack, const struct iface *iface, const struct ip_prefix *addr,
	struct error *err)
{
	struct ip_prefix host = host_prefix(&addr->addr);
	struct route_table *routes = stack_routes(stack, iface->vrf);
	int rc = route_insert(routes, &host, ROUTE_LOCAL, addr_nexthop(iface, addr), err);

	if (rc == 0 && addr_connects(iface, addr)) {
		rc = subnet_routes_insert(stack, iface, addr, err);
		if (rc == -EEXIST)
			route_remove(routes, &host, ROUTE_LOCAL, NULL);
		else if (rc < 0)
			addr_routes_remove(stack, iface, addr);
	}
	return rc;
}

/* Link-local addresses of IPv6 are the interface's own matter: no route leads to them. */
static bool
addr_has_routes(const struct ip_prefix *addr)
{
	return addr->addr.family != IP_FAMILY_6 || !ip_addr_is_link_local(&addr->addr);
}

/*
 * One that another interface of the VRF has belongs to that one, also while it is tentative or a
 * duplicate and no route leads there. Link-local ones of IPv6 are each interface's own matter.
 */
static int
addr_check_unique(const struct stack *stack, const struct iface *self, const struct ip_addr *addr,
	struct error *err)
{
	char text[IP_TEXT_MAX];

	for (const struct iface *iface = iface_next(stack->ifaces, 0); iface != NULL;
		iface = iface_next(stack->ifaces, iface->index + 1U)) {
		if (iface->index != self->index && iface->vrf == self->vrf &&
			iface_addr_find(iface, addr) >= 0)
			return error_set(err, EEXIST,
				"%s is an address of %s already: 'addr del' it there first",
				ip_addr_format(addr, text), iface->name);
	}
	return 0;
}

int
stack_addr_add(
	struct stack *stack, const char *name, const struct ip_prefix *addr, struct error *err)
{
	return stack_addr_add_as(stack, name, addr, IFACE_ADDR_MANUAL, err);
}

int
stack_addr_add_as(struct stack *stack, const char *name, const struct ip_prefix *addr,
	enum iface_addr_origin origin, struct error *err)
{
	const struct iface *iface;
	struct iface *copy;
	int rc = stack_iface_find_l3(stack, name, &iface, err);

	if (rc == 0)
		rc = stack_iface_find_copy(stack, name, &copy, err);
	if (rc != 0)
		return rc;
	if (addr_has_routes(addr))
		rc = addr_check_unique(stack, copy, &addr->addr, err);
	if (rc == 0)
		rc = iface_addr_add(copy, addr, err);
	if (rc == 0)
		copy->addr_origins[copy->addr_count - 1] = (uint8_t)origin;
	if (rc == 0 && stack_dad_needed(stack, copy, &addr->addr))
		iface_addr_state_set(copy, copy->addr_count - 1, IFACE_ADDR_TENTATIVE);
	if (rc == 0 && addr_has_routes(addr))
		rc = addr_routes_insert(stack, copy, addr, err);
	if (rc != 0) {
		free(copy);
		return rc;
	}
	rc = stack_iface_publish(stack, copy, err);
	iface = iface_lookup(stack->ifaces, name);
	if (rc < 0) {
		if (addr_has_routes(addr))
			addr_routes_remove(stack, iface, addr);
		return rc;
	}
	if (iface_addr_is_own(iface, &addr->addr))
		stack_announce_addr(stack, iface, &addr->addr);
	else
		stack_dad_start(stack, iface, &addr->addr);
	return 0;
}

void
stack_addr_state_set(struct stack *stack, uint16_t index, const struct ip_addr *addr,
	enum iface_addr_state state)
{
	const char *name = iface_get(stack->ifaces, index)->name;
	struct ip_prefix host = host_prefix(addr);
	struct route_table *routes;
	struct iface *copy;

	if (stack_iface_find_copy(stack, name, &copy, NULL) < 0)
		return;
	routes = stack_routes(stack, copy->vrf);
	iface_addr_state_set(copy, iface_addr_find(copy, addr), state);
	/* Whoever else has the address is reached like any neighbour. */
	if (addr_has_routes(&host) && state == IFACE_ADDR_DUPLICATE)
		route_remove(routes, &host, ROUTE_LOCAL, NULL);
	else if (addr_has_routes(&host))
		route_replace(routes, &host, ROUTE_LOCAL, addr_nexthop(copy, &host), NULL);
	stack_iface_publish(stack, copy, NULL);
}

int
stack_addr_remove(
	struct stack *stack, const char *name, const struct ip_prefix *addr, struct error *err)
{
	struct iface *copy;
	int rc = stack_iface_find_copy(stack, name, &copy, err);

	if (rc < 0)
		return rc;
	rc = iface_addr_remove(copy, addr, err);
	if (rc < 0) {
		free(copy);
		return rc;
	}
	rc = stack_iface_publish(stack, copy, err);
	if (rc == 0 && addr_has_routes(addr)) {
		const struct iface *iface = iface_lookup(stack->ifaces, name);

		addr_routes_remove(stack, iface, addr);
		stack_neigh_routes_check(stack, iface->index);
	}
	return rc;
}

/*
 * Of several addresses in one subnet only the first brings its routes, and only the last takes them
 * away: so they come and go one by one, on a copy that has those before.
 */
int
stack_addrs_connect(struct stack *stack, const struct iface *iface, struct error *err)
{
	struct iface *part = aligned_alloc(_Alignof(struct iface), sizeof(*part));
	int rc = 0;

	if (part == NULL)
		return error_set(err, ENOMEM, "no memory");
	*part = *iface;
	for (unsigned i = 0; i < iface->addr_count && rc == 0; i++) {
		const struct ip_prefix host = host_prefix(&iface->addrs[i].addr);

		part->addr_count = (uint8_t)(i + 1);
		if (!addr_has_routes(&iface->addrs[i]))
			continue;
		rc = addr_check_unique(stack, part, &iface->addrs[i].addr, err);
		if (rc == 0)
			rc = addr_routes_insert(stack, part, &iface->addrs[i], err);
		if (rc == 0 && iface->addr_states[i] == IFACE_ADDR_DUPLICATE)
			route_remove(stack_routes(stack, iface->vrf), &host, ROUTE_LOCAL, NULL);
	}
	if (rc < 0) {
		part->addr_count--;
		stack_addrs_disconnect(stack, part);
	}
	free(part);
	return rc;
}

void
stack_addrs_disconnect(struct stack *stack, const struct iface *iface)
{
	struct iface *part = aligned_alloc(_Alignof(struct iface), sizeof(*part));

	if (part == NULL)
		return;
	*part = *iface;
	for (unsigned i = iface->addr_count; i-- > 0;) {
		part->addr_count = (uint8_t)i;
		if (addr_has_routes(&iface->addrs[i]))
			addr_routes_remove(stack, part, &iface->addrs[i]);
	}
	free(part);
}
