/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Partial reliability, of the sender: when a message is given up (RFC 7496 3, RFC 3758 4.1), what
 * becomes of its fragments (RFC 3758 3.5), and the counts of it (RFC 7496 4.3, 4.4). sctp_forward.c
 * tells the peer.
 */
#include "sctp/sctp_data.h"

bool
sctp_pr_is_agreed(const struct sctp_assoc *assoc)
{
	return sctp_has(assoc,
		sctp_has(assoc, SCTP_EXT_I_DATA) ? SCTP_EXT_I_FORWARD_TSN : SCTP_EXT_FORWARD_TSN);
}

/* Without the peer's help what has no TSN yet may be given up: RFC 9260 11.1.5, "lifetime". */
static bool
may_abandon(const struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	return sctp_pr_is_agreed(assoc) ||
		(!(piece->state & SCTP_PIECE_SENT) && piece->flags & SCTP_DATA_BEGIN);
}

bool
sctp_pr_is_over(const struct sctp_core *core, const struct sctp_piece *piece)
{
	switch (piece->policy) {
	case SCTP_PR_TIMED: return core->now_ns >= piece->limit;
	case SCTP_PR_LIMITED:
		return (piece->state & (SCTP_PIECE_SENT | SCTP_PIECE_UNSENT)) == SCTP_PIECE_SENT &&
			piece->resent >= piece->limit;
	default: return false;
	}
}

void
sctp_pr_set(const struct sctp_core *core, const struct sctp_assoc *assoc,
	const struct sctp_message *message, struct sctp_piece *piece)
{
	bool by_default = message->pr_policy == SCTP_PR_DEFAULT;
	uint32_t value = by_default ? assoc->settings.pr_value : message->pr_value;

	piece->policy = by_default ? assoc->settings.pr_policy : message->pr_policy;
	piece->limit = value;
	if (piece->policy == SCTP_PR_TIMED)
		piece->limit = core->now_ns + value * 1000000ULL;
}

int
sctp_pr_default_set(struct sctp_assoc *assoc, enum sctp_pr_policy policy, uint32_t value)
{
	if (policy == SCTP_PR_DEFAULT || policy >= SCTP_PR_COUNT)
		return -EINVAL;
	assoc->settings.pr_policy = (uint8_t)policy;
	assoc->settings.pr_value = value;
	return 0;
}

/* ---- counts ---- */

static void
count_add(struct sctp_abandoned *abandoned, uint8_t policy, bool sent)
{
	if (sent)
		abandoned->sent[policy]++;
	else
		abandoned->unsent[policy]++;
}

static void
abandoned_count(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece, bool sent)
{
	struct sctp_stream_block *block = sctp_stream_block(core, assoc, piece->stream);
	struct sctp_abandoned *of_stream;

	sctp_count(core, SCTP_STAT_abandoned);
	count_add(&assoc->abandoned, piece->policy, sent);
	if (block->abandoned == NULL) {
		block->abandoned = slab_take(&core->abandoned);
		if (block->abandoned == NULL)
			return;
		memset(block->abandoned, 0, SCTP_BLOCK * sizeof(*block->abandoned));
	}
	of_stream = &block->abandoned[piece->stream % SCTP_BLOCK];
	count_add(of_stream, piece->policy, sent);
}

const struct sctp_abandoned *
sctp_abandoned(const struct sctp_assoc *assoc)
{
	return &assoc->abandoned;
}

int
sctp_stream_abandoned(struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream,
	struct sctp_abandoned *abandoned)
{
	const struct sctp_stream_block *block;

	if (stream >= assoc->out_streams)
		return -EINVAL;
	block = sctp_stream_block(core, assoc, stream);
	*abandoned = (struct sctp_abandoned){ .sent = { 0 } };
	if (block != NULL && block->abandoned != NULL)
		*abandoned = block->abandoned[stream % SCTP_BLOCK];
	return 0;
}

/* ---- a message ---- */

static void
bytes_drop(struct sctp_piece *piece)
{
	rte_pktmbuf_free(piece->pkt);
	piece->pkt = NULL;
	piece->length = 0;
}

/* RFC 3758 3.5 B: it counts as acknowledged, and earns no window by it. */
static void
sent_abandon(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	struct sctp_sent_block *block = sctp_sent_block(core, assoc, piece->tsn);
	const uint64_t bit = sctp_sent_bit(piece->tsn);

	if (block->abandoned & bit)
		return;
	if (block->acked & bit) {
		assoc->gap_acked--;
	} else if (!(block->lost & bit)) {
		piece->path->flight -= piece->length;
		assoc->flight -= piece->length;
	}
	block->acked &= ~bit;
	block->lost &= ~bit;
	block->abandoned |= bit;
	assoc->sent_bytes -= piece->length;
	bytes_drop(piece);
}

/*
 * Fragments that have no TSN yet go. If others of their message have been sent, the last one gets a
 * TSN all the same, which is never sent: the others may all be acknowledged, and then no other TSN
 * could tell the peer that the rest does not come.
 */
static void
unsent_abandon(
	struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece, bool sent)
{
	struct sctp_stream *stream = sctp_stream_find(core, assoc, piece->stream);

	TAILQ_REMOVE(&stream->unsent, piece, next);
	assoc->unsent_bytes -= piece->length;
	sctp_sched_dropped(assoc, stream);
	if (!sent || !(piece->flags & SCTP_DATA_END)) {
		sctp_sibling_remove(piece);
		sctp_piece_out_free(core, assoc, piece);
		return;
	}
	bytes_drop(piece);
	piece->mid = *sctp_stream_mid(stream, piece) - 1;
	piece->path = assoc->primary;
	piece->state |= SCTP_PIECE_SENT;
	sctp_sent_append(core, assoc, piece);
	sctp_sent_block(core, assoc, piece->tsn)->abandoned |= sctp_sent_bit(piece->tsn);
}

/* Of the fragments of a message, as far as they are here. */
struct extent {
	unsigned count;
	bool sent, unsent; /* some were, or had been; some were not */
};

static struct extent
message_extent(const struct sctp_piece *piece)
{
	struct extent extent = { .sent = true };
	const struct sctp_piece *at = piece;

	do {
		extent.count++;
		if (!(at->state & SCTP_PIECE_SENT)) {
			extent.unsent = true;
			extent.sent &= !(at->flags & SCTP_DATA_BEGIN);
		}
		at = at->sibling;
	} while (at != piece);
	return extent;
}

/* In their order, which a ring has from the first on. */
static void
message_keep(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	const struct sctp_piece *first = piece, *at;

	while (first->sibling_before != piece && seq_before(first->sibling_before->fsn, first->fsn))
		first = first->sibling_before;
	at = first;
	do {
		sctp_notice_copy(core, assoc, at);
		at = at->sibling;
	} while (at != first);
}

bool
sctp_pr_abandon(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	const struct extent extent = message_extent(piece);

	if (!may_abandon(assoc, piece) ||
		(extent.sent && extent.unsent && !sctp_sent_has_room(core, assoc)))
		return false;
	abandoned_count(core, assoc, piece, extent.sent);
	sctp_notice_failed(core, assoc, piece, extent.sent);
	message_keep(core, assoc, piece);
	for (unsigned left = extent.count; left > 0; left--) {
		struct sctp_piece *following = piece->sibling;

		if (piece->state & SCTP_PIECE_SENT)
			sent_abandon(core, assoc, piece);
		else
			unsent_abandon(core, assoc, piece, extent.sent);
		piece = following;
	}
	sctp_forward_advance(core, assoc);
	sctp_sent_progress(core, assoc);
	return true;
}

/* ---- RFC 7496 3.2: room for what is more important ---- */

static uint32_t
room_of(const struct sctp_assoc *assoc)
{
	uint32_t used = assoc->unsent_bytes + assoc->sent_bytes;

	return used < assoc->settings.send_buffer ? assoc->settings.send_buffer - used : 0;
}

static inline bool
is_less(const struct sctp_piece *piece, uint64_t priority)
{
	return piece->policy == SCTP_PR_PRIORITY && piece->limit > priority;
}

static void
sent_make_room(struct sctp_core *core, struct sctp_assoc *assoc, uint64_t priority, size_t length)
{
	for (uint32_t tsn = assoc->cum_acked + 1; tsn != assoc->next_tsn && room_of(assoc) < length;
		tsn++) {
		struct sctp_piece *piece = sctp_sent_at(core, assoc, tsn);

		if (is_less(piece, priority) && piece->length > 0)
			sctp_pr_abandon(core, assoc, piece);
	}
}

static void
unsent_make_room(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_stream *stream,
	uint64_t priority, size_t length)
{
	struct sctp_piece *piece = TAILQ_FIRST(&stream->unsent);

	while (piece != NULL && room_of(assoc) < length) {
		struct sctp_piece *following = piece;

		/* The next message's first, as this one's may all go. */
		while (following != NULL && !(following->flags & SCTP_DATA_END))
			following = TAILQ_NEXT(following, next);
		following = following != NULL ? TAILQ_NEXT(following, next) : NULL;
		if (is_less(piece, priority))
			sctp_pr_abandon(core, assoc, piece);
		piece = following;
	}
}

void
sctp_pr_make_room(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_message *message, size_t length)
{
	struct sctp_piece least = { .limit = 0 };
	struct sctp_stream *stream;
	unsigned cursor = 0;

	sctp_pr_set(core, assoc, message, &least);
	if (least.policy != SCTP_PR_PRIORITY || least.limit >= assoc->pr_least ||
		length > assoc->settings.send_buffer)
		return;
	sent_make_room(core, assoc, least.limit, length);
	while (room_of(assoc) < length && (stream = sctp_stream_next(core, assoc, &cursor)) != NULL)
		unsent_make_room(core, assoc, stream, least.limit, length);
	/* All were looked at: they need not be again, for another like it. */
	if (room_of(assoc) < length)
		assoc->pr_least = (uint32_t)least.limit;
}
