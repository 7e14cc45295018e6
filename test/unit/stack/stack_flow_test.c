/* SPDX-License-Identifier: BSD-3-Clause */
/* Steering rules of a stack's ports: by the device, in software, and by both at once. Under traffic:
 * stack_queue_test.c. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/counter.h"
#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define FLOWS 400

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static struct stack_fixture *
fixture(unsigned flows_max)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .workers = 3, .rxqs = 6 });

	f->wires[0]->flows_max = flows_max;
	return f;
}

static struct port *
port_of(const struct stack_fixture *f)
{
	return port_lookup(&f->stack->ports, "p0");
}

/* UDP from one source port to a queue, or, if it is negative, to the worker of that number less 1. */
static struct port_flow_rule
rule_of(uint16_t sport, int target, uint16_t priority)
{
	return (struct port_flow_rule){
		.match = { .fields = PORT_FLOW_PROTO | (sport != 0 ? PORT_FLOW_SRC_PORT : 0),
			.proto = IP_PROTO_UDP,
			.src_port = sport },
		.to_worker = target < 0,
		.target = (uint16_t)(target < 0 ? -target - 1 : target),
		.priority = priority,
		.id = PORT_FLOW_ID_ANY,
	};
}

static uint32_t
rule_add(struct stack_fixture *f, uint16_t sport, int target, uint16_t priority)
{
	const struct port_flow_rule rule = rule_of(sport, target, priority);
	struct error err = { 0 };
	uint32_t id = UINT32_MAX;

	if (stack_flow_add(f->stack, "p0", &rule, &id, &err) != 0)
		fail_msg("%s", err.text);
	return id;
}

static void
rule_remove(struct stack_fixture *f, uint32_t id)
{
	struct error err = { 0 };

	if (stack_flow_remove(f->stack, "p0", id, &err) != 0)
		fail_msg("%s", err.text);
}

static uint64_t
hits(struct stack_fixture *f, uint32_t id)
{
	struct port *port = port_of(f);
	uint64_t packets = 0;

	assert_true(stack_flow_hits(port, port_flow_find(port, id), &packets));
	return packets;
}

/* A packet of each flow is queued, and worked upon, as it is predicted. */
static void
check_prediction(struct stack_fixture *f)
{
	const struct port *port = port_of(f);

	for (uint16_t sport = 1; sport <= FLOWS; sport++) {
		struct ip_flow flow = { .proto = IP_PROTO_UDP, .src_port = sport, .dst_port = 53 };
		struct stack_rss_way way;
		uint64_t rx[WORKER_MAX];

		ip_addr_parse("10.0.0.2", &flow.src);
		ip_addr_parse("10.0.1.2", &flow.dst);
		stack_rss_predict(f->stack, port, &flow, 0, &way);
		for (unsigned w = 0; w < f->stack->worker_count; w++)
			rx[w] = counter_read(&f->stack->workers[w]->counters.rx);
		assert_true(port_double_arrive(f->wires[0],
			packet_mbuf(f->pool,
				PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .src_port = sport))));
		assert_int_equal(port_double_pending(f->wires[0], (uint16_t)way.queue), 1);
		stack_fixture_run(f);
		for (unsigned w = 0; w < f->stack->worker_count; w++)
			assert_int_equal(counter_read(&f->stack->workers[w]->counters.rx),
				rx[w] + (w == way.worker));
		port_double_flush(f->wires[1]);
	}
}

static unsigned
worker_of(struct stack_fixture *f, uint16_t sport)
{
	struct ip_flow flow = { .proto = IP_PROTO_UDP, .src_port = sport, .dst_port = 53 };
	struct stack_rss_way way;

	ip_addr_parse("10.0.0.2", &flow.src);
	ip_addr_parse("10.0.1.2", &flow.dst);
	stack_rss_predict(f->stack, port_of(f), &flow, 0, &way);
	return way.worker;
}

static void
test_hardware(void **state)
{
	struct stack_fixture *f = fixture(8);
	struct port *port = port_of(f);
	struct error err = { 0 };
	uint32_t one, all;

	one = rule_add(f, 7, 4, 0);
	all = rule_add(f, 0, 2, 9);
	assert_non_null(port_flow_find(port, one)->hardware);
	assert_non_null(port_flow_find(port, all)->hardware);
	/* No packet is looked at. */
	assert_null(port->flows);
	check_prediction(f);
	assert_int_equal(hits(f, one), 1);
	assert_int_equal(hits(f, all), FLOWS - 1);
	/* The device forgets them, and is told again. */
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	rule_remove(f, all);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	assert_non_null(port_flow_find(port, one)->hardware);
	check_prediction(f);
	assert_int_equal(hits(f, one), 1);
	assert_int_equal(worker_of(f, 7), stack_rxq_worker(f->stack, port, 4));
	/* It may refuse to let a rule go. */
	f->wires[0]->failures.flow_destroy = EIO;
	assert_int_equal(stack_flow_remove(f->stack, "p0", one, &err), -EIO);
	check_prediction(f);
	f->wires[0]->failures.flow_destroy = 0;
	rule_remove(f, one);
	assert_int_equal(stack_flow_remove(f->stack, "p0", one, &err), -ENOENT);
	check_prediction(f);
	stack_fixture_destroy(f);
}

static void
test_software(void **state)
{
	struct stack_fixture *f = fixture(0);
	struct port *port = port_of(f);
	struct error err = { 0 };
	uint32_t one, all, worker;

	one = rule_add(f, 7, 4, 0);
	worker = rule_add(f, 8, -1, 0);
	all = rule_add(f, 0, 2, 9);
	assert_null(port_flow_find(port, one)->hardware);
	check_prediction(f);
	assert_int_equal(hits(f, one), 1);
	assert_int_equal(hits(f, worker), 1);
	assert_int_equal(hits(f, all), FLOWS - 2);
	assert_int_equal(worker_of(f, 8), 0);
	/* What is led to a queue follows it to another worker. */
	for (uint16_t q = 0; q < 6; q++) {
		assert_int_equal(stack_rxq_set_worker(f->stack, "p0", q, q / 3, &err), 0);
		check_prediction(f);
		assert_int_equal(worker_of(f, 7), stack_rxq_worker(f->stack, port, 4));
		assert_int_equal(worker_of(f, 9), stack_rxq_worker(f->stack, port, 2));
	}
	assert_int_equal(worker_of(f, 7), 1);
	assert_int_equal(hits(f, all), 7 * (FLOWS - 2));
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	check_prediction(f);
	assert_int_equal(hits(f, all), 8 * (FLOWS - 2));
	/* A new rule counts from 0, though the id was another's. */
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	rule_remove(f, all);
	assert_int_equal(rule_add(f, 0, 3, 0), all);
	assert_int_equal(hits(f, all), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	rule_remove(f, all);
	rule_remove(f, one);
	rule_remove(f, worker);
	assert_null(port->flows);
	check_prediction(f);
	stack_fixture_destroy(f);
}

/* Room for two in the device: the order of priorities holds between it and the table. */
static void
test_both(void **state)
{
	struct stack_fixture *f = fixture(2);
	const struct port *port = port_of(f);
	uint32_t all, seven, low;

	all = rule_add(f, 0, 5, 5);
	low = rule_add(f, 8, 1, 9);
	seven = rule_add(f, 7, 3, 0);
	assert_non_null(port_flow_find(port_of(f), all)->hardware);
	assert_null(port_flow_find(port_of(f), seven)->hardware);
	check_prediction(f);
	assert_int_equal(hits(f, seven), 1);
	assert_int_equal(hits(f, low), 0);
	assert_int_equal(worker_of(f, 7), stack_rxq_worker(f->stack, port, 3));
	assert_int_equal(worker_of(f, 8), stack_rxq_worker(f->stack, port, 5));
	rule_remove(f, all);
	check_prediction(f);
	assert_int_equal(worker_of(f, 8), stack_rxq_worker(f->stack, port, 1));
	rule_remove(f, seven);
	assert_null(port->flows);
	check_prediction(f);
	stack_fixture_destroy(f);
}

/* Beside software RSS, on a port of one queue. */
static void
test_beside_spread(void **state)
{
	struct stack_fixture *f = fixture(0);
	uint16_t reta[PORT_RETA_MAX] = { 0 };
	struct error err = { 0 };
	uint32_t one;

	f->wires[0]->reta_size = 0;
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 1, 0, &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	assert_int_equal(stack_rss_set_software(f->stack, "p0", true, &err), 0);
	one = rule_add(f, 7, -3, 0);
	check_prediction(f);
	assert_int_equal(stack_rss_set_reta(f->stack, "p0", reta, &err), 0);
	check_prediction(f);
	assert_int_equal(worker_of(f, 7), 2);
	assert_int_equal(worker_of(f, 8), 0);
	assert_int_equal(stack_rss_set_software(f->stack, "p0", false, &err), 0);
	check_prediction(f);
	assert_int_equal(worker_of(f, 7), 2);
	rule_remove(f, one);
	check_prediction(f);
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f = fixture(0);
	struct port_flow_rule rule = rule_of(7, 6, 0);
	struct error err = { 0 };
	uint32_t id;

	assert_int_equal(stack_flow_add(f->stack, "p0", &rule, &id, &err), -EINVAL);
	assert_non_null(strstr(err.text, "6 rx queues"));
	rule = rule_of(7, -4, 0);
	assert_int_equal(stack_flow_add(f->stack, "p0", &rule, &id, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no worker 3"));
	rule = rule_of(7, 0, 0);
	assert_int_equal(stack_flow_add(f->stack, "nope", &rule, &id, &err), -ENOENT);
	rule.match.proto = IP_PROTO_ICMP;
	assert_int_equal(stack_flow_add(f->stack, "p0", &rule, &id, &err), -EINVAL);
	rule_add(f, 7, 5, 0);
	rule = rule_of(7, 1, 3);
	assert_int_equal(stack_flow_add(f->stack, "p0", &rule, &id, &err), -EEXIST);
	assert_non_null(strstr(err.text, "rule 0"));
	rule = rule_of(9, 1, 3);
	rule.id = 0;
	assert_int_equal(stack_flow_add(f->stack, "p0", &rule, &id, &err), -EEXIST);
	/* No queue goes that a rule leads to. */
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 5, 0, &err), -EBUSY);
	assert_non_null(strstr(err.text, "flow del p0 0"));
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 6, 0, &err), 0);
	for (uint16_t sport = 8; sport < 7 + PORT_FLOW_RULES_MAX; sport++)
		rule_add(f, sport, sport % 6, sport % 3);
	rule = rule_of(7 + PORT_FLOW_RULES_MAX, 0, 0);
	assert_int_equal(stack_flow_add(f->stack, "p0", &rule, &id, &err), -ENOSPC);
	check_prediction(f);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hardware),
		cmocka_unit_test(test_software),
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_beside_spread),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
