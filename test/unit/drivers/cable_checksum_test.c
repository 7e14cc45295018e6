/* SPDX-License-Identifier: BSD-3-Clause */
/* Checksums that an end of a cable fills in for its port, and verifies for the other one. */
#include "unit/drivers/cable_fixture.h"

#include "wire/endian.h"

#define L2_LENGTH 14

struct datagram {
	const char *src, *dst;
	uint8_t proto;
	uint16_t length; /* of the transport's part */
	unsigned field; /* where its checksum is */
	uint64_t flag; /* that asks for it */
};

static const struct datagram datagrams[] = {
	{ "10.0.0.1", "10.0.0.2", IP_PROTO_TCP, 20, 16, RTE_MBUF_F_TX_TCP_CKSUM },
	{ "10.0.0.1", "10.0.0.2", IP_PROTO_TCP, 1001, 16, RTE_MBUF_F_TX_TCP_CKSUM },
	{ "10.0.0.1", "10.0.0.2", IP_PROTO_UDP, 8, 6, RTE_MBUF_F_TX_UDP_CKSUM },
	{ "10.0.0.1", "10.0.0.2", IP_PROTO_UDP, 513, 6, RTE_MBUF_F_TX_UDP_CKSUM },
	{ "2001:db8::1", "2001:db8::2", IP_PROTO_TCP, 555, 16, RTE_MBUF_F_TX_TCP_CKSUM },
	{ "2001:db8::1", "2001:db8::2", IP_PROTO_UDP, 1000, 6, RTE_MBUF_F_TX_UDP_CKSUM },
};

static bool
is_ip6(const struct datagram *d)
{
	return strchr(d->src, ':') != NULL;
}

/* With a checksum that is wrong until somebody mends it. */
static struct rte_mbuf *
datagram_mbuf(const struct cable_fixture *f, const struct datagram *d)
{
	uint8_t payload[1500];
	struct rte_mbuf *pkt;

	for (unsigned i = 0; i < d->length; i++)
		payload[i] = (uint8_t)(i * 7 + 1);
	if (d->proto == IP_PROTO_UDP)
		be16_store(payload + 4, d->length);
	pkt = cable_fixture_mbuf(f, 0, .src = d->src, .dst = d->dst, .proto = d->proto,
		.spoil = PACKET_RAW, .payload = payload, .payload_length = d->length);
	pkt->l2_len = L2_LENGTH;
	pkt->l3_len = is_ip6(d) ? 40 : 20;
	pkt->ol_flags |= is_ip6(d) ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
	return pkt;
}

static void
port_send(struct cable_fixture *f, struct rte_mbuf *pkt)
{
	struct pkt_vec vec = { .count = 1, .pkts = { pkt } }, drops = { 0 };

	assert_int_equal(port_tx(f->ports[0], 0, &vec, &drops), 1);
}

/* RFC 9293 3.1, RFC 8200 8.1, reckoned plainly: 0 if the checksum is right. */
static uint16_t
checksum_left(const struct rte_mbuf *pkt, const struct datagram *d)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);
	unsigned addrs = L2_LENGTH + (is_ip6(d) ? 8 : 12), length = is_ip6(d) ? 32 : 8;
	unsigned l4 = L2_LENGTH + (is_ip6(d) ? 40 : 20);
	uint32_t sum = (uint32_t)d->proto + d->length;

	for (unsigned i = 0; i < length; i += 2)
		sum += be16_load(frame + addrs + i);
	return packet_checksum(sum, frame + l4, d->length);
}

static uint64_t
l4_flags(const struct rte_mbuf *pkt)
{
	return pkt->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
}

static uint64_t
ip_flags(const struct rte_mbuf *pkt)
{
	return pkt->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
}

/* Whoever fills them in, NIC or port_tx(), they are right at the other end. */
static void
check_filled(const char *args)
{
	struct cable_fixture f;

	cable_fixture_create(&f, args, 1);
	for (unsigned i = 0; i < RTE_DIM(datagrams); i++) {
		const struct datagram *d = &datagrams[i];
		struct rte_mbuf *pkt = datagram_mbuf(&f, d);

		pkt->ol_flags |= d->flag | (is_ip6(d) ? 0 : RTE_MBUF_F_TX_IP_CKSUM);
		rte_pktmbuf_mtod(pkt, uint8_t *)[L2_LENGTH + 10] ^= is_ip6(d) ? 0 : 0x55;
		port_send(&f, pkt);
		pkt = cable_fixture_take(&f, 1, NULL);
		assert_non_null(pkt);
		assert_int_equal(checksum_left(pkt, d), 0);
		if (!is_ip6(d))
			assert_int_equal(packet_checksum(0,
						 rte_pktmbuf_mtod(pkt, uint8_t *) + L2_LENGTH, 20),
				0);
		if (f.ports[1]->offloads & PORT_RX_L4_CHECKSUM)
			assert_int_equal(l4_flags(pkt), RTE_MBUF_F_RX_L4_CKSUM_GOOD);
		else
			assert_int_equal(l4_flags(pkt) | ip_flags(pkt), 0);
		rte_pktmbuf_free(pkt);
	}
	cable_fixture_destroy(&f);
}

static void
test_filled_by_nic(void **state)
{
	check_filled("offloads all");
}

static void
test_filled_by_port(void **state)
{
	check_filled("offloads none");
}

/* What is wrong is seen, in each bit; the frame comes all the same. */
static void
test_verified(void **state)
{
	struct cable_fixture f;

	cable_fixture_create(&f, "", 1);
	for (unsigned i = 0; i < RTE_DIM(datagrams); i++) {
		const struct datagram *d = &datagrams[i];
		struct rte_mbuf *pkt = datagram_mbuf(&f, d);

		pkt->ol_flags |= d->flag;
		port_send(&f, pkt);
		pkt = cable_fixture_take(&f, 1, NULL);
		assert_int_equal(l4_flags(pkt), RTE_MBUF_F_RX_L4_CKSUM_GOOD);
		assert_int_equal(ip_flags(pkt), is_ip6(d) ? 0 : RTE_MBUF_F_RX_IP_CKSUM_GOOD);
		pkt->ol_flags = 0;
		/* It goes on with one bit changed: of the address, so that both are wrong, or behind. */
		for (unsigned bit = 0; bit < 2; bit++) {
			struct rte_mbuf *copy = rte_pktmbuf_copy(pkt, test_pool(), 0, UINT32_MAX);
			uint8_t *frame = rte_pktmbuf_mtod(copy, uint8_t *);

			frame[bit == 0 ? L2_LENGTH + 15 : copy->pkt_len - 1] ^= 0x10;
			cable_fixture_send_mbuf(&f, 0, copy);
			copy = cable_fixture_take(&f, 1, NULL);
			assert_int_equal(l4_flags(copy), RTE_MBUF_F_RX_L4_CKSUM_BAD);
			if (!is_ip6(d))
				assert_int_equal(ip_flags(copy),
					bit == 0 ? RTE_MBUF_F_RX_IP_CKSUM_BAD
						 : RTE_MBUF_F_RX_IP_CKSUM_GOOD);
			rte_pktmbuf_free(copy);
		}
		rte_pktmbuf_free(pkt);
	}
	cable_fixture_destroy(&f);
}

/* CRC32c bit by bit. */
static uint32_t
crc32c(const uint8_t *bytes, unsigned length)
{
	uint32_t crc = UINT32_MAX;

	for (unsigned i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* RFC 9260 6.8 and appendix A. */
static void
test_sctp(void **state)
{
	uint8_t packet[77] = { 0x12, 0x34, 0x56, 0x78, 1, 2, 3, 4 };
	struct cable_fixture f;
	uint32_t crc;

	cable_fixture_create(&f, "", 1);
	for (unsigned i = 12; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i * 31);
	crc = htole32(crc32c(packet, sizeof(packet)));
	memcpy(packet + 8, &crc, sizeof(crc));
	for (unsigned bad = 0; bad < 2; bad++) {
		struct rte_mbuf *pkt;

		packet[70] ^= (uint8_t)bad;
		cable_fixture_send(&f, 0, .proto = IP_PROTO_SCTP, .spoil = PACKET_RAW,
			.payload = packet, .payload_length = sizeof(packet));
		pkt = cable_fixture_take(&f, 1, NULL);
		assert_int_equal(l4_flags(pkt),
			bad ? RTE_MBUF_F_RX_L4_CKSUM_BAD : RTE_MBUF_F_RX_L4_CKSUM_GOOD);
		rte_pktmbuf_free(pkt);
	}
	cable_fixture_destroy(&f);
}

/* Of what has no checksum, or only a part of what it is over, nothing is said. */
static void
test_none(void **state)
{
	static const uint8_t no_checksum[12] = { 1, 1, 2, 2, 0, 12 };
	struct cable_fixture f;
	struct rte_mbuf *pkt;

	cable_fixture_create(&f, "", 1);
	cable_fixture_send(&f, 0, .frag = 0x2000);
	cable_fixture_send(&f, 0, .frag = 5);
	cable_fixture_send(&f, 0, .proto = 47, .spoil = PACKET_RAW, .payload_length = 50);
	cable_fixture_send(&f, 0, .spoil = PACKET_RAW, .payload = no_checksum,
		.payload_length = sizeof(no_checksum));
	cable_fixture_send(&f, 0, .proto = IP_PROTO_TCP, .spoil = PACKET_RAW, .payload_length = 19);
	for (unsigned i = 0; i < 5; i++) {
		pkt = cable_fixture_take(&f, 1, NULL);
		assert_int_equal(ip_flags(pkt), RTE_MBUF_F_RX_IP_CKSUM_GOOD);
		assert_int_equal(l4_flags(pkt), 0);
		rte_pktmbuf_free(pkt);
	}
	cable_fixture_send(&f, 0, .total_length = 2000);
	pkt = cable_fixture_take(&f, 1, NULL);
	assert_int_equal(ip_flags(pkt) | l4_flags(pkt), 0);
	rte_pktmbuf_free(pkt);
	cable_fixture_destroy(&f);
}

/* RFC 768: the checksum is over UDP's own length, whatever IP carries behind it. */
static void
test_udp_surplus(void **state)
{
	static const struct {
		unsigned at;
		uint64_t flag;
	} changes[] = { { 12, RTE_MBUF_F_RX_L4_CKSUM_GOOD }, { 11, RTE_MBUF_F_RX_L4_CKSUM_BAD } };
	uint8_t packet[20] = { 1, 1, 2, 2, 0, 12, 0, 0, 3, 4, 5, 6, 7, 8 };
	const uint32_t pseudo = 0x0a00 + 1 + 0x0a00 + 2 + IP_PROTO_UDP + 12;
	struct cable_fixture f;

	cable_fixture_create(&f, "", 1);
	be16_store(packet + 6, packet_checksum(pseudo, packet, 12));
	for (unsigned i = 0; i < RTE_DIM(changes); i++) {
		struct rte_mbuf *pkt;

		packet[changes[i].at] ^= 0x10;
		cable_fixture_send(&f, 0, .proto = IP_PROTO_UDP, .spoil = PACKET_RAW,
			.payload = packet, .payload_length = sizeof(packet));
		pkt = cable_fixture_take(&f, 1, NULL);
		assert_int_equal(l4_flags(pkt), changes[i].flag);
		rte_pktmbuf_free(pkt);
	}
	cable_fixture_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_filled_by_nic, test_pool_check),
		cmocka_unit_test_teardown(test_filled_by_port, test_pool_check),
		cmocka_unit_test_teardown(test_verified, test_pool_check),
		cmocka_unit_test_teardown(test_sctp, test_pool_check),
		cmocka_unit_test_teardown(test_none, test_pool_check),
		cmocka_unit_test_teardown(test_udp_surplus, test_pool_check),
	};

	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
