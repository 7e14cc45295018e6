/* SPDX-License-Identifier: BSD-3-Clause */
/* What users are told: each association and listener is on the list at most once. */
#include "sctp/sctp_priv.h"

#define NOTICES_MAX \
	64 /* of an association, but for its beginning and end, and messages that failed */

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

/* ---- notices ---- */

/* What peers can bring about as often as they like leaves room for what their users have to know. */
static bool
notice_has_room(
	const struct sctp_core *core, const struct sctp_assoc *assoc, enum sctp_notice_type type)
{
	const struct slab *notices = &core->notices;

	switch (type) {
	case SCTP_NOTICE_UP:
	case SCTP_NOTICE_LOST:
	case SCTP_NOTICE_RESTART:
	case SCTP_NOTICE_SHUTDOWN:
	case SCTP_NOTICE_SHUTDOWN_COMPLETE: return true;
	case SCTP_NOTICE_SEND_FAILED: return notices->max - notices->used > notices->max / 4;
	default:
		return assoc->notice_count < NOTICES_MAX &&
			notices->max - notices->used > notices->max / 4;
	}
}

void
sctp_notice_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_notice *notice)
{
	struct sctp_notice_item *item;

	if (assoc->detached || (assoc->settings.notices & 1U << notice->type) == 0)
		return;
	item = notice_has_room(core, assoc, notice->type) ? slab_take(&core->notices) : NULL;
	if (item == NULL) {
		sctp_count(core, SCTP_STAT_notices_lost);
		return;
	}
	item->notice = *notice;
	item->after = assoc->ready_count;
	TAILQ_INSERT_TAIL(&assoc->notices, item, next);
	assoc->notice_count++;
	sctp_event_add(core, assoc, SCTP_EVENT_NOTICE);
}

bool
sctp_notice_is_next(const struct sctp_assoc *assoc)
{
	const struct sctp_notice_item *item = TAILQ_FIRST(&assoc->notices);

	return item != NULL &&
		(TAILQ_EMPTY(&assoc->ready) || !seq_after(item->after, assoc->taken_count));
}

bool
sctp_notice_take(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_notice *notice)
{
	struct sctp_notice_item *item = TAILQ_FIRST(&assoc->notices);

	if (item == NULL)
		return false;
	TAILQ_REMOVE(&assoc->notices, item, next);
	assoc->notice_count--;
	*notice = item->notice;
	slab_give(&core->notices, item);
	return true;
}

void
sctp_notices_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_notice notice;

	while (sctp_notice_take(core, assoc, &notice))
		;
}
