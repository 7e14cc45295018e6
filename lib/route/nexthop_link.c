/* SPDX-License-Identifier: BSD-3-Clause */
/* Nexthops on a link: attached ones and gateways, and their adjacencies. */
#include "route/nexthop_table.h"

#include <string.h>

/* What a rewrite is stored in; its readers copy bytes. */
typedef uint64_t __attribute__((may_alias)) rewrite_word;

#define REWRITE_WORDS (NEXTHOP_REWRITE_MAX / sizeof(rewrite_word))

_Static_assert(NEXTHOP_REWRITE_MAX >= ETHER_HDR_LENGTH + VLAN_TAGS_MAX * VLAN_TAG_LENGTH &&
		NEXTHOP_REWRITE_MAX % sizeof(rewrite_word) == 0,
	"an Ethernet header with its tags, in whole words");

static int
links_compare(const struct nexthop_entry *a, const struct nexthop_entry *b)
{
	int order = (int)a->iface - (int)b->iface;

	if (order == 0)
		order = memcmp(&a->gateway, &b->gateway, sizeof(a->gateway));
	if (order == 0)
		order = (int)a->private_ - (int)b->private_;
	if (order == 0)
		order = a->id < b->id ? -1 : a->id > b->id;
	return order;
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(
	nexthop_links, nexthop_entry, node, links_compare, __attribute__((unused)) static)

/*
 * The first nexthop of (iface, gateway), which is the shared one if there is one; gateway NULL:
 * of the interface.
 */
static struct nexthop_entry *
links_first(const struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway)
{
	/* The tree's functions do not know const. */
	struct nexthop_links *links = (struct nexthop_links *)(uintptr_t)&table->links;
	struct nexthop_entry key = { .iface = iface };

	if (gateway != NULL)
		key.gateway = *gateway;
	return RB_NFIND(nexthop_links, links, &key);
}

static bool
links_match(const struct nexthop_entry *entry, uint16_t iface, const struct ip_addr *gateway)
{
	return entry != NULL && entry->iface == iface &&
		(gateway == NULL || ip_addr_equal(&entry->gateway, gateway));
}

static void
rewrite_store(struct nexthop *nexthop, const struct mac_addr *dst,
	const struct nexthop_entry *entry, enum nexthop_type type)
{
	bool ip4 = nexthop->gateway.family == IP_FAMILY_4;
	union {
		uint8_t bytes[NEXTHOP_REWRITE_MAX];
		rewrite_word words[REWRITE_WORDS];
	} link = { .words = { 0 } };
	rewrite_word *words = (rewrite_word *)(void *)nexthop->rewrite;

	vlan_hdr_build(
		link.bytes, dst, &entry->mac, &entry->tags, ip4 ? ETHER_TYPE_IP4 : ETHER_TYPE_IP6);
	for (unsigned i = REWRITE_WORDS; i > 0; i--)
		__atomic_store_n(&words[i - 1], link.words[i - 1], __ATOMIC_RELAXED);
	__atomic_store_n(&nexthop->type, type, __ATOMIC_RELEASE);
}

/* Behind a gateway of IPv6 the link may be narrower. */
static uint16_t
link_mtu(const struct nexthop_link *link, const struct ip_addr *gateway)
{
	bool narrower = gateway->family == IP_FAMILY_6 && link->mtu6 != 0 && link->mtu6 < link->mtu;

	return narrower ? link->mtu6 : link->mtu;
}

/* Before its id is given to anyone. */
static struct nexthop *
link_init(struct nexthop_table *table, uint32_t id, const struct nexthop_link *link,
	const struct ip_addr *gateway)
{
	const struct nexthop_entry *first = links_first(table, link->iface, NULL);
	struct nexthop_entry *entry = &table->entries[id];
	struct nexthop *nexthop = &table->nexthops[id];

	/* What is so of all nexthops on the interface is so of the first. */
	if (links_match(first, link->iface, NULL))
		entry->down = first->down & (NEXTHOP_DOWN_IFACE | NEXTHOP_DOWN_LINK);
	nexthop->port = link->port;
	nexthop->iface = link->iface;
	nexthop->mtu = gateway != NULL ? link_mtu(link, gateway) : link->mtu;
	nexthop->rewrite_length = (uint8_t)vlan_hdr_length(&link->tags);
	nexthop->type = NEXTHOP_ATTACHED;
	if (gateway != NULL) {
		nexthop->gateway = *gateway;
		nexthop->type = NEXTHOP_UNRESOLVED;
		entry->gateway = *gateway;
	}
	entry->iface = link->iface;
	entry->mac = link->mac;
	entry->tags = link->tags;
	return nexthop;
}

int
nexthop_attached(struct nexthop_table *table, const struct nexthop_link *link, uint32_t *id,
	struct error *err)
{
	static const struct ip_addr none;
	struct nexthop_entry *entry = links_first(table, link->iface, &none);
	int ret;

	if (links_match(entry, link->iface, &none)) {
		nexthop_hold(table, entry->id);
		*id = entry->id;
		return 0;
	}
	ret = nexthop_alloc(table, id, err);
	if (ret < 0)
		return ret;
	link_init(table, *id, link, NULL);
	RB_INSERT(nexthop_links, &table->links, &table->entries[*id]);
	return 0;
}

int
nexthop_gateway(struct nexthop_table *table, const struct nexthop_link *link,
	const struct ip_addr *gateway, bool private_, uint32_t *id, struct error *err)
{
	struct nexthop_entry *known;
	const struct nexthop *from;
	struct nexthop *nexthop;
	int ret;

	if (gateway->family != IP_FAMILY_4 && gateway->family != IP_FAMILY_6)
		return error_set(err, EINVAL, "a gateway needs an address");
	known = links_first(table, link->iface, gateway);
	if (!links_match(known, link->iface, gateway))
		known = NULL;
	if (known != NULL && !known->private_ && !private_) {
		nexthop_hold(table, known->id);
		*id = known->id;
		return 0;
	}
	ret = nexthop_alloc(table, id, err);
	if (ret < 0)
		return ret;
	nexthop = link_init(table, *id, link, gateway);
	table->entries[*id].private_ = private_;
	if (known != NULL) {
		from = &table->nexthops[known->id];
		memcpy(nexthop->rewrite, from->rewrite, sizeof(nexthop->rewrite));
		nexthop->type = from->type;
		table->entries[*id].down |= known->down & NEXTHOP_DOWN_NEIGH;
	}
	RB_INSERT(nexthop_links, &table->links, &table->entries[*id]);
	return 0;
}

void
nexthop_link_remove(struct nexthop_table *table, uint32_t id)
{
	RB_REMOVE(nexthop_links, &table->links, &table->entries[id]);
}

void
nexthop_resolve(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway,
	const struct mac_addr *mac)
{
	struct nexthop_entry *entry = links_first(table, iface, gateway);

	for (; links_match(entry, iface, gateway); entry = RB_NEXT(nexthop_links, , entry))
		rewrite_store(&table->nexthops[entry->id], mac, entry, NEXTHOP_GATEWAY);
}

bool
nexthop_prepare(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway,
	const struct mac_addr *mac)
{
	struct nexthop_entry *entry = links_first(table, iface, gateway);
	bool any = false;

	for (; links_match(entry, iface, gateway); entry = RB_NEXT(nexthop_links, , entry)) {
		struct nexthop *nexthop = &table->nexthops[entry->id];
		bool ready = nexthop->type == NEXTHOP_GATEWAY;

		rewrite_store(nexthop, mac, entry, ready ? NEXTHOP_GATEWAY : NEXTHOP_RESOLVED);
		any |= !ready;
	}
	return any;
}

void
nexthop_settle(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway)
{
	struct nexthop_entry *entry = links_first(table, iface, gateway);

	for (; links_match(entry, iface, gateway); entry = RB_NEXT(nexthop_links, , entry)) {
		struct nexthop *nexthop = &table->nexthops[entry->id];

		if (nexthop->type == NEXTHOP_RESOLVED)
			__atomic_store_n(&nexthop->type, NEXTHOP_GATEWAY, __ATOMIC_RELEASE);
	}
}

void
nexthop_unresolve(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway)
{
	struct nexthop_entry *entry = links_first(table, iface, gateway);

	for (; links_match(entry, iface, gateway); entry = RB_NEXT(nexthop_links, , entry)) {
		__atomic_store_n(
			&table->nexthops[entry->id].type, NEXTHOP_UNRESOLVED, __ATOMIC_RELEASE);
	}
}

void
nexthop_link_update(struct nexthop_table *table, const struct nexthop_link *link)
{
	struct nexthop_entry *entry = links_first(table, link->iface, NULL);
	struct mac_addr dst;

	for (; links_match(entry, link->iface, NULL); entry = RB_NEXT(nexthop_links, , entry)) {
		struct nexthop *nexthop = &table->nexthops[entry->id];

		__atomic_store_n(&nexthop->mtu, link_mtu(link, &entry->gateway), __ATOMIC_RELAXED);
		entry->mac = link->mac;
		if (nexthop->type != NEXTHOP_GATEWAY && nexthop->type != NEXTHOP_RESOLVED)
			continue;
		memcpy(&dst, nexthop->rewrite, sizeof(dst));
		rewrite_store(nexthop, &dst, entry, (enum nexthop_type)nexthop->type);
	}
}

void
nexthop_gateway_foreach(const struct nexthop_table *table, uint16_t iface,
	const struct ip_addr *gateway, void (*visit)(void *arg, uint32_t id), void *arg)
{
	struct nexthop_entry *entry = links_first(table, iface, gateway);

	while (links_match(entry, iface, gateway)) {
		uint32_t id = entry->id;

		/* The visitor may release its nexthop. */
		entry = RB_NEXT(nexthop_links, , entry);
		visit(arg, id);
	}
}

int
nexthop_iface_used(const struct nexthop_table *table, uint16_t iface)
{
	struct nexthop_entry *entry = links_first(table, iface, NULL);

	/* The attached nexthop comes first. */
	if (links_match(entry, iface, NULL) && entry->gateway.family == IP_FAMILY_NONE)
		entry = RB_NEXT(nexthop_links, , entry);
	return links_match(entry, iface, NULL) ? 0 : -ENOENT;
}

void
nexthop_down_set(struct nexthop_table *table, uint16_t iface, const struct ip_addr *gateway,
	enum nexthop_down reason, bool down)
{
	struct nexthop_entry *first = links_first(table, iface, gateway);
	bool changed = false;

	/* What is so of all of them is so of the first, as in link_init(). */
	if (!links_match(first, iface, gateway) || ((first->down & reason) != 0) == down)
		return;
	for (struct nexthop_entry *entry = first; links_match(entry, iface, gateway);
		entry = RB_NEXT(nexthop_links, , entry)) {
		if (((entry->down & reason) != 0) == down)
			continue;
		entry->down ^= reason;
		if (entry->group != 0)
			changed = table->entries[entry->group].stale = true;
	}
	/* Only now, so that a group of which several paths change does so once. */
	for (struct nexthop_entry *entry = first; changed && links_match(entry, iface, gateway);
		entry = RB_NEXT(nexthop_links, , entry)) {
		struct nexthop_entry *group = &table->entries[entry->group];

		if (entry->group != 0 && group->stale &&
			nexthop_group_refresh(table, group->id) == 0)
			group->stale = false;
	}
}

unsigned
nexthop_down(const struct nexthop_table *table, uint32_t id)
{
	return nexthop_is_used(table, id) ? table->entries[id].down : 0;
}

int
nexthop_down_next(const struct nexthop_table *table, struct nexthop_gateway_key *key)
{
	struct nexthop_entry *entry = links_first(table, key->iface, &key->gateway);

	for (; entry != NULL; entry = RB_NEXT(nexthop_links, , entry)) {
		if ((entry->down & NEXTHOP_DOWN_NEIGH) == 0 ||
			(entry->iface == key->iface &&
				ip_addr_equal(&entry->gateway, &key->gateway)))
			continue;
		*key = (struct nexthop_gateway_key){ entry->iface, entry->gateway };
		return 0;
	}
	return -ENOENT;
}
