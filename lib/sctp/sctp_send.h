/* SPDX-License-Identifier: BSD-3-Clause */
/* What of sending is for the others: paths that users choose, and messages that they send in parts. */
#ifndef SCTP_SCTP_SEND_H
#define SCTP_SCTP_SEND_H

#include "sctp/sctp_assoc.h"

/* By which path a piece goes that was not sent yet: RFC 6458 5.3.4, SCTP_ADDR_OVER. */
struct sctp_path *sctp_path_for_piece(struct sctp_assoc *assoc, const struct sctp_piece *piece);
/* What was to go by it goes by another. */
void sctp_path_unwant(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_path *path);

#endif
