/* SPDX-License-Identifier: BSD-3-Clause */
/* Random events, seeded: what the actions told must agree with what the table shows, always. */
#include "unit/neigh/neigh_fixture.h"

#define KEYS    40
#define EVENTS  20000
#define PACKETS (EVENTS + 1)

static const struct neigh_config config = {
	.entries_max = 16,
	.incomplete_max = 6,
	.incomplete_iface_max = 5,
	.entries_iface_max = 12,
	.incomplete_yield_ms = 15,
	.held_max = 10,
	.retrans_ms = 10,
	.solicits_max = 3,
	.reachable_ms = 300,
	.delay_ms = 50,
	.stale_ms = 1200,
	.failed_ms = 50,
};

struct model {
	struct fixture f;
	uint64_t random;
	struct mac_addr adjacency[KEYS]; /* zero: none */
	bool waiting[PACKETS];
	uint32_t waiting_count;
	uintptr_t next_packet;
};

static uint32_t
random_below(struct model *m, uint32_t limit)
{
	m->random = m->random * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(m->random >> 33) % limit;
}

static bool
random_used(void *arg, const struct neigh_key *key)
{
	(void)key;
	return random_below(arg, 2) != 0;
}

static void
carry_out(struct model *m)
{
	for (uint32_t i = 0; i < m->f.actions.count; i++) {
		const struct neigh_action *action = &m->f.actions.items[i];
		struct mac_addr *mac = &m->adjacency[action->key.addr.bytes[3]];
		uintptr_t pkt = (uintptr_t)action->pkt;

		switch (action->type) {
		case NEIGH_SOLICIT: assert_true(mac_addr_is_zero(mac)); break;
		case NEIGH_SOLICIT_UNICAST: assert_true(mac_addr_equal(mac, &action->mac)); break;
		case NEIGH_RESOLVED:
			assert_false(mac_addr_equal(mac, &action->mac));
			*mac = action->mac;
			break;
		case NEIGH_UNRESOLVED:
			assert_false(mac_addr_is_zero(mac));
			*mac = (struct mac_addr){ 0 };
			break;
		case NEIGH_TRANSMIT:
			assert_true(mac_addr_equal(mac, &action->mac));
			assert_false(mac_addr_is_zero(mac));
			__attribute__((fallthrough));
		case NEIGH_DISCARD:
			assert_true(pkt < PACKETS && m->waiting[pkt]);
			m->waiting[pkt] = false;
			m->waiting_count--;
			break;
		}
	}
	m->f.actions.count = 0;
}

static void
check(struct model *m)
{
	const struct neigh_counters counters = counters_of(&m->f);
	struct neigh_info info = { 0 };
	uint32_t entries = 0, incomplete = 0, held = 0, adjacencies = 0, shown = 0;

	while (neigh_next(m->f.table, m->f.now_ms, &info) == 0) {
		const struct mac_addr *mac = &m->adjacency[info.key.addr.bytes[3]];

		entries++;
		incomplete += info.state == NEIGH_INCOMPLETE;
		held += info.held;
		assert_true(info.held == 0 || info.state == NEIGH_INCOMPLETE);
		assert_true(mac_addr_equal(mac, &info.mac));
		assert_true(mac_addr_is_zero(&info.mac) ==
			(info.state == NEIGH_INCOMPLETE || info.state == NEIGH_FAILED));
		shown += !mac_addr_is_zero(&info.mac);
	}
	for (unsigned i = 0; i < KEYS; i++)
		adjacencies += !mac_addr_is_zero(&m->adjacency[i]);
	assert_int_equal(adjacencies, shown);
	assert_int_equal(counters.entries, entries);
	assert_int_equal(counters.incomplete, incomplete);
	assert_int_equal(counters.held, held);
	assert_int_equal(m->waiting_count, held);
	assert_true(entries <= config.entries_max + config.incomplete_max);
	assert_true(shown <= config.entries_max);
	assert_true(incomplete <= config.incomplete_max);
	assert_true(held <= config.held_max);
}

static void
packet_needs(struct model *m, const struct neigh_key *key)
{
	uintptr_t pkt = 0;

	if (random_below(m, 8) != 0) {
		pkt = m->next_packet++;
		m->waiting[pkt] = true;
		m->waiting_count++;
	}
	assert_int_equal(
		neigh_resolve(m->f.table, m->f.now_ms, key, packet(pkt), &m->f.actions), 0);
}

static void
news_come(struct model *m, const struct neigh_key *key)
{
	struct neigh_news news = {
		.key = *key,
		.mac = { { 2, 0, 0, 0, 0, (uint8_t)(1 + random_below(m, 3)) } },
		.has_mac = random_below(m, 4) != 0,
		.solicited = random_below(m, 2) != 0,
		.override = random_below(m, 2) != 0,
		.router = random_below(m, 2) != 0,
		.advertisement = random_below(m, 2) != 0,
		.create = random_below(m, 2) != 0,
	};

	assert_int_equal(neigh_input(m->f.table, m->f.now_ms, &news, &m->f.actions), 0);
}

static void
step(struct model *m)
{
	const struct neigh_key key = key_make(random_below(m, KEYS));
	const struct mac_addr mac = { { 2, 0, 0, 0, 0, 9 } };
	uint32_t choice = random_below(m, 100);

	if (choice < 40) {
		packet_needs(m, &key);
	} else if (choice < 65) {
		news_come(m, &key);
	} else if (choice < 96) {
		m->f.now_ms += random_below(m, 30);
		assert_int_equal(
			neigh_tick(m->f.table, m->f.now_ms, random_used, m, &m->f.actions), 0);
	} else if (choice < 97) {
		neigh_add(m->f.table, m->f.now_ms, &key, &mac, &m->f.actions, NULL);
	} else if (choice < 99) {
		neigh_remove(m->f.table, &key, &m->f.actions, NULL);
	} else if (random_below(m, 10) == 0) {
		neigh_flush(m->f.table, 1, random_below(m, 2) != 0, &m->f.actions);
	}
}

static void
test_actions_agree_with_the_table(void **state)
{
	struct model *m = malloc(sizeof(*m));

	assert_non_null(m);
	for (unsigned seed = 1; seed <= 8; seed++) {
		*m = (struct model){
			.f = fixture_make(&config),
			.random = seed,
			.next_packet = 1,
		};
		for (unsigned i = 0; i < EVENTS; i++) {
			step(m);
			carry_out(m);
			check(m);
		}
		assert_true(counters_of(&m->f).evicted > 0);
		assert_true(counters_of(&m->f).expired > 0);
		assert_true(counters_of(&m->f).refused > 0);
		neigh_flush(m->f.table, NEIGH_IFACE_ALL, true, &m->f.actions);
		carry_out(m);
		check(m);
		assert_int_equal(m->waiting_count, 0);
		fixture_free(&m->f);
	}
	free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions_agree_with_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
