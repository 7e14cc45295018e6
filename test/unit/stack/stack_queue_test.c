/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues, buckets and keys that change while a thread sends and workers forward: nothing is lost,
 * no flow reordered.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_cycles.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define QUEUES    8
#define WORKERS   4
#define FLOWS     64
#define IN_FLIGHT 600 /* less than one queue of the double holds */
#define CHANGES   40
#define PACKETS   500 /* a change */
#define TIMEOUT_S 10

/* Numbered packets of many flows, every other of IPv6, from p0 to p1, by a thread that no change makes wait. */
struct traffic {
	struct stack_fixture *f;
	pthread_t thread;
	bool stop; /* atomic */
	uint16_t number[FLOWS]; /* of each flow's next packet; the thread's */
	uint16_t expected[FLOWS]; /* on the wire; of the worker that has the flow */
	uint32_t sent, taken; /* atomic; written by the thread */
	uint32_t disordered; /* atomic */
	bool slow; /* the wire is: rings to its owner fill */
};

/* How many steering rules the NIC takes. */
static unsigned rules_in_hardware;

static int
setup(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

/* On the worker that sends it, in the order of all tx queues. */
static void
traffic_watch(void *arg, const struct rte_mbuf *pkt)
{
	struct traffic *t = arg;
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const uint8_t *udp = frame + (frame[14] >> 4 == 4 ? 34 : 54);
	uint16_t number = (uint16_t)(udp[8] << 8 | udp[9]);
	uint16_t *expected = &t->expected[(udp[1] - 1U) % FLOWS];

	if (t->slow)
		rte_delay_us_block(5);
	if (__atomic_exchange_n(expected, number + 1, __ATOMIC_RELAXED) != number)
		__atomic_add_fetch(&t->disordered, 1, __ATOMIC_RELAXED);
}

static void
traffic_take(struct traffic *t)
{
	struct rte_mbuf *pkt;

	while ((pkt = stack_fixture_take(t->f, 1)) != NULL) {
		rte_pktmbuf_free(pkt);
		__atomic_store_n(&t->taken, t->taken + 1, __ATOMIC_RELAXED);
	}
}

static void
traffic_send(struct traffic *t)
{
	unsigned flow = t->sent % FLOWS;
	uint16_t n = t->number[flow]++;
	const uint8_t number[2] = { (uint8_t)(n >> 8), (uint8_t)n };
	bool ip4 = flow % 2 == 0;
	struct rte_mbuf *pkt = packet_mbuf(t->f->pool,
		PACKET(.src = ip4 ? "10.0.0.2" : "2001:db8::2",
			.dst = ip4 ? "192.0.2.1" : "2001:db8:ff::1",
			.src_port = (uint16_t)(flow + 1), .payload = number,
			.payload_length = sizeof(number)));

	port_double_arrive(t->f->wires[0], pkt);
	__atomic_store_n(&t->sent, t->sent + 1, __ATOMIC_RELAXED);
}

static void *
traffic_main(void *arg)
{
	struct traffic *t = arg;

	while (!__atomic_load_n(&t->stop, __ATOMIC_RELAXED)) {
		if (t->sent - t->taken < IN_FLIGHT)
			traffic_send(t);
		else
			sched_yield();
		traffic_take(t);
	}
	return NULL;
}

/* A NIC without RSS: all comes to queue 0, unhashed. */
static void
rss_take_away(struct stack_fixture *f)
{
	struct error err = { 0 };

	f->wires[0]->reta_size = 0;
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
}

static struct traffic *
traffic_start(const struct stack_fixture_config *config, bool slow, bool software)
{
	struct traffic *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = stack_fixture_create(config);
	stack_fixture_route(t->f, "192.0.2.0/24", "10.0.1.2");
	stack_fixture_route(t->f, "2001:db8:ff::/64", "2001:db8:1::2");
	t->slow = slow;
	t->f->wires[0]->flows_max = rules_in_hardware;
	if (software)
		rss_take_away(t->f);
	t->f->wires[1]->watch_arg = t;
	t->f->wires[1]->watch = traffic_watch;
	assert_int_equal(pthread_create(&t->thread, NULL, traffic_main, t), 0);
	return t;
}

static uint32_t
traffic_sent(const struct traffic *t)
{
	return __atomic_load_n(&t->sent, __ATOMIC_RELAXED);
}

static void
traffic_end(struct traffic *t)
{
	const time_t start = time(NULL);

	__atomic_store_n(&t->stop, true, __ATOMIC_RELAXED);
	pthread_join(t->thread, NULL);
	while (t->taken < t->sent && time(NULL) - start < TIMEOUT_S)
		traffic_take(t);
	if (t->taken != t->sent || t->disordered != 0) {
		stack_stop(t->f->stack);
		fail_msg("of %u packets %u arrived, %u of them out of order", t->sent, t->taken,
			t->disordered);
	}
	assert_int_equal(stack_fixture_drops_all(t->f), 0);
	stack_fixture_destroy(t->f);
	free(t);
}

/* Let so many more packets go out. */
static void
traffic_wait(struct traffic *t, uint32_t packets)
{
	uint32_t end = traffic_sent(t) + packets;
	const time_t start = time(NULL);

	while ((int32_t)(traffic_sent(t) - end) < 0) {
		if (time(NULL) - start > TIMEOUT_S)
			traffic_end(t);
		usleep(100);
	}
}

/* ---- what is changed ---- */

static int
change_reta(struct stack *stack, unsigned round, struct error *err)
{
	static const unsigned patterns[][4] = { { 0, 1, 2, 3 }, { 1, 0, 3, 2 }, { 7, 6, 5, 4 },
		{ 3, 3, 0, 7 }, { 5, 5, 5, 5 }, { 4, 1, 6, 1 } };
	uint16_t reta[PORT_RETA_MAX];

	port_reta_repeat(reta, 128, patterns[round % RTE_DIM(patterns)], 4);
	return stack_rss_set_reta(stack, "p0", reta, err);
}

static int
change_key(struct stack *stack, unsigned round, struct error *err)
{
	uint8_t key[40];

	if (round % 3 == 0)
		return stack_rss_set_symmetric(stack, "p0", round % 2 == 0, err);
	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7 + round * 31);
	return stack_rss_set_key(stack, "p0", key, sizeof(key), err);
}

static int
change_fields(struct stack *stack, unsigned round, struct error *err)
{
	static const uint32_t fields[] = { PORT_RSS_IP4, PORT_RSS_FLOW_FIELDS, 0,
		PORT_RSS_IP4_UDP };

	return stack_rss_set_fields(stack, "p0", fields[round % RTE_DIM(fields)], err);
}

/* Queues change hands all the time, some workers have none of them. */
static int
change_map(struct stack *stack, unsigned round, struct error *err)
{
	for (uint16_t q = 0; q < QUEUES; q++) {
		int rc = stack_rxq_set_worker(
			stack, "p0", q, (q + round) * (1 + round / 4) % WORKERS, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* How many queues are in use: by the default table, or one that fits. */
static int
change_count(struct stack *stack, unsigned round, struct error *err)
{
	static const uint16_t counts[] = { 3, 8, 1, 5, 2, 7, 8, 4 };
	uint16_t count = counts[round % RTE_DIM(counts)], reta[PORT_RETA_MAX];
	int rc = stack_port_set_queues(stack, "p0", count, 0, err);

	if (rc < 0 || round % 3 != 0)
		return rc;
	for (unsigned i = 0; i < 128; i++)
		reta[i] = (uint16_t)(i * (round + 1) / 5 % count);
	return stack_rss_set_reta(stack, "p0", reta, err);
}

/* A port without RSS: software does it, or nobody. */
static int
change_software(struct stack *stack, unsigned round, struct error *err)
{
	static const unsigned patterns[][4] = { { 3, 2, 1, 0 }, { 1, 1, 2, 2 }, { 0, 3, 0, 2 } };
	uint16_t reta[PORT_RETA_MAX];

	if (round % 7 == 6)
		return stack_rss_set_software(stack, "p0", false, err);
	if (stack_rss_set_software(stack, "p0", true, err) < 0)
		return -1;
	switch (round % 4) {
	case 0: return stack_rxq_set_worker(stack, "p0", 0, round / 4 % WORKERS, err);
	case 1: return change_key(stack, round, err);
	case 2: return change_fields(stack, round / 4, err);
	default:
		port_reta_repeat(reta, 128, patterns[round % RTE_DIM(patterns)], 4);
		return stack_rss_set_reta(stack, "p0", reta, err);
	}
}

/* Rules come, outrank each other and go: in hardware as far as there is room, then in software. */
static int
change_rules(struct stack *stack, unsigned round, struct error *err)
{
	struct port *port = port_lookup(&stack->ports, "p0");
	struct port_flow_rule rule = {
		.match = { .fields = PORT_FLOW_PROTO | PORT_FLOW_SRC_PORT,
			.proto = IP_PROTO_UDP,
			.src_port = (uint16_t)(1 + round % FLOWS) },
		.to_worker = round % 5 == 4,
		.target = (uint16_t)(round % (round % 5 == 4 ? WORKERS : QUEUES)),
		.priority = (uint16_t)(round % 3),
		.id = PORT_FLOW_ID_ANY,
	};
	uint32_t id;

	if (round % 4 == 3)
		return change_map(stack, round, err);
	if (round % 11 == 10)
		return change_reta(stack, round, err);
	if (round % 8 == 2)
		rule.match = (struct port_flow_match){ .fields = PORT_FLOW_PROTO,
			.proto = IP_PROTO_UDP };
	while (port->flow_count > (round % 8 == 2 ? 0 : 5)) {
		id = port->flow_rules[round % port->flow_count].id;
		if (stack_flow_remove(stack, "p0", id, err) < 0)
			return -1;
	}
	return stack_flow_add(stack, "p0", &rule, &id, err);
}

static int
change_all(struct stack *stack, unsigned round, struct error *err)
{
	switch (round % 4) {
	case 0: return change_map(stack, round, err);
	case 1: return change_key(stack, round, err);
	case 2: return change_reta(stack, round, err);
	default: return change_fields(stack, round / 4, err);
	}
}

static void
check_change(int (*change)(struct stack *stack, unsigned round, struct error *err), uint16_t txqs,
	bool slow, bool software)
{
	struct traffic *t = traffic_start(
		&(struct stack_fixture_config){
			.workers = WORKERS, .rxqs = QUEUES, .txqs = txqs, .threads = true },
		slow, software);

	traffic_wait(t, 2000);
	for (unsigned round = 0; round < CHANGES; round++) {
		struct error err = { 0 };

		if (change(t->f->stack, round, &err) != 0)
			fail_msg("%s", err.text);
		traffic_wait(t, PACKETS);
	}
	traffic_end(t);
}

static void
test_reta(void **state)
{
	check_change(change_reta, WORKERS, false, false);
}

static void
test_key(void **state)
{
	check_change(change_key, WORKERS, false, false);
	check_change(change_fields, WORKERS, false, false);
}

static void
test_map(void **state)
{
	check_change(change_map, WORKERS, false, false);
}

/* To the worker that sends what all others forward, and away from it. */
static void
test_map_with_handoff(void **state)
{
	check_change(change_map, 1, true, false);
}

static void
test_count(void **state)
{
	check_change(change_count, WORKERS, false, false);
	check_change(change_count, 1, true, false);
}

static void
test_software(void **state)
{
	check_change(change_software, WORKERS, false, true);
	check_change(change_software, 1, true, true);
}

static void
test_rules(void **state)
{
	rules_in_hardware = 0;
	check_change(change_rules, WORKERS, false, false);
	rules_in_hardware = 3;
	check_change(change_rules, WORKERS, false, false);
	rules_in_hardware = 0;
}

/* All of it, where most packets go by way of another worker. */
static void
test_all_with_handoff(void **state)
{
	check_change(change_all, 1, false, false);
	check_change(change_all, 1, true, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reta),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_with_handoff),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_software),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_all_with_handoff),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
