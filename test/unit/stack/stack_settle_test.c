/* SPDX-License-Identifier: BSD-3-Clause */
/* A flow whose neighbour becomes known while packets of it are on their way: none overtakes another. */
#include "unit/stack/neigh_fixture.h"

#include <rte_rcu_qsbr.h>

#include "wire/endian.h"
#include "wire/ip4.h"

#define NEIGHBOUR "10.0.0.2"

/* The next packet of the flow arrives; its identification is its number. */
static void
send(struct stack_fixture *f, unsigned count)
{
	static uint16_t id;

	if (count == 0)
		id = 0;
	for (unsigned i = 0; i < count; i++)
		stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2",
			.dst = NEIGHBOUR, .id = ++id);
}

/* The neighbour answers, by p0. */
static void
answer(struct stack_fixture *f)
{
	const struct arp arp = { .op = ARP_REPLY,
		.sender_mac = { { 2, 0, 0, 0, 9, 0 } },
		.sender_ip = addr_of(NEIGHBOUR),
		.target_mac = { { 2, 0, 0, 0, 1, 0 } },
		.target_ip = addr_of("10.0.0.1") };
	uint8_t body[ARP_LENGTH];

	arp_build(body, &arp);
	stack_fixture_rx(f, 0, .eth_dst = "02:00:00:00:01:00", .eth_src = "02:00:00:00:09:00",
		.eth_type = ETHER_TYPE_ARP, .payload = body, .payload_length = sizeof(body),
		.padding = 18);
}

static struct worker *
worker_run(struct stack_fixture *f)
{
	worker_poll(f->stack->workers[0], f->now_ns);
	return f->stack->workers[0];
}

static enum nexthop_type
type_of(struct stack_fixture *f)
{
	const struct ip_addr addr = addr_of(NEIGHBOUR);
	struct stack_way way;

	stack_route_get(f->stack, IP_VRF_DEFAULT, &addr, NULL, &way);
	return nexthop_get(nexthop_table_array(f->stack->nexthops), way.nexthop)->type;
}

/* Packets `from` to `to`, one after the other, and no more. */
static void
expect(struct stack_fixture *f, uint16_t from, uint16_t to)
{
	struct rte_mbuf *pkt;

	for (uint16_t id = from; id <= to; id++) {
		pkt = stack_fixture_take(f, 0);
		assert_non_null(pkt);
		assert_int_equal(be16toh(rte_pktmbuf_mtod_offset(
					 pkt, const struct ip4_header *, ETHER_HDR_LENGTH)
						 ->id_be),
			id);
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_expect_silence(f);
}

/* Number 1 is held, and asked for. */
static struct stack_fixture *
asked(void)
{
	struct stack_fixture *f = strangers();

	send(f, 0);
	send(f, 1);
	stack_fixture_run(f);
	expect_arp(f, ARP_REQUEST, "10.0.0.1", NEIGHBOUR, "ff:ff:ff:ff:ff:ff");
	return f;
}

/* The answer is on the punt ring, and behind it more than control takes at once. */
static struct stack_fixture *
answered(void)
{
	struct stack_fixture *f = asked();

	answer(f);
	send(f, PKT_BURST);
	worker_run(f);
	send(f, 8);
	worker_run(f);
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(type_of(f), NEXTHOP_RESOLVED);
	return f;
}

static void
test_order(void **state)
{
	struct stack_fixture *f = answered();
	struct worker *w;
	uint64_t punted;

	/* What follows waits for those that are still on the ring. */
	send(f, 4);
	w = worker_run(f);
	expect(f, 1, PKT_BURST);
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(type_of(f), NEXTHOP_RESOLVED);
	/* Those are on the inject ring now; behind them nobody has to wait. */
	punted = w->counters.punted;
	send(f, 4);
	worker_run(f);
	assert_int_equal(w->counters.punted, punted);
	expect(f, PKT_BURST + 1, PKT_BURST + 17);
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(type_of(f), NEXTHOP_GATEWAY);
	send(f, 4);
	worker_run(f);
	expect(f, PKT_BURST + 18, PKT_BURST + 21);
	stack_fixture_destroy(f);
	(void)state;
}

/* Also what other workers or the user say of it: held ones go first. */
static void
test_order_of_held(void **state)
{
	const struct mac_addr mac = { { 2, 0, 0, 0, 9, 0 } };
	const struct ip_addr addr = addr_of(NEIGHBOUR);
	struct stack_fixture *f = asked();

	assert_int_equal(stack_neigh_add(f->stack, "p0", &addr, &mac, NULL), 0);
	assert_int_equal(type_of(f), NEXTHOP_RESOLVED);
	send(f, 4);
	/* The worker has looked at the ring before control put the first one there. */
	pipeline_rx(f->stack->workers[0], &f->stack->workers[0]->queues->rxqs[1]);
	stack_fixture_run(f);
	expect(f, 1, 5);
	assert_int_equal(type_of(f), NEXTHOP_GATEWAY);
	stack_fixture_destroy(f);
	(void)state;
}

/* Others that are asked for do not make it wait, be they in front of it or on their way. */
static void
test_others(void **state)
{
	struct stack_fixture *f = asked();
	struct worker *w = f->stack->workers[0];
	uint64_t punted;

	answer(f);
	worker_run(f);
	stack_poll(f->stack, f->now_ns);
	worker_run(f); /* number 1 is sent */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(type_of(f), NEXTHOP_RESOLVED);
		punted = w->counters.punted;
		stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2",
			.dst = "10.0.0.77");
		send(f, 2);
		worker_run(f);
		assert_int_equal(w->counters.punted, punted + 1);
		expect(f, i == 0 ? 1 : 4, i == 0 ? 3 : 5);
	}
	stack_fixture_run(f);
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.77", "ff:ff:ff:ff:ff:ff");
	stack_fixture_destroy(f);
	(void)state;
}

/* A worker that does not know of it yet may be about to punt for it. */
static void
test_grace_period(void **state)
{
	struct stack_fixture *f = asked();

	rte_rcu_qsbr_thread_online(f->stack->rcu, 0);
	answer(f);
	worker_run(f);
	stack_poll(f->stack, f->now_ns);
	worker_run(f);
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(type_of(f), NEXTHOP_RESOLVED);
	rte_rcu_qsbr_quiescent(f->stack->rcu, 0);
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(type_of(f), NEXTHOP_GATEWAY);
	rte_rcu_qsbr_thread_offline(f->stack->rcu, 0);
	expect(f, 1, 1);
	stack_fixture_destroy(f);
	(void)state;
}

/* In a flood there is no end: at some time order is given up. */
static void
test_not_for_ever(void **state)
{
	struct stack_fixture *f = answered();

	send(f, 1);
	worker_run(f);
	stack_poll(f->stack, f->now_ns + 99000000);
	assert_int_equal(type_of(f), NEXTHOP_RESOLVED);
	f->now_ns += 101000000;
	stack_poll(f->stack, f->now_ns);
	assert_int_equal(type_of(f), NEXTHOP_GATEWAY);
	stack_fixture_run(f);
	expect(f, 1, PKT_BURST + 10);
	stack_fixture_destroy(f);
	(void)state;
}

/* Nothing is lost that could be sent: rather it is sent too early. */
static void
test_no_punts_left(void **state)
{
	struct stack_fixture *f = answered();
	struct worker *w = f->stack->workers[0];

	while (rate_limit_take(&w->punt_limits[PUNT_GLEAN],
		iface_lookup(f->stack->ifaces, "p1")->index, w->ip.now_ns))
		continue;
	send(f, 4);
	/* One that is cut, too: into two. */
	assert_int_equal(stack_iface_set_mtu(f->stack, "p0", 576, NULL), 0);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = NEIGHBOUR,
		.payload_length = 800);
	worker_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_punt_rate_limited), 0);
	stack_fixture_run(f);
	for (unsigned i = 0; i < PKT_BURST + 15; i++) {
		struct rte_mbuf *pkt = stack_fixture_take(f, 0);

		assert_non_null(pkt);
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_destroy(f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_of_held),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_grace_period),
		cmocka_unit_test(test_not_for_ever),
		cmocka_unit_test(test_no_punts_left),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
