/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses that come and go: RFC 5061. Kept from the first change on. */
#ifndef SCTP_SCTP_ASCONF_H
#define SCTP_SCTP_ASCONF_H

#include "sctp/sctp.h"

#define SCTP_ASCONF_CHANGES_MAX 8 /* that wait, or are on their way */
#define SCTP_ASCONF_ANSWER_MAX  256 /* bytes of what an ASCONF is answered */

/* One that our user wants. */
struct sctp_asconf_change {
	uint16_t type; /* SCTP_PARAM_ADD_IP, DELETE_IP, SET_PRIMARY */
	uint16_t cause; /* why not: enum sctp_cause */
	struct ip_addr addr;
};

struct sctp_asconf {
	/* ours */
	uint32_t next_serial; /* of the ASCONF that is on its way, or else of the next one */
	uint8_t count; /* of changes */
	uint8_t sent; /* of these, in the ASCONF that is on its way; 0: none is */
	bool send_wanted;
	bool again; /* it was sent before */
	struct sctp_asconf_change changes[SCTP_ASCONF_CHANGES_MAX];
	/* the peer's */
	uint32_t peer_serial; /* of its next ASCONF */
	bool has_answer; /* to the one before */
	uint16_t answer_length;
	uint8_t answer[SCTP_ASCONF_ANSWER_MAX];
};

struct sctp_core;
struct sctp_packet;
struct sctp_path;

/* Whether an address of ours is being added or deleted. */
bool sctp_asconf_is_changing(const struct sctp_assoc *assoc, const struct ip_addr *addr);
/* Nothing is sent on it while no address of ours is there for it, but what comes by it is taken. */
void sctp_path_silence(struct sctp_core *core, struct sctp_path *path);
/* The path that a packet came by, after one may have gone, or come. */
void sctp_asconf_path_find(struct sctp_packet *packet);

#endif
