/* SPDX-License-Identifier: BSD-3-Clause */
/* Path MTUs by probing, over links that lose what is too large, and say nothing: RFC 8899. */
#include "unit/sctp/sctp_pair.h"

#include "wire/ip4.h"

#define LINK_MTU 1500

/* What links carry now; and what was too large for them. */
static uint32_t carried[PAIR_LINKS];
static unsigned probes, too_large, data_too_large;
static uint32_t largest;
static bool probes_lost;

static bool
is_probe(const struct pair_packet *packet)
{
	struct sctp_cursor cursor = packet->chunks;
	struct sctp_chunk chunk;

	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		if (chunk.type == SCTP_PAD)
			return true;
	}
	return false;
}

static bool
link_carries(struct pair *pair, const struct pair_packet *packet)
{
	uint32_t length = IP4_HDR_LENGTH + SCTP_HDR_LENGTH + packet->chunks.left;
	bool probe = is_probe(packet);

	if (packet->from == PAIR_CLIENT) {
		probes += probe;
		largest = RTE_MAX(largest, length);
	}
	if (probe && probes_lost)
		return false;
	/* In parts. */
	if (length <= carried[packet->link] || pair->cut_asked != 0) {
		assert_true(pair->cut_asked <= carried[packet->link]);
		return true;
	}
	too_large++;
	data_too_large += !probe;
	return false;
}

static uint32_t
link_mtu(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface)
{
	(void)arg, (void)remote, (void)vrf, (void)iface;
	return LINK_MTU;
}

static struct pair *
opened(uint64_t seed, uint32_t mtu, unsigned links)
{
	struct pair *pair = pair_create(seed);

	for (unsigned i = 0; i < PAIR_LINKS; i++)
		carried[i] = mtu;
	probes = too_large = data_too_large = largest = 0;
	probes_lost = false;
	pair->filter = link_carries;
	pair->link_count = links;
	pair->config.link_mtu = link_mtu;
	pair->settings.pmtu_probing = true;
	pair->settings.nodelay = true;
	pair_start(pair);
	pair_open(pair);
	return pair;
}

static struct sctp_path_info
path_of(const struct pair *pair, unsigned index)
{
	struct sctp_path_info info;

	assert_true(sctp_path_info(pair->ends[PAIR_CLIENT].assoc, index, &info));
	return info;
}

/* 5.2: BASE, then what the link carries: two round trips, and data goes on meanwhile. */
static void
test_all_of_it(void **state)
{
	struct pair *pair = opened(1, LINK_MTU, 1);
	struct sctp_path_info info;

	(void)state;
	pair_run_for(pair, SECOND_NS);
	info = path_of(pair, 0);
	assert_int_equal(info.mtu, LINK_MTU);
	assert_int_equal(info.pmtu_state, SCTP_PMTU_COMPLETE);
	assert_int_equal(probes, 2);
	assert_int_equal(largest, LINK_MTU);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_pmtu_probes), 2);
	pair->ends[PAIR_CLIENT].size_max = 20000;
	pair->ends[PAIR_CLIENT].to_send = 50;
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(too_large, 0);
	pair_destroy(pair);
}

/* 5.3: whatever it carries is found to 16 bytes, and no data is lost for it. */
static void
test_search(void **state)
{
	static const uint32_t mtus[] = { 1220, 1280, 1300, 1372, 1400, 1440, 1450, 1452, 1476, 1480,
		1492, 1496 };

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(mtus); i++) {
		struct pair *pair = opened(10 + i, mtus[i], 1);
		struct sctp_path_info info;

		pair->ends[PAIR_CLIENT].size_max = 5000;
		pair->ends[PAIR_CLIENT].to_send = 200;
		pair_run_messages(pair, 60 * SECOND_NS);
		pair_run_for(pair, 60 * SECOND_NS);
		info = path_of(pair, 0);
		assert_in_range(info.mtu, mtus[i] - 15, mtus[i]);
		assert_int_equal(info.pmtu_state, SCTP_PMTU_COMPLETE);
		assert_int_equal(data_too_large, 0);
		assert_true(probes < 24);
		/* Neither the path's errors nor its window know of it. */
		assert_int_equal(info.errors, 0);
		assert_int_equal(info.timeouts, 0);
		assert_int_equal(info.ssthresh, CC_SSTHRESH_NONE);
		assert_int_equal(pair_info(pair, PAIR_CLIENT).chunks_retransmitted, 0);
		pair_destroy(pair);
	}
}

/* 5.1.1: ten minutes later it is tried again: PMTU_RAISE_TIMER. */
static void
test_raise(void **state)
{
	struct pair *pair = opened(30, 1400, 1);
	unsigned before;

	(void)state;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(path_of(pair, 0).mtu, 1400);
	before = probes;
	carried[0] = LINK_MTU;
	pair_run_for(pair, 500 * SECOND_NS);
	assert_int_equal(probes, before);
	assert_int_equal(path_of(pair, 0).mtu, 1400);
	pair_run_for(pair, 120 * SECOND_NS);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	assert_int_equal(probes, before + 1);
	pair_destroy(pair);
}

/* 4.3: a path that carries less from now on, and says nothing: T3-rtx does, and what was sent is cut. */
static void
test_black_hole(void **state)
{
	struct pair *pair = opened(31, LINK_MTU, 1);

	(void)state;
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	carried[0] = 1300;
	pair->ends[PAIR_CLIENT].size_max = 5000;
	pair->ends[PAIR_CLIENT].to_send = 100;
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_pmtu_black_holes), 1);
	assert_true(data_too_large > 0);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_in_range(path_of(pair, 0).mtu, 1285, 1300);
	pair_destroy(pair);
}

/* Small ones that are lost are no black hole. */
static void
test_small_ones(void **state)
{
	struct pair *pair = opened(32, LINK_MTU, 1);

	(void)state;
	pair_run_for(pair, SECOND_NS);
	pair->links[0].cut = true;
	pair->ends[PAIR_CLIENT].to_send = 5;
	pair_run_for(pair, 5 * SECOND_NS);
	assert_true(path_of(pair, 0).timeouts >= 2);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	pair->links[0].cut = false;
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_pmtu_black_holes), 0);
	pair_destroy(pair);
}

/* 5.2, ERROR: less than BASE_PLPMTU; until probes of that are answered. */
static void
test_error(void **state)
{
	struct pair *pair = opened(33, 1000, 1);
	struct sctp_path_info info;

	(void)state;
	pair_run_for(pair, 10 * SECOND_NS);
	info = path_of(pair, 0);
	assert_int_equal(info.pmtu_state, SCTP_PMTU_ERROR);
	assert_int_equal(info.mtu, 512);
	assert_int_equal(info.errors, 0);
	pair->ends[PAIR_CLIENT].size_max = 5000;
	pair->ends[PAIR_CLIENT].to_send = 20;
	pair_run_messages(pair, 60 * SECOND_NS);
	assert_int_equal(data_too_large, 0);
	carried[0] = LINK_MTU;
	pair_run_for(pair, 20 * SECOND_NS);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	assert_int_equal(path_of(pair, 0).pmtu_state, SCTP_PMTU_COMPLETE);
	pair_destroy(pair);
}

/* Probes alone are lost: the association does not mind. */
static void
test_probes_lost(void **state)
{
	struct pair *pair = opened(34, LINK_MTU, 1);

	(void)state;
	pair_run_for(pair, SECOND_NS);
	probes_lost = true;
	pair_run_for(pair, 2000 * SECOND_NS);
	assert_int_equal(pair_state(pair, PAIR_CLIENT), SCTP_ESTABLISHED);
	assert_int_equal(path_of(pair, 0).state, SCTP_PATH_ACTIVE);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	assert_int_equal(pair_info(pair, PAIR_CLIENT).assoc_errors, 0);
	pair_destroy(pair);
}

/* Each path has its own; what is cut to fit all fits the narrowest. */
static void
test_paths(void **state)
{
	struct pair *pair = opened(35, 1400, 2);

	(void)state;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(path_of(pair, 0).mtu, 1400);
	assert_int_equal(path_of(pair, 1).mtu, 1400);
	carried[0] = LINK_MTU;
	/* One that fails is not probed; once it is back what was known is asked first. */
	pair->links[1].cut = true;
	pair_run_for(pair, 600 * SECOND_NS);
	assert_int_equal(path_of(pair, 1).state, SCTP_PATH_INACTIVE);
	assert_int_equal(path_of(pair, 1).mtu_probed, 0);
	carried[1] = 1300;
	pair->links[1].cut = false;
	pair_run_for(pair, 120 * SECOND_NS);
	assert_int_equal(path_of(pair, 1).state, SCTP_PATH_ACTIVE);
	assert_in_range(path_of(pair, 1).mtu, 1285, 1300);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	assert_int_equal(pair_stat(pair, PAIR_CLIENT, SCTP_STAT_pmtu_black_holes), 1);
	pair_destroy(pair);
}

/* It is begun and ended while there is an association; a fixed one stays what it is. */
static void
test_set(void **state)
{
	struct pair *pair = opened(36, LINK_MTU, 1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT];
	struct sctp_settings settings;

	(void)state;
	pair_run_for(pair, SECOND_NS);
	sctp_settings_get(client->assoc, &settings);
	settings.pmtu_probing = false;
	sctp_settings_set(client->core, client->assoc, &settings);
	assert_int_equal(path_of(pair, 0).pmtu_state, SCTP_PMTU_DISABLED);
	assert_int_equal(path_of(pair, 0).mtu, 1500);
	settings.pmtu_probing = settings.pmtu_fixed = true;
	settings.mtu = 1000;
	sctp_settings_set(client->core, client->assoc, &settings);
	assert_int_equal(path_of(pair, 0).mtu, 1000);
	probes = 0;
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(probes, 0);
	assert_int_equal(path_of(pair, 0).mtu, 1000);
	settings.pmtu_fixed = false;
	settings.mtu = 0;
	sctp_settings_set(client->core, client->assoc, &settings);
	assert_int_equal(path_of(pair, 0).mtu, 1220);
	pair_run_for(pair, SECOND_NS);
	assert_int_equal(path_of(pair, 0).mtu, LINK_MTU);
	pair_destroy(pair);
}

/* Without being wished for there are none. */
static void
test_off(void **state)
{
	struct pair *pair = pair_create(37);

	(void)state;
	pair_start(pair);
	pair_open(pair);
	pair_run_for(pair, 700 * SECOND_NS);
	assert_int_equal(pair->chunks_sent[PAIR_CLIENT][SCTP_PAD], 0);
	assert_int_equal(path_of(pair, 0).pmtu_state, SCTP_PMTU_DISABLED);
	pair_destroy(pair);
}

/* Who begins again is probed again. */
static void
test_restart(void **state)
{
	struct pair *pair = opened(38, LINK_MTU, 1);
	struct pair_end *client = &pair->ends[PAIR_CLIENT], *server = &pair->ends[PAIR_SERVER];
	struct sctp_path_info info;
	unsigned probed;

	(void)state;
	pair_run_for(pair, SECOND_NS);
	probed = pair->chunks_sent[PAIR_SERVER][SCTP_PAD];
	carried[0] = 1400;
	sctp_core_destroy(client->core);
	assert_int_equal(sctp_core_create(&pair->config, pair->now_ns, &client->core), 0);
	pair_connect(pair);
	pair_run_for(pair, 60 * SECOND_NS);
	assert_int_equal(server->notices[SCTP_NOTICE_RESTART], 1);
	assert_true(pair->chunks_sent[PAIR_SERVER][SCTP_PAD] > probed);
	assert_true(sctp_path_info(server->assoc, 0, &info));
	assert_int_equal(info.pmtu_state, SCTP_PMTU_COMPLETE);
	assert_int_equal(info.mtu, 1400);
	pair_destroy(pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_raise),
		cmocka_unit_test(test_black_hole),
		cmocka_unit_test(test_small_ones),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_probes_lost),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_restart),
	};

	return cmocka_run_group_tests(tests, pair_group_setup, test_eal_teardown);
}
