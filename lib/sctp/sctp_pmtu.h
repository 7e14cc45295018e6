/* SPDX-License-Identifier: BSD-3-Clause */
/* What probes say of a path's MTU: RFC 8899, by its names. Sizes are those of IP packets. */
#ifndef SCTP_SCTP_PMTU_H
#define SCTP_SCTP_PMTU_H

#include <stdbool.h>
#include <stdint.h>

struct sctp_assoc;
struct sctp_core;
struct sctp_out;
struct sctp_path;

/* Beside the path's mtu, which is its PLPMTU. */
struct sctp_pmtu {
	uint64_t nonce; /* of the probe that is out */
	uint16_t probed; /* PROBED_SIZE: out, or to be sent; 0: none */
	uint16_t max; /* none larger is tried: MAX_PLPMTU, or less by what was lost or ICMP says */
	uint8_t state; /* enum sctp_pmtu_state */
	uint8_t count; /* PROBE_COUNT */
	uint8_t timeouts; /* T3-rtx in a row that took what is larger than BASE_PLPMTU */
	bool wanted; /* a probe is to be sent */
};

/* IPv4 and IPv6 have no smaller ones that are believed. */
uint32_t sctp_pmtu_min(const struct sctp_path *path);
/* As probing has just been wished for, or not; or the path has come into use: from the beginning. */
void sctp_pmtu_begin(struct sctp_core *core, struct sctp_path *path);
/* It is in use again: what was known is asked first. */
void sctp_pmtu_resume(struct sctp_core *core, struct sctp_path *path);
/* It is not used any more, for now. */
void sctp_pmtu_pause(struct sctp_path *path);
/* PROBE_TIMER, or PMTU_RAISE_TIMER. */
void sctp_pmtu_strike(struct sctp_core *core, struct sctp_path *path);
/* @return false: one could not be sent */
bool sctp_pmtu_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_out *out);
/* A HEARTBEAT ACK has this nonce. @return whether it is a probe's */
bool sctp_pmtu_ack_input(struct sctp_core *core, struct sctp_path *path, uint64_t nonce);
/* ICMP says that it carries no more: that quotes a packet of ours. */
void sctp_pmtu_too_big(struct sctp_core *core, struct sctp_path *path, uint32_t mtu);
/* T3-rtx took so many bytes of user data; a SACK has them. @{ */
void sctp_pmtu_timed_out(struct sctp_core *core, struct sctp_path *path, uint32_t lost);
void sctp_pmtu_acked(struct sctp_path *path, uint32_t acked);
/* @} */

#endif
