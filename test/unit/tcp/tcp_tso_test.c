/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments that leave as one packet: what peers see of it is what they see without. */
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	pair->config.offload.tso = true;
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

/* Both send; all arrives. */
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
		assert_true(pair->ends[i].large_sent > 0);
	}
}

static void
test_both_families(void **state)
{
	exchange(300000);
	pair_destroy(pair);
	setup(NULL);
	pair->family = IP_FAMILY_6;
	exchange(300000);
}

/* Of frames larger than others: so are the segments that they are cut to. */
static void
test_large_frames(void **state)
{
	pair->settings.mtu = 9000;
	exchange(2000000);
}

/* Each segment counts, and a burst has no more of them than without. */
static void
test_counts(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 1048576;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 1048576;
	pair->config.segments_max = 2048;
	client->to_send = 600000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 600000);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_out_segs), client->segments_sent);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).segments_out, client->segments_sent);
	assert_true(client->large_sent < client->segments_sent / 8);
	assert_true(client->burst_max <= PKT_VEC_MAX);
}

static bool
lose_tenth(struct pair *p, const struct pair_segment *segment)
{
	unsigned *count = p->filter_state;

	return segment->from != PAIR_CLIENT || segment->length == 0 || ++*count != 10;
}

/* One of them is lost, and that one is sent again. */
static void
test_one_is_lost(void **state)
{
	unsigned count = 0;

	pair->filter = lose_tenth;
	pair->filter_state = &count;
	pair->ends[PAIR_CLIENT].to_send = 100000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 100000);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).bytes_retransmitted,
		pair_info(pair, PAIR_CLIENT).snd_mss);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

static bool
lose_for_a_while(struct pair *p, const struct pair_segment *segment)
{
	const uint64_t *until_ns = p->filter_state;

	return segment->length == 0 || p->now_ns >= *until_ns;
}

/* What is sent again goes together, too, as cwnd allows: one segment, two, four. */
static void
test_all_are_lost(void **state)
{
	uint8_t bytes[7 * 1448];
	uint64_t until_ns;

	pair_start(pair);
	pair_open(pair);
	until_ns = pair->now_ns + 100 * MS_NS;
	pair->filter = lose_for_a_while;
	pair->filter_state = &until_ns;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = pair_pattern(PAIR_CLIENT, i);
	assert_int_equal(tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, bytes,
				 sizeof(bytes)),
		sizeof(bytes));
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, sizeof(bytes));
	assert_true(pair->ends[PAIR_SERVER].intact);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 1);
	assert_in_range(pair->ends[PAIR_CLIENT].large_sent, 3, 4);
}

/* Whatever the link does, and with marks of ECN. */
static void
test_impaired(void **state)
{
	for (unsigned seed = 1; seed <= 8; seed++) {
		pair_destroy(pair);
		pair = pair_create(seed);
		pair->config.offload.tso = true;
		pair->config.policy.ecn = TCP_ECN_ON;
		pair->link.loss_ppb = pair->link.reorder_ppb = 20000000;
		pair->link.duplicate_ppb = pair->link.mark_ppb = 10000000;
		pair->link.jitter_ns = 3 * MS_NS;
		exchange(200000);
	}
}

/* Data in packets of the user's, of lengths that are none of a segment's: as they are. */
static void
test_packets_of_the_user(void **state)
{
	pair->ends[PAIR_CLIENT].hand_over = true;
	pair->ends[PAIR_CLIENT].to_send = 60000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 60000);
	assert_true(pair->ends[PAIR_SERVER].intact);
	assert_int_equal(pair->ends[PAIR_CLIENT].large_sent, 0);
}

#define TSO_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TSO_TEST(test_both_families),
		TSO_TEST(test_large_frames),
		TSO_TEST(test_counts),
		TSO_TEST(test_one_is_lost),
		TSO_TEST(test_all_are_lost),
		TSO_TEST(test_impaired),
		TSO_TEST(test_packets_of_the_user),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
