/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses: which of ours a peer is told, and which of the peer's an association has, whatever of them
 * the packets of its handshake come from. RFC 9260 5.1.2, 5.2, 5.4.
 */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

#define TAG 0x01020304

/* An INIT or INIT ACK, as a writer of chunks. */
static uint32_t
init_begin(struct sctp_writer *writer, uint8_t type)
{
	uint32_t place = sctp_chunk_begin(writer, type, 0);

	sctp_put_u32(writer, TAG);
	sctp_put_u32(writer, 65536);
	sctp_put_u16(writer, 4);
	sctp_put_u16(writer, 4);
	sctp_put_u32(writer, 9000);
	return place;
}

static struct sctp_chunk
last_chunk(const struct pair *pair, unsigned end)
{
	struct sctp_cursor cursor = pair->last_chunks[end];
	struct sctp_chunk chunk;

	assert_int_equal(sctp_chunk_next(&cursor, &chunk), 1);
	return chunk;
}

/* RFC 9260 3.3.2.1.3, 5.1.2: of a family that the peer does not have it is told nothing. */
static void
test_families(void **state)
{
	static const struct {
		uint16_t family; /* that it says it has */
		unsigned count;
	} cases[] = { { 0, 4 }, { SCTP_PARAM_IP4, 2 }, { SCTP_PARAM_IP6, 4 } };
	struct pair *pair = pair_create(1);

	(void)state;
	pair->link_count = 4;
	pair->ip6 = true;
	pair_start(pair);
	pair_listen(pair);
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		uint16_t family_be = htobe16(cases[i].family);
		uint8_t bytes[64];
		struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
		uint32_t place = init_begin(&writer, SCTP_INIT);
		struct sctp_chunk chunk;
		struct sctp_init init;

		if (cases[i].family != 0)
			sctp_param_put(&writer, SCTP_PARAM_SUPPORTED_FAMILIES, &family_be, 2);
		sctp_chunk_end(&writer, place);
		pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, writer.used);
		chunk = last_chunk(pair, PAIR_SERVER);
		assert_int_equal(chunk.type, SCTP_INIT_ACK);
		assert_int_equal(sctp_init_parse(&chunk, &init), 0);
		assert_int_equal(init.addr_count, cases[i].count);
	}
	pair_destroy(pair);
}

/*
 * RFC 9260 5.2.2: an INIT from another address of the peer's is about the association that there is;
 * one that would add addresses to it is refused, and changes nothing.
 */
static void
test_init_elsewhere(void **state)
{
	struct pair *pair = pair_create(2);
	const struct ip_addr first = pair_addr(pair, PAIR_CLIENT, 0);
	uint8_t bytes[64];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	struct sctp_chunk chunk;
	struct sctp_cursor causes;
	struct sctp_param cause;
	uint32_t place;

	(void)state;
	pair->link_count = 2;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	place = init_begin(&writer, SCTP_INIT);
	sctp_addr_put(&writer, &first);
	sctp_chunk_end(&writer, place);
	pair->inject_link = 3;
	pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, writer.used);
	chunk = last_chunk(pair, PAIR_SERVER);
	assert_int_equal(chunk.type, SCTP_ABORT);
	assert_int_equal(chunk.flags, 0);
	assert_int_equal(pair->last_fields[PAIR_SERVER].vtag, TAG);
	causes = (struct sctp_cursor){ chunk.value, chunk.length };
	assert_int_equal(sctp_param_next(&causes, &cause), 1);
	assert_int_equal(cause.type, SCTP_CAUSE_RESTART_NEW_ADDRESSES);
	assert_int_equal(cause.length, 8);
	/* From one that it has, it is answered as the association has it. */
	pair->inject_link = 1;
	pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, writer.used);
	assert_int_equal(last_chunk(pair, PAIR_SERVER).type, SCTP_INIT_ACK);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	pair_destroy(pair);
}

/* The client has lost its state, and comes back with so many links. */
static void
client_restart(struct pair *pair, unsigned links)
{
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	sctp_core_destroy(client->core);
	assert_int_equal(sctp_core_create(&pair->config, pair->now_ns, &client->core), 0);
	client->closed = false;
	pair->link_count = links;
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
}

/* RFC 9260 5.2.4.1: a peer that begins again has the addresses that it says now; but no new ones. */
static void
test_restart_addresses(void **state)
{
	struct pair *pair = pair_create(3);

	(void)state;
	pair->link_count = 3;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 3 * SECOND_NS);
	client_restart(pair, 4);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ECONNREFUSED);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_RESTART], 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 3);
	client_restart(pair, 1);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_RESTART], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
	pair->ends[PAIR_SERVER].to_send = pair->ends[PAIR_CLIENT].to_send = 20;
	pair_run_messages(pair, 10 * SECOND_NS);
	pair_destroy(pair);
}

/* RFC 9260 5.2.4: a cookie says whose it is, wherever it comes from. */
static void
test_cookie_elsewhere(void **state)
{
	struct pair *pair = pair_create(4);
	struct sctp_counts counts;

	(void)state;
	pair_start(pair);
	pair_open(pair);
	pair->inject_link = 3;
	pair_inject(pair, PAIR_SERVER, pair->cookie_fields.vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_COOKIE_ACK], 2);
	/* Not to there: it may be anybody's. */
	assert_int_equal(pair->last_link[PAIR_SERVER], 0);
	sctp_counts(pair->ends[PAIR_SERVER].core, &counts);
	assert_int_equal(counts.assocs, 1);
	pair_destroy(pair);
}

/* RFC 9260 5.1.2: so does an INIT ACK; its cookie goes to the address that the user has named. */
static void
test_init_ack_elsewhere(void **state)
{
	struct pair *pair = pair_create(5);
	const struct ip_addr first = pair_addr(pair, PAIR_SERVER, 0);
	uint8_t bytes[64];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	uint32_t place = init_begin(&writer, SCTP_INIT_ACK);

	(void)state;
	sctp_param_put(&writer, SCTP_PARAM_STATE_COOKIE, "cookie", 6);
	sctp_addr_put(&writer, &first);
	sctp_chunk_end(&writer, place);
	pair_start(pair);
	pair_connect(pair);
	pair->links[0].cut = true;
	pair->inject_link = 1;
	pair_inject_bytes(
		pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag + 1, bytes, writer.used);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_WAIT);
	pair_inject_bytes(
		pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag, bytes, writer.used);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_ECHOED);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).path_count, 2);
	/* Nor is it ever tried where nobody has answered from: RFC 9260 5.4. */
	pair_run_for(pair, 20 * SECOND_NS);
	assert_true(pair->chunks_sent[PAIR_CLIENT][SCTP_COOKIE_ECHO] > 2);
	assert_int_equal(pair->links[1].packets, 0);
	pair_destroy(pair);
}

/* RFC 9260 5.4 (1): the addresses that the user names need not be asked. */
static void
test_named(void **state)
{
	struct pair *pair = pair_create(6);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_bind bind, remote;
	struct sctp_path_info info;

	(void)state;
	pair->link_count = 2;
	pair_start(pair);
	pair_listen(pair);
	bind = pair_bind(pair, PAIR_CLIENT);
	remote = pair_bind(pair, PAIR_SERVER);
	assert_int_equal(
		sctp_connect(client->core, &bind, &remote, &pair->settings, client, &client->assoc),
		0);
	pair_run_for(pair, SECOND_NS / 10);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_true(sctp_path_info(client->assoc, 1, &info));
	assert_int_equal(info.state, SCTP_PATH_ACTIVE);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT], 0);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_HEARTBEAT], 1);
	pair_destroy(pair);
}

static bool
other_links_check(struct pair *pair, const struct pair_packet *packet)
{
	/* The client would wonder what it is that it has sent. */
	if (packet->link == 0)
		return packet->chunks.at[0] != SCTP_SACK;
	assert_true(packet->chunks.at[0] == SCTP_HEARTBEAT ||
		packet->chunks.at[0] == SCTP_HEARTBEAT_ACK);
	pair->filter_state += packet->from == PAIR_SERVER;
	return false;
}

/*
 * RFC 9260 5.4: an address that has not answered gets heartbeats, one of all an RTO, and nothing else;
 * one that never does is asked less often.
 */
static void
test_unconfirmed(void **state)
{
	struct pair *pair = pair_create(7);
	uint8_t data[16] = { 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 'd', 'a', 't', 'a' };
	struct sctp_path_info info;
	struct sctp_info assoc;

	(void)state;
	pair->link_count = 4;
	pair->settings.in_streams = 10;
	pair->settings.path_retries = 2;
	pair->settings.rto_max_ms = 2000;
	pair->filter = other_links_check;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 500 * MS_NS);
	assert_int_equal(pair->filter_state, 1);
	pair->inject_link = 1;
	assoc = pair_info(pair, PAIR_SERVER);
	be32_store(data, assoc.rcv_cum_tsn + 1);
	/* Acknowledged, by another way, and not reported. */
	pair_inject(pair, PAIR_SERVER, assoc.local_tag, SCTP_DATA, 3, data, sizeof(data));
	pair_run_for(pair, 500 * MS_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_SACK], 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 0);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_in_range(pair->filter_state, 9, 18);
	assert_int_equal(pair_info(pair, PAIR_SERVER).assoc_errors, 0);
	assert_true(sctp_path_info(pair->ends[PAIR_SERVER].assoc, 1, &info));
	assert_int_equal(info.state, SCTP_PATH_UNCONFIRMED);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_init_elsewhere),
		cmocka_unit_test(test_restart_addresses),
		cmocka_unit_test(test_cookie_elsewhere),
		cmocka_unit_test(test_init_ack_elsewhere),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_unconfirmed),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
