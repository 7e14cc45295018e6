/* SPDX-License-Identifier: BSD-3-Clause */
/* Notices: what users are told of in order, and the bytes that some of them come with. */
#include "sctp/sctp_data.h"

/* Of an association, but for its beginning and end, and messages that failed. */
#define NOTICES_MAX   64
#define ATTACHED_MAX  1400 /* bytes of a chunk */
#define FAILED_SEARCH 64

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

/* @return NULL: nobody wants to know, or there is no room */
static struct sctp_notice_item *
notice_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_notice *notice)
{
	struct sctp_notice_item *item;

	if (assoc->detached || (assoc->settings.notices & 1U << notice->type) == 0)
		return NULL;
	item = notice_has_room(core, assoc, notice->type) ? slab_take(&core->notices) : NULL;
	if (item == NULL) {
		sctp_count(core, SCTP_STAT_notices_lost);
		return NULL;
	}
	*item = (struct sctp_notice_item){ .notice = *notice, .after = assoc->ready_count };
	TAILQ_INIT(&item->data);
	TAILQ_INSERT_TAIL(&assoc->notices, item, next);
	assoc->notice_count++;
	sctp_event_add(core, assoc, SCTP_EVENT_NOTICE);
	return item;
}

bool
sctp_notice_add(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_notice *notice)
{
	return notice_add(core, assoc, notice) != NULL;
}

bool
sctp_notice_is_next(const struct sctp_assoc *assoc)
{
	const struct sctp_notice_item *item = TAILQ_FIRST(&assoc->notices);

	return item != NULL &&
		(TAILQ_EMPTY(&assoc->ready) || !seq_after(item->after, assoc->taken_count));
}

const struct sctp_notice *
sctp_notice_peek(const struct sctp_assoc *assoc)
{
	const struct sctp_notice_item *item = TAILQ_FIRST(&assoc->notices);

	return item != NULL ? &item->notice : NULL;
}

bool
sctp_notice_take(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_notice *notice)
{
	struct sctp_notice_item *item = TAILQ_FIRST(&assoc->notices);
	struct sctp_piece *piece;

	if (item == NULL)
		return false;
	TAILQ_REMOVE(&assoc->notices, item, next);
	assoc->notice_count--;
	*notice = item->notice;
	assoc->notice_bytes -= notice->data_length;
	while ((piece = TAILQ_FIRST(&item->data)) != NULL) {
		TAILQ_REMOVE(&item->data, piece, next);
		sctp_piece_out_free(core, assoc, piece);
	}
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

/* ---- what comes with them ---- */

/* The newest one, if it is of this type. */
static struct sctp_notice_item *
newest(const struct sctp_assoc *assoc, enum sctp_notice_type type)
{
	struct sctp_notice_item *item = TAILQ_LAST(&assoc->notices, sctp_notice_list);

	return item != NULL && item->notice.type == type ? item : NULL;
}

static void
data_append(struct sctp_assoc *assoc, struct sctp_notice_item *item, struct sctp_piece *piece)
{
	TAILQ_INSERT_TAIL(&item->data, piece, next);
	item->notice.data_length += piece->length;
	assoc->notice_bytes += piece->length;
}

/* No more than may wait to be sent: those that are not read hold no more memory than that. */
static bool
has_data_room(const struct sctp_assoc *assoc, uint32_t length)
{
	return assoc->notice_bytes + length <= assoc->settings.send_buffer;
}

void
sctp_notice_attach(struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_notice_type type,
	const void *bytes, uint32_t length)
{
	struct sctp_notice_item *item = newest(assoc, type);
	struct sctp_piece *piece;

	if (item == NULL || !TAILQ_EMPTY(&item->data))
		return;
	if (length > ATTACHED_MAX || !has_data_room(assoc, length))
		return;
	/* A packet buffer each: what peers say has no more of them than what is sent to them. */
	if (core->pieces_out >= core->pieces.max / 2)
		return;
	piece = sctp_piece_alone(core, bytes, length);
	if (piece == NULL)
		return;
	assoc->pieces_out++;
	core->pieces_out++;
	data_append(assoc, item, piece);
}

/* That of the message that a piece is of. @return NULL: nobody wants to know, or it was read */
static struct sctp_notice_item *
failed_find(const struct sctp_assoc *assoc, uint64_t order)
{
	struct sctp_notice_item *item = TAILQ_LAST(&assoc->notices, sctp_notice_list);

	for (unsigned i = 0; i < FAILED_SEARCH && item != NULL; i++) {
		if (item->notice.type == SCTP_NOTICE_SEND_FAILED && item->order == order)
			return item;
		item = TAILQ_PREV(item, sctp_notice_list, next);
	}
	return NULL;
}

void
sctp_notice_failed(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece, bool sent)
{
	const struct sctp_notice notice = {
		.type = SCTP_NOTICE_SEND_FAILED,
		.cause = assoc->abort_cause,
		.stream = piece->stream,
		.ppid_be = piece->ppid_be,
		.context = piece->context,
		.unordered = piece->flags & SCTP_DATA_UNORDERED,
		.was_sent = sent,
	};
	struct sctp_notice_item *item = notice_add(core, assoc, &notice);

	if (item != NULL)
		item->order = piece->order;
}

bool
sctp_notice_keep(struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	struct sctp_notice_item *item = failed_find(assoc, piece->order);

	if (item == NULL || piece->pkt == NULL || !has_data_room(assoc, piece->length))
		return false;
	data_append(assoc, item, piece);
	return true;
}

void
sctp_notice_copy(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	struct sctp_piece *copy;

	if (failed_find(assoc, piece->order) == NULL || piece->pkt == NULL)
		return;
	copy = sctp_piece_hold(core, piece->pkt, piece->offset, piece->length);
	if (copy == NULL)
		return;
	copy->state = piece->state & SCTP_PIECE_ALONE;
	copy->order = piece->order;
	assoc->pieces_out++;
	core->pieces_out++;
	if (!sctp_notice_keep(assoc, copy))
		sctp_piece_out_free(core, assoc, copy);
}

size_t
sctp_notice_data(const struct sctp_assoc *assoc, uint32_t offset, void *bytes, size_t size)
{
	const struct sctp_notice_item *item = TAILQ_FIRST(&assoc->notices);
	const struct sctp_piece *piece;
	size_t done = 0;

	if (item == NULL)
		return 0;
	TAILQ_FOREACH (piece, &item->data, next) {
		const uint8_t *from = sctp_piece_out_bytes(piece);
		uint32_t part;

		if (offset >= piece->length) {
			offset -= piece->length;
			continue;
		}
		part = (uint32_t)RTE_MIN(size - done, (size_t)piece->length - offset);
		memcpy((uint8_t *)bytes + done, from + offset, part);
		done += part;
		offset = 0;
	}
	return done;
}
