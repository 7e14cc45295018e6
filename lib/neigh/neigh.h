/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Neighbours: the states of ARP (RFC 826, 1122 2.3.2) and ND (RFC 4861 7.2, 7.3), one machine
 * for both.
 *
 * Pure: the time is an argument, nothing is sent here. Each function appends what is to be done to
 * a list of actions, which the caller (lib/stack, on the control thread) carries out in order.
 * Where memory for that list runs out a function changes nothing and returns -ENOMEM, so that no
 * packet and no adjacency is lost.
 */
#ifndef NEIGH_NEIGH_H
#define NEIGH_NEIGH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/ip_addr.h"
#include "wire/mac.h"

/** Packets held for one unresolved neighbour: RFC 4861 7.2.2 wants one at least; a datagram of 64 KB
 * comes in 45 fragments. */
#define NEIGH_HELD_MAX 48
/** For neigh_flush(): every interface. */
#define NEIGH_IFACE_ALL UINT16_MAX

/** RFC 4861 7.3.2, and 'failed' for one that did not answer (kept a while, to answer errors). */
enum neigh_state {
	NEIGH_INCOMPLETE,
	NEIGH_REACHABLE,
	NEIGH_STALE,
	NEIGH_DELAY,
	NEIGH_PROBE,
	NEIGH_FAILED,
	NEIGH_PERMANENT, /**< static: by the user */
	NEIGH_STATE_COUNT
};

const char *neigh_state_name(enum neigh_state state);

struct neigh_config {
	uint32_t entries_max; /**< neighbours whose MAC address is known: 4096 */
	/** Of these, learned on one interface: 2048, so that others go on. 0: no bound. */
	uint32_t entries_iface_max;
	/** Beside these, unresolved and failed ones: 1024. A scan of a subnet gets no further. */
	uint32_t incomplete_max;
	/** Of these, unresolved on one interface: 512, so that others go on. 0: no bound. */
	uint32_t incomplete_iface_max;
	/** While there are as many, one asked longer ago than this makes room for a new one, so that
	 * who is there is found during a scan: 200. 0: none does. */
	uint32_t incomplete_yield_ms;
	/** Packets held over all neighbours: 2048. Not below incomplete_max: each has a right to
	 * one (RFC 4861 7.2.2), whatever the others hold. */
	uint32_t held_max;
	/** Buffers that these are in: 4096. Those beyond held_max are for packets of several. */
	uint32_t held_buffers_max;
	/** How many buffers a packet is in. NULL: one. */
	uint32_t (*buffers)(const void *pkt);
	uint32_t retrans_ms; /**< between solicitations: 1000 */
	uint32_t solicits_max; /**< multicast ones, and unicast ones: 3 */
	uint32_t reachable_ms; /**< before a neighbour needs confirmation: 30000 */
	uint32_t delay_ms; /**< DELAY_FIRST_PROBE_TIME: 5000 */
	uint32_t stale_ms; /**< an unused one is forgotten after: 600000 */
	uint32_t failed_ms; /**< a failed one is forgotten after: 5000 */
	uint32_t seed; /**< of the random factor of reachable_ms; 0: there is none */
};
#define NEIGH_CONFIG_DEFAULT                         \
	((struct neigh_config){ .entries_max = 4096, \
		.entries_iface_max = 2048,           \
		.incomplete_max = 1024,              \
		.incomplete_iface_max = 512,         \
		.incomplete_yield_ms = 200,          \
		.held_max = 2048,                    \
		.held_buffers_max = 4096,            \
		.retrans_ms = 1000,                  \
		.solicits_max = 3,                   \
		.reachable_ms = 30000,               \
		.delay_ms = 5000,                    \
		.stale_ms = 600000,                  \
		.failed_ms = 5000 })

struct neigh_key {
	uint16_t iface;
	struct ip_addr addr;
};

/** What a show or an action tells of a neighbour. */
struct neigh_info {
	struct neigh_key key;
	enum neigh_state state;
	struct mac_addr mac; /**< zero while unknown */
	bool router;
	uint32_t held; /**< packets waiting */
	uint64_t age_ms; /**< since the last confirmation (or creation) */
};

enum neigh_action_type {
	NEIGH_SOLICIT, /**< send an ARP request or NS to all (broadcast, solicited-node group) */
	NEIGH_SOLICIT_UNICAST, /**< send it to `mac` */
	NEIGH_RESOLVED, /**< `mac` is new or changed: write the adjacency */
	NEIGH_UNRESOLVED, /**< it is not valid any more: take the adjacency away */
	NEIGH_TRANSMIT, /**< a held packet may go: send it on */
	NEIGH_DISCARD, /**< a held packet may not: drop it for `reason` */
};

enum neigh_discard {
	NEIGH_DISCARD_FAILED, /**< it did not answer, or was removed */
	NEIGH_DISCARD_QUEUE_FULL,
	NEIGH_DISCARD_TABLE_FULL, /**< or too many are unresolved */
	NEIGH_DISCARD_NO_IFACE, /**< flushed */
	NEIGH_DISCARD_COUNT
};

struct neigh_action {
	enum neigh_action_type type;
	struct neigh_key key;
	struct mac_addr mac;
	void *pkt; /**< NEIGH_TRANSMIT, NEIGH_DISCARD: now the caller's */
	enum neigh_discard reason; /**< NEIGH_DISCARD */
};

/** Grows as needed; the caller empties it by `count = 0`. Starts as zeros. */
struct neigh_actions {
	struct neigh_action *items;
	uint32_t count, size;
};

void neigh_actions_free(struct neigh_actions *actions);

/** What an ARP packet, NS or NA said of its sender or target. */
struct neigh_news {
	struct neigh_key key;
	struct mac_addr mac;
	bool has_mac;
	bool solicited; /**< an answer to our question: it proves reachability both ways */
	bool override; /**< NA flag; true for ARP */
	bool router; /**< NA flag; ignored unless `advertisement` */
	bool advertisement; /**< ARP reply or NA; else it only asked us something */
	/** It spoke to us: remember it, as STALE, even if we did not ask (RFC 4861 7.2.3, 826). */
	bool create;
};

/** Since the table was created, unless said otherwise. */
struct neigh_counters {
	uint64_t created; /**< entries made, by packets or by the user */
	uint64_t solicits; /**< NEIGH_SOLICIT and NEIGH_SOLICIT_UNICAST */
	uint64_t resolved; /**< a MAC became known where there was none */
	uint64_t failed; /**< did not answer */
	uint64_t expired; /**< forgotten for their age */
	uint64_t evicted; /**< forgotten because the table, or an interface's share, was full */
	uint64_t refused; /**< not made: the table is full, or too many are unresolved */
	uint64_t mac_changes;
	uint64_t discards[NEIGH_DISCARD_COUNT]; /**< by enum neigh_discard */
	uint32_t entries, incomplete, held; /**< now */
	uint32_t entries_high; /**< high-water mark */
};

struct neigh_table;

/** Allocates all that it will ever need. @return NULL without memory, or for entries_max 0 */
struct neigh_table *neigh_table_create(const struct neigh_config *config);
/** All entries must have been flushed, or their held packets are leaked: asserted. NULL is fine. */
void neigh_table_destroy(struct neigh_table *table);

/**
 * What routers on a link say of its neighbours of IPv6: RFC 4861 6.3.4. 0: as the configuration. For
 * timers that start from now on.
 */
void neigh_iface_times_set(
	struct neigh_table *table, uint16_t iface, uint32_t reachable_ms, uint32_t retrans_ms);

/**
 * A packet (may be NULL: just resolve) needs this neighbour. It is held, sent on or discarded.
 *
 * Unresolved neighbours have their own share of the table: when it is full the one longest failed
 * makes room. Who then answers takes the place of the one longest stale, if need be: first of
 * those that never answered us, for whoever asks us something may be anybody (RFC 6583 7.1). Where
 * a place has to be given up it is one of the same interface, or of the one that has most.
 *
 * @param key a unicast address
 * @return 0, or -ENOMEM: nothing happened and the packet is still the caller's
 */
int neigh_resolve(struct neigh_table *table, uint64_t now_ms, const struct neigh_key *key,
	void *pkt, struct neigh_actions *actions) __attribute__((warn_unused_result));
/**
 * Something was learned. News of a multicast, broadcast or unspecified address, or with a group or
 * zero MAC, is ignored.
 *
 * @return 0 or -ENOMEM: not learned
 */
int neigh_input(struct neigh_table *table, uint64_t now_ms, const struct neigh_news *news,
	struct neigh_actions *actions);
/**
 * Timers: cheap when nothing is due.
 *
 * @param used says whether packets went to a neighbour since the last call with it (worker
 *        counters); asked of stale ones once a second, and as one becomes stale, to forget what
 *        went before. NULL: none is used
 * @return 0 or -ENOMEM: what was not done stays due
 */
int neigh_tick(struct neigh_table *table, uint64_t now_ms,
	bool (*used)(void *arg, const struct neigh_key *key), void *arg,
	struct neigh_actions *actions);
/** When neigh_tick() has something to do next; UINT64_MAX: never. */
uint64_t neigh_next_ms(const struct neigh_table *table);

/**
 * Static entries, by the user: packets do not change them.
 *
 * @return 0; -EINVAL: an address or MAC that no neighbour can have; -ENOSPC; -ENOMEM
 */
int neigh_add(struct neigh_table *table, uint64_t now_ms, const struct neigh_key *key,
	const struct mac_addr *mac, struct neigh_actions *actions, struct error *err);
/** Static or learned. @return 0, -ENOENT or -ENOMEM */
int neigh_remove(struct neigh_table *table, const struct neigh_key *key,
	struct neigh_actions *actions, struct error *err);
/**
 * Forget those of an interface, or of all with NEIGH_IFACE_ALL. Their held packets are discarded
 * for NEIGH_DISCARD_NO_IFACE.
 *
 * @return 0 or -ENOMEM: some are left, and may be flushed again
 */
int neigh_flush(struct neigh_table *table, uint16_t iface, bool permanent_too,
	struct neigh_actions *actions);

/**
 * In order of interface and address: the first behind `info->key`; zero it to start.
 *
 * @return 0, or -ENOENT at the end
 */
int neigh_next(const struct neigh_table *table, uint64_t now_ms, struct neigh_info *info);
/** @return 0 or -ENOENT */
int neigh_find(const struct neigh_table *table, uint64_t now_ms, const struct neigh_key *key,
	struct neigh_info *info);
void neigh_counters(const struct neigh_table *table, struct neigh_counters *counters);

#endif
