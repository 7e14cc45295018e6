/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an association has only while it needs it: blocks of streams that are used, with maps of those that are
 * many; and maps of TSNs that are missing.
 */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static struct sctp_counts
counts_of(const struct pair *pair, unsigned end)
{
	struct sctp_counts counts;

	sctp_counts(pair->ends[end].core, &counts);
	return counts;
}

/* Four streams a block; of the first 16 the association knows, of each 512 there is a map. */
static void
test_blocks(void **state)
{
	static const struct {
		uint16_t stream;
		unsigned blocks; /* in all */
	} steps[] = { { 0, 1 }, { 3, 1 }, { 4, 2 }, { 15, 3 }, { 16, 5 }, { 511, 6 }, { 512, 8 },
		{ 1023, 9 }, { 1020, 9 } };
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	(void)state;
	pair->settings.out_streams = SCTP_STREAMS_MAX;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	for (unsigned i = 0; i < RTE_DIM(steps); i++) {
		struct sctp_message message = { .stream = steps[i].stream }, got;
		char byte = 0;

		assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), 0);
		pair_run_for(pair, SECOND_NS);
		assert_int_equal(counts_of(pair, PAIR_CLIENT).stream_blocks, steps[i].blocks);
		assert_int_equal(counts_of(pair, PAIR_SERVER).stream_blocks, steps[i].blocks);
		assert_int_equal(sctp_recv(server->core, server->assoc, &byte, 1, &got), 1);
		assert_int_equal(byte, 'x');
		assert_int_equal(got.stream, steps[i].stream);
	}
	sctp_abort(client->core, client->assoc, NULL, 0);
	client->assoc = NULL;
	pair_run_for(pair, SECOND_NS);
	for (unsigned end = 0; end < 2; end++)
		assert_int_equal(counts_of(pair, end).stream_blocks, 0);
	pair_destroy(pair);
}

/* A map without a block in it is nobody's loss, and goes with its association. */
static void
test_blocks_full(void **state)
{
	struct pair *pair = pair_create(2);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 100 };

	(void)state;
	pair->config.assocs_max = 1;
	pair->config.stream_blocks_max = 2;
	pair->settings.out_streams = SCTP_STREAMS_MAX;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), 0);
	message.stream = 900;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), -EAGAIN);
	message.stream = 0;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), -EAGAIN);
	message.stream = 101;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), 0);
	assert_int_equal(counts_of(pair, PAIR_CLIENT).stream_blocks, 2);
	assert_true(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_nomem) >= 2);
	pair_destroy(pair);
}

/* Others' first blocks are nobody's second ones, where there are few more of them than associations. */
static void
test_first_blocks(void **state)
{
	struct pair *pair = pair_create(13);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 0 };

	(void)state;
	pair->config.assocs_max = 16;
	pair->config.stream_blocks_max = 19;
	pair->settings.out_streams = 64;
	pair_start(pair);
	pair_open(pair);
	for (unsigned i = 0; i < 8; i++) {
		message.stream = (uint16_t)(4 * i);
		assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1),
			i < 4 ? 0 : -EAGAIN);
	}
	assert_int_equal(counts_of(pair, PAIR_CLIENT).stream_blocks, 4);
	pair_destroy(pair);
}

/* What is sure is a block, and no map of one: streams beyond 15 wait, and do not take the place of others. */
static void
test_map_is_more(void **state)
{
	struct pair *pair = pair_create(14);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 100 };

	(void)state;
	pair->config.assocs_max = 2;
	pair->config.stream_blocks_max = 2;
	pair->settings.out_streams = SCTP_STREAMS_MAX;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), -EAGAIN);
	assert_int_equal(counts_of(pair, PAIR_CLIENT).stream_blocks, 0);
	message.stream = 15;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), 0);
	pair_destroy(pair);
}

static void
data_inject(struct pair *pair, uint32_t tsn)
{
	uint8_t value[16] = { 0 };

	be32_store(value, tsn);
	be16_store(value + 6, 1);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_DATA,
		SCTP_DATA_BEGIN | SCTP_DATA_END | SCTP_DATA_UNORDERED, value, sizeof(value));
}

/* Of the next 64 TSNs each association knows; there is a map from the first one behind those to the last gap. */
static void
test_gap_map(void **state)
{
	struct pair *pair = pair_create(3);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	uint32_t tsn;

	(void)state;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	data_inject(pair, tsn);
	data_inject(pair, tsn + 2);
	data_inject(pair, tsn + 64);
	assert_int_equal(counts_of(pair, PAIR_SERVER).gap_maps, 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 12);
	data_inject(pair, tsn + 65);
	assert_int_equal(counts_of(pair, PAIR_SERVER).gap_maps, 1);
	data_inject(pair, tsn + 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 2);
	for (uint32_t i = 3; i < 64; i++)
		data_inject(pair, tsn + i);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 65);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_duplicate_tsns), 0);
	assert_int_equal(counts_of(pair, PAIR_SERVER).gap_maps, 0);
	data_inject(pair, tsn + 4095);
	assert_int_equal(counts_of(pair, PAIR_SERVER).gap_maps, 1);
	pair_inject(
		pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_ABORT, 0, NULL, 0);
	assert_int_equal(counts_of(pair, PAIR_SERVER).gap_maps, 0);
	pair_destroy(pair);
}

/* What may come in any order, as far as each association knows, all over the numbers. */
static void
test_near(void **state)
{
	(void)state;
	for (unsigned step = 1; step < 64; step += 2) {
		struct pair *pair = pair_create(step);
		uint32_t tsn;

		pair->config.gap_maps_max = 0;
		pair->ends[PAIR_SERVER].reads_not = true;
		pair_start(pair);
		pair_open(pair);
		tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
		for (uint32_t i = 64; i-- > 1;)
			data_inject(pair, tsn + i * step % 64);
		data_inject(pair, tsn + 64);
		/* None of these, but for the first, was there before; the one behind finds no room. */
		assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_nomem), 1);
		assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn - 1);
		data_inject(pair, tsn);
		assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 63);
		assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_duplicate_tsns), 0);
		pair_destroy(pair);
	}
}

static bool
lose_one(struct pair *pair, const struct pair_packet *packet)
{
	return packet->chunks.at[0] != SCTP_DATA || pair->filter_state++ != 20;
}

/* Others may have all maps: what is lost is sent again at once all the same. */
static void
test_fast_without_maps(void **state)
{
	struct pair *pair = pair_create(15);

	(void)state;
	pair->config.gap_maps_max = 0;
	pair->filter = lose_one;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_CLIENT].to_send = 200;
	pair->ends[PAIR_CLIENT].size_max = 1000;
	pair_run_messages(pair, 20 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_t3_expireds), 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_nomem), 0);
	pair_destroy(pair);
}

/* Without one what is far behind a gap has to come again; all arrives all the same, once and in order. */
static void
test_no_gap_maps(void **state)
{
	(void)state;
	for (uint64_t seed = 4; seed < 12; seed++) {
		struct pair *pair = pair_create(seed);

		pair->config.gap_maps_max = 0;
		pair->settings.rto_min_ms = 200;
		pair->links[0].loss_ppb = RANDOM_PPB / 10;
		pair->links[0].jitter_ns = 5 * MS_NS;
		pair_start(pair);
		pair_listen(pair);
		pair_connect(pair);
		for (unsigned i = 0; i < 2; i++) {
			pair->ends[i].to_send = 100;
			pair->ends[i].size_max = 3000;
		}
		pair_run_messages(pair, 2000 * SECOND_NS);
		pair_destroy(pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_blocks_full),
		cmocka_unit_test(test_first_blocks),
		cmocka_unit_test(test_map_is_more),
		cmocka_unit_test(test_gap_map),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_fast_without_maps),
		cmocka_unit_test(test_no_gap_maps),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
