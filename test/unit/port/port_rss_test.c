/* SPDX-License-Identifier: BSD-3-Clause */
/* What a flow hashes to; redirection tables; RSS that outlives a restart. */
#include "port/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/eal.h"
#include "support/port_double.h"
#include "wire/ip4.h"

static struct port_table table;

static int
group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static struct port_rss
rss_default(uint32_t fields)
{
	struct port_rss rss = { .fields = fields, .key_length = 40, .reta_size = 128 };

	port_rss_default_key(rss.key, 40);
	return rss;
}

static struct ip_flow
flow_of(const char *src, uint16_t src_port, const char *dst, uint16_t dst_port)
{
	struct ip_flow flow = { .proto = IP_PROTO_TCP, .src_port = src_port, .dst_port = dst_port };

	assert_int_equal(ip_addr_parse(src, &flow.src), 0);
	assert_int_equal(ip_addr_parse(dst, &flow.dst), 0);
	return flow;
}

/* Microsoft, "Verifying the RSS Hash Calculation": with ports, and of the addresses alone. */
static void
hash_known_answers(void **state)
{
	static const struct {
		const char *src, *dst;
		uint16_t src_port, dst_port;
		uint32_t with_ports, addrs;
	} cases[] = {
		{ "66.9.149.187", "161.142.100.80", 2794, 1766, 0x51ccc178, 0x323e8fc2 },
		{ "199.92.111.2", "65.69.140.83", 14230, 4739, 0xc626b0ea, 0xd718262a },
		{ "24.19.198.95", "12.22.207.184", 12898, 38024, 0x5c2b394a, 0xd2d0a5de },
		{ "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x40207d3d,
			0x2cc18cd5 },
		{ "3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0xdde51bbf,
			0x0f0c461c },
	};
	const struct port_rss all = rss_default(PORT_RSS_FLOW_FIELDS);
	const struct port_rss addrs = rss_default(PORT_RSS_IP4 | PORT_RSS_IP6);
	const struct port_rss none = rss_default(
		PORT_RSS_IP4_UDP | PORT_RSS_IP4_OTHER | PORT_RSS_IP6_SCTP | PORT_RSS_IP6_OTHER);

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct ip_flow flow =
			flow_of(cases[i].src, cases[i].src_port, cases[i].dst, cases[i].dst_port);
		uint32_t hash = 0;

		assert_true(port_rss_hash(&all, &flow, &hash));
		assert_int_equal(hash, cases[i].with_ports);
		assert_true(port_rss_hash(&addrs, &flow, &hash));
		assert_int_equal(hash, cases[i].addrs);
		/* TCP is not what these fields take; what has no ports is. */
		assert_false(port_rss_hash(&none, &flow, &hash));
		flow.proto = IP_PROTO_ICMP;
		assert_true(port_rss_hash(&none, &flow, &hash));
		assert_int_equal(hash, cases[i].addrs);
		assert_true(port_rss_hash(&all, &flow, &hash));
		assert_int_equal(hash, cases[i].addrs);
	}
}

static void
symmetric_keys(void **state)
{
	struct port_rss rss = rss_default(PORT_RSS_FLOW_FIELDS);
	const struct ip_flow there = flow_of("192.0.2.1", 1024, "198.51.100.7", 443);
	const struct ip_flow back = flow_of("198.51.100.7", 443, "192.0.2.1", 1024);
	uint32_t one = 0, other = 0;

	assert_true(port_rss_is_flow_hash(&rss, rss.key));
	assert_false(port_rss_is_symmetric(&rss));
	assert_true(port_rss_hash(&rss, &there, &one) && port_rss_hash(&rss, &back, &other));
	assert_int_not_equal(one, other);
	for (unsigned i = 2; i < rss.key_length; i++)
		rss.key[i] = rss.key[i - 2];
	assert_true(port_rss_is_symmetric(&rss));
	assert_true(port_rss_hash(&rss, &there, &one) && port_rss_hash(&rss, &back, &other));
	assert_int_equal(one, other);
	assert_int_not_equal(one, 0);
	rss.key[39] ^= 1;
	assert_false(port_rss_is_symmetric(&rss));
	assert_false(port_rss_is_symmetric(&(struct port_rss){ 0 }));
}

static void
flow_hash_or_not(void **state)
{
	struct port_rss rss = rss_default(PORT_RSS_FLOW_FIELDS | PORT_RSS_IP4_OTHER);
	uint8_t key[40];

	port_rss_default_key(key, sizeof(key));
	assert_true(port_rss_is_flow_hash(&rss, key));
	rss.fields &= ~(uint32_t)PORT_RSS_IP6_FRAG;
	assert_false(port_rss_is_flow_hash(&rss, key));
	rss.fields = PORT_RSS_FLOW_FIELDS;
	rss.key[39] ^= 1;
	assert_false(port_rss_is_flow_hash(&rss, key));
	assert_false(port_rss_is_flow_hash(&(struct port_rss){ 0 }, key));
}

static void
tables(void **state)
{
	static const unsigned queues[] = { 3, 0, 1 }, weights[] = { 1, 0, 3 };
	uint16_t reta[PORT_RETA_MAX];

	port_reta_repeat(reta, 8, queues, 3);
	assert_memory_equal(reta, ((uint16_t[]){ 3, 0, 1, 3, 0, 1, 3, 0 }), 8 * sizeof(*reta));
	assert_int_equal(port_reta_period(reta, 8), 3);
	reta[7] = 1;
	assert_int_equal(port_reta_period(reta, 8), 8);
	port_reta_weigh(reta, 8, weights, 3);
	assert_memory_equal(reta, ((uint16_t[]){ 0, 0, 2, 2, 2, 2, 2, 2 }), 8 * sizeof(*reta));
	port_reta_repeat(reta, PORT_RETA_MAX, queues, 1);
	assert_int_equal(port_reta_period(reta, PORT_RETA_MAX), 1);
	/* Every bucket gets a queue, whatever the weights. */
	for (unsigned a = 0; a < 20; a++) {
		unsigned uneven[] = { a, 65535, 7 }, count[3] = { 0 };

		memset(reta, 0xff, sizeof(reta));
		port_reta_weigh(reta, PORT_RETA_MAX, uneven, 3);
		for (unsigned i = 0; i < PORT_RETA_MAX; i++) {
			assert_true(reta[i] < 3);
			count[reta[i]]++;
		}
		assert_true(count[1] > 500);
	}
}

/* A device comes up with its own ideas: what was set before it stopped is set again. */
static void
restart(void **state)
{
	struct port_double *wire = port_double_create("wire");
	struct port *port = port_double_start(wire, &table, "p0", 4, 4);
	struct error err = { 0 };

	assert_int_equal(port->rss.reta_size, 128);
	assert_int_equal(port->rss.reta[5], 1);
	assert_int_equal(wire->calls.rss_set_reta + wire->calls.rss_set_hash, 0);
	port->rss.reta[5] = 3;
	port->rss.key[0] = 0xaa;
	port->rss.fields = PORT_RSS_IP4;
	port_rss_asked_update(port, PORT_RSS_ASKED_RETA);
	assert_int_equal(port->rss_asked, PORT_RSS_ASKED_RETA);
	port_rss_asked_update(port, PORT_RSS_ASKED_KEY);
	port_rss_asked_update(port, PORT_RSS_ASKED_FIELDS);
	port->ops->stop(port);
	assert_int_equal(port_start(port, &err), 0);
	assert_int_equal(wire->rss.reta[5], 3);
	assert_int_equal(wire->rss.key[0], 0xaa);
	assert_int_equal(wire->rss.fields, PORT_RSS_IP4);
	assert_memory_equal(&port->rss, &wire->rss, sizeof(port->rss));

	/* A device that does not take it back does not run without. */
	port->ops->stop(port);
	wire->failures.rss_set_reta = EIO;
	assert_int_equal(port_start(port, &err), -EIO);
	assert_false(wire->started);
	wire->failures.rss_set_reta = 0;
	assert_int_equal(port_start(port, &err), 0);
	assert_int_equal(wire->rss.reta[5], 3);

	/* What is the default again need not be set. */
	port->rss.reta[5] = 1;
	port_rss_asked_update(port, PORT_RSS_ASKED_RETA);
	assert_int_equal(port->rss_asked, PORT_RSS_ASKED_KEY | PORT_RSS_ASKED_FIELDS);
	port_double_stop(&table, port);
	port_double_destroy(wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_known_answers),
		cmocka_unit_test(symmetric_keys),
		cmocka_unit_test(flow_hash_or_not),
		cmocka_unit_test(tables),
		cmocka_unit_test(restart),
	};

	return cmocka_run_group_tests(tests, group_setup, test_eal_teardown);
}
