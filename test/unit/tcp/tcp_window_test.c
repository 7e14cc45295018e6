/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows that close and open, silly ones, Nagle, delayed ACKs, keep-alives: RFC 9293 3.7.4, 3.8. */
#include "unit/tcp/tcp_pair.h"

#include <errno.h>

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

static void
open_pair(void)
{
	pair_start(pair);
	pair_open(pair);
	/* The quick ACKs of the start are used up. */
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned end = 0; end < 2; end++) {
			uint8_t byte = pair_pattern(end, pair->ends[end].sent++);

			assert_int_equal(
				tcp_send(pair->ends[end].core, pair->ends[end].conn, &byte, 1), 1);
			pair_run_for(pair, 500 * MS_NS);
		}
	}
}

static void
client_send(uint32_t length)
{
	struct pair_end *end = &pair->ends[PAIR_CLIENT];

	for (uint32_t i = 0; i < length; i++) {
		uint8_t byte = pair_pattern(PAIR_CLIENT, end->sent++);

		assert_int_equal(tcp_send(end->core, end->conn, &byte, 1), 1);
	}
}

/*
 * RFC 9293 3.8.6.1, MUST-37: a peer that answers probes is not left, however short its user timeout is
 * (RFC 5482); but the user's own ends it.
 */
static void
test_zero_window_and_user_timeouts(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	pair->settings.adv_uto = true;
	pair->ends[PAIR_SERVER].read_max = 1000;
	client->to_send = 200000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 2000 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_true(pair_stat(pair, PAIR_CLIENT, TCP_STAT_zero_window_probes) > 0);
	pair->settings.user_timeout_ms = 10000;
	tcp_settings_set(client->core, client->conn, &pair->settings);
	pair_run_for(pair, 200 * SECOND_NS);
	assert_int_equal(client->error, ETIMEDOUT);
}

/* RFC 5482, MUST-37: the window was closed for longer than the user timeout, and opens. */
static void
test_opened_after_user_timeout(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	uint8_t bytes[100];

	/* No tail loss probe comes before the time-out. */
	pair->link.delay_ns = 150 * MS_NS;
	pair->settings.adv_uto = true;
	server->read_max = 1000;
	client->to_send = 200000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 2000 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wnd, 0);
	for (int64_t n; (n = tcp_recv(server->core, server->conn, bytes, sizeof(bytes))) > 0;)
		server->received += (uint64_t)n;
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(client->error, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
}

/* The reader stops, the window closes, probes go on, it opens. */
static void
test_zero_window(void **state)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];

	server->read_max = 1000;
	pair->ends[PAIR_CLIENT].to_send = 200000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(server->received, 1000);
	/* What was offered at first, less what was read. */
	assert_int_equal(pair_info(pair, PAIR_SERVER).unread, 65535 - 1000);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wnd, 0);
	assert_true(pair_stat(pair, PAIR_CLIENT, TCP_STAT_zero_window_probes) > 5);
	/* Not a sign of congestion. */
	assert_int_equal(pair_info(pair, PAIR_CLIENT).timeouts, 0);
	assert_true(pair_info(pair, PAIR_CLIENT).receiver_limited_us > 100000000);
	server->read_max = UINT64_MAX;
	/* It reads, and the next segment brings the event that has it go on. */
	uint8_t bytes[100];

	assert_int_equal(tcp_recv(server->core, server->conn, bytes, sizeof(bytes)), 100);
	server->received += 100;
	while (server->received < 200000) {
		int64_t ret = tcp_recv(server->core, server->conn, bytes, sizeof(bytes));

		if (ret > 0) {
			for (int64_t i = 0; i < ret; i++)
				assert_int_equal(bytes[i],
					pair_pattern(PAIR_CLIENT, server->received + (uint64_t)i));
			server->received += (uint64_t)ret;
		} else {
			assert_int_equal(ret, -EAGAIN);
			pair_run_for(pair, SECOND_NS);
		}
	}
	assert_true(server->intact);
}

/* RFC 9293 3.10.7.4: while a window is closed, and probed, data, its acknowledgment and a reset come back. */
static void
test_other_way_of_a_zero_window(void **state)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	server->read_max = 0;
	client->to_send = 200000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wnd, 0);
	assert_true(pair_stat(pair, PAIR_CLIENT, TCP_STAT_zero_window_probes) > 1);
	for (unsigned i = 0; i < 10; i++) {
		uint8_t bytes[1000];

		for (unsigned j = 0; j < sizeof(bytes); j++)
			bytes[j] = pair_pattern(PAIR_SERVER, server->sent++);
		assert_int_equal(
			tcp_send(server->core, server->conn, bytes, sizeof(bytes)), sizeof(bytes));
		pair_run_for(pair, SECOND_NS);
	}
	assert_int_equal(client->received, 10000);
	assert_int_equal(pair_info(pair, PAIR_SERVER).bytes_acked, 10000);
	assert_int_equal(pair_info(pair, PAIR_SERVER).retransmits, 0);
	tcp_kill(client->core, client->conn);
	pair_run_for(pair, SECOND_NS);
	assert_true(pair_last(pair, PAIR_CLIENT)->fields.flags & TCP_RST);
	assert_int_equal(server->error, ECONNRESET);
}

/* RFC 9293 3.8.6.2.2: no small windows are offered as it is read byte by byte. */
static void
test_no_silly_window(void **state)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	unsigned before;
	uint8_t byte;

	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 10000;
	server->read_max = 0;
	pair->ends[PAIR_CLIENT].to_send = 30000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_wnd, 0);
	before = server->segments_sent;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(tcp_recv(server->core, server->conn, &byte, 1), 1);
	pair_run_for(pair, MS_NS);
	assert_int_equal(server->segments_sent, before);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(tcp_recv(server->core, server->conn, &byte, 1), 1);
	pair_run_for(pair, MS_NS);
	assert_int_equal(server->segments_sent, before + 1);
	assert_true(pair_last(pair, PAIR_SERVER)->fields.window >= 1448);
}

/* RFC 9293 3.7.4: one small segment at a time, unless the user asks otherwise. */
static void
test_nagle(void **state)
{
	for (unsigned nodelay = 0; nodelay < 2; nodelay++) {
		struct pair *other = pair;
		unsigned before;

		if (nodelay)
			pair = pair_create(2);
		pair->settings.nodelay = nodelay;
		open_pair();
		before = pair->ends[PAIR_CLIENT].segments_sent;
		for (unsigned i = 0; i < 5; i++) {
			client_send(10);
			pair_run_for(pair, MS_NS);
		}
		assert_int_equal(pair->ends[PAIR_CLIENT].segments_sent - before, nodelay ? 5 : 1);
		pair_run_for(pair, SECOND_NS);
		assert_int_equal(pair->ends[PAIR_CLIENT].segments_sent - before, nodelay ? 5 : 2);
		assert_int_equal(pair->ends[PAIR_SERVER].received, 20 + 50);
		if (nodelay) {
			pair_destroy(pair);
			pair = other;
		}
	}
}

/* RFC 9293 3.8.6.3: an ACK waits a moment, but the second full segment does not. */
static void
test_delayed_acks(void **state)
{
	unsigned before;

	open_pair();
	before = pair->ends[PAIR_SERVER].segments_sent;
	client_send(10);
	pair_run_for(pair, pair->link.delay_ns + 30 * MS_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].segments_sent, before);
	pair_run_for(pair, 20 * MS_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].segments_sent, before + 1);
	client_send(4 * 1448);
	pair_run_for(pair, pair->link.delay_ns + MS_NS);
	/* Four came in one burst: one ACK for all of them. */
	assert_int_equal(pair->ends[PAIR_SERVER].segments_sent, before + 2);
}

/* An answer carries the ACK. */
static void
test_ack_rides_on_data(void **state)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	unsigned before;

	open_pair();
	before = server->segments_sent;
	client_send(10);
	pair_run_for(pair, pair->link.delay_ns + MS_NS);
	assert_int_equal(tcp_send(server->core, server->conn, "y", 1), 1);
	pair_run_for(pair, MS_NS);
	assert_int_equal(server->segments_sent, before + 1);
	assert_int_equal(pair_last(pair, PAIR_SERVER)->length, 1);
	pair_run_for(pair, 200 * MS_NS);
	assert_int_equal(server->segments_sent, before + 1);
}

/* RFC 9293 3.8.4 */
static void
test_keepalive(void **state)
{
	pair->settings.keepalive_idle_ms = 7200000;
	pair->settings.keepalive_interval_ms = 10000;
	pair->settings.keepalive_count = 3;
	open_pair();
	/* The peer answers: for a day. */
	pair_run_for(pair, 86400 * SECOND_NS);
	assert_in_range(pair_stat(pair, PAIR_CLIENT, TCP_STAT_keepalives), 5, 12);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	/* It does not. */
	pair->filter = pair_lose_all;
	pair_run_for(pair, 7300 * SECOND_NS);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ETIMEDOUT);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_keepalive_drops), 1);
}

static bool
lose_first_syn_ack(struct pair *p, const struct pair_segment *segment)
{
	unsigned *lost = p->filter_state;

	return segment->from != PAIR_SERVER || (*lost)++ > 0;
}

static void
receive_much(void)
{
	pair->settings.receive_buffer = 16384;
	pair->settings.receive_buffer_max = 262144;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 262144;
	pair->ends[PAIR_CLIENT].to_send = 3000000;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 3000000);
	assert_true(pair_info(pair, PAIR_SERVER).receive_buffer > 65536);
	assert_true(pair_info(pair, PAIR_SERVER).receive_buffer <= 262144);
}

/* The receive buffer follows what is read, as far as it may. */
static void
test_receive_buffer_grows(void **state)
{
	receive_much();
}

/* ... also of who sends nothing that could be timed, and had to send its SYN-ACK again. */
static void
test_receive_buffer_grows_untimed(void **state)
{
	unsigned lost = 0;

	pair->config.timestamps = false;
	pair->filter = lose_first_syn_ack;
	pair->filter_state = &lost;
	receive_much();
	assert_int_equal(pair_info(pair, PAIR_SERVER).srtt_us, 0);
}

static bool
lose_five(struct pair *p, const struct pair_segment *segment)
{
	unsigned *left = p->filter_state;

	if (segment->from != PAIR_CLIENT || segment->length == 0 || *left == 0)
		return true;
	--*left;
	return false;
}

/*
 * No window is offered that could not be kept behind a gap; and what fills the gap finds room, all
 * that comes at once of it.
 */
static void
test_gap_with_little_memory(void **state)
{
	unsigned left = 0;

	pair->config.received_max = 60000;
	pair->settings.receive_buffer = 16384;
	pair->settings.receive_buffer_max = 262144;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 262144;
	pair->ends[PAIR_CLIENT].to_send = 2000000;
	pair->filter = lose_five;
	pair->filter_state = &left;
	pair_start(pair);
	pair_listen(pair, 4);
	pair_connect(pair);
	for (unsigned i = 0; i < 5; i++) {
		pair_run_for(pair, 100 * MS_NS);
		left = 5;
	}
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 2000000);
	assert_true(pair->ends[PAIR_SERVER].intact);
	assert_int_equal(pair_info(pair, PAIR_SERVER).receive_buffer, 45000);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, TCP_STAT_received_full), 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).retransmits, 25);
}

#define with_pair(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_pair(test_zero_window),
		with_pair(test_opened_after_user_timeout),
		with_pair(test_zero_window_and_user_timeouts),
		with_pair(test_other_way_of_a_zero_window),
		with_pair(test_no_silly_window),
		with_pair(test_nagle),
		with_pair(test_delayed_acks),
		with_pair(test_ack_rides_on_data),
		with_pair(test_keepalive),
		with_pair(test_receive_buffer_grows),
		with_pair(test_receive_buffer_grows_untimed),
		with_pair(test_gap_with_little_memory),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
