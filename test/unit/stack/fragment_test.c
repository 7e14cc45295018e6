/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that are cut on their way through a stack: all pieces go out, and everything adds up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static unsigned
sent(struct stack_fixture *f, unsigned port)
{
	struct rte_mbuf *pkt;
	unsigned count = 0;

	for (; (pkt = stack_fixture_take(f, port)) != NULL; count++)
		rte_pktmbuf_free(pkt);
	return count;
}

static struct stack_fixture *
small_link(uint16_t mtu)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	assert_int_equal(stack_iface_set_mtu(f->stack, "p1", mtu, NULL), 0);
	return f;
}

static void
test_forwarded(void **state)
{
	struct stack_fixture *f = small_link(576);
	struct flow_stats flow;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 1472);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	assert_int_equal(sent(f, 1), 4);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.rx, 2);
	assert_int_equal(flow.forwarded, 2);
	assert_int_equal(flow.split, 2);
	assert_int_equal(flow.tx, 4);
	stack_fixture_destroy(f);
}

/* A burst of packets each of which becomes many more than a vector would have room for. */
static void
test_burst(void **state)
{
	struct stack_fixture *f = small_link(68);
	struct flow_stats flow;
	unsigned count = 0;

	for (unsigned i = 0; i < PKT_BURST; i++) {
		stack_fixture_rx(
			f, 0, .src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 1472);
		/* The wire holds no more than 1024 packets. */
		if (i % 32 == 31) {
			stack_fixture_run(f);
			count += sent(f, 1);
		}
	}
	assert_int_equal(count, PKT_BURST * 31);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.forwarded, PKT_BURST);
	assert_int_equal(flow.dropped, 0);
	stack_fixture_destroy(f);
}

/* Pieces that the port does not take are drops of what was made here, but for the first. */
static void
test_tx_full(void **state)
{
	struct stack_fixture *f = small_link(68);
	struct flow_stats flow;

	f->wires[1]->tx_room = 10;
	for (unsigned i = 0; i < 3; i++)
		stack_fixture_rx(
			f, 0, .src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 1472);
	stack_fixture_run(f);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.tx, 10);
	assert_int_equal(flow.forwarded, 1);
	assert_int_equal(flow.dropped, 83);
	assert_int_equal(flow.dropped_own, 81);
	assert_int_equal(flow.rx,
		flow.forwarded + flow.delivered + (flow.punted - flow.punted_own) +
			(flow.dropped - flow.dropped_own));
	stack_fixture_destroy(f);
}

/* What waits for its neighbour waits in one piece. */
static void
test_held(void **state)
{
	struct stack_fixture *f = small_link(576);

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.9", .payload_length = 1472);
	stack_fixture_run(f);
	sent(f, 1); /* who has 10.0.1.9? */
	stack_fixture_neigh(f, "p1", "10.0.1.9", "02:00:00:00:09:01");
	stack_fixture_run(f);
	assert_int_equal(sent(f, 1), 3);
	assert_int_equal(stack_fixture_flow(f).split, 2);
	stack_fixture_destroy(f);
}

/* Nobody may cut IPv6 but who sends it. */
static void
test_ip6_is_not_cut(void **state)
{
	struct stack_fixture *f = small_link(1280);

	stack_fixture_rx(
		f, 0, .src = "2001:db8::2", .dst = "2001:db8:1::2", .payload_length = 1400);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::2",
		.dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST, .payload_length = 1400);
	stack_fixture_run(f);
	assert_int_equal(sent(f, 0), 1);
	assert_int_equal(stack_fixture_drops(f, DROP_ip6_too_big), 1);
	/* The answer is ours. */
	assert_int_equal(sent(f, 1), 2);
	assert_int_equal(stack_fixture_flow(f).split, 1);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_tx_full),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_ip6_is_not_cut),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
