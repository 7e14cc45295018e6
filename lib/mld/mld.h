/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The listener's side of multicast listener discovery, on one interface: RFC 3810, and RFC 2710
 * while there is a querier that speaks no better.
 *
 * Pure: time and random numbers are arguments; what is to be reported is returned. A group is
 * listened to from all sources, so that nothing here knows of sources.
 */
#ifndef MLD_MLD_H
#define MLD_MLD_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip_addr.h"
#include "wire/mld.h"

/** Groups of one interface: those of its addresses, and all routers; some that were left. */
#define MLD_GROUPS_MAX 132
/** RFC 3810 9.1: the Robustness Variable, as long as no querier says another. */
#define MLD_ROBUSTNESS_DEFAULT 2

struct mld_group {
	struct ip_addr addr;
	bool joined; /**< else left, and still to be said so */
	uint8_t changes_left; /**< how often the change is still to be reported */
	bool asked; /**< a query for this group is to be answered at response_ms */
	uint64_t response_ms;
};

/** One interface's. Starts as zeros, but for `robustness`. */
struct mld_listener {
	uint8_t robustness; /**< 1 to 7: while the querier does not say it */
	uint8_t robustness_said; /**< by the querier; 0: not */
	bool spoke_version1; /**< at the last look */
	bool asked; /**< a general query is to be answered at response_ms */
	uint64_t response_ms;
	uint64_t change_ms; /**< when changes are reported next, if there are any */
	uint64_t version1_until_ms; /**< RFC 3810 8.2.1: a querier of version 1 is present */
	unsigned count;
	struct mld_group groups[MLD_GROUPS_MAX];
};

struct mld_report {
	uint8_t version;
	unsigned count;
	struct mld_record records[MLD_GROUPS_MAX];
};

/** Listen to these groups and no others. All nodes (ff02::1) is never reported: RFC 3810 6. */
void mld_listener_set(struct mld_listener *listener, const struct ip_addr *groups, unsigned count,
	uint64_t now_ms);
/** A query came: RFC 3810 6.2, 8.2.1. @param random chooses when to answer */
void mld_listener_query(struct mld_listener *listener, const struct mld_query *query,
	uint64_t now_ms, uint32_t random);
/** @return whether something is to be reported now; ask again until not */
bool mld_listener_tick(
	struct mld_listener *listener, uint64_t now_ms, uint32_t random, struct mld_report *report);
/** When mld_listener_tick() has something to do next; UINT64_MAX: never. */
uint64_t mld_listener_next_ms(const struct mld_listener *listener);
/** How often a change is reported: RFC 3810 9.1. */
uint8_t mld_listener_robustness(const struct mld_listener *listener);
/** The version that is spoken now. */
uint8_t mld_listener_version(const struct mld_listener *listener, uint64_t now_ms);

#endif
