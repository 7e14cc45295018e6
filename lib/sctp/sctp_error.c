/* SPDX-License-Identifier: BSD-3-Clause */
/* ABORT and ERROR chunks, sent and received: RFC 9260 3.3.7, 3.3.10, 9.1. */
#include "sctp/sctp_priv.h"

#include "wire/endian.h"

#define CAUSES_TOLD 8 /* of an ERROR chunk */

/* ---- sent ---- */

void
sctp_abort_with(struct sctp_core *core, struct sctp_assoc *assoc, uint16_t cause, const void *info,
	uint32_t length)
{
	if (assoc->state == SCTP_CLOSED || assoc->control & SCTP_SEND_ABORT)
		return;
	assoc->abort_cause = cause;
	assoc->reason_length = (uint8_t)RTE_MIN(length, (uint32_t)SCTP_REASON_MAX);
	if (assoc->reason_length > 0)
		memcpy(assoc->reason, info, assoc->reason_length);
	assoc->control = SCTP_SEND_ABORT;
	sctp_flush_add(core, assoc);
}

void
sctp_violation(struct sctp_core *core, struct sctp_assoc *assoc, const char *what)
{
	sctp_count(core, SCTP_STAT_protocol_violations);
	assoc->error = EPROTO;
	sctp_abort_with(core, assoc, SCTP_CAUSE_PROTOCOL_VIOLATION, what, (uint32_t)strlen(what));
}

void
sctp_abort(struct sctp_core *core, struct sctp_assoc *assoc, const void *reason, size_t length)
{
	assoc->detached = true;
	assoc->user = NULL;
	assoc->error = ECONNABORTED;
	sctp_event_drop(core, assoc);
	sctp_notices_free(core, assoc);
	sctp_abort_with(core, assoc, SCTP_CAUSE_USER_ABORT, reason,
		(uint32_t)RTE_MIN(length, (size_t)SCTP_REASON_MAX));
	sctp_flush_add(core, assoc);
}

void
sctp_end(struct sctp_core *core, struct sctp_assoc *assoc, const void *reason, size_t length)
{
	if (assoc->state == SCTP_CLOSED)
		return;
	assoc->error = ECONNABORTED;
	sctp_abort_with(core, assoc, SCTP_CAUSE_USER_ABORT, reason,
		(uint32_t)RTE_MIN(length, (size_t)SCTP_REASON_MAX));
}

bool
sctp_kill(struct sctp_core *core, struct sctp_assoc *assoc)
{
	if (assoc->state == SCTP_CLOSED)
		return false;
	sctp_end(core, assoc, NULL, 0);
	return true;
}

/* ---- received ---- */

static uint16_t
first_cause(const struct sctp_chunk *chunk, struct sctp_param *cause)
{
	struct sctp_cursor cursor = { chunk->value, chunk->length };

	return sctp_param_next(&cursor, cause) > 0 ? cause->type : SCTP_CAUSE_NONE;
}

void
sctp_abort_input(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	struct sctp_param cause;
	int error = assoc->state <= SCTP_COOKIE_ECHOED ? ECONNREFUSED : ECONNRESET;

	/* It is lost once: the newest notice is of that, if there is one. */
	sctp_assoc_end(core, assoc, error, first_cause(chunk, &cause));
	sctp_notice_attach(core, assoc, SCTP_NOTICE_LOST, chunk->value - SCTP_CHUNK_HDR_LENGTH,
		chunk->length + SCTP_CHUNK_HDR_LENGTH);
}

/* RFC 9260 5.2.6: once again, with a longer life asked for; not for ever. */
static void
stale_cookie_input(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_param *cause)
{
	if (assoc->state != SCTP_COOKIE_ECHOED || cause->length != 4) {
		sctp_count(core, SCTP_STAT_unexpected_chunk);
		return;
	}
	if (++assoc->stale_cookies > 3) {
		sctp_assoc_end(core, assoc, ETIMEDOUT, SCTP_CAUSE_STALE_COOKIE);
		return;
	}
	/* Twice the staleness, as RFC 9260 5.2.6 (3) has it of the round trip. */
	assoc->cookie_extra_ms =
		RTE_MIN(be32_load(cause->value) / 500 + 1, (uint32_t)SCTP_COOKIE_LIFE_MAX_MS);
	assoc->control = SCTP_SEND_INIT;
	assoc->peer_tag = 0;
	sctp_assoc_state_set(core, assoc, SCTP_COOKIE_WAIT);
	assoc->t1_rto_us = sctp_t1_initial_us(&assoc->settings);
	sctp_timer_set(core, assoc, SCTP_TIMER_T1, core->now_ns + assoc->t1_rto_us * 1000ULL);
	sctp_flush_add(core, assoc);
}

void
sctp_error_chunk_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk)
{
	struct sctp_cursor cursor = { chunk->value, chunk->length };
	struct sctp_param cause;
	unsigned told = 0;

	while (assoc->state != SCTP_CLOSED && sctp_param_next(&cursor, &cause) > 0) {
		if (cause.type == SCTP_CAUSE_STALE_COOKIE) {
			stale_cookie_input(core, assoc, &cause);
			continue;
		}
		if (told++ >= CAUSES_TOLD)
			continue;
		if (sctp_notice_add(core, assoc,
			    &(struct sctp_notice){
				    .type = SCTP_NOTICE_REMOTE_ERROR, .cause = cause.type }))
			sctp_notice_attach(core, assoc, SCTP_NOTICE_REMOTE_ERROR,
				cause.value - SCTP_PARAM_HDR_LENGTH,
				cause.length + SCTP_PARAM_HDR_LENGTH);
	}
}
