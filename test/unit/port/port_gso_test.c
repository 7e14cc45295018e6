/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP segmentation at the tx edge: what a receiver gets of a packet of up to 64 KB, on any port. */
#include "unit/port/gso_fixture.h"

static void
send_all(const struct large *large)
{
	uint32_t length = append(large)->pkt_len;
	uint64_t bytes = port->txq_counters[0].bytes;

	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 0);
	assert_int_equal(port->txq_counters[0].bytes - bytes, length);
	expect_segments(large, large->length);
	assert_int_equal(port_double_sent(wire, 0), 0);
}

static void
test_largest(void **state)
{
	send_all(&(struct large){ .length = IP_MAX - 20 - TCP_LENGTH, .segsz = 1448 });
	send_all(&(struct large){ .ip6 = true, .length = IP_MAX - TCP_LENGTH, .segsz = 1428 });
	assert_int_equal(port->txq_counters[0].packets, 2);
}

/* The data end with a segment, or leave one byte, or are less than one. */
static void
test_lengths(void **state)
{
	static const uint32_t lengths[] = { 1, 99, 100, 101, 199, 200, 201, 6400 };

	for (unsigned i = 0; i < RTE_DIM(lengths); i++) {
		for (unsigned k = 0; k < 6; k++)
			send_all(&(struct large){ .ip6 = k % 2 != 0,
				.length = lengths[i],
				.segsz = 100,
				.tags = k / 2,
				.buffer = 61 + k });
	}
}

/* In plain buffers, also where the packet is in many. */
static void
test_single_buffers(void **state)
{
	struct rte_mbuf *pkt;

	port->offloads = 0;
	send_all(&(struct large){ .length = 20000, .segsz = 1448, .buffer = 333 });
	append(&(struct large){ .length = 3000, .segsz = 1448 });
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	pkt = port_double_take(wire, 0);
	assert_int_equal(pkt->nb_segs, 1);
	rte_pktmbuf_free(pkt);
}

/* Of segments that no buffer holds. */
static void
test_jumbo(void **state)
{
	const struct large large = { .length = 30000, .segsz = 8948 };

	send_all(&large);
	port->offloads = 0;
	append(&large);
	append_plain("10.0.0.1");
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 1);
	assert_int_equal(pkt_meta(drops.pkts[0])->reason, DROP_tx_unsupported);
	expect_plain("10.0.0.1");
}

/* The port fills in what it can, of each segment. */
static void
test_checksums_in_hardware(void **state)
{
	const struct large large = { .length = 250, .segsz = 100 };
	struct rte_mbuf *pkt;

	port->offloads |= PORT_TX_IP4_CHECKSUM | PORT_TX_L4_CHECKSUM;
	append(&large);
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	for (unsigned i = 0; i < 3; i++) {
		pkt = port_double_take(wire, 0);
		assert_int_equal(pkt->ol_flags,
			RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM);
		assert_int_equal(pkt->l2_len, ETHER_HDR_LENGTH);
		assert_int_equal(pkt->l3_len, IP4_HDR_LENGTH);
		assert_int_equal(pkt->l4_len, TCP_LENGTH);
		rte_pktmbuf_free(pkt);
	}
}

/* A port that segments gets it whole, with the sum of a pseudo header that has no length. */
static void
test_in_hardware(void **state)
{
	const struct large large = { .ip6 = true, .length = 40000, .segsz = 1428 };
	uint8_t frame[ETHER_HDR_LENGTH + IP6_HDR_LENGTH + TCP_LENGTH];
	struct rte_mbuf *pkt = append(&large);
	uint32_t sum = IP_PROTO_TCP;

	port->offloads |= PORT_TX_TSO;
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_ptr_equal(port_double_take(wire, 0), pkt);
	assert_int_equal(pkt->ol_flags,
		RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_TCP_CKSUM);
	pkt_copy_out(pkt, 0, sizeof(frame), frame);
	for (unsigned i = ETHER_HDR_LENGTH + 8; i < ETHER_HDR_LENGTH + IP6_HDR_LENGTH; i += 2)
		sum += be16_load(frame + i);
	/* Not of which a checksum is made: its complement. */
	assert_int_equal(be16_load(frame + ETHER_HDR_LENGTH + IP6_HDR_LENGTH + 16),
		(uint16_t)~packet_checksum(sum, NULL, 0));
	rte_pktmbuf_free(pkt);
	/* It takes one buffer a packet: then it is cut here. */
	port->offloads = PORT_TX_TSO;
	send_all(&large);
}

/* What a port that segments does not take is cut here: too many buffers, too small segments. */
static void
test_limits_of_hardware(void **state)
{
	const struct large large = { .length = 5000, .segsz = 1000, .buffer = 1000 };
	struct rte_mbuf *pkt = append(&large);

	port->offloads |= PORT_TX_TSO;
	port->tx_tso_segs_max = pkt->nb_segs;
	/* The checksum of IP's header is there for ports that leave it as it is. */
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_ptr_equal(port_double_take(wire, 0), pkt);
	assert_int_equal(pkt->ol_flags & RTE_MBUF_F_TX_IP_CKSUM, 0);
	assert_int_equal(
		packet_checksum(0, rte_pktmbuf_mtod_offset(pkt, const uint8_t *, ETHER_HDR_LENGTH),
			IP4_HDR_LENGTH),
		0);
	port->tx_tso_segs_max = pkt->nb_segs - 1;
	rte_pktmbuf_free(pkt);
	send_all(&large);
	send_all(&(struct large){ .length = 700, .segsz = PORT_TSO_SEGMENT_MIN - 1 });
	append(&(struct large){ .length = 700, .segsz = PORT_TSO_SEGMENT_MIN });
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(port_double_sent(wire, 0), 1);
	rte_pktmbuf_free(port_double_take(wire, 0));
}

/* A port has room for so many buffers of one segment, the first with the header. */
static void
test_buffers_of_a_segment(void **state)
{
	static const struct {
		unsigned buffer;
		uint16_t segsz, max;
		bool in_hardware;
	} cases[] = {
		{ 500, 1000, 4, true }, /* two buffers hold it */
		{ 499, 1000, 4, false },
		{ 100, 1000, 12, true },
		{ 100, 1000, 11, false },
		{ 1000, 1000, 2, false },
	};
	struct rte_mbuf *pkt;

	port->offloads |= PORT_TX_TSO;
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		const struct large large = {
			.length = 6000, .segsz = cases[i].segsz, .buffer = cases[i].buffer
		};

		port->tx_segs_max = cases[i].max;
		if (!cases[i].in_hardware) {
			send_all(&large);
			continue;
		}
		pkt = append(&large);
		assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
		assert_ptr_equal(port_double_take(wire, 0), pkt);
		rte_pktmbuf_free(pkt);
	}
}

/* What the queue has no room for stays behind: a large packet does not overtake a plain one. */
static void
test_queue_full_of_plain(void **state)
{
	append_plain("10.0.0.1");
	append_plain("10.0.0.2");
	append(&(struct large){ .length = 5000, .segsz = 1000 });
	wire->tx_room = 1;
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pkt_meta(drops.pkts[i])->reason, DROP_tx_queue_full);
	assert_int_equal(drops.pkts[0]->ol_flags & RTE_MBUF_F_TX_TCP_SEG, 0);
	expect_plain("10.0.0.1");
	assert_int_equal(port_double_sent(wire, 0), 0);
	assert_int_equal(port->txq_counters[0].packets, 1);
	assert_int_equal(port->txq_counters[0].drops, 2);
}

static void
test_order(void **state)
{
	const struct large first = { .length = 5000, .segsz = 1000 };
	const struct large second = { .ip6 = true, .length = 700, .segsz = 500 };

	append_plain("10.0.0.1");
	append(&first);
	append(&second);
	append_plain("10.0.0.3");
	append_plain("10.0.0.4");
	assert_int_equal(port_tx(port, 0, &vec, &drops), 5);
	assert_int_equal(vec.count, 0);
	expect_plain("10.0.0.1");
	expect_segments(&first, first.length);
	expect_segments(&second, second.length);
	expect_plain("10.0.0.3");
	expect_plain("10.0.0.4");
	assert_int_equal(port->txq_counters[0].packets, 5);
}

/* It is dropped, though some of it is on the wire; and so is what is behind it. */
static void
test_queue_full(void **state)
{
	const struct large large = { .length = 50000, .segsz = 1000 };

	append_plain("10.0.0.1");
	append(&large);
	append_plain("10.0.0.3");
	wire->tx_room = 1 + 40;
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pkt_meta(drops.pkts[i])->reason, DROP_tx_queue_full);
	assert_int_equal(port->txq_counters[0].packets, 1);
	assert_int_equal(port->txq_counters[0].drops, 2);
	expect_plain("10.0.0.1");
	expect_segments(&large, 40 * large.segsz);
	assert_int_equal(port_double_sent(wire, 0), 0);
}

static void
test_no_buffers(void **state)
{
	struct rte_mbuf *held[TEST_POOL_SIZE];
	unsigned count = 0;

	append(&(struct large){ .length = 5000, .segsz = 1000 });
	append_plain("10.0.0.3");
	/* Three are left. */
	while ((held[count] = rte_pktmbuf_alloc(test_pool())) != NULL)
		count++;
	rte_pktmbuf_free_bulk(held, 3);
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 1);
	assert_int_equal(pkt_meta(drops.pkts[0])->reason, DROP_tx_nomem);
	expect_plain("10.0.0.3");
	rte_pktmbuf_free_bulk(held + 3, count - 3);
}

/* Packets that say of themselves what is not so. */
static void
test_refused(void **state)
{
	const struct large large = { .length = 3000, .segsz = 1000 };

	append(&large)->tso_segsz = 0;
	append(&large)->l4_len = 19;
	append(&large)->l3_len = 19;
	append(&large)->l2_len = 0;
	append(&(struct large){ .length = 0, .segsz = 1000 });
	append(&(struct large){ .length = 100, .segsz = 1000 })->l3_len = 256;
	append_plain("10.0.0.1");
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 6);
	for (unsigned i = 0; i < drops.count; i++)
		assert_int_equal(pkt_meta(drops.pkts[i])->reason, DROP_tx_unsupported);
	assert_int_equal(port->txq_counters[0].packets, 1);
	expect_plain("10.0.0.1");
}

/* SCTP's checksum, in whole packets and in pieces that cut it. */
static void
test_sctp(void **state)
{
	static const unsigned buffers[] = { 2000, 100, 50, 41, 35 };

	for (unsigned i = 0; i < 2 * RTE_DIM(buffers); i++) {
		const struct packet packet = {
			.src = i % 2 ? "2001:db8::1" : "10.0.0.1",
			.dst = i % 2 ? "2001:db8::2" : "10.0.0.2",
			.proto = IP_PROTO_SCTP,
			.vtag = 7,
			.payload = data,
			.payload_length = (uint16_t)(300 + i),
			.segment = (uint16_t)buffers[i / 2],
		};
		struct packet spoiled = packet;
		struct rte_mbuf *pkt;

		spoiled.spoil = PACKET_BAD_L4_CHECKSUM;
		pkt = packet_mbuf(test_pool(), &spoiled);
		pkt->l2_len = ETHER_HDR_LENGTH;
		pkt->l3_len = i % 2 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH;
		pkt->ol_flags = RTE_MBUF_F_TX_SCTP_CKSUM;
		pkt_vec_append(&vec, pkt);
		assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
		pkt = port_double_take(wire, 0);
		packet_assert_at(pkt, &packet, __FILE__, __LINE__);
		assert_int_equal(pkt->ol_flags, 0);
		rte_pktmbuf_free(pkt);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		GSO_TEST(test_largest),
		GSO_TEST(test_lengths),
		GSO_TEST(test_single_buffers),
		GSO_TEST(test_jumbo),
		GSO_TEST(test_checksums_in_hardware),
		GSO_TEST(test_in_hardware),
		GSO_TEST(test_limits_of_hardware),
		GSO_TEST(test_buffers_of_a_segment),
		GSO_TEST(test_queue_full_of_plain),
		GSO_TEST(test_order),
		GSO_TEST(test_queue_full),
		GSO_TEST(test_no_buffers),
		GSO_TEST(test_refused),
		GSO_TEST(test_sctp),
	};

	return cmocka_run_group_tests(tests, group_setup, test_eal_teardown);
}
