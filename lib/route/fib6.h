/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The IPv6 FIB: a trie of a level of 24 bits and up to 13 of 8 bits.
 */
#ifndef ROUTE_FIB6_H
#define ROUTE_FIB6_H

#include "route/mtrie.h"

/** Up to 5 blocks for a /64, less for those that share their first bits: 2 GB of address space. */
#define FIB6_BLOCK_MAX (UINT32_C(1) << 21)

struct fib6 {
	struct mtrie trie;
};

#endif
