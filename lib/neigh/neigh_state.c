/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine: state x event -> handler, as in RFC 4861 7.3.3 and appendix C.
 *
 * Called by neigh.c; FAILED stands for RFC 4861's absence of an entry. Where appendix C and the
 * text of 7.2.5 differ the text is followed: it is the more careful one.
 */
#include "neigh/neigh_priv.h"

typedef void (*neigh_handler)(const struct neigh_context *ctx, struct neigh_entry *entry);

bool
neigh_state_has_mac(enum neigh_state state)
{
	return state != NEIGH_INCOMPLETE && state != NEIGH_FAILED;
}

enum neigh_event
neigh_state_classify(const struct neigh_entry *entry, const struct neigh_news *news)
{
	bool known = neigh_state_has_mac(entry->state);
	bool same;

	/* RFC 4861 7.2.5: an advertisement may leave out the MAC we have; else nothing is said. */
	if (!news->has_mac && !(known && news->advertisement))
		return NEIGH_EVENT_SEEN;
	/* Whom we never asked, its answer proves nothing: it must not make an entry that lasts. */
	if (!known)
		return news->advertisement && news->solicited && entry->asked
			? NEIGH_EVENT_CONFIRMED
			: NEIGH_EVENT_MOVED;
	same = !news->has_mac || mac_addr_equal(&news->mac, &entry->mac);
	/* RFC 4861 7.2.3: a solicitation proves nothing, but its MAC is taken. */
	if (!news->advertisement)
		return same ? NEIGH_EVENT_SEEN : NEIGH_EVENT_MOVED;
	if (!same && !news->override)
		return NEIGH_EVENT_DOUBTED;
	if (news->solicited)
		return NEIGH_EVENT_CONFIRMED;
	return same ? NEIGH_EVENT_SEEN : NEIGH_EVENT_MOVED;
}

static void
timer_start_after(const struct neigh_context *ctx, struct neigh_entry *entry, uint32_t delay_ms)
{
	neigh_timer_start(ctx->table, entry, ctx->now_ms + delay_ms);
}

static void
stale_timer_start(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	uint64_t age_ms = ctx->now_ms - entry->since_ms;
	uint32_t stale_ms = ctx->table->config.stale_ms;
	uint32_t delay_ms = NEIGH_USED_POLL_MS;

	if (age_ms >= stale_ms)
		delay_ms = 0;
	else if (stale_ms - age_ms < delay_ms)
		delay_ms = (uint32_t)(stale_ms - age_ms);
	timer_start_after(ctx, entry, delay_ms);
}

static bool
is_learned(enum neigh_state state)
{
	return neigh_state_has_mac(state) && state != NEIGH_PERMANENT;
}

/* Of IPv6 as routers said for the interface: RFC 4861 6.3.4. ARP knows nothing of it. */
static uint32_t
retrans_ms(const struct neigh_table *table, const struct neigh_entry *entry)
{
	const struct neigh_share *share = &table->shares[entry->key.iface];
	bool said = entry->key.addr.family == IP_FAMILY_6 && share->retrans_ms != 0;

	return said ? share->retrans_ms : table->config.retrans_ms;
}

/* RFC 4861 6.3.2: half to one and a half of it, so that neighbours are not all probed in step. */
static uint32_t
reachable_ms(struct neigh_table *table, const struct neigh_entry *entry)
{
	const struct neigh_share *share = &table->shares[entry->key.iface];
	bool said = entry->key.addr.family == IP_FAMILY_6 && share->reachable_ms != 0;
	const uint32_t base_ms = said ? share->reachable_ms : table->config.reachable_ms;

	if (table->config.seed == 0 || base_ms == 0)
		return base_ms;
	/* Knuth's MMIX: nobody gains by guessing it. */
	table->random = table->random * 6364136223846793005U + 1442695040888963407U;
	return base_ms / 2 + (uint32_t)(table->random >> 33) % base_ms;
}

static void
state_leave(struct neigh_table *table, struct neigh_entry *entry)
{
	struct neigh_share *share = neigh_share_get(table, entry->key.iface);

	share->learned -= is_learned(entry->state);
	switch (entry->state) {
	case NEIGH_INCOMPLETE:
		table->counters.incomplete--;
		share->asked--;
		TAILQ_REMOVE(&share->incomplete, entry, list);
		break;
	case NEIGH_STALE: TAILQ_REMOVE(&share->stale[entry->proven], entry, list); break;
	case NEIGH_FAILED: TAILQ_REMOVE(&table->failed, entry, list); break;
	default: break;
	}
}

static void
state_enter(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	struct neigh_table *table = ctx->table;
	const struct neigh_config *config = &table->config;
	struct neigh_share *share = neigh_share_get(table, entry->key.iface);

	share->learned += is_learned(entry->state);
	entry->since_ms = ctx->now_ms;
	switch (entry->state) {
	case NEIGH_INCOMPLETE:
		table->counters.incomplete++;
		share->asked++;
		TAILQ_INSERT_TAIL(&share->incomplete, entry, list);
		entry->solicits = 0;
		timer_start_after(ctx, entry, retrans_ms(table, entry));
		break;
	case NEIGH_REACHABLE:
		entry->proven = true;
		entry->confirmed_ms = ctx->now_ms;
		timer_start_after(ctx, entry, reachable_ms(table, entry));
		break;
	case NEIGH_STALE:
		TAILQ_INSERT_TAIL(&share->stale[entry->proven], entry, list);
		stale_timer_start(ctx, entry);
		break;
	case NEIGH_DELAY: timer_start_after(ctx, entry, config->delay_ms); break;
	case NEIGH_PROBE:
		entry->solicits = 0;
		timer_start_after(ctx, entry, retrans_ms(table, entry));
		break;
	case NEIGH_FAILED:
		TAILQ_INSERT_TAIL(&table->failed, entry, list);
		timer_start_after(ctx, entry, config->failed_ms);
		break;
	case NEIGH_PERMANENT:
	default:
		entry->confirmed_ms = ctx->now_ms;
		neigh_timer_stop(table, entry);
		break;
	}
}

void
neigh_state_set(const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_state state)
{
	state_leave(ctx->table, entry);
	if (neigh_state_has_mac(entry->state) && !neigh_state_has_mac(state)) {
		neigh_action_unresolved(ctx, entry);
		entry->mac = (struct mac_addr){ 0 };
	}
	if (!neigh_state_has_mac(entry->state))
		ctx->table->unresolved--;
	if (!neigh_state_has_mac(state))
		ctx->table->unresolved++;
	entry->state = state;
	state_enter(ctx, entry);
}

/* With another MAC it may be somebody else. */
static void
proof_forget(struct neigh_table *table, struct neigh_entry *entry)
{
	struct neigh_share *share = neigh_share_get(table, entry->key.iface);

	if (entry->state == NEIGH_STALE && entry->proven) {
		TAILQ_REMOVE(&share->stale[true], entry, list);
		TAILQ_INSERT_TAIL(&share->stale[false], entry, list);
	}
	entry->proven = false;
}

void
neigh_state_resolve(const struct neigh_context *ctx, struct neigh_entry *entry,
	const struct mac_addr *mac, enum neigh_state state)
{
	bool known = neigh_state_has_mac(entry->state);
	bool same = known && mac_addr_equal(mac, &entry->mac);

	if (!known)
		ctx->table->counters.resolved++;
	else if (!same)
		ctx->table->counters.mac_changes++;
	entry->mac = *mac;
	if (!same)
		proof_forget(ctx->table, entry);
	neigh_state_set(ctx, entry, state);
	if (!same)
		neigh_action_resolved(ctx, entry);
	neigh_held_transmit(ctx, entry);
}

static void
packet_hold(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	neigh_held_push(ctx, entry, ctx->pkt);
}

static void
packet_transmit(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	neigh_action_transmit(ctx, entry, ctx->pkt);
}

/* RFC 4861 7.3.3: the first packet to a stale neighbour starts the delay. */
static void
packet_transmit_stale(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	neigh_state_set(ctx, entry, NEIGH_DELAY);
	neigh_action_transmit(ctx, entry, ctx->pkt);
}

/*
 * RFC 1122 2.3.2.1: who did not answer a moment ago is not asked again for each packet. New
 * entries and those that failed unicast probes only are asked (RFC 4861 7.3.3).
 */
static void
packet_failed(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	struct neigh_table *table = ctx->table;

	if (!entry->ask_again) {
		neigh_action_discard(ctx, &entry->key, ctx->pkt, NEIGH_DISCARD_FAILED);
		return;
	}
	if (!neigh_share_room_incomplete(ctx, entry->key.iface)) {
		table->counters.refused++;
		neigh_action_discard(ctx, &entry->key, ctx->pkt, NEIGH_DISCARD_TABLE_FULL);
		return;
	}
	neigh_state_set(ctx, entry, NEIGH_INCOMPLETE);
	neigh_action_solicit(ctx, entry);
	neigh_held_push(ctx, entry, ctx->pkt);
}

static bool
solicit_again(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	if (entry->solicits >= ctx->table->config.solicits_max)
		return false;
	neigh_action_solicit(ctx, entry);
	timer_start_after(ctx, entry, retrans_ms(ctx->table, entry));
	return true;
}

static void
timeout_incomplete(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	if (solicit_again(ctx, entry))
		return;
	ctx->table->counters.failed++;
	neigh_held_discard(ctx, entry, NEIGH_DISCARD_FAILED);
	neigh_state_set(ctx, entry, NEIGH_FAILED);
	entry->ask_again = false;
}

static bool
is_used(const struct neigh_context *ctx, const struct neigh_entry *entry)
{
	return ctx->used != NULL && ctx->used(ctx->used_arg, &entry->key);
}

static void
timeout_reachable(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	/* What was sent while it was reachable is no use of a stale one: start afresh. */
	(void)is_used(ctx, entry);
	neigh_state_set(ctx, entry, NEIGH_STALE);
}

static void
timeout_stale(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	if (is_used(ctx, entry)) {
		neigh_state_set(ctx, entry, NEIGH_DELAY);
	} else if (ctx->now_ms - entry->since_ms >= ctx->table->config.stale_ms) {
		ctx->table->counters.expired++;
		neigh_table_delete(ctx, entry, NEIGH_DISCARD_FAILED);
	} else {
		stale_timer_start(ctx, entry);
	}
}

static void
timeout_delay(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	neigh_state_set(ctx, entry, NEIGH_PROBE);
	neigh_action_solicit(ctx, entry);
}

static void
timeout_probe(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	if (solicit_again(ctx, entry))
		return;
	ctx->table->counters.failed++;
	neigh_state_set(ctx, entry, NEIGH_FAILED);
	/* RFC 4861 7.3.3: it may have another MAC now, so the next packet asks all. */
	entry->ask_again = true;
}

static void
timeout_failed(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	ctx->table->counters.expired++;
	neigh_table_delete(ctx, entry, NEIGH_DISCARD_FAILED);
}

static void
news_confirmed(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	const struct mac_addr mac = ctx->news->has_mac ? ctx->news->mac : entry->mac;

	neigh_state_resolve(ctx, entry, &mac, NEIGH_REACHABLE);
}

static void
news_moved(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	neigh_state_resolve(ctx, entry, &ctx->news->mac, NEIGH_STALE);
}

/* RFC 4861 7.2.5 (I): keep the MAC, but find out. */
static void
news_doubted(const struct neigh_context *ctx, struct neigh_entry *entry)
{
	neigh_state_set(ctx, entry, NEIGH_STALE);
}

/* NULL: nothing is to be done. */
static const neigh_handler handlers[NEIGH_STATE_COUNT][NEIGH_EVENT_COUNT] = {
	[NEIGH_INCOMPLETE] = {
		[NEIGH_EVENT_PACKET] = packet_hold,
		[NEIGH_EVENT_TIMEOUT] = timeout_incomplete,
		[NEIGH_EVENT_CONFIRMED] = news_confirmed,
		[NEIGH_EVENT_MOVED] = news_moved,
	},
	[NEIGH_REACHABLE] = {
		[NEIGH_EVENT_PACKET] = packet_transmit,
		[NEIGH_EVENT_TIMEOUT] = timeout_reachable,
		[NEIGH_EVENT_CONFIRMED] = news_confirmed,
		[NEIGH_EVENT_MOVED] = news_moved,
		[NEIGH_EVENT_DOUBTED] = news_doubted,
	},
	[NEIGH_STALE] = {
		[NEIGH_EVENT_PACKET] = packet_transmit_stale,
		[NEIGH_EVENT_TIMEOUT] = timeout_stale,
		[NEIGH_EVENT_CONFIRMED] = news_confirmed,
		[NEIGH_EVENT_MOVED] = news_moved,
	},
	[NEIGH_DELAY] = {
		[NEIGH_EVENT_PACKET] = packet_transmit,
		[NEIGH_EVENT_TIMEOUT] = timeout_delay,
		[NEIGH_EVENT_CONFIRMED] = news_confirmed,
		[NEIGH_EVENT_MOVED] = news_moved,
	},
	[NEIGH_PROBE] = {
		[NEIGH_EVENT_PACKET] = packet_transmit,
		[NEIGH_EVENT_TIMEOUT] = timeout_probe,
		[NEIGH_EVENT_CONFIRMED] = news_confirmed,
		[NEIGH_EVENT_MOVED] = news_moved,
	},
	[NEIGH_FAILED] = {
		[NEIGH_EVENT_PACKET] = packet_failed,
		[NEIGH_EVENT_TIMEOUT] = timeout_failed,
		[NEIGH_EVENT_CONFIRMED] = news_confirmed,
		[NEIGH_EVENT_MOVED] = news_moved,
	},
	/* The user's word stands: packets change nothing. */
	[NEIGH_PERMANENT] = {
		[NEIGH_EVENT_PACKET] = packet_transmit,
	},
};

void
neigh_state_run(const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_event event)
{
	neigh_handler handler = handlers[entry->state][event];

	if (handler != NULL)
		handler(ctx, entry);
}
