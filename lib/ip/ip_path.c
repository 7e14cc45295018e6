/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a transport has to know of the way to somebody before it sends: the address to send from, and
 * how large packets may be. Called by lib/sock on the worker; ip4_route and ip6_route look it up again.
 */
#include "ip/ip_priv.h"

#include <errno.h>

static uint32_t
fib_lookup(const struct ip_vrf *vrf, const struct ip_addr *addr)
{
	const uint8_t *bytes = addr->bytes;
	uint32_t id, addr_be;

	if (addr->family == IP_FAMILY_4) {
		memcpy(&addr_be, bytes, sizeof(addr_be));
		fib4_lookup_bulk(vrf->fib4, &addr_be, &id, 1);
	} else {
		fib6_lookup_bulk(vrf->fib6, &bytes, &id, 1);
	}
	return id;
}

/* The nexthop of a destination, or NULL. */
static const struct nexthop *
path_nexthop(const struct ip_core *core, const struct ip_path_query *query)
{
	const struct ip_vrf *vrf = ip_vrf_get(core->vrfs, query->vrf);
	const struct nexthop *nexthop;
	const struct iface *iface;

	if (ip_addr_is_link_local(query->dst) && query->dst->family == IP_FAMILY_6) {
		iface = iface_get(core->ifaces, query->iface);
		if (iface == NULL || !iface->up || iface->vrf != query->vrf)
			return NULL;
		return nexthop_get(core->nexthops, iface->attached);
	}
	if (vrf == NULL)
		return NULL;
	nexthop = nexthop_get(core->nexthops, fib_lookup(vrf, query->dst));
	return nexthop;
}

/* RFC 6724 4: another interface's of the VRF, for one whose own do not reach that far. */
static const struct ip_addr *
source_of(const struct ip_core *core, const struct iface *iface, const struct ip_addr *dst)
{
	const struct ip_addr *own = iface_addr_source(iface, dst);

	if (own != NULL && iface_addr_reaches(own, dst))
		return own;
	for (uint16_t i = 0; i < IFACE_MAX; i++) {
		const struct iface *other = iface_get(core->ifaces, i);
		const struct ip_addr *source =
			other != NULL && other->up && other->vrf == iface->vrf
			? iface_addr_source(other, dst)
			: NULL;

		if (source != NULL && iface_addr_reaches(source, dst))
			return source;
	}
	return own;
}

int
ip_path_find(const struct ip_core *core, const struct ip_path_query *query, struct ip_path *path)
{
	const struct nexthop *nexthop = NULL;
	const struct ip_addr *source;
	const struct iface *iface;

	/* Whatever a default route says: RFC 1122 3.2.1.3; RFC 9293 3.9.1, MUST-46. */
	if (ip_addr_is_host(query->dst))
		nexthop = path_nexthop(core, query);
	path->several = nexthop != NULL && nexthop_type_of(nexthop) == NEXTHOP_GROUP;
	/* Which path a flow takes its ports say, too: one that is up stands for the others. */
	if (path->several)
		nexthop = nexthop_get(core->nexthops, nexthop_group_of(nexthop)->buckets[0]);
	if (nexthop == NULL || !has_mtu(nexthop_type_of(nexthop)))
		return -ENETUNREACH;
	iface = iface_get(core->ifaces, nexthop->iface);
	if (iface == NULL)
		return -ENETUNREACH;
	path->iface = iface->index;
	path->link_mtu = nexthop_mtu_of(nexthop);
	path->path_mtu = ip_path_mtu(core, nexthop, query->dst);
	path->ttl = query->dst->family == IP_FAMILY_6 ? iface_hop_limit(iface) : IP_TTL_DEFAULT;
	if (!query->source)
		return 0;
	/* Answers to an address of another VRF's end in that one: they would not be heard. */
	if (iface->vrf != query->vrf)
		return -EADDRNOTAVAIL;
	source = source_of(core, iface, query->dst);
	if (source == NULL)
		return -EADDRNOTAVAIL;
	path->source = *source;
	return 0;
}

unsigned
ip_addrs_list(const struct ip_core *core, uint16_t vrf, enum ip_family family,
	struct ip_addr *addrs, unsigned max)
{
	unsigned count = 0;

	for (uint16_t i = 0; i < IFACE_MAX; i++) {
		const struct iface *iface = iface_get(core->ifaces, i);

		if (iface == NULL || !iface->up || iface->vrf != vrf)
			continue;
		for (unsigned j = 0; j < iface->addr_count && count < max; j++) {
			const struct ip_addr *addr = &iface->addrs[j].addr;

			if (addr->family == family && iface_addr_is_usable(iface, j) &&
				!ip_addr_is_link_local(addr) && !ip_addr_is_loopback(addr))
				addrs[count++] = *addr;
		}
	}
	return count;
}

uint32_t
ip_addrs_changes(const struct ip_core *core)
{
	return iface_table_changes(core->ifaces);
}

bool
ip_addr_is_local(
	const struct ip_core *core, uint16_t vrf, uint16_t iface, const struct ip_addr *addr)
{
	const struct ip_vrf *table = ip_vrf_get(core->vrfs, vrf);
	const struct iface *link;

	if (addr->family == IP_FAMILY_6 && ip_addr_is_link_local(addr)) {
		link = iface_get(core->ifaces, iface);
		return link != NULL && link->vrf == vrf && iface_addr_is_own(link, addr);
	}
	return table != NULL && fib_lookup(table, addr) == NEXTHOP_ID_LOCAL;
}
