/* SPDX-License-Identifier: BSD-3-Clause */
/* Workers as threads: nothing is lost, and no flow reordered, whatever control does meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <time.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define QUEUES    4
#define FLOWS     64
#define PACKETS   20000
#define IN_FLIGHT 800 /* less than one queue of the double holds */
#define TIMEOUT_S 30

/* Traffic from p0: each flow on its queue, numbered; and what came out of the other ports. */
struct traffic {
	struct stack_fixture *f;
	uint16_t sent_next[FLOWS]; /* number of each flow's next packet */
	uint16_t got_next[FLOWS];
	uint32_t sent, got;
	uint32_t by_port[STACK_FIXTURE_PORTS];
	bool gaps; /* packets may be dropped */
	struct timespec started;
};

static int
setup(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

static struct traffic *
traffic_create(const struct stack_fixture_config *config)
{
	struct traffic *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->f = stack_fixture_create(config);
	stack_fixture_route(t->f, "192.0.2.0/24", "10.0.1.2");
	clock_gettime(CLOCK_MONOTONIC, &t->started);
	return t;
}

static uint64_t
traffic_now_ns(const struct traffic *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - t->started.tv_sec > TIMEOUT_S)
		fail_msg("%u of %u packets after %u s", t->got, t->sent, TIMEOUT_S);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void
traffic_send(struct traffic *t)
{
	unsigned flow = t->sent % FLOWS;
	struct rte_mbuf *pkt = packet_mbuf(t->f->pool,
		PACKET(.src = "10.0.0.2", .dst = "192.0.2.1", .src_port = (uint16_t)(flow + 1),
			.id = t->sent_next[flow]++));

	port_double_inject(t->f->wires[0], flow % QUEUES, pkt);
	t->sent++;
}

/* Look at what a port sent. Flows keep to one tx queue, so that queues can be read in any order. */
static void
traffic_receive(struct traffic *t, unsigned port)
{
	struct rte_mbuf *pkt;

	while ((pkt = stack_fixture_take(t->f, port)) != NULL) {
		const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
		unsigned flow = frame[35] - 1U;
		uint16_t number = (uint16_t)(frame[18] << 8 | frame[19]);

		assert_true(flow < FLOWS);
		if (!t->gaps)
			assert_int_equal(number, t->got_next[flow]);
		assert_true((int16_t)(number - t->got_next[flow]) >= 0);
		t->got_next[flow] = number + 1;
		t->got++;
		t->by_port[port]++;
		rte_pktmbuf_free(pkt);
	}
}

static uint64_t
traffic_lost(const struct traffic *t)
{
	return stack_fixture_drops_all(t->f);
}

/* So many more packets; `meddle` is called now and then. */
static void
traffic_run(struct traffic *t, uint32_t count, void (*meddle)(struct traffic *t, uint32_t round))
{
	uint32_t end = t->sent + count;

	for (uint32_t round = 0; t->sent < end || t->got + traffic_lost(t) < t->sent; round++) {
		while (t->sent < end && t->sent - t->got - traffic_lost(t) < IN_FLIGHT)
			traffic_send(t);
		for (unsigned port = 1; port < t->f->config.ports; port++)
			traffic_receive(t, port);
		stack_poll(t->f->stack, traffic_now_ns(t));
		if (meddle != NULL)
			meddle(t, round);
		sched_yield();
	}
}

static void
traffic_destroy(struct traffic *t)
{
	stack_fixture_destroy(t->f);
	free(t);
}

static void
check_threads(unsigned workers, uint16_t txqs, enum worker_poll_mode mode)
{
	struct traffic *t = traffic_create(&(struct stack_fixture_config){
		.workers = workers, .rxqs = QUEUES, .txqs = txqs, .threads = true });
	struct worker_stats stats;

	stack_poll_mode_set(t->f->stack, mode);
	traffic_run(t, PACKETS, NULL);
	assert_int_equal(t->got, PACKETS);
	assert_int_equal(traffic_lost(t), 0);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(t->got_next[i], t->sent_next[i]);
	stack_stop(t->f->stack);
	assert_int_equal(stack_fixture_flow(t->f).forwarded, PACKETS);
	assert_int_equal(stack_fixture_flow(t->f).in_transit, 0);
	for (unsigned i = 0; i < workers; i++) {
		stack_worker_stats(t->f->stack, i, &stats);
		assert_int_equal(stats.flow.rx, PACKETS / workers);
		assert_true(mode == WORKER_POLL_BUSY || stats.sleeps > 0);
	}
	traffic_destroy(t);
}

static void
test_one_worker(void **state)
{
	check_threads(1, 1, WORKER_POLL_BUSY);
}

static void
test_two_workers(void **state)
{
	check_threads(2, 2, WORKER_POLL_BUSY);
	check_threads(2, 1, WORKER_POLL_BUSY);
}

static void
test_four_workers(void **state)
{
	check_threads(4, 4, WORKER_POLL_BUSY);
	check_threads(4, 2, WORKER_POLL_ADAPTIVE);
	check_threads(4, 1, WORKER_POLL_ADAPTIVE);
}

static void
port_down_and_up(struct traffic *t, uint32_t round)
{
	struct error err = { 0 };
	int rc = 0;

	if (round % 20 == 10)
		rc = stack_port_down(t->f->stack, "p1", &err);
	else if (round % 20 == 15)
		rc = stack_port_up(t->f->stack, "p1", &err);
	if (rc != 0)
		fail_msg("%s", err.text);
}

/* What is sent while the port is down is dropped by name; all else arrives, in order. */
static void
test_port_down_and_up(void **state)
{
	struct traffic *t = traffic_create(&(struct stack_fixture_config){
		.workers = 3, .rxqs = QUEUES, .txqs = 2, .threads = true });
	struct error err = { 0 };

	t->gaps = true;
	traffic_run(t, PACKETS, port_down_and_up);
	assert_int_equal(t->got + stack_fixture_drops(t->f, DROP_tx_port_down), PACKETS);
	assert_int_equal(stack_port_up(t->f->stack, "p1", &err), 0);
	traffic_run(t, 1000, NULL);
	assert_int_equal(t->got + stack_fixture_drops(t->f, DROP_tx_port_down), PACKETS + 1000);
	traffic_destroy(t);
}

static void
route_changes(struct traffic *t, uint32_t round)
{
	static const char *const ways[] = { "10.0.1.2", "10.0.2.2", "10.0.1.2 10.0.2.2*3",
		"10.0.1.3 10.0.1.2" };
	char prefix[32];

	stack_fixture_route(t->f, "192.0.2.0/24", ways[round % RTE_DIM(ways)]);
	/* Others come and go around it. */
	snprintf(prefix, sizeof(prefix), "192.0.%u.0/24", 3 + round % 50);
	stack_fixture_route(t->f, prefix, ways[(round + 1) % RTE_DIM(ways)]);
	stack_fixture_route(t->f, "192.0.2.1/32", ways[(round + 2) % RTE_DIM(ways)]);
	if (round % 3 == 0)
		stack_fixture_unroute(t->f, "192.0.2.1/32");
}

/* Routes that are replaced under traffic lose no packet: there always is the old way or the new. */
static void
test_routes_change(void **state)
{
	struct traffic *t = traffic_create(&(struct stack_fixture_config){
		.workers = 2, .ports = 3, .rxqs = QUEUES, .txqs = 2, .threads = true });

	traffic_run(t, 5000, NULL);
	for (uint32_t round = 0; round < 300; round++) {
		route_changes(t, round);
		for (unsigned i = 0; i < 50; i++)
			traffic_send(t);
		while (t->got + traffic_lost(t) < t->sent) {
			struct rte_mbuf *pkt = stack_fixture_take(t->f, 1 + t->got % 2);

			if (pkt == NULL)
				pkt = stack_fixture_take(t->f, 2 - t->got % 2);
			t->got += pkt != NULL;
			rte_pktmbuf_free(pkt);
			traffic_now_ns(t);
		}
	}
	assert_int_equal(t->got, t->sent);
	assert_int_equal(traffic_lost(t), 0);
	traffic_destroy(t);
}

/* A stack that stops and starts again goes on where it was. */
static void
test_stop_and_start(void **state)
{
	struct traffic *t = traffic_create(&(struct stack_fixture_config){
		.workers = 2, .rxqs = QUEUES, .txqs = 2, .threads = true });
	struct error err = { 0 };

	for (unsigned i = 0; i < 5; i++) {
		traffic_run(t, 1000, NULL);
		stack_stop(t->f->stack);
		assert_int_equal(stack_start(t->f->stack, &err), 0);
	}
	assert_int_equal(t->got, 5000);
	traffic_destroy(t);
}

static void
test_bad_configurations(void **state)
{
	struct stack_config config = {
		.neigh = NEIGH_CONFIG_DEFAULT, .mbufs_per_worker = 1024, .nexthops_max = 64
	};
	struct error err = { 0 };
	struct stack *stack;

	assert_int_equal(stack_create(&config, &stack, &err), -EINVAL);
	config.worker_count = WORKER_MAX + 1;
	assert_int_equal(stack_create(&config, &stack, &err), -EINVAL);
	config.worker_count = 1;
	config.mbufs_per_worker = 64; /* less than a worker's cache */
	assert_int_equal(stack_create(&config, &stack, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "64 packet buffers"));
	config.mbufs_per_worker = 1U << 30;
	assert_int_equal(stack_create(&config, &stack, &err), -ENOMEM);
	config.mbufs_per_worker = 1024;
	config.neigh.entries_max = 0;
	assert_int_equal(stack_create(&config, &stack, &err), -ENOMEM);
	config.neigh = NEIGH_CONFIG_DEFAULT;
	assert_int_equal(stack_create(&config, &stack, &err), 0);
	stack_destroy(stack);
	stack_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_worker),
		cmocka_unit_test(test_two_workers),
		cmocka_unit_test(test_four_workers),
		cmocka_unit_test(test_port_down_and_up),
		cmocka_unit_test(test_routes_change),
		cmocka_unit_test(test_stop_and_start),
		cmocka_unit_test(test_bad_configurations),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
