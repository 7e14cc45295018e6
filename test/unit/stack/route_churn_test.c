/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Routes, groups, recursive gateways and neighbours change as fast as control can, while workers
 * forward: no packet takes a way that was never right for it, and none is lost, since there always
 * is a way.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define PREFIXES 64
#define CHANGES  30000
#define QUEUES   2
#define SECONDS  50 /* in which it must be done, whatever the machine */

struct churn {
	struct stack_fixture *f;
	uint64_t seed;
	uint64_t sent, got, wrong;
	uint64_t by_port[4];
	bool present[PREFIXES];
};

static int
setup(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

/* splitmix64 */
static uint32_t
draw(struct churn *c, uint32_t bound)
{
	uint64_t x = c->seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((x ^ (x >> 31)) % bound);
}

static uint64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/*
 * Prefix i is 20.0.i.0/24, by p1 if i is even, by p2 if it is odd; below them 20.0.0.0/8 by p3,
 * which never changes. 172.16.0.0/16 and 172.17.0.0/16 are where recursive gateways are.
 */
static void
change(struct churn *c)
{
	static const char *const ways[2][5] = {
		{ "10.0.1.2", "10.0.1.3", "10.0.1.2 10.0.1.3*3", "10.0.1.2 10.0.1.3 10.0.1.4",
			"172.16.0.1" },
		{ "10.0.2.2", "10.0.2.3", "10.0.2.2 10.0.2.3*3", "10.0.2.2 10.0.2.3 10.0.2.4",
			"172.17.0.1" },
	};
	unsigned i = draw(c, PREFIXES);
	char text[64];

	snprintf(text, sizeof(text), "20.0.%u.0/24", i);
	switch (draw(c, 8)) {
	case 0:
		stack_fixture_route(c->f, i % 2 == 0 ? "172.16.0.0/16" : "172.17.0.0/16",
			ways[i % 2][draw(c, 4)]);
		break;
	case 1:
		/* The neighbour has another network card. */
		snprintf(text, sizeof(text), "02:00:00:00:%02x:%02x", draw(c, 2) == 0 ? 2 : 9,
			1 + i % 2);
		stack_fixture_neigh(
			c->f, i % 2 == 0 ? "p1" : "p2", i % 2 == 0 ? "10.0.1.2" : "10.0.2.2", text);
		break;
	case 2:
	case 3:
		if (c->present[i])
			stack_fixture_unroute(c->f, text);
		c->present[i] = false;
		break;
	default:
		stack_fixture_route(c->f, text, ways[i % 2][draw(c, 5)]);
		c->present[i] = true;
		break;
	}
}

static void
send(struct churn *c)
{
	char src[32], dst[32];

	snprintf(src, sizeof(src), "198.51.100.%u", 1 + draw(c, 250));
	snprintf(dst, sizeof(dst), "20.0.%u.%u", draw(c, PREFIXES), 1 + draw(c, 250));
	port_double_inject(c->f->wires[0], (uint16_t)draw(c, QUEUES),
		packet_mbuf(c->f->pool, PACKET(.src = src, .dst = dst)));
	c->sent++;
}

/* It left by a port and to a neighbour that were right for its destination at some time. */
static bool
is_right(const struct rte_mbuf *pkt, unsigned port)
{
	const struct ether_hdr *ether = rte_pktmbuf_mtod(pkt, const struct ether_hdr *);
	const struct ip4_header *hdr = (const void *)(ether + 1);
	unsigned prefix = ((const uint8_t *)&hdr->dst_be)[2];
	uint8_t host = ether->dst.bytes[4];

	if (ether->dst.bytes[5] != port || hdr->ttl != 63)
		return false;
	if (port == 3)
		return host == 2;
	return port == 1 + prefix % 2 && ((host >= 2 && host <= 4) || host == 9);
}

static void
take(struct churn *c)
{
	struct rte_mbuf *pkt;

	sched_yield();
	for (unsigned port = 0; port < 4; port++) {
		while ((pkt = stack_fixture_take(c->f, port)) != NULL) {
			c->wrong += !is_right(pkt, port);
			c->by_port[port]++;
			c->got++;
			rte_pktmbuf_free(pkt);
		}
	}
}

static uint64_t
lost(const struct churn *c)
{
	return stack_fixture_drops_all(c->f);
}

static void
test_churn(void **state)
{
	struct churn c = { .seed = 1 };
	unsigned nexthops;
	uint64_t start, end, changing;

	c.f = stack_fixture_create(&(struct stack_fixture_config){ .workers = 2,
		.ports = 4,
		.rxqs = QUEUES,
		.txqs = 2,
		.mbufs = 8192,
		.threads = true });
	stack_fixture_route(c.f, "20.0.0.0/8", "10.0.3.2");
	nexthops = stack_fixture_nexthops(c.f);
	stack_fixture_route(c.f, "172.16.0.0/16", "10.0.1.2");
	stack_fixture_route(c.f, "172.17.0.0/16", "10.0.2.2");
	start = clock_ns();
	end = start + SECONDS * 1000000000ULL;
	for (unsigned i = 0; i < CHANGES && clock_ns() < end; i += 8) {
		for (unsigned j = 0; j < 8; j++)
			change(&c);
		for (unsigned j = 0; j < 8; j++)
			send(&c);
		/* Queues are short: what workers have no time for must not be lost here. */
		while (c.sent - c.got - lost(&c) > 256 && clock_ns() < end)
			take(&c);
		stack_poll(c.f->stack, clock_ns());
	}
	changing = clock_ns() - start;
	while (c.got + lost(&c) < c.sent && clock_ns() < end) {
		take(&c);
		stack_poll(c.f->stack, clock_ns());
	}
	print_message("%u changes in %.2f s, %lu packets, by p1 %lu, p2 %lu, p3 %lu\n", CHANGES,
		(double)changing / 1e9, c.sent, c.by_port[1], c.by_port[2], c.by_port[3]);
	assert_true(clock_ns() < end);
	assert_int_equal(c.wrong, 0);
	assert_int_equal(lost(&c), 0);
	assert_int_equal(c.got, c.sent);
	/* It was a test: all ways were taken. */
	for (unsigned port = 1; port < 4; port++)
		assert_true(c.by_port[port] > c.sent / 20);
	for (unsigned i = 0; i < PREFIXES; i++) {
		char text[32];

		snprintf(text, sizeof(text), "20.0.%u.0/24", i);
		if (c.present[i])
			stack_fixture_unroute(c.f, text);
	}
	stack_fixture_unroute(c.f, "172.16.0.0/16");
	stack_fixture_unroute(c.f, "172.17.0.0/16");
	assert_int_equal(stack_fixture_nexthops(c.f), nexthops);
	stack_fixture_destroy(c.f);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_churn),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
