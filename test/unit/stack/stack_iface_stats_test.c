/* SPDX-License-Identifier: BSD-3-Clause */
/* What interfaces count: both ways, by kind of address, their VLANs, and drops by reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define BROADCAST "ff:ff:ff:ff:ff:ff"
#define MULTICAST "01:00:5e:00:00:01"
/* clang-format off */
#define TAGGED(id) { 1, { { ETHER_TYPE_VLAN, id } } }
#define DOUBLE(outer, inner) { 2, { { ETHER_TYPE_QINQ, outer }, { ETHER_TYPE_VLAN, inner } } }
/* clang-format on */

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
vlan_add(struct stack_fixture *f, const char *name, const char *parent, uint16_t type, uint16_t id)
{
	assert_int_equal(stack_vlan_add(f->stack, name, parent,
				 &(struct vlan_tag){ .type = type, .id = id }, NULL),
		0);
}

/* p1 has VLAN 100 with 10.9.0.1/24; p0 is service VLAN 7, and in it customer VLAN 8, 10.8.0.1/24. */
static struct stack_fixture *
router(const struct stack_fixture_config *config)
{
	struct stack_fixture *f = stack_fixture_create(config);

	vlan_add(f, "p1.100", "p1", ETHER_TYPE_VLAN, 100);
	vlan_add(f, "p0.7", "p0", ETHER_TYPE_QINQ, 7);
	vlan_add(f, "p0.7.8", "p0.7", ETHER_TYPE_VLAN, 8);
	stack_fixture_addr(f, "p1.100", "10.9.0.1/24");
	stack_fixture_addr(f, "p0.7.8", "10.8.0.1/24");
	stack_fixture_neigh(f, "p1.100", "10.9.0.2", "02:00:00:00:09:02");
	stack_fixture_neigh(f, "p0.7.8", "10.8.0.2", "02:00:00:00:08:02");
	return f;
}

static struct stack_iface_stats
stats_of(const struct stack_fixture *f, const char *name)
{
	struct stack_iface_stats stats;

	stack_iface_stats(f->stack, iface_lookup(f->stack->ifaces, name), &stats);
	assert_int_equal(
		stats.rx.packets, stats.rx.unicast + stats.rx.multicast + stats.rx.broadcast);
	assert_int_equal(
		stats.tx.packets, stats.tx.unicast + stats.tx.multicast + stats.tx.broadcast);
	return stats;
}

static void
assert_way(
	const struct stack_iface_way *way, uint64_t unicast, uint64_t multicast, uint64_t broadcast)
{
	assert_int_equal(way->unicast, unicast);
	assert_int_equal(way->multicast, multicast);
	assert_int_equal(way->broadcast, broadcast);
	assert_int_equal(way->packets, unicast + multicast + broadcast);
}

/* Ports' interfaces are all that comes and goes; drops are theirs, or of nobody. */
static void
assert_sums(const struct stack_fixture *f)
{
	struct flow_stats flow = stack_fixture_flow(f);
	uint64_t rx = 0, tx = 0, sum[DROP_REASON_COUNT], total[DROP_REASON_COUNT];

	stack_drops_elsewhere(f->stack, sum);
	stack_drops_total(f->stack, total);
	for (const struct iface *iface = iface_next(f->stack->ifaces, 0); iface != NULL;
		iface = iface_next(f->stack->ifaces, iface->index + 1U)) {
		struct stack_iface_stats stats = stats_of(f, iface->name);

		rx += iface->type == IFACE_PORT ? stats.rx.packets : 0;
		tx += iface->type == IFACE_PORT ? stats.tx.packets : 0;
		for (unsigned r = 0; r < DROP_REASON_COUNT; r++)
			sum[r] += stats.drops[r];
	}
	assert_int_equal(rx, flow.rx);
	assert_int_equal(tx, flow.tx);
	assert_memory_equal(sum, total, sizeof(sum));
}

static void
test_received(void **state)
{
	struct stack_fixture *f = router(&(struct stack_fixture_config){ 0 });
	struct stack_iface_stats stats;

	/* Fast and slow, to groups, and to nobody's VLAN. */
	for (unsigned i = 0; i < 3; i++)
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 1);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "224.0.0.1", .eth_dst = MULTICAST);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "255.255.255.255", .eth_dst = BROADCAST);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "255.255.255.255", .eth_dst = BROADCAST,
		.vlan = TAGGED(99));
	/* The outer VLAN, and the inner one. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2",
		.vlan = { 1, { { ETHER_TYPE_QINQ, 7 } } });
	stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "10.0.1.2", .vlan = DOUBLE(7, 8));
	stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "255.255.255.255", .eth_dst = BROADCAST,
		.vlan = DOUBLE(7, 8), .payload_length = 100);
	stack_fixture_run(f);

	stats = stats_of(f, "p0");
	assert_way(&stats.rx, 6, 1, 3);
	assert_int_equal(stats.rx.bytes, f->wires[0]->stats.rx_bytes);
	assert_int_equal(stats.drops[DROP_ip4_ttl_exceeded], 1);
	assert_int_equal(stats.drops[DROP_ip4_multicast], 1);
	assert_int_equal(stats.drops[DROP_ip4_broadcast], 1);
	assert_int_equal(stats.drops[DROP_ether_unknown_vlan], 1);
	stats = stats_of(f, "p0.7");
	assert_way(&stats.rx, 2, 0, 1);
	assert_int_equal(stats.drops[DROP_ip4_broadcast], 0);
	stats = stats_of(f, "p0.7.8");
	assert_way(&stats.rx, 1, 0, 1);
	assert_int_equal(stats.rx.bytes, (14 + 8 + 28) + (14 + 8 + 28 + 100));
	assert_int_equal(stats.drops[DROP_ip4_broadcast], 1);
	assert_way(&stats.tx, 0, 0, 0);
	stats = stats_of(f, "p1");
	assert_way(&stats.tx, 5, 0, 0);
	assert_way(&stats.rx, 0, 0, 0);
	assert_sums(f);
	stack_fixture_destroy(f);
}

static void
test_sent(void **state)
{
	struct stack_fixture *f = router(&(struct stack_fixture_config){ 0 });
	struct stack_iface_stats stats;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.2", .payload_length = 100);
	/* Who has them? */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77");
	stack_fixture_rx(f, 0, .src = "2001:db8::2", .dst = "2001:db8:1::77");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.77");
	stack_fixture_run(f);
	stats = stats_of(f, "p1");
	assert_way(&stats.tx, 2, 1, 2);
	assert_int_equal(stats.tx.bytes, f->wires[1]->stats.tx_bytes);
	stats = stats_of(f, "p1.100");
	assert_way(&stats.tx, 1, 0, 1);
	assert_int_equal(stats.tx.bytes, 14 + 4 + 28 + 100 + 14 + 4 + 28);
	assert_sums(f);
	stack_fixture_destroy(f);
}

/* What the port does not take was not sent: it is a drop of the interface that it was to leave by. */
static void
test_unsent(void **state)
{
	struct stack_fixture *f = router(&(struct stack_fixture_config){ 0 });
	struct stack_iface_stats stats;

	f->wires[1]->tx_room = 0;
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.2");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77");
	stack_fixture_run(f);
	stats = stats_of(f, "p1");
	assert_way(&stats.tx, 0, 0, 0);
	assert_int_equal(stats.tx.bytes, 0);
	assert_int_equal(stats.drops[DROP_tx_queue_full], 2);
	stats = stats_of(f, "p1.100");
	assert_way(&stats.tx, 0, 0, 0);
	assert_int_equal(stats.tx.bytes, 0);
	assert_int_equal(stats.drops[DROP_tx_queue_full], 1);
	assert_int_equal(stats_of(f, "p0").drops[DROP_tx_queue_full], 0);
	assert_sums(f);
	f->wires[1]->tx_room = PORT_DOUBLE_NO_LIMIT;
	stack_fixture_destroy(f);
}

/* Two workers, of which one has the port's only queue. */
static void
test_handed_off(void **state)
{
	struct stack_fixture *f =
		router(&(struct stack_fixture_config){ .workers = 2, .rxqs = 2, .txqs = 1 });
	struct stack_iface_stats stats;

	for (uint16_t q = 0; q < 2; q++) {
		port_double_inject(f->wires[0], q,
			packet_mbuf(f->pool, PACKET(.src = "10.0.0.2", .dst = "10.9.0.2")));
		port_double_inject(f->wires[0], q,
			packet_mbuf(f->pool, PACKET(.src = "10.0.0.2", .dst = "10.0.1.2")));
	}
	stack_fixture_run(f);
	stats = stats_of(f, "p1");
	assert_way(&stats.tx, 4, 0, 0);
	stats = stats_of(f, "p1.100");
	assert_way(&stats.tx, 2, 0, 0);
	assert_sums(f);
	stack_fixture_destroy(f);
}

static void
test_down(void **state)
{
	struct stack_fixture *f = router(&(struct stack_fixture_config){ 0 });
	struct stack_iface_stats stats;

	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, NULL), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "255.255.255.255", .eth_dst = BROADCAST);
	stack_fixture_run(f);
	stats = stats_of(f, "p0");
	assert_way(&stats.rx, 1, 0, 1);
	assert_int_equal(stats.drops[DROP_rx_no_iface], 2);
	assert_sums(f);
	stack_fixture_destroy(f);
}

/* A malformed ARP is dropped by the control thread. */
static void
test_dropped_by_control(void **state)
{
	struct stack_fixture *f = router(&(struct stack_fixture_config){ 0 });

	stack_fixture_rx(
		f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = 46, .vlan = DOUBLE(7, 8));
	stack_fixture_run(f);
	assert_int_equal(stats_of(f, "p0.7.8").drops[DROP_arp_malformed], 1);
	assert_int_equal(stats_of(f, "p0").drops[DROP_arp_malformed], 0);
	assert_sums(f);
	stack_fixture_destroy(f);
}

/* Another one with the same index starts from zero; its parent forgets nothing. */
static void
test_gone_and_anew(void **state)
{
	struct stack_fixture *f = router(&(struct stack_fixture_config){ 0 });
	const uint16_t index = iface_lookup(f->stack->ifaces, "p0.7.8")->index;
	struct stack_iface_stats stats;
	uint64_t drops[DROP_REASON_COUNT];

	for (unsigned i = 0; i < 2; i++) {
		stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "255.255.255.255",
			.eth_dst = BROADCAST, .vlan = DOUBLE(7, 8));
		stack_fixture_rx(f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = 46,
			.vlan = DOUBLE(7, 8));
		stack_fixture_run(f);
		stats = stats_of(f, "p0.7.8");
		assert_way(&stats.rx, 1, 0, 1);
		assert_int_equal(stats.drops[DROP_ip4_broadcast], 1);
		assert_int_equal(stats.drops[DROP_arp_malformed], 1);
		assert_int_equal(stack_iface_remove(f->stack, "p0.7.8", NULL), 0);
		stats = stats_of(f, "p0.7");
		assert_way(&stats.rx, i + 1, 0, i + 1);
		stack_drops_elsewhere(f->stack, drops);
		assert_int_equal(drops[DROP_ip4_broadcast], i + 1);
		assert_int_equal(drops[DROP_arp_malformed], i + 1);
		assert_sums(f);
		vlan_add(f, "p0.7.8", "p0.7", ETHER_TYPE_VLAN, 8);
		assert_int_equal(iface_lookup(f->stack->ifaces, "p0.7.8")->index, index);
		stats = stats_of(f, "p0.7.8");
		assert_way(&stats.rx, 0, 0, 0);
	}
	assert_int_equal(stack_iface_remove(f->stack, "p0.7", NULL), 0);
	stats = stats_of(f, "p0");
	assert_way(&stats.rx, 2, 0, 2);
	assert_sums(f);
	stack_fixture_destroy(f);
}

/* Queues that are set up anew count from zero; the interface does not. */
static void
test_queues_set_up(void **state)
{
	struct stack_fixture *f =
		router(&(struct stack_fixture_config){ .workers = 2, .rxqs = 2, .txqs = 2 });
	struct stack_iface_stats stats;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	for (uint16_t queues = 1; queues <= 3; queues++) {
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(stack_port_set_queues(f->stack, i == 0 ? "p0" : "p1",
						 queues, queues, NULL),
				0);
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
		stack_fixture_run(f);
		stats = stats_of(f, "p0");
		assert_way(&stats.rx, queues + 1U, 0, 0);
		stats = stats_of(f, "p1");
		assert_way(&stats.tx, queues + 1U, 0, 0);
		assert_sums(f);
	}
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_received),
		cmocka_unit_test(test_sent),
		cmocka_unit_test(test_unsent),
		cmocka_unit_test(test_handed_off),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_dropped_by_control),
		cmocka_unit_test(test_gone_and_anew),
		cmocka_unit_test(test_queues_set_up),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
