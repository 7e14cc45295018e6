/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An association's timers, and those of its paths: one node in the wheel for all of them. Moving a
 * deadline later only writes it down: when the node strikes too early, it is armed for what is then
 * the next.
 */
#include "sctp/sctp_data.h"

#define TIMERS_A_LOOP 256

static void
deadline_note(struct sctp_core *core, struct sctp_assoc *assoc, uint64_t due_ns)
{
	if (!timer_is_armed(&assoc->timer) || due_ns >> TIMER_WHEEL_SHIFT < assoc->timer.tick - 1)
		timer_wheel_arm(&core->wheel, &assoc->timer, due_ns);
}

void
sctp_timer_set(
	struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_timer timer, uint64_t due_ns)
{
	assoc->due_ns[timer] = due_ns;
	deadline_note(core, assoc, due_ns);
}

void
sctp_path_timer_set(
	struct sctp_core *core, struct sctp_path *path, enum sctp_path_timer timer, uint64_t due_ns)
{
	path->due_ns[timer] = due_ns;
	deadline_note(core, path->assoc, due_ns);
}

static inline bool
due_take(const struct sctp_core *core, uint64_t *due_ns)
{
	if (*due_ns == 0 || *due_ns > core->now_ns)
		return false;
	*due_ns = 0;
	return true;
}

static void
paths_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	static void (*const strikes[SCTP_PATH_TIMER_COUNT])(
		struct sctp_core *, struct sctp_path *) = {
		[SCTP_PATH_T3] = sctp_t3_strike,
		[SCTP_PATH_HEARTBEAT] = sctp_heartbeat_strike,
		[SCTP_PATH_PMTU] = sctp_pmtu_strike,
	};

	/* A strike may end the association, and its paths with it. */
	for (unsigned i = 0; i < assoc->path_count; i++) {
		for (unsigned t = 0; t < SCTP_PATH_TIMER_COUNT && i < assoc->path_count; t++) {
			if (due_take(core, &assoc->paths[i]->due_ns[t]))
				strikes[t](core, assoc->paths[i]);
		}
	}
}

static uint64_t
earliest(const struct sctp_assoc *assoc)
{
	uint64_t due_ns = UINT64_MAX;

	for (unsigned t = 0; t < SCTP_TIMER_COUNT; t++) {
		if (assoc->due_ns[t] != 0)
			due_ns = RTE_MIN(due_ns, assoc->due_ns[t]);
	}
	for (unsigned i = 0; i < assoc->path_count; i++) {
		for (unsigned t = 0; t < SCTP_PATH_TIMER_COUNT; t++) {
			if (assoc->paths[i]->due_ns[t] != 0)
				due_ns = RTE_MIN(due_ns, assoc->paths[i]->due_ns[t]);
		}
	}
	return due_ns;
}

static void
shift(uint64_t *due_ns, unsigned count, uint64_t by_ns)
{
	for (unsigned i = 0; i < count; i++) {
		if (due_ns[i] != 0)
			due_ns[i] += by_ns;
	}
}

void
sctp_timers_shift(struct sctp_core *core, uint64_t by_ns)
{
	struct sctp_assoc *assoc;
	uint32_t cursor = 0;

	while ((assoc = sctp_assoc_next(core, &cursor)) != NULL) {
		shift(assoc->due_ns, SCTP_TIMER_COUNT, by_ns);
		for (unsigned i = 0; i < assoc->path_count; i++)
			shift(assoc->paths[i]->due_ns, SCTP_PATH_TIMER_COUNT, by_ns);
		/* The node strikes too early, and is armed for what is next. */
	}
}

static void
assoc_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	static void (*const strikes[SCTP_TIMER_COUNT])(struct sctp_core *, struct sctp_assoc *) = {
		[SCTP_TIMER_T1] = sctp_t1_strike,
		[SCTP_TIMER_T2] = sctp_t2_strike,
		[SCTP_TIMER_GUARD] = sctp_guard_strike,
		[SCTP_TIMER_SACK] = sctp_sack_strike,
		[SCTP_TIMER_FORWARD] = sctp_forward_strike,
		[SCTP_TIMER_ASCONF] = sctp_asconf_strike,
		[SCTP_TIMER_RECONF] = sctp_reconfig_strike,
		[SCTP_TIMER_RETRY] = sctp_retry_strike,
	};
	uint64_t next;

	for (unsigned t = 0; t < SCTP_TIMER_COUNT; t++) {
		if (due_take(core, &assoc->due_ns[t]))
			strikes[t](core, assoc);
	}
	paths_strike(core, assoc);
	next = earliest(assoc);
	if (next != UINT64_MAX)
		timer_wheel_arm(&core->wheel, &assoc->timer, next);
}

void
sctp_timers(struct sctp_core *core)
{
	struct timer_node *node;

	timer_wheel_advance(&core->wheel, core->now_ns);
	for (unsigned i = 0; i < TIMERS_A_LOOP; i++) {
		node = timer_wheel_take(&core->wheel);
		if (node == NULL)
			break;
		assoc_strike(core, RTE_PTR_SUB(node, offsetof(struct sctp_assoc, timer)));
	}
}
