/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * What the files of lib/neigh share.
 *
 * neigh.c holds the public functions, neigh_state.c the machine, neigh_table.c the entries,
 * neigh_share.c their bounds, neigh_timer.c the deadlines, neigh_held.c the waiting packets,
 * neigh_action.c the list of what is to be done, neigh_show.c what people see.
 */
#ifndef NEIGH_NEIGH_PRIV_H
#define NEIGH_NEIGH_PRIV_H

#include <sys/cdefs.h>
#include <sys/queue.h>
#include <bsd/sys/tree.h>

#include "neigh/neigh.h"

/**
 * Actions that one event on one neighbour can cause: another one is evicted, this one is resolved,
 * and all that it holds goes. Reserved before anything is changed.
 */
#define NEIGH_ACTIONS_PER_EVENT (NEIGH_HELD_MAX + 2)

/** How often a stale neighbour is asked whether it is in use. */
#define NEIGH_USED_POLL_MS 1000

struct neigh_held {
	void *pkt;
	uint32_t more; /**< buffers beyond its first */
	STAILQ_ENTRY(neigh_held) next;
};
STAILQ_HEAD(neigh_held_list, neigh_held);

struct neigh_entry {
	RB_ENTRY(neigh_entry) by_key;
	RB_ENTRY(neigh_entry) by_deadline; /**< linked while `timed` */
	/** Of free or failed ones; of the share's incomplete or stale ones; else unlinked. */
	TAILQ_ENTRY(neigh_entry) list;
	struct neigh_held_list held; /**< oldest first; empty unless INCOMPLETE */
	uint64_t deadline_ms;
	uint64_t since_ms; /**< in its state */
	uint64_t confirmed_ms; /**< or created */
	struct neigh_key key;
	enum neigh_state state;
	struct mac_addr mac; /**< zero while INCOMPLETE or FAILED */
	uint32_t held_count;
	uint32_t solicits; /**< sent while INCOMPLETE or PROBE */
	bool timed;
	bool router;
	bool asked; /**< a solicitation was sent to it */
	bool proven; /**< it answered us once */
	bool ask_again; /**< FAILED, but no multicast solicitation was tried: RFC 4861 7.3.3 */
};
TAILQ_HEAD(neigh_list, neigh_entry);
RB_HEAD(neigh_key_tree, neigh_entry);
RB_HEAD(neigh_deadline_tree, neigh_entry);

/** What one interface has of the table. The lists: longest in that state first. */
struct neigh_share {
	uint32_t learned; /**< their MAC is known, and not by the user */
	uint32_t asked; /**< INCOMPLETE ones */
	struct neigh_list incomplete;
	struct neigh_list stale[2]; /**< [proven] */
	/* As routers say, of neighbours of IPv6; 0: as the configuration. */
	uint32_t reachable_ms, retrans_ms;
};

struct neigh_table {
	struct neigh_config config;
	struct neigh_counters counters;
	struct neigh_key_tree by_key;
	struct neigh_deadline_tree by_deadline;
	struct neigh_list free, failed; /**< the latter: longest in that state first */
	uint32_t unresolved; /**< INCOMPLETE or FAILED ones */
	struct neigh_share *shares; /**< [UINT16_MAX + 1], by interface; used: [share_count] */
	uint32_t share_count;
	struct neigh_held_list held_free;
	uint64_t random; /**< from config.seed on */
	uint32_t held_extra; /**< held packets but the first of each neighbour */
	uint32_t held_more; /**< buffers beyond the first of each held packet */
	struct neigh_entry *entries; /**< config.entries_max + config.incomplete_max */
	struct neigh_held *held; /**< config.held_max */
};

/** One event's surroundings, as its handler sees them. */
struct neigh_context {
	struct neigh_table *table;
	uint64_t now_ms;
	struct neigh_actions *actions; /**< NEIGH_ACTIONS_PER_EVENT are reserved */
	const struct neigh_news *news; /**< where there is news */
	void *pkt; /**< NEIGH_EVENT_PACKET: may be NULL */
	bool (*used)(void *arg, const struct neigh_key *key); /**< NEIGH_EVENT_TIMEOUT */
	void *used_arg;
};

enum neigh_event {
	NEIGH_EVENT_PACKET, /**< a packet needs the neighbour */
	NEIGH_EVENT_TIMEOUT,
	NEIGH_EVENT_CONFIRMED, /**< it answered us: take its MAC, both ways work */
	NEIGH_EVENT_MOVED, /**< its MAC is new, or new to us, unproven */
	NEIGH_EVENT_DOUBTED, /**< another MAC was claimed, but is not to override ours */
	NEIGH_EVENT_SEEN, /**< nothing new */
	NEIGH_EVENT_COUNT
};

/* neigh_state.c */
void neigh_state_run(
	const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_event event);
/** What news means for an entry: RFC 4861 7.2.3, 7.2.5. */
enum neigh_event neigh_state_classify(
	const struct neigh_entry *entry, const struct neigh_news *news);
/** Leave the state for another: lists, gauges, timer. */
void neigh_state_set(
	const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_state state);
/** Take a MAC over, say so if it is another one, and let held packets go. */
void neigh_state_resolve(const struct neigh_context *ctx, struct neigh_entry *entry,
	const struct mac_addr *mac, enum neigh_state state);
bool neigh_state_has_mac(enum neigh_state state);

/* neigh_table.c */
struct neigh_entry *neigh_table_lookup(
	const struct neigh_table *table, const struct neigh_key *key);
/** The first at or behind a key, or NULL. */
struct neigh_entry *neigh_table_lookup_from(
	const struct neigh_table *table, const struct neigh_key *key);
struct neigh_entry *neigh_table_after(struct neigh_entry *entry);
/** A new FAILED entry, for its caller to bring into another state; NULL if the table is full. */
struct neigh_entry *neigh_table_insert(
	const struct neigh_context *ctx, const struct neigh_key *key);
/** Forget an entry: its adjacency is taken away, its packets are discarded. */
void neigh_table_delete(
	const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_discard reason);

/* neigh_share.c */
struct neigh_share *neigh_share_get(struct neigh_table *table, uint16_t iface);
/** Make room for one more whose MAC is known, or is learned from packets. @return whether there is */
bool neigh_share_room_known(const struct neigh_context *ctx, uint16_t iface);
bool neigh_share_room_learned(const struct neigh_context *ctx, uint16_t iface);
/** Make room for one more that is INCOMPLETE, or unresolved. @return whether there is */
bool neigh_share_room_incomplete(const struct neigh_context *ctx, uint16_t iface);
bool neigh_share_room_unresolved(const struct neigh_context *ctx);

/* neigh_timer.c */
void neigh_timer_start(struct neigh_table *table, struct neigh_entry *entry, uint64_t deadline_ms);
void neigh_timer_stop(struct neigh_table *table, struct neigh_entry *entry);
/** One whose deadline has come, the earliest first; NULL if there is none. */
struct neigh_entry *neigh_timer_due(const struct neigh_table *table, uint64_t now_ms);

/* neigh_held.c */
void neigh_held_push(const struct neigh_context *ctx, struct neigh_entry *entry, void *pkt);
void neigh_held_transmit(const struct neigh_context *ctx, struct neigh_entry *entry);
void neigh_held_discard(
	const struct neigh_context *ctx, struct neigh_entry *entry, enum neigh_discard reason);

/* neigh_action.c */
/** @return 0 or -ENOMEM */
int neigh_action_reserve(struct neigh_actions *actions, uint32_t more);
void neigh_action_solicit(const struct neigh_context *ctx, struct neigh_entry *entry);
void neigh_action_resolved(const struct neigh_context *ctx, const struct neigh_entry *entry);
void neigh_action_unresolved(const struct neigh_context *ctx, const struct neigh_entry *entry);
void neigh_action_transmit(
	const struct neigh_context *ctx, const struct neigh_entry *entry, void *pkt);
void neigh_action_discard(const struct neigh_context *ctx, const struct neigh_key *key, void *pkt,
	enum neigh_discard reason);

#endif
