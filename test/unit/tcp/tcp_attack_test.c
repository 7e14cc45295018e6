/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments that an attacker on the path makes up, near what is expected, into connections in all their
 * states: whatever becomes of these, nothing leaks, nothing goes on for ever, and counts agree.
 */
#include "unit/tcp/tcp_pair.h"

/* A number near one that matters, or any. */
static uint32_t
near(struct random *random, uint32_t number)
{
	switch (random_below(random, 4)) {
	case 0: return number;
	case 1: return number + (uint32_t)random_below(random, 3) - 1;
	case 2: return number + (uint32_t)random_below(random, 70000) - 3000;
	default: return (uint32_t)random_draw(random);
	}
}

static void
options_make_up(struct random *random, const struct pair_segment *last, struct tcp_options *options)
{
	*options = (struct tcp_options){ .present = (uint8_t)random_below(random, 32),
		.wscale = (uint8_t)random_below(random, 15),
		.sack_count = (uint8_t)random_below(random, TCP_SACK_BLOCKS_MAX + 1),
		.mss = (uint16_t)random_below(random, 3000),
		.ts_val = last->options.ts_ecr + (uint32_t)random_below(random, 3),
		.ts_ecr = last->options.ts_val - (uint32_t)random_below(random, 3) };
	for (unsigned i = 0; i < options->sack_count; i++) {
		options->sack[i].first = near(random, last->fields.seq);
		options->sack[i].end =
			options->sack[i].first + (uint32_t)random_below(random, 5000) - 100;
	}
}

static void
attack(struct pair *pair, unsigned to)
{
	static const uint8_t data[100];
	const struct pair_segment *last = pair_last(pair, to);
	struct random *random = &pair->random;
	struct tcp_options options;
	struct tcp_fields fields = {
		.seq = near(random, last->fields.ack),
		.ack = near(random, last->fields.seq + last->length),
		.flags = (uint8_t)random_draw(random),
		.window = (uint16_t)random_draw(random),
		.urgent = (uint16_t)random_draw(random),
	};

	/* Mostly what does not end it at once. */
	if (random_below(random, 8) != 0)
		fields.flags = (fields.flags & ~(TCP_RST | TCP_SYN)) | TCP_ACK;
	options_make_up(random, last, &options);
	pair_inject(pair, to, &fields, random_below(random, 4) ? &options : NULL, data,
		(uint32_t)random_below(random, sizeof(data)));
}

static void
counts_check(const struct pair *pair)
{
	for (unsigned i = 0; i < 2; i++) {
		struct tcp_info info;

		if (pair->ends[i].conn == NULL)
			continue;
		info = pair_info(pair, i);
		/* Differences of unsigned numbers: one that went below zero is huge. */
		assert_true(info.sacked <= 70000 && info.lost <= 70000);
		assert_true(info.retransmitted <= 70000 && info.unsent <= 70000);
		assert_true(info.in_flight <= 140000);
		assert_true(info.unread <= 140000 && info.out_of_order <= 140000);
	}
}

static void
test_made_up_segments(void **state)
{
	for (unsigned seed = 0; seed < 150; seed++) {
		struct pair *pair = pair_create(seed);

		pair->config.sack = seed % 2;
		pair->config.timestamps = seed % 4 / 2;
		pair->config.policy.ecn = TCP_ECN_ON;
		pair->link.loss_ppb = seed % 3 ? RANDOM_PPB / 20 : 0;
		for (unsigned i = 0; i < 2; i++) {
			pair->ends[i].to_send = 20000;
			pair->ends[i].close_when_sent = seed % 5 == 0;
		}
		pair_start(pair);
		pair_listen(pair, 4);
		pair_connect(pair);
		pair_run_for(pair, MS_NS * random_below(&pair->random, 50));
		for (unsigned i = 0; i < 150; i++) {
			if (pair->ends[PAIR_SERVER].segments_sent > 0)
				attack(pair, (unsigned)random_below(&pair->random, 2));
			counts_check(pair);
			pair_run_for(pair, MS_NS * random_below(&pair->random, 20));
		}
		/* It may live or not; closed, it ends. */
		for (unsigned i = 0; i < 2; i++) {
			if (pair->ends[i].conn != NULL)
				tcp_close(pair->ends[i].core, pair->ends[i].conn);
			pair->ends[i].conn = NULL;
		}
		pair_run_for(pair, 7200 * SECOND_NS);
		assert_true(pair_run(pair, SECOND_NS));
		pair_destroy(pair);
	}
}

/* The server's data is lost while filter_state points to true. */
static bool
loses_of_server(struct pair *pair, const struct pair_segment *segment)
{
	return segment->from != PAIR_SERVER || segment->length == 0 || !*(bool *)pair->filter_state;
}

/* A peer says that it has what it does not acknowledge, closes its window, and opens it again. */
static void
test_sacked_and_probed(void **state)
{
	struct pair *pair = pair_create(1);
	struct tcp_options options = { .sack_count = 1 };
	const struct pair_segment *last;
	struct tcp_fields fields;
	bool loses = true;
	unsigned sent;

	pair->config.timestamps = false;
	pair->filter = loses_of_server;
	pair->filter_state = &loses;
	pair->ends[PAIR_SERVER].to_send = 1000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 10 * MS_NS);
	last = pair_last(pair, PAIR_SERVER);
	assert_int_equal(last->length, 1000);
	options.sack[0] = (struct tcp_sack_block){ last->fields.seq, last->fields.seq + 1000 };
	fields = (struct tcp_fields){
		.seq = last->fields.ack, .ack = last->fields.seq, .flags = TCP_ACK
	};
	pair_inject(pair, PAIR_SERVER, &fields, &options, NULL, 0);
	sent = pair->ends[PAIR_SERVER].segments_sent;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_in_range(pair->ends[PAIR_SERVER].segments_sent, sent + 2, sent + 20);
	fields.window = 65535;
	pair_inject(pair, PAIR_SERVER, &fields, NULL, NULL, 0);
	loses = false;
	assert_true(pair_run(pair, 100 * SECOND_NS));
	assert_int_equal(pair->ends[PAIR_CLIENT].received, 1000);
	assert_true(pair->ends[PAIR_CLIENT].intact);
	pair_destroy(pair);
}

/* A connection, and what a peer's segments on it say; `first` is the number of the first byte. */
static struct pair *
open_for_bytes(struct tcp_fields *fields, uint32_t *first)
{
	struct pair *pair = pair_create(1);
	const struct tcp_fields *last;

	pair->config.timestamps = false;
	pair_start(pair);
	pair_open(pair);
	last = &pair_last(pair, PAIR_CLIENT)->fields;
	*first = last->seq;
	*fields = (struct tcp_fields){ .ack = last->ack, .flags = TCP_ACK, .window = 65535 };
	return pair;
}

static void
byte_inject(struct pair *pair, struct tcp_fields *fields, uint32_t seq)
{
	fields->seq = seq;
	pair_inject(pair, PAIR_SERVER, fields, NULL, "x", 1);
}

/* However many bytes came, few buffers hold them. */
static void
few_buffers_check(struct pair *pair, unsigned before)
{
	pair_run_for(pair, 100 * MS_NS);
	assert_in_range(rte_mempool_in_use_count(pair->config.pool), before, before + 64);
	pair_destroy(pair);
}

/* One byte is missing, and all others come one by one, each second one late. */
static void
test_bytes_one_by_one(void **state)
{
	struct tcp_fields fields;
	uint32_t first;
	struct pair *pair = open_for_bytes(&fields, &first);
	unsigned before = rte_mempool_in_use_count(pair->config.pool);

	for (uint32_t i = 2; i < 8000; i += 2) {
		byte_inject(pair, &fields, first + i + 2);
		byte_inject(pair, &fields, first + i + 1);
		pair_run_for(pair, MS_NS / 10);
	}
	few_buffers_check(pair, before);
}

/* The same from behind, in front of a segment that is too large to be copied. */
static void
test_bytes_one_by_one_from_behind(void **state)
{
	static const char block[1000];
	struct tcp_fields fields;
	uint32_t first;
	struct pair *pair = open_for_bytes(&fields, &first);
	unsigned before = rte_mempool_in_use_count(pair->config.pool);

	fields.seq = first + 8000;
	pair_inject(pair, PAIR_SERVER, &fields, NULL, block, sizeof(block));
	for (uint32_t i = 7999; i > 1; i--) {
		byte_inject(pair, &fields, first + i);
		pair_run_for(pair, MS_NS / 10);
	}
	few_buffers_check(pair, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_up_segments),
		cmocka_unit_test(test_sacked_and_probed),
		cmocka_unit_test(test_bytes_one_by_one),
		cmocka_unit_test(test_bytes_one_by_one_from_behind),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
