/* SPDX-License-Identifier: BSD-3-Clause */
/* VRFs: customers with the same addresses do not meet, unless a route says so. */
#include "unit/stack/vrf_fixture.h"

/* A packet that no filter of this finds: until then all take the way of the stages. */
static void
stages_only(struct stack_fixture *f)
{
	const struct trace_filter never = { .iface = IFACE_NONE - 1 };

	assert_int_equal(stack_trace_add(f->stack, 1, &never, NULL), 0);
}

static void
check_overlap(struct stack_fixture *f)
{
	static const char *const src[] = { "10.0.0.2", "2001:db8:0::2" };
	static const char *const dst[] = { "10.0.1.2", "2001:db8:1::2" };

	for (unsigned family = 0; family < 2; family++) {
		stack_fixture_rx(f, 0, .src = src[family], .dst = dst[family]);
		stack_fixture_rx(
			f, 2, .eth_dst = vrf_own_mac[2], .src = src[family], .dst = dst[family]);
		stack_fixture_run(f);
		stack_fixture_expect(f, 1, .src = src[family], .dst = dst[family], .ttl = 63,
			.eth_dst = "02:00:00:00:02:01");
		stack_fixture_expect(f, 3, .src = src[family], .dst = dst[family], .ttl = 63,
			.eth_dst = "02:00:00:00:02:03");
	}
	stack_fixture_expect_silence(f);
}

static void
test_same_addresses(void **state)
{
	struct stack_fixture *f = customers();

	(void)state;
	check_overlap(f);
	stages_only(f);
	check_overlap(f);
	stack_fixture_destroy(f);
}

/* Answers to pings of our own address, which is in both. */
static void
test_echo(void **state)
{
	struct stack_fixture *f = customers();

	(void)state;
	for (unsigned port = 0; port < 4; port += 2) {
		stack_fixture_rx(f, port, .eth_dst = vrf_own_mac[port], .src = "10.0.0.2",
			.dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST);
		stack_fixture_run(f);
		stack_fixture_expect(f, port, .src = "10.0.0.1", .dst = "10.0.0.2",
			.icmp_type = PACKET_ZERO,
			.eth_dst = port == 0 ? "02:00:00:00:02:00" : "02:00:00:00:02:02",
			.spoil = PACKET_ANY_ID);
	}
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* What has no route in a VRF is told so in that VRF, whatever others have. */
static void
test_no_route(void **state)
{
	struct stack_fixture *f = customers();
	const struct packet *lost = PACKET(.eth_dst = vrf_own_mac[2], .src = "10.0.0.2",
		.dst = "192.0.2.9", .payload_length = 8);
	struct rte_mbuf *error;

	(void)state;
	assert_int_equal(vrf_route(f, "red", "192.0.2.0/24", "10.0.1.2", NULL, NULL), 0);
	stack_fixture_inject(f, 2, lost);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "192.0.2.9");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "192.0.2.9", .ttl = 63,
		.eth_dst = "02:00:00:00:02:01");
	error = stack_fixture_take(f, 2);
	assert_non_null(error);
	assert_int_equal(*rte_pktmbuf_mtod_offset(error, const uint8_t *, 34), ICMP4_UNREACHABLE);
	rte_pktmbuf_free(error);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_no_route), 1);
	stack_fixture_destroy(f);
}

/* A VLAN of each VRF on one port: packets of both in one vector, in runs of many lengths. */
static void
test_mixed_vector(void **state)
{
	struct stack_fixture *f = customers();
	const char *const names[] = { "p0.10", "p0.20" };
	unsigned next[2] = { 0 }, vlan = 0;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(stack_vlan_add(f->stack, names[i], "p0",
					 &(struct vlan_tag){ ETHER_TYPE_VLAN, 10 + 10 * i }, NULL),
			0);
		assert_int_equal(iface_set_vrf(f, names[i], i == 0 ? "red" : "blue", NULL), 0);
	}
	for (uint16_t i = 0; i < 60; i++) {
		const struct vlan_tags tags = { 1, { { ETHER_TYPE_VLAN, 10 + 10 * vlan } } };

		stack_fixture_rx(f, 0, .src = "10.7.0.1", .dst = "10.0.1.2", .id = i, .vlan = tags);
		stack_fixture_rx(f, 0, .src = "2001:db8:7::1", .dst = "2001:db8:1::2",
			.src_port = 1000 + i, .vlan = tags);
		vlan ^= i % 7 != 0 && i % 3 != 0;
	}
	stack_fixture_run(f);
	vlan = 0;
	for (uint16_t i = 0; i < 60; i++) {
		struct rte_mbuf *pkt = stack_fixture_take(f, 1 + 2 * vlan);

		assert_non_null(pkt);
		rte_pktmbuf_free(pkt);
		next[vlan]++;
		vlan ^= i % 7 != 0 && i % 3 != 0;
	}
	assert_true(next[0] > 10 && next[1] > 10);
	for (vlan = 0; vlan < 2; vlan++) {
		while (next[vlan]-- > 0)
			rte_pktmbuf_free(stack_fixture_take(f, 1 + 2 * vlan));
	}
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

static void
fragment(struct stack_fixture *f, unsigned port, bool first, const uint8_t *message)
{
	stack_fixture_rx(f, port, .eth_dst = vrf_own_mac[port], .src = "10.0.0.2",
		.dst = "10.0.0.1", .id = 7, .proto = IP_PROTO_ICMP, .spoil = PACKET_RAW,
		.frag = first ? IP4_FRAG_MF : 2, .payload = message + (first ? 0 : 16),
		.payload_length = 16);
	stack_fixture_run(f);
}

/* Fragments that agree in all that identifies their datagram, but for the VRF. */
static void
test_fragments(void **state)
{
	struct stack_fixture *f = customers();
	uint8_t message[2][32] = { { ICMP4_ECHO_REQUEST }, { ICMP4_ECHO_REQUEST } };

	(void)state;
	memset(message[1] + 8, 0x55, 24);
	for (unsigned i = 0; i < 2; i++) {
		uint16_t sum = packet_checksum(0, message[i], sizeof(message[i]));

		message[i][2] = (uint8_t)(sum >> 8);
		message[i][3] = (uint8_t)sum;
	}
	fragment(f, 0, true, message[0]);
	fragment(f, 2, false, message[1]);
	stack_fixture_expect_silence(f);
	fragment(f, 2, true, message[1]);
	fragment(f, 0, false, message[0]);
	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *reply = stack_fixture_take(f, 2 * i);
		uint8_t frame[PACKET_MAX];

		assert_non_null(reply);
		assert_int_equal(packet_bytes(reply, frame), 34 + 32);
		assert_int_equal(frame[34], ICMP4_ECHO_REPLY);
		assert_memory_equal(frame + 42, message[i] + 8, 24);
		rte_pktmbuf_free(reply);
	}
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* What a router of one says of a path is nothing to the other's path to the same address. */
static void
test_path_mtu(void **state)
{
	struct stack_fixture *f = customers();
	uint8_t quoted[PACKET_MAX];

	(void)state;
	packet_write(PACKET(.src = "10.0.0.1", .dst = "10.0.0.2", .icmp_type = PACKET_ZERO,
			     .payload_length = 1400, .spoil = PACKET_NO_ETHER),
		quoted);
	stack_fixture_rx(f, 2, .eth_dst = vrf_own_mac[2], .src = "10.0.0.9", .dst = "10.0.0.1",
		.icmp_type = ICMP4_UNREACHABLE, .icmp_code = ICMP4_FRAGMENTATION_NEEDED,
		.icmp_rest = 600, .payload = quoted, .payload_length = 500);
	stack_fixture_run(f);
	for (unsigned port = 0; port < 4; port += 2) {
		unsigned count = 0;

		stack_fixture_rx(f, port, .eth_dst = vrf_own_mac[port], .src = "10.0.0.2",
			.dst = "10.0.0.1", .icmp_type = ICMP4_ECHO_REQUEST, .payload_length = 1000);
		stack_fixture_run(f);
		for (struct rte_mbuf *pkt; (pkt = stack_fixture_take(f, port)) != NULL; count++)
			rte_pktmbuf_free(pkt);
		assert_int_equal(count, port == 0 ? 1 : 2);
	}
	stack_fixture_destroy(f);
}

/* ---- leaking ---- */

static void
test_leak_only_when_asked(void **state)
{
	struct stack_fixture *f = customers();
	unsigned before = vrf_routes(f, "red");
	struct error err;

	(void)state;
	assert_int_equal(vrf_route(f, "red", "192.0.2.0/24", "dev p3", NULL, &err), -EXDEV);
	assert_non_null(strstr(err.text, "nexthop-vrf blue"));
	assert_int_equal(vrf_route(f, "red", "192.0.2.0/24", "dev p1", "blue", &err), -EXDEV);
	/* A gateway that only the other knows. */
	stack_fixture_addr(f, "p3", "10.5.0.1/24");
	assert_int_equal(vrf_route(f, "red", "192.0.2.0/24", "10.5.0.2", NULL, &err), -ENETUNREACH);
	assert_int_equal(vrf_routes(f, "red"), before);
	stack_fixture_destroy(f);
}

/* Red's 172.16/12 is behind blue's gateway; blue's 172.31/16 is red's link p0. */
static void
test_leak(void **state)
{
	struct stack_fixture *f = customers();

	(void)state;
	assert_int_equal(vrf_route(f, "red", "172.16.0.0/12", "10.0.1.2", "blue", NULL), 0);
	assert_int_equal(vrf_route(f, "blue", "172.31.0.0/16", "10.0.0.2", "red", NULL), 0);
	stack_fixture_rx(f, 0, .src = "172.31.0.1", .dst = "172.16.0.1");
	stack_fixture_rx(f, 3, .eth_dst = vrf_own_mac[3], .src = "172.16.0.1", .dst = "172.31.0.1");
	stack_fixture_run(f);
	stack_fixture_expect(f, 3, .src = "172.31.0.1", .dst = "172.16.0.1", .ttl = 63,
		.eth_dst = "02:00:00:00:02:03");
	stack_fixture_expect(f, 0, .src = "172.16.0.1", .dst = "172.31.0.1", .ttl = 63,
		.eth_dst = "02:00:00:00:02:00");
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* An error about a packet that was led to the other goes back in the one that it came from. */
static void
test_leak_error(void **state)
{
	struct stack_fixture *f = customers();
	struct rte_mbuf *error;

	(void)state;
	assert_int_equal(stack_iface_set_mtu(f->stack, "p3", 1000, NULL), 0);
	assert_int_equal(vrf_route(f, "red", "172.16.0.0/12", "10.0.1.2", "blue", NULL), 0);
	/* 10.0.0.2 is in blue, too. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "172.16.0.1", .frag = IP4_FRAG_DF,
		.payload_length = 1200);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "172.16.0.1", .ttl = 1);
	stack_fixture_run(f);
	for (unsigned i = 0; i < 2; i++) {
		error = stack_fixture_take(f, 0);
		assert_non_null(error);
		assert_true(
			*rte_pktmbuf_mtod_offset(error, const uint8_t *, 34) == ICMP4_UNREACHABLE ||
			*rte_pktmbuf_mtod_offset(error, const uint8_t *, 34) ==
				ICMP4_TIME_EXCEEDED);
		rte_pktmbuf_free(error);
	}
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* The neighbour that a led packet waits for is asked for, and given up, in the right places. */
static void
test_leak_glean(void **state)
{
	struct stack_fixture *f = customers();
	struct rte_mbuf *pkt;
	unsigned asked = 0;

	(void)state;
	assert_int_equal(vrf_route(f, "red", "10.5.0.0/24", "dev p3", "blue", NULL), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.5.0.9");
	stack_fixture_run(f);
	stack_fixture_advance(f, 10000);
	for (; (pkt = stack_fixture_take(f, 3)) != NULL; asked++)
		rte_pktmbuf_free(pkt);
	assert_true(asked > 0);
	pkt = stack_fixture_take(f, 0);
	assert_non_null(pkt);
	assert_int_equal(
		*rte_pktmbuf_mtod_offset(pkt, const uint8_t *, 35), ICMP4_HOST_UNREACHABLE);
	rte_pktmbuf_free(pkt);
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* ---- control ---- */

static void
test_names_and_number(void **state)
{
	struct stack_fixture *f = customers();
	struct error err;
	char name[16];
	unsigned count = 3;

	(void)state;
	assert_int_equal(stack_vrf_add(f->stack, "red", &err), -EEXIST);
	assert_int_equal(stack_vrf_add(f->stack, "default", &err), -EEXIST);
	assert_int_equal(stack_vrf_add(f->stack, "a b", &err), -EINVAL);
	assert_int_equal(stack_vrf_add(f->stack, "", &err), -EINVAL);
	assert_int_equal(stack_vrf_remove(f->stack, "default", &err), -EINVAL);
	assert_int_equal(stack_vrf_remove(f->stack, "none", &err), -ENOENT);
	for (; count < IP_VRF_MAX; count++) {
		snprintf(name, sizeof(name), "v%u", count);
		assert_int_equal(stack_vrf_add(f->stack, name, &err), 0);
	}
	assert_int_equal(stack_vrf_add(f->stack, "more", &err), -ENOSPC);
	/* A ping, or a load of routes, goes on in it. */
	stack_vrf_hold(f->stack, vrf_of(f, "v7"));
	assert_int_equal(stack_vrf_remove(f->stack, "v7", &err), -EBUSY);
	stack_vrf_release(f->stack, vrf_of(f, "v7"));
	assert_int_equal(stack_vrf_remove(f->stack, "v7", &err), 0);
	assert_int_equal(stack_vrf_add(f->stack, "more", &err), 0);
	check_overlap(f);
	stack_fixture_destroy(f);
}

static void
test_remove_used(void **state)
{
	struct stack_fixture *f = customers();
	struct error err;

	(void)state;
	assert_int_equal(stack_vrf_add(f->stack, "green", &err), 0);
	assert_int_equal(stack_vrf_remove(f->stack, "red", &err), -EBUSY);
	assert_non_null(strstr(err.text, "2 interfaces are in VRF red"));
	assert_int_equal(stack_loopback_add(f->stack, "lo7", &err), 0);
	assert_int_equal(stack_iface_set_vrf(f->stack, "lo7", vrf_of(f, "green"), &err), 0);
	assert_int_equal(stack_vrf_remove(f->stack, "green", &err), -EBUSY);
	assert_non_null(strstr(err.text, "1 interface is in VRF green"));
	assert_int_equal(stack_iface_remove(f->stack, "lo7", &err), 0);
	assert_int_equal(vrf_route(f, "green", "192.0.2.0/24", "10.0.1.2", "red", &err), 0);
	assert_int_equal(stack_vrf_remove(f->stack, "green", &err), -EBUSY);
	assert_non_null(strstr(err.text, "1 static route is"));
	vrf_unroute(f, "green", "192.0.2.0/24");
	assert_int_equal(stack_vrf_remove(f->stack, "green", &err), 0);
	assert_null(stack_vrf_next(f->stack, vrf_of(f, "blue") + 1U));
	stack_fixture_destroy(f);
}

/* Half of a datagram waits in a VRF that goes. */
static void
test_remove_with_fragments(void **state)
{
	struct stack_fixture *f = customers();
	uint8_t message[32] = { ICMP4_ECHO_REQUEST };

	(void)state;
	fragment(f, 0, true, message);
	fragment(f, 2, true, message);
	assert_int_equal(iface_set_vrf(f, "p0", "default", NULL), 0);
	assert_int_equal(iface_set_vrf(f, "p1", "default", NULL), 0);
	assert_int_equal(stack_vrf_remove(f->stack, "red", NULL), 0);
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_vrf_gone), 1);
	assert_int_equal(stack_fixture_flow(f).held, 1);
	stack_fixture_destroy(f);
}

/* Both VRFs: 192.0.2.0/24 by two gateways on their second port. */
static void
group_routes(struct stack_fixture *f)
{
	static const char *const vrfs[] = { "red", "blue" };
	struct stack_route *route = calloc(1, sizeof(*route));
	char iface[8];

	assert_non_null(route);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(iface, sizeof(iface), "p%u", 2 * i + 1);
		stack_fixture_neigh(f, iface, "10.0.1.3", "02:00:00:00:03:00");
		*route = (struct stack_route){ .vrf = vrf_of(f, vrfs[i]), .path_count = 2 };
		assert_int_equal(ip_prefix_parse("192.0.2.0/24", &route->prefix), 0);
		assert_int_equal(ip_addr_parse("10.0.1.2", &route->paths[0].gateway), 0);
		assert_int_equal(ip_addr_parse("10.0.1.3", &route->paths[1].gateway), 0);
		route->paths[0].weight = route->paths[1].weight = 1;
		assert_int_equal(stack_route_add(f->stack, route, false, NULL), 0);
	}
	free(route);
}

/* Flows between two hosts that come in by a port. @return whether they took more than one path */
static bool
flows_spread(struct stack_fixture *f, unsigned port)
{
	unsigned first = 0, count = 0;

	for (uint16_t i = 0; i < 32; i++)
		stack_fixture_rx(f, port, .eth_dst = vrf_own_mac[port], .src = "10.0.0.2",
			.dst = "192.0.2.1", .src_port = 1000 + i);
	stack_fixture_run(f);
	for (struct rte_mbuf *pkt; (pkt = stack_fixture_take(f, port + 1)) != NULL; count++) {
		first += rte_pktmbuf_mtod(pkt, const uint8_t *)[4] == 3;
		rte_pktmbuf_free(pkt);
	}
	assert_int_equal(count, 32);
	return first != 0 && first != count;
}

/* Another hash policy in one VRF, while the other keeps its own. */
static void
test_policy(void **state)
{
	struct stack_fixture *f = customers();
	const struct flow_policy l3 = { .fields = FLOW_FIELDS_L3 };
	const uint16_t red = vrf_of(f, "red");

	(void)state;
	assert_int_equal(stack_multipath_set(f->stack, red, &l3, NULL), 0);
	group_routes(f);
	assert_false(flows_spread(f, 0));
	assert_true(flows_spread(f, 2));
	stages_only(f);
	assert_false(flows_spread(f, 0));
	assert_true(flows_spread(f, 2));
	assert_int_equal(stack_multipath_set(f->stack, red, NULL, NULL), 0);
	assert_true(flows_spread(f, 0));
	stack_fixture_destroy(f);
}

/* A gateway is found through the routes of its own VRF, and follows them. */
static void
test_recursive(void **state)
{
	struct stack_fixture *f = customers();
	struct stack_route *route = calloc(1, sizeof(*route));
	struct error err;

	(void)state;
	assert_non_null(route);
	route->vrf = vrf_of(f, "red");
	route->path_count = 1;
	route->paths[0] = (struct stack_path){
		.weight = 1, .recursive = true, .leaked = true, .vrf = vrf_of(f, "blue")
	};
	assert_int_equal(ip_prefix_parse("198.51.100.0/24", &route->prefix), 0);
	assert_int_equal(ip_addr_parse("172.16.0.1", &route->paths[0].gateway), 0);
	assert_int_equal(stack_route_add(f->stack, route, false, &err), 0);
	/* Red's own way to the gateway is another gateway's. */
	assert_int_equal(vrf_route(f, "red", "172.16.0.0/16", "10.0.1.2", NULL, &err), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "198.51.100.1");
	stack_fixture_run(f);
	rte_pktmbuf_free(stack_fixture_take(f, 0)); /* unreachable */
	assert_int_equal(vrf_route(f, "blue", "172.16.0.0/16", "10.0.1.2", NULL, &err), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "198.51.100.1");
	stack_fixture_run(f);
	stack_fixture_expect(f, 3, .src = "10.0.0.2", .dst = "198.51.100.1", .ttl = 63,
		.eth_dst = "02:00:00:00:02:03");
	stack_fixture_expect_silence(f);
	free(route);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_addresses),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_no_route),
		cmocka_unit_test(test_mixed_vector),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_path_mtu),
		cmocka_unit_test(test_leak_only_when_asked),
		cmocka_unit_test(test_leak),
		cmocka_unit_test(test_leak_error),
		cmocka_unit_test(test_leak_glean),
		cmocka_unit_test(test_names_and_number),
		cmocka_unit_test(test_remove_used),
		cmocka_unit_test(test_remove_with_fragments),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_recursive),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
