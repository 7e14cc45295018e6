/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * DPDK for unit tests: EAL without hugepages, NIC or root, and packets to work on.
 *
 * For a test program of cmocka:
 *
 *     return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
 */
#ifndef SUPPORT_EAL_H
#define SUPPORT_EAL_H

#include <stddef.h>

struct rte_mbuf;
struct rte_mempool;

/** Packets that the pool of the tests holds. */
#define TEST_POOL_SIZE 1023

/** Group set-up: start EAL on one lcore, make the pool. Once a process. */
int test_eal_setup(void **state);

/** The same on so many lcores, which share the CPUs we have: for tests of threads. */
#define TEST_LCORES 5
int test_eal_setup_lcores(void **state);

/** On one lcore, with so much memory: for tests of many stacks. @return 0 or -1 */
int test_eal_setup_memory(unsigned megabytes);

/** Group teardown: fail the group if a packet is still out, stop EAL. */
int test_eal_teardown(void **state);

/** Test teardown: fail the test if a packet is still out. */
int test_pool_check(void **state);

/** The pool that test_mbuf() takes from. */
struct rte_mempool *test_pool(void);

/** Packets taken from the pool and not freed: 0 where nothing leaks. */
unsigned test_pool_in_use(void);

/** A packet with these bytes. */
struct rte_mbuf *test_mbuf(const void *bytes, size_t len);

/** A packet with these bytes, in a chain of segments of `segment_len` at most. */
struct rte_mbuf *test_mbuf_chain(const void *bytes, size_t len, size_t segment_len);

#endif
