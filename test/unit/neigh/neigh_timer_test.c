/* SPDX-License-Identifier: BSD-3-Clause */
/* How long neighbours stay what they are. */
#include "unit/neigh/neigh_fixture.h"

static const struct neigh_config config = {
	.entries_max = 64,
	.incomplete_max = 32,
	.held_max = 64,
	.retrans_ms = 1000,
	.solicits_max = 3,
	.reachable_ms = 30000,
	.delay_ms = 5000,
	.stale_ms = 600000,
	.failed_ms = 5000,
};

static void
test_resolution_gives_up(void **state)
{
	struct fixture f = fixture_make(&config);

	assert_string_equal(resolve(&f, 1, packet(1)), "S");
	assert_string_equal(tick_after(&f, 999), "");
	assert_string_equal(tick_after(&f, 1), "S");
	assert_string_equal(tick_after(&f, 1000), "S");
	assert_string_equal(tick_after(&f, 999), "");
	assert_string_equal(tick_after(&f, 1), "D1");
	assert_string_equal(state_of(&f, 1), "failed");
	assert_int_equal(counters_of(&f).solicits, 3);
	assert_int_equal(counters_of(&f).failed, 1);
	assert_int_equal(counters_of(&f).incomplete, 0);

	/* RFC 1122 2.3.2.1: no new question for each packet. */
	assert_string_equal(resolve(&f, 1, packet(2)), "D2");
	assert_string_equal(resolve(&f, 1, NULL), "");
	assert_string_equal(tick_after(&f, 4999), "");
	assert_string_equal(state_of(&f, 1), "failed");
	assert_string_equal(tick_after(&f, 1), "");
	assert_string_equal(state_of(&f, 1), "none");
	assert_int_equal(counters_of(&f).expired, 1);
	assert_int_equal(counters_of(&f).discards[NEIGH_DISCARD_FAILED], 2);
	assert_string_equal(resolve(&f, 1, packet(3)), "S");
	fixture_free(&f);
}

/* What routers say of a link holds for its neighbours of IPv6, until it is taken back. */
static void
test_times_of_a_link(void **state)
{
	const struct neigh_key six = { 1, { IP_FAMILY_6, { 0xfe, 0x80, [15] = 1 } } };
	struct fixture f = fixture_make(&config);

	neigh_iface_times_set(f.table, 1, 7000, 100);
	assert_int_equal(neigh_resolve(f.table, f.now_ms, &six, NULL, &f.actions), 0);
	assert_string_equal(actions_take(&f), "S");
	assert_string_equal(tick_after(&f, 99), "");
	assert_string_equal(tick_after(&f, 1), "S");
	assert_string_equal(resolve(&f, 1, NULL), "S");
	assert_string_equal(tick_after(&f, 100), "S");
	assert_string_equal(tick_after(&f, 100), "");
	neigh_iface_times_set(f.table, 1, 0, 0);
	assert_string_equal(tick_after(&f, 799), "");
	assert_string_equal(tick_after(&f, 1), "S");
	fixture_free(&f);
	(void)state;
}

static void
test_late_ticks_do_not_make_bursts(void **state)
{
	struct fixture f = fixture_make(&config);

	resolve(&f, 1, NULL);
	assert_string_equal(tick_after(&f, 100000), "S");
	assert_string_equal(tick_after(&f, 999), "");
	assert_string_equal(tick_after(&f, 1), "S");
	fixture_free(&f);
}

static void
test_confirmation_prolongs_reachable(void **state)
{
	struct fixture f = fixture_make(&config);
	const struct neigh_key key = key_make(1);
	struct neigh_info info;

	resolve(&f, 1, NULL);
	tick_after(&f, 500);
	answered(&f, 1, &mac_a);
	tick_after(&f, 29999);
	assert_int_equal(neigh_find(f.table, f.now_ms, &key, &info), 0);
	assert_int_equal(info.age_ms, 29999);
	assert_string_equal(answered(&f, 1, &mac_a), "");
	tick_after(&f, 29999);
	assert_int_equal(neigh_find(f.table, f.now_ms, &key, &info), 0);
	assert_int_equal(info.age_ms, 29999);
	assert_string_equal(state_of(&f, 1), "reachable");
	tick_after(&f, 1);
	assert_string_equal(state_of(&f, 1), "stale");
	fixture_free(&f);
}

static void
test_unused_stale_is_forgotten(void **state)
{
	struct fixture f = fixture_make(&config);

	assert_string_equal(asked(&f, 1, &mac_a), "R");
	for (unsigned i = 0; i < 599; i++)
		assert_string_equal(tick_after(&f, 1000), "");
	assert_int_equal(f.used_asked, 599);
	assert_string_equal(tick_after(&f, 999), "");
	assert_string_equal(state_of(&f, 1), "stale");
	assert_string_equal(tick_after(&f, 1), "X");
	assert_string_equal(state_of(&f, 1), "none");
	assert_int_equal(counters_of(&f).expired, 1);
	fixture_free(&f);
}

static void
test_stale_age_that_is_no_whole_second(void **state)
{
	struct neigh_config odd = config;
	struct fixture f;

	odd.stale_ms = 1500;
	f = fixture_make(&odd);
	asked(&f, 1, &mac_a);
	assert_string_equal(tick_after(&f, 1000), "");
	assert_string_equal(tick_after(&f, 499), "");
	assert_string_equal(tick_after(&f, 1), "X");
	fixture_free(&f);
}

static void
test_used_stale_is_probed(void **state)
{
	struct fixture f = fixture_make(&config);

	asked(&f, 1, &mac_a);
	f.used = true;
	assert_string_equal(tick_after(&f, 999), "");
	assert_int_equal(f.used_asked, 0);
	assert_string_equal(tick_after(&f, 1), "");
	assert_string_equal(state_of(&f, 1), "delay");
	assert_int_equal(f.used_asked, 1);
	assert_string_equal(tick_after(&f, 4999), "");
	assert_string_equal(tick_after(&f, 1), "U");
	assert_string_equal(state_of(&f, 1), "probe");
	assert_string_equal(answered(&f, 1, &mac_a), "");
	assert_string_equal(state_of(&f, 1), "reachable");
	assert_int_equal(f.used_asked, 1);
	fixture_free(&f);
}

static void
test_use_before_it_was_stale_does_not_count(void **state)
{
	struct fixture f = fixture_make(&config);

	resolve(&f, 1, NULL);
	answered(&f, 1, &mac_a);
	f.used = true; /* while REACHABLE */
	tick_after(&f, 30000);
	assert_string_equal(state_of(&f, 1), "stale");
	assert_int_equal(f.used_asked, 1);
	f.used = false; /* nothing since the last question */
	tick_after(&f, 1000);
	assert_string_equal(state_of(&f, 1), "stale");
	fixture_free(&f);
}

static void
test_probe_gives_up_and_next_packet_asks_all(void **state)
{
	struct fixture f = fixture_make(&config);

	asked(&f, 1, &mac_a);
	assert_string_equal(resolve(&f, 1, packet(1)), "T1");
	assert_string_equal(tick_after(&f, 5000), "U");
	assert_string_equal(tick_after(&f, 1000), "U");
	assert_string_equal(tick_after(&f, 1000), "U");
	assert_string_equal(tick_after(&f, 1000), "X");
	assert_string_equal(state_of(&f, 1), "failed");
	/* RFC 4861 7.3.3: address resolution is performed again. */
	assert_string_equal(resolve(&f, 1, packet(2)), "S");
	assert_string_equal(state_of(&f, 1), "incomplete");
	assert_string_equal(answered(&f, 1, &mac_b), "R T2");
	fixture_free(&f);
}

static void
test_probe_asks_the_known_mac(void **state)
{
	struct fixture f = fixture_make(&config);
	const struct neigh_key key = key_make(1);

	asked(&f, 1, &mac_a);
	resolve(&f, 1, NULL);
	f.now_ms += 5000;
	assert_int_equal(neigh_tick(f.table, f.now_ms, NULL, NULL, &f.actions), 0);
	assert_int_equal(f.actions.count, 1);
	assert_int_equal(f.actions.items[0].type, NEIGH_SOLICIT_UNICAST);
	assert_memory_equal(&f.actions.items[0].mac, &mac_a, sizeof(mac_a));
	assert_int_equal(f.actions.items[0].key.iface, key.iface);
	assert_memory_equal(&f.actions.items[0].key.addr, &key.addr, sizeof(key.addr));
	fixture_free(&f);
}

/* Several at once: the earliest deadline first, each once. */
static void
test_order_of_deadlines(void **state)
{
	struct fixture f = fixture_make(&config);

	for (unsigned i = 0; i < 20; i++) {
		resolve(&f, 19 - i, NULL);
		f.now_ms++;
	}
	f.now_ms += 2000;
	assert_int_equal(neigh_tick(f.table, f.now_ms, NULL, NULL, &f.actions), 0);
	assert_int_equal(f.actions.count, 20);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(f.actions.items[i].key.addr.bytes[3], 19 - i);
	fixture_free(&f);
}

static void
test_zero_times_end(void **state)
{
	struct neigh_config zero = { .entries_max = 4, .incomplete_max = 4 };
	struct fixture f = fixture_make(&zero);

	resolve(&f, 1, NULL);
	asked(&f, 2, &mac_a);
	tick_after(&f, 0);
	assert_int_equal(counters_of(&f).entries, 0);
	fixture_free(&f);
}

/* RFC 4861 6.3.2: each is reachable for a time of its own, around the configured one. */
static void
test_reachable_time_varies(void **state)
{
	struct neigh_config varied = NEIGH_CONFIG_DEFAULT;
	unsigned stale = 0, steps = 0, before;
	struct fixture f;

	varied.seed = 7;
	f = fixture_make(&varied);
	for (unsigned i = 0; i < 100; i++) {
		resolve(&f, i + 1, NULL);
		answered(&f, i + 1, &mac_a);
	}
	for (unsigned second = 1; second <= 45; second++) {
		tick_after(&f, 1000);
		before = stale;
		stale = 0;
		for (unsigned i = 0; i < 100; i++)
			stale += strcmp(state_of(&f, i + 1), "stale") == 0;
		steps += stale != before;
		assert_true(second >= 15 || stale == 0);
	}
	assert_int_equal(stale, 100);
	assert_true(steps > 15);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolution_gives_up),
		cmocka_unit_test(test_times_of_a_link),
		cmocka_unit_test(test_late_ticks_do_not_make_bursts),
		cmocka_unit_test(test_confirmation_prolongs_reachable),
		cmocka_unit_test(test_unused_stale_is_forgotten),
		cmocka_unit_test(test_stale_age_that_is_no_whole_second),
		cmocka_unit_test(test_used_stale_is_probed),
		cmocka_unit_test(test_use_before_it_was_stale_does_not_count),
		cmocka_unit_test(test_probe_gives_up_and_next_packet_asks_all),
		cmocka_unit_test(test_probe_asks_the_known_mac),
		cmocka_unit_test(test_order_of_deadlines),
		cmocka_unit_test(test_zero_times_end),
		cmocka_unit_test(test_reachable_time_varies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
