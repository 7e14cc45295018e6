/* SPDX-License-Identifier: BSD-3-Clause */
/* IPv6 packets of ours cut to an MTU: put together again they are what they were. */
#include "unit/ip/ip_fixture.h"

#include "wire/endian.h"

static struct rte_mbuf *
cut(struct ip_fixture *f, uint16_t mtu, const struct packet *packet)
{
	struct rte_mbuf *pkt = ip_fixture_add(f, packet);

	pkt_meta(pkt)->icmp_rest = mtu;
	pkt_meta(pkt)->nexthop = f->gateway6;
	pkt_meta(pkt)->flags = PKT_ORIGINATED;
	ip6_fragment(&f->core, &f->in, &f->out);
	return pkt;
}

/* Each fragment is right by itself, and in its place. @return bytes of payload put to `data` */
static size_t
join(const struct ip_fixture *f, uint16_t mtu, uint8_t *data, uint32_t *id)
{
	static uint8_t frame[PACKET_MAX];
	size_t done = 0;

	for (uint32_t i = 0; i < f->ether.count; i++) {
		const struct rte_mbuf *pkt = f->ether.pkts[i];
		const struct ip6_header *hdr = (const void *)(frame + pkt->l2_len);
		size_t length = packet_bytes(pkt, frame) - pkt->l2_len;
		bool last = i + 1 == f->ether.count;
		struct ip6_frag frag;

		rte_mbuf_sanity_check(pkt, 1);
		assert_true(length <= mtu);
		assert_int_equal(be16toh(hdr->payload_length_be), length - IP6_HDR_LENGTH);
		assert_int_equal(hdr->next_header, IP_PROTO_FRAGMENT);
		ip6_frag_parse(hdr + 1, &frag);
		if (i == 0)
			*id = frag.id;
		assert_int_equal(frag.id, *id);
		assert_int_equal(frag.next_header, IP_PROTO_ICMP6);
		assert_int_equal(frag.offset, done);
		assert_int_equal(frag.more, !last);
		length -= IP6_HDR_LENGTH + IP6_FRAG_HDR_LENGTH;
		assert_true(last || length % 8 == 0);
		assert_true(last || length + 8 + IP6_HDR_LENGTH + IP6_FRAG_HDR_LENGTH > mtu);
		memcpy(data + done, (const uint8_t *)(hdr + 1) + IP6_FRAG_HDR_LENGTH, length);
		done += length;
	}
	return done;
}

static void
test_sizes(void **state)
{
	static const uint16_t mtus[] = { 1280, 1281, 1287, 1288, 1500 };
	static uint8_t data[PACKET_MAX], frame[PACKET_MAX];
	struct ip_fixture *f = ip_fixture_create();
	uint32_t id = UINT32_MAX, before;

	for (unsigned i = 0; i < RTE_DIM(mtus) * 4; i++) {
		const uint16_t mtu = mtus[i / 4], step = (mtu - 48) & ~7U;

		for (int payload = mtu - IP6_HDR_LENGTH + 1;
			payload<3 * step + 10; payload += payload % step> 10 &&
					payload % step < step - 10
				? 13
				: 1) {
			/* With and without a link header, in one piece and in segments. */
			const struct packet packet = { .src = "2001:db8::1",
				.dst = "2001:db8:100::1",
				.proto = IP_PROTO_ICMP6,
				.spoil = PACKET_RAW | (i & 1 ? PACKET_NO_ETHER : 0),
				.payload_length = (uint16_t)payload,
				.segment = i & 2 ? 0 : 500 };
			size_t at = i & 1 ? 40 : 54, length = packet_write(&packet, frame) - at;

			before = id;
			cut(f, mtu, &packet);
			assert_int_equal(join(f, mtu, data, &id), length);
			assert_memory_equal(data, frame + at, length);
			assert_int_not_equal(id, before);
			ip_fixture_empty(f);
		}
	}
	ip_fixture_destroy(f);
}

static void
test_too_many(void **state)
{
	struct packet packet = { .src = "2001:db8::1",
		.dst = "2001:db8:100::1",
		.proto = IP_PROTO_ICMP6,
		.spoil = PACKET_RAW,
		.payload_length = PKT_VEC_MAX * 16 };
	struct ip_fixture *f = ip_fixture_create();

	cut(f, 68, &packet);
	assert_int_equal(f->ether.count, PKT_VEC_MAX);
	ip_fixture_empty(f);
	packet.payload_length += 5;
	assert_dropped(f, cut(f, 68, &packet), DROP_ip_fragment_failed);
	ip_fixture_destroy(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_sizes, test_pool_check),
		cmocka_unit_test_teardown(test_too_many, test_pool_check),
	};

	return cmocka_run_group_tests(tests, ip_fixture_group_setup, test_eal_teardown);
}
