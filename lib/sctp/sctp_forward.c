/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FORWARD TSN (RFC 3758) and I-FORWARD-TSN (RFC 8260 2.3): what a sender has given up (sctp_pr.c), its
 * receiver need not wait for.
 */
#include "sctp/sctp_data.h"

/* Both kinds of messages have their own numbers. */
#define SKIPS_MAX (2 * SCTP_STREAMS_MAX)

/* ---- sent: RFC 3758 3.5 ---- */

static inline bool
is_abandoned(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn)
{
	return (sctp_sent_block(core, assoc, tsn)->abandoned & sctp_sent_bit(tsn)) != 0;
}

void
sctp_forward_advance(struct sctp_core *core, struct sctp_assoc *assoc)
{
	uint32_t tsn = assoc->cum_acked + assoc->ahead + 1;

	/* C2 */
	for (; tsn != assoc->next_tsn && is_abandoned(core, assoc, tsn); tsn++)
		assoc->ahead++;
	if (assoc->ahead == 0) {
		assoc->forward_due = false;
		sctp_timer_clear(assoc, SCTP_TIMER_FORWARD);
		return;
	}
	/* C3: for each SACK that asks for it, but what was sent a round trip ago may be on its way. */
	if (tsn - 1 == assoc->forwarded &&
		core->now_ns < assoc->forwarded_ns + assoc->primary->srtt_us * 1000ULL)
		return;
	assoc->forward_due = true;
	sctp_flush_add(core, assoc);
}

/* Of each stream the last one that is skipped, in the order of their first ones. */
struct skips {
	struct sctp_skip list[SKIPS_MAX];
	uint16_t place[SKIPS_MAX]; /* of a stream in list, from 1 on */
	unsigned count, max;
};

/* @return false: there is no room for it */
static bool
skip_add(struct skips *skips, const struct sctp_piece *piece)
{
	bool unordered = (piece->flags & SCTP_DATA_UNORDERED) != 0;
	uint16_t *place = &skips->place[piece->stream * 2U + unordered];

	if (*place == 0) {
		if (skips->count == skips->max)
			return false;
		*place = (uint16_t)++skips->count;
	}
	skips->list[*place - 1] = (struct sctp_skip){ piece->stream, unordered, piece->mid };
	return true;
}

void
sctp_forward_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_writer *writer)
{
	const bool interleaved = sctp_has(assoc, SCTP_EXT_I_DATA);
	const uint32_t room = writer->room - writer->used;
	uint32_t until = assoc->cum_acked + assoc->ahead, tsn = assoc->cum_acked, place;
	struct skips skips;

	if (assoc->ahead == 0) {
		assoc->forward_due = false;
		return;
	}
	/* C5 */
	sctp_timer_set(
		core, assoc, SCTP_TIMER_FORWARD, core->now_ns + assoc->primary->rto_us * 1000ULL);
	if (room < 8)
		return;
	assoc->forward_due = false;
	skips.count = 0;
	memset(skips.place, 0, sizeof(skips.place));
	skips.max = RTE_MIN((room - 8) / (interleaved ? 8 : 4), (uint32_t)SKIPS_MAX);
	while (tsn != until) {
		const struct sctp_piece *piece = sctp_sent_at(core, assoc, tsn + 1);

		/* C4: of DATA unordered messages have no number. What does not fit goes next time. */
		if ((interleaved || !(piece->flags & SCTP_DATA_UNORDERED)) &&
			!skip_add(&skips, piece))
			break;
		tsn++;
	}
	place = sctp_chunk_begin(writer, interleaved ? SCTP_I_FORWARD_TSN : SCTP_FORWARD_TSN, 0);
	sctp_put_u32(writer, tsn);
	for (unsigned i = 0; i < skips.count; i++)
		sctp_skip_put(writer, &skips.list[i], interleaved);
	sctp_chunk_end(writer, place);
	sctp_count(core, SCTP_STAT_forwards_sent);
	assoc->forwarded = tsn;
	assoc->forwarded_ns = core->now_ns;
}

void
sctp_forward_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_path *path = sctp_path_for_data(assoc);

	if (assoc->ahead == 0)
		return;
	/* While there is data in flight T3-rtx counts for both. */
	if (assoc->flight == 0)
		sctp_rto_backoff(path);
	if (!sctp_path_error(core, path, assoc->flight == 0))
		return;
	assoc->forward_due = true;
	sctp_flush_add(core, assoc);
}

/* ---- received: RFC 3758 3.6, RFC 8260 2.3.1 ---- */

bool
sctp_forward_is_agreed(const struct sctp_assoc *assoc, uint8_t type)
{
	return sctp_pr_is_agreed(assoc) &&
		type == (sctp_has(assoc, SCTP_EXT_I_DATA) ? SCTP_I_FORWARD_TSN : SCTP_FORWARD_TSN);
}

static void
skip_apply(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_skip *skip,
	bool interleaved)
{
	struct sctp_stream *stream = skip->stream < assoc->in_streams
		? sctp_stream_get(core, assoc, skip->stream)
		: NULL;
	uint32_t mid = skip->mid;

	if (stream == NULL)
		return;
	if (interleaved)
		sctp_reass_skip_fragments(core, assoc, skip->stream, skip->unordered, mid);
	else
		mid = sctp_mid_of_ssn(stream, (uint16_t)mid);
	sctp_reass_skip(core, assoc, stream, skip->unordered, mid);
}

/* @return false: some stream has no block, and what is skipped there would not be known */
static bool
skips_have_blocks(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_forward *forward)
{
	for (unsigned i = 0; i < forward->count; i++) {
		const struct sctp_skip skip = sctp_forward_skip(forward, i);

		if (skip.stream < assoc->in_streams &&
			sctp_stream_get(core, assoc, skip.stream) == NULL)
			return false;
	}
	return true;
}

void
sctp_forward_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_forward forward;

	if (!sctp_takes_data(assoc)) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (sctp_forward_parse(chunk, &forward) != 0) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	sctp_count(core, SCTP_STAT_forwards_received);
	packet->has_data = true;
	assoc->sack_wanted = true;
	assoc->sack_path = packet->path;
	/* What is old is answered as well: the SACK that said so may be lost. */
	if (seq_until(forward.cum_tsn, assoc->tsn_map.cum) ||
		sctp_reconfig_is_remote_before(assoc, forward.cum_tsn) ||
		!skips_have_blocks(core, assoc, &forward))
		return;
	sctp_tsn_forward(core, &assoc->tsn_map, forward.cum_tsn);
	for (unsigned i = 0; i < forward.count; i++) {
		const struct sctp_skip skip = sctp_forward_skip(&forward, i);

		skip_apply(core, assoc, &skip, forward.interleaved);
	}
	if (!forward.interleaved)
		sctp_reass_forward(core, assoc, forward.cum_tsn);
}
