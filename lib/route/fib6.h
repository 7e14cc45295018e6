/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The IPv6 FIB: a trie of a level of 24 bits and up to 13 of 8 bits.
 */
#ifndef ROUTE_FIB6_H
#define ROUTE_FIB6_H

#include <stdbool.h>

#include "route/mtrie.h"

/** Up to 5 blocks for a /64, less for those that share their first bits: 2 GB of address space. */
#define FIB6_BLOCK_MAX (UINT32_C(1) << 21)

/** Addresses that are looked up at a time. */
#define FIB6_CHUNK 64

struct fib6 {
	bool avx512; /**< this CPU can run fib6_lookup_avx512() */
	struct mtrie trie;
};

/** End with mtrie_fini(&fib->trie). @return 0 or -ENOMEM */
int fib6_init(struct fib6 *fib, struct rte_rcu_qsbr *rcu, int socket_id);

/** Addresses in a vector of fib6_lookup_avx512(). */
#define FIB6_AVX512_LANES 16

/** `count`: a multiple of FIB6_AVX512_LANES, at most FIB6_CHUNK. */
void fib6_lookup_avx512(
	const struct mtrie *trie, const uint8_t *const *dst, uint32_t *nexthops, unsigned count);

#endif
