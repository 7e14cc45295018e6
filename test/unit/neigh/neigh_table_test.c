/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries: bounds and eviction, the user's own, order, and want of memory for actions. */
#include "unit/neigh/neigh_fixture.h"

static const struct neigh_config small = {
	.entries_max = 4,
	.incomplete_max = 2,
	.held_max = 8,
	.retrans_ms = 1000,
	.solicits_max = 3,
	.reachable_ms = 30000,
	.delay_ms = 5000,
	.stale_ms = 600000,
	.failed_ms = 5000,
};

static void
test_create_refuses_no_entries(void **state)
{
	assert_null(neigh_table_create(&(struct neigh_config){ 0 }));
	neigh_table_destroy(NULL);
}

/* A scan of absent neighbours takes its share and no more. */
static void
test_scan_is_bounded(void **state)
{
	struct fixture f = fixture_make(&small);

	asked(&f, 100, &mac_a);
	assert_string_equal(resolve(&f, 1, packet(1)), "S");
	assert_string_equal(resolve(&f, 2, packet(2)), "S");
	assert_string_equal(resolve(&f, 3, packet(3)), "D3");
	assert_string_equal(resolve(&f, 4, NULL), "");
	assert_int_equal(counters_of(&f).discards[NEIGH_DISCARD_TABLE_FULL], 1);
	assert_int_equal(counters_of(&f).refused, 2);
	assert_int_equal(counters_of(&f).incomplete, 2);
	assert_int_equal(counters_of(&f).entries, 3);
	/* Those known and those that speak to us are not touched by it. */
	assert_string_equal(resolve(&f, 100, packet(4)), "T4");
	assert_string_equal(asked(&f, 5, &mac_a), "R");
	assert_string_equal(answered(&f, 1, &mac_a), "R T1");
	assert_string_equal(state_of(&f, 2), "incomplete");
	fixture_free(&f);
}

static void
test_scan_does_not_evict_when_refused(void **state)
{
	struct fixture f = fixture_make(&small);

	resolve(&f, 1, NULL);
	resolve(&f, 2, NULL);
	asked(&f, 3, &mac_a);
	asked(&f, 4, &mac_a);
	assert_string_equal(resolve(&f, 5, packet(5)), "D5");
	assert_string_equal(state_of(&f, 3), "stale");
	assert_int_equal(counters_of(&f).evicted, 0);
	fixture_free(&f);
}

static void
test_full_table_evicts_failed_then_oldest_stale(void **state)
{
	struct fixture f = fixture_make(&small);

	resolve(&f, 1, NULL);
	for (unsigned i = 0; i < 3; i++)
		tick_after(&f, 1000);
	assert_string_equal(state_of(&f, 1), "failed");
	asked(&f, 2, &mac_a);
	tick_after(&f, 10);
	asked(&f, 3, &mac_a);
	tick_after(&f, 10);
	asked(&f, 4, &mac_a);
	/* 2 becomes the youngest of the stale ones. */
	tick_after(&f, 10);
	asked(&f, 2, &mac_b);
	asked(&f, 5, &mac_a);
	tick_after(&f, 2000);

	/* Who is unresolved takes the place of who failed, never of who is known. */
	assert_string_equal(resolve(&f, 6, packet(6)), "S");
	assert_string_equal(resolve(&f, 7, packet(7)), "S");
	assert_string_equal(state_of(&f, 1), "none");
	assert_string_equal(resolve(&f, 8, packet(8)), "D8");
	/* Who answers, or speaks to us, takes the place of the one longest stale. */
	assert_string_equal(answered(&f, 6, &mac_a), "X R T6");
	assert_string_equal(state_of(&f, 3), "none");
	assert_string_equal(asked(&f, 9, &mac_a), "X R");
	assert_string_equal(state_of(&f, 4), "none");
	assert_string_equal(state_of(&f, 2), "stale");
	assert_int_equal(counters_of(&f).evicted, 3);
	assert_int_equal(counters_of(&f).entries, 5);
	assert_int_equal(counters_of(&f).entries_high, 6);
	fixture_free(&f);
}

static void
test_full_table_of_used_ones_refuses(void **state)
{
	struct fixture f = fixture_make(&small);
	struct error err = { 0 };
	struct neigh_key key;

	for (unsigned i = 1; i <= 3; i++) {
		asked(&f, i, &mac_a);
		resolve(&f, i, NULL); /* DELAY */
	}
	key = key_make(4);
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, &err), 0);
	actions_take(&f);
	assert_string_equal(asked(&f, 5, &mac_a), "");
	/* It may be asked for, but not take anybody's place when it answers. */
	assert_string_equal(resolve(&f, 5, packet(5)), "S");
	assert_string_equal(answered(&f, 5, &mac_a), "");
	assert_string_equal(state_of(&f, 5), "incomplete");
	key = key_make(5);
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, &err), -ENOSPC);
	assert_int_equal(err.errnum, ENOSPC);
	assert_string_equal(
		err.text, "no room for neighbour 10.0.0.5: all 4 entries of the table are in use");
	assert_int_equal(counters_of(&f).refused, 3);
	fixture_free(&f);
}

/* A scan on one interface leaves others their share, and those known where they are. */
static void
test_scan_of_one_interface_leaves_others_room(void **state)
{
	struct neigh_config config = small;
	struct neigh_key other = key_make(1);
	struct fixture f;

	config.incomplete_max = 4;
	config.incomplete_iface_max = 2;
	f = fixture_make(&config);
	for (unsigned i = 1; i <= 4; i++)
		asked(&f, i, &mac_a);
	/* Thrice as many as there are places, for long enough that many fail. */
	for (unsigned i = 100; i < 300; i++) {
		resolve(&f, i, NULL);
		tick_after(&f, 100);
		assert_true(counters_of(&f).incomplete <= 2);
	}
	assert_true(counters_of(&f).refused > 100);
	for (unsigned i = 1; i <= 4; i++)
		assert_string_equal(state_of(&f, i), "stale");
	other.iface = 2;
	assert_int_equal(neigh_resolve(f.table, f.now_ms, &other, NULL, &f.actions), 0);
	assert_string_equal(actions_take(&f), "S");
	fixture_free(&f);
}

static void
test_static_entries(void **state)
{
	static const struct mac_addr group = { { 0x33, 0x33, 0, 0, 0, 1 } };
	struct fixture f = fixture_make(&small);
	struct neigh_key key = key_make(1);
	struct error err = { 0 };

	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, &err), 0);
	assert_string_equal(actions_take(&f), "R");
	/* Again, then with another MAC. */
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, &err), 0);
	assert_string_equal(actions_take(&f), "");
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_b, &f.actions, &err), 0);
	assert_string_equal(actions_take(&f), "R");
	assert_string_equal(answered(&f, 1, &mac_a), "");
	assert_string_equal(tick_after(&f, 10000000), "");
	assert_int_equal(err.errnum, 0);

	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &group, &f.actions, &err), -EINVAL);
	assert_string_equal(err.text, "33:33:00:00:00:01 is not the MAC address of a neighbour");
	assert_int_equal(neigh_flush(f.table, NEIGH_IFACE_ALL, false, &f.actions), 0);
	assert_string_equal(state_of(&f, 1), "permanent");
	assert_int_equal(neigh_remove(f.table, &key, &f.actions, &err), 0);
	assert_string_equal(actions_take(&f), "X");
	assert_int_equal(neigh_remove(f.table, &key, &f.actions, &err), -ENOENT);
	assert_string_equal(err.text, "there is no neighbour 10.0.0.1 on this interface");
	assert_int_equal(ip_addr_parse("ff02::1", &key.addr), 0);
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, &err), -EINVAL);
	assert_string_equal(err.text, "ff02::1 is not the address of a neighbour");
	fixture_free(&f);
}

static void
test_static_entry_takes_a_learned_one_over(void **state)
{
	struct fixture f = fixture_make(&small);
	const struct neigh_key key = key_make(1);

	asked(&f, 1, &mac_a);
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, NULL), 0);
	assert_string_equal(actions_take(&f), "");
	assert_string_equal(state_of(&f, 1), "permanent");
	/* It is out of reach of eviction now. */
	for (unsigned i = 2; i < 10; i++)
		asked(&f, i, &mac_a);
	assert_string_equal(state_of(&f, 1), "permanent");
	assert_int_equal(counters_of(&f).entries, 4);
	fixture_free(&f);
}

static void
test_next_is_in_order(void **state)
{
	static const struct {
		uint16_t iface;
		const char *addr;
	} order[] = { { 0, "10.0.0.2" }, { 0, "10.0.0.10" }, { 0, "fe80::1" }, { 1, "10.0.0.1" },
		{ 1, "2001:db8::1" }, { 300, "10.0.0.1" } };
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	struct neigh_info info = { 0 };
	char text[IP_TEXT_MAX];

	for (unsigned i = 0; i < 6; i++) {
		unsigned n = (i * 5 + 2) % 6;
		struct neigh_news news = {
			.key = { .iface = order[n].iface },
			.mac = mac_a,
			.has_mac = true,
			.create = true,
		};

		assert_int_equal(ip_addr_parse(order[n].addr, &news.key.addr), 0);
		assert_string_equal(input(&f, &news), "R");
	}
	f.now_ms += 5;
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(neigh_next(f.table, f.now_ms, &info), 0);
		assert_int_equal(info.key.iface, order[i].iface);
		assert_string_equal(ip_addr_format(&info.key.addr, text), order[i].addr);
		assert_int_equal(info.age_ms, 5);
	}
	assert_int_equal(neigh_next(f.table, f.now_ms, &info), -ENOENT);

	/* A flush of one interface leaves the others; a removed key is still a place to go on. */
	assert_int_equal(neigh_flush(f.table, 0, true, &f.actions), 0);
	assert_string_equal(actions_take(&f), "X X X");
	info = (struct neigh_info){ 0 };
	assert_int_equal(ip_addr_parse("10.0.0.2", &info.key.addr), 0);
	assert_int_equal(neigh_next(f.table, f.now_ms, &info), 0);
	assert_int_equal(info.key.iface, 1);
	assert_int_equal(counters_of(&f).entries, 3);
	fixture_free(&f);
}

/* A list that cannot grow: what is asked does not happen, and may be asked again. */
static void
test_no_memory_for_actions_loses_nothing(void **state)
{
	struct fixture f = fixture_make(&small);
	struct neigh_actions full = { .count = UINT32_MAX - 3, .size = UINT32_MAX - 3 };
	struct neigh_counters before, after;
	const struct neigh_key key = key_make(1), other = key_make(2);
	const struct neigh_news news = {
		.key = key,
		.mac = mac_a,
		.has_mac = true,
		.create = true,
	};

	resolve(&f, 1, packet(1));
	before = counters_of(&f);
	assert_int_equal(neigh_resolve(f.table, f.now_ms, &other, packet(2), &full), -ENOMEM);
	assert_int_equal(neigh_input(f.table, f.now_ms, &news, &full), -ENOMEM);
	assert_int_equal(neigh_tick(f.table, f.now_ms + 5000, NULL, NULL, &full), -ENOMEM);
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &full, NULL), -ENOMEM);
	assert_int_equal(neigh_remove(f.table, &key, &full, NULL), -ENOMEM);
	assert_int_equal(neigh_flush(f.table, 1, true, &full), -ENOMEM);
	after = counters_of(&f);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_string_equal(state_of(&f, 1), "incomplete");
	assert_string_equal(state_of(&f, 2), "none");
	assert_string_equal(tick_after(&f, 5000), "S");
	assert_string_equal(answered(&f, 1, &mac_a), "R T1");
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_refuses_no_entries),
		cmocka_unit_test(test_scan_is_bounded),
		cmocka_unit_test(test_scan_does_not_evict_when_refused),
		cmocka_unit_test(test_full_table_evicts_failed_then_oldest_stale),
		cmocka_unit_test(test_full_table_of_used_ones_refuses),
		cmocka_unit_test(test_scan_of_one_interface_leaves_others_room),
		cmocka_unit_test(test_static_entries),
		cmocka_unit_test(test_static_entry_takes_a_learned_one_over),
		cmocka_unit_test(test_next_is_in_order),
		cmocka_unit_test(test_no_memory_for_actions_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
