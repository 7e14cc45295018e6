/* SPDX-License-Identifier: BSD-3-Clause */
/* Deadlines of neighbours, ordered: neigh_tick() looks at the earliest only. */
#include "neigh/neigh_priv.h"

static int
deadline_compare(const struct neigh_entry *a, const struct neigh_entry *b)
{
	if (a->deadline_ms != b->deadline_ms)
		return a->deadline_ms < b->deadline_ms ? -1 : 1;
	return a < b ? -1 : a > b; /* both in one array */
}

/* RB_GENERATE_STATIC of libbsd 0.11 relies on __unused, which glibc does not have. */
RB_GENERATE_INTERNAL(neigh_deadline_tree, neigh_entry, by_deadline, deadline_compare,
	__attribute__((unused)) static)

void
neigh_timer_start(struct neigh_table *table, struct neigh_entry *entry, uint64_t deadline_ms)
{
	neigh_timer_stop(table, entry);
	entry->deadline_ms = deadline_ms;
	RB_INSERT(neigh_deadline_tree, &table->by_deadline, entry);
	entry->timed = true;
}

void
neigh_timer_stop(struct neigh_table *table, struct neigh_entry *entry)
{
	if (!entry->timed)
		return;
	RB_REMOVE(neigh_deadline_tree, &table->by_deadline, entry);
	entry->timed = false;
}

static struct neigh_entry *
timer_first(const struct neigh_table *table)
{
	/* libbsd's tree functions take no const head; this one only reads. */
	struct neigh_deadline_tree tree = table->by_deadline;

	return RB_MIN(neigh_deadline_tree, &tree);
}

struct neigh_entry *
neigh_timer_due(const struct neigh_table *table, uint64_t now_ms)
{
	struct neigh_entry *first = timer_first(table);

	return first != NULL && first->deadline_ms <= now_ms ? first : NULL;
}

uint64_t
neigh_next_ms(const struct neigh_table *table)
{
	const struct neigh_entry *first = timer_first(table);

	return first != NULL ? first->deadline_ms : UINT64_MAX;
}
