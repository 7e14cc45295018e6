/* SPDX-License-Identifier: BSD-3-Clause */
/* What users may have in send queues: bounds, which hold for packet buffers, too; and when it is sent. */
#include "unit/tcp/tcp_pair.h"

#include <errno.h>

#define BUFFERS 64
#define OTHERS  20

/* A connection that is about to begin: what is sent waits. */
static struct pair *
opening_pair(uint16_t mtu)
{
	struct pair *pair = pair_create(1);

	pair->config.send_buffers_max = BUFFERS;
	pair->settings.mtu = mtu;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 1U << 20;
	pair->filter = pair_lose_all;
	pair_start(pair);
	pair_connect(pair);
	return pair;
}

static struct tcp_counts
counts_of(const struct pair *pair)
{
	struct tcp_counts counts;

	tcp_counts(pair->ends[PAIR_CLIENT].core, &counts);
	return counts;
}

/* However it ends: those whose data is thrown away are free again. */
static void
end(struct pair *pair)
{
	tcp_abort(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn);
	pair->ends[PAIR_CLIENT].conn = NULL;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(counts_of(pair).send_buffers, 0);
	pair_destroy(pair);
}

static void
test_copied_jumbo_segments(void **state)
{
	struct pair *pair = opening_pair(9000);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint8_t bytes[9000] = { 0 };
	struct tcp_conn *others[OTHERS];
	uint32_t sent = 0;
	int64_t n;

	while ((n = tcp_send(client->core, client->conn, bytes, sizeof(bytes))) > 0)
		sent += (uint32_t)n;
	assert_int_equal(n, -EAGAIN);
	/* Descriptors are not what is missing, and memory that is there is used. */
	assert_true(counts_of(pair).segments < BUFFERS / 4);
	assert_in_range(counts_of(pair).send_buffers, BUFFERS / 2, BUFFERS);
	assert_int_equal(test_pool_in_use(), counts_of(pair).send_buffers);
	assert_true(sent >= BUFFERS / 2 * 1500);
	/* Others get something, as long as there is anything. */
	for (uint16_t i = 0; i < OTHERS; i++) {
		struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

		tuple.remote_port = (uint16_t)(tuple.remote_port + i + 1);
		assert_int_equal(
			tcp_connect(client->core, &tuple, &pair->settings, NULL, &others[i]), 0);
		n = tcp_send(client->core, others[i], bytes, sizeof(bytes));
		assert_true(i > 0 || n > 0);
	}
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(counts_of(pair).send_buffers, BUFFERS);
	assert_int_equal(test_pool_in_use(), BUFFERS);
	for (unsigned i = 0; i < OTHERS; i++)
		tcp_abort(client->core, others[i]);
	end(pair);
}

/* Who has nothing in a queue gets a segment, whatever others have there, and nobody gets a second one. */
static void
test_segment_for_each_while_buffers_are_scarce(void **state)
{
	struct pair *pair = opening_pair(1500);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const uint8_t bytes[9000] = { 0 };
	static const uint8_t many[200000];
	struct tcp_conn *others[BUFFERS / 16 * 3];

	while (tcp_send(client->core, client->conn, many, sizeof(many)) > 0)
		;
	assert_int_equal(counts_of(pair).send_buffers, BUFFERS - RTE_DIM(others));
	for (unsigned i = 0; i < RTE_DIM(others); i++) {
		struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);

		tuple.remote_port = (uint16_t)(tuple.remote_port + i + 1);
		assert_int_equal(
			tcp_connect(client->core, &tuple, &pair->settings, NULL, &others[i]), 0);
		assert_in_range(tcp_send(client->core, others[i], bytes, sizeof(bytes)), 500, 1460);
		assert_int_equal(tcp_send(client->core, others[i], bytes, sizeof(bytes)), -EAGAIN);
	}
	assert_int_equal(counts_of(pair).send_buffers, BUFFERS);
	for (unsigned i = 0; i < RTE_DIM(others); i++)
		tcp_abort(client->core, others[i]);
	end(pair);
}

/* A connection has as much as it may, for a peer that does not read. */
static struct pair *
hoarding_pair(void)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	static const uint8_t bytes[200000];

	pair->config.send_buffers_max = 2 * BUFFERS;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 1U << 20;
	pair->ends[PAIR_SERVER].read_max = 0;
	pair_start(pair);
	pair_open(pair);
	for (unsigned i = 0; i < 10; i++) {
		tcp_send(client->core, client->conn, bytes, sizeof(bytes));
		pair_run_for(pair, 100 * MS_NS);
	}
	assert_in_range(counts_of(pair).send_buffers, 2 * BUFFERS / 8 * 5 + 1, 2 * BUFFERS);
	return pair;
}

/* RFC 6429: a closed window does not keep for ever what others wait for. */
static void
test_zero_window_while_buffers_are_scarce(void **state)
{
	struct pair *pair = hoarding_pair();
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).snd_wnd, 0);
	assert_int_equal(client->error, 0);
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(client->error, ENOBUFS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scarce_drops), 1);
	assert_int_equal(tcp_conn_state(server->conn), TCP_CLOSED);
	end(pair);
}

/* Nor does a peer that is silent; least of all when nobody waits for what it has not taken. */
static void
test_closed_while_buffers_are_scarce(void **state)
{
	struct pair *pair = hoarding_pair();
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	pair->filter = pair_lose_all;
	tcp_close(client->core, client->conn);
	client->conn = NULL;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(counts_of(pair).send_buffers, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, TCP_STAT_scarce_drops), 1);
	pair_destroy(pair);
}

static void
test_jumbo_packets_handed_over(void **state)
{
	struct pair *pair = opening_pair(9000);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint8_t bytes[1500] = { 0 };
	struct rte_mbuf *pkt;
	int n;

	do {
		pkt = test_mbuf(bytes, sizeof(bytes));
		for (unsigned i = 1; i < 5; i++)
			assert_int_equal(
				rte_pktmbuf_chain(pkt, test_mbuf(bytes, sizeof(bytes))), 0);
		n = tcp_send_pkts(client->core, client->conn, &pkt, 1);
	} while (n == 1);
	assert_int_equal(n, -EAGAIN);
	rte_pktmbuf_free(pkt);
	assert_in_range(counts_of(pair).send_buffers, BUFFERS / 2, BUFFERS);
	assert_int_equal(test_pool_in_use(), counts_of(pair).send_buffers);
	end(pair);
}

static struct rte_mbuf *
pattern_pkt(unsigned buffers)
{
	struct rte_mbuf *pkt = NULL;
	uint8_t bytes[1500];

	for (unsigned i = 0; i < buffers; i++) {
		struct rte_mbuf *m;

		for (unsigned j = 0; j < sizeof(bytes); j++)
			bytes[j] = pair_pattern(PAIR_CLIENT, i * sizeof(bytes) + j);
		m = test_mbuf(bytes, sizeof(bytes));
		if (pkt == NULL)
			pkt = m;
		else
			assert_int_equal(rte_pktmbuf_chain(pkt, m), 0);
	}
	return pkt;
}

/* It is taken piece by piece, whenever there is room: who is told so never tries in vain. */
static void
pkt_send_in_pieces(struct pair *pair, struct rte_mbuf *pkt)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint32_t length = pkt->pkt_len;
	unsigned tries = 0;
	int n;

	while ((n = tcp_send_pkts(client->core, client->conn, &pkt, 1)) == -EAGAIN) {
		uint32_t left = pkt->pkt_len;

		assert_true(++tries < 10 && left < length);
		client->events = 0;
		pair_run_for(pair, SECOND_NS);
		assert_true(client->events & TCP_EVENT_WRITABLE);
	}
	assert_int_equal(n, 1);
	assert_true(tries > 0);
	pair_run_for(pair, SECOND_NS);
}

static void
test_packet_larger_than_the_buffer(void **state)
{
	struct pair *pair = pair_create(1);

	pair->settings.send_buffer = pair->settings.send_buffer_max = 4096;
	pair_start(pair);
	pair_open(pair);
	pkt_send_in_pieces(pair, pattern_pkt(10));
	assert_int_equal(pair->ends[PAIR_SERVER].received, 15000);
	assert_true(pair->ends[PAIR_SERVER].intact);
	pair_destroy(pair);
}

/* The buffer of one that tuning has made large would hold it, but not so much that was never sent. */
static void
test_packet_larger_than_what_may_wait(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	const unsigned buffers = 100;

	pair->settings.send_buffer_max = 4U << 20;
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 1U << 19;
	client->to_send = 2U << 20;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(server->received, client->to_send);
	assert_true(pair_info(pair, PAIR_CLIENT).send_buffer > buffers * 1500);
	server->received = 0;
	pkt_send_in_pieces(pair, pattern_pkt(buffers));
	assert_int_equal(server->received, buffers * 1500);
	assert_true(server->intact);
	pair_destroy(pair);
}

/* Packets that can be sent as they are, each larger than the buffer: one, and no more. */
static void
test_buffer_smaller_than_a_segment(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint8_t bytes[1000] = { 0 };
	struct rte_mbuf *pkts[2] = { test_mbuf(bytes, sizeof(bytes)),
		test_mbuf(bytes, sizeof(bytes)) };

	pair->settings.send_buffer = pair->settings.send_buffer_max = 600;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(tcp_send_pkts(client->core, client->conn, pkts, 2), 1);
	assert_int_equal(tcp_unacked(client->conn), 1000);
	client->events = 0;
	pair_run_for(pair, SECOND_NS);
	assert_true(client->events & TCP_EVENT_WRITABLE);
	assert_int_equal(tcp_send_pkts(client->core, client->conn, pkts + 1, 1), 1);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 2000);
	pair_destroy(pair);
}

/* ---- who is told that there is room finds it ---- */

static bool
is_ready(const struct pair_end *end)
{
	return (tcp_ready(end->core, end->conn) & TCP_EVENT_WRITABLE) != 0;
}

/* Each byte in a segment of its own takes more of the buffer than a byte. */
static void
test_room_for_small_segments(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const uint8_t byte = 0;
	unsigned told = 0;
	uint32_t sent = 0;

	pair->settings.nodelay = true;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 8192;
	pair_start(pair);
	pair_open(pair);
	while (told < 20) {
		while (tcp_send(client->core, client->conn, &byte, 1) == 1) {
			sent++;
			pair_run_for(pair, MS_NS);
		}
		assert_false(is_ready(client));
		client->events = 0;
		for (unsigned i = 0; i < 100 && !(client->events & TCP_EVENT_WRITABLE); i++)
			pair_run_for(pair, MS_NS);
		assert_true(is_ready(client));
		told++;
		/* A third of the buffer is worth it. */
		for (unsigned i = 0; i < 8192 / 3 / 512; i++, sent++) {
			assert_int_equal(tcp_send(client->core, client->conn, &byte, 1), 1);
			pair_run_for(pair, 1);
		}
	}
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, sent);
	pair_destroy(pair);
}

/* A packet that fits whole is taken whole: a third of the buffer is not enough for it. */
static void
test_room_for_a_packet(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	pair->settings.nodelay = true;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 8192;
	pair_start(pair);
	pair_open(pair);
	for (unsigned i = 0; i < 20; i++) {
		struct rte_mbuf *pkt;

		/* These are acknowledged one after the other. */
		for (unsigned j = 0; j < 2; j++) {
			pkt = pattern_pkt(2);
			assert_int_equal(tcp_send_pkts(client->core, client->conn, &pkt, 1), 1);
			pair_run_for(pair, 2 * MS_NS);
		}
		pkt = pattern_pkt(4);
		assert_int_equal(tcp_send_pkts(client->core, client->conn, &pkt, 1), -EAGAIN);
		client->events = 0;
		for (unsigned j = 0; j < 100 && !(client->events & TCP_EVENT_WRITABLE); j++)
			pair_run_for(pair, MS_NS);
		assert_int_equal(tcp_send_pkts(client->core, client->conn, &pkt, 1), 1);
		pair_run_for(pair, SECOND_NS);
	}
	assert_int_equal(pair->ends[PAIR_SERVER].received, 20 * 12000);
	pair_destroy(pair);
}

/* While buffers are scarce others have, who has much to send waits until he may send again. */
static void
test_room_while_buffers_are_scarce(void **state)
{
	struct pair *pair = pair_create(1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct tcp_tuple tuple = pair_tuple(pair, PAIR_CLIENT);
	const uint8_t bytes[3000] = { 0 };
	struct tcp_conn *other;

	pair->config.send_buffers_max = 4 * BUFFERS;
	pair->settings.send_buffer = pair->settings.send_buffer_max = 1U << 20;
	pair_start(pair);
	pair_open(pair);
	/* Of somebody who does not answer. */
	tuple.remote[3] = 77;
	assert_int_equal(tcp_connect(client->core, &tuple, &pair->settings, NULL, &other), 0);
	while (tcp_send(client->core, other, bytes, sizeof(bytes)) > 0)
		;
	assert_true(counts_of(pair).send_buffers > 3 * BUFFERS);
	for (unsigned i = 0; i < 20; i++) {
		while (tcp_send(client->core, client->conn, bytes, sizeof(bytes)) > 0)
			;
		assert_false(is_ready(client));
		client->events = 0;
		for (unsigned j = 0; j < 100 && !(client->events & TCP_EVENT_WRITABLE); j++)
			pair_run_for(pair, MS_NS);
		assert_true(tcp_send(client->core, client->conn, bytes, sizeof(bytes)) > 0);
	}
	tcp_abort(client->core, other);
	end(pair);
}

/* WRITABLE says that it is connected (lib/sock/sock.h): who found no memory before is not told sooner. */
static void
test_not_writable_before_it_is_connected(void **state)
{
	struct pair *pair = opening_pair(1500);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	uint8_t bytes[9000] = { 0 };

	while (tcp_send(client->core, client->conn, bytes, sizeof(bytes)) > 0)
		;
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_SYN_SENT);
	assert_false(client->events & TCP_EVENT_WRITABLE);
	pair->filter = NULL;
	pair_listen(pair, 1);
	pair_run_for(pair, 4 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), TCP_ESTABLISHED);
	assert_true(client->events & TCP_EVENT_WRITABLE);
	end(pair);
}

/* ---- how much waits to be sent ---- */

struct unsent_seen {
	uint32_t unsent, buffer; /* the most */
	uint32_t small; /* segments that are not full */
};

static bool
unsent_note(struct pair *pair, const struct pair_segment *segment)
{
	struct unsent_seen *seen = pair->filter_state;
	struct tcp_info info;

	if (segment->from != PAIR_CLIENT || segment->length == 0)
		return true;
	tcp_info(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].conn, &info);
	seen->unsent = RTE_MAX(seen->unsent, info.unsent);
	seen->buffer = RTE_MAX(seen->buffer, info.send_buffer);
	seen->small += segment->length < info.snd_mss;
	return true;
}

/* A stream whose window grows to some hundred segments. @param most its buffer may have */
static struct unsent_seen
stream_run(uint32_t buffer, uint32_t most)
{
	struct pair *pair = pair_create(1);
	struct unsent_seen seen = { 0 };

	pair->settings.nodelay = true;
	pair->settings.send_buffer = buffer;
	pair->settings.send_buffer_max = most;
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 1U << 19;
	pair->link.delay_ns = 5 * MS_NS;
	pair->filter = unsent_note;
	pair->filter_state = &seen;
	pair->ends[PAIR_CLIENT].to_send = 4U << 20;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 3 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 4U << 20);
	assert_true(pair->ends[PAIR_SERVER].intact);
	pair->filter = NULL;
	pair_destroy(pair);
	return seen;
}

static void
test_buffer_that_grows_holds_little_unsent(void **state)
{
	const struct unsent_seen seen = stream_run(65536, 4U << 20);

	assert_true(seen.buffer > 1U << 19);
	assert_in_range(seen.unsent, 65536, 131072);
	/* What waits is in whole segments, so that none leaves small but the last. */
	assert_in_range(seen.small, 0, 2);
}

static void
test_buffer_that_its_user_wants_is_filled(void **state)
{
	const struct unsent_seen seen = stream_run(1U << 20, 1U << 20);

	assert_int_equal(seen.buffer, 1U << 20);
	assert_true(seen.unsent > 1U << 19);
}

/* Where the buffer is what limits, it is kept full: in each round trip nearly all of it is acknowledged. */
static void
test_buffer_that_has_grown_is_used(void **state)
{
	struct pair *pair = pair_create(1);
	const uint32_t most = 640U << 10;
	uint64_t before;

	pair->config.segments_max = 1000;
	pair->settings.send_buffer_max = most;
	pair->settings.receive_buffer = pair->settings.receive_buffer_max = 2U << 20;
	pair->link.delay_ns = 50 * MS_NS;
	pair->ends[PAIR_CLIENT].to_send = 64U << 20;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).send_buffer, most);
	before = pair->ends[PAIR_SERVER].received;
	pair_run_for(pair, SECOND_NS);
	assert_in_range(
		pair->ends[PAIR_SERVER].received - before, 10ULL * most / 100 * 88, 10ULL * most);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copied_jumbo_segments),
		cmocka_unit_test(test_segment_for_each_while_buffers_are_scarce),
		cmocka_unit_test(test_zero_window_while_buffers_are_scarce),
		cmocka_unit_test(test_closed_while_buffers_are_scarce),
		cmocka_unit_test(test_jumbo_packets_handed_over),
		cmocka_unit_test(test_not_writable_before_it_is_connected),
		cmocka_unit_test(test_packet_larger_than_the_buffer),
		cmocka_unit_test(test_packet_larger_than_what_may_wait),
		cmocka_unit_test(test_buffer_smaller_than_a_segment),
		cmocka_unit_test(test_room_for_small_segments),
		cmocka_unit_test(test_room_for_a_packet),
		cmocka_unit_test(test_room_while_buffers_are_scarce),
		cmocka_unit_test(test_buffer_that_grows_holds_little_unsent),
		cmocka_unit_test(test_buffer_that_its_user_wants_is_filled),
		cmocka_unit_test(test_buffer_that_has_grown_is_used),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
