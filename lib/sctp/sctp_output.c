/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an association sends at a flush: what is lost again, new data as windows and Nagle allow, and
 * the control chunks that no data took along. RFC 9260 6.1, 6.3.3, 6.10.
 */
#include "sctp/sctp_control.h"

/* ---- DATA ---- */

static uint32_t
piece_space(const struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	uint32_t header =
		sctp_has(assoc, SCTP_EXT_I_DATA) ? SCTP_I_DATA_HDR_LENGTH : SCTP_DATA_HDR_LENGTH;

	return header + sctp_padded(piece->length);
}

static bool
piece_fits(const struct sctp_build *build, const struct sctp_piece *piece)
{
	return build->writer.room - build->writer.used >= piece_space(build->path->assoc, piece);
}

/* RFC 4895 4.1: there is one AUTH chunk in a packet, so one key. */
static inline bool
key_fits(const struct sctp_build *build, const struct sctp_piece *piece)
{
	return !build->has_data || build->key == sctp_auth_piece_key(piece) ||
		sctp_auth_space(build->path->assoc) == 0;
}

/* What of DATA, or of I-DATA, is in front of user data. */
static void
data_header_put(
	struct sctp_writer *writer, const struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	bool interleaved = sctp_has(assoc, SCTP_EXT_I_DATA);

	sctp_put_u32(writer, piece->tsn);
	sctp_put_u16(writer, piece->stream);
	if (interleaved) {
		sctp_put_u16(writer, 0);
		sctp_put_u32(writer, piece->mid);
	} else {
		sctp_put_u16(writer, piece->flags & SCTP_DATA_UNORDERED ? 0 : (uint16_t)piece->mid);
	}
	/* RFC 8260 2.1: behind the first fragment the FSN has the PPID's place. */
	if (interleaved && !(piece->flags & SCTP_DATA_BEGIN))
		sctp_put_u32(writer, piece->fsn);
	else
		sctp_put(writer, &piece->ppid_be, sizeof(piece->ppid_be));
}

/* By reference, if no other large one has room behind, and the packet before is gone; or by a copy. */
static void
user_data_put(struct sctp_build *build, const struct sctp_piece *piece, uint32_t place)
{
	struct sctp_writer *writer = &build->writer;
	struct rte_mbuf *pkt = piece->pkt;
	uint32_t padded = sctp_padded(piece->length), rest = writer->room - writer->used - padded;
	bool alone = (piece->state & SCTP_PIECE_ALONE) != 0;

	/* What is authenticated is read once more anyway: it is in one place. */
	if (alone && rest < SCTP_PIECE_ALONE_MIN && rte_mbuf_refcnt_read(pkt) == 1 &&
		sctp_auth_space(build->path->assoc) == 0) {
		sctp_chunk_end_behind(writer, place, piece->length);
		sctp_build_tail_set(build, pkt, piece->offset, padded);
		return;
	}
	sctp_put(writer, sctp_piece_out_bytes(piece), piece->length);
	sctp_chunk_end(writer, place);
}

static void
data_put(struct sctp_core *core, struct sctp_build *build, struct sctp_piece *piece)
{
	struct sctp_writer *writer = &build->writer;
	struct sctp_path *path = build->path;
	struct sctp_assoc *assoc = path->assoc;
	uint8_t type = sctp_has(assoc, SCTP_EXT_I_DATA) ? SCTP_I_DATA : SCTP_DATA;
	uint32_t place = sctp_chunk_begin(writer, type, piece->flags);

	data_header_put(writer, assoc, piece);
	user_data_put(build, piece, place);
	build->ect = sctp_has(assoc, SCTP_EXT_ECN);
	build->has_data = true;
	build->key = sctp_auth_piece_key(piece);
	piece->path = path;
	piece->sent_ns = core->now_ns;
	path->flight += piece->length;
	assoc->flight += piece->length;
	assoc->peer_rwnd -= RTE_MIN(assoc->peer_rwnd, (uint32_t)piece->length);
	path->used_ns = path->data_ns = core->now_ns;
	/* RFC 9260 6.3.2 R1 */
	if (path->due_ns[SCTP_PATH_T3] == 0)
		sctp_path_timer_set(
			core, path, SCTP_PATH_T3, core->now_ns + path->rto_us * 1000ULL);
	build->other_chunks++;
	sctp_count(core, SCTP_STAT_out_data);
}

/* What is lost, unless its message is given up by now: RFC 3758 3.5. */
static struct sctp_piece *
lost_next(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_piece *piece;

	while ((piece = sctp_lost_next(core, assoc)) != NULL && sctp_pr_is_over(core, piece) &&
		sctp_pr_abandon(core, assoc, piece))
		;
	return piece;
}

/* The same of what is next of its stream. NULL: nothing waits */
static struct sctp_piece *
unsent_next(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_stream *stream;
	struct sctp_piece *piece;

	do {
		stream = sctp_sched_next(assoc);
		piece = stream != NULL ? TAILQ_FIRST(&stream->unsent) : NULL;
	} while (piece != NULL && sctp_pr_is_over(core, piece) &&
		sctp_pr_abandon(core, assoc, piece));
	return piece;
}

/* RFC 9260 6.4.1: what timed out takes another path; what was only overtaken keeps its own. */
static struct sctp_path *
lost_path(struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	if (piece->state & SCTP_PIECE_TIMED_OUT)
		return sctp_path_alternate(assoc, piece->path);
	return piece->path->state == SCTP_PATH_ACTIVE ? piece->path : sctp_path_for_data(assoc);
}

static inline bool
cwnd_is_open(const struct sctp_path *path)
{
	return path->flight < path->allowed;
}

/* What went no further than a queue of ours has not been sent before. */
static void
resent_count(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	if (piece->state & SCTP_PIECE_UNSENT) {
		piece->state &= (uint8_t)~SCTP_PIECE_UNSENT;
		return;
	}
	piece->resent += piece->resent < UINT16_MAX;
	assoc->retransmitted++;
	sctp_count(core, SCTP_STAT_retransmitted);
}

/* What is lost, as much as the packet takes. */
static void
lost_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build)
{
	struct sctp_piece *piece;

	while ((piece = lost_next(core, assoc)) != NULL && piece_fits(build, piece) &&
		key_fits(build, piece) && lost_path(assoc, piece) == build->path &&
		(cwnd_is_open(build->path) || assoc->fast_now)) {
		struct sctp_sent_block *block = sctp_sent_block(core, assoc, piece->tsn);

		block->lost &= ~sctp_sent_bit(piece->tsn);
		block->misses[0] &= ~sctp_sent_bit(piece->tsn);
		block->misses[1] &= ~sctp_sent_bit(piece->tsn);
		piece->state &= (uint8_t)~SCTP_PIECE_TIMED_OUT;
		piece->state |= SCTP_PIECE_AGAIN;
		piece->state |= piece->path != build->path ? SCTP_PIECE_MOVED : 0;
		/* RFC 9260 7.2.4 (4); what has not even left is no reason. */
		if (piece->tsn == assoc->cum_acked + 1 && !build->path->unsent)
			sctp_path_timer_clear(build->path, SCTP_PATH_T3);
		data_put(core, build, piece);
		resent_count(core, assoc, piece);
	}
}

/* RFC 9260 6.1 (A): as the peer's window allows, or one chunk to find out whether it does now. */
static bool
window_takes(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece)
{
	if (assoc->peer_rwnd >= piece->length)
		return true;
	if (assoc->flight > 0)
		return false;
	assoc->probing = true;
	sctp_count(core, SCTP_STAT_zero_window_probes);
	return true;
}

static bool
nagle_holds(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_build *build)
{
	const struct sctp_piece *piece = unsent_next(core, assoc);

	/* The rest of a message whose beginning is sent is not a small message. */
	return !assoc->settings.nodelay && assoc->flight > 0 && piece != NULL &&
		piece->flags & SCTP_DATA_BEGIN &&
		assoc->unsent_bytes < sctp_path_pmdcs(build->path);
}

/* From its stream's queue to those that are sent: it gets its numbers. */
static void
unsent_take(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_piece *piece)
{
	struct sctp_stream *stream = sctp_stream_find(core, assoc, piece->stream);
	uint32_t *mid = sctp_stream_mid(stream, piece);

	/* Not before: a message that is given up until then leaves no hole. */
	if (piece->flags & SCTP_DATA_BEGIN)
		(*mid)++;
	piece->mid = *mid - 1;
	TAILQ_REMOVE(&stream->unsent, piece, next);
	assoc->unsent_bytes -= piece->length;
	assoc->sent_bytes += piece->length;
	sctp_sent_append(core, assoc, piece);
	sctp_count(core,
		piece->flags & SCTP_DATA_UNORDERED ? SCTP_STAT_out_unorder_chunks
						   : SCTP_STAT_out_order_chunks);
	sctp_sched_taken(assoc, stream, piece);
}

static void
new_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build)
{
	struct sctp_piece *piece;

	while ((piece = unsent_next(core, assoc)) != NULL) {
		if (!piece_fits(build, piece) || !key_fits(build, piece) ||
			!cwnd_is_open(build->path) ||
			sctp_path_for_piece(assoc, piece) != build->path ||
			!window_takes(core, assoc, piece) || !sctp_sent_has_room(core, assoc))
			return;
		unsent_take(core, assoc, piece);
		/* RFC 7053 4: nothing follows that could take a SACK along. */
		if (assoc->state == SCTP_SHUTDOWN_PENDING && assoc->unsent_bytes == 0)
			piece->flags |= SCTP_DATA_IMMEDIATE;
		data_put(core, build, piece);
	}
}

/* What goes next. NULL: nothing waits */
static const struct sctp_piece *
piece_next(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const struct sctp_piece *piece = assoc->lost ? lost_next(core, assoc) : NULL;

	return piece != NULL ? piece : unsent_next(core, assoc);
}

/* The path may carry less by now than when it was cut: then IP cuts the packet (RFC 9260 6.9). */
static void
room_make(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build)
{
	const struct sctp_piece *piece = piece_next(core, assoc);

	uint32_t space = piece_space(assoc, piece);

	if (build->writer.used == 0 && space > build->writer.room)
		sctp_build_enlarge(build, space);
}

/* By which path the next packet with data goes. NULL: there is none to send, or it has to wait */
static struct sctp_path *
next_path(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const struct sctp_piece *piece = piece_next(core, assoc);
	struct sctp_path *path;

	if (piece == NULL)
		return NULL;
	if (assoc->lost) {
		path = lost_path(assoc, piece);
		return cwnd_is_open(path) || assoc->fast_now ? path : NULL;
	}
	path = sctp_path_for_piece(assoc, piece);
	if (!cwnd_is_open(path) || (assoc->peer_rwnd < piece->length && assoc->flight > 0) ||
		!sctp_sent_has_room(core, assoc))
		return NULL;
	return path;
}

/* @return false: it could not be sent */
static bool
data_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	struct sctp_build build;
	struct sctp_path *path;

	sctp_sched_packet_begin(assoc);
	while ((path = next_path(core, assoc)) != NULL) {
		if (!sctp_build_begin(core, assoc, path, out, &build))
			return false;
		if (!assoc->lost && nagle_holds(core, assoc, &build)) {
			sctp_build_drop(&build);
			return true;
		}
		sctp_control_put(core, assoc, &build);
		room_make(core, assoc, &build);
		lost_put(core, assoc, &build);
		if (!assoc->lost)
			new_put(core, assoc, &build);
		assoc->fast_now = false;
		if (build.writer.used == 0) {
			sctp_build_drop(&build);
			return true;
		}
		/* A chunk that does not fit beside a SACK has the next packet to itself. */
		sctp_build_send(core, assoc, &build, assoc->peer_tag, out);
		if (path->timed_out)
			path->allowed = 0;
		sctp_sched_packet_begin(assoc);
	}
	return true;
}

/* RFC 9260 7.2.1: a window that was not used for long says nothing any more. */
static void
idle_note(const struct sctp_core *core, struct sctp_path *path)
{
	if (path->flight == 0 && path->data_ns != 0)
		cc_idle(&path->cc, (core->now_ns - path->data_ns) / 1000, path->rto_us);
}

/* RFC 9260 6.1 (D): no more packets at once than Max.Burst. */
static void
allowances_set(const struct sctp_core *core, struct sctp_assoc *assoc)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		idle_note(core, path);
		path->allowed = path->timed_out && path->flight > 0 ? 0 : path->cc.cwnd_bytes;
		if (assoc->settings.burst != 0)
			path->allowed = (uint32_t)RTE_MIN((uint64_t)path->allowed,
				path->flight +
					(uint64_t)RTE_MAX(path->bursts, 1U) *
						assoc->settings.burst * sctp_path_pmdcs(path));
	}
}

static void
limits_note(struct sctp_assoc *assoc)
{
	for (unsigned i = 0; i < assoc->path_count; i++) {
		struct sctp_path *path = assoc->paths[i];

		if (path->flight + sctp_path_pmdcs(path) > path->cc.cwnd_bytes)
			path->cwnd_limited = true;
		/* Whoever had nothing to send has not saved them up. */
		path->bursts = 0;
	}
}

bool
sctp_output(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out)
{
	if (assoc->state == SCTP_CLOSED)
		return true;
	if (assoc->control & SCTP_SEND_ABORT)
		return sctp_abort_send(core, assoc, out);
	if (assoc->control & SCTP_SEND_INIT)
		sctp_init_send(core, assoc, out);
	if (assoc->control & SCTP_SEND_COOKIE_ECHO)
		sctp_cookie_echo_send(core, assoc, out);
	if (assoc->state < SCTP_ESTABLISHED)
		return !(assoc->control & (SCTP_SEND_INIT | SCTP_SEND_COOKIE_ECHO));
	if (sctp_has_to_send(assoc))
		allowances_set(core, assoc);
	if (!data_send(core, assoc, out))
		return false;
	limits_note(assoc);
	return sctp_control_send(core, assoc, out) && sctp_heartbeats_send(core, assoc, out) &&
		sctp_pmtu_send(core, assoc, out) && sctp_asconf_send(core, assoc, out) &&
		sctp_reconfig_send(core, assoc, out);
}

void
sctp_flush(struct sctp_core *core, const struct sctp_out *out)
{
	struct sctp_assoc *assoc, *last = TAILQ_LAST(&core->flush, sctp_assoc_list);

	while ((assoc = TAILQ_FIRST(&core->flush)) != NULL) {
		bool done = sctp_output(core, assoc, out);

		TAILQ_REMOVE(&core->flush, assoc, flush_next);
		assoc->on_flush = false;
		if (assoc->state == SCTP_CLOSED && assoc->detached) {
			bool was_last = assoc == last;

			sctp_assoc_free(core, assoc);
			if (was_last)
				break;
			continue;
		}
		if (!done && sctp_out_is_full(out)) {
			/* To the end of the line: a large window keeps nobody waiting. */
			sctp_flush_add(core, assoc);
			break;
		}
		/* Without a packet buffer now there is none a moment later either. */
		if (!done)
			sctp_timer_set(core, assoc, SCTP_TIMER_RETRY, core->now_ns + SCTP_RETRY_NS);
		if (assoc == last)
			break;
	}
}

/* ---- T3-rtx ---- */

/* Something that it has sent, or that has not even left, is not acknowledged. */
static bool
awaits_ack(struct sctp_core *core, const struct sctp_path *path)
{
	struct sctp_assoc *assoc = path->assoc;

	if (path->flight > 0 || !path->unsent)
		return path->flight > 0;
	for (uint32_t tsn = assoc->cum_acked + 1; tsn != assoc->next_tsn; tsn++) {
		const struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);

		if (block->lost & sctp_sent_bit(tsn) &&
			block->pieces[tsn % SCTP_SENT_BLOCK]->path == path)
			return true;
	}
	return false;
}

void
sctp_t3_strike(struct sctp_core *core, struct sctp_path *path)
{
	struct sctp_assoc *assoc = path->assoc;
	/* RFC 9260 7.2.3: ssthresh is half of cwnd, and four chunks at least. */
	const struct cc_congestion congestion = { .signal = CC_RTO,
		.now_us = core->now_ns / 1000,
		.in_flight_bytes = RTE_MAX(path->cc.cwnd_bytes, 8 * sctp_path_pmdcs(path)) };
	const uint32_t lost = path->flight;

	if (!awaits_ack(core, path)) {
		path->unsent = false;
		return;
	}
	sctp_count(core, SCTP_STAT_t3_expireds);
	path->timeouts++;
	/* E1 to E3 of RFC 9260 6.3.3 */
	cc_congestion(&path->cc, &congestion);
	sctp_rto_backoff(path);
	/* RFC 9260 7.2.3: no more than one packet, until one is acknowledged. */
	path->timed_out = true;
	/* Slow start begins: what fast recovery kept from growing is over. */
	assoc->in_recovery = false;
	for (uint32_t tsn = assoc->cum_acked + 1; tsn != assoc->next_tsn; tsn++) {
		const struct sctp_sent_block *block = sctp_sent_block(core, assoc, tsn);
		struct sctp_piece *piece = block->pieces[tsn % SCTP_SENT_BLOCK];

		if (piece->path != path || (block->acked | block->abandoned) & sctp_sent_bit(tsn))
			continue;
		if (!(block->lost & sctp_sent_bit(tsn)))
			sctp_piece_lose(core, assoc, piece);
		piece->state |= SCTP_PIECE_TIMED_OUT;
	}
	sctp_pmtu_timed_out(core, path, lost);
	if (!sctp_path_error(core, path, true))
		return;
	sctp_flush_add(core, assoc);
}
