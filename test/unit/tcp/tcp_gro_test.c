/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments of a burst that are processed as one, and those that must not be. */
#include "tcp/tcp_priv.h"
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	pair->config.offload.gro = true;
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

/* ---- which join ---- */

#define HEADER 52

/* Of `length` bytes of data, the first of which has the number `seq`. */
static struct tcp_segment
segment_of(uint32_t seq, uint32_t length)
{
	uint8_t bytes[HEADER + 2000];
	struct tcp_segment segment = {
		.tuple = { .local = { 10, 0, 0, 1 },
			.remote = { 10, 0, 0, 2 },
			.local_port = 80,
			.remote_port = 4000,
			.family = IP_FAMILY_4 },
		.seq = seq,
		.ack = 7,
		.end = seq + length,
		.length = length,
		.mss = length,
		.count = 1,
		.window = 100,
		.offset = HEADER,
		.flags = TCP_ACK,
		.options = { .present = TCP_OPTION_TIMESTAMPS, .ts_val = 5, .ts_ecr = 6 },
	};

	memset(bytes, 0xee, HEADER);
	for (uint32_t i = 0; i < length; i++)
		bytes[HEADER + i] = pair_pattern(0, seq + i);
	segment.pkt = segment.last = test_mbuf(bytes, HEADER + length);
	return segment;
}

static void
test_joins(void **state)
{
	struct tcp_segment first = segment_of(0xffffff00U, 1000);
	uint8_t bytes[2400], expected[2400];

	for (unsigned i = 1; i < 3; i++) {
		struct tcp_segment next = segment_of(0xffffff00U + i * 1000, i == 1 ? 1000 : 400);

		next.flags |= i == 2 ? TCP_PSH : 0;
		assert_true(tcp_gro_join(&first, &next));
	}
	assert_int_equal(first.length, 2400);
	assert_int_equal(first.end, 0xffffff00U + 2400);
	assert_int_equal(first.mss, 1000);
	assert_int_equal(first.count, 3);
	assert_int_equal(first.flags, TCP_ACK | TCP_PSH);
	assert_int_equal(first.pkt->pkt_len, HEADER + 2400);
	assert_int_equal(rte_mbuf_check(first.pkt, 1, &(const char *){ NULL }), 0);
	pkt_copy_out(first.pkt, HEADER, 2400, bytes);
	for (uint32_t i = 0; i < sizeof(expected); i++)
		expected[i] = pair_pattern(0, 0xffffff00U + i);
	assert_memory_equal(bytes, expected, sizeof(bytes));
	rte_pktmbuf_free(first.pkt);
}

/* Each says something that the other does not. */
static void
test_does_not_join(void **state)
{
	enum { CASES = 20 };

	for (unsigned i = 0; i < CASES; i++) {
		struct tcp_segment first = segment_of(100, 500);
		struct tcp_segment next = segment_of(600, i == 0 ? 0 : 500);

		switch (i) {
		case 1: next.seq++; break;
		case 2: next.seq--; break;
		case 3: next.ack++; break;
		case 4: next.window++; break;
		case 5: next.flags |= TCP_FIN; break;
		case 6: next.flags |= TCP_URG; break;
		case 7: next.flags |= TCP_ECE; break;
		case 8: next.flags |= TCP_CWR; break;
		case 9: next.flags |= TCP_SYN; break;
		case 10: next.flags |= TCP_RST; break;
		case 11: next.flags = 0; break;
		case 12: next.ce = true; break;
		case 13: next.tos = 2; break;
		case 14: next.options.ts_val++; break;
		case 15: next.options.ts_ecr++; break;
		case 16: next.options.present = 0; break;
		case 17: next.options.sack_count = 1; break;
		case 18: next.tuple.remote_port++; break;
		case 19: next.offset = next.pkt->data_len + 1; break;
		default: break;
		}
		assert_false(tcp_gro_join(&first, &next));
		assert_int_equal(first.length, 500);
		assert_int_equal(first.pkt->nb_segs, 1);
		rte_pktmbuf_free(next.pkt);
		/* Nor does anything behind one that is not plain. */
		if (i >= 5 && i <= 12) {
			uint8_t flags = next.flags;

			next = segment_of(600, 500);
			first.flags = flags;
			first.ce = i == 12;
			assert_false(tcp_gro_join(&first, &next));
			rte_pktmbuf_free(next.pkt);
		}
		rte_pktmbuf_free(first.pkt);
	}
}

/* ---- whole connections ---- */

static void
exchange(uint64_t bytes)
{
	for (unsigned i = 0; i < 2; i++) {
		pair->ends[i].to_send = bytes;
		pair->ends[i].close_when_sent = pair->ends[i].close_at_end = true;
	}
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run(pair, 600 * SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(pair->ends[i].intact);
		assert_true(pair->ends[i].at_end);
		assert_int_equal(pair->ends[i].received, bytes);
		assert_true(pair_stat(pair, i, TCP_STAT_gro_segs) > 0);
	}
}

/* With and without, the user gets the same, and the counters tell of what was on the wire. */
static void
test_counts(void **state)
{
	struct tcp_info info;

	pair->ends[PAIR_CLIENT].to_send = 100000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 100000);
	assert_true(pair->ends[PAIR_SERVER].intact);
	assert_true(pair_stat(pair, PAIR_SERVER, TCP_STAT_gro_segs) > 30);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_in_segs),
		pair->ends[PAIR_CLIENT].segments_sent);
	info = pair_info(pair, PAIR_SERVER);
	/* The SYN came before there was a connection. */
	assert_int_equal(info.segments_in, pair->ends[PAIR_CLIENT].segments_sent - 1);
	assert_int_equal(info.rcv_mss, pair_info(pair, PAIR_CLIENT).snd_mss);
}

static bool
lose_third(struct pair *p, const struct pair_segment *segment)
{
	unsigned *count = p->filter_state;

	return segment->from != PAIR_CLIENT || segment->length == 0 || ++*count != 3;
}

/* RFC 5681 4.2: a duplicate ACK for each segment that came out of order, also if they came as one. */
static void
test_duplicate_acks(void **state)
{
	unsigned count = 0;

	pair->config.sack = false;
	pair->filter = lose_third;
	pair->filter_state = &count;
	pair->ends[PAIR_CLIENT].to_send = 12000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 12000);
	assert_true(pair_stat(pair, PAIR_SERVER, TCP_STAT_gro_segs) > 3);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

static void
test_impaired(void **state)
{
	for (unsigned seed = 1; seed <= 8; seed++) {
		pair_destroy(pair);
		pair = pair_create(seed);
		pair->config.offload.gro = true;
		pair->config.offload.tso = seed % 2 == 0;
		pair->config.policy.ecn = TCP_ECN_ON;
		pair->family = seed > 4 ? IP_FAMILY_6 : IP_FAMILY_4;
		pair->link.loss_ppb = pair->link.reorder_ppb = 20000000;
		pair->link.duplicate_ppb = pair->link.mark_ppb = 10000000;
		exchange(200000);
	}
}

#define GRO_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joins),
		cmocka_unit_test(test_does_not_join),
		GRO_TEST(test_counts),
		GRO_TEST(test_duplicate_acks),
		GRO_TEST(test_impaired),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
