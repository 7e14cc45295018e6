/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of stack.h: what the user has an association of somebody else's ask of its peer. What the peer
 * answers is told to the association's application, and shown by what is known of the association.
 */
#ifndef STACK_STACK_SCTP_CHANGE_H
#define STACK_STACK_SCTP_CHANGE_H

#include "sctp/sctp.h"
#include "stack/stack.h"

enum stack_sctp_change_verb {
	STACK_SCTP_ADDR_ADD, /**< addr is one of ours for the peer, too: RFC 5061 */
	STACK_SCTP_ADDR_DELETE, /**< ... is no longer */
	STACK_SCTP_PEER_PRIMARY, /**< ... is what the peer sends to */
	STACK_SCTP_STREAMS_RESET, /**< directions, streams: SSNs begin anew: RFC 6525 */
	STACK_SCTP_ASSOC_RESET, /**< TSNs, too */
	STACK_SCTP_STREAMS_ADD, /**< so many more, in and out */
};

struct stack_sctp_change {
	enum stack_sctp_change_verb verb;
	struct ip_addr addr;
	unsigned directions; /**< enum sctp_reset_flag */
	unsigned stream_count; /**< 0: all */
	uint16_t streams[SCTP_RESET_STREAMS_MAX];
	uint16_t in, out;
};

/**
 * Have the association of a tag of ours ask for it.
 * @return 0; -ENOENT: there is none; -EADDRNOTAVAIL: no address of ours; else as
 *         sctp_extension.h has it
 */
int stack_sctp_change(struct stack *stack, uint32_t tag, const struct stack_sctp_change *change);

#endif
