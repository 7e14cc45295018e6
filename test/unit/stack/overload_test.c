/* SPDX-License-Identifier: BSD-3-Clause */
/* Every ring, queue, table and pool that can be full: what does not fit is counted by its name, and
 * once there is room again all is as before. */
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

/* Packets on queue 0 of a port, polled by a worker as they come; control sleeps. */
static void
flood(struct stack_fixture *f, unsigned port, unsigned worker, unsigned count,
	const struct packet *packet)
{
	for (unsigned i = 0; i < count; i++) {
		port_double_inject(f->wires[port], (uint16_t)worker, packet_mbuf(f->pool, packet));
		if (i % PKT_BURST == PKT_BURST - 1 || i == count - 1)
			worker_poll(f->stack->workers[worker], f->now_ns);
	}
}

/* After whatever it was: a packet goes through. */
static void
assert_works(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < f->config.ports; i++) {
		while ((pkt = stack_fixture_take(f, i)) != NULL)
			rte_pktmbuf_free(pkt);
	}
	stack_fixture_advance(f, 10000);
	while ((pkt = stack_fixture_take(f, 0)) != NULL || (pkt = stack_fixture_take(f, 1)) != NULL)
		rte_pktmbuf_free(pkt);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.0.2",
		.dst = "10.0.1.2", .ttl = 63);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .ttl = 1,
		.icmp_type = ICMP4_ECHO_REQUEST);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "10.0.0.1",
		.dst = "10.0.0.2", .icmp_type = PACKET_ZERO, .spoil = PACKET_ANY_ID);
	stack_fixture_destroy(f);
}

static void
test_tx_queue_full(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	f->wires[1]->tx_room = 100;
	flood(f, 0, 0, 300, PACKET(.src = "10.0.0.2", .dst = "10.0.1.2"));
	assert_int_equal(stack_fixture_drops(f, DROP_tx_queue_full), 200);
	assert_int_equal(stack_fixture_flow(f).forwarded, 100);
	/* Also of packets that pass through the stages, and of our own. */
	flood(f, 1, 0, 10,
		PACKET(.eth_dst = "02:00:00:00:01:01", .eth_src = "02:00:00:00:02:01",
			.src = "10.0.1.2", .dst = "10.0.1.1", .icmp_type = ICMP4_ECHO_REQUEST));
	assert_int_equal(stack_fixture_drops(f, DROP_tx_queue_full), 210);
	assert_int_equal(stack_fixture_flow(f).dropped_own, 10);
	assert_int_equal(stack_fixture_flow(f).forwarded, 100);
	f->wires[1]->tx_room = PORT_DOUBLE_NO_LIMIT;
	assert_works(f);
}

static void
test_punt_ring_full(void **state)
{
	static const char *const macs[] = { "02:00:00:00:01:00", "02:00:00:00:01:01" };
	static const char *const sources[] = { "10.0.0.2", "10.0.1.2" };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct ring_stats ring;

	/* Fewer of each kind than its rate limit lets pass at once. */
	for (unsigned port = 0; port < 2; port++) {
		flood(f, port, 0, 450,
			PACKET(.eth_dst = macs[port], .src = sources[port], .dst = "10.0.0.77"));
		flood(f, port, 0, 450,
			PACKET(.eth_dst = macs[port], .eth_type = ETHER_TYPE_ARP,
				.payload_length = 46));
	}
	assert_int_equal(stack_fixture_drops(f, DROP_punt_rate_limited), 0);
	assert_int_equal(
		stack_fixture_drops(f, DROP_punt_ring_full), 1800 - (WORKER_PUNT_SIZE - 1));
	stack_ring_stats(f->stack, 0, 2, &ring);
	assert_string_equal(ring.name, "punt");
	assert_int_equal(ring.depth, WORKER_PUNT_SIZE - 1);
	assert_int_equal(ring.high, WORKER_PUNT_SIZE - 1);
	assert_int_equal(ring.enqueued, WORKER_PUNT_SIZE - 1);
	assert_int_equal(ring.drops, 1800 - (WORKER_PUNT_SIZE - 1));
	stack_fixture_run(f);
	assert_works(f);
}

static void
test_punt_rate(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct flow_stats flow;

	for (unsigned i = 0; i < 40; i++) {
		flood(f, 0, 0, 100, PACKET(.eth_type = ETHER_TYPE_ARP, .payload_length = 46));
		while (stack_poll(f->stack, f->now_ns))
			;
	}
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.punted, 500);
	assert_int_equal(stack_fixture_drops(f, DROP_punt_rate_limited), 3500);
	assert_int_equal(stack_fixture_drops(f, DROP_arp_malformed), 500);
	/* One kind does not eat the other's allowance. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_flow(f).punted, 501);
	/* Nor one interface that of another. */
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .eth_type = ETHER_TYPE_ARP,
		.payload_length = 46);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_flow(f).punted, 502);
	assert_works(f);
}

static void
ignore_answer(void *arg, const struct stack_ping_answer *answer)
{
	(void)answer;
	++*(unsigned *)arg;
}

static void
test_inject_ring_full(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct stack_ping_config config = { .size_bytes = 8, .ttl = 64 };
	struct error err = { 0 };
	struct stack_ping *ping;
	unsigned answers = 0;

	assert_int_equal(ip_addr_parse("10.0.1.2", &config.dst), 0);
	assert_int_equal(
		stack_ping_create(f->stack, &config, ignore_answer, &answers, &ping, &err), 0);
	for (unsigned i = 0; i < 1500; i++)
		stack_ping_send(f->stack, ping, (uint16_t)i, &err);
	assert_int_equal(
		stack_fixture_drops(f, DROP_inject_ring_full), 1500 - (WORKER_INJECT_SIZE - 1));
	f->wires[1]->tx_room = 500;
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_flow(f).injected, WORKER_INJECT_SIZE - 1);
	assert_int_equal(stack_fixture_flow(f).tx, 500);
	assert_int_equal(stack_fixture_flow(f).forwarded, 0);
	f->wires[1]->tx_room = PORT_DOUBLE_NO_LIMIT;
	stack_ping_destroy(f->stack, ping);
	assert_works(f);
}

static void
test_handoff_ring_full(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 2, .rxqs = 2, .txqs = 1 });
	struct ring_stats ring;
	struct flow_stats flow;

	flood(f, 0, 1, 3000, PACKET(.src = "10.0.0.2", .dst = "10.0.1.2"));
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.in_transit, WORKER_HANDOFF_SIZE - 1);
	assert_int_equal(
		stack_fixture_drops(f, DROP_handoff_ring_full), 3000 - (WORKER_HANDOFF_SIZE - 1));
	stack_ring_stats(f->stack, 0, 3, &ring);
	assert_string_equal(ring.name, "handoff");
	assert_int_equal(ring.depth, WORKER_HANDOFF_SIZE - 1);
	assert_int_equal(ring.drops, 3000 - (WORKER_HANDOFF_SIZE - 1));
	/* The owner sends them; its queue has room for so many. */
	stack_fixture_run(f);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.in_transit, 0);
	assert_int_equal(flow.forwarded, PORT_DOUBLE_QUEUE_SIZE);
	assert_int_equal(stack_fixture_drops(f, DROP_tx_queue_full),
		WORKER_HANDOFF_SIZE - 1 - PORT_DOUBLE_QUEUE_SIZE);
	assert_works(f);
}

/* RFC 4861 7.2.2: some packets are held for each neighbour, and for all together. */
static void
test_neighbour_tables_full(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	char dst[16];

	flood(f, 0, 0, NEIGH_HELD_MAX + 12, PACKET(.src = "10.0.0.2", .dst = "10.0.1.99"));
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_queue_full), 12);
	for (unsigned i = 100; i < 200; i++) {
		snprintf(dst, sizeof(dst), "10.0.1.%u", i);
		flood(f, 0, 0, 1, PACKET(.src = "10.0.0.2", .dst = dst));
	}
	stack_fixture_run(f);
	/* 64 may be unresolved, of which 10.0.1.99 is one. */
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_table_full), 100 - 63);
	stack_fixture_advance(f, 5000);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_failed) +
			stack_fixture_drops(f, DROP_neigh_queue_full) +
			stack_fixture_drops(f, DROP_neigh_table_full),
		NEIGH_HELD_MAX + 12 + 100);
	assert_works(f);
}

/* What waits may be in many buffers: of these no more are held either. */
static void
test_neighbour_buffers_full(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	/* 256 packets may be held, in twice as many buffers; of these each has nine. */
	flood(f, 0, 0, 40,
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.99", .payload_length = 534,
			.segment = 64));
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_queue_full), 40 - 256 / 8);
	stack_fixture_advance(f, 5000);
	assert_works(f);
}

/* ---- no packet buffers ---- */

static unsigned
hoard_all(struct stack_fixture *f, struct rte_mbuf **hoard, unsigned max)
{
	unsigned count = 0;

	while (count < max && (hoard[count] = rte_pktmbuf_alloc(f->pool)) != NULL)
		count++;
	return count;
}

static void
test_no_packet_buffers(void **state)
{
	static struct rte_mbuf *hoard[1024];
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .mbufs = 1023 });
	struct rte_mempool *pool = f->pool;
	struct worker_stats stats;
	struct pool_stats pool_stats;
	unsigned count = hoard_all(f, hoard, RTE_DIM(hoard));

	assert_int_equal(count, 1023);
	stack_pool_stats(f->stack, 0, &pool_stats);
	assert_int_equal(pool_stats.available, 0);
	/* What comes in has buffers of its own, as it had before. */
	f->pool = test_pool();
	for (unsigned i = 0; i < 5; i++) {
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "192.0.2.1");
		stack_fixture_rx(f, 0, .src = "2001:db8::2", .dst = "2001:db8:ffff::1");
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1",
			.icmp_type = ICMP4_ECHO_REQUEST);
	}
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77"); /* wants to ask by ARP */
	stack_fixture_run(f);
	stack_worker_stats(f->stack, 0, &stats);
	assert_int_equal(stats.ip.errors_nomem, 10);
	assert_int_equal(stats.ip.errors_sent, 0);
	assert_int_equal(stats.flow.forwarded, 5);
	assert_int_equal(stats.flow.originated, 5);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_no_route), 5);
	assert_int_equal(stack_fixture_drops(f, DROP_ip6_no_route), 5);
	assert_int_equal(port_double_sent(f->wires[1], 0), 5);
	f->pool = pool;
	rte_pktmbuf_free_bulk(hoard, count);
	/* The question that could not be asked is asked again. */
	stack_fixture_advance(f, 1500);
	assert_int_equal(port_double_sent(f->wires[1], 0), 6);
	assert_works(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_tx_queue_full, test_pool_check),
		cmocka_unit_test_teardown(test_punt_ring_full, test_pool_check),
		cmocka_unit_test_teardown(test_punt_rate, test_pool_check),
		cmocka_unit_test_teardown(test_inject_ring_full, test_pool_check),
		cmocka_unit_test_teardown(test_handoff_ring_full, test_pool_check),
		cmocka_unit_test_teardown(test_neighbour_tables_full, test_pool_check),
		cmocka_unit_test_teardown(test_neighbour_buffers_full, test_pool_check),
		cmocka_unit_test_teardown(test_no_packet_buffers, test_pool_check),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
