/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules: which frames they take, in which order, and which contradict themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "port/port.h"
#include "support/eal.h"
#include "support/packet.h"

static struct port port;

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static struct ip_prefix
prefix_of(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	return prefix;
}

/* A rule that leads to worker `to`. @return its id */
static uint32_t
rule_add(const struct port_flow_match *match, uint16_t to, uint16_t priority)
{
	const struct port_flow_rule rule = { .match = *match,
		.to_worker = true,
		.target = to,
		.priority = priority,
		.id = PORT_FLOW_ID_ANY };

	return port_flow_insert(&port, &rule)->id;
}

static void
rules_clear(void)
{
	while (port.flow_count > 0)
		port_flow_remove(&port, port.flow_rules[0].id);
}

/* @return the worker of a frame; -1: no rule takes it */
static int
lookup(struct port_flow_table *table, const struct packet *packet)
{
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), packet);
	unsigned worker = 0;
	bool found = port_flow_lookup(table, pkt, 0, &worker);

	rte_pktmbuf_free(pkt);
	return found ? (int)worker : -1;
}

/* Whether a rule of this match takes the packet. */
static bool
takes(const struct port_flow_match *match, const struct packet *packet)
{
	const unsigned workers[PORT_QUEUE_MAX] = { 0 };
	struct port_flow_table *table;
	int worker;

	assert_int_equal(port_flow_check(match, NULL), 0);
	rule_add(match, 3, 0);
	table = port_flow_table_create(&port, workers, 4);
	assert_non_null(table);
	worker = lookup(table, packet);
	assert_int_equal(port_flow_table_hits(table, port.flow_rules[0].id), worker == 3);
	port_flow_table_destroy(&port, table);
	rules_clear();
	return worker == 3;
}

#define MATCH(...)        (&(const struct port_flow_match){ __VA_ARGS__ })
#define TAKES(match, ...) takes(match, PACKET(__VA_ARGS__))
#define V4                .src = "10.0.0.2", .dst = "10.1.0.3"
#define V6                .src = "2001:db8::2", .dst = "2001:db8:1::3"

static void
test_addresses(void **state)
{
	struct port_flow_match src = { .fields = PORT_FLOW_SRC, .src = prefix_of("10.0.0.0/9") };
	struct port_flow_match dst6 = { .fields = PORT_FLOW_DST,
		.dst = prefix_of("2001:db8:1::/47") };

	assert_true(TAKES(&src, V4));
	assert_true(TAKES(&src, .src = "10.127.255.255", .dst = "10.0.0.1"));
	assert_false(TAKES(&src, .src = "10.128.0.0", .dst = "10.0.0.1"));
	assert_false(TAKES(&src, V6));
	assert_true(TAKES(&dst6, V6));
	assert_true(TAKES(&dst6, .src = "::1", .dst = "2001:db8:0:ffff::"));
	assert_false(TAKES(&dst6, .src = "2001:db8:1::3", .dst = "2001:db8:2::"));
	assert_false(TAKES(&dst6, V4));
	src.src = prefix_of("0.0.0.0/0");
	assert_true(TAKES(&src, V4));
	assert_false(TAKES(&src, V6));
	assert_false(TAKES(&src, .eth_type = 0x0806));
	(void)state;
}

static void
test_transport(void **state)
{
	const struct port_flow_match udp = { .fields = PORT_FLOW_PROTO, .proto = IP_PROTO_UDP };
	const struct port_flow_match dns = { .fields = PORT_FLOW_PROTO | PORT_FLOW_DST_PORT,
		.proto = IP_PROTO_UDP,
		.dst_port = 53 };
	const struct port_flow_match zero = { .fields = PORT_FLOW_PROTO | PORT_FLOW_SRC_PORT,
		.proto = IP_PROTO_UDP };
	/* Destination options in front of UDP. */
	static const uint8_t options[8] = { IP_PROTO_UDP, 0, 1, 4 };

	assert_true(TAKES(&udp, V4));
	assert_true(TAKES(&udp, V6));
	assert_false(TAKES(&udp, V4, .proto = IP_PROTO_TCP));
	assert_true(TAKES(&dns, V4));
	assert_true(TAKES(&dns, V6));
	assert_true(TAKES(&dns, V6, .options = options, .options_length = 8, .next_header = 60));
	assert_false(TAKES(&dns, V4, .dst_port = 54));
	assert_false(TAKES(&dns, V4, .src_port = 53, .dst_port = 4000));
	assert_false(TAKES(&zero, V4));
	/* Ports that are not there are not 0. */
	assert_false(TAKES(&zero, V4, .truncate = 14 + 20 + 3));
	assert_false(TAKES(&zero, V6, .truncate = 14 + 40 + 3));
	(void)state;
}

/* All fragments of a datagram are alike for a rule, whatever stands behind their headers. */
static void
test_fragments(void **state)
{
	const struct port_flow_match udp = { .fields = PORT_FLOW_PROTO, .proto = IP_PROTO_UDP };
	const struct port_flow_match dns = { .fields = PORT_FLOW_PROTO | PORT_FLOW_DST_PORT,
		.proto = IP_PROTO_UDP,
		.dst_port = 53 };
	/* A fragment header, then destination options that only the first one has. */
	static const uint8_t first[16] = { 60, 0, 0, 1, 0, 0, 0, 9, IP_PROTO_UDP, 0, 1, 4 };
	static const uint8_t last[8] = { 60, 0, 5, 0, 0, 0, 0, 9 };

	assert_true(TAKES(&udp, V4, .frag = IP4_FRAG_MF));
	assert_true(TAKES(&udp, V4, .proto = IP_PROTO_UDP, .frag = 100, .spoil = PACKET_RAW));
	assert_false(TAKES(&dns, V4, .frag = IP4_FRAG_MF));
	assert_false(TAKES(&udp, V6, .options = first, .options_length = 16, .next_header = 44));
	assert_false(TAKES(&udp, V6, .options = last, .options_length = 8, .next_header = 44));
	assert_true(TAKES(MATCH(.fields = PORT_FLOW_PROTO, .proto = 60), V6, .options = first,
		.options_length = 16, .next_header = 44));
	assert_true(TAKES(MATCH(.fields = PORT_FLOW_PROTO, .proto = 60), V6, .options = last,
		.options_length = 8, .next_header = 44, .spoil = PACKET_RAW));
	(void)state;
}

static void
test_link(void **state)
{
	const struct port_flow_match arp = { .fields = PORT_FLOW_ETH_TYPE, .eth_type = 0x0806 };
	const struct port_flow_match vlan = { .fields = PORT_FLOW_VLAN, .vlan = 7 };
	const struct port_flow_match vlan_udp = {
		.fields = PORT_FLOW_VLAN | PORT_FLOW_PROTO, .vlan = 7, .proto = IP_PROTO_UDP
	};
	const struct port_flow_match udp = { .fields = PORT_FLOW_PROTO, .proto = IP_PROTO_UDP };
	const struct port_flow_match all = { 0 };
	const struct vlan_tags one = { .count = 1, .tags = { { ETHER_TYPE_VLAN, 7 } } };
	const struct vlan_tags other = { .count = 1, .tags = { { ETHER_TYPE_VLAN, 8 } } };
	const struct vlan_tags two = { .count = 2,
		.tags = { { ETHER_TYPE_QINQ, 7 }, { ETHER_TYPE_VLAN, 9 } } };

	assert_true(TAKES(&arp, .eth_type = 0x0806));
	assert_false(TAKES(&arp, .eth_type = 0x0807));
	assert_false(TAKES(&arp, .eth_type = 0x0806, .vlan = one));
	assert_true(TAKES(&vlan, V4, .vlan = one));
	assert_true(TAKES(&vlan, V4, .vlan = two));
	assert_false(TAKES(&vlan, V4, .vlan = other));
	assert_false(TAKES(&vlan, V4));
	assert_true(TAKES(&vlan_udp, V6, .vlan = one));
	assert_false(TAKES(&vlan_udp, V6, .vlan = two));
	assert_false(TAKES(&udp, V4, .vlan = one));
	assert_true(TAKES(&all, V4, .vlan = two));
	assert_true(TAKES(&all, .eth_type = 0x88cc));
	assert_true(TAKES(&all, .truncate = 5));
	assert_false(TAKES(&vlan, V4, .vlan = one, .truncate = 15));
	(void)state;
}

/* The lowest priority decides, of equal ones the oldest; ids are not given twice at a time. */
static void
test_order(void **state)
{
	const struct port_flow_match udp = { .fields = PORT_FLOW_PROTO, .proto = IP_PROTO_UDP };
	const struct port_flow_match dns = { .fields = PORT_FLOW_PROTO | PORT_FLOW_DST_PORT,
		.proto = IP_PROTO_UDP,
		.dst_port = 53 };
	const struct port_flow_match src = { .fields = PORT_FLOW_SRC,
		.src = prefix_of("10.0.0.0/8") };
	const unsigned workers[PORT_QUEUE_MAX] = { 0 };
	const struct ip_flow flow = { .src = prefix_of("10.0.0.2").addr,
		.dst = prefix_of("10.0.1.2").addr,
		.proto = IP_PROTO_UDP,
		.dst_port = 53 };
	struct port_flow_table *table;

	assert_int_equal(rule_add(&udp, 1, 5), 0);
	assert_int_equal(rule_add(&dns, 2, 0), 1);
	assert_int_equal(rule_add(&src, 3, 0), 2);
	table = port_flow_table_create(&port, workers, 4);
	assert_int_equal(lookup(table, PACKET(V4)), 2);
	assert_int_equal(lookup(table, PACKET(V4, .dst_port = 54)), 3);
	assert_int_equal(lookup(table, PACKET(V6, .dst_port = 54)), 1);
	assert_int_equal(lookup(table, PACKET(V6, .proto = IP_PROTO_TCP)), -1);
	assert_int_equal(port_flow_decide(&port, &flow, 0, false)->id, 1);
	assert_null(port_flow_decide(&port, &flow, 5, false));
	port_flow_table_destroy(&port, table);
	assert_int_equal(port_flow_find(&port, 1)->hits, 1);
	port_flow_remove(&port, 1);
	assert_int_equal(port_flow_decide(&port, &flow, 0, false)->id, 2);
	assert_int_equal(rule_add(&dns, 2, 0), 3);
	assert_int_equal(port_flow_decide(&port, &flow, 0, false)->id, 2);
	/* One that comes back with its id has its place again. */
	port_flow_insert(&port, &(struct port_flow_rule){ .match = dns, .id = 1 });
	assert_int_equal(port_flow_decide(&port, &flow, 0, false)->id, 1);
	port_flow_insert(&port,
		&(struct port_flow_rule){ .match = udp, .id = PORT_FLOW_ID_MAX, .priority = 9 });
	assert_int_equal(rule_add(&src, 3, 10), 4);
	rules_clear();
	(void)state;
}

static void
test_refused(void **state)
{
	struct port_flow_match match = { .fields = PORT_FLOW_SRC | PORT_FLOW_DST,
		.src = prefix_of("10.0.0.0/8"),
		.dst = prefix_of("fd00::/8") };
	const struct port_flow_match others[] = {
		{ .fields = PORT_FLOW_ETH_TYPE, .eth_type = 0x05ff },
		{ .fields = PORT_FLOW_ETH_TYPE, .eth_type = 0x8100 },
		{ .fields = PORT_FLOW_ETH_TYPE, .eth_type = 0x88a8 },
		{ .fields = PORT_FLOW_ETH_TYPE | PORT_FLOW_PROTO,
			.eth_type = 0x0806,
			.proto = IP_PROTO_UDP },
		{ .fields = PORT_FLOW_ETH_TYPE | PORT_FLOW_SRC,
			.eth_type = 0x86dd,
			.src = prefix_of("10.0.0.0/8") },
		{ .fields = PORT_FLOW_DST_PORT, .dst_port = 53 },
		{ .fields = PORT_FLOW_DST_PORT | PORT_FLOW_PROTO, .proto = IP_PROTO_ICMP },
		{ .fields = PORT_FLOW_SRC | PORT_FLOW_PROTO,
			.src = prefix_of("fd00::/8"),
			.proto = IP_PROTO_ICMP },
		{ .fields = PORT_FLOW_ETH_TYPE | PORT_FLOW_PROTO,
			.eth_type = 0x0800,
			.proto = IP_PROTO_ICMP6 },
	};

	assert_int_equal(port_flow_check(&match, NULL), -EINVAL);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(port_flow_check(&others[i], NULL), -EINVAL);
	match = (struct port_flow_match){ .fields = PORT_FLOW_ETH_TYPE | PORT_FLOW_PROTO,
		.eth_type = 0x86dd,
		.proto = IP_PROTO_ICMP6 };
	assert_int_equal(port_flow_check(&match, NULL), 0);
	/* Said in two ways. */
	assert_true(port_flow_match_equal(
		MATCH(.fields = PORT_FLOW_SRC, .src = prefix_of("10.0.0.0/8")),
		MATCH(.fields = PORT_FLOW_SRC | PORT_FLOW_ETH_TYPE, .eth_type = 0x0800,
			.src = prefix_of("10.0.0.0/8"))));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_addresses, test_pool_check),
		cmocka_unit_test_teardown(test_transport, test_pool_check),
		cmocka_unit_test_teardown(test_fragments, test_pool_check),
		cmocka_unit_test_teardown(test_link, test_pool_check),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_refused),
	};

	port.numa_node = -1;
	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
