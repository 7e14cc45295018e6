/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that wait: bounds, and that each comes back exactly once. */
#include "unit/neigh/neigh_fixture.h"

static void
test_the_oldest_of_a_neighbour_is_replaced(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	const struct neigh_key key = key_make(1);
	char all[8 * NEIGH_HELD_MAX] = "R";

	assert_string_equal(resolve(&f, 1, packet(1)), "S");
	for (unsigned i = 2; i <= NEIGH_HELD_MAX; i++)
		assert_string_equal(resolve(&f, 1, packet(i)), "");
	assert_int_equal(counters_of(&f).held, NEIGH_HELD_MAX);
	assert_int_equal(
		neigh_resolve(f.table, f.now_ms, &key, packet(NEIGH_HELD_MAX + 1), &f.actions), 0);
	assert_int_equal(f.actions.items[0].reason, NEIGH_DISCARD_QUEUE_FULL);
	assert_string_equal(actions_take(&f), "D1");
	assert_int_equal(counters_of(&f).held, NEIGH_HELD_MAX);
	assert_int_equal(counters_of(&f).discards[NEIGH_DISCARD_QUEUE_FULL], 1);
	/* "R T2 T3 ..." */
	for (unsigned i = 2; i <= NEIGH_HELD_MAX + 1; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " T%u", i);
	assert_string_equal(answered(&f, 1, &mac_a), all);
	assert_int_equal(counters_of(&f).held, 0);
	fixture_free(&f);
}

/* RFC 4861 7.2.2: each neighbour may hold one, whatever the others hold. */
static void
test_each_neighbour_has_a_place(void **state)
{
	struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f;

	config.incomplete_max = 3;
	config.held_max = 5;
	f = fixture_make(&config);
	assert_string_equal(resolve(&f, 1, packet(1)), "S");
	assert_string_equal(resolve(&f, 1, packet(2)), "");
	assert_string_equal(resolve(&f, 1, packet(3)), "");
	/* Two beyond the first: all that may be shared. */
	assert_string_equal(resolve(&f, 1, packet(4)), "D1");
	assert_string_equal(resolve(&f, 2, packet(5)), "S");
	assert_string_equal(resolve(&f, 2, packet(6)), "D5");
	assert_string_equal(resolve(&f, 3, packet(7)), "S");
	assert_int_equal(counters_of(&f).held, 5);
	/* What one gives back another may use. */
	assert_string_equal(answered(&f, 1, &mac_a), "R T2 T3 T4");
	assert_string_equal(resolve(&f, 2, packet(8)), "");
	assert_string_equal(resolve(&f, 3, packet(9)), "");
	assert_string_equal(resolve(&f, 3, packet(10)), "D7");
	assert_string_equal(answered(&f, 2, &mac_a), "R T6 T8");
	assert_string_equal(answered(&f, 3, &mac_a), "R T9 T10");
	assert_int_equal(counters_of(&f).held, 0);
	fixture_free(&f);
}

static void
test_fewer_places_than_neighbours(void **state)
{
	struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f;

	config.held_max = 1;
	f = fixture_make(&config);
	assert_string_equal(resolve(&f, 1, packet(1)), "S");
	assert_string_equal(resolve(&f, 2, packet(2)), "S D2");
	assert_string_equal(resolve(&f, 1, packet(3)), "D1");
	assert_string_equal(answered(&f, 1, &mac_a), "R T3");
	assert_string_equal(resolve(&f, 2, packet(4)), "");
	assert_string_equal(answered(&f, 2, &mac_a), "R T4");
	fixture_free(&f);

	config.held_max = 0;
	f = fixture_make(&config);
	assert_string_equal(resolve(&f, 1, packet(1)), "S D1");
	fixture_free(&f);
}

/* Packet 103 is in a buffer, 503 in five. */
static uint32_t
buffers_by_number(const void *pkt)
{
	return (uint32_t)((uintptr_t)pkt / 100);
}

static void
test_buffers_have_a_bound(void **state)
{
	struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f;

	config.incomplete_max = 4;
	config.held_max = 10;
	config.held_buffers_max = 18;
	config.buffers = buffers_by_number;
	f = fixture_make(&config);
	assert_string_equal(resolve(&f, 1, packet(401)), "S");
	assert_string_equal(resolve(&f, 1, packet(302)), "");
	assert_string_equal(resolve(&f, 1, packet(103)), "");
	/* Eight beyond the first ones, three of them are left: what is of one is not asked. */
	assert_string_equal(resolve(&f, 2, packet(404)), "S");
	assert_string_equal(resolve(&f, 2, packet(105)), "");
	/* Where more are wanted the oldest of the same neighbour go, */
	assert_string_equal(resolve(&f, 1, packet(606)), "D401 D302");
	/* unless it would be in vain. */
	assert_string_equal(resolve(&f, 2, packet(507)), "D507");
	assert_string_equal(resolve(&f, 3, packet(208)), "S D208");
	assert_string_equal(resolve(&f, 1, packet(1009)), "D1009");
	assert_string_equal(answered(&f, 1, &mac_a), "R T103 T606");
	assert_string_equal(resolve(&f, 3, packet(610)), "");
	assert_string_equal(answered(&f, 2, &mac_a), "R T404 T105");
	assert_string_equal(answered(&f, 3, &mac_a), "R T610");
	assert_string_equal(resolve(&f, 4, packet(911)), "S");
	fixture_free(&f);
}

static void
test_flush_and_remove_return_each_once(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	const struct neigh_key key = key_make(3);

	for (unsigned i = 0; i < 12; i++)
		resolve(&f, 1 + i % 3, packet(1 + i));
	assert_int_equal(neigh_remove(f.table, &key, &f.actions, NULL), 0);
	assert_int_equal(f.actions.items[0].reason, NEIGH_DISCARD_FAILED);
	assert_string_equal(actions_take(&f), "D3 D6 D9 D12");
	assert_int_equal(neigh_flush(f.table, 2, true, &f.actions), 0);
	assert_string_equal(actions_take(&f), "");
	assert_int_equal(neigh_flush(f.table, 1, false, &f.actions), 0);
	assert_int_equal(f.actions.items[0].reason, NEIGH_DISCARD_NO_IFACE);
	assert_string_equal(actions_take(&f), "D1 D4 D7 D10 D2 D5 D8 D11");
	assert_int_equal(counters_of(&f).held, 0);
	assert_int_equal(counters_of(&f).entries, 0);
	fixture_free(&f);
}

/* The list of actions grows as one call fills it. */
static void
test_flush_of_many(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	bool back[20 * NEIGH_HELD_MAX] = { false };

	for (unsigned i = 0; i < 20 * NEIGH_HELD_MAX; i++)
		resolve(&f, i % 20, packet(i + 1));
	assert_int_equal(counters_of(&f).held, 20 * NEIGH_HELD_MAX);
	assert_int_equal(neigh_flush(f.table, 1, true, &f.actions), 0);
	assert_int_equal(f.actions.count, 20 * NEIGH_HELD_MAX);
	for (uint32_t i = 0; i < f.actions.count; i++) {
		uintptr_t pkt = (uintptr_t)f.actions.items[i].pkt;

		assert_int_equal(f.actions.items[i].type, NEIGH_DISCARD);
		assert_true(pkt > 0 && pkt <= 20 * NEIGH_HELD_MAX && !back[pkt - 1]);
		back[pkt - 1] = true;
	}
	fixture_free(&f);
}

static void
test_static_entry_lets_held_packets_go(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	const struct neigh_key key = key_make(1);

	resolve(&f, 1, packet(1));
	resolve(&f, 1, packet(2));
	assert_int_equal(neigh_add(f.table, f.now_ms, &key, &mac_a, &f.actions, NULL), 0);
	assert_memory_equal(&f.actions.items[1].mac, &mac_a, sizeof(mac_a));
	assert_string_equal(actions_take(&f), "R T1 T2");
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_oldest_of_a_neighbour_is_replaced),
		cmocka_unit_test(test_each_neighbour_has_a_place),
		cmocka_unit_test(test_fewer_places_than_neighbours),
		cmocka_unit_test(test_flush_and_remove_return_each_once),
		cmocka_unit_test(test_flush_of_many),
		cmocka_unit_test(test_buffers_have_a_bound),
		cmocka_unit_test(test_static_entry_lets_held_packets_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
