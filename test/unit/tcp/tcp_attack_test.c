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
		pair->config.ecn = TCP_ECN_ON;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_up_segments),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
