/* SPDX-License-Identifier: BSD-3-Clause */
/* ICMP errors, and path MTUs: what is believed (RFC 5927), and what follows. */
#include "unit/tcp/tcp_pair.h"

/* Packets larger than this do not get through, and nobody says so. */
static uint32_t path_length;

static bool
lose_large(struct pair *pair, const struct pair_segment *segment)
{
	return 20U + segment->fields.hdr_length + segment->length <= path_length;
}

static void
icmp(struct pair *pair, uint32_t seq, int error, bool hard, uint32_t mtu)
{
	const struct tcp_icmp input = { .tuple = pair_tuple(pair, PAIR_CLIENT),
		.seq = seq,
		.error = error,
		.hard = hard,
		.mtu = mtu };

	tcp_icmp_input(pair->ends[PAIR_CLIENT].core, &input);
}

/* Established, with a byte out that does not arrive: so that an error may be about it. */
static struct pair *
pair_with_a_lost_byte(void)
{
	struct pair *pair = pair_create(1);

	pair_start(pair);
	pair_open(pair);
	pair->filter = pair_lose_all;
	assert_int_equal(
		tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, "x", 1), 1);
	pair_run_for(pair, MS_NS);
	return pair;
}

/* RFC 1122 4.2.3.9: a hard error ends what was not yet established; if it quotes our SYN. */
static void
test_hard_error_of_a_syn(void **state)
{
	struct pair *pair = pair_create(1);
	uint32_t iss;

	pair->filter = pair_lose_all;
	pair_start(pair);
	pair_connect(pair);
	pair_run_for(pair, MS_NS);
	iss = pair_last(pair, PAIR_CLIENT)->fields.seq;
	icmp(pair, iss - 1, ECONNREFUSED, true, 0);
	icmp(pair, iss + 1, ECONNREFUSED, true, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_SENT);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_icmp_ignored), 2);
	icmp(pair, iss, EHOSTUNREACH, false, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_SENT);
	icmp(pair, iss, ECONNREFUSED, true, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_CLOSED);
	pair_run_for(pair, MS_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ECONNREFUSED);
	pair_destroy(pair);
}

/* A soft one is what a user hears, when it was in vain: RFC 1122 4.2.3.9. */
static void
test_soft_error(void **state)
{
	struct pair *pair = pair_create(1);

	pair->filter = pair_lose_all;
	pair_start(pair);
	pair_connect(pair);
	pair_run_for(pair, MS_NS);
	icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, EHOSTUNREACH, false, 0);
	pair_run_for(pair, 600 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, EHOSTUNREACH);
	pair_destroy(pair);
}

/* RFC 5927 6.2 */
static void
test_established_lives_on(void **state)
{
	struct pair *pair = pair_with_a_lost_byte();

	icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, ECONNREFUSED, true, 0);
	pair->filter = NULL;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 1);
	pair_destroy(pair);
}

/* Send until the path was too narrow, and on, by what ICMP says or by nothing. */
static void
narrow_path(struct pair *pair, bool told)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	path_length = 1300;
	pair->filter = lose_large;
	client->to_send = 100000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 3 * pair->link.delay_ns);
	if (told)
		icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, EMSGSIZE, false, 1300);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 100000);
	assert_true(pair->ends[PAIR_SERVER].intact);
}

static void
test_packet_too_big(void **state)
{
	struct pair *pair = pair_create(1);

	narrow_path(pair, true);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).pmtu, 1300);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_mss, 1248);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
	/* Less than everybody carries is not believed, more is not either. */
	icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, EMSGSIZE, false, 68);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).pmtu, 1300);
	pair_destroy(pair);
}

static void
test_mtu_is_bounded(void **state)
{
	struct pair *pair = pair_with_a_lost_byte();

	icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, EMSGSIZE, false, 9000);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).pmtu, 1500);
	icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, EMSGSIZE, false, 68);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).pmtu, 576);
	pair_destroy(pair);
}

/* RFC 4821: ICMP does not come through. */
static void
test_black_hole(void **state)
{
	struct pair *pair = pair_create(1);

	narrow_path(pair, false);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).pmtu, 1280);
	pair_destroy(pair);
}

static bool
lose_more_than_576(struct pair *pair, const struct pair_segment *segment)
{
	return segment->length <= 524;
}

/* A path becomes narrow while data has all descriptors: segments are cut all the same. */
static void
test_cut_without_descriptors(void **state)
{
	struct pair *pair = pair_create(1);

	pair->config.segments_max = 5;
	pair->filter = lose_more_than_576;
	pair->ends[PAIR_CLIENT].to_send = 100000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 5 * pair->link.delay_ns);
	icmp(pair, pair_last(pair, PAIR_CLIENT)->fields.seq, EMSGSIZE, false, 576);
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 100000);
	assert_true(pair->ends[PAIR_SERVER].intact);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hard_error_of_a_syn),
		cmocka_unit_test(test_soft_error),
		cmocka_unit_test(test_established_lives_on),
		cmocka_unit_test(test_packet_too_big),
		cmocka_unit_test(test_mtu_is_bounded),
		cmocka_unit_test(test_black_hole),
		cmocka_unit_test(test_cut_without_descriptors),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
