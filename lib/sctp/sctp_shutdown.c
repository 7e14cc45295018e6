/* SPDX-License-Identifier: BSD-3-Clause */
/* The end of associations in good order: RFC 9260 9.2. */
#include "sctp/sctp_data.h"

#include "wire/endian.h"

/* ---- T2, T5 ---- */

void
sctp_t2_start(struct sctp_core *core, struct sctp_assoc *assoc)
{
	const struct sctp_path *path = sctp_path_for_data(assoc);

	sctp_timer_set(core, assoc, SCTP_TIMER_T2, core->now_ns + path->rto_us * 1000ULL);
}

void
sctp_t2_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	struct sctp_path *path = sctp_path_for_data(assoc);

	sctp_count(core, SCTP_STAT_t2_expireds);
	sctp_rto_backoff(path);
	if (!sctp_path_error(core, path, true))
		return;
	assoc->control |= SCTP_SEND_AGAIN;
	assoc->control |=
		assoc->state == SCTP_SHUTDOWN_SENT ? SCTP_SEND_SHUTDOWN : SCTP_SEND_SHUTDOWN_ACK;
	sctp_t2_start(core, assoc);
	sctp_flush_add(core, assoc);
}

/* RFC 9260 16: five times RTO.Max. */
static void
guard_start(struct sctp_core *core, struct sctp_assoc *assoc)
{
	sctp_timer_set(core, assoc, SCTP_TIMER_GUARD,
		core->now_ns + 5ULL * assoc->settings.rto_max_ms * 1000000);
}

void
sctp_guard_strike(struct sctp_core *core, struct sctp_assoc *assoc)
{
	assoc->error = ETIMEDOUT;
	sctp_abort_with(core, assoc, SCTP_CAUSE_NONE, NULL, 0);
}

/* ---- its steps ---- */

void
sctp_shutdown_progress(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (sctp_has_to_send(assoc)) {
		/* With a peer that takes nothing, and no user that could tire of it. */
		if (assoc->detached && assoc->due_ns[SCTP_TIMER_GUARD] == 0)
			guard_start(core, assoc);
		return;
	}
	if (assoc->state == SCTP_SHUTDOWN_PENDING) {
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_SENT);
		assoc->control |= SCTP_SEND_SHUTDOWN;
		guard_start(core, assoc);
	} else if (assoc->state == SCTP_SHUTDOWN_RECEIVED) {
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_ACK_SENT);
		assoc->control |= SCTP_SEND_SHUTDOWN_ACK;
		assoc->control &= (uint8_t)~SCTP_SEND_SHUTDOWN;
	} else {
		return;
	}
	sctp_t2_start(core, assoc);
	sctp_flush_add(core, assoc);
}

int
sctp_shutdown(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->state == SCTP_CLOSED)
		return -ENOTCONN;
	/* The peer would wait for the rest of a message for ever. */
	if (assoc->part.is_open) {
		sctp_end(core, assoc, NULL, 0);
		return 0;
	}
	assoc->shutdown_wanted = true;
	if (assoc->state == SCTP_ESTABLISHED)
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_PENDING);
	sctp_shutdown_progress(core, assoc);
	return 0;
}

void
sctp_close(struct sctp_core *core, struct sctp_assoc *assoc)
{
	/*
	 * What was received and not read is lost: the peer should know (RFC 6458 4.1.7). But of what he has
	 * given up (RFC 3758) parts may be left when he has ended, which nobody could ever read.
	 */
	if (assoc->state != SCTP_CLOSED &&
		(assoc->peer_ended ? assoc->ready_bytes : assoc->received) > 0) {
		sctp_abort(core, assoc, NULL, 0);
		return;
	}
	assoc->detached = true;
	assoc->user = NULL;
	sctp_event_drop(core, assoc);
	sctp_notices_free(core, assoc);
	if (assoc->state == SCTP_COOKIE_WAIT)
		/* Nobody knows of it yet. */
		sctp_assoc_end(core, assoc, 0, SCTP_CAUSE_NONE);
	else if (assoc->state != SCTP_CLOSED)
		sctp_shutdown(core, assoc);
	sctp_flush_add(core, assoc);
}

/* ---- what comes ---- */

static void
peer_ends(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->peer_ended)
		return;
	assoc->peer_ended = true;
	sctp_notice_add(core, assoc, &(struct sctp_notice){ .type = SCTP_NOTICE_SHUTDOWN });
	sctp_event_add(core, assoc, SCTP_EVENT_READABLE);
}

void
sctp_shutdown_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	if (chunk->length < 4) {
		sctp_count(core, SCTP_STAT_bad_chunk);
		return;
	}
	/* In COOKIE-WAIT it is nothing; ECHOED may be established, once COOKIE ACK comes. */
	if (assoc->state <= SCTP_COOKIE_ECHOED) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (assoc->state == SCTP_SHUTDOWN_ACK_SENT) {
		/* It has not heard the answer. */
		assoc->control |= SCTP_SEND_SHUTDOWN_ACK | SCTP_SEND_AGAIN;
		sctp_flush_add(core, assoc);
		return;
	}
	if (!sctp_cum_ack_input(core, assoc, be32_load(chunk->value)))
		return;
	peer_ends(core, assoc);
	/* Its rest is not taken any more, and the peer would wait for that. */
	if (assoc->part.is_open) {
		sctp_end(core, assoc, NULL, 0);
		return;
	}
	if (assoc->state == SCTP_SHUTDOWN_SENT) {
		/* Both at once: each answers. */
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_RECEIVED);
	} else if (assoc->state == SCTP_ESTABLISHED || assoc->state == SCTP_SHUTDOWN_PENDING) {
		sctp_assoc_state_set(core, assoc, SCTP_SHUTDOWN_RECEIVED);
	}
	sctp_shutdown_progress(core, assoc);
	sctp_flush_add(core, assoc);
}

/* The last that is sent: nothing is known of the association any more. */
static void
complete_send(struct sctp_core *core, const struct sctp_packet *packet, uint32_t vtag,
	uint8_t flags, const struct sctp_out *out)
{
	uint8_t bytes[SCTP_CHUNK_HDR_LENGTH];
	struct sctp_reply reply = {
		.to = packet, .vtag = vtag, .writer = { .data = bytes, .room = sizeof(bytes) }
	};

	sctp_chunk_end(
		&reply.writer, sctp_chunk_begin(&reply.writer, SCTP_SHUTDOWN_COMPLETE, flags));
	sctp_reply_send(core, &reply, out);
}

void
sctp_shutdown_ack_input(
	struct sctp_core *core, struct sctp_packet *packet, const struct sctp_out *out)
{
	struct sctp_assoc *assoc = packet->assoc;

	/* RFC 9260 8.4 (5), 8.5.1 (E): of an association that was before. */
	if (assoc == NULL || assoc->state <= SCTP_COOKIE_ECHOED) {
		complete_send(core, packet, packet->fields.vtag, SCTP_FLAG_T, out);
		return;
	}
	if (assoc->state != SCTP_SHUTDOWN_SENT && assoc->state != SCTP_SHUTDOWN_ACK_SENT) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	complete_send(core, packet, assoc->peer_tag, 0, out);
	sctp_assoc_end(core, assoc, 0, SCTP_CAUSE_NONE);
}

void
sctp_shutdown_complete_input(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->state != SCTP_SHUTDOWN_ACK_SENT) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	sctp_assoc_end(core, assoc, 0, SCTP_CAUSE_NONE);
}
