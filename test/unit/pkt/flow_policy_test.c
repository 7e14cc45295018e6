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
			struct flow_policy policy = { (uint8_t)fields, i >= 2, fields * 99 };

			assert_int_equal(ip_addr_parse(addrs[i % 2][0], &flow.src), 0);
			assert_int_equal(ip_addr_parse(addrs[i % 2][1], &flow.dst), 0);
			assert_int_equal(flow_policy_flow(&policy, &flow),
				HASH(&policy, .src = addrs[i % 2][0], .dst = addrs[i % 2][1]));
		}
	}
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
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
