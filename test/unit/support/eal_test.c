/* SPDX-License-Identifier: BSD-3-Clause */
/* The helpers of test/support/eal.h: above all, a leak must be seen. */
#include "support/eal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mbuf.h>

static void
test_mbuf_has_the_bytes(void **state)
{
	struct rte_mbuf *m = test_mbuf("hello", 5);

	assert_int_equal(rte_pktmbuf_pkt_len(m), 5);
	assert_int_equal(m->nb_segs, 1);
	assert_memory_equal(rte_pktmbuf_mtod(m, char *), "hello", 5);
	rte_pktmbuf_free(m);
}

static void
test_empty_mbuf(void **state)
{
	struct rte_mbuf *m = test_mbuf("", 0);

	assert_int_equal(rte_pktmbuf_pkt_len(m), 0);
	rte_pktmbuf_free(m);
}

static void
test_chain_has_the_bytes_in_order(void **state)
{
	struct rte_mbuf *m = test_mbuf_chain("hello, world", 12, 5);
	char copy[12];

	assert_int_equal(m->nb_segs, 3);
	assert_int_equal(rte_pktmbuf_pkt_len(m), 12);
	assert_memory_equal(rte_pktmbuf_read(m, 0, 12, copy), "hello, world", 12);
	rte_pktmbuf_free(m);
}

static void
test_leak_is_seen(void **state)
{
	struct rte_mbuf *m = test_mbuf("x", 1);

	assert_int_equal(test_pool_in_use(), 1);
	assert_int_not_equal(test_pool_check(state), 0);
	rte_pktmbuf_free(m);
	assert_int_equal(test_pool_in_use(), 0);
	assert_int_equal(test_pool_check(state), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_mbuf_has_the_bytes, test_pool_check),
		cmocka_unit_test_teardown(test_empty_mbuf, test_pool_check),
		cmocka_unit_test_teardown(test_chain_has_the_bytes_in_order, test_pool_check),
		cmocka_unit_test_teardown(test_leak_is_seen, test_pool_check),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
