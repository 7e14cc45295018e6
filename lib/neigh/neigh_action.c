/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of what is to be done: grown before an event by neigh.c, filled by its handlers. */
#include "neigh/neigh_priv.h"

#include <assert.h>
#include <stdlib.h>

int
neigh_action_reserve(struct neigh_actions *actions, uint32_t more)
{
	uint32_t size = actions->size != 0 ? actions->size : 2 * NEIGH_ACTIONS_PER_EVENT;
	struct neigh_action *items;

	while (size - actions->count < more) {
		if (size > UINT32_MAX / 2)
			return -ENOMEM;
		size *= 2;
	}
	if (size == actions->size)
		return 0;
	items = reallocarray(actions->items, size, sizeof(*items));
	if (items == NULL)
		return -ENOMEM;
	actions->items = items;
	actions->size = size;
	return 0;
}

void
neigh_actions_free(struct neigh_actions *actions)
{
	free(actions->items);
	*actions = (struct neigh_actions){ 0 };
}

static void
append(const struct neigh_context *ctx, const struct neigh_action *action)
{
	assert(ctx->actions->count < ctx->actions->size);
	ctx->actions->items[ctx->actions->count++] = *action;
}

/* RFC 4861 7.2.2, 7.3.3: to all while its MAC is unknown, else to that. */
void
neigh_action_solicit(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	struct neigh_action action = { .type = NEIGH_SOLICIT, .key = entry->key };

	if (neigh_state_has_mac(entry->state)) {
		action.type = NEIGH_SOLICIT_UNICAST;
		action.mac = entry->mac;
	}
	entry->asked = true;
	entry->solicits++;
	ctx->table->counters.solicits++;
	append(ctx, &action);
}

void
neigh_action_resolved(const struct neigh_context *ctx, const struct neigh_entry *entry)
{
	struct neigh_action action = {
		.type = NEIGH_RESOLVED,
		.key = entry->key,
		.mac = entry->mac,
	};

	append(ctx, &action);
}

void
neigh_action_unresolved(const struct neigh_context *ctx, const struct neigh_entry *entry)
{
	struct neigh_action action = { .type = NEIGH_UNRESOLVED, .key = entry->key };

	append(ctx, &action);
}

void
neigh_action_transmit(const struct neigh_context *ctx, const struct neigh_entry *entry, void *pkt)
{
	struct neigh_action action = {
		.type = NEIGH_TRANSMIT,
		.key = entry->key,
		.mac = entry->mac,
		.pkt = pkt,
	};

	if (pkt != NULL)
		append(ctx, &action);
}

void
neigh_action_discard(const struct neigh_context *ctx, const struct neigh_key *key, void *pkt,
	enum neigh_discard reason)
{
	struct neigh_action action = {
		.type = NEIGH_DISCARD,
		.key = *key,
		.pkt = pkt,
		.reason = reason,
	};

	if (pkt == NULL)
		return;
	ctx->table->counters.discards[reason]++;
	append(ctx, &action);
}
