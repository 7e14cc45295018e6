/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 8289 5: the pseudocode, turned inside out: it takes frames from its queue, this is asked about
 * one after the other. Pure, and in integers.
 */
#include "cable/cable_codel.h"

void
cable_codel_init(
	struct cable_codel *codel, uint64_t target_ns, uint64_t interval_ns, uint32_t max_packet)
{
	*codel = (struct cable_codel){
		.target_ns = target_ns, .interval_ns = interval_ns, .max_packet = max_packet
	};
}

static uint64_t
square_root(uint64_t rest)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ULL << 62; bit != 0; bit >>= 2) {
		if (rest >= root + bit) {
			rest -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/* 5.4 control_law(): interval / sqrt(count) */
static uint64_t
control_law(const struct cable_codel *codel, uint64_t from_ns)
{
	return from_ns + square_root(codel->interval_ns * codel->interval_ns / codel->count);
}

/* 5.6 dodequeue(): whether frames have been late for an interval. */
static bool
is_above(struct cable_codel *codel, uint64_t sojourn_ns, uint32_t queue_bytes, uint64_t now_ns)
{
	if (sojourn_ns < codel->target_ns || queue_bytes <= codel->max_packet) {
		codel->first_above_ns = 0;
		return false;
	}
	if (codel->first_above_ns == 0) {
		codel->first_above_ns = now_ns + codel->interval_ns;
		return false;
	}
	return now_ns >= codel->first_above_ns;
}

/* 5.5: drop one, and go on where the last dropping state ended if that was not long ago. */
static void
dropping_enter(struct cable_codel *codel, uint64_t now_ns)
{
	uint32_t delta = codel->count - codel->last_count;

	codel->dropping = true;
	codel->entered = true;
	codel->count =
		delta > 1 && now_ns - codel->drop_next_ns < 16 * codel->interval_ns ? delta : 1;
	codel->drop_next_ns = control_law(codel, now_ns);
	codel->last_count = codel->count;
}

bool
cable_codel_drops(
	struct cable_codel *codel, uint64_t sojourn_ns, uint32_t queue_bytes, uint64_t now_ns)
{
	bool above = is_above(codel, sojourn_ns, queue_bytes, now_ns);

	if (codel->entered) {
		codel->entered = false;
		return false;
	}
	if (codel->dropping && !above) {
		codel->dropping = false;
		codel->law_due = false;
		return false;
	}
	if (codel->dropping) {
		if (codel->law_due)
			codel->drop_next_ns = control_law(codel, codel->drop_next_ns);
		codel->law_due = now_ns >= codel->drop_next_ns;
		codel->count += codel->law_due;
		return codel->law_due;
	}
	if (above)
		dropping_enter(codel, now_ns);
	return above;
}

void
cable_codel_marked(struct cable_codel *codel)
{
	if (codel->law_due)
		codel->drop_next_ns = control_law(codel, codel->drop_next_ns);
	codel->law_due = codel->entered = false;
}

void
cable_codel_idle(struct cable_codel *codel)
{
	codel->first_above_ns = 0;
	codel->dropping = codel->entered = codel->law_due = false;
}
