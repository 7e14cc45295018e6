/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * SCTP on one worker: RFC 9260.
 *
 * Pure: it reads no clock, draws no random numbers, opens no port and knows no route or socket. What
 * owns it calls, once a loop and in this order,
 *
 *     sctp_now_set()   the clock
 *     sctp_input()     packets for our addresses, in vectors
 *     sctp_events()    what happened to associations, for their users: who then receive and send
 *     sctp_timers()    what is due
 *     sctp_flush()     associations send: data, retransmissions, acknowledgments
 *
 * An association lives on one worker. Its verification tag says which (tag modulo workers), so that
 * a packet that arrives on another path's queue is handed over by its common header alone; those
 * that carry no tag of ours (INIT, reflected tags) are looked up by their addresses in the tables
 * that all workers share (struct sctp_ports).
 *
 * An association is its user's from sctp_connect() or sctp_accept() to sctp_close(), whatever becomes
 * of it in between; afterwards it is SCTP's, which ends it in good order.
 *
 * Functions return 0 or a count, or -errno with the meaning that it has for BSD sockets. Ports are in
 * host byte order; a PPID is as the user wrote it (RFC 9260 3.3.1).
 */
#ifndef SCTP_SCTP_H
#define SCTP_SCTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/siphash.h"
#include "cc/cc.h"
#include "pkt/pkt.h"
#include "wire/ip_addr.h"
#include "wire/sctp.h"

struct sctp_core;
struct sctp_assoc;
struct sctp_listener;

/** RFC 9260 4. LISTEN is a struct of its own. */
enum sctp_state {
	SCTP_CLOSED,
	SCTP_COOKIE_WAIT,
	SCTP_COOKIE_ECHOED,
	SCTP_ESTABLISHED,
	SCTP_SHUTDOWN_PENDING,
	SCTP_SHUTDOWN_SENT,
	SCTP_SHUTDOWN_RECEIVED,
	SCTP_SHUTDOWN_ACK_SENT,
	SCTP_STATE_COUNT
};

/** "ESTABLISHED" */
const char *sctp_state_name(enum sctp_state state);

/* ---- set-up ---- */

#define SCTP_WORKERS_MAX 64
/** Streams each way that an association may have. */
#define SCTP_STREAMS_MAX 1024
/** Of a state cookie: beyond it a cookie preservative does not lead. */
#define SCTP_COOKIE_LIFE_MAX_MS 120000

/** Streams that a request to reset them names. */
#define SCTP_RESET_STREAMS_MAX 128
/** Of these, those that a notice names. */
#define SCTP_NOTICE_STREAMS 8
/** Types of chunks that users may ask authentication of. */
#define SCTP_AUTH_CHUNKS_MAX 16
/** Bytes of a shared key, and keys of an association or a listener. */
#define SCTP_AUTH_KEY_MAX  64
#define SCTP_AUTH_KEYS_MAX 16

/** Which workers have associations and listeners on which port, and where to look for them. */
struct sctp_ports;

/** @return NULL without memory */
struct sctp_ports *sctp_ports_create(void);
/** No core uses it any more. */
void sctp_ports_destroy(struct sctp_ports *ports);

/** Of one worker. sctp_config_init() gives each a value. */
struct sctp_config {
	struct rte_mempool *pool; /**< packets that are made here, and data that waits */
	int socket_id;
	unsigned worker, worker_count; /**< tags modulo worker_count are the worker's */
	struct sctp_ports *ports; /**< NULL: there are no other workers */
	uint32_t assocs_max; /**< with those that nobody accepted or their users closed */
	uint32_t paths_max; /**< peers' addresses, of all */
	uint32_t
		chunks_max; /**< of data: to send, sent and not acknowledged, or received, of all */
	uint32_t stream_blocks_max; /**< of 4 streams that were used, of all */
	uint32_t received_max; /**< bytes that wait for their users or for others, of all */
	uint32_t listeners_max;
	uint32_t notices_max; /**< that wait for their users, of all */
	uint32_t auths_max; /**< associations with authentication */
	uint32_t auth_keys_max; /**< of all */
	uint32_t asconfs_max; /**< associations whose addresses have changed */
	uint32_t reconfigs_max; /**< associations that have reset or added streams */
	uint32_t
		gap_maps_max; /**< associations that have data from 64 chunks behind one that they miss on */
	uint32_t
		sent_blocks_max; /**< of 64 chunks that are sent; beside one for 64 of chunks_max */
	struct siphash_key secret; /**< random; the same for all workers of a stack */
	/** The MTU of a path whose settings say 0; NULL: 1500. @param iface of a link-local one */
	uint32_t (*path_mtu)(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface);
	/**
	 * The address of ours that routes there have packets come from; NULL: they say nothing.
	 * @return false: there is no way, or no address
	 */
	bool (*path_source)(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface,
		struct ip_addr *source);
	/** The MTU of its first link: none larger is tried; NULL: the same as path_mtu */
	uint32_t (*link_mtu)(void *arg, const struct ip_addr *remote, uint8_t vrf, uint16_t iface);
	void *path_arg;
};

void sctp_config_init(struct sctp_config *config);

/** Which stream sends next: RFC 8260 3. */
enum sctp_scheduler {
	SCTP_SCHED_FCFS, /**< messages in the order in which their user sent them */
	SCTP_SCHED_RR, /**< streams in turn */
	SCTP_SCHED_RR_PACKET, /**< streams in turn, and no two in one packet */
	SCTP_SCHED_PRIORITY, /**< the lowest value first; streams with the same in turn */
	SCTP_SCHED_FAIR, /**< the same capacity for each */
	SCTP_SCHED_WEIGHTED, /**< capacity by their values */
	SCTP_SCHED_COUNT
};
/** "rr-packet" */
const char *sctp_scheduler_name(enum sctp_scheduler scheduler);

/** When a message that is not acknowledged is given up: RFC 7496 3, RFC 3758 4.1. */
enum sctp_pr_policy {
	SCTP_PR_DEFAULT, /**< of a message: as the settings say */
	SCTP_PR_NONE, /**< never */
	SCTP_PR_TIMED, /**< after so many milliseconds */
	SCTP_PR_LIMITED, /**< after so many retransmissions of a fragment */
	/** When there is no room for one of a higher priority, which is a lower value. */
	SCTP_PR_PRIORITY,
	SCTP_PR_COUNT
};

/** Where probing of a path's MTU stands: RFC 8899 5.2. */
enum sctp_pmtu_state {
	SCTP_PMTU_DISABLED, /**< ICMP alone says what the path carries */
	SCTP_PMTU_BASE, /**< whether it carries what nearly all do */
	SCTP_PMTU_SEARCHING,
	SCTP_PMTU_COMPLETE, /**< until the next search, ten minutes later */
	SCTP_PMTU_ERROR, /**< it carries less than nearly all do */
	SCTP_PMTU_STATE_COUNT
};
/** "searching" */
const char *sctp_pmtu_state_name(enum sctp_pmtu_state state);

/** Of paths, or a path: RFC 6458 8.1.12. */
enum sctp_heartbeats {
	SCTP_HEARTBEATS_BY_INTERVAL, /**< none if that is 0 */
	SCTP_HEARTBEATS_OFF,
	SCTP_HEARTBEATS_AT_ONCE, /**< an RTO after the answer: SPP_HB_TIME_IS_ZERO */
};

/** What may differ between the paths of an association. */
struct sctp_path_settings {
	uint32_t heartbeat_interval_ms;
	uint32_t flow_label; /**< of IPv6 */
	uint8_t heartbeats; /**< enum sctp_heartbeats */
	uint8_t retries; /**< Path.Max.Retrans */
	uint8_t pf_retries; /**< RFC 7829 3.1; `retries` or more: never potentially failed */
	uint8_t tos;
};

/** Algorithms of RFC 4895 3.3 that there are. */
#define SCTP_AUTH_HMACS_MAX 2

/** Of an association, or of those that a listener accepts. RFC 9260 16 has the defaults. */
struct sctp_settings {
	const struct cc_ops *cc;
	uint32_t rto_initial_ms, rto_min_ms, rto_max_ms;
	uint32_t init_rto_max_ms; /**< of INIT and COOKIE ECHO; 0: rto_max_ms */
	uint32_t heartbeat_interval_ms; /**< 0: no heartbeats */
	uint32_t flow_label; /**< of IPv6 */
	uint8_t heartbeats; /**< enum sctp_heartbeats */
	uint32_t cookie_life_ms;
	uint32_t sack_delay_ms; /**< 500 at most: RFC 9260 6.2 */
	uint8_t sack_packets; /**< that one SACK acknowledges, unless it is delayed so long */
	uint8_t init_retries; /**< Max.Init.Retransmits */
	uint8_t assoc_retries; /**< Association.Max.Retrans */
	uint8_t path_retries; /**< Path.Max.Retrans */
	uint8_t pf_retries; /**< RFC 7829 3.1; path_retries or more: never potentially failed */
	uint8_t burst; /**< Max.Burst, packets; 0: as the window allows */
	uint16_t out_streams, in_streams; /**< asked for; taken at most */
	uint32_t receive_buffer, send_buffer; /**< bytes of user data */
	uint32_t mtu; /**< of all paths, bytes of an IP packet; 0: ask */
	bool pmtu_fixed; /**< no path's MTU changes, by ICMP or otherwise: RFC 6458 8.1.12 */
	bool pmtu_probing; /**< probe for what paths carry: RFC 8899 */
	uint8_t tos, ttl;
	uint16_t
		extensions; /**< enum sctp_extension: to be offered, and taken if the peer offers */
	uint8_t scheduler; /**< enum sctp_scheduler */
	uint8_t pr_policy; /**< enum sctp_pr_policy */
	uint32_t pr_value; /**< milliseconds, retransmissions, or the priority */
	/**
	 * Others may be received between the parts of a message: RFC 6458 8.1.20, level 2. Where
	 * I-DATA is agreed they always may.
	 */
	bool interleave;
	bool nodelay; /**< without Nagle's algorithm: RFC 9260 6.1 */
	/** Types of chunks that are only taken behind an AUTH chunk: RFC 4895 3.2; beside ASCONF's. */
	uint8_t auth_chunks[SCTP_AUTH_CHUNKS_MAX];
	uint8_t auth_chunk_count;
	/** Numbers of RFC 4895 3.3 that are offered, the first liked best; none: all. */
	uint8_t auth_hmac_count;
	uint16_t auth_hmacs[SCTP_AUTH_HMACS_MAX];
	bool adaptation_said;
	uint32_t adaptation; /**< layer indication, told the peer: RFC 5061 4.2.6 */
	uint8_t reconfig; /**< enum sctp_reconfig_enable: what peers may ask for */
	bool no_fragments; /**< what does not fit a packet is refused: RFC 6458 8.1.11 */
	uint16_t maxseg; /**< bytes of user data in a chunk at most; 0: as paths carry */
	uint32_t partial_point; /**< bytes of a message; 0: half of the receive buffer */
	uint32_t notices; /**< those that its user wants: a bit each of enum sctp_notice_type */
	/** The peer's port that packets go to in UDP: RFC 6951 5.1; 0: without. Peers that begin say it. */
	uint16_t encaps_port;
	/** Of sctp_defaults_set() alone: our port for all that comes in UDP; 0: none does. */
	uint16_t udp_port;
};

void sctp_settings_init(struct sctp_settings *settings);
/** What endpoints of this worker begin with, if their users say nothing: as above, until it is set. @{ */
const struct sctp_settings *sctp_defaults(const struct sctp_core *core);
void sctp_defaults_set(struct sctp_core *core, const struct sctp_settings *settings);
/** @} */
/** @return 0; -EINVAL: a value that cannot be */
int sctp_settings_check(const struct sctp_settings *settings);

/** Of a worker: as its configuration says. */
uint32_t sctp_assocs_max(const struct sctp_core *core);

/** @return 0, or -ENOMEM */
int sctp_core_create(const struct sctp_config *config, uint64_t now_ns, struct sctp_core **core);
/** With all its associations, which send nothing any more. */
void sctp_core_destroy(struct sctp_core *core);

/* ---- what the worker calls ---- */

/** Where packets go. What is sent starts with its IP header, and has yet to be routed. */
struct sctp_out {
	struct pkt_vec *send4, *send6;
	struct pkt_vec *handover; /**< for the worker in meta->worker */
	struct pkt_vec *done; /**< packets that were used up: to be freed */
	struct pkt_vec *punts; /**< ICMP errors that control is to know, too */
	struct pkt_vec *drops;
};

void sctp_now_set(struct sctp_core *core, uint64_t now_ns);

/**
 * Packets to addresses of ours, PKT_BURST at most, of either family; their IP headers are good, and
 * l2_len and l3_len lead to the common header. Checksums are verified unless ol_flags tells.
 */
void sctp_input(struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);
/** The same of those that another worker has handed over. */
void sctp_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);

/** ICMP errors about packets of ours, their checksums checked: RFC 9260 10. */
void sctp_error_input(struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);
void sctp_error_input_handed(
	struct sctp_core *core, const struct pkt_vec *in, const struct sctp_out *out);

/** Retransmissions, delayed SACKs, heartbeats, and the ends of waits. */
void sctp_timers(struct sctp_core *core);

/** Let those associations send that have something to, as far as `out` has room. */
void sctp_flush(struct sctp_core *core, const struct sctp_out *out);

/** When one of the above has something to do; 0: at once; UINT64_MAX: not before a packet comes */
uint64_t sctp_next_ns(const struct sctp_core *core);

/* ---- events ---- */

enum sctp_event_bit {
	SCTP_EVENT_READABLE = 1 << 0, /**< a message, part of one, or the end */
	SCTP_EVENT_WRITABLE = 1 << 1, /**< established, or room where there was none */
	SCTP_EVENT_ACCEPTED = 1 << 2, /**< of a listener: sctp_accept() has one */
	SCTP_EVENT_CLOSED = 1 << 3, /**< it has ended */
	SCTP_EVENT_ERROR = 1 << 4, /**< sctp_error() says why */
	SCTP_EVENT_NOTICE = 1 << 5, /**< sctp_notice_take() has one */
	SCTP_EVENT_DRY = 1 << 6, /**< all that was sent is acknowledged */
	SCTP_EVENT_ADDRS = 1 << 7, /**< addresses of ours can be changed again: RFC 5061 */
};

struct sctp_event {
	struct sctp_assoc *assoc; /**< NULL: of a listener */
	struct sctp_listener *listener;
	void *user;
	uint32_t events; /**< enum sctp_event_bit */
};

/** Take up to `max` events, one an association. @return how many */
unsigned sctp_events(struct sctp_core *core, struct sctp_event *events, unsigned max);
bool sctp_events_pending(const struct sctp_core *core);
/** What is so now: enum sctp_event_bit. */
uint32_t sctp_ready(const struct sctp_assoc *assoc);

/** Of a reset of streams, by either end, and why there was none. */
enum sctp_reset_flag {
	SCTP_RESET_INCOMING = 1 << 0,
	SCTP_RESET_OUTGOING = 1 << 1,
	SCTP_RESET_DENIED = 1 << 2,
	SCTP_RESET_FAILED = 1 << 3,
};

/** RFC 6525 6.3.1: what a peer may ask for. */
enum sctp_reconfig_enable {
	SCTP_RECONFIG_STREAMS = 1 << 0, /**< SCTP_ENABLE_RESET_STREAM_REQ */
	SCTP_RECONFIG_ASSOC = 1 << 1, /**< SCTP_ENABLE_RESET_ASSOC_REQ */
	SCTP_RECONFIG_CHANGE = 1 << 2, /**< SCTP_ENABLE_CHANGE_ASSOC_REQ: more streams */
};

/** What RFC 6458 6.1 tells users, in order; those that find no room are counted and lost. */
enum sctp_notice_type {
	SCTP_NOTICE_UP, /**< SCTP_COMM_UP */
	SCTP_NOTICE_LOST, /**< SCTP_COMM_LOST: cause, if the peer gave one; its ABORT chunk */
	SCTP_NOTICE_RESTART, /**< the peer has lost its state, and begun again */
	SCTP_NOTICE_SHUTDOWN, /**< the peer sends no more */
	SCTP_NOTICE_SHUTDOWN_COMPLETE,
	SCTP_NOTICE_PATH, /**< addr, path_state and path_was */
	SCTP_NOTICE_REMOTE_ERROR, /**< cause; and the whole of it */
	/** A message of which not all was acknowledged: stream, ppid_be, context, unordered, was_sent,
	 * cause; and its bytes, but for those of which it is known that they arrived */
	SCTP_NOTICE_SEND_FAILED,
	/** RFC 6458 6.1.7: the rest of a message that was received in part does not come: stream,
	 * number, unordered */
	SCTP_NOTICE_PART_ABORTED,
	SCTP_NOTICE_AUTH_NEW_KEY, /**< SCTP_AUTH_NEW_KEY: the peer uses another key: key_id */
	SCTP_NOTICE_AUTH_NO_AUTH, /**< SCTP_AUTH_NO_AUTH: the peer cannot authenticate */
	SCTP_NOTICE_AUTH_FREE_KEY, /**< SCTP_AUTH_FREE_KEY: nothing is sent with key_id any more */
	SCTP_NOTICE_STREAM_RESET, /**< reset_flags, streams: SSNs begin anew */
	SCTP_NOTICE_ASSOC_RESET, /**< local_tsn and remote_tsn; or reset_flags say why not */
	SCTP_NOTICE_STREAM_CHANGE, /**< in_streams and out_streams, or reset_flags */
	SCTP_NOTICE_ADAPTATION, /**< SCTP_ADAPTATION_INDICATION: adaptation, of the peer's */
	SCTP_NOTICE_PEER_ADDR_ADDED, /**< SCTP_ADDR_ADDED: addr */
	SCTP_NOTICE_PEER_ADDR_REMOVED, /**< SCTP_ADDR_REMOVED: addr */
	SCTP_NOTICE_PEER_ADDR_PRIMARY, /**< SCTP_ADDR_MADE_PRIM: addr */
	SCTP_NOTICE_ADDR_ADDED, /**< addr is ours for the peer; or it is not, by cause */
	SCTP_NOTICE_ADDR_REMOVED, /**< no longer; or it still is, by cause */
	SCTP_NOTICE_ADDR_PRIMARY, /**< the peer was asked to send there; or refuses, by cause */
	SCTP_NOTICE_DRY, /**< SCTP_SENDER_DRY_EVENT: all that was sent is acknowledged */
	SCTP_NOTICE_COUNT
};

/** Of a path: RFC 9260 5.4, 8.2, RFC 7829. */
enum sctp_path_state {
	SCTP_PATH_UNCONFIRMED, /**< no data before it has answered a heartbeat */
	SCTP_PATH_ACTIVE,
	SCTP_PATH_PF, /**< potentially failed */
	SCTP_PATH_INACTIVE,
};
const char *sctp_path_state_name(enum sctp_path_state state);

struct sctp_notice {
	enum sctp_notice_type type;
	enum sctp_path_state path_state, path_was;
	uint32_t data_length; /**< bytes that sctp_notice_data() has */
	struct ip_addr addr;
	uint16_t cause; /**< enum sctp_cause */
	uint16_t stream;
	uint16_t key_id;
	uint32_t ppid_be, context;
	uint32_t number; /**< SSN or MID */
	bool was_sent, unordered;
	uint32_t adaptation;
	/* RFC 6525: */
	uint8_t reset_flags; /**< enum sctp_reset_flag */
	uint8_t stream_count; /**< 0: all; more than there is room for come in several notices */
	uint16_t streams[SCTP_NOTICE_STREAMS];
	uint16_t in_streams, out_streams;
	uint32_t local_tsn, remote_tsn;
};
/** @return false: there is none */
bool sctp_notice_take(struct sctp_core *core, struct sctp_assoc *assoc, struct sctp_notice *notice);
/** The oldest one, which stays. @return NULL: there is none */
const struct sctp_notice *sctp_notice_peek(const struct sctp_assoc *assoc);
/** Bytes that came with the oldest one, from `offset` on. @return how many were copied */
size_t sctp_notice_data(const struct sctp_assoc *assoc, uint32_t offset, void *bytes, size_t size);
/** Whether the oldest one came before what sctp_recv() has next. */
bool sctp_notice_is_next(const struct sctp_assoc *assoc);

/* ---- what users call ---- */

/** Where an endpoint is. */
struct sctp_bind {
	struct ip_addr addrs[SCTP_ADDRS_MAX]; /**< of ours; unspecified ones: only for listeners */
	unsigned addr_count;
	uint16_t port;
	uint8_t vrf;
};

/**
 * Accept associations. An unspecified address takes all of its family; one of IPv6 those of IPv4 too.
 * Addresses that are told to peers are the specified ones.
 * @return 0; -EADDRINUSE, -EINVAL, -ENFILE
 */
int sctp_listen(struct sctp_core *core, const struct sctp_bind *bind,
	const struct sctp_settings *settings, unsigned backlog, void *user,
	struct sctp_listener **listener);
/** Associations that nobody accepted are aborted. */
void sctp_unlisten(struct sctp_core *core, struct sctp_listener *listener);
/** @return NULL: there is none */
struct sctp_assoc *sctp_accept(struct sctp_core *core, struct sctp_listener *listener, void *user);
/** How many wait for sctp_accept(). */
unsigned sctp_listener_ready(const struct sctp_listener *listener);
/** As many may wait for sctp_accept() from now on. */
void sctp_listener_backlog_set(struct sctp_listener *listener, unsigned backlog);
/** For those that it accepts from now on. */
void sctp_listener_settings_set(
	struct sctp_listener *listener, const struct sctp_settings *settings);

/**
 * Set up an association. The first of the peer's addresses gets the INIT and is primary.
 * @return 0; -EADDRINUSE: there is one between these; -EINVAL, -ENFILE, -ENOBUFS
 */
int sctp_connect(struct sctp_core *core, const struct sctp_bind *bind,
	const struct sctp_bind *remote, const struct sctp_settings *settings, void *user,
	struct sctp_assoc **assoc);

/**
 * The associations of a local port with an address of a peer's, one after the other: several have
 * different addresses of ours. Those whose users are done with them are among them.
 * @param from NULL at first, then the last one
 * @return NULL: this worker has no more
 */
struct sctp_assoc *sctp_lookup(struct sctp_core *core, uint8_t vrf, uint16_t local_port,
	const struct ip_addr *remote, uint16_t remote_port, const struct sctp_assoc *from);
/** Whether this worker or another one has such an association, or may have. */
bool sctp_is_used(struct sctp_core *core, uint8_t vrf, uint16_t local_port,
	const struct ip_addr *remote, uint16_t remote_port);
/** Whether this worker or another one has associations of a local port, whoever they are with. */
bool sctp_port_is_used(const struct sctp_core *core, uint16_t local_port);

enum sctp_message_flag {
	SCTP_MESSAGE_UNORDERED = 1 << 0,
	SCTP_MESSAGE_IMMEDIATE = 1 << 1, /**< the peer is to acknowledge it at once */
	SCTP_MESSAGE_END = 1 << 2, /**< received: this was all of it */
	/** To be sent: the message goes on with what is sent next on its stream. */
	SCTP_MESSAGE_MORE = 1 << 3,
};

/** What a message is sent with, or was received with. */
struct sctp_message {
	uint16_t stream;
	uint16_t ssn; /**< received */
	uint32_t mid; /**< received, of I-DATA: RFC 8260 2.1 */
	uint8_t flags; /**< enum sctp_message_flag */
	uint32_t ppid_be;
	uint32_t context; /**< for SCTP_NOTICE_SEND_FAILED */
	uint32_t tsn; /**< received: of its first fragment that this is of */
	uint8_t pr_policy; /**< to be sent: enum sctp_pr_policy */
	uint32_t pr_value; /**< as in settings */
	/** To be sent: with this shared key, where the peer wants authentication: RFC 6458 5.3.8. */
	bool has_key;
	uint16_t key_id;
	const struct ip_addr *to; /**< to be sent: by this path at first; NULL: by the best */
};

/**
 * Send a message, or with SCTP_MESSAGE_MORE a part of one, wholly or not at all. Of an association one
 * message at a time is sent in parts: it is never given up, and ended before it is, it aborts.
 * @return 0; -EAGAIN: no room now; -EMSGSIZE: larger than the send buffer; -EINVAL: no bytes, or a
 *         stream, policy, address or key that there is not, or another message is sent in parts;
 *         -EOPNOTSUPP: a key without authentication; -EPIPE, -ENOTCONN, or the error
 */
int sctp_send(struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_message *message,
	const void *data, size_t length);
/**
 * Receive a message, or the next part of one.
 * @return bytes; 0: the peer has ended; -EAGAIN, -ENOTCONN, or the error
 */
int64_t sctp_recv(struct sctp_core *core, struct sctp_assoc *assoc, void *data, size_t size,
	struct sctp_message *message);

/** The same, and it is there to be received again. */
int64_t sctp_peek(struct sctp_assoc *assoc, void *data, size_t size, struct sctp_message *message);
/**
 * What sctp_recv() has next, with SCTP_MESSAGE_END if all of it is there.
 * @return its bytes; 0: nothing is there
 */
uint32_t sctp_next(const struct sctp_assoc *assoc, struct sctp_message *message);
/** Whether sctp_recv() has something. */
bool sctp_has_next(const struct sctp_assoc *assoc);
/** Whether the rest of a message is awaited of which a part was ready already. */
bool sctp_part_is_open(const struct sctp_assoc *assoc);

/** RFC 9260 9.2: what was sent still goes, nothing more may be. @return 0; -ENOTCONN */
int sctp_shutdown(struct sctp_core *core, struct sctp_assoc *assoc);
/** The same, and the user is done with it; with data that was not received it is aborted. */
void sctp_close(struct sctp_core *core, struct sctp_assoc *assoc);
/** RFC 9260 9.1, for the user's reason, which may be NULL; the user is done with it. */
void sctp_abort(
	struct sctp_core *core, struct sctp_assoc *assoc, const void *reason, size_t length);
/** Abort it, against its user's will: who is told ECONNABORTED, and still has to close it. */
bool sctp_kill(struct sctp_core *core, struct sctp_assoc *assoc);
/** The same by its user's will, for a reason: RFC 6458 5.3.4, SCTP_ABORT. */
void sctp_end(struct sctp_core *core, struct sctp_assoc *assoc, const void *reason, size_t length);

/** @return 0; -EINVAL: no address of the peer's, or one that was not confirmed */
int sctp_primary_set(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *remote);
/** A heartbeat at once: RFC 9260 11.1.10. @return 0; -EINVAL, -ENOTCONN */
int sctp_heartbeat(struct sctp_core *core, struct sctp_assoc *assoc, const struct ip_addr *remote);

void sctp_settings_get(const struct sctp_assoc *assoc, struct sctp_settings *settings);
/** Streams stay as they were agreed on. */
void sctp_settings_set(
	struct sctp_core *core, struct sctp_assoc *assoc, const struct sctp_settings *settings);

/**
 * Of one path, until sctp_settings_set() changes the same of all.
 * @return 0; -EINVAL: no address of the peer's, or a value that cannot be @{
 */
int sctp_path_settings_get(const struct sctp_assoc *assoc, const struct ip_addr *remote,
	struct sctp_path_settings *settings);
int sctp_path_settings_set(struct sctp_core *core, struct sctp_assoc *assoc,
	const struct ip_addr *remote, const struct sctp_path_settings *settings);
/** @} */

/** What paths begin with. */
struct sctp_path_settings sctp_path_settings_of(const struct sctp_settings *settings);

/** As settings->interleave, from now on. */
void sctp_interleave_set(struct sctp_core *core, struct sctp_assoc *assoc, bool interleave);
/** As settings->pr_policy and pr_value, for messages from now on. @return 0, or -EINVAL */
int sctp_pr_default_set(struct sctp_assoc *assoc, enum sctp_pr_policy policy, uint32_t value);

/** Messages that were given up, by enum sctp_pr_policy: RFC 7496 4.3, 4.4. */
struct sctp_abandoned {
	uint64_t unsent[SCTP_PR_COUNT]; /**< before any fragment was sent */
	uint64_t sent[SCTP_PR_COUNT];
};
const struct sctp_abandoned *sctp_abandoned(const struct sctp_assoc *assoc);
/** @return 0; -EINVAL: no such stream */
int sctp_stream_abandoned(struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream,
	struct sctp_abandoned *abandoned);

/** What is queued goes by the new one. @return 0, or -EINVAL */
int sctp_scheduler_set(
	struct sctp_core *core, struct sctp_assoc *assoc, enum sctp_scheduler scheduler);
/**
 * A stream's priority (the lowest goes first; 0 if none was set) or weight (0 is 1).
 * @return 0; -EINVAL: no such stream; -ENOBUFS
 */
int sctp_stream_value_set(
	struct sctp_core *core, struct sctp_assoc *assoc, uint16_t stream, uint16_t value);
int sctp_stream_value(
	struct sctp_core *core, const struct sctp_assoc *assoc, uint16_t stream, uint16_t *value);

enum sctp_state sctp_assoc_state(const struct sctp_assoc *assoc);
/** Why it ended: a positive errno, told once. */
int sctp_error(struct sctp_assoc *assoc);
void sctp_user_set(struct sctp_assoc *assoc, void *user);
/** @return NULL: it has none, or he is done with it */
void *sctp_user(const struct sctp_assoc *assoc);

#include "sctp/sctp_encaps.h"
#include "sctp/sctp_extension.h"
#include "sctp/sctp_info.h"
#include "sctp/sctp_unsent.h"

#endif
