/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams that begin anew, and more of them: RFC 6525. Kept from the first request on. */
#ifndef SCTP_SCTP_RECONFIG_H
#define SCTP_SCTP_RECONFIG_H

#include "sctp/sctp.h"

/* What an association may ask of its peer; one at a time is on its way. */
enum sctp_reconfig_request {
	SCTP_RECONFIG_OUT,
	SCTP_RECONFIG_IN,
	SCTP_RECONFIG_TSN,
	SCTP_RECONFIG_ADD_OUT,
	SCTP_RECONFIG_ADD_IN,
	SCTP_RECONFIG_COUNT
};

/* RFC 6525 4.4 */
enum sctp_reconfig_result {
	SCTP_RESULT_NOTHING = 0,
	SCTP_RESULT_PERFORMED = 1,
	SCTP_RESULT_DENIED = 2,
	SCTP_RESULT_WRONG_SSN = 3,
	SCTP_RESULT_ALREADY = 4,
	SCTP_RESULT_BAD_SEQUENCE = 5,
	SCTP_RESULT_IN_PROGRESS = 6,
};

/* Streams that a request names; none: all. */
struct sctp_reconfig_streams {
	uint8_t count;
	uint16_t streams[SCTP_RESET_STREAMS_MAX];
};

/* What was answered. */
struct sctp_reconfig_answer {
	uint32_t result; /* enum sctp_reconfig_result */
	bool has_tsns;
	uint32_t sender_next, receiver_next; /* TSNs: RFC 6525 4.4 */
};

struct sctp_reconfig {
	/* ours */
	uint32_t next_seq; /* of the request that is on its way, or else of the next one */
	uint8_t wanted; /* a bit for each enum sctp_reconfig_request */
	uint8_t now; /* the request that is on its way; SCTP_RECONFIG_COUNT: none is */
	bool send_wanted;
	bool again; /* it was sent before */
	bool answered; /* it is being worked on: the peer is alive */
	bool data_came; /* since then, to a reset of TSNs */
	uint16_t add_out, add_in;
	uint32_t last_tsn; /* when the request was made */
	uint32_t response_seq; /* the peer's request that led to it */
	struct sctp_reconfig_streams out, in;
	bool tsns_reset;
	uint32_t local_before, remote_before; /* the last TSNs of each end, before that */
	/* the peer's */
	uint32_t peer_seq; /* of its next request */
	struct sctp_reconfig_answer
		answers[2]; /* to the last two, by the lowest bit of their number */
};

/* Whether a message on one of these streams has begun, and not ended. */
bool sctp_reconfig_part_is_within(
	const struct sctp_assoc *assoc, const struct sctp_reconfig_streams *streams);
/* Data is here, and was not held off. */
void sctp_reconfig_data_note(struct sctp_assoc *assoc);

#endif
