/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets of our own TCP: each buffer is a segment, which goes as it is, and whose data somebody else keeps. */
#include "unit/port/gso_fixture.h"

/* As lib/tcp hands it down: each buffer is a segment, of which somebody else keeps the data. */
static struct rte_mbuf *
append_segments(const struct large *large)
{
	struct large first = *large;
	struct rte_mbuf *pkt, *m;

	first.buffer = RTE_MBUF_DEFAULT_DATAROOM;
	first.length = RTE_MIN(large->length, (uint32_t)large->segsz);
	pkt = append(&first);
	for (uint32_t from = large->segsz; from < large->length; from += large->segsz)
		rte_pktmbuf_chain(pkt,
			test_mbuf(data + from,
				RTE_MIN(large->length - from, (uint32_t)large->segsz)));
	if (large->ip6)
		be16_store(rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l2_len + 4),
			(uint16_t)(TCP_LENGTH + large->length));
	else
		be16_store(rte_pktmbuf_mtod_offset(pkt, uint8_t *, pkt->l2_len + 2),
			(uint16_t)(IP4_HDR_LENGTH + TCP_LENGTH + large->length));
	pkt->ol_flags |= pkt_headroom_flag;
	for (m = pkt; m != NULL; m = m->next)
		rte_mbuf_refcnt_update(m, 1);
	return pkt;
}

/* Who kept the data has it still; and lets it go. */
static void
release_segments(struct rte_mbuf *const *kept, const struct large *large)
{
	const uint32_t header = ETHER_HDR_LENGTH + large->tags * VLAN_TAG_LENGTH +
		(large->ip6 ? IP6_HDR_LENGTH : IP4_HDR_LENGTH) + TCP_LENGTH;

	for (uint32_t from = 0, i = 0; from < large->length; from += large->segsz, i++) {
		const uint8_t *bytes = (const uint8_t *)kept[i]->buf_addr + RTE_PKTMBUF_HEADROOM;

		assert_int_equal(rte_mbuf_refcnt_read(kept[i]), 1);
		assert_memory_equal(bytes + (i == 0 ? header : 0), data + from,
			RTE_MIN(large->length - from, (uint32_t)large->segsz));
		rte_pktmbuf_free_seg(kept[i]);
	}
}

static unsigned
keep_segments(struct rte_mbuf *pkt, struct rte_mbuf **kept)
{
	unsigned count = 0;

	for (; pkt != NULL; pkt = pkt->next)
		kept[count++] = pkt;
	return count;
}

/* Buffers that are segments go as they are, with headers of their own. */
static void
test_in_place(void **state)
{
	static const uint32_t lengths[] = { 1001, 2000, 2999, 50000 };
	struct rte_mbuf *kept[64];

	port->offloads = 0;
	for (unsigned i = 0; i < RTE_DIM(lengths) * 6; i++) {
		const struct large large = { .ip6 = i % 2 != 0,
			.length = lengths[i / 6],
			.segsz = 1000,
			.tags = i % 6 / 2 };
		struct rte_mbuf *pkt = append_segments(&large);
		uint64_t bytes = port->txq_counters[0].bytes, length = pkt->pkt_len;
		unsigned count = keep_segments(pkt, kept);

		assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
		assert_int_equal(port->txq_counters[0].bytes - bytes, length);
		assert_int_equal(port_double_sent(wire, 0), count);
		expect_segments(&large, large.length);
		release_segments(kept, &large);
	}
}

/* Those that have no room, or other lengths, are copied; nobody's data is written to. */
static void
test_not_in_place(void **state)
{
	const struct large large = { .length = 5000, .segsz = 1000 };
	struct rte_mbuf *kept[64];

	for (unsigned i = 0; i < 4; i++) {
		struct rte_mbuf *pkt = append_segments(&large), *m = pkt->next;

		keep_segments(pkt, kept);
		if (i == 0) {
			pkt->ol_flags &= ~pkt_headroom_flag;
		} else if (i == 1) {
			/* Less room than the header takes, or not where a header may be. */
			memmove((uint8_t *)m->buf_addr + 64, rte_pktmbuf_mtod(m, void *), 1000);
			m->data_off = 64;
		} else if (i == 2) {
			memmove((uint8_t *)m->buf_addr + 129, rte_pktmbuf_mtod(m, void *), 1000);
			m->data_off = 129;
		} else {
			pkt->tso_segsz = 900;
		}
		assert_int_equal(port_tx(port, 0, &vec, &drops), 1);
		assert_int_equal(port_double_sent(wire, 0), i < 3 ? 5 : 6);
		if (i < 3)
			expect_segments(&large, large.length);
		else
			expect_segments(
				&(struct large){ .length = 5000, .segsz = 900 }, large.length);
		for (unsigned k = 0; k < 5; k++) {
			assert_int_equal(rte_mbuf_refcnt_read(kept[k]), 1);
			rte_pktmbuf_free_seg(kept[k]);
		}
	}
}

static void
test_queue_full_in_place(void **state)
{
	const struct large large = { .length = 50000, .segsz = 1000 };
	struct rte_mbuf *pkt = append_segments(&large), *kept[64];

	pkt_meta_init(pkt, 5, PKT_ORIGINATED);
	keep_segments(pkt, kept);
	append_plain("10.0.0.3");
	wire->tx_room = 40;
	assert_int_equal(port_tx(port, 0, &vec, &drops), 0);
	assert_int_equal(drops.count, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pkt_meta(drops.pkts[i])->reason, DROP_tx_queue_full);
	/* What is left of it is still the packet that it was. */
	assert_int_equal(pkt_meta(drops.pkts[0])->iface, 5);
	assert_int_equal(pkt_meta(drops.pkts[0])->flags, PKT_ORIGINATED);
	assert_int_equal(port->txq_counters[0].bytes, 0);
	assert_int_equal(port->txq_counters[0].drops, 2);
	expect_segments(&large, 40 * large.segsz);
	assert_int_equal(port_double_sent(wire, 0), 0);
	rte_pktmbuf_free_bulk(drops.pkts, drops.count);
	drops.count = 0;
	release_segments(kept, &large);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		GSO_TEST(test_in_place),
		GSO_TEST(test_not_in_place),
		GSO_TEST(test_queue_full_in_place),
	};

	return cmocka_run_group_tests(tests, group_setup, test_eal_teardown);
}
