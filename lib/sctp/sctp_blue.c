/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets out of the blue: RFC 9260 8.4, by its numbers. (1), (3) and (4) are done before. */
#include "sctp/sctp_priv.h"

enum answer { ANSWER_NONE, ANSWER_COMPLETE, ANSWER_ABORT };

static bool
says_stale(const struct sctp_chunk *chunk)
{
	struct sctp_cursor cursor = { chunk->value, chunk->length };
	struct sctp_param cause;

	while (chunk->type == SCTP_ERROR && sctp_param_next(&cursor, &cause) > 0) {
		if (cause.type == SCTP_CAUSE_STALE_COOKIE)
			return true;
	}
	return false;
}

/* By any chunk of the packet, the earlier numbers first. */
static enum answer
answer_of(const struct sctp_packet *packet)
{
	bool completes = false, silent = false;
	struct sctp_cursor cursor = { packet->bytes + SCTP_HDR_LENGTH,
		packet->length - SCTP_HDR_LENGTH };
	struct sctp_chunk chunk;

	while (sctp_chunk_next(&cursor, &chunk) > 0) {
		/* (2) */
		if (chunk.type == SCTP_ABORT)
			return ANSWER_NONE;
		/* (5) */
		completes |= chunk.type == SCTP_SHUTDOWN_ACK;
		/* (6), (7); RFC 9260 8.5.1 (A): an INIT with a tag */
		silent |= chunk.type == SCTP_SHUTDOWN_COMPLETE || chunk.type == SCTP_COOKIE_ACK ||
			chunk.type == SCTP_INIT || says_stale(&chunk);
	}
	if (completes)
		return ANSWER_COMPLETE;
	/* (8) */
	return silent ? ANSWER_NONE : ANSWER_ABORT;
}

void
sctp_blue_input(struct sctp_core *core, struct sctp_packet *packet, const struct sctp_out *out)
{
	sctp_count(core, SCTP_STAT_out_of_blues);
	sctp_packet_drop(packet, DROP_sctp_out_of_blue);
	switch (answer_of(packet)) {
	case ANSWER_NONE: break;
	case ANSWER_COMPLETE: sctp_shutdown_ack_input(core, packet, out); break;
	case ANSWER_ABORT:
		sctp_reply_abort(core, packet, packet->fields.vtag, SCTP_FLAG_T, NULL, out);
		break;
	}
}
