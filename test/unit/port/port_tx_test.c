/* SPDX-License-Identifier: BSD-3-Clause */
/* The tx edge: what is sent, what is dropped, and what is done in software for plain ports. */
#include "port/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* DPDK's own checksums are the reference: lib/wire's are what is tested. */
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "support/eal.h"
#include "support/port_double.h"

#define L2        14
#define FRAME_MAX 600
#define RANDOM    0x5a

static struct port_table table;
static struct port_double *wire;
static struct port *port;
static struct pkt_vec vec, drops;

static int
group_setup(void **state)
{
	return test_eal_setup(state) != 0 || pkt_init() != 0;
}

static int
port_setup(void **state)
{
	wire = port_double_create("wire");
	port = port_double_start(wire, &table, "p0", 1, 2);
	vec.count = 0;
	drops.count = 0;
	return 0;
}

static int
port_teardown(void **state)
{
	rte_pktmbuf_free_bulk(drops.pkts, drops.count);
	port_double_stop(&table, port);
	port_double_destroy(wire);
	return test_pool_check(state);
}

static void
append_plain(unsigned count)
{
	static const char bytes[60];

	for (unsigned i = 0; i < count; i++)
		pkt_vec_append(&vec, test_mbuf(bytes, sizeof(bytes)));
}

static void
payload_fill(uint8_t *bytes, unsigned length)
{
	for (unsigned i = 0; i < length; i++)
		bytes[i] = (uint8_t)(i * 7 + RANDOM);
}

/* An IPv4 frame with `l4_length` bytes behind its header; returns the frame's length. */
static unsigned
frame4(uint8_t *frame, uint8_t proto, uint16_t l4_length)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + L2);

	memset(frame, 0, FRAME_MAX);
	ip->version_ihl = 0x45;
	ip->total_length = rte_cpu_to_be_16(sizeof(*ip) + l4_length);
	ip->time_to_live = 64;
	ip->next_proto_id = proto;
	ip->src_addr = rte_cpu_to_be_32(0xc0000201);
	ip->dst_addr = rte_cpu_to_be_32(0xc63364fe);
	ip->hdr_checksum = 0xdead;
	payload_fill(frame + L2 + sizeof(*ip), l4_length);
	return L2 + sizeof(*ip) + l4_length;
}

static unsigned
frame6(uint8_t *frame, uint8_t proto, uint16_t l4_length)
{
	struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(frame + L2);

	memset(frame, 0, FRAME_MAX);
	ip->vtc_flow = rte_cpu_to_be_32(6u << 28);
	ip->payload_len = rte_cpu_to_be_16(l4_length);
	ip->proto = proto;
	ip->hop_limits = 64;
	payload_fill(ip->src_addr, 32);
	payload_fill(frame + L2 + sizeof(*ip), l4_length);
	return L2 + sizeof(*ip) + l4_length;
}

static struct rte_mbuf *
append(const uint8_t *frame, unsigned length, unsigned segment, uint64_t flags)
{
	struct rte_mbuf *pkt = test_mbuf_chain(frame, length, segment);

	pkt->l2_len = L2;
	pkt->l3_len =
		frame[L2] >> 4 == 4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr);
	pkt->ol_flags = flags;
	pkt_vec_append(&vec, pkt);
	return pkt;
}

/* Send all; the one packet that went out, read into `frame`. */
static uint64_t
send_one(uint8_t *frame)
{
	struct rte_mbuf *pkt;
	uint64_t flags;

	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	assert_int_equal(drops.count, 0);
	pkt = port_double_take(wire, 0);
	for (uint32_t i = 0; i < pkt->pkt_len; i++)
		frame[i] = *(const uint8_t *)rte_pktmbuf_read(pkt, i, 1, frame + i);
	flags = pkt->ol_flags;
	rte_pktmbuf_free(pkt);
	return flags;
}

static void
assert_l4_checksum(uint8_t *frame)
{
	struct rte_ipv4_hdr *ip4 = (struct rte_ipv4_hdr *)(frame + L2);
	struct rte_ipv6_hdr *ip6 = (struct rte_ipv6_hdr *)(frame + L2);
	bool is_ip4 = frame[L2] >> 4 == 4;
	uint8_t *l4 = is_ip4 ? (uint8_t *)(ip4 + 1) : (uint8_t *)(ip6 + 1);
	uint8_t proto = is_ip4 ? ip4->next_proto_id : ip6->proto;
	uint16_t *field = (uint16_t *)(l4 + (proto == IPPROTO_TCP ? 16 : 6));
	uint16_t sent = *field;

	*field = 0;
	assert_int_equal(
		sent, is_ip4 ? rte_ipv4_udptcp_cksum(ip4, l4) : rte_ipv6_udptcp_cksum(ip6, l4));
}

static void
plain_packets_are_counted(void **state)
{
	const struct port_queue_counters *counters = &port->txq_counters[1];
	struct rte_mbuf *first;

	append_plain(PKT_VEC_MAX);
	first = vec.pkts[0];
	assert_int_equal(port_tx(port, 1, &vec, &drops), PKT_VEC_MAX);
	assert_int_equal(vec.count, 0);
	assert_int_equal(drops.count, 0);
	assert_int_equal(counters->packets, PKT_VEC_MAX);
	assert_int_equal(counters->bytes, 60 * PKT_VEC_MAX);
	assert_int_equal(counters->bursts, 1);
	assert_int_equal(counters->drops, 0);
	assert_int_equal(port->txq_counters[0].packets, 0);
	assert_int_equal(wire->calls.tx, 1);
	assert_int_equal(port_double_sent(wire, 1), PKT_VEC_MAX);
	assert_ptr_equal(wire->tx[1].pkts[0], first);

	assert_int_equal(port_tx(port, 1, &vec, &drops), 0);
	assert_int_equal(wire->calls.tx, 1);
	assert_int_equal(counters->bursts, 1);
}

static void
slow_queue_gets_all(void **state)
{
	append_plain(PKT_VEC_MAX);
	wire->tx_call_max = 7;
	assert_int_equal(port_tx(port, 0, &vec, &drops), PKT_VEC_MAX);
	assert_int_equal(drops.count, 0);
	assert_int_equal(wire->calls.tx, (PKT_VEC_MAX + 6) / 7);
	assert_int_equal(port->txq_counters[0].bursts, 1);
}

static void
full_queue_drops(void **state)
{
	append_plain(10);
	wire->tx_room = 3;
	assert_int_equal(port_tx(port, 0, &vec, &drops), 3);
	assert_int_equal(vec.count, 0);
	assert_int_equal(drops.count, 7);
	for (unsigned i = 0; i < drops.count; i++)
		assert_int_equal(pkt_meta(drops.pkts[i])->reason, DROP_tx_queue_full);
	assert_int_equal(wire->calls.tx, 1 + PORT_TX_TRIES);
	assert_int_equal(port->txq_counters[0].packets, 3);
	assert_int_equal(port->txq_counters[0].bytes, 3 * 60);
	assert_int_equal(port->txq_counters[0].drops, 7);

	append_plain(1);
	assert_int_equal(port_tx(port, 0, &vec, &drops), 0);
	assert_int_equal(drops.count, 8);
	assert_int_equal(port->txq_counters[0].bursts, 1);
}

static void
ip4_checksum_in_software(void **state)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_ICMP, 40);
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + L2);

	port->offloads &= ~(uint32_t)PORT_TX_IP4_CHECKSUM;
	append(frame, length, length, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
	assert_int_equal(send_one(frame) & RTE_MBUF_F_TX_IP_CKSUM, 0);
	assert_int_equal(rte_ipv4_cksum(ip), 0);
	assert_int_equal(port->txq_counters[0].bytes, length);
}

static void
ip4_checksum_in_hardware(void **state)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_ICMP, 40);
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)(frame + L2);

	append(frame, length, length, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
	assert_true(send_one(frame) & RTE_MBUF_F_TX_IP_CKSUM);
	assert_int_equal(ip->hdr_checksum, 0);
}

/* Whole, in odd pieces, and in pieces that cut the headers. */
static void
l4_checksum_in_software(void **state)
{
	static const unsigned segments[] = { FRAME_MAX, 101, 73, 72, 30, 17 };
	uint8_t frame[FRAME_MAX];

	port->offloads = PORT_TX_MULTI_SEGS;
	for (unsigned i = 0; i < RTE_DIM(segments); i++) {
		for (uint16_t payload = 20; payload < 24; payload++) {
			struct rte_ipv4_hdr *ip4 = (struct rte_ipv4_hdr *)(frame + L2);
			uint64_t flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
			unsigned length = frame4(frame, IPPROTO_TCP, 200 + payload);

			append(frame, length, segments[i], flags | RTE_MBUF_F_TX_TCP_CKSUM);
			flags = send_one(frame);
			assert_int_equal(flags & RTE_MBUF_F_TX_L4_MASK, 0);
			assert_l4_checksum(frame);
			assert_int_equal(rte_ipv4_cksum(ip4), 0);

			length = frame6(frame, IPPROTO_UDP, 200 + payload);
			append(frame, length, segments[i],
				RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM);
			flags = send_one(frame);
			assert_int_equal(flags & RTE_MBUF_F_TX_L4_MASK, 0);
			assert_l4_checksum(frame);
		}
	}
}

static void
l4_checksum_in_hardware(void **state)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_TCP, 100);
	const struct rte_ipv4_hdr *ip4 = (const struct rte_ipv4_hdr *)(frame + L2);
	const struct rte_ipv6_hdr *ip6 = (const struct rte_ipv6_hdr *)(frame + L2);
	const struct rte_tcp_hdr *tcp = (const struct rte_tcp_hdr *)(ip4 + 1);
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)(ip6 + 1);

	append(frame, length, length, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM);
	assert_int_equal(send_one(frame) & RTE_MBUF_F_TX_L4_MASK, RTE_MBUF_F_TX_TCP_CKSUM);
	assert_int_equal(tcp->cksum, rte_ipv4_phdr_cksum(ip4, 0));

	length = frame6(frame, IPPROTO_UDP, 101);
	append(frame, length, length, RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM);
	assert_int_equal(send_one(frame) & RTE_MBUF_F_TX_L4_MASK, RTE_MBUF_F_TX_UDP_CKSUM);
	assert_int_equal(udp->dgram_cksum, rte_ipv6_phdr_cksum(ip6, 0));
}

/* RFC 9260 6.8: CRC32c is an offload of its own. */
static void
sctp_checksum_in_hardware(void **state)
{
	const uint64_t flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_SCTP_CKSUM;
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_SCTP, 100);

	append(frame, length, length, flags);
	assert_int_equal(send_one(frame) & RTE_MBUF_F_TX_L4_MASK, 0);
	port->offloads |= PORT_TX_SCTP_CHECKSUM;
	append(frame, length, length, flags);
	assert_int_equal(send_one(frame) & RTE_MBUF_F_TX_L4_MASK, RTE_MBUF_F_TX_SCTP_CKSUM);
}

static void
udp_checksum_is_never_zero(void **state)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_UDP, 40);
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + L2);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	uint16_t *word = (uint16_t *)(udp + 1), sum;

	/* Put into the payload what makes the sum come out as 0. */
	*word = 0;
	udp->dgram_cksum = 0;
	sum = rte_ipv4_udptcp_cksum(ip, udp);
	*word = sum;
	udp->dgram_cksum = 0;
	assert_int_equal(rte_ipv4_udptcp_cksum(ip, udp), 0xffff);

	port->offloads = 0;
	append(frame, length, length, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM);
	send_one(frame);
	assert_int_equal(udp->dgram_cksum, 0xffff);
}

/* A short packet's frame ends in bytes that are not its own. */
static void
padding_is_not_summed(void **state)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_UDP, 9);

	memset(frame + length, 0xee, 60 - length);
	port->offloads = 0;
	append(frame, 60, 60, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM);
	send_one(frame);
	assert_l4_checksum(frame);
}

static void
bad_requests_are_dropped(void **state)
{
	uint8_t frame[FRAME_MAX];
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + L2);
	const uint64_t udp = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM;
	unsigned length = frame4(frame, IPPROTO_UDP, 100), good;

	port->offloads = 0;
	append_plain(1);
	append(frame, length, length, udp)->l3_len = 0;
	append(frame, length, length, RTE_MBUF_F_TX_IP_CKSUM)->l3_len = 0;
	append(frame, L2 + 20 + 11, FRAME_MAX, RTE_MBUF_F_TX_SCTP_CKSUM);
	append(frame, L2 + 20 + 4, FRAME_MAX, udp); /* cut off in the header */
	ip->total_length = rte_cpu_to_be_16(20 + 101); /* beyond the packet */
	append(frame, length, length, udp);
	ip->total_length = rte_cpu_to_be_16(20 + 7); /* within the header */
	append(frame, length, length, udp);
	good = vec.count;
	append_plain(1);
	assert_int_equal(port_tx(port, 0, &vec, &drops), 2);
	assert_int_equal(drops.count, good - 1);
	for (unsigned i = 0; i < drops.count; i++)
		assert_int_equal(pkt_meta(drops.pkts[i])->reason, DROP_tx_unsupported);
	assert_int_equal(port->txq_counters[0].bytes, 2 * 60);
	assert_int_equal(port->txq_counters[0].drops, 0);
}

/* A checksum alone is no reason to copy a packet together. */
static void
segments_are_kept(void **state)
{
	uint8_t frame[FRAME_MAX];
	unsigned length = frame4(frame, IPPROTO_UDP, 400);
	struct rte_mbuf *pkt;

	port->offloads = PORT_TX_MULTI_SEGS;
	append(frame, length, 100, RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM);
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	pkt = port_double_take(wire, 0);
	assert_int_equal(pkt->nb_segs, 5);
	rte_pktmbuf_free(pkt);
}

static void
segments_are_joined(void **state)
{
	static const uint8_t bytes[3000];
	struct rte_mbuf *shared, *pkt;

	/* A port that takes them gets them as they are. */
	pkt_vec_append(&vec, test_mbuf_chain(bytes, 500, 100));
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	pkt = port_double_take(wire, 0);
	assert_int_equal(pkt->nb_segs, 5);
	rte_pktmbuf_free(pkt);

	/* One that takes some gets those of others in one. */
	port->tx_segs_max = 4;
	pkt_vec_append(&vec, test_mbuf_chain(bytes, 400, 100));
	pkt_vec_append(&vec, test_mbuf_chain(bytes, 500, 100));
	assert_int_equal(port_tx(port, 0, &vec, &drops), 2);
	for (unsigned i = 0; i < 2; i++) {
		pkt = port_double_take(wire, 0);
		assert_int_equal(pkt->nb_segs, i == 0 ? 4 : 1);
		rte_pktmbuf_free(pkt);
	}

	port->offloads &= ~(uint32_t)PORT_TX_MULTI_SEGS;
	pkt_vec_append(&vec, test_mbuf_chain(bytes, 500, 100));
	pkt_vec_append(&vec, test_mbuf_chain(bytes, 3000, 1500)); /* no room */
	shared = test_mbuf_chain(bytes, 500, 100);
	rte_mbuf_refcnt_update(shared, 1);
	pkt_vec_append(&vec, shared);
	assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
	pkt = port_double_take(wire, 0);
	assert_int_equal(pkt->nb_segs, 1);
	assert_int_equal(pkt->data_len, 500);
	rte_pktmbuf_free(pkt);
	assert_int_equal(drops.count, 2);
	assert_int_equal(pkt_meta(drops.pkts[0])->reason, DROP_tx_unsupported);
	assert_int_equal(shared->nb_segs, 5);
	rte_mbuf_refcnt_update(shared, -1);
	assert_int_equal(port->txq_counters[0].bytes, 1900);
}

#define TX_TEST(f) cmocka_unit_test_setup_teardown(f, port_setup, port_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TX_TEST(plain_packets_are_counted),
		TX_TEST(slow_queue_gets_all),
		TX_TEST(full_queue_drops),
		TX_TEST(ip4_checksum_in_software),
		TX_TEST(ip4_checksum_in_hardware),
		TX_TEST(l4_checksum_in_software),
		TX_TEST(l4_checksum_in_hardware),
		TX_TEST(sctp_checksum_in_hardware),
		TX_TEST(udp_checksum_is_never_zero),
		TX_TEST(padding_is_not_summed),
		TX_TEST(bad_requests_are_dropped),
		TX_TEST(segments_are_kept),
		TX_TEST(segments_are_joined),
	};

	return cmocka_run_group_tests(tests, group_setup, test_eal_teardown);
}
