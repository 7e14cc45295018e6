/* SPDX-License-Identifier: BSD-3-Clause */
/* Ports that come, go and change under traffic; their queues and the workers. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

/* One packet from p0 to p1. @return whether it arrived */
static bool
passes(struct stack_fixture *f)
{
	struct rte_mbuf *pkt;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2");
	stack_fixture_run(f);
	pkt = stack_fixture_take(f, 1);
	rte_pktmbuf_free(pkt);
	return pkt != NULL;
}

static void
test_down_and_up_in_traffic(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	assert_true(passes(f));
	assert_int_equal(stack_port_down(f->stack, "p1", &err), 0);
	assert_false(f->wires[1]->started);
	assert_false(iface_lookup(f->stack->ifaces, "p1")->up);
	assert_false(passes(f));
	assert_int_equal(stack_fixture_drops(f, DROP_tx_port_down), 1);
	assert_int_equal(stack_port_down(f->stack, "p1", &err), 0); /* it is already */
	assert_int_equal(stack_port_up(f->stack, "p1", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p1", &err), 0);
	assert_true(iface_lookup(f->stack->ifaces, "p1")->up);
	assert_true(passes(f));
	/* Of the port where they come in: what waits there is not polled meanwhile. */
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_false(passes(f));
	assert_int_equal(port_double_pending(f->wires[0], 0), 1);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	stack_fixture_run(f);
	rte_pktmbuf_free(stack_fixture_take(f, 1));
	assert_true(passes(f));
	stack_fixture_destroy(f);
}

/* Packets on their way to another worker for a port that goes down: counted, not lost. */
static void
test_down_with_packets_in_transit(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 2, .rxqs = 2, .txqs = 1 });
	const struct packet *packet = PACKET(.src = "10.0.0.2", .dst = "10.0.1.2");
	struct error err = { 0 };

	for (unsigned i = 0; i < 50; i++)
		port_double_inject(f->wires[0], 1, packet_mbuf(f->pool, packet));
	worker_poll(f->stack->workers[1], f->now_ns);
	assert_int_equal(stack_fixture_flow(f).in_transit, 50);
	assert_int_equal(stack_port_down(f->stack, "p1", &err), 0);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_tx_port_down), 50);
	assert_int_equal(stack_fixture_flow(f).in_transit, 0);
	stack_fixture_destroy(f);
}

/* Neighbours that were learned are not believed any more, those that a user wrote are. */
static void
test_down_forgets_learned_neighbours(void **state)
{
	static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 9, 1, 10, 0, 1, 9, 0,
		0, 0, 0, 0, 0, 10, 0, 1, 1 };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);

	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .eth_src = "02:00:00:00:09:01",
		.eth_type = ETHER_TYPE_ARP, .payload = request, .payload_length = sizeof(request));
	stack_fixture_run(f);
	rte_pktmbuf_free(stack_fixture_take(f, 1));
	assert_int_equal(stack_fixture_routes(f), routes + 1);
	assert_int_equal(stack_fixture_nexthops(f), nexthops + 1);
	assert_int_equal(stack_port_down(f->stack, "p1", &err), 0);
	assert_int_equal(stack_fixture_routes(f), routes);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	assert_int_equal(stack_port_up(f->stack, "p1", &err), 0);
	assert_true(passes(f));
	stack_fixture_destroy(f);
}

static void
test_remove_takes_all_with_it(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 1, .bare = true });
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);
	const struct port_config config = { 0 };
	struct port_double *wire = port_double_create("removed");
	struct error err = { 0 };

	assert_int_equal(routes, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(
			stack_port_add(f->stack, &port_double_ops, "x0", "removed", &config, &err),
			0);
		stack_fixture_addr(f, "x0", "10.9.0.1/24");
		stack_fixture_addr(f, "x0", "2001:db8:9::1/64");
		stack_fixture_neigh(f, "x0", "10.9.0.2", "02:00:00:00:09:09");
		stack_fixture_neigh(f, "x0", "fe80::99", "02:00:00:00:09:09");
		stack_fixture_route(f, "10.10.0.0/16", "10.9.0.2 10.9.0.3");
		assert_int_equal(stack_port_remove(f->stack, "x0", &err), -EBUSY);
		assert_non_null(strstr(err.text, "1 static routes"));
		stack_fixture_unroute(f, "10.10.0.0/16");
		assert_int_equal(stack_port_remove(f->stack, "x0", &err), 0);
		assert_null(port_lookup(&f->stack->ports, "x0"));
		assert_null(iface_lookup(f->stack->ifaces, "x0"));
		assert_int_equal(stack_fixture_routes(f), routes);
		assert_int_equal(stack_fixture_nexthops(f), nexthops);
		assert_int_equal(wire->calls.close, i + 1);
	}
	assert_int_equal(stack_port_remove(f->stack, "x0", &err), -ENOENT);
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

/* Packets that wait for a neighbour on it go with it, each with its reason. */
static void
test_remove_while_neighbours_hold(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct port_config config = { 0 };
	struct port_double *wire = port_double_create("removed");
	struct error err = { 0 };

	assert_int_equal(
		stack_port_add(f->stack, &port_double_ops, "x0", "removed", &config, &err), 0);
	stack_fixture_addr(f, "x0", "10.9.0.1/24");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.77");
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.78");
	stack_fixture_run(f);
	assert_int_equal(port_double_flush(wire), 2); /* who has them? */
	/* Punted, and not looked at before the port is gone. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.79");
	worker_poll(f->stack->workers[0], f->now_ns);
	assert_int_equal(stack_port_remove(f->stack, "x0", &err), 0);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_no_iface), 2);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops_all(f), 3);
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

/* Whatever step of adding a port fails: nothing is half done. */
static void
test_add_that_fails(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 1, .bare = true });
	unsigned nexthops = stack_fixture_nexthops(f);
	struct port_double *wire = port_double_create("failing");
	struct port_config config = { 0 };
	struct error err = { 0 };
	int *const failures[] = { &wire->failures.open, &wire->failures.configure,
		&wire->failures.start };

	for (unsigned i = 0; i < RTE_DIM(failures); i++) {
		*failures[i] = EIO;
		assert_int_equal(
			stack_port_add(f->stack, &port_double_ops, "x0", "failing", &config, &err),
			-EIO);
		*failures[i] = 0;
		assert_null(port_lookup(&f->stack->ports, "x0"));
		assert_null(iface_lookup(f->stack->ifaces, "x0"));
		assert_int_equal(stack_fixture_nexthops(f), nexthops);
	}
	config.rxq_count = PORT_DOUBLE_QUEUES + 1;
	assert_int_equal(stack_port_add(f->stack, &port_double_ops, "x0", "failing", &config, &err),
		-EINVAL);
	config.rxq_count = 0;
	assert_int_equal(stack_port_add(f->stack, &port_double_ops, "p0", "failing", &config, &err),
		-EEXIST);
	assert_non_null(strstr(err.text, "'port del p0'"));
	assert_int_equal(stack_loopback_add(f->stack, "lo0", &err), 0);
	assert_int_equal(
		stack_port_add(f->stack, &port_double_ops, "lo0", "failing", &config, &err),
		-EEXIST);
	assert_non_null(strstr(err.text, "'iface del lo0'"));
	assert_int_equal(
		stack_port_add(f->stack, &port_double_ops, "x0", "failing", &config, &err), 0);
	/* A port that does not come up stays down, and may be tried again. */
	assert_int_equal(stack_port_down(f->stack, "x0", &err), 0);
	wire->failures.start = EIO;
	assert_int_equal(stack_port_up(f->stack, "x0", &err), -EIO);
	wire->failures.start = 0;
	assert_int_equal(stack_port_up(f->stack, "x0", &err), 0);
	stack_fixture_destroy(f);
	port_double_destroy(wire);
}

/* Queues are spread over workers; with fewer tx queues than workers some own none. */
static void
test_queues_and_workers(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 4, .ports = 2, .rxqs = 6, .txqs = 3 });
	const struct port *p0 = port_lookup(&f->stack->ports, "p0");
	const struct port *p1 = port_lookup(&f->stack->ports, "p1");
	struct worker_stats stats;
	unsigned rxqs = 0;

	for (uint16_t q = 0; q < 6; q++)
		assert_int_equal(stack_rxq_worker(f->stack, p0, q), q % 4);
	for (uint16_t q = 0; q < 6; q++)
		assert_int_equal(stack_rxq_worker(f->stack, p1, q), (q + 2) % 4);
	assert_int_equal(stack_rxq_worker(f->stack, p0, 6), UINT_MAX);
	for (uint16_t q = 0; q < 3; q++)
		assert_int_equal(stack_txq_worker(f->stack, p0, q), q);
	assert_int_equal(stack_txq_worker(f->stack, p0, 3), UINT_MAX);
	for (unsigned i = 0; i < 4; i++) {
		stack_worker_stats(f->stack, i, &stats);
		assert_int_equal(stats.rxqs, 3);
		rxqs += stats.rxqs;
	}
	assert_int_equal(rxqs, 12);
	/* Each of the twelve is polled. */
	for (unsigned port = 0; port < 2; port++) {
		for (uint16_t q = 0; q < 6; q++)
			port_double_inject(
				f->wires[port], q, packet_mbuf(f->pool, PACKET(.truncate = 1)));
	}
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ether_truncated), 12);
	stack_fixture_destroy(f);
}

/* Fewer and again more queues by the table: nothing stops, and unused queues are not polled. */
static void
test_queues_by_table(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 2, .rxqs = 4, .txqs = 2 });
	const struct port *port = port_lookup(&f->stack->ports, "p0");
	struct error err = { 0 };
	uint16_t reta[PORT_RETA_MAX];

	assert_int_equal(stack_port_set_queues(f->stack, "p0", 2, 0, &err), 0);
	assert_int_equal(f->wires[0]->calls.stop, 0);
	assert_int_equal(port->config.rxq_count, 4);
	assert_int_equal(port->rss_asked, 0);
	for (unsigned i = 0; i < 128; i++)
		assert_int_equal(f->wires[0]->rss.reta[i], i % 2);
	assert_int_equal(stack_rxq_worker(f->stack, port, 1), 1);
	assert_int_equal(stack_rxq_worker(f->stack, port, 2), UINT_MAX);
	assert_int_equal(stack_rxq_set_worker(f->stack, "p0", 2, 0, &err), -EINVAL);
	/* So it stays over down and up. */
	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	assert_int_equal(f->wires[0]->rss.reta[3], 1);
	assert_int_equal(stack_rxq_worker(f->stack, port, 2), UINT_MAX);
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 3, 0, &err), 0);
	assert_int_equal(stack_rxq_worker(f->stack, port, 0), 0);
	assert_int_equal(stack_rxq_worker(f->stack, port, 2), 0);
	assert_int_equal(f->wires[0]->rss.reta[5], 2);
	/* A table of the user's stays while it fits. */
	for (unsigned i = 0; i < PORT_RETA_MAX; i++)
		reta[i] = 1;
	assert_int_equal(stack_rss_set_reta(f->stack, "p0", reta, &err), 0);
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 2, 0, &err), 0);
	assert_int_equal(f->wires[0]->rss.reta[0], 1);
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 1, 0, &err), 0);
	assert_int_equal(f->wires[0]->rss.reta[0], 0);
	assert_int_equal(f->wires[0]->rss.reta[127], 0);
	/* A device that does not take the table keeps all its queues. */
	f->wires[0]->failures.rss_set_reta = EIO;
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 4, 0, &err), -EIO);
	f->wires[0]->failures.rss_set_reta = 0;
	assert_int_equal(port->rxq_used, 1);
	assert_int_equal(stack_rxq_worker(f->stack, port, 1), UINT_MAX);
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 0, 0, &err), -EINVAL);
	assert_int_equal(stack_port_set_queues(f->stack, "p0", 9, 0, &err), -EINVAL);
	stack_fixture_destroy(f);
}

/* Where the table cannot do it the port stops for it; what is known on its link stays. */
static void
test_queues_by_restart(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 4, .rxqs = 2, .txqs = 2 });
	struct port_double *wire = f->wires[1];
	const struct port *port = port_lookup(&f->stack->ports, "p1");
	unsigned routes = stack_fixture_routes(f);
	struct error err = { 0 };
	int *const failures[] = { &wire->failures.configure, &wire->failures.start,
		&wire->failures.rss_set_hash };

	assert_int_equal(stack_rss_set_symmetric(f->stack, "p1", true, &err), 0);
	assert_int_equal(stack_rxq_set_worker(f->stack, "p1", 1, 3, &err), 0);
	assert_int_equal(stack_port_set_queues(f->stack, "p1", 4, 0, &err), 0);
	assert_int_equal(wire->calls.stop, 1);
	assert_int_equal(port->config.rxq_count, 4);
	assert_int_equal(port->config.txq_count, 2);
	assert_int_equal(stack_rxq_worker(f->stack, port, 1), 3);
	assert_int_equal(wire->rss.reta[3], 3);
	assert_true(port_rss_is_symmetric(&wire->rss));
	assert_int_equal(stack_fixture_routes(f), routes);
	assert_true(passes(f));
	assert_int_equal(stack_port_set_queues(f->stack, "p1", 1, 4, &err), 0);
	assert_int_equal(port->config.txq_count, 4);
	assert_int_equal(stack_txq_worker(f->stack, port, 3), 3);
	assert_true(passes(f));
	/* What fails leaves the port as it was. */
	for (unsigned i = 0; i < RTE_DIM(failures); i++) {
		unsigned calls = wire->calls.configure;

		*failures[i] = EIO;
		assert_int_equal(stack_port_set_queues(f->stack, "p1", 3, 3, &err), -EIO);
		assert_int_equal(port->config.rxq_count, 1);
		assert_int_equal(port->config.txq_count, 4);
		assert_int_equal(wire->calls.configure, calls + 2);
		assert_false(port->up); /* the double fails again */
		*failures[i] = 0;
		assert_int_equal(stack_port_set_queues(f->stack, "p1", 2, 4, &err), 0);
		assert_int_equal(stack_port_up(f->stack, "p1", &err), 0);
		assert_int_equal(stack_port_set_queues(f->stack, "p1", 1, 1, &err), 0);
		assert_int_equal(stack_port_set_queues(f->stack, "p1", 1, 4, &err), 0);
		assert_true(passes(f));
	}
	assert_true(port_rss_is_symmetric(&wire->rss));
	stack_fixture_destroy(f);
}

/* Packets of a flow stay in order also where other workers' packets pass through the owner. */
static void
test_handoff_keeps_order(void **state)
{
	struct stack_fixture *f = stack_fixture_create(
		&(struct stack_fixture_config){ .workers = 3, .rxqs = 3, .txqs = 1 });
	uint16_t next[3] = { 0 };

	for (uint16_t i = 0; i < 900; i++)
		port_double_inject(f->wires[0], i % 3,
			packet_mbuf(f->pool,
				PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .src_port = i % 3 + 1,
					.id = i / 3, .ttl = i % 7 == 0 ? 255 : 64)));
	stack_fixture_run(f);
	for (unsigned i = 0; i < 900; i++) {
		struct rte_mbuf *pkt = port_double_take(f->wires[1], 0);
		const uint8_t *frame;

		assert_non_null(pkt);
		frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
		assert_int_equal(frame[18] << 8 | frame[19], next[frame[35] - 1]++);
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(stack_fixture_flow(f).forwarded, 900);
	stack_fixture_destroy(f);
}

static void
test_mtu(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct error err = { 0 };

	assert_int_equal(stack_port_set_mtu(f->stack, "p1", 1300, &err), 0);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p1")->mtu, 1300);
	assert_true(passes(f));
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 1280,
		.frag = IP4_FRAG_DF);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_too_big), 1);
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	f->wires[1]->failures.set_mtu = EIO;
	assert_int_equal(stack_port_set_mtu(f->stack, "p1", 1400, &err), -EIO);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p1")->mtu, 1300);
	assert_true(passes(f)); /* it came up again all the same */
	f->wires[1]->failures.set_mtu = 0;
	assert_int_equal(stack_port_set_mtu(f->stack, "p1", PORT_MTU_MIN - 1, &err), -EINVAL);
	assert_int_equal(stack_port_set_mtu(f->stack, "p1", PORT_MTU_MAX + 1, &err), -EINVAL);
	assert_int_equal(stack_port_set_mtu(f->stack, "nope", 1500, &err), -ENOENT);
	stack_fixture_destroy(f);
}

/* Neighbours that were learned stay: the interface does not notice that its port stops. */
static void
test_mtu_keeps_neighbours(void **state)
{
	static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 9, 1, 10, 0, 1, 9, 0,
		0, 0, 0, 0, 0, 10, 0, 1, 1 };
	static const uint16_t mtus[] = { 1400, 9000, 1500 };
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .eth_src = "02:00:00:00:09:01",
		.eth_type = ETHER_TYPE_ARP, .payload = request, .payload_length = sizeof(request));
	stack_fixture_run(f);
	rte_pktmbuf_free(stack_fixture_take(f, 1));
	for (unsigned i = 0; i < RTE_DIM(mtus); i++) {
		assert_int_equal(stack_port_set_mtu(f->stack, "p1", mtus[i], NULL), 0);
		assert_int_equal(iface_lookup(f->stack->ifaces, "p1")->mtu, mtus[i]);
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.9");
		stack_fixture_run(f);
		stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.0.1.9", .ttl = 63,
			.eth_dst = "02:00:00:00:09:01");
	}
	stack_fixture_destroy(f);
}

/* Where packets need several buffers the queues are set up for them, or stay as they were. */
static void
test_mtu_of_several_buffers(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	struct port_double *wire = f->wires[1];
	const unsigned configured = wire->calls.configure;
	struct error err = { 0 };

	wire->failures.set_mtu = ENOBUFS;
	assert_int_equal(stack_port_set_mtu(f->stack, "p1", 9000, &err), 0);
	assert_int_equal(wire->calls.configure, configured + 1);
	assert_int_equal(iface_lookup(f->stack->ifaces, "p1")->mtu, 9000);
	assert_true(passes(f));
	wire->mtu_max = 9000;
	assert_int_equal(stack_port_set_mtu(f->stack, "p1", 9001, &err), -EINVAL);
	assert_non_null(strstr(err.text, "9001"));
	assert_int_equal(iface_lookup(f->stack->ifaces, "p1")->mtu, 9000);
	assert_true(passes(f));
	stack_fixture_destroy(f);
}

/* A link's state is shown, not acted upon. */
static void
test_link(void **state)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });
	const struct port *port = port_lookup(&f->stack->ports, "p1");

	assert_true(port->link_up);
	f->wires[1]->link.up = false;
	stack_fixture_advance(f, 200);
	assert_false(port->link_up);
	assert_true(passes(f));
	f->wires[1]->link.up = true;
	stack_fixture_advance(f, 200);
	assert_true(port->link_up);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_down_and_up_in_traffic),
		cmocka_unit_test(test_down_with_packets_in_transit),
		cmocka_unit_test(test_down_forgets_learned_neighbours),
		cmocka_unit_test(test_remove_takes_all_with_it),
		cmocka_unit_test(test_remove_while_neighbours_hold),
		cmocka_unit_test(test_add_that_fails),
		cmocka_unit_test(test_queues_and_workers),
		cmocka_unit_test(test_queues_by_table),
		cmocka_unit_test(test_queues_by_restart),
		cmocka_unit_test(test_handoff_keeps_order),
		cmocka_unit_test(test_mtu),
		cmocka_unit_test(test_mtu_keeps_neighbours),
		cmocka_unit_test(test_mtu_of_several_buffers),
		cmocka_unit_test(test_link),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
