/* SPDX-License-Identifier: BSD-3-Clause */
/* What sctp_notice.c has for the others: notices that come with bytes. */
#ifndef SCTP_SCTP_NOTICE_H
#define SCTP_SCTP_NOTICE_H

#include "sctp/sctp_assoc.h"

/*
 * The newest notice, if it is of this type, has no bytes yet, and there is memory, comes with these. Only
 * behind a sctp_notice_add() that was not refused: the newest is another's otherwise.
 */
void sctp_notice_attach(struct sctp_core *core, struct sctp_assoc *assoc,
	enum sctp_notice_type type, const void *bytes, uint32_t length);
/* The message of a piece was not sent, or not wholly acknowledged. */
void sctp_notice_failed(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct sctp_piece *piece, bool sent);
/* ... and the piece's bytes come with that. @return false: nobody wants them, and it is not taken */
bool sctp_notice_keep(struct sctp_assoc *assoc, struct sctp_piece *piece);
/* ... the same, of one that stays where it is. */
void sctp_notice_copy(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_piece *piece);

/* Bytes of a piece that is, or was, to be sent. */
static inline const uint8_t *
sctp_piece_out_bytes(const struct sctp_piece *piece)
{
	return (const uint8_t *)piece->pkt->buf_addr + piece->offset +
		(piece->state & SCTP_PIECE_ALONE ? 0 : piece->pkt->data_off);
}

#endif
