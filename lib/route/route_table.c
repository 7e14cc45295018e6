/* SPDX-License-Identifier: BSD-3-Clause */
/* The RIB of one VRF: the routes of all sources; the best one of each prefix is in the FIB. */
#include "route/route_table.h"

#include <stdlib.h>
#include <string.h>

#include <rte_rcu_qsbr.h>

static struct mtrie *
table_trie(struct route_table *table, uint8_t family)
{
	return family == IP_FAMILY_4 ? &table->fib4.trie : &table->fib6.trie;
}

static int
route_check(const struct route_table *table, const struct route *route, struct error *err)
{
	const struct ip_addr *addr = &route->prefix.addr;
	struct ip_prefix network;
	char text[IP_TEXT_MAX];

	if ((addr->family != IP_FAMILY_4 && addr->family != IP_FAMILY_6) ||
		route->prefix.length > ip_addr_bits(addr))
		return error_set(err, EINVAL, "a route needs an IPv4 or IPv6 prefix");
	network = ip_prefix_network(&route->prefix);
	if (!ip_addr_equal(&network.addr, addr))
		return error_set(err, EINVAL, "%s has bits set beyond its length",
			ip_prefix_format(&route->prefix, text));
	if ((unsigned)route->source >= ROUTE_SOURCE_COUNT)
		return error_set(
			err, EINVAL, "there is no route source %u", (unsigned)route->source);
	if (route->source != ROUTE_STATIC && route->metric != 0)
		return error_set(err, EINVAL, "only static routes have a metric");
	if (route->nexthop == NEXTHOP_ID_NO_ROUTE ||
		nexthop_references(table->nexthops, route->nexthop) == 0)
		return error_set(err, EINVAL, "there is no nexthop %u", route->nexthop);
	return 0;
}

/* The FIB answers something else for what is in `prefix`. */
static void
changes_add(struct route_table *table, const struct ip_prefix *prefix)
{
	struct route_changes *changes = &table->changes;

	if (changes->count < ROUTE_CHANGES_MAX)
		changes->prefixes[changes->count] = *prefix;
	changes->count++;
}

void
route_changes_take(struct route_table *table, struct route_changes *changes)
{
	changes->count = table->changes.count;
	memcpy(changes->prefixes, table->changes.prefixes,
		(changes->count < ROUTE_CHANGES_MAX ? changes->count : ROUTE_CHANGES_MAX) *
			sizeof(changes->prefixes[0]));
	table->changes.count = 0;
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
	changes_add(table, prefix);
	return 0;
}

/* `node` is out of the tree already. */
static void
fib_remove(struct route_table *table, const struct ip_prefix *prefix)
{
	const struct rib_prefix *cover = table_cover(table, prefix);
	struct mtrie_leaf leaf = { 0 };

	if (cover != NULL) {
		leaf.nexthop = cover->nexthops[rib_prefix_best(cover)];
		leaf.length = cover->prefix.length;
	}
	mtrie_remove(
		table_trie(table, prefix->addr.family), prefix->addr.bytes, prefix->length, &leaf);
	changes_add(table, prefix);
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
	if (new || route->source < rib_prefix_best(node)) {
		ret = fib_insert(table, &route->prefix, route->nexthop, err);
		if (ret < 0)
			goto free_node;
	}
	if (new) {
		rib_insert(table_rib(table, route->prefix.addr.family), node);
		table->prefixes++;
	}
	node->sources |= 1U << route->source;
	if (route->source == ROUTE_STATIC)
		node->metric = route->metric;
	node->nexthops[route->source] = route->nexthop;
	// NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the tree has the node
	count_routes(table, &route->prefix, 1);
	return 0;

free_node:
	if (new)
		free(node);
	return ret;
}

static int
route_exists(const struct route *route, struct error *err)
{
	char text[IP_TEXT_MAX];

	return error_set(err, EEXIST, "there is a %s route to %s already",
		route_source_name(route->source), ip_prefix_format(&route->prefix, text));
}

/* Another nexthop for the route of a source that is in use, or would be but for better sources. */
static int
route_change(struct route_table *table, struct rib_prefix *node, const struct route *route,
	struct error *err)
{
	uint32_t old = node->nexthops[route->source];
	int ret = 0;

	if (route->source == rib_prefix_best(node))
		ret = fib_insert(table, &route->prefix, route->nexthop, err);
	if (ret < 0)
		return ret;
	node->nexthops[route->source] = route->nexthop;
	nexthop_release(table->nexthops, old);
	return 0;
}

/* A static route with a lower metric than the one in use, which has to wait behind it. */
static int
route_overtake(struct route_table *table, struct rib_prefix *node, const struct route *route,
	struct error *err)
{
	int ret = rib_spare_insert(&node->spares, node->metric, node->nexthops[ROUTE_STATIC]);

	if (ret < 0)
		return error_set(err, -ret, "no memory for a route");
	if (rib_prefix_best(node) == ROUTE_STATIC)
		ret = fib_insert(table, &route->prefix, route->nexthop, err);
	if (ret < 0) {
		rib_spare_remove(&node->spares);
		return ret;
	}
	node->nexthops[ROUTE_STATIC] = route->nexthop;
	node->metric = route->metric;
	table->spares++;
	count_routes(table, &route->prefix, 1);
	return 0;
}

/* A static route with a higher metric. */
static int
route_wait(struct route_table *table, struct rib_prefix *node, const struct route *route,
	bool replace, struct error *err)
{
	struct rib_spare **at = rib_spare_find(node, route->metric);
	uint32_t old;

	if (*at != NULL && (*at)->metric == route->metric) {
		if (!replace)
			return route_exists(route, err);
		old = (*at)->nexthop;
		(*at)->nexthop = route->nexthop;
		nexthop_release(table->nexthops, old);
		return 0;
	}
	if (rib_spare_insert(at, route->metric, route->nexthop) < 0)
		return error_set(err, ENOMEM, "no memory for a route");
	table->spares++;
	count_routes(table, &route->prefix, 1);
	return 0;
}

int
route_set(struct route_table *table, const struct route *route, bool replace, struct error *err)
{
	struct rib_prefix *node;
	int ret;

	ret = route_check(table, route, err);
	if (ret < 0)
		return ret;
	node = table_find(table, &route->prefix);
	if (!rib_prefix_has(node, route->source))
		return route_add(table, node, route, err);
	if (route->source == ROUTE_STATIC && route->metric < node->metric)
		return route_overtake(table, node, route, err);
	if (route->source == ROUTE_STATIC && route->metric > node->metric)
		return route_wait(table, node, route, replace, err);
	return replace ? route_change(table, node, route, err) : route_exists(route, err);
}

int
route_insert(struct route_table *table, const struct ip_prefix *prefix, enum route_source source,
	uint32_t nexthop, struct error *err)
{
	const struct route route = { .prefix = *prefix, .source = source, .nexthop = nexthop };

	return route_set(table, &route, false, err);
}

int
route_replace(struct route_table *table, const struct ip_prefix *prefix, enum route_source source,
	uint32_t nexthop, struct error *err)
{
	const struct route route = { .prefix = *prefix, .source = source, .nexthop = nexthop };

	return route_set(table, &route, true, err);
}

/* The next static route takes the place of the one that was in use. */
static void
route_succeed(struct route_table *table, struct rib_prefix *node)
{
	node->nexthops[ROUTE_STATIC] = node->spares->nexthop;
	node->metric = node->spares->metric;
	rib_spare_remove(&node->spares);
	table->spares--;
	/* The prefix is in the FIB, so that this cannot fail. */
	if (rib_prefix_best(node) == ROUTE_STATIC)
		(void)fib_insert(table, &node->prefix, node->nexthops[ROUTE_STATIC], NULL);
}

/* A source goes: the next best one's route is in use, or the prefix is gone. */
static void
source_remove(struct route_table *table, struct rib_prefix *node, enum route_source source)
{
	const struct ip_prefix prefix = node->prefix;
	enum route_source best = rib_prefix_best(node);

	node->sources &= ~(1U << source);
	if (node->sources == 0) {
		rib_remove(table_rib(table, prefix.addr.family), node);
		table->prefixes--;
		fib_remove(table, &prefix);
		free(node);
	} else if (source == best) {
		/* The prefix is in the FIB, so that this cannot fail. */
		(void)fib_insert(table, &prefix, node->nexthops[rib_prefix_best(node)], NULL);
	}
}

int
route_remove(struct route_table *table, const struct ip_prefix *prefix, enum route_source source,
	struct error *err)
{
	struct rib_prefix *node = table_find(table, prefix);
	char text[IP_TEXT_MAX];
	uint32_t old;

	if ((unsigned)source >= ROUTE_SOURCE_COUNT || !rib_prefix_has(node, source))
		return error_set(err, ENOENT, "there is no %s route to %s",
			route_source_name(source), ip_prefix_format(prefix, text));
	old = node->nexthops[source];
	count_routes(table, prefix, -1);
	if (source == ROUTE_STATIC && node->spares != NULL)
		route_succeed(table, node);
	else
		source_remove(table, node, source);
	nexthop_release(table->nexthops, old);
	return 0;
}

int
route_remove_metric(struct route_table *table, const struct ip_prefix *prefix, uint32_t metric,
	struct error *err)
{
	struct rib_prefix *node = table_find(table, prefix);
	struct rib_spare **at;
	char text[IP_TEXT_MAX];
	uint32_t old;

	if (rib_prefix_has(node, ROUTE_STATIC) && node->metric == metric)
		return route_remove(table, prefix, ROUTE_STATIC, err);
	at = node != NULL ? rib_spare_find(node, metric) : NULL;
	if (at == NULL || *at == NULL || (*at)->metric != metric)
		return error_set(err, ENOENT, "there is no static route to %s with metric %u",
			ip_prefix_format(prefix, text), metric);
	old = (*at)->nexthop;
	rib_spare_remove(at);
	table->spares--;
	count_routes(table, prefix, -1);
	nexthop_release(table->nexthops, old);
	return 0;
}

/* What the C library takes for it: a word before it, in steps of 16 bytes. */
static size_t
malloc_size(size_t size)
{
	return (size + sizeof(size_t) + 15) / 16 * 16;
}

void
route_table_stats(const struct route_table *table, struct route_table_stats *stats)
{
	*stats = (struct route_table_stats){
		.routes4 = table->routes4,
		.routes6 = table->routes6,
		.rib_bytes = (uint64_t)table->prefixes * malloc_size(sizeof(struct rib_prefix)) +
			(uint64_t)table->spares * malloc_size(sizeof(struct rib_spare)),
		.fib4_bytes = mtrie_bytes(&table->fib4.trie),
		.fib6_bytes = mtrie_bytes(&table->fib6.trie),
		.fib4_blocks = table->fib4.trie.block_count,
		.fib6_blocks = table->fib6.trie.block_count,
	};
}

void
route_table_use_huge_pages(struct route_table *table)
{
	mtrie_use_huge_pages(&table->fib4.trie);
	mtrie_use_huge_pages(&table->fib6.trie);
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

	for (node = rib_first(rib); node != NULL; node = next) {
		next = rib_next(node);
		rib_remove(rib, node);
		while (node->spares != NULL) {
			nexthop_release(table->nexthops, node->spares->nexthop);
			rib_spare_remove(&node->spares);
		}
		for (unsigned source = 0; source < ROUTE_SOURCE_COUNT; source++) {
			if (rib_prefix_has(node, (enum route_source)source))
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
