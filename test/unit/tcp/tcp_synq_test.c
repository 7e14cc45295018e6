/* SPDX-License-Identifier: BSD-3-Clause */
/* Handshakes from the listener's side: half-open connections, their bounds, and cookies beyond them. */
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

/* Nobody answers but the test. */
static int
setup(void **state)
{
	pair = pair_create(1);
	pair->filter = pair_lose_all;
	return 0;
}

static int
teardown(void **state)
{
	pair_destroy(pair);
	return 0;
}

static const struct tcp_options syn_options = {
	.present = TCP_OPTION_MSS | TCP_OPTION_SACK_PERMITTED | TCP_OPTION_WSCALE |
		TCP_OPTION_TIMESTAMPS,
	.mss = 1460,
	.wscale = 3,
	.ts_val = 777,
};

static const struct tcp_options ack_options = { .present = TCP_OPTION_TIMESTAMPS, .ts_val = 778 };

/* A SYN from some port. @return the answer; NULL: none */
static const struct pair_segment *
syn(uint16_t port, uint32_t seq)
{
	unsigned before = pair->log_count;

	pair_inject(pair, PAIR_SERVER,
		&(struct tcp_fields){
			.src_port = port, .seq = seq, .flags = TCP_SYN, .window = 5000 },
		&syn_options, NULL, 0);
	return pair->log_count > before ? &pair->log[before % PAIR_LOG] : NULL;
}

/* The ACK that a SYN-ACK asks for. */
static void
ack(uint16_t port, const struct pair_segment *synack, const char *data)
{
	struct tcp_options options = ack_options;

	options.ts_ecr = synack->options.ts_val;
	pair_inject(pair, PAIR_SERVER,
		&(struct tcp_fields){ .src_port = port,
			.seq = synack->fields.ack,
			.ack = synack->fields.seq + 1,
			.flags = TCP_ACK,
			.window = 5000 },
		&options, data, data != NULL ? (uint32_t)strlen(data) : 0);
}

static void
test_options_of_the_answer(void **state)
{
	const struct pair_segment *answer;

	pair_start(pair);
	pair_listen(pair, 4);
	answer = syn(4000, 100);
	assert_int_equal(answer->fields.flags, TCP_SYN | TCP_ACK);
	assert_int_equal(answer->fields.ack, 101);
	assert_int_equal(answer->fields.window, 65535);
	assert_int_equal(answer->options.present, syn_options.present);
	assert_int_equal(answer->options.mss, 1460);
	assert_int_equal(answer->options.ts_ecr, 777);
	ack(4000, answer, "early data");
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_ESTABLISHED);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 10);
	assert_int_equal(pair_info(pair, PAIR_SERVER).snd_wnd, 5000 << 3);
	assert_int_equal(pair_info(pair, PAIR_SERVER).snd_mss, 1448);
}

/* RFC 9293 3.10.7.4 in SYN-RECEIVED after LISTEN. */
static void
test_half_open_segments(void **state)
{
	const struct pair_segment *first, *answer;
	struct tcp_fields fields = { .src_port = 4000, .window = 5000 };
	struct tcp_options options = ack_options;
	unsigned before;

	pair_start(pair);
	pair_listen(pair, 4);
	first = syn(4000, 100);
	/* The SYN again is answered again, by the same. */
	answer = syn(4000, 100);
	assert_int_equal(answer->fields.seq, first->fields.seq);
	/* An ACK of something else: reset, and the other one lives. */
	fields.seq = 101;
	fields.ack = first->fields.seq + 2;
	fields.flags = TCP_ACK;
	pair_inject(pair, PAIR_SERVER, &fields, &options, NULL, 0);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.flags, TCP_RST);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.seq, fields.ack);
	/* A reset in the window, but not at its edge: asked for. */
	fields.flags = TCP_RST;
	fields.seq = 102;
	pair_inject(pair, PAIR_SERVER, &fields, NULL, NULL, 0);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.flags, TCP_SYN | TCP_ACK);
	/* Out of the window: nothing. */
	fields.seq = 100;
	before = pair->log_count;
	pair_inject(pair, PAIR_SERVER, &fields, NULL, NULL, 0);
	assert_int_equal(pair->log_count, before);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_attempt_fails), 0);
	/* Exactly there: back to LISTEN. */
	fields.seq = 101;
	pair_inject(pair, PAIR_SERVER, &fields, NULL, NULL, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_attempt_fails), 1);
	ack(4000, first, NULL);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.flags, TCP_RST);
	assert_null(pair->ends[PAIR_SERVER].conn);
}

/* RFC 9293 3.10.7.2: what is no SYN. */
static void
test_listen_segments(void **state)
{
	struct tcp_fields fields = { .src_port = 4000, .seq = 1, .ack = 2, .flags = TCP_ACK };
	unsigned before;

	pair_start(pair);
	pair_listen(pair, 4);
	pair_inject(pair, PAIR_SERVER, &fields, NULL, NULL, 0);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.flags, TCP_RST);
	before = pair->log_count;
	static const uint8_t silent[] = { TCP_RST, 0, TCP_FIN, TCP_SYN | TCP_FIN,
		TCP_SYN | TCP_RST };

	for (unsigned i = 0; i < RTE_DIM(silent); i++) {
		fields.flags = silent[i];
		pair_inject(pair, PAIR_SERVER, &fields, NULL, NULL, 0);
		assert_int_equal(pair->log_count, before);
	}
}

/* Answered five times more, then given up. */
static void
test_nobody_acknowledges(void **state)
{
	const struct tcp_tuple *tuple;
	enum tcp_state brief;

	pair->config.policy.syn_cookies = false;
	pair_start(pair);
	pair_listen(pair, 4);
	syn(4000, 100);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(tcp_brief_next(pair->ends[PAIR_SERVER].core, 0), 0);
	tuple = tcp_brief_at(pair->ends[PAIR_SERVER].core, 0, &brief);
	assert_non_null(tuple);
	assert_int_equal(tuple->remote_port, 4000);
	assert_int_equal(brief, TCP_SYN_RECEIVED);
	pair_run_for(pair, 120 * SECOND_NS);
	assert_null(tcp_brief_at(pair->ends[PAIR_SERVER].core, 0, &brief));
	assert_int_equal(pair->ends[PAIR_SERVER].segments_sent, 6);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_half_open_timeouts), 1);
	assert_true(tcp_next_ns(pair->ends[PAIR_SERVER].core) == UINT64_MAX);
}

static void
test_bound_without_cookies(void **state)
{
	pair->config.policy.syn_cookies = false;
	pair_start(pair);
	pair_listen(pair, 4);
	for (uint16_t i = 0; i < 10; i++)
		assert_int_equal(syn(5000 + i, 100) != NULL, i < 4);
	assert_int_equal(pair->drop_counts[DROP_tcp_half_open_full], 6);
}

/* A full accept queue: SYNs are refused, those that are under way wait. */
static void
test_accept_queue(void **state)
{
	const struct pair_segment *answers[3];
	struct pair_segment synacks[3];
	struct tcp_conn *conns[3];
	struct pair_end *end = &pair->ends[PAIR_SERVER];

	pair_start(pair);
	pair_listen(pair, 2);
	/* The application accepts one and no more. */
	answers[0] = syn(5000, 100);
	ack(5000, answers[0], NULL);
	conns[0] = end->conn;
	assert_non_null(conns[0]);
	for (uint16_t i = 0; i < 2; i++) {
		synacks[i] = *syn(5001 + i, 100);
		ack(5001 + i, &synacks[i], NULL);
	}
	assert_null(syn(5003, 100));
	assert_int_equal(pair->drop_counts[DROP_tcp_accept_full], 1);
	conns[1] = tcp_accept(end->core, end->listener, NULL);
	conns[2] = tcp_accept(end->core, end->listener, NULL);
	assert_non_null(conns[2]);
	assert_null(tcp_accept(end->core, end->listener, NULL));
	assert_non_null(syn(5003, 100));
}

/* Beyond the bound cookies are given, and who brings one back has what it had agreed on. */
static void
test_cookies(void **state)
{
	struct tcp_conn *conn;
	struct tcp_info info;
	struct pair_segment answer;

	pair_start(pair);
	pair_listen(pair, 2);
	pair->ends[PAIR_SERVER].conn = NULL;
	for (uint16_t i = 0; i < 10; i++) {
		assert_non_null(syn(5000 + i, 100));
	}
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_cookies_sent), 8);
	answer = *syn(6000, 100);
	assert_int_equal(answer.options.present, syn_options.present);
	ack(6000, &answer, "data");
	conn = pair->ends[PAIR_SERVER].conn;
	assert_non_null(conn);
	tcp_info(pair->ends[PAIR_SERVER].core, conn, &info);
	assert_int_equal(info.state, TCP_ESTABLISHED);
	assert_true(info.sack && info.timestamps && info.window_scaling);
	assert_int_equal(info.snd_wscale, 3);
	assert_int_equal(info.snd_mss, 1448);
	assert_int_equal(info.bytes_received, 4);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_cookies_good), 1);
}

/* What was made up, is somebody else's, or old, opens nothing. */
static void
test_bad_cookies(void **state)
{
	struct pair_segment answer, forged;

	pair_start(pair);
	pair_listen(pair, 1);
	syn(5000, 100);
	answer = *syn(6000, 100);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_cookies_sent), 1);
	for (uint32_t bit = 0; bit < 32; bit++) {
		forged = answer;
		forged.fields.seq ^= 1U << bit;
		ack(6000, &forged, NULL);
	}
	ack(6001, &answer, NULL);
	forged = answer;
	forged.fields.ack++;
	ack(6000, &forged, NULL);
	assert_null(pair->ends[PAIR_SERVER].conn);
	pair_run_for(pair, 140 * SECOND_NS);
	ack(6000, &answer, NULL);
	assert_null(pair->ends[PAIR_SERVER].conn);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_cookies_good), 0);
	/* A listener that gave none is not asked for any. */
	syn(5000, 100);
	answer = *syn(6000, 100);
	ack(6000, &answer, NULL);
	assert_non_null(pair->ends[PAIR_SERVER].conn);
}

static void
test_unlisten(void **state)
{
	const struct pair_segment *answer;

	pair_start(pair);
	pair_listen(pair, 4);
	answer = syn(5000, 100);
	ack(5000, answer, NULL);
	answer = syn(5001, 100);
	ack(5001, answer, NULL);
	syn(5002, 100);
	tcp_unlisten(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].listener);
	pair_run_for(pair, SECOND_NS);
	/* The one that was not accepted is reset, the one that was lives. */
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.flags & TCP_RST, TCP_RST);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_ESTABLISHED);
	answer = syn(5002, 100);
	assert_int_equal(answer->fields.flags, TCP_RST | TCP_ACK);
}

/* ---- of one peer ---- */

/* A connection from the client's host `last`, of subnet `subnet` with IPv6. @return its state in a while */
static enum tcp_state
peer_connect(uint8_t subnet, uint8_t last, uint16_t port, struct tcp_conn **conn)
{
	struct tcp_core *core = pair->ends[PAIR_CLIENT].core;
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

	tuple.local[pair->family == IP_FAMILY_4 ? 2 : 7] ^= subnet;
	tuple.local[pair->family == IP_FAMILY_4 ? 3 : 15] = last;
	tuple.local_port = port;
	assert_int_equal(tcp_connect(core, &tuple, &pair->settings, NULL, conn), 0);
	pair_run_for(pair, 5 * pair->link.delay_ns);
	return tcp_conn_state(*conn);
}

static void
peer_bound(bool cookies)
{
	struct tcp_core *server, *client;
	struct tcp_conn *conns[7];

	pair->filter = NULL;
	pair->config.peer_conns_max = 2;
	pair_start(pair);
	pair_listen(pair, 8);
	server = pair->ends[PAIR_SERVER].core;
	client = pair->ends[PAIR_CLIENT].core;
	for (uint16_t i = 0; cookies && i < 8; i++)
		syn(7000 + i, 100);
	assert_int_equal(peer_connect(0, 9, 5000, &conns[0]), TCP_ESTABLISHED);
	assert_int_equal(peer_connect(0, 9, 5001, &conns[1]), TCP_ESTABLISHED);
	assert_int_equal(peer_connect(0, 9, 5002, &conns[2]), TCP_CLOSED);
	assert_int_equal(tcp_error(conns[2]), ECONNREFUSED);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_peer_refused), 1);
	assert_int_equal(pair->drop_counts[DROP_tcp_peer_full], 1);
	/* Others are not concerned; those of a subnet of IPv6 are one. */
	assert_int_equal(peer_connect(0, 10, 5000, &conns[3]),
		pair->family == IP_FAMILY_4 ? TCP_ESTABLISHED : TCP_CLOSED);
	assert_int_equal(peer_connect(1, 9, 5000, &conns[4]), TCP_ESTABLISHED);
	/* One goes, and there is a place. */
	assert_non_null(pair->ends[PAIR_SERVER].conn);
	tcp_abort(server, pair->ends[PAIR_SERVER].conn);
	pair_run_for(pair, 5 * pair->link.delay_ns);
	assert_int_equal(peer_connect(0, 9, 5003, &conns[5]), TCP_ESTABLISHED);
	assert_int_equal(peer_connect(0, 9, 5004, &conns[6]), TCP_CLOSED);
	for (unsigned i = 0; i < 7; i++)
		tcp_abort(client, conns[i]);
	pair_run_for(pair, 5 * pair->link.delay_ns);
}

static void
test_peer_bound(void **state)
{
	peer_bound(false);
}

static void
test_peer_bound_with_cookies(void **state)
{
	peer_bound(true);
}

static void
test_peer_bound_of_ipv6(void **state)
{
	pair->family = IP_FAMILY_6;
	peer_bound(false);
}

/* Half-open ones do not count: nobody knows who they are. Their last ACK is what is refused. */
static void
test_peer_bound_of_half_open(void **state)
{
	struct pair_segment synacks[3];

	pair->config.peer_conns_max = 2;
	pair_start(pair);
	pair_listen(pair, 8);
	for (uint16_t i = 0; i < 3; i++) {
		const struct pair_segment *answer = syn((uint16_t)(5000 + i), 100);

		assert_non_null(answer);
		synacks[i] = *answer;
	}
	for (uint16_t i = 0; i < 3; i++)
		ack((uint16_t)(5000 + i), &synacks[i], NULL);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_passive_opens), 2);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_peer_refused), 1);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->fields.flags, TCP_RST);
}

#define with_pair(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_pair(test_options_of_the_answer),
		with_pair(test_half_open_segments),
		with_pair(test_listen_segments),
		with_pair(test_nobody_acknowledges),
		with_pair(test_bound_without_cookies),
		with_pair(test_accept_queue),
		with_pair(test_cookies),
		with_pair(test_bad_cookies),
		with_pair(test_unlisten),
		with_pair(test_peer_bound),
		with_pair(test_peer_bound_with_cookies),
		with_pair(test_peer_bound_of_ipv6),
		with_pair(test_peer_bound_of_half_open),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
