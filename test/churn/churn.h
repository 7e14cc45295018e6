/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A router at full traffic whose routes, groups and neighbours change all the time, and that is
 * checked packet by packet: each must leave by a way that was right for it at some moment between
 * its entry and its exit.
 *
 * churn_plan.c lays out the prefixes; churn_change.c changes them, as the control thread;
 * churn_port.c makes the packets and judges them, on the workers; churn_time.c knows what was right
 * when. churn.c puts it together.
 */
#ifndef CHURN_CHURN_H
#define CHURN_CHURN_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/stack.h"

#define CHURN_WORKERS_MAX 3
#define CHURN_PORTS       4 /**< p0, where packets come from; p1 to p3 */
#define CHURN_SINKS       (CHURN_PORTS - 1)
#define CHURN_NEIGHS      8 /**< a sink and family */
#define CHURN_STABLE      6 /**< of these: they change their MAC addresses, but never go */
#define CHURN_FAMILIES    2
#define CHURN_COVERS      64 /**< a family; those with odd numbers are routes for ever */
#define CHURN_MIDDLES     (CHURN_COVERS * 256) /**< a family, at most */
#define CHURN_RESOLVERS   4 /**< a family: routes behind which recursive gateways are */
#define CHURN_HOT         64 /**< leaves that change, and get packets, more often than others */

/* ---- what was right when: churn_time.c ---- */

/** Ticks at both ends of each change. Atomic: written by control. */
extern uint32_t churn_clock;

#define TIMELINE_LENGTH 8
#define TIMELINE_NONE   UINT16_MAX /**< a route or neighbour that is not there */

/** What something was lately. One writer, control; any readers. */
struct timeline {
	uint32_t head; /**< of `values`, free-running; atomic */
	struct {
		uint32_t
			end; /**< tick at which the change to this value was complete; 0: not yet */
		uint16_t value;
	} log[TIMELINE_LENGTH];
};

void timeline_init(struct timeline *timeline, uint16_t value);
uint16_t timeline_now(const struct timeline *timeline);
/** Before the change begins, and once it is complete. @{ */
void timeline_begin(struct timeline *timeline, uint16_t value);
void timeline_end(struct timeline *timeline);
/** @} */

/** The values of a timeline from a tick until now. */
struct timeline_values {
	unsigned count;
	bool unknown; /**< it changed more often than is remembered */
	uint16_t values[TIMELINE_LENGTH];
};
void timeline_since(const struct timeline *timeline, uint32_t tick, struct timeline_values *values);

/* ---- the plan: churn_plan.c ---- */

/** A kind of way that a route can have; shared by many routes. */
struct way {
	struct stack_route *route; /**< all but its prefix and metric */
	uint32_t neighs; /**< bit 8 * sink + number: the packets may go there */
	uint16_t resolver; /**< instead: where this one's do; TIMELINE_NONE: no */
	bool may_lose; /**< a packet may be lost on it: not for those that must arrive */
};
#define CHURN_WAYS_MAX 64

/** A route of the many: none of them contains another. */
struct leaf {
	struct timeline way; /**< index of a struct way, or NONE: not there */
	uint16_t backup; /**< way of a second route, of a higher metric */
	uint16_t primary; /**< way of the first */
};

struct family {
	uint8_t family;
	unsigned leaf_count, slot_stride;
	struct leaf *leaves;
	struct timeline *middles; /**< [CHURN_MIDDLES] above the leaves, below the covers */
	struct timeline neighs[CHURN_SINKS][CHURN_NEIGHS]; /**< MAC addresses, by a number */
	struct timeline resolvers[CHURN_RESOLVERS]; /**< way */
	uint16_t way_count, steady_count; /**< those before `steady_count` lose nothing */
	struct way ways[CHURN_WAYS_MAX];
	uint16_t cover_ways[CHURN_COVERS];
	unsigned hot[CHURN_HOT]; /**< leaves */
};

/** @return 0 or -ENOMEM */
int plan_create(struct family *family, uint8_t version, unsigned leaf_count, uint64_t seed);
void plan_destroy(struct family *family);
struct ip_prefix plan_leaf(const struct family *family, unsigned leaf);
struct ip_prefix plan_middle(const struct family *family, unsigned middle);
struct ip_prefix plan_cover(const struct family *family, unsigned cover);
struct ip_prefix plan_resolver(const struct family *family, unsigned resolver);
unsigned plan_middle_of(const struct family *family, unsigned leaf);
unsigned plan_cover_of(const struct family *family, unsigned leaf);
/** Whether packets to a leaf must always arrive: below it a cover is always there. */
bool plan_is_steady(const struct family *family, unsigned leaf);
struct ip_addr plan_neigh(const struct family *family, unsigned sink, unsigned number);
struct mac_addr plan_mac(unsigned sink, unsigned number, uint16_t variant);

/* ---- traffic: churn_port.c ---- */

/** Of one queue; written by its worker. */
struct traffic_counters {
	uint64_t sent[2]; /**< [0]: that must arrive; [1]: others */
	uint64_t got[2];
	uint64_t wrong, unknown;
} __attribute__((aligned(64)));

struct churn {
	struct stack *stack;
	struct family families[CHURN_FAMILIES];
	struct traffic_counters counters[CHURN_PORTS][CHURN_WORKERS_MAX];
	bool traffic; /**< atomic */
	uint64_t seed;
};

/** Drivers of ports have no other way to find it. */
extern struct churn churn;
extern const struct port_ops churn_port_ops;
void traffic_sum(struct traffic_counters *sum);

/** splitmix64 */
static inline uint64_t
churn_draw(uint64_t *seed)
{
	uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static inline unsigned
churn_below(uint64_t *seed, unsigned bound)
{
	return (unsigned)(churn_draw(seed) % bound);
}

/* ---- changes: churn_change.c ---- */

/** All routes and neighbours, as the plan's timelines say. */
void change_set_up(void);
/** One random change. */
void change_step(void);
/** @return what stands in the way of a change, and ends the program */
void churn_die(const char *what, const struct error *err) __attribute__((noreturn));

#endif
