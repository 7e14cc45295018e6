/* SPDX-License-Identifier: BSD-3-Clause */
/* The fast path and the stages do the same: random packets through both, compared byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"

#define PACKETS   40000
#define PORTS     5
#define RED_PORT  3 /* with p4 in a VRF that has the addresses of p0 and p1 */
#define MUTATIONS 3 /* bytes of a packet that are changed at most */

static uint32_t seed;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 8) * below >> 24);
}

static void
red_add(struct stack_fixture *f)
{
	struct stack_route *leak = calloc(1, sizeof(*leak));

	assert_non_null(leak);
	assert_int_equal(stack_vrf_add(f->stack, "red", NULL), 0);
	assert_int_equal(stack_vrf_find(f->stack, "red", &leak->vrf, NULL), 0);
	assert_int_equal(stack_iface_set_vrf(f->stack, "p3", leak->vrf, NULL), 0);
	assert_int_equal(stack_iface_set_vrf(f->stack, "p4", leak->vrf, NULL), 0);
	stack_fixture_addr(f, "p3", "10.0.0.1/24");
	stack_fixture_addr(f, "p3", "2001:db8::1/64");
	stack_fixture_addr(f, "p4", "10.0.1.1/24");
	stack_fixture_addr(f, "p4", "2001:db8:1::1/64");
	stack_fixture_neigh(f, "p4", "10.0.1.2", "02:00:00:00:02:04");
	stack_fixture_neigh(f, "p4", "2001:db8:1::2", "02:00:00:00:02:04");
	assert_int_equal(ip_prefix_parse("203.0.113.0/25", &leak->prefix), 0);
	assert_int_equal(ip_addr_parse("10.0.1.3", &leak->paths[0].gateway), 0);
	leak->paths[0].weight = leak->path_count = 1;
	leak->paths[0].leaked = true;
	assert_int_equal(stack_route_add(f->stack, leak, false, NULL), 0);
	free(leak);
}

/* VLAN 20 on p0, 30 in it, and 10 on p1, with neighbours: tags come, go and change. */
static void
vlans_add(struct stack_fixture *f)
{
	const struct vlan_tag outer = { ETHER_TYPE_QINQ, 20 }, inner = { ETHER_TYPE_VLAN, 30 };
	const struct vlan_tag single = { ETHER_TYPE_VLAN, 10 }, down = { ETHER_TYPE_VLAN, 11 };

	assert_int_equal(stack_vlan_add(f->stack, "p0.20", "p0", &outer, NULL), 0);
	assert_int_equal(stack_vlan_add(f->stack, "p0.20.30", "p0.20", &inner, NULL), 0);
	assert_int_equal(stack_vlan_add(f->stack, "p1.10", "p1", &single, NULL), 0);
	assert_int_equal(stack_vlan_add(f->stack, "p0.11", "p0", &down, NULL), 0);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0.11", false, NULL), 0);
	stack_fixture_addr(f, "p0.20.30", "10.30.0.1/24");
	stack_fixture_addr(f, "p1.10", "10.10.0.1/24");
	stack_fixture_addr(f, "p1.10", "2001:db8:10::1/64");
	stack_fixture_neigh(f, "p0.20.30", "10.30.0.2", "02:00:00:00:30:02");
	stack_fixture_neigh(f, "p1.10", "10.10.0.2", "02:00:00:00:10:02");
	stack_fixture_neigh(f, "p1.10", "2001:db8:10::2", "02:00:00:00:10:02");
	stack_fixture_route(f, "192.88.99.0/24", "10.10.0.2 10.0.2.2");
}

#define ADDED_MAC "02:00:00:00:aa:01" /* of p0 and RED_PORT, beside their own */

static void
macs_add(struct stack_fixture *f)
{
	struct mac_addr mac;

	assert_int_equal(mac_addr_parse(ADDED_MAC, &mac), 0);
	assert_int_equal(stack_port_mac_add(f->stack, "p0", &mac, NULL), 0);
	assert_int_equal(stack_port_mac_add(f->stack, "p3", &mac, NULL), 0);
}

static struct stack_fixture *
router(bool stages_only)
{
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .ports = PORTS });
	/* While a trace is wanted all packets go through the stages; this one never is found. */
	const struct trace_filter never = { .iface = IFACE_NONE - 1 };

	stack_fixture_route(f, "198.51.100.0/24", "10.0.1.2 10.0.1.3*3 10.0.2.2");
	stack_fixture_route(f, "203.0.113.0/25", "10.0.2.3");
	stack_fixture_route(f, "203.0.113.128/25", "blackhole");
	stack_fixture_route(f, "203.0.113.200/32", "unreachable");
	stack_fixture_route(f, "2001:db8:ff::/48", "2001:db8:1::2 2001:db8:2::3");
	stack_fixture_route(f, "2001:db8:fe::/48", "2001:db8:2::2");
	assert_int_equal(stack_iface_set_mtu(f->stack, "p2", 1280, NULL), 0);
	red_add(f);
	vlans_add(f);
	macs_add(f);
	if (stages_only)
		assert_int_equal(stack_trace_add(f->stack, 1, &never, NULL), 0);
	return f;
}

static void
draw_packet(struct packet *packet, unsigned port)
{
	static const char *const dst4[] = { "10.0.1.2", "10.0.2.5", "10.0.0.1", "10.0.1.255",
		"198.51.100.7", "198.51.100.200", "203.0.113.9", "203.0.113.129", "203.0.113.200",
		"192.0.2.1", "224.0.0.5", "169.254.3.4", "10.10.0.2", "10.10.0.3", "10.30.0.2",
		"192.88.99.4", "192.88.99.77" };
	static const char *const dst6[] = { "2001:db8:1::2", "2001:db8:2::5", "2001:db8::1",
		"2001:db8:ff::7", "2001:db8:ff:9::1", "2001:db8:fe::1", "2001:db9::1", "ff02::1",
		"fe80::1", "2001:db8:10::2", "2001:db8:10::3" };
	/* None, in half of the packets; ours; a priority without a VLAN; not ours. */
	static const struct vlan_tags vlans[] = { { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 },
		{ 1, { { ETHER_TYPE_QINQ, 20 } } },
		{ 2, { { ETHER_TYPE_QINQ, 20 }, { ETHER_TYPE_VLAN, 30 } } },
		{ 2, { { ETHER_TYPE_QINQ, 20 | 3 << 13 }, { ETHER_TYPE_VLAN, 30 } } },
		{ 1, { { ETHER_TYPE_VLAN, 5 << 13 } } }, { 1, { { ETHER_TYPE_VLAN, 20 } } },
		{ 1, { { ETHER_TYPE_VLAN, 11 } } },
		{ 2, { { ETHER_TYPE_QINQ, 20 }, { ETHER_TYPE_VLAN, 31 } } } };
	static const uint8_t protos[] = { IP_PROTO_UDP, IP_PROTO_TCP, IP_PROTO_SCTP, 47 };
	static const uint8_t nops[4] = { 1, 1, 1, 0 };
	bool ip6 = draw(2) != 0;

	*packet = (struct packet){
		.eth_dst = port == RED_PORT ? "02:00:00:00:01:03" : NULL,
		.src = ip6 ? "2001:db8::2" : "10.0.0.2",
		.dst = ip6 ? dst6[draw(RTE_DIM(dst6))] : dst4[draw(RTE_DIM(dst4))],
		.vlan = vlans[draw(RTE_DIM(vlans))],
		.proto = protos[draw(RTE_DIM(protos))],
		.ttl = draw(16) == 0 ? PACKET_ZERO : (int)(1 + draw(4)),
		.src_port = (uint16_t)(1024 + draw(60000)),
		.payload_length = (uint16_t)(draw(8) == 0 ? draw(1480) : draw(64)),
		.padding = (uint16_t)(draw(4) == 0 ? draw(20) : 0),
		.frag = draw(16) == 0  ? IP4_FRAG_MF
			: draw(2) != 0 ? IP4_FRAG_DF
				       : 0,
		.spoil = draw(16) == 0 ? PACKET_BAD_IP_CHECKSUM : 0,
		.truncate = (uint16_t)(draw(16) == 0 ? 1 + draw(60) : 0),
		.segment = (uint16_t)(draw(16) == 0 ? 64 + draw(64) : 0),
	};
	if (draw(4) == 0)
		packet->eth_dst = ADDED_MAC;
	if (draw(32) == 0)
		packet->eth_src = "03:00:00:00:00:01";
	/* A datagram too short for ports, in a frame where something stands in their place. */
	if (draw(8) == 0) {
		packet->spoil |= PACKET_RAW;
		packet->payload_length = 20;
		packet->total_length = (ip6 ? 0 : IP4_HDR_LENGTH) + (int)(1 + draw(5));
	} else if (!ip6 && draw(8) == 0) {
		packet->options = nops;
		packet->options_length = sizeof(nops);
	}
}

/* Change a few bytes anywhere in the headers, as nobody would by hand. */
static void
mutate(struct rte_mbuf *pkt, struct rte_mbuf *twin)
{
	unsigned count = draw(4) == 0 ? 1 + draw(MUTATIONS) : 0;

	for (unsigned i = 0; i < count; i++) {
		uint32_t at = draw(RTE_MIN(pkt->data_len, (uint16_t)60));
		uint8_t byte = (uint8_t)draw(256);

		*rte_pktmbuf_mtod_offset(pkt, uint8_t *, at) = byte;
		*rte_pktmbuf_mtod_offset(twin, uint8_t *, at) = byte;
	}
}

static void
assert_same_output(struct stack_fixture *a, struct stack_fixture *b)
{
	static uint8_t bytes_a[PACKET_MAX], bytes_b[PACKET_MAX];

	for (unsigned port = 0; port < PORTS; port++) {
		struct rte_mbuf *pkt_a, *pkt_b;

		while ((pkt_a = stack_fixture_take(a, port)) != NULL) {
			size_t length;

			pkt_b = stack_fixture_take(b, port);
			assert_non_null(pkt_b);
			length = packet_bytes(pkt_a, bytes_a);
			assert_int_equal(length, packet_bytes(pkt_b, bytes_b));
			assert_memory_equal(bytes_a, bytes_b, length);
			rte_pktmbuf_free(pkt_a);
			rte_pktmbuf_free(pkt_b);
		}
		assert_null(stack_fixture_take(b, port));
	}
}

static void
assert_same_counters(const struct stack_fixture *a, const struct stack_fixture *b)
{
	struct flow_stats flow_a = stack_fixture_flow(a), flow_b = stack_fixture_flow(b);
	uint64_t drops_a[DROP_REASON_COUNT], drops_b[DROP_REASON_COUNT];
	struct nexthop_counters to_a, to_b;

	for (unsigned i = 0; i < PORTS; i++)
		assert_int_equal(a->stack->ports.ports[i]->txq_counters[0].bytes,
			b->stack->ports.ports[i]->txq_counters[0].bytes);
	assert_memory_equal(&flow_a, &flow_b, sizeof(flow_a));
	stack_drops(a->stack, drops_a);
	stack_drops(b->stack, drops_b);
	assert_memory_equal(drops_a, drops_b, sizeof(drops_a));
	for (uint32_t id = nexthop_next(a->stack->nexthops, 0); id != UINT32_MAX;
		id = nexthop_next(a->stack->nexthops, id + 1)) {
		stack_nexthop_counters(a->stack, id, &to_a);
		stack_nexthop_counters(b->stack, id, &to_b);
		assert_memory_equal(&to_a, &to_b, sizeof(to_a));
	}
}

static uint64_t
stage_packets(const struct stack_fixture *f, enum stage stage)
{
	struct stage_stats stats[STAGE_COUNT];

	stack_stage_stats(f->stack, 0, stats);
	return stats[stage].packets;
}

static void
test_same_as_stages(void **state)
{
	struct stack_fixture *fast = router(false), *stages = router(true);
	struct packet packet;

	(void)state;
	seed = 20261121;
	for (unsigned i = 0; i < PACKETS; i++) {
		const unsigned port = draw(2) * RED_PORT;
		struct rte_mbuf *pkt, *twin;

		draw_packet(&packet, port);
		pkt = packet_mbuf(fast->pool, &packet);
		twin = packet_mbuf(stages->pool, &packet);
		mutate(pkt, twin);
		port_double_inject(fast->wires[port], 0, pkt);
		port_double_inject(stages->wires[port], 0, twin);
		/* One by one: in a burst the fast path's packets go out before the others. */
		stack_fixture_run(fast);
		stack_fixture_run(stages);
		assert_same_output(fast, stages);
	}
	assert_same_counters(fast, stages);
	/* Both have been at work. */
	assert_true(stage_packets(fast, STAGE_ip_fast) > PACKETS / 10);
	assert_true(stage_packets(fast, STAGE_ether_input) > PACKETS / 10);
	assert_int_equal(stage_packets(stages, STAGE_ip_fast), 0);
	stack_fixture_destroy(fast);
	stack_fixture_destroy(stages);
}

/* A burst of plain packets keeps its order, each one's bytes, and what counts for which nexthop. */
static void
test_burst_in_order(void **state)
{
	static const char *const dsts[] = { "10.0.1.2", "10.0.1.3" };
	static const char *const macs[] = { "02:00:00:00:02:01", "02:00:00:00:03:01" };
	struct stack_fixture *f = router(false);
	struct nexthop_counters counters;
	unsigned used = 0;

	(void)state;
	for (uint16_t i = 0; i < 50; i++)
		stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = dsts[i / 5 % 2], .id = i);
	stack_fixture_run(f);
	for (uint16_t i = 0; i < 50; i++)
		stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = dsts[i / 5 % 2], .ttl = 63,
			.id = i, .eth_dst = macs[i / 5 % 2]);
	assert_int_equal(stage_packets(f, STAGE_ip_fast), 50);
	for (uint32_t id = nexthop_next(f->stack->nexthops, 0); id != UINT32_MAX;
		id = nexthop_next(f->stack->nexthops, id + 1)) {
		stack_nexthop_counters(f->stack, id, &counters);
		assert_true(counters.packets == 0 || counters.packets == 25);
		used += counters.packets != 0;
	}
	assert_int_equal(used, 2);
	stack_fixture_destroy(f);
}

/* What the packets of a burst are by turns: one sent tagged, one of IPv6, one that goes nowhere. */
static const char *const burst_dsts[] = { "10.10.0.2", "2001:db8:1::2", "203.0.113.129" };

/* Which packet of the burst this was. */
static unsigned
burst_index(const struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	unsigned port = frame[12] == 0x81 ? ETHER_HDR_LENGTH + VLAN_TAG_LENGTH + IP4_HDR_LENGTH
					  : ETHER_HDR_LENGTH + IP6_HDR_LENGTH;

	return (unsigned)(frame[port] << 8 | frame[port + 1]) - 4000;
}

/* Tags that change within a burst: each packet is as it would be alone. */
static void
test_burst_of_tags(void **state)
{
	static const struct vlan_tags tags[] = { { 1, { { ETHER_TYPE_QINQ, 20 } } },
		{ 1, { { ETHER_TYPE_QINQ, 20 } } },
		{ 2, { { ETHER_TYPE_QINQ, 20 }, { ETHER_TYPE_VLAN, 30 } } },
		{ 2, { { ETHER_TYPE_QINQ, 20 }, { ETHER_TYPE_VLAN, 30 } } }, { 0 },
		{ 1, { { ETHER_TYPE_VLAN, 5 << 13 } } }, { 0 } };
	static const struct vlan_tags out[] = { { 1, { { ETHER_TYPE_VLAN, 10 } } }, { 0 } };
	struct stack_fixture *f = router(false);
	bool seen[48] = { 0 };

	(void)state;
	for (uint16_t i = 0; i < 48; i++)
		stack_fixture_rx(f, 0, .vlan = tags[i % RTE_DIM(tags)],
			.src = i % 3 == 1 ? "2001:db8::2" : "10.0.0.2", .dst = burst_dsts[i % 3],
			.src_port = 4000 + i);
	stack_fixture_run(f);
	for (unsigned n = 0; n < 32; n++) {
		struct rte_mbuf *pkt = stack_fixture_take(f, 1);
		unsigned i;

		assert_non_null(pkt);
		i = burst_index(pkt);
		assert_true(i < 48 && i % 3 < 2 && !seen[i]);
		seen[i] = true;
		packet_assert(pkt, .vlan = out[i % 3], .dst = burst_dsts[i % 3],
			.src = i % 3 == 1 ? "2001:db8::2" : "10.0.0.2", .src_port = 4000 + i,
			.ttl = 63, .eth_src = "02:00:00:00:01:01",
			.eth_dst = i % 3 == 1 ? "02:00:00:00:02:01" : "02:00:00:00:10:02");
		rte_pktmbuf_free(pkt);
	}
	assert_null(stack_fixture_take(f, 1));
	assert_int_equal(stack_fixture_drops(f, DROP_route_blackhole), 16);
	assert_int_equal(stack_fixture_drops_all(f), 16);
	assert_int_equal(stage_packets(f, STAGE_ip_fast), 32);
	stack_fixture_destroy(f);
}

/* To the MAC addresses of a port by turns, with tags and without: all of it is plain. */
static void
test_added_mac(void **state)
{
	static const struct vlan_tags tags[] = { { 0 }, { 1, { { ETHER_TYPE_QINQ, 20 } } } };
	struct stack_fixture *f = router(false);
	struct mac_addr mac;

	(void)state;
	for (uint16_t i = 0; i < 40; i++)
		stack_fixture_rx(f, 0, .vlan = tags[i / 2 % 2], .src = "10.0.0.2",
			.dst = "10.0.1.2", .eth_dst = i % 2 != 0 ? ADDED_MAC : NULL);
	stack_fixture_run(f);
	for (uint16_t i = 0; i < 40; i++)
		stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.0.1.2", .ttl = 63,
			.eth_dst = "02:00:00:00:02:01");
	assert_int_equal(stage_packets(f, STAGE_ip_fast), 40);
	/* No more when it is taken away, and on other ports never. */
	assert_int_equal(mac_addr_parse(ADDED_MAC, &mac), 0);
	assert_int_equal(stack_port_mac_remove(f->stack, "p0", &mac, NULL), 0);
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.0.1.2", .eth_dst = ADDED_MAC);
	stack_fixture_rx(f, 2, .src = "10.0.2.2", .dst = "10.0.1.2", .eth_dst = ADDED_MAC);
	stack_fixture_run(f);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ether_not_ours), 2);
	assert_int_equal(stage_packets(f, STAGE_ip_fast), 40);
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_stages),
		cmocka_unit_test(test_burst_in_order),
		cmocka_unit_test(test_burst_of_tags),
		cmocka_unit_test(test_added_mac),
	};

	return cmocka_run_group_tests(tests, test_eal_setup, test_eal_teardown);
}
