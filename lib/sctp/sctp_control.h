/* SPDX-License-Identifier: BSD-3-Clause */
/* Control chunks that an association sends: those that wait in assoc->control, SACK, ECN's, FORWARD TSN. */
#ifndef SCTP_SCTP_CONTROL_H
#define SCTP_SCTP_CONTROL_H

#include "sctp/sctp_data.h"

/* In front of data; SACK if it may go by this path. */
void sctp_control_put(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_build *build);
/* In a packet of their own, those that no data took along. @return false: there was no room */
bool sctp_control_send(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
/* ABORT, and the association is over. @return false: there was no room */
bool sctp_abort_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);

static inline bool
sctp_out_is_full(const struct sctp_out *out)
{
	return out->send4->count == PKT_VEC_MAX || out->send6->count == PKT_VEC_MAX;
}

#endif
