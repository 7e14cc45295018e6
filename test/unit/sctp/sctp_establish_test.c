/* SPDX-License-Identifier: BSD-3-Clause */
/* How associations begin: the handshake, its losses, both at once, restarts, and cookies. */
#include "unit/sctp/sctp_pair.h"

static bool
filter_type(const struct pair_packet *packet, uint8_t type)
{
	return packet->chunks.left > 0 && packet->chunks.at[0] == type;
}

/* RFC 9260 5.1: nothing is kept before COOKIE ECHO, and both ends agree afterwards. */
static void
test_handshake(void **state)
{
	struct pair *pair = pair_create(1);
	struct sctp_counts counts;
	struct sctp_info client, server;

	(void)state;
	pair->settings.out_streams = 20;
	pair->settings.in_streams = 12;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_WAIT);
	pair_run_for(pair, 25 * MS_NS);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_int_equal(counts.assocs, 0);
	pair_run_for(pair, 25 * MS_NS);
	client = pair_info(pair, PAIR_CLIENT);
	server = pair_info(pair, PAIR_SERVER);
	assert_int_equal(client.state, SCTP_ESTABLISHED);
	assert_int_equal(server.state, SCTP_ESTABLISHED);
	assert_int_equal(client.local_tag, server.peer_tag);
	assert_int_equal(client.peer_tag, server.local_tag);
	assert_int_equal(client.out_streams, 12);
	assert_int_equal(server.in_streams, 12);
	assert_int_equal(client.next_tsn - 1, server.rcv_cum_tsn);
	assert_int_equal(pair->ends[PAIR_CLIENT].notices[SCTP_NOTICE_UP], 1);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_active_estabs), 1);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_passive_estabs), 1);
	pair_destroy(pair);
}

/* Both have agreed on what both offer, and on nothing that lacks what it needs. */
static void
test_extensions(void **state)
{
	static const struct {
		uint16_t client, server, agreed;
	} cases[] = {
		{ 0, UINT16_MAX, 0 },
		{ SCTP_EXT_RE_CONFIG | SCTP_EXT_FORWARD_TSN, SCTP_EXT_FORWARD_TSN | SCTP_EXT_I_DATA,
			SCTP_EXT_FORWARD_TSN },
		{ SCTP_EXT_ASCONF | SCTP_EXT_RE_CONFIG, SCTP_EXT_ASCONF | SCTP_EXT_RE_CONFIG,
			SCTP_EXT_RE_CONFIG },
		{ SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN,
			SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN,
			SCTP_EXT_I_DATA | SCTP_EXT_I_FORWARD_TSN },
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		struct pair *pair = pair_create(10 + i);

		pair_start(pair);
		pair->settings.extensions = cases[i].server;
		pair_listen(pair);
		pair->settings.extensions = cases[i].client;
		pair_connect(pair);
		pair_run_for(pair, SECOND_NS);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).extensions, cases[i].agreed);
		assert_int_equal(pair_info(pair, PAIR_SERVER).extensions, cases[i].agreed);
		pair_destroy(pair);
	}
}

static bool
lose_first(struct pair *pair, const struct pair_packet *packet)
{
	static const uint8_t types[] = { SCTP_INIT, SCTP_INIT_ACK, SCTP_COOKIE_ECHO,
		SCTP_COOKIE_ACK };

	for (unsigned i = 0; i < RTE_DIM(types); i++) {
		if (filter_type(packet, types[i]) && !(pair->filter_state & 1U << i)) {
			pair->filter_state |= 1U << i;
			return false;
		}
	}
	return true;
}

/* Each of its four packets is lost once: T1. */
static void
test_handshake_losses(void **state)
{
	struct pair *pair = pair_create(2);

	(void)state;
	pair->filter = lose_first;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_t1_expireds), 4);
	pair_destroy(pair);
}

/* Max.Init.Retransmits, and an ABORT from a port that nobody listens on. */
static void
test_nobody(void **state)
{
	struct pair *pair = pair_create(3);

	(void)state;
	pair_start(pair);
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS / 10);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ECONNREFUSED);
	sctp_close(pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].assoc);
	pair->ends[PAIR_CLIENT].assoc = NULL;
	pair->links[0].cut = true;
	pair_run_for(pair, SECOND_NS / 10);
	pair->ends[PAIR_CLIENT].closed = false;
	pair_connect(pair);
	pair_run_for(pair, 1000 * SECOND_NS);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ETIMEDOUT);
	/* The first INIT, one that was refused before, and eight more. */
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_INIT], 10);
	pair_destroy(pair);
}

/* RFC 9260 5.2.1: both begin at once, and one association comes of it. */
static void
test_simultaneous(void **state)
{
	struct pair *pair = pair_create(4);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_bind from = pair_bind(pair, PAIR_SERVER), to = pair_bind(pair, PAIR_CLIENT);

	(void)state;
	pair_start(pair);
	pair_connect(pair);
	assert_int_equal(
		sctp_connect(server->core, &from, &to, &pair->settings, server, &server->assoc), 0);
	pair_run_for(pair, SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair_state(pair, i), SCTP_ESTABLISHED);
		assert_int_equal(pair->ends[i].notices[SCTP_NOTICE_UP], 1);
		pair->ends[i].to_send = 50;
	}
	assert_int_equal(pair_info(pair, 0).local_tag, pair_info(pair, 1).peer_tag);
	assert_int_equal(pair_info(pair, 1).local_tag, pair_info(pair, 0).peer_tag);
	pair_run_messages(pair, 20 * SECOND_NS);
	pair_destroy(pair);
}

/* RFC 9260 5.2.2, 5.2.4.1: the client has lost its state, and begins again. */
static void
test_restart(void **state)
{
	struct pair *pair = pair_create(5);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	uint32_t tag;

	(void)state;
	pair_start(pair);
	pair_open(pair);
	client->to_send = 20;
	pair_run_messages(pair, 10 * SECOND_NS);
	tag = pair_info(pair, PAIR_SERVER).local_tag;
	sctp_core_destroy(client->core);
	assert_int_equal(sctp_core_create(&pair->config, pair->now_ns, &client->core), 0);
	client->to_send = client->sent = server->received = 0;
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(server->notices[SCTP_NOTICE_RESTART], 1);
	assert_int_not_equal(pair_info(pair, PAIR_SERVER).local_tag, tag);
	client->to_send = server->to_send = 20;
	pair_run_messages(pair, 10 * SECOND_NS);
	pair_destroy(pair);
}

/* A cookie that comes again, is changed, or comes too late: RFC 9260 5.1.5, 5.2.4, 5.2.6. */
static void
test_cookies(void **state)
{
	struct pair *pair = pair_create(6);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_counts counts;
	uint32_t vtag;

	(void)state;
	pair_start(pair);
	pair_open(pair);
	vtag = pair->cookie_fields.vtag;
	/* Of an association that there is: the ACK again. */
	pair_inject(pair, PAIR_SERVER, vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_COOKIE_ACK], 2);
	sctp_abort(server->core, server->assoc, NULL, 0);
	server->assoc = NULL;
	pair_run_for(pair, SECOND_NS);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	/* Each byte of it counts. */
	for (uint32_t i = 0; i < pair->cookie_length; i++) {
		pair->cookie[i] ^= 0x40;
		pair_inject(pair, PAIR_SERVER, vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
			(uint16_t)pair->cookie_length);
		pair->cookie[i] ^= 0x40;
	}
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_cookies_bad), pair->cookie_length);
	for (uint16_t cut = 0; cut < pair->cookie_length; cut++)
		pair_inject(pair, PAIR_SERVER, vtag, SCTP_COOKIE_ECHO, 0, pair->cookie, cut);
	pair_inject(pair, PAIR_SERVER, vtag + 1, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	assert_int_equal(
		pair_stat(pair, PAIR_SERVER, SCTP_STAT_cookies_bad), 2 * pair->cookie_length + 1);
	pair_run_for(pair, 70 * SECOND_NS);
	pair_inject(pair, PAIR_SERVER, vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_cookies_stale), 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 1);
	sctp_counts(server->core, &counts);
	assert_int_equal(counts.assocs, 0);
	pair_destroy(pair);
}

/* RFC 9260 5.1.1: what waits for streams that the peer does not take has failed; the rest goes. */
static void
test_refused_streams(void **state)
{
	struct pair *pair = pair_create(20);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	pair_start(pair);
	pair->settings.in_streams = 4;
	pair_listen(pair);
	pair->settings.out_streams = UINT16_MAX;
	pair_connect(pair);
	client->to_send = PAIR_STREAMS;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).out_streams, 4);
	assert_int_equal(client->notices[SCTP_NOTICE_SEND_FAILED], PAIR_STREAMS - 4);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 4);
	assert_false(pair->ends[PAIR_SERVER].bad);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_stream), 0);
	pair_destroy(pair);
}

static bool
delay_cookie(struct pair *pair, const struct pair_packet *packet)
{
	return pair->filter_state >= 3 || !filter_type(packet, SCTP_COOKIE_ECHO) ||
		++pair->filter_state >= 3;
}

/* RFC 9260 5.2.6: a cookie that grew old on its way; the next one is asked to live longer. */
static void
test_stale_cookie(void **state)
{
	struct pair *pair = pair_create(7);

	(void)state;
	pair->settings.cookie_life_ms = 500;
	pair->filter = delay_cookie;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	pair_run_for(pair, 30 * SECOND_NS);
	assert_true(pair_stat(pair, PAIR_SERVER, SCTP_STAT_cookies_stale) >= 1);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* RFC 9260 5.1.2: addresses of both families, and each is asked before it is used, one an RTO: 5.4. */
static void
test_addresses(void **state)
{
	struct pair *pair = pair_create(8);
	struct sctp_path_info info;

	(void)state;
	pair->link_count = 4;
	pair->ip6 = true;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 4 * SECOND_NS);
	for (unsigned end = 0; end < 2; end++) {
		assert_int_equal(pair_info(pair, end).path_count, 4);
		for (unsigned i = 0; i < 4; i++) {
			assert_true(sctp_path_info(pair->ends[end].assoc, i, &info));
			assert_int_equal(info.state, SCTP_PATH_ACTIVE);
			assert_int_equal(info.local.family, info.remote.family);
		}
	}
	pair_destroy(pair);
}

/* A flood of INITs, each answered, leaves nothing behind; what cannot be is refused. */
static void
test_init_flood(void **state)
{
	struct pair *pair = pair_create(9);
	struct sctp_counts counts;
	uint8_t init[16] = { 1, 2, 3, 4, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 9 };

	(void)state;
	pair_start(pair);
	pair_listen(pair);
	for (unsigned i = 0; i < 300; i++) {
		init[15] = (uint8_t)i;
		pair_inject(pair, PAIR_SERVER, 0, SCTP_INIT, 0, init, sizeof(init));
		pair_run_for(pair, 20 * MS_NS);
	}
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_INIT_ACK], 300);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_int_equal(counts.assocs + counts.paths + counts.chunks, 0);
	/* RFC 9260 3.3.2: no streams, no window; no tag, cut off, a tag of the packet: no answer. */
	init[8] = init[9] = 0;
	pair_inject(pair, PAIR_SERVER, 0, SCTP_INIT, 0, init, sizeof(init));
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 1);
	init[9] = 1;
	init[5] = 0;
	pair_inject(pair, PAIR_SERVER, 0, SCTP_INIT, 0, init, sizeof(init));
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 2);
	init[5] = 1;
	memset(init, 0, 4);
	pair_inject(pair, PAIR_SERVER, 0, SCTP_INIT, 0, init, sizeof(init));
	init[0] = 1;
	pair_inject(pair, PAIR_SERVER, 0, SCTP_INIT, 0, init, sizeof(init) - 1);
	pair_inject(pair, PAIR_SERVER, 77, SCTP_INIT, 0, init, sizeof(init));
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 2);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_INIT_ACK], 300);
	pair_destroy(pair);
}

#define OTHER_TAG 0x01020304

/* What a peer's other INIT, with this many streams to it, was answered by. */
struct other {
	struct sctp_fields fields; /* of the COOKIE ECHO that would follow */
	uint8_t cookie[512];
	uint16_t cookie_length;
};

static struct other
other_init(struct pair *pair, unsigned to, uint8_t in_streams)
{
	const uint8_t bytes[16] = { 1, 2, 3, 4, 0, 1, 0, 0, 0, 10, 0, in_streams, 0, 0, 0, 9 };
	struct other other = { .cookie_length = 0 };
	struct sctp_cursor cursor;
	struct sctp_chunk chunk;
	struct sctp_init init;

	pair_inject(pair, to, 0, SCTP_INIT, 0, bytes, sizeof(bytes));
	cursor = pair->last_chunks[to];
	assert_int_equal(sctp_chunk_next(&cursor, &chunk), 1);
	assert_int_equal(chunk.type, SCTP_INIT_ACK);
	assert_int_equal(sctp_init_parse(&chunk, &init), 0);
	other.fields.vtag = init.initiate_tag;
	assert_true(init.cookie_length <= sizeof(other.cookie));
	memcpy(other.cookie, init.cookie, init.cookie_length);
	other.cookie_length = init.cookie_length;
	return other;
}

static void
other_cookie(struct pair *pair, unsigned to, const struct other *other)
{
	pair_inject(pair, to, other->fields.vtag, SCTP_COOKIE_ECHO, 0, other->cookie,
		other->cookie_length);
}

static bool
lose_cookies(struct pair *pair, const struct pair_packet *packet)
{
	return pair->filter_state != 0 || !filter_type(packet, SCTP_COOKIE_ECHO);
}

/* RFC 9260 5.2.4 B: once it is up, a cookie of before changes its tag, and nothing that was agreed. */
static void
test_late_collision(void **state)
{
	static const uint8_t data[20000];
	struct pair *pair = pair_create(21);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct sctp_message message = { .stream = 1 };
	struct other other;

	(void)state;
	pair->filter = lose_cookies;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_ECHOED);
	other = other_init(pair, PAIR_CLIENT, 1);
	pair->filter_state = 1;
	pair_run_for(pair, 3 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(sctp_send(client->core, client->assoc, &message, data, sizeof(data)), 0);
	pair_run_for(pair, MS_NS);
	other_cookie(pair, PAIR_CLIENT, &other);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).peer_tag, OTHER_TAG);
	assert_true(pair_info(pair, PAIR_CLIENT).out_streams > 1);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_SEND_FAILED], 0);
	pair_destroy(pair);
}

static bool
lose_shutdown_acks(struct pair *pair, const struct pair_packet *packet)
{
	if (filter_type(packet, SCTP_ERROR))
		pair->filter_state = packet->fields.vtag;
	return !filter_type(packet, SCTP_SHUTDOWN_ACK);
}

/* RFC 9260 5.2.4 A: who begins again while it ends is told so, by the tag that he has now. */
static void
test_restart_while_ending(void **state)
{
	struct pair *pair = pair_create(22);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct other other;

	(void)state;
	pair->filter = lose_shutdown_acks;
	pair_start(pair);
	pair_open(pair);
	other = other_init(pair, PAIR_SERVER, 10);
	sctp_shutdown(client->core, client->assoc);
	pair_run_for(pair, 100 * MS_NS);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_SHUTDOWN_ACK_SENT);
	other_cookie(pair, PAIR_SERVER, &other);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 1);
	assert_int_equal(pair->filter_state, OTHER_TAG);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_SHUTDOWN_ACK_SENT);
	pair_destroy(pair);
}

static bool
lose_data(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	return !filter_type(packet, SCTP_DATA);
}

/* It was the peer that wanted to end: one that begins again does not. */
static void
test_restart_after_shutdown(void **state)
{
	struct pair *pair = pair_create(23);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	const struct sctp_message message = { .stream = 0 };
	struct other other;

	(void)state;
	pair->filter = lose_data;
	pair_start(pair);
	pair_open(pair);
	other = other_init(pair, PAIR_SERVER, 10);
	server->to_send = 1;
	sctp_shutdown(client->core, client->assoc);
	pair_run_for(pair, 100 * MS_NS);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_SHUTDOWN_RECEIVED);
	assert_int_equal(sctp_send(server->core, server->assoc, &message, "x", 1), -EPIPE);
	other_cookie(pair, PAIR_SERVER, &other);
	assert_int_equal(server->notices[SCTP_NOTICE_RESTART], 1);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	assert_int_equal(sctp_send(server->core, server->assoc, &message, "x", 1), 0);
	pair_destroy(pair);
}

/* COOKIE ACK goes in front of an answer; if that is too long for a packet, by itself. */
static void
test_cookie_ack_stays(void **state)
{
	struct pair *pair = pair_create(24);
	uint8_t bytes[1900];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	static const uint8_t zeros[1464];
	uint32_t place;

	(void)state;
	pair_start(pair);
	pair_open(pair);
	place = sctp_chunk_begin(&writer, SCTP_COOKIE_ECHO, 0);
	sctp_put(&writer, pair->cookie, pair->cookie_length);
	sctp_chunk_end(&writer, place);
	place = sctp_chunk_begin(&writer, SCTP_HEARTBEAT, 0);
	sctp_put(&writer, zeros, sizeof(zeros));
	sctp_chunk_end(&writer, place);
	assert_false(writer.full);
	pair_inject_bytes(pair, PAIR_SERVER, pair->cookie_fields.vtag, bytes, writer.used);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_COOKIE_ACK], 2);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_HEARTBEAT_ACK], 0);
	pair_destroy(pair);
}

/* Its user has it begin before the clock runs: INIT is not sent again before its time. */
static void
test_before_the_clock(void **state)
{
	struct pair *pair = pair_create(61);
	const uint64_t now_ns = pair->now_ns;

	(void)state;
	pair->now_ns = 0;
	pair_start(pair);
	pair_connect(pair);
	pair->now_ns = now_ns;
	pair->links[0].cut = true;
	pair_run_for(pair, 900 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_INIT], 1);
	pair_run_for(pair, 200 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_INIT], 2);
	pair_destroy(pair);
}

static bool
lose_cookie_acks(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	return packet->from != PAIR_SERVER || packet->chunks.at[0] != SCTP_COOKIE_ACK;
}

static bool
is_echoed(const struct pair *pair)
{
	return pair_state(pair, PAIR_CLIENT) == SCTP_COOKIE_ECHOED;
}

/* T1 has struck, its COOKIE ECHO has found no room, and the answer to the first one comes. */
static void
test_cookie_ack_meanwhile(void **state)
{
	struct pair *pair = pair_create(40);

	(void)state;
	pair->filter = lose_cookie_acks;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	assert_true(pair_run_until(pair, SECOND_NS, is_echoed));
	pair_run_for(pair, 500 * MS_NS);
	pair->now_ns += SECOND_NS;
	sctp_now_set(pair->ends[PAIR_CLIENT].core, pair->now_ns);
	sctp_timers(pair->ends[PAIR_CLIENT].core);
	pair->send4.count = PKT_VEC_MAX;
	sctp_flush(pair->ends[PAIR_CLIENT].core, &pair->out);
	pair->send4.count = 0;
	pair_inject(pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag, SCTP_COOKIE_ACK, 0,
		NULL, 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_COOKIE_ECHO], 1);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_handshake_losses),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_simultaneous),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_stale_cookie),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_init_flood),
		cmocka_unit_test(test_refused_streams),
		cmocka_unit_test(test_late_collision),
		cmocka_unit_test(test_restart_while_ending),
		cmocka_unit_test(test_restart_after_shutdown),
		cmocka_unit_test(test_cookie_ack_stays),
		cmocka_unit_test(test_before_the_clock),
		cmocka_unit_test(test_cookie_ack_meanwhile),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
