/* SPDX-License-Identifier: BSD-3-Clause */
/* Interfaces that move to another VRF: all that is theirs moves with them, and nobody else's. */
#include "unit/stack/vrf_fixture.h"

#include <sched.h>
#include <time.h>

#define MOVES   400
#define SECONDS 40 /* in which it must be done, whatever the machine */

static int
setup_lcores(void **state)
{
	return test_eal_setup_lcores(state) != 0 || pkt_init() != 0;
}

/* A packet from p0 to what is on p1's link, by VRF red. @return whether it got there */
static bool
red_forwards(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	pkt = stack_fixture_take(f, 1);
	rte_pktmbuf_free(pkt);
	for (struct rte_mbuf *error; (error = stack_fixture_take(f, 0)) != NULL;)
		rte_pktmbuf_free(error);
	return pkt != NULL;
}

/* Out, where the subnets of the others are, and back again. */
static void
test_move(void **state)
{
	struct stack_fixture *f = customers();
	const unsigned red = vrf_routes(f, "red"), blue = vrf_routes(f, "blue");
	const unsigned nexthops = stack_fixture_nexthops(f);

	(void)state;
	assert_true(red_forwards(f));
	assert_int_equal(iface_set_vrf(f, "p1", "default", NULL), 0);
	/* Local, connected, two broadcasts and a neighbour of IPv4; of IPv6 one anycast. */
	assert_int_equal(vrf_routes(f, "red"), red - 9);
	assert_int_equal(vrf_routes(f, "default"), 9);
	assert_int_equal(vrf_routes(f, "blue"), blue);
	assert_false(red_forwards(f));
	/* In the default VRF its neighbour is known at once, without being asked. */
	stack_fixture_rx(f, 1, .eth_dst = vrf_own_mac[1], .src = "10.0.1.9", .dst = "10.0.1.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.0.1.9", .dst = "10.0.1.2", .ttl = 63,
		.eth_dst = "02:00:00:00:02:01");
	assert_int_equal(iface_set_vrf(f, "p1", "red", NULL), 0);
	assert_true(red_forwards(f));
	assert_int_equal(vrf_routes(f, "red"), red);
	assert_int_equal(vrf_routes(f, "default"), 0);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* Of two addresses in one subnet one brings the subnet. */
static void
test_move_shared_subnet(void **state)
{
	struct stack_fixture *f = customers();
	unsigned red;

	(void)state;
	stack_fixture_addr(f, "p1", "10.0.1.77/24");
	stack_fixture_addr(f, "p1", "10.0.1.78/32");
	red = vrf_routes(f, "red");
	assert_int_equal(iface_set_vrf(f, "p1", "default", NULL), 0);
	assert_int_equal(vrf_routes(f, "red"), red - 11);
	assert_int_equal(vrf_routes(f, "default"), 11);
	stack_fixture_unaddr(f, "p1", "10.0.1.1/24");
	assert_int_equal(vrf_routes(f, "default"), 10);
	stack_fixture_unaddr(f, "p1", "10.0.1.77/24");
	assert_int_equal(iface_set_vrf(f, "p1", "red", NULL), 0);
	assert_int_equal(vrf_routes(f, "default"), 0);
	stack_fixture_destroy(f);
}

/* The other VRF has one of its addresses, or a subnet: then nothing has moved. */
static void
test_move_refused(void **state)
{
	struct stack_fixture *f = customers();
	const unsigned red = vrf_routes(f, "red"), blue = vrf_routes(f, "blue");
	struct error err;

	(void)state;
	assert_int_equal(iface_set_vrf(f, "p1", "blue", &err), -EEXIST);
	/* The conflict comes with the last address. */
	stack_fixture_unaddr(f, "p3", "10.0.1.1/24");
	stack_fixture_unaddr(f, "p3", "2001:db8:1::1/64");
	stack_fixture_addr(f, "p3", "2001:db8:1::9/64");
	assert_int_equal(iface_set_vrf(f, "p1", "blue", &err), -EEXIST);
	assert_int_equal(vrf_routes(f, "red"), red);
	assert_int_equal(vrf_routes(f, "blue"), blue - 6);
	assert_true(red_forwards(f));
	assert_int_equal(vrf_route(f, "red", "192.0.2.0/24", "10.0.1.2", NULL, &err), 0);
	assert_int_equal(iface_set_vrf(f, "p1", "default", &err), -EBUSY);
	assert_non_null(strstr(err.text, "1 static routes go through p1"));
	vrf_unroute(f, "red", "192.0.2.0/24");
	/* A route of another VRF that was led there counts as well. */
	assert_int_equal(vrf_route(f, "blue", "192.0.2.0/24", "dev p1", "red", &err), 0);
	assert_int_equal(iface_set_vrf(f, "p1", "default", &err), -EBUSY);
	vrf_unroute(f, "blue", "192.0.2.0/24");
	assert_int_equal(iface_set_vrf(f, "p1", "default", &err), 0);
	stack_fixture_destroy(f);
}

/* A tentative address is nobody's in either. */
static void
test_move_tentative(void **state)
{
	struct stack_fixture *f = customers_with((struct stack_fixture_config){ .dad = true });
	struct ip_addr addr;
	struct stack_way way;

	(void)state;
	assert_int_equal(ip_addr_parse("2001:db8:1::1", &addr), 0);
	assert_int_equal(iface_set_vrf(f, "p1", "default", NULL), 0);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &addr, NULL, &way);
	assert_int_equal(way.nexthop, NEXTHOP_ID_BLACKHOLE);
	stack_fixture_advance(f, 3000);
	stack_route_get(f->stack, IP_VRF_DEFAULT, &addr, NULL, &way);
	assert_int_equal(way.nexthop, NEXTHOP_ID_LOCAL);
	stack_route_get(f->stack, vrf_of(f, "red"), &addr, NULL, &way);
	assert_false(way.found);
	stack_fixture_destroy(f);
}

/* A packet that waits for its neighbour while its interface moves is sent all the same. */
static void
test_move_with_held_packet(void **state)
{
	struct stack_fixture *f = customers();
	unsigned count = 0;

	(void)state;
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.7");
	stack_fixture_run(f);
	assert_int_equal(iface_set_vrf(f, "p1", "default", NULL), 0);
	stack_fixture_neigh(f, "p1", "10.0.1.7", "02:00:00:00:07:01");
	stack_fixture_run(f);
	for (struct rte_mbuf *pkt; (pkt = stack_fixture_take(f, 1)) != NULL;) {
		count += rte_pktmbuf_mtod(pkt, const uint8_t *)[4] == 7;
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(count, 1);
	stack_fixture_destroy(f);
}

static uint64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/* @return packets that came out of a port; `wrong` counts those that were not for that port */
static unsigned
take(struct stack_fixture *f, unsigned port, unsigned *wrong)
{
	struct rte_mbuf *pkt;
	unsigned count = 0;

	for (; (pkt = stack_fixture_take(f, port)) != NULL; count++) {
		*wrong += rte_pktmbuf_mtod(pkt, const uint8_t *)[5] != port;
		rte_pktmbuf_free(pkt);
	}
	return count;
}

/* VRFs and interfaces come, move and go while another VRF forwards: it loses nothing. */
static void
test_moves_under_traffic(void **state)
{
	struct stack_fixture *f = customers_with(
		(struct stack_fixture_config){ .workers = 2, .mbufs = 8192, .threads = true });
	static const char *const places[] = { "green", "default", "blue" };
	const uint64_t end = clock_ns() + SECONDS * 1000000000ULL;
	uint64_t sent = 0, got = 0;
	unsigned wrong = 0;

	(void)state;
	for (unsigned i = 0; i < MOVES && clock_ns() < end; i++) {
		if (i % 3 == 0)
			assert_int_equal(stack_vrf_add(f->stack, "green", NULL), 0);
		assert_int_equal(iface_set_vrf(f, "p3", places[i % 3], NULL), 0);
		if (i % 3 == 1)
			assert_int_equal(stack_vrf_remove(f->stack, "green", NULL), 0);
		for (unsigned j = 0; j < 16; j++) {
			stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
			stack_fixture_rx(f, 2, .eth_dst = vrf_own_mac[2], .src = "10.0.0.2",
				.dst = "10.0.1.2");
			stack_fixture_rx(f, 3, .eth_dst = vrf_own_mac[3], .src = "10.0.1.2",
				.dst = "10.0.0.2");
			sent++;
		}
		do {
			sched_yield();
			got += take(f, 1, &wrong);
			take(f, 0, &wrong);
			take(f, 2, &wrong);
			take(f, 3, &wrong);
			stack_poll(f->stack, clock_ns());
		} while (got < sent && clock_ns() < end);
	}
	assert_int_equal(got, sent);
	assert_int_equal(wrong, 0);
	assert_true(sent >= MOVES * 16);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_move_shared_subnet),
		cmocka_unit_test(test_move_refused),
		cmocka_unit_test(test_move_tentative),
		cmocka_unit_test(test_move_with_held_packet),
		cmocka_unit_test(test_moves_under_traffic),
	};

	return cmocka_run_group_tests(tests, setup_lcores, test_eal_teardown);
}
