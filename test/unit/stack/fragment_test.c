/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets cut, and fragments put together, on their way through a stack: everything adds up. */
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

/* A packet of a transport's that the tx edge is to segment. */
static void
send_segmented(struct stack_fixture *f, const char *dst, uint16_t length)
{
	struct worker *w = f->stack->workers[0];
	struct rte_mbuf *pkt = packet_mbuf(f->pool,
		PACKET(.src = "10.0.1.1", .dst = dst, .proto = IP_PROTO_TCP, .frag = IP4_FRAG_DF,
			.payload_length = length, .spoil = PACKET_NO_ETHER));

	pkt->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	pkt->l3_len = IP4_HDR_LENGTH;
	pkt->l4_len = 20;
	pkt->tso_segsz = 1460;
	pkt_meta_init(pkt, PKT_IFACE_NONE, PKT_ORIGINATED);
	pkt_queue_put(&w->output, pkt);
}

/* Its segments fit the link, also when it waited for its neighbour. */
static void
test_held_segments(void **state)
{
	struct stack_fixture *f = small_link(576);
	struct rte_mbuf *pkt;

	send_segmented(f, "10.0.1.9", 1400);
	stack_fixture_run(f);
	sent(f, 1); /* who has 10.0.1.9? */
	stack_fixture_neigh(f, "p1", "10.0.1.9", "02:00:00:00:09:01");
	stack_fixture_run(f);
	for (unsigned i = 0; i < 3; i++) {
		pkt = stack_fixture_take(f, 1);
		assert_non_null(pkt);
		assert_int_equal(
			pkt->pkt_len, ETHER_HDR_LENGTH + 40 + (i < 2 ? 536 : 1400 - 2 * 536));
		rte_pktmbuf_free(pkt);
	}
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_flow(f).dropped, 0);
	assert_int_equal(stack_fixture_flow(f).split, 0);
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

/* A link-local neighbour has no nexthop of its own: pieces wait for it as packets do. */
static void
test_link_local(void **state)
{
	struct stack_fixture *f = small_link(1280);

	stack_fixture_neigh(f, "p1", "fe80::2", "02:00:00:00:09:01");
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "fe80::2",
		.dst = "fe80::ff:fe00:101", .icmp_type = ICMP6_ECHO_REQUEST,
		.payload_length = 1400);
	for (unsigned i = 0; i < 5; i++)
		stack_fixture_run(f);
	assert_int_equal(sent(f, 1), 2);
	assert_int_equal(stack_fixture_flow(f).split, 1);
	assert_int_equal(stack_fixture_flow(f).dropped, 0);
	stack_fixture_destroy(f);
}

/* Two halves of an echo request, the second first; or only the first. */
static void
halves(struct stack_fixture *f, bool both)
{
	static uint8_t bytes[PACKET_MAX];
	size_t length = packet_write(
		PACKET(.src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST,
			.icmp_rest = 7, .payload_length = 100, .spoil = PACKET_NO_ETHER),
		bytes);

	if (both)
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .frag = 8,
			.proto = IP_PROTO_ICMP, .spoil = PACKET_RAW, .payload = bytes + 20 + 64,
			.payload_length = (uint16_t)(length - 20 - 64));
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.0.1", .frag = IP4_FRAG_MF,
		.proto = IP_PROTO_ICMP, .spoil = PACKET_RAW, .payload = bytes + 20,
		.payload_length = 64);
	stack_fixture_run(f);
}

static void
test_put_together(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct flow_stats flow;

	halves(f, true);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:02:00", .src = "10.0.0.1",
		.dst = "10.0.0.2", .icmp_type = PACKET_ZERO, .icmp_rest = 7, .payload_length = 100,
		.spoil = PACKET_ANY_ID);
	flow = stack_fixture_flow(f);
	assert_int_equal(flow.rx, 2);
	assert_int_equal(flow.merged, 1);
	assert_int_equal(flow.held, 0);
	assert_int_equal(flow.delivered, 1);
	stack_fixture_destroy(f);
}

/* RFC 792: who sent the first half is told that the second did not come. */
static void
test_time_exceeded(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct rte_mbuf *pkt;

	halves(f, false);
	assert_int_equal(stack_fixture_flow(f).held, 1);
	f->now_ns += IP_REASSEMBLY_TIMEOUT_NS - 1;
	stack_fixture_run(f);
	stack_fixture_expect_silence(f);
	f->now_ns++;
	stack_fixture_run(f);
	/* The neighbour may be asked first whether it is there; the error is the IPv4 packet. */
	while ((pkt = stack_fixture_take(f, 0)) != NULL) {
		const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
		bool error = frame[12] == 8 && frame[13] == 0 && frame[34] == ICMP4_TIME_EXCEEDED &&
			frame[35] == 1;

		rte_pktmbuf_free(pkt);
		if (error)
			break;
	}
	assert_non_null(pkt);
	assert_int_equal(stack_fixture_drops(f, DROP_ip_reassembly_timeout), 1);
	assert_int_equal(stack_fixture_flow(f).held, 0);
	stack_fixture_destroy(f);
}

/* A flood of first fragments: what is held stays within its bound, and bystanders are served. */
static void
test_flood(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const uint32_t most = 4096 / 4;

	for (unsigned i = 0; i < 5000; i++) {
		stack_fixture_rx(f, 0, .src = "10.0.0.9", .dst = "10.0.0.1", .id = (uint16_t)i,
			.frag = IP4_FRAG_MF, .spoil = PACKET_RAW, .payload_length = 64);
		if (i % 500 != 499)
			continue;
		stack_fixture_run(f);
		assert_in_range(stack_fixture_flow(f).held, 1, most);
		halves(f, true);
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
		stack_fixture_run(f);
		assert_int_equal(sent(f, 0), 1);
		assert_int_equal(sent(f, 1), 1);
	}
	/* The bystander's two fragments made room for themselves, and left it. */
	assert_int_equal(stack_fixture_drops(f, DROP_ip_reassembly_full), 5000 - (most - 2));
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
		cmocka_unit_test(test_held_segments),
		cmocka_unit_test(test_ip6_is_not_cut),
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_put_together),
		cmocka_unit_test(test_time_exceeded),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
