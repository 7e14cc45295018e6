/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP packets that an end of a cable cuts: byte for byte what the sender would have sent in pieces. */
#include "unit/drivers/cable_fixture.h"

#include "wire/endian.h"

#define L2  14
#define TCP 32 /* with 12 bytes of options */
#define FIN 0x01
#define PSH 0x08
#define ACK 0x10
#define CWR 0x80

struct cut {
	bool ip6;
	uint16_t segment_size;
	uint32_t data_length;
	uint16_t mbuf_size; /* bytes a buffer */
};

static unsigned
l3_length(const struct cut *cut)
{
	return cut->ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH;
}

/* The header of a segment, its checksums 0. */
static unsigned
header_write(const struct cable_fixture *f, const struct cut *cut, uint32_t at, uint32_t length,
	uint8_t flags, uint8_t *frame)
{
	const unsigned l4 = L2 + l3_length(cut);

	memset(frame, 0, l4 + TCP);
	memcpy(frame, f->ports[1]->mac.bytes, 6);
	memcpy(frame + 6, f->ports[0]->mac.bytes, 6);
	if (cut->ip6) {
		be16_store(frame + 12, ETHER_TYPE_IP6);
		frame[L2] = 0x60;
		be16_store(frame + L2 + 4, (uint16_t)(TCP + length));
		frame[L2 + 6] = IP_PROTO_TCP;
		memset(frame + L2 + 8, 0x20, 32);
	} else {
		be16_store(frame + 12, ETHER_TYPE_IP4);
		frame[L2] = IP4_VERSION_IHL;
		be16_store(frame + L2 + 2, (uint16_t)(IP4_HDR_LENGTH + TCP + length));
		be16_store(frame + L2 + 4, (uint16_t)(65534 + at / cut->segment_size));
		frame[L2 + 9] = IP_PROTO_TCP;
		memset(frame + L2 + 12, 0x0a, 8);
	}
	be32_store(frame + l4 + 4, 0xfffff000 + at);
	frame[l4 + 12] = TCP / 4 << 4;
	frame[l4 + 13] = flags;
	memset(frame + l4 + 20, 1, 12);
	return l4 + TCP;
}

static struct rte_mbuf *
large_packet(const struct cable_fixture *f, const struct cut *cut, const uint8_t *data)
{
	static uint8_t frame[70000];
	unsigned header = header_write(f, cut, 0, cut->data_length, FIN | PSH | ACK | CWR, frame);
	struct rte_mbuf *pkt;

	memcpy(frame + header, data, cut->data_length);
	pkt = test_mbuf_chain(frame, header + cut->data_length, cut->mbuf_size);
	pkt->l2_len = L2;
	pkt->l3_len = l3_length(cut) & 0x1ff;
	pkt->l4_len = TCP;
	pkt->tso_segsz = cut->segment_size;
	pkt->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM |
		(cut->ip6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
	return pkt;
}

/* The segment at `at`, as a sender would write it. */
static unsigned
segment_write(const struct cable_fixture *f, const struct cut *cut, const uint8_t *data,
	uint32_t at, uint8_t *frame)
{
	uint32_t length = RTE_MIN((uint32_t)cut->segment_size, cut->data_length - at);
	uint8_t flags = (uint8_t)(ACK | (at == 0 ? CWR : 0) |
		(at + length == cut->data_length ? FIN | PSH : 0));
	unsigned header = header_write(f, cut, at, length, flags, frame);
	unsigned l4 = L2 + l3_length(cut), addrs = cut->ip6 ? 32 : 8;
	uint32_t sum = IP_PROTO_TCP + TCP + length;

	memcpy(frame + header, data + at, length);
	if (!cut->ip6)
		be16_store(frame + L2 + 10, packet_checksum(0, frame + L2, IP4_HDR_LENGTH));
	for (unsigned i = 0; i < addrs; i += 2)
		sum += be16_load(frame + l4 - addrs + i);
	be16_store(frame + l4 + 16, packet_checksum(sum, frame + l4, TCP + length));
	return header + length;
}

static void
check_cut(struct cable_fixture *f, const struct cut *cut)
{
	static uint8_t data[65536], expected[PACKET_MAX], received[PACKET_MAX];
	uint32_t at = 0;

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	cable_fixture_send_mbuf(f, 0, large_packet(f, cut, data));
	for (; at < cut->data_length; at += cut->segment_size) {
		struct rte_mbuf *pkt = cable_fixture_take(f, 1, NULL);
		unsigned length = segment_write(f, cut, data, at, expected);

		assert_non_null(pkt);
		assert_int_equal(packet_bytes(pkt, received), length);
		assert_memory_equal(received, expected, length);
		assert_int_equal(
			pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
		rte_pktmbuf_free(pkt);
	}
	assert_null(cable_fixture_take(f, 1, NULL));
}

static void
test_cut(void **state)
{
	static const struct cut cuts[] = {
		{ false, 1448, 40000, 2000 },
		{ false, 1448, 64000, 1999 },
		{ true, 1428, 60000, 777 },
		{ false, 1000, 3000, 1500 },
		{ true, 100, 101, 1500 },
		{ false, 536, 1, 50 },
	};
	struct cable_fixture f;

	cable_fixture_create(&f, "", 1);
	for (unsigned i = 0; i < RTE_DIM(cuts); i++)
		check_cut(&f, &cuts[i]);
	assert_int_equal(cable_fixture_counters(&f, 0).refused, 0);
	cable_fixture_destroy(&f);
}

/* Segments that are too large, a NIC that does not, and packets that say what is not so. */
static void
test_refused(void **state)
{
	static const uint8_t data[4000];
	const struct cut large = { false, 1449, 3000, 1500 }, cut = { false, 1448, 3000, 1500 };
	struct cable_fixture f;
	struct rte_mbuf *pkt;

	cable_fixture_create(&f, "", 1);
	cable_fixture_send_mbuf(&f, 0, large_packet(&f, &large, data));
	pkt = large_packet(&f, &cut, data);
	pkt->tso_segsz = 0;
	cable_fixture_send_mbuf(&f, 0, pkt);
	pkt = large_packet(&f, &cut, data);
	pkt->l4_len = 16;
	cable_fixture_send_mbuf(&f, 0, pkt);
	pkt = large_packet(&f, &cut, data);
	pkt->l2_len = 127;
	pkt->l3_len = 511;
	pkt->l4_len = 255;
	pkt->tso_segsz = 65535;
	cable_fixture_send_mbuf(&f, 0, pkt);
	pkt = large_packet(&f, &cut, data);
	pkt->l2_len = 0;
	cable_fixture_send_mbuf(&f, 0, pkt);
	assert_int_equal(cable_fixture_counters(&f, 0).refused, 5);
	assert_int_equal(cable_fixture_flush(&f, 1), 0);
	cable_fixture_destroy(&f);

	cable_fixture_create(&f, "offloads none", 1);
	cable_fixture_send_mbuf(&f, 0, large_packet(&f, &cut, data));
	assert_int_equal(cable_fixture_counters(&f, 0).refused, 1);
	cable_fixture_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_cut, test_pool_check),
		cmocka_unit_test_teardown(test_refused, test_pool_check),
	};

	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
