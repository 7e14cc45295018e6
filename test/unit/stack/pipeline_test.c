/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets all the way through a stack: forwarded, answered, held, refused; and what overload does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static struct stack_fixture *
two_ports(void)
{
	return stack_fixture_create(&(struct stack_fixture_config){ .ports = 2 });
}

/* ---- the ways that a packet can go ---- */

static void
test_forwards_ip4(void **state)
{
	struct stack_fixture *f = two_ports();
	struct flow_stats flow;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "10.0.0.2",
		.dst = "10.0.1.2", .ttl = 63);
	stack_fixture_expect_silence(f);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.rx, 1);
	assert_int_equal(flow.forwarded, 1);
	assert_int_equal(flow.dropped, 0);
	stack_fixture_destroy(f);
}

static void
test_forwards_ip6(void **state)
{
	struct stack_fixture *f = two_ports();

	stack_fixture_rx(f, 0, .src = "2001:db8:0::2", .dst = "2001:db8:1::2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:02:01", .src = "2001:db8:0::2",
		.dst = "2001:db8:1::2", .ttl = 63);
	stack_fixture_destroy(f);
}

/* Back out of the port by which it came: a router on a stick. */
static void
test_forwards_to_the_port_it_came_from(void **state)
{
	struct stack_fixture *f = two_ports();

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.3");
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:03:00", .src = "10.0.0.2",
		.dst = "10.0.0.3", .ttl = 63);
	stack_fixture_destroy(f);
}

static void
test_answers_echo(void **state)
{
	struct stack_fixture *f = two_ports();
	struct flow_stats flow;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.1",
		.icmp_type = ICMP4_ECHO_REQUEST, .icmp_rest = 0x12340001, .payload_length = 33);
	stack_fixture_rx(f, 0, .src = "2001:db8::2", .dst = "2001:db8::1",
		.icmp_type = ICMP6_ECHO_REQUEST, .icmp_rest = 0x12340002, .payload_length = 33);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "10.0.1.1",
		.dst = "10.0.0.2", .icmp_type = PACKET_ZERO, .icmp_rest = 0x12340001,
		.payload_length = 33, .spoil = PACKET_ANY_ID);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "2001:db8::1",
		.dst = "2001:db8::2", .icmp_type = ICMP6_ECHO_REPLY, .icmp_rest = 0x12340002,
		.payload_length = 33);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.delivered, 2);
	assert_int_equal(flow.originated, 2);
	assert_int_equal(flow.forwarded, 0);
	stack_fixture_destroy(f);
}

/* What is answered to somebody whose MAC address is not known waits for it, too. */
static void
test_own_packets_are_not_counted_as_forwarded(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .strangers = true });
	struct flow_stats flow;

	stack_fixture_rx(
		f, 0, .src = "10.0.0.9", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST);
	stack_fixture_run(f);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.rx, 1);
	assert_int_equal(flow.delivered, 1);
	assert_int_equal(flow.originated, 1);
	assert_int_equal(flow.punted, 1);
	assert_int_equal(flow.forwarded, 0);
	stack_fixture_neigh(f, "p0", "10.0.0.9", "02:00:00:00:09:00");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_flow(f).forwarded, 0);
	stack_fixture_destroy(f);
}

static void
test_errors_go_back(void **state)
{
	static const struct packet expired = { .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 1 };
	struct stack_fixture *f = two_ports();
	uint8_t quoted[PACKET_MAX];
	struct packet plain = expired;
	struct flow_stats flow;

	plain.spoil = PACKET_NO_ETHER;
	stack_fixture_inject(f, 0, &expired);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "10.0.0.1",
		.dst = "10.0.0.2", .tos = 0xc0, .icmp_type = ICMP4_TIME_EXCEEDED, .payload = quoted,
		.payload_length = (uint16_t)packet_write(&plain, quoted), .spoil = PACKET_ANY_ID);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_ttl_exceeded), 1);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.dropped, 1);
	assert_int_equal(flow.dropped_own, 0);
	assert_int_equal(flow.forwarded, 0);
	stack_fixture_destroy(f);
}

/* Where ports would be, in what pads the frame, there are none: the flow stays one. */
static void
test_padding_is_no_port(void **state)
{
	struct stack_fixture *f = two_ports();
	uint32_t hash = 0;

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2 10.0.1.3");
	for (unsigned i = 0; i < 16; i++) {
		struct rte_mbuf *pkt = packet_mbuf(f->pool,
			PACKET(.src = "10.0.0.2", .dst = "192.0.2.1", .spoil = PACKET_RAW,
				.proto = IP_PROTO_UDP, .padding = 26));

		rte_pktmbuf_mtod(pkt, uint8_t *)[ETHER_HDR_LENGTH + IP4_HDR_LENGTH] = (uint8_t)i;
		port_double_inject(f->wires[0], 0, pkt);
		stack_fixture_run(f);
		pkt = stack_fixture_take(f, 1);
		assert_non_null(pkt);
		assert_int_equal(pkt->hash.rss, i == 0 ? pkt->hash.rss : hash);
		hash = pkt->hash.rss;
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_destroy(f);
}

/* ---- every packet is accounted for, whatever it is ---- */

/* Packets that end in different ways, for both families. */
static const struct packet mixed[] = {
	{ .src = "10.0.0.2", .dst = "10.0.1.2" },
	{ .src = "2001:db8::2", .dst = "2001:db8:1::3" },
	{ .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 1 },
	{ .src = "2001:db8::2", .dst = "2001:db8:1::3", .ttl = 1 },
	{ .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST },
	{ .src = "2001:db8::2", .dst = "2001:db8::1", .icmp_type = ICMP6_ECHO_REQUEST },
	{ .src = "10.0.0.2", .dst = "10.0.0.1" },
	{ .src = "2001:db8::2", .dst = "2001:db8::1" },
	{ .src = "10.0.0.2", .dst = "192.0.2.1" },
	{ .src = "2001:db8::2", .dst = "2001:db8:ffff::1" },
	{ .src = "10.0.0.2", .dst = "10.0.1.77" },
	{ .src = "2001:db8::2", .dst = "2001:db8:1::77" },
	{ .src = "10.0.0.2", .dst = "10.0.1.2", .spoil = PACKET_BAD_IP_CHECKSUM },
	{ .src = "10.0.0.2", .dst = "10.0.1.2", .truncate = 30 },
	{ .src = "2001:db8::2", .dst = "2001:db8:1::3", .truncate = 40 },
	{ .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = PACKET_ZERO },
	{ .eth_type = ETHER_TYPE_VLAN, .payload_length = 46 },
	{ .eth_type = ETHER_TYPE_ARP, .payload_length = 46 },
	{ .eth_dst = "02:00:00:00:77:77", .src = "10.0.0.2", .dst = "10.0.1.2" },
	{ .src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 1600, .frag = 0x4000 },
};

static void
test_everything_adds_up(void **state)
{
	struct stack_fixture *f = two_ports();
	struct flow_stats flow;

	for (unsigned i = 0; i < 500; i++)
		stack_fixture_inject(f, 0, &mixed[i * 7 % RTE_DIM(mixed)]);
	stack_fixture_advance(f, 10000); /* also what waited for neighbours that are not there */
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.rx, 500);
	assert_int_equal(flow.forwarded, 500 * 2 / RTE_DIM(mixed));
	assert_int_equal(flow.rx,
		flow.forwarded + flow.delivered + (flow.punted - flow.punted_own) +
			(flow.dropped - flow.dropped_own));
	assert_true(flow.delivered > 0 && flow.dropped > 0 && flow.punted > 0);
	assert_int_equal(flow.in_transit, 0);
	stack_fixture_destroy(f);
}

/* ---- neighbours ---- */

static void
test_held_packet_goes_when_the_neighbour_answers(void **state)
{
	static const uint8_t reply[] = { 0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 9, 1, 10, 0, 1, 9, 2,
		0, 0, 0, 1, 1, 10, 0, 1, 1 };
	static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 1, 1, 10, 0, 1, 1, 0,
		0, 0, 0, 0, 0, 10, 0, 1, 9 };
	struct stack_fixture *f = two_ports();

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.9");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "ff:ff:ff:ff:ff:ff", .eth_type = ETHER_TYPE_ARP,
		.payload = request, .payload_length = sizeof(request));
	stack_fixture_expect_silence(f);
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .eth_src = "02:00:00:00:09:01",
		.eth_type = ETHER_TYPE_ARP, .payload = reply, .payload_length = sizeof(reply));
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .eth_dst = "02:00:00:00:09:01", .src = "10.0.0.2",
		.dst = "10.0.1.9", .ttl = 63);
	/* The second one needs no help of the control thread. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.9");
	assert_true(worker_poll(f->stack->workers[0], f->now_ns));
	assert_int_equal(port_double_sent(f->wires[1], 0), 1);
	stack_fixture_destroy(f);
}

static void
test_neighbour_that_is_not_there(void **state)
{
	static const struct packet sent = {
		.src = "10.0.0.2", .dst = "10.0.1.9", .ttl = 63, .spoil = PACKET_NO_ETHER
	};
	struct stack_fixture *f = two_ports();
	uint8_t quoted[PACKET_MAX];

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.9");
	stack_fixture_advance(f, 5000);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "10.0.0.1",
		.dst = "10.0.0.2", .tos = 0xc0, .icmp_type = ICMP4_UNREACHABLE,
		.icmp_code = ICMP4_HOST_UNREACHABLE, .payload = quoted,
		.payload_length = (uint16_t)packet_write(&sent, quoted), .spoil = PACKET_ANY_ID);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_failed), 1);
	assert_int_equal(port_double_sent(f->wires[1], 0), 3); /* requests */
	assert_int_equal(stack_fixture_flow(f).forwarded, 0);
	stack_fixture_destroy(f);
}

static void
test_neighbour_that_is_not_there_ip6(void **state)
{
	static const struct packet sent = {
		.src = "2001:db8::2", .dst = "2001:db8:1::9", .ttl = 63, .spoil = PACKET_NO_ETHER
	};
	struct stack_fixture *f = two_ports();
	uint8_t quoted[PACKET_MAX];

	stack_fixture_rx(f, 0, .src = "2001:db8::2", .dst = "2001:db8:1::9");
	stack_fixture_advance(f, 5000);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "2001:db8::1",
		.dst = "2001:db8::2", .icmp_type = ICMP6_UNREACHABLE,
		.icmp_code = ICMP6_ADDR_UNREACHABLE, .payload = quoted,
		.payload_length = (uint16_t)packet_write(&sent, quoted));
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_failed), 1);
	stack_fixture_destroy(f);
}

/* ---- interfaces ---- */

static void
test_interface_down(void **state)
{
	struct stack_fixture *f = two_ports();
	struct error err = { 0 };

	assert_int_equal(stack_iface_set_admin(f->stack, "p0", false, &err), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_rx_no_iface), 1);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0", true, &err), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	assert_int_equal(port_double_sent(f->wires[1], 0), 1);
	stack_fixture_destroy(f);
}

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forwards_ip4),
		cmocka_unit_test(test_forwards_ip6),
		cmocka_unit_test(test_forwards_to_the_port_it_came_from),
		cmocka_unit_test(test_answers_echo),
		cmocka_unit_test(test_own_packets_are_not_counted_as_forwarded),
		cmocka_unit_test(test_errors_go_back),
		cmocka_unit_test(test_padding_is_no_port),
		cmocka_unit_test(test_everything_adds_up),
		cmocka_unit_test(test_held_packet_goes_when_the_neighbour_answers),
		cmocka_unit_test(test_neighbour_that_is_not_there),
		cmocka_unit_test(test_neighbour_that_is_not_there_ip6),
		cmocka_unit_test(test_interface_down),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
