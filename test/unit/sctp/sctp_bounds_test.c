/* SPDX-License-Identifier: BSD-3-Clause */
/* What one association may take of a worker's memory, and of its peer's patience. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

/* What peers send, in order or not, leaves room for what others need next, and to be sent. */
static void
test_scarce(void **state)
{
	struct pair *pair = pair_create(12);
	const struct sctp_message message = { .stream = 0 };
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_counts counts;
	uint32_t tsn;

	(void)state;
	pair->config.chunks_max = 64;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	for (uint16_t i = 1; i < 60; i++)
		pair_data_inject(pair, tsn + 2U * i, 0, 2 * i, whole);
	sctp_counts(server->core, &counts);
	assert_int_equal(counts.chunks, 48);
	for (uint16_t i = 0; i < 60; i++)
		pair_data_inject(pair, tsn + i, 0, i, whole);
	sctp_counts(server->core, &counts);
	assert_int_equal(counts.chunks, 56);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + 55);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(sctp_send(server->core, server->assoc, &message, "x", 1), 0);
	pair_destroy(pair);
}

/* Small chunks take of the buffer a part of what they cost: no peer has the worker's all. */
static void
test_small_chunks(void **state)
{
	struct pair *pair = pair_opened(41);
	const uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	struct sctp_counts counts;

	(void)state;
	for (uint16_t i = 0; i < 1100; i++)
		pair_data_inject(pair, tsn + i, 0, i, SCTP_DATA_BEGIN | SCTP_DATA_END);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_int_equal(counts.chunks, 65536 / 64);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rwnd, 0);
	pair_destroy(pair);
}

static void
app_notes(struct pair *pair, unsigned end, const struct sctp_event *event)
{
	pair->ends[end].events |= event->events;
}

/* Of a large send buffer a quarter that is free is told. */
static void
test_told_of_room(void **state)
{
	struct pair *pair = pair_create(49);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct sctp_message message = { .stream = 0 };
	static const uint8_t bytes[1024];

	(void)state;
	pair->settings.send_buffer = 262144;
	pair->settings.receive_buffer = 80000;
	pair_start(pair);
	pair_open(pair);
	pair->app = app_notes;
	while (sctp_send(client->core, client->assoc, &message, bytes, sizeof(bytes)) == 0)
		;
	client->events = 0;
	/* What the peer has room for is acknowledged then, and no more. */
	pair_run_for(pair, 3 * SECOND_NS);
	assert_in_range(pair_info(pair, PAIR_CLIENT).unsent, 262144 - 81920, 262144 - 65536);
	assert_true(client->events & SCTP_EVENT_WRITABLE);
	pair_destroy(pair);
}

/* RFC 9260 6.2: small ones that wait are no more than their bytes, until they are many. */
static void
test_window(void **state)
{
	struct pair *pair = pair_opened(46);
	const uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	uint32_t before = 65536;

	(void)state;
	for (uint16_t i = 0; i < 256; i++) {
		uint32_t rwnd;

		pair_data_inject(pair, tsn + i, 0, i, SCTP_DATA_BEGIN | SCTP_DATA_END);
		rwnd = pair_info(pair, PAIR_SERVER).rwnd;
		if (i < 128)
			assert_int_equal(rwnd, before - 4);
		assert_in_range(rwnd, 0, before - 4);
		before = rwnd;
	}
	assert_int_equal(before, 0);
	pair_destroy(pair);
}

/* ... and no more is promised than the worker has for all. */
static void
test_window_of_worker(void **state)
{
	struct pair *pair = pair_create(47);
	uint32_t tsn;

	(void)state;
	pair->config.received_max = 800;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	for (uint16_t i = 0; i < 101; i++)
		pair_data_inject(pair, tsn + i, 0, i, SCTP_DATA_BEGIN | SCTP_DATA_END);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rwnd, 600 - 404);
	pair_destroy(pair);
}

/* Others have all that the worker has: an association gets a chunk all the same, and the next once that is read. */
static void
test_chunk_for_each(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = pair_create(50);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	uint32_t tsn;

	(void)state;
	pair->config.received_max = 0;
	server->reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	for (uint16_t i = 0; i < 3; i++) {
		uint8_t bytes[8];
		struct sctp_message message;

		pair_data_inject(pair, tsn + i, 0, i, whole);
		assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + i);
		pair_data_inject(pair, tsn + i + 1, 0, (uint16_t)(i + 1), whole);
		assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, tsn + i);
		assert_int_equal(
			sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message), 4);
	}
	pair_destroy(pair);
}

/* ... nor does it stay closed over a message of which the rest would have to come first: RFC 9260 6.9. */
static void
test_window_of_part(void **state)
{
	struct pair *pair = pair_create(48);
	struct sctp_info info;
	uint32_t tsn;

	(void)state;
	pair->config.received_max = 800;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	for (uint16_t i = 0; i < 100; i++)
		pair_data_inject(pair, tsn + i, 0, 0, i == 0 ? SCTP_DATA_BEGIN : 0);
	info = pair_info(pair, PAIR_SERVER);
	assert_int_equal(info.unread, 0);
	assert_int_equal(info.out_of_order, 400);
	/* From half of what the worker has on it is told, and smaller than a packet. */
	for (uint16_t i = 100; i < 104; i++)
		pair_data_inject(pair, tsn + i, 0, 0, 0);
	info = pair_info(pair, PAIR_SERVER);
	assert_int_equal(info.rwnd, 600 - 416);
	assert_int_equal(info.unread, 416);
	assert_int_equal(info.out_of_order, 0);
	pair_destroy(pair);
}

/* All that the worker holds is behind gaps: what closes one is taken, in place of the rest if need be. */
static void
test_closes_gap(void **state)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct pair *pair = pair_create(42);
	struct sctp_info info;
	uint32_t tsn;

	(void)state;
	pair->config.received_max = 160;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	pair->links[0].cut = true;
	tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	/* Of 4 bytes each: messages that wait, and fragments. */
	for (uint16_t i = 0; i < 80; i += 2)
		pair_data_inject(pair, tsn + 1000 + i, 1, 1 + i, i < 20 ? whole : SCTP_DATA_BEGIN);
	info = pair_info(pair, PAIR_SERVER);
	assert_int_equal(info.out_of_order, 120);
	for (uint16_t i = 0; i < 10; i++)
		pair_data_inject(pair, tsn + i, 0, i, whole);
	info = pair_info(pair, PAIR_SERVER);
	assert_int_equal(info.rcv_cum_tsn, tsn + 9);
	assert_int_equal(info.out_of_order, 120);
	assert_int_equal(info.unread, 40);
	pair_data_inject(pair, tsn + 10, 0, 10, whole);
	info = pair_info(pair, PAIR_SERVER);
	assert_int_equal(info.rcv_cum_tsn, tsn + 10);
	assert_int_equal(info.out_of_order, 0);
	assert_int_equal(info.unread, 44);
	/* They come again. */
	pair_data_inject(pair, tsn + 1000, 1, 1, whole);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 4);
	pair_destroy(pair);
}

static struct sctp_assoc *accepted;

static void
app_accepts(struct pair *pair, unsigned end, const struct sctp_event *event)
{
	struct sctp_core *core = pair->ends[end].core;

	if (event->events & SCTP_EVENT_ACCEPTED)
		accepted = sctp_accept(core, event->listener, pair);
	pair->ends[end].closed |= (event->events & SCTP_EVENT_CLOSED) != 0;
}

/* Another association, by another port of the server's, which is `accepted`. */
static void
other_open(struct pair *pair)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	const struct sctp_bind from = pair_bind(pair, PAIR_CLIENT);
	struct sctp_bind to = pair_bind(pair, PAIR_SERVER);
	struct sctp_listener *listener;
	struct sctp_assoc *assoc;

	to.port++;
	pair->inject_port = to.port;
	pair->app = app_accepts;
	accepted = NULL;
	assert_int_equal(sctp_listen(server->core, &to, &pair->settings, 1, NULL, &listener), 0);
	assert_int_equal(sctp_connect(client->core, &from, &to, &pair->settings, pair, &assoc), 0);
	pair_run_for(pair, SECOND_NS);
	assert_non_null(accepted);
}

static struct sctp_info
other_info(const struct pair *pair)
{
	struct sctp_info info;

	sctp_info(pair->ends[PAIR_SERVER].core, accepted, &info);
	return info;
}

/* Messages of four bytes on stream 1 from an SSN on, of the other. */
static void
other_inject(struct pair *pair, uint32_t tsn, uint16_t ssn, unsigned count)
{
	uint8_t value[16] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		be32_store(value, tsn + i);
		be16_store(value + 4, 1);
		be16_store(value + 6, (uint16_t)(ssn + i));
		pair_inject(pair, PAIR_SERVER, other_info(pair).local_tag, SCTP_DATA,
			SCTP_DATA_BEGIN | SCTP_DATA_END, value, sizeof(value));
	}
}

/* Whether the first one takes its next chunk: of itself it has none that could go. */
static bool
takes_next(struct pair *pair)
{
	const uint32_t cum = pair_info(pair, PAIR_SERVER).rcv_cum_tsn;
	const uint16_t port = pair->inject_port;

	pair->inject_port = 0;
	pair_data_inject(pair, cum + 1, 0, 0, SCTP_DATA_BEGIN | SCTP_DATA_END);
	pair->inject_port = port;
	return pair_info(pair, PAIR_SERVER).rcv_cum_tsn != cum;
}

static struct pair *
opened_with_other(uint64_t seed)
{
	struct pair *pair = pair_create(seed);

	pair->config.received_max = 800;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair_start(pair);
	pair_open(pair);
	other_open(pair);
	/* The client has sent nothing of what will be acknowledged. */
	pair->links[0].cut = true;
	return pair;
}

/* Messages whose turn never comes, in no gap: their association has a minute, if others need the room. */
static void
test_stale_messages(void **state)
{
	struct pair *pair = opened_with_other(61);
	struct pair_end *server = &pair->ends[PAIR_SERVER];

	(void)state;
	other_inject(pair, other_info(pair).rcv_cum_tsn + 1, 1, 200);
	assert_int_equal(other_info(pair).out_of_order, 800);
	/* What each may have. */
	assert_true(takes_next(pair));
	assert_false(takes_next(pair));
	pair_run_for(pair, 30 * SECOND_NS);
	assert_false(takes_next(pair));
	pair_run_for(pair, 30 * SECOND_NS);
	/* Nobody has asked for it. */
	assert_int_equal(other_info(pair).state, SCTP_ESTABLISHED);
	assert_false(takes_next(pair));
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(sctp_assoc_state(accepted), SCTP_CLOSED);
	assert_int_equal(sctp_error(accepted), ENOBUFS);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_out_aborts), 1);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_stale_aborts), 1);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	assert_true(takes_next(pair));
	sctp_close(server->core, accepted);
	pair_destroy(pair);
}

/* A peer that uses all its streams, or takes nothing, leaves blocks and chunks to others. */
static void
test_fair_shares(void **state)
{
	struct pair *pair = pair_create(43);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = 0 };
	struct sctp_bind from, to;
	struct sctp_assoc *other;
	struct sctp_counts counts;

	(void)state;
	pair->config.chunks_max = 256;
	pair->settings.out_streams = SCTP_STREAMS_MAX;
	pair_start(pair);
	pair_open(pair);
	from = pair_bind(pair, PAIR_CLIENT);
	from.port++;
	to = pair_bind(pair, PAIR_SERVER);
	to.addrs[0] = pair_addr(pair, PAIR_SERVER, 1);
	pair->links[1].cut = true;
	assert_int_equal(sctp_connect(client->core, &from, &to, &pair->settings, NULL, &other), 0);
	for (; message.stream < SCTP_STREAMS_MAX; message.stream += 8)
		(void)sctp_send(client->core, other, &message, "x", 1);
	sctp_counts(client->core, &counts);
	assert_int_equal(counts.stream_blocks, 16);
	message.stream = 0;
	while (sctp_send(client->core, other, &message, "x", 1) == 0)
		;
	sctp_counts(client->core, &counts);
	assert_int_equal(counts.chunks, 64);
	for (unsigned i = 0; i < 16; i++) {
		message.stream = (uint16_t)(i % 4 * 8);
		assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), 0);
	}
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), -EAGAIN);
	pair_destroy(pair);
}

/* Closed while the peer sends: it is told that nobody reads that, as if it had come before. */
static void
test_data_after_close(void **state)
{
	struct pair *pair = pair_opened(44);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	const uint32_t tsn = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	const uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;
	uint8_t value[16] = { 0 };

	(void)state;
	be32_store(value, tsn);
	sctp_close(server->core, server->assoc);
	server->assoc = NULL;
	pair_inject(pair, PAIR_SERVER, tag, SCTP_DATA, SCTP_DATA_BEGIN | SCTP_DATA_END, value,
		sizeof(value));
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 1);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	pair_destroy(pair);
}

/* ERROR chunks with many causes take no notice's place that others need. */
static void
test_many_errors(void **state)
{
	struct pair *pair = pair_opened(45);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	uint8_t causes[400];

	(void)state;
	for (unsigned i = 0; i < sizeof(causes); i += 4)
		memcpy(causes + i, (const uint8_t[]){ 0, SCTP_CAUSE_INVALID_PARAM, 0, 4 }, 4);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_ERROR, 0,
		causes, sizeof(causes));
	assert_int_equal(server->notices[SCTP_NOTICE_REMOTE_ERROR], 8);
	pair_destroy(pair);
}

static void
app_reads_nothing(struct pair *pair, unsigned end, const struct sctp_event *event)
{
	(void)pair, (void)end, (void)event;
}

/* A cause comes with the notice of it, or not at all: causes are in no notice of another's. */
static void
test_errors_unread(void **state)
{
	/* Three quarters of 64 notices; half of the pieces. */
	static const struct {
		uint32_t chunks_max, attached;
	} cases[] = { { 1024, 48 }, { 64, 32 } };
	uint8_t causes[32];

	(void)state;
	for (unsigned i = 0; i < sizeof(causes); i += 4)
		memcpy(causes + i, (const uint8_t[]){ 0, SCTP_CAUSE_INVALID_PARAM, 0, 4 }, 4);
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct pair *pair = pair_create(46 + i);
		struct pair_end *server = &pair->ends[PAIR_SERVER];
		struct sctp_counts counts;
		struct sctp_notice notice;
		uint32_t bytes = 0;

		pair->config.chunks_max = cases[i].chunks_max;
		pair_start(pair);
		pair_open(pair);
		pair->app = app_reads_nothing;
		for (unsigned j = 0; j < 50; j++)
			pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag,
				SCTP_ERROR, 0, causes, sizeof(causes));
		sctp_counts(server->core, &counts);
		assert_int_equal(counts.notices, 48);
		assert_int_equal(counts.chunks, cases[i].attached);
		while (sctp_notice_take(server->core, server->assoc, &notice)) {
			assert_true(notice.data_length <= 4);
			bytes += notice.data_length;
		}
		assert_int_equal(bytes, 4 * cases[i].attached);
		sctp_counts(server->core, &counts);
		assert_int_equal(counts.chunks, 0);
		pair_destroy(pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scarce),
		cmocka_unit_test(test_small_chunks),
		cmocka_unit_test(test_told_of_room),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_window_of_worker),
		cmocka_unit_test(test_chunk_for_each),
		cmocka_unit_test(test_window_of_part),
		cmocka_unit_test(test_closes_gap),
		cmocka_unit_test(test_stale_messages),
		cmocka_unit_test(test_fair_shares),
		cmocka_unit_test(test_data_after_close),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_errors_unread),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
