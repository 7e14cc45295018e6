/* SPDX-License-Identifier: BSD-3-Clause */
/* Time: the wall clock's or the program's; and what is due by it. */
#include <stdbool.h>
#include <time.h>

#include <rte_common.h>

#include "embed/embed.h"

/* Where the stack's time begins: its own zeros mean never. */
#define EPOCH_NS 1000000000ULL

static uint64_t
wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void
embed_clock_start(struct spate *spate)
{
	spate->start_ns = wall_ns();
}

/* First control: at its last turn a worker that has nothing to do leaves nothing for it. */
static void
run_at(struct spate *spate, uint64_t now_ns)
{
	const uint64_t stack_ns = EPOCH_NS + now_ns;
	bool busy;

	spate->now_ns = now_ns;
	do {
		busy = stack_poll(spate->stack, stack_ns);
		busy |= worker_poll(spate->stack->workers[0], stack_ns);
	} while (busy);
}

/* What time it is, which by the wall clock is later than at the last run. */
static uint64_t
clock_ns(const struct spate *spate)
{
	const bool manual = (spate->flags & SPATE_CLOCK_MANUAL) != 0;

	return manual ? spate->now_ns : wall_ns() - spate->start_ns;
}

void
embed_run(struct spate *spate)
{
	run_at(spate, clock_ns(spate));
}

void
spate_poll(struct spate *spate)
{
	embed_run(spate);
}

uint64_t
spate_now(const struct spate *spate)
{
	return spate->now_ns;
}

uint64_t
spate_next_timeout(const struct spate *spate)
{
	const uint64_t now_ns = EPOCH_NS + clock_ns(spate);
	const uint64_t next_ns = RTE_MIN(
		stack_next_event_ns(spate->stack), worker_next_event_ns(spate->stack->workers[0]));

	if (next_ns == UINT64_MAX)
		return SPATE_NEVER;
	return next_ns > now_ns ? next_ns - now_ns : 0;
}

int
spate_advance(struct spate *spate, uint64_t ns)
{
	struct error err;

	if ((spate->flags & SPATE_CLOCK_MANUAL) == 0)
		return embed_result(error_set(&err, EINVAL,
					    "the stack follows the wall clock: make it with "
					    "SPATE_CLOCK_MANUAL"),
			&err);
	while (ns > 0) {
		/* What is due now has run: the next is later. */
		uint64_t step = RTE_MIN(RTE_MAX(spate_next_timeout(spate), UINT64_C(1)), ns);

		run_at(spate, spate->now_ns + step);
		ns -= step;
	}
	return 0;
}
