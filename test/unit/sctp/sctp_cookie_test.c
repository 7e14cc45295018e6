/* SPDX-License-Identifier: BSD-3-Clause */
/* What a cookie does to an association that there is, or that may not be: RFC 9260 5.2.4, by hand. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

static struct sctp_chunk
last_chunk(const struct pair *pair, unsigned end)
{
	struct sctp_cursor cursor = pair->last_chunks[end];
	struct sctp_chunk chunk;

	assert_int_equal(sctp_chunk_next(&cursor, &chunk), 1);
	return chunk;
}

struct got_cookie {
	uint32_t tag; /* of the end that made it */
	uint16_t length;
	uint8_t bytes[512];
};

/* What an end makes of an INIT with a tag. */
static struct got_cookie
cookie_get(struct pair *pair, unsigned end, uint32_t tag)
{
	uint8_t init_bytes[16] = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 4 };
	struct got_cookie got = { 0 };
	struct sctp_chunk chunk;
	struct sctp_init init;

	be32_store(init_bytes, tag);
	be32_store(init_bytes + 12, tag);
	pair_inject(pair, end, 0, SCTP_INIT, 0, init_bytes, sizeof(init_bytes));
	chunk = last_chunk(pair, end);
	assert_int_equal(chunk.type, SCTP_INIT_ACK);
	assert_int_equal(pair->last_fields[end].vtag, tag);
	assert_int_equal(sctp_init_parse(&chunk, &init), 0);
	assert_true(init.cookie_length <= sizeof(got.bytes));
	got.tag = init.initiate_tag;
	got.length = init.cookie_length;
	memcpy(got.bytes, init.cookie, init.cookie_length);
	return got;
}

static void
cookie_echo(struct pair *pair, unsigned end, const struct got_cookie *got)
{
	pair_inject(pair, end, got->tag, SCTP_COOKIE_ECHO, 0, got->bytes, got->length);
}

/* Both ends at once, and the peer draws a tag, and another one: action B, before and when it is up. */
static void
test_collision(void **state)
{
	struct pair *pair = pair_create(21);
	struct got_cookie first, second;
	uint32_t tag;

	(void)state;
	pair_start(pair);
	pair->links[0].cut = true;
	pair_connect(pair);
	pair_run_for(pair, MS_NS);
	tag = pair_info(pair, PAIR_CLIENT).local_tag;
	first = cookie_get(pair, PAIR_CLIENT, 0x11111111);
	second = cookie_get(pair, PAIR_CLIENT, 0x22222222);
	/* RFC 9260 5.2.1: what it has said of itself stays. */
	assert_int_equal(first.tag, tag);
	assert_int_equal(second.tag, tag);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_WAIT);
	cookie_echo(pair, PAIR_CLIENT, &first);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).peer_tag, 0x11111111);
	cookie_echo(pair, PAIR_CLIENT, &second);
	assert_int_equal(last_chunk(pair, PAIR_CLIENT).type, SCTP_COOKIE_ACK);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).peer_tag, 0x22222222);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).rcv_cum_tsn, 0x22222221);
	assert_int_equal(pair->ends[PAIR_CLIENT].notices[SCTP_NOTICE_UP], 1);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_active_estabs), 1);
	pair_destroy(pair);
}

/* Actions A and C: a cookie of one that began again, twice; and one made before there was anything. */
static void
test_cookie_table(void **state)
{
	struct pair *pair = pair_create(22);
	struct got_cookie early, again, other;

	(void)state;
	pair_start(pair);
	pair_listen(pair);
	pair->links[0].cut = true;
	early = cookie_get(pair, PAIR_SERVER, 0x11111111);
	other = cookie_get(pair, PAIR_SERVER, 0x22222222);
	cookie_echo(pair, PAIR_SERVER, &early);
	pair_run_for(pair, MS_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).peer_tag, 0x11111111);
	/* No tie to what is there now. */
	cookie_echo(pair, PAIR_SERVER, &other);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unexpected_chunk), 1);
	other = cookie_get(pair, PAIR_SERVER, 0x33333333);
	again = cookie_get(pair, PAIR_SERVER, 0x44444444);
	assert_int_not_equal(again.tag, early.tag);
	cookie_echo(pair, PAIR_SERVER, &again);
	assert_int_equal(pair->ends[PAIR_SERVER].notices[SCTP_NOTICE_RESTART], 1);
	assert_int_equal(pair_info(pair, PAIR_SERVER).peer_tag, 0x44444444);
	assert_int_equal(pair_info(pair, PAIR_SERVER).local_tag, again.tag);
	/* Its ties are those of the association before. */
	cookie_echo(pair, PAIR_SERVER, &other);
	cookie_echo(pair, PAIR_SERVER, &early);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_unexpected_chunk), 3);
	assert_int_equal(pair_info(pair, PAIR_SERVER).peer_tag, 0x44444444);
	pair_destroy(pair);
}

/* RFC 9260 5.1, 8.4 (4): nobody listens any more, or there is no room: the peer is told. */
static void
test_refused_cookies(void **state)
{
	struct pair *pair = pair_create(23);
	struct pair_end *server = &pair->ends[PAIR_SERVER];
	struct sctp_bind from, to;
	struct got_cookie got;

	(void)state;
	pair->config.assocs_max = 1;
	pair_start(pair);
	pair_listen(pair);
	pair->links[0].cut = true;
	got = cookie_get(pair, PAIR_SERVER, 0x11111111);
	pair->link_count = 2;
	from = pair_bind(pair, PAIR_SERVER);
	to = pair_bind(pair, PAIR_CLIENT);
	to.addrs[0] = to.addrs[1];
	to.addr_count = 1;
	assert_int_equal(
		sctp_connect(server->core, &from, &to, &pair->settings, server, &server->assoc), 0);
	pair->links[1].cut = true;
	pair_run_for(pair, MS_NS);
	cookie_echo(pair, PAIR_SERVER, &got);
	assert_int_equal(last_chunk(pair, PAIR_SERVER).type, SCTP_ABORT);
	assert_int_equal(last_chunk(pair, PAIR_SERVER).value[1], SCTP_CAUSE_OUT_OF_RESOURCE);
	assert_int_equal(pair->last_fields[PAIR_SERVER].vtag, 0x11111111);
	sctp_unlisten(server->core, server->listener);
	cookie_echo(pair, PAIR_SERVER, &got);
	assert_int_equal(last_chunk(pair, PAIR_SERVER).type, SCTP_ABORT);
	assert_int_equal(last_chunk(pair, PAIR_SERVER).length, 0);
	assert_int_equal(pair->drop_counts[DROP_sctp_refused], 2);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collision),
		cmocka_unit_test(test_cookie_table),
		cmocka_unit_test(test_refused_cookies),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
