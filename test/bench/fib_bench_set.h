/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Random routes, and random addresses in them, for fib_bench.c: the same ones each time.
 */
#ifndef BENCH_FIB_BENCH_SET_H
#define BENCH_FIB_BENCH_SET_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "route/route.h"
#include "wire/endian.h"

#define ADDRS    (1 << 18)
#define NEXTHOPS 250

/* Routes, addresses in them, and room for answers. */
struct set {
	uint8_t family;
	uint32_t count, tbl8_max;
	struct ip_prefix *prefixes;
	uint32_t *nexthops;
	uint32_t *dst_be, *dst; /* IPv4 addresses, network and host order */
	uint8_t (*dst6)[16];
	const uint8_t **dst6_pointers;
	uint32_t *expected; /* our answers */
};

static uint64_t seed = 1;

/* splitmix64 */
static inline uint64_t
next_random(void)
{
	uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static inline void *
array(size_t count, size_t size)
{
	void *memory = aligned_alloc(64, (count * size + 63) / 64 * 64);

	if (memory == NULL) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	memset(memory, 0, count * size);
	return memory;
}

/* Lengths like those of the Internet's table: 60 % /24, one in 50 longer, the rest /12 to /23. */
static inline struct ip_prefix
random_prefix4(void)
{
	struct ip_prefix prefix = { .addr.family = IP_FAMILY_4 };
	unsigned kind = next_random() % 100;

	/* 1.0.0.0 to 223.255.255.255 */
	be32_store(prefix.addr.bytes,
		(uint32_t)(0x01000000 + next_random() % (0xe0000000 - 0x01000000)));
	prefix.length = kind < 60 ? 24 : kind < 62 ? 25 + next_random() % 8 : 12 + kind % 12;
	return ip_prefix_network(&prefix);
}

/*
 * Up to 20k: /48 to /64 anywhere in 2000::/3. More: /36 to /48, below as many /32 as a tenth of
 * them, like the Internet's table.
 */
static inline struct ip_prefix
random_prefix6(uint32_t count)
{
	struct ip_prefix prefix = { .addr.family = IP_FAMILY_6 };
	uint64_t low = next_random();

	be32_store(prefix.addr.bytes, (uint32_t)next_random());
	if (count > 20000) {
		uint64_t saved = seed;

		seed = low % (count / 10);
		be32_store(prefix.addr.bytes, (uint32_t)next_random());
		seed = saved;
	}
	prefix.addr.bytes[0] = 0x20 | (prefix.addr.bytes[0] & 0x1f);
	be32_store(prefix.addr.bytes + 4, (uint32_t)(low >> 32));
	prefix.length = count > 20000 ? 36 + next_random() % 13 : 48 + next_random() % 17;
	return ip_prefix_network(&prefix);
}

static inline void
set_addr(struct set *set, uint32_t at)
{
	const struct ip_prefix *prefix = &set->prefixes[next_random() % set->count];
	uint64_t host[2] = { next_random(), next_random() };
	struct ip_addr addr = prefix->addr;

	for (unsigned bit = prefix->length; bit < ip_addr_bits(&addr); bit++)
		addr.bytes[bit / 8] |= (host[bit / 64] >> bit % 64 & 1) << (7 - bit % 8);
	if (set->family == IP_FAMILY_4) {
		memcpy(&set->dst_be[at], addr.bytes, 4);
		set->dst[at] = be32_load(addr.bytes);
	} else {
		memcpy(set->dst6[at], addr.bytes, 16);
		set->dst6_pointers[at] = set->dst6[at];
	}
}

static inline int
prefix_order(const void *a, const void *b)
{
	return ip_prefix_compare(a, b);
}

static inline struct set *
set_create(uint8_t family, uint32_t count)
{
	struct set *set = array(1, sizeof(*set));
	uint32_t unique = 0;

	seed = count;
	*set = (struct set){ .family = family, .tbl8_max = 256 + count / 10 };
	if (family == IP_FAMILY_6)
		set->tbl8_max = count > 20000 ? 256 + count * 2 : 256 + count * 5;
	set->prefixes = array(count, sizeof(*set->prefixes));
	set->nexthops = array(count, sizeof(*set->nexthops));
	set->dst_be = array(ADDRS, sizeof(*set->dst_be));
	set->dst = array(ADDRS, sizeof(*set->dst));
	set->dst6 = array(ADDRS, sizeof(*set->dst6));
	set->dst6_pointers = array(ADDRS, sizeof(*set->dst6_pointers));
	set->expected = array(ADDRS, sizeof(*set->expected));
	for (uint32_t i = 0; i < count; i++)
		set->prefixes[i] = family == IP_FAMILY_4 ? random_prefix4() : random_prefix6(count);
	qsort(set->prefixes, count, sizeof(*set->prefixes), prefix_order);
	for (uint32_t i = 0; i < count; i++) {
		if (i == 0 || ip_prefix_compare(&set->prefixes[unique - 1], &set->prefixes[i]) != 0)
			set->prefixes[unique++] = set->prefixes[i];
	}
	set->count = unique;
	/* In random order. */
	for (uint32_t i = 0; i < unique; i++) {
		uint32_t other = next_random() % unique;
		struct ip_prefix prefix = set->prefixes[i];

		set->prefixes[i] = set->prefixes[other];
		set->prefixes[other] = prefix;
		set->nexthops[i] =
			NEXTHOP_ID_FIRST_FREE + next_random() % (NEXTHOPS - NEXTHOP_ID_FIRST_FREE);
	}
	for (uint32_t i = 0; i < ADDRS; i++)
		set_addr(set, i);
	return set;
}

static inline void
set_destroy(struct set *set)
{
	free(set->expected);
	free(set->dst6_pointers);
	free(set->dst6);
	free(set->dst);
	free(set->dst_be);
	free(set->nexthops);
	free(set->prefixes);
	free(set);
}

#endif
