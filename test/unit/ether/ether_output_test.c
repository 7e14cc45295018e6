/* SPDX-License-Identifier: BSD-3-Clause */
/* Adjacencies in front of packets, and packets by port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ether/ether.h"
#include "support/eal.h"
#include "support/packet.h"

static struct pkt_vec in, tx[64], drops;
static uint64_t ports;
static const struct ether_output_out out = { tx, &ports, &drops };
static struct nexthop_counters counters[4];

/* Three gateways, on ports 0, 5 and 63; the last one has a longer link header. */
static const struct nexthop nexthops[4] = {
	[1] = { .rewrite = { 2, 0, 0, 0, 2, 1, 2, 0, 0, 0, 1, 1, 8, 0 },
		.type = NEXTHOP_GATEWAY,
		.rewrite_length = 14,
		.port = 0 },
	[2] = { .rewrite = { 2, 0, 0, 0, 2, 2, 2, 0, 0, 0, 1, 2, 0x86, 0xdd },
		.type = NEXTHOP_GATEWAY,
		.rewrite_length = 14,
		.port = 5 },
	[3] = { .rewrite = { 2, 0, 0, 0, 2, 3, 2, 0, 0, 0, 1, 3, 0x81, 0, 0, 100, 8, 0 },
		.type = NEXTHOP_GATEWAY,
		.rewrite_length = 18,
		.port = 63 },
};

static int
setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static struct rte_mbuf *
add(const struct packet *packet, uint32_t nexthop)
{
	struct rte_mbuf *pkt = packet_mbuf(test_pool(), packet);

	pkt->l2_len = (packet->spoil & PACKET_NO_ETHER) != 0 ? 0 : ETHER_HDR_LENGTH;
	pkt_meta_init(pkt, 0, 0);
	pkt_meta(pkt)->nexthop = nexthop;
	pkt_vec_append(&in, pkt);
	return pkt;
}

static void
output(void)
{
	ports = 0;
	memset(counters, 0, sizeof(counters));
	ether_output(nexthops, counters, &in, &out);
	in.count = 0;
}

static void
empty(void)
{
	for (unsigned i = 0; i < 64; i++) {
		rte_pktmbuf_free_bulk(tx[i].pkts, tx[i].count);
		tx[i].count = 0;
	}
	rte_pktmbuf_free_bulk(drops.pkts, drops.count);
	drops.count = 0;
}

static void
test_replaces_the_link_header(void **state)
{
	struct rte_mbuf *pkt =
		add(PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 9), 1);

	output();
	assert_int_equal(ports, 1ULL << 0);
	assert_int_equal(tx[0].count, 1);
	assert_int_equal(pkt_meta(pkt)->tx_port, 0);
	assert_int_equal(pkt->l2_len, 14);
	packet_assert(pkt, .eth_dst = "02:00:00:00:02:01", .eth_src = "02:00:00:00:01:01",
		.src = "10.0.0.2", .dst = "10.0.1.2", .payload_length = 9);
	empty();
}

/* What was made here has no link header yet. */
static void
test_prepends(void **state)
{
	struct rte_mbuf *pkt = add(
		PACKET(.src = "2001:db8::1", .dst = "2001:db8::2", .spoil = PACKET_NO_ETHER), 2);

	output();
	assert_int_equal(ports, 1ULL << 5);
	packet_assert(pkt, .eth_dst = "02:00:00:00:02:02", .eth_src = "02:00:00:00:01:02",
		.src = "2001:db8::1", .dst = "2001:db8::2");
	assert_int_equal(pkt->l2_len, 14);
	empty();
}

/* Longer than what is there, as with a tag: into the headroom. */
static void
test_longer_header(void **state)
{
	static const uint8_t header[18] = { 2, 0, 0, 0, 2, 3, 2, 0, 0, 0, 1, 3, 0x81, 0, 0, 100, 8,
		0 };
	struct rte_mbuf *pkt = add(PACKET(.src = "10.0.0.2", .dst = "10.0.1.2"), 3);
	uint8_t plain[PACKET_MAX], frame[PACKET_MAX];
	size_t length = packet_write(
		PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .spoil = PACKET_NO_ETHER), plain);

	output();
	assert_int_equal(ports, 1ULL << 63);
	assert_int_equal(packet_bytes(pkt, frame), sizeof(header) + length);
	assert_memory_equal(frame, header, sizeof(header));
	assert_memory_equal(frame + sizeof(header), plain, length);
	assert_int_equal(pkt->l2_len, 18);
	empty();
}

/* Shorter than what is there: what is in front goes. */
static void
test_shorter_header(void **state)
{
	struct rte_mbuf *pkt = add(PACKET(.src = "10.0.0.2", .dst = "10.0.1.2"), 1);

	assert_non_null(rte_pktmbuf_prepend(pkt, 4));
	pkt->l2_len = 18;
	output();
	packet_assert(pkt, .eth_dst = "02:00:00:00:02:01", .eth_src = "02:00:00:00:01:01",
		.src = "10.0.0.2", .dst = "10.0.1.2");
	empty();
}

static void
test_no_headroom(void **state)
{
	struct rte_mbuf *pkt =
		add(PACKET(.src = "10.0.0.2", .dst = "10.0.1.2", .spoil = PACKET_NO_ETHER), 1);

	assert_non_null(rte_pktmbuf_prepend(pkt, rte_pktmbuf_headroom(pkt) - 13));
	output();
	assert_int_equal(tx[0].count, 0);
	assert_int_equal(drops.count, 1);
	assert_int_equal(pkt_meta(pkt)->reason, DROP_tx_no_headroom);
	assert_int_equal(counters[1].packets, 0);
	empty();
}

/* However nexthops alternate, each is counted by itself; order within a port stays. */
static void
test_counts_by_nexthop(void **state)
{
	static const uint8_t order[] = { 1, 1, 2, 1, 3, 3, 3, 2, 2, 1, 3 };
	uint64_t packets[4] = { 0 }, bytes[4] = { 0 };

	for (unsigned i = 0; i < RTE_DIM(order); i++) {
		const struct rte_mbuf *pkt = add(PACKET(.src = "10.0.0.2", .dst = "10.0.1.2",
							 .payload_length = (uint16_t)(i * 3)),
			order[i]);

		packets[order[i]]++;
		bytes[order[i]] += pkt->pkt_len - 14U + nexthops[order[i]].rewrite_length;
	}
	output();
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(counters[i].packets, packets[i]);
		assert_int_equal(counters[i].bytes, bytes[i]);
	}
	assert_int_equal(ports, 1ULL << 0 | 1ULL << 5 | 1ULL << 63);
	assert_int_equal(tx[0].count, packets[1]);
	assert_int_equal(tx[5].count, packets[2]);
	assert_int_equal(tx[63].count, packets[3]);
	for (unsigned i = 1; i < tx[0].count; i++)
		assert_true(tx[0].pkts[i]->pkt_len > tx[0].pkts[i - 1]->pkt_len);
	empty();
}

static void
test_nothing(void **state)
{
	output();
	assert_int_equal(ports, 0);
	assert_int_equal(drops.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_replaces_the_link_header, test_pool_check),
		cmocka_unit_test_teardown(test_prepends, test_pool_check),
		cmocka_unit_test_teardown(test_longer_header, test_pool_check),
		cmocka_unit_test_teardown(test_shorter_header, test_pool_check),
		cmocka_unit_test_teardown(test_no_headroom, test_pool_check),
		cmocka_unit_test_teardown(test_counts_by_nexthop, test_pool_check),
		cmocka_unit_test_teardown(test_nothing, test_pool_check),
	};

	return cmocka_run_group_tests(tests, setup, test_eal_teardown);
}
