/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Acknowledgments: RFC 9260 6.2.1. What they free, what they say of round trips and of each path's
 * window, and what they miss: fast retransmit, 7.2.4.
 */
#include "sctp/sctp_data.h"

#define RENEGED_MAX 8192 /* pieces, beyond those that were acknowledged for good since */

/* What a SACK says, collected over its steps. */
struct ack {
	uint32_t highest_new; /* HTNA */
	bool any_new, cum_advanced;
};

static void
acks_begin(struct sctp_assoc *assoc)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		path->acked = path->acked_cum = 0;
		path->rtt_ns = 0;
		path->lost = false;
	}
}

/*
 * RFC 9260 8.2: by which path a piece arrived is not known if it was sent by several. RFC 7829 4.2 (6): one
 * that may have failed has to have carried it the first time; it is asked at once anyway.
 */
static void
path_answered(struct sctp_core *core, struct sctp_path *path, const struct sctp_piece *piece)
{
	const uint8_t doubts = path->state == SCTP_PATH_PF ? SCTP_PIECE_AGAIN : SCTP_PIECE_MOVED;

	if (!(piece->state & doubts))
		sctp_path_alive(core, path);
}

/* The first time that a piece is acknowledged, in whatever way. */
static void
piece_ack(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece,
	struct sctp_sent_block *block, struct ack *ack)
{
	struct sctp_path *path = piece->path;

	if (!(block->lost & sctp_sent_bit(piece->tsn))) {
		path->flight -= piece->length;
		assoc->flight -= piece->length;
	}
	block->lost &= ~sctp_sent_bit(piece->tsn);
	piece->state &= (uint8_t) ~(SCTP_PIECE_TIMED_OUT | SCTP_PIECE_TAKEN_BACK);
	path->acked += piece->length;
	assoc->errors = 0;
	/* RFC 9260 6.3.1 C5: of what was sent again it is not known which was answered. */
	if (!(piece->state & SCTP_PIECE_AGAIN) &&
		(seq_from(piece->tsn, path->rtt_tsn) || path->srtt_us == 0))
		path->rtt_ns = RTE_MAX(core->now_ns - piece->sent_ns, 1ULL);
	if (path->errors > 0 || path->state != SCTP_PATH_ACTIVE)
		path_answered(core, path, piece);
	ack->highest_new = ack->any_new ? seq_max(ack->highest_new, piece->tsn) : piece->tsn;
	ack->any_new = true;
}

static void
cum_ack(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t cum_tsn, struct ack *ack)
{
	ack->cum_advanced = assoc->cum_acked != cum_tsn;
	while (assoc->cum_acked != cum_tsn) {
		uint32_t tsn = assoc->cum_acked + 1;
		struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);
		struct sctp_piece *piece = block->pieces[tsn % SCTP_SENT_BLOCK];

		if (block->acked & sctp_sent_bit(tsn))
			assoc->gap_acked--;
		else if (!(block->abandoned & sctp_sent_bit(tsn)))
			piece_ack(core, assoc, piece, block, ack);
		assoc->reneged -= assoc->reneged > 0;
		piece->path->acked_cum += piece->length;
		assoc->sent_bytes -= piece->length;
		sctp_sent_take(core, assoc);
		sctp_piece_out_free(core, assoc, piece);
	}
	if (assoc->in_recovery && seq_from(cum_tsn, assoc->recovery_exit))
		assoc->in_recovery = false;
}

/* ---- gap blocks ---- */

/* RFC 9260 6.2.1 D iv: the peer gave up what it had; it is in flight as if it had not been. */
static void
piece_renege(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	struct sctp_path *path = piece->path;

	piece->state |= SCTP_PIECE_TAKEN_BACK;
	assoc->gap_acked--;
	assoc->reneged++;
	path->flight += piece->length;
	assoc->flight += piece->length;
	if (path->due_ns[SCTP_PATH_T3] == 0)
		sctp_path_timer_set(
			core, path, SCTP_PATH_T3, core->now_ns + path->rto_us * 1000ULL);
}

/* What gap blocks say of the TSNs of one block after the other. */
struct gaps {
	const struct sctp_sack *sack;
	unsigned next, count; /* count: that are good */
	uint32_t until; /* behind it nothing is said */
};

/* Blocks that do not ascend, or reach beyond what was sent, are not looked at, nor those behind. */
static void
gaps_check(struct sctp_core *core, const struct sctp_assoc *assoc, struct gaps *gaps)
{
	const struct sctp_sack *sack = gaps->sack;
	/* Who takes back and back again makes work: his blocks say nothing any more. */
	const unsigned count = assoc->reneged <= RENEGED_MAX ? sack->gap_count : 0;
	uint32_t before = sack->cum_tsn + 1;

	for (; gaps->count < count; gaps->count++) {
		struct sctp_gap gap = sctp_sack_gap(sack, gaps->count);
		uint32_t first = sack->cum_tsn + gap.first, last = sack->cum_tsn + gap.last;

		if (gap.first < 2 || gap.last < gap.first || seq_before(first, before) ||
			seq_from(last, assoc->next_tsn)) {
			sctp_count(core, SCTP_STAT_bad_sacks);
			gaps->until = before;
			return;
		}
		before = last + 1;
	}
	gaps->until = assoc->next_tsn;
}

static uint64_t
gaps_word(struct gaps *gaps, uint32_t base)
{
	const uint32_t end = base + SCTP_SENT_BLOCK - 1;
	uint64_t word = 0;

	for (; gaps->next < gaps->count; gaps->next++) {
		struct sctp_gap gap = sctp_sack_gap(gaps->sack, gaps->next);
		uint32_t first = seq_max(gaps->sack->cum_tsn + gap.first, base);
		uint32_t last = seq_min(gaps->sack->cum_tsn + gap.last, end);

		if (seq_after(first, end))
			break;
		word |= UINT64_MAX << (first - base) & UINT64_MAX >> (end - last);
		/* It goes on behind; one that ends here says nothing of what is there. */
		if (seq_after(gaps->sack->cum_tsn + gap.last, end))
			break;
	}
	return word;
}

static void
gaps_input(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_sack *sack,
	struct ack *ack)
{
	struct gaps gaps = { .sack = sack };

	if (sack->gap_count == 0 && assoc->gap_acked == 0)
		return;
	gaps_check(core, assoc, &gaps);
	for (uint32_t tsn = sack->cum_tsn + 1; seq_before(tsn, gaps.until);
		tsn = sctp_sent_base(tsn) + SCTP_SENT_BLOCK) {
		struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);
		const uint32_t base = sctp_sent_base(tsn);
		uint64_t sent = sctp_sent_mask(assoc, base), said = gaps_word(&gaps, base) & sent;
		uint64_t new = said & ~(block->acked | block->abandoned),
			 gone = block->acked &sent & ~said;

		if (gaps.until - base < SCTP_SENT_BLOCK)
			gone &= sctp_sent_bit(gaps.until) - 1;
		for (uint64_t left = new; left != 0; left &= left - 1) {
			piece_ack(core, assoc, block->pieces[__builtin_ctzll(left)], block, ack);
			assoc->gap_acked++;
		}
		for (uint64_t left = gone; left != 0; left &= left - 1)
			piece_renege(core, assoc, block->pieces[__builtin_ctzll(left)]);
		block->acked = (block->acked | new) & ~gone;
	}
}

/* ---- RFC 9260 7.2.4 ---- */

void
sctp_recovery_begin(struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->in_recovery = true;
	assoc->recovery_exit = assoc->next_tsn - 1;
	assoc->fast_now = true;
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];
		const struct cc_congestion congestion = { .signal = CC_LOSS,
			.now_us = core->now_ns / 1000,
			.in_flight_bytes =
				RTE_MAX(path->cc.cwnd_bytes, 8 * sctp_path_pmdcs(path)) };

		if (path->lost)
			cc_congestion(&path->cc, &congestion);
	}
}

/* One more for each of a block's. @return those that were missed often enough */
static uint64_t
misses_add(struct sctp_sent_block *block, uint64_t missing)
{
	uint64_t carry = block->misses[0] & missing;

	block->misses[0] ^= missing;
	block->misses[1] |= carry;
	return block->misses[0] & block->misses[1] & missing;
}

static void
misses_count(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_sack *sack,
	const struct ack *ack)
{
	uint32_t until = ack->highest_new;
	bool lost = false;

	if (sack->gap_count == 0 || !ack->any_new)
		return;
	/* In recovery, when it goes forward, all that is reported missing counts. */
	if (assoc->in_recovery && ack->cum_advanced)
		until = sack->cum_tsn + sctp_sack_gap(sack, sack->gap_count - 1U).last;
	until = seq_min(until, assoc->next_tsn);
	for (uint32_t tsn = assoc->cum_acked + 1; seq_before(tsn, until);
		tsn = sctp_sent_base(tsn) + SCTP_SENT_BLOCK) {
		struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);
		const uint32_t base = sctp_sent_base(tsn);
		uint64_t missing = sctp_sent_mask(assoc, base) &
			~(block->acked | block->lost | block->fast | block->abandoned);

		if (until - base < SCTP_SENT_BLOCK)
			missing &= sctp_sent_bit(until) - 1;
		missing = misses_add(block, missing);
		block->fast |= missing;
		for (; missing != 0; missing &= missing - 1) {
			struct sctp_piece *piece = block->pieces[__builtin_ctzll(missing)];

			sctp_piece_lose(core, assoc, piece);
			piece->path->lost = true;
			lost = true;
		}
	}
	if (lost && !assoc->in_recovery) {
		sctp_count(core, SCTP_STAT_fast_retransmits);
		sctp_recovery_begin(core, assoc);
	}
}

/* ---- paths ---- */

/*
 * RFC 9260 6.1 (D): a SACK is answered by Max.Burst packets at most. 6.2 has it acknowledge two packets; one
 * of more counts as if those had come one after the other, or else who acknowledges what has come
 * together would never be sent more together.
 */
static uint32_t
bursts_of(const struct sctp_path *path)
{
	return RTE_MAX(path->acked / (2 * sctp_path_pmdcs(path)), 1U);
}

static void
path_acked(struct sctp_core *core, struct sctp_path *path, const struct ack *ack)
{
	struct sctp_assoc *assoc = path->assoc;

	if (path->rtt_ns != 0) {
		sctp_rtt_sample(path, path->rtt_ns);
		path->rtt_tsn = assoc->next_tsn;
	}
	if (path->acked > 0) {
		path->bursts += bursts_of(path);
		/* RFC 9260 7.2.1: only what goes forward lets cwnd grow. */
		const struct cc_ack cc_acked = { .now_us = core->now_ns / 1000,
			.acked_bytes = ack->cum_advanced ? path->acked : 0,
			.delivered_bytes = path->acked,
			.in_flight_bytes = path->flight,
			.rtt_us = (uint32_t)(path->rtt_ns / 1000),
			.min_rtt_us = path->srtt_us,
			.cwnd_limited = path->cwnd_limited,
			.in_recovery = assoc->in_recovery };

		cc_ack(&path->cc, &cc_acked);
		sctp_pmtu_acked(path, path->acked);
		path->cwnd_limited = path->timed_out = path->unsent = false;
	}
	/* RFC 9260 6.3.2 R2, R3 */
	if (path->flight == 0)
		sctp_path_timer_clear(path, SCTP_PATH_T3);
	else if (path->acked_cum > 0)
		sctp_path_timer_set(
			core, path, SCTP_PATH_T3, core->now_ns + path->rto_us * 1000ULL);
}

static void
dry_tell(struct sctp_core *core, struct sctp_assoc *assoc)
{
	sctp_notice_add(core, assoc, &(struct sctp_notice){ .type = SCTP_NOTICE_DRY });
	sctp_event_add(core, assoc, SCTP_EVENT_DRY);
}

void
sctp_sent_progress(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (!sctp_has_to_send(assoc)) {
		rte_pktmbuf_free(assoc->send_tail);
		assoc->send_tail = NULL;
		dry_tell(core, assoc);
	}
	sctp_writable_check(core, assoc);
	sctp_shutdown_progress(core, assoc);
}

static void
acks_end(struct sctp_core *core, struct sctp_assoc *assoc, const struct ack *ack)
{
	for (unsigned i = 0; i < assoc->path_count; i++)
		path_acked(core, assoc->paths[i], ack);
	/* It goes forward. */
	if (ack->cum_advanced)
		sctp_timer_clear(assoc, SCTP_TIMER_GUARD);
	sctp_forward_advance(core, assoc);
	if (ack->any_new || ack->cum_advanced)
		sctp_sent_progress(core, assoc);
	else
		sctp_writable_check(core, assoc);
	sctp_flush_add(core, assoc);
}

/* @return false: it cannot be, or says nothing any more */
static bool
cum_check(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t cum_tsn)
{
	if (sctp_reconfig_is_local_before(assoc, cum_tsn)) {
		sctp_count(core, SCTP_STAT_old_sacks);
		return false;
	}
	if (seq_from(cum_tsn, assoc->next_tsn)) {
		sctp_count(core, SCTP_STAT_bad_sacks);
		sctp_violation(core, assoc, "acknowledgment of what was not sent");
		return false;
	}
	if (seq_before(cum_tsn, assoc->cum_acked)) {
		sctp_count(core, SCTP_STAT_old_sacks);
		return false;
	}
	return true;
}

bool
sctp_cum_ack_input(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t cum_tsn)
{
	struct ack ack = { .any_new = false };

	if (!cum_check(core, assoc, cum_tsn))
		return !(assoc->control & SCTP_SEND_ABORT);
	acks_begin(assoc);
	cum_ack(core, assoc, cum_tsn, &ack);
	acks_end(core, assoc, &ack);
	return true;
}

/* The window is open: what found it closed goes again at once. */
static void
probe_end(struct sctp_core *core, struct sctp_assoc *assoc)
{
	uint32_t tsn = assoc->cum_acked + 1;
	struct sctp_piece *piece = sctp_sent_at(core, assoc, tsn);
	const struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);

	assoc->probing = false;
	if (piece != NULL &&
		!((block->acked | block->lost | block->abandoned) & sctp_sent_bit(tsn)))
		sctp_piece_lose(core, assoc, piece);
}

void
sctp_sack_input(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	struct ack ack = { .any_new = false };
	const struct sctp_piece *first;
	struct sctp_sack sack;

	/* RFC 9260 6 */
	if (assoc->state != SCTP_ESTABLISHED && assoc->state != SCTP_SHUTDOWN_PENDING &&
		assoc->state != SCTP_SHUTDOWN_RECEIVED) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (sctp_sack_parse(chunk, &sack) != 0) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	if (!cum_check(core, assoc, sack.cum_tsn))
		return;
	acks_begin(assoc);
	/* RFC 9260 6.1 (A): who answers probes of his window is alive. */
	first = assoc->probing ? sctp_sent_at(core, assoc, assoc->cum_acked + 1) : NULL;
	if (first != NULL)
		sctp_path_alive(core, first->path);
	cum_ack(core, assoc, sack.cum_tsn, &ack);
	gaps_input(core, assoc, &sack, &ack);
	assoc->peer_rwnd = sack.a_rwnd - RTE_MIN(sack.a_rwnd, assoc->flight);
	if (assoc->probing && sack.a_rwnd > 0)
		probe_end(core, assoc);
	misses_count(core, assoc, &sack, &ack);
	acks_end(core, assoc, &ack);
}
