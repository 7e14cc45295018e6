/* SPDX-License-Identifier: BSD-3-Clause */
/* What sctp_ecn.c does for the other files: RFC 4960 appendix A. */
#ifndef SCTP_SCTP_ECN_H
#define SCTP_SCTP_ECN_H

#include "sctp/sctp_priv.h"

/* RFC 3168 5, the lower bits of TOS or traffic class. */
#define SCTP_TOS_ECN  3
#define SCTP_TOS_ECT0 2
#define SCTP_TOS_CE   3

/* DATA of a packet that was marked has come: its sender is to hear of it. */
void sctp_ecn_mark_input(struct sctp_core *core, struct sctp_packet *packet, uint32_t tsn);
/* In front of a SACK, and of DATA: RFC 4960 6.10. */
void sctp_ecn_put(struct sctp_assoc *assoc, struct sctp_writer *writer);
void sctp_ecne_input(
	struct sctp_core *core, const struct sctp_packet *packet, const struct sctp_chunk *chunk);
void sctp_cwr_input(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_chunk *chunk);
/* TSNs begin anew. */
void sctp_ecn_reset(struct sctp_assoc *assoc);

#endif
