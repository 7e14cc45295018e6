/* SPDX-License-Identifier: BSD-3-Clause */
/* RSS at an end of a cable: where flows go, and that what says so may change at any time. */
#include "unit/drivers/cable_fixture.h"

#include <rte_random.h>

#define FLOWS 2000

static struct ip_flow
flow_draw(void)
{
	static const uint8_t protos[] = { IP_PROTO_TCP, IP_PROTO_UDP, IP_PROTO_SCTP, 47 };
	uint8_t family = rte_rand_max(2) == 0 ? IP_FAMILY_4 : IP_FAMILY_6;
	struct ip_flow flow = {
		.src.family = family,
		.dst.family = family,
		.proto = protos[rte_rand_max(4)],
		.src_port = (uint16_t)(1 + rte_rand_max(65535)),
		.dst_port = (uint16_t)(1 + rte_rand_max(65535)),
	};

	for (unsigned i = 0; i < ip_addr_length(&flow.src); i++) {
		flow.src.bytes[i] = (uint8_t)rte_rand();
		flow.dst.bytes[i] = (uint8_t)rte_rand();
	}
	return flow;
}

static void
flow_send(struct cable_fixture *f, const struct ip_flow *flow)
{
	/* As long as any of the headers: what is behind the ports does not matter. */
	const uint8_t payload[20] = { (uint8_t)(flow->src_port >> 8), (uint8_t)flow->src_port,
		(uint8_t)(flow->dst_port >> 8), (uint8_t)flow->dst_port };
	char src[IP_TEXT_MAX], dst[IP_TEXT_MAX];

	cable_fixture_send(f, 0, .src = ip_addr_format(&flow->src, src),
		.dst = ip_addr_format(&flow->dst, dst), .proto = flow->proto, .spoil = PACKET_RAW,
		.payload = payload, .payload_length = sizeof(payload));
}

/* Flows arrive with the hash, and in the queue, that the port's configuration says. */
static void
check_flows(struct cable_fixture *f)
{
	struct port_rss rss;

	assert_int_equal(cable_port_ops.rss_get(f->ports[1], &rss), 0);
	for (unsigned i = 0; i < FLOWS; i++) {
		struct ip_flow flow = flow_draw();
		uint16_t queue = UINT16_MAX;
		struct rte_mbuf *pkt;
		uint32_t hash;
		bool hashed = port_rss_hash(&rss, &flow, &hash);

		flow_send(f, &flow);
		pkt = cable_fixture_take(f, 1, &queue);
		assert_non_null(pkt);
		assert_int_equal((pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0, hashed);
		assert_int_equal(queue, hashed ? rss.reta[hash % 128] : 0);
		if (hashed)
			assert_int_equal(pkt->hash.rss, hash);
		rte_pktmbuf_free(pkt);
	}
}

static void
check_key(uint16_t length)
{
	struct port_rss wanted = { .fields = PORT_RSS_FLOW_FIELDS };
	uint16_t reta[CABLE_RETA_SIZE];
	struct cable_fixture f;
	struct error err = { 0 };
	char args[32];

	snprintf(args, sizeof(args), "key %u", length);
	cable_fixture_create(&f, args, 4);
	assert_int_equal(f.ports[1]->rss.key_length, length);
	assert_int_equal(f.ports[1]->rss.reta_size, 128);
	check_flows(&f);
	for (unsigned i = 0; i < length; i++)
		wanted.key[i] = (uint8_t)(i * 73 + 41);
	assert_int_equal(cable_port_ops.rss_set_hash(f.ports[1], &wanted, &err), 0);
	check_flows(&f);
	for (unsigned i = 0; i < CABLE_RETA_SIZE; i++)
		reta[i] = i < 100 ? 3 : 1;
	assert_int_equal(cable_port_ops.rss_set_reta(f.ports[1], reta, &err), 0);
	check_flows(&f);
	wanted.fields = PORT_RSS_IP4_UDP | PORT_RSS_IP6 | PORT_RSS_IP6_SCTP | PORT_RSS_IP4_OTHER;
	assert_int_equal(cable_port_ops.rss_set_hash(f.ports[1], &wanted, &err), 0);
	check_flows(&f);
	reta[5] = 4;
	assert_int_equal(cable_port_ops.rss_set_reta(f.ports[1], reta, &err), -EINVAL);
	cable_fixture_destroy(&f);
}

static void
test_key_40(void **state)
{
	check_key(40);
}

static void
test_key_52(void **state)
{
	check_key(52);
}

/* The hash may stay in the NIC. */
static void
test_hash_not_delivered(void **state)
{
	struct ip_flow flow = flow_draw();
	struct cable_fixture f;
	struct rte_mbuf *pkt;

	cable_fixture_create(&f, "offloads none", 4);
	flow_send(&f, &flow);
	pkt = cable_fixture_take(&f, 1, NULL);
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_RX_RSS_HASH, 0);
	rte_pktmbuf_free(pkt);
	cable_fixture_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_key_40, test_pool_check),
		cmocka_unit_test_teardown(test_key_52, test_pool_check),
		cmocka_unit_test_teardown(test_hash_not_delivered, test_pool_check),
	};

	rte_srand(1);
	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
