/* SPDX-License-Identifier: BSD-3-Clause */
/* The RIB of one VRF: the routes of all sources; the best one of each prefix is in the FIB. */
#include "route/route.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/sys/tree.h>

#include <rte_rcu_qsbr.h>

#include "route/fib4.h"
#include "route/fib6.h"

/* A prefix with at least one route. A million of them are kept: no pointer or count too much. */
struct rib_prefix {
	RB_ENTRY(rib_prefix) node;
	struct ip_prefix prefix;
	uint8_t sources; /* bit mask of enum route_source */
	uint32_t nexthops[ROUTE_SOURCE_COUNT];
};

RB_HEAD(rib, rib_prefix);

struct route_table {
	struct rib rib4, rib6;
	uint32_t routes4, routes6;
	struct fib4 fib4;
	struct fib6 fib6;
	struct nexthop_table *nexthops;
	struct rte_rcu_qsbr *rcu;
};

static int
rib_compare(const struct rib_prefix *a, const struct rib_prefix *b)
{
	return ip_prefix_compare(&a->prefix, &b->prefix);
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(rib, rib_prefix, node, rib_compare, __attribute__((unused)) static)

const char *
route_source_name(enum route_source source)
{
	static const char *const names[ROUTE_SOURCE_COUNT] = {
		[ROUTE_LOCAL] = "local",
		[ROUTE_CONNECTED] = "connected",
		[ROUTE_STATIC] = "static",
		[ROUTE_NEIGHBOUR] = "neighbour",
	};

	return (unsigned)source < ROUTE_SOURCE_COUNT ? names[source] : "unknown";
}

/* The tree's functions do not know const. */
static struct rib *
table_rib(const struct route_table *table, uint8_t family)
{
	const struct rib *rib = family == IP_FAMILY_4 ? &table->rib4 : &table->rib6;

	return (struct rib *)(uintptr_t)rib;
}

static struct mtrie *
table_trie(struct route_table *table, uint8_t family)
{
	return family == IP_FAMILY_4 ? &table->fib4.trie : &table->fib6.trie;
}

static struct rib_prefix *
rib_find(const struct route_table *table, const struct ip_prefix *prefix)
{
	struct rib_prefix key = { .prefix = *prefix };

	return RB_FIND(rib, table_rib(table, prefix->addr.family), &key);
}

/* The last prefix at or before `prefix` in order. */
static struct rib_prefix *
rib_floor(struct rib *rib, const struct ip_prefix *prefix)
{
	struct rib_prefix key = { .prefix = *prefix };
	struct rib_prefix *next = RB_NFIND(rib, rib, &key);

	if (next == NULL)
		return RB_MAX(rib, rib);
	if (rib_compare(next, &key) == 0)
		return next;
	return RB_PREV(rib, rib, next);
}

static unsigned
common_bits(const struct ip_addr *a, const struct ip_addr *b)
{
	unsigned bits = ip_addr_bits(a);

	for (unsigned byte = 0; byte < bits / 8; byte++) {
		unsigned differ = a->bytes[byte] ^ b->bytes[byte];

		if (differ != 0)
			return byte * 8 + (unsigned)__builtin_clz(differ) - 24;
	}
	return bits;
}

/*
 * The longest prefix that contains all of `prefix`, or equals it. Whatever contains it comes
 * before it in order. If the one just before it does not, then what contains both is as long at
 * most as their common bits: look there again.
 */
static struct rib_prefix *
rib_cover(const struct route_table *table, const struct ip_prefix *prefix)
{
	struct rib *rib = table_rib(table, prefix->addr.family);
	struct ip_prefix key = *prefix;

	for (;;) {
		struct rib_prefix *found = rib_floor(rib, &key);

		if (found == NULL)
			return NULL;
		if (found->prefix.length <= key.length &&
			ip_prefix_contains(&found->prefix, &key.addr))
			return found;
		key.length = common_bits(&found->prefix.addr, &key.addr);
		key = ip_prefix_network(&key);
	}
}

static enum route_source
prefix_best(const struct rib_prefix *prefix)
{
	return (enum route_source)__builtin_ctz(prefix->sources);
}

static bool
prefix_has(const struct rib_prefix *prefix, enum route_source source)
{
	return prefix != NULL && (prefix->sources >> source & 1) != 0;
}

static void
prefix_route(const struct rib_prefix *prefix, enum route_source source, struct route *route)
{
	route->prefix = prefix->prefix;
	route->source = source;
	route->active = source == prefix_best(prefix);
	route->nexthop = prefix->nexthops[source];
}

static int
route_check(const struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, uint32_t nexthop, struct error *err)
{
	const struct ip_addr *addr = &prefix->addr;
	struct ip_prefix network;
	char text[IP_TEXT_MAX];

	if ((addr->family != IP_FAMILY_4 && addr->family != IP_FAMILY_6) ||
		prefix->length > ip_addr_bits(addr))
		return error_set(err, EINVAL, "a route needs an IPv4 or IPv6 prefix");
	network = ip_prefix_network(prefix);
	if (!ip_addr_equal(&network.addr, addr))
		return error_set(err, EINVAL, "%s has bits set beyond its length",
			ip_prefix_format(prefix, text));
	if ((unsigned)source >= ROUTE_SOURCE_COUNT)
		return error_set(err, EINVAL, "there is no route source %u", (unsigned)source);
	if (nexthop == NEXTHOP_ID_NO_ROUTE || nexthop_references(table->nexthops, nexthop) == 0)
		return error_set(err, EINVAL, "there is no nexthop %u", nexthop);
	return 0;
}

static int
fib_insert(struct route_table *table, const struct ip_prefix *prefix, uint32_t nexthop,
	struct error *err)
{
	const struct mtrie_leaf leaf = { .nexthop = nexthop, .length = prefix->length };
	struct mtrie *trie = table_trie(table, prefix->addr.family);
	char text[IP_TEXT_MAX];
	int ret;

	ret = mtrie_insert(trie, prefix->addr.bytes, &leaf);
	if (ret == -ENOSPC)
		return error_set(err, ENOSPC, "the FIB is full: no block left for %s",
			ip_prefix_format(prefix, text));
	if (ret < 0)
		return error_set(
			err, -ret, "no memory in the FIB for %s", ip_prefix_format(prefix, text));
	return 0;
}

/* `node` is out of the tree already. */
static void
fib_remove(struct route_table *table, const struct ip_prefix *prefix)
{
	const struct rib_prefix *cover = rib_cover(table, prefix);
	struct mtrie_leaf leaf = { 0 };

	if (cover != NULL) {
		leaf.nexthop = cover->nexthops[prefix_best(cover)];
		leaf.length = cover->prefix.length;
	}
	mtrie_remove(
		table_trie(table, prefix->addr.family), prefix->addr.bytes, prefix->length, &leaf);
}

static void
count_routes(struct route_table *table, const struct ip_prefix *prefix, int change)
{
	if (prefix->addr.family == IP_FAMILY_4)
		table->routes4 += (uint32_t)change;
	else
		table->routes6 += (uint32_t)change;
}

/* A route of a source that the prefix does not have yet; `node` is the prefix's, or NULL. */
static int
route_add(struct route_table *table, struct rib_prefix *node, const struct route *route,
	struct error *err)
{
	bool new = node == NULL;
	int ret;

	if (new) {
		node = calloc(1, sizeof(*node));
		if (node == NULL)
			return error_set(err, ENOMEM, "no memory for a route");
		node->prefix = route->prefix;
	}
	if (new || route->source < prefix_best(node)) {
		ret = fib_insert(table, &route->prefix, route->nexthop, err);
		if (ret < 0)
			goto free_node;
	}
	if (new)
		RB_INSERT(rib, table_rib(table, route->prefix.addr.family), node);
	node->sources |= 1U << route->source;
	node->nexthops[route->source] = route->nexthop;
	// NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the tree has the node
	count_routes(table, &route->prefix, 1);
	return 0;

free_node:
	if (new)
		free(node);
	return ret;
}

int
route_insert(struct route_table *table, const struct ip_prefix *prefix, enum route_source source,
	uint32_t nexthop, struct error *err)
{
	const struct route route = { .prefix = *prefix, .source = source, .nexthop = nexthop };
	struct rib_prefix *node;
	char text[IP_TEXT_MAX];
	int ret;

	ret = route_check(table, prefix, source, nexthop, err);
	if (ret < 0)
		return ret;
	node = rib_find(table, prefix);
	if (prefix_has(node, source))
		return error_set(err, EEXIST, "there is a %s route to %s already",
			route_source_name(source), ip_prefix_format(prefix, text));
	return route_add(table, node, &route, err);
}

int
route_replace(struct route_table *table, const struct ip_prefix *prefix, enum route_source source,
	uint32_t nexthop, struct error *err)
{
	const struct route route = { .prefix = *prefix, .source = source, .nexthop = nexthop };
	struct rib_prefix *node;
	uint32_t old;
	int ret;

	ret = route_check(table, prefix, source, nexthop, err);
	if (ret < 0)
		return ret;
	node = rib_find(table, prefix);
	if (!prefix_has(node, source))
		return route_add(table, node, &route, err);
	if (source == prefix_best(node)) {
		ret = fib_insert(table, prefix, nexthop, err);
		if (ret < 0)
			return ret;
	}
	old = node->nexthops[source];
	node->nexthops[source] = nexthop;
	nexthop_release(table->nexthops, old);
	return 0;
}

int
route_remove(struct route_table *table, const struct ip_prefix *prefix, enum route_source source,
	struct error *err)
{
	struct rib_prefix *node = rib_find(table, prefix);
	enum route_source best;
	char text[IP_TEXT_MAX];
	uint32_t old;

	if ((unsigned)source >= ROUTE_SOURCE_COUNT || !prefix_has(node, source))
		return error_set(err, ENOENT, "there is no %s route to %s",
			route_source_name(source), ip_prefix_format(prefix, text));
	best = prefix_best(node);
	old = node->nexthops[source];
	node->sources &= ~(1U << source);
	if (node->sources == 0) {
		RB_REMOVE(rib, table_rib(table, prefix->addr.family), node);
		fib_remove(table, prefix);
		free(node);
	} else if (source == best) {
		/* The prefix is in the FIB, so that this cannot fail. */
		(void)fib_insert(table, prefix, node->nexthops[prefix_best(node)], NULL);
	}
	count_routes(table, prefix, -1);
	nexthop_release(table->nexthops, old);
	return 0;
}

int
route_find(const struct route_table *table, const struct ip_prefix *prefix,
	enum route_source source, struct route *route)
{
	const struct rib_prefix *node = rib_find(table, prefix);

	if (!prefix_has(node, source))
		return -ENOENT;
	prefix_route(node, source, route);
	return 0;
}

int
route_lookup(const struct route_table *table, const struct ip_addr *addr, struct route *route)
{
	const struct ip_prefix host = { .addr = *addr, .length = ip_addr_bits(addr) };
	const struct rib_prefix *node = rib_cover(table, &host);

	if (node == NULL)
		return -ENOENT;
	prefix_route(node, prefix_best(node), route);
	return 0;
}

int
route_next(const struct route_table *table, struct route *route)
{
	struct rib_prefix key = { .prefix = route->prefix };
	struct rib_prefix *node;
	unsigned sources;

	if (route->prefix.addr.family == IP_FAMILY_6)
		node = RB_NFIND(rib, table_rib(table, IP_FAMILY_6), &key);
	else
		node = RB_NFIND(rib, table_rib(table, IP_FAMILY_4), &key);
	if (node != NULL && rib_compare(node, &key) == 0) {
		sources = node->sources & ~((2U << route->source) - 1);
		if (sources != 0) {
			prefix_route(node, (enum route_source)__builtin_ctz(sources), route);
			return 0;
		}
		node = RB_NEXT(rib, , node);
	}
	if (node == NULL && route->prefix.addr.family != IP_FAMILY_6)
		node = RB_MIN(rib, table_rib(table, IP_FAMILY_6));
	if (node == NULL)
		return -ENOENT;
	prefix_route(node, prefix_best(node), route);
	return 0;
}

void
route_table_stats(const struct route_table *table, struct route_table_stats *stats)
{
	*stats = (struct route_table_stats){
		.routes4 = table->routes4,
		.routes6 = table->routes6,
		.fib4_bytes = mtrie_bytes(&table->fib4.trie),
		.fib6_bytes = mtrie_bytes(&table->fib6.trie),
		.fib4_blocks = table->fib4.trie.block_count,
		.fib6_blocks = table->fib6.trie.block_count,
	};
}

const struct fib4 *
route_table_fib4(const struct route_table *table)
{
	return &table->fib4;
}

const struct fib6 *
route_table_fib6(const struct route_table *table)
{
	return &table->fib6;
}

struct route_table *
route_table_create(struct rte_rcu_qsbr *rcu, struct nexthop_table *nexthops, int socket_id)
{
	struct route_table *table = aligned_alloc(64, sizeof(*table));

	if (table == NULL)
		return NULL;
	memset(table, 0, sizeof(*table));
	RB_INIT(&table->rib4);
	RB_INIT(&table->rib6);
	table->nexthops = nexthops;
	table->rcu = rcu;
	if (fib4_init(&table->fib4, rcu, socket_id) < 0)
		goto free_table;
	if (fib6_init(&table->fib6, rcu, socket_id) < 0)
		goto free_fib4;
	return table;

free_fib4:
	mtrie_fini(&table->fib4.trie);
free_table:
	free(table);
	return NULL;
}

static void
rib_destroy(struct route_table *table, struct rib *rib)
{
	struct rib_prefix *node, *next;

	for (node = RB_MIN(rib, rib); node != NULL; node = next) {
		next = RB_NEXT(rib, rib, node);
		RB_REMOVE(rib, rib, node);
		for (unsigned source = 0; source < ROUTE_SOURCE_COUNT; source++) {
			if (prefix_has(node, (enum route_source)source))
				nexthop_release(table->nexthops, node->nexthops[source]);
		}
		free(node);
	}
}

void
route_table_destroy(struct route_table *table)
{
	if (table == NULL)
		return;
	/* A worker may be in the tries still; the ids wait for their own grace periods. */
	if (table->rcu != NULL)
		rte_rcu_qsbr_synchronize(table->rcu, RTE_QSBR_THRID_INVALID);
	mtrie_fini(&table->fib4.trie);
	mtrie_fini(&table->fib6.trie);
	rib_destroy(table, &table->rib4);
	rib_destroy(table, &table->rib6);
	free(table);
}
