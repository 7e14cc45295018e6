/* SPDX-License-Identifier: BSD-3-Clause */
/* What the user is shown of streams and listeners: some at a time, each in a moment. */
#include "sctp/sctp_data.h"

#define LOOKS_MAX 2048 /* chunks that are counted between two loops of the worker */

static bool
is_used(struct sctp_stream *stream)
{
	return stream->out_mid != 0 || stream->out_unordered_mid != 0 || stream->in_mid != 0 ||
		stream->value != 0 || stream->parts[0].open || stream->parts[1].open ||
		!TAILQ_EMPTY(&stream->unsent) || sctp_waiting_next(stream, NULL) != NULL;
}

/* @return false: `looks` were not enough for all */
static bool
unsent_count(const struct sctp_stream *stream, unsigned *looks, struct sctp_stream_info *info)
{
	const struct sctp_piece *piece;

	TAILQ_FOREACH (piece, &stream->unsent, next) {
		if (*looks == 0)
			return false;
		(*looks)--;
		info->unsent_bytes += piece->length;
		info->unsent_messages += (piece->flags & SCTP_DATA_END) != 0;
	}
	return true;
}

static bool
waiting_count(struct sctp_stream *stream, unsigned *looks, struct sctp_stream_info *info)
{
	struct sctp_piece *head = NULL;

	while ((head = sctp_waiting_next(stream, head)) != NULL) {
		for (const struct sctp_piece *piece = head; piece != NULL; piece = piece->more) {
			if (*looks == 0)
				return false;
			(*looks)--;
			info->waiting_bytes += piece->length;
		}
		info->waiting_messages++;
	}
	return true;
}

static void
stream_info(const struct sctp_assoc *assoc, struct sctp_stream *stream, unsigned *looks,
	struct sctp_stream_info *info)
{
	/* Of DATA a number's lower half is the SSN: RFC 9260 3.3.1. */
	const uint32_t mask = sctp_has(assoc, SCTP_EXT_I_DATA) ? UINT32_MAX : UINT16_MAX;

	*info = (struct sctp_stream_info){
		.id = stream->id,
		.out_next = stream->out_mid & mask,
		.in_next = stream->in_mid & mask,
		.value = stream->value,
		.in_part = stream->parts[0].open || stream->parts[1].open,
	};
	if (!unsent_count(stream, looks, info) || !waiting_count(stream, looks, info))
		info->has_more = true;
}

unsigned
sctp_streams(struct sctp_core *core, const struct sctp_assoc *assoc, unsigned *cursor,
	struct sctp_stream_info *infos, unsigned max)
{
	unsigned count = 0, looks = LOOKS_MAX;

	while (count < max && *cursor < SCTP_STREAMS_MAX) {
		const unsigned at = *cursor;
		const unsigned left = looks;
		struct sctp_stream *stream = sctp_stream_next(core, assoc, cursor);

		if (stream == NULL)
			break;
		if (!is_used(stream))
			continue;
		stream_info(assoc, stream, &looks, &infos[count]);
		/* The next call counts it, with looks that are all its own. */
		if (infos[count].has_more && left < LOOKS_MAX) {
			*cursor = at;
			return count;
		}
		count++;
		if (looks == 0)
			return count;
	}
	return count;
}

unsigned
sctp_listeners(
	const struct sctp_core *core, unsigned from, struct sctp_listener_info *infos, unsigned max)
{
	const struct sctp_listener *listener;
	unsigned index = 0, count = 0;

	for (unsigned i = 0; i < SCTP_LISTENER_BUCKETS; i++) {
		LIST_FOREACH (listener, &core->by_port[i], next) {
			if (index++ < from)
				continue;
			if (count == max)
				return count;
			infos[count++] = (struct sctp_listener_info){
				.bind = listener->bind,
				.user = listener->user,
				.cc = listener->settings.cc->name,
				.backlog = listener->backlog,
				.accepted = listener->accepted_count,
				.out_streams = listener->settings.out_streams,
				.in_streams = listener->settings.in_streams,
				.extensions = listener->settings.extensions,
			};
		}
	}
	return count;
}
