/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv4 packets cut to an MTU: put together again they are what they were. */
#include "unit/ip/ip_fixture.h"

#include "base/counter.h"
#include "wire/checksum.h"
#include "wire/endian.h"

static struct rte_mbuf *
cut(struct ip_fixture *f, uint16_t mtu, const struct packet *packet)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	pkt_meta(pkt)->icmp_rest = mtu;
	pkt_meta(pkt)->nexthop = f->gateway4;
	ip4_fragment(&f->core, &f->in, &f->out);
	return pkt;
}

/* Each fragment is right by itself, and in its place. @return bytes of payload put to `data` */
static size_t
join(const struct ip_fixture *f, uint16_t mtu, uint16_t offset, bool more, uint8_t *data)
{
	static uint8_t frame[PACKET_MAX];
	size_t done = 0;

	for (uint32_t i = 0; i < f->ether.count; i++) {
		const struct rte_mbuf *pkt = f->ether.pkts[i];
		const struct ip4_header *hdr = (const void *)(frame + pkt->l2_len);
		bool last = i + 1 == f->ether.count;
		size_t length = packet_bytes(pkt, frame) - pkt->l2_len, hdr_length, part;

		hdr_length = ip4_hdr_length(hdr);
		part = length - hdr_length;
		rte_mbuf_sanity_check(pkt, 1);
		assert_true(length <= mtu);
		assert_int_equal(be16toh(hdr->total_length_be), length);
		assert_int_equal(packet_checksum(0, (const uint8_t *)hdr, hdr_length), 0);
		assert_int_equal(be16toh(hdr->frag_be),
			((offset + done) / 8) | (last && !more ? 0 : IP4_FRAG_MF));
		assert_true(last || part % 8 == 0);
		/* No smaller than they have to be. */
		assert_true(last || length + 8 > mtu);
		assert_int_equal(pkt_meta(pkt)->flags, i == 0 ? 0 : PKT_ORIGINATED);
		assert_int_equal(pkt_meta(pkt)->nexthop, f->gateway4);
		memcpy(data + done, frame + pkt->l2_len + hdr_length, part);
		done += part;
	}
	return done;
}

/* Every length around every boundary, in one piece and in segments. */
static void
test_sizes(void **state)
{
	static const uint16_t mtus[] = { 68, 69, 75, 76, 576, 1400, 1500 };
	static uint8_t data[PACKET_MAX], frame[PACKET_MAX];
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned i = 0; i < RTE_DIM(mtus) * 2; i++) {
		const uint16_t mtu = mtus[i / 2], step = (mtu - IP4_HDR_LENGTH) & ~7U;

		for (int payload = mtu - IP4_HDR_LENGTH + 1;
			payload<3 * step + 10; payload += payload % step> 10 &&
					payload % step < step - 10
				? 7
				: 1) {
			const struct packet packet = { .src = "10.0.0.2",
				.dst = "10.1.0.1",
				.id = 77,
				.spoil = PACKET_RAW,
				.payload_length = (uint16_t)payload,
				.segment = i % 2 == 0 ? 0 : 500 };
			size_t length = packet_write(&packet, frame) - 34;
			struct rte_mbuf *pkt = cut(f, mtu, &packet);

			assert_ptr_equal(f->ether.pkts[0], pkt);
			assert_int_equal(join(f, mtu, 0, false, data), length);
			assert_memory_equal(data, frame + 34, length);
			for (uint32_t j = 0; j < f->ether.count; j++)
				assert_int_equal(
					be16toh(pkt_l3(f->ether.pkts[j], struct ip4_header *)
							->id_be),
					77);
			ip_fixture_empty(f);
		}
	}
	assert_true(f->core.counters.fragments > 2 * f->core.counters.fragmented);
	ip_fixture_destroy(f);
}

/* A fragment is cut into fragments: offsets go on, and "more" stays with the last. */
static void
test_fragment_of_a_fragment(void **state)
{
	static uint8_t data[PACKET_MAX];
	struct ip_fixture *f = ip_fixture_create();

	for (unsigned more = 0; more < 2; more++) {
		cut(f, 576,
			PACKET(.src = "10.0.0.2", .dst = "10.1.0.1", .spoil = PACKET_RAW,
				.payload_length = 1480,
				.frag = (uint16_t)(185 | (more ? IP4_FRAG_MF : 0))));
		assert_int_equal(join(f, 576, 1480, more, data), 1480);
		ip_fixture_empty(f);
	}
	/* Behind the end of what a datagram can be. */
	assert_dropped(f,
		cut(f, 576,
			PACKET(.src = "10.0.0.2", .dst = "10.1.0.1", .spoil = PACKET_RAW,
				.payload_length = 1480, .frag = 8100)),
		DROP_ip_fragment_failed);
	ip_fixture_destroy(f);
}

/* RFC 791 3.1: all options with the first fragment, those that are copied with the others. */
static void
test_options(void **state)
{
	static const uint8_t options[] = { 7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0, 0 };
	static uint8_t data[PACKET_MAX];
	struct ip_fixture *f = ip_fixture_create();

	cut(f, 576,
		PACKET(.src = "10.0.0.2", .dst = "10.1.0.1", .spoil = PACKET_RAW,
			.payload_length = 1480, .options = options, .options_length = 12));
	assert_int_equal(f->ether.count, 3);
	assert_int_equal(join(f, 576, 0, false, data), 1480);
	for (uint32_t i = 0; i < f->ether.count; i++) {
		const struct ip4_header *hdr = pkt_l3(f->ether.pkts[i], const struct ip4_header *);

		assert_int_equal(ip4_hdr_length(hdr), i == 0 ? 32 : 24);
		assert_memory_equal(hdr + 1, options + (i == 0 ? 0 : 7), 4);
	}
	ip_fixture_destroy(f);
}

/* All or nothing: more pieces than a vector holds, or than there are buffers. */
static void
test_too_many(void **state)
{
	struct packet packet = { .src = "10.0.0.2", .dst = "10.1.0.1", .spoil = PACKET_RAW };
	static struct rte_mbuf *hoard[TEST_POOL_SIZE];
	struct ip_fixture *f = ip_fixture_create();
	struct rte_mbuf *pkt;
	unsigned count = 0;

	packet.payload_length = PKT_VEC_MAX * 48;
	cut(f, 68, &packet);
	assert_int_equal(f->ether.count, PKT_VEC_MAX);
	ip_fixture_empty(f);
	packet.payload_length++;
	assert_dropped(f, cut(f, 68, &packet), DROP_ip_fragment_failed);
	ip_fixture_empty(f);

	packet.payload_length = 1400;
	pkt = ip_fixture_add(f, &packet);
	pkt_meta(pkt)->icmp_rest = 576;
	while ((hoard[count] = rte_pktmbuf_alloc(test_pool())) != NULL)
		count++;
	rte_pktmbuf_free(hoard[--count]); /* one is not enough */
	ip4_fragment(&f->core, &f->in, &f->out);
	assert_dropped(f, pkt, DROP_ip_fragment_nomem);
	assert_int_equal(rte_mempool_avail_count(test_pool()), 1);
	rte_pktmbuf_free_bulk(hoard, count);
	assert_int_equal(f->core.counters.fragmented, 1);
	assert_int_equal(f->core.counters.fragments, PKT_VEC_MAX);
	ip_fixture_destroy(f);
}

/* RFC 9260 6.9: what asks for SCTP's checksum has it before it is cut, as no port sees all of it. */
static void
test_checksum_of_sctp(void **state)
{
	static uint8_t data[PACKET_MAX], frame[PACKET_MAX];
	struct ip_fixture *f = ip_fixture_create();
	const struct packet packet = { .src = "10.0.0.2",
		.dst = "10.0.1.9",
		.proto = IP_PROTO_SCTP,
		.vtag = 7,
		.segment = 500,
		.payload_length = 2000 };
	struct packet spoilt = packet;
	struct rte_mbuf *pkt;
	size_t length;

	spoilt.spoil = PACKET_BAD_L4_CHECKSUM;
	length = packet_write(&packet, frame);
	pkt = ip_fixture_add(f, &spoilt);
	pkt->l3_len = IP4_HDR_LENGTH;
	pkt->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_SCTP_CKSUM;
	pkt_meta(pkt)->nexthop = f->gateway4;
	ip4_output(&f->core, &f->in, &f->out);
	assert_int_equal(f->fragments.count, 1);
	pkt_meta(pkt)->flags = 0;
	f->in = f->fragments;
	f->fragments.count = 0;
	ip4_fragment(&f->core, &f->in, &f->out);
	assert_int_equal(join(f, 1400, 0, false, data), length - 34);
	assert_memory_equal(data, frame + 34, length - 34);
	assert_int_equal(f->ether.pkts[0]->ol_flags & RTE_MBUF_F_TX_L4_MASK, 0);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_checksum_of_sctp, test_pool_check),
		cmocka_unit_test_teardown(test_sizes, test_pool_check),
		cmocka_unit_test_teardown(test_fragment_of_a_fragment, test_pool_check),
		cmocka_unit_test_teardown(test_options, test_pool_check),
		cmocka_unit_test_teardown(test_too_many, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
