/* SPDX-License-Identifier: BSD-3-Clause */
/* A hierarchical timer wheel: see timer_wheel.h. */
#include "base/timer_wheel.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

/* Bits of a tick that the levels cover. */
#define COVERED_BITS (TIMER_WHEEL_BITS * TIMER_WHEEL_LEVELS)

static void
list_push(struct timer_node **head, struct timer_node *node)
{
	node->next = *head;
	node->link = head;
	if (node->next != NULL)
		node->next->link = &node->next;
	*head = node;
}

/* All of a list, to an empty one. */
static void
list_move(struct timer_node **to, struct timer_node **from)
{
	*to = *from;
	*from = NULL;
	if (*to != NULL)
		(*to)->link = to;
}

void
timer_stop(struct timer_node *node)
{
	if (node->link == NULL)
		return;
	*node->link = node->next;
	if (node->next != NULL)
		node->next->link = node->link;
	node->link = NULL;
}

void
timer_wheel_init(struct timer_wheel *wheel, uint64_t now_ns)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->now = now_ns >> TIMER_WHEEL_SHIFT;
}

static unsigned
slot_of(uint64_t tick, unsigned level)
{
	return tick >> (level * TIMER_WHEEL_BITS) & (TIMER_WHEEL_SLOTS - 1);
}

/*
 * The level is that of the highest digit (of TIMER_WHEEL_BITS bits) in which the tick differs from
 * now. So all of a level is due before anything of the next, and slots at or before now's are empty.
 */
static void
wheel_place(struct timer_wheel *wheel, struct timer_node *node)
{
	uint64_t differs = node->tick ^ wheel->now;
	unsigned level, slot;

	if (node->tick <= wheel->now) {
		list_push(&wheel->expired_next, node);
		return;
	}
	if (differs >> COVERED_BITS != 0) {
		list_push(&wheel->beyond, node);
		return;
	}
	level = (63U - (unsigned)__builtin_clzll(differs)) / TIMER_WHEEL_BITS;
	slot = slot_of(node->tick, level);
	wheel->used[level] |= 1ULL << slot;
	list_push(&wheel->slots[level][slot], node);
}

void
timer_wheel_arm(struct timer_wheel *wheel, struct timer_node *node, uint64_t due_ns)
{
	timer_stop(node);
	/* Rounded up: never early. */
	node->tick = (due_ns >> TIMER_WHEEL_SHIFT) + 1;
	if (node->tick <= wheel->now)
		node->tick = wheel->now + 1;
	wheel_place(wheel, node);
}

/* The next slot with timers: the tick at which it begins. UINT64_MAX: none. */
static uint64_t
next_slot(const struct timer_wheel *wheel, unsigned *level_found)
{
	for (unsigned level = 0; level < TIMER_WHEEL_LEVELS; level++) {
		unsigned slot = slot_of(wheel->now, level);
		/* Shifted twice: by 64 is undefined. */
		uint64_t later = wheel->used[level] >> slot >> 1;
		unsigned shift = level * TIMER_WHEEL_BITS;

		if (later == 0)
			continue;
		*level_found = level;
		slot += 1 + (unsigned)__builtin_ctzll(later);
		return (wheel->now >> shift >> TIMER_WHEEL_BITS << TIMER_WHEEL_BITS | slot)
			<< shift;
	}
	*level_found = TIMER_WHEEL_LEVELS;
	return wheel->beyond != NULL ? ((wheel->now >> COVERED_BITS) + 1) << COVERED_BITS
				     : UINT64_MAX;
}

/* Deal out timers of a slot whose time has come: to lower levels, or as expired. @return how many */
static unsigned
rest_deal(struct timer_wheel *wheel, unsigned level, unsigned max)
{
	struct timer_node *node;
	unsigned count = 0;

	for (; count < max && (node = wheel->dealing[level]) != NULL; count++) {
		timer_stop(node);
		wheel_place(wheel, node);
	}
	return count;
}

/*
 * The slot's time has come. Its timers may be very many, so they are dealt by and by; they are late by
 * that at most, since the slot began before any of them is due. That the next one of a level comes before
 * the last is dealt takes more timers than a worker can serve.
 */
static void
slot_open(struct timer_wheel *wheel, unsigned level)
{
	struct timer_node **head = &wheel->beyond;

	rest_deal(wheel, level, UINT_MAX);
	if (level < TIMER_WHEEL_LEVELS) {
		unsigned slot = slot_of(wheel->now, level);

		head = &wheel->slots[level][slot];
		wheel->used[level] &= ~(1ULL << slot);
	}
	list_move(&wheel->dealing[level], head);
}

static bool
is_dealing(const struct timer_wheel *wheel)
{
	for (unsigned level = 0; level <= TIMER_WHEEL_LEVELS; level++) {
		if (wheel->dealing[level] != NULL)
			return true;
	}
	return false;
}

void
timer_wheel_advance(struct timer_wheel *wheel, uint64_t now_ns)
{
	uint64_t target = now_ns >> TIMER_WHEEL_SHIFT, tick;
	unsigned left[TIMER_WHEEL_LEVELS + 1], level;

	for (level = 0; level <= TIMER_WHEEL_LEVELS; level++) {
		/* Of the lowest level all are due. */
		left[level] = level == 0 ? UINT_MAX : TIMER_WHEEL_DEAL;
		left[level] -= rest_deal(wheel, level, left[level]);
	}
	while ((tick = next_slot(wheel, &level)) <= target) {
		wheel->now = tick;
		slot_open(wheel, level);
		left[level] -= rest_deal(wheel, level, left[level]);
	}
	if (target > wheel->now)
		wheel->now = target;
}

struct timer_node *
timer_wheel_take(struct timer_wheel *wheel)
{
	struct timer_node *node;

	/* Who cannot take all that strikes: the first ones still come first, if not one by one. */
	if (wheel->expired == NULL)
		list_move(&wheel->expired, &wheel->expired_next);
	node = wheel->expired;
	if (node != NULL)
		timer_stop(node);
	return node;
}

uint64_t
timer_wheel_next_ns(const struct timer_wheel *wheel)
{
	unsigned level;
	uint64_t tick;

	if (wheel->expired != NULL || wheel->expired_next != NULL || is_dealing(wheel))
		return 0;
	tick = next_slot(wheel, &level);
	return tick > UINT64_MAX >> TIMER_WHEEL_SHIFT ? UINT64_MAX : tick << TIMER_WHEEL_SHIFT;
}
