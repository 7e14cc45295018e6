/* SPDX-License-Identifier: BSD-3-Clause */
/* ARP and ND of a stack: who is asked, who is answered, what is learned and what is refused. */
#include "unit/stack/neigh_fixture.h"

/* Forwarded to it without the control thread's help. */
static void
assert_reaches(struct stack_fixture *f, const char *src, const char *dst)
{
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = src, .dst = dst);
	worker_poll(f->stack->workers[0], f->now_ns);
	stack_fixture_expect(
		f, 0, .eth_dst = "02:00:00:00:09:00", .src = src, .dst = dst, .ttl = 63);
}

/* ---- ARP: RFC 826 ---- */

static void
test_arp_is_answered(void **state)
{
	struct stack_fixture *f = strangers();

	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REPLY, "10.0.0.1", "10.0.0.9", "02:00:00:00:09:00");
	/* Who asked is known by that. */
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_STALE);
	assert_reaches(f, "10.0.1.2", "10.0.0.9");
	/* RFC 5227: a probe is answered, but says nothing of its sender. */
	arp_rx(f, ARP_REQUEST, "0.0.0.0", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REPLY, "10.0.0.1", "0.0.0.0", "02:00:00:00:09:00");
	assert_int_equal(state_of(f, "0.0.0.0"), NEIGH_STATE_COUNT);
	/* Somebody outside the subnet is answered, too, but not remembered. */
	arp_rx(f, ARP_REQUEST, "192.0.2.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REPLY, "10.0.0.1", "192.0.2.1", "02:00:00:00:09:00");
	assert_int_equal(state_of(f, "192.0.2.1"), NEIGH_STATE_COUNT);
	/* Nor one with an address that means all of the subnet. */
	arp_rx(f, ARP_REQUEST, "10.0.0.255", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	expect_arp(f, ARP_REPLY, "10.0.0.1", "10.0.0.255", "02:00:00:00:09:00");
	assert_int_equal(state_of(f, "10.0.0.255"), NEIGH_STATE_COUNT);
	assert_int_equal(stack_fixture_drops_all(f), 0);
	stack_fixture_destroy(f);
}

static void
test_arp_refused(void **state)
{
	struct stack_fixture *f = strangers();

	/* For somebody else, and for an address of another interface of ours. */
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.77", "ff:ff:ff:ff:ff:ff");
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.1.1", "ff:ff:ff:ff:ff:ff");
	/* Somebody claims an address of ours. */
	arp_rx(f, ARP_REPLY, "10.0.0.1", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	assert_int_equal(stack_fixture_drops(f, DROP_arp_not_ours), 3);
	/* An answer that nobody asked for creates nothing. */
	arp_rx(f, ARP_REPLY, "10.0.0.9", "10.0.0.77", "ff:ff:ff:ff:ff:ff");
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_STATE_COUNT);
	stack_fixture_rx(f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = ARP_LENGTH - 1);
	stack_fixture_rx(f, 0, .eth_type = ETHER_TYPE_ARP, .payload_length = ARP_LENGTH);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_arp_malformed), 2);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
test_arp_resolves_what_is_held(void **state)
{
	struct stack_fixture *f = strangers();

	for (unsigned i = 0; i < 3; i++)
		stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2",
			.dst = "10.0.0.9", .id = (uint16_t)i);
	stack_fixture_run(f);
	expect_arp(f, ARP_REQUEST, "10.0.0.1", "10.0.0.9", "ff:ff:ff:ff:ff:ff");
	stack_fixture_expect_silence(f);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_INCOMPLETE);
	arp_rx(f, ARP_REPLY, "10.0.0.9", "10.0.0.1", NULL);
	for (unsigned i = 0; i < 3; i++)
		stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:09:00", .src = "10.0.1.2",
			.dst = "10.0.0.9", .id = (uint16_t)i, .ttl = 63);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_REACHABLE);
	assert_int_equal(stack_fixture_flow(f).forwarded, 0); /* they were punted, then injected */
	assert_int_equal(stack_fixture_flow(f).injected, 4);
	stack_fixture_destroy(f);
}

/* ---- ND: RFC 4861 ---- */

static void
test_nd_is_answered(void **state)
{
	const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };
	const struct nd answer = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.router = true,
		.solicited = true,
		.override = true };
	const struct nd to_all = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT, .router = true, .override = true
	};
	struct stack_fixture *f = strangers();

	nd_rx(f, ask, "2001:db8::9", "ff02::1:ff00:1", "2001:db8::1", true);
	expect_nd(f, answer, "2001:db8::1", "2001:db8::9", "2001:db8::1", "02:00:00:00:09:00");
	assert_int_equal(state_of(f, "2001:db8::9"), NEIGH_STALE);
	assert_reaches(f, "2001:db8:1::2", "2001:db8::9");
	/* 7.2.8: a probe to the address itself, without the option. */
	nd_rx(f, ask, "2001:db8::9", "2001:db8::1", "2001:db8::1", false);
	expect_nd(f, answer, "2001:db8::1", "2001:db8::9", "2001:db8::1", "02:00:00:00:09:00");
	/* RFC 4862 5.4.3: somebody wants an address of ours. */
	nd_rx(f, ask, "::", "ff02::1:ff00:1", "2001:db8::1", false);
	expect_nd(f, to_all, "2001:db8::1", "ff02::1", "2001:db8::1", "33:33:00:00:00:01");
	/* The link-local address is asked for like any other. */
	nd_rx(f, ask, "fe80::9", "ff02::1:ff00:100", "fe80::ff:fe00:100", true);
	expect_nd(f, answer, "fe80::ff:fe00:100", "fe80::9", "fe80::ff:fe00:100",
		"02:00:00:00:09:00");
	assert_int_equal(stack_fixture_drops_all(f), 0);
	stack_fixture_destroy(f);
}

static void
test_nd_refused(void **state)
{
	const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };
	const struct nd tell = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT, .override = true };
	struct stack_fixture *f = strangers();

	nd_rx(f, ask, "2001:db8::9", "ff02::1:ff00:77", "2001:db8::77", true);
	nd_rx(f, ask, "2001:db8::9", "ff02::1:ff00:1", "2001:db8:1::1", true);
	/* Somebody has an address of ours: as who asks, or as who tells. */
	nd_rx(f, ask, "2001:db8::1", "ff02::1:ff00:1", "2001:db8::1", true);
	nd_rx(f, tell, "2001:db8::9", "ff02::1", "2001:db8::1", true);
	assert_int_equal(stack_fixture_drops(f, DROP_nd_not_ours), 4);
	/* What nobody asked for creates nothing. */
	nd_rx(f, tell, "2001:db8::9", "ff02::1", "2001:db8::9", true);
	assert_int_equal(state_of(f, "2001:db8::9"), NEIGH_STATE_COUNT);
	/* 7.1.1: hop limit 255 says that it is from this link. */
	stack_fixture_rx(f, 0, .eth_dst = "33:33:ff:00:00:01", .src = "2001:db8::9",
		.dst = "ff02::1:ff00:1", .ttl = 254, .icmp_type = ICMP6_NEIGHBOR_SOLICITATION,
		.payload = addr_of("2001:db8::1").bytes, .payload_length = 16);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_nd_malformed), 1);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
test_nd_resolves_what_is_held(void **state)
{
	const struct nd ask = { .type = ICMP6_NEIGHBOR_SOLICITATION };
	const struct nd tell = {
		.type = ICMP6_NEIGHBOR_ADVERTISEMENT, .solicited = true, .override = true
	};
	struct stack_fixture *f = strangers();

	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "2001:db8:1::2", .dst = "2001:db8::9");
	stack_fixture_run(f);
	expect_nd(f, ask, "2001:db8::1", "ff02::1:ff00:9", "2001:db8::9", "33:33:ff:00:00:09");
	nd_rx(f, tell, "2001:db8::9", "2001:db8::1", "2001:db8::9", true);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:09:00", .src = "2001:db8:1::2",
		.dst = "2001:db8::9", .ttl = 63);
	assert_int_equal(state_of(f, "2001:db8::9"), NEIGH_REACHABLE);
	assert_reaches(f, "2001:db8:1::2", "2001:db8::9");
	stack_fixture_destroy(f);
}

/* ---- adjacencies ---- */

/*
 * Neighbours in no subnet of ours, but of which a route says that they are on the link, or that they
 * are gateways there: they are asked, believed, and reached without the control thread.
 */
static void
test_neighbours_by_route(void **state)
{
	static const struct ip_prefix prefix = { { IP_FAMILY_4, { 192, 0, 2 } }, 24 };
	struct stack_fixture *f = strangers();

	for (unsigned i = 0; i < 2; i++) {
		struct stack_route route = { .prefix = prefix, .type = STACK_ROUTE_DEV };
		const struct ip_addr dst = addr_of("192.0.2.9");
		struct stack_way way;

		strcpy(route.iface, "p0");
		if (i == 1) {
			route.prefix.addr = addr_of("203.0.113.0");
			route.type = STACK_ROUTE_VIA;
			route.path_count = 1;
			route.paths[0] = (struct stack_path){ .gateway = dst, .weight = 1 };
			strcpy(route.paths[0].iface, "p0");
		}
		/* Nobody asked: it is not a neighbour for that. */
		arp_rx(f, ARP_REPLY, "192.0.2.9", "10.0.0.1", NULL);
		assert_int_equal(state_of(f, "192.0.2.9"), NEIGH_STATE_COUNT);
		assert_int_equal(stack_route_add(f->stack, &route, false, NULL), 0);
		stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2",
			.dst = i == 0 ? "192.0.2.9" : "203.0.113.1");
		stack_fixture_run(f);
		expect_arp(f, ARP_REQUEST, "10.0.0.1", "192.0.2.9", "ff:ff:ff:ff:ff:ff");
		arp_rx(f, ARP_REPLY, "192.0.2.9", "10.0.0.1", NULL);
		assert_int_equal(state_of(f, "192.0.2.9"), NEIGH_REACHABLE);
		stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:09:00", .src = "10.0.1.2",
			.dst = i == 0 ? "192.0.2.9" : "203.0.113.1", .ttl = 63);
		stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
		assert_int_equal(way.found, i == 0);
		if (i == 0)
			assert_int_equal(way.route.source, ROUTE_NEIGHBOUR);
		/* With the route goes what it brought. */
		assert_int_equal(
			stack_route_remove(f->stack, IP_VRF_DEFAULT, &route.prefix, NULL), 0);
		stack_route_get(f->stack, IP_VRF_DEFAULT, &dst, NULL, &way);
		assert_false(way.found);
		assert_int_equal(stack_neigh_flush(f->stack, "", NULL), 0);
	}
	stack_fixture_destroy(f);
}

/* A gateway's neighbour moves to another MAC address: every nexthop follows. */
static void
test_neighbour_moves(void **state)
{
	struct stack_fixture *f = strangers();

	stack_fixture_route(f, "192.0.2.0/24", "10.0.0.9");
	stack_fixture_route(f, "198.51.100.0/24", "10.0.0.9 10.0.0.9");
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	assert_reaches(f, "10.0.1.2", "192.0.2.1");
	assert_reaches(f, "10.0.1.2", "198.51.100.1");
	stack_fixture_neigh(f, "p0", "10.0.0.9", "02:00:00:00:07:07");
	stack_fixture_rx(
		f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.0.1.2", .dst = "192.0.2.1");
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .eth_dst = "02:00:00:00:07:07", .src = "10.0.1.2",
		.dst = "192.0.2.1", .ttl = 63);
	stack_fixture_unroute(f, "192.0.2.0/24");
	stack_fixture_unroute(f, "198.51.100.0/24");
	stack_fixture_destroy(f);
}

static void
test_remove_and_flush(void **state)
{
	struct stack_fixture *f = strangers();
	unsigned nexthops = stack_fixture_nexthops(f), routes = stack_fixture_routes(f);
	const struct ip_addr addr = addr_of("10.0.0.9");
	struct error err = { 0 };

	stack_fixture_neigh(f, "p0", "10.0.0.9", "02:00:00:00:09:00");
	assert_int_equal(stack_neigh_flush(f->stack, "p0", &err), 0);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_PERMANENT);
	assert_int_equal(stack_fixture_routes(f), routes + 1);
	assert_int_equal(stack_neigh_remove(f->stack, "p0", &addr, &err), 0);
	assert_int_equal(stack_neigh_remove(f->stack, "p0", &addr, &err), -ENOENT);
	assert_int_equal(stack_neigh_remove(f->stack, "nope", &addr, &err), -ENOENT);
	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	assert_int_equal(stack_fixture_routes(f), routes + 1);
	assert_int_equal(stack_neigh_flush(f->stack, "p1", &err), 0);
	assert_int_equal(stack_fixture_routes(f), routes + 1);
	assert_int_equal(stack_neigh_flush(f->stack, "", &err), 0);
	assert_int_equal(stack_neigh_flush(f->stack, "nope", &err), -ENOENT);
	assert_int_equal(stack_fixture_routes(f), routes);
	assert_int_equal(stack_fixture_nexthops(f), nexthops);
	stack_fixture_destroy(f);
}

/* What was punted when its interface went down, or went: counted by name, whatever it was. */
static void
test_interface_goes_with_punts_under_way(void **state)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = 3 });
	struct error err = { 0 };

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77");
	worker_poll(f->stack->workers[0], f->now_ns);
	assert_int_equal(stack_iface_set_admin(f->stack, "p1", false, &err), 0);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_no_iface), 1);
	assert_int_equal(stack_iface_set_admin(f->stack, "p1", true, &err), 0);
	/* Held already, and by a neighbour that is flushed with the interface. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.77");
	stack_fixture_run(f);
	rte_pktmbuf_free(stack_fixture_take(f, 1));
	assert_int_equal(stack_iface_set_admin(f->stack, "p1", false, &err), 0);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_no_iface), 2);
	/* On its way to p2 and from p2, which is gone when the control thread sees them. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.2.77");
	stack_fixture_rx(f, 2, .eth_type = ETHER_TYPE_ARP, .eth_dst = "ff:ff:ff:ff:ff:ff",
		.eth_src = "02:00:00:00:09:00", .payload_length = 28,
		.payload = (const uint8_t[28]){ 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 9, 0, 10, 0, 2,
			9, [24] = 10, 0, 2, 1 });
	worker_poll(f->stack->workers[0], f->now_ns);
	assert_int_equal(stack_port_remove(f->stack, "p2", &err), 0);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_neigh_no_iface), 4);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
test_refused_neighbours(void **state)
{
	static const struct mac_addr good = { { 2, 0, 0, 0, 9, 0 } }, zero,
				     group = { { 1, 0, 0x5e, 0, 0, 1 } };
	struct stack_fixture *f = strangers();
	const struct ip_addr stranger = addr_of("10.0.0.9"), own = addr_of("10.0.0.1");
	const struct ip_addr all = addr_of("224.0.0.1");
	struct error err = { 0 };

	assert_int_equal(stack_neigh_add(f->stack, "p0", &stranger, &zero, &err), -EINVAL);
	assert_int_equal(stack_neigh_add(f->stack, "p0", &stranger, &group, &err), -EINVAL);
	assert_int_equal(stack_neigh_add(f->stack, "p0", &own, &good, &err), -EINVAL);
	assert_int_equal(stack_neigh_add(f->stack, "p0", &all, &good, &err), -EINVAL);
	assert_int_equal(stack_neigh_add(f->stack, "nope", &stranger, &good, &err), -ENOENT);
	stack_fixture_destroy(f);
}

/* A neighbour whose traffic goes on is asked again, by unicast; one that is silent is forgotten. */
static void
test_used_neighbour_is_probed(void **state)
{
	struct stack_fixture *f = strangers();
	struct rte_mbuf *pkt;
	bool probed = false;

	arp_rx(f, ARP_REQUEST, "10.0.0.9", "10.0.0.1", "ff:ff:ff:ff:ff:ff");
	rte_pktmbuf_free(stack_fixture_take(f, 0));
	for (unsigned i = 0; i < 15 && !probed; i++) {
		assert_reaches(f, "10.0.1.2", "10.0.0.9");
		stack_fixture_advance(f, 1000);
		pkt = stack_fixture_take(f, 0);
		probed = pkt != NULL;
		if (probed)
			assert_int_equal(
				rte_pktmbuf_mtod(pkt, const uint8_t *)[4], 9); /* to it alone */
		rte_pktmbuf_free(pkt);
	}
	assert_true(probed);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_PROBE);
	arp_rx(f, ARP_REPLY, "10.0.0.9", "10.0.0.1", NULL);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_REACHABLE);
	/* Without traffic nobody asks. */
	stack_fixture_advance(f, 60000);
	stack_fixture_expect_silence(f);
	assert_int_equal(state_of(f, "10.0.0.9"), NEIGH_STALE);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arp_is_answered),
		cmocka_unit_test(test_arp_refused),
		cmocka_unit_test(test_arp_resolves_what_is_held),
		cmocka_unit_test(test_nd_is_answered),
		cmocka_unit_test(test_nd_refused),
		cmocka_unit_test(test_nd_resolves_what_is_held),
		cmocka_unit_test(test_neighbours_by_route),
		cmocka_unit_test(test_neighbour_moves),
		cmocka_unit_test(test_remove_and_flush),
		cmocka_unit_test(test_interface_goes_with_punts_under_way),
		cmocka_unit_test(test_refused_neighbours),
		cmocka_unit_test(test_used_neighbour_is_probed),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
