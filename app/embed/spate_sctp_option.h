/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A part of spate_sctp.h: the options of RFC 6458 8, and those of RFC 6525 6, RFC 7496 4, RFC 7829 7 and
 * RFC 8260 4, by the numbers that <linux/sctp.h> has; those from 1000 on it has not.
 *
 * Where a struct begins with an id, of one-to-one sockets it does not matter. doc/embedding.md says of
 * each what it does.
 */
#ifndef SPATE_SPATE_SCTP_OPTION_H
#define SPATE_SPATE_SCTP_OPTION_H

#include <stdint.h>

#include <sys/socket.h>

enum spate_sctp_option {
	SPATE_SCTP_RTOINFO = 0, /**< struct spate_sctp_rtoinfo */
	SPATE_SCTP_ASSOCINFO = 1, /**< struct spate_sctp_assocparams */
	SPATE_SCTP_INITMSG = 2, /**< struct spate_sctp_initmsg */
	SPATE_SCTP_NODELAY = 3, /**< int */
	SPATE_SCTP_AUTOCLOSE = 4, /**< int, seconds */
	SPATE_SCTP_SET_PEER_PRIMARY_ADDR = 5, /**< set: struct spate_sctp_setpeerprim */
	SPATE_SCTP_PRIMARY_ADDR = 6, /**< struct spate_sctp_prim */
	SPATE_SCTP_ADAPTATION_LAYER = 7, /**< struct spate_sctp_setadaptation */
	SPATE_SCTP_DISABLE_FRAGMENTS = 8, /**< int */
	SPATE_SCTP_PEER_ADDR_PARAMS = 9, /**< struct spate_sctp_paddrparams */
	SPATE_SCTP_DEFAULT_SEND_PARAM = 10, /**< struct spate_sctp_sndrcvinfo */
	SPATE_SCTP_EVENTS = 11, /**< struct spate_sctp_event_subscribe */
	SPATE_SCTP_I_WANT_MAPPED_V4_ADDR = 12, /**< int */
	SPATE_SCTP_MAXSEG = 13, /**< struct spate_sctp_assoc_value, or int */
	SPATE_SCTP_STATUS = 14, /**< get: struct spate_sctp_status */
	SPATE_SCTP_GET_PEER_ADDR_INFO = 15, /**< get: struct spate_sctp_paddrinfo */
	SPATE_SCTP_DELAYED_SACK = 16, /**< struct spate_sctp_sack_info, or _assoc_value */
	SPATE_SCTP_CONTEXT = 17, /**< struct spate_sctp_assoc_value */
	SPATE_SCTP_FRAGMENT_INTERLEAVE = 18, /**< int */
	SPATE_SCTP_PARTIAL_DELIVERY_POINT = 19, /**< uint32_t */
	SPATE_SCTP_MAX_BURST = 20, /**< struct spate_sctp_assoc_value, or int */
	SPATE_SCTP_AUTH_CHUNK = 21, /**< set: struct spate_sctp_authchunk */
	SPATE_SCTP_HMAC_IDENT = 22, /**< struct spate_sctp_hmacalgo, and the numbers */
	SPATE_SCTP_AUTH_KEY = 23, /**< set: struct spate_sctp_authkey, and the key */
	SPATE_SCTP_AUTH_ACTIVE_KEY = 24, /**< struct spate_sctp_authkeyid */
	SPATE_SCTP_AUTH_DELETE_KEY = 25, /**< set: struct spate_sctp_authkeyid */
	SPATE_SCTP_PEER_AUTH_CHUNKS = 26, /**< get: struct spate_sctp_authchunks, and the types */
	SPATE_SCTP_LOCAL_AUTH_CHUNKS = 27, /**< get: the same */
	SPATE_SCTP_GET_ASSOC_NUMBER = 28, /**< get: uint32_t */
	SPATE_SCTP_GET_ASSOC_ID_LIST = 29, /**< get: struct spate_sctp_assoc_ids, and the ids */
	SPATE_SCTP_AUTO_ASCONF = 30, /**< int */
	SPATE_SCTP_PEER_ADDR_THLDS = 31, /**< struct spate_sctp_paddrthlds */
	SPATE_SCTP_RECVRCVINFO = 32, /**< int: it is given in any case */
	SPATE_SCTP_RECVNXTINFO = 33, /**< int: the same */
	SPATE_SCTP_DEFAULT_SNDINFO = 34, /**< struct spate_sctp_sndinfo */
	SPATE_SCTP_AUTH_DEACTIVATE_KEY = 35, /**< set: struct spate_sctp_authkeyid */
	SPATE_SCTP_REUSE_PORT = 36, /**< int */
	SPATE_SCTP_PR_SUPPORTED = 113, /**< struct spate_sctp_assoc_value, as all _SUPPORTED */
	SPATE_SCTP_DEFAULT_PRINFO = 114, /**< struct spate_sctp_default_prinfo */
	SPATE_SCTP_PR_ASSOC_STATUS = 115, /**< get: struct spate_sctp_prstatus */
	SPATE_SCTP_PR_STREAM_STATUS = 116, /**< get: struct spate_sctp_prstatus */
	SPATE_SCTP_RECONFIG_SUPPORTED = 117,
	SPATE_SCTP_ENABLE_STREAM_RESET = 118, /**< struct spate_sctp_assoc_value */
	SPATE_SCTP_RESET_STREAMS = 119, /**< set: struct spate_sctp_reset_streams, and streams */
	SPATE_SCTP_RESET_ASSOC = 120, /**< set: int32_t, the id */
	SPATE_SCTP_ADD_STREAMS = 121, /**< set: struct spate_sctp_add_streams */
	SPATE_SCTP_STREAM_SCHEDULER = 123, /**< struct spate_sctp_assoc_value */
	SPATE_SCTP_STREAM_SCHEDULER_VALUE = 124, /**< struct spate_sctp_stream_value */
	SPATE_SCTP_INTERLEAVING_SUPPORTED = 125,
	/** struct spate_sctp_assoc_value, enum spate_sctp_edmid: RFC 9653 7.1; the number is FreeBSD's. */
	SPATE_SCTP_ACCEPT_ZERO_CHECKSUM = 0x33,
	SPATE_SCTP_EVENT = 127, /**< struct spate_sctp_event */
	SPATE_SCTP_ASCONF_SUPPORTED = 128,
	SPATE_SCTP_AUTH_SUPPORTED = 129,
	SPATE_SCTP_ECN_SUPPORTED = 130,
	SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT = 132, /**< struct spate_sctp_udpencaps */
	SPATE_SCTP_EXPLICIT_EOR = 1000, /**< int */
};

struct spate_sctp_rtoinfo {
	int32_t srto_assoc_id;
	uint32_t srto_initial, srto_max, srto_min; /**< milliseconds; set: 0 keeps what there is */
};
struct spate_sctp_assocparams {
	int32_t sasoc_assoc_id;
	uint16_t sasoc_asocmaxrxt; /**< set: 0 keeps what there is */
	uint16_t sasoc_number_peer_destinations; /**< get */
	uint32_t sasoc_peer_rwnd, sasoc_local_rwnd; /**< get */
	uint32_t sasoc_cookie_life; /**< milliseconds; set: 0 keeps what there is */
};
/** Set: 0 keeps what there is. */
struct spate_sctp_initmsg {
	uint16_t sinit_num_ostreams, sinit_max_instreams, sinit_max_attempts;
	uint16_t sinit_max_init_timeo; /**< milliseconds; INIT waits no longer; 0: as RTO.Max */
};
struct spate_sctp_prim {
	int32_t ssp_assoc_id;
	struct sockaddr_storage ssp_addr;
} __attribute__((packed, aligned(4)));

struct spate_sctp_setpeerprim {
	int32_t sspp_assoc_id;
	struct sockaddr_storage sspp_addr; /**< of ours */
} __attribute__((packed, aligned(4)));
struct spate_sctp_setadaptation {
	uint32_t ssb_adaptation_ind;
};

enum spate_sctp_spp_flag {
	SPATE_SPP_HB_ENABLE = 1 << 0,
	SPATE_SPP_HB_DISABLE = 1 << 1,
	SPATE_SPP_HB_DEMAND = 1 << 2, /**< a heartbeat at once, to spp_address */
	SPATE_SPP_PMTUD_ENABLE = 1 << 3, /**< MTUs of paths are found out */
	SPATE_SPP_PMTUD_DISABLE = 1 << 4, /**< they stay what they are, or what spp_pathmtu says */
	SPATE_SPP_SACKDELAY_ENABLE = 1 << 5,
	SPATE_SPP_SACKDELAY_DISABLE = 1 << 6,
	SPATE_SPP_HB_TIME_IS_ZERO = 1 << 7, /**< heartbeats come an RTO apart */
	SPATE_SPP_IPV6_FLOWLABEL = 1 << 8,
	SPATE_SPP_DSCP = 1 << 9,
};
/** Of the path to an address; without one of all paths, and of those to come. */
struct spate_sctp_paddrparams {
	int32_t spp_assoc_id;
	struct sockaddr_storage spp_address; /**< of family 0, or all zeros: all */
	uint32_t spp_hbinterval; /**< milliseconds; set: 0 keeps what there is */
	uint16_t spp_pathmaxrxt; /**< set: 0 keeps what there is */
	uint32_t
		spp_pathmtu; /**< bytes of an IP packet; set: with PMTUD_DISABLE, of all paths; 0 keeps it */
	uint32_t spp_sackdelay; /**< milliseconds, of the association; set: 0 keeps what there is */
	uint32_t spp_flags;
	uint32_t spp_ipv6_flowlabel; /**< with SPATE_SPP_IPV6_FLOWLABEL */
	uint8_t spp_dscp; /**< with SPATE_SPP_DSCP: the upper six bits */
} __attribute__((packed, aligned(4)));
/** RFC 7829 7.2 */
struct spate_sctp_paddrthlds {
	int32_t spt_assoc_id;
	struct sockaddr_storage spt_address; /**< as spp_address */
	uint16_t spt_pathmaxrxt; /**< set: 0 keeps what there is */
	uint16_t spt_pathpfthld;
};
struct spate_sctp_sack_info {
	int32_t sack_assoc_id;
	uint32_t sack_delay, sack_freq; /**< milliseconds, packets; set: 0 keeps what there is */
};
struct spate_sctp_assoc_value {
	int32_t assoc_id;
	uint32_t assoc_value;
};

/** RFC 6951 6.1. Without spate_sctp_set_udp_port() connecting fails: -EOPNOTSUPP. */
struct spate_sctp_udpencaps {
	int32_t sue_assoc_id;
	struct sockaddr_storage sue_address; /**< of family 0: of all paths, and of those to come */
	uint16_t sue_port; /**< big endian; 0: without UDP */
};
/** What finds errors in the place of SCTP's checksum: RFC 9653 4. */
enum spate_sctp_edmid {
	SPATE_SCTP_EDMID_NONE = 0,
	SPATE_SCTP_EDMID_LOWER_LAYER_DTLS = 1,
};

enum spate_sctp_spinfo_state {
	SPATE_SCTP_INACTIVE,
	SPATE_SCTP_PF,
	SPATE_SCTP_ACTIVE,
	SPATE_SCTP_UNCONFIRMED,
};
struct spate_sctp_paddrinfo {
	int32_t spinfo_assoc_id;
	struct sockaddr_storage spinfo_address;
	int32_t spinfo_state;
	uint32_t spinfo_cwnd, spinfo_srtt, spinfo_rto, spinfo_mtu; /**< bytes, milliseconds */
} __attribute__((packed, aligned(4)));

enum spate_sctp_sstat_state {
	SPATE_SCTP_EMPTY,
	SPATE_SCTP_CLOSED,
	SPATE_SCTP_COOKIE_WAIT,
	SPATE_SCTP_COOKIE_ECHOED,
	SPATE_SCTP_ESTABLISHED,
	SPATE_SCTP_SHUTDOWN_PENDING,
	SPATE_SCTP_SHUTDOWN_SENT,
	SPATE_SCTP_SHUTDOWN_RECEIVED,
	SPATE_SCTP_SHUTDOWN_ACK_SENT,
};
struct spate_sctp_status {
	int32_t sstat_assoc_id, sstat_state;
	uint32_t sstat_rwnd;
	uint16_t sstat_unackdata, sstat_penddata, sstat_instrms, sstat_outstrms;
	uint32_t sstat_fragmentation_point;
	struct spate_sctp_paddrinfo sstat_primary;
};
struct spate_sctp_assoc_ids {
	uint32_t gaids_number_of_ids; /**< int32_t ids follow */
};
struct spate_sctp_event {
	int32_t se_assoc_id;
	uint16_t se_type; /**< enum spate_sctp_notification_type */
	uint8_t se_on;
};

/** RFC 6458 6.2.1: superseded by SPATE_SCTP_EVENT. It may be given in part. */
struct spate_sctp_event_subscribe {
	uint8_t sctp_data_io_event;
	uint8_t sctp_association_event;
	uint8_t sctp_address_event;
	uint8_t sctp_send_failure_event;
	uint8_t sctp_peer_error_event;
	uint8_t sctp_shutdown_event;
	uint8_t sctp_partial_delivery_event;
	uint8_t sctp_adaptation_layer_event;
	uint8_t sctp_authentication_event;
	uint8_t sctp_sender_dry_event;
	uint8_t sctp_stream_reset_event;
	uint8_t sctp_assoc_reset_event;
	uint8_t sctp_stream_change_event;
	uint8_t sctp_send_failure_event_event;
};

/* ---- authentication: RFC 6458 8.3 ---- */

struct spate_sctp_authchunk {
	uint8_t sauth_chunk;
};
enum spate_sctp_hmac_id {
	SPATE_SCTP_AUTH_HMAC_ID_SHA1 = 1,
	SPATE_SCTP_AUTH_HMAC_ID_SHA256 = 3,
};
struct spate_sctp_hmacalgo {
	uint32_t shmac_num_idents; /**< uint16_t numbers follow; the first is liked best */
};
struct spate_sctp_authkey {
	int32_t sca_assoc_id;
	uint16_t sca_keynumber;
	uint16_t sca_keylength; /**< bytes that follow; 0: all that are given */
};
struct spate_sctp_authkeyid {
	int32_t scact_assoc_id;
	uint16_t scact_keynumber;
};
struct spate_sctp_authchunks {
	int32_t gauth_assoc_id;
	uint32_t gauth_number_of_chunks; /**< uint8_t types follow */
};

/* ---- partial reliability: RFC 7496 4 ---- */

struct spate_sctp_default_prinfo {
	int32_t pr_assoc_id;
	uint32_t pr_value;
	uint16_t pr_policy; /**< enum spate_sctp_pr_policy */
};
struct spate_sctp_prstatus {
	int32_t sprstat_assoc_id;
	uint16_t sprstat_sid, sprstat_policy;
	uint64_t sprstat_abandoned_unsent, sprstat_abandoned_sent;
};

/* ---- streams: RFC 6525 6.3, RFC 8260 4 ---- */

/** Of SPATE_SCTP_ENABLE_STREAM_RESET: what peers may ask for. */
enum spate_sctp_enable_reset {
	SPATE_SCTP_ENABLE_RESET_STREAM_REQ = 1 << 0,
	SPATE_SCTP_ENABLE_RESET_ASSOC_REQ = 1 << 1,
	SPATE_SCTP_ENABLE_CHANGE_ASSOC_REQ = 1 << 2,
};
enum spate_sctp_reset_flag {
	SPATE_SCTP_STREAM_RESET_INCOMING = 1 << 0,
	SPATE_SCTP_STREAM_RESET_OUTGOING = 1 << 1,
};
struct spate_sctp_reset_streams {
	int32_t srs_assoc_id;
	uint16_t srs_flags;
	uint16_t srs_number_streams; /**< uint16_t ids follow; 0: all */
};
struct spate_sctp_add_streams {
	int32_t sas_assoc_id;
	uint16_t sas_instrms, sas_outstrms;
};
/** The first three are Linux's. */
enum spate_sctp_sched_type {
	SPATE_SCTP_SS_FCFS,
	SPATE_SCTP_SS_PRIO,
	SPATE_SCTP_SS_RR,
	SPATE_SCTP_SS_FC, /**< the same capacity for each */
	SPATE_SCTP_SS_WFQ, /**< by weights */
	SPATE_SCTP_SS_RR_PKT, /**< in turn, and no two in a packet */
};
struct spate_sctp_stream_value {
	int32_t assoc_id;
	uint16_t stream_id, stream_value;
};

#endif
