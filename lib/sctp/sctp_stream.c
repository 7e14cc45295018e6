/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams: they come in blocks, with the first message on one of them. */
#include "sctp/sctp_data.h"

#define BLOCKS_SURE 4 /* that an association may have, while others have many */

static void
block_init(struct sctp_stream_block *block, uint16_t first)
{
	memset(block, 0, sizeof(*block));
	for (unsigned i = 0; i < SCTP_BLOCK; i++) {
		struct sctp_stream *stream = &block->streams[i];

		RB_INIT(&stream->waiting);
		TAILQ_INIT(&stream->unsent);
		stream->id = (uint16_t)(first + i);
	}
}

struct sctp_stream_block *
sctp_stream_block(struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream)
{
	uint32_t ref = assoc->blocks[stream >> SCTP_BLOCK_BITS];

	return ref != 0 ? slab_at(&core->stream_blocks, ref - 1) : NULL;
}

struct sctp_stream *
sctp_stream_find(struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream)
{
	struct sctp_stream_block *block = sctp_stream_block(core, assoc, stream);

	return block != NULL ? &block->streams[stream % SCTP_BLOCK] : NULL;
}

/*
 * Each association has its first block. Of the others none takes many more once a quarter of all is in
 * use: a peer may use all of its streams just to have them.
 */
static bool
may_take_block(const struct sctp_core *core, const struct sctp_assoc *assoc)
{
	const struct slab *blocks = &core->stream_blocks;
	uint32_t kept = RTE_MIN(core->assocs.max - core->block_owners, blocks->max / 2);

	if (assoc->block_count == 0)
		return true;
	if (assoc->block_count >= BLOCKS_SURE && blocks->used >= blocks->max / 4)
		return false;
	return blocks->max - blocks->used > kept;
}

struct sctp_stream *
sctp_stream_get(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream)
{
	uint32_t *ref = &assoc->blocks[stream >> SCTP_BLOCK_BITS];

	if (*ref == 0) {
		struct sctp_stream_block *block =
			may_take_block(core, assoc) ? slab_take(&core->stream_blocks) : NULL;

		if (block == NULL) {
			sctp_count(core, SCTP_STAT_nomem);
			return NULL;
		}
		core->block_owners += assoc->block_count == 0;
		assoc->block_count++;
		block_init(block, (uint16_t)(stream & ~(SCTP_BLOCK - 1)));
		*ref = slab_index(&core->stream_blocks, block) + 1;
	}
	return sctp_stream_find(core, assoc, stream);
}

struct sctp_stream *
sctp_stream_next(struct sctp_core *core, const struct sctp_assoc *assoc, unsigned *cursor)
{
	while (*cursor < SCTP_STREAMS_MAX) {
		struct sctp_stream *stream = sctp_stream_find(core, assoc, (uint16_t)*cursor);

		if (stream != NULL) {
			(*cursor)++;
			return stream;
		}
		*cursor = (*cursor | (SCTP_BLOCK - 1)) + 1;
	}
	return NULL;
}

void
sctp_streams_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	core->block_owners -= assoc->block_count > 0;
	assoc->block_count = 0;
	for (unsigned i = 0; i < SCTP_BLOCKS; i++) {
		struct sctp_stream_block *block =
			sctp_stream_block(core, assoc, (uint16_t)(i * SCTP_BLOCK));

		if (block == NULL)
			continue;
		if (block->abandoned != NULL)
			slab_give(&core->abandoned, block->abandoned);
		slab_give(&core->stream_blocks, block);
		assoc->blocks[i] = 0;
	}
}
