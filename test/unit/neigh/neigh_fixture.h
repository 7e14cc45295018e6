/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A neighbour table on a clock of its own, and its actions as text: shared by neigh_*_test.c.
 */
#ifndef UNIT_NEIGH_FIXTURE_H
#define UNIT_NEIGH_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neigh/neigh.h"

static const struct mac_addr mac_a = { { 2, 0, 0, 0, 0, 0xa } };
static const struct mac_addr mac_b = { { 2, 0, 0, 0, 0, 0xb } };

struct fixture {
	struct neigh_table *table;
	struct neigh_actions actions;
	uint64_t now_ms;
	char text[4096];
	bool used; /* what `used` answers */
	unsigned used_asked;
};

static inline struct fixture
fixture_make(const struct neigh_config *config)
{
	struct fixture f = { .table = neigh_table_create(config), .now_ms = 1000000 };

	assert_non_null(f.table);
	return f;
}

static inline void
fixture_free(struct fixture *f)
{
	f->actions.count = 0;
	assert_int_equal(neigh_flush(f->table, NEIGH_IFACE_ALL, true, &f->actions), 0);
	neigh_table_destroy(f->table);
	neigh_actions_free(&f->actions);
}

/* Neighbour `n` of interface 1: 10.0.x.y. */
static inline struct neigh_key
key_make(unsigned n)
{
	struct neigh_key key = {
		.iface = 1,
		.addr = { .family = IP_FAMILY_4,
			.bytes = { 10, 0, (uint8_t)(n >> 8), (uint8_t)n } },
	};

	return key;
}

/* Any pointer serves: packets are never looked into. */
static inline void *
packet(uintptr_t n)
{
	return (void *)n;
}

/*
 * What was to be done, and forget it: S solicit, U unicast solicit, R resolved, X unresolved,
 * T transmit, D discard; packets by number: "S T1 T2".
 */
static inline const char *
actions_take(struct fixture *f)
{
	static const char letters[] = "SURXTD";
	size_t length = 0;

	f->text[0] = '\0';
	for (uint32_t i = 0; i < f->actions.count; i++) {
		const struct neigh_action *action = &f->actions.items[i];

		length += snprintf(f->text + length, sizeof(f->text) - length, "%s%c",
			i > 0 ? " " : "", letters[action->type]);
		if (action->pkt != NULL)
			length += snprintf(f->text + length, sizeof(f->text) - length, "%lu",
				(unsigned long)(uintptr_t)action->pkt);
		assert_true(length < sizeof(f->text));
	}
	f->actions.count = 0;
	return f->text;
}

static inline const char *
resolve(struct fixture *f, unsigned n, void *pkt)
{
	const struct neigh_key key = key_make(n);

	assert_int_equal(neigh_resolve(f->table, f->now_ms, &key, pkt, &f->actions), 0);
	return actions_take(f);
}

static inline const char *
input(struct fixture *f, const struct neigh_news *news)
{
	assert_int_equal(neigh_input(f->table, f->now_ms, news, &f->actions), 0);
	return actions_take(f);
}

/* It asked us something: an ARP request or NS with its MAC. */
static inline const char *
asked(struct fixture *f, unsigned n, const struct mac_addr *mac)
{
	const struct neigh_news news = {
		.key = key_make(n),
		.mac = *mac,
		.has_mac = true,
		.override = true,
		.create = true,
	};

	return input(f, &news);
}

/* It answered us. */
static inline const char *
answered(struct fixture *f, unsigned n, const struct mac_addr *mac)
{
	const struct neigh_news news = {
		.key = key_make(n),
		.mac = *mac,
		.has_mac = true,
		.override = true,
		.solicited = true,
		.advertisement = true,
	};

	return input(f, &news);
}

static inline bool
fixture_used(void *arg, const struct neigh_key *key)
{
	struct fixture *f = arg;

	(void)key;
	f->used_asked++;
	return f->used;
}

static inline const char *
tick_after(struct fixture *f, uint64_t ms)
{
	f->now_ms += ms;
	assert_int_equal(neigh_tick(f->table, f->now_ms, fixture_used, f, &f->actions), 0);
	return actions_take(f);
}

static inline const char *
state_of(struct fixture *f, unsigned n)
{
	const struct neigh_key key = key_make(n);
	struct neigh_info info;

	if (neigh_find(f->table, f->now_ms, &key, &info) < 0)
		return "none";
	return neigh_state_name(info.state);
}

static inline struct neigh_counters
counters_of(struct fixture *f)
{
	struct neigh_counters counters;

	neigh_counters(f->table, &counters);
	return counters;
}

#endif
