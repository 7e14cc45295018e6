/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole connections between two workers: opened, used, and ended, whatever the link does. */
#include "unit/tcp/tcp_pair.h"

static void
assert_nothing_queued(const struct tcp_core *core)
{
	struct tcp_counts counts;

	tcp_counts(core, &counts);
	assert_int_equal(counts.segments, 0);
	assert_int_equal(counts.send_buffers, 0);
	assert_int_equal(counts.runs, 0);
}

/* Both send, both read, both close: nothing is left but TIME-WAIT. */
static void
transfer(struct pair *pair, uint64_t bytes)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pair_end *end = &pair->ends[i];

		end->to_send = i == PAIR_CLIENT ? bytes : bytes / 2;
		end->close_when_sent = end->close_at_end = true;
	}
	pair_listen(pair, 8);
	pair_connect(pair);
	assert_true(pair_run(pair, 3600 * SECOND_NS));
	for (unsigned i = 0; i < 2; i++) {
		const struct pair_end *end = &pair->ends[i];

		assert_true(end->intact);
		assert_int_equal(end->received, pair->ends[1 - i].to_send);
		assert_true(end->at_end);
		assert_null(end->conn);
		assert_int_equal(end->error, 0);
		assert_nothing_queued(end->core);
	}
}

static struct pair *
pair_of(uint64_t seed, enum ip_family family)
{
	struct pair *pair = pair_create(seed);

	pair->family = family;
	return pair;
}

static void
test_clean_link(void **state)
{
	static const enum ip_family families[] = { IP_FAMILY_4, IP_FAMILY_6 };

	for (unsigned i = 0; i < RTE_DIM(families); i++) {
		struct pair *pair = pair_of(1, families[i]);

		pair_start(pair);
		transfer(pair, 1000000);
		assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_retrans_segs), 0);
		assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_retrans_segs), 0);
		assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_passive_opens), 1);
		pair_destroy(pair);
	}
}

static void
test_packets_handed_over(void **state)
{
	struct pair *pair = pair_of(2, IP_FAMILY_4);

	pair->ends[0].hand_over = pair->ends[1].hand_over = true;
	pair->link.loss_ppb = RANDOM_PPB / 50;
	pair_start(pair);
	transfer(pair, 300000);
	pair_destroy(pair);
}

/* What is on its way is not touched, whatever is sent again meanwhile. */
static void
test_packets_on_their_way(void **state)
{
	for (unsigned i = 0; i < 16; i++) {
		struct pair *pair = pair_of(50 + i, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4);

		pair->link = (struct virtual_link){ .loss_ppb = RANDOM_PPB / 20,
			.reorder_ppb = RANDOM_PPB / 10,
			.delay_ns = 300 * MS_NS,
			.holds_packets = true };
		pair_start(pair);
		transfer(pair, 100000);
		pair_destroy(pair);
	}
}

/* Loss, reordering, duplicates and all of them, with every option that changes the way. */
static void
test_bad_links(void **state)
{
	static const struct virtual_link links[] = {
		{ .loss_ppb = RANDOM_PPB / 100, .delay_ns = 10 * MS_NS },
		{ .loss_ppb = RANDOM_PPB / 10, .delay_ns = 10 * MS_NS },
		{ .reorder_ppb = RANDOM_PPB / 20, .delay_ns = 10 * MS_NS },
		{ .jitter_ns = 20 * MS_NS, .delay_ns = 10 * MS_NS },
		{ .duplicate_ppb = RANDOM_PPB / 10, .delay_ns = 10 * MS_NS },
		{ .loss_ppb = RANDOM_PPB / 30,
			.reorder_ppb = RANDOM_PPB / 30,
			.duplicate_ppb = RANDOM_PPB / 30,
			.delay_ns = 50 * MS_NS },
	};

	for (unsigned i = 0; i < RTE_DIM(links) * 16; i++) {
		struct pair *pair = pair_of(100 + i, i % 2 ? IP_FAMILY_6 : IP_FAMILY_4);

		pair->link = links[i / 16];
		pair->config.sack = (i & 1) == 0;
		pair->config.timestamps = (i & 2) == 0;
		pair->config.window_scaling = (i & 4) == 0;
		pair->settings.nodelay = (i & 8) == 0;
		pair_start(pair);
		transfer(pair, 100000);
		pair_destroy(pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_link),
		cmocka_unit_test(test_packets_handed_over),
		cmocka_unit_test(test_packets_on_their_way),
		cmocka_unit_test(test_bad_links),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
