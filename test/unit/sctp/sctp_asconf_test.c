/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses that come and go, by ASCONF behind AUTH: RFC 5061. */
#include "unit/sctp/sctp_pair_auth.h"

#include "wire/endian.h"

/* Of the test that runs, as seen on the wire. */
static struct {
	struct pair_vectors vectors;
	unsigned unprotected; /* ASCONF and its answer without AUTH in front */
	unsigned answers;
	unsigned answer_link; /* to which of the client's addresses it went */
	uint16_t answer_length;
	uint8_t answer[512]; /* the last one, from its serial number on */
} seen;

static bool
see(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;
	bool behind_auth = false;

	(void)pair;
	pair_vectors_see(&seen.vectors, packet);
	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		if (chunk.type == SCTP_ASCONF || chunk.type == SCTP_ASCONF_ACK)
			seen.unprotected += !behind_auth;
		behind_auth |= chunk.type == SCTP_AUTH;
		if (chunk.type != SCTP_ASCONF_ACK || packet->from != PAIR_SERVER)
			continue;
		seen.answers++;
		seen.answer_link = packet->link;
		seen.answer_length = chunk.length;
		memcpy(seen.answer, chunk.value, chunk.length);
	}
	return true;
}

/* With ip6, links in turn of both families. */
static struct pair *
opened_with(uint64_t seed, unsigned links, bool ip6)
{
	struct pair *pair = pair_create(seed);

	memset(&seen, 0, sizeof(seen));
	pair->settings.extensions = SCTP_EXT_AUTH | SCTP_EXT_ASCONF;
	pair->link_count = links;
	pair->ip6 = ip6;
	pair->filter = see;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).extensions, SCTP_EXT_AUTH | SCTP_EXT_ASCONF);
	return pair;
}

static struct pair *
opened(uint64_t seed, unsigned links)
{
	return opened_with(seed, links, false);
}

static int
change(struct pair *pair, unsigned end, unsigned link,
	int (*call)(struct sctp_core *, struct sctp_assoc *, const struct ip_addr *))
{
	struct ip_addr addr = pair_addr(pair, end, link);

	return call(pair->ends[end].core, pair->ends[end].assoc, &addr);
}

static struct sctp_path_info
path_of(const struct pair *pair, unsigned end, unsigned index)
{
	struct sctp_path_info info;

	assert_true(sctp_path_info(pair->ends[end].assoc, index, &info));
	return info;
}

/* A host moves from one address to another, while both send: RFC 5061 4.2.1, 4.2.2, 4.2.4. */
static void
test_move(void **state)
{
	struct pair *pair = opened(1, 1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	struct ip_addr addr = pair_addr(pair, PAIR_CLIENT, 1);

	(void)state;
	client->to_send = server->to_send = 2000;
	client->size_max = server->size_max = 1000;
	pair_run_for(pair, 60 * MS_NS);
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_addr_add), 0);
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_addr_add), -EADDRINUSE);
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_addr_delete), -EALREADY);
	pair_run_for(pair, 100 * MS_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ADDR_ADDED], 1);
	assert_int_equal(client->last_notice.cause, 0);
	assert_int_equal(server->notices[SCTP_NOTICE_PEER_ADDR_ADDED], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	assert_int_equal(path_of(pair, PAIR_SERVER, 1).state, SCTP_PATH_ACTIVE);
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_peer_primary_set), 0);
	/* At once: what is on its way to the address that goes is sent again to the other. */
	assert_int_equal(change(pair, PAIR_CLIENT, 0, sctp_addr_delete), 0);
	assert_true(server->sent < 2000);
	/* From now on another one is sent from. */
	assert_true(memcmp(path_of(pair, PAIR_CLIENT, 0).local.bytes, addr.bytes, 4) == 0);
	pair_run_for(pair, 100 * MS_NS);
	assert_int_equal(server->notices[SCTP_NOTICE_PEER_ADDR_PRIMARY], 1);
	assert_int_equal(server->notices[SCTP_NOTICE_PEER_ADDR_REMOVED], 1);
	assert_int_equal(client->notices[SCTP_NOTICE_ADDR_REMOVED], 1);
	assert_true(path_of(pair, PAIR_SERVER, 0).primary);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(seen.unprotected, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_auth_failed), 0);
	/* The last one stays. */
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_addr_delete), -EINVAL);
	assert_int_equal(change(pair, PAIR_CLIENT, 2, sctp_addr_delete), -EADDRNOTAVAIL);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* RFC 5061 5.3 F4: the only address of its family goes, while the peer sends to it. */
static void
test_family_left(void **state)
{
	struct pair *pair = opened_with(2, 2, true);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];

	(void)state;
	client->to_send = server->to_send = 2000;
	client->size_max = server->size_max = 1000;
	pair_run_for(pair, 60 * MS_NS);
	assert_int_equal(change(pair, PAIR_CLIENT, 0, sctp_addr_delete), 0);
	/* What comes to it is still the association's, but nothing leaves it. */
	assert_int_equal(pair_info(pair, PAIR_CLIENT).path_count, 2);
	assert_false(path_of(pair, PAIR_CLIENT, 0).primary);
	pair_run_for(pair, 25 * MS_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ADDR_REMOVED], 1);
	assert_int_equal(client->last_notice.cause, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_out_aborts), 0);
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
	assert_int_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_UNCONFIRMED);
	/* An address of that family again: so that what the peer sends to it is known, too. */
	assert_int_equal(change(pair, PAIR_CLIENT, 2, sctp_addr_add), 0);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_ACTIVE);
	assert_int_equal(path_of(pair, PAIR_SERVER, 1).state, SCTP_PATH_ACTIVE);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_out_aborts), 0);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* ... and until then its peer's path there is asked nothing, and confirmed by nothing. */
static void
test_silent_path(void **state)
{
	struct pair *pair = opened_with(12, 2, true);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	const struct ip_addr peer = pair_addr(pair, PAIR_CLIENT, 0);
	struct sctp_path_settings settings;
	struct ip_addr local;

	(void)state;
	assert_int_equal(change(pair, PAIR_SERVER, 0, sctp_addr_delete), 0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(path_of(pair, PAIR_SERVER, 0).state, SCTP_PATH_UNCONFIRMED);
	local = path_of(pair, PAIR_SERVER, 0).local;
	assert_true(ip_addr_is_unspecified(&local));
	assert_true(pair->cookie_length > 0);
	/* RFC 9260 5.2.4 (D): the COOKIE ECHO again, whose INIT came by that path. */
	pair->inject_link = 1;
	pair_inject(pair, PAIR_SERVER, pair->cookie_fields.vtag, SCTP_COOKIE_ECHO, 0, pair->cookie,
		(uint16_t)pair->cookie_length);
	assert_int_equal(path_of(pair, PAIR_SERVER, 0).state, SCTP_PATH_UNCONFIRMED);
	assert_int_equal(sctp_path_settings_get(server->assoc, &peer, &settings), 0);
	settings.heartbeat_interval_ms = 500;
	assert_int_equal(sctp_path_settings_set(server->core, server->assoc, &peer, &settings), 0);
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(path_of(pair, PAIR_SERVER, 0).heartbeats, 0);
	assert_int_equal(path_of(pair, PAIR_SERVER, 0).errors, 0);
	pair_destroy(pair);
}

/* RFC 5061 5.3 F4, 5.3.1: what left an address before it was deleted comes late, and is answered by an ABORT. */
static void
test_late_abort(void **state)
{
	(void)state;
	for (unsigned deleted = 0; deleted < 2; deleted++) {
		struct pair *pair = opened(3, 2);
		const uint32_t peer_tag = pair_info(pair, PAIR_CLIENT).peer_tag;

		assert_int_equal(change(pair, PAIR_CLIENT, deleted, sctp_addr_delete), 0);
		/* To address 0, from both of the peer's, either of which it might have given up. */
		for (pair->inject_link = 0; pair->inject_link < 2; pair->inject_link++)
			pair_inject(pair, PAIR_CLIENT, peer_tag, SCTP_ABORT, SCTP_FLAG_T, NULL, 0);
		assert_int_equal(pair_state(pair, PAIR_CLIENT),
			deleted == 0 ? SCTP_ESTABLISHED : SCTP_CLOSED);
		pair_run_for(pair, SECOND_NS);
		pair_destroy(pair);
	}
}

static bool
lose_asconfs(struct pair *pair, const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;

	see(pair, packet);
	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		if (chunk.type == SCTP_ASCONF || chunk.type == SCTP_ASCONF_ACK)
			return pair->filter_state++ % 4 >= 2;
	}
	return true;
}

/* What is lost is sent again, and done once; what is wanted meanwhile goes in the next one. */
static void
test_losses(void **state)
{
	struct pair *pair = opened(2, 1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];

	(void)state;
	pair->filter = lose_asconfs;
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_addr_add), 0);
	pair_run_for(pair, 500 * MS_NS);
	for (unsigned link = 2; link < 4; link++)
		assert_int_equal(change(pair, PAIR_CLIENT, link, sctp_addr_add), 0);
	pair_run_for(pair, 300 * SECOND_NS);
	assert_int_equal(client->notices[SCTP_NOTICE_ADDR_ADDED], 3);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_PEER_ADDR_ADDED], 3);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 4);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_asconfs), 2);
	pair_destroy(pair);
}

/* RFC 5061 4.1.1: behind AUTH, or not at all; both ends have to know it. */
static void
test_not_agreed(void **state)
{
	static const uint8_t chunks[] = { SCTP_ASCONF, SCTP_ASCONF_ACK };
	struct pair *pair = pair_create(3);
	struct sctp_bind bind = pair_bind(pair, PAIR_SERVER);
	struct sctp_listener *listener;
	struct sctp_counts counts;
	uint8_t bytes[64];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	uint32_t place = sctp_chunk_begin(&writer, SCTP_INIT, 0);

	(void)state;
	/* Without AUTH there is none. */
	pair->settings.extensions = SCTP_EXT_ASCONF;
	pair_start(pair);
	pair_open(pair);
	/* RFC 5061 4.2.7: and who says that there is, is refused by who can both. */
	pair->settings.extensions = SCTP_EXT_ASCONF | SCTP_EXT_AUTH;
	bind.port++;
	assert_int_equal(sctp_listen(pair->ends[PAIR_SERVER].core, &bind, &pair->settings, 4, NULL,
				 &listener),
		0);
	sctp_put_u32(&writer, 99);
	sctp_put_u32(&writer, 10000);
	sctp_put_u32(&writer, 0x00010001);
	sctp_put_u32(&writer, 5);
	sctp_param_put(&writer, SCTP_PARAM_SUPPORTED_EXTENSIONS, chunks, sizeof(chunks));
	sctp_chunk_end(&writer, place);
	pair->inject_port = bind.port;
	pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, writer.used);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_INIT_ACK], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).extensions, 0);
	assert_int_equal(change(pair, PAIR_CLIENT, 1, sctp_addr_add), -EOPNOTSUPP);
	sctp_counts(pair->ends[PAIR_CLIENT].core, &counts);
	assert_int_equal(counts.asconfs, 0);
	pair_destroy(pair);
}

/* ---- what a peer may send that is not as we are ---- */

struct request {
	uint8_t bytes[1400];
	struct sctp_writer writer;
	uint32_t place;
};

static void
request_begin(struct pair *pair, struct request *request, uint32_t serial)
{
	const struct ip_addr known = pair_addr(pair, PAIR_CLIENT, 0);

	request->writer =
		(struct sctp_writer){ .data = request->bytes, .room = sizeof(request->bytes) };
	request->place = sctp_chunk_begin(&request->writer, SCTP_ASCONF, 0);
	sctp_put_u32(&request->writer, serial);
	sctp_addr_put(&request->writer, &known);
}

static void
request_add(
	struct request *request, uint16_t type, uint32_t correlation, const struct ip_addr *addr)
{
	uint32_t place = sctp_param_begin(&request->writer, type);

	sctp_put_u32(&request->writer, correlation);
	sctp_addr_put(&request->writer, addr);
	sctp_param_end(&request->writer, place);
}

static void
request_send(struct pair *pair, struct request *request)
{
	sctp_chunk_end(&request->writer, request->place);
	pair_vectors_inject(pair, &seen.vectors, request->bytes, request->writer.used);
}

/* What the last answer says first. @return 0: nothing */
static uint16_t
first_cause(void)
{
	if (seen.answer_length <= 4)
		return 0;
	assert_int_equal(be16_load(seen.answer + 4), SCTP_PARAM_ERROR_CAUSE);
	assert_int_equal(be32_load(seen.answer + 8), 77);
	return be16_load(seen.answer + 12);
}

static uint16_t
ask(struct pair *pair, uint32_t serial, uint16_t type, struct ip_addr addr)
{
	unsigned before = seen.answers;
	struct request request;

	request_begin(pair, &request, serial);
	request_add(&request, type, 77, &addr);
	request_send(pair, &request);
	assert_int_equal(seen.answers, before + 1);
	assert_int_equal(be32_load(seen.answer), serial);
	return first_cause();
}

/* The errors of RFC 5061 4.3, in the order of their numbers. */
static void
test_refused(void **state)
{
	struct pair *pair = opened(4, 1);
	const struct ip_addr group = { IP_FAMILY_4, { 224, 0, 0, 1 } };
	const struct ip_addr ip6 = { IP_FAMILY_6, { 0x20, 0x01, [15] = 1 } };
	struct ip_addr addr = pair_addr(pair, PAIR_CLIENT, 0);
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

	(void)state;
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_DELETE_IP, addr), SCTP_CAUSE_DELETE_LAST);
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_ADD_IP, addr), 0);
	assert_int_equal(
		ask(pair, serial++, SCTP_PARAM_ADD_IP, group), SCTP_CAUSE_UNRESOLVABLE_ADDRESS);
	/* We have none of that family. */
	assert_int_equal(
		ask(pair, serial++, SCTP_PARAM_ADD_IP, ip6), SCTP_CAUSE_UNRESOLVABLE_ADDRESS);
	for (unsigned i = 1; i < SCTP_ADDRS_MAX; i++) {
		struct ip_addr other = { IP_FAMILY_4, { 10, 0, 2, (uint8_t)(50 + i) } };

		assert_int_equal(ask(pair, serial++, SCTP_PARAM_ADD_IP, other), 0);
	}
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_ADD_IP,
				 (struct ip_addr){ IP_FAMILY_4, { 10, 0, 2, 99 } }),
		SCTP_CAUSE_RESOURCE_SHORTAGE);
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_DELETE_IP, addr), SCTP_CAUSE_DELETE_SOURCE);
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_DELETE_IP,
				 (struct ip_addr){ IP_FAMILY_4, { 10, 0, 2, 99 } }),
		SCTP_CAUSE_UNRESOLVABLE_ADDRESS);
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_SET_PRIMARY,
				 (struct ip_addr){ IP_FAMILY_4, { 10, 0, 2, 99 } }),
		SCTP_CAUSE_UNRESOLVABLE_ADDRESS);
	/* One that is not confirmed is not primary yet. */
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_SET_PRIMARY,
				 (struct ip_addr){ IP_FAMILY_4, { 10, 0, 2, 51 } }),
		0);
	assert_true(path_of(pair, PAIR_SERVER, 0).primary);
	/* Reported, by the upper bits of its type, or not. */
	assert_int_equal(ask(pair, serial++, 0xc0ff, addr), SCTP_CAUSE_UNRECOGNIZED_PARAMS);
	assert_int_equal(ask(pair, serial++, 0x80ff, addr), 0);
	/* All but the one that it comes from. */
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_DELETE_IP,
				 (struct ip_addr){ .family = IP_FAMILY_4 }),
		0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* RFC 5061 4.2.1, 5.2: from an address that nobody knows, found by the one that it names. */
static void
test_wildcard(void **state)
{
	struct pair *pair = opened(5, 1);
	const struct ip_addr wildcard = { .family = IP_FAMILY_4 };
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	struct request request;

	(void)state;
	pair->inject_link = 1;
	assert_int_equal(ask(pair, serial, SCTP_PARAM_ADD_IP, wildcard), 0);
	assert_int_equal(seen.answer_link, 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	assert_int_equal(path_of(pair, PAIR_SERVER, 1).remote.bytes[2], 1);
	/* A bad HMAC from there is no ASCONF, and gets no answer. */
	pair->inject_link = 2;
	request_begin(pair, &request, serial + 1);
	request_add(&request, SCTP_PARAM_ADD_IP, 77, &wildcard);
	sctp_chunk_end(&request.writer, request.place);
	seen.vectors.bytes[0][10] ^= 1;
	pair_vectors_inject(pair, &seen.vectors, request.bytes, request.writer.used);
	seen.vectors.bytes[0][10] ^= 1;
	assert_int_equal(seen.answers, 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_auth_failed), 1);
	/* Nor does one without AUTH, from wherever. */
	pair->inject_link = 0;
	pair_inject_bytes(pair, PAIR_SERVER, pair_info(pair, PAIR_SERVER).local_tag, request.bytes,
		request.writer.used);
	assert_int_equal(seen.answers, 1);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unauthenticated), 1);
	pair_destroy(pair);
}

/* RFC 5061 5.2: the last one again gets the same answer; others none. */
static void
test_serials(void **state)
{
	struct pair *pair = opened(6, 1);
	const struct ip_addr addr = { IP_FAMILY_4, { 10, 0, 2, 51 } };
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	const uint32_t bad[] = { serial - 1, serial + 2, serial + 0x80000000U };
	struct request request;

	(void)state;
	assert_int_equal(ask(pair, serial, SCTP_PARAM_ADD_IP, addr), 0);
	assert_int_equal(ask(pair, serial, SCTP_PARAM_DELETE_IP, addr), 0);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		request_begin(pair, &request, bad[i]);
		request_add(&request, SCTP_PARAM_DELETE_IP, 77, &addr);
		request_send(pair, &request);
	}
	assert_int_equal(seen.answers, 2);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_asconfs_refused), 3);
	pair_destroy(pair);
}

/* Each byte that is not there; and an answer to what was never asked: RFC 5061 5.1. */
static void
test_bad(void **state)
{
	struct pair *pair = opened(7, 1);
	const struct ip_addr addr = { IP_FAMILY_4, { 10, 0, 2, 51 } };
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	struct request request;
	uint8_t answer[8] = { SCTP_ASCONF_ACK, 0, 0, 8 };

	(void)state;
	request_begin(pair, &request, serial);
	request_add(&request, SCTP_PARAM_ADD_IP, 77, &addr);
	sctp_chunk_end(&request.writer, request.place);
	for (uint32_t length = 4; length < request.writer.used; length++) {
		uint8_t cut[64];

		/* What names the address only is an ASCONF that changes nothing. */
		if (length == 16)
			continue;
		memcpy(cut, request.bytes, length);
		be16_store(cut + 2, (uint16_t)length);
		pair_vectors_inject(pair, &seen.vectors, cut, length);
		assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
	}
	assert_int_equal(seen.answers, 0);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_asconfs), 0);
	be32_store(answer + 4, pair_info(pair, PAIR_SERVER).next_tsn - 1);
	pair_vectors_inject(pair, &seen.vectors, answer, sizeof(answer));
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	be32_store(answer + 4, pair_info(pair, PAIR_SERVER).next_tsn);
	pair_vectors_inject(pair, &seen.vectors, answer, sizeof(answer));
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_CLOSED);
	assert_int_equal(pair->ends[PAIR_CLIENT].cause, SCTP_CAUSE_ILLEGAL_ASCONF_ACK);
	pair_destroy(pair);
}

/* RFC 5061 4.2.6 */
static void
test_adaptation(void **state)
{
	struct pair *pair = pair_create(8);

	(void)state;
	pair->settings.adaptation_said = true;
	pair->settings.adaptation = 0x12345678;
	pair_start(pair);
	pair_open(pair);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair->ends[i].notices[SCTP_NOTICE_ADAPTATION], 1);
		assert_int_equal(pair->ends[i].last_notice.adaptation, 0x12345678);
	}
	pair_destroy(pair);
}

/* RFC 9260 5.4: not all but an address that nobody has answered from. */
static void
test_confirmed_stays(void **state)
{
	struct pair *pair = opened(9, 1);
	const struct ip_addr wildcard = { .family = IP_FAMILY_4 };
	const struct ip_addr first = pair_addr(pair, PAIR_CLIENT, 0);
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;

	(void)state;
	pair->inject_link = 1;
	assert_int_equal(ask(pair, serial++, SCTP_PARAM_ADD_IP, wildcard), 0);
	assert_int_equal(
		ask(pair, serial++, SCTP_PARAM_DELETE_IP, first), SCTP_CAUSE_REQUEST_REFUSED);
	assert_int_equal(
		ask(pair, serial++, SCTP_PARAM_DELETE_IP, wildcard), SCTP_CAUSE_REQUEST_REFUSED);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 2);
	pair_destroy(pair);
}

/* A chunk changes all addresses at once, but not again and again. */
static void
test_many_changes(void **state)
{
	struct pair *pair = opened(10, 1);
	const struct ip_addr addr = { IP_FAMILY_4, { 10, 0, 2, 51 } };
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct request request;

	(void)state;
	request_begin(pair, &request, pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1);
	for (unsigned i = 0; i < 40; i++) {
		request_add(&request, SCTP_PARAM_ADD_IP, 77, &addr);
		request_add(&request, SCTP_PARAM_DELETE_IP, 77, &addr);
	}
	request_send(pair, &request);
	assert_int_equal(first_cause(), SCTP_CAUSE_RESOURCE_SHORTAGE);
	assert_int_equal(server->notices[SCTP_NOTICE_PEER_ADDR_ADDED], SCTP_ADDRS_MAX);
	assert_int_equal(server->notices[SCTP_NOTICE_PEER_ADDR_REMOVED], SCTP_ADDRS_MAX);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_family_left),
		cmocka_unit_test(test_silent_path),
		cmocka_unit_test(test_late_abort),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_not_agreed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_wildcard),
		cmocka_unit_test(test_serials),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_adaptation),
		cmocka_unit_test(test_confirmed_stays),
		cmocka_unit_test(test_many_changes),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
