/* SPDX-License-Identifier: BSD-3-Clause */
/* Explicit congestion notification: RFC 3168 6.1. */
#include "unit/tcp/tcp_pair.h"

static void
test_negotiated_where_both_want(void **state)
{
	for (enum tcp_ecn_mode mode = TCP_ECN_OFF; mode <= TCP_ECN_ON; mode++) {
		struct pair *pair = pair_create(1);

		pair->config.ecn = mode;
		pair_start(pair);
		pair_open(pair);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).ecn, mode == TCP_ECN_ON);
		assert_int_equal(pair_info(pair, PAIR_SERVER).ecn, mode == TCP_ECN_ON);
		pair_destroy(pair);
	}
}

/* Marks slow the sender down, and nothing is sent again; only data is ECN-capable. */
static void
test_marks(void **state)
{
	struct pair *pair = pair_create(1);
	unsigned cwr = 0, echoes = 0;

	pair->config.ecn = TCP_ECN_ON;
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
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
