/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments that wait for the rest of their message, in a tree: those of DATA by TSN, those of I-DATA
 * by message and FSN. Neighbours make runs, whose ends know each other: what a fragment completes is
 * known at once, in whatever order a peer sends them.
 */
#include "sctp/sctp_data.h"

static int
fragment_compare(const struct sctp_piece *a, const struct sctp_piece *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	/* All of a group are less than 2^31 apart: by the window of TSNs, or as sctp_data.c checks. */
	return (a->fsn != b->fsn) * (seq_before(a->fsn, b->fsn) ? -1 : 1);
}

/* RB_GENERATE_STATIC needs a macro that libbsd does not have on Linux. */
RB_GENERATE_INTERNAL(
	sctp_fragment_tree, sctp_piece, node, fragment_compare, __attribute__((unused)) static)

/* RFC 9260 6.9: fragments follow each other, and are all of the same stream. */
static bool
neighbours_fit(const struct sctp_assoc *assoc, const struct sctp_piece *before,
	const struct sctp_piece *after)
{
	bool ends = (before->flags & SCTP_DATA_END) != 0;
	bool begins = (after->flags & SCTP_DATA_BEGIN) != 0;

	if (before->group != after->group)
		return true;
	/* RFC 8260 2.1: of one message none is behind its end. */
	if (before->group != 0)
		return !ends && !begins;
	if (after->fsn != before->fsn + 1)
		return true;
	/* RFC 3758 3.5: the rest of a message may be given up before it has TSNs, as Linux does. */
	if (ends || begins)
		return begins && (ends || sctp_pr_is_agreed(assoc));
	return before->stream == after->stream && before->mid == after->mid &&
		((before->flags ^ after->flags) & SCTP_DATA_UNORDERED) == 0;
}

/* They fit. */
static bool
neighbours_join(const struct sctp_piece *before, const struct sctp_piece *after)
{
	return before->group == after->group && before->fsn + 1 == after->fsn &&
		!(before->flags & SCTP_DATA_END) && !(after->flags & SCTP_DATA_BEGIN);
}

static uint8_t
flags_of(struct sctp_assoc *assoc, uint32_t tsn, uint8_t if_none)
{
	struct sctp_piece key = { .fsn = tsn };
	const struct sctp_piece *piece = RB_FIND(sctp_fragment_tree, &assoc->fragments, &key);

	return piece != NULL ? piece->flags : if_none;
}

bool
sctp_fragment_fits(struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	const uint8_t begin = piece->flags & SCTP_DATA_BEGIN, end = piece->flags & SCTP_DATA_END;

	/* Of I-DATA no TSN tells. */
	if (piece->group != 0)
		return true;
	/* RFC 3758 3.5: the rest of a message may be given up. */
	if (piece->tsn == assoc->left_tsn + 1 && (begin != 0) != assoc->left_ends)
		return begin != 0 && sctp_pr_is_agreed(assoc);
	/* Of fragments sctp_fragment_insert() knows. */
	if (begin == 0 || end == 0 || RB_EMPTY(&assoc->fragments))
		return true;
	return (flags_of(assoc, piece->tsn - 1, SCTP_DATA_END) & SCTP_DATA_END ||
		       sctp_pr_is_agreed(assoc)) &&
		flags_of(assoc, piece->tsn + 1, SCTP_DATA_BEGIN) & SCTP_DATA_BEGIN;
}

struct sctp_piece *
sctp_fragment_insert(struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	struct sctp_piece *before, *after, *first = piece, *last = piece;

	if (RB_INSERT(sctp_fragment_tree, &assoc->fragments, piece) != NULL)
		return NULL;
	piece->run = piece;
	before = RB_PREV(sctp_fragment_tree, &assoc->fragments, piece);
	after = RB_NEXT(sctp_fragment_tree, &assoc->fragments, piece);
	if ((before != NULL && !neighbours_fit(assoc, before, piece)) ||
		(after != NULL && !neighbours_fit(assoc, piece, after))) {
		RB_REMOVE(sctp_fragment_tree, &assoc->fragments, piece);
		return NULL;
	}
	if (before != NULL && neighbours_join(before, piece))
		first = before->run;
	if (after != NULL && neighbours_join(piece, after))
		last = after->run;
	first->run = last;
	last->run = first;
	return first;
}

void
sctp_fragments_take(struct sctp_assoc *assoc, struct sctp_piece *first)
{
	struct sctp_piece *last = first->run, *piece = first;

	while (piece != last) {
		struct sctp_piece *following =
			RB_NEXT(sctp_fragment_tree, &assoc->fragments, piece);

		RB_REMOVE(sctp_fragment_tree, &assoc->fragments, piece);
		/* RFC 8260 2.1: of I-DATA only the first one has it, and its user may read from any on. */
		following->ppid_be = piece->ppid_be;
		piece->more = following;
		piece = following;
	}
	RB_REMOVE(sctp_fragment_tree, &assoc->fragments, last);
	last->more = NULL;
}

struct sctp_piece *
sctp_fragments_take_behind(struct sctp_assoc *assoc, uint32_t tsn)
{
	struct sctp_piece *first = RB_MIN(sctp_fragment_tree, &assoc->fragments), *taken = NULL;

	while (first != NULL) {
		struct sctp_piece *last = first->run, *piece = first;
		struct sctp_piece *following = RB_NEXT(sctp_fragment_tree, &assoc->fragments, last);

		while (piece != last && sctp_tsn_is_behind(piece->tsn, tsn))
			piece = RB_NEXT(sctp_fragment_tree, &assoc->fragments, piece);
		if (sctp_tsn_is_behind(piece->tsn, tsn)) {
			sctp_fragments_take(assoc, first);
			last->more = taken;
			taken = first;
		}
		first = following;
	}
	return taken;
}

void
sctp_fragment_take(struct sctp_assoc *assoc, struct sctp_piece *first)
{
	if (first->run != first) {
		struct sctp_piece *following =
			RB_NEXT(sctp_fragment_tree, &assoc->fragments, first);

		following->run = first->run;
		first->run->run = following;
	}
	RB_REMOVE(sctp_fragment_tree, &assoc->fragments, first);
	first->more = NULL;
}

struct sctp_piece *
sctp_fragment_from(struct sctp_assoc *assoc, uint64_t group)
{
	struct sctp_piece key = { .group = group };

	return RB_NFIND(sctp_fragment_tree, &assoc->fragments, &key);
}

struct sctp_piece *
sctp_fragment_first(struct sctp_assoc *assoc)
{
	return RB_MIN(sctp_fragment_tree, &assoc->fragments);
}
