/* SPDX-License-Identifier: BSD-3-Clause */
/* Several paths: one fails and comes back, heartbeats, and an association that all have left. */
#include "unit/sctp/sctp_pair.h"

static struct sctp_path_info
path_of(const struct pair *pair, unsigned end, unsigned index)
{
	struct sctp_path_info info;

	assert_true(sctp_path_info(pair->ends[end].assoc, index, &info));
	return info;
}

static struct pair *
opened(uint64_t seed, unsigned links)
{
	struct pair *pair = pair_create(seed);

	pair->link_count = links;
	pair->settings.rto_min_ms = 200;
	pair->settings.pf_retries = 0;
	pair->settings.rto_max_ms = 2000;
	pair->settings.heartbeat_interval_ms = 5000;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	return pair;
}

/* RFC 9260 8.2, RFC 7829: the primary path is cut in mid-transfer, and not a message is lost. */
static void
test_failover(void **state)
{
	for (unsigned links = 2; links <= 4; links += 2) {
		struct pair *pair = opened(links, links);
		uint64_t before;

		(void)state;
		pair->ends[PAIR_CLIENT].size_max = 1000;
		pair->ends[PAIR_CLIENT].to_send = 400;
		pair_run_for(pair, 60 * MS_NS);
		assert_true(pair->ends[PAIR_SERVER].received < 400);
		pair->links[0].cut = true;
		pair_run_messages(pair, 30 * SECOND_NS);
		assert_int_not_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_ACTIVE);
		pair_run_for(pair, 200 * SECOND_NS);
		assert_int_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_INACTIVE);
		assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_path_failures), 1);
		/* It comes back, and is used again. */
		pair->links[0].cut = false;
		pair_run_for(pair, 60 * SECOND_NS);
		assert_int_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_ACTIVE);
		before = pair->links[0].packets;
		pair->ends[PAIR_CLIENT].to_send = 600;
		pair_run_messages(pair, 30 * SECOND_NS);
		assert_true(pair->links[0].packets > before + 50);
		pair_destroy(pair);
	}
}

/* RFC 9260 8.1: heartbeats of a path that data does not take say nothing of the association. */
static void
test_other_path_fails(void **state)
{
	struct pair *pair = pair_create(8);

	(void)state;
	pair->link_count = 2;
	pair->settings.assoc_retries = 2;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 5 * SECOND_NS);
	pair->links[1].cut = true;
	pair_run_for(pair, 400 * SECOND_NS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pair_state(pair, i), SCTP_ESTABLISHED);
		assert_int_equal(path_of(pair, i, 1).state, SCTP_PATH_INACTIVE);
	}
	/* Of the other one they do. */
	pair->links[0].cut = true;
	pair_run_for(pair, 400 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_CLOSED);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ETIMEDOUT);
	pair_destroy(pair);
}

/* RFC 7829 4.2: with potentially-failed the first time-out moves new data to another path. */
static void
test_potentially_failed(void **state)
{
	struct pair *pair = opened(5, 2);

	(void)state;
	pair->links[0].cut = true;
	pair->ends[PAIR_CLIENT].to_send = 1;
	pair_run_messages(pair, 2 * SECOND_NS);
	assert_int_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_PF);
	assert_int_equal(pair->ends[PAIR_CLIENT].last_path.path_state, SCTP_PATH_PF);
	pair->links[0].cut = false;
	pair_run_for(pair, 10 * SECOND_NS);
	assert_int_equal(path_of(pair, PAIR_CLIENT, 0).state, SCTP_PATH_ACTIVE);
	pair_destroy(pair);
}

/* RFC 9260 8.1: no path leads there any more. */
static void
test_unreachable(void **state)
{
	struct pair *pair = opened(6, 2);

	(void)state;
	pair->links[0].cut = pair->links[1].cut = true;
	pair->ends[PAIR_CLIENT].to_send = 5;
	pair_run_for(pair, 2000 * SECOND_NS);
	assert_true(pair->ends[PAIR_CLIENT].closed);
	assert_int_equal(pair->ends[PAIR_CLIENT].error, ETIMEDOUT);
	assert_int_equal(pair->ends[PAIR_CLIENT].notices[SCTP_NOTICE_LOST], 1);
	assert_int_equal(pair->ends[PAIR_CLIENT].notices[SCTP_NOTICE_SEND_FAILED], 5);
	/* The other end by its heartbeats alone. */
	assert_true(pair->ends[PAIR_SERVER].closed);
	pair_destroy(pair);
}

/* RFC 9260 8.3: idle paths are asked at each interval, and forged answers are not believed. */
static void
test_heartbeats(void **state)
{
	struct pair *pair = opened(7, 2);
	uint8_t forged[44] = { 0, 1, 0, 44 };
	unsigned before = pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT];
	unsigned count;

	(void)state;
	pair_run_for(pair, 100 * SECOND_NS);
	count = pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT] - before;
	assert_in_range(count, 30, 40);
	assert_int_equal(pair->chunks_sent[PAIR_SERVER][SCTP_HEARTBEAT_ACK],
		pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT]);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).assoc_errors, 0);
	assert_in_range(path_of(pair, PAIR_CLIENT, 1).srtt_us, 19000, 22000);
	pair_inject(pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag, SCTP_HEARTBEAT_ACK,
		0, forged, sizeof(forged));
	pair_inject(pair, PAIR_CLIENT, pair_info(pair, PAIR_CLIENT).local_tag, SCTP_HEARTBEAT_ACK,
		0, NULL, 0);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_bad_heartbeat_acks), 2);
	pair_destroy(pair);
}

/* RFC 9260 8.3: one that is not answered is followed by the next an interval later, no sooner. */
static void
test_heartbeats_unanswered(void **state)
{
	struct pair *pair = pair_create(9);
	unsigned before;

	(void)state;
	pair->link_count = 2;
	pair->settings.rto_max_ms = 2000;
	pair->settings.heartbeat_interval_ms = 5000;
	pair->settings.pf_retries = pair->settings.path_retries;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, SECOND_NS);
	pair->links[1].cut = true;
	before = pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT];
	pair_run_for(pair, 100 * SECOND_NS);
	assert_int_equal(path_of(pair, PAIR_CLIENT, 1).state, SCTP_PATH_INACTIVE);
	assert_in_range(pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT] - before, 24, 36);
	/* None once SHUTDOWN was sent. */
	pair->links[0].cut = true;
	assert_int_equal(sctp_shutdown(pair->ends[0].core, pair->ends[0].assoc), 0);
	before = pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT];
	pair_run_for(pair, 5 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_SHUTDOWN_SENT);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_HEARTBEAT], before);
	pair_destroy(pair);
}

static void
test_primary(void **state)
{
	struct pair *pair = opened(8, 2);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	const struct ip_addr second = pair_addr(pair, PAIR_SERVER, 1);
	const struct ip_addr nobody = pair_addr(pair, PAIR_SERVER, 3);
	uint64_t before = pair->links[1].packets;

	(void)state;
	assert_int_equal(sctp_primary_set(client->core, client->assoc, &nobody), -EINVAL);
	assert_int_equal(sctp_primary_set(client->core, client->assoc, &second), 0);
	client->size_max = 1000;
	client->to_send = 300;
	pair_run_messages(pair, 30 * SECOND_NS);
	assert_true(pair->links[1].packets > before + 20);
	assert_int_equal(sctp_heartbeat(client->core, client->assoc, &nobody), -EINVAL);
	assert_int_equal(sctp_heartbeat(client->core, client->assoc, &second), 0);
	pair_destroy(pair);
}

/* Links in the reverse order: the first address of theirs is reached from the last one of ours. */
static bool
reversed_source(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface,
	struct ip_addr *source)
{
	const struct pair *pair = arg;

	(void)vrf;
	(void)iface;
	for (unsigned i = 0; i < pair->link_count; i++) {
		const struct ip_addr addr = pair_addr(pair, PAIR_SERVER, i);

		if (ip_addr_equal(&addr, remote)) {
			*source = pair_addr(pair, PAIR_CLIENT, pair->link_count - 1 - i);
			return true;
		}
	}
	return false;
}

/* RFC 9260 6.4: routes say from which of ours a path is sent on, as long as it is the association's. */
static void
test_source(void **state)
{
	struct pair *pair = pair_create(10);
	struct ip_addr addr;

	(void)state;
	pair->link_count = 3;
	pair->config.path_source = reversed_source;
	pair->config.path_arg = pair;
	pair_start(pair);
	pair_listen(pair);
	pair_connect(pair);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).path_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct sctp_path_info path = path_of(pair, PAIR_CLIENT, i),
					    of_server = path_of(pair, PAIR_SERVER, i);

		addr = pair_addr(pair, PAIR_SERVER, i);
		assert_true(ip_addr_equal(&path.remote, &addr));
		/* Of these they say nothing. */
		assert_true(ip_addr_equal(&of_server.local, &addr));
		addr = pair_addr(pair, PAIR_CLIENT, 2 - i);
		assert_true(ip_addr_equal(&path.local, &addr));
	}
	pair_destroy(pair);
}

/* RFC 9260 6.3.1: a path whose first round trip was a heartbeat's is measured by data, from any TSN on. */
static void
test_rtt_of_data(void **state)
{
	bool upper = false, lower = false;

	(void)state;
	for (uint64_t seed = 20; !upper || !lower; seed++) {
		struct pair *pair = opened(seed, 1);
		bool is_upper = pair_info(pair, PAIR_CLIENT).next_tsn >> 31 != 0;

		upper |= is_upper;
		lower |= !is_upper;
		pair_run_for(pair, 100 * SECOND_NS);
		assert_in_range(path_of(pair, PAIR_CLIENT, 0).srtt_us, 19000, 22000);
		pair->links[0].delay_ns = 100 * MS_NS;
		pair->ends[PAIR_CLIENT].to_send = 400;
		pair->ends[PAIR_CLIENT].size_max = 1000;
		pair_run_messages(pair, 60 * SECOND_NS);
		assert_true(path_of(pair, PAIR_CLIENT, 0).srtt_us > 100000);
		pair_destroy(pair);
	}
}

static bool
all_arrived(const struct pair *pair)
{
	return pair->ends[PAIR_SERVER].received == pair->ends[PAIR_CLIENT].to_send;
}

/*
 * RFC 9260 6.3.1, 6.3.3, 8.2: without potentially-failed, too, a link that comes back after time-outs is as
 * good as it was: what is acknowledged then was sent by it alone, and new data says how far it is.
 */
static void
test_back_after_timeouts(void **state)
{
	struct pair *pair = opened(30, 1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_settings settings;
	struct sctp_path_info path;

	(void)state;
	sctp_settings_get(client->assoc, &settings);
	settings.pf_retries = UINT8_MAX;
	settings.path_retries = 3;
	settings.assoc_retries = 20;
	sctp_settings_set(client->core, client->assoc, &settings);
	pair_run_for(pair, SECOND_NS);
	pair->links[0].cut = true;
	client->size_max = 100;
	client->to_send = 1;
	pair_run_for(pair, 12 * SECOND_NS);
	path = path_of(pair, PAIR_CLIENT, 0);
	assert_int_equal(path.state, SCTP_PATH_INACTIVE);
	assert_int_equal(path.rto_us, 2000000);
	pair->links[0].cut = false;
	assert_true(pair_run_until(pair, 4 * SECOND_NS, all_arrived));
	/* Its acknowledgment. */
	pair_run_for(pair, 500 * MS_NS);
	path = path_of(pair, PAIR_CLIENT, 0);
	assert_int_equal(path.state, SCTP_PATH_ACTIVE);
	assert_int_equal(path.errors, 0);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).assoc_errors, 0);
	/* Of a retransmission nothing is measured: Karn. */
	assert_int_equal(path.rto_us, 2000000);
	client->to_send = 400;
	client->size_max = 1000;
	assert_true(pair_run_until(pair, 5 * SECOND_NS, all_arrived));
	pair_run_for(pair, 500 * MS_NS);
	path = path_of(pair, PAIR_CLIENT, 0);
	assert_in_range(path.rto_us, 200000, 999999);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failover),
		cmocka_unit_test(test_other_path_fails),
		cmocka_unit_test(test_potentially_failed),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_heartbeats),
		cmocka_unit_test(test_heartbeats_unanswered),
		cmocka_unit_test(test_primary),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_rtt_of_data),
		cmocka_unit_test(test_back_after_timeouts),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
