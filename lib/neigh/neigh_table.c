/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries by key: made and forgotten by neigh.c, neigh_share.c and the machine. */
#include "neigh/neigh_priv.h"

#include <assert.h>
#include <stdlib.h>

static int
key_compare(const struct neigh_entry *a, const struct neigh_entry *b)
{
	if (a->key.iface != b->key.iface)
		return a->key.iface < b->key.iface ? -1 : 1;
	return memcmp(&a->key.addr, &b->key.addr, sizeof(a->key.addr));
}

/* RB_GENERATE_STATIC of libbsd 0.11 relies on __unused, which glibc does not have. */
RB_GENERATE_INTERNAL(
	neigh_key_tree, neigh_entry, by_key, key_compare, __attribute__((unused)) static)

struct neigh_table *
neigh_table_create(const struct neigh_config *config)
{
	struct neigh_table *table;
	size_t size;

	if (config->entries_max == 0)
		return NULL;
	table = calloc(1, sizeof(*table));
	if (table == NULL)
		return NULL;
	table->config = *config;
	table->random = config->seed;
	size = (size_t)config->entries_max + config->incomplete_max;
	table->entries = calloc(size, sizeof(*table->entries));
	table->shares = calloc(UINT16_MAX + (size_t)1, sizeof(*table->shares));
	table->held = calloc(config->held_max + (size_t)1, sizeof(*table->held));
	if (table->entries == NULL || table->held == NULL || table->shares == NULL)
		goto free_table;

	RB_INIT(&table->by_key);
	RB_INIT(&table->by_deadline);
	TAILQ_INIT(&table->free);
	TAILQ_INIT(&table->failed);
	STAILQ_INIT(&table->held_free);
	for (size_t i = 0; i < size; i++)
		TAILQ_INSERT_TAIL(&table->free, &table->entries[i], list);
	for (uint32_t i = 0; i < config->held_max; i++)
		STAILQ_INSERT_TAIL(&table->held_free, &table->held[i], next);
	return table;

free_table:
	free(table->shares);
	free(table->held);
	free(table->entries);
	free(table);
	return NULL;
}

void
neigh_table_destroy(struct neigh_table *table)
{
	if (table == NULL)
		return;
	assert(table->counters.entries == 0);
	free(table->shares);
	free(table->held);
	free(table->entries);
	free(table);
}

struct neigh_entry *
neigh_table_lookup(const struct neigh_table *table, const struct neigh_key *key)
{
	struct neigh_key_tree tree = table->by_key; /* libbsd takes no const head */
	struct neigh_entry wanted = { .key = *key };

	return RB_FIND(neigh_key_tree, &tree, &wanted);
}

struct neigh_entry *
neigh_table_lookup_from(const struct neigh_table *table, const struct neigh_key *key)
{
	struct neigh_key_tree tree = table->by_key;
	struct neigh_entry wanted = { .key = *key };

	return RB_NFIND(neigh_key_tree, &tree, &wanted);
}

struct neigh_entry *
neigh_table_after(struct neigh_entry *entry)
{
	return RB_NEXT(neigh_key_tree, NULL, entry);
}

struct neigh_entry *
neigh_table_insert(const struct neigh_context *ctx, const struct neigh_key *key)
{
	struct neigh_table *table = ctx->table;
	struct neigh_entry *entry;

	/* Those that failed after they were known are beyond the share of the unresolved. */
	if (TAILQ_EMPTY(&table->free) && !TAILQ_EMPTY(&table->failed)) {
		table->counters.evicted++;
		neigh_table_delete(ctx, TAILQ_FIRST(&table->failed), NEIGH_DISCARD_TABLE_FULL);
	}
	entry = TAILQ_FIRST(&table->free);
	if (entry == NULL)
		return NULL;
	TAILQ_REMOVE(&table->free, entry, list);
	*entry = (struct neigh_entry){
		.key = *key,
		.confirmed_ms = ctx->now_ms,
		.state = NEIGH_FAILED,
		.ask_again = true,
	};
	STAILQ_INIT(&entry->held);
	TAILQ_INSERT_TAIL(&table->failed, entry, list);
	table->unresolved++;
	RB_INSERT(neigh_key_tree, &table->by_key, entry);

	table->counters.created++;
	table->counters.entries++;
	if (table->counters.entries > table->counters.entries_high)
		table->counters.entries_high = table->counters.entries;
	return entry;
}

void
neigh_table_delete(
	const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_discard reason)
{
	struct neigh_table *table = ctx->table;

	neigh_held_discard(ctx, entry, reason);
	neigh_state_set(ctx, entry, NEIGH_FAILED);
	neigh_timer_stop(table, entry);
	TAILQ_REMOVE(&table->failed, entry, list);
	table->unresolved--;
	RB_REMOVE(neigh_key_tree, &table->by_key, entry);
	TAILQ_INSERT_HEAD(&table->free, entry, list);
	table->counters.entries--;
}
