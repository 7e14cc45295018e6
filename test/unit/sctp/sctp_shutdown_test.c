/* SPDX-License-Identifier: BSD-3-Clause */
/* How associations end: in order, from either side or both, with packets lost; and by ABORT. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static void
assocs_check(const struct pair *pair, unsigned end, unsigned count)
{
	struct sctp_counts counts;

	sctp_counts(pair->ends[end].core, &counts);
	assert_int_equal(counts.assocs, count);
	if (count == 0)
		assert_int_equal(counts.paths + counts.chunks + counts.stream_blocks +
				counts.notices + counts.received,
			0);
}

/* RFC 9260 9.2: what was sent arrives before the end, whoever ends it, on good links and bad ones. */
static void
test_orders(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 24; seed++) {
		struct pair *pair = pair_create(seed);

		pair->settings.rto_min_ms = 200;
		pair->links[0].loss_ppb = seed > 6 ? RANDOM_PPB / 5 : 0;
		pair_start(pair);
		pair_listen(pair);
		pair_connect(pair);
		for (unsigned i = 0; i < 2; i++) {
			pair->ends[i].to_send = seed % 2 == 0 ? 30 : 0;
			/* One end, the other, or both. */
			pair->ends[i].shutdown_when_sent = (1 + seed % 3) >> i & 1;
			pair->ends[i].close_at_end = true;
		}
		pair_run_for(pair, 1000 * SECOND_NS);
		for (unsigned i = 0; i < 2; i++) {
			assert_null(pair->ends[i].assoc);
			assert_false(pair->ends[i].bad);
			assert_int_equal(pair->ends[i].error, 0);
			assocs_check(pair, i, 0);
		}
		assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_aborteds), 0);
		pair_destroy(pair);
	}
}

/* After SHUTDOWN nothing more is taken from the user; the peer is told that no more will come. */
static void
test_nothing_more(void **state)
{
	struct pair *pair = pair_create(30);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct sctp_message message = { .stream = 0 };

	(void)state;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(sctp_shutdown(client->core, client->assoc), 0);
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), -EPIPE);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_SHUTDOWN], 1);
	assert_true(pair->ends[PAIR_SERVER].at_end && client->at_end);
	assert_true(client->closed && pair->ends[PAIR_SERVER].closed);
	assert_int_equal(client->notices[SCTP_NOTICE_SHUTDOWN_COMPLETE], 1);
	assert_int_equal(sctp_shutdown(client->core, client->assoc), -ENOTCONN);
	pair_destroy(pair);
}

static bool
lose_completes(struct pair *pair, const struct pair_packet *packet)
{
	return packet->chunks.at[0] != SCTP_SHUTDOWN_COMPLETE || pair->filter_state++ > 0;
}

/* RFC 9260 8.4 (5): who has forgotten it answers SHUTDOWN ACK all the same. */
static void
test_complete_lost(void **state)
{
	struct pair *pair = pair_create(31);

	(void)state;
	pair->filter = lose_completes;
	pair_start(pair);
	pair_open(pair);
	sctp_close(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].assoc);
	pair->ends[PAIR_CLIENT].assoc = NULL;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_true(pair->ends[PAIR_SERVER].closed);
	assert_int_equal(pair->ends[PAIR_SERVER].error, 0);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SHUTDOWN_COMPLETE], 2);
	assocs_check(pair, PAIR_CLIENT, 0);
	pair_destroy(pair);
}

/* RFC 9260 9.1: the user's reason goes along; what was not acknowledged has failed. */
static void
test_abort(void **state)
{
	struct pair *pair = pair_create(32);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	sctp_abort(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].assoc, "enough", 6);
	pair->ends[PAIR_CLIENT].assoc = NULL;
	pair_run_for(pair, SECOND_NS);
	assert_true(pair->ends[PAIR_SERVER].closed);
	assert_int_equal(pair->ends[PAIR_SERVER].error, ECONNRESET);
	assert_int_equal(pair->ends[PAIR_SERVER].cause, SCTP_CAUSE_USER_ABORT);
	assocs_check(pair, PAIR_CLIENT, 0);
	pair_destroy(pair);
}

/* Ended against its user's will: he is told, and still has it. */
static void
test_kill(void **state)
{
	struct pair *pair = pair_create(33);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	pair_start(pair);
	pair_open(pair);
	assert_true(sctp_kill(client->core, client->assoc));
	pair_run_for(pair, SECOND_NS);
	assert_true(client->closed && pair->ends[PAIR_SERVER].closed);
	assert_int_equal(client->error, ECONNABORTED);
	assert_false(sctp_kill(client->core, client->assoc));
	sctp_close(client->core, client->assoc);
	client->assoc = NULL;
	pair_run_for(pair, SECOND_NS);
	assocs_check(pair, PAIR_CLIENT, 0);
	pair_destroy(pair);
}

/* RFC 9260 9.2, T5: a peer that never acknowledges the end does not keep it for ever. */
static void
test_peer_gone(void **state)
{
	struct pair *pair = pair_create(34);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	sctp_close(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].assoc);
	pair->ends[PAIR_CLIENT].assoc = NULL;
	pair_run_for(pair, 1000 * SECOND_NS);
	assocs_check(pair, PAIR_CLIENT, 0);
	pair_destroy(pair);
}

/* RFC 9260 9.2: while data still comes, SHUTDOWN is said again at once, and T2 begins anew. */
static void
test_data_in_shutdown(void **state)
{
	struct pair *pair = pair_create(36);
	uint8_t data[16] = { [12] = 'd' }, sack[12] = { 0 };
	struct sctp_info info;

	(void)state;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	assert_int_equal(sctp_shutdown(pair->ends[0].core, pair->ends[0].assoc), 0);
	for (unsigned i = 1; i <= 10; i++) {
		pair_run_for(pair, 600 * MS_NS);
		info = pair_info(pair, PAIR_CLIENT);
		assert_int_equal(info.state, SCTP_SHUTDOWN_SENT);
		be32_store(data, info.rcv_cum_tsn + 1);
		be16_store(data + 6, (uint16_t)(i - 1));
		pair_inject(pair, PAIR_CLIENT, info.local_tag, SCTP_DATA, 3, data, sizeof(data));
		assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SHUTDOWN], 1 + i);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).rcv_cum_tsn, info.rcv_cum_tsn + 1);
	}
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_t2_expireds), 0);
	/* RFC 9260 6: nothing is outstanding that a SACK could be about. */
	be32_store(sack, info.next_tsn + 100);
	pair_inject(pair, PAIR_CLIENT, info.local_tag, SCTP_SACK, 0, sack, sizeof(sack));
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_SHUTDOWN_SENT);
	/* The other end has answered, and was not heard. */
	be32_store(sack, info.next_tsn - 1);
	pair_inject(pair, PAIR_CLIENT, info.local_tag, SCTP_SHUTDOWN, 0, sack, 4);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_SHUTDOWN_ACK_SENT);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SHUTDOWN_ACK], 1);
	pair_inject(pair, PAIR_CLIENT, info.local_tag, SCTP_SHUTDOWN, 0, sack, 4);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SHUTDOWN_ACK], 2);
	pair_destroy(pair);
}

/* A peer that takes nothing more does not keep what its user has left; one that takes some does. */
static void
test_nobody_waits(void **state)
{
	struct pair *pair = pair_create(37);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	pair->settings.receive_buffer = 4096;
	pair->settings.rto_max_ms = 2000;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	client->size_max = 1000;
	client->to_send = 50;
	pair_run_for(pair, SECOND_NS);
	sctp_close(client->core, client->assoc);
	client->assoc = NULL;
	for (unsigned i = 0; i < 3; i++) {
		pair_run_for(pair, 8 * SECOND_NS);
		assocs_check(pair, PAIR_CLIENT, 1);
		pair->ends[PAIR_SERVER].reads_not = false;
		pair_run_for(pair, MS_NS);
		pair->ends[PAIR_SERVER].reads_not = true;
	}
	pair_run_for(pair, 13 * SECOND_NS);
	assocs_check(pair, PAIR_CLIENT, 0);
	assert_true(pair->ends[PAIR_SERVER].closed);
	pair_destroy(pair);
}

/* What nobody has accepted goes with its listener. */
static void
test_unlisten(void **state)
{
	struct pair *pair = pair_create(35);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	sctp_abort(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].assoc, NULL, 0);
	/* It is no NULL, so that the next one is not accepted. */
	pair->ends[PAIR_SERVER].assoc = (struct sctp_assoc *)pair;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_run_for(pair, SECOND_NS);
	sctp_close(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].assoc);
	pair->ends[PAIR_CLIENT].assoc = NULL;
	pair_run_for(pair, SECOND_NS);
	pair->ends[PAIR_CLIENT].closed = false;
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	assocs_check(pair, PAIR_SERVER, 1);
	sctp_unlisten(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].listener);
	pair_run_for(pair, SECOND_NS);
	assocs_check(pair, PAIR_SERVER, 0);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	pair_destroy(pair);
}

/* A part of a message that the peer has not finished when it ends is nobody's loss. */
static void
test_rest_of_a_message(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		struct pair *pair = pair_create(40 + i);
		struct pair_end *server = &pair->ends[PAIR_SERVER];
		uint8_t data[16] = { 0 };
		struct sctp_info info;

		pair_start(pair);
		pair_open(pair);
		server->reads_not = true;
		pair->links[0].cut = true;
		info = pair_info(pair, PAIR_SERVER);
		be32_store(data, info.rcv_cum_tsn + 1);
		/* One that could be read, too. */
		pair_inject(pair, PAIR_SERVER, info.local_tag, SCTP_DATA,
			SCTP_DATA_BEGIN | (i == 1 ? SCTP_DATA_END : 0), data, sizeof(data));
		be32_store(data, info.next_tsn - 1);
		pair_inject(pair, PAIR_SERVER, info.local_tag, SCTP_SHUTDOWN, 0, data, 4);
		sctp_close(server->core, server->assoc);
		server->assoc = NULL;
		pair_run_for(pair, SECOND_NS / 10);
		assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], i);
		assert_true(pair->chunks_sent[PAIR_SERVER][SCTP_SHUTDOWN_ACK] > 0);
		pair_destroy(pair);
	}
}

/* One that is not finished here when the peer ends could never be: that is no end in good order. */
static void
test_open_part(void **state)
{
	struct pair *pair = pair_create(42);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	const struct sctp_message part = { .stream = 1, .flags = SCTP_MESSAGE_MORE };

	(void)state;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(sctp_send(client->core, client->assoc, &part, "part", 4), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(sctp_shutdown(server->core, server->assoc), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_SHUTDOWN], 1);
	assert_true(client->closed && server->closed);
	assert_int_equal(client->error, ECONNABORTED);
	assert_int_equal(server->error, ECONNRESET);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_ABORT], 1);
	pair_destroy(pair);
}

/* Without a packet buffer it ends all the same: its own queue may hold them all. */
static void
test_abort_without_buffers(void **state)
{
	struct pair *pair = pair_opened(70);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct rte_mbuf *all = NULL, *pkt;

	(void)state;
	pair_run_for(pair, SECOND_NS);
	while ((pkt = rte_pktmbuf_alloc(pair->config.pool)) != NULL) {
		pkt->next = all;
		all = pkt;
	}
	assert_true(sctp_kill(client->core, client->assoc));
	pair_run_for(pair, MS_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_CLOSED);
	while ((pkt = all) != NULL) {
		all = pkt->next;
		pkt->next = NULL;
		rte_pktmbuf_free(pkt);
	}
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_nothing_more),
		cmocka_unit_test(test_complete_lost),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_peer_gone),
		cmocka_unit_test(test_data_in_shutdown),
		cmocka_unit_test(test_nobody_waits),
		cmocka_unit_test(test_unlisten),
		cmocka_unit_test(test_rest_of_a_message),
		cmocka_unit_test(test_open_part),
		cmocka_unit_test(test_abort_without_buffers),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
