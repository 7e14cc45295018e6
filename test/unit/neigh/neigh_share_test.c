/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gives up a place: by interface, by proof, by time; and that nobody is kept out by others. */
#include "unit/neigh/neigh_fixture.h"

static const struct neigh_config shared = {
	.entries_max = 8,
	.entries_iface_max = 4,
	.incomplete_max = 6,
	.incomplete_iface_max = 4,
	.incomplete_yield_ms = 200,
	.held_max = 64,
	.retrans_ms = 1000,
	.solicits_max = 3,
	.reachable_ms = 30000,
	.delay_ms = 5000,
	.stale_ms = 600000,
	.failed_ms = 5000,
};

static struct neigh_key
key_on(uint16_t iface, unsigned n)
{
	struct neigh_key key = key_make(n);

	key.iface = iface;
	return key;
}

/* It asked us something, on an interface. */
static const char *
asked_on(struct fixture *f, uint16_t iface, unsigned n)
{
	const struct neigh_news news = {
		.key = key_on(iface, n),
		.mac = mac_a,
		.has_mac = true,
		.override = true,
		.create = true,
	};

	return input(f, &news);
}

static const char *
resolve_on(struct fixture *f, uint16_t iface, unsigned n, void *pkt)
{
	const struct neigh_key key = key_on(iface, n);

	assert_int_equal(neigh_resolve(f->table, f->now_ms, &key, pkt, &f->actions), 0);
	return actions_take(f);
}

/* It was asked, and answered. */
static const char *
found_on(struct fixture *f, uint16_t iface, unsigned n)
{
	const struct neigh_news news = {
		.key = key_on(iface, n),
		.mac = mac_a,
		.has_mac = true,
		.override = true,
		.solicited = true,
		.advertisement = true,
	};

	resolve_on(f, iface, n, NULL);
	return input(f, &news);
}

static const char *
state_on(struct fixture *f, uint16_t iface, unsigned n)
{
	const struct neigh_key key = key_on(iface, n);
	struct neigh_info info;

	if (neigh_find(f->table, f->now_ms, &key, &info) < 0)
		return "none";
	return neigh_state_name(info.state);
}

/* Many who say that they are there get the interface's share, and take it from each other. */
static void
test_flood_takes_one_share(void **state)
{
	struct fixture f = fixture_make(&shared);

	for (unsigned i = 1; i <= 3; i++)
		asked_on(&f, 2, i);
	for (unsigned i = 1; i <= 100; i++)
		assert_string_equal(asked_on(&f, 1, i), i <= 4 ? "R" : "X R");
	assert_int_equal(counters_of(&f).entries, 7);
	assert_int_equal(counters_of(&f).evicted, 96);
	assert_string_equal(state_on(&f, 1, 100), "stale");
	assert_string_equal(state_on(&f, 1, 96), "none");
	for (unsigned i = 1; i <= 3; i++)
		assert_string_equal(state_on(&f, 2, i), "stale");
	fixture_free(&f);
}

/* One who answers for all, so that none is stale: then it is full, but for others. */
static void
test_share_of_reachable_ones_refuses_its_own(void **state)
{
	struct fixture f = fixture_make(&shared);

	for (unsigned i = 1; i <= 10; i++)
		assert_string_equal(found_on(&f, 1, i), i <= 4 ? "R" : "");
	assert_int_equal(counters_of(&f).refused, 6);
	assert_string_equal(found_on(&f, 2, 1), "R");
	/* The user is not bound by what packets did. */
	assert_int_equal(neigh_add(f.table, f.now_ms, &(struct neigh_key){ 1, key_make(50).addr },
				 &mac_a, &f.actions, NULL),
		0);
	fixture_free(&f);
}

/* RFC 6583 7.1: those who answered us stay when those come who only asked. */
static void
test_doubtful_ones_go_first(void **state)
{
	struct fixture f = fixture_make(&shared);

	found_on(&f, 1, 1);
	found_on(&f, 1, 2);
	tick_after(&f, 30000);
	assert_string_equal(state_on(&f, 1, 1), "stale");
	for (unsigned i = 100; i < 200; i++)
		asked_on(&f, 1, i);
	assert_string_equal(state_on(&f, 1, 1), "stale");
	assert_string_equal(state_on(&f, 1, 2), "stale");
	/* Somebody speaks in the name of 1: it is one of the crowd, until it answers. */
	asked(&f, 1, &mac_b);
	asked_on(&f, 1, 200);
	asked_on(&f, 1, 201);
	asked_on(&f, 1, 202);
	assert_string_equal(state_on(&f, 1, 1), "none");
	assert_string_equal(state_on(&f, 1, 2), "stale");
	/* Where there are no others, one who answered goes. */
	found_on(&f, 1, 200);
	found_on(&f, 1, 201);
	found_on(&f, 1, 202);
	assert_string_equal(asked_on(&f, 1, 203), "X R");
	assert_string_equal(state_on(&f, 1, 2), "none");
	fixture_free(&f);
}

/* A full table: who has most gives, not who happens to be there for longest. */
static void
test_largest_gives(void **state)
{
	struct neigh_config config = shared;
	struct fixture f;

	config.entries_iface_max = 0;
	f = fixture_make(&config);
	asked_on(&f, 3, 1);
	for (unsigned i = 1; i <= 6; i++)
		asked_on(&f, 2, i);
	found_on(&f, 1, 1);
	/* Whoever has some gives his own. */
	assert_string_equal(asked_on(&f, 3, 2), "X R");
	assert_string_equal(state_on(&f, 3, 1), "none");
	assert_string_equal(state_on(&f, 2, 1), "stale");
	assert_string_equal(asked_on(&f, 1, 2), "X R");
	assert_string_equal(state_on(&f, 3, 2), "stale");
	assert_string_equal(state_on(&f, 2, 1), "none");
	fixture_free(&f);
}

/* 20 packets a millisecond to nobody; one is there, and answers within five. */
static void
test_scan_does_not_hide_who_is_there(void **state)
{
	struct neigh_news answer = {
		.key = key_on(1, 7),
		.mac = mac_a,
		.has_mac = true,
		.override = true,
		.solicited = true,
		.advertisement = true,
	};
	struct fixture f = fixture_make(&shared);
	uint64_t solicits;

	for (unsigned n = 1000; n < 21000; n++) {
		resolve_on(&f, 1, n, packet(n));
		if (n % 20 == 0)
			tick_after(&f, 1);
	}
	/* A second: so few were asked, and no more. */
	solicits = counters_of(&f).solicits;
	assert_true(solicits >= 16 && solicits <= 4 * 5 + 4);
	assert_int_equal(counters_of(&f).incomplete, 4);
	/* Each packet may be the one that gets a place: here the first one after a while. */
	f.now_ms += 200;
	assert_non_null(strstr(resolve_on(&f, 1, 7, packet(1)), "S"));
	for (unsigned n = 30000; n < 30100; n++)
		resolve_on(&f, 1, n, packet(n));
	f.now_ms += 5;
	assert_string_equal(input(&f, &answer), "R T1");
	assert_string_equal(state_on(&f, 1, 7), "reachable");
	fixture_free(&f);
}

/* Two interfaces that are scanned share what there is; one that is not still gets a place. */
static void
test_scan_leaves_others_room(void **state)
{
	struct fixture f = fixture_make(&shared);

	for (unsigned i = 1; i <= 4; i++)
		resolve_on(&f, 1, i, NULL);
	for (unsigned i = 1; i <= 4; i++)
		assert_string_equal(resolve_on(&f, 2, i, NULL), i <= 2 ? "S" : "");
	assert_string_equal(resolve_on(&f, 3, 1, NULL), "");
	f.now_ms += 200;
	assert_string_equal(resolve_on(&f, 3, 1, NULL), "S");
	/* Of the busiest, and the oldest there. */
	assert_string_equal(state_on(&f, 1, 1), "none");
	assert_string_equal(state_on(&f, 1, 2), "incomplete");
	assert_string_equal(state_on(&f, 2, 1), "incomplete");
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flood_takes_one_share),
		cmocka_unit_test(test_share_of_reachable_ones_refuses_its_own),
		cmocka_unit_test(test_doubtful_ones_go_first),
		cmocka_unit_test(test_largest_gives),
		cmocka_unit_test(test_scan_does_not_hide_who_is_there),
		cmocka_unit_test(test_scan_leaves_others_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
