/* SPDX-License-Identifier: BSD-3-Clause */
/* The address that all routers of a subnet have: who asks for it is answered, a while later. */
#include "unit/stack/neigh_fixture.h"

#define GROUP "ff02::1:ff00:0"

static const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };

/* RFC 4861 7.2.7: without the override flag, from an address that is ours alone, once. */
static void
test_answered(void **state)
{
	const struct nd answer = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT, .router = true, .solicited = true
	};
	const struct nd to_all = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT, .router = true };
	struct stack_fixture *f = strangers();

	nd_rx(f, ask, "2001:db8::9", GROUP, "2001:db8::", true);
	nd_rx(f, ask, "2001:db8::9", GROUP, "2001:db8::", true);
	stack_fixture_advance(f, 1010);
	expect_nd(f, answer, "2001:db8::1", "2001:db8::9", "2001:db8::", "02:00:00:00:09:00");
	stack_fixture_expect_silence(f);
	/* Whoever wants it for himself. */
	nd_rx(f, ask, "::", GROUP, "2001:db8::", false);
	stack_fixture_advance(f, 1010);
	expect_nd(f, to_all, "2001:db8::1", "ff02::1", "2001:db8::", "33:33:00:00:00:01");
	assert_int_equal(f->stack->neigh_counters.proxied, 0);
	/* Another subnet's, and one that is gone by then. */
	nd_rx(f, ask, "2001:db8::9", GROUP, "2001:db8:1::", true);
	assert_int_equal(stack_fixture_drops(f, DROP_nd_not_ours), 1);
	nd_rx(f, ask, "2001:db8::9", GROUP, "2001:db8::", true);
	stack_fixture_unaddr(f, "p0", "2001:db8::1/64");
	stack_fixture_advance(f, 1010);
	stack_fixture_expect_silence(f);
	assert_int_equal(f->stack->anycast_count, 0);
	stack_fixture_destroy(f);
	(void)state;
}

/* Of those who wait there is a bound: beyond it nobody waits. */
static void
test_flood(void **state)
{
	struct stack_fixture *f = strangers();
	struct rte_mbuf *pkt;
	unsigned answers = 0;
	char src[64];

	for (unsigned i = 0; i < 2 * STACK_ANYCASTS_MAX; i++) {
		snprintf(src, sizeof(src), "2001:db8::1:%x", i);
		nd_rx(f, ask, src, GROUP, "2001:db8::", true);
		assert_true(f->stack->anycast_count <= STACK_ANYCASTS_MAX);
	}
	stack_fixture_advance(f, 1010);
	while ((pkt = stack_fixture_take(f, 0)) != NULL) {
		answers++;
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(answers, 2 * STACK_ANYCASTS_MAX);
	/* Some still wait when the port goes. */
	nd_rx(f, ask, "2001:db8::9", GROUP, "2001:db8::", true);
	assert_int_equal(stack_port_remove(f->stack, "p0", NULL), 0);
	assert_int_equal(f->stack->anycast_count, 0);
	stack_fixture_destroy(f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answered),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
