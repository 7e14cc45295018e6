/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of spate_sctp.h: notifications, as RFC 6458 6.1 has them and those of RFC 6525 6.1 and
 * RFC 7829 7.1. They come by spate_sctp_recvv(), once SPATE_SCTP_EVENT has asked for them.
 */
#ifndef SPATE_SPATE_SCTP_EVENT_H
#define SPATE_SPATE_SCTP_EVENT_H

#include <stdint.h>

#include <sys/socket.h>

#include <spate/spate_sctp_data.h>

enum spate_sctp_notification_type {
	SPATE_SCTP_ASSOC_CHANGE = 0x8001,
	SPATE_SCTP_PEER_ADDR_CHANGE,
	SPATE_SCTP_SEND_FAILED, /**< superseded by SPATE_SCTP_SEND_FAILED_EVENT */
	SPATE_SCTP_REMOTE_ERROR,
	SPATE_SCTP_SHUTDOWN_EVENT,
	SPATE_SCTP_PARTIAL_DELIVERY_EVENT,
	SPATE_SCTP_ADAPTATION_INDICATION,
	SPATE_SCTP_AUTHENTICATION_EVENT,
	SPATE_SCTP_SENDER_DRY_EVENT,
	SPATE_SCTP_STREAM_RESET_EVENT,
	SPATE_SCTP_ASSOC_RESET_EVENT,
	SPATE_SCTP_STREAM_CHANGE_EVENT,
	SPATE_SCTP_SEND_FAILED_EVENT,
};

enum spate_sctp_sac_state {
	SPATE_SCTP_COMM_UP,
	SPATE_SCTP_COMM_LOST,
	SPATE_SCTP_RESTART,
	SPATE_SCTP_SHUTDOWN_COMP,
	SPATE_SCTP_CANT_STR_ASSOC,
};
struct spate_sctp_assoc_change {
	uint16_t sac_type, sac_flags;
	uint32_t sac_length;
	uint16_t sac_state, sac_error, sac_outbound_streams, sac_inbound_streams;
	int32_t sac_assoc_id;
	/* sac_info: of COMM_LOST and CANT_STR_ASSOC the ABORT chunk, if one was received */
};

enum spate_sctp_spc_state {
	SPATE_SCTP_ADDR_AVAILABLE,
	SPATE_SCTP_ADDR_UNREACHABLE,
	SPATE_SCTP_ADDR_REMOVED,
	SPATE_SCTP_ADDR_ADDED,
	SPATE_SCTP_ADDR_MADE_PRIM,
	SPATE_SCTP_ADDR_CONFIRMED,
	SPATE_SCTP_ADDR_POTENTIALLY_FAILED,
};
struct spate_sctp_paddr_change {
	uint16_t spc_type, spc_flags;
	uint32_t spc_length;
	struct sockaddr_storage spc_aaddr;
	int32_t spc_state, spc_error, spc_assoc_id;
} __attribute__((packed, aligned(4)));

struct spate_sctp_remote_error {
	uint16_t sre_type, sre_flags;
	uint32_t sre_length;
	uint16_t sre_error; /**< big endian */
	int32_t sre_assoc_id;
	/* sre_data: the cause, with its header */
};
enum spate_sctp_ssf_flag {
	SPATE_SCTP_DATA_UNSENT,
	SPATE_SCTP_DATA_SENT, /**< some of it was, at least once */
};
struct spate_sctp_send_failed {
	uint16_t ssf_type, ssf_flags;
	uint32_t ssf_length, ssf_error;
	struct spate_sctp_sndrcvinfo ssf_info;
	int32_t ssf_assoc_id;
	/* ssf_data: the message, or what of it was not acknowledged */
};
struct spate_sctp_send_failed_event {
	uint16_t ssf_type, ssf_flags;
	uint32_t ssf_length, ssf_error;
	struct spate_sctp_sndinfo ssfe_info;
	int32_t ssf_assoc_id;
	/* ssf_data */
};
struct spate_sctp_shutdown_event {
	uint16_t sse_type, sse_flags;
	uint32_t sse_length;
	int32_t sse_assoc_id;
};
struct spate_sctp_adaptation_event {
	uint16_t sai_type, sai_flags;
	uint32_t sai_length, sai_adaptation_ind;
	int32_t sai_assoc_id;
};
enum spate_sctp_pdapi_indication {
	SPATE_SCTP_PARTIAL_DELIVERY_ABORTED,
};
/** The rest of a message that was received in part does not come. */
struct spate_sctp_pdapi_event {
	uint16_t pdapi_type, pdapi_flags;
	uint32_t pdapi_length, pdapi_indication;
	int32_t pdapi_assoc_id;
	uint32_t pdapi_stream, pdapi_seq;
};
enum spate_sctp_auth_indication {
	SPATE_SCTP_AUTH_NEW_KEY,
	SPATE_SCTP_AUTH_FREE_KEY,
	SPATE_SCTP_AUTH_NO_AUTH,
};
struct spate_sctp_authkey_event {
	uint16_t auth_type, auth_flags;
	uint32_t auth_length;
	uint16_t auth_keynumber, auth_altkeynumber;
	uint32_t auth_indication;
	int32_t auth_assoc_id;
};
struct spate_sctp_sender_dry_event {
	uint16_t sender_dry_type, sender_dry_flags;
	uint32_t sender_dry_length;
	int32_t sender_dry_assoc_id;
};

/** Of the next three: whose streams; and why not. */
enum spate_sctp_reset_event_flag {
	SPATE_SCTP_STREAM_RESET_INCOMING_SSN = 1 << 0,
	SPATE_SCTP_STREAM_RESET_OUTGOING_SSN = 1 << 1,
	SPATE_SCTP_STREAM_RESET_DENIED = 1 << 2,
	SPATE_SCTP_STREAM_RESET_FAILED = 1 << 3,
};
struct spate_sctp_stream_reset_event {
	uint16_t strreset_type, strreset_flags;
	uint32_t strreset_length;
	int32_t strreset_assoc_id;
	/* uint16_t strreset_stream_list[]: none: all */
};
struct spate_sctp_assoc_reset_event {
	uint16_t assocreset_type, assocreset_flags;
	uint32_t assocreset_length;
	int32_t assocreset_assoc_id;
	uint32_t assocreset_local_tsn, assocreset_remote_tsn;
};
struct spate_sctp_stream_change_event {
	uint16_t strchange_type, strchange_flags;
	uint32_t strchange_length;
	int32_t strchange_assoc_id;
	uint16_t strchange_instrms, strchange_outstrms;
};

union spate_sctp_notification {
	struct {
		uint16_t sn_type, sn_flags;
		uint32_t sn_length;
	} sn_header;
	struct spate_sctp_assoc_change sn_assoc_change;
	struct spate_sctp_paddr_change sn_paddr_change;
	struct spate_sctp_remote_error sn_remote_error;
	struct spate_sctp_send_failed sn_send_failed;
	struct spate_sctp_send_failed_event sn_send_failed_event;
	struct spate_sctp_shutdown_event sn_shutdown_event;
	struct spate_sctp_adaptation_event sn_adaptation_event;
	struct spate_sctp_pdapi_event sn_pdapi_event;
	struct spate_sctp_authkey_event sn_auth_event;
	struct spate_sctp_sender_dry_event sn_sender_dry_event;
	struct spate_sctp_stream_reset_event sn_strreset_event;
	struct spate_sctp_assoc_reset_event sn_assocreset_event;
	struct spate_sctp_stream_change_event sn_strchange_event;
};

#endif
