/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Sockets of SCTP as RFC 6458 has them, in both styles: spate_socket() with SPATE_SCTP makes one of
 * one-to-one style, with SPATE_SCTP_SEQPACKET one of one-to-many style. The functions of spate.h do for
 * names, connecting, listening and plain data; here is the rest.
 *
 * Structs, options, flags and numbers are those of RFC 6458 as <linux/sctp.h> has them, byte for byte,
 * so that its structs may be used in their place. Functions return what those of spate.h do: 0 or more,
 * or a negative errno.
 */
#ifndef SPATE_SPATE_SCTP_H
#define SPATE_SPATE_SCTP_H

#include <sys/socket.h>

#include <spate/spate.h>

#ifdef __cplusplus
extern "C" {
#endif

/** RFC 6458 7.1: ids that are no association's. */
enum spate_sctp_assoc {
	SPATE_SCTP_FUTURE_ASSOC,
	SPATE_SCTP_CURRENT_ASSOC,
	SPATE_SCTP_ALL_ASSOC,
};

/* ---- names and associations ---- */

/** RFC 6458 9.1. @param add 0: give them up. @return 0; -EINVAL, -EADDRNOTAVAIL, -EADDRINUSE */
SPATE_API int spate_sctp_bindx(struct spate *stack, int socket, const char *const *addrs,
	unsigned count, unsigned port, int add);
/**
 * RFC 6458 9.9.
 * @param assoc_id may be NULL
 * @return -EINPROGRESS (one-to-one), 0 (one-to-many), or an error
 */
SPATE_API int spate_sctp_connectx(struct spate *stack, int socket, const char *const *addrs,
	unsigned count, unsigned port, int32_t *assoc_id);
/** RFC 6458 9.2. @return the number of a one-to-one socket; -EINVAL: no such association */
SPATE_API int spate_sctp_peeloff(struct spate *stack, int socket, int32_t assoc_id);
/**
 * RFC 6458 9.3, 9.5.
 * @param addrs `max` times SPATE_ADDR_TEXT bytes
 * @param port may be NULL
 * @return how many addresses there are @{
 */
SPATE_API int spate_sctp_getpaddrs(struct spate *stack, int socket, int32_t assoc_id,
	char (*addrs)[SPATE_ADDR_TEXT], unsigned max, unsigned *port);
SPATE_API int spate_sctp_getladdrs(struct spate *stack, int socket, int32_t assoc_id,
	char (*addrs)[SPATE_ADDR_TEXT], unsigned max, unsigned *port);
/** @} */

/**
 * RFC 6951 5.1: the port of UDP that takes SCTP, of all sockets of a stack, and that it is sent from.
 * @param port 0: none, as at first; IANA's is 9899
 * @return 0; -EADDRINUSE: a socket of UDP has it; -EINVAL
 */
SPATE_API int spate_sctp_set_udp_port(struct spate *stack, unsigned port);

/* ---- data ---- */

/** RFC 6458 5.3.4: snd_flags and rcv_flags. */
enum spate_sctp_flag {
	SPATE_SCTP_UNORDERED = 1 << 0,
	SPATE_SCTP_ABORT = 1 << 2,
	SPATE_SCTP_SACK_IMMEDIATELY = 1 << 3,
	SPATE_SCTP_SENDALL = 1 << 6,
	SPATE_SCTP_EOF = 1 << 9,
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

/**
 * RFC 6458 9.12, sctp_sendv(): send a message, wholly or not at all.
 * @param addr of a one-to-many socket, with snd_assoc_id 0: an association with it is begun if there
 *             is none. May be NULL
 * @param info NULL: as SPATE_SCTP_DEFAULT_SNDINFO says
 */
SPATE_API int spate_sctp_sendv(struct spate *stack, int socket, const void *data, size_t length,
	const char *addr, unsigned port, const struct spate_sctp_sndinfo *info);

/** RFC 6458 3.1.5: what spate_sctp_recvv() says of what it has received. */
enum spate_sctp_msg_flag {
	SPATE_MSG_EOR = 0x80, /**< the message, or notification, ends here */
	SPATE_MSG_NOTIFICATION = 0x8000, /**< a union spate_sctp_notification */
};

/**
 * RFC 6458 9.13, sctp_recvv(): a message, a part of one, or a notification.
 * @param addr SPATE_ADDR_TEXT bytes; it, port, info, next and flags may be NULL
 * @param next the message behind it, if one is there: else its length is 0 (SCTP_RECVNXTINFO)
 * @param flags enum spate_sctp_msg_flag
 * @return bytes; 0: the peer has ended (one-to-one); or an error
 */
SPATE_API int spate_sctp_recvv(struct spate *stack, int socket, void *data, size_t size, char *addr,
	unsigned *port, struct spate_sctp_rcvinfo *info, struct spate_sctp_nxtinfo *next,
	int *flags);

/* ---- notifications: RFC 6458 6.1 ---- */

enum spate_sctp_notification_type {
	SPATE_SCTP_ASSOC_CHANGE = 0x8001,
	SPATE_SCTP_PEER_ADDR_CHANGE,
	SPATE_SCTP_SEND_FAILED,
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
};

enum spate_sctp_spc_state {
	SPATE_SCTP_ADDR_AVAILABLE,
	SPATE_SCTP_ADDR_UNREACHABLE,
	SPATE_SCTP_ADDR_POTENTIALLY_FAILED = 6,
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
};
enum spate_sctp_ssf_flag {
	SPATE_SCTP_DATA_UNSENT,
	SPATE_SCTP_DATA_SENT, /**< some of it was, at least once */
};
/** Without the data. */
struct spate_sctp_send_failed_event {
	uint16_t ssf_type, ssf_flags;
	uint32_t ssf_length, ssf_error;
	struct spate_sctp_sndinfo ssfe_info;
	int32_t ssf_assoc_id;
};
struct spate_sctp_shutdown_event {
	uint16_t sse_type, sse_flags;
	uint32_t sse_length;
	int32_t sse_assoc_id;
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
struct spate_sctp_sender_dry_event {
	uint16_t sender_dry_type, sender_dry_flags;
	uint32_t sender_dry_length;
	int32_t sender_dry_assoc_id;
};
union spate_sctp_notification {
	struct {
		uint16_t sn_type, sn_flags;
		uint32_t sn_length;
	} sn_header;
	struct spate_sctp_assoc_change sn_assoc_change;
	struct spate_sctp_paddr_change sn_paddr_change;
	struct spate_sctp_remote_error sn_remote_error;
	struct spate_sctp_send_failed_event sn_send_failed_event;
	struct spate_sctp_shutdown_event sn_shutdown_event;
	struct spate_sctp_pdapi_event sn_pdapi_event;
	struct spate_sctp_sender_dry_event sn_sender_dry_event;
};

/* ---- options: RFC 6458 8 ---- */

enum spate_sctp_option {
	SPATE_SCTP_RTOINFO = 0, /**< struct spate_sctp_rtoinfo */
	SPATE_SCTP_ASSOCINFO = 1, /**< struct spate_sctp_assocparams */
	SPATE_SCTP_INITMSG = 2, /**< struct spate_sctp_initmsg */
	SPATE_SCTP_NODELAY = 3, /**< int */
	SPATE_SCTP_AUTOCLOSE = 4, /**< int, seconds */
	SPATE_SCTP_PRIMARY_ADDR = 6, /**< set: struct spate_sctp_prim */
	SPATE_SCTP_DISABLE_FRAGMENTS = 8, /**< int */
	SPATE_SCTP_PEER_ADDR_PARAMS = 9, /**< struct spate_sctp_paddrparams */
	SPATE_SCTP_MAXSEG = 13, /**< struct spate_sctp_assoc_value */
	SPATE_SCTP_STATUS = 14, /**< get: struct spate_sctp_status */
	SPATE_SCTP_GET_PEER_ADDR_INFO = 15, /**< get: struct spate_sctp_paddrinfo */
	SPATE_SCTP_DELAYED_SACK = 16, /**< struct spate_sctp_sack_info */
	SPATE_SCTP_CONTEXT = 17, /**< struct spate_sctp_assoc_value */
	SPATE_SCTP_FRAGMENT_INTERLEAVE = 18, /**< int */
	SPATE_SCTP_PARTIAL_DELIVERY_POINT = 19, /**< uint32_t */
	SPATE_SCTP_MAX_BURST = 20, /**< struct spate_sctp_assoc_value */
	SPATE_SCTP_GET_ASSOC_NUMBER = 28, /**< get: uint32_t */
	SPATE_SCTP_GET_ASSOC_ID_LIST = 29, /**< get: struct spate_sctp_assoc_ids, and the ids */
	SPATE_SCTP_DEFAULT_SNDINFO = 34, /**< struct spate_sctp_sndinfo */
	/** struct spate_sctp_assoc_value, enum spate_sctp_edmid: RFC 9653 7.1; the number is FreeBSD's. */
	SPATE_SCTP_ACCEPT_ZERO_CHECKSUM = 0x33,
	SPATE_SCTP_EVENT = 127, /**< struct spate_sctp_event */
	SPATE_SCTP_ECN_SUPPORTED = 130, /**< struct spate_sctp_assoc_value: of those to come */
	SPATE_SCTP_REMOTE_UDP_ENCAPS_PORT = 132, /**< struct spate_sctp_udpencaps */
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
	uint16_t sinit_max_init_timeo; /**< milliseconds; no RTO is longer */
};
struct spate_sctp_prim {
	int32_t ssp_assoc_id;
	struct sockaddr_storage ssp_addr;
} __attribute__((packed, aligned(4)));

enum spate_sctp_spp_flag {
	SPATE_SPP_HB_ENABLE = 1 << 0,
	SPATE_SPP_HB_DISABLE = 1 << 1,
	SPATE_SPP_HB_DEMAND = 1 << 2, /**< a heartbeat at once, to spp_address */
	SPATE_SPP_PMTUD_ENABLE = 1 << 3, /**< MTUs of paths are found out */
	SPATE_SPP_PMTUD_DISABLE = 1 << 4, /**< they stay what they are, or what spp_pathmtu says */
	SPATE_SPP_SACKDELAY_ENABLE = 1 << 5,
	SPATE_SPP_SACKDELAY_DISABLE = 1 << 6,
	SPATE_SPP_HB_TIME_IS_ZERO = 1 << 7,
};
/** They hold for all paths of an association: with an address only heartbeats are asked for. */
struct spate_sctp_paddrparams {
	int32_t spp_assoc_id;
	struct sockaddr_storage spp_address; /**< of family 0: all */
	uint32_t spp_hbinterval; /**< milliseconds; set: 0 keeps what there is */
	uint16_t spp_pathmaxrxt; /**< set: 0 keeps what there is */
	uint32_t spp_pathmtu; /**< bytes of an IP packet; set: with PMTUD_DISABLE, 0 keeps it */
	uint32_t spp_sackdelay; /**< milliseconds; set: 0 keeps what there is */
	uint32_t spp_flags;
	uint32_t spp_ipv6_flowlabel;
	uint8_t spp_dscp;
} __attribute__((packed, aligned(4)));
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

/**
 * @param value of the struct's length at least
 * @return 0; -ENOPROTOOPT: no such option; -EINVAL: too short, or a value or association that cannot be
 */
SPATE_API int spate_sctp_setsockopt(struct spate *stack, int socket, enum spate_sctp_option option,
	const void *value, size_t length);
/**
 * Association and address are read out of the struct, as RFC 6458 8 has it.
 * @param length of value; then of what was written
 */
SPATE_API int spate_sctp_getsockopt(struct spate *stack, int socket, enum spate_sctp_option option,
	void *value, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
