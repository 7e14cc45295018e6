/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A hierarchical timer wheel (Varghese and Lauck, scheme 7): arming, stopping and expiry cost the
 * same however many timers there are, and empty time is skipped.
 *
 * A timer is a node inside of what it belongs to. One owner; the time is an argument. A timer never
 * strikes early, and late by at most one tick; but of more than TIMER_WHEEL_DEAL that were armed long
 * before for about the same time, some strike later, as timer_wheel_advance() gets to them.
 */
#ifndef BASE_TIMER_WHEEL_H
#define BASE_TIMER_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMER_WHEEL_BITS   6
#define TIMER_WHEEL_SLOTS  (1U << TIMER_WHEEL_BITS)
#define TIMER_WHEEL_LEVELS 6
/** Nanoseconds of a tick, as a power of two: 131 microseconds. */
#define TIMER_WHEEL_SHIFT 17
/** Timers of a level that one timer_wheel_advance() takes nearer, when the time of their slot has come. */
#define TIMER_WHEEL_DEAL 256

struct timer_node {
	struct timer_node *next;
	struct timer_node **link; /**< what points here; NULL: not armed */
	uint64_t tick; /**< when it strikes */
};

struct timer_wheel {
	uint64_t now; /**< ticks */
	/** Struck, and not taken yet; and those that struck since these are taken, which come after them. */
	struct timer_node *expired, *expired_next;
	struct timer_node *beyond; /**< later than all levels reach */
	/** What is left of slots whose time has come, by level; the last: of those beyond. */
	struct timer_node *dealing[TIMER_WHEEL_LEVELS + 1];
	uint64_t used[TIMER_WHEEL_LEVELS]; /**< bit a slot that may have timers */
	struct timer_node *slots[TIMER_WHEEL_LEVELS][TIMER_WHEEL_SLOTS];
};

static inline bool
timer_is_armed(const struct timer_node *node)
{
	return node->link != NULL;
}

void timer_wheel_init(struct timer_wheel *wheel, uint64_t now_ns);

/** Arm a timer, or move one that is armed. */
void timer_wheel_arm(struct timer_wheel *wheel, struct timer_node *node, uint64_t due_ns);

/** Also one that has struck and was not taken. */
void timer_stop(struct timer_node *node);

/**
 * Time goes on: all that is due waits for timer_wheel_take(). A clock that goes back is ignored. What it
 * could not get to is done by the next call, for which timer_wheel_next_ns() says 0.
 */
void timer_wheel_advance(struct timer_wheel *wheel, uint64_t now_ns);

/** One that has struck, not armed any more; NULL: there is none */
struct timer_node *timer_wheel_take(struct timer_wheel *wheel);

/** When timer_wheel_advance() has something to do, at the latest; UINT64_MAX: never */
uint64_t timer_wheel_next_ns(const struct timer_wheel *wheel);

#endif
