/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of associations: the counters of RFC 3873 beside what is seen on the links, and streams. */
#include "unit/sctp/sctp_pair.h"

static uint32_t
curr_estab(const struct pair *pair, unsigned end)
{
	struct sctp_counts counts;

	sctp_counts(pair->ends[end].core, &counts);
	return counts.curr_estab;
}

static bool
no_completes(struct pair *pair, const struct pair_packet *packet)
{
	RTE_SET_USED(pair);
	return packet->chunks.at[0] != SCTP_SHUTDOWN_COMPLETE &&
		packet->chunks.at[0] != SCTP_SHUTDOWN_ACK;
}

/* RFC 3873, sctpCurrEstab: ESTABLISHED, SHUTDOWN-PENDING, SHUTDOWN-RECEIVED, and no other. */
static void
test_curr_estab(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_WAIT);
	assert_int_equal(curr_estab(pair, PAIR_CLIENT), 0);
	pair_run_for(pair, SECOND_NS);
	for (unsigned end = 0; end < 2; end++) {
		assert_int_equal(pair_state(pair, end), SCTP_ESTABLISHED);
		assert_int_equal(curr_estab(pair, end), 1);
	}
	pair->filter = no_completes;
	sctp_shutdown(client->core, client->assoc);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_SHUTDOWN_SENT);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_SHUTDOWN_ACK_SENT);
	for (unsigned end = 0; end < 2; end++)
		assert_int_equal(curr_estab(pair, end), 0);
	pair->filter = NULL;
	pair_run_for(pair, 10 * SECOND_NS);
	for (unsigned end = 0; end < 2; end++) {
		assert_int_equal(curr_estab(pair, end), 0);
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_shutdowns), 1);
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_aborteds), 0);
	}
	pair_destroy(pair);
}

static void
test_curr_estab_aborted(void **state)
{
	struct pair *pair = pair_create(2);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	pair_start(pair);
	pair_open(pair);
	sctp_abort(client->core, client->assoc, NULL, 0);
	client->assoc = NULL;
	pair_run_for(pair, SECOND_NS);
	for (unsigned end = 0; end < 2; end++) {
		assert_int_equal(curr_estab(pair, end), 0);
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_aborteds), 1);
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_shutdowns), 0);
	}
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_active_estabs), 1);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_passive_estabs), 1);
	pair_destroy(pair);
}

static unsigned
control_sent(const struct pair *pair, unsigned end)
{
	unsigned count = 0;

	for (unsigned type = 0; type < 256; type++) {
		if (type != SCTP_DATA && type != SCTP_I_DATA)
			count += pair->chunks_sent[end][type];
	}
	return count;
}

/* What one end sends the other receives: DATA once whatever is lost, the rest as it was on the link. */
static void
check_ends(const struct pair *pair, bool lossless)
{
	for (unsigned end = 0; end < 2; end++) {
		const unsigned other = !end;

		assert_int_equal(pair_stat(pair, end, SCTP_STAT_out_order_chunks),
			pair_stat(pair, other, SCTP_STAT_in_order_chunks));
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_out_unorder_chunks),
			pair_stat(pair, other, SCTP_STAT_in_unorder_chunks));
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_frag_usr_msgs),
			pair_stat(pair, other, SCTP_STAT_reasm_usr_msgs));
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_out_order_chunks) +
				pair_stat(pair, end, SCTP_STAT_out_unorder_chunks),
			pair_stat(pair, end, SCTP_STAT_out_data) -
				pair_stat(pair, end, SCTP_STAT_retransmitted));
		if (!lossless)
			continue;
		assert_int_equal(
			pair_stat(pair, end, SCTP_STAT_out_ctrl_chunks), control_sent(pair, end));
		assert_int_equal(
			pair_stat(pair, other, SCTP_STAT_in_ctrl_chunks), control_sent(pair, end));
		assert_int_equal(pair_stat(pair, end, SCTP_STAT_out_sctp_packs),
			pair_stat(pair, other, SCTP_STAT_in_sctp_packs));
	}
}

static void
test_both_ends_agree(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 12; seed++) {
		const bool lossless = seed <= 6;
		struct pair *pair = pair_create(seed);

		pair->settings.extensions =
			seed % 2 != 0 ? SCTP_EXT_I_DATA | SCTP_EXT_AUTH : SCTP_EXT_AUTH;
		pair->settings.auth_chunks[0] = SCTP_DATA;
		pair->settings.auth_chunk_count = seed % 3 == 0;
		pair_start(pair);
		pair_open(pair);
		pair->links[0].loss_ppb = lossless ? 0 : RANDOM_PPB / 10;
		for (unsigned end = 0; end < 2; end++) {
			pair->ends[end].to_send = 200;
			pair->ends[end].size_max = 5000;
			pair->ends[end].unordered = end == 1;
		}
		pair_run_messages(pair, 1000 * SECOND_NS);
		pair_run_for(pair, 10 * SECOND_NS);
		assert_true(pair_stat(pair, 0, SCTP_STAT_frag_usr_msgs) > 0);
		assert_true(pair_stat(pair, 1, SCTP_STAT_out_unorder_chunks) > 0);
		check_ends(pair, lossless);
		pair_destroy(pair);
	}
}

/* RFC 3873, sctpFragUsrMsgs: once a message, though its user gives it in parts. */
static void
test_message_in_parts(void **state)
{
	static const uint8_t bytes[3000];
	struct pair *pair = pair_opened(4);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .flags = SCTP_MESSAGE_MORE };
	const struct sctp_message other = { .stream = 1 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		if (i == 3)
			message.flags = 0;
		assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes,
					 i == 0 ? 10 : sizeof(bytes)),
			0);
		if (i == 1)
			assert_int_equal(
				sctp_send(client->core, client->assoc, &other, bytes, 10), 0);
	}
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_frag_usr_msgs), 1);
	assert_int_equal(sctp_send(client->core, client->assoc, &other, bytes, sizeof(bytes)), 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_frag_usr_msgs), 2);
	pair->ends[PAIR_SERVER].reads_not = false;
	pair_run_for(pair, SECOND_NS);
	pair_destroy(pair);
}

/* ---- streams, listeners ---- */

static struct sctp_stream_info
stream_of(const struct pair *pair, unsigned end, uint16_t stream)
{
	struct sctp_stream_info info;
	unsigned cursor = stream;

	assert_int_equal(
		sctp_streams(pair->ends[end].core, pair->ends[end].assoc, &cursor, &info, 1), 1);
	assert_int_equal(info.id, stream);
	return info;
}

static unsigned
stream_count(const struct pair *pair, unsigned end, unsigned max)
{
	struct sctp_stream_info infos[8];
	unsigned cursor = 0, count = 0, got;

	while ((got = sctp_streams(
			pair->ends[end].core, pair->ends[end].assoc, &cursor, infos, max)) > 0)
		count += got;
	return count;
}

/* What waits on either side, and the numbers that are next; of those that were never used nothing. */
static void
test_streams(void **state)
{
	static const uint8_t bytes[3000];
	struct pair *pair = pair_opened(5);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 9 };
	struct sctp_stream_info info;
	uint32_t tsn;

	(void)state;
	assert_int_equal(stream_count(pair, PAIR_CLIENT, 8), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(
			sctp_send(client->core, client->assoc, &message, bytes, 100 * (i + 1)), 0);
	message.stream = 2;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, sizeof(bytes)), 0);
	assert_int_equal(sctp_stream_value_set(client->core, client->assoc, 4, 77), 0);
	assert_int_equal(stream_count(pair, PAIR_CLIENT, 8), 3);
	assert_int_equal(stream_count(pair, PAIR_CLIENT, 1), 3);
	info = stream_of(pair, PAIR_CLIENT, 9);
	assert_int_equal(info.unsent_messages, 3);
	assert_int_equal(info.unsent_bytes, 600);
	assert_int_equal(info.out_next, 0);
	info = stream_of(pair, PAIR_CLIENT, 2);
	assert_int_equal(info.unsent_messages, 1);
	assert_int_equal(info.unsent_bytes, sizeof(bytes));
	assert_int_equal(stream_of(pair, PAIR_CLIENT, 4).value, 77);
	pair_run_for(pair, SECOND_NS);
	info = stream_of(pair, PAIR_CLIENT, 9);
	assert_int_equal(info.unsent_messages, 0);
	assert_int_equal(info.unsent_bytes, 0);
	assert_int_equal(info.out_next, 3);
	assert_int_equal(stream_of(pair, PAIR_SERVER, 9).in_next, 3);
	/* The first message of this stream is missing. */
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	pair_data_inject(pair, tsn + 1, 6, 1, SCTP_DATA_BEGIN | SCTP_DATA_END);
	pair_data_inject(pair, tsn + 2, 6, 2, SCTP_DATA_BEGIN | SCTP_DATA_END);
	info = stream_of(pair, PAIR_SERVER, 6);
	assert_int_equal(info.waiting_messages, 2);
	assert_int_equal(info.waiting_bytes, 8);
	assert_int_equal(info.in_next, 0);
	assert_false(info.has_more);
	pair_destroy(pair);
}

/* However much waits, what is counted takes a moment: the rest is said to be there. */
static void
test_streams_bounded(void **state)
{
	struct pair *pair = pair_create(6);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 1 };
	struct sctp_stream_info info;
	unsigned sent = 0;

	(void)state;
	pair->config.chunks_max = 16384;
	pair_start(pair);
	pair_open(pair);
	while (sctp_send(client->core, client->assoc, &message, "x", 1) == 0 && sent < 3000)
		sent++;
	assert_int_equal(sent, 3000);
	message.stream = 3;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), 0);
	info = stream_of(pair, PAIR_CLIENT, 1);
	assert_true(info.has_more);
	assert_in_range(info.unsent_messages, 1000, 2999);
	assert_int_equal(stream_count(pair, PAIR_CLIENT, 8), 2);
	info = stream_of(pair, PAIR_CLIENT, 3);
	assert_false(info.has_more);
	assert_int_equal(info.unsent_messages, 1);
	pair_destroy(pair);
}

static void
test_listeners(void **state)
{
	struct pair *pair = pair_create(7);
	struct sctp_core *core;
	struct sctp_listener_info infos[4];
	struct sctp_listener *listener;
	struct sctp_bind bind;

	(void)state;
	pair_start(pair);
	pair_listen(pair);
	core = pair->ends[PAIR_SERVER].core;
	bind = pair_bind(pair, PAIR_SERVER);
	bind.port = 99;
	assert_int_equal(sctp_listen(core, &bind, &pair->settings, 5, &bind, &listener), 0);
	assert_int_equal(sctp_listeners(core, 0, infos, 4), 2);
	assert_int_equal(sctp_listeners(core, 2, infos, 4), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(sctp_listeners(core, i, infos, 1), 1);
		if (infos[0].bind.port != 99)
			continue;
		assert_ptr_equal(infos[0].user, &bind);
		assert_int_equal(infos[0].backlog, 5);
		assert_int_equal(infos[0].accepted, 0);
		assert_string_equal(infos[0].cc, "newreno");
	}
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curr_estab),
		cmocka_unit_test(test_curr_estab_aborted),
		cmocka_unit_test(test_both_ends_agree),
		cmocka_unit_test(test_message_in_parts),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_streams_bounded),
		cmocka_unit_test(test_listeners),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
