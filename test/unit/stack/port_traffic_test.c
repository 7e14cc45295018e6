/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports that go down and up, are removed and added, while a thread sends and workers forward:
 * nothing is lost of what has another way, and all that is lost has its reason.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define PENDING   256 /* in an rx queue, so that the rings behind it never fill */
#define ROUNDS    60
#define TIMEOUT_S 30

/* Packets from p0 to destinations in turn, by a thread that no change makes wait. */
struct traffic {
	struct stack_fixture *f;
	pthread_t thread;
	const char *const *destinations; /* up to a NULL */
	struct port_double *wire; /* beside those of the fixture; NULL: none */
	bool stop; /* atomic */
	uint32_t sent, taken; /* atomic; written by the thread */
};

static int
setup(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static void
traffic_take(struct traffic *t)
{
	struct rte_mbuf *pkt;

	for (unsigned port = 0; port < t->f->config.ports; port++) {
		while ((pkt = stack_fixture_take(t->f, port)) != NULL) {
			rte_pktmbuf_free(pkt);
			__atomic_store_n(&t->taken, t->taken + (port != 0), __ATOMIC_RELAXED);
		}
	}
	if (t->wire != NULL)
		port_double_flush(t->wire);
}

static void
traffic_send(struct traffic *t)
{
	unsigned count = 0;
	struct rte_mbuf *pkt;

	while (t->destinations[count] != NULL)
		count++;
	pkt = packet_mbuf(t->f->pool,
		PACKET(.src = "10.0.0.2", .dst = t->destinations[t->sent % count],
			.src_port = (uint16_t)(1 + t->sent / count % 1000)));
	port_double_inject(t->f->wires[0], t->sent % 2, pkt);
	__atomic_store_n(&t->sent, t->sent + 1, __ATOMIC_RELAXED);
}

static void *
traffic_main(void *arg)
{
	struct traffic *t = arg;

	while (!__atomic_load_n(&t->stop, __ATOMIC_RELAXED)) {
		if (port_double_pending(t->f->wires[0], 0) < PENDING &&
			port_double_pending(t->f->wires[0], 1) < PENDING)
			traffic_send(t);
		else
			sched_yield();
		traffic_take(t);
	}
	return NULL;
}

/* Let so many more packets come in, and the control thread do its share meanwhile. */
static void
traffic_wait(const struct traffic *t, uint32_t packets)
{
	const uint32_t end = __atomic_load_n(&t->sent, __ATOMIC_RELAXED) + packets;
	const uint64_t start = now_ns();

	while ((int32_t)(__atomic_load_n(&t->sent, __ATOMIC_RELAXED) - end) < 0) {
		assert_true(now_ns() - start < TIMEOUT_S * 1000000000ULL);
		stack_poll(t->f->stack, now_ns());
		usleep(100);
	}
}

static void
traffic_create(struct traffic *t, const char *const *destinations)
{
	t->f = stack_fixture_create(&(struct stack_fixture_config){
		.workers = 2, .ports = 4, .rxqs = 2, .txqs = 1, .mbufs = 8192, .threads = true });
	t->destinations = destinations;
}

static void
traffic_start(struct traffic *t)
{
	assert_int_equal(pthread_create(&t->thread, NULL, traffic_main, t), 0);
}

static void
traffic_stop(struct traffic *t)
{
	__atomic_store_n(&t->stop, true, __ATOMIC_RELAXED);
	pthread_join(t->thread, NULL);
}

/* A port that goes down: its flows are the others' before it stops. */
static void
test_down_and_up(void **state)
{
	static const char *const destinations[] = { "192.0.2.1", "192.0.2.2", NULL };
	static const char *const names[] = { "p1", "p2", "p3" };
	const uint64_t start = now_ns();
	struct traffic t = { 0 };
	struct error err = { 0 };

	traffic_create(&t, destinations);
	stack_fixture_route(t.f, "0.0.0.0/0", "10.0.1.2 10.0.2.2 10.0.3.2");
	traffic_start(&t);
	traffic_wait(&t, 1000);
	for (unsigned i = 0; i < ROUNDS; i++) {
		assert_int_equal(stack_port_down(t.f->stack, names[i % 3], &err), 0);
		traffic_wait(&t, 300);
		assert_int_equal(stack_port_up(t.f->stack, names[i % 3], &err), 0);
		traffic_wait(&t, 300);
	}
	traffic_stop(&t);
	while (t.taken < t.sent && now_ns() - start < TIMEOUT_S * 1000000000ULL)
		traffic_take(&t);
	assert_int_equal(t.taken, t.sent);
	assert_int_equal(stack_fixture_drops_all(t.f), 0);
	stack_fixture_destroy(t.f);
}

/* A port that is removed, with the packets that its neighbours hold, and added again. */
static void
test_remove_and_add(void **state)
{
	/* A neighbour that is known, one that never answers, and one behind another port. */
	static const char *const destinations[] = { "10.9.0.2", "10.9.0.77", "10.0.1.2", NULL };
	const struct port_config config = { 0 };
	struct traffic t = { .wire = port_double_create("removed") };
	struct error err = { 0 };

	traffic_create(&t, destinations);
	traffic_start(&t);
	for (unsigned i = 0; i < ROUNDS; i++) {
		assert_int_equal(stack_port_add(t.f->stack, &port_double_ops, "x0", "removed",
					 &config, &err),
			0);
		stack_fixture_addr(t.f, "x0", "10.9.0.1/24");
		stack_fixture_neigh(t.f, "x0", "10.9.0.2", "02:00:00:00:09:09");
		traffic_wait(&t, 300);
		assert_int_equal(stack_port_remove(t.f->stack, "x0", &err), 0);
		traffic_wait(&t, 100);
	}
	traffic_stop(&t);
	/* Of the port that stays nothing was lost. */
	assert_true(t.taken >= t.sent / 3 - 2 * PENDING);
	assert_true(stack_fixture_drops(t.f, DROP_neigh_no_iface) > 0);
	assert_int_equal(stack_fixture_drops(t.f, DROP_rx_no_iface), 0);
	stack_fixture_destroy(t.f);
	port_double_destroy(t.wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_down_and_up),
		cmocka_unit_test(test_remove_and_add),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
