/* SPDX-License-Identifier: BSD-3-Clause */
/* TCP segments that become large packets: cut again, they are the same, byte for byte. */
#include "cable/cable_lro.h"

#include "base/random.h"
#include "cable/cable_checksum.h"
#include "cable/cable_tso.h"
#include "unit/drivers/cable_fixture.h"
#include "wire/endian.h"

#define L2    14
#define MSS   1000
#define PSH   0x08
#define ACK   0x10
#define FIN   0x01
#define BURST 64

/* One segment. What is 0 is as in most. */
struct segment {
	bool ip6;
	uint8_t flow; /* its source port */
	uint32_t at; /* in the stream */
	uint16_t length;
	uint16_t id;
	uint8_t flags; /* beside ACK */
	uint8_t options; /* bytes */
	/* What one differs in */
	uint8_t tos, ttl, timestamp, fragment;
	uint16_t window;
	uint32_t ack;
	uint8_t pad; /* bytes behind it */
	uint8_t mac; /* of the sender */
	bool bad;
};

struct frame {
	uint8_t bytes[1600];
	uint32_t length;
};

static uint8_t
stream_byte(uint32_t at)
{
	return (uint8_t)(at * 7 + at / 251);
}

static void
ip_write(const struct segment *seg, uint8_t *l3, uint16_t length)
{
	if (seg->ip6) {
		l3[0] = 0x60;
		l3[1] = (uint8_t)(seg->tos << 4);
		be16_store(l3 + 4, length);
		l3[6] = IP_PROTO_TCP;
		l3[7] = (uint8_t)(64 - seg->ttl);
		memset(l3 + 8, 0x20, 32);
		return;
	}
	l3[0] = IP4_VERSION_IHL;
	l3[1] = seg->tos;
	be16_store(l3 + 2, (uint16_t)(IP4_HDR_LENGTH + length));
	be16_store(l3 + 4, seg->id);
	l3[6] = seg->fragment;
	l3[8] = (uint8_t)(64 - seg->ttl);
	l3[9] = IP_PROTO_TCP;
	memset(l3 + 12, 0x0a, 8);
}

static void
frame_write(const struct segment *seg, struct frame *frame)
{
	const unsigned l4 = L2 + (seg->ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH);
	const unsigned header = l4 + 20 + seg->options;
	uint8_t *tcp = frame->bytes + l4;
	struct cable_headers headers;

	memset(frame->bytes, 0, header);
	frame->bytes[11] = seg->mac;
	be16_store(frame->bytes + 12, seg->ip6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4);
	ip_write(seg, frame->bytes + L2, (uint16_t)(20 + seg->options + seg->length));
	be16_store(tcp, seg->flow);
	be32_store(tcp + 4, 0xffffc000 + seg->at);
	be32_store(tcp + 8, seg->ack);
	tcp[12] = (uint8_t)((20 + seg->options) / 4 << 4);
	tcp[13] = ACK | seg->flags;
	be16_store(tcp + 14, seg->window);
	if (seg->options > 0) {
		memcpy(tcp + 20, (uint8_t[]){ 1, 1, 8, 10 }, 4);
		tcp[27] = seg->timestamp;
	}
	for (unsigned i = 0; i < seg->length; i++)
		frame->bytes[header + i] = stream_byte(seg->at + i);
	frame->length = header + seg->length;
	cable_headers_parse(frame->bytes, frame->length, &headers);
	if (!seg->ip6)
		cable_ip4_fill(frame->bytes, &headers);
	cable_l4_fill(frame->bytes, &headers);
	if (seg->bad)
		frame->bytes[header]++;
	memset(frame->bytes + frame->length, 0, seg->pad);
	frame->length += seg->pad;
}

/* As cable_receive.c gives it to a queue. */
static struct rte_mbuf *
frame_mbuf(const struct frame *frame, size_t buffer)
{
	struct rte_mbuf *pkt = test_mbuf_chain(frame->bytes, frame->length, buffer);
	struct cable_headers headers;

	cable_headers_parse(frame->bytes, frame->length, &headers);
	if (cable_ip4_verify(frame->bytes, &headers) == CABLE_CHECKSUM_GOOD)
		pkt->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	if (cable_l4_verify(frame->bytes, &headers) == CABLE_CHECKSUM_GOOD)
		pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return pkt;
}

/* Cut a packet that LRO made as it says that it can be. @return how many frames that is */
static unsigned
packet_cut(struct rte_mbuf *pkt, struct frame *frames)
{
	const uint8_t *bytes = rte_pktmbuf_mtod(pkt, const uint8_t *);
	bool ip6 = be16_load(bytes + 12) == ETHER_TYPE_IP6;
	struct cable_tso tso;
	unsigned count = 0;

	assert_int_equal(rte_mbuf_check(pkt, 1, &(const char *){ NULL }), 0);
	if ((pkt->ol_flags & RTE_MBUF_F_RX_LRO) == 0) {
		frames[0].length = pkt->pkt_len;
		pkt_copy_out(pkt, 0, pkt->pkt_len, frames[0].bytes);
		return 1;
	}
	pkt->l2_len = L2;
	pkt->l3_len = ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH;
	pkt->l4_len = (uint8_t)(bytes[L2 + pkt->l3_len + 12] >> 4) * 4U;
	if (ip6)
		assert_int_equal(pkt->pkt_len - L2 - IP6_HDR_LENGTH, be16_load(bytes + L2 + 4));
	else
		assert_int_equal(pkt->pkt_len - L2, be16_load(bytes + L2 + 2));
	if (!ip6)
		assert_int_equal(packet_checksum(0, bytes + L2, IP4_HDR_LENGTH), 0);
	pkt->ol_flags |= ip6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4;
	assert_true(cable_tso_init(&tso, pkt));
	while ((frames[count].length = cable_tso_next(&tso, frames[count].bytes)) != 0)
		count++;
	assert_true(count > 1);
	return count;
}

/* The packets that so many segments become. */
static unsigned
coalesced(const struct segment *segments, unsigned count)
{
	static struct frame frames[BURST], cut[BURST + 1];
	struct rte_mbuf *pkts[BURST];
	unsigned kept, done = 0;

	for (unsigned i = 0; i < count; i++) {
		frame_write(&segments[i], &frames[i]);
		pkts[i] = frame_mbuf(&frames[i], 700);
	}
	kept = cable_lro(pkts, (uint16_t)count);
	for (unsigned i = 0; i < kept; i++) {
		unsigned parts = packet_cut(pkts[i], cut);

		for (unsigned part = 0; part < parts; part++, done++) {
			assert_int_equal(cut[part].length, frames[done].length);
			assert_memory_equal(
				cut[part].bytes, frames[done].bytes, frames[done].length);
		}
		rte_pktmbuf_free(pkts[i]);
	}
	assert_int_equal(done, count);
	return kept;
}

/* Two that fit but for what the second differs in. */
#define pair(field, value)                                                              \
	({                                                                              \
		struct segment two[] = { { .length = MSS, .options = 12, .id = 65535 }, \
			{ .at = MSS, .length = MSS, .options = 12 } };                  \
		two[1].field = (value);                                                 \
		coalesced(two, 2);                                                      \
	})

static void
test_rules(void **state)
{
	assert_int_equal(pair(ttl, 0), 1);
	assert_int_equal(pair(length, 1), 1);
	assert_int_equal(pair(flags, PSH), 1);
	assert_int_equal(pair(length, MSS + 1), 2);
	assert_int_equal(pair(at, MSS + 1), 2);
	assert_int_equal(pair(at, 0), 2);
	assert_int_equal(pair(id, 1), 2);
	assert_int_equal(pair(flags, FIN), 2);
	for (unsigned bit = 0; bit < 8; bit++)
		assert_int_equal(pair(flags, (uint8_t)(1U << bit)),
			(1U << bit) == PSH || (1U << bit) == ACK ? 1 : 2);
	assert_int_equal(pair(tos, 3), 2);
	assert_int_equal(pair(ttl, 1), 2);
	assert_int_equal(pair(fragment, 0x20), 2);
	assert_int_equal(pair(fragment, 0x40), 2);
	assert_int_equal(pair(window, 1), 2);
	assert_int_equal(pair(ack, 1), 2);
	assert_int_equal(pair(timestamp, 1), 2);
	assert_int_equal(pair(options, 0), 2);
	assert_int_equal(pair(options, 16), 2);
	assert_int_equal(pair(bad, true), 2);
	assert_int_equal(pair(mac, 1), 2);
	assert_int_equal(pair(flow, 1), 2);
	assert_int_equal(pair(ip6, true), 2);
	assert_int_equal(pair(pad, 6), 2);
	assert_int_equal(pair(length, 0), 2);
}

/* A short one, and one that is pushed, ends a packet; nothing passes another one of its flow. */
static void
test_ends(void **state)
{
	struct segment run[6];

	for (unsigned i = 0; i < 6; i++)
		run[i] = (struct segment){ .ip6 = true, .at = i * MSS, .length = MSS };
	assert_int_equal(coalesced(run, 6), 1);
	run[2].flags = PSH;
	assert_int_equal(coalesced(run, 6), 2);
	run[2].flags = 0;
	run[2].length = MSS - 1;
	run[3].at--;
	assert_int_equal(coalesced(run, 6), 3);
	run[3].at++;
	run[2] = (struct segment){ .ip6 = true, .at = 2 * MSS };
	run[3].at = 2 * MSS;
	assert_int_equal(coalesced(run, 4), 3);
}

/* As much as the IP header can say, and no more. */
static void
test_largest(void **state)
{
	struct segment run[BURST];

	for (unsigned ip6 = 0; ip6 < 2; ip6++) {
		for (unsigned i = 0; i < BURST; i++)
			run[i] = (struct segment){ .ip6 = ip6,
				.at = i * 1400,
				.length = 1400,
				.id = (uint16_t)i,
				.options = 12 };
		assert_int_equal(coalesced(run, 46), 1);
		assert_int_equal(coalesced(run, 47), 2);
		assert_int_equal(coalesced(run, BURST), 2);
	}
}

static uint8_t
flow_of(const struct frame *frame)
{
	unsigned l4 = L2 + (be16_load(frame->bytes + 12) == ETHER_TYPE_IP6 ? 40 : 20);

	return frame->bytes[l4 + 1];
}

/*
 * Streams of several flows, mixed, with losses, and some out of order: of each flow comes out what
 * went in, in the order in which it went in, in fewer packets.
 */
static void
test_random_streams(void **state)
{
	static struct frame frames[BURST], cut[BURST + 1];
	struct segment next[4] = { 0 };
	struct random random;
	unsigned in = 0, out = 0;

	random_init(&random, 1);
	for (unsigned round = 0; round < 500; round++) {
		unsigned count = 1 + (unsigned)random_below(&random, BURST), kept;
		unsigned at[4] = { 0 }, done = 0;
		struct rte_mbuf *pkts[BURST];

		for (unsigned i = 0; i < count; i++) {
			unsigned flow = (unsigned)random_below(&random, 4);
			struct segment *seg = &next[flow];

			*seg = (struct segment){ .ip6 = flow % 2,
				.flow = (uint8_t)flow,
				.at = seg->at + seg->length,
				.id = (uint16_t)(seg->id + 1),
				.length = random_chance(&random, RANDOM_PPB / 10) ? 100 : 300,
				.flags = random_chance(&random, RANDOM_PPB / 20) ? PSH : 0 };
			if (random_chance(&random, RANDOM_PPB / 20))
				seg->at += 300;
			frame_write(seg, &frames[i]);
			if (i > 0 && random_chance(&random, RANDOM_PPB / 20)) {
				struct frame swap = frames[i];

				frames[i] = frames[i - 1];
				frames[i - 1] = swap;
			}
		}
		for (unsigned i = 0; i < count; i++)
			pkts[i] = frame_mbuf(&frames[i], 1600);
		kept = cable_lro(pkts, (uint16_t)count);
		for (unsigned i = 0; i < kept; i++) {
			unsigned parts = packet_cut(pkts[i], cut), flow = flow_of(&cut[0]);

			for (unsigned part = 0; part < parts; part++, done++) {
				while (at[flow] < count && flow_of(&frames[at[flow]]) != flow)
					at[flow]++;
				assert_in_range(at[flow], 0, count - 1);
				assert_int_equal(cut[part].length, frames[at[flow]].length);
				assert_memory_equal(
					cut[part].bytes, frames[at[flow]].bytes, cut[part].length);
				at[flow]++;
			}
			rte_pktmbuf_free(pkts[i]);
		}
		assert_int_equal(done, count);
		in += count;
		out += kept;
	}
	assert_true(out < in * 2 / 3);
}

/* Only ends that are asked to do it do it. */
static void
test_end(void **state)
{
	static const char *const args[] = { "", "offloads all,rx-lro" };
	struct rte_mbuf *pkts[BURST];
	struct frame frame;

	for (unsigned lro = 0; lro < 2; lro++) {
		struct cable_fixture f;
		uint16_t count;

		cable_fixture_create(&f, args[lro], 1);
		assert_int_equal((f.ports[1]->offloads & PORT_RX_LRO) != 0, lro);
		for (unsigned i = 0; i < 10; i++) {
			frame_write(&(struct segment){ .at = i * MSS,
					    .length = MSS,
					    .id = (uint16_t)i,
					    .options = 12 },
				&frame);
			memcpy(frame.bytes, f.ports[1]->mac.bytes, 6);
			cable_fixture_send_mbuf(&f, 0, test_mbuf(frame.bytes, frame.length));
		}
		count = f.ports[1]->ops->rx(f.ports[1]->driver, 0, pkts, BURST);
		assert_int_equal(count, lro ? 1 : 10);
		if (lro) {
			assert_int_equal(pkts[0]->tso_segsz, MSS);
			assert_int_equal(pkts[0]->nb_segs, 10);
			assert_true((pkts[0]->ol_flags & RTE_MBUF_F_RX_LRO) != 0);
		}
		rte_pktmbuf_free_bulk(pkts, count);
		cable_fixture_destroy(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_rules, test_pool_check),
		cmocka_unit_test_teardown(test_ends, test_pool_check),
		cmocka_unit_test_teardown(test_largest, test_pool_check),
		cmocka_unit_test_teardown(test_random_streams, test_pool_check),
		cmocka_unit_test_teardown(test_end, test_pool_check),
	};

	return cmocka_run_group_tests(tests, cable_group_setup, test_eal_teardown);
}
