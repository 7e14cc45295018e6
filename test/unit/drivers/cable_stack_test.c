/* SPDX-License-Identifier: BSD-3-Clause */
/* Two whole stacks joined by a cable, on one virtual clock; and where a million flows go. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/random.h"
#include "cable/cable.h"
#include "stack/worker.h"
#include "support/eal.h"
#include "wire/endian.h"

#define MS     1000000ULL
#define FLOWS  1000000
#define QUEUES 4

struct pair {
	struct stack *stacks[2];
	struct port *ports[2];
	uint64_t now_ns;
};

static uint64_t
clock_read(void *arg)
{
	return ((const struct pair *)arg)->now_ns;
}

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static void
must(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

/* Stacks with the addresses 10.0.0.1 and .2, 2001:db8::1 and ::2, and as many workers as queues. */
static void
pair_create(struct pair *pair, const char *args, unsigned workers)
{
	struct stack_config config = { .worker_count = workers,
		.mbufs_per_worker = 2048,
		.nexthops_max = 256,
		.neigh = NEIGH_CONFIG_DEFAULT };
	const struct port_config port_config = { 0 };
	struct error err = { 0 };
	char text[256];

	for (unsigned i = 0; i < LOG_MODULE_COUNT; i++)
		log_level_set((enum log_module)i, LOG_LEVEL_ERROR);
	*pair = (struct pair){ .now_ns = 1000 * MS };
	for (unsigned i = 0; i < 2; i++) {
		struct ip_prefix addr;

		must(stack_create(&config, &pair->stacks[i], &err), &err);
		snprintf(text, sizeof(text), "end %c peer %c %s", "xy"[i], "yx"[i], args);
		must(stack_port_add(
			     pair->stacks[i], &cable_port_ops, "p0", text, &port_config, &err),
			&err);
		pair->ports[i] = port_lookup(&pair->stacks[i]->ports, "p0");
		for (unsigned family = 0; family < 2; family++) {
			snprintf(text, sizeof(text),
				family == 0 ? "10.0.0.%u/24" : "2001:db8::%u/64", i + 1);
			assert_int_equal(ip_prefix_parse(text, &addr), 0);
			must(stack_addr_add(pair->stacks[i], "p0", &addr, &err), &err);
		}
	}
	cable_clock_set(pair->ports[0], clock_read, pair);
}

static void
pair_run(struct pair *pair, unsigned ms)
{
	for (uint64_t end_ns = pair->now_ns + ms * MS; pair->now_ns < end_ns;
		pair->now_ns += MS / 2) {
		for (unsigned i = 0; i < 2; i++) {
			struct stack *stack = pair->stacks[i];

			for (unsigned w = 0; w < stack->worker_count; w++)
				worker_poll(stack->workers[w], pair->now_ns);
			stack_poll(stack, pair->now_ns);
		}
	}
}

/* Each stack has its packets back, but for those that the other one still holds: none. */
static void
pair_destroy(struct pair *pair)
{
	struct error err = { 0 };

	for (unsigned i = 0; i < 2; i++) {
		must(stack_neigh_flush(pair->stacks[i], "", &err), &err);
		pair_run(pair, 1);
		must(stack_port_remove(pair->stacks[i], "p0", &err), &err);
	}
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned w = 0; w < pair->stacks[i]->worker_count; w++)
			assert_int_equal(
				rte_mempool_in_use_count(pair->stacks[i]->workers[w]->pool), 0);
		stack_destroy(pair->stacks[i]);
	}
}

struct answers {
	unsigned count;
	uint64_t rtt_ns;
};

static void
answered(void *arg, const struct stack_ping_answer *answer)
{
	struct answers *answers = arg;

	answers->count++;
	answers->rtt_ns = answer->rtt_ns;
}

static void
ping(struct pair *pair, const char *dst, struct answers *answers)
{
	struct stack_ping_config config = { .size_bytes = 56 };
	struct stack_ping *handle;
	struct error err = { 0 };

	*answers = (struct answers){ 0 };
	assert_int_equal(ip_addr_parse(dst, &config.dst), 0);
	must(stack_ping_create(pair->stacks[0], &config, answered, answers, &handle, &err), &err);
	for (uint16_t i = 0; i < 10; i++) {
		must(stack_ping_send(pair->stacks[0], handle, i, &err), &err);
		pair_run(pair, 100);
	}
	stack_ping_destroy(pair->stacks[0], handle);
}

/* They find each other, answer, and after a delay later by as much. */
static void
test_ping(void **state)
{
	static const char *const targets[] = { "10.0.0.2", "2001:db8::2" };
	const struct cable_impair slow = { .delay_ns = 20 * MS };
	struct cable_counters counters;
	struct error err = { 0 };
	struct answers answers;
	struct pair pair;

	pair_create(&pair, "", 2);
	for (unsigned i = 0; i < 2; i++) {
		ping(&pair, targets[i], &answers);
		assert_int_equal(answers.count, 10);
		assert_in_range(answers.rtt_ns, 0, 3 * MS);
	}
	for (unsigned i = 0; i < 2; i++)
		must(cable_impair_set(pair.ports[i], &slow, &err), &err);
	for (unsigned i = 0; i < 2; i++) {
		ping(&pair, targets[i], &answers);
		assert_int_equal(answers.count, 10);
		assert_in_range(answers.rtt_ns, 40 * MS, 43 * MS);
	}
	cable_counters(pair.ports[0], &counters);
	assert_int_equal(counters.in_flight, 0);
	assert_int_equal(counters.sent, counters.delivered);
	pair_destroy(&pair);
}

/* ---- RSS ---- */

static struct ip_flow
flow_draw(struct random *random, uint8_t *frame, uint16_t *length)
{
	static const uint8_t protos[] = { IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_SCTP,
		IP_PROTO_ICMP };
	const uint64_t draw = random_draw(random);
	struct ip_flow flow = { .proto = protos[draw % 4] };
	bool ip6 = draw >> 2 & 1;
	unsigned addr = ip6 ? 16 : 4;
	uint8_t *l3 = frame + ETHER_HDR_LENGTH, *l4 = l3 + (ip6 ? 40 : 20);

	for (unsigned i = 0; i < 2 * addr; i += 4)
		be32_store(l4 - 2 * addr + i, (uint32_t)random_draw(random));
	be16_store(frame + 12, ip6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4);
	l3[0] = ip6 ? 0x60 : 0x45;
	if (ip6)
		l3[6] = flow.proto;
	else
		l3[9] = flow.proto;
	if (!ip6)
		be16_store(l3 + 6, 0);
	be16_store(l3 + (ip6 ? 4 : 2), ip6 ? 20 : 40);
	be32_store(l4, (uint32_t)(draw >> 32));
	flow.src = ip6 ? ip_addr_from6(l4 - 32) : ip_addr_from4(l4 - 8);
	flow.dst = ip6 ? ip_addr_from6(l4 - 16) : ip_addr_from4(l4 - 4);
	flow.src_port = be16_load(l4);
	flow.dst_port = be16_load(l4 + 2);
	*length = (uint16_t)(l4 + 20 - frame);
	return flow;
}

static unsigned
queue_of(struct port *port, struct rte_mbuf **pkt)
{
	for (uint16_t q = 0; q < port->config.rxq_count; q++) {
		if (port->ops->rx(port->driver, q, pkt, 1) == 1)
			return q;
	}
	return UINT_MAX;
}

/* Each flow goes where `rss predict` says, and queues get what the table gives them. */
static void
test_rss_of_a_million_flows(void **state)
{
	uint64_t counts[QUEUES] = { 0 };
	uint16_t reta[CABLE_RETA_SIZE], share[QUEUES] = { 0 };
	uint8_t frame[128] = { 0 };
	struct error err = { 0 };
	struct random random;
	struct pair pair;

	pair_create(&pair, "offloads rx-rss-hash", QUEUES);
	random_init(&random, 1);
	for (unsigned i = 0; i < CABLE_RETA_SIZE; i++) {
		reta[i] = i % 3 == 0 ? 3 : i % QUEUES;
		share[reta[i]]++;
	}
	must(stack_rss_set_reta(pair.stacks[1], "p0", reta, &err), &err);
	memcpy(frame, pair.ports[1]->mac.bytes, 6);
	for (unsigned i = 0; i < FLOWS; i++) {
		uint16_t length;
		struct ip_flow flow = flow_draw(&random, frame, &length);
		struct rte_mbuf *pkt = rte_pktmbuf_alloc(test_pool());
		struct stack_rss_way way;
		unsigned queue;

		memcpy(rte_pktmbuf_append(pkt, length), frame, length);
		assert_int_equal(pair.ports[0]->ops->tx(pair.ports[0]->driver, 0, &pkt, 1), 1);
		queue = queue_of(pair.ports[1], &pkt);
		stack_rss_predict(pair.stacks[1], pair.ports[1], &flow, 0, &way);
		if (way.queue != queue || !way.hashed || way.hash != pkt->hash.rss)
			fail_msg("flow %u: queue %u, predicted %u", i, queue, way.queue);
		counts[queue]++;
		rte_pktmbuf_free(pkt);
	}
	for (unsigned q = 0; q < QUEUES; q++) {
		double expected = (double)FLOWS * share[q] / CABLE_RETA_SIZE;

		assert_true(fabs((double)counts[q] - expected) < expected / 100);
	}
	pair_destroy(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ping, test_pool_check),
		cmocka_unit_test_teardown(test_rss_of_a_million_flows, test_pool_check),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
