/* SPDX-License-Identifier: BSD-3-Clause */
/* Authentication: RFC 4895. What both ends agree on, what they compute, and what is not believed. */
#include "unit/sctp/sctp_pair_auth.h"

#include "wire/endian.h"

#define KEY_ID 7

/* ---- what is seen on the wire ---- */

/* Of the test that runs: what INIT and INIT ACK said, and a packet of the client's with AUTH. */
static struct seen {
	struct pair_vectors vectors;
	uint8_t packet[1500];
	uint32_t packet_length;
	unsigned unprotected; /* chunks that come without AUTH, or before it */
	uint8_t type; /* that needs it */
} seen;

static bool
see(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	bool behind_auth = false;
	struct sctp_chunk chunk;

	(void)pair;
	pair_vectors_see(&seen.vectors, packet);
	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		if (chunk.type == SCTP_AUTH && packet->from == PAIR_CLIENT &&
			chunk.value - SCTP_CHUNK_HDR_LENGTH == packet->chunks.at) {
			memcpy(seen.packet, packet->chunks.at, packet->chunks.left);
			seen.packet_length = packet->chunks.left;
		}
		if (chunk.type == seen.type && !behind_auth)
			seen.unprotected++;
		behind_auth |= chunk.type == SCTP_AUTH;
	}
	return true;
}

/* Both offer AUTH, and want it of one type of chunk. */
static void
prepare(struct pair *pair, uint8_t type)
{
	seen = (struct seen){ .type = type };
	pair->settings.extensions = SCTP_EXT_AUTH;
	pair->settings.auth_chunks[0] = type;
	pair->settings.auth_chunk_count = 1;
	pair->filter = see;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
}

static struct pair *
prepared(uint64_t seed, uint8_t type)
{
	struct pair *pair = pair_create(seed);

	prepare(pair, type);
	return pair;
}

static void
key_set(struct pair *pair, unsigned end, uint16_t id, const char *key)
{
	struct pair_end *at = &pair->ends[end];

	if (at->assoc != NULL) {
		assert_int_equal(sctp_auth_key_set(at->core, at->assoc, id, key, strlen(key)), 0);
		assert_int_equal(sctp_auth_key_activate(at->core, at->assoc, id), 0);
		return;
	}
	assert_int_equal(
		sctp_listener_auth_key_set(at->core, at->listener, id, key, strlen(key)), 0);
	assert_int_equal(sctp_listener_auth_key_activate(at->core, at->listener, id), 0);
}

static void
assert_nothing_left(struct pair *pair)
{
	struct sctp_counts counts;

	for (unsigned i = 0; i < 2; i++) {
		if (pair->ends[i].assoc != NULL)
			sctp_abort(pair->ends[i].core, pair->ends[i].assoc, NULL, 0);
		pair->ends[i].assoc = NULL;
	}
	pair_run_for(pair, SECOND_NS);
	sctp_unlisten(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].listener);
	for (unsigned i = 0; i < 2; i++) {
		sctp_counts(pair->ends[i].core, &counts);
		assert_int_equal(counts.auths + counts.auth_keys + counts.assocs, 0);
	}
	pair_destroy(pair);
}

/* ---- tests ---- */

/* The HMAC of a packet, from what was said on the wire alone: RFC 4895 6.1, 6.2. */
static void
packet_verify(const char *key)
{
	uint8_t expected[HMAC_LENGTH_MAX];

	assert_true(seen.packet_length > 40);
	assert_int_equal(seen.vectors.lengths[PAIR_CLIENT], 36 + 5 + 8);
	assert_int_equal(be16_load(seen.packet + 2), 8 + 32);
	assert_int_equal(be16_load(seen.packet + 4), KEY_ID);
	assert_int_equal(be16_load(seen.packet + 6), 3);
	pair_vectors_digest(
		&seen.vectors, key, HMAC_SHA256, seen.packet, seen.packet_length, expected);
	assert_memory_equal(expected, seen.packet + 8, 32);
}

static void
test_agreed(void **state)
{
	struct pair *pair = prepared(1, SCTP_DATA);

	(void)state;
	key_set(pair, PAIR_CLIENT, KEY_ID, "of both");
	key_set(pair, PAIR_SERVER, KEY_ID, "of both");
	pair_run_for(pair, SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair_info(pair, i).extensions, SCTP_EXT_AUTH);
		pair->ends[i].to_send = 100;
		pair->ends[i].size_max = 4000;
	}
	pair_run_messages(pair, 60 * SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair_stat(pair, i, SCTP_STAT_auth_failed), 0);
		assert_int_equal(pair_stat(pair, i, SCTP_STAT_retransmitted), 0);
		/* The peer's first packet had this key. */
		assert_int_equal(pair->ends[i].notices[SCTP_NOTICE_AUTH_NEW_KEY], 1);
	}
	assert_int_equal(seen.unprotected, 0);
	packet_verify("of both");
	for (unsigned i = 0; i < 2; i++) {
		uint8_t types[256];

		assert_int_equal(sctp_auth_key_active(pair->ends[i].assoc), KEY_ID);
		assert_int_equal(sctp_auth_chunks(pair->ends[i].assoc, i != 0, types), 1);
		assert_int_equal(types[0], SCTP_DATA);
	}
	assert_nothing_left(pair);
}

/* RFC 4895 6.1: of two key vectors the shorter comes first, whosever it is. */
static void
test_unequal_offers(void **state)
{
	(void)state;
	for (unsigned seed = 20; seed < 24; seed++) {
		struct pair *pair = pair_create(seed);

		seen = (struct seen){ .type = SCTP_DATA };
		pair->filter = see;
		pair->settings.extensions = SCTP_EXT_AUTH;
		memcpy(pair->settings.auth_chunks,
			(const uint8_t[]){ SCTP_DATA, SCTP_HEARTBEAT, SCTP_SACK, SCTP_ERROR }, 4);
		pair->settings.auth_chunk_count = 4;
		pair_start(pair);
		pair_listen(pair);
		pair->settings.auth_chunk_count = 1;
		pair_connect(pair);
		key_set(pair, PAIR_CLIENT, KEY_ID, "of both");
		key_set(pair, PAIR_SERVER, KEY_ID, "of both");
		pair->ends[PAIR_CLIENT].to_send = 10;
		pair_run_messages(pair, 10 * SECOND_NS);
		assert_int_equal(seen.vectors.lengths[PAIR_SERVER], 36 + 8 + 8);
		packet_verify("of both");
		assert_nothing_left(pair);
	}
}

/* Without a key of the users' the empty one protects from those who have not seen the handshake. */
static void
test_null_key(void **state)
{
	struct pair *pair = prepared(2, SCTP_DATA);

	(void)state;
	pair->ends[PAIR_CLIENT].to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_int_equal(seen.unprotected, 0);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_AUTH_NEW_KEY], 0);
	assert_nothing_left(pair);
}

static void
test_other_key(void **state)
{
	struct pair *pair = prepared(3, SCTP_DATA);

	(void)state;
	key_set(pair, PAIR_CLIENT, KEY_ID, "one");
	key_set(pair, PAIR_SERVER, KEY_ID, "other");
	pair_run_for(pair, SECOND_NS);
	pair->ends[PAIR_CLIENT].to_send = 5;
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_SERVER].received, 0);
	assert_true(pair_stat(pair, PAIR_SERVER, SCTP_STAT_auth_failed) > 0);
	assert_nothing_left(pair);
}

/* A peer that cannot: its user is told, and it goes without. */
static void
test_not_agreed(void **state)
{
	struct pair *pair = pair_create(4);

	(void)state;
	seen = (struct seen){ .type = SCTP_DATA };
	pair->settings.auth_chunks[0] = SCTP_DATA;
	pair->settings.auth_chunk_count = 1;
	pair_start(pair);
	pair_listen(pair);
	pair->settings.extensions = SCTP_EXT_AUTH;
	pair_connect(pair);
	pair->ends[PAIR_CLIENT].to_send = pair->ends[PAIR_SERVER].to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_int_equal(pair->ends[PAIR_CLIENT].notices[SCTP_NOTICE_AUTH_NO_AUTH], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).extensions, 0);
	assert_int_equal(pair->chunks_sent[0][SCTP_AUTH] + pair->chunks_sent[1][SCTP_AUTH], 0);
	assert_int_equal(sctp_auth_key_set(pair->ends[PAIR_CLIENT].core,
				 pair->ends[PAIR_CLIENT].assoc, 1, "x", 1),
		-EOPNOTSUPP);
	assert_nothing_left(pair);
}

/* RFC 4895 6.3: each bit counts, and so does each byte that is not there. */
static void
test_forged(void **state)
{
	struct pair *pair = prepared(5, SCTP_DATA);
	uint32_t tag;
	uint64_t in_data;

	(void)state;
	pair->ends[PAIR_CLIENT].to_send = 1;
	pair_run_messages(pair, 10 * SECOND_NS);
	pair_run_for(pair, SECOND_NS);
	tag = pair_info(pair, PAIR_SERVER).local_tag;
	in_data = pair_stat(pair, PAIR_SERVER, SCTP_STAT_in_data);
	for (uint32_t i = 0; i < seen.packet_length; i++) {
		seen.packet[i] ^= 0x10;
		pair_inject_bytes(pair, PAIR_SERVER, tag, seen.packet, seen.packet_length);
		seen.packet[i] ^= 0x10;
		if (i >= SCTP_CHUNK_HDR_LENGTH)
			pair_inject_bytes(pair, PAIR_SERVER, tag, seen.packet, i);
	}
	/* The flags of AUTH are ignored, but not left out of the HMAC. */
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_in_data), in_data);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	/* Without AUTH in front. */
	pair_inject_bytes(pair, PAIR_SERVER, tag, seen.packet + 40, seen.packet_length - 40);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_in_data), in_data);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unauthenticated), 1);
	/* As it was it is good, and has come before. */
	pair_inject_bytes(pair, PAIR_SERVER, tag, seen.packet, seen.packet_length);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_in_data), in_data + 1);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_duplicate_tsns), 1);
	assert_nothing_left(pair);
}

/* RFC 4895 6.3, 4.1: an algorithm that was not offered is reported, and no more is looked at. */
static void
test_unsupported_hmac(void **state)
{
	struct pair *pair = prepared(6, SCTP_DATA);
	const uint8_t auth[] = { 0, 0, 0, 9, 1, 2, 3, 4 };

	(void)state;
	pair_run_for(pair, SECOND_NS);
	pair_inject(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, SCTP_AUTH, 0, auth,
		sizeof(auth));
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ERROR], 1);
	assert_int_equal(pair->ends[PAIR_CLIENT].cause, SCTP_CAUSE_UNSUPPORTED_HMAC);
	assert_nothing_left(pair);
}

/* Another key, while both run: RFC 4895 6.1, RFC 6458 8.3. */
static void
test_key_change(void **state)
{
	struct pair *pair = prepared(7, SCTP_DATA);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	(void)state;
	pair_run_for(pair, SECOND_NS);
	key_set(pair, PAIR_CLIENT, 0, "first");
	key_set(pair, PAIR_SERVER, 0, "first");
	client->to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_int_equal(sctp_auth_key_set(server->core, server->assoc, 2, "second", 6), 0);
	key_set(pair, PAIR_CLIENT, 2, "second");
	client->to_send = 20;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_int_equal(server->notices[SCTP_NOTICE_AUTH_NEW_KEY], 1);
	assert_int_equal(server->last_notice.key_id, 2);
	/* The active one stays; another may go. */
	assert_int_equal(sctp_auth_key_delete(client->core, client->assoc, 2), -EINVAL);
	assert_int_equal(sctp_auth_key_deactivate(client->core, client->assoc, 2), -EINVAL);
	assert_int_equal(sctp_auth_key_deactivate(client->core, client->assoc, 0), 0);
	assert_int_equal(sctp_auth_key_activate(client->core, client->assoc, 0), -EINVAL);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_AUTH_FREE_KEY], 1);
	assert_int_equal(sctp_auth_key_delete(client->core, client->assoc, 0), 0);
	assert_int_equal(sctp_auth_key_delete(client->core, client->assoc, 0), -EINVAL);
	/* What the server sends with a key that is gone is not believed. */
	server->to_send = 1;
	pair_run_for(pair, 2 * SECOND_NS);
	assert_int_equal(client->received, 0);
	assert_true(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_auth_failed) > 0);
	for (uint16_t id = 10; id < 10 + SCTP_AUTH_KEYS_MAX - 1; id++)
		assert_int_equal(sctp_auth_key_set(client->core, client->assoc, id, "k", 1), 0);
	assert_int_equal(sctp_auth_key_set(client->core, client->assoc, 99, "k", 1), -ENOBUFS);
	assert_nothing_left(pair);
}

/* RFC 4895 6.3: a COOKIE ECHO that has to be authenticated, by what the cookie itself says. */
static void
test_cookie_echo(void **state)
{
	struct pair *pair = prepared(8, SCTP_COOKIE_ECHO);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_counts counts;

	(void)state;
	key_set(pair, PAIR_CLIENT, KEY_ID, "of both");
	key_set(pair, PAIR_SERVER, KEY_ID, "not yet");
	pair_run_for(pair, SECOND_NS / 2);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_auth_failed), 1);
	sctp_counts(server->core, &counts);
	assert_int_equal(counts.assocs + counts.auths + counts.paths, 0);
	/* The same without AUTH. */
	pair_inject(pair, PAIR_SERVER, pair->cookie_fields.vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	sctp_counts(server->core, &counts);
	assert_int_equal(counts.assocs, 0);
	key_set(pair, PAIR_SERVER, KEY_ID, "of both");
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	assert_int_equal(seen.unprotected, 0);
	pair->ends[PAIR_CLIENT].to_send = server->to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_nothing_left(pair);
}

/* What is lost is protected when it is sent again; SACKs may be protected as well. */
static void
test_losses(void **state)
{
	struct pair *pair = prepared(9, SCTP_DATA);

	(void)state;
	pair_run_for(pair, SECOND_NS);
	pair->links[0].loss_ppb = 50000000;
	pair->ends[PAIR_CLIENT].to_send = pair->ends[PAIR_SERVER].to_send = 300;
	pair->ends[PAIR_CLIENT].size_max = 3000;
	pair_run_messages(pair, 600 * SECOND_NS);
	assert_int_equal(seen.unprotected, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_auth_failed), 0);
	pair->links[0].loss_ppb = 0;
	assert_nothing_left(pair);
}

/* RFC 4895 6.1: a RANDOM of another length; and what has no SHA-1 is no offer. */
static void
test_bad_offers(void **state)
{
	struct pair *pair = prepared(10, SCTP_DATA);
	static const struct {
		uint8_t random, hmac;
		bool has_hmac;
		uint8_t answer;
	} cases[] = { { 31, 1, true, SCTP_ABORT }, { 33, 1, true, SCTP_ABORT },
		{ 32, 3, true, SCTP_INIT_ACK }, { 32, 1, false, SCTP_INIT_ACK },
		{ 32, 1, true, SCTP_INIT_ACK } };

	(void)state;
	pair_run_for(pair, SECOND_NS);
	for (unsigned i = 0; i < RTE_DIM(cases); i++) {
		const uint8_t random[33] = { 1 }, hmacs[2] = { 0, cases[i].hmac };
		uint8_t bytes[256];
		struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
		uint32_t place = sctp_chunk_begin(&writer, SCTP_INIT, 0);
		unsigned before = pair->chunks_sent[PAIR_SERVER][cases[i].answer];

		sctp_put_u32(&writer, 99);
		sctp_put_u32(&writer, 10000);
		sctp_put_u32(&writer, 0x00010001);
		sctp_put_u32(&writer, 5);
		sctp_param_put(&writer, SCTP_PARAM_RANDOM, random, cases[i].random);
		if (cases[i].has_hmac)
			sctp_param_put(&writer, SCTP_PARAM_HMAC_ALGO, hmacs, 2);
		sctp_chunk_end(&writer, place);
		pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, writer.used);
		assert_int_equal(pair->chunks_sent[PAIR_SERVER][cases[i].answer], before + 1);
	}
	assert_nothing_left(pair);
}

/* What a listener has deleted its associations do not have. */
static void
test_key_0_deleted(void **state)
{
	struct pair *pair = prepared(11, SCTP_DATA);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_counts counts;

	(void)state;
	key_set(pair, PAIR_CLIENT, KEY_ID, "of both");
	key_set(pair, PAIR_SERVER, KEY_ID, "of both");
	assert_int_equal(sctp_listener_auth_key_delete(server->core, server->listener, 0), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	sctp_counts(server->core, &counts);
	assert_int_equal(counts.auth_keys, 2);
	pair->ends[PAIR_CLIENT].to_send = server->to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_nothing_left(pair);
}

/* RFC 4895 6.3: who begins again has other keys, which his cookie says. */
static void
test_restart(void **state)
{
	struct pair *pair = prepared(12, SCTP_COOKIE_ECHO);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	(void)state;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	sctp_core_destroy(client->core);
	assert_int_equal(sctp_core_create(&pair->config, pair->now_ns, &client->core), 0);
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(server->notices[SCTP_NOTICE_RESTART], 1);
	assert_int_equal(seen.unprotected, 0);
	/* Without AUTH it changes nothing. */
	pair_inject(pair, PAIR_SERVER, pair->cookie_fields.vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unauthenticated), 1);
	client->to_send = server->to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	assert_nothing_left(pair);
}

/* Keys that there is no room for take the place of none: what is signed is signed with what there was. */
static void
test_no_room_for_keys(void **state)
{
	struct pair *pair = pair_create(13);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	struct sctp_auth_keys *keys;
	struct sctp_counts counts;

	(void)state;
	pair->config.auth_keys_max = 3;
	prepare(pair, SCTP_DATA);
	assert_int_equal(sctp_keyring_create(client->core, &keys), 0);
	assert_int_equal(sctp_keyring_set(client->core, keys, KEY_ID, "another", 7), 0);
	assert_int_equal(sctp_keyring_give(client->core, client->assoc, keys), -ENOBUFS);
	assert_int_equal(sctp_auth_key_active(client->assoc), 0);
	sctp_counts(client->core, &counts);
	assert_int_equal(counts.auth_keys, 3);
	client->to_send = server->to_send = 10;
	pair_run_messages(pair, 10 * SECOND_NS);
	sctp_keyring_destroy(client->core, keys);
	assert_nothing_left(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agreed),
		cmocka_unit_test(test_unequal_offers),
		cmocka_unit_test(test_null_key),
		cmocka_unit_test(test_other_key),
		cmocka_unit_test(test_not_agreed),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_unsupported_hmac),
		cmocka_unit_test(test_key_change),
		cmocka_unit_test(test_cookie_echo),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_bad_offers),
		cmocka_unit_test(test_key_0_deleted),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_no_room_for_keys),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
