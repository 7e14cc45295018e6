/* SPDX-License-Identifier: BSD-3-Clause */
/* RSS of a stack's ports: predicted for random flows, and set while packets wait. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/counter.h"
#include "pkt/flow_hash.h"
#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define FLOWS 100000

static uint64_t seed;

static uint64_t
draw(void)
{
	/* splitmix64 */
	uint64_t z = seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static struct ip_flow
flow_draw(void)
{
	static const uint8_t protos[] = { IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_SCTP,
		IP_PROTO_ICMP };
	uint8_t family = draw() % 2 ? IP_FAMILY_4 : IP_FAMILY_6;
	struct ip_flow flow = {
		.src.family = family,
		.dst.family = family,
		.proto = protos[draw() % 4],
		.src_port = (uint16_t)(1 + draw() % 65535),
		.dst_port = (uint16_t)(1 + draw() % 65535),
	};

	for (unsigned i = 0; i < ip_addr_length(&flow.src); i++) {
		flow.src.bytes[i] = (uint8_t)draw();
		flow.dst.bytes[i] = (uint8_t)draw();
	}
	/* ICMP is another number in IPv6, and has no ports. */
	if (flow.proto == IP_PROTO_ICMP && family == IP_FAMILY_6)
		flow.proto = IP_PROTO_ICMP6;
	return flow;
}

/* Three of four packets have no tag, others one or two: the flow is the same. */
static struct vlan_tags
tags_draw(void)
{
	struct vlan_tags tags = { .tags = { { ETHER_TYPE_VLAN, 100 }, { ETHER_TYPE_VLAN, 7 } } };
	unsigned kind = draw() % 8;

	if (kind == 0)
		tags.tags[0].type = ETHER_TYPE_QINQ;
	tags.count = kind == 0 ? 2 : kind == 1;
	return tags;
}

static struct rte_mbuf *
flow_mbuf(const struct stack_fixture *f, const struct ip_flow *flow)
{
	bool icmp = flow->proto == IP_PROTO_ICMP || flow->proto == IP_PROTO_ICMP6;
	const uint8_t sctp[12] = { (uint8_t)(flow->src_port >> 8), (uint8_t)flow->src_port,
		(uint8_t)(flow->dst_port >> 8), (uint8_t)flow->dst_port };
	char src[IP_TEXT_MAX], dst[IP_TEXT_MAX];

	if (flow->proto == IP_PROTO_SCTP)
		return packet_mbuf(f->pool,
			PACKET(.vlan = tags_draw(), .src = ip_addr_format(&flow->src, src),
				.dst = ip_addr_format(&flow->dst, dst), .proto = flow->proto,
				.spoil = PACKET_RAW, .payload = sctp,
				.payload_length = sizeof(sctp)));
	return packet_mbuf(f->pool,
		PACKET(.vlan = tags_draw(), .src = ip_addr_format(&flow->src, src),
			.dst = ip_addr_format(&flow->dst, dst), .proto = flow->proto,
			.icmp_type = icmp ? 200 : 0, .src_port = flow->src_port,
			.dst_port = flow->dst_port));
}

/* Let a packet of the flow in. @return the queue where it came */
static unsigned
flow_arrives(struct stack_fixture *f, const struct ip_flow *flow, uint32_t *hash)
{
	struct rte_mbuf *pkt = flow_mbuf(f, flow);
	unsigned queue = UINT_MAX;

	assert_true(port_double_arrive(f->wires[0], pkt));
	*hash = pkt->hash.rss;
	for (uint16_t q = 0; q < PORT_DOUBLE_QUEUES; q++) {
		if (port_double_pending(f->wires[0], q) > 0)
			queue = q;
	}
	return queue;
}

/* The flow's packet is hashed, queued and worked upon as predicted. */
static void
check_flow(struct stack_fixture *f, const struct port *port, const struct ip_flow *flow)
{
	struct stack_rss_way way;
	struct worker *worker;
	uint32_t hash = 0;
	uint64_t rx;

	stack_rss_predict(f->stack, port, flow, 0, &way);
	assert_true(way.hardware);
	assert_int_equal(flow_arrives(f, flow, &hash), way.queue);
	if (way.hashed) {
		assert_int_equal(hash, way.hash);
		assert_int_equal(way.bucket, hash % port->rss.reta_size);
	} else {
		assert_int_equal(way.bucket, UINT_MAX);
	}
	worker = f->stack->workers[way.worker];
	rx = counter_read(&worker->counters.rx);
	worker_poll(worker, f->now_ns);
	assert_int_equal(counter_read(&worker->counters.rx), rx + 1);
}

static void
check_prediction(struct stack_fixture *f, unsigned flows)
{
	const struct port *port = port_lookup(&f->stack->ports, "p0");

	for (unsigned i = 0; i < flows; i++) {
		struct ip_flow flow = flow_draw();

		check_flow(f, port, &flow);
		if (i % 256 == 0)
			stack_fixture_run(f);
	}
	stack_fixture_run(f);
}

/* 100 000 flows by the defaults, then some by each other setting. */
static void
test_prediction(void **state)
{
	static const uint32_t fields[] = { PORT_RSS_IP4, PORT_RSS_IP4_TCP | PORT_RSS_IP6_UDP,
		PORT_RSS_IP4_OTHER | PORT_RSS_IP6, PORT_RSS_FLOW_FIELDS };
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 3, .rxqs = 8 });
	uint16_t reta[PORT_RETA_MAX];
	uint8_t key[40];
	struct error err = { 0 };

	seed = 1;
	check_prediction(f, FLOWS);
	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)draw();
	assert_int_equal(stack_rss_set_key(f->stack, "p0", key, sizeof(key), &err), 0);
	check_prediction(f, 5000);
	for (unsigned i = 0; i < PORT_RETA_MAX; i++)
		reta[i] = draw() % 8;
	assert_int_equal(stack_rss_set_reta(f->stack, "p0", reta, &err), 0);
	check_prediction(f, 5000);
	assert_int_equal(stack_rss_set_symmetric(f->stack, "p0", true, &err), 0);
	check_prediction(f, 5000);
	for (unsigned i = 0; i < RTE_DIM(fields); i++) {
		assert_int_equal(stack_rss_set_fields(f->stack, "p0", fields[i], &err), 0);
		check_prediction(f, 2000);
	}
	for (uint16_t q = 0; q < 8; q++)
		assert_int_equal(stack_rxq_set_worker(f->stack, "p0", q, q / 3, &err), 0);
	check_prediction(f, 5000);
	/* And after the device forgot it all. */
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	check_prediction(f, 5000);
	stack_fixture_destroy(f);
}

/* A port without RSS, with one queue, that worker `poller` polls. */
static struct port_double *
software_port(struct stack_fixture *f, unsigned poller)
{
	const struct port_config config = { .rxq_count = 1 };
	struct port_double *wire = port_double_create("plain");
	struct error err = { 0 };

	wire->reta_size = 0;
	wire->offloads &= ~(uint32_t)PORT_RX_RSS_HASH;
	assert_int_equal(
		stack_port_add(f->stack, &port_double_ops, "x0", "plain", &config, &err), 0);
	assert_int_equal(stack_rss_set_software(f->stack, "x0", true, &err), 0);
	assert_int_equal(stack_rxq_set_worker(f->stack, "x0", 0, poller, &err), 0);
	return wire;
}

static void
check_software(struct stack_fixture *f, struct port_double *wire, unsigned flows)
{
	const struct port *port = port_lookup(&f->stack->ports, "x0");
	struct worker *poller = f->stack->workers[stack_rxq_worker(f->stack, port, 0)];

	for (unsigned i = 0; i < flows; i++) {
		struct ip_flow flow = flow_draw();
		uint64_t rx[WORKER_MAX];
		struct stack_rss_way way;

		for (unsigned w = 0; w < f->stack->worker_count; w++)
			rx[w] = counter_read(&f->stack->workers[w]->counters.rx);
		stack_rss_predict(f->stack, port, &flow, 0, &way);
		assert_false(way.hardware);
		assert_int_equal(way.queue, 0);
		port_double_inject(wire, 0, flow_mbuf(f, &flow));
		worker_poll(poller, f->now_ns);
		for (unsigned w = 0; w < f->stack->worker_count; w++)
			worker_poll(f->stack->workers[w], f->now_ns);
		for (unsigned w = 0; w < f->stack->worker_count; w++)
			assert_int_equal(counter_read(&f->stack->workers[w]->counters.rx),
				rx[w] + (w == way.worker));
		if (i % 256 == 0)
			stack_fixture_run(f);
	}
	stack_fixture_run(f);
}

/* 100 000 flows, then some by each other setting: each goes to the worker that was predicted. */
static void
test_prediction_software(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 4 });
	struct port_double *wire = software_port(f, 2);
	const struct port *port = port_lookup(&f->stack->ports, "x0");
	uint16_t reta[PORT_RETA_MAX];
	struct error err = { 0 };

	seed = 2;
	check_software(f, wire, FLOWS);
	for (unsigned i = 0; i < PORT_RETA_MAX; i++)
		reta[i] = draw() % 4;
	assert_int_equal(stack_rss_set_reta(f->stack, "x0", reta, &err), 0);
	check_software(f, wire, 5000);
	assert_int_equal(stack_rss_set_symmetric(f->stack, "x0", true, &err), 0);
	check_software(f, wire, 5000);
	assert_int_equal(port->rss_asked, PORT_RSS_ASKED_RETA | PORT_RSS_ASKED_KEY);
	assert_int_equal(stack_rxq_set_worker(f->stack, "x0", 0, 0, &err), 0);
	assert_int_equal(stack_port_down(f->stack, "x0", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "x0", &err), 0);
	check_software(f, wire, 5000);
	reta[17] = 4;
	assert_int_equal(stack_rss_set_reta(f->stack, "x0", reta, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no worker 4"));
	assert_int_equal(stack_rss_set_software(f->stack, "p0", true, &err), -EEXIST);
	assert_int_equal(stack_rss_set_software(f->stack, "x0", false, &err), 0);
	assert_int_equal(stack_rss_set_software(f->stack, "x0", false, &err), 0);
	assert_int_equal(port->rss.reta_size, 0);
	assert_int_equal(stack_port_remove(f->stack, "x0", &err), 0);
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

/* Fragments stay together, what is no IP stays with the poller, and a full ring is a counted drop. */
static void
test_software_others(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 2, .mbufs = 8192 });
	struct port_double *wire = software_port(f, 1);
	const struct worker *poller = f->stack->workers[1];
	uint16_t reta[PORT_RETA_MAX] = { 0 };
	struct error err = { 0 };
	uint64_t rx;

	/* Whatever is hashed goes to worker 0. */
	assert_int_equal(stack_rss_set_reta(f->stack, "x0", reta, &err), 0);
	rx = counter_read(&poller->counters.rx);
	port_double_inject(wire, 0, packet_mbuf(f->pool, PACKET(.eth_type = 0x88cc)));
	port_double_inject(wire, 0,
		packet_mbuf(f->pool, PACKET(.src = "10.0.0.2", .dst = "10.0.0.3", .truncate = 30)));
	port_double_inject(wire, 0, packet_mbuf(f->pool, PACKET(.truncate = 12)));
	stack_fixture_run(f);
	assert_int_equal(counter_read(&poller->counters.rx), rx + 3);
	port_double_inject(wire, 0,
		packet_mbuf(f->pool,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.3", .frag = IP4_FRAG_MF)));
	port_double_inject(wire, 0,
		packet_mbuf(f->pool,
			PACKET(.src = "10.0.0.2", .dst = "10.0.0.3", .frag = 100,
				.spoil = PACKET_RAW)));
	stack_fixture_run(f);
	assert_int_equal(counter_read(&poller->counters.rx), rx + 3);
	/* Nobody empties worker 0's ring. */
	for (unsigned i = 0; i < 2400; i++) {
		port_double_inject(wire, 0,
			packet_mbuf(f->pool, PACKET(.src = "10.0.0.2", .dst = "10.0.0.3")));
		worker_poll(f->stack->workers[1], f->now_ns);
	}
	assert_int_equal(
		stack_fixture_drops(f, DROP_spread_ring_full), 2400 - (WORKER_SPREAD_SIZE - 1));
	stack_fixture_run(f);
	assert_int_equal(stack_port_remove(f->stack, "x0", &err), 0);
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

/* Without RSS the hash is the flow hash, and the queue is known if there is but one. */
static void
test_prediction_without_rss(void **state)
{
	struct port_double *wire = port_double_create("plain");
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 2 });
	struct error err = { 0 };
	uint16_t reta[PORT_RETA_MAX] = { 0 };

	wire->reta_size = 0;
	for (uint16_t rxqs = 1; rxqs <= 2; rxqs++) {
		const struct port_config config = { .rxq_count = rxqs };
		const struct ip_flow flow = flow_draw();
		struct stack_rss_way way;

		assert_int_equal(
			stack_port_add(f->stack, &port_double_ops, "x0", "plain", &config, &err),
			0);
		stack_rss_predict(f->stack, port_lookup(&f->stack->ports, "x0"), &flow, 0, &way);
		assert_false(way.hardware);
		assert_int_equal(way.hash, flow_hash_flow(&f->stack->toeplitz, &flow));
		assert_int_equal(way.bucket, UINT_MAX);
		assert_int_equal(way.queue, rxqs == 1 ? 0 : UINT_MAX);
		assert_int_equal(way.worker != UINT_MAX, rxqs == 1);
		assert_int_equal(stack_rss_set_reta(f->stack, "x0", reta, &err), -ENOTSUP);
		assert_int_equal(stack_rss_set_symmetric(f->stack, "x0", true, &err), -ENOTSUP);
		assert_int_equal(stack_port_remove(f->stack, "x0", &err), 0);
	}
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 2, .rxqs = 2 });
	struct port *port = port_lookup(&f->stack->ports, "p0");
	const struct port_rss before = port->rss;
	uint16_t reta[PORT_RETA_MAX] = { 0 };
	uint8_t key[64] = { 1 };
	struct error err = { 0 };

	reta[127] = 2;
	assert_int_equal(stack_rss_set_reta(f->stack, "p0", reta, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no rx queue 2"));
	reta[127] = 0;
	assert_int_equal(stack_rss_set_reta(f->stack, "nope", reta, &err), -ENOENT);
	assert_int_equal(stack_rss_set_key(f->stack, "p0", key, 39, &err), -EINVAL);
	assert_int_equal(stack_rss_set_key(f->stack, "p0", key, 52, &err), -EINVAL);
	assert_int_equal(stack_rxq_set_worker(f->stack, "p0", 2, 0, &err), -EINVAL);
	assert_int_equal(stack_rxq_set_worker(f->stack, "p0", 0, 2, &err), -EINVAL);
	port->rss.fields_possible &= ~(uint32_t)PORT_RSS_IP6_SCTP;
	assert_int_equal(stack_rss_set_fields(f->stack, "p0", PORT_RSS_IP6_SCTP, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "ipv6-sctp"));
	port->rss.fields_possible = before.fields_possible;
	/* A device that fails is left as it was. */
	f->wires[0]->failures.rss_set_hash = EIO;
	assert_int_equal(stack_rss_set_key(f->stack, "p0", key, 40, &err), -EIO);
	f->wires[0]->failures.rss_set_hash = 0;
	f->wires[0]->failures.rss_set_reta = EIO;
	assert_int_equal(stack_rss_set_reta(f->stack, "p0", reta, &err), -EIO);
	f->wires[0]->failures.rss_set_reta = 0;
	assert_memory_equal(&port->rss, &before, sizeof(before));
	assert_memory_equal(&f->wires[0]->rss, &before, sizeof(before));
	assert_int_equal(port->rss_asked, 0);
	assert_int_equal(port->rx_flags_clear, 0);
	assert_int_equal(stack_rxq_worker(f->stack, port, 0), 0);
	assert_int_equal(stack_rxq_worker(f->stack, port, 1), 1);
	stack_fixture_destroy(f);
}

/* Send one packet of each flow. @return the port where each came out, as text */
static void
paths_taken(struct stack_fixture *f, char *taken, unsigned flows)
{
	for (unsigned i = 0; i < flows; i++) {
		struct rte_mbuf *pkt = packet_mbuf(f->pool,
			PACKET(.src = "10.0.0.2", .dst = "192.0.2.1",
				.src_port = (uint16_t)(i + 1)));

		assert_true(port_double_arrive(f->wires[0], pkt));
		stack_fixture_run(f);
		taken[i] = '0';
		for (unsigned port = 1; port < f->config.ports; port++) {
			pkt = stack_fixture_take(f, port);
			if (pkt != NULL)
				taken[i] = (char)('0' + port);
			rte_pktmbuf_free(pkt);
		}
	}
	taken[flows] = '\0';
}

/* Another key or other fields move flows between workers, never between paths. */
static void
test_paths_stay(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 2, .ports = 4, .rxqs = 4 });
	const struct port *port = port_lookup(&f->stack->ports, "p0");
	char before[201], after[201];
	struct error err = { 0 };

	stack_fixture_route(f, "192.0.2.0/24", "10.0.1.2 10.0.2.2 10.0.3.2");
	paths_taken(f, before, 200);
	assert_non_null(strchr(before, '1'));
	assert_non_null(strchr(before, '2'));
	assert_non_null(strchr(before, '3'));
	assert_null(strchr(before, '0'));
	assert_int_equal(stack_rss_set_symmetric(f->stack, "p0", true, &err), 0);
	assert_int_equal(port->rx_flags_clear, RTE_MBUF_F_RX_RSS_HASH);
	paths_taken(f, after, 200);
	assert_string_equal(after, before);
	assert_int_equal(stack_rss_set_symmetric(f->stack, "p0", false, &err), 0);
	assert_int_equal(port->rx_flags_clear, 0);
	assert_int_equal(port->rss_asked, 0);
	assert_int_equal(stack_rss_set_fields(f->stack, "p0", PORT_RSS_IP4, &err), 0);
	paths_taken(f, after, 200);
	assert_string_equal(after, before);
	/* It is not the flow hash either after the port was down. */
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	paths_taken(f, after, 200);
	assert_string_equal(after, before);
	stack_fixture_destroy(f);
}

/* Buckets are counted by the device's hash, whether it is the flow hash or not, and in software. */
static void
test_buckets(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 2, .rxqs = 4 });
	struct port_double *wire = software_port(f, 1);
	const struct port *p0 = port_lookup(&f->stack->ports, "p0");
	const struct port *x0 = port_lookup(&f->stack->ports, "x0");
	struct error err = { 0 };
	uint64_t packets = 0;

	seed = 3;
	assert_int_equal(stack_rss_set_symmetric(f->stack, "p0", true, &err), 0);
	assert_int_equal(stack_rss_count(f->stack, "p0", true, &err), 0);
	assert_int_equal(stack_rss_count(f->stack, "p0", true, &err), 0);
	assert_int_equal(stack_rss_count(f->stack, "x0", true, &err), 0);
	stack_fixture_advance(f, 2000);
	for (unsigned i = 0; i < 500; i++) {
		struct ip_flow flow = flow_draw();
		struct stack_rss_way way;
		uint64_t before;

		stack_rss_predict(f->stack, p0, &flow, 0, &way);
		before = p0->buckets->packets[way.queue][way.bucket];
		assert_true(port_double_arrive(f->wires[0], flow_mbuf(f, &flow)));
		stack_rss_predict(f->stack, x0, &flow, 0, &way);
		port_double_inject(wire, 0, flow_mbuf(f, &flow));
		stack_fixture_run(f);
		packets += x0->buckets->packets[0][way.bucket];
		stack_rss_predict(f->stack, p0, &flow, 0, &way);
		assert_int_equal(p0->buckets->packets[way.queue][way.bucket], before + 1);
	}
	assert_true(packets >= 500);
	stack_fixture_advance(f, 1000);
	packets = 0;
	for (unsigned i = 0; i < 128; i++)
		packets += p0->buckets->packets_per_s[i];
	assert_in_range(packets, 400, 500);
	assert_int_equal(stack_rss_count(f->stack, "p0", false, &err), 0);
	assert_null(p0->buckets);
	/* What counts goes with the table, or the port. */
	assert_int_equal(stack_rss_set_software(f->stack, "x0", false, &err), 0);
	assert_null(x0->buckets);
	assert_int_equal(stack_rss_count(f->stack, "x0", true, &err), -ENOTSUP);
	assert_int_equal(stack_rss_set_software(f->stack, "x0", true, &err), 0);
	assert_int_equal(stack_rss_count(f->stack, "x0", true, &err), 0);
	assert_int_equal(stack_port_remove(f->stack, "x0", &err), 0);
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

/* What is set while a port is down is in force when it is up. */
static void
test_set_while_down(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 2, .rxqs = 4 });
	const struct port *port = port_lookup(&f->stack->ports, "p0");
	uint16_t reta[PORT_RETA_MAX];
	struct error err = { 0 };

	for (unsigned i = 0; i < PORT_RETA_MAX; i++)
		reta[i] = 3;
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_rss_set_reta(f->stack, "p0", reta, &err), 0);
	assert_int_equal(stack_rss_set_symmetric(f->stack, "p0", true, &err), 0);
	assert_int_equal(stack_rxq_set_worker(f->stack, "p0", 3, 0, &err), 0);
	assert_int_equal(f->wires[0]->rss.reta[0], 0);
	assert_int_equal(stack_rxq_worker(f->stack, port, 3), UINT_MAX);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	assert_int_equal(f->wires[0]->rss.reta[0], 3);
	assert_true(port_rss_is_symmetric(&f->wires[0]->rss));
	assert_int_equal(stack_rxq_worker(f->stack, port, 3), 0);
	assert_int_equal(port->rx_flags_clear, RTE_MBUF_F_RX_RSS_HASH);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prediction),
		cmocka_unit_test(test_prediction_software),
		cmocka_unit_test(test_software_others),
		cmocka_unit_test(test_prediction_without_rss),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_paths_stay),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_set_while_down),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
