/* SPDX-License-Identifier: BSD-3-Clause */
/* Losses, and what looks like them: RFC 5681, 6298, 6582, 6675, 6937, 8985, 5682. */
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

/* Segments of data that the client has sent so far, in the order of their first sending. */
struct losses {
	unsigned data; /* segments with data from the client */
	unsigned first, count; /* lose so many, from that one on */
	unsigned times; /* each so often */
	uint32_t seqs[64];
	unsigned seen[64];
};

static struct losses losses;

/* Lose those segments of data that the test names, by their place in the stream. */
static bool
lose_named(struct pair *p, const struct pair_segment *segment)
{
	unsigned i;

	if (segment->from != PAIR_CLIENT || segment->length == 0)
		return true;
	for (i = 0; i < losses.data && losses.seqs[i] != segment->fields.seq; i++)
		;
	if (i == losses.data && losses.data < RTE_DIM(losses.seqs))
		losses.seqs[losses.data++] = segment->fields.seq;
	if (i >= RTE_DIM(losses.seqs))
		return true;
	return !(i >= losses.first && i < losses.first + losses.count &&
		losses.seen[i]++ < losses.times);
}

/* Send so many bytes while some segments are lost; all must arrive. */
static void
send_with_losses(uint64_t bytes, struct losses named)
{
	losses = named;
	pair->filter = lose_named;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	pair->ends[PAIR_CLIENT].to_send = bytes;
	/* The application is told to go on by nobody: a first byte is its own. */
	pair->ends[PAIR_CLIENT].sent = 1;
	uint8_t byte = pair_pattern(PAIR_CLIENT, 0);

	assert_int_equal(
		tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &byte, 1), 1);
	for (uint64_t sent = 1; sent < bytes; sent++) {
		byte = pair_pattern(PAIR_CLIENT, sent);
		if (tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &byte,
			    1) != 1)
			break;
		pair->ends[PAIR_CLIENT].sent++;
	}
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, bytes);
	assert_true(pair->ends[PAIR_SERVER].intact);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_flight, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).lost, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmitted, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).sacked, 0);
}

#define SEND_WITH_LOSSES(bytes, ...) send_with_losses(bytes, (struct losses){ __VA_ARGS__ })

/* One in the middle: sent again once, without a time-out. */
static void
test_one_lost(void **state)
{
	SEND_WITH_LOSSES(40000, .first = 3, .count = 1, .times = 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).recoveries, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

static void
test_several_lost(void **state)
{
	SEND_WITH_LOSSES(40000, .first = 2, .count = 4, .times = 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).recoveries, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 4);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

/* RFC 8985 3.2: what was sent again and lost again is found by what was sent later. */
static void
test_lost_again(void **state)
{
	SEND_WITH_LOSSES(60000, .first = 3, .count = 1, .times = 2);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 2);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

/* RFC 8985 7: the last one has nothing behind it: a probe finds out. */
static void
test_tail_lost(void **state)
{
	SEND_WITH_LOSSES(10000, .first = 6, .count = 1, .times = 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_tlp_probes), 1);
}

/* RFC 6298 5: nothing comes back at all. */
static void
test_all_lost(void **state)
{
	SEND_WITH_LOSSES(10000, .first = 0, .count = 20, .times = 2);
	assert_true(pair_info(pair, PAIR_CLIENT).timeouts >= 1);
	assert_true(pair_info(pair, PAIR_CLIENT).ssthresh <= 10000);
}

/* RFC 6582: a peer without SACK; one loss, and two in a window. */
static void
test_newreno(void **state)
{
	pair->config.sack = false;
	SEND_WITH_LOSSES(40000, .first = 3, .count = 1, .times = 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

static void
test_newreno_partial_acks(void **state)
{
	pair->config.sack = false;
	SEND_WITH_LOSSES(40000, .first = 3, .count = 2, .times = 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).recoveries, 1);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 2);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
}

/*
 * RFC 6937 3.1: during recovery less is sent than arrives, in proportion to the reduction of cwnd. Of a
 * window of ten segments three are lost.
 */
static void
test_proportional_rate(void **state)
{
	struct tcp_info info;
	uint32_t before;

	pair->settings.cc = cc_find("newreno");
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	pair->ends[PAIR_CLIENT].to_send = 60000;
	for (uint8_t byte; pair->ends[PAIR_CLIENT].sent < 60000;) {
		byte = pair_pattern(PAIR_CLIENT, pair->ends[PAIR_CLIENT].sent++);
		assert_int_equal(tcp_send(pair->ends[PAIR_CLIENT].core,
					 pair->ends[PAIR_CLIENT].conn, &byte, 1),
			1);
	}
	losses = (struct losses){ .first = 0, .count = 3, .times = 1 };
	pair->filter = lose_named;
	pair_run_for(pair, 0);
	before = pair->ends[PAIR_CLIENT].segments_sent;
	/* The rest of the window arrives, and its ACK comes back. */
	pair_run_for(pair, 2 * pair->link.delay_ns);
	info = pair_info(pair, PAIR_CLIENT);
	assert_int_equal(info.recoveries, 1);
	/* Nothing is in flight any more, and ssthresh is five segments. */
	assert_in_range(pair->ends[PAIR_CLIENT].segments_sent - before, 1, 5);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_true(pair->ends[PAIR_SERVER].intact);
}

/* ---- what was not lost ---- */

static void
send_all(uint64_t bytes)
{
	pair->ends[PAIR_CLIENT].to_send = bytes;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, bytes);
	assert_true(pair->ends[PAIR_SERVER].intact);
}

/* The path becomes slow for a moment: a time-out that is taken back. */
static bool
delay_later(struct pair *p, const struct pair_segment *segment)
{
	static const uint64_t slow_ns = 800 * MS_NS;

	if (segment->from == PAIR_CLIENT && p->ends[PAIR_SERVER].received > 100000 &&
		p->filter_state == NULL) {
		p->filter_state = p;
		p->link.delay_ns += slow_ns;
	}
	return true;
}

static void
test_spurious_timeout(void **state)
{
	for (unsigned timestamps = 0; timestamps < 2; timestamps++) {
		struct pair *other = pair;

		if (timestamps)
			pair = pair_create(5);
		pair->config.timestamps = timestamps;
		pair->filter = delay_later;
		send_all(300000);
		assert_true(pair_info(pair, PAIR_CLIENT).timeouts > 0);
		assert_true(pair_info(pair, PAIR_CLIENT).undos > 0);
		if (timestamps) {
			pair_destroy(pair);
			pair = other;
		}
	}
}

/* Reordering, once seen, is waited for: RFC 8985 4. */
static void
test_reordering(void **state)
{
	pair->link.delay_ns = 20 * MS_NS;
	/* Late by less than a quarter of the round trip. */
	pair->link.jitter_ns = 5 * MS_NS;
	send_all(1000000);
	assert_true(pair_info(pair, PAIR_CLIENT).reorderings > 0);
	/* Hardly anything is sent twice. */
	assert_true(pair_info(pair, PAIR_CLIENT).bytes_retransmitted < 50000);
}

/* ---- liars ---- */

/* SACK of what was never sent, backwards, or below: counted, and nothing else. */
static void
test_sacks_that_cannot_be(void **state)
{
	struct tcp_options options = { .present = TCP_OPTION_TIMESTAMPS, .sack_count = 3 };
	struct tcp_fields fields = { .flags = TCP_ACK, .window = 60000 };
	const struct pair_segment *last;

	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	pair->link.loss_ppb = RANDOM_PPB;
	assert_int_equal(tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn,
				 "0123456789", 10),
		10);
	pair_run_for(pair, MS_NS);
	last = pair_last(pair, PAIR_CLIENT);
	fields.seq = last->fields.ack;
	fields.ack = last->fields.seq;
	options.ts_val = last->options.ts_ecr + 1;
	options.ts_ecr = last->options.ts_val;
	options.sack[0] = (struct tcp_sack_block){ fields.ack + 20, fields.ack + 30 };
	options.sack[1] = (struct tcp_sack_block){ fields.ack + 8, fields.ack + 2 };
	options.sack[2] = (struct tcp_sack_block){ fields.ack + 5, fields.ack + 20 };
	pair_inject(pair, PAIR_CLIENT, &fields, &options, NULL, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).sacked, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_bad_sacks), 3);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_flight, 10);
}

/* RFC 2018 8: a peer may give up what it had SACKed; it is sent again after all. */
static bool
lose_after(struct pair *p, const struct pair_segment *segment)
{
	return segment->from == PAIR_SERVER || segment->length == 0;
}

static void
test_reneging(void **state)
{
	struct tcp_options options = { .present = TCP_OPTION_TIMESTAMPS, .sack_count = 1 };
	struct tcp_fields fields = { .flags = TCP_ACK, .window = 60000 };
	const struct pair_segment *first;
	uint8_t bytes[3000];

	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	pair->filter = lose_after;
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = pair_pattern(PAIR_CLIENT, i);
	first = pair_last(pair, PAIR_CLIENT);
	fields.ack = first->fields.seq;
	fields.seq = first->fields.ack;
	assert_int_equal(tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, bytes,
				 sizeof(bytes)),
		3000);
	pair_run_for(pair, MS_NS);
	/* All, says the peer, but not cumulatively. */
	options.sack[0] = (struct tcp_sack_block){ fields.ack, fields.ack + 2896 };
	options.ts_val = first->options.ts_ecr + 1;
	options.ts_ecr = pair_last(pair, PAIR_CLIENT)->options.ts_val;
	pair_inject(pair, PAIR_CLIENT, &fields, &options, NULL, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).sacked, 2896);
	pair->filter = NULL;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_sack_reneged), 1);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 3000);
	assert_true(pair->ends[PAIR_SERVER].intact);
}

/* A peer may acknowledge a part of a segment, an odd one too: only the rest is sent again. */
static void
test_part_acknowledged(void **state)
{
	struct tcp_options options = { .present = TCP_OPTION_TIMESTAMPS };
	struct tcp_fields fields = { .flags = TCP_ACK, .window = 60000 };
	const struct pair_segment *first;

	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	pair->filter = lose_after;
	first = pair_last(pair, PAIR_CLIENT);
	fields.ack = first->fields.seq + 33;
	fields.seq = first->fields.ack;
	options.ts_val = first->options.ts_ecr + 1;
	options.ts_ecr = first->options.ts_val;
	assert_int_equal(tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn,
				 (const uint8_t[100]){ 0 }, 100),
		100);
	pair_run_for(pair, MS_NS);
	pair_inject(pair, PAIR_CLIENT, &fields, &options, NULL, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_flight, 67);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_last(pair, PAIR_CLIENT)->length, 67);
	assert_int_equal(pair_last(pair, PAIR_CLIENT)->fields.seq, fields.ack);
}

/* RFC 9293 3.8.3: after R2 it is over; with a user timeout (RFC 5482) after that. */
static void
test_gives_up(void **state)
{
	for (unsigned timeout = 0; timeout < 2; timeout++) {
		struct pair *other = pair_create(7);
		uint64_t begin_ns;

		other->settings.user_timeout_ms = timeout ? 30000 : 0;
		pair_start(other);
		pair_open(other);
		other->filter = lose_after;
		assert_int_equal(tcp_send(other->ends[PAIR_CLIENT].core,
					 other->ends[PAIR_CLIENT].conn, "x", 1),
			1);
		begin_ns = other->now_ns;
		while (!other->ends[PAIR_CLIENT].closed)
			pair_run_for(other, SECOND_NS);
		assert_int_equal(other->ends[PAIR_CLIENT].error, ETIMEDOUT);
		if (timeout)
			assert_in_range((other->now_ns - begin_ns) / SECOND_NS, 30, 60);
		else
			assert_in_range((other->now_ns - begin_ns) / SECOND_NS, 100, 1200);
		pair_destroy(other);
	}
}

#define with_pair(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_pair(test_one_lost),
		with_pair(test_several_lost),
		with_pair(test_lost_again),
		with_pair(test_tail_lost),
		with_pair(test_all_lost),
		with_pair(test_newreno),
		with_pair(test_newreno_partial_acks),
		with_pair(test_proportional_rate),
		with_pair(test_spurious_timeout),
		with_pair(test_reordering),
		with_pair(test_sacks_that_cannot_be),
		with_pair(test_reneging),
		with_pair(test_part_acknowledged),
		with_pair(test_gives_up),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
