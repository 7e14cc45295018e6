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

#define SEGMENTS 256
/* Of these, such as data does not take; and the half that is for the path's MSS alone. */
#define RESERVE (2 + SEGMENTS / 64)

static unsigned
segments_used(const struct pair *pair)
{
	struct tcp_counts counts;

	tcp_counts(pair->ends[PAIR_CLIENT].core, &counts);
	return counts.segments;
}

/* Another connection, which waits for its peer. @return what could be sent, or why there is none */
static int64_t
connect_another(struct pair *pair, struct tcp_conn **conn)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);
	static uint8_t bytes[65536];
	static uint16_t port = 5000;
	int ret;

	tuple.local_port = port++;
	ret = tcp_connect(client->core, &tuple, &pair->settings, NULL, conn);
	return ret != 0 ? ret : tcp_send(client->core, *conn, bytes, sizeof(bytes));
}

/* The peer says again what it has, and what it takes. */
static void
say_window(struct pair *pair, uint32_t ack, uint8_t flags, uint16_t window)
{
	const struct tcp_options options = { .present = TCP_OPTION_MSS, .mss = 1460 };
	const struct tcp_fields fields = {
		.seq = flags & TCP_SYN ? 500 : 501, .ack = ack, .flags = flags, .window = window
	};

	pair_inject(pair, PAIR_CLIENT, &fields, flags & TCP_SYN ? &options : NULL, NULL, 0);
	pair_run_for(pair, MS_NS);
}

/* Peers with small windows, and connections that begin, leave something to cut by what the path carries. */
static void
test_reserve_is_left(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct tcp_conn *others[SEGMENTS];
	unsigned count = 0, used;
	int64_t n;
	uint32_t ack;

	pair->config.segments_max = SEGMENTS;
	pair->filter = pair_lose_all;
	pair_start(pair);
	pair_connect(pair);
	pair_run_for(pair, MS_NS);
	ack = pair_last(pair, PAIR_CLIENT)->fields.seq + 1;
	say_window(pair, ack, TCP_SYN | TCP_ACK, 100);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wnd, 100);
	/* Data takes what it may, beside the SYN of the last. */
	n = tcp_send(client->core, client->conn, (uint8_t[16384]){ 0 }, 16384);
	assert_int_equal(n, 16384);
	while (connect_another(pair, &others[count]) > 0)
		count++;
	count++;
	used = segments_used(pair);
	assert_int_equal(used, SEGMENTS - RESERVE + 1);
	/* The first that is sent takes one, so that it goes on at all; more do not. */
	pair_run_for(pair, MS_NS);
	assert_int_equal(segments_used(pair), used + 1);
	for (uint16_t window = 200; window < 1460; window = (uint16_t)(window * 2))
		say_window(pair, ack, TCP_ACK, window);
	assert_int_equal(segments_used(pair), used + 1);
	/* SYNs take half. */
	while ((n = connect_another(pair, &others[count])) == -EAGAIN)
		count++;
	assert_int_equal(n, -ENOBUFS);
	assert_int_equal(segments_used(pair), SEGMENTS - RESERVE / 2);
	/* The others are for a path that becomes narrow. */
	icmp(pair, ack, EMSGSIZE, false, 576);
	say_window(pair, ack, TCP_ACK, 60000);
	assert_int_equal(pair_last(pair, PAIR_CLIENT)->length, 536);
	assert_int_equal(segments_used(pair), SEGMENTS);
	for (unsigned i = 0; i < count; i++)
		tcp_abort(client->core, others[i]);
	tcp_abort(client->core, client->conn);
	client->conn = NULL;
	pair_run_for(pair, SECOND_NS);
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
		cmocka_unit_test(test_reserve_is_left),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
