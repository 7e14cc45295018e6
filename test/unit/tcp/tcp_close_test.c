/* SPDX-License-Identifier: BSD-3-Clause */
/* How connections begin and end when both sides act at once, half, or not at all: RFC 9293 3.5, 3.6. */
#include "unit/tcp/tcp_pair.h"

static struct pair *pair;

static int
setup(void **state)
{
	pair = pair_create(1);
	pair_start(pair);
	return 0;
}

static int
setup_unstarted(void **state)
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

static void
shut(unsigned end)
{
	assert_int_equal(
		tcp_shutdown(pair->ends[end].core, pair->ends[end].conn, TCP_SHUTDOWN_WRITE), 0);
}

static void
close_end(unsigned end)
{
	tcp_close(pair->ends[end].core, pair->ends[end].conn);
	pair->ends[end].conn = NULL;
}

/* Figure 12: one after the other. */
static void
test_normal_close(void **state)
{
	pair_open(pair);
	shut(PAIR_CLIENT);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_FIN_WAIT_1);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_FIN_WAIT_2);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_CLOSE_WAIT);
	assert_true(pair->ends[PAIR_SERVER].at_end);
	/* Half-closed: the other direction goes on. */
	assert_int_equal(
		tcp_send(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].conn, "x", 1), 1);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].received, 1);
	assert_int_equal(
		tcp_send(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, "x", 1),
		-EPIPE);
	shut(PAIR_SERVER);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_LAST_ACK);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_TIME_WAIT);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_CLOSED);
	assert_true(pair->ends[PAIR_SERVER].closed && pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_SERVER].error, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_time_waits), 1);
}

/* Figure 13: both at once. */
static void
test_simultaneous_close(void **state)
{
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	shut(PAIR_CLIENT);
	shut(PAIR_SERVER);
	pair_run_for(pair, pair->link.delay_ns);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_CLOSING);
	pair_run_for(pair, SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair_state(pair, i), TCP_TIME_WAIT);
		assert_int_equal(pair_stat(pair, i, TCP_STAT_time_waits), 1);
	}
}

/* Figure 8. */
static void
test_simultaneous_open(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		struct tcp_tuple tuple = pair_tuple(pair, i);

		pair->ends[i].to_send = 10000;
		assert_int_equal(tcp_connect(pair->ends[i].core, &tuple, &pair->settings,
					 &pair->ends[i], &pair->ends[i].conn),
			0);
	}
	pair_run_for(pair, pair->link.delay_ns);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_RECEIVED);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_SYN_RECEIVED);
	pair_run_for(pair, SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair_state(pair, i), TCP_ESTABLISHED);
		assert_int_equal(pair->ends[i].received, 10000);
		assert_true(pair->ends[i].intact);
		assert_true(pair_info(pair, i).sack && pair_info(pair, i).timestamps);
	}
}

static bool
lose_first_of_each(struct pair *p, const struct pair_segment *segment)
{
	unsigned *seen = p->filter_state;

	return p->ends[segment->from].segments_sent != seen[segment->from];
}

/* The SYN, or the SYN-ACK, or both are lost. */
static void
test_handshake_with_losses(void **state)
{
	for (unsigned lost = 1; lost < 4; lost++) {
		struct pair *other = pair_create(lost);
		unsigned seen[2] = { lost & 1 ? 1 : 0, lost & 2 ? 1 : 0 };

		other->filter = lose_first_of_each;
		other->filter_state = seen;
		pair_start(other);
		pair_listen(other, 4);
		pair_connect(other);
		pair_run_for(other, 10 * SECOND_NS);
		assert_int_equal(pair_state(other, PAIR_CLIENT), TCP_ESTABLISHED);
		assert_int_equal(pair_state(other, PAIR_SERVER), TCP_ESTABLISHED);
		pair_destroy(other);
	}
}

static void
test_refused(void **state)
{
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ECONNREFUSED);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_attempt_fails), 1);
}

/* The client has closed first. @return what connecting again from the same port says, so much later */
static int
connect_again(uint64_t later_ns)
{
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

	pair_start(pair);
	pair_open(pair);
	shut(PAIR_CLIENT);
	pair_run_for(pair, SECOND_NS / 10);
	shut(PAIR_SERVER);
	pair_run_for(pair, SECOND_NS / 10);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_TIME_WAIT);
	close_end(PAIR_CLIENT);
	close_end(PAIR_SERVER);
	pair_run_for(pair, later_ns);
	return tcp_connect(pair->ends[PAIR_CLIENT].core, &tuple, &pair->settings,
		&pair->ends[PAIR_CLIENT], &pair->ends[PAIR_CLIENT].conn);
}

/* RFC 6191: timestamps tell the old connection's segments from the new one's, once they have gone on. */
static void
test_time_wait_is_followed(void **state)
{
	uint32_t before;

	assert_int_equal(connect_again(2 * SECOND_NS), 0);
	before = pair_last(pair, PAIR_CLIENT)->fields.seq;
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_time_wait_reused), 1);
	pair->ends[PAIR_CLIENT].to_send = 10000;
	pair->ends[PAIR_SERVER].received = 0;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	/* RFC 9293 3.10.7.4: above all that the one before has used. */
	assert_true((int32_t)(pair_last(pair, PAIR_CLIENT)->fields.seq - before) > 65536);
	/* In its place: it is there no longer. */
	pair_run_for(pair, 120 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
}

/* ... so that it offers them also where SYNs go without options, as none was answered. */
static void
test_time_wait_is_followed_with_timestamps(void **state)
{
	const struct pair_segment *last;
	unsigned before;

	assert_int_equal(connect_again(2 * SECOND_NS), 0);
	before = pair->ends[PAIR_CLIENT].segments_sent;
	pair->filter = pair_lose_all;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].segments_sent, before + 4);
	last = pair_last(pair, PAIR_CLIENT);
	assert_int_equal(last->fields.flags, TCP_SYN);
	assert_int_equal(last->options.present, TCP_OPTION_MSS | TCP_OPTION_TIMESTAMPS);
	pair->filter = NULL;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_true(pair_info(pair, PAIR_CLIENT).timestamps);
}

static void
test_time_wait_is_not_followed(void **state)
{
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

	assert_int_equal(connect_again(SECOND_NS / 2), -EADDRINUSE);
	assert_true(tcp_tuple_is_used(pair->ends[PAIR_CLIENT].core, &tuple));
	for (unsigned i = 0; i < 2; i++) {
		pair_destroy(pair);
		pair = pair_create(1);
		if (i == 0)
			pair->config.timestamps = false;
		else
			pair->config.policy.time_wait_reuse = false;
		assert_int_equal(connect_again(2 * SECOND_NS), -EADDRINUSE);
	}
}

static void
test_nobody_answers(void **state)
{
	pair->filter = pair_lose_all;
	pair_connect(pair);
	pair_run_for(pair, 600 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ETIMEDOUT);
	assert_int_equal(pair->ends[PAIR_CLIENT].segments_sent, 8);
}

/* RFC 9293 3.10.7.3: what a stranger may say to a SYN. */
static void
test_syn_sent_segments(void **state)
{
	struct tcp_fields fields = { .seq = 500, .window = 1000 };
	uint32_t iss;

	pair->filter = pair_lose_all;
	pair_connect(pair);
	pair_run_for(pair, MS_NS);
	iss = pair_last(pair, PAIR_CLIENT)->fields.seq;
	/* An ACK of something else is reset; a reset without our number is nothing. */
	fields.ack = iss + 2;
	fields.flags = TCP_SYN | TCP_ACK;
	pair_inject(pair, PAIR_CLIENT, &fields, NULL, NULL, 0);
	assert_int_equal(pair_last(pair, PAIR_CLIENT)->fields.flags, TCP_RST);
	assert_int_equal(pair_last(pair, PAIR_CLIENT)->fields.seq, iss + 2);
	fields.flags = TCP_RST;
	pair_inject(pair, PAIR_CLIENT, &fields, NULL, NULL, 0);
	fields.flags = TCP_RST | TCP_ACK;
	pair_inject(pair, PAIR_CLIENT, &fields, NULL, NULL, 0);
	fields.ack = iss;
	pair_inject(pair, PAIR_CLIENT, &fields, NULL, NULL, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_SENT);
	/* An ACK alone opens nothing. */
	fields.ack = iss + 1;
	fields.flags = TCP_ACK;
	pair_inject(pair, PAIR_CLIENT, &fields, NULL, NULL, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_SENT);
	/* A tiny MSS is not believed: CVE-2019-11479. */
	fields.flags = TCP_SYN | TCP_ACK;
	pair_inject(pair, PAIR_CLIENT, &fields,
		&(struct tcp_options){ .present = TCP_OPTION_MSS, .mss = 1 }, NULL, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_mss, 48);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wnd, 1000);
}

static void
test_abort(void **state)
{
	pair_open(pair);
	tcp_abort(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn);
	pair->ends[PAIR_CLIENT].conn = NULL;
	pair_run_for(pair, SECOND_NS);
	assert_true(pair->ends[PAIR_SERVER].closed);
	assert_int_equal(pair->ends[PAIR_SERVER].error, ECONNRESET);
}

/* FIN-WAIT-2 of what its user has closed does not last, TIME-WAIT neither. */
static void
test_waits_end(void **state)
{
	pair_open(pair);
	close_end(PAIR_CLIENT);
	pair_run_for(pair, 61 * SECOND_NS);
	assert_true(tcp_next_ns(pair->ends[PAIR_CLIENT].core) == UINT64_MAX);
	shut(PAIR_SERVER);
	pair_run_for(pair, SECOND_NS);
	/* Nobody is there any more; in LAST-ACK that is no error. */
	assert_true(pair->ends[PAIR_SERVER].closed);
	assert_true(pair_last(pair, PAIR_CLIENT)->fields.flags & TCP_RST);
}

static void
time_wait_open(void)
{
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	close_end(PAIR_CLIENT);
	pair_run_for(pair, SECOND_NS);
	close_end(PAIR_SERVER);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_time_waits), 1);
}

/* RFC 1337 3; RFC 9293 3.10.7.4: the FIN again is acknowledged again. */
static void
test_time_wait_segments(void **state)
{
	const struct pair_segment *last;
	struct tcp_fields fin;
	unsigned before;

	time_wait_open();
	last = pair_last(pair, PAIR_CLIENT);
	fin = (struct tcp_fields){ .seq = last->fields.ack, .flags = TCP_RST };
	pair_inject(pair, PAIR_CLIENT, &fin, NULL, NULL, 0);
	fin = (struct tcp_fields){
		.seq = last->fields.ack - 1, .ack = last->fields.seq, .flags = TCP_FIN | TCP_ACK
	};
	before = pair->log_count;
	pair_run_for(pair, 30 * SECOND_NS);
	pair_inject(pair, PAIR_CLIENT, &fin, NULL, NULL, 0);
	assert_int_equal(pair->log_count, before + 1);
	assert_int_equal(pair_last(pair, PAIR_CLIENT)->fields.flags, TCP_ACK);
	/* At once again: not, two could answer each other for ever. */
	pair_inject(pair, PAIR_CLIENT, &fin, NULL, NULL, 0);
	assert_int_equal(pair->log_count, before + 1);
	/* The wait began anew. */
	pair_run_for(pair, 50 * SECOND_NS);
	assert_true(tcp_next_ns(pair->ends[PAIR_CLIENT].core) != UINT64_MAX);
	pair_run_for(pair, 11 * SECOND_NS);
	assert_true(tcp_next_ns(pair->ends[PAIR_CLIENT].core) == UINT64_MAX);
}

/* RFC 6191: the same ends again, as the timestamps show that it is new. The one that waits is ours. */
static void
test_time_wait_reused(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	struct tcp_bind bind = { .addr.family = IP_FAMILY_4, .port = 4000 };
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_SERVER);

	time_wait_open();
	assert_int_equal(
		tcp_listen(client->core, &bind, &pair->settings, 4, client, &client->listener), 0);
	assert_int_equal(
		tcp_connect(server->core, &tuple, &pair->settings, server, &server->conn), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_SERVER), TCP_ESTABLISHED);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_time_wait_reused), 1);
}

/* By an administrator: the peer is told by a reset, the user by an error, and then it closes. */
static void
test_kill(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	pair_open(pair);
	tcp_kill(client->core, client->conn);
	pair_run_for(pair, SECOND_NS);
	assert_true(client->closed && server->closed);
	assert_int_equal(client->error, ECONNABORTED);
	assert_int_equal(server->error, ECONNRESET);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_out_rsts), 1);
	/* Once more, when it has ended: nothing happens. */
	tcp_kill(client->core, client->conn);
	close_end(PAIR_CLIENT);
	close_end(PAIR_SERVER);

	/* Before it was there. */
	pair_connect(pair);
	tcp_kill(client->core, client->conn);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->error, ECONNABORTED);
}

/* What a show finds: places with connections and without, listeners, and how many of each. */
static void
test_shown(void **state)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	const struct tcp_tuple tuple = pair_tuple(pair, PAIR_SERVER);
	struct tcp_listener_info infos[2];
	struct tcp_counts counts;
	enum tcp_state brief;
	uint32_t place;

	assert_int_equal(tcp_conn_places(server->core), 0);
	pair_open(pair);
	assert_int_equal(tcp_conn_places(server->core), 1);
	assert_ptr_equal(tcp_conn_at(server->core, 0), server->conn);
	assert_null(tcp_conn_at(server->core, 1));
	assert_int_equal(tcp_listeners(server->core, 0, infos, 2), 1);
	assert_int_equal(infos[0].bind.port, PAIR_PORT);
	assert_int_equal(infos[0].accepted, 0);
	assert_ptr_equal(infos[0].user, server);
	assert_int_equal(tcp_listeners(server->core, 1, infos, 2), 0);
	assert_int_equal(tcp_listeners(server->core, 0, infos, 0), 0);
	tcp_counts(server->core, &counts);
	assert_int_equal(counts.conns, 1);
	assert_int_equal(counts.listeners, 1);
	assert_int_equal(counts.half_open + counts.time_wait, 0);
	/* The handshake's place is there, and nothing is in it any more. */
	assert_int_equal(tcp_brief_next(server->core, 0), 0);
	assert_null(tcp_brief_at(server->core, 0, &brief));
	assert_int_equal(tcp_brief_next(server->core, 1), UINT32_MAX);
	shut(PAIR_SERVER);
	shut(PAIR_CLIENT);
	close_end(PAIR_SERVER);
	pair_run_for(pair, SECOND_NS);
	place = tcp_brief_next(server->core, 1);
	assert_true(place != UINT32_MAX);
	assert_memory_equal(tcp_brief_at(server->core, place, &brief), &tuple, sizeof(tuple));
	assert_int_equal(brief, TCP_TIME_WAIT);
	assert_int_equal(tcp_brief_next(server->core, place + 1), UINT32_MAX);
	pair_run_for(pair, 300 * SECOND_NS);
	assert_null(tcp_brief_at(server->core, place, &brief));
	assert_null(tcp_conn_at(server->core, 0));
	tcp_counts(server->core, &counts);
	assert_int_equal(counts.conns, 0);
}

#define with_pair(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_pair(test_normal_close),
		with_pair(test_simultaneous_close),
		with_pair(test_simultaneous_open),
		with_pair(test_handshake_with_losses),
		with_pair(test_refused),
		with_pair(test_nobody_answers),
		with_pair(test_syn_sent_segments),
		with_pair(test_abort),
		with_pair(test_kill),
		with_pair(test_shown),
		with_pair(test_waits_end),
		with_pair(test_time_wait_segments),
		with_pair(test_time_wait_reused),
		cmocka_unit_test_setup_teardown(
			test_time_wait_is_followed, setup_unstarted, teardown),
		cmocka_unit_test_setup_teardown(
			test_time_wait_is_followed_with_timestamps, setup_unstarted, teardown),
		cmocka_unit_test_setup_teardown(
			test_time_wait_is_not_followed, setup_unstarted, teardown),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
