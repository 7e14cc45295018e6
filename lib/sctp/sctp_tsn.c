/* SPDX-License-Identifier: BSD-3-Clause */
/* Which TSNs have come, and the SACK that says so: RFC 9260 6.2, 3.3.4. */
#include "sctp/sctp_data.h"

#define GAPS_MAX 256 /* in a SACK: what is behind is told when these are closed */

void
sctp_tsn_map_free(struct sctp_core *core, struct sctp_tsn_map *map)
{
	if (map->gaps != NULL)
		slab_give(&core->gap_maps, map->gaps);
	map->gaps = NULL;
}

void
sctp_tsn_map_init(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t initial_tsn)
{
	sctp_tsn_map_free(core, map);
	*map = (struct sctp_tsn_map){ .cum = initial_tsn - 1, .highest = initial_tsn - 1 };
}

static inline uint64_t
near_bit(uint32_t tsn)
{
	return UINT64_C(1) << tsn % SCTP_TSN_NEAR;
}

static inline bool
is_near(const struct sctp_tsn_map *map, uint32_t tsn)
{
	return tsn - map->cum - 1 < SCTP_TSN_NEAR;
}

static inline bool
bit_get(const struct sctp_tsn_map *map, uint32_t tsn)
{
	uint32_t at = tsn % SCTP_TSN_MAP_BITS;

	if (map->gaps == NULL)
		return is_near(map, tsn) && (map->near & near_bit(tsn)) != 0;
	return (map->gaps->bits[at / 64] >> at % 64 & 1) != 0;
}

static inline void
bit_set(struct sctp_tsn_map *map, uint32_t tsn)
{
	if (map->gaps == NULL)
		map->near |= near_bit(tsn);
	else
		map->gaps->bits[tsn % SCTP_TSN_MAP_BITS / 64] |= UINT64_C(1) << tsn % 64;
}

static inline void
bit_clear(struct sctp_tsn_map *map, uint32_t tsn)
{
	uint32_t at = tsn % SCTP_TSN_MAP_BITS;

	if (map->gaps == NULL)
		map->near &= ~near_bit(tsn);
	else
		map->gaps->bits[at / 64] &= ~(UINT64_C(1) << at % 64);
}

bool
sctp_tsn_hold(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t tsn)
{
	const uint64_t near = map->near;
	struct sctp_gap_map *gaps;

	if (map->gaps != NULL || is_near(map, tsn))
		return true;
	gaps = slab_take(&core->gap_maps);
	if (gaps == NULL) {
		sctp_count(core, SCTP_STAT_nomem);
		return false;
	}
	memset(gaps, 0, sizeof(*gaps));
	map->gaps = gaps;
	map->near = 0;
	for (tsn = map->cum + 1; is_near(map, tsn); tsn++) {
		if (near & near_bit(tsn))
			bit_set(map, tsn);
	}
	return true;
}

/* When the last gap is closed all bits are zeros. */
static inline void
gaps_end(struct sctp_core *core, struct sctp_tsn_map *map)
{
	if (!sctp_tsn_has_gap(map))
		sctp_tsn_map_free(core, map);
}

enum sctp_tsn_place
sctp_tsn_look(const struct sctp_tsn_map *map, uint32_t tsn)
{
	if (seq_until(tsn, map->cum))
		return SCTP_TSN_DUPLICATE;
	if (tsn - map->cum > SCTP_TSN_MAP_BITS - 1)
		return SCTP_TSN_BEYOND;
	return bit_get(map, tsn) ? SCTP_TSN_DUPLICATE : SCTP_TSN_NEW;
}

void
sctp_tsn_mark(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t tsn)
{
	map->highest = seq_max(map->highest, tsn);
	if (tsn != map->cum + 1) {
		bit_set(map, tsn);
		return;
	}
	for (map->cum = tsn; map->cum != map->highest && bit_get(map, map->cum + 1); map->cum++)
		bit_clear(map, map->cum + 1);
	gaps_end(core, map);
}

void
sctp_tsn_renege(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t tsn)
{
	if (!sctp_tsn_is_behind(tsn, map->cum) || !bit_get(map, tsn))
		return;
	bit_clear(map, tsn);
	while (map->highest != map->cum && !bit_get(map, map->highest))
		map->highest--;
	gaps_end(core, map);
}

void
sctp_tsn_forward(struct sctp_core *core, struct sctp_tsn_map *map, uint32_t cum)
{
	map->highest = seq_max(map->highest, cum);
	/* A peer may skip more than the map holds: then nothing in it is left. */
	for (unsigned i = 0;
		(map->gaps != NULL || map->near != 0) && map->cum != cum && i < SCTP_TSN_MAP_BITS;
		i++)
		bit_clear(map, ++map->cum);
	for (map->cum = cum; map->cum != map->highest && bit_get(map, map->cum + 1); map->cum++)
		bit_clear(map, map->cum + 1);
	gaps_end(core, map);
}

void
sctp_tsn_duplicate(struct sctp_tsn_map *map, uint32_t tsn)
{
	if (map->dup_count < SCTP_DUPS_MAX)
		map->dups[map->dup_count++] = tsn;
}

/* ---- SACK ---- */

/* @return how many gap blocks were written */
static unsigned
gaps_put(const struct sctp_tsn_map *map, struct sctp_writer *writer)
{
	uint32_t tsn = map->cum + 2;
	unsigned count = 0;

	while (seq_until(tsn, map->highest) && count < GAPS_MAX &&
		writer->room - writer->used >= 4 + 4U * map->dup_count) {
		uint32_t first;

		if (!bit_get(map, tsn)) {
			tsn++;
			continue;
		}
		for (first = tsn; seq_until(tsn, map->highest) && bit_get(map, tsn); tsn++)
			;
		sctp_put_u16(writer, (uint16_t)(first - map->cum));
		sctp_put_u16(writer, (uint16_t)(tsn - 1 - map->cum));
		count++;
	}
	return count;
}

static inline uint32_t
left(uint64_t room, uint64_t held)
{
	return held < room ? (uint32_t)(room - held) : 0;
}

/*
 * RFC 9260 6.2: it moves by user data, as peers expect. What small chunks cost is the bound all the
 * same: from half of the buffer on the window closes by that, and before the buffer does. Likewise what
 * all associations of the worker may have together, from half of it on.
 */
uint32_t
sctp_rwnd(const struct sctp_core *core, const struct sctp_assoc *assoc)
{
	const uint32_t buffer = assoc->settings.receive_buffer, max = core->config.received_max;
	const uint64_t cost = (uint64_t)assoc->received_pieces * SCTP_PIECE_COST;
	uint32_t rwnd = left(buffer, assoc->received);

	rwnd = (uint32_t)RTE_MIN(rwnd, 2ULL * left(buffer, cost));
	return core->received > max / 2 ? RTE_MIN(rwnd, left(max - max / 4, core->received)) : rwnd;
}

void
sctp_sack_build(const struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_writer *writer)
{
	struct sctp_tsn_map *map = &assoc->tsn_map;
	struct sctp_writer counts = *writer;
	uint32_t rwnd = sctp_rwnd(core, assoc);
	uint32_t place;
	unsigned gaps;

	/* RFC 9260 6.2: one that is too small to be used well is none. */
	assoc->read_limited =
		rwnd < RTE_MIN(assoc->settings.receive_buffer / 2, (uint32_t)assoc->primary->mtu);
	place = sctp_chunk_begin(writer, SCTP_SACK, 0);
	sctp_put_u32(writer, map->cum);
	sctp_put_u32(writer, assoc->read_limited ? 0 : rwnd);
	counts.used = writer->used;
	sctp_put_u32(writer, 0);
	gaps = gaps_put(map, writer);
	sctp_put_u16(&counts, (uint16_t)gaps);
	sctp_put_u16(&counts, map->dup_count);
	for (unsigned i = 0; i < map->dup_count; i++)
		sctp_put_u32(writer, map->dups[i]);
	sctp_chunk_end(writer, place);
	map->dup_count = 0;
	assoc->sack_wanted = assoc->sack_due = false;
	assoc->sack_said = true;
	assoc->sack_packets = 0;
	sctp_timer_clear(assoc, SCTP_TIMER_SACK);
}

void
sctp_sack_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->sack_wanted = true;
	sctp_flush_add(core, assoc);
}
