/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A port, packets that are to be segmented at its edge, and what is then on the wire: shared by the tests of
 * port_gso*.c.
 */
#ifndef UNIT_PORT_GSO_FIXTURE_H
#define UNIT_PORT_GSO_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "port/port.h"
#include "support/eal.h"
#include "support/packet.h"
#include "support/port_double.h"
#include "wire/endian.h"

#define IP_MAX     65535
#define ID         65534 /* of the first segment: the third has 0 */
#define SEQ        0xfffff000U /* and the sequence begins anew */
#define FLAGS      (PACKET_ACK | PACKET_PSH | PACKET_FIN | PACKET_CWR | PACKET_ECE)
#define TCP_LENGTH 32 /* with a timestamp */

static const uint8_t timestamp[] = { 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8 };

static struct port_table table;
static struct port_double *wire;
static struct port *port;
static struct pkt_vec vec, drops;
static uint8_t data[IP_MAX];

static inline int
group_setup(void **state)
{
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static inline int
port_setup(void **state)
{
	wire = port_double_create("wire");
	port = port_double_start(wire, &table, "p0", 1, 1);
	port->offloads = PORT_TX_MULTI_SEGS;
	vec.count = 0;
	drops.count = 0;
	return 0;
}

static inline int
port_teardown(void **state)
{
	rte_pktmbuf_free_bulk(drops.pkts, drops.count);
	port_double_stop(&table, port);
	port_double_destroy(wire);
	return test_pool_check(state);
}

/* What a packet to be segmented is like. */
struct large {
	bool ip6;
	uint32_t length; /* of data */
	uint16_t segsz;
	unsigned tags; /* of VLANs */
	unsigned buffer; /* bytes of each; 0: 2000 */
};

/* The packet that has `length` bytes of the data from `from` on. */
static inline struct packet
packet_of(const struct large *large, uint32_t from, uint16_t length)
{
	bool last = from + length == large->length;

	return (struct packet){
		.src = large->ip6 ? "2001:db8::1" : "10.0.0.1",
		.dst = large->ip6 ? "2001:db8::2" : "10.0.0.2",
		.vlan = { .count = (uint8_t)large->tags,
			.tags = { { ETHER_TYPE_QINQ, 7 }, { ETHER_TYPE_VLAN, 5 } } },
		.proto = IP_PROTO_TCP,
		.id = (uint16_t)(ID + from / large->segsz),
		.seq = SEQ + from,
		.ack = 99,
		.tcp_flags = (uint8_t)(FLAGS & ~(from > 0 ? PACKET_CWR : 0) &
			~(last ? 0 : PACKET_FIN | PACKET_PSH)),
		.window = 1000,
		.tcp_options = timestamp,
		.tcp_options_length = sizeof(timestamp),
		.payload = data + from,
		.payload_length = length,
	};
}

/* As a transport hands it down: lengths right, checksums anything. */
static inline struct rte_mbuf *
append(const struct large *large)
{
	static uint8_t frame[IP_MAX + 100];
	const struct packet first = packet_of(large, 0, 0);
	const uint32_t header = (uint32_t)packet_write(&first, frame);
	const uint32_t l2 = ETHER_HDR_LENGTH + large->tags * VLAN_TAG_LENGTH;
	struct rte_mbuf *pkt;

	memcpy(frame + header, data, large->length);
	if (large->ip6)
		be16_store(frame + l2 + 4, (uint16_t)(TCP_LENGTH + large->length));
	else
		be16_store(frame + l2 + 2, (uint16_t)(header - l2 + large->length));
	frame[header - TCP_LENGTH + 13] = FLAGS;
	pkt = test_mbuf_chain(
		frame, header + large->length, large->buffer != 0 ? large->buffer : 2000);
	pkt->l2_len = l2;
	pkt->l3_len = large->ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH;
	pkt->l4_len = TCP_LENGTH;
	pkt->tso_segsz = large->segsz;
	pkt->ol_flags = RTE_MBUF_F_TX_TCP_SEG |
		(large->ip6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
	pkt_vec_append(&vec, pkt);
	return pkt;
}

static inline void
append_plain(const char *src)
{
	pkt_vec_append(&vec, packet_mbuf(test_pool(), PACKET(.src = src, .dst = "10.0.0.2")));
}

static inline void
expect_plain(const char *src)
{
	struct rte_mbuf *pkt = port_double_take(wire, 0);

	packet_assert(pkt, .src = src, .dst = "10.0.0.2");
	rte_pktmbuf_free(pkt);
}

/* Its segments are on the wire, up to this length of the data. */
static inline void
expect_segments(const struct large *large, uint32_t until)
{
	for (uint32_t from = 0; from < until; from += large->segsz) {
		uint16_t length = (uint16_t)RTE_MIN(large->length - from, (uint32_t)large->segsz);
		const struct packet expected = packet_of(large, from, length);
		struct rte_mbuf *pkt = port_double_take(wire, 0);

		packet_assert_at(pkt, &expected, __FILE__, __LINE__);
		assert_int_equal(rte_mbuf_check(pkt, 1, &(const char *){ NULL }), 0);
		assert_int_equal(
			pkt->ol_flags & (RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_L4_MASK), 0);
		rte_pktmbuf_free(pkt);
	}
}

#define GSO_TEST(f) cmocka_unit_test_setup_teardown(f, port_setup, port_teardown)

#endif
