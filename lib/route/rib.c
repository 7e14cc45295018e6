/* SPDX-License-Identifier: BSD-3-Clause */
/* Prefixes in order, and the longest that covers another. */
#include "route/rib.h"

#include <errno.h>
#include <stdlib.h>

static int
rib_compare(const struct rib_prefix *a, const struct rib_prefix *b)
{
	return ip_prefix_compare(&a->prefix, &b->prefix);
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(rib, rib_prefix, node, rib_compare, __attribute__((unused)) static)

struct rib_prefix *
rib_find(struct rib *rib, const struct ip_prefix *prefix)
{
	struct rib_prefix key = { .prefix = *prefix };

	return RB_FIND(rib, rib, &key);
}

struct rib_prefix *
rib_find_after(struct rib *rib, const struct ip_prefix *prefix)
{
	struct rib_prefix key = { .prefix = *prefix };

	return RB_NFIND(rib, rib, &key);
}

/* The last prefix at or before `prefix` in order. */
static struct rib_prefix *
rib_floor(struct rib *rib, const struct ip_prefix *prefix)
{
	struct rib_prefix *next = rib_find_after(rib, prefix);

	if (next == NULL)
		return RB_MAX(rib, rib);
	if (ip_prefix_compare(&next->prefix, prefix) == 0)
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
 * Whatever contains a prefix comes before it in order. If the one just before it does not, then
 * what contains both is as long at most as their common bits: look there again.
 */
struct rib_prefix *
rib_cover(struct rib *rib, const struct ip_prefix *prefix)
{
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

struct rib_prefix *
rib_first(struct rib *rib)
{
	return RB_MIN(rib, rib);
}

struct rib_prefix *
rib_next(struct rib_prefix *prefix)
{
	return RB_NEXT(rib, , prefix);
}

void
rib_insert(struct rib *rib, struct rib_prefix *prefix)
{
	RB_INSERT(rib, rib, prefix);
}

void
rib_remove(struct rib *rib, struct rib_prefix *prefix)
{
	RB_REMOVE(rib, rib, prefix);
}

struct rib_spare **
rib_spare_find(struct rib_prefix *prefix, uint32_t metric)
{
	struct rib_spare **at = &prefix->spares;

	while (*at != NULL && (*at)->metric < metric)
		at = &(*at)->next;
	return at;
}

int
rib_spare_insert(struct rib_spare **at, uint32_t metric, uint32_t nexthop)
{
	struct rib_spare *spare = malloc(sizeof(*spare));

	if (spare == NULL)
		return -ENOMEM;
	*spare = (struct rib_spare){ .next = *at, .metric = metric, .nexthop = nexthop };
	*at = spare;
	return 0;
}

void
rib_spare_remove(struct rib_spare **at)
{
	struct rib_spare *spare = *at;

	*at = spare->next;
	free(spare);
}
