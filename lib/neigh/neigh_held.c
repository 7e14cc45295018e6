/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets that wait for a neighbour (RFC 4861 7.2.2, 1122 2.3.2.2); called by neigh_state.c. */
#include "neigh/neigh_priv.h"

static void *
held_pop(struct neigh_table *table, struct neigh_entry *entry)
{
	struct neigh_held *held = STAILQ_FIRST(&entry->held);

	if (held == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&entry->held, next);
	STAILQ_INSERT_HEAD(&table->held_free, held, next);
	if (--entry->held_count > 0)
		table->held_extra--;
	table->held_more -= held->more;
	table->counters.held--;
	return held->pkt;
}

/* The first of each neighbour has a place of its own; the rest share what is beyond those. */
static bool
held_has_room(const struct neigh_table *table, const struct neigh_entry *entry)
{
	const struct neigh_config *config = &table->config;

	if (STAILQ_EMPTY(&table->held_free) || entry->held_count == NEIGH_HELD_MAX)
		return false;
	return entry->held_count == 0 ||
		(config->held_max > config->incomplete_max &&
			table->held_extra < config->held_max - config->incomplete_max);
}

/* Buffers beyond the first of each packet, which all share: a neighbour with many leaves others less. */
static uint32_t
more_max(const struct neigh_config *config)
{
	return config->held_buffers_max > config->held_max
		? config->held_buffers_max - config->held_max
		: 0;
}

/* Have its older packets make room for so many buffers. @return false: all of them would not do */
static bool
more_make_room(const struct neigh_context *ctx, struct neigh_entry *entry, uint32_t more)
{
	struct neigh_table *table = ctx->table;
	uint32_t max = more_max(&table->config), others = table->held_more;
	const struct neigh_held *held;

	STAILQ_FOREACH (held, &entry->held, next)
		others -= held->more;
	if (more > max || others > max - more)
		return false;
	while (table->held_more > max - more)
		neigh_action_discard(
			ctx, &entry->key, held_pop(table, entry), NEIGH_DISCARD_QUEUE_FULL);
	return true;
}

void
neigh_held_push(const struct neigh_context *ctx, struct neigh_entry *entry, void *pkt)
{
	struct neigh_table *table = ctx->table;
	struct neigh_held *held;
	uint32_t more;

	if (pkt == NULL)
		return;
	more = table->config.buffers != NULL ? table->config.buffers(pkt) - 1 : 0;
	if (more > 0 && !more_make_room(ctx, entry, more)) {
		neigh_action_discard(ctx, &entry->key, pkt, NEIGH_DISCARD_QUEUE_FULL);
		return;
	}
	if (!held_has_room(table, entry)) {
		/* RFC 4861 7.2.2: the new arrival replaces the oldest, of the same neighbour. */
		void *oldest = held_pop(table, entry);

		if (oldest == NULL) {
			neigh_action_discard(ctx, &entry->key, pkt, NEIGH_DISCARD_QUEUE_FULL);
			return;
		}
		neigh_action_discard(ctx, &entry->key, oldest, NEIGH_DISCARD_QUEUE_FULL);
	}
	held = STAILQ_FIRST(&table->held_free);
	STAILQ_REMOVE_HEAD(&table->held_free, next);
	held->pkt = pkt;
	held->more = more;
	table->held_more += more;
	STAILQ_INSERT_TAIL(&entry->held, held, next);
	if (entry->held_count++ > 0)
		table->held_extra++;
	table->counters.held++;
}

void
neigh_held_transmit(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	while (entry->held_count > 0)
		neigh_action_transmit(ctx, entry, held_pop(ctx->table, entry));
}

void
neigh_held_discard(
	const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_discard reason)
{
	while (entry->held_count > 0)
		neigh_action_discard(ctx, &entry->key, held_pop(ctx->table, entry), reason);
}
