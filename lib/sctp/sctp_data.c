/* SPDX-License-Identifier: BSD-3-Clause */
/* DATA chunks as they come: RFC 9260 6.2, 6.5. What is accepted goes to sctp_reass.c. */
#include "sctp/sctp_data.h"
#include "sctp/sctp_ecn.h"

#include "wire/endian.h"

/* What is not larger is copied: a packet is held only for what it is full enough of. */
#define COPY_MAX 512

bool
sctp_takes_data(const struct sctp_assoc *assoc)
{
	return assoc->state == SCTP_ESTABLISHED || assoc->state == SCTP_SHUTDOWN_PENDING ||
		assoc->state == SCTP_SHUTDOWN_SENT;
}

/* Of what chunks are made of the last quarter is for those that are next, its last half for sent ones. */
static bool
is_scarce(const struct slab *pieces, bool next)
{
	return pieces->max - pieces->used <= pieces->max / (next ? 8 : 4);
}

/* The last quarter of what all may have is for those that are next: others may wait for nothing else. */
static bool
worker_is_full(const struct sctp_core *core, bool next)
{
	const uint32_t max = core->config.received_max;

	return core->received >= (next ? max : max - max / 4) || is_scarce(&core->pieces, next);
}

/* An association of which nothing is held may get one more, so that those that do not read starve nobody. */
static bool
worker_has_room(const struct sctp_core *core, const struct sctp_assoc *assoc, bool next)
{
	const struct slab *pieces = &core->pieces;

	if (!worker_is_full(core, next))
		return true;
	return next && assoc->received_pieces == 0 &&
		core->received / 2 <= core->config.received_max &&
		pieces->max - pieces->used > pieces->max / 16;
}

/* RFC 9260 6.2: with a full buffer what closes a gap is taken all the same, within reason. */
static bool
has_room(const struct sctp_core *core, const struct sctp_assoc *assoc, uint32_t tsn)
{
	uint32_t room = assoc->settings.receive_buffer;

	if (!worker_has_room(core, assoc, tsn == assoc->tsn_map.cum + 1))
		return false;
	if (seq_before(tsn, assoc->tsn_map.highest))
		room += room / 4;
	return sctp_held(assoc) < room;
}

/*
 * All that is there waits for more, and no gap says that it comes. Within reason the rest of a message is taken
 * that is delivered in part: RFC 8260 2.2.3 lets peers mix any. A peer that goes on beyond that gets no further.
 */
static bool
stuck_input(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const uint32_t room = assoc->settings.receive_buffer;

	if (!sctp_reass_is_stuck(assoc))
		return false;
	if (sctp_held(assoc) < room + room / 4)
		return worker_has_room(core, assoc, true);
	sctp_violation(core, assoc, "messages that nothing completes");
	return false;
}

/* What is behind a gap makes room for what closes it; or messages of which a part is all that has room. */
static bool
room_find(struct sctp_core *core, struct sctp_packet *packet, uint32_t tsn)
{
	struct sctp_assoc *assoc = packet->assoc;
	const bool next = tsn == assoc->tsn_map.cum + 1;

	/* From where windows are closed: what others hold for nothing may be all that is in the way. */
	if (worker_is_full(core, false))
		sctp_reclaim(core, assoc);
	if (has_room(core, assoc, tsn))
		return true;
	/* Once a packet: it is a search of all that waits. */
	if (!next || packet->no_room)
		return false;
	packet->no_room = true;
	if (sctp_reass_renege(core, assoc) && has_room(core, assoc, tsn))
		return true;
	sctp_reass_relieve(core, assoc);
	return stuck_input(core, assoc);
}

uint32_t
sctp_mid_of_ssn(const struct sctp_stream *stream, uint16_t ssn)
{
	return stream->in_mid + (uint32_t)(int16_t)(ssn - (uint16_t)stream->in_mid);
}

/* RFC 8260 2.1: an FSN of 0 is the first fragment's, and nobody else's. */
static bool
fsn_is_good(const struct sctp_data *data)
{
	bool begins = (data->flags & SCTP_DATA_BEGIN) != 0;

	return begins || (data->fsn != 0 && data->fsn <= INT32_MAX);
}

/* Which message it is of, and its place there. */
static void
numbers_set(const struct sctp_stream *stream, const struct sctp_data *data, bool interleaved,
	struct sctp_piece *piece)
{
	bool unordered = (data->flags & SCTP_DATA_UNORDERED) != 0;

	if (interleaved) {
		piece->mid = data->mid;
		piece->fsn = data->fsn;
		piece->group = sctp_group_of(data->stream, unordered, data->mid);
		return;
	}
	piece->mid = unordered ? 0 : sctp_mid_of_ssn(stream, data->ssn);
	piece->fsn = data->tsn;
}

static struct sctp_piece *
piece_make(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_stream *stream,
	const struct sctp_data *data)
{
	struct sctp_assoc *assoc = packet->assoc;
	uint32_t offset = packet->offset + (uint32_t)(data->data - packet->bytes);
	struct sctp_piece *piece = data->length <= COPY_MAX
		? sctp_piece_copy(core, &assoc->received_tail, data->data, data->length)
		: sctp_piece_hold(core, packet->pkt, offset, data->length);

	if (piece == NULL)
		return NULL;
	piece->tsn = data->tsn;
	piece->stream = data->stream;
	numbers_set(stream, data, sctp_has(assoc, SCTP_EXT_I_DATA), piece);
	piece->flags = data->flags;
	piece->ppid_be = data->ppid_be;
	return piece;
}

/* Acknowledged from now on; what comes again is not counted again. */
static void
data_mark(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_data *data)
{
	sctp_tsn_mark(core, &assoc->tsn_map, data->tsn);
	sctp_count(core,
		data->flags & SCTP_DATA_UNORDERED ? SCTP_STAT_in_unorder_chunks
						  : SCTP_STAT_in_order_chunks);
}

/*
 * RFC 9260 6.9: a peer that was told of no room has messages here that are not whole, and nothing that
 * our user could make room by.
 */
static void
window_relieve(struct sctp_core *core, struct sctp_packet *packet)
{
	/* Once a packet, as room_find() does. */
	if (!packet->assoc->read_limited || packet->relieved)
		return;
	packet->relieved = true;
	sctp_reass_relieve(core, packet->assoc);
}

/* @return false: it is not acknowledged, as if it had never come */
static bool
data_accept(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_data *data)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_stream *stream = NULL;
	struct sctp_piece *piece;

	window_relieve(core, packet);
	if (room_find(core, packet, data->tsn) && sctp_tsn_hold(core, &assoc->tsn_map, data->tsn))
		stream = sctp_stream_get(core, assoc, data->stream);
	if (stream == NULL) {
		sctp_count(core, SCTP_STAT_received_full);
		return false;
	}
	piece = piece_make(core, packet, stream, data);
	if (piece == NULL)
		return false;
	data_mark(core, assoc, data);
	if (assoc->received == assoc->ready_bytes)
		sctp_held_since_now(core, assoc);
	assoc->received += data->length;
	assoc->received_pieces++;
	core->received += data->length;
	if (!sctp_reass_input(core, assoc, stream, piece))
		sctp_violation(core, assoc, "fragments that do not fit together");
	/* As sctp_close() does: nobody is there to read it. */
	if (assoc->detached && assoc->received > 0)
		sctp_abort(core, assoc, NULL, 0);
	return true;
}

static void
no_user_data(struct sctp_core *core, struct sctp_assoc *assoc, uint32_t tsn)
{
	uint32_t tsn_be = htobe32(tsn);

	/* RFC 9260 6.2 */
	sctp_count(core, SCTP_STAT_protocol_violations);
	assoc->error = EPROTO;
	sctp_abort_with(core, assoc, SCTP_CAUSE_NO_USER_DATA, &tsn_be, sizeof(tsn_be));
}

void
sctp_data_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_chunk *chunk,
	const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;
	struct sctp_data data;

	if (!sctp_takes_data(assoc)) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (sctp_data_parse(chunk, &data) != 0) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	sctp_count(core, SCTP_STAT_in_data);
	if (data.length == 0) {
		no_user_data(core, assoc, data.tsn);
		return;
	}
	if (sctp_reconfig_holds_data(assoc)) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	/* RFC 8260 2.2.1: the one excludes the other. */
	if (sctp_has(assoc, SCTP_EXT_I_DATA) &&
		(chunk->type != SCTP_I_DATA || !fsn_is_good(&data))) {
		sctp_violation(core, assoc, "DATA where I-DATA was agreed, or a wrong FSN");
		return;
	}
	packet->has_data = true;
	assoc->sack_path = packet->path;
	sctp_reconfig_data_note(assoc);
	if (unlikely(packet->marked))
		sctp_ecn_mark_input(core, packet, data.tsn);
	switch (sctp_tsn_look(&assoc->tsn_map, data.tsn)) {
	case SCTP_TSN_DUPLICATE:
		sctp_count(core, SCTP_STAT_duplicate_tsns);
		sctp_tsn_duplicate(&assoc->tsn_map, data.tsn);
		assoc->sack_wanted = true;
		return;
	case SCTP_TSN_BEYOND:
		sctp_count(core, SCTP_STAT_tsn_out_of_window);
		assoc->sack_wanted = true;
		return;
	case SCTP_TSN_NEW: break;
	}
	if (data.flags & SCTP_DATA_IMMEDIATE)
		assoc->sack_wanted = true;
	if (data.stream >= assoc->in_streams) {
		/* RFC 9260 6.5: acknowledged, and reported. */
		uint8_t info[4] = { (uint8_t)(data.stream >> 8), (uint8_t)data.stream };

		sctp_count(core, SCTP_STAT_bad_stream);
		if (!sctp_tsn_hold(core, &assoc->tsn_map, data.tsn))
			return;
		data_mark(core, assoc, &data);
		sctp_reply_error(core, packet, SCTP_CAUSE_INVALID_STREAM, info, sizeof(info), out);
		return;
	}
	if (!data_accept(core, packet, &data))
		assoc->sack_wanted = true;
}

void
sctp_data_packet_end(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const struct sctp_settings *settings = &assoc->settings;

	assoc->sack_due = true;
	assoc->sack_packets++;
	/*
	 * RFC 9260 6.2: every second packet, and at once with a gap or in SHUTDOWN-SENT. The first one at
	 * once as well: a window of one packet, as after a timeout, would wait for the delay.
	 */
	if (assoc->sack_packets >= settings->sack_packets || sctp_tsn_has_gap(&assoc->tsn_map) ||
		settings->sack_delay_ms == 0 || !assoc->sack_said)
		assoc->sack_wanted = true;
	if (assoc->state == SCTP_SHUTDOWN_SENT) {
		/* RFC 9260 9.2 */
		assoc->sack_wanted = true;
		assoc->control |= SCTP_SEND_SHUTDOWN;
		sctp_t2_start(core, assoc);
	}
	if (assoc->sack_wanted)
		sctp_flush_add(core, assoc);
	else if (assoc->due_ns[SCTP_TIMER_SACK] == 0)
		sctp_timer_set(core, assoc, SCTP_TIMER_SACK,
			core->now_ns + settings->sack_delay_ms * 1000000ULL);
	/* What rides on data that is to be sent goes sooner. */
	if (assoc->unsent_bytes > 0)
		sctp_flush_add(core, assoc);
}
