/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which prefixes there are, and which ways they can have.
 *
 * The address space is cut into slots with a leaf each, so that no leaf contains another; 64 slots
 * are below a middle, 256 middles (IPv6: 64) below a cover. Below covers with odd numbers packets
 * always have a way, whatever becomes of leaves and middles; below the others there is no cover.
 */
#include "churn/churn.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/endian.h"

#define SLOTS_PER_MIDDLE 64

/* IPv4: /8 covers from 16.0.0.0 on, /16 middles, slots of /22. */
static const uint8_t lengths4[] = { 22, 23, 24, 24, 24, 24, 24, 26, 28, 32 };
/* IPv6: /16 covers from 2a00:: on, /22 middles, slots of /28. */
static const uint8_t lengths6[] = { 28, 32, 32, 36, 40, 44, 48, 48, 48, 64 };

#define COVER_FIRST4 16
#define COVER_FIRST6 0x2a00

static bool
is_ip4(const struct family *family)
{
	return family->family == IP_FAMILY_4;
}

static unsigned
slot_count(const struct family *family)
{
	return CHURN_COVERS * (is_ip4(family) ? 256 : 64) * SLOTS_PER_MIDDLE;
}

unsigned
plan_middle_of(const struct family *family, unsigned leaf)
{
	return leaf * family->slot_stride / SLOTS_PER_MIDDLE;
}

unsigned
plan_cover_of(const struct family *family, unsigned leaf)
{
	return plan_middle_of(family, leaf) / (is_ip4(family) ? 256 : 64);
}

bool
plan_is_steady(const struct family *family, unsigned leaf)
{
	return plan_cover_of(family, leaf) % 2 == 1;
}

struct ip_prefix
plan_leaf(const struct family *family, unsigned leaf)
{
	uint32_t slot = leaf * family->slot_stride;
	uint64_t seed = slot, low = churn_draw(&seed);
	struct ip_prefix prefix = { .addr.family = family->family };

	if (is_ip4(family)) {
		prefix.length = lengths4[low % sizeof(lengths4)];
		be32_store(prefix.addr.bytes,
			(COVER_FIRST4 << 24) + (slot << 10) + (uint32_t)(low >> 32) % 1024);
	} else {
		prefix.length = lengths6[low % sizeof(lengths6)];
		be32_store(prefix.addr.bytes,
			((uint32_t)COVER_FIRST6 << 16) + (slot << 4) + (uint32_t)(low >> 60));
		be32_store(prefix.addr.bytes + 4, (uint32_t)(low >> 24));
	}
	return ip_prefix_network(&prefix);
}

struct ip_prefix
plan_middle(const struct family *family, unsigned middle)
{
	struct ip_prefix prefix = { .addr.family = family->family,
		.length = is_ip4(family) ? 16 : 22 };

	if (is_ip4(family))
		be32_store(prefix.addr.bytes, (COVER_FIRST4 << 24) + (middle << 16));
	else
		be32_store(prefix.addr.bytes, ((uint32_t)COVER_FIRST6 << 16) + (middle << 10));
	return prefix;
}

struct ip_prefix
plan_cover(const struct family *family, unsigned cover)
{
	struct ip_prefix prefix = plan_middle(family, cover * (is_ip4(family) ? 256 : 64));

	prefix.length = is_ip4(family) ? 8 : 16;
	return prefix;
}

/* 172.16.N.0/24, 2001:db8:ffNN::/48: the recursive gateways are their first addresses. */
struct ip_prefix
plan_resolver(const struct family *family, unsigned resolver)
{
	struct ip_prefix prefix = { .addr.family = family->family,
		.length = is_ip4(family) ? 24 : 48 };

	if (is_ip4(family))
		be32_store(prefix.addr.bytes, 0xac100000U + (resolver << 8));
	else
		be32_store(prefix.addr.bytes, 0x20010db8U);
	if (!is_ip4(family))
		be16_store(prefix.addr.bytes + 4, (uint16_t)(0xff00 + resolver));
	return prefix;
}

/* 10.0.P.N, 2001:db8:P::N */
struct ip_addr
plan_neigh(const struct family *family, unsigned sink, unsigned number)
{
	struct ip_addr addr = { .family = family->family };

	if (is_ip4(family)) {
		be32_store(addr.bytes, 0x0a000000U + ((sink + 1) << 8) + number + 2);
	} else {
		be32_store(addr.bytes, 0x20010db8U);
		be16_store(addr.bytes + 4, (uint16_t)(sink + 1));
		be16_store(addr.bytes + 14, (uint16_t)(number + 2));
	}
	return addr;
}

struct mac_addr
plan_mac(unsigned sink, unsigned number, uint16_t variant)
{
	return (struct mac_addr){ { 2, 1, (uint8_t)variant, (uint8_t)sink, (uint8_t)number, 1 } };
}

/* ---- ways ---- */

static struct way *
way_add(struct family *family, enum stack_route_type type)
{
	struct way *way = &family->ways[family->way_count];

	*way = (struct way){ .resolver = TIMELINE_NONE };
	if (family->way_count == CHURN_WAYS_MAX)
		return NULL;
	way->route = calloc(1, sizeof(*way->route));
	if (way->route == NULL)
		return NULL;
	way->route->type = type;
	way->may_lose = type != STACK_ROUTE_VIA;
	family->way_count++;
	return way;
}

static void
way_path(struct family *family, struct way *way, unsigned sink, unsigned number, uint32_t weight)
{
	if (way == NULL)
		return;
	way->neighs |= 1U << (8 * sink + number);
	way->may_lose |= number >= CHURN_STABLE;
	way->route->paths[way->route->path_count++] =
		(struct stack_path){ .gateway = plan_neigh(family, sink, number),
			.weight = weight };
}

static void
ways_of_gateways(struct family *family, unsigned first, unsigned end)
{
	for (unsigned sink = 0; sink < CHURN_SINKS; sink++) {
		for (unsigned number = first; number < end; number++)
			way_path(family, way_add(family, STACK_ROUTE_VIA), sink, number, 1);
	}
}

/* Of `count` members: several with the same ones but one, as when a member comes or goes. */
static void
ways_of_groups(struct family *family, unsigned count, unsigned first, unsigned weight)
{
	for (unsigned without = 0; without < 3; without++) {
		struct way *way = way_add(family, STACK_ROUTE_VIA);

		for (unsigned i = 0; i < count; i++) {
			unsigned member = first + i;

			if (without == 0 || i != without)
				way_path(family, way, member % CHURN_SINKS,
					member / CHURN_SINKS % CHURN_STABLE, i == 0 ? weight : 1);
		}
	}
}

static void
ways_of_resolvers(struct family *family)
{
	for (uint16_t i = 0; i < CHURN_RESOLVERS; i++) {
		struct way *way = way_add(family, STACK_ROUTE_VIA);

		if (way == NULL)
			return;
		way->resolver = i;
		way->route->path_count = 1;
		way->route->paths[0] = (struct stack_path){
			.gateway = plan_resolver(family, i).addr, .weight = 1, .recursive = true
		};
		way->route->paths[0].gateway.bytes[is_ip4(family) ? 3 : 15] = 1;
	}
}

static void
ways_create(struct family *family)
{
	ways_of_gateways(family, 0, CHURN_STABLE);
	ways_of_groups(family, 3, 0, 1);
	ways_of_groups(family, 4, 5, 7);
	ways_of_groups(family, 8, 2, 1);
	ways_of_groups(family, 8, 7, 3);
	ways_of_resolvers(family);
	family->steady_count = family->way_count;
	ways_of_gateways(family, CHURN_STABLE, CHURN_NEIGHS);
	way_add(family, STACK_ROUTE_BLACKHOLE);
	way_add(family, STACK_ROUTE_UNREACHABLE);
	way_add(family, STACK_ROUTE_PROHIBIT);
}

/* ---- the state that everything starts in ---- */

static void
timelines_create(struct family *family, uint64_t *seed)
{
	for (unsigned i = 0; i < family->leaf_count; i++) {
		struct leaf *leaf = &family->leaves[i];
		bool steady = plan_is_steady(family, i);

		leaf->primary = (uint16_t)churn_below(
			seed, steady ? family->steady_count : family->way_count);
		leaf->backup = TIMELINE_NONE;
		timeline_init(&leaf->way, leaf->primary);
	}
	for (unsigned i = 0; i < CHURN_MIDDLES; i++)
		timeline_init(&family->middles[i], TIMELINE_NONE);
	for (unsigned i = 0; i < CHURN_COVERS; i++)
		family->cover_ways[i] = i % 2 == 1
			? (uint16_t)churn_below(seed, family->steady_count)
			: TIMELINE_NONE;
	for (unsigned i = 0; i < CHURN_RESOLVERS; i++)
		timeline_init(&family->resolvers[i], (uint16_t)i);
	for (unsigned sink = 0; sink < CHURN_SINKS; sink++) {
		for (unsigned i = 0; i < CHURN_NEIGHS; i++)
			timeline_init(&family->neighs[sink][i], 0);
	}
	for (unsigned i = 0; i < CHURN_HOT; i++)
		family->hot[i] = churn_below(seed, family->leaf_count);
}

int
plan_create(struct family *family, uint8_t version, unsigned leaf_count, uint64_t seed)
{
	*family = (struct family){ .family = version, .leaf_count = leaf_count };
	if (leaf_count == 0 || leaf_count > slot_count(family))
		return -EINVAL;
	family->slot_stride = slot_count(family) / leaf_count;
	family->leaves = calloc(leaf_count, sizeof(*family->leaves));
	family->middles = calloc(CHURN_MIDDLES, sizeof(*family->middles));
	if (family->leaves == NULL || family->middles == NULL) {
		plan_destroy(family);
		return -ENOMEM;
	}
	ways_create(family);
	timelines_create(family, &seed);
	return 0;
}

void
plan_destroy(struct family *family)
{
	for (unsigned i = 0; i < family->way_count; i++)
		free(family->ways[i].route);
	free(family->leaves);
	free(family->middles);
}
