/* SPDX-License-Identifier: BSD-3-Clause */
/* Which stream sends next: RFC 8260 3. What a user has queued before the association is up shows it. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

#define ORDER_MAX 256

/* Streams of the chunks that a client sends, in their order; -1 between packets. */
static struct {
	int streams[ORDER_MAX];
	unsigned count, packets;
} order;

static void
order_add(int stream)
{
	if (order.count < ORDER_MAX)
		order.streams[order.count++] = stream;
}

static bool
order_note(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;
	bool any = false;

	(void)pair;
	while (packet->from == PAIR_CLIENT && sctp_chunk_next(&cursor, &chunk) > 0) {
		struct sctp_data data;

		if (chunk.type != SCTP_DATA)
			continue;
		assert_int_equal(sctp_data_parse(&chunk, &data), 0);
		order_add(data.stream);
		any = true;
	}
	if (any)
		order_add(-1);
	order.packets += any;
	return true;
}

static void
message_send(struct pair *pair, uint16_t stream, size_t length)
{
	static const uint8_t bytes[20000];
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_message message = { .stream = stream };

	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, length), 0);
}

/* Several on each of three streams, one stream after the other. */
static struct pair *
queued(enum sctp_scheduler scheduler, unsigned each, size_t length)
{
	struct pair *pair = pair_create(1);

	memset(&order, 0, sizeof(order));
	pair->settings.scheduler = (uint8_t)scheduler;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair->filter = order_note;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	for (uint16_t stream = 0; stream < 3; stream++) {
		assert_int_equal(
			sctp_stream_value_set(pair->ends[PAIR_CLIENT].core,
				pair->ends[PAIR_CLIENT].assoc, stream, (uint16_t)(3 - stream)),
			0);
		for (unsigned i = 0; i < each; i++)
			message_send(pair, stream, length);
	}
	return pair;
}

/* The streams of the chunks that went, without packets. @return how many */
static unsigned
run(struct pair *pair, int *streams)
{
	unsigned count = 0;

	pair_run_for(pair, 5 * SECOND_NS);
	for (unsigned i = 0; i < order.count; i++) {
		if (order.streams[i] >= 0)
			streams[count++] = order.streams[i];
	}
	assert_int_equal(pair_info(pair, PAIR_CLIENT).unsent, 0);
	pair_destroy(pair);
	return count;
}

static void
expect(enum sctp_scheduler scheduler, const char *expected)
{
	int streams[ORDER_MAX];
	unsigned count = run(queued(scheduler, 4, 100), streams);

	assert_int_equal(count, strlen(expected));
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(streams[i], expected[i] - '0');
}

static void
test_orders(void **state)
{
	(void)state;
	expect(SCTP_SCHED_FCFS, "000011112222");
	expect(SCTP_SCHED_RR, "012012012012");
	expect(SCTP_SCHED_PRIORITY, "222211110000");
	expect(SCTP_SCHED_FAIR, "012012012012");
	/* Weights of 3, 2 and 1. */
	expect(SCTP_SCHED_WEIGHTED, "012010012122");
}

/* RFC 8260 3.3: no packet has chunks of two streams. */
static void
test_by_packet(void **state)
{
	struct pair *pair = queued(SCTP_SCHED_RR_PACKET, 6, 400);
	unsigned turns = 0;

	(void)state;
	pair_run_for(pair, 5 * SECOND_NS);
	for (unsigned i = 1; i < order.count; i++) {
		int before = order.streams[i - 1], now = order.streams[i];

		if (before >= 0 && now >= 0)
			assert_int_equal(before, now);
		turns += before < 0 && i > 1 && now != order.streams[i - 2];
	}
	/* Three fit each: two packets of each stream at least, in turn. */
	assert_true(order.packets >= 6);
	assert_true(turns >= 5);
	pair_destroy(pair);
}

/* RFC 8260 3.2: without interleaving a message goes wholly before the next stream's. */
static void
test_whole_messages(void **state)
{
	int streams[ORDER_MAX];
	unsigned count, changes = 0;

	(void)state;
	count = run(queued(SCTP_SCHED_RR, 2, 5000), streams);
	assert_int_equal(count, 6 * 4);
	for (unsigned i = 1; i < count; i++)
		changes += streams[i] != streams[i - 1];
	assert_int_equal(changes, 5);
}

/* Long messages of one stream do not keep another from its share. */
static void
test_fair_by_bytes(void **state)
{
	struct pair *pair = pair_create(1);
	int streams[ORDER_MAX];

	(void)state;
	memset(&order, 0, sizeof(order));
	pair->settings.scheduler = SCTP_SCHED_FAIR;
	pair->ends[PAIR_SERVER].reads_not = true;
	pair->filter = order_note;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	for (unsigned i = 0; i < 10; i++)
		message_send(pair, 0, 1000);
	for (unsigned i = 0; i < 50; i++)
		message_send(pair, 1, 100);
	assert_int_equal(run(pair, streams), 60);
	/* A long one, then ten short ones. */
	for (unsigned i = 0; i < 55; i++)
		assert_int_equal(streams[i], i % 11 == 0 ? 0 : 1);
}

/* What is queued goes by the new one, and values that make no sense are refused. */
static void
test_change(void **state)
{
	static const char expected[] = "012012012012";
	struct pair *pair = queued(SCTP_SCHED_FCFS, 4, 100);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	int streams[ORDER_MAX];
	uint16_t value = 9;
	unsigned count;

	(void)state;
	assert_int_equal(
		sctp_scheduler_set(client->core, client->assoc, SCTP_SCHED_COUNT), -EINVAL);
	assert_int_equal(sctp_scheduler_set(client->core, client->assoc, SCTP_SCHED_RR), 0);
	assert_int_equal(
		sctp_stream_value_set(client->core, client->assoc, SCTP_STREAMS_MAX, 1), -EINVAL);
	assert_int_equal(sctp_stream_value(client->core, client->assoc, 2, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(sctp_stream_value(client->core, client->assoc, 9, &value), 0);
	assert_int_equal(value, 0);
	count = run(pair, streams);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(streams[i], expected[i] - '0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_by_packet),
		cmocka_unit_test(test_whole_messages),
		cmocka_unit_test(test_fair_by_bytes),
		cmocka_unit_test(test_change),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
