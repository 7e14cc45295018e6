/* SPDX-License-Identifier: BSD-3-Clause */
/* The attacks of RFC 5062, as far as other tests have not got them. */
#include "unit/sctp/sctp_pair.h"

#include "wire/endian.h"

/* An INIT with the server's ports, and addresses that it adds. */
static uint32_t
init_build(uint8_t *bytes, uint32_t room, const struct ip_addr *addrs, unsigned count)
{
	struct sctp_writer writer = { .data = bytes, .room = room };
	uint32_t place = sctp_chunk_begin(&writer, SCTP_INIT, 0);

	sctp_put_u32(&writer, 0x01020304);
	sctp_put_u32(&writer, 10000);
	sctp_put_u32(&writer, 0x000a000a);
	sctp_put_u32(&writer, 5);
	for (unsigned i = 0; i < count; i++)
		sctp_addr_put(&writer, &addrs[i]);
	sctp_chunk_end(&writer, place);
	assert_false(writer.full);
	return writer.used;
}

/* RFC 5062 4: who claims to begin again from more addresses than before would take it over. */
static void
test_restart_with_addresses(void **state)
{
	struct pair *pair = pair_create(1);
	const struct ip_addr addrs[] = { pair_addr(pair, PAIR_CLIENT, 0),
		{ IP_FAMILY_4, { 10, 0, 3, 66 } } };
	struct sctp_info before;
	uint8_t bytes[128];
	uint32_t length = init_build(bytes, sizeof(bytes), addrs, 2);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	before = pair_info(pair, PAIR_SERVER);
	pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, length);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 1);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_INIT_ACK], 1);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	assert_int_equal(pair_info(pair, PAIR_SERVER).local_tag, before.local_tag);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
	pair_destroy(pair);
}

static uint32_t longest_to_client;

static bool
measure(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	if (packet->from == PAIR_SERVER)
		longest_to_client = RTE_MAX(longest_to_client, packet->chunks.left);
	return true;
}

/* RFC 5062 6, 8 to 10: what one packet of a stranger's brings about is one packet, or none. */
static void
test_amplification(void **state)
{
	struct pair *pair = pair_create(2);
	uint8_t bytes[1400] = { 0 };
	struct ip_addr addrs[SCTP_ADDRS_MAX];
	uint32_t length;

	(void)state;
	pair->filter = measure;
	longest_to_client = 0;
	pair->settings.extensions = SCTP_EXT_AUTH | SCTP_EXT_ASCONF;
	pair_start(pair);
	pair_listen(pair);
	for (unsigned i = 0; i < SCTP_ADDRS_MAX; i++)
		addrs[i] = (struct ip_addr){ IP_FAMILY_4, { 10, 0, 3, (uint8_t)(i + 1) } };
	length = init_build(bytes, sizeof(bytes), addrs, SCTP_ADDRS_MAX);
	pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, length);
	pair_run_for(pair, 100 * SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_INIT_ACK], 1);
	assert_true(longest_to_client <= 1280);
	/* None of the INITs that are not alone, nor of what is behind. */
	memcpy(bytes + length, bytes, length);
	pair_inject_bytes(pair, PAIR_SERVER, 0, bytes, 2 * length);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_INIT_ACK], 1);
	/* Out of the blue: one ABORT, however many chunks there are. */
	for (unsigned i = 0; i < 100; i++)
		memcpy(bytes + 4 * i, (const uint8_t[]){ 0xc9, 0, 0, 4 }, 4);
	pair_inject_bytes(pair, PAIR_SERVER, 7, bytes, 400);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_ABORT], 1);
	pair_destroy(pair);
}

static bool
no_answer_from_others(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	return packet->link == 0;
}

/* RFC 5062 2, 5, 7: a victim's address that is listed gets heartbeats, and less of them each time. */
static void
test_bombing_by_address(void **state)
{
	struct pair *pair = pair_create(3);
	unsigned heartbeats;

	(void)state;
	pair->link_count = 2;
	pair->filter = no_answer_from_others;
	pair_start(pair);
	pair_open(pair);
	pair->ends[PAIR_SERVER].to_send = 500;
	pair_run_messages(pair, 60 * SECOND_NS);
	heartbeats = pair->chunks_sent[PAIR_SERVER][SCTP_HEARTBEAT];
	assert_true(pair->links[1].packets <= 2 * heartbeats + 2);
	pair_run_for(pair, 600 * SECOND_NS);
	/* Backed off: less than one in five seconds each way, of an address that never answers. */
	assert_true(pair->links[1].packets < 240);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_destroy(pair);
}

/* Who sends an INIT of his own, and lists the peer's address, does not learn the tag of our INIT. */
static void
test_init_from_stranger(void **state)
{
	struct pair *pair = pair_create(4);
	const struct ip_addr peer = pair_addr(pair, PAIR_SERVER, 0);
	uint8_t bytes[128];
	uint32_t length = init_build(bytes, sizeof(bytes), &peer, 1);

	(void)state;
	pair_start(pair);
	pair_connect(pair);
	pair->links[0].cut = true;
	pair_run_for(pair, SECOND_NS);
	pair->inject_link = 3;
	pair_inject_bytes(pair, PAIR_CLIENT, 0, bytes, length);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_INIT_ACK], 0);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_ABORT], 0);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_COOKIE_WAIT);
	/* The peer itself is answered. */
	pair->inject_link = 0;
	pair_inject_bytes(pair, PAIR_CLIENT, 0, bytes, length);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_INIT_ACK], 1);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restart_with_addresses),
		cmocka_unit_test(test_amplification),
		cmocka_unit_test(test_bombing_by_address),
		cmocka_unit_test(test_init_from_stranger),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
