/* SPDX-License-Identifier: BSD-3-Clause */
/* Partial reliability: RFC 3758, RFC 7496, and RFC 8260 2.3 where messages are interleaved. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static const uint16_t modes[] = {
	SCTP_EXT_FORWARD_TSN,
	SCTP_EXT_FORWARD_TSN | SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN,
};

static struct pair *
pair_made(uint64_t seed, uint16_t extensions)
{
	struct pair *pair = pair_create(seed);

	pair->settings.extensions = extensions;
	pair->settings.nodelay = true;
	pair->ends[PAIR_SERVER].reads_not = true;
	return pair;
}

static struct pair *
opened(uint64_t seed, uint16_t extensions)
{
	struct pair *pair = pair_made(seed, extensions);

	pair_start(pair);
	pair_open(pair);
	return pair;
}

/* A message of `length` bytes that are all `id`. */
static int
message_send(struct pair *pair, uint8_t id, size_t length, struct sctp_message message)
{
	static uint8_t bytes[1 << 18];
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	memset(bytes, id, length);
	return sctp_send(client->core, client->assoc, &message, bytes, length);
}

/* The next one that a server has. @return its id; -1: none */
static int
message_take(struct pair *pair, struct sctp_message *message, size_t *length)
{
	static uint8_t bytes[1 << 18];
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	int64_t ret = sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), message);

	if (ret <= 0)
		return -1;
	for (int64_t i = 1; i < ret; i++)
		assert_int_equal(bytes[i], bytes[0]);
	*length = (size_t)ret;
	return bytes[0];
}

static void
expect(struct pair *pair, const char *ids)
{
	struct sctp_message message;
	size_t length;

	for (; *ids != 0; ids++) {
		assert_int_equal(message_take(pair, &message, &length), *ids);
		assert_true(message.flags & SCTP_MESSAGE_END);
	}
	assert_int_equal(message_take(pair, &message, &length), -1);
}

static void
expect_nothing_left(struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		struct sctp_counts counts;

		sctp_counts(pair->ends[i].core, &counts);
		assert_int_equal(counts.chunks, 0);
		assert_int_equal(counts.sent_blocks, 0);
		assert_int_equal(counts.received, 0);
		assert_int_equal(pair_info(pair, i).in_flight, 0);
	}
}

/* Messages with 'x' in their first byte never arrive. */
static bool
lose_x(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;

	(void)pair;
	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		struct sctp_data data;

		if (chunk.type != SCTP_DATA && chunk.type != SCTP_I_DATA)
			continue;
		assert_int_equal(sctp_data_parse(&chunk, &data), 0);
		if (data.data[0] == 'x')
			return false;
	}
	return true;
}

/* RFC 7496 3.1: sent again so often, and no more; its stream goes on without it. */
static void
test_limited(void **state)
{
	const struct sctp_message limited = {
		.stream = 3, .pr_policy = SCTP_PR_LIMITED, .pr_value = 2
	};
	struct sctp_abandoned of_stream;

	(void)state;
	for (unsigned m = 0; m < RTE_DIM(modes); m++) {
		struct pair *pair = opened(1, modes[m]);
		struct pair_end *client = &pair->ends[PAIR_CLIENT];

		pair->filter = lose_x;
		assert_int_equal(message_send(pair, 'a', 1400, limited), 0);
		assert_int_equal(message_send(pair, 'x', 1400, limited), 0);
		assert_int_equal(message_send(pair, 'b', 1400, limited), 0);
		pair_run_for(pair, 60 * SECOND_NS);
		expect(pair, "ab");
		assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_retransmitted), 2);
		assert_int_equal(sctp_abandoned(client->assoc)->sent[SCTP_PR_LIMITED], 1);
		assert_int_equal(
			sctp_stream_abandoned(client->core, client->assoc, 3, &of_stream), 0);
		assert_int_equal(of_stream.sent[SCTP_PR_LIMITED], 1);
		assert_int_equal(
			sctp_stream_abandoned(client->core, client->assoc, 2, &of_stream), 0);
		assert_int_equal(of_stream.sent[SCTP_PR_LIMITED], 0);
		assert_int_equal(client->notices[SCTP_NOTICE_SEND_FAILED], 1);
		expect_nothing_left(pair);
		pair_destroy(pair);
	}
}

/* RFC 3758 4.1: after its time it is not sent, nor sent again. What was not sent leaves no hole. */
static void
test_timed(void **state)
{
	const struct sctp_message timed = { .pr_policy = SCTP_PR_TIMED, .pr_value = 500 };
	const struct sctp_message reliable = { .pr_policy = SCTP_PR_NONE };

	(void)state;
	for (unsigned m = 0; m < RTE_DIM(modes); m++) {
		struct pair *pair = opened(2, modes[m]);
		const struct sctp_abandoned *abandoned =
			sctp_abandoned(pair->ends[PAIR_CLIENT].assoc);

		pair->links[0].cut = true;
		for (unsigned i = 0; i < 20; i++)
			assert_int_equal(message_send(pair, 'x', 1400, timed), 0);
		assert_int_equal(message_send(pair, 'a', 100, reliable), 0);
		pair_run_for(pair, 5 * SECOND_NS);
		pair->links[0].cut = false;
		pair_run_for(pair, 60 * SECOND_NS);
		expect(pair, "a");
		assert_true(abandoned->sent[SCTP_PR_TIMED] > 0);
		assert_true(abandoned->unsent[SCTP_PR_TIMED] > 0);
		assert_int_equal(
			abandoned->sent[SCTP_PR_TIMED] + abandoned->unsent[SCTP_PR_TIMED], 20);
		expect_nothing_left(pair);
		pair_destroy(pair);
	}
}

/* A large one of which some has arrived, and been acknowledged, and the rest was never sent. */
static void
test_part_sent(void **state)
{
	const struct sctp_message timed = { .pr_policy = SCTP_PR_TIMED, .pr_value = 30 };

	(void)state;
	for (unsigned flags = 0; flags <= SCTP_MESSAGE_UNORDERED; flags++) {
		for (unsigned m = 0; m < RTE_DIM(modes); m++) {
			struct pair *pair = opened(3, modes[m]);
			struct sctp_message message = timed;

			message.flags = (uint8_t)flags;
			assert_int_equal(message_send(pair, 'x', 60000, message), 0);
			pair_run_for(pair, 5 * SECOND_NS);
			assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_abandoned), 1);
			assert_true(pair->chunks_sent[PAIR_CLIENT][SCTP_FORWARD_TSN] +
					pair->chunks_sent[PAIR_CLIENT][SCTP_I_FORWARD_TSN] >
				0);
			assert_int_equal(
				message_send(pair, 'a', 10, (struct sctp_message){ 0 }), 0);
			pair_run_for(pair, SECOND_NS);
			expect(pair, "a");
			expect_nothing_left(pair);
			pair_destroy(pair);
		}
	}
}

/* RFC 7496 3.2: one of a higher priority has room made for it, by those of a lower one. */
static void
test_priority(void **state)
{
	struct sctp_message message = { .pr_policy = SCTP_PR_PRIORITY, .pr_value = 5 };

	(void)state;
	for (unsigned m = 0; m < RTE_DIM(modes); m++) {
		struct pair *pair = opened(4, modes[m]);
		const struct sctp_abandoned *abandoned =
			sctp_abandoned(pair->ends[PAIR_CLIENT].assoc);
		unsigned sent = 0;

		pair->links[0].cut = true;
		message.pr_value = 5;
		while (message_send(pair, 'x', 1000, message) == 0) {
			sent++;
			if (sent == 10)
				pair_run_for(pair, 10 * MS_NS);
		}
		assert_int_equal(message_send(pair, 'x', 1000, message), -EAGAIN);
		message.pr_value = 4;
		assert_int_equal(message_send(pair, 'a', 20000, message), 0);
		/* Those were sent go first, as they are not heard of. */
		assert_true(abandoned->sent[SCTP_PR_PRIORITY] > 0);
		assert_true(abandoned->unsent[SCTP_PR_PRIORITY] > 0);
		assert_in_range(
			abandoned->sent[SCTP_PR_PRIORITY] + abandoned->unsent[SCTP_PR_PRIORITY], 20,
			21);
		pair->links[0].cut = false;
		pair_run_for(pair, 100 * SECOND_NS);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).unsent, 0);
		assert_int_equal(pair_info(pair, PAIR_SERVER).unread, (sent - 20) * 1000 + 20000);
		pair_destroy(pair);
	}
}

/* With a peer that does not know of it all arrives; but what was not sent may still be given up. */
static void
test_not_agreed(void **state)
{
	const struct sctp_message timed = { .pr_policy = SCTP_PR_TIMED, .pr_value = 100 };
	struct pair *pair = opened(5, 0);
	const struct sctp_abandoned *abandoned = sctp_abandoned(pair->ends[PAIR_CLIENT].assoc);
	uint8_t value[4] = { 0 };
	uint64_t given_up;

	(void)state;
	pair->links[0].cut = true;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(message_send(pair, 'a', 1400, timed), 0);
	pair_run_for(pair, 5 * SECOND_NS);
	pair->links[0].cut = false;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(abandoned->sent[SCTP_PR_TIMED], 0);
	given_up = abandoned->unsent[SCTP_PR_TIMED];
	assert_true(given_up > 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, (20 - given_up) * 1400);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_FORWARD_TSN], 0);
	/* RFC 3758 3.3.1: and one that comes is unknown. */
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_FORWARD_TSN, 0,
		value, sizeof(value));
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 1);
	pair_destroy(pair);
}

/* ---- received ---- */

static void
forward_inject(struct pair *pair, uint32_t tsn, uint16_t stream, uint16_t ssn, uint16_t length)
{
	uint8_t value[8];

	be32_store(value, tsn);
	be16_store(value + 4, stream);
	be16_store(value + 6, ssn);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_FORWARD_TSN, 0,
		value, length);
}

static void
data_inject(
	struct pair *pair, uint32_t tsn, uint16_t ssn, uint8_t flags, uint8_t id, uint16_t length)
{
	uint8_t value[12 + 1200] = { 0 };

	be32_store(value, tsn);
	be16_store(value + 6, ssn);
	memset(value + 12, id, length);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_DATA, flags,
		value, (uint16_t)(12 + length));
}

/* RFC 3758 3.6: fragments of what is skipped go, what waits behind it is delivered. */
static void
test_skip(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = opened(6, SCTP_EXT_FORWARD_TSN);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

	(void)state;
	/* The second message is there, the third's middle is missing, the fourth is there. */
	data_inject(pair, tsn + 1, 1, whole, 'b', 10);
	data_inject(pair, tsn + 2, 2, SCTP_DATA_BEGIN, 'c', 10);
	data_inject(pair, tsn + 4, 2, SCTP_DATA_END, 'c', 10);
	data_inject(pair, tsn + 5, 3, whole, 'd', 10);
	expect(pair, "");
	forward_inject(pair, tsn + 4, 0, 2, 8);
	expect(pair, "bd");
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 5);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	/* Once more, and back: answered, and nothing else. */
	forward_inject(pair, tsn + 4, 0, 2, 8);
	forward_inject(pair, tsn - 1000, 0, 0, 8);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 5);
	data_inject(pair, tsn + 6, 4, whole, 'e', 10);
	expect(pair, "e");
	pair_destroy(pair);
}

/* A message behind what is skipped of which there is the beginning: the rest comes. */
static void
test_skip_spares(void **state)
{
	struct pair *pair = opened(6, SCTP_EXT_FORWARD_TSN);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

	(void)state;
	data_inject(pair, tsn + 1, 1, SCTP_DATA_BEGIN, 'b', 10);
	forward_inject(pair, tsn, 0, 0, 8);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 1);
	data_inject(pair, tsn + 2, 1, SCTP_DATA_END, 'b', 10);
	expect(pair, "b");
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	pair_destroy(pair);
}

/* A message whose beginning its user has: he is told that there is no end. */
static void
test_part_aborted(void **state)
{
	struct pair *pair = pair_made(7, SCTP_EXT_FORWARD_TSN);
	struct sctp_message message;
	uint32_t tsn;
	size_t length;

	(void)state;
	pair->settings.receive_buffer = 4096;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	data_inject(pair, tsn, 0, SCTP_DATA_BEGIN, 'a', 1200);
	data_inject(pair, tsn + 1, 0, 0, 'a', 1200);
	assert_int_equal(message_take(pair, &message, &length), 'a');
	assert_int_equal(length, 2400);
	assert_false(message.flags & SCTP_MESSAGE_END);
	data_inject(pair, tsn + 3, 1, SCTP_DATA_BEGIN | SCTP_DATA_END, 'b', 10);
	forward_inject(pair, tsn + 2, 0, 0, 8);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_PART_ABORTED], 1);
	expect(pair, "b");
	pair_destroy(pair);
}

/* FORWARD TSNs that lie: cut off, of streams that there are not, as far ahead as can be. */
static void
test_lies(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = opened(8, SCTP_EXT_FORWARD_TSN);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

	(void)state;
	for (uint16_t length = 0; length < 4; length++)
		forward_inject(pair, tsn, 0, 0, length);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_chunk), 4);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn - 1);
	forward_inject(pair, tsn, 60000, 0, 8);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn);
	pair->links[0].cut = true;
	/* Of what is cut off the whole ones count. */
	for (uint16_t length = 4; length < 8; length++)
		forward_inject(pair, ++tsn, 0, 0, length);
	for (unsigned i = 3; i < 4000; i += 2)
		data_inject(pair, tsn + i, (uint16_t)(i % 30000), SCTP_DATA_BEGIN, 'x', 4);
	for (unsigned i = 0; i < 6; i++) {
		tsn += 0x7fffffff;
		forward_inject(pair, tsn, 0, (uint16_t)(i * 30000), 8);
		assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn);
		assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	}
	data_inject(pair, tsn + 1, (uint16_t)(5 * 30000 + 1), whole, 'a', 10);
	expect(pair, "a");
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* ---- bad links ---- */

struct source {
	unsigned sent, reliable_sent;
	unsigned received, reliable_received, last_of_stream[4];
};

/* A message's number, the kind that it is of, and a length that follows from the number. */
static bool
numbered_send(struct pair *pair, struct source *source)
{
	struct sctp_message message = { .stream = (uint16_t)(source->sent % 4),
		.pr_policy = SCTP_PR_NONE };
	uint8_t bytes[8000] = { 0 };
	unsigned number = source->sent + 1;
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	if (number % 3 == 1)
		message.pr_policy = SCTP_PR_LIMITED;
	if (number % 3 == 2) {
		message.pr_policy = SCTP_PR_TIMED;
		message.pr_value = 100;
	}
	be32_store(bytes, number);
	if (sctp_send(client->core, client->assoc, &message, bytes, 4 + number * 733 % 7000) != 0)
		return false;
	source->sent++;
	source->reliable_sent += message.pr_policy == SCTP_PR_NONE;
	return true;
}

static void
numbered_receive(struct pair *pair, struct source *source)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_message message;
	uint8_t bytes[8000];
	int64_t ret;

	while ((ret = sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message)) > 0) {
		unsigned number = be32_load(bytes), *last = &source->last_of_stream[message.stream];

		assert_true(message.flags & SCTP_MESSAGE_END);
		assert_int_equal(ret, 4 + number * 733 % 7000);
		assert_int_equal((number - 1) % 4, message.stream);
		assert_true(number > *last);
		*last = number;
		source->received++;
		source->reliable_received += number % 3 == 0;
	}
}

/* What is reliable arrives, all is in order and whole, and nothing is left of what was given up. */
static void
test_bad_links(void **state)
{
	(void)state;
	for (uint64_t seed = 50; seed < 66; seed++) {
		struct pair *pair = pair_made(seed, modes[seed % RTE_DIM(modes)]);
		struct source source = { .sent = 0 };

		pair->links[0].loss_ppb = RANDOM_PPB / 100 * (uint32_t)(seed % 4 * 8);
		pair->links[0].jitter_ns = seed % 3 * 8 * MS_NS;
		pair->links[0].duplicate_ppb = RANDOM_PPB / 30;
		pair->settings.rto_min_ms = 200;
		pair->settings.rto_max_ms = 1000;
		pair->settings.assoc_retries = 60;
		pair->settings.init_retries = 60;
		/* Nothing is delivered in part. */
		pair->settings.receive_buffer = 1 << 20;
		pair_start(pair);
		pair_listen(pair);
		pair_connect(pair);
		pair_run_for(pair, 20 * SECOND_NS);
		for (unsigned rounds = 0; rounds < 400; rounds++) {
			while (source.sent < 300 && numbered_send(pair, &source))
				;
			pair_run_for(pair, SECOND_NS / 2);
			numbered_receive(pair, &source);
		}
		assert_int_equal(source.sent, 300);
		assert_int_equal(source.reliable_received, source.reliable_sent);
		assert_int_equal(
			source.received + pair_stat(pair, PAIR_CLIENT, SCTP_STAT_abandoned) >= 300,
			1);
		expect_nothing_left(pair);
		pair_destroy(pair);
	}
}

/*
 * A message waits while what is given up goes round half of all TSNs: when room is made of what is behind a gap, it
 * is not that. It had a worker end.
 */
static void
test_waits_half_a_round(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = pair_create(60);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	const uint32_t step = 0x7fffffff;
	uint32_t tsn;

	(void)state;
	pair->config.received_max = 400;
	pair->settings.extensions = SCTP_EXT_FORWARD_TSN;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	data_inject(pair, tsn, 3, whole, 'w', 100);
	data_inject(pair, tsn + 1, 4, SCTP_DATA_BEGIN, 'f', 100);
	forward_inject(pair, tsn + step, 7, 0, 4);
	tsn += step + 1000;
	forward_inject(pair, tsn, 7, 0, 4);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 100);
	for (uint16_t i = 3; i < 5; i++)
		data_inject(pair, tsn + i, 5 + i, whole, 'g', 100);
	data_inject(pair, tsn + 1, 10, whole, 'n', 100);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 400);
	/* What is behind the gap makes room; what waited before and what came next stays. */
	data_inject(pair, tsn + 2, 0, whole, 'n', 100);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 2);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 100);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 200);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* RFC 3758 3.5: who gives up a message need not give TSNs to what of it was never sent. */
static void
test_rest_without_tsns(void **state)
{
	static const uint8_t next[] = { SCTP_DATA_BEGIN | SCTP_DATA_END, SCTP_DATA_BEGIN };

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(next); i++) {
		struct pair *pair = pair_opened(12);
		const uint32_t tsn = pair_info(pair, PAIR_CLIENT).next_tsn;

		/* Its first fragment is lost, its middle is there, and what comes next is another. */
		pair_data_inject(pair, tsn + 1, 0, 0, 0);
		pair_data_inject(pair, tsn + 2, 0, 1, next[i]);
		pair_run_for(pair, SECOND_NS);
		assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
		pair_destroy(pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limited),
		cmocka_unit_test(test_timed),
		cmocka_unit_test(test_part_sent),
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_not_agreed),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_skip_spares),
		cmocka_unit_test(test_part_aborted),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_waits_half_a_round),
		cmocka_unit_test(test_bad_links),
		cmocka_unit_test(test_rest_without_tsns),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
