/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of sctp.h: packets of associations that left them, and found a port's queue full.
 */
#ifndef SCTP_SCTP_UNSENT_H
#define SCTP_SCTP_UNSENT_H

#include "sctp/sctp.h"

/**
 * A packet from `out` does not leave this host, for want of room that there may be a moment later. If it is an
 * association's of this worker, its data is sent again by then, with less of it in flight; no other packet
 * does anything. It stays the caller's, with l2_len and l3_len as they were.
 */
void sctp_unsent(struct sctp_core *core, const struct rte_mbuf *pkt);

#endif
