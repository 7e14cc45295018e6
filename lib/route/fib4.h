/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The IPv4 FIB: a trie of two levels, 24 and 8 bits.
 */
#ifndef ROUTE_FIB4_H
#define ROUTE_FIB4_H

#include "route/mtrie.h"

/** One block for each /24 that has longer prefixes: 1 GB of address space. */
#define FIB4_BLOCK_MAX (UINT32_C(1) << 20)

struct fib4 {
	struct mtrie trie;
};

/** End with mtrie_fini(&fib->trie). @return 0 or -ENOMEM */
int fib4_init(struct fib4 *fib, struct rte_rcu_qsbr *rcu, int socket_id);

#endif
