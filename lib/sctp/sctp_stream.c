/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams: they come in blocks, with the first message on one of them. */
#include "sctp/sctp_data.h"

#define BLOCKS_SURE 8 /* that an association may have, while others have many */

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

/* NULL: there is none */
static inline struct sctp_stream_map *
map_of(const struct sctp_core *core, const struct sctp_assoc *assoc, unsigned block)
{
	uint32_t ref = assoc->maps[block / SCTP_MAP_BLOCKS];

	return ref != 0 ? slab_at(&core->stream_blocks, ref - 1) : NULL;
}

struct sctp_stream_block *
sctp_stream_block(struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream)
{
	const unsigned block = stream >> SCTP_BLOCK_BITS;
	uint32_t ref = 0;

	if (likely(block < SCTP_BLOCKS_NEAR)) {
		ref = assoc->blocks[block];
	} else {
		const struct sctp_stream_map *map = map_of(core, assoc, block);

		if (map != NULL)
			ref = map->blocks[block % SCTP_MAP_BLOCKS];
	}
	return ref != 0 ? slab_at(&core->stream_blocks, ref - 1) : NULL;
}

struct sctp_stream *
sctp_stream_find(struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream)
{
	struct sctp_stream_block *block = sctp_stream_block(core, assoc, stream);

	return block != NULL ? &block->streams[stream % SCTP_BLOCK] : NULL;
}

/* Without maps. */
static unsigned
data_blocks(const struct sctp_assoc *assoc)
{
	unsigned count = assoc->block_count;

	for (unsigned i = 0; i < SCTP_MAPS; i++)
		count -= assoc->maps[i] != 0;
	return count;
}

/*
 * Each association has its first block, but where there are not as many: then an eighth is for more. Of the
 * others, and of maps, none takes many once a quarter of all is in use: a peer may use all of its streams
 * just to have them.
 */
static bool
may_take_block(const struct sctp_core *core, const struct sctp_assoc *assoc, bool is_map)
{
	const struct slab *blocks = &core->stream_blocks;
	uint32_t kept =
		RTE_MIN(core->assocs.max - core->block_owners, blocks->max - blocks->max / 8);

	if (!is_map && data_blocks(assoc) == 0)
		return true;
	if (assoc->block_count >= BLOCKS_SURE && blocks->used >= blocks->max / 4)
		return false;
	return blocks->max - blocks->used > kept;
}

/* @return its ref; 0: there is none left */
static uint32_t
block_take(struct sctp_core *core, struct sctp_assoc *assoc, bool is_map)
{
	void *block = may_take_block(core, assoc, is_map) ? slab_take(&core->stream_blocks) : NULL;

	if (block == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return 0;
	}
	core->block_owners += !is_map && data_blocks(assoc) == 0;
	assoc->block_count++;
	return slab_index(&core->stream_blocks, block) + 1;
}

/* Where a block's ref is to be. NULL: no memory */
static uint32_t *
ref_place(struct sctp_core *core, struct sctp_assoc *assoc, unsigned block)
{
	uint32_t *ref = &assoc->maps[block / SCTP_MAP_BLOCKS];

	if (block < SCTP_BLOCKS_NEAR)
		return &assoc->blocks[block];
	if (*ref == 0) {
		*ref = block_take(core, assoc, true);
		if (*ref == 0)
			return NULL;
		memset(map_of(core, assoc, block), 0, sizeof(struct sctp_stream_map));
	}
	return &map_of(core, assoc, block)->blocks[block % SCTP_MAP_BLOCKS];
}

struct sctp_stream *
sctp_stream_get(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream)
{
	struct sctp_stream *found = sctp_stream_find(core, assoc, stream);
	uint32_t *ref;

	if (likely(found != NULL))
		return found;
	ref = ref_place(core, assoc, stream >> SCTP_BLOCK_BITS);
	if (ref == NULL || (*ref = block_take(core, assoc, false)) == 0)
		return NULL;
	block_init(slab_at(&core->stream_blocks, *ref - 1), (uint16_t)(stream & ~(SCTP_BLOCK - 1)));
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

static void
block_free(struct sctp_core *core, struct sctp_stream_block *block)
{
	if (block->abandoned != NULL)
		slab_give(&core->abandoned, block->abandoned);
	slab_give(&core->stream_blocks, block);
}

void
sctp_streams_free(struct sctp_core *core, struct sctp_assoc *assoc)
{
	core->block_owners -= data_blocks(assoc) > 0;
	for (unsigned i = 0; assoc->block_count > 0 && i < SCTP_BLOCKS; i++) {
		struct sctp_stream_block *block =
			sctp_stream_block(core, assoc, (uint16_t)(i * SCTP_BLOCK));

		if (block != NULL)
			block_free(core, block);
	}
	for (unsigned i = 0; i < SCTP_MAPS; i++) {
		if (assoc->maps[i] != 0)
			slab_give(&core->stream_blocks,
				slab_at(&core->stream_blocks, assoc->maps[i] - 1));
	}
	assoc->block_count = 0;
	memset(assoc->blocks, 0, sizeof(assoc->blocks));
	memset(assoc->maps, 0, sizeof(assoc->maps));
}
