/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes late, from addresses that a peer has given up by RFC 5061. */
#include "sctp/sctp_priv.h"
#include "unit/sctp/sctp_pair_auth.h"

static struct pair_vectors vectors;

static bool
see(struct pair *pair, const struct pair_packet *packet)
{
	(void)pair;
	pair_vectors_see(&vectors, packet);
	return true;
}

/* With two addresses each. */
static struct pair *
opened(uint64_t seed)
{
	struct pair *pair = pair_create(seed);

	pair->settings.extensions = SCTP_EXT_AUTH | SCTP_EXT_ASCONF;
	pair->link_count = 2;
	pair->filter = see;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	return pair;
}

/* The client gives its first address up. */
static void
first_delete(struct pair *pair)
{
	struct ip_addr addr = pair_addr(pair, PAIR_CLIENT, 0);

	assert_int_equal(sctp_addr_delete(pair->ends[PAIR_CLIENT].core,
				 pair->ends[PAIR_CLIENT].assoc, &addr),
		0);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_SERVER).path_count, 1);
}

/* From that one. @return whether it is answered by ABORT */
static bool
late_aborts(struct pair *pair, uint32_t tag)
{
	const unsigned before = pair->chunks_sent[PAIR_SERVER][SCTP_ABORT];

	pair->inject_link = 0;
	pair_inject(pair, PAIR_SERVER, tag, SCTP_HEARTBEAT, 0, "late", 4);
	return pair->chunks_sent[PAIR_SERVER][SCTP_ABORT] > before;
}

/* RFC 9260 8.4 (8) is not for what left an address before it was given up: its ABORT might be taken. */
static void
test_late(void **state)
{
	struct pair *pair = opened(1);
	const uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;

	(void)state;
	first_delete(pair);
	assert_false(late_aborts(pair, tag));
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_former_addrs), 1);
	assert_int_equal(pair->drop_counts[DROP_sctp_out_of_blue], 1);
	/* Whoever has the address now, and guesses, sees no difference. */
	assert_false(late_aborts(pair, tag + 1));
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_bad_tag), 1);
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_out_of_blues), 0);
	assert_int_equal(pair_state(pair, PAIR_SERVER), SCTP_ESTABLISHED);
	pair_run_for(pair, 121 * SECOND_NS);
	assert_true(late_aborts(pair, tag));
	pair_destroy(pair);
}

/* It is not remembered longer than its association lives. */
static void
test_ended(void **state)
{
	struct pair *pair = opened(2);
	const uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;

	(void)state;
	first_delete(pair);
	assert_false(late_aborts(pair, tag));
	sctp_end(pair->ends[PAIR_SERVER].core, pair->ends[PAIR_SERVER].assoc, NULL, 0);
	pair_run_for(pair, SECOND_NS);
	assert_true(late_aborts(pair, tag));
	pair_destroy(pair);
}

/* From the second address. */
static void
change(struct pair *pair, uint32_t serial, uint16_t type, const struct ip_addr *addr)
{
	const struct ip_addr known = pair_addr(pair, PAIR_CLIENT, 1);
	uint8_t bytes[100];
	struct sctp_writer writer = { .data = bytes, .room = sizeof(bytes) };
	uint32_t chunk = sctp_chunk_begin(&writer, SCTP_ASCONF, 0), param;

	sctp_put_u32(&writer, serial);
	sctp_addr_put(&writer, &known);
	param = sctp_param_begin(&writer, type);
	sctp_put_u32(&writer, serial);
	sctp_addr_put(&writer, addr);
	sctp_param_end(&writer, param);
	sctp_chunk_end(&writer, chunk);
	pair->inject_link = 1;
	pair_vectors_inject(pair, &vectors, bytes, writer.used);
}

/* An address is added, is confirmed, and is given up. */
static void
come_and_go(struct pair *pair, uint32_t *serial, const struct ip_addr *addr)
{
	change(pair, (*serial)++, SCTP_PARAM_ADD_IP, addr);
	sctp_path_find(pair->ends[PAIR_SERVER].assoc, addr)->state = SCTP_PATH_ACTIVE;
	change(pair, (*serial)++, SCTP_PARAM_DELETE_IP, addr);
}

/* Nobody has shown that it was the association's: who has it is answered. */
static void
test_unconfirmed(void **state)
{
	struct pair *pair = opened(4);
	const uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	const struct ip_addr addr = pair_addr(pair, PAIR_CLIENT, 0);

	(void)state;
	change(pair, serial++, SCTP_PARAM_DELETE_IP, &addr);
	assert_false(late_aborts(pair, tag));
	pair_run_for(pair, 121 * SECOND_NS);
	change(pair, serial++, SCTP_PARAM_ADD_IP, &addr);
	change(pair, serial++, SCTP_PARAM_DELETE_IP, &addr);
	assert_true(late_aborts(pair, tag));
	pair_destroy(pair);
}

/* An association has so many places, and its oldest makes room. */
static void
test_bounded(void **state)
{
	struct pair *pair = opened(3);
	const uint32_t tag = pair_info(pair, PAIR_SERVER).local_tag;
	uint32_t serial = pair_info(pair, PAIR_SERVER).rcv_cum_tsn + 1;
	struct ip_addr addr = pair_addr(pair, PAIR_CLIENT, 0);

	(void)state;
	change(pair, serial++, SCTP_PARAM_DELETE_IP, &addr);
	for (uint8_t i = 1; i <= SCTP_ADDRS_MAX; i++) {
		assert_false(late_aborts(pair, tag));
		pair->now_ns += MS_NS;
		addr.bytes[2] = 3;
		addr.bytes[3] = (uint8_t)(50 + i);
		come_and_go(pair, &serial, &addr);
		/* Again: it has a place already. */
		come_and_go(pair, &serial, &addr);
	}
	assert_int_equal(pair_stat(pair, PAIR_SERVER, SCTP_STAT_asconfs), 1 + 4 * SCTP_ADDRS_MAX);
	assert_true(late_aborts(pair, tag));
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_unconfirmed),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
