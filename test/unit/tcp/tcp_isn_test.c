/* SPDX-License-Identifier: BSD-3-Clause */
/* Sequence numbers and timestamps say nothing of other connections: RFC 6528, RFC 7323 7.1. */
#include "unit/tcp/tcp_pair.h"

/* The first number that a connection to some port has. */
static struct pair_segment
syn_of(struct pair *pair, uint16_t port, uint8_t host)
{
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);
	struct pair_segment syn;
	struct tcp_conn *conn;

	tuple.remote_port = port;
	tuple.remote[3] = host;
	assert_int_equal(
		tcp_connect(pair->ends[PAIR_CLIENT].core, &tuple, &pair->settings, NULL, &conn), 0);
	pair_run_for(pair, 1);
	syn = *pair_last(pair, PAIR_CLIENT);
	assert_int_equal(syn.fields.flags, TCP_SYN);
	tcp_abort(pair->ends[PAIR_CLIENT].core, conn);
	pair_run_for(pair, 1);
	return syn;
}

static void
test_sequence_numbers(void **state)
{
	struct pair *pair = pair_create(1), *other = pair_create(2);
	uint32_t first, second, near = 0;

	pair->filter = other->filter = pair_lose_all;
	pair_start(pair);
	pair_start(other);
	/* Of the same ends they rise by a tick of 4 us: RFC 6528 3. */
	first = syn_of(pair, 80, 2).fields.seq;
	pair_run_for(pair, SECOND_NS);
	second = syn_of(pair, 80, 2).fields.seq;
	assert_in_range(second - first, 250000, 250010);
	/* Of others they are anywhere, and under another secret elsewhere. */
	for (uint16_t port = 100; port < 150; port++) {
		uint32_t seq = syn_of(pair, port, 2).fields.seq;

		near += seq - first < 1U << 28;
	}
	assert_in_range(near, 0, 12);
	assert_true(syn_of(other, 80, 2).fields.seq - first > 1U << 20);
	pair_destroy(pair);
	pair_destroy(other);
}

/* Timestamps go up from one connection to the next of a host (RFC 6191 2), and differ by host. */
static void
test_timestamps(void **state)
{
	struct pair *pair = pair_create(1);
	uint32_t first, second;

	pair->filter = pair_lose_all;
	pair_start(pair);
	first = syn_of(pair, 80, 2).options.ts_val;
	pair_run_for(pair, SECOND_NS);
	second = syn_of(pair, 81, 2).options.ts_val;
	assert_in_range(second - first, 1000, 1001);
	assert_true(syn_of(pair, 80, 3).options.ts_val - second > 100000);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence_numbers),
		cmocka_unit_test(test_timestamps),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
