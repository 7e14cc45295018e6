/* SPDX-License-Identifier: BSD-3-Clause */
/* What users are told: each association and listener is on the list at most once. */
#include "sctp/sctp_priv.h"

void
sctp_event_add(struct sctp_core *core, struct sctp_assoc *assoc, unsigned events)
{
	if (assoc->detached)
		return;
	assoc->events |= (uint8_t)events;
	/* Who is not accepted yet has nobody to tell: sctp_accept() does then. */
	if (assoc->on_events || assoc->listener != NULL || assoc->events == 0)
		return;
	TAILQ_INSERT_TAIL(&core->events, assoc, event_next);
	assoc->on_events = true;
}

void
sctp_event_drop(struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->events = 0;
	if (!assoc->on_events)
		return;
	TAILQ_REMOVE(&core->events, assoc, event_next);
	assoc->on_events = false;
}

void
sctp_listener_event_add(struct sctp_core *core, struct sctp_listener *listener)
{
	if (listener->on_events)
		return;
	TAILQ_INSERT_TAIL(&core->listener_events, listener, event_next);
	listener->on_events = true;
}

bool
sctp_events_pending(const struct sctp_core *core)
{
	return !TAILQ_EMPTY(&core->listener_events) || !TAILQ_EMPTY(&core->events);
}

uint32_t
sctp_ready(const struct sctp_assoc *assoc)
{
	uint32_t ready = assoc->state == SCTP_CLOSED ? SCTP_EVENT_CLOSED : 0;

	if (!TAILQ_EMPTY(&assoc->ready) || assoc->peer_ended)
		ready |= SCTP_EVENT_READABLE;
	if (assoc->state == SCTP_ESTABLISHED && !assoc->shutdown_wanted &&
		assoc->unsent_bytes + assoc->sent_bytes < assoc->settings.send_buffer)
		ready |= SCTP_EVENT_WRITABLE;
	if (assoc->error != 0)
		ready |= SCTP_EVENT_ERROR;
	if (!TAILQ_EMPTY(&assoc->notices))
		ready |= SCTP_EVENT_NOTICE;
	return ready;
}

unsigned
sctp_events(struct sctp_core *core, struct sctp_event *events, unsigned max)
{
	struct sctp_listener *listener;
	struct sctp_assoc *assoc;
	unsigned count = 0;

	while (count < max && (listener = TAILQ_FIRST(&core->listener_events)) != NULL) {
		TAILQ_REMOVE(&core->listener_events, listener, event_next);
		listener->on_events = false;
		events[count++] =
			(struct sctp_event){ NULL, listener, listener->user, SCTP_EVENT_ACCEPTED };
	}
	while (count < max && (assoc = TAILQ_FIRST(&core->events)) != NULL) {
		events[count++] = (struct sctp_event){ assoc, NULL, assoc->user, assoc->events };
		sctp_event_drop(core, assoc);
	}
	return count;
}
