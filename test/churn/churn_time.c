/* SPDX-License-Identifier: BSD-3-Clause */
/* What a route or a neighbour was at which time. Written by churn_change.c, read by churn_port.c. */
#include "churn/churn.h"

uint32_t churn_clock = 1;

void
timeline_init(struct timeline *timeline, uint16_t value)
{
	*timeline = (struct timeline){ .log = { { .end = churn_clock, .value = value } } };
}

uint16_t
timeline_now(const struct timeline *timeline)
{
	return timeline->log[timeline->head % TIMELINE_LENGTH].value;
}

void
timeline_begin(struct timeline *timeline, uint16_t value)
{
	uint32_t next = timeline->head + 1;

	__atomic_store_n(&timeline->log[next % TIMELINE_LENGTH].end, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&timeline->log[next % TIMELINE_LENGTH].value, value, __ATOMIC_RELAXED);
	/* Before anything that the change does. */
	__atomic_store_n(&timeline->head, next, __ATOMIC_SEQ_CST);
}

void
timeline_end(struct timeline *timeline)
{
	uint32_t tick = churn_clock + 1;

	/* First the record, then the clock: who enters at this tick, or later, finds it complete. */
	__atomic_store_n(
		&timeline->log[timeline->head % TIMELINE_LENGTH].end, tick, __ATOMIC_RELEASE);
	__atomic_store_n(&churn_clock, tick, __ATOMIC_RELEASE);
}

/* A change that was complete at `tick` or before hides all that was before it. */
void
timeline_since(const struct timeline *timeline, uint32_t tick, struct timeline_values *values)
{
	uint32_t head, end = 0;

	do {
		head = __atomic_load_n(&timeline->head, __ATOMIC_ACQUIRE);
		*values = (struct timeline_values){ 0 };
		do {
			unsigned at = (head - values->count) % TIMELINE_LENGTH;

			end = __atomic_load_n(&timeline->log[at].end, __ATOMIC_ACQUIRE);
			values->values[values->count++] =
				__atomic_load_n(&timeline->log[at].value, __ATOMIC_ACQUIRE);
		} while ((end == 0 || end > tick) && values->count < TIMELINE_LENGTH - 1);
		values->unknown = end == 0 || end > tick;
		/* The slot behind the head may be written to at any time; what was read, only behind
		 * another head. */
	} while (__atomic_load_n(&timeline->head, __ATOMIC_ACQUIRE) != head);
}
