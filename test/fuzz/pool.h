/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * For fuzz targets that have packets of their own.
 */
#ifndef FUZZ_POOL_H
#define FUZZ_POOL_H

#include <rte_mbuf.h>

#include "fuzz/eal.h"
#include "pkt/pkt.h"

static struct rte_mempool *fuzz_pool;

static inline void
fuzz_pool_free(void)
{
	rte_mempool_free(fuzz_pool);
}

/** Start EAL, and make so many packet buffers, which are freed at the end. Once a process. */
static inline struct rte_mempool *
fuzz_pool_create(const char *name, unsigned count)
{
	fuzz_eal_init(64);
	fuzz_check(pkt_init() == 0, "no metadata");
	fuzz_pool = rte_pktmbuf_pool_create(name, count, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, -1);
	fuzz_check(fuzz_pool != NULL, "no memory");
	atexit(fuzz_pool_free);
	return fuzz_pool;
}

#endif
