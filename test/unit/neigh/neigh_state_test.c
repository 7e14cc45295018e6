/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine, cell by cell: RFC 4861 7.2.5 and appendix C. */
#include "unit/neigh/neigh_fixture.h"

/* NA_xy_M: x solicited, y override; M: no MAC, the one known (A), another (B). */
enum event {
	PACKET,
	TIMEOUT,
	NS_NONE,
	NS_A,
	NS_B,
	NA_00_NONE,
	NA_01_NONE,
	NA_10_NONE,
	NA_11_NONE,
	NA_00_A,
	NA_01_A,
	NA_10_A,
	NA_11_A,
	NA_00_B,
	NA_01_B,
	NA_10_B,
	NA_11_B,
	EVENT_COUNT
};

/*
 * "STATE MAC[r]: ACTIONS" afterwards; r: the router flag, which each NA has set. MAC is A or B, -
 * for none. INCOMPLETE has packet 7 waiting; PACKET is packet 8.
 */
static const char *const expected[NEIGH_STATE_COUNT][EVENT_COUNT] = {
	[NEIGH_INCOMPLETE] = {
		[PACKET] = "incomplete -: ",
		[TIMEOUT] = "incomplete -: S",
		[NS_NONE] = "incomplete -: ",
		[NS_A] = "stale A: R T7",
		[NS_B] = "stale B: R T7",
		[NA_00_NONE] = "incomplete -r: ",
		[NA_01_NONE] = "incomplete -r: ",
		[NA_10_NONE] = "incomplete -r: ",
		[NA_11_NONE] = "incomplete -r: ",
		[NA_00_A] = "stale Ar: R T7",
		[NA_01_A] = "stale Ar: R T7",
		[NA_10_A] = "reachable Ar: R T7",
		[NA_11_A] = "reachable Ar: R T7",
		[NA_00_B] = "stale Br: R T7",
		[NA_01_B] = "stale Br: R T7",
		[NA_10_B] = "reachable Br: R T7",
		[NA_11_B] = "reachable Br: R T7",
	},
	[NEIGH_REACHABLE] = {
		[PACKET] = "reachable A: T8",
		[TIMEOUT] = "stale A: ",
		[NS_NONE] = "reachable A: ",
		[NS_A] = "reachable A: ",
		[NS_B] = "stale B: R",
		[NA_00_NONE] = "reachable Ar: ",
		[NA_01_NONE] = "reachable Ar: ",
		[NA_10_NONE] = "reachable Ar: ",
		[NA_11_NONE] = "reachable Ar: ",
		[NA_00_A] = "reachable Ar: ",
		[NA_01_A] = "reachable Ar: ",
		[NA_10_A] = "reachable Ar: ",
		[NA_11_A] = "reachable Ar: ",
		[NA_00_B] = "stale A: ",
		[NA_01_B] = "stale Br: R",
		[NA_10_B] = "stale A: ",
		[NA_11_B] = "reachable Br: R",
	},
	[NEIGH_STALE] = {
		[PACKET] = "delay A: T8",
		[TIMEOUT] = "stale A: ",
		[NS_NONE] = "stale A: ",
		[NS_A] = "stale A: ",
		[NS_B] = "stale B: R",
		[NA_00_NONE] = "stale Ar: ",
		[NA_01_NONE] = "stale Ar: ",
		[NA_10_NONE] = "reachable Ar: ",
		[NA_11_NONE] = "reachable Ar: ",
		[NA_00_A] = "stale Ar: ",
		[NA_01_A] = "stale Ar: ",
		[NA_10_A] = "reachable Ar: ",
		[NA_11_A] = "reachable Ar: ",
		[NA_00_B] = "stale A: ",
		[NA_01_B] = "stale Br: R",
		[NA_10_B] = "stale A: ",
		[NA_11_B] = "reachable Br: R",
	},
	[NEIGH_DELAY] = {
		[PACKET] = "delay A: T8",
		[TIMEOUT] = "probe A: U",
		[NS_NONE] = "delay A: ",
		[NS_A] = "delay A: ",
		[NS_B] = "stale B: R",
		[NA_00_NONE] = "delay Ar: ",
		[NA_01_NONE] = "delay Ar: ",
		[NA_10_NONE] = "reachable Ar: ",
		[NA_11_NONE] = "reachable Ar: ",
		[NA_00_A] = "delay Ar: ",
		[NA_01_A] = "delay Ar: ",
		[NA_10_A] = "reachable Ar: ",
		[NA_11_A] = "reachable Ar: ",
		[NA_00_B] = "delay A: ",
		[NA_01_B] = "stale Br: R",
		[NA_10_B] = "delay A: ",
		[NA_11_B] = "reachable Br: R",
	},
	[NEIGH_PROBE] = {
		[PACKET] = "probe A: T8",
		[TIMEOUT] = "probe A: U",
		[NS_NONE] = "probe A: ",
		[NS_A] = "probe A: ",
		[NS_B] = "stale B: R",
		[NA_00_NONE] = "probe Ar: ",
		[NA_01_NONE] = "probe Ar: ",
		[NA_10_NONE] = "reachable Ar: ",
		[NA_11_NONE] = "reachable Ar: ",
		[NA_00_A] = "probe Ar: ",
		[NA_01_A] = "probe Ar: ",
		[NA_10_A] = "reachable Ar: ",
		[NA_11_A] = "reachable Ar: ",
		[NA_00_B] = "probe A: ",
		[NA_01_B] = "stale Br: R",
		[NA_10_B] = "probe A: ",
		[NA_11_B] = "reachable Br: R",
	},
	[NEIGH_FAILED] = {
		[PACKET] = "failed -: D8",
		[TIMEOUT] = "none -: ",
		[NS_NONE] = "failed -: ",
		[NS_A] = "stale A: R",
		[NS_B] = "stale B: R",
		[NA_00_NONE] = "failed -r: ",
		[NA_01_NONE] = "failed -r: ",
		[NA_10_NONE] = "failed -r: ",
		[NA_11_NONE] = "failed -r: ",
		[NA_00_A] = "stale Ar: R",
		[NA_01_A] = "stale Ar: R",
		[NA_10_A] = "reachable Ar: R",
		[NA_11_A] = "reachable Ar: R",
		[NA_00_B] = "stale Br: R",
		[NA_01_B] = "stale Br: R",
		[NA_10_B] = "reachable Br: R",
		[NA_11_B] = "reachable Br: R",
	},
	[NEIGH_PERMANENT] = {
		[PACKET] = "permanent A: T8",
		[TIMEOUT] = "permanent A: ",
		[NS_NONE] = "permanent A: ",
		[NS_A] = "permanent A: ",
		[NS_B] = "permanent A: ",
		[NA_00_NONE] = "permanent A: ",
		[NA_01_NONE] = "permanent A: ",
		[NA_10_NONE] = "permanent A: ",
		[NA_11_NONE] = "permanent A: ",
		[NA_00_A] = "permanent A: ",
		[NA_01_A] = "permanent A: ",
		[NA_10_A] = "permanent A: ",
		[NA_11_A] = "permanent A: ",
		[NA_00_B] = "permanent A: ",
		[NA_01_B] = "permanent A: ",
		[NA_10_B] = "permanent A: ",
		[NA_11_B] = "permanent A: ",
	},
};

/* How long each state lasts when nothing happens. */
static const uint64_t timeout_ms[NEIGH_STATE_COUNT] = {
	[NEIGH_INCOMPLETE] = 1000,
	[NEIGH_REACHABLE] = 30000,
	[NEIGH_STALE] = 1000,
	[NEIGH_DELAY] = 5000,
	[NEIGH_PROBE] = 1000,
	[NEIGH_FAILED] = 5000,
	[NEIGH_PERMANENT] = 100000000,
};

static void
enter(struct fixture *f, enum neigh_state state)
{
	const struct neigh_key key = key_make(1);

	switch (state) {
	case NEIGH_INCOMPLETE: resolve(f, 1, packet(7)); break;
	case NEIGH_REACHABLE:
		resolve(f, 1, NULL);
		answered(f, 1, &mac_a);
		break;
	case NEIGH_STALE: asked(f, 1, &mac_a); break;
	case NEIGH_DELAY:
		enter(f, NEIGH_STALE);
		resolve(f, 1, NULL);
		break;
	case NEIGH_PROBE:
		enter(f, NEIGH_DELAY);
		tick_after(f, 5000);
		break;
	case NEIGH_FAILED:
		resolve(f, 1, NULL);
		for (unsigned i = 0; i < 3; i++)
			tick_after(f, 1000);
		break;
	case NEIGH_PERMANENT:
	default:
		assert_int_equal(
			neigh_add(f->table, f->now_ms, &key, &mac_a, &f->actions, NULL), 0);
		actions_take(f);
		break;
	}
	assert_string_equal(state_of(f, 1), neigh_state_name(state));
}

static const char *
happen(struct fixture *f, enum neigh_state state, enum event event)
{
	struct neigh_news news = { .key = key_make(1) };

	if (event == PACKET)
		return resolve(f, 1, packet(8));
	if (event == TIMEOUT)
		return tick_after(f, timeout_ms[state]);
	if (event == NS_A || event == NS_B || event >= NA_00_A) {
		news.has_mac = true;
		news.mac = event == NS_B || event >= NA_00_B ? mac_b : mac_a;
	}
	if (event >= NA_00_NONE) {
		news.advertisement = news.router = true;
		news.solicited = ((event - NA_00_NONE) & 2) != 0;
		news.override = ((event - NA_00_NONE) & 1) != 0;
	}
	return input(f, &news);
}

static void
test_each_cell(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;

	for (unsigned s = 0; s < NEIGH_STATE_COUNT; s++) {
		for (unsigned e = 0; e < EVENT_COUNT; e++) {
			struct fixture f = fixture_make(&config);
			const struct neigh_key key = key_make(1);
			struct neigh_info info = { 0 };
			const char *actions;
			char mac = '-', text[sizeof(f.text) + 64];

			enter(&f, s);
			actions = happen(&f, s, e);
			neigh_find(f.table, f.now_ms, &key, &info);
			if (!mac_addr_is_zero(&info.mac))
				mac = mac_addr_equal(&info.mac, &mac_a) ? 'A' : 'B';
			snprintf(text, sizeof(text), "%s %c%s: %s", state_of(&f, 1), mac,
				info.router ? "r" : "", actions);
			if (strcmp(text, expected[s][e]) != 0)
				print_error("state %s, event %u\n", neigh_state_name(s), e);
			assert_string_equal(text, expected[s][e]);
			fixture_free(&f);
		}
	}
}

static void
test_unknown_neighbour(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	struct neigh_news news = { .key = key_make(1), .mac = mac_a, .has_mac = true };

	/* RFC 4861 7.2.5: an advertisement nobody asked for makes no entry. */
	news.advertisement = news.override = true;
	assert_string_equal(input(&f, &news), "");
	assert_string_equal(state_of(&f, 1), "none");
	/* RFC 4861 7.2.3: without a source option there is nothing to remember. */
	news = (struct neigh_news){ .key = key_make(1), .create = true };
	assert_string_equal(input(&f, &news), "");
	assert_string_equal(state_of(&f, 1), "none");
	news.has_mac = true;
	news.mac = mac_a;
	assert_string_equal(input(&f, &news), "R");
	assert_string_equal(state_of(&f, 1), "stale");
	/* An ARP reply that answers nothing: RFC 826 remembers it, but it proves nothing. */
	news.key = key_make(2);
	news.advertisement = news.solicited = news.override = true;
	assert_string_equal(input(&f, &news), "R");
	assert_string_equal(state_of(&f, 2), "stale");
	fixture_free(&f);
}

static void
test_mac_changes_are_counted_and_told(void **state)
{
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	const struct neigh_news gratuitous = {
		.key = key_make(1),
		.mac = mac_b,
		.has_mac = true,
		.override = true,
		.advertisement = true,
	};

	resolve(&f, 1, NULL);
	answered(&f, 1, &mac_a);
	assert_int_equal(neigh_input(f.table, f.now_ms, &gratuitous, &f.actions), 0);
	assert_int_equal(f.actions.count, 1);
	assert_int_equal(f.actions.items[0].type, NEIGH_RESOLVED);
	assert_memory_equal(&f.actions.items[0].mac, &mac_b, sizeof(mac_b));
	assert_string_equal(state_of(&f, 1), "stale");
	assert_int_equal(counters_of(&f).mac_changes, 1);
	assert_int_equal(counters_of(&f).resolved, 1);
	fixture_free(&f);
}

static void
test_impossible_news_is_ignored(void **state)
{
	static const struct mac_addr group = { { 1, 0, 0, 0, 0, 1 } }, zero = { { 0 } };
	static const char *const addrs[] = { "0.0.0.0", "224.0.0.1", "255.255.255.255", "127.0.0.1",
		"::", "ff02::1", "::1" };
	const struct neigh_config config = NEIGH_CONFIG_DEFAULT;
	struct fixture f = fixture_make(&config);
	struct neigh_news news = { .mac = mac_a, .has_mac = true, .create = true };

	for (unsigned i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		assert_int_equal(ip_addr_parse(addrs[i], &news.key.addr), 0);
		assert_string_equal(input(&f, &news), "");
	}
	news.key.addr.family = IP_FAMILY_NONE;
	assert_string_equal(input(&f, &news), "");
	assert_string_equal(asked(&f, 1, &group), "");
	assert_string_equal(asked(&f, 1, &zero), "");
	assert_int_equal(counters_of(&f).entries, 0);
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_cell),
		cmocka_unit_test(test_unknown_neighbour),
		cmocka_unit_test(test_mac_changes_are_counted_and_told),
		cmocka_unit_test(test_impossible_news_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
