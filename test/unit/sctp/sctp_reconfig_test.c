/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams that begin anew, and more of them: RFC 6525. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static struct pair *
opened(uint64_t seed, uint8_t enabled)
{
	struct pair *pair = pair_create(seed);

	pair->settings.extensions = SCTP_EXT_RE_CONFIG;
	pair->settings.reconfig = enabled;
	pair->settings.in_streams = 100;
	pair_start(pair);
	pair_open(pair);
	return pair;
}

static int
streams_reset(struct pair *pair, unsigned end, unsigned directions, unsigned count)
{
	static const uint16_t streams[] = { 1, 3, 5, 7, 9, 2, 4, 6, 8, 0 };

	return sctp_streams_reset(
		pair->ends[end].core, pair->ends[end].assoc, directions, streams, count);
}

static uint16_t
message_send(struct pair *pair, uint16_t stream)
{
	struct sctp_message message = { .stream = stream };
	uint8_t bytes[2000] = { 0 };
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	server->reads_not = true;
	assert_int_equal(sctp_send(client->core, client->assoc, &message, bytes, 8), 0);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message), 8);
	return message.ssn;
}

/* RFC 6525 5.1.2, 5.2.2: only the streams that are named, once both have heard of it. */
static void
test_outgoing(void **state)
{
	struct pair *pair = opened(1, SCTP_RECONFIG_STREAMS);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	struct sctp_message message = { .stream = 1 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(message_send(pair, 1), i);
		assert_int_equal(message_send(pair, 2), i);
	}
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 1), 0);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 1), -EALREADY);
	/* Until the answer is here nothing is sent on it. */
	assert_int_equal(sctp_send(client->core, client->assoc, &message, "x", 1), -EAGAIN);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_STREAM_RESET], 1);
	assert_int_equal(client->last_notice.reset_flags, SCTP_RESET_OUTGOING);
	assert_int_equal(server->last_notice.reset_flags, SCTP_RESET_INCOMING);
	assert_int_equal(server->last_notice.stream_count, 1);
	assert_int_equal(server->last_notice.streams[0], 1);
	assert_int_equal(message_send(pair, 1), 0);
	assert_int_equal(message_send(pair, 2), 3);
	/* All, told of by one notice; ten, by two. */
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 0), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(server->notices[SCTP_NOTICE_STREAM_RESET], 2);
	assert_int_equal(server->last_notice.stream_count, 0);
	assert_int_equal(message_send(pair, 2), 0);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 10), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(server->notices[SCTP_NOTICE_STREAM_RESET], 4);
	pair_destroy(pair);
}

/* RFC 6525 5.2.3: the peer's request follows. */
static void
test_incoming(void **state)
{
	struct pair *pair = opened(2, SCTP_RECONFIG_STREAMS);

	(void)state;
	assert_int_equal(message_send(pair, 3), 0);
	assert_int_equal(message_send(pair, 3), 1);
	assert_int_equal(streams_reset(pair, PAIR_SERVER, SCTP_RESET_INCOMING, 2), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].last_notice.reset_flags, SCTP_RESET_INCOMING);
	assert_int_equal(pair->ends[PAIR_CLIENT].last_notice.reset_flags, SCTP_RESET_OUTGOING);
	assert_int_equal(message_send(pair, 3), 0);
	/* Both directions, one after the other. */
	assert_int_equal(
		streams_reset(pair, PAIR_SERVER, SCTP_RESET_INCOMING | SCTP_RESET_OUTGOING, 2), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_STREAM_RESET], 3);
	assert_int_equal(message_send(pair, 3), 0);
	pair_destroy(pair);
}

/* A peer that allows nothing, and streams that there are not. */
static void
test_denied(void **state)
{
	struct pair *pair = opened(3, 0);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const uint16_t none = 50;

	(void)state;
	assert_int_equal(message_send(pair, 1), 0);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 1), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->last_notice.reset_flags, SCTP_RESET_OUTGOING | SCTP_RESET_DENIED);
	assert_int_equal(message_send(pair, 1), 1);
	assert_int_equal(sctp_assoc_reset(client->core, client->assoc), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	assert_int_equal(client->last_notice.reset_flags, SCTP_RESET_DENIED);
	assert_int_equal(sctp_streams_add(client->core, client->assoc, 5, 5), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_STREAM_CHANGE], 2);
	assert_int_equal(client->last_notice.reset_flags, SCTP_RESET_DENIED);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).out_streams, 10);
	assert_int_equal(
		sctp_streams_reset(client->core, client->assoc, SCTP_RESET_OUTGOING, &none, 1),
		-EINVAL);
	sctp_reconfig_enable(pair->ends[PAIR_SERVER].assoc, SCTP_RECONFIG_CHANGE);
	assert_int_equal(sctp_streams_add(client->core, client->assoc, 5, 0), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).out_streams, 15);
	pair_destroy(pair);
}

/* RFC 6525 5.1.5, 5.1.6, each way; and no more than there may be. */
static void
test_more_streams(void **state)
{
	struct pair *pair = opened(4, SCTP_RECONFIG_CHANGE);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	assert_int_equal(sctp_streams_add(client->core, client->assoc, 7, 3), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).out_streams, 17);
	assert_int_equal(pair_info(pair, PAIR_SERVER).in_streams, 17);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_streams, 13);
	assert_int_equal(pair_info(pair, PAIR_SERVER).out_streams, 13);
	assert_int_equal(message_send(pair, 16), 0);
	assert_int_equal(
		sctp_streams_add(client->core, client->assoc, SCTP_STREAMS_MAX, 0), -EINVAL);
	assert_int_equal(
		sctp_streams_add(client->core, client->assoc, SCTP_STREAMS_MAX - 17, 0), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).in_streams, SCTP_STREAMS_MAX);
	pair_destroy(pair);
}

/* What was on its way when TSNs were reset is not what the peer must not say. */
static void
overtaken_inject(struct pair *pair)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const uint32_t last = client->notices[SCTP_NOTICE_ASSOC_RESET] > 0
		? client->last_notice.local_tsn - (1U << 31)
		: 0;
	const uint64_t old = pair_stat(pair, PAIR_CLIENT, SCTP_STAT_old_sacks);
	const uint32_t cum = pair_info(pair, PAIR_SERVER).rcv_cum_tsn;
	uint8_t sack[12] = { 0 }, forward[4];

	for (uint32_t before = 0; before < 3; before++) {
		be32_store(sack, last - before);
		be32_store(sack + 4, 10000);
		pair_inject(pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag, SCTP_SACK, 0,
			sack, sizeof(sack));
		be32_store(forward, last - before);
		pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag,
			SCTP_FORWARD_TSN, 0, forward, sizeof(forward));
	}
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_old_sacks), old + 3);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_protocol_violations), 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).rcv_cum_tsn, cum);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
}

/* RFC 6525 5.1.4, 5.2.4: both ends' TSNs and SSNs begin anew, when all before has arrived. */
static void
test_association(void **state)
{
	struct pair *pair = opened(5, SCTP_RECONFIG_ASSOC);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	struct sctp_info before;

	(void)state;
	client->to_send = server->to_send = 40;
	pair_run_for(pair, 15 * MS_NS);
	before = pair_info(pair, PAIR_CLIENT);
	assert_int_equal(sctp_assoc_reset(client->core, client->assoc), 0);
	pair_run_messages(pair, 60 * SECOND_NS);
	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	assert_int_equal(server->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	assert_int_equal(client->last_notice.local_tsn, server->last_notice.remote_tsn);
	assert_true(pair_info(pair, PAIR_CLIENT).next_tsn - before.next_tsn > 1U << 30);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).next_tsn - 1,
		pair_info(pair, PAIR_SERVER).rcv_cum_tsn);
	assert_int_equal(message_send(pair, 1), 0);
	server->reads_not = false;
	server->received = client->received = 0;
	memset(server->seen, 0, sizeof(server->seen));
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	overtaken_inject(pair);
	pair_destroy(pair);
}

static bool
lose_first_answer(struct pair *pair, const struct pair_packet *packet)
{
	return packet->chunks.at[0] != SCTP_RE_CONFIG || packet->from != PAIR_SERVER ||
		pair->filter_state++ > 0;
}

/* With data on its way: ours goes first; of the peer's, too; and what it sends by new numbers waits. */
static void
test_association_data(void **state)
{
	(void)state;
	for (unsigned variant = 0; variant < 3; variant++) {
		struct pair *pair = opened(20 + variant, SCTP_RECONFIG_ASSOC);
		struct pair_end *client = &pair->ends[PAIR_CLIENT];
		struct pair_end *server = &pair->ends[PAIR_SERVER];

		client->size_max = server->size_max = 1000;
		if (variant == 0)
			client->to_send = 300;
		else
			server->to_send = 300;
		if (variant == 2) {
			pair->filter = lose_first_answer;
			server->to_send = 20;
			pair_run_messages(pair, 10 * SECOND_NS);
			pair_run_for(pair, SECOND_NS);
		} else {
			pair_run_for(pair, 50 * MS_NS);
		}
		assert_int_equal(sctp_assoc_reset(client->core, client->assoc), 0);
		if (variant == 2) {
			pair_run_for(pair, 50 * MS_NS);
			assert_int_equal(server->notices[SCTP_NOTICE_ASSOC_RESET], 1);
			assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 0);
			server->to_send = 60;
		}
		pair_run_messages(pair, 100 * SECOND_NS);
		pair_run_for(pair, 20 * SECOND_NS);
		assert_int_equal(server->notices[SCTP_NOTICE_ASSOC_RESET], 1);
		assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 1);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).next_tsn - 1,
			pair_info(pair, PAIR_SERVER).rcv_cum_tsn);
		assert_int_equal(pair_info(pair, PAIR_SERVER).next_tsn - 1,
			pair_info(pair, PAIR_CLIENT).rcv_cum_tsn);
		pair_destroy(pair);
	}
}

/* Whether the client's request is alone, or behind a SACK: 1, 2. */
static bool
request_see(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;

	while (packet->from == PAIR_CLIENT && sctp_chunk_next(&cursor, &chunk) > 0) {
		if (chunk.type == SCTP_SACK && pair->filter_state == 0)
			pair->filter_state = 1;
		if (chunk.type == SCTP_RE_CONFIG && pair->filter_state == 1)
			pair->filter_state = 2;
	}
	return true;
}

/* A SACK that would have waited goes in front of the request: behind it nobody knows its numbers. */
static void
test_association_sack(void **state)
{
	struct pair *pair = opened(24, SCTP_RECONFIG_ASSOC);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	(void)state;
	server->to_send = 1;
	pair_run_messages(pair, SECOND_NS);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SACK], 1);
	server->to_send = 2;
	pair_run_messages(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SACK], 1);
	pair->filter = request_see;
	assert_int_equal(sctp_assoc_reset(client->core, client->assoc), 0);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->filter_state, 2);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_RE_CONFIG], 1);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_SACK], 2);
	assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	pair_destroy(pair);
}

static bool
lose_reconfigs(struct pair *pair, const struct pair_packet *packet)
{
	/* Of four two arrive, requests and answers alike. */
	return packet->chunks.at[0] != SCTP_RE_CONFIG || pair->filter_state++ % 4 >= 2;
}

/* What is lost is asked again, and done once. */
static void
test_losses(void **state)
{
	struct pair *pair =
		opened(6, SCTP_RECONFIG_STREAMS | SCTP_RECONFIG_CHANGE | SCTP_RECONFIG_ASSOC);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	(void)state;
	pair->filter = lose_reconfigs;
	assert_int_equal(sctp_streams_add(client->core, client->assoc, 5, 5), 0);
	pair_run_for(pair, 500 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).in_streams, 15);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).out_streams, 15);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).in_streams, 15);
	client->to_send = server->to_send = 100;
	pair_run_for(pair, 15 * MS_NS);
	assert_int_equal(sctp_assoc_reset(server->core, server->assoc), 0);
	pair_run_messages(pair, 300 * SECOND_NS);
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	assert_int_equal(server->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	assert_int_equal(message_send(pair, 1), 0);
	pair_destroy(pair);
}

/* ---- messages in parts ---- */

static int
part_send(struct pair *pair, uint16_t stream, unsigned flags)
{
	const struct sctp_message message = { .stream = stream, .flags = (uint8_t)flags };
	int ret = sctp_send(
		pair->ends[PAIR_CLIENT].core, pair->ends[PAIR_CLIENT].assoc, &message, "part", 4);

	pair_run_for(pair, SECOND_NS);
	return ret;
}

static void
whole_receive(struct pair *pair, uint16_t ssn)
{
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_message message;
	uint8_t bytes[100];

	assert_int_equal(sctp_recv(server->core, server->assoc, bytes, sizeof(bytes), &message), 8);
	assert_int_equal(message.ssn, ssn);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
}

/* Numbers do not begin anew in the midst of a message, though all of it that there is has arrived. */
static void
test_part_own(void **state)
{
	struct pair *pair = opened(30, SCTP_RECONFIG_STREAMS | SCTP_RECONFIG_ASSOC);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const uint16_t other = 2;

	(void)state;
	pair->ends[PAIR_SERVER].reads_not = true;
	assert_int_equal(message_send(pair, 1), 0);
	assert_int_equal(part_send(pair, 1, SCTP_MESSAGE_MORE), 0);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 1), -EAGAIN);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 0), -EAGAIN);
	assert_int_equal(sctp_assoc_reset(client->core, client->assoc), -EAGAIN);
	/* Others may. */
	assert_int_equal(
		sctp_streams_reset(client->core, client->assoc, SCTP_RESET_OUTGOING, &other, 1), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_STREAM_RESET], 1);
	assert_int_equal(part_send(pair, 1, 0), 0);
	whole_receive(pair, 1);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 1), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_STREAM_RESET], 2);
	assert_int_equal(message_send(pair, 1), 0);
	pair_destroy(pair);
}

/* ... nor when the peer asks for it, who asks again. */
static void
test_part_peer(void **state)
{
	(void)state;
	for (unsigned tsns = 0; tsns < 2; tsns++) {
		struct pair *pair = opened(31 + tsns, SCTP_RECONFIG_STREAMS | SCTP_RECONFIG_ASSOC);
		struct pair_end *client = &pair->ends[PAIR_CLIENT];
		struct pair_end *server = &pair->ends[PAIR_SERVER];
		enum sctp_notice_type type =
			tsns ? SCTP_NOTICE_ASSOC_RESET : SCTP_NOTICE_STREAM_RESET;

		server->reads_not = true;
		assert_int_equal(message_send(pair, 1), 0);
		assert_int_equal(part_send(pair, 1, SCTP_MESSAGE_MORE), 0);
		assert_int_equal(tsns ? sctp_assoc_reset(server->core, server->assoc)
				      : streams_reset(pair, PAIR_SERVER, SCTP_RESET_INCOMING, 1),
			0);
		/* Not when it asks: what comes before the answer is sent again. */
		pair_run_for(pair, 30 * SECOND_NS + 300 * MS_NS);
		assert_int_equal(client->notices[type], 0);
		assert_int_equal(part_send(pair, 1, 0), 0);
		pair_run_for(pair, 60 * SECOND_NS);
		whole_receive(pair, 1);
		assert_int_equal(client->notices[type], 1);
		assert_int_equal(message_send(pair, 1), 0);
		pair_destroy(pair);
	}
}

/* What the peer sends between its answers is taken: it is not asked again while it sends. */
static void
test_part_goes_on(void **state)
{
	struct pair *pair = opened(33, SCTP_RECONFIG_ASSOC);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	const struct sctp_message part = { .stream = 1, .flags = SCTP_MESSAGE_MORE };
	unsigned asked;

	(void)state;
	server->reads_not = true;
	assert_int_equal(part_send(pair, 1, SCTP_MESSAGE_MORE), 0);
	assert_int_equal(sctp_assoc_reset(server->core, server->assoc), 0);
	pair_run_for(pair, 100 * MS_NS);
	asked = pair->chunks_sent[PAIR_SERVER][SCTP_RE_CONFIG];
	assert_int_equal(asked, 1);
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(sctp_send(client->core, client->assoc, &part, "part", 4), 0);
		pair_run_for(pair, 20 * MS_NS);
	}
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_RE_CONFIG], asked);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unexpected_chunk), 0);
	assert_int_equal(part_send(pair, 1, 0), 0);
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	assert_int_equal(server->notices[SCTP_NOTICE_ASSOC_RESET], 1);
	pair_destroy(pair);
}

/* ---- what attackers send, who know the tag ---- */

static void
request_inject(struct pair *pair, uint16_t type, const void *value, uint16_t length)
{
	uint8_t bytes[1400];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };

	sctp_param_put(&writer, type, value, length);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_RE_CONFIG, 0,
		bytes, (uint16_t)(SCTP_PARAM_HDR_LENGTH + length));
}

/* The result of an answer: RFC 6525 4.4. */
static bool
result_see(struct pair *pair, const struct pair_packet *packet)
{
	if (packet->chunks.at[0] == SCTP_RE_CONFIG)
		pair->filter_state = be32_load(packet->chunks.at + 12);
	return true;
}

/* Each request and answer, cut at each byte; numbers that are not the next; too many streams. */
static void
test_bad(void **state)
{
	struct pair *pair = opened(7, 0xff);
	uint8_t value[600] = { 0 };
	uint32_t seq = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	unsigned answers;

	(void)state;
	be32_store(value, seq + 5);
	for (unsigned type = SCTP_PARAM_RESET_OUT; type <= SCTP_PARAM_ADD_IN + 1; type++) {
		for (uint16_t length = 0; length < 20; length++)
			request_inject(pair, (uint16_t)type, value, length);
	}
	pair_run_for(pair, SECOND_NS);
	assert_true(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_chunk) > 40);
	assert_true(pair_stat(pair, PAIR_SERVER, SCTP_STAT_reconfig_refused) > 40);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_reconfig_requests), 0);
	/* The next number, with data before it that has not come; then streams that are too many. */
	be32_store(value, seq);
	be32_store(value + 8, seq + 100);
	request_inject(pair, SCTP_PARAM_RESET_OUT, value, 12);
	be32_store(value + 8, seq - 1);
	answers = pair->chunks_sent[PAIR_SERVER][SCTP_RE_CONFIG];
	request_inject(pair, SCTP_PARAM_RESET_OUT, value, 12 + 2 * (SCTP_RESET_STREAMS_MAX + 1));
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_STREAM_RESET], 0);
	/* Once more: the same answer; and that was its number. */
	request_inject(pair, SCTP_PARAM_RESET_OUT, value, 12);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_RE_CONFIG], answers + 2);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_STREAM_RESET], 0);
	be32_store(value, seq + 1);
	request_inject(pair, SCTP_PARAM_RESET_OUT, value, 12);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_STREAM_RESET], 1);
	/* A stream that there is not. */
	be32_store(value, seq + 2);
	be16_store(value + 12, 90);
	pair->filter = result_see;
	request_inject(pair, SCTP_PARAM_RESET_OUT, value, 14);
	assert_int_equal(pair->filter_state, 3);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_STREAM_RESET], 1);
	/* Three in a chunk. */
	for (unsigned i = 0; i < 3; i++) {
		be16_store(value + 8 * i, SCTP_PARAM_RESET_TSN);
		be16_store(value + 8 * i + 2, 8);
		be32_store(value + 8 * i + 4, seq + 3 + i);
	}
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_RE_CONFIG, 0,
		value, 24);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_ASSOC_RESET], 0);
	pair_destroy(pair);
}

/* Who has not agreed on it does not know the chunk: it is skipped, and not reported. */
static void
test_not_agreed(void **state)
{
	struct pair *pair = pair_create(8);
	const uint8_t request[8] = { 0, SCTP_PARAM_RESET_TSN, 0, 8 };
	struct sctp_counts counts;

	(void)state;
	pair->settings.extensions = 0;
	pair->settings.reconfig = 0xff;
	pair_start(pair);
	pair_open(pair);
	assert_int_equal(streams_reset(pair, PAIR_CLIENT, SCTP_RESET_OUTGOING, 1), -EOPNOTSUPP);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_RE_CONFIG, 0,
		request, sizeof(request));
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unknown_chunk), 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_RE_CONFIG], 0);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_int_equal(counts.reconfigs, 0);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outgoing),
		cmocka_unit_test(test_incoming),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_more_streams),
		cmocka_unit_test(test_association),
		cmocka_unit_test(test_association_data),
		cmocka_unit_test(test_association_sack),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_part_own),
		cmocka_unit_test(test_part_peer),
		cmocka_unit_test(test_part_goes_on),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_not_agreed),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
