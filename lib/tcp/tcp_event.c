/* SPDX-License-Identifier: BSD-3-Clause */
/* What users are told: each connection and listener is on the list at most once. */
#include "tcp/tcp_priv.h"

void
tcp_event_add(struct tcp_core *core, struct tcp_conn *conn, unsigned events)
{
	if (conn->detached)
		return;
	conn->events |= (uint8_t)events;
	/* Who is not accepted yet has nobody to tell: tcp_accept() does then. */
	if (conn->on_events || conn->listener != NULL || conn->events == 0)
		return;
	TAILQ_INSERT_TAIL(&core->events, conn, event_next);
	conn->on_events = true;
}

void
tcp_event_drop(struct tcp_core *core, struct tcp_conn *conn)
{
	conn->events = 0;
	if (!conn->on_events)
		return;
	TAILQ_REMOVE(&core->events, conn, event_next);
	conn->on_events = false;
}

void
tcp_listener_event_add(struct tcp_core *core, struct tcp_listener *listener)
{
	if (listener->on_events)
		return;
	TAILQ_INSERT_TAIL(&core->listener_events, listener, event_next);
	listener->on_events = true;
}

bool
tcp_events_pending(const struct tcp_core *core)
{
	return !TAILQ_EMPTY(&core->listener_events) || !TAILQ_EMPTY(&core->events);
}

uint32_t
tcp_ready(const struct tcp_core *core, const struct tcp_conn *conn)
{
	bool ended = conn->state == TCP_CLOSED || conn->state == TCP_TIME_WAIT;
	uint32_t ready = ended ? TCP_EVENT_CLOSED : 0;

	if (conn->rcv_head != NULL || conn->fin_received || conn->read_shut || ended)
		ready |= TCP_EVENT_READABLE;
	if ((conn->state == TCP_ESTABLISHED || conn->state == TCP_CLOSE_WAIT) &&
		tcp_send_room(core, conn) > 0)
		ready |= TCP_EVENT_WRITABLE;
	if (conn->error != 0)
		ready |= TCP_EVENT_ERROR;
	if (conn->rcv_up_ok)
		ready |= TCP_EVENT_URGENT;
	return ready;
}

uint32_t
tcp_listener_ready(const struct tcp_listener *listener)
{
	return listener->accepted_count > 0 ? TCP_EVENT_ACCEPTED : 0;
}

unsigned
tcp_events(struct tcp_core *core, struct tcp_event *events, unsigned max)
{
	struct tcp_listener *listener;
	struct tcp_conn *conn;
	unsigned count = 0;

	while (count < max && (listener = TAILQ_FIRST(&core->listener_events)) != NULL) {
		TAILQ_REMOVE(&core->listener_events, listener, event_next);
		listener->on_events = false;
		events[count++] =
			(struct tcp_event){ NULL, listener, listener->user, TCP_EVENT_ACCEPTED };
	}
	while (count < max && (conn = TAILQ_FIRST(&core->events)) != NULL) {
		events[count++] = (struct tcp_event){ conn, NULL, conn->user, conn->events };
		tcp_event_drop(core, conn);
	}
	return count;
}
