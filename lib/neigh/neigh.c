/* SPDX-License-Identifier: BSD-3-Clause */
/* The public functions: each brings one event to the machine (neigh_state.c). */
#include "neigh/neigh_priv.h"

static bool
addr_is_neighbour(const struct ip_addr *addr)
{
	static const struct ip_addr broadcast = {
		.family = IP_FAMILY_4,
		.bytes = { 0xff, 0xff, 0xff, 0xff },
	};

	return (addr->family == IP_FAMILY_4 || addr->family == IP_FAMILY_6) &&
		!ip_addr_is_unspecified(addr) && !ip_addr_is_multicast(addr) &&
		!ip_addr_is_loopback(addr) && !ip_addr_equal(addr, &broadcast);
}

static bool
mac_is_neighbour(const struct mac_addr *mac)
{
	return !mac_addr_is_group(mac) && !mac_addr_is_zero(mac);
}

int
neigh_resolve(struct neigh_table *table, uint64_t now_ms, const struct neigh_key *key, void *pkt,
	struct neigh_actions *actions)
{
	const struct neigh_context ctx = {
		.table = table,
		.now_ms = now_ms,
		.actions = actions,
		.pkt = pkt,
	};
	struct neigh_entry *entry = neigh_table_lookup(table, key);

	if (neigh_action_reserve(actions, NEIGH_ACTIONS_PER_EVENT) < 0)
		return -ENOMEM;
	/* Nobody is evicted for one that may not be resolved. */
	if (entry == NULL && neigh_share_room_incomplete(&ctx, key->iface) &&
		neigh_share_room_unresolved(&ctx))
		entry = neigh_table_insert(&ctx, key);
	if (entry == NULL) {
		table->counters.refused++;
		neigh_action_discard(&ctx, key, pkt, NEIGH_DISCARD_TABLE_FULL);
		return 0;
	}
	neigh_state_run(&ctx, entry, NEIGH_EVENT_PACKET);
	return 0;
}

int
neigh_input(struct neigh_table *table, uint64_t now_ms, const struct neigh_news *news,
	struct neigh_actions *actions)
{
	const struct neigh_context ctx = {
		.table = table,
		.now_ms = now_ms,
		.actions = actions,
		.news = news,
	};
	struct neigh_entry *entry = neigh_table_lookup(table, &news->key);
	enum neigh_event event;

	if (!addr_is_neighbour(&news->key.addr) || (news->has_mac && !mac_is_neighbour(&news->mac)))
		return 0;
	if (entry == NULL && !(news->create && news->has_mac))
		return 0;
	if (neigh_action_reserve(actions, NEIGH_ACTIONS_PER_EVENT) < 0)
		return -ENOMEM;
	/* Whose MAC becomes known needs a place among those; its news has the MAC. */
	if (news->has_mac && (entry == NULL || !neigh_state_has_mac(entry->state)) &&
		!neigh_share_room_learned(&ctx, news->key.iface)) {
		table->counters.refused++;
		return 0;
	}
	if (entry == NULL)
		entry = neigh_table_insert(&ctx, &news->key);
	if (entry == NULL) {
		table->counters.refused++;
		return 0;
	}

	event = neigh_state_classify(entry, news);
	/* RFC 4861 7.2.5: the flag is not believed of whom the MAC is not. */
	if (news->advertisement && event != NEIGH_EVENT_DOUBTED && entry->state != NEIGH_PERMANENT)
		entry->router = news->router;
	neigh_state_run(&ctx, entry, event);
	return 0;
}

int
neigh_tick(struct neigh_table *table, uint64_t now_ms,
	bool (*used)(void *arg, const struct neigh_key *key), void *arg,
	struct neigh_actions *actions)
{
	const struct neigh_context ctx = {
		.table = table,
		.now_ms = now_ms,
		.actions = actions,
		.used = used,
		.used_arg = arg,
	};
	struct neigh_entry *entry;

	while ((entry = neigh_timer_due(table, now_ms)) != NULL) {
		if (neigh_action_reserve(actions, NEIGH_ACTIONS_PER_EVENT) < 0)
			return -ENOMEM;
		neigh_state_run(&ctx, entry, NEIGH_EVENT_TIMEOUT);
	}
	return 0;
}

int
neigh_add(struct neigh_table *table, uint64_t now_ms, const struct neigh_key *key,
	const struct mac_addr *mac, struct neigh_actions *actions, struct error *err)
{
	const struct neigh_context ctx = { .table = table, .now_ms = now_ms, .actions = actions };
	struct neigh_entry *entry = neigh_table_lookup(table, key);
	char ip_text[IP_TEXT_MAX], mac_text[MAC_TEXT_MAX];

	if (!addr_is_neighbour(&key->addr))
		return error_set(err, EINVAL, "%s is not the address of a neighbour",
			ip_addr_format(&key->addr, ip_text));
	if (!mac_is_neighbour(mac))
		return error_set(err, EINVAL, "%s is not the MAC address of a neighbour",
			mac_addr_format(mac, mac_text));
	if (neigh_action_reserve(actions, NEIGH_ACTIONS_PER_EVENT) < 0)
		return error_set(err, ENOMEM, "no memory to add neighbour %s",
			ip_addr_format(&key->addr, ip_text));
	if ((entry == NULL || !neigh_state_has_mac(entry->state)) &&
		!neigh_share_room_known(&ctx, key->iface))
		goto full;
	if (entry == NULL)
		entry = neigh_table_insert(&ctx, key);
	if (entry == NULL)
		goto full;
	neigh_state_resolve(&ctx, entry, mac, NEIGH_PERMANENT);
	return 0;

full:
	table->counters.refused++;
	return error_set(err, ENOSPC,
		"no room for neighbour %s: all %u entries of the table are in use",
		ip_addr_format(&key->addr, ip_text), table->config.entries_max);
}

int
neigh_remove(struct neigh_table *table, const struct neigh_key *key, struct neigh_actions *actions,
	struct error *err)
{
	const struct neigh_context ctx = { .table = table, .actions = actions };
	struct neigh_entry *entry = neigh_table_lookup(table, key);
	char text[IP_TEXT_MAX];

	if (entry == NULL)
		return error_set(err, ENOENT, "there is no neighbour %s on this interface",
			ip_addr_format(&key->addr, text));
	if (neigh_action_reserve(actions, NEIGH_ACTIONS_PER_EVENT) < 0)
		return error_set(err, ENOMEM, "no memory to remove neighbour %s",
			ip_addr_format(&key->addr, text));
	neigh_table_delete(&ctx, entry, NEIGH_DISCARD_FAILED);
	return 0;
}

int
neigh_flush(struct neigh_table *table, uint16_t iface, bool permanent_too,
	struct neigh_actions *actions)
{
	const struct neigh_context ctx = { .table = table, .actions = actions };
	const struct neigh_key start = { .iface = iface != NEIGH_IFACE_ALL ? iface : 0 };
	struct neigh_entry *entry = neigh_table_lookup_from(table, &start), *next;

	for (; entry != NULL; entry = next) {
		if (iface != NEIGH_IFACE_ALL && entry->key.iface != iface)
			break;
		next = neigh_table_after(entry);
		if (entry->state == NEIGH_PERMANENT && !permanent_too)
			continue;
		if (neigh_action_reserve(actions, NEIGH_ACTIONS_PER_EVENT) < 0)
			return -ENOMEM;
		neigh_table_delete(&ctx, entry, NEIGH_DISCARD_NO_IFACE);
	}
	return 0;
}
