/* SPDX-License-Identifier: BSD-3-Clause */
/* Which socket hears a datagram: the most specific; who may have a port; groups; other workers. */
#include "unit/udp/udp_fixture.h"

#define PEER   "10.0.0.2"
#define LOCAL  "10.0.0.1"
#define PEER6  "2001:db8::2"
#define LOCAL6 "2001:db8::1"

/* Connected before bound before any; when one goes the next one has it. */
static void
test_most_specific_wins(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *any, *bound, *connected;

	any = udp_fixture_socket(f, 0, "0.0.0.0", 53);
	any->reuse = true;
	bound = udp_open(f->cores[0], IP_FAMILY_4, 0, NULL);
	bound->reuse = true;
	assert_int_equal(
		udp_bind(bound, &(struct ip_addr){ 4, { 10, 0, 0, 1 } }, PKT_IFACE_NONE, 53), 0);
	connected = udp_open(f->cores[0], IP_FAMILY_4, 0, NULL);
	connected->reuse = true;
	assert_int_equal(
		udp_bind(connected, &(struct ip_addr){ .family = 4 }, PKT_IFACE_NONE, 53), 0);
	udp_fixture_connect(connected, LOCAL, PEER, 4000);

	assert_received(connected, udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL));
	assert_received(bound, udp_fixture_rx(f, 0, .src = PEER, .src_port = 4001, .dst = LOCAL));
	assert_received(bound, udp_fixture_rx(f, 0, .src = "10.0.0.3", .dst = LOCAL));
	assert_received(any, udp_fixture_rx(f, 0, .src = PEER, .dst = "10.0.1.1"));
	udp_close(connected);
	assert_received(bound, udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL));
	udp_close(bound);
	assert_received(any, udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL));
	udp_close(any);
	udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL);
	assert_int_equal(f->unreachable.count, 1);
	assert_int_equal(udp_counters(f->cores[0])->no_ports, 1);
	udp_fixture_destroy(f);
}

static void
test_disconnected_hears_all_again(void **state)
{
	const struct ip_addr any = { .family = IP_FAMILY_4 };
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 53);

	udp_fixture_connect(s, LOCAL, PEER, 4000);
	udp_fixture_rx(f, 0, .src = "10.0.0.3", .dst = LOCAL);
	assert_int_equal(f->unreachable.count, 1);
	assert_int_equal(udp_disconnect(s, &any, PKT_IFACE_NONE), 0);
	assert_received(s, udp_fixture_rx(f, 0, .src = "10.0.0.3", .dst = "10.0.1.1"));
	udp_fixture_destroy(f);
}

/* RFC 3493 5.3. */
static void
test_dual_and_v6only(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *dual = udp_fixture_socket(f, 0, "::", 53), *only;
	const struct ip_addr any6 = { .family = IP_FAMILY_6 };

	assert_received(dual, udp_fixture_rx(f, 0, .src = PEER6, .dst = LOCAL6));
	assert_received(dual, udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL));
	udp_close(dual);
	only = udp_open(f->cores[0], IP_FAMILY_6, 0, NULL);
	only->v6only = true;
	assert_int_equal(udp_bind(only, &any6, PKT_IFACE_NONE, 53), 0);
	assert_received(only, udp_fixture_rx(f, 0, .src = PEER6, .dst = LOCAL6));
	udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL);
	assert_int_equal(f->unreachable.count, 1);
	/* So IPv4 is still to be had. */
	udp_fixture_socket(f, 0, "0.0.0.0", 53);
	udp_fixture_destroy(f);
}

/* A socket with another's addresses, which has or has not said that it shares. */
static int
bind_rc(struct udp_fixture *f, unsigned worker, const char *addr, bool reuse, uint16_t vrf)
{
	const struct ip_addr local = udp_fixture_addr(addr);
	struct udp_socket *s = udp_open(f->cores[worker], local.family, vrf, NULL);
	int rc;

	assert_non_null(s);
	s->reuse = reuse;
	rc = udp_bind(s, &local, PKT_IFACE_NONE, 53);
	assert_int_equal(s->bound, rc == 0);
	udp_close(s);
	return rc;
}

static void
test_a_port_is_one_sockets(void **state)
{
	static const struct {
		const char *first, *second;
		int here, there; /* on the same worker, and on another */
	} cases[] = {
		{ "0.0.0.0", "0.0.0.0", -EADDRINUSE, -EADDRINUSE },
		{ "0.0.0.0", LOCAL, -EADDRINUSE, -EADDRINUSE },
		{ LOCAL, "0.0.0.0", -EADDRINUSE, -EADDRINUSE },
		{ LOCAL, "::", -EADDRINUSE, -EADDRINUSE },
		{ LOCAL6, "::", -EADDRINUSE, -EADDRINUSE },
		{ LOCAL, LOCAL, -EADDRINUSE, -EADDRINUSE },
		{ LOCAL, "10.0.1.1", 0, 0 },
		{ "::", "0.0.0.0", -EADDRINUSE, -EADDRINUSE },
		{ "::", LOCAL, -EADDRINUSE, -EADDRINUSE },
		{ "0.0.0.0", "::", -EADDRINUSE, -EADDRINUSE },
		{ LOCAL6, "0.0.0.0", 0, 0 },
		{ LOCAL6, LOCAL6, -EADDRINUSE, -EADDRINUSE },
	};
	struct udp_fixture *f = udp_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		const struct ip_addr first = udp_fixture_addr(cases[i].first);
		struct udp_socket *s = udp_fixture_socket(f, 0, cases[i].first, 53);

		assert_int_equal(bind_rc(f, 0, cases[i].second, false, 0), cases[i].here);
		assert_int_equal(bind_rc(f, 1, cases[i].second, false, 0), cases[i].there);
		/* Both have to share. */
		assert_int_equal(bind_rc(f, 0, cases[i].second, true, 0), cases[i].here);
		/* Another VRF's ports are others. */
		assert_int_equal(bind_rc(f, 0, cases[i].second, false, 1), 0);
		udp_close(s);
		s = udp_open(f->cores[0], first.family, 0, NULL);
		s->reuse = true;
		assert_int_equal(udp_bind(s, &first, PKT_IFACE_NONE, 53), 0);
		assert_int_equal(bind_rc(f, 1, cases[i].second, false, 0), cases[i].there);
		assert_int_equal(bind_rc(f, 0, cases[i].second, true, 0), 0);
		assert_int_equal(bind_rc(f, 1, cases[i].second, true, 0), 0);
		udp_close(s);
	}
	udp_fixture_destroy(f);
}

/* One that is connected has its port on one address, until it has none: several have several. */
static void
test_connected_ones_are_seen(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *socks[3];

	for (unsigned i = 0; i < RTE_DIM(socks); i++) {
		socks[i] = udp_open(f->cores[0], IP_FAMILY_4, 0, NULL);
		socks[i]->reuse = i > 0;
		if (i == 1)
			udp_close(socks[0]);
		assert_int_equal(udp_bind(socks[i], &(struct ip_addr){ .family = IP_FAMILY_4 },
					 PKT_IFACE_NONE, 53),
			0);
		udp_fixture_connect(socks[i], LOCAL, PEER, (uint16_t)(1000 + i));
		assert_int_equal(bind_rc(f, 1, "0.0.0.0", false, 0), -EADDRINUSE);
		assert_int_equal(bind_rc(f, 1, "0.0.0.0", true, 0), i == 0 ? -EADDRINUSE : 0);
	}
	udp_close(socks[1]);
	assert_int_equal(bind_rc(f, 1, "0.0.0.0", false, 0), -EADDRINUSE);
	udp_close(socks[2]);
	assert_int_equal(bind_rc(f, 1, "0.0.0.0", false, 0), 0);
	udp_fixture_destroy(f);
}

static void
test_vrfs_are_apart(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 0, "0.0.0.0", 53);
	struct rte_mbuf *pkt = udp_fixture_add(f, PACKET(.src = PEER, .dst = LOCAL));

	pkt_meta(pkt)->vrf = 1;
	udp_input(f->cores[0], &f->in, &f->out);
	assert_int_equal(s->queued, 0);
	assert_int_equal(f->unreachable.count, 1);
	udp_fixture_destroy(f);
}

/* The same address on two links is two addresses. */
static void
test_link_local_is_of_its_interface(void **state)
{
	const struct ip_addr local = udp_fixture_addr("fe80::1");
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_open(f->cores[0], IP_FAMILY_6, 0, NULL);

	assert_int_equal(udp_bind(s, &local, 4, 53), 0);
	udp_fixture_rx(f, 0, .src = "fe80::2", .dst = "fe80::1");
	assert_int_equal(f->unreachable.count, 1);
	udp_close(s);
	s = udp_open(f->cores[0], IP_FAMILY_6, 0, NULL);
	assert_int_equal(udp_bind(s, &local, 3, 53), 0);
	assert_received(s, udp_fixture_rx(f, 0, .src = "fe80::2", .dst = "fe80::1"));
	udp_fixture_destroy(f);
}

/* Of a group each member has its share of flows, and each flow its member, also if others leave. */
static void
test_group_is_spread_by_flow(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *group[4];
	unsigned heard[4] = { 0 };

	for (unsigned i = 0; i < 4; i++) {
		const struct ip_addr any = { .family = IP_FAMILY_4 };

		group[i] = udp_open(f->cores[0], IP_FAMILY_4, 0, NULL);
		group[i]->reuse = true;
		assert_int_equal(udp_bind(group[i], &any, PKT_IFACE_NONE, 53), 0);
	}
	for (uint16_t port = 1024; port < 1424; port++) {
		for (unsigned again = 0; again < 2; again++)
			udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL, .src_port = port);
		for (unsigned i = 0; i < 4; i++) {
			assert_true(group[i]->queued == 0 || group[i]->queued == 2);
			heard[i] += group[i]->queued == 2;
			while (group[i]->queued > 0) {
				struct udp_datagram datagram;

				udp_receive(group[i], &datagram, 1);
				rte_pktmbuf_free(datagram.pkt);
			}
		}
	}
	for (unsigned i = 0; i < 4; i++)
		assert_in_range(heard[i], 60, 140);
	for (unsigned i = 0; i < 3; i++)
		udp_close(group[(i + 1) % 4]);
	assert_received(group[0], udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL));
	udp_fixture_destroy(f);
}

/* What is another worker's goes there; there it stays, whether it is heard or not. */
static void
test_other_workers_sockets(void **state)
{
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *s = udp_fixture_socket(f, 1, "0.0.0.0", 53), *own;
	struct rte_mbuf *pkt = udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL);

	assert_int_equal(f->handover.count, 1);
	assert_int_equal(pkt_meta(pkt)->worker, 1);
	assert_int_equal(pkt_meta(pkt)->reason, HANDOVER_UDP);
	udp_input_handed(f->cores[1], &f->handover, &f->out);
	f->handover.count = 0;
	assert_received(s, pkt);

	/* Its own is as good, but not if another's is more specific. */
	s->reuse = true;
	own = udp_open(f->cores[0], IP_FAMILY_4, 0, NULL);
	own->reuse = true;
	assert_int_equal(udp_bind(own, &(struct ip_addr){ .family = 4 }, PKT_IFACE_NONE, 53), 0);
	assert_received(own, udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL));
	udp_fixture_connect(s, LOCAL, PEER, 4000);
	pkt = udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL);
	assert_int_equal(f->handover.count, 1);
	udp_close(s);
	udp_input_handed(f->cores[1], &f->handover, &f->out);
	assert_int_equal(f->unreachable.count, 1);
	f->handover.count = 0;
	udp_fixture_destroy(f);
}

static void
test_no_more_than_there_may_be(void **state)
{
	const struct ip_addr any = { .family = IP_FAMILY_6 };
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *sockets[UDP_FIXTURE_SOCKETS];

	for (unsigned round = 0; round < 3; round++) {
		for (uint16_t i = 0; i < UDP_FIXTURE_SOCKETS; i++) {
			sockets[i] = udp_open(f->cores[0], IP_FAMILY_6, 0, NULL);
			assert_int_equal(udp_bind(sockets[i], &any, PKT_IFACE_NONE, i + 1), 0);
		}
		assert_int_equal(udp_socket_count(f->cores[0]), UDP_FIXTURE_SOCKETS);
		assert_null(udp_open(f->cores[0], IP_FAMILY_4, 0, NULL));
		for (unsigned i = 0; i < UDP_FIXTURE_SOCKETS; i++)
			udp_close(sockets[i]);
	}
	assert_int_equal(udp_socket_count(f->cores[0]), 0);
	udp_fixture_destroy(f);
}

/* A port that is another protocol's: no socket has it, and its datagrams are checked, and go on. */
static void
test_reserved(void **state)
{
	const struct ip_addr any = { .family = IP_FAMILY_4 };
	struct udp_fixture *f = udp_fixture_create();
	struct udp_socket *bound = udp_fixture_socket(f, 1, "0.0.0.0", 9899), *other;

	(void)state;
	assert_int_equal(udp_reserve(f->ports, 9899), -EADDRINUSE);
	assert_received(bound, udp_fixture_rx(f, 1, .src = PEER, .dst = LOCAL, .dst_port = 9899));
	assert_int_equal(udp_reserve(f->ports, 9898), 0);
	/* What was there stays when another cannot be had. */
	assert_int_equal(udp_reserve(f->ports, 9899), -EADDRINUSE);
	other = udp_open(f->cores[0], IP_FAMILY_4, 0, NULL);
	assert_false(udp_port_is_free(other, &any, 9898));
	assert_int_equal(udp_bind(other, &any, PKT_IFACE_NONE, 9898), -EADDRINUSE);
	udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL, .dst_port = 9898);
	udp_fixture_rx(f, 1, .src = PEER, .dst = LOCAL, .dst_port = 9898);
	assert_int_equal(f->encapsulated.count, 2);
	assert_int_equal(udp_counters(f->cores[0])->in_datagrams, 1);
	udp_fixture_empty(f);
	udp_close(bound);
	assert_int_equal(udp_reserve(f->ports, 9899), 0);
	assert_int_equal(udp_bind(other, &any, PKT_IFACE_NONE, 9898), 0);
	assert_int_equal(udp_reserve(f->ports, 0), 0);
	udp_fixture_rx(f, 0, .src = PEER, .dst = LOCAL, .dst_port = 9899);
	assert_int_equal(f->unreachable.count, 1);
	udp_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_most_specific_wins, test_pool_check),
		cmocka_unit_test_teardown(test_disconnected_hears_all_again, test_pool_check),
		cmocka_unit_test_teardown(test_dual_and_v6only, test_pool_check),
		cmocka_unit_test_teardown(test_a_port_is_one_sockets, test_pool_check),
		cmocka_unit_test_teardown(test_connected_ones_are_seen, test_pool_check),
		cmocka_unit_test_teardown(test_vrfs_are_apart, test_pool_check),
		cmocka_unit_test_teardown(test_link_local_is_of_its_interface, test_pool_check),
		cmocka_unit_test_teardown(test_group_is_spread_by_flow, test_pool_check),
		cmocka_unit_test_teardown(test_other_workers_sockets, test_pool_check),
		cmocka_unit_test_teardown(test_no_more_than_there_may_be, test_pool_check),
		cmocka_unit_test_teardown(test_reserved, test_pool_check),
	};

	return cmocka_run_group_tests(tests, udp_fixture_group_setup, test_eal_teardown);
}
