/* SPDX-License-Identifier: BSD-3-Clause */
/* Segments in synchronized states, RFC 9293 3.10.7.4: what is acceptable, and what an attacker may not do. */
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

/* What the server would accept next, as the client would say it. */
static struct tcp_fields
next_fields(uint8_t flags)
{
	const struct pair_segment *last = pair_last(pair, PAIR_SERVER);

	return (struct tcp_fields){ .seq = last->fields.ack,
		.ack = last->fields.seq + last->length + ((last->fields.flags & TCP_SYN) != 0),
		.flags = flags,
		.window = 1000 };
}

static struct tcp_options
timestamps(int32_t ahead)
{
	const struct pair_segment *last = pair_last(pair, PAIR_CLIENT);

	return (struct tcp_options){ .present = TCP_OPTION_TIMESTAMPS,
		.ts_val = last->options.ts_val + (uint32_t)ahead,
		.ts_ecr = pair_last(pair, PAIR_SERVER)->options.ts_val };
}

/* Inject one to the server. @return what it sent in answer; NULL: nothing */
static const struct pair_segment *
inject(struct tcp_fields fields, const char *data)
{
	struct tcp_options options = timestamps(1);
	unsigned before = pair->log_count;

	pair_inject(pair, PAIR_SERVER, &fields, &options, data,
		data != NULL ? (uint32_t)strlen(data) : 0);
	return pair->log_count > before ? &pair->log[before % PAIR_LOG] : NULL;
}

static void
assert_challenged(const struct pair_segment *answer, uint32_t rcv_nxt)
{
	assert_non_null(answer);
	assert_int_equal(answer->fields.flags, TCP_ACK);
	assert_int_equal(answer->fields.ack, rcv_nxt);
	assert_int_equal(answer->length, 0);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_ESTABLISHED);
}

static void
test_data_in_order(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK | TCP_PSH);
	const struct pair_segment *answer = inject(fields, "hello");

	assert_non_null(answer);
	assert_int_equal(answer->fields.ack, fields.seq + 5);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 5);
}

/* RFC 9293 3.10.7.4, fifth step: without ACK nothing is accepted. */
static void
test_no_ack_flag(void **state)
{
	assert_null(inject(next_fields(TCP_PSH), "hello"));
	assert_null(inject(next_fields(0), "hello"));
	assert_int_equal(pair->ends[PAIR_SERVER].received, 0);
}

/* RFC 5961 3.2: exactly there it ends the connection, elsewhere in the window it is asked for. */
static void
test_reset(void **state)
{
	struct tcp_fields fields = next_fields(TCP_RST);
	uint32_t rcv_nxt = fields.seq;

	fields.seq = rcv_nxt + 1;
	assert_challenged(inject(fields, NULL), rcv_nxt);
	fields.seq = rcv_nxt + 70000;
	assert_null(inject(fields, NULL));
	fields.seq = rcv_nxt - 1;
	assert_null(inject(fields, NULL));
	fields.seq = rcv_nxt;
	assert_null(inject(fields, NULL));
	assert_true(pair->ends[PAIR_SERVER].closed);
	assert_int_equal(pair->ends[PAIR_SERVER].error, ECONNRESET);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_estab_resets), 1);
}

/* RFC 5961 4.2: a SYN never ends a connection, wherever it is. */
static void
test_syn(void **state)
{
	static const int32_t places[] = { -100000, -1, 0, 1, 100, 100000 };
	uint32_t rcv_nxt = next_fields(0).seq;

	for (unsigned i = 0; i < RTE_DIM(places); i++) {
		struct tcp_fields fields = next_fields(TCP_SYN);

		fields.seq = rcv_nxt + (uint32_t)places[i];
		fields.ack = 0;
		assert_challenged(inject(fields, NULL), rcv_nxt);
	}
}

/* RFC 5961 5.2: ACKs of what was not sent, and of long ago, carry no data in. */
static void
test_acks_that_cannot_be(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK);
	uint32_t snd_nxt = fields.ack, rcv_nxt = fields.seq;

	fields.ack = snd_nxt + 1;
	assert_challenged(inject(fields, "forged"), rcv_nxt);
	fields.ack = snd_nxt - 100000;
	assert_challenged(inject(fields, "forged"), rcv_nxt);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_bad_acks), 2);
	/* An old one within the window is only ignored; its data counts. */
	fields.ack = snd_nxt - 1;
	inject(fields, "good");
	assert_int_equal(pair->ends[PAIR_SERVER].received, 4);
}

/* RFC 9293 table 6: each end of the window, by a byte. */
static void
test_window_edges(void **state)
{
	uint32_t rcv_nxt = next_fields(0).seq;
	uint32_t window = pair_info(pair, PAIR_SERVER).rcv_wnd;
	static const uint8_t byte = 1;
	const struct {
		uint32_t seq;
		uint32_t length;
		bool acceptable;
	} cases[] = {
		{ rcv_nxt - 1, 0, false },
		{ rcv_nxt - 1, 1, false },
		{ rcv_nxt + window, 0, true }, /* see sequence_check() */
		{ rcv_nxt + window + 1, 0, false },
		{ rcv_nxt + window + 1, 1, false },
		{ rcv_nxt + window - 1, 1, true },
	};

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct tcp_fields fields = next_fields(TCP_ACK);
		struct tcp_options options = timestamps(1);
		uint64_t before = pair_stat(pair, PAIR_SERVER, TCP_STAT_out_of_window);

		fields.seq = cases[i].seq;
		pair_inject(pair, PAIR_SERVER, &fields, &options, &byte, cases[i].length);
		assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_out_of_window) - before,
			!cases[i].acceptable);
	}
	assert_int_equal(pair->ends[PAIR_SERVER].received, 0);
}

/* RFC 5961 7: challenge ACKs of a connection are limited, by time. */
static void
test_challenges_are_limited(void **state)
{
	unsigned answers = 0;

	for (unsigned i = 0; i < 100; i++) {
		struct tcp_fields fields = next_fields(TCP_RST);

		fields.seq += 10;
		answers += inject(fields, NULL) != NULL;
	}
	assert_int_equal(answers, 10);
	pair_run_for(pair, 6 * SECOND_NS);
	struct tcp_fields fields = next_fields(TCP_RST);

	fields.seq += 10;
	assert_non_null(inject(fields, NULL));
}

/* RFC 7323 5.3: a timestamp from before the last is answered, and its data is not taken. */
static void
test_paws(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK);
	struct tcp_options options = timestamps(-1000);
	unsigned before = pair->log_count;

	pair_inject(pair, PAIR_SERVER, &fields, &options, "old", 3);
	assert_int_equal(pair->log_count, before + 1);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_paws), 1);
	options = timestamps(1);
	pair_inject(pair, PAIR_SERVER, &fields, &options, "new", 3);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 3);
	/* A reset is not tested: RFC 7323 5.2. */
	fields = next_fields(TCP_RST);
	options = timestamps(-1000);
	pair_inject(pair, PAIR_SERVER, &fields, &options, NULL, 0);
	assert_true(pair->ends[PAIR_SERVER].closed);
}

/* RFC 7323 5.5: after 24 days without a segment nothing is old. */
static void
test_paws_after_a_month(void **state)
{
	struct tcp_fields fields;
	struct tcp_options options;

	pair_run_for(pair, 25 * 86400 * SECOND_NS);
	fields = next_fields(TCP_ACK);
	options = timestamps(-1000);
	pair_inject(pair, PAIR_SERVER, &fields, &options, "old", 3);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 3);
}

/* RFC 9293 3.10.7.1: what nobody is there for. */
static void
test_no_connection(void **state)
{
	struct tcp_fields fields = { .seq = 1000, .ack = 2000, .flags = TCP_ACK, .dst_port = 81 };
	const struct pair_segment *answer = inject(fields, "data");

	assert_non_null(answer);
	assert_int_equal(answer->fields.flags, TCP_RST);
	assert_int_equal(answer->fields.seq, 2000);
	fields.flags = TCP_SYN;
	answer = inject(fields, "data");
	assert_non_null(answer);
	assert_int_equal(answer->fields.flags, TCP_RST | TCP_ACK);
	assert_int_equal(answer->fields.seq, 0);
	assert_int_equal(answer->fields.ack, 1005);
	fields.flags = TCP_RST;
	assert_null(inject(fields, NULL));
	assert_int_equal(pair->drop_counts[DROP_tcp_no_port], 3);
}

/* What comes out of order waits for what is missing, and is reported: RFC 2018. */
static void
test_out_of_order(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK);
	const struct pair_segment *answer;
	uint32_t rcv_nxt = fields.seq;

	fields.seq = rcv_nxt + 5;
	answer = inject(fields, "world");
	assert_int_equal(answer->fields.ack, rcv_nxt);
	assert_int_equal(answer->options.sack_count, 1);
	assert_int_equal(answer->options.sack[0].first, rcv_nxt + 5);
	assert_int_equal(answer->options.sack[0].end, rcv_nxt + 10);
	/* A second gap: the latest block comes first. */
	fields.seq = rcv_nxt + 20;
	answer = inject(fields, "!");
	assert_int_equal(answer->options.sack_count, 2);
	assert_int_equal(answer->options.sack[0].first, rcv_nxt + 20);
	/* Again: RFC 2883. */
	answer = inject(fields, "!");
	assert_int_equal(answer->options.sack[0].first, rcv_nxt + 20);
	assert_int_equal(answer->options.sack[1].first, rcv_nxt + 20);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 6);
	fields.seq = rcv_nxt;
	answer = inject(fields, "hello");
	assert_int_equal(answer->fields.ack, rcv_nxt + 10);
	assert_int_equal(answer->options.sack_count, 1);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 10);
}

/* As many gaps as there may be, and one more. */
static void
test_gaps_are_bounded(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK);
	uint32_t rcv_nxt = fields.seq;

	for (uint32_t i = 1; i <= 65; i++) {
		fields.seq = rcv_nxt + i * 2;
		inject(fields, "x");
	}
	assert_int_equal(pair->drop_counts[DROP_tcp_reass_full], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_of_order, 64);
}

/* Whole packets of one byte each do not take a packet buffer each. */
static void
test_small_segments_share_buffers(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK);
	unsigned before = test_pool_in_use();

	pair->ends[PAIR_SERVER].read_max = 0;
	for (unsigned i = 0; i < 1000; i++, fields.seq++)
		inject(fields, "x");
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 1000);
	assert_true(test_pool_in_use() - before < 20);
}

/* RFC 9293 3.6.1: data for somebody who has closed. */
static void
test_data_after_close(void **state)
{
	const struct pair_segment *answer;

	tcp_close(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].conn);
	pair->ends[PAIR_SERVER].conn = NULL;
	pair_run_for(pair, SECOND_NS);
	answer = inject((struct tcp_fields){ .seq = pair_last(pair, PAIR_SERVER)->fields.ack,
				.ack = pair_last(pair, PAIR_SERVER)->fields.seq + 1,
				.flags = TCP_ACK,
				.window = 1000 },
		"late");
	assert_non_null(answer);
	assert_true(answer->fields.flags & TCP_RST);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_data_after_close), 1);
}

/* What is not closed in good order with data unread is reset: RFC 2525 2.17. */
static void
test_close_with_unread_data(void **state)
{
	pair->ends[PAIR_SERVER].read_max = 0;
	inject(next_fields(TCP_ACK), "unread");
	tcp_close(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].conn);
	pair->ends[PAIR_SERVER].conn = NULL;
	pair_run_for(pair, SECOND_NS);
	assert_true(pair_last(pair, PAIR_SERVER)->fields.flags & TCP_RST);
}

static void
test_urgent(void **state)
{
	struct tcp_fields fields = next_fields(TCP_ACK | TCP_URG);

	fields.urgent = 3;
	inject(fields, "abc");
	assert_true(pair->ends[PAIR_SERVER].events & TCP_EVENT_URGENT);
	/* RFC 6093 3.1: in line with the rest. */
	assert_int_equal(pair->ends[PAIR_SERVER].received, 3);
}

#define on_open(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_open(test_data_in_order),
		on_open(test_no_ack_flag),
		on_open(test_reset),
		on_open(test_syn),
		on_open(test_acks_that_cannot_be),
		on_open(test_window_edges),
		on_open(test_challenges_are_limited),
		on_open(test_paws),
		on_open(test_paws_after_a_month),
		on_open(test_no_connection),
		on_open(test_out_of_order),
		on_open(test_gaps_are_bounded),
		on_open(test_small_segments_share_buffers),
		on_open(test_data_after_close),
		on_open(test_close_with_unread_data),
		on_open(test_urgent),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
