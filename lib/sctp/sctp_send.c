/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages from their user: cut to what a packet carries (RFC 9260 6.9), and queued. */
#include "sctp/sctp_data.h"

#define PIECES_SURE  16 /* that an association may have to send, while others have many */
#define WRITABLE_MIN 65536U /* bytes that are free before its user is told */

/* What all paths carry: a chunk may have to be sent again by another. */
uint32_t
sctp_fragment_length(const struct sctp_assoc *assoc)
{
	uint32_t length = assoc->settings.maxseg != 0 ? assoc->settings.maxseg : UINT32_MAX;

	for (unsigned i = 0; i < assoc->path_count; i++)
		length = RTE_MIN(length, sctp_path_pmdcs(assoc->paths[i]));
	return length;
}

/* @return NULL: it is none, or not known to be the peer's */
static struct sctp_path *
path_chosen(const struct sctp_assoc *assoc, const struct ip_addr *to)
{
	struct sctp_path *path = sctp_path_find(assoc, to);

	return path != NULL && path->state != SCTP_PATH_UNCONFIRMED ? path : NULL;
}

/* RFC 6458 8.1.26: what is begun goes on, and no other is begun that does not end. */
static bool
part_is_good(const struct sctp_assoc *assoc, const struct sctp_message *message)
{
	return !assoc->part.is_open || assoc->part.stream == message->stream ||
		!(message->flags & SCTP_MESSAGE_MORE);
}

static int
may_send(struct sctp_assoc *assoc, const struct sctp_message *message, size_t length)
{
	if (assoc->error != 0)
		return -sctp_error(assoc);
	/* What was a connection is a broken pipe. */
	if (assoc->state == SCTP_CLOSED)
		return assoc->was_up ? -EPIPE : -ENOTCONN;
	if (assoc->shutdown_wanted || assoc->peer_ended || assoc->control & SCTP_SEND_ABORT)
		return -EPIPE;
	if (length == 0 || message->stream >= assoc->out_streams ||
		message->pr_policy >= SCTP_PR_COUNT || !part_is_good(assoc, message) ||
		(message->to != NULL && path_chosen(assoc, message->to) == NULL))
		return -EINVAL;
	if (message->has_key) {
		int ret = sctp_auth_key_check(assoc, message->key_id);

		if (ret != 0)
			return ret;
	}
	if (length > assoc->settings.send_buffer ||
		(assoc->settings.no_fragments && length > sctp_fragment_length(assoc)))
		return -EMSGSIZE;
	if (sctp_reconfig_blocks(assoc, message->stream)) {
		assoc->write_full = true;
		return -EAGAIN;
	}
	return 0;
}

/* @return whether the send buffer takes so much more */
static bool
has_room(const struct sctp_assoc *assoc, size_t length)
{
	return assoc->unsent_bytes + assoc->sent_bytes + length <= assoc->settings.send_buffer;
}

/* What is received needs pieces as well; and no association has all of the half that is to be sent. */
static bool
pieces_are_scarce(const struct sctp_core *core, const struct sctp_assoc *assoc)
{
	const uint32_t max = core->pieces.max;

	return core->pieces_out >= max / 2 ||
		(core->pieces_out >= max / 4 && assoc->pieces_out >= PIECES_SURE);
}

/* @return false: no memory */
static bool
fragments_make(struct sctp_core *core, struct sctp_assoc *assoc, const uint8_t *data, size_t length,
	struct sctp_piece_list *list)
{
	uint32_t most = sctp_fragment_length(assoc), fsn = 0;

	for (size_t done = 0; done < length;) {
		uint32_t part = (uint32_t)RTE_MIN(length - done, (size_t)most);
		struct sctp_piece *piece = part >= SCTP_PIECE_ALONE_MIN
			? sctp_piece_alone(core, data + done, part)
			: sctp_piece_copy(core, &assoc->send_tail, data + done, part);

		if (piece == NULL)
			return false;
		piece->fsn = fsn++;
		TAILQ_INSERT_TAIL(list, piece, next);
		done += part;
	}
	TAILQ_FIRST(list)->flags |= SCTP_DATA_BEGIN;
	TAILQ_LAST(list, sctp_piece_list)->flags |= SCTP_DATA_END;
	return true;
}

static bool
goes_on(const struct sctp_assoc *assoc, const struct sctp_message *message)
{
	return assoc->part.is_open && assoc->part.stream == message->stream;
}

/* The pieces of a part go on where the one before has ended, and may not be the last. */
static void
part_note(
	struct sctp_assoc *assoc, const struct sctp_message *message, struct sctp_piece_list *list)
{
	struct sctp_piece *piece = TAILQ_FIRST(list);
	const bool more = (message->flags & SCTP_MESSAGE_MORE) != 0;
	const bool again = goes_on(assoc, message);

	if (!again && !more)
		return;
	if (again) {
		piece->flags &= (uint8_t)~SCTP_DATA_BEGIN;
		TAILQ_FOREACH (piece, list, next) {
			piece->fsn = assoc->part.fsn++;
			piece->order = assoc->part.order;
			piece->flags &= (uint8_t)~SCTP_DATA_UNORDERED;
			piece->flags |= assoc->part.unordered ? SCTP_DATA_UNORDERED : 0;
		}
	} else {
		const struct sctp_piece *last = TAILQ_LAST(list, sctp_piece_list);

		assoc->part.stream = message->stream;
		assoc->part.order = last->order;
		assoc->part.fsn = last->fsn + 1;
		assoc->part.unordered = (last->flags & SCTP_DATA_UNORDERED) != 0;
	}
	assoc->part.is_open = more;
	if (more)
		TAILQ_LAST(list, sctp_piece_list)->flags &= (uint8_t)~SCTP_DATA_END;
	/* The fragments of other parts may be acknowledged by now: none of it is given up. */
	TAILQ_FOREACH (piece, list, next)
		piece->policy = SCTP_PR_NONE;
}

/* RFC 3873, sctpFragUsrMsgs: once a message, in however many parts its user gives it. */
static void
cut_count(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_message *message,
	struct sctp_piece_list *list)
{
	const bool again = goes_on(assoc, message);
	const bool was_cut = again && assoc->part.is_cut;
	const bool is_cut = TAILQ_FIRST(list) != TAILQ_LAST(list, sctp_piece_list);

	if (is_cut && !was_cut)
		sctp_count(core, SCTP_STAT_frag_usr_msgs);
	if (again || message->flags & SCTP_MESSAGE_MORE)
		assoc->part.is_cut = is_cut || was_cut;
}

/* The fragments of a message know each other. */
static void
siblings_link(struct sctp_piece_list *list)
{
	struct sctp_piece *before = TAILQ_LAST(list, sctp_piece_list), *piece;

	TAILQ_FOREACH (piece, list, next) {
		piece->sibling_before = before;
		before->sibling = piece;
		before = piece;
	}
}

static void
piece_fill(struct sctp_piece *piece, const struct sctp_message *message, uint64_t order)
{
	piece->stream = message->stream;
	piece->order = order;
	piece->ppid_be = message->ppid_be;
	piece->context = message->context;
	if (message->flags & SCTP_MESSAGE_UNORDERED)
		piece->flags |= SCTP_DATA_UNORDERED;
	/* RFC 7053 4: of several the last. */
	if (message->flags & SCTP_MESSAGE_IMMEDIATE && piece->flags & SCTP_DATA_END)
		piece->flags |= SCTP_DATA_IMMEDIATE;
}

static void
queue_append(struct sctp_assoc *assoc, struct sctp_stream *stream, struct sctp_piece_list *message)
{
	bool was_empty = TAILQ_EMPTY(&stream->unsent);

	TAILQ_CONCAT(&stream->unsent, message, next);
	if (was_empty)
		sctp_sched_insert(assoc, stream);
}

int
sctp_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_message *message,
	const void *data, size_t length)
{
	struct sctp_piece_list list = TAILQ_HEAD_INITIALIZER(list);
	struct sctp_stream *stream;
	struct sctp_piece *piece;
	int ret = may_send(assoc, message, length);

	if (ret != 0)
		return ret;
	if (!has_room(assoc, length))
		sctp_pr_make_room(core, assoc, message, length);
	if (!has_room(assoc, length)) {
		assoc->write_full = true;
		return -EAGAIN;
	}
	stream = pieces_are_scarce(core, assoc) ? NULL
						: sctp_stream_get(core, assoc, message->stream);
	if (stream == NULL || !fragments_make(core, assoc, data, length, &list)) {
		sctp_pieces_free(core, &list);
		assoc->write_full = true;
		/* Others have it: no acknowledgment of this one's says when they are done. */
		sctp_timer_set(core, assoc, SCTP_TIMER_RETRY, core->now_ns + SCTP_RETRY_NS);
		return -EAGAIN;
	}
	assoc->paths_wanted |= message->to != NULL;
	TAILQ_FOREACH (piece, &list, next) {
		piece_fill(piece, message, assoc->messages_out);
		piece->path = message->to != NULL ? path_chosen(assoc, message->to) : NULL;
		assoc->pieces_out++;
		core->pieces_out++;
		if (message->has_key)
			sctp_auth_piece_take(assoc, piece, message->key_id);
		sctp_pr_set(core, assoc, message, piece);
		if (piece->policy == SCTP_PR_PRIORITY)
			assoc->pr_least = RTE_MAX(assoc->pr_least, (uint32_t)piece->limit);
	}
	siblings_link(&list);
	assoc->messages_out += !goes_on(assoc, message);
	cut_count(core, assoc, message, &list);
	part_note(assoc, message, &list);
	queue_append(assoc, stream, &list);
	assoc->unsent_bytes += (uint32_t)length;
	sctp_flush_add(core, assoc);
	return 0;
}

/* Of a large buffer a part is as good as half: what is in flight is not to end before more is written. */
void
sctp_writable_check(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const uint32_t buffer = assoc->settings.send_buffer;

	if (!assoc->write_full ||
		assoc->unsent_bytes + assoc->sent_bytes >
			buffer - RTE_MIN(buffer / 2, WRITABLE_MIN))
		return;
	assoc->write_full = false;
	sctp_event_add(core, assoc, SCTP_EVENT_WRITABLE);
}

void
sctp_retry_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->state != SCTP_CLOSED)
		sctp_writable_check(core, assoc);
	sctp_flush_add(core, assoc);
}

/* ---- paths that users choose ---- */

struct sctp_path *
sctp_path_for_piece(struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	/* One that has failed since is no way. */
	return piece->path != NULL && piece->path->state == SCTP_PATH_ACTIVE
		? piece->path
		: sctp_path_for_data(assoc);
}

void
sctp_path_unwant(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_path *path)
{
	struct sctp_stream *stream;
	struct sctp_piece *piece;
	unsigned cursor = 0;

	while ((stream = sctp_stream_next(core, assoc, &cursor)) != NULL) {
		TAILQ_FOREACH (piece, &stream->unsent, next) {
			if (piece->path == path)
				piece->path = NULL;
		}
	}
}

/* ---- the end ---- */

/* Its user is told once a message: of the first fragment that did not arrive. Of a stream they are in order. */
static void
piece_give_up(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece, bool tell)
{
	struct sctp_stream *stream = tell ? sctp_stream_find(core, assoc, piece->stream) : NULL;

	if (stream != NULL && stream->told != piece->order + 1) {
		stream->told = piece->order + 1;
		/* If it is not the first, others have been. */
		sctp_notice_failed(core, assoc, piece,
			piece->state & SCTP_PIECE_SENT || !(piece->flags & SCTP_DATA_BEGIN));
	}
	if (!tell || !sctp_notice_keep(assoc, piece))
		sctp_piece_out_free(core, assoc, piece);
}

static void
unsent_give_up(
	struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream, bool tell)
{
	struct sctp_piece *piece;

	while ((piece = TAILQ_FIRST(&stream->unsent)) != NULL) {
		TAILQ_REMOVE(&stream->unsent, piece, next);
		assoc->unsent_bytes -= piece->length;
		sctp_sibling_remove(piece);
		piece_give_up(core, assoc, piece, tell);
	}
}

void
sctp_send_refuse(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_stream *stream;
	unsigned cursor = 0;

	while ((stream = sctp_stream_next(core, assoc, &cursor)) != NULL) {
		if (stream->id < assoc->out_streams || TAILQ_EMPTY(&stream->unsent))
			continue;
		sctp_sched_remove(assoc, stream);
		unsent_give_up(core, assoc, stream, true);
	}
	if (assoc->part.stream >= assoc->out_streams)
		assoc->part.is_open = false;
}

void
sctp_send_queues_free(struct sctp_core *core, struct sctp_assoc *assoc, bool tell)
{
	struct sctp_stream *stream;
	unsigned cursor = 0;

	while (assoc->cum_acked + 1 != assoc->next_tsn) {
		uint32_t tsn = assoc->cum_acked + 1;
		const struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);
		bool over = ((block->acked | block->abandoned) & sctp_sent_bit(tsn)) != 0;

		piece_give_up(core, assoc, sctp_sent_take(core, assoc), tell && !over);
	}
	while ((stream = sctp_stream_next(core, assoc, &cursor)) != NULL)
		unsent_give_up(core, assoc, stream, tell);
	RB_INIT(&assoc->busy);
	assoc->sending = assoc->bundled = NULL;
	rte_pktmbuf_free(assoc->send_tail);
	assoc->send_tail = NULL;
	assoc->unsent_bytes = assoc->sent_bytes = assoc->flight = 0;
	assoc->lost = assoc->fast_now = assoc->in_recovery = assoc->probing = false;
	assoc->forward_due = assoc->part.is_open = false;
	assoc->gap_acked = 0;
	for (unsigned i = 0; i < assoc->path_count; i++)
		assoc->paths[i]->flight = 0;
}
