/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters: sums over workers, clears that lose nothing, stages, nexthops, rings and pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
send_some(struct stack_fixture *f, uint16_t queue, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		port_double_inject(f->wires[0], queue,
			packet_mbuf(f->pool, PACKET(.src = "10.0.0.2", .dst = "10.0.1.2")));
	stack_fixture_run(f);
}

static void
test_workers_and_their_sum(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 3, .rxqs = 3, .txqs = 3 });
	struct worker_stats one, all, sum = { 0 };

	for (uint16_t q = 0; q < 3; q++)
		send_some(f, q, 10U * (q + 1));
	for (unsigned i = 0; i < 3; i++) {
		stack_worker_stats(f->stack, i, &one);
		assert_int_equal(one.flow.rx, 10 * (i + 1));
		assert_int_equal(one.flow.tx, 10 * (i + 1));
		assert_int_equal(one.flow.forwarded, 10 * (i + 1));
		assert_int_equal(one.ip.forwarded4, 10 * (i + 1));
		assert_int_equal(one.rxqs, 2);
		assert_true(one.loops > one.loops_idle);
		sum.flow.rx += one.flow.rx;
		sum.loops += one.loops;
	}
	stack_worker_stats(f->stack, 3, &all);
	assert_int_equal(all.flow.rx, 60);
	assert_int_equal(all.flow.rx, sum.flow.rx);
	assert_int_equal(all.loops, sum.loops);
	assert_int_equal(all.rxqs, 6);
	stack_fixture_destroy(f);
}

static void
test_drops_clear(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "224.0.0.1");
	stack_fixture_rx(f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = 46);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_multicast), 1);
	assert_int_equal(stack_fixture_drops(f, DROP_arp_malformed), 1); /* control's */
	stack_drops_clear(f->stack);
	assert_int_equal(stack_fixture_drops_all(f), 0);
	assert_int_equal(stack_fixture_flow(f).dropped, 1); /* packets in = packets out, still */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "224.0.0.1");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops_all(f), 1);
	stack_fixture_destroy(f);
}

static void
test_stages(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct stage_stats stats[STAGE_COUNT];

	send_some(f, 0, 70);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "192.0.2.1");
	stack_fixture_run(f);
	stack_stage_stats(f->stack, 1, stats);
	assert_int_equal(stats[STAGE_rx].packets, 71);
	assert_int_equal(stats[STAGE_rx].vectors, 3);
	assert_true(stats[STAGE_rx].cycles > 0);
	assert_int_equal(stats[STAGE_icmp4_error].packets, 1);
	assert_int_equal(stats[STAGE_ip4_route].packets, 1);
	assert_int_equal(stats[STAGE_tx].packets, 71);
	assert_int_equal(stats[STAGE_drop].packets, 1);
	assert_int_equal(stats[STAGE_ip6_input].packets, 0);
	stack_stage_clear(f->stack);
	stack_stage_stats(f->stack, 0, stats);
	for (unsigned i = 0; i < STAGE_COUNT; i++)
		assert_int_equal(stats[i].packets + stats[i].vectors + stats[i].cycles, 0);
	assert_string_equal(stage_name(STAGE_ip4_input), "ip4_input");
	stack_fixture_destroy(f);
}

/* What an id counted before it was somebody else's is not told again. */
static void
test_nexthops(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct ip_addr dst = ip_addr_from4((uint8_t[]){ 192, 0, 2, 1 });
	struct nexthop_counters sum;
	struct stack_way way;

	for (unsigned round = 0; round < 3; round++) {
		stack_fixture_route(f, "192.0.2.0/24", "10.0.1.4*2 10.0.1.4");
		stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2");
		stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
		stack_nexthop_counters(f->stack, way.nexthop, &sum);
		stack_nexthop_clear(f->stack);
		for (unsigned i = 0; i < 5; i++)
			stack_fixture_rx(
				f, 0, .src = "10.0.0.2", .dst = "192.0.2.1", .payload_length = 10);
		stack_fixture_run(f);
		stack_nexthop_counters(f->stack, way.nexthop, &sum);
		assert_int_equal(sum.packets, 5);
		assert_int_equal(sum.bytes, 5 * (14 + 20 + 8 + 10));
		stack_nexthop_clear(f->stack);
		stack_nexthop_counters(f->stack, way.nexthop, &sum);
		assert_int_equal(sum.packets, 0);
		stack_fixture_unroute(f, "192.0.2.0/24");
	}
	/* A new one starts at nothing, whatever its id was used for. */
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2*2 10.0.1.2*3");
	for (unsigned i = 0; i < 50; i++)
		stack_fixture_rx(
			f, 0, .src = "10.0.0.2", .dst = "192.0.2.1", .src_port = (uint16_t)(i + 1));
	stack_fixture_run(f);
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.3 10.0.1.4");
	for (uint32_t id = nexthop_next(f->stack->nexthops, NEXTHOP_ID_FIRST_FREE);
		id != UINT32_MAX; id = nexthop_next(f->stack->nexthops, id + 1)) {
		const struct nexthop *nexthop =
			nexthop_get(nexthop_table_array(f->stack->nexthops), id);

		stack_nexthop_counters(f->stack, id, &sum);
		if (nexthop->gateway.bytes[3] == 3 || nexthop->gateway.bytes[3] == 4)
			assert_int_equal(sum.packets, 0);
	}
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_destroy(f);
}

/* What control holds until the neighbour is known is sent by that nexthop, too. */
static void
test_nexthop_held(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct ip_addr dst = ip_addr_from4((uint8_t[]){ 192, 0, 2, 1 }),
			     gateway = ip_addr_from4((uint8_t[]){ 10, 0, 1, 9 });
	const struct mac_addr mac = { { 2, 0, 0, 0, 9, 1 } };
	struct nexthop_counters sum;
	struct stack_way way;
	struct error err;

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.9");
	for (unsigned i = 0; i < 5; i++) {
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "192.0.2.1", .payload_length = 10);
		if (i == 2) {
			stack_fixture_run(f);
			assert_int_equal(stack_neigh_add(f->stack, "p1", &gateway, &mac, &err), 0);
		}
		stack_fixture_run(f);
		stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
		stack_nexthop_counters(f->stack, way.nexthop, &sum);
		assert_int_equal(sum.packets, i < 2 ? 0 : i + 1);
		assert_int_equal(sum.bytes, sum.packets * (14 + 20 + 8 + 10));
	}
	stack_nexthop_clear(f->stack);
	stack_nexthop_counters(f->stack, way.nexthop, &sum);
	assert_int_equal(sum.packets, 0);
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_destroy(f);
}

static void
test_rings_and_pools(void **state)
{
	static const struct {
		const char *name;
		uint32_t size;
	} rings[STACK_RINGS_PER_WORKER] = { { "mailbox", WORKER_MAILBOX_SIZE - 1 },
		{ "inject", WORKER_INJECT_SIZE - 1 }, { "punt", WORKER_PUNT_SIZE - 1 },
		{ "handoff", WORKER_HANDOFF_SIZE - 1 }, { "spread", WORKER_SPREAD_SIZE - 1 },
		{ "handover", WORKER_HANDOVER_SIZE - 1 } };
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .mbufs = 2047 });
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(f->pool);
	struct pool_stats pool;
	struct ring_stats ring;

	for (unsigned i = 0; i < STACK_RINGS_PER_WORKER; i++) {
		stack_ring_stats(f->stack, 0, i, &ring);
		assert_string_equal(ring.name, rings[i].name);
		assert_int_equal(ring.size, rings[i].size);
		assert_int_equal(ring.depth + ring.high + ring.enqueued + ring.drops, 0);
	}
	stack_pool_stats(f->stack, 0, &pool);
	assert_int_equal(pool.size, 2047);
	assert_int_equal(pool.available, 2046);
	assert_true(pool.bytes > 2047ULL * 2048);
	rte_pktmbuf_free(pkt);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workers_and_their_sum),
		cmocka_unit_test(test_drops_clear),
		cmocka_unit_test(test_stages),
		cmocka_unit_test(test_nexthops),
		cmocka_unit_test(test_nexthop_held),
		cmocka_unit_test(test_rings_and_pools),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
