/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's headers as ThreadSanitizer can understand them. Included in front of every file of such a
 * build; dpdk_tsan.c is the part for DPDK's libraries.
 */
#ifndef SUPPORT_TSAN_DPDK_H
#define SUPPORT_TSAN_DPDK_H

/* Rings with C11's atomics in place of bare barriers. */
#define RTE_USE_C11_MEM_MODEL 1

#if __has_include(<rte_pause.h>)
#include <rte_pause.h>

/*
 * A producer waits for those before it with a relaxed load. By C11's rules the consumer then knows
 * nothing of what they wrote; all CPUs that DPDK runs on are stricter.
 */
#define rte_wait_until_equal_32(addr, expected, order) \
	(rte_wait_until_equal_32)(addr, expected, __ATOMIC_ACQUIRE)
#endif

#endif
