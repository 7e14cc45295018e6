/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was sent and is not acknowledged cumulatively: by TSN, in blocks with a bit for each thing that
 * is known of a piece. So a SACK costs by what it changes, and not by what is in flight. An
 * association that is idle has no block.
 */
#include "sctp/sctp_data.h"

static inline uint32_t *
block_ref(struct sctp_assoc *assoc, uint32_t tsn)
{
	return &assoc->sent_blocks[tsn / SCTP_SENT_BLOCK % SCTP_SENT_BLOCKS];
}

struct sctp_sent_block *
sctp_sent_block(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn)
{
	uint32_t ref = *block_ref(assoc, tsn);

	return ref != 0 ? slab_at(&core->sent_blocks, ref - 1) : NULL;
}

uint64_t
sctp_sent_mask(const struct sctp_assoc *assoc, uint32_t base)
{
	uint64_t mask = UINT64_MAX;
	uint32_t first = assoc->cum_acked + 1, count = assoc->next_tsn - base;

	if (seq_after(first, base))
		mask <<= first - base;
	if (count < SCTP_SENT_BLOCK)
		mask &= (UINT64_C(1) << count) - 1;
	return mask;
}

struct sctp_piece *
sctp_sent_at(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn)
{
	if (tsn - assoc->cum_acked - 1 >= assoc->next_tsn - assoc->cum_acked - 1)
		return NULL;
	return sctp_sent_block(core, assoc, tsn)->pieces[tsn % SCTP_SENT_BLOCK];
}

bool
sctp_sent_has_room(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->next_tsn - assoc->cum_acked > SCTP_SENT_MAX)
		return false;
	if (*block_ref(assoc, assoc->next_tsn) != 0 ||
		core->sent_blocks.used < core->sent_blocks.max)
		return true;
	sctp_count(core, SCTP_STAT_nomem);
	return false;
}

void
sctp_sent_append(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	uint32_t *ref = block_ref(assoc, assoc->next_tsn);
	struct sctp_sent_block *block;

	if (*ref == 0) {
		block = slab_take(&core->sent_blocks);
		block->acked = block->lost = block->fast = block->abandoned = 0;
		block->misses[0] = block->misses[1] = 0;
		*ref = slab_index(&core->sent_blocks, block) + 1;
	}
	piece->tsn = assoc->next_tsn++;
	piece->state |= SCTP_PIECE_SENT;
	block = sctp_sent_block(core, assoc, piece->tsn);
	block->pieces[piece->tsn % SCTP_SENT_BLOCK] = piece;
}

static void
block_free(struct sctp_core *core, uint32_t *ref)
{
	slab_give(&core->sent_blocks, slab_at(&core->sent_blocks, *ref - 1));
	*ref = 0;
}

struct sctp_piece *
sctp_sent_take(struct sctp_core *core, struct sctp_assoc *assoc)
{
	uint32_t tsn = assoc->cum_acked + 1;
	struct sctp_piece *piece = sctp_sent_at(core, assoc, tsn);

	if (piece == NULL)
		return NULL;
	sctp_sibling_remove(piece);
	assoc->cum_acked = tsn;
	assoc->ahead -= assoc->ahead > 0;
	if (tsn % SCTP_SENT_BLOCK == SCTP_SENT_BLOCK - 1 || tsn + 1 == assoc->next_tsn)
		block_free(core, block_ref(assoc, tsn));
	return piece;
}

/* ---- what is lost ---- */

void
sctp_piece_lose(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	sctp_sent_block(core, assoc, piece->tsn)->lost |= sctp_sent_bit(piece->tsn);
	/* Not before: a SACK that was overtaken looks the same. */
	if (piece->state & SCTP_PIECE_TAKEN_BACK)
		sctp_count(core, SCTP_STAT_reneged);
	piece->state &= (uint8_t)~SCTP_PIECE_TAKEN_BACK;
	piece->path->flight -= piece->length;
	assoc->flight -= piece->length;
	/* RFC 9260 6.2.1 (C) */
	assoc->peer_rwnd += piece->length;
	assoc->lost_from = assoc->lost ? seq_min(assoc->lost_from, piece->tsn) : piece->tsn;
	assoc->lost = true;
}

struct sctp_piece *
sctp_lost_next(struct sctp_core *core, struct sctp_assoc *assoc)
{
	uint32_t from = seq_max(assoc->lost_from, assoc->cum_acked + 1);

	while (assoc->lost && seq_before(from, assoc->next_tsn)) {
		uint32_t base = sctp_sent_base(from);
		const struct sctp_sent_block *block = sctp_sent_block(core, assoc, from);
		uint64_t lost = block->lost & sctp_sent_mask(assoc, base) &
			UINT64_MAX << from % SCTP_SENT_BLOCK;

		if (lost != 0) {
			unsigned bit = (unsigned)__builtin_ctzll(lost);

			assoc->lost_from = base + bit;
			return block->pieces[bit];
		}
		from = base + SCTP_SENT_BLOCK;
	}
	assoc->lost = false;
	return NULL;
}
