/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Addresses that peers have given up (RFC 5061), for as long as packets may be under way that left them
 * before. A worker has so many, whatever peers do: the oldest are forgotten first.
 */
#ifndef SCTP_SCTP_FORMER_H
#define SCTP_SCTP_FORMER_H

#include "sctp/sctp_table.h"

#define SCTP_FORMER_MAX 64
#define SCTP_FORMER_NS  120000000000ULL /* the maximum segment lifetime of RFC 9293 3.4.1 */

struct sctp_assoc;
struct sctp_core;
struct sctp_packet;
struct sctp_path;

struct sctp_former_addr {
	struct sctp_key key;
	struct sctp_assoc *assoc; /* of this tag, as long as it lives */
	uint64_t until_ns;
	uint32_t tag;
};

struct sctp_former {
	uint32_t hashes[SCTP_FORMER_MAX]; /* of the keys: floods look at nothing else */
	struct sctp_former_addr addrs[SCTP_FORMER_MAX];
	uint32_t next;
};

/* The peer has given up the address of a path. */
void sctp_former_add(struct sctp_core *core, const struct sctp_path *path);
/*
 * What no path is for. @return whether it is of an association all the same, by an address that one of
 * both has given up: it is dropped then, and its sender hears nothing
 */
bool sctp_former_input(struct sctp_core *core, struct sctp_packet *packet);
/*
 * Of an ABORT. @return whether it is of its path alone: the peer may have given the address up, and others
 * are asked
 */
bool sctp_former_abort_input(struct sctp_core *core, const struct sctp_packet *packet);

#endif
