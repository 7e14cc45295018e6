/* SPDX-License-Identifier: BSD-3-Clause */
/* Traces: the stages that a packet passed, to its very end, and which packets are picked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static struct trace_record records[TRACE_PACKETS_MAX];
static const struct trace_filter any = { .iface = IFACE_NONE, .vrf = TRACE_VRF_ANY };

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
trace(struct stack_fixture *f, unsigned count, const struct trace_filter *filter)
{
	struct error err = { 0 };

	stack_trace_clear(f->stack);
	if (stack_trace_add(f->stack, count, filter, &err) < 0)
		fail_msg("%s", err.text);
}

/* Its stages in one line: "ether_input ip4_input drop:ip4_multicast". */
static const char *
steps_of(const struct trace_record *record)
{
	static char text[512];
	size_t used = 0;

	for (unsigned i = 0; i < record->step_count; i++) {
		const struct trace_step *step = &record->steps[i];

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? " " : "",
			stage_name((enum stage)step->stage));
		if (step->stage == STAGE_drop)
			used += (size_t)snprintf(text + used, sizeof(text) - used, ":%s",
				drop_reason_name((enum drop_reason)step->reason));
		if (step->stage == STAGE_punt)
			used += (size_t)snprintf(text + used, sizeof(text) - used, ":%s",
				punt_reason_name((enum punt_reason)step->reason));
	}
	return text;
}

/* The one packet that was traced took this way. */
static void
assert_traced(struct stack_fixture *f, const char *steps)
{
	struct rte_mbuf *pkt;

	assert_int_equal(stack_trace_get(f->stack, records, RTE_DIM(records)), 1);
	assert_string_equal(steps_of(&records[0]), steps);
	assert_true(records[0].finished);
	assert_int_equal(f->stack->workers[0]->trace.open, 0);
	while ((pkt = stack_fixture_take(f, 0)) != NULL || (pkt = stack_fixture_take(f, 1)) != NULL)
		rte_pktmbuf_free(pkt);
}

static void
test_ways(void **state)
{
	static const struct {
		struct packet packet;
		const char *steps;
	} cases[] = {
		{ { .src = "10.0.0.2", .dst = "10.0.1.2" },
			"ether_input ip4_input ip4_forward ip4_output ether_output tx" },
		{ { .src = "2001:db8::2", .dst = "2001:db8:1::2" },
			"ether_input ip6_input ip6_forward ip6_output ether_output tx" },
		{ { .src = "10.0.0.2", .dst = "224.0.0.1" },
			"ether_input ip4_input drop:ip4_multicast" },
		{ { .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 1 },
			"ether_input ip4_input ip4_forward icmp4_error drop:ip4_ttl_exceeded" },
		{ { .src = "2001:db8::2", .dst = "2001:db8:9::2" },
			"ether_input ip6_input icmp6_error drop:ip6_no_route" },
		{ { .src = "10.0.0.2", .dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST },
			"ether_input ip4_input ip4_local ip4_route ip4_output ether_output tx" },
		{ { .eth_type = ETHER_TYPE_ARP, .payload_length = 46 }, "ether_input punt:arp" },
		{ { .src = "10.0.0.2", .dst = "10.0.1.99" },
			"ether_input ip4_input ip4_forward ip4_output punt:glean" },
		{ { .src = "10.0.0.2", .dst = "10.0.1.2", .truncate = 10 },
			"ether_input drop:ether_truncated" },
	};
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		uint8_t frame[PACKET_MAX];
		size_t length = packet_write(&cases[i].packet, frame);

		trace(f, 1, &any);
		stack_fixture_inject(f, 0, &cases[i].packet);
		stack_fixture_run(f);
		assert_traced(f, cases[i].steps);
		assert_int_equal(records[0].length, length);
		assert_int_equal(records[0].byte_count, RTE_MIN(length, (size_t)TRACE_BYTES_MAX));
		assert_memory_equal(records[0].bytes, frame, records[0].byte_count);
	}
	stack_fixture_destroy(f);
}

/* Why a packet did not leave after all is what a trace is asked for. */
static void
test_sees_the_end(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	f->wires[1]->tx_room = 0;
	trace(f, 1, &any);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	assert_traced(f,
		"ether_input ip4_input ip4_forward ip4_output ether_output tx drop:tx_queue_full");
	assert_int_equal(stack_port_down(f->stack, "p1", &err), 0);
	trace(f, 1, &any);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	assert_traced(f,
		"ether_input ip4_input ip4_forward ip4_output ether_output tx drop:tx_port_down");
	/* Beyond the rate at which packets go to the control thread. */
	for (unsigned i = 0; i < 1000; i++) {
		stack_fixture_rx(f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = 46);
		if (i % PKT_BURST == 0)
			stack_fixture_run(f);
	}
	stack_fixture_run(f);
	trace(f, 1, &any);
	stack_fixture_rx(f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = 46);
	stack_fixture_run(f);
	assert_traced(f, "ether_input punt:arp drop:punt_rate_limited");
	stack_fixture_destroy(f);
}

/* A packet that was held is another's by then; its trace ended where it left the worker. */
static void
test_ends_at_the_control_thread(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	trace(f, 1, &any);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.99");
	stack_fixture_run(f);
	stack_trace_clear(f->stack);
	trace(f, 1, &any);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_neigh(f, "p1", "10.0.1.99", "02:00:00:00:09:01");
	stack_fixture_run(f);
	assert_traced(f, "ether_input ip4_input ip4_forward ip4_output ether_output tx");
	stack_fixture_destroy(f);
}

static void
test_filters(void **state)
{
	static const struct packet packets[] = {
		{ .src = "10.0.0.2", .dst = "10.0.1.2" },
		{ .src = "10.0.0.3", .dst = "10.0.1.2" },
		{ .src = "10.0.0.2", .dst = "10.0.1.3", .proto = IP_PROTO_TCP },
		{ .src = "2001:db8::2", .dst = "2001:db8:1::2" },
		{ .src = "2001:db8::2", .dst = "2001:db8:1::3", .icmp_type = ICMP6_ECHO_REQUEST },
		{ .eth_type = ETHER_TYPE_ARP, .payload_length = 46 },
		{ .truncate = 5 },
	};
	static const struct {
		uint16_t iface;
		uint8_t proto;
		const char *src, *dst;
		unsigned matches;
	} cases[] = { { IFACE_NONE, 0, NULL, NULL, 7 }, { 0, 0, NULL, NULL, 7 },
		{ 1, 0, NULL, NULL, 0 }, { IFACE_NONE, IP_PROTO_UDP, NULL, NULL, 3 },
		{ IFACE_NONE, IP_PROTO_TCP, NULL, NULL, 1 },
		{ IFACE_NONE, IP_PROTO_ICMP6, NULL, NULL, 1 },
		{ IFACE_NONE, 0, "10.0.0.2/32", NULL, 2 },
		{ IFACE_NONE, 0, "10.0.0.0/24", "10.0.1.2/32", 2 },
		{ IFACE_NONE, 0, NULL, "2001:db8:1::/64", 2 },
		{ IFACE_NONE, IP_PROTO_UDP, "2001:db8::/32", NULL, 1 },
		{ IFACE_NONE, 0, "0.0.0.0/0", NULL, 3 } };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct trace_filter filter = {
			.iface = cases[i].iface, .vrf = TRACE_VRF_ANY, .proto = cases[i].proto
		};

		if (cases[i].src != NULL)
			assert_int_equal(ip_prefix_parse(cases[i].src, &filter.src), 0);
		if (cases[i].dst != NULL)
			assert_int_equal(ip_prefix_parse(cases[i].dst, &filter.dst), 0);
		trace(f, 100, &filter);
		for (unsigned j = 0; j < RTE_DIM(packets); j++)
			stack_fixture_inject(f, 0, &packets[j]);
		stack_fixture_run(f);
		if (stack_trace_get(f->stack, records, RTE_DIM(records)) != cases[i].matches)
			fail_msg("filter %u", i);
	}
	stack_fixture_destroy(f);
}

/* Those of a VRF: also of two interfaces, also with the same addresses. */
static void
test_vrfs(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct trace_filter filter = any;
	uint16_t red;

	assert_int_equal(stack_vrf_add(f->stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_find(f->stack, "red", &red, NULL), 0);
	assert_int_equal(stack_iface_set_vrf(f->stack, "p1", red, NULL), 0);
	filter.vrf = red;
	trace(f, 9, &filter);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "203.0.113.1");
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.0.2", .dst = "203.0.113.1");
	stack_fixture_run(f);
	assert_int_equal(stack_trace_get(f->stack, records, RTE_DIM(records)), 1);
	assert_int_equal(records[0].vrf, red);
	assert_int_equal(records[0].iface, iface_lookup(f->stack->ifaces, "p1")->index);
	stack_trace_clear(f->stack);
	for (unsigned port = 0; port < 2; port++) {
		struct rte_mbuf *pkt;

		while ((pkt = stack_fixture_take(f, port)) != NULL)
			rte_pktmbuf_free(pkt);
	}
	stack_fixture_destroy(f);
	(void)state;
}

static void
test_limits(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 2, .rxqs = 2, .txqs = 1 });
	struct error err = { 0 };

	assert_int_equal(stack_trace_add(f->stack, 0, &any, &err), -EINVAL);
	assert_int_equal(stack_trace_add(f->stack, TRACE_PACKETS_MAX + 1, &any, &err), -EINVAL);
	/* So many on each worker, and then no more. */
	trace(f, 5, &any);
	for (unsigned i = 0; i < 20; i++)
		port_double_inject(f->wires[0], i % 2,
			packet_mbuf(f->pool, PACKET(.src = "10.0.0.2", .dst = "10.0.1.2")));
	stack_fixture_run(f);
	assert_int_equal(stack_trace_get(f->stack, records, RTE_DIM(records)), 10);
	assert_int_equal(records[0].worker, 0);
	assert_int_equal(records[9].worker, 1);
	assert_int_equal(stack_trace_get(f->stack, records, 3), 3);
	assert_int_equal(stack_trace_get(f->stack, records, 7), 7);
	/* The buffer fills up; what is asked beyond is not picked. */
	assert_int_equal(stack_trace_add(f->stack, TRACE_PACKETS_MAX, &any, &err), 0);
	for (unsigned i = 0; i < 2 * TRACE_PACKETS_MAX; i++) {
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
		stack_fixture_run(f);
		rte_pktmbuf_free(stack_fixture_take(f, 1));
	}
	assert_int_equal(f->stack->workers[0]->trace.count, TRACE_PACKETS_MAX);
	assert_int_equal(f->stack->workers[0]->trace.wanted, 0);
	stack_trace_clear(f->stack);
	assert_int_equal(stack_trace_get(f->stack, records, RTE_DIM(records)), 0);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_sees_the_end),
		cmocka_unit_test(test_ends_at_the_control_thread),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_vrfs),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
