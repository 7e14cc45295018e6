/* SPDX-License-Identifier: BSD-3-Clause */
/* I-DATA: RFC 8260 2. Large messages do not hold up those of other streams. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

#define EXTENSIONS (SCTP_EXT_I_DATA | SCTP_EXT_FORWARD_TSN | SCTP_EXT_I_FORWARD_TSN)

static struct pair *
pair_made(uint64_t seed)
{
	struct pair *pair = pair_create(seed);

	pair->settings.extensions = EXTENSIONS;
	return pair;
}

static struct pair *
opened(uint64_t seed)
{
	struct pair *pair = pair_made(seed);

	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	return pair;
}

/* Loss, jitter and duplicates, from many seeds, with each scheduler and either kind of messages. */
static void
test_bad_links(void **state)
{
	(void)state;
	for (uint64_t seed = 200; seed < 218; seed++) {
		struct pair *pair = pair_made(seed);

		pair->settings.scheduler = (uint8_t)(seed % SCTP_SCHED_COUNT);
		pair->settings.rto_min_ms = 200;
		/* No message is received in part. */
		pair->settings.receive_buffer = 1 << 20;
		pair->links[0].loss_ppb = RANDOM_PPB / 1000 * (uint32_t)(seed % 4 * 30);
		pair->links[0].jitter_ns = seed % 5 * 5 * MS_NS;
		pair->links[0].duplicate_ppb = RANDOM_PPB / 20;
		for (unsigned i = 0; i < 2; i++) {
			pair->ends[i].to_send = 100;
			pair->ends[i].size_max = seed % 3 == 0 ? 700 : 9000;
			pair->ends[i].unordered = seed % 4 == 1;
		}
		pair_start(pair);
		pair_listen(pair);
		pair_connect(pair);
		pair_run_messages(pair, 2000 * SECOND_NS);
		assert_true(pair->chunks_sent[PAIR_CLIENT][SCTP_I_DATA] > 100 / 2);
		assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_DATA], 0);
		pair_destroy(pair);
	}
}

static void
message_send(struct pair *pair, uint16_t stream, uint32_t ppid, size_t length)
{
	static uint8_t bytes[100000];
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct sctp_message message = { .stream = stream, .ppid_be = ppid };

	memset(bytes, (int)ppid, length);
	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, length), 0);
}

/* A short message gets in between a long one's fragments, and is received before it. */
static void
test_in_between(void **state)
{
	struct pair *pair = pair_made(1);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_message message;
	static uint8_t bytes[100000];

	(void)state;
	server->reads_not = true;
	pair->settings.scheduler = SCTP_SCHED_RR;
	pair_start(pair);
	pair_open(pair);
	message_send(pair, 0, 'l', 30000);
	message_send(pair, 1, 's', 100);
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(
		sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message), 100);
	assert_int_equal(message.ppid_be, 's');
	assert_int_equal(
		sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message), 30000);
	assert_int_equal(message.ppid_be, 'l');
	assert_true(message.flags & SCTP_MESSAGE_END);
	for (unsigned i = 0; i < 30000; i++)
		assert_int_equal(bytes[i], 'l');
	pair_destroy(pair);
}

/* Several that the receive buffer does not hold are delivered in part, side by side. */
static void
test_parts(void **state)
{
	struct pair *pair = pair_made(2);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	size_t received[3] = { 0 };
	unsigned ends = 0, changes = 0;
	int last = -1;

	(void)state;
	server->reads_not = true;
	pair->settings.scheduler = SCTP_SCHED_RR;
	pair->settings.receive_buffer = 16384;
	pair->settings.send_buffer = 300000;
	pair->links[0].loss_ppb = RANDOM_PPB / 50;
	pair_start(pair);
	pair_open(pair);
	for (uint16_t stream = 0; stream < 3; stream++)
		message_send(pair, stream, 'a' + stream, 60000);
	for (unsigned rounds = 0; rounds < 2000 && ends < 3; rounds++) {
		static uint8_t bytes[100000];
		struct sctp_message message;
		int64_t ret;

		while ((ret = sctp_recv(
				server->core, server->assoc, bytes, sizeof(bytes), &message)) > 0) {
			for (int64_t i = 0; i < ret; i++)
				assert_int_equal(bytes[i], 'a' + message.stream);
			received[message.stream] += (size_t)ret;
			ends += (message.flags & SCTP_MESSAGE_END) != 0;
			changes += last != message.stream;
			last = message.stream;
		}
		pair_run_for(pair, 100 * MS_NS);
	}
	assert_int_equal(ends, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(received[i], 60000);
	assert_true(changes > 6);
	pair_destroy(pair);
}

/* ---- what comes ---- */

static void
i_data_inject(
	struct pair *pair, uint32_t tsn, uint16_t stream, uint32_t mid, uint32_t fsn, uint8_t flags)
{
	uint8_t value[16 + 4] = { 0 };

	be32_store(value, tsn);
	be16_store(value + 4, stream);
	be32_store(value + 8, mid);
	be32_store(value + 12, fsn);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_I_DATA, flags,
		value, sizeof(value));
}

static void
skip_inject(struct pair *pair, uint32_t tsn, uint16_t stream, bool unordered, uint32_t mid)
{
	uint8_t value[12] = { 0 };

	be32_store(value, tsn);
	be16_store(value + 4, stream);
	be16_store(value + 6, unordered);
	be32_store(value + 8, mid);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_I_FORWARD_TSN,
		0, value, sizeof(value));
}

static void
recv_expect(struct pair *pair, uint16_t stream, uint32_t mid, bool ends)
{
	const struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_message message;
	uint8_t bytes[100];

	assert_int_equal(sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message), 4);
	assert_int_equal(message.stream, stream);
	assert_int_equal(message.mid, mid);
	assert_int_equal((message.flags & SCTP_MESSAGE_END) != 0, ends);
}

/* RFC 6458 8.1.20: users know parts by their streams. Others of that stream wait for the end of one. */
static void
test_part_of_stream(void **state)
{
	const uint8_t whole = SCTP_DATA_UNORDERED | SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = pair_made(9);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	uint32_t tsn;

	(void)state;
	pair->settings.partial_point = 4;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	i_data_inject(pair, tsn, 0, 0, 0, SCTP_DATA_UNORDERED | SCTP_DATA_BEGIN);
	i_data_inject(pair, tsn + 1, 0, 1, 0, whole);
	i_data_inject(pair, tsn + 2, 1, 0, 0, whole);
	i_data_inject(pair, tsn + 3, 1, 1, 0, SCTP_DATA_UNORDERED | SCTP_DATA_BEGIN);
	recv_expect(pair, 0, 0, false);
	recv_expect(pair, 1, 0, true);
	recv_expect(pair, 1, 1, false);
	assert_false(sctp_has_next(server->assoc));
	i_data_inject(pair, tsn + 4, 0, 0, 1, SCTP_DATA_UNORDERED | SCTP_DATA_END);
	recv_expect(pair, 0, 0, true);
	recv_expect(pair, 0, 1, true);
	assert_false(sctp_has_next(server->assoc));
	pair_destroy(pair);
}

static void
notices_stay(struct pair *pair, unsigned end, const struct sctp_event *event)
{
	(void)pair;
	(void)end;
	(void)event;
}

/* RFC 6458 6.1.7: that a part has no end is said before the messages that have waited for it. */
static void
test_part_aborted(void **state)
{
	struct pair *pair = pair_made(10);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_notice notice;
	uint32_t tsn;

	(void)state;
	pair->settings.partial_point = 4;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	i_data_inject(pair, tsn, 0, 0, 0, SCTP_DATA_UNORDERED | SCTP_DATA_BEGIN);
	i_data_inject(
		pair, tsn + 1, 0, 1, 0, SCTP_DATA_UNORDERED | SCTP_DATA_BEGIN | SCTP_DATA_END);
	pair->app = notices_stay;
	skip_inject(pair, tsn + 2, 0, true, 0);
	assert_false(sctp_notice_is_next(server->assoc));
	recv_expect(pair, 0, 0, false);
	assert_true(sctp_notice_is_next(server->assoc));
	assert_true(sctp_notice_take(server->core, server->assoc, &notice));
	assert_int_equal(notice.type, SCTP_NOTICE_PART_ABORTED);
	recv_expect(pair, 0, 1, true);
	pair_destroy(pair);
}

/* A full buffer of parts that were behind a gap when they came: they are delivered, for nothing else could be. */
static void
test_full_of_parts(void **state)
{
	struct pair *pair = pair_made(11);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	const unsigned parts = 16;
	uint32_t tsn;

	(void)state;
	pair->settings.receive_buffer = parts * 256;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	for (unsigned i = 0; i < parts; i++)
		i_data_inject(pair, tsn + 1 + i, (uint16_t)(1 + i % 8), 0, 0,
			SCTP_DATA_BEGIN | (i < 8 ? 0 : SCTP_DATA_UNORDERED));
	i_data_inject(pair, tsn, 0, 0, 0, SCTP_DATA_BEGIN | SCTP_DATA_END);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + parts);
	recv_expect(pair, 0, 0, true);
	assert_false(sctp_has_next(server->assoc));
	i_data_inject(pair, tsn + parts + 1, 0, 1, 0, SCTP_DATA_BEGIN | SCTP_DATA_END);
	for (unsigned i = 0; i < parts; i++)
		recv_expect(pair, (uint16_t)(1 + i % 8), 0, false);
	i_data_inject(pair, tsn + parts + 1, 0, 1, 0, SCTP_DATA_BEGIN | SCTP_DATA_END);
	recv_expect(pair, 0, 1, true);
	pair_destroy(pair);
}

/* Messages of one stream, and of several, whose fragments come in between each other. */
static void
test_mixed(void **state)
{
	struct pair *pair = opened(3);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	const uint8_t unordered = SCTP_DATA_UNORDERED;

	(void)state;
	i_data_inject(pair, tsn, 0, 0, 0, SCTP_DATA_BEGIN);
	i_data_inject(pair, tsn + 1, 1, 0, 0, SCTP_DATA_BEGIN);
	i_data_inject(pair, tsn + 2, 0, 7, 0, SCTP_DATA_BEGIN | unordered);
	i_data_inject(pair, tsn + 3, 0, 9, 0, SCTP_DATA_BEGIN | unordered);
	i_data_inject(pair, tsn + 4, 0, 1, 0, SCTP_DATA_BEGIN);
	i_data_inject(pair, tsn + 5, 0, 1, 1, SCTP_DATA_END);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 0);
	i_data_inject(pair, tsn + 6, 0, 9, 1, SCTP_DATA_END | unordered);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 8);
	i_data_inject(pair, tsn + 8, 1, 0, 2, SCTP_DATA_END);
	i_data_inject(pair, tsn + 7, 1, 0, 1, 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 8 + 12);
	/* With the first of a stream the second, which waited for it. */
	i_data_inject(pair, tsn + 9, 0, 0, 1, SCTP_DATA_END);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 8 + 12 + 16);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 4);
	/* RFC 8260 2.3.1: the unordered one never gets its end. */
	skip_inject(pair, tsn + 10, 0, true, 7);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* MIDs may be as far ahead as they like: they cost what is received, and skipping them nothing. */
static void
test_far_ahead(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = opened(4);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

	(void)state;
	i_data_inject(pair, tsn++, 0, 0x7fffffff, 0, whole);
	i_data_inject(pair, tsn++, 0, 5, 0, SCTP_DATA_BEGIN);
	i_data_inject(pair, tsn++, 0, 0x70000000, 3, 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 0);
	skip_inject(pair, tsn++, 0, false, 0x7ffffffe);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 4);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	/* What is late of a message that was skipped is thrown away. */
	i_data_inject(pair, tsn++, 0, 5, 1, SCTP_DATA_END);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	/* Over the end of the numbers. */
	skip_inject(pair, tsn++, 0, false, 0xfffffffe);
	i_data_inject(pair, tsn++, 0, 0xffffffff, 0, SCTP_DATA_BEGIN);
	i_data_inject(pair, tsn++, 0, 0, 0, SCTP_DATA_BEGIN);
	skip_inject(pair, tsn++, 0, false, 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 0);
	i_data_inject(pair, tsn++, 0, 2, 0, whole);
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 8);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* What cannot be ends the association: DATA, two fragments in one place, one behind the end. */
static void
test_violations(void **state)
{
	static const struct {
		uint32_t mid, fsn;
		uint8_t flags;
	} second[] = {
		{ 0, 1, SCTP_DATA_END }, /* twice */
		{ 0, 2, 0 }, /* behind the end */
		{ 0, 0, 0 }, /* the first place, and not the first */
		{ 1, 0, 0 },
		{ 1, 0x80000000, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(second); i++) {
		struct pair *pair = opened(5);
		uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

		i_data_inject(pair, tsn, 0, 0, 1, SCTP_DATA_END);
		assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
		i_data_inject(pair, tsn + 1, 0, second[i].mid, second[i].fsn, second[i].flags);
		assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
		pair_destroy(pair);
	}
	for (unsigned agreed = 0; agreed < 2; agreed++) {
		struct pair *pair = pair_create(6);
		uint8_t value[20] = { 0 };

		pair->settings.extensions = agreed ? EXTENSIONS : 0;
		pair_start(pair);
		pair_open(pair);
		be32_store(value, pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1);
		pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag,
			agreed ? SCTP_DATA : SCTP_I_DATA, SCTP_DATA_BEGIN | SCTP_DATA_END, value,
			sizeof(value));
		assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], agreed);
		assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 1 - agreed);
		pair_destroy(pair);
	}
}

/* ... or what was there already of a message that is delivered in part, or that is there in part. */
static void
test_again(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;

	(void)state;
	for (uint8_t order = 0; order <= SCTP_DATA_UNORDERED; order += SCTP_DATA_UNORDERED) {
		for (unsigned variant = 0; variant < 4; variant++) {
			struct pair *pair = pair_made(20 + variant);
			uint32_t tsn;

			pair->settings.partial_point = variant < 3 ? 8 : 1000;
			pair->ends[PAIR_SERVER].reads_not = true;
			pair_start(pair);
			pair_open(pair);
			tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
			i_data_inject(pair, tsn, 0, 0, 0, order | SCTP_DATA_BEGIN);
			i_data_inject(pair, tsn + 1, 0, 0, 1, order);
			assert_int_equal(pair_info(pair, PAIR_SERVER).unread, variant < 3 ? 8 : 0);
			i_data_inject(pair, tsn + 2, 0, 0, variant == 1 ? 1 : 0,
				variant == 0           ? order | SCTP_DATA_BEGIN
					: variant == 1 ? order
						       : order | whole);
			assert_int_equal(
				pair_stat(pair, PAIR_SERVER, SCTP_STAT_protocol_violations), 1);
			assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
			pair_destroy(pair);
		}
	}
}

/*
 * Fragments that never complete, of as many messages as there may be: its buffer is all that a peer gets, and
 * then its end.
 */
static void
test_without_end(void **state)
{
	struct pair *pair = opened(7);
	uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	struct sctp_counts counts;
	unsigned i;

	(void)state;
	for (i = 0; pair->chunks_sent[PAIR_SERVER][SCTP_ABORT] == 0 && i < 6000; i++) {
		sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
		i_data_inject(pair, tsn + i, (uint16_t)(i % 10), i, 1 + i % 7, 0);
	}
	assert_int_equal(i, 65536 / 64 / 4 * 5 + 1);
	assert_true(counts.received <= 65536 + 16384);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_int_equal(counts.chunks + counts.received, 0);
	pair_destroy(pair);
}

/* All there is to read. @return bytes of message 0 */
static unsigned
recv_first(struct pair *pair, bool *ends)
{
	const struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_message message;
	uint8_t bytes[100];
	unsigned length = 0;
	int64_t n;

	while ((n = sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message)) > 0) {
		if (message.mid != 0)
			continue;
		length += (unsigned)n;
		*ends = (message.flags & SCTP_MESSAGE_END) != 0;
	}
	return length;
}

/* An unordered message whose rest comes when the buffer is full of others' beginnings: it goes on. */
static void
test_full_of_beginnings(void **state)
{
	const uint8_t unordered = SCTP_DATA_UNORDERED;
	struct pair *pair = pair_made(30);
	const unsigned parts = 64;
	bool ends = true;
	uint32_t tsn;

	(void)state;
	pair->settings.receive_buffer = parts * 64;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	for (uint32_t i = 0; i < parts; i++)
		i_data_inject(pair, tsn + i, 0, i, 0, unordered | SCTP_DATA_BEGIN);
	/* No room: they are delivered in part, and read. */
	i_data_inject(pair, tsn + parts, 0, 0, 1, unordered);
	assert_int_equal(recv_first(pair, &ends), 4);
	assert_false(ends);
	for (uint32_t i = parts; i < parts + 4; i++)
		i_data_inject(pair, tsn + i, 0, i + 1, 0, unordered | SCTP_DATA_BEGIN);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + parts + 3);
	i_data_inject(pair, tsn + parts + 4, 0, 0, 1, unordered | SCTP_DATA_END);
	assert_int_equal(recv_first(pair, &ends), 4);
	assert_true(ends);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_links),
		cmocka_unit_test(test_in_between),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_part_of_stream),
		cmocka_unit_test(test_part_aborted),
		cmocka_unit_test(test_full_of_parts),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_far_ahead),
		cmocka_unit_test(test_violations),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_without_end),
		cmocka_unit_test(test_full_of_beginnings),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
