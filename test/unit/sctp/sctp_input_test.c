/* SPDX-License-Identifier: BSD-3-Clause */
/* Tags, packets out of the blue, unknown chunks, and what is malformed: RFC 9260 8.4, 8.5, 3.2. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static struct pair *
opened(uint64_t seed)
{
	struct pair *pair = pair_create(seed);

	pair_start(pair);
	pair_open(pair);
	return pair;
}

/* RFC 9260 8.4, by its numbers: what is answered by ABORT, by something else, or not at all. */
static void
test_out_of_the_blue(void **state)
{
	static const struct {
		uint8_t type;
		unsigned aborts, completes;
	} cases[] = {
		{ SCTP_ABORT, 0, 0 },
		{ SCTP_SHUTDOWN_ACK, 0, 1 },
		{ SCTP_SHUTDOWN_COMPLETE, 0, 0 },
		{ SCTP_COOKIE_ACK, 0, 0 },
		{ SCTP_DATA, 1, 0 },
		{ SCTP_SACK, 1, 0 },
		{ SCTP_HEARTBEAT, 1, 0 },
		{ SCTP_ERROR, 1, 0 },
		{ SCTP_INIT_ACK, 1, 0 },
		{ 0x77, 1, 0 },
	};
	struct pair *pair = pair_create(1);
	const uint8_t stale[] = { 9, 0, 0, 12, 0, 3, 0, 8, 0, 0, 0, 1 };
	const uint8_t second[] = { SCTP_COOKIE_ACK, 0, 0, 4, SCTP_SHUTDOWN_ACK, 0, 0, 4 };

	(void)state;
	pair_start(pair);
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		unsigned *sent = pair->chunks_sent[PAIR_SERVER];
		unsigned aborts = sent[SCTP_ABORT], completes = sent[SCTP_SHUTDOWN_COMPLETE];

		pair_inject(pair, PAIR_SERVER, 0x1234, cases[i].type, 0, "abcd", 4);
		assert_int_equal(sent[SCTP_ABORT] - aborts, cases[i].aborts);
		assert_int_equal(sent[SCTP_SHUTDOWN_COMPLETE] - completes, cases[i].completes);
	}
	pair_inject_bytes(pair, PAIR_SERVER, 0x1234, stale, sizeof(stale));
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 6);
	pair_inject_bytes(pair, PAIR_SERVER, 0x1234, second, sizeof(second));
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SHUTDOWN_COMPLETE], 2);
	/* 8.5.1 (A): without a tag, whatever it is. */
	pair_inject(pair, PAIR_SERVER, 0, SCTP_HEARTBEAT, 0, "abcd", 4);
	pair_inject(pair, PAIR_SERVER, 0, SCTP_SHUTDOWN_ACK, 0, NULL, 0);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 6);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SHUTDOWN_COMPLETE], 2);
	assert_int_equal(pair->drop_counts[DROP_sctp_out_of_blue], RTE_DIM(cases) + 2);
	assert_int_equal(pair->drop_counts[DROP_sctp_bad_tag], 2);
	pair_destroy(pair);
}

/* RFC 9260 8.5: no chunk with a guessed tag does anything. */
static void
test_bad_tags(void **state)
{
	struct pair *pair = opened(2);
	struct sctp_info info = pair_info(pair, PAIR_SERVER);
	unsigned packets = 0;

	(void)state;
	for (unsigned type = 0; type < 256; type++) {
		if (type == SCTP_INIT || type == SCTP_COOKIE_ECHO)
			continue;
		pair_inject(pair, PAIR_SERVER, info.local_tag + 1, (uint8_t)type, 0, "abcd", 4);
		pair_inject(pair, PAIR_SERVER, 0, (uint8_t)type, 0, "abcd", 4);
		packets += 2;
	}
	/* The T bit has a meaning for two; and the tag is the receiver's, not ours. */
	pair_inject(pair, PAIR_SERVER, info.local_tag, SCTP_ABORT, SCTP_FLAG_T, NULL, 0);
	pair_inject(pair, PAIR_SERVER, info.peer_tag, SCTP_ABORT, 0, NULL, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_tag), packets + 2);
	assert_int_equal(pair->drop_counts[DROP_sctp_bad_tag], packets + 2);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_inject(pair, PAIR_SERVER, info.peer_tag, SCTP_ABORT, SCTP_FLAG_T, NULL, 0);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
	pair_destroy(pair);
}

/* RFC 9260 3.2: stop or skip, report or not, by the two upper bits. */
static void
test_unknown_chunks(void **state)
{
	static const struct {
		uint8_t type;
		bool reported, goes_on;
	} cases[] = {
		{ 0x3f, false, false },
		{ 0x7f, true, false },
		{ 0xbf, false, true },
		{ 0xff, true, true },
	};
	struct pair *pair = opened(3);
	uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		const uint8_t bytes[] = { cases[i].type, 0, 0, 5, 'x', 0, 0, 0, SCTP_HEARTBEAT, 0,
			0, 8, 0, 1, 0, 4 };
		unsigned *sent = pair->chunks_sent[PAIR_SERVER];
		unsigned errors = sent[SCTP_ERROR], answers = sent[SCTP_HEARTBEAT_ACK];

		pair_inject_bytes(pair, PAIR_SERVER, tag, bytes, sizeof(bytes));
		assert_int_equal(sent[SCTP_ERROR] - errors, cases[i].reported);
		assert_int_equal(sent[SCTP_HEARTBEAT_ACK] - answers, cases[i].goes_on);
	}
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].notices[SCTP_NOTICE_REMOTE_ERROR], 2);
	pair_destroy(pair);
}

/* RFC 9260 5.1 (D): what a cookie's packet holds beside is answered behind the COOKIE ACK. */
static void
test_behind_cookie(void **state)
{
	struct pair *pair = opened(6);
	uint8_t bytes[600];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	uint32_t place = sctp_chunk_begin(&writer, SCTP_COOKIE_ECHO, 0);

	(void)state;
	sctp_put(&writer, pair->cookie, pair->cookie_length);
	sctp_chunk_end(&writer, place);
	sctp_chunk_end(&writer, sctp_chunk_begin(&writer, 0xff, 0));
	pair_inject_bytes(pair, PAIR_SERVER, pair->cookie_fields.vtag, bytes, writer.used);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_COOKIE_ACK], 2);
	assert_int_equal(pair->last[PAIR_SERVER][0], SCTP_COOKIE_ACK);
	assert_int_equal(pair->last[PAIR_SERVER][4], SCTP_ERROR);
	pair_destroy(pair);
}

/* Each chunk of each type, cut at each byte and with each small length, and bundled with others. */
static void
test_malformed(void **state)
{
	struct pair *pair = opened(4);
	uint8_t bytes[40];

	(void)state;
	random_init(&pair->random, 4);
	for (unsigned type = 0; type < 256; type++) {
		for (uint16_t length = 0; length < 36; length++) {
			for (unsigned i = 0; i < sizeof(bytes); i++)
				bytes[i] = (uint8_t)random_draw(&pair->random);
			bytes[0] = (uint8_t)type;
			be16_store(bytes + 2, length);
			if (pair_state(pair, PAIR_SERVER) == SCTP_CLOSED) {
				pair_destroy(pair);
				pair = opened(4 + type);
			}
			/* Answers are looked at when they are sent. */
			pair->links[0].cut = true;
			pair_inject_bytes(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag,
				bytes, 4 + length % 33);
		}
	}
	pair_destroy(pair);
}

/* RFC 9260 6.10: what must not be bundled is not looked at. */
static void
test_bundles(void **state)
{
	struct pair *pair = opened(5);
	uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;
	const uint8_t complete[] = { SCTP_COOKIE_ACK, 0, 0, 4, SCTP_SHUTDOWN_COMPLETE, 0, 0, 4 };
	const uint8_t cookie[] = { SCTP_COOKIE_ACK, 0, 0, 4, SCTP_COOKIE_ECHO, 0, 0, 4 };

	(void)state;
	pair_inject_bytes(pair, PAIR_SERVER, tag, complete, sizeof(complete));
	pair_inject_bytes(pair, PAIR_SERVER, tag, cookie, sizeof(cookie));
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_bundle), 2);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out_of_the_blue),
		cmocka_unit_test(test_bad_tags),
		cmocka_unit_test(test_unknown_chunks),
		cmocka_unit_test(test_behind_cookie),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_bundles),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
