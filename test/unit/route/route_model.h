/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What the tests of routes share: a list of prefixes as the naive model of longest match, seeded
 * random prefixes that nest and touch, and RCU without EAL.
 */
#ifndef UNIT_ROUTE_ROUTE_MODEL_H
#define UNIT_ROUTE_ROUTE_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_rcu_qsbr.h>

#include "wire/ip_addr.h"

#define MODEL_MAX 1024

struct model_route {
	struct ip_prefix prefix;
	uint32_t nexthop;
};

struct model {
	uint64_t seed;
	uint32_t count;
	struct model_route routes[MODEL_MAX];
};

/* splitmix64 */
static inline uint64_t
model_random(struct model *model)
{
	uint64_t x = model->seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static inline uint32_t
model_below(struct model *model, uint32_t bound)
{
	return (uint32_t)(model_random(model) % bound);
}

/* An address with few different bytes, so that prefixes nest and share blocks. */
static inline struct ip_addr
model_addr(struct model *model, uint8_t family)
{
	static const uint8_t values[] = { 0, 0, 0, 1, 2, 127, 128, 255 };
	struct ip_addr addr = { .family = family };

	for (unsigned i = 0; i < ip_addr_length(&addr); i++)
		addr.bytes[i] = values[model_below(model, sizeof(values))];
	if (model_below(model, 4) == 0)
		addr.bytes[model_below(model, ip_addr_length(&addr))] = model_random(model) & 0xff;
	return addr;
}

/* All lengths, short ones seldom: they are slow to expand. */
static inline struct ip_prefix
model_prefix(struct model *model, uint8_t family)
{
	struct ip_prefix prefix = { .addr = model_addr(model, family) };
	unsigned bits = ip_addr_bits(&prefix.addr);

	switch (model_below(model, 64)) {
	case 0: prefix.length = 0; break;
	case 1:
		prefix.length = model_below(model, 512) == 0 ? 1 + model_below(model, 8) : 12;
		break;
	case 2 ... 15: prefix.length = 24; break;
	case 16 ... 23: prefix.length = 25; break;
	case 24 ... 31: prefix.length = bits; break;
	default: prefix.length = 10 + model_below(model, bits - 9);
	}
	return ip_prefix_network(&prefix);
}

/* An address in one of the routes, or next to it. */
static inline struct ip_addr
model_probe(struct model *model, uint8_t family)
{
	struct ip_addr addr = model_addr(model, family);
	const struct ip_prefix *prefix;

	if (model->count == 0)
		return addr;
	prefix = &model->routes[model_below(model, model->count)].prefix;
	for (unsigned bit = 0; bit < prefix->length; bit++) {
		uint8_t mask = 0x80 >> bit % 8;

		addr.bytes[bit / 8] &= ~mask;
		addr.bytes[bit / 8] |= prefix->addr.bytes[bit / 8] & mask;
	}
	if (prefix->length > 0 && model_below(model, 3) == 0)
		addr.bytes[(prefix->length - 1) / 8] ^= 0x80 >> (prefix->length - 1) % 8;
	return addr;
}

static inline struct model_route *
model_find(struct model *model, const struct ip_prefix *prefix)
{
	for (uint32_t i = 0; i < model->count; i++) {
		if (ip_prefix_compare(&model->routes[i].prefix, prefix) == 0)
			return &model->routes[i];
	}
	return NULL;
}

static inline void
model_insert(struct model *model, const struct ip_prefix *prefix, uint32_t nexthop)
{
	struct model_route *route = model_find(model, prefix);

	if (route == NULL) {
		assert_in_range(model->count, 0, MODEL_MAX - 1);
		route = &model->routes[model->count++];
	}
	*route = (struct model_route){ .prefix = *prefix, .nexthop = nexthop };
}

static inline void
model_remove(struct model *model, struct model_route *route)
{
	*route = model->routes[--model->count];
}

/* The longest route that contains `addr` and is shorter than `below` bits, or NULL. */
static inline const struct model_route *
model_lookup(const struct model *model, const struct ip_addr *addr, unsigned below)
{
	const struct model_route *best = NULL;

	for (uint32_t i = 0; i < model->count; i++) {
		const struct model_route *route = &model->routes[i];

		if (route->prefix.length < below && ip_prefix_contains(&route->prefix, addr) &&
			(best == NULL || route->prefix.length > best->prefix.length))
			best = route;
	}
	return best;
}

static inline uint32_t
model_nexthop(const struct model *model, const struct ip_addr *addr)
{
	const struct model_route *route = model_lookup(model, addr, UINT32_MAX);

	return route != NULL ? route->nexthop : 0;
}

static inline struct ip_prefix
model_parse(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

static inline struct ip_addr
model_parse_addr(const char *text)
{
	return model_parse(text).addr;
}

/* A qsbr variable with reader 0, online. */
static inline struct rte_rcu_qsbr *
model_rcu_create(void)
{
	size_t size = rte_rcu_qsbr_get_memsize(4);
	struct rte_rcu_qsbr *rcu = aligned_alloc(64, (size + 63) / 64 * 64);

	assert_non_null(rcu);
	assert_int_equal(rte_rcu_qsbr_init(rcu, 4), 0);
	assert_int_equal(rte_rcu_qsbr_thread_register(rcu, 0), 0);
	rte_rcu_qsbr_thread_online(rcu, 0);
	return rcu;
}

#endif
