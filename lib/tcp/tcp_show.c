/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is of a worker's TCP: its connections and listeners, a few at a time, and how many. */
#include "tcp/tcp_priv.h"

uint32_t
tcp_conn_places(const struct tcp_core *core)
{
	return core->conns.fresh;
}

struct tcp_conn *
tcp_conn_at(const struct tcp_core *core, uint32_t place)
{
	struct tcp_conn *conn = place < core->conns.fresh ? slab_at(&core->conns, place) : NULL;

	return conn != NULL && conn->in_use ? conn : NULL;
}

/* Half open ones come first, then TIME-WAIT; what was never taken is passed over at once. */
uint32_t
tcp_brief_next(const struct tcp_core *core, uint32_t place)
{
	const uint32_t half_opens_max = core->half_opens.max;

	if (place < core->half_opens.fresh)
		return place;
	place = RTE_MAX(place, half_opens_max);
	return place - half_opens_max < core->time_waits.fresh ? place : UINT32_MAX;
}

const struct tcp_tuple *
tcp_brief_at(const struct tcp_core *core, uint32_t place, enum tcp_state *state)
{
	const struct slab *half_opens = &core->half_opens;
	const struct tcp_half_open *half;
	const struct tcp_time_wait *wait;

	if (place < half_opens->max) {
		half = slab_at(half_opens, place);
		*state = TCP_SYN_RECEIVED;
		return half->in_use ? &half->node.tuple : NULL;
	}
	wait = slab_at(&core->time_waits, place - half_opens->max);
	*state = TCP_TIME_WAIT;
	return wait->in_use ? &wait->node.tuple : NULL;
}

unsigned
tcp_listeners(
	const struct tcp_core *core, unsigned from, struct tcp_listener_info *infos, unsigned max)
{
	const struct tcp_listener *listener;
	unsigned index = 0, count = 0;

	for (unsigned i = 0; i < TCP_LISTENER_BUCKETS; i++) {
		LIST_FOREACH (listener, &core->listening[i], next) {
			if (index++ < from)
				continue;
			if (count == max)
				return count;
			infos[count++] = (struct tcp_listener_info){
				.bind = listener->bind,
				.user = listener->user,
				.cc = listener->settings.cc->name,
				.backlog = listener->backlog,
				.accepted = listener->accepted_count,
				.half_open = listener->half_open_count,
			};
		}
	}
	return count;
}

void
tcp_counts(const struct tcp_core *core, struct tcp_counts *counts)
{
	*counts = (struct tcp_counts){
		.conns = core->conns.used,
		.half_open = core->half_opens.used,
		.time_wait = core->time_waits.used,
		.listeners = core->listeners.used,
		.segments = core->segs.used,
		.send_buffers = core->send_buffers,
		.runs = core->runs.used,
	};
}
