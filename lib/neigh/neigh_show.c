/* SPDX-License-Identifier: BSD-3-Clause */
/* What people see of neighbours: one, all in order, counters. */
#include "neigh/neigh_priv.h"

static const char *const state_names[NEIGH_STATE_COUNT] = {
	[NEIGH_INCOMPLETE] = "incomplete",
	[NEIGH_REACHABLE] = "reachable",
	[NEIGH_STALE] = "stale",
	[NEIGH_DELAY] = "delay",
	[NEIGH_PROBE] = "probe",
	[NEIGH_FAILED] = "failed",
	[NEIGH_PERMANENT] = "permanent",
};

const char *
neigh_state_name(enum neigh_state state)
{
	return state_names[state];
}

static int
info_fill(const struct neigh_entry *entry, uint64_t now_ms, struct neigh_info *info)
{
	if (entry == NULL)
		return -ENOENT;
	*info = (struct neigh_info){
		.key = entry->key,
		.state = entry->state,
		.mac = entry->mac,
		.router = entry->router,
		.held = entry->held_count,
		.age_ms = now_ms - entry->confirmed_ms,
	};
	return 0;
}

int
neigh_find(const struct neigh_table *table, uint64_t now_ms, const struct neigh_key *key,
	struct neigh_info *info)
{
	return info_fill(neigh_table_lookup(table, key), now_ms, info);
}

int
neigh_next(const struct neigh_table *table, uint64_t now_ms, struct neigh_info *info)
{
	struct neigh_entry *entry = neigh_table_lookup_from(table, &info->key);

	if (entry != NULL && entry->key.iface == info->key.iface &&
		ip_addr_equal(&entry->key.addr, &info->key.addr))
		entry = neigh_table_after(entry);
	return info_fill(entry, now_ms, info);
}

void
neigh_counters(const struct neigh_table *table, struct neigh_counters *counters)
{
	*counters = table->counters;
}
