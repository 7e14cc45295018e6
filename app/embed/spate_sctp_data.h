/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of spate_sctp.h: what messages are sent with, and were received with: RFC 6458 5.3.
 */
#ifndef SPATE_SPATE_SCTP_DATA_H
#define SPATE_SPATE_SCTP_DATA_H

#include <stdint.h>

/** RFC 6458 5.3.2, 5.3.4 to 5.3.6: sinfo_flags, snd_flags, rcv_flags and nxt_flags. */
enum spate_sctp_flag {
	SPATE_SCTP_UNORDERED = 1 << 0,
	SPATE_SCTP_ADDR_OVER = 1 << 1, /**< to the address that is named, and not the primary one */
	SPATE_SCTP_ABORT = 1 << 2,
	SPATE_SCTP_SACK_IMMEDIATELY = 1 << 3,
	SPATE_SCTP_SENDALL = 1 << 6,
	SPATE_SCTP_EOF = 1 << 9,
	/** Of nxt_flags: all of it is here, and nxt_length is its length. The number is FreeBSD's. */
	SPATE_SCTP_COMPLETE = 1 << 5,
	SPATE_SCTP_EOR = 1 << 13, /**< with SPATE_SCTP_EXPLICIT_EOR: the message ends here */
	SPATE_SCTP_NOTIFICATION = 1 << 15, /**< of nxt_flags: it is one */
};

/** RFC 6458 5.3.7, RFC 7496 3: when a message is given up. Of sinfo_flags they are bits. */
enum spate_sctp_pr_policy {
	SPATE_SCTP_PR_SCTP_NONE = 0,
	SPATE_SCTP_PR_SCTP_TTL = 1 << 4, /**< after so many milliseconds */
	SPATE_SCTP_PR_SCTP_RTX = 2 << 4, /**< after so many retransmissions */
	SPATE_SCTP_PR_SCTP_PRIO = 3 << 4, /**< for one that is more important: of a lower value */
	SPATE_SCTP_PR_SCTP_MASK = 3 << 4,
	SPATE_SCTP_PR_SCTP_ALL = 1 << 7, /**< of what is counted: by all policies */
};

/** RFC 6458 5.3.2: superseded by the next ones. */
struct spate_sctp_sndrcvinfo {
	uint16_t sinfo_stream, sinfo_ssn, sinfo_flags;
	uint32_t sinfo_ppid, sinfo_context;
	uint32_t sinfo_timetolive; /**< milliseconds, or the value of the policy in sinfo_flags */
	uint32_t sinfo_tsn, sinfo_cumtsn;
	int32_t sinfo_assoc_id;
};
struct spate_sctp_sndinfo {
	uint16_t snd_sid, snd_flags;
	uint32_t snd_ppid, snd_context;
	int32_t snd_assoc_id;
};
struct spate_sctp_rcvinfo {
	uint16_t rcv_sid, rcv_ssn, rcv_flags;
	uint32_t rcv_ppid, rcv_tsn, rcv_cumtsn, rcv_context;
	int32_t rcv_assoc_id;
};
struct spate_sctp_nxtinfo {
	uint16_t nxt_sid, nxt_flags;
	uint32_t nxt_ppid, nxt_length;
	int32_t nxt_assoc_id;
};
struct spate_sctp_prinfo {
	uint16_t pr_policy; /**< enum spate_sctp_pr_policy */
	uint32_t pr_value;
};
struct spate_sctp_authinfo {
	uint16_t auth_keynumber;
};

/** RFC 6458 9.12: which of the fields are meant. */
enum spate_sctp_sendv_flag {
	SPATE_SCTP_SEND_SNDINFO_VALID = 1 << 0,
	SPATE_SCTP_SEND_PRINFO_VALID = 1 << 1,
	SPATE_SCTP_SEND_AUTHINFO_VALID = 1 << 2,
};
struct spate_sctp_sendv_spa {
	uint32_t sendv_flags;
	struct spate_sctp_sndinfo sendv_sndinfo;
	struct spate_sctp_prinfo sendv_prinfo;
	struct spate_sctp_authinfo sendv_authinfo;
};

#endif
