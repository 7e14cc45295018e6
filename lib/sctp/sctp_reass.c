/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From chunks to messages in their order: RFC 9260 6.6, 6.9. Fragments wait for their message
 * (sctp_fragment.c); complete messages wait for their turn in their stream; then they are ready for
 * their user. A message that the receive buffer cannot hold is delivered in part: until it is whole no
 * other gets in between, unless its user has said that they may.
 */
#include "sctp/sctp_data.h"

static int
message_compare(const struct sctp_piece *a, const struct sctp_piece *b)
{
	/* All that wait are less than 2^31 behind the one whose turn it is. */
	return (a->mid != b->mid) * (seq_before(a->mid, b->mid) ? -1 : 1);
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(
	sctp_message_tree, sctp_piece, node, message_compare, __attribute__((unused)) static)

struct sctp_piece *
sctp_waiting_next(struct sctp_stream *stream, struct sctp_piece *head)
{
	return head == NULL ? RB_MIN(sctp_message_tree, &stream->waiting)
			    : RB_NEXT(sctp_message_tree, &stream->waiting, head);
}

static inline struct sctp_part *
part_of(struct sctp_stream *stream, const struct sctp_piece *piece)
{
	return &stream->parts[(piece->flags & SCTP_DATA_UNORDERED) != 0];
}

static inline bool
interleaves(const struct sctp_assoc *assoc)
{
	return assoc->settings.interleave || sctp_has(assoc, SCTP_EXT_I_DATA);
}

/* ---- delivery ---- */

/*
 * Another is delivered in part: of its kind and stream, from which its user could not tell it apart; or
 * any other, if he has not said that they may.
 */
static bool
waits_for_part(
	struct sctp_core *core, const struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	struct sctp_stream *stream;

	if (assoc->part_count == 0)
		return false;
	if (!interleaves(assoc))
		return true;
	stream = sctp_stream_find(core, assoc, piece->stream);
	return stream != NULL && part_of(stream, piece)->open;
}

/* Pieces, linked by `more`. */
static void
ready_append(
	struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece, bool of_part)
{
	struct sctp_piece_list *list =
		!of_part && waits_for_part(core, assoc, piece) ? &assoc->behind : &assoc->ready;

	while (piece != NULL) {
		struct sctp_piece *more = piece->more;

		TAILQ_INSERT_TAIL(list, piece, next);
		assoc->ready_bytes += piece->length;
		assoc->ready_since = (uint16_t)RTE_MIN((uint32_t)UINT16_MAX,
			assoc->ready_since +
				(piece->length + SCTP_READY_UNIT - 1) / SCTP_READY_UNIT);
		/* What waits comes behind the notice that its waiting is over. */
		assoc->ready_count += list == &assoc->ready;
		if (piece->flags & SCTP_DATA_END)
			assoc->messages_in++;
		piece = more;
	}
	if (assoc->ready_since >= (assoc->received - assoc->ready_bytes) / SCTP_READY_UNIT)
		sctp_held_since_now(core, assoc);
	sctp_event_add(core, assoc, SCTP_EVENT_READABLE);
}

/* Those that have waited for what is over now. */
static void
behind_ready(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_piece *following;

	for (struct sctp_piece *piece = TAILQ_FIRST(&assoc->behind); piece != NULL;
		piece = following) {
		following = TAILQ_NEXT(piece, next);
		if (waits_for_part(core, assoc, piece))
			continue;
		TAILQ_REMOVE(&assoc->behind, piece, next);
		TAILQ_INSERT_TAIL(&assoc->ready, piece, next);
		assoc->ready_count++;
	}
	if (!TAILQ_EMPTY(&assoc->ready))
		sctp_event_add(core, assoc, SCTP_EVENT_READABLE);
}

void
sctp_interleave_set(struct sctp_core *core, struct sctp_assoc *assoc, bool interleave)
{
	assoc->settings.interleave = interleave;
	if (!TAILQ_EMPTY(&assoc->behind))
		behind_ready(core, assoc);
}

static void
pieces_drop(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	while (piece != NULL) {
		struct sctp_piece *more = piece->more;

		assoc->received -= piece->length;
		assoc->received_pieces--;
		core->received -= piece->length;
		sctp_piece_free(core, piece);
		piece = more;
	}
}

/* Messages of a stream whose turn it is now. */
static void
stream_advance(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream)
{
	struct sctp_piece *head;

	while ((head = RB_MIN(sctp_message_tree, &stream->waiting)) != NULL &&
		head->mid == stream->in_mid) {
		RB_REMOVE(sctp_message_tree, &stream->waiting, head);
		stream->in_mid++;
		ready_append(core, assoc, head, false);
	}
}

/* @return false: another message with its number was delivered, or waits */
static bool
message_deliver(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_piece *head)
{
	if (head->flags & SCTP_DATA_UNORDERED) {
		ready_append(core, assoc, head, false);
		return true;
	}
	if (head->mid == stream->in_mid && !part_of(stream, head)->open) {
		stream->in_mid++;
		ready_append(core, assoc, head, false);
		stream_advance(core, assoc, stream);
		return true;
	}
	if (seq_after(head->mid, stream->in_mid) &&
		RB_INSERT(sctp_message_tree, &stream->waiting, head) == NULL)
		return true;
	pieces_drop(core, assoc, head);
	return false;
}

/* ---- in part ---- */

static void
part_close(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_part *part)
{
	part->open = false;
	assoc->part_count--;
	if (!TAILQ_EMPTY(&assoc->behind))
		behind_ready(core, assoc);
	if (part == &stream->parts[0]) {
		stream->in_mid++;
		stream_advance(core, assoc, stream);
	}
}

/* RFC 6458 8.1.21 */
static uint32_t
partial_point(const struct sctp_assoc *assoc)
{
	const uint32_t half = assoc->settings.receive_buffer / 2;

	return assoc->settings.partial_point != 0 ? RTE_MIN(assoc->settings.partial_point, half)
						  : half;
}

static inline void
left_note(struct sctp_assoc *assoc, const struct sctp_piece *last)
{
	assoc->left_tsn = last->tsn;
	assoc->left_ends = (last->flags & SCTP_DATA_END) != 0;
}

/* A run of fragments that goes on where delivery stands. */
static void
part_advance(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_piece *first)
{
	struct sctp_part *part = part_of(stream, first);
	struct sctp_piece *last = first->run;
	/* Its user may have it, once it is ready. */
	bool ends = (last->flags & SCTP_DATA_END) != 0;

	left_note(assoc, last);
	part->next = last->fsn + 1;
	if (first->flags & SCTP_DATA_BEGIN)
		part->ppid_be = first->ppid_be;
	else
		first->ppid_be = part->ppid_be;
	sctp_fragments_take(assoc, first);
	ready_append(core, assoc, first, true);
	if (!ends)
		return;
	sctp_count(core, SCTP_STAT_reasm_usr_msgs);
	part_close(core, assoc, stream, part);
}

static bool
part_goes_on(struct sctp_stream *stream, const struct sctp_piece *first)
{
	const struct sctp_part *part = part_of(stream, first);

	return part->open && part->mid == first->mid && part->next == first->fsn &&
		!(first->flags & SCTP_DATA_BEGIN);
}

/* It is the turn of the message that a run belongs to. */
static bool
part_may_begin(
	const struct sctp_assoc *assoc, struct sctp_stream *stream, const struct sctp_piece *first)
{
	if (!(first->flags & SCTP_DATA_BEGIN) || part_of(stream, first)->open ||
		seq_after(first->tsn, assoc->tsn_map.cum) ||
		(assoc->part_count > 0 && !interleaves(assoc)))
		return false;
	return first->flags & SCTP_DATA_UNORDERED || first->mid == stream->in_mid;
}

/* RFC 9260 6.9: and as much has come as that needs. */
static bool
part_begins(
	const struct sctp_assoc *assoc, struct sctp_stream *stream, const struct sctp_piece *first)
{
	return assoc->received - assoc->ready_bytes >= partial_point(assoc) &&
		part_may_begin(assoc, stream, first);
}

static void
part_begin(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_piece *first)
{
	sctp_count(core, SCTP_STAT_partial_deliveries);
	assoc->part_count++;
	*part_of(stream, first) = (struct sctp_part){ .open = true, .mid = first->mid };
	part_advance(core, assoc, stream, first);
}

void
sctp_reass_relieve(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_piece *first = sctp_fragment_first(assoc);

	/* Its user can make room. */
	if (!TAILQ_EMPTY(&assoc->ready))
		return;
	while (first != NULL) {
		const uint64_t group = first->group;
		struct sctp_stream *stream = sctp_stream_find(core, assoc, first->stream);

		if (stream != NULL && part_may_begin(assoc, stream, first))
			part_begin(core, assoc, stream, first);
		first = sctp_fragment_from(assoc, group + 1);
	}
}

bool
sctp_reass_is_stuck(const struct sctp_assoc *assoc)
{
	return sctp_held(assoc) >= assoc->settings.receive_buffer && TAILQ_EMPTY(&assoc->ready) &&
		!sctp_tsn_has_gap(&assoc->tsn_map);
}

/* ---- what comes ---- */

/* RFC 8260 2.1: of a message that is delivered in part what was before, or all of one that is there in part. */
static bool
comes_again(struct sctp_assoc *assoc, struct sctp_stream *stream, const struct sctp_piece *piece)
{
	const struct sctp_part *part = part_of(stream, piece);
	const struct sctp_piece *there;

	/* Of DATA each TSN comes once. */
	if (piece->group == 0)
		return false;
	if (part->open && part->mid == piece->mid && seq_before(piece->fsn, part->next))
		return true;
	if (~piece->flags & (SCTP_DATA_BEGIN | SCTP_DATA_END))
		return false;
	there = sctp_fragment_from(assoc, piece->group);
	return there != NULL && there->group == piece->group;
}

bool
sctp_reass_input(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_piece *piece)
{
	const uint8_t whole = SCTP_DATA_BEGIN | SCTP_DATA_END;
	struct sctp_piece *first;

	if (!sctp_fragment_fits(assoc, piece)) {
		pieces_drop(core, assoc, piece);
		return false;
	}
	/* What is left of a message that was skipped is no more than late. */
	if (!(piece->flags & SCTP_DATA_UNORDERED) && seq_before(piece->mid, stream->in_mid)) {
		pieces_drop(core, assoc, piece);
		return sctp_pr_is_agreed(assoc);
	}
	if (comes_again(assoc, stream, piece)) {
		pieces_drop(core, assoc, piece);
		return false;
	}
	if ((piece->flags & whole) == whole) {
		left_note(assoc, piece);
		return message_deliver(core, assoc, stream, piece);
	}
	first = sctp_fragment_insert(assoc, piece);
	if (first == NULL) {
		piece->more = NULL;
		pieces_drop(core, assoc, piece);
		return false;
	}
	if (part_goes_on(stream, first)) {
		part_advance(core, assoc, stream, first);
	} else if (first->flags & SCTP_DATA_BEGIN && first->run->flags & SCTP_DATA_END) {
		left_note(assoc, first->run);
		sctp_count(core, SCTP_STAT_reasm_usr_msgs);
		sctp_fragments_take(assoc, first);
		return message_deliver(core, assoc, stream, first);
	} else if (part_begins(assoc, stream, first)) {
		part_begin(core, assoc, stream, first);
	}
	return true;
}

/* ---- what does not come: RFC 3758 3.6 ---- */

static void
part_abort(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	struct sctp_part *part)
{
	sctp_count(core, SCTP_STAT_parts_aborted);
	sctp_notice_add(core, assoc,
		&(struct sctp_notice){ .type = SCTP_NOTICE_PART_ABORTED,
			.stream = stream->id,
			.number = part->mid,
			.unordered = part == &stream->parts[1] });
	part_close(core, assoc, stream, part);
}

/* Fragments of I-DATA of the messages from one to another. */
static void
groups_drop(struct sctp_core *core, struct sctp_assoc *assoc, uint64_t from, uint64_t until)
{
	struct sctp_piece *piece;

	while ((piece = sctp_fragment_from(assoc, from)) != NULL && piece->group <= until) {
		sctp_fragments_take(assoc, piece);
		pieces_drop(core, assoc, piece);
	}
}

void
sctp_reass_skip_fragments(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream,
	bool unordered, uint32_t mid)
{
	/* Numbers wrap, and groups do not. */
	const uint32_t from = mid - INT32_MAX;
	const uint64_t until = sctp_group_of(stream, unordered, mid);

	if (from > mid) {
		groups_drop(core, assoc, sctp_group_of(stream, unordered, from),
			sctp_group_of(stream, unordered, UINT32_MAX));
		groups_drop(core, assoc, sctp_group_of(stream, unordered, 0), until);
		return;
	}
	groups_drop(core, assoc, sctp_group_of(stream, unordered, from), until);
}

void
sctp_reass_skip(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	bool unordered, uint32_t mid)
{
	struct sctp_part *part = &stream->parts[unordered];
	struct sctp_piece *head;

	if (part->open && seq_until(part->mid, mid))
		part_abort(core, assoc, stream, part);
	if (unordered || seq_before(mid, stream->in_mid))
		return;
	while ((head = RB_MIN(sctp_message_tree, &stream->waiting)) != NULL &&
		seq_until(head->mid, mid)) {
		RB_REMOVE(sctp_message_tree, &stream->waiting, head);
		ready_append(core, assoc, head, false);
	}
	stream->in_mid = mid + 1;
	stream_advance(core, assoc, stream);
}

void
sctp_reass_forward(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t cum)
{
	struct sctp_stream *stream;
	struct sctp_piece *piece;
	unsigned cursor = 0;

	while ((piece = sctp_fragment_first(assoc)) != NULL && seq_until(piece->tsn, cum)) {
		sctp_fragment_take(assoc, piece);
		pieces_drop(core, assoc, piece);
	}
	while (assoc->part_count > 0 && (stream = sctp_stream_next(core, assoc, &cursor)) != NULL) {
		for (unsigned i = 0; i < RTE_DIM(stream->parts); i++) {
			struct sctp_part *part = &stream->parts[i];

			if (part->open && seq_until(part->next, cum))
				part_abort(core, assoc, stream, part);
		}
	}
}

/* ---- what there is no room for ---- */

static bool
is_behind(const struct sctp_piece *piece, uint32_t tsn)
{
	while (piece != NULL && sctp_tsn_is_behind(piece->tsn, tsn))
		piece = piece->more;
	return piece == NULL;
}

static void
pieces_renege(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	for (const struct sctp_piece *at = piece; at != NULL; at = at->more) {
		sctp_tsn_renege(core, &assoc->tsn_map, at->tsn);
		sctp_count(core, SCTP_STAT_received_full);
	}
	pieces_drop(core, assoc, piece);
}

bool
sctp_reass_renege(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const uint32_t before = assoc->received_pieces, cum = assoc->tsn_map.cum;
	struct sctp_stream *stream;
	struct sctp_piece *piece, *following;
	unsigned cursor = 0;

	if (!sctp_tsn_has_gap(&assoc->tsn_map))
		return false;
	pieces_renege(core, assoc, sctp_fragments_take_behind(assoc, cum));
	while ((stream = sctp_stream_next(core, assoc, &cursor)) != NULL) {
		RB_FOREACH_SAFE (piece, sctp_message_tree, &stream->waiting, following) {
			if (!is_behind(piece, cum))
				continue;
			RB_REMOVE(sctp_message_tree, &stream->waiting, piece);
			pieces_renege(core, assoc, piece);
		}
	}
	return assoc->received_pieces != before;
}

/* ---- the end ---- */

void
sctp_reass_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_stream *stream;
	struct sctp_piece *piece;
	unsigned cursor = 0;

	while ((piece = sctp_fragment_first(assoc)) != NULL) {
		sctp_fragments_take(assoc, piece);
		pieces_drop(core, assoc, piece);
	}
	while ((stream = sctp_stream_next(core, assoc, &cursor)) != NULL) {
		while ((piece = RB_MIN(sctp_message_tree, &stream->waiting)) != NULL) {
			RB_REMOVE(sctp_message_tree, &stream->waiting, piece);
			pieces_drop(core, assoc, piece);
		}
		/* RFC 6458 6.1.7: their user waits for the rest. */
		for (unsigned i = 0; i < RTE_DIM(stream->parts); i++) {
			if (stream->parts[i].open)
				part_abort(core, assoc, stream, &stream->parts[i]);
		}
	}
}

void
sctp_received_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_piece *piece;

	while ((piece = TAILQ_FIRST(&assoc->ready)) != NULL) {
		TAILQ_REMOVE(&assoc->ready, piece, next);
		assoc->ready_bytes -= piece->length;
		piece->more = NULL;
		pieces_drop(core, assoc, piece);
	}
	rte_pktmbuf_free(assoc->received_tail);
	assoc->received_tail = NULL;
}
