/* SPDX-License-Identifier: BSD-3-Clause */
/* Hash policies: which fields count, which do not, fragments, and what is foretold of a flow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pkt/flow_policy.h"
#include "support/eal.h"
#include "support/packet.h"
#include "wire/ip6.h"

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static uint32_t
hash_of(const struct flow_policy *policy, const struct packet *packet)
{
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), packet);
	uint32_t hash;

	pkt->l2_len = ETHER_HDR_LENGTH;
	hash = strchr(packet->src, ':') != NULL ? flow_policy_ip6(policy, pkt)
						: flow_policy_ip4(policy, pkt);
	rte_pktmbuf_free(pkt);
	return hash;
}

#define HASH(policy, ...) hash_of(policy, PACKET(__VA_ARGS__))

static void
test_l3(void **state)
{
	static const struct flow_policy l3 = { .fields = FLOW_FIELDS_L3 };
	uint32_t hash = HASH(&l3, .src = "10.0.0.2", .dst = "10.0.1.2");
	uint32_t hash6 = HASH(&l3, .src = "2001:db8::2", .dst = "2001:db8::3");

	assert_int_equal(HASH(&l3, .src = "10.0.0.2", .dst = "10.0.1.2", .src_port = 77), hash);
	assert_int_equal(HASH(&l3, .src = "10.0.0.2", .dst = "10.0.1.2", .proto = 6), hash);
	assert_int_not_equal(HASH(&l3, .src = "10.0.0.3", .dst = "10.0.1.2"), hash);
	assert_int_not_equal(HASH(&l3, .src = "10.0.0.2", .dst = "10.0.1.3"), hash);
	assert_int_not_equal(HASH(&l3, .src = "10.0.1.2", .dst = "10.0.0.2"), hash);
	assert_int_equal(
		HASH(&l3, .src = "2001:db8::2", .dst = "2001:db8::3", .dst_port = 1), hash6);
	assert_int_not_equal(HASH(&l3, .src = "2001:db8::2", .dst = "2001:db8::4"), hash6);
	(void)state;
}

static void
test_l4(void **state)
{
	static const struct flow_policy l4 = { .fields = FLOW_FIELDS_L4 };
	static const struct flow_policy other = { .fields = FLOW_FIELDS_L4, .seed = 7 };
	uint32_t hash = HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2");
	uint32_t hash6 = HASH(&l4, .src = "2001:db8::2", .dst = "2001:db8::3");

	assert_int_not_equal(HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2", .src_port = 77), hash);
	assert_int_not_equal(HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2", .dst_port = 77), hash);
	assert_int_not_equal(HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2", .proto = 6), hash);
	assert_int_not_equal(HASH(&other, .src = "10.0.0.2", .dst = "10.0.1.2"), hash);
	assert_int_not_equal(
		HASH(&l4, .src = "2001:db8::2", .dst = "2001:db8::3", .src_port = 77), hash6);
	(void)state;
}

static void
test_symmetric(void **state)
{
	static const struct flow_policy both = { .fields = FLOW_FIELDS_L4, .symmetric = true };

	assert_int_equal(
		HASH(&both, .src = "10.0.0.2", .dst = "10.0.1.2", .src_port = 9, .dst_port = 5),
		HASH(&both, .src = "10.0.1.2", .dst = "10.0.0.2", .src_port = 5, .dst_port = 9));
	assert_int_equal(
		HASH(&both, .src = "10.0.0.2", .dst = "10.0.0.2", .src_port = 9, .dst_port = 5),
		HASH(&both, .src = "10.0.0.2", .dst = "10.0.0.2", .src_port = 5, .dst_port = 9));
	assert_int_equal(HASH(&both, .src = "fd00::1", .dst = "fd00::2", .src_port = 9),
		HASH(&both, .src = "fd00::2", .dst = "fd00::1", .src_port = 53, .dst_port = 9));
	assert_int_not_equal(
		HASH(&both, .src = "10.0.0.2", .dst = "10.0.1.2", .src_port = 9, .dst_port = 5),
		HASH(&both, .src = "10.0.0.2", .dst = "10.0.1.2", .src_port = 5, .dst_port = 9));
	(void)state;
}

/* The first fragment has ports, the others do not: all take one path. */
static void
test_fragments(void **state)
{
	static const struct flow_policy l4 = { .fields = FLOW_FIELDS_L4 };
	uint32_t first = HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2", .frag = IP4_FRAG_MF);

	assert_int_equal(HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2", .proto = IP_PROTO_UDP,
				 .frag = 100, .spoil = PACKET_RAW, .payload_length = 64),
		first);
	assert_int_equal(HASH(&l4, .src = "10.0.0.2", .dst = "10.0.1.2", .frag = IP4_FRAG_MF,
				 .src_port = 77),
		first);
	(void)state;
}

static void
test_flow_label(void **state)
{
	static const struct flow_policy policy = { .fields = FLOW_FIELDS_L3 | FLOW_LABEL };
	static const struct flow_policy l4 = { .fields = FLOW_FIELDS_L4 };
	struct ip_flow flow = { .proto = 17, .src_port = 4000, .dst_port = 53, .label = 0x12345 };
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), PACKET(.src = "fd00::1", .dst = "fd00::2"));
	uint32_t plain, plain4;

	pkt->l2_len = ETHER_HDR_LENGTH;
	plain = flow_policy_ip6(&policy, pkt);
	plain4 = flow_policy_ip6(&l4, pkt);
	memcpy(rte_pktmbuf_mtod_offset(pkt, uint8_t *, ETHER_HDR_LENGTH),
		(uint8_t[]){ 0x60, 0x01, 0x23, 0x45 }, 4);
	assert_int_not_equal(flow_policy_ip6(&policy, pkt), plain);
	assert_int_equal(flow_policy_ip6(&l4, pkt), plain4);
	assert_int_equal(ip_addr_parse("fd00::1", &flow.src), 0);
	assert_int_equal(ip_addr_parse("fd00::2", &flow.dst), 0);
	assert_int_equal(flow_policy_flow(&policy, &flow), flow_policy_ip6(&policy, pkt));
	assert_int_equal(flow_policy_flow(&l4, &flow), plain4);
	/* The traffic class is no part of it. */
	*rte_pktmbuf_mtod_offset(pkt, uint8_t *, ETHER_HDR_LENGTH) = 0x6f;
	assert_int_equal(flow_policy_flow(&policy, &flow), flow_policy_ip6(&policy, pkt));
	rte_pktmbuf_free(pkt);
	(void)state;
}

/* What is said of a flow is what its packets do, whatever the policy. */
static void
test_foretold(void **state)
{
	static const char *const addrs[][2] = { { "10.0.0.2", "10.0.1.2" },
		{ "fd00::1", "fd00::2" } };
	struct ip_flow flow = { .proto = 17, .src_port = 4000, .dst_port = 53 };

	for (unsigned fields = 1; fields < 64; fields++) {
		for (unsigned i = 0; i < 4; i++) {
			struct flow_policy policy = { (uint8_t)fields, i >= 2, fields * 99, false };

			assert_int_equal(ip_addr_parse(addrs[i % 2][0], &flow.src), 0);
			assert_int_equal(ip_addr_parse(addrs[i % 2][1], &flow.dst), 0);
			assert_int_equal(flow_policy_flow(&policy, &flow),
				HASH(&policy, .src = addrs[i % 2][0], .dst = addrs[i % 2][1]));
		}
	}
	(void)state;
}

/* ---- tunnels ---- */

/* What stands between an outer IP header and the inner packet. */
struct encapsulation {
	const char *name;
	uint8_t proto;
	uint16_t dst_port; /* of UDP; 0: none */
	bool ether; /* the inner packet has an Ethernet header */
	unsigned length;
	uint8_t bytes[24];
	uint16_t type_at; /* where the inner EtherType is; 0: nowhere */
};

static const struct encapsulation encapsulations[] = {
	{ "ipip", 4, 0, false, 0, { 0 }, 0 },
	{ "gre", 47, 0, false, 4, { 0 }, 2 },
	{ "gre with all", 47, 0, false, 16, { 0xb0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 }, 2 },
	{ "gre of ethernet", 47, 0, true, 8, { 0x20, 0, 0x65, 0x58, 0, 1, 2, 3 }, 0 },
	{ "vxlan", 17, 4789, true, 8, { 0x08, 0, 0, 0, 1, 2, 3, 0 }, 0 },
	{ "gtp-u", 17, 2152, false, 8, { 0x30, 255, 0, 0, 1, 2, 3, 4 }, 0 },
	{ "gtp-u with a sequence", 17, 2152, false, 12,
		{ 0x32, 255, 0, 0, 1, 2, 3, 4, 0, 9, 0, 0x85 }, 0 },
	{ "gtp-u with extensions", 17, 2152, false, 24,
		{ 0x34, 255, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0x85, 2, 0, 0, 0, 0, 0, 0, 0xc0, 1, 0, 0,
			0 },
		0 },
};

/* The bytes behind an outer IP header. @return how many */
static unsigned
encapsulate(const struct encapsulation *encapsulation, const struct packet *inner, uint8_t *bytes)
{
	const bool ip6 = strchr(inner->src, ':') != NULL;
	struct packet bare = *inner;
	unsigned at = 0;

	if (encapsulation->dst_port != 0) {
		memcpy(bytes,
			(uint8_t[]){ 0x12, 0x34, (uint8_t)(encapsulation->dst_port >> 8),
				(uint8_t)encapsulation->dst_port, 0, 0, 0, 0 },
			8);
		at = 8;
	}
	memcpy(bytes + at, encapsulation->bytes, encapsulation->length);
	if (encapsulation->type_at != 0)
		memcpy(bytes + at + encapsulation->type_at,
			ip6 ? (uint8_t[]){ 0x86, 0xdd } : (uint8_t[]){ 8, 0 }, 2);
	at += encapsulation->length;
	if (!encapsulation->ether)
		bare.spoil |= PACKET_NO_ETHER;
	return at + (unsigned)packet_write(&bare, bytes + at);
}

static uint8_t
outer_proto(const struct encapsulation *encapsulation, const struct packet *inner)
{
	return encapsulation->proto == 4 && strchr(inner->src, ':') != NULL ? 41
									    : encapsulation->proto;
}

/* Of a packet in a tunnel; cut off after so many bytes of it, 0: whole. */
static uint32_t
tunnel_hash(const struct flow_policy *policy, const struct encapsulation *encapsulation,
	const char *outer_src, const struct packet *inner, uint16_t cut)
{
	static uint8_t bytes[PACKET_MAX];
	const bool ip6 = strchr(outer_src, ':') != NULL;
	unsigned length = encapsulate(encapsulation, inner, bytes);

	return hash_of(policy,
		PACKET(.src = outer_src, .dst = ip6 ? "fd00::99" : "192.0.2.99",
			.proto = outer_proto(encapsulation, inner), .spoil = PACKET_RAW,
			.payload = bytes, .payload_length = cut != 0 ? cut : (uint16_t)length));
}

/* Only the inner fields count, and they do as those of the packet outside of the tunnel do. */
static void
test_inner(void **state)
{
	static const struct flow_policy inner = { .fields = FLOW_FIELDS_L4, .inner = true };
	static const struct flow_policy outer = { .fields = FLOW_FIELDS_L4 };
	static const char *const outers[] = { "192.0.2.1", "192.0.2.2", "fd00::1" };
	const struct packet *const inners[] = { PACKET(.src = "10.0.0.2", .dst = "10.0.1.2"),
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .src_port = 77),
		PACKET(.src = "2001:db8::2", .dst = "2001:db8::3"),
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .proto = IP_PROTO_TCP) };

	for (unsigned e = 0; e < RTE_DIM(encapsulations); e++) {
		for (unsigned i = 0; i < RTE_DIM(inners); i++) {
			for (unsigned o = 0; o < RTE_DIM(outers); o++) {
				if (tunnel_hash(&inner, &encapsulations[e], outers[o], inners[i],
					    0) != hash_of(&inner, inners[i]))
					fail_msg("%s, outer %u, inner %u", encapsulations[e].name,
						o, i);
			}
		}
		/* As long as it is not asked for, it is the outer ones that do. */
		assert_int_equal(tunnel_hash(&outer, &encapsulations[e], "192.0.2.1", inners[0], 0),
			tunnel_hash(&outer, &encapsulations[e], "192.0.2.1", inners[1], 0));
	}
	(void)state;
}

/* Cut off anywhere before the inner header ends: the outer header counts, as it does for others. */
static void
test_inner_cut(void **state)
{
	static const struct flow_policy inner = { .fields = FLOW_FIELDS_L3, .inner = true };
	static const struct flow_policy outer = { .fields = FLOW_FIELDS_L3 };

	for (unsigned e = 0; e < RTE_DIM(encapsulations); e++) {
		const struct encapsulation *way = &encapsulations[e];
		const struct packet *packet = PACKET(.src = "10.0.0.2", .dst = "10.0.1.2");
		unsigned whole =
			way->length + (way->dst_port != 0 ? 8 : 0) + (way->ether ? 14 : 0) + 20;

		for (uint16_t cut = 1; cut < whole; cut++)
			assert_int_equal(tunnel_hash(&inner, way, "192.0.2.1", packet, cut),
				tunnel_hash(&outer, way, "192.0.2.1", packet, cut));
		assert_int_not_equal(tunnel_hash(&inner, way, "192.0.2.1", packet, (uint16_t)whole),
			tunnel_hash(&outer, way, "192.0.2.1", packet, (uint16_t)whole));
	}
	(void)state;
}

/* What looks like a tunnel and is none. */
static void
test_inner_refused(void **state)
{
	static const struct flow_policy inner = { .fields = FLOW_FIELDS_L3, .inner = true };
	static const struct flow_policy outer = { .fields = FLOW_FIELDS_L3 };
	static const struct encapsulation bad[] = {
		{ "gre with routing", 47, 0, false, 4, { 0x40 }, 2 },
		{ "gre of version 1", 47, 0, false, 4, { 0, 1 }, 2 },
		{ "gre of something", 47, 0, false, 4, { 0, 0, 0x88, 0x0b }, 0 },
		{ "vxlan without a network", 17, 4789, true, 8, { 0 }, 0 },
		{ "gtp prime", 17, 2152, false, 8, { 0x20, 255 }, 0 },
		{ "gtp of version 2", 17, 2152, false, 8, { 0x50, 255 }, 0 },
		{ "gtp echo", 17, 2152, false, 8, { 0x30, 1 }, 0 },
		{ "gtp with an extension of no length", 17, 2152, false, 16,
			{ 0x34, 255, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0x85, 0 }, 0 },
		{ "gtp with a long extension", 17, 2152, false, 16,
			{ 0x34, 255, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0x85, 255 }, 0 },
		{ "dns", 17, 53, false, 0, { 0 }, 0 },
		{ "something in ip", 99, 0, false, 0, { 0 }, 0 },
	};
	const struct packet *const packets[] = {
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .version_ihl = 0x44),
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .version_ihl = 0x65),
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .version_ihl = 0x05),
	};
	const struct packet *good = PACKET(.src = "10.0.0.2", .dst = "10.0.1.2");

	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		if (tunnel_hash(&inner, &bad[i], "192.0.2.1", good, 0) !=
			tunnel_hash(&outer, &bad[i], "192.0.2.1", good, 0))
			fail_msg("%s", bad[i].name);
	}
	for (unsigned i = 0; i < RTE_DIM(packets); i++)
		assert_int_equal(
			tunnel_hash(&inner, &encapsulations[0], "192.0.2.1", packets[i], 0),
			tunnel_hash(&outer, &encapsulations[0], "192.0.2.1", packets[i], 0));
	(void)state;
}

/* All fragments of an outer datagram have one hash; those of an inner one too. */
static void
test_inner_fragments(void **state)
{
	static const struct flow_policy inner = { .fields = FLOW_FIELDS_L4, .inner = true };
	static uint8_t bytes[PACKET_MAX];
	unsigned length = encapsulate(
		&encapsulations[0], PACKET(.src = "10.0.0.2", .dst = "10.0.1.2"), bytes);

	assert_int_equal(HASH(&inner, .src = "192.0.2.1", .dst = "192.0.2.2", .proto = 4,
				 .frag = IP4_FRAG_MF, .spoil = PACKET_RAW, .payload = bytes,
				 .payload_length = (uint16_t)length),
		HASH(&inner, .src = "192.0.2.1", .dst = "192.0.2.2", .proto = 4, .frag = 100,
			.spoil = PACKET_RAW, .payload_length = 64));
	assert_int_equal(
		tunnel_hash(&inner, &encapsulations[1], "192.0.2.1",
			PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .frag = IP4_FRAG_MF), 0),
		tunnel_hash(&inner, &encapsulations[1], "192.0.2.1",
			PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .frag = 100,
				.proto = IP_PROTO_UDP, .spoil = PACKET_RAW),
			0));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_l3),
		cmocka_unit_test(test_l4),
		cmocka_unit_test(test_symmetric),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_flow_label),
		cmocka_unit_test(test_foretold),
		cmocka_unit_test(test_inner),
		cmocka_unit_test(test_inner_cut),
		cmocka_unit_test(test_inner_refused),
		cmocka_unit_test(test_inner_fragments),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
