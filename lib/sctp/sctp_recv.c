/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages for their user, and the room that opens by it. */
#include "sctp/sctp_data.h"

/* RFC 9260 6.2: the peer is told of room when that is worth it. */
static void
window_update(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (!assoc->read_limited || assoc->state < SCTP_ESTABLISHED ||
		sctp_rwnd(core, assoc) <
			RTE_MIN(assoc->settings.receive_buffer / 2, 2U * assoc->primary->mtu))
		return;
	assoc->sack_wanted = true;
	sctp_flush_add(core, assoc);
}

static void
message_fill(const struct sctp_piece *piece, struct sctp_message *message)
{
	*message = (struct sctp_message){
		.stream = piece->stream,
		.ssn = (uint16_t)piece->mid,
		.mid = piece->mid,
		.flags = piece->flags & SCTP_DATA_UNORDERED ? SCTP_MESSAGE_UNORDERED : 0,
		.ppid_be = piece->ppid_be,
		.tsn = piece->tsn,
	};
}

/* It is of the same message: others may be in between, and the rest of one may never come. */
static bool
goes_on(const struct sctp_message *message, const struct sctp_piece *piece, uint32_t fsn)
{
	bool unordered = (message->flags & SCTP_MESSAGE_UNORDERED) != 0;

	return piece->stream == message->stream && piece->fsn == fsn &&
		piece->mid == message->mid &&
		((piece->flags & SCTP_DATA_UNORDERED) != 0) == unordered;
}

/* What there is to say instead of a message. */
static int64_t
nothing_ready(struct sctp_assoc *assoc)
{
	if (assoc->error != 0)
		return -sctp_error(assoc);
	return assoc->peer_ended ? 0 : -EAGAIN;
}

int64_t
sctp_recv(struct sctp_core *core, struct sctp_assoc *assoc, void *data, size_t size,
	struct sctp_message *message)
{
	struct sctp_piece *piece = TAILQ_FIRST(&assoc->ready);
	size_t done = 0;

	if (piece == NULL)
		return nothing_ready(assoc);
	message_fill(piece, message);
	while (piece != NULL && done < size) {
		uint32_t part = (uint32_t)RTE_MIN(size - done, (size_t)piece->length);
		bool end = (piece->flags & SCTP_DATA_END) != 0;
		uint32_t fsn = piece->fsn + 1;

		pkt_copy_out(piece->pkt, piece->offset, part, (uint8_t *)data + done);
		done += part;
		piece->offset += part;
		piece->length -= (uint16_t)part;
		assoc->received -= part;
		assoc->ready_bytes -= part;
		core->received -= part;
		if (piece->length > 0)
			break;
		TAILQ_REMOVE(&assoc->ready, piece, next);
		assoc->received_pieces--;
		sctp_piece_free(core, piece);
		assoc->taken_count++;
		if (end) {
			message->flags |= SCTP_MESSAGE_END;
			break;
		}
		piece = TAILQ_FIRST(&assoc->ready);
		if (piece != NULL && !goes_on(message, piece, fsn))
			break;
	}
	if (assoc->received == 0) {
		rte_pktmbuf_free(assoc->received_tail);
		assoc->received_tail = NULL;
	}
	window_update(core, assoc);
	return (int64_t)done;
}

/* @return the next piece of the same message, or NULL */
static const struct sctp_piece *
piece_after(const struct sctp_piece *piece, struct sctp_message *message)
{
	const struct sctp_piece *next = TAILQ_NEXT(piece, next);

	if (piece->flags & SCTP_DATA_END) {
		message->flags |= SCTP_MESSAGE_END;
		return NULL;
	}
	return next != NULL && goes_on(message, next, piece->fsn + 1) ? next : NULL;
}

int64_t
sctp_peek(struct sctp_assoc *assoc, void *data, size_t size, struct sctp_message *message)
{
	const struct sctp_piece *piece = TAILQ_FIRST(&assoc->ready);
	size_t done = 0;

	if (piece == NULL)
		return nothing_ready(assoc);
	message_fill(piece, message);
	while (piece != NULL && done < size) {
		uint32_t part = (uint32_t)RTE_MIN(size - done, (size_t)piece->length);

		pkt_copy_out(piece->pkt, piece->offset, part, (uint8_t *)data + done);
		done += part;
		if (part < piece->length)
			break;
		piece = piece_after(piece, message);
	}
	return (int64_t)done;
}

uint32_t
sctp_next(const struct sctp_assoc *assoc, struct sctp_message *message)
{
	const struct sctp_piece *piece = TAILQ_FIRST(&assoc->ready);
	uint32_t length = 0;

	if (piece == NULL)
		return 0;
	message_fill(piece, message);
	for (; piece != NULL; piece = piece_after(piece, message))
		length += piece->length;
	return length;
}

bool
sctp_has_next(const struct sctp_assoc *assoc)
{
	return !TAILQ_EMPTY(&assoc->ready);
}

bool
sctp_part_is_open(const struct sctp_assoc *assoc)
{
	return assoc->part_count > 0;
}
