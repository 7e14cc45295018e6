/* SPDX-License-Identifier: BSD-3-Clause */
/* VLAN interfaces: packets in and out of them, and what they follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/worker.h"
#include "support/eal.h"
#include "support/stack_fixture.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ip4.h"
#include "wire/ip6.h"
#include "wire/nd.h"

#define TAGGED(id)                                  \
	{                                           \
		1,                                  \
		{                                   \
			{                           \
				ETHER_TYPE_VLAN, id \
			}                           \
		}                                   \
	}
#define DOUBLE(outer, inner)                           \
	{                                              \
		2,                                     \
		{                                      \
			{ ETHER_TYPE_QINQ, outer },    \
			{                              \
				ETHER_TYPE_VLAN, inner \
			}                              \
		}                                      \
	}

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static int
vlan_add(struct stack_fixture *f, const char *name, const char *parent, uint16_t type, uint16_t id)
{
	struct error err = { 0 };
	int rc = stack_vlan_add(
		f->stack, name, parent, &(struct vlan_tag){ .type = type, .id = id }, &err);

	assert_true(rc == 0 || err.text[0] != '\0');
	return rc;
}

static const struct iface *
iface(const struct stack_fixture *f, const char *name)
{
	return iface_lookup(f->stack->ifaces, name);
}

/* p1 has VLAN 100 with 10.9.0.1/24; p0 is service VLAN 7, and in it customer VLAN 8, 10.8.0.1/24. */
static struct stack_fixture *
router(void)
{
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){ 0 });

	assert_int_equal(vlan_add(f, "p1.100", "p1", ETHER_TYPE_VLAN, 100), 0);
	assert_int_equal(vlan_add(f, "p0.7", "p0", ETHER_TYPE_QINQ, 7), 0);
	assert_int_equal(vlan_add(f, "p0.7.8", "p0.7", ETHER_TYPE_VLAN, 8), 0);
	stack_fixture_addr(f, "p1.100", "10.9.0.1/24");
	stack_fixture_addr(f, "p1.100", "2001:db8:9::1/64");
	stack_fixture_addr(f, "p0.7.8", "10.8.0.1/24");
	stack_fixture_addr(f, "p0.7.8", "2001:db8:8::1/64");
	stack_fixture_neigh(f, "p1.100", "10.9.0.2", "02:00:00:00:09:02");
	stack_fixture_neigh(f, "p1.100", "2001:db8:9::2", "02:00:00:00:09:02");
	stack_fixture_neigh(f, "p0.7.8", "10.8.0.2", "02:00:00:00:08:02");
	stack_fixture_neigh(f, "p0.7.8", "2001:db8:8::2", "02:00:00:00:08:02");
	return f;
}

static void
test_forwards_between_tags(void **state)
{
	struct stack_fixture *f = router();

	/* One tag on, two off, none: every change of the header's length. */
	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.2");
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.9.0.2", .ttl = 63,
		.vlan = TAGGED(100), .eth_dst = "02:00:00:00:09:02");
	stack_fixture_rx(
		f, 0, .src = "2001:db8:8::2", .dst = "2001:db8:9::2", .vlan = DOUBLE(7, 8));
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "2001:db8:8::2", .dst = "2001:db8:9::2", .ttl = 63,
		.vlan = TAGGED(100), .eth_dst = "02:00:00:00:09:02");
	stack_fixture_rx(f, 1, .eth_dst = "02:00:00:00:01:01", .src = "10.9.0.2", .dst = "10.8.0.2",
		.vlan = TAGGED(100), .padding = 6);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .src = "10.9.0.2", .dst = "10.8.0.2", .ttl = 63,
		.vlan = DOUBLE(7, 8), .eth_dst = "02:00:00:00:08:02");
	stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "10.0.1.2", .vlan = DOUBLE(7, 8));
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.8.0.2", .dst = "10.0.1.2", .ttl = 63,
		.eth_dst = "02:00:00:00:02:01");
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* A datagram that claims bytes which only the tags could be. */
static void
test_tags_are_no_payload(void **state)
{
	struct stack_fixture *f = router();

	stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "10.0.1.2", .vlan = DOUBLE(7, 8),
		.total_length = 28 + 1);
	stack_fixture_rx(f, 0, .src = "2001:db8:8::2", .dst = "2001:db8:1::2", .vlan = DOUBLE(7, 8),
		.total_length = 8 + 1);
	stack_fixture_run(f);
	stack_fixture_expect_silence(f);
	assert_int_equal(stack_fixture_drops(f, DROP_ip4_bad_total_length), 1);
	assert_int_equal(stack_fixture_drops(f, DROP_ip6_bad_payload_length), 1);
	stack_fixture_destroy(f);
}

static void
test_answers_in_the_vlan(void **state)
{
	struct stack_fixture *f = router();

	stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "10.8.0.1", .vlan = DOUBLE(7, 8),
		.icmp_type = 8, .icmp_rest = 0x10001);
	stack_fixture_run(f);
	stack_fixture_expect(f, 0, .src = "10.8.0.1", .dst = "10.8.0.2", .vlan = DOUBLE(7, 8),
		.eth_dst = "02:00:00:00:08:02", .icmp_type = PACKET_ZERO, .icmp_rest = 0x10001,
		.spoil = PACKET_ANY_ID);
	stack_fixture_destroy(f);
}

/* Solicitations, answers and held packets have the tags. */
static void
test_neighbours(void **state)
{
	struct stack_fixture *f = router();
	struct rte_mbuf *request;
	struct vlan_tags tags;
	struct arp arp;
	uint16_t type;
	uint8_t *frame;

	stack_fixture_rx(f, 0, .src = "10.0.0.2", .dst = "10.9.0.77");
	stack_fixture_run(f);
	request = stack_fixture_take(f, 1);
	assert_non_null(request);
	frame = rte_pktmbuf_mtod(request, uint8_t *);
	assert_int_equal(vlan_hdr_parse(frame, request->data_len, &tags, &type), 18);
	assert_int_equal(type, ETHER_TYPE_ARP);
	assert_int_equal(tags.tags[0].id, 100);
	assert_int_equal(arp_parse(frame + 18, request->data_len - 18U, &arp), 0);
	assert_int_equal(arp.op, ARP_REQUEST);

	/* The answer: the same message, turned round. */
	arp.op = ARP_REPLY;
	arp.target_mac = arp.sender_mac;
	arp.sender_mac = (struct mac_addr){ { 2, 0, 0, 0, 9, 77 } };
	RTE_SWAP(arp.sender_ip, arp.target_ip);
	arp_build(frame + 18, &arp);
	memcpy(frame, iface(f, "p1")->mac.bytes, 6);
	memcpy(frame + 6, arp.sender_mac.bytes, 6);
	port_double_inject(f->wires[1], 0, request);
	stack_fixture_run(f);
	stack_fixture_expect(f, 1, .src = "10.0.0.2", .dst = "10.9.0.77", .ttl = 63,
		.vlan = TAGGED(100), .eth_dst = "02:00:00:00:09:4d");
	stack_fixture_expect_silence(f);
	stack_fixture_destroy(f);
}

/* What was sent of our own accord. */
struct said {
	unsigned arps, probes, advertisements, router_solicitations, reports, others;
};

static void
said_count(struct said *said, const uint8_t *packet, uint16_t type)
{
	const struct ip6_header *hdr = (const struct ip6_header *)packet;

	if (type == ETHER_TYPE_ARP)
		said->arps++;
	else if (type != ETHER_TYPE_IP6)
		said->others++;
	else if (hdr->next_header == IP_PROTO_HOPOPT)
		said->reports++;
	else if (packet[IP6_HDR_LENGTH] == ICMP6_NEIGHBOR_SOLICITATION)
		said->probes++;
	else if (packet[IP6_HDR_LENGTH] == ICMP6_NEIGHBOR_ADVERTISEMENT)
		said->advertisements++;
	else if (packet[IP6_HDR_LENGTH] == ICMP6_ROUTER_SOLICITATION)
		said->router_solicitations++;
	else
		said->others++;
}

/* Take what was sent on a port: without tags, or with exactly those expected. */
static void
said_take(struct stack_fixture *f, unsigned port, const struct vlan_tags *expected,
	struct said *untagged, struct said *tagged)
{
	struct rte_mbuf *pkt;

	while ((pkt = stack_fixture_take(f, port)) != NULL) {
		const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
		struct vlan_tags tags;
		uint16_t type;
		unsigned length = vlan_hdr_parse(frame, pkt->data_len, &tags, &type);

		if (tags.count == 0) {
			said_count(untagged, frame + length, type);
		} else {
			assert_int_equal(tags.count, expected->count);
			for (unsigned i = 0; i < tags.count; i++) {
				assert_int_equal(tags.tags[i].id, expected->tags[i].id);
				assert_int_equal(tags.tags[i].type, expected->tags[i].type);
			}
			said_count(tagged, frame + length, type);
		}
		rte_pktmbuf_free(pkt);
	}
}

/* Probes, announcements, reports and solicitations leave with the tags of their interface. */
static void
test_tells_the_vlan(void **state)
{
	const struct vlan_tags tags100 = TAGGED(100), tags78 = DOUBLE(7, 8);
	struct stack_fixture *f = stack_fixture_create(&(struct stack_fixture_config){
		.bare = true, .announce = true, .dad = true, .mld = true });
	struct said port = { 0 }, vlan = { 0 }, port0 = { 0 }, inner = { 0 };
	struct error err = { 0 };

	stack_fixture_advance(f, 20000);
	said_take(f, 0, &tags78, &port0, &inner);
	said_take(f, 1, &tags100, &port, &vlan);
	memset(&port, 0, sizeof(port));
	memset(&port0, 0, sizeof(port0));
	assert_int_equal(vlan_add(f, "p1.100", "p1", ETHER_TYPE_VLAN, 100), 0);
	assert_int_equal(stack_autoconf_set(f->stack, "p1.100", true, &err), 0);
	stack_fixture_addr(f, "p1.100", "10.9.0.1/24");
	stack_fixture_addr(f, "p1.100", "2001:db8:9::1/64");
	stack_fixture_advance(f, 20000);
	said_take(f, 1, &tags100, &port, &vlan);
	/* Each address announced twice; those of IPv6, with the link-local one, probed once. */
	assert_int_equal(vlan.arps, 2);
	assert_int_equal(vlan.probes, 2);
	assert_int_equal(vlan.advertisements, 4);
	assert_int_equal(vlan.router_solicitations, 3);
	assert_true(vlan.reports >= 2);
	assert_int_equal(vlan.others, 0);
	assert_memory_equal(&port, &(struct said){ 0 }, sizeof(port));

	/* Again when what is below comes up: told of, but known to be ours. */
	assert_int_equal(vlan_add(f, "p0.7", "p0", ETHER_TYPE_QINQ, 7), 0);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0.7", false, &err), 0);
	assert_int_equal(vlan_add(f, "p0.7.8", "p0.7", ETHER_TYPE_VLAN, 8), 0);
	stack_fixture_addr(f, "p0.7.8", "10.8.0.1/24");
	stack_fixture_advance(f, 20000);
	said_take(f, 0, &tags78, &port0, &inner);
	assert_memory_equal(&inner, &(struct said){ 0 }, sizeof(inner));
	stack_fixture_unaddr(f, "p0.7", "fe80::ff:fe00:100/64");
	assert_int_equal(stack_iface_set_admin(f->stack, "p0.7", true, &err), 0);
	stack_fixture_advance(f, 20000);
	said_take(f, 0, &tags78, &port0, &inner);
	assert_int_equal(inner.arps, 2);
	assert_int_equal(inner.probes, 1);
	assert_int_equal(inner.advertisements, 2);
	assert_memory_equal(&port0, &(struct said){ 0 }, sizeof(port0));
	stack_fixture_destroy(f);
}

/* Who has an address on the parent's link, or another VLAN, has it not on this one. */
static void
test_duplicates_are_the_vlans(void **state)
{
	const struct nd_envelope envelope = { { IP_FAMILY_6,
						      { 0x20, 1, 0x0d, 0xb8, 0, 9, [15] = 1 } },
		{ IP_FAMILY_6, { 0xff, 2, [15] = 1 } }, 255 };
	const struct nd nd = { .type = ICMP6_NEIGHBOR_ADVERTISEMENT,
		.override = true,
		.has_mac = true,
		.mac = { { 2, 0, 0, 0, 9, 9 } },
		.target = envelope.src };
	struct stack_fixture *f =
		stack_fixture_create(&(struct stack_fixture_config){ .bare = true, .dad = true });
	uint8_t body[ND_LENGTH_MAX];
	uint16_t length = (uint16_t)nd_build(body, &nd, &envelope);

	assert_int_equal(vlan_add(f, "p1.100", "p1", ETHER_TYPE_VLAN, 100), 0);
	stack_fixture_addr(f, "p1.100", "2001:db8:9::1/64");
	stack_fixture_rx(f, 1, .eth_dst = "33:33:00:00:00:01", .eth_src = "02:00:00:00:09:09",
		.src = "2001:db8:9::1", .dst = "ff02::1", .ttl = 255, .proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW, .payload = body, .payload_length = length);
	stack_fixture_run(f);
	assert_int_equal(iface(f, "p1.100")->addr_states[1], IFACE_ADDR_TENTATIVE);
	stack_fixture_rx(f, 1, .eth_dst = "33:33:00:00:00:01", .eth_src = "02:00:00:00:09:09",
		.vlan = TAGGED(100), .src = "2001:db8:9::1", .dst = "ff02::1", .ttl = 255,
		.proto = IP_PROTO_ICMP6, .spoil = PACKET_RAW, .payload = body,
		.payload_length = length);
	stack_fixture_run(f);
	assert_int_equal(iface(f, "p1.100")->addr_states[1], IFACE_ADDR_DUPLICATE);
	stack_fixture_destroy(f);
}

static void
test_follows_what_is_below(void **state)
{
	struct stack_fixture *f = router();
	struct error err = { 0 };

	assert_int_equal(stack_port_down(f->stack, "p0", &err), 0);
	assert_false(iface(f, "p0.7")->up);
	assert_false(iface(f, "p0.7.8")->up);
	assert_true(iface(f, "p1.100")->up);
	assert_int_equal(stack_port_up(f->stack, "p0", &err), 0);
	assert_true(iface(f, "p0.7.8")->up);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0.7", false, &err), 0);
	assert_true(iface(f, "p0")->up);
	assert_false(iface(f, "p0.7.8")->up);
	assert_true(iface(f, "p0.7.8")->admin_up);
	stack_fixture_rx(f, 0, .src = "10.8.0.2", .dst = "10.0.1.2", .vlan = DOUBLE(7, 8));
	stack_fixture_run(f);
	assert_int_equal(stack_fixture_drops(f, DROP_rx_no_iface), 1);
	assert_int_equal(stack_iface_set_admin(f->stack, "p0.7", true, &err), 0);
	assert_true(iface(f, "p0.7.8")->up);

	/* The MTU goes down with the parent's, and no higher than it. */
	assert_int_equal(stack_iface_set_mtu(f->stack, "p0", 1400, &err), 0);
	assert_int_equal(iface(f, "p0.7.8")->mtu, 1400);
	assert_int_equal(stack_iface_set_mtu(f->stack, "p0.7.8", 1401, &err), -EINVAL);
	assert_non_null(strstr(err.text, "p0.7 "));
	assert_int_equal(stack_iface_set_mtu(f->stack, "p0.7.8", 1300, &err), 0);
	stack_fixture_destroy(f);
}

static void
test_refused(void **state)
{
	struct stack_fixture *f = router();
	struct error err = { 0 };

	assert_int_equal(vlan_add(f, "x", "p9", ETHER_TYPE_VLAN, 1), -ENOENT);
	assert_int_equal(vlan_add(f, "x", "p0", ETHER_TYPE_VLAN, 0), -EINVAL);
	assert_int_equal(vlan_add(f, "x", "p0", ETHER_TYPE_VLAN, 4095), -EINVAL);
	assert_int_equal(vlan_add(f, "x", "p1", ETHER_TYPE_VLAN, 100), -EEXIST);
	assert_int_equal(vlan_add(f, "p1", "p1", ETHER_TYPE_VLAN, 101), -EEXIST);
	assert_int_equal(vlan_add(f, "x", "p0.7.8", ETHER_TYPE_VLAN, 9), -EINVAL);
	assert_int_equal(stack_loopback_add(f->stack, "lo", &err), 0);
	assert_int_equal(vlan_add(f, "x", "lo", ETHER_TYPE_VLAN, 9), -EINVAL);
	stack_fixture_destroy(f);
}

static void
test_goes_with_its_parent(void **state)
{
	struct stack_fixture *f = router();
	struct error err = { 0 };
	unsigned routes;

	stack_fixture_route(f, "192.0.2.0/24", "10.8.0.2");
	assert_int_equal(stack_iface_remove(f->stack, "p0.7", &err), -EBUSY);
	assert_int_equal(stack_port_remove(f->stack, "p0", &err), -EBUSY);
	stack_fixture_unroute(f, "192.0.2.0/24");
	routes = stack_fixture_routes(f);
	assert_int_equal(stack_iface_remove(f->stack, "p0.7", &err), 0);
	assert_null(iface(f, "p0.7"));
	assert_null(iface(f, "p0.7.8"));
	/* Local, connected, two broadcasts, a neighbour; local, connected, anycast, a neighbour. */
	assert_int_equal(stack_fixture_routes(f), routes - 9);
	assert_int_equal(stack_port_remove(f->stack, "p1", &err), 0);
	assert_null(iface(f, "p1.100"));
	stack_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forwards_between_tags),
		cmocka_unit_test(test_tags_are_no_payload),
		cmocka_unit_test(test_answers_in_the_vlan),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_tells_the_vlan),
		cmocka_unit_test(test_duplicates_are_the_vlans),
		cmocka_unit_test(test_follows_what_is_below),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_goes_with_its_parent),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
