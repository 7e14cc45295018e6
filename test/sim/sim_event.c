/* SPDX-License-Identifier: BSD-3-Clause */
/* What is to happen, in the order of its time: a binary heap. */
#include "sim/sim_private.h"

#include <stdlib.h>

static bool
before(const struct sim_event *a, const struct sim_event *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

static void
swap(struct sim_event *a, struct sim_event *b)
{
	struct sim_event keep = *a;

	*a = *b;
	*b = keep;
}

void
sim_event_add(struct sim *sim, const struct sim_event *event)
{
	unsigned at = sim->event_count++;

	if (at == sim->event_room) {
		sim->event_room = at == 0 ? 64 : 2 * at;
		sim->events = realloc(sim->events, sim->event_room * sizeof(*sim->events));
		if (sim->events == NULL)
			abort();
	}
	sim->events[at] = *event;
	sim->events[at].order = sim->event_order++;
	for (; at > 0 && before(&sim->events[at], &sim->events[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&sim->events[at], &sim->events[(at - 1) / 2]);
}

uint64_t
sim_event_next_ns(const struct sim *sim)
{
	return sim->event_count > 0 ? sim->events[0].time_ns : UINT64_MAX;
}

static void
sift_down(struct sim *sim)
{
	for (unsigned at = 0, child; (child = 2 * at + 1) < sim->event_count; at = child) {
		if (child + 1 < sim->event_count &&
			before(&sim->events[child + 1], &sim->events[child]))
			child++;
		if (!before(&sim->events[child], &sim->events[at]))
			return;
		swap(&sim->events[at], &sim->events[child]);
	}
}

void
sim_event_run(struct sim *sim)
{
	struct sim_event event = sim->events[0];

	sim->events[0] = sim->events[--sim->event_count];
	sift_down(sim);
	/* Once the scenario is over nothing new begins. */
	if (!sim->closing)
		event.run(sim, event.arg);
}

void
sim_events_drop(struct sim *sim)
{
	sim->event_count = 0;
	free(sim->events);
}
