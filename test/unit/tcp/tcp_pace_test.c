/* SPDX-License-Identifier: BSD-3-Clause */
/* Pacing: segments leave at the rate that the user, or his congestion control, allows, and not in bursts. */
#include "tcp/tcp_conn.h"
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	pair->settings.send_buffer = pair->settings.send_buffer_max = 262144;
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 262144;
	pair->config.segments_max = 1024;
	pair->ends[PAIR_CLIENT].to_send = 1000000;
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

static void
check_rate(uint32_t rate, unsigned burst_max)
{
	uint64_t before;

	pair->settings.pacing_rate = rate;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	before = pair->ends[PAIR_SERVER].received;
	pair->ends[PAIR_CLIENT].burst_max = 0;
	pair_run_for(pair, SECOND_NS);
	assert_in_range(
		pair->ends[PAIR_SERVER].received - before, rate * 97ULL / 100, rate * 103ULL / 100);
	assert_in_range(pair->ends[PAIR_CLIENT].burst_max, 1, burst_max);
	assert_true(pair->ends[PAIR_SERVER].intact);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 0);
}

/* A segment each 14 ms. */
static void
test_slow(void **state)
{
	check_rate(100000, 1);
}

/* A segment each 3.5 ms; and several in a packet are no burst either. */
static void
test_with_tso(void **state)
{
	pair->config.offload.tso = true;
	check_rate(400000, 2);
}

/* What is allowed is more than cwnd: that is spread over the round trip, and does not leave at once. */
static void
test_by_cwnd(void **state)
{
	pair->link.delay_ns = 50 * MS_NS;
	pair->settings.pacing_rate = UINT32_MAX;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS / 4);
	pair->ends[PAIR_CLIENT].burst_max = 0;
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1000000);
	assert_in_range(pair->ends[PAIR_CLIENT].burst_max, 1, 8);
}

static uint64_t
rate_of_test(const struct cc *cc, uint32_t srtt_us)
{
	return 300000;
}

/* What a congestion control asks for, of a socket that says nothing. */
static void
test_by_congestion_control(void **state)
{
	struct cc_ops ops = *cc_find("newreno");
	uint64_t before;

	ops.paces = true;
	ops.pacing_rate = rate_of_test;
	pair->settings.cc = &ops;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	before = pair->ends[PAIR_SERVER].received;
	pair->ends[PAIR_CLIENT].burst_max = 0;
	pair_run_for(pair, SECOND_NS);
	assert_in_range(pair->ends[PAIR_SERVER].received - before, 290000, 310000);
	assert_in_range(pair->ends[PAIR_CLIENT].burst_max, 1, 2);
	/* Less, as the user wants it; and then another, that does not care. */
	pair->settings.pacing_rate = 100000;
	tcp_settings_set(
		pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &pair->settings);
	before = pair->ends[PAIR_SERVER].received;
	pair_run_for(pair, SECOND_NS);
	assert_in_range(pair->ends[PAIR_SERVER].received - before, 90000, 110000);
	/* lib/cc need not keep bursts small for as long. */
	assert_true(pair->ends[PAIR_CLIENT].conn->cc.bursts_moderated);
	pair->settings.pacing_rate = 0;
	pair->settings.cc = cc_find("cubic");
	tcp_settings_set(
		pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &pair->settings);
	assert_false(pair->ends[PAIR_CLIENT].conn->cc.bursts_moderated);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1000000);
}

static unsigned
burst_with_policy(bool pacing)
{
	pair->config.policy.pacing = pacing;
	pair->link.delay_ns = 50 * MS_NS;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS / 4);
	pair->ends[PAIR_CLIENT].burst_max = 0;
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1000000);
	return pair->ends[PAIR_CLIENT].burst_max;
}

/* Whatever sockets say. */
static void
test_by_policy(void **state)
{
	assert_in_range(burst_with_policy(true), 1, 8);
}

/* Else windows leave as they are acknowledged, here all at once. */
static void
test_without_policy(void **state)
{
	assert_true(burst_with_policy(false) > 20);
}

/* Losses are made good, at the same pace. */
static void
test_with_losses(void **state)
{
	pair->link.loss_ppb = 20000000;
	pair->settings.pacing_rate = 500000;
	pair->ends[PAIR_CLIENT].close_when_sent = true;
	pair->ends[PAIR_SERVER].close_at_end = true;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1000000);
	assert_true(pair->ends[PAIR_SERVER].intact && pair->ends[PAIR_SERVER].at_end);
}

static unsigned data_segments;

/* Filters. Of the client's data the third segment is lost, or all from then on. */
static bool
data_is_third(struct pair *other, const struct pair_segment *segment)
{
	return segment->from != PAIR_CLIENT || segment->length == 0 || ++data_segments != 3;
}

static bool
data_from_third_on(struct pair *other, const struct pair_segment *segment)
{
	return segment->from != PAIR_CLIENT || segment->length == 0 || ++data_segments < 3;
}

/* A segment each 1.4 s: its time begins when it leaves, and first a probe follows it (RFC 8985 7). */
static void
test_time_of_what_waited(void **state)
{
	data_segments = 0;
	pair->settings.pacing_rate = 1000;
	pair->filter = data_is_third;
	pair->link.delay_ns = 75 * MS_NS;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 30 * SECOND_NS);
	assert_true(pair->ends[PAIR_SERVER].received > 20000);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 1);
	assert_true(pair_stat(pair, PAIR_CLIENT, TCP_STAT_tlp_probes) > 0);
}

/* A segment each 14 s: as long as none is out, none times out. */
static void
test_no_timeout_while_it_waits(void **state)
{
	data_segments = 0;
	pair->settings.pacing_rate = 100;
	pair->filter = data_from_third_on;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 120 * SECOND_NS);
	assert_in_range(pair_info(pair, PAIR_CLIENT).timeouts, 1, data_segments - 2);
}

/* It may be taken back. */
static void
test_ends(void **state)
{
	pair->settings.pacing_rate = 1000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	assert_true(pair->ends[PAIR_SERVER].received < 10000);
	pair->settings.pacing_rate = 0;
	tcp_settings_set(
		pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &pair->settings);
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1000000);
}

/* What waits by the old rate, here for two minutes, does not by a higher one. */
static void
test_higher_rate(void **state)
{
	pair->settings.pacing_rate = 10;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	assert_in_range(pair->ends[PAIR_SERVER].received, 1, 10000);
	pair->settings.pacing_rate = 2000000;
	tcp_settings_set(
		pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &pair->settings);
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1000000);
}

#define PACE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PACE_TEST(test_slow),
		PACE_TEST(test_with_tso),
		PACE_TEST(test_by_cwnd),
		PACE_TEST(test_by_congestion_control),
		PACE_TEST(test_by_policy),
		PACE_TEST(test_without_policy),
		PACE_TEST(test_with_losses),
		PACE_TEST(test_time_of_what_waited),
		PACE_TEST(test_no_timeout_while_it_waits),
		PACE_TEST(test_ends),
		PACE_TEST(test_higher_rate),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
