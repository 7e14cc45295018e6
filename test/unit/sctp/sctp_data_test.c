/* SPDX-License-Identifier: BSD-3-Clause */
/* Data: messages arrive once, whole and in their order, whatever the links do to packets. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static void
test_both_ways(void **state)
{
	struct pair *pair = pair_create(1);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_CLIENT].to_send = pair->ends[PAIR_SERVER].to_send = 500;
	pair_run_messages(pair, 60 * SECOND_NS);
	/* RFC 9260 6.10: small ones share packets. */
	assert_true(pair->links[0].packets < 700);
	pair_destroy(pair);
}

/* RFC 9260 6.9: messages larger than a packet. */
static void
test_fragments(void **state)
{
	struct pair *pair = pair_create(2);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_CLIENT].size_max = 20000;
	pair->ends[PAIR_CLIENT].to_send = 100;
	pair_run_messages(pair, 200 * SECOND_NS);
	/* Most of it is not copied into the packets. */
	assert_true(pair->chained > 500);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_partial_deliveries), 0);
	pair_destroy(pair);
}

/* One that the receive buffer does not hold is delivered in part, and nothing gets in between. */
static void
test_partial_delivery(void **state)
{
	struct pair *pair = pair_create(3);

	(void)state;
	pair->settings.receive_buffer = 16384;
	pair->settings.send_buffer = 300000;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_CLIENT].size_max = 100000;
	pair->ends[PAIR_CLIENT].to_send = 40;
	pair->links[0].loss_ppb = RANDOM_PPB / 50;
	pair_run_messages(pair, 2000 * SECOND_NS);
	assert_true(pair_stat(pair, PAIR_SERVER, SCTP_STAT_partial_deliveries) > 10);
	pair_destroy(pair);
}

/* Its user may have others in between: they do not wait for the large one. */
static void
test_interleave(void **state)
{
	for (unsigned interleave = 0; interleave < 2; interleave++) {
		struct pair *pair = pair_create(23);
		struct pair_end *server = &pair->ends[PAIR_SERVER];
		uint8_t value[12 + 1200] = { 0 }, bytes[4000];
		struct sctp_message message;
		uint32_t tsn;

		(void)state;
		pair->settings.receive_buffer = 4096;
		server->reads_not = true;
		pair_start(pair);
		pair_open(pair);
		tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
		sctp_interleave_set(server->core, server->assoc, interleave);
		for (unsigned i = 0; i < 3; i++) {
			/* Two fragments of stream 0, and a whole one of stream 1. */
			static const uint8_t flags[] = { SCTP_DATA_BEGIN, 0,
				SCTP_DATA_BEGIN | SCTP_DATA_END };

			be32_store(value, tsn + i + i / 2);
			be16_store(value + 4, (uint16_t)(i / 2));
			pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag,
				SCTP_DATA, flags[i], value, sizeof(value));
		}
		assert_int_equal(
			sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message),
			2400);
		assert_false(message.flags & SCTP_MESSAGE_END);
		assert_int_equal(
			sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message),
			interleave ? 1200 : -EAGAIN);
		pair_destroy(pair);
	}
}

/* Loss, jitter and duplicates, from many seeds, with either kind of messages and congestion control. */
static void
test_bad_links(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed < 124; seed++) {
		struct pair *pair = pair_create(seed);

		pair->link_count = 1 + seed % 2;
		pair->ip6 = seed % 4 == 3;
		pair->settings.cc = cc_find(seed % 3 == 0 ? "cubic" : "newreno");
		pair->settings.rto_min_ms = 200;
		for (unsigned i = 0; i < 2; i++) {
			pair->links[i].loss_ppb = RANDOM_PPB / 1000 * (uint32_t)(seed % 6 * 20);
			pair->links[i].jitter_ns = seed % 5 * 5 * MS_NS;
			pair->links[i].duplicate_ppb = RANDOM_PPB / 20;
			pair->ends[i].to_send = 150;
			pair->ends[i].size_max = seed % 7 == 0 ? 9000 : 700;
			pair->ends[i].unordered = seed % 8 == 5;
		}
		pair_start(pair);
		pair_listen(pair);
		pair_connect(pair);
		pair_run_messages(pair, 2000 * SECOND_NS);
		pair_destroy(pair);
	}
}

static bool
lose_one(struct pair *pair, const struct pair_packet *packet)
{
	if (packet->from != PAIR_CLIENT || packet->chunks.at[0] != SCTP_DATA)
		return true;
	return ++pair->filter_state != 12;
}

/* RFC 9260 7.2.4: what is lost amid others comes again without a time-out. */
static void
test_fast_retransmit(void **state)
{
	struct pair *pair = pair_create(4);

	(void)state;
	pair->filter = lose_one;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_CLIENT].size_max = 1400;
	pair->ends[PAIR_CLIENT].to_send = 200;
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_fast_retransmits), 1);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_t3_expireds), 0);
	assert_true(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_retransmitted) <= 6);
	pair_destroy(pair);
}

/* RFC 9260 6.2: the first one at once, then every second, or after the delay; at once if asked: RFC 7053. */
static void
test_delayed_sack(void **state)
{
	struct pair *pair = pair_create(5);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 0 };
	uint32_t number = 0;
	uint8_t bytes[8] = { 0, 0, 0, 0, 0, 0, 0, 8 };

	(void)state;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, 8), 0);
	pair_run_for(pair, 20 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SACK], 1);
	number = 8;
	memcpy(bytes, &number, 4);
	message.ppid_be = 8;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, 8), 0);
	pair_run_for(pair, 100 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SACK], 1);
	pair_run_for(pair, 150 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SACK], 2);
	number = 16;
	memcpy(bytes, &number, 4);
	message.flags = SCTP_MESSAGE_IMMEDIATE;
	message.ppid_be = 16;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, 8), 0);
	pair_run_for(pair, 20 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SACK], 3);
	assert_false(pair->ends[PAIR_SERVER].bad);
	pair_destroy(pair);
}

/* RFC 9260 6.1 (A): a user that does not read closes the window; who probes it does not give up. */
static void
test_zero_window(void **state)
{
	struct pair *pair = pair_create(6);

	(void)state;
	pair->settings.receive_buffer = 8192;
	pair->settings.rto_max_ms = 4000;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_CLIENT].size_max = 1000;
	pair->ends[PAIR_CLIENT].to_send = 100;
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 0);
	assert_true(pair_info(pair, PAIR_SERVER).unread <= 8192 + 1000);
	assert_true(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_zero_window_probes) > 0);
	pair->ends[PAIR_SERVER].reads_not = false;
	pair_run_messages(pair, 60 * SECOND_NS);
	pair_destroy(pair);
}

/* All that messages are made of is another association's; when that has gone, this one goes on. */
static void
test_no_memory(void **state)
{
	struct pair *pair = pair_create(11);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct sctp_message message = { .stream = 0 };
	struct sctp_bind from, to;
	struct sctp_assoc *other;

	(void)state;
	pair->config.chunks_max = 8;
	pair_start(pair);
	pair_open(pair);
	from = pair_bind(pair, PAIR_CLIENT);
	from.port++;
	to = pair_bind(pair, PAIR_SERVER);
	to.addrs[0] = pair_addr(pair, PAIR_SERVER, 1);
	pair->links[1].cut = true;
	assert_int_equal(sctp_connect(client->core, &from, &to, &pair->settings, NULL, &other), 0);
	while (sctp_send(client->core, other, &message, "x", 1) == 0)
		;
	client->to_send = 5;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->sent, 0);
	sctp_abort(client->core, other, NULL, 0);
	pair_run_messages(pair, SECOND_NS);
	pair_destroy(pair);
}

/* ---- what peers must not do ---- */

static void
test_bad_data(void **state)
{
	struct pair *pair = pair_create(7);
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	uint8_t empty[12] = { 0 };
	uint32_t tsn;

	(void)state;
	/* With partial reliability the rest of a message may have no TSNs. */
	pair->settings.extensions = 0;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	pair_data_inject(pair, tsn, 5000, 0, whole);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_stream), 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn);
	pair_data_inject(pair, tsn, 0, 0, whole);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_duplicate_tsns), 1);
	pair_data_inject(pair, tsn + 4097, 0, 0, whole);
	pair_data_inject(pair, tsn + 0x7fffffff, 0, 0, whole);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_tsn_out_of_window), 2);
	/* Neither a part of one before the other's end, nor of another stream. */
	pair_data_inject(pair, tsn + 1, 0, 0, SCTP_DATA_BEGIN);
	pair_data_inject(pair, tsn + 2, 0, 0, SCTP_DATA_BEGIN);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_protocol_violations), 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 1);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].cause, SCTP_CAUSE_PROTOCOL_VIOLATION);
	pair_destroy(pair);

	pair = pair_opened(8);
	be32_store(empty, pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_DATA, whole,
		empty, sizeof(empty));
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].cause, SCTP_CAUSE_NO_USER_DATA);
	pair_destroy(pair);
}

static void
sack_inject(struct pair *pair, uint32_t cum, uint16_t first, uint16_t last)
{
	uint8_t value[16];

	be32_store(value, cum);
	be32_store(value + 4, 65536);
	be16_store(value + 8, 1);
	be16_store(value + 10, 0);
	be16_store(value + 12, first);
	be16_store(value + 14, last);
	pair_inject(pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag, SCTP_SACK, 0, value,
		sizeof(value));
}

static bool
lose_sacks(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	return packet->from == PAIR_CLIENT;
}

/* However fragments come, their message is whole with the last of them. */
static void
test_fragment_orders(void **state)
{
	enum { FRAGMENTS = 5 };

	(void)state;
	for (unsigned order = 0; order < 120; order++) {
		struct pair *pair = pair_opened(20);
		uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
		unsigned left[FRAGMENTS] = { 0, 1, 2, 3, 4 };

		for (unsigned i = 0, rest = order; i < FRAGMENTS; i++) {
			unsigned at = rest % (FRAGMENTS - i), which = left[at];
			uint8_t flags = which == 0 ? SCTP_DATA_BEGIN : 0;

			rest /= FRAGMENTS - i;
			left[at] = left[FRAGMENTS - i - 1];
			flags |= which == FRAGMENTS - 1 ? SCTP_DATA_END : 0;
			assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 0);
			pair_data_inject(pair, tsn + which, 3, 0, flags);
		}
		assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 4 * FRAGMENTS);
		pair_destroy(pair);
	}
}

static bool
lose_all_data(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	return packet->from != PAIR_CLIENT || packet->chunks.at[0] != SCTP_DATA;
}

/* So many messages may be out as peers take behind a gap: then they wait. */
static void
test_tsns_out(void **state)
{
	struct pair *pair = pair_create(21);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 0 };
	struct sctp_counts counts;
	struct sctp_info info;

	(void)state;
	pair->config.chunks_max = 32768;
	pair->settings.burst = 255;
	pair->settings.receive_buffer = pair->settings.send_buffer = 2 << 20;
	pair->settings.nodelay = true;
	pair_start(pair);
	pair_open(pair);
	pair->filter = lose_all_data;
	for (unsigned i = 0; i < 6000; i++)
		assert_int_equal(sctp_send(client->core, client->assoc, &message, "", 1), 0);
	pair_run_for(pair, 30 * SECOND_NS);
	info = pair_info(pair, PAIR_CLIENT);
	assert_int_equal(info.next_tsn - info.cum_tsn_acked - 1 + info.unsent, 6000);
	assert_true(info.next_tsn - info.cum_tsn_acked - 1 <= 4032);
	pair->filter = NULL;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_run_for(pair, 200 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 6000);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_flight, 0);
	sctp_counts(client->core, &counts);
	assert_int_equal(counts.chunks, 0);
	assert_int_equal(counts.sent_blocks, 0);
	pair_destroy(pair);
}

/* SACKs that lie: backwards, beyond, and of what was never sent. */
static void
test_bad_sacks(void **state)
{
	struct pair *pair = pair_create(9);
	struct sctp_info info;

	(void)state;
	pair->settings.nodelay = true;
	pair_start(pair);
	pair_open(pair);
	pair->filter = lose_sacks;
	pair->ends[PAIR_CLIENT].size_max = 1400;
	pair->ends[PAIR_CLIENT].to_send = 3;
	pair_run_for(pair, 50 * MS_NS);
	info = pair_info(pair, PAIR_CLIENT);
	assert_true(info.in_flight > 0);
	sack_inject(pair, info.cum_tsn_acked, 3, 2);
	sack_inject(pair, info.cum_tsn_acked, 1, 1);
	sack_inject(pair, info.cum_tsn_acked, 2, 60000);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_bad_sacks), 3);
	sack_inject(pair, info.cum_tsn_acked - 1, 2, 2);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_old_sacks), 1);
	/* Given up after it was acknowledged: it is in flight again. */
	sack_inject(pair, info.cum_tsn_acked, 2, 2);
	assert_true(pair_info(pair, PAIR_CLIENT).in_flight < info.in_flight);
	sack_inject(pair, info.cum_tsn_acked, 3, 3);
	/* Or that SACK was overtaken: who is not made to send it again has given up nothing. */
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_reneged), 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	sack_inject(pair, info.next_tsn, 2, 2);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_CLOSED);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_protocol_violations), 1);
	pair_destroy(pair);
}

/* A peer that takes back what it has acknowledged, and does so again and again, is not heard any more. */
static void
test_reneging(void **state)
{
	struct pair *pair = pair_create(22);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct sctp_message message = { .stream = 0 };
	struct sctp_info info;
	uint32_t in_flight;

	(void)state;
	pair->settings.nodelay = true;
	pair->settings.rto_min_ms = pair->settings.rto_initial_ms = 60000;
	pair->settings.receive_buffer = 1 << 20;
	pair->config.chunks_max = 16384;
	pair_start(pair);
	pair_open(pair);
	pair->filter = lose_sacks;
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(sctp_send(client->core, client->assoc, &message, "", 1), 0);
	pair_run_for(pair, MS_NS);
	info = pair_info(pair, PAIR_CLIENT);
	assert_true(info.in_flight > 100);
	for (unsigned i = 0; i < 40000 / info.in_flight; i++) {
		sack_inject(pair, info.cum_tsn_acked, 2, (uint16_t)info.in_flight);
		sack_inject(pair, info.cum_tsn_acked, 2, 2);
	}
	in_flight = pair_info(pair, PAIR_CLIENT).in_flight;
	sack_inject(pair, info.cum_tsn_acked, 2, (uint16_t)info.in_flight);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_flight, in_flight);
	/* All the same what it acknowledges for good counts. */
	pair->filter = NULL;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 2000);
	pair_destroy(pair);
}

/* A peer that never completes its fragments fills its own window, and no more. */
static void
test_fragments_without_end(void **state)
{
	struct pair *pair = pair_opened(10);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	struct sctp_counts counts;

	(void)state;
	pair->links[0].cut = true;
	for (unsigned i = 1; i < 20000; i += 2)
		pair_data_inject(pair, tsn + i % 4094, 0, (uint16_t)i, SCTP_DATA_BEGIN);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_true(counts.received <= 65536 + 16384 && counts.chunks <= 4096);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* A gap block that ends where a block of 64 TSNs does acknowledges none of the next one. */
static void
test_gap_at_block_end(void **state)
{
	struct pair *pair = pair_create(40);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_info before, after;
	uint8_t sack[16] = { 0 };
	uint32_t first;

	(void)state;
	pair->settings.nodelay = true;
	pair_start(pair);
	pair_open(pair);
	first = pair_info(pair, PAIR_CLIENT).next_tsn;
	pair->links[0].cut = true;
	client->size_max = 8;
	client->to_send = 300;
	pair_run_for(pair, MS_NS);
	before = pair_info(pair, PAIR_CLIENT);
	assert_true(before.next_tsn - first > 2 * 64 + 2);
	be32_store(sack, first - 1);
	be32_store(sack + 4, 65536);
	sack[9] = 1;
	/* From the second TSN to the last one of its block. */
	be16_store(sack + 12, 2);
	be16_store(sack + 14, (uint16_t)(((first + 1) | 63) - (first - 1)));
	pair_inject(pair, PAIR_CLIENT, before.local_tag, SCTP_SACK, 0, sack, sizeof(sack));
	after = pair_info(pair, PAIR_CLIENT);
	assert_int_equal(
		before.in_flight + 8 * (after.next_tsn - before.next_tsn) - after.in_flight,
		8U * (be16_load(sack + 14) - 1U));
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_partial_delivery),
		cmocka_unit_test(test_interleave),
		cmocka_unit_test(test_bad_links),
		cmocka_unit_test(test_fast_retransmit),
		cmocka_unit_test(test_delayed_sack),
		cmocka_unit_test(test_zero_window),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_bad_data),
		cmocka_unit_test(test_fragment_orders),
		cmocka_unit_test(test_tsns_out),
		cmocka_unit_test(test_bad_sacks),
		cmocka_unit_test(test_reneging),
		cmocka_unit_test(test_fragments_without_end),
		cmocka_unit_test(test_gap_at_block_end),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
