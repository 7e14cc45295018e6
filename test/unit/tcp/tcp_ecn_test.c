/* SPDX-License-Identifier: BSD-3-Clause */
/* Explicit congestion notification: RFC 3168 6.1. */
#include "unit/tcp/tcp_pair.h"

static void
test_negotiated_where_both_want(void **state)
{
	for (enum tcp_ecn_mode mode = TCP_ECN_OFF; mode <= TCP_ECN_ON; mode++) {
		struct pair *pair = pair_create(1);

		pair->config.policy.ecn = mode;
		pair_start(pair);
		pair_open(pair);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).ecn, mode == TCP_ECN_ON);
		assert_int_equal(pair_info(pair, PAIR_SERVER).ecn, mode == TCP_ECN_ON);
		pair_destroy(pair);
	}
}

/* The policy is of connections that begin: who has asked may be answered, who has not may not. */
static void
test_policy_that_changes_meanwhile(void **state)
{
	for (unsigned on = 0; on < 2; on++) {
		struct pair *pair = pair_create(1);
		struct tcp_policy policy;

		tcp_policy_init(&policy);
		pair->config.policy.ecn = on ? TCP_ECN_ON : TCP_ECN_PASSIVE;
		pair_start(pair);
		pair_listen(pair, 4);
		pair_connect(pair);
		pair_run_for(pair, pair->link.delay_ns / 2);
		policy.ecn = on ? TCP_ECN_OFF : TCP_ECN_ON;
		tcp_policy_set(pair->ends[PAIR_CLIENT].core, &policy);
		pair_run_for(pair, SECOND_NS);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).ecn, on);
		assert_int_equal(pair_info(pair, PAIR_SERVER).ecn, on);
		pair_destroy(pair);
	}
}

/* The peer says what only who has asked may be told, or its SYN asks, as ours has, or has not. */
static void
test_agreed_by_what_our_syn_asked(void **state)
{
	static const struct {
		uint8_t flags;
		bool asked, agreed;
	} cases[] = {
		{ TCP_SYN | TCP_ACK | TCP_ECE, true, true },
		{ TCP_SYN | TCP_ACK | TCP_ECE, false, false },
		{ TCP_SYN | TCP_ACK | TCP_ECE | TCP_CWR, true, false },
		{ TCP_SYN | TCP_ECE | TCP_CWR, true, true },
		{ TCP_SYN | TCP_ECE | TCP_CWR, false, false },
		{ TCP_SYN | TCP_ECE, true, false },
	};

	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct pair *pair = pair_create(1);
		struct pair_end *client = &pair->ends[PAIR_CLIENT];
		struct tcp_fields fields = { .seq = 500, .flags = cases[i].flags, .window = 1000 };
		struct tcp_policy policy;

		tcp_policy_init(&policy);
		pair->config.policy.ecn = cases[i].asked ? TCP_ECN_ON : TCP_ECN_PASSIVE;
		pair->filter = pair_lose_all;
		pair_start(pair);
		pair_connect(pair);
		pair_run_for(pair, MS_NS);
		/* As it is by now does not matter. */
		policy.ecn = cases[i].asked ? TCP_ECN_OFF : TCP_ECN_ON;
		tcp_policy_set(client->core, &policy);
		fields.ack =
			fields.flags & TCP_ACK ? pair_last(pair, PAIR_CLIENT)->fields.seq + 1 : 0;
		pair_inject(pair, PAIR_CLIENT, &fields, NULL, NULL, 0);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).ecn, cases[i].agreed);
		pair_destroy(pair);
	}
}

/* Marks slow the sender down, and nothing is sent again; only data is ECN-capable. */
static void
test_marks(void **state)
{
	struct pair *pair = pair_create(1);
	unsigned cwr = 0, echoes = 0;

	pair->config.policy.ecn = TCP_ECN_ON;
	pair->link.mark_ppb = RANDOM_PPB / 50;
	pair->ends[PAIR_CLIENT].to_send = 500000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 500000);
	assert_true(pair_info(pair, PAIR_SERVER).ecn_marks > 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 0);
	assert_true(pair_info(pair, PAIR_CLIENT).ssthresh < 65536);
	for (unsigned i = 0; i < RTE_MIN(pair->log_count, (unsigned)PAIR_LOG); i++) {
		const struct pair_segment *segment = &pair->log[i];

		assert_int_equal(segment->ecn, segment->length > 0 ? 2 : 0);
		if (segment->fields.flags & TCP_SYN)
			continue;
		cwr += (segment->fields.flags & TCP_CWR) != 0;
		echoes += (segment->fields.flags & TCP_ECE) != 0;
	}
	assert_true(cwr > 0 && echoes > 0);
	/* Answered, they end. */
	assert_false(pair_last(pair, PAIR_SERVER)->fields.flags & TCP_ECE);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiated_where_both_want),
		cmocka_unit_test(test_policy_that_changes_meanwhile),
		cmocka_unit_test(test_agreed_by_what_our_syn_asked),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
