/* SPDX-License-Identifier: BSD-3-Clause */
/* Workers at both ends of a cable, while control changes all that can be changed meanwhile. */
#include "unit/drivers/cable_fixture.h"

#include <pthread.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <sched.h>
#include <stdlib.h>

#define ROUNDS 60

static bool stop;
static uint64_t received[2];
static struct cable_fixture fixture;

static int
group_setup(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

/* The sender of a queue. */
static int
sender_main(void *arg)
{
	struct port *port = fixture.ports[0];
	const uint16_t queue = (uint16_t)(uintptr_t)arg;

	for (uint16_t i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		struct rte_mbuf *pkt = cable_fixture_mbuf(
			&fixture, 0, .src_port = i, .eth_dst = "ff:ff:ff:ff:ff:ff");

		assert_int_equal(port->ops->tx(port->driver, queue, &pkt, 1), 1);
	}
	return 0;
}

/* The worker of a queue at the other end. */
static int
receiver_main(void *arg)
{
	struct port *port = fixture.ports[1];
	const uint16_t queue = (uint16_t)(uintptr_t)arg;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		struct rte_mbuf *pkts[PKT_BURST];
		uint16_t count = port->ops->rx(port->driver, queue, pkts, PKT_BURST);

		rte_pktmbuf_free_bulk(pkts, count);
		received[queue] += count;
		if (count == 0)
			sched_yield();
	}
	return 0;
}

/* Whoever is told of a frame after its tap was taken away finds nobody. */
static void
tap_event(void *arg, const struct cable_event *event)
{
	if (!__atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE))
		abort();
}

/* The control thread of the sending end's stack, which is not that of the other end's. */
static void *
tapper_main(void *arg)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		bool listening = true;
		const struct cable_tap tap = { tap_event, &listening };

		cable_tap_set(fixture.ports[0], &tap);
		sched_yield();
		cable_tap_set(fixture.ports[0], NULL);
		__atomic_store_n(&listening, false, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void
change_rules(struct port *port, unsigned round)
{
	const struct port_flow_rule rule = { .id = 1,
		.target = (uint16_t)(round / 2 % 2),
		.match = { .fields = PORT_FLOW_PROTO, .proto = IP_PROTO_UDP } };
	static void *flow;
	struct error err = { 0 };

	if (round % 2 == 0)
		flow = port->ops->flow_create(port, &rule);
	else
		assert_int_equal(port->ops->flow_destroy(port, flow, &err), 0);
}

static void
change(unsigned round)
{
	const struct cable_impair impair = {
		.loss.p = round % 3 == 0 ? RANDOM_PPB / 10 : 0,
		.duplicate = round % 5 == 0 ? RANDOM_PPB / 10 : 0,
		.delay_ns = round % 4 * 100000ULL,
		.jitter_ns = round % 2 * 50000ULL,
	};
	struct port *port = fixture.ports[1];
	uint16_t reta[CABLE_RETA_SIZE];
	struct error err = { 0 };
	struct port_rss rss;

	for (unsigned i = 0; i < CABLE_RETA_SIZE; i++)
		reta[i] = (uint16_t)((i + round) % 2);
	assert_int_equal(port->ops->rss_set_reta(port, reta, &err), 0);
	assert_int_equal(port->ops->rss_get(port, &rss), 0);
	rss.key[round % 40] ^= 1;
	assert_int_equal(port->ops->rss_set_hash(port, &rss, &err), 0);
	assert_int_equal(port->ops->set_promiscuous(port, round % 2, &err), 0);
	change_rules(port, round);
	assert_int_equal(cable_impair_set(fixture.ports[0], &impair, &err), 0);
	if (round % 10 == 0) {
		cable_plug(port, false);
		cable_plug(port, true);
	}
	sched_yield();
}

static void
test_changes_under_traffic(void **state)
{
	struct cable_counters counters;
	struct port_stats stats;
	unsigned lcore, index = 0;
	pthread_t tapper;

	cable_fixture_create(&fixture, "", 2);
	RTE_LCORE_FOREACH_WORKER (lcore) {
		assert_int_equal(rte_eal_remote_launch(index < 2 ? sender_main : receiver_main,
					 (void *)(uintptr_t)(index % 2), lcore),
			0);
		index++;
	}
	assert_int_equal(index, 4);
	assert_int_equal(pthread_create(&tapper, NULL, tapper_main, NULL), 0);
	for (unsigned round = 0; round < ROUNDS; round++)
		change(round);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
	pthread_join(tapper, NULL);
	counters = cable_fixture_counters(&fixture, 0);
	assert_true(counters.sent > 0 && counters.delivered > 0);
	assert_int_equal(fixture.ports[1]->ops->stats(fixture.ports[1], &stats), 0);
	assert_int_equal(stats.rx_packets, received[0] + received[1]);
	assert_int_equal(counters.delivered,
		received[0] + received[1] + rte_mempool_in_use_count(fixture.pools[1]));
	cable_fixture_destroy(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_changes_under_traffic, test_pool_check),
	};

	return cmocka_run_group_tests(tests, group_setup, test_eal_teardown);
}
