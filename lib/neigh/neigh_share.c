/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who has to give up a place in a full table; asked by neigh.c and neigh_state.c. Each interface has
 * a share, so that whoever fills it by one link does not keep the neighbours of others out.
 */
#include "neigh/neigh_priv.h"

struct neigh_share *
neigh_share_get(struct neigh_table *table, uint16_t iface)
{
	struct neigh_share *share = &table->shares[iface];

	if (iface >= table->share_count)
		table->share_count = iface + 1U;
	if (share->incomplete.tqh_last == NULL) {
		TAILQ_INIT(&share->incomplete);
		TAILQ_INIT(&share->stale[false]);
		TAILQ_INIT(&share->stale[true]);
	}
	return share;
}

void
neigh_iface_times_set(
	struct neigh_table *table, uint16_t iface, uint32_t reachable_ms, uint32_t retrans_ms)
{
	struct neigh_share *share = neigh_share_get(table, iface);

	share->reachable_ms = reachable_ms;
	share->retrans_ms = retrans_ms;
}

/* ---- those whose MAC is known ---- */

/* Whoever asked us something may be anybody: RFC 6583 7.1. */
static struct neigh_entry *
stale_victim(const struct neigh_share *share)
{
	struct neigh_entry *doubtful = TAILQ_FIRST(&share->stale[false]);

	return doubtful != NULL ? doubtful : TAILQ_FIRST(&share->stale[true]);
}

static bool
evict(const struct neigh_context *ctx, struct neigh_entry *victim)
{
	if (victim == NULL)
		return false;
	ctx->table->counters.evicted++;
	neigh_table_delete(ctx, victim, NEIGH_DISCARD_TABLE_FULL);
	return true;
}

/* Of the interface that has learned most. */
static struct neigh_entry *
largest_victim(const struct neigh_table *table)
{
	struct neigh_entry *victim = NULL;
	uint32_t most = 0;

	for (uint32_t i = 0; i < table->share_count; i++) {
		const struct neigh_share *share = &table->shares[i];

		if (share->learned > most && stale_victim(share) != NULL) {
			most = share->learned;
			victim = stale_victim(share);
		}
	}
	return victim;
}

bool
neigh_share_room_known(const struct neigh_context *ctx, uint16_t iface)
{
	const struct neigh_table *table = ctx->table;
	const struct neigh_share *share = neigh_share_get(ctx->table, iface);

	if (table->counters.entries - table->unresolved < table->config.entries_max)
		return true;
	return evict(ctx, stale_victim(share)) || evict(ctx, largest_victim(table));
}

bool
neigh_share_room_learned(const struct neigh_context *ctx, uint16_t iface)
{
	const uint32_t bound = ctx->table->config.entries_iface_max;
	const struct neigh_share *share = neigh_share_get(ctx->table, iface);

	if (bound != 0 && share->learned >= bound)
		return evict(ctx, stale_victim(share));
	return neigh_share_room_known(ctx, iface);
}

/* ---- those whose MAC is not ---- */

/* One that had time to answer. Sooner none goes, or all would be asked and none heard. */
static struct neigh_entry *
incomplete_victim(const struct neigh_context *ctx, const struct neigh_share *share)
{
	const uint32_t yield_ms = ctx->table->config.incomplete_yield_ms;
	struct neigh_entry *oldest = TAILQ_FIRST(&share->incomplete);

	return yield_ms != 0 && oldest != NULL && ctx->now_ms - oldest->since_ms >= yield_ms
		? oldest
		: NULL;
}

/* Of the interface that asks for most. */
static struct neigh_entry *
busiest_victim(const struct neigh_context *ctx)
{
	const struct neigh_table *table = ctx->table;
	struct neigh_entry *victim = NULL;
	uint32_t most = 0;

	for (uint32_t i = 0; i < table->share_count; i++) {
		const struct neigh_share *share = &table->shares[i];

		if (share->asked > most && incomplete_victim(ctx, share) != NULL) {
			most = share->asked;
			victim = incomplete_victim(ctx, share);
		}
	}
	return victim;
}

bool
neigh_share_room_incomplete(const struct neigh_context *ctx, uint16_t iface)
{
	const struct neigh_config *config = &ctx->table->config;
	const struct neigh_share *share = neigh_share_get(ctx->table, iface);

	if (config->incomplete_iface_max != 0 && share->asked >= config->incomplete_iface_max)
		return evict(ctx, incomplete_victim(ctx, share));
	if (ctx->table->counters.incomplete < config->incomplete_max)
		return true;
	return evict(ctx, incomplete_victim(ctx, share)) || evict(ctx, busiest_victim(ctx));
}

bool
neigh_share_room_unresolved(const struct neigh_context *ctx)
{
	const struct neigh_table *table = ctx->table;

	return table->unresolved < table->config.incomplete_max ||
		evict(ctx, TAILQ_FIRST(&table->failed));
}
