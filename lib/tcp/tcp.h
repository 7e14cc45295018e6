/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * TCP on one worker: RFC 9293, and what has become of it since.
 *
 * Pure: it reads no clock, draws no random numbers, opens no port and knows no route or socket. What
 * owns it calls, once a loop and in this order,
 *
 *     tcp_now_set()   the clock
 *     tcp_input()     segments for our addresses, in vectors
 *     tcp_events()    what happened to connections, for their users: who then receive and send
 *     tcp_timers()    what is due
 *     tcp_flush()     connections send: data, retransmissions, acknowledgments
 *
 * Whatever a segment or a user asks a connection to send waits for tcp_flush(): so one ACK answers a
 * burst, and rides on the answer to a request. Only what belongs to no connection (SYN-ACKs, resets)
 * is sent at once.
 *
 * A connection is its user's from tcp_connect() or tcp_accept() to tcp_close(), whatever becomes of
 * it in between; afterwards it is TCP's, which ends it in good order.
 *
 * Functions return 0 or a count, or -errno with the meaning that it has for BSD sockets. Ports are in
 * host byte order.
 */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/siphash.h"
#include "cc/cc.h"
#include "pkt/pkt.h"
#include "wire/ip_addr.h"

struct tcp_core;
struct tcp_conn;
struct tcp_listener;

/** RFC 9293 3.3.2. LISTEN is a struct of its own. */
enum tcp_state {
	TCP_CLOSED,
	TCP_SYN_SENT,
	TCP_SYN_RECEIVED,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT_1,
	TCP_FIN_WAIT_2,
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_LAST_ACK,
	TCP_TIME_WAIT,
	TCP_STATE_COUNT
};

/** "ESTABLISHED" */
const char *tcp_state_name(enum tcp_state state);

/** What a connection is found by. No padding: hashed and compared whole. */
struct tcp_tuple {
	uint8_t local[16], remote[16]; /**< network order; IPv4 uses the first 4, the rest is 0 */
	uint16_t local_port, remote_port;
	uint16_t iface; /**< of link-local addresses; else PKT_IFACE_NONE */
	uint8_t vrf;
	uint8_t family; /**< enum ip_family */
};

_Static_assert(sizeof(struct tcp_tuple) == 40, "five words");

/** Counters of a worker: enum tcp_stat, names in tcp_stat.def. */
enum tcp_stat {
#define TCP_STAT(name, help) TCP_STAT_##name,
#include "tcp/tcp_stat.def"
#undef TCP_STAT
	TCP_STAT_COUNT
};

const char *tcp_stat_name(enum tcp_stat stat);
const char *tcp_stat_help(enum tcp_stat stat);
/** [TCP_STAT_COUNT]; written by the worker, read by any thread with counter_read() */
const uint64_t *tcp_stats(const struct tcp_core *core);

/* ---- what the workers of a stack share ---- */

#define TCP_WORKERS_MAX 64

/** Which workers have connections and listeners on which port, and where to look for them. */
struct tcp_ports;

/** @return NULL without memory */
struct tcp_ports *tcp_ports_create(void);
/** No core uses it any more. */
void tcp_ports_destroy(struct tcp_ports *ports);

/* ---- set-up ---- */

enum tcp_ecn_mode {
	TCP_ECN_OFF,
	TCP_ECN_PASSIVE, /**< where the peer asks for it */
	TCP_ECN_ON, /**< ask for it */
};

/** Segments that are processed together. */
struct tcp_offload {
	bool gro; /**< received ones that follow each other in a burst, as one */
	bool tso; /**< data in packets of several, with RTE_MBUF_F_TX_TCP_SEG */
};

/** Of connections that begin from now on. tcp_policy_init() gives each a value. */
struct tcp_policy {
	enum tcp_ecn_mode ecn;
	bool syn_cookies; /**< once the queue of half-open connections is full: else SYNs are dropped */
	/** tcp_connect() takes the place of one in TIME-WAIT that had timestamps, a second later. */
	bool time_wait_reuse;
	bool pacing; /**< cwnd is spread over round trips, whatever settings and congestion control say */
};

void tcp_policy_init(struct tcp_policy *policy);

/** Of one worker. tcp_config_init() gives each a value. */
struct tcp_config {
	struct rte_mempool
		*pool; /**< packets that are made here; data room for a header and an MSS */
	int socket_id;
	unsigned worker;
	struct tcp_ports *ports; /**< NULL: there are no other workers */
	uint32_t conns_max; /**< with those that nobody accepted or their users closed */
	/** Of a peer (an address of IPv4, a /64 of IPv6), beyond which it is refused more; 0: no bound */
	uint32_t peer_conns_max;
	uint32_t segments_max; /**< segments to send, or sent and not acknowledged, of all */
	uint32_t send_buffers_max; /**< packet buffers that hold them */
	uint32_t runs_max; /**< runs of data with a gap in front, of all */
	uint32_t received_max; /**< bytes that wait for their users, or out of order, of all */
	uint32_t half_open_max; /**< in SYN-RECEIVED, of all listeners */
	uint32_t time_wait_max; /**< beyond, the oldest goes */
	uint32_t listeners_max;
	uint32_t names_max; /**< of sockets that are bound */
	uint32_t rto_min_us, rto_max_us, rto_initial_us; /**< RFC 6298 2 */
	uint32_t delayed_ack_us; /**< RFC 9293 3.8.6.3: 500 ms at most */
	uint32_t time_wait_us; /**< 2 MSL */
	uint32_t fin_wait_2_us; /**< of what its user closed */
	uint8_t syn_retries, synack_retries;
	bool sack, timestamps, window_scaling;
	struct tcp_policy policy;
	struct tcp_offload offload;
	struct siphash_key secret; /**< random; the same for all workers of a stack */
	/** The MTU of the path of a connection whose settings say 0; NULL: 1500. */
	uint32_t (*path_mtu)(void *arg, const struct tcp_tuple *tuple);
	void *path_arg;
};

void tcp_config_init(struct tcp_config *config);

/** Of a connection, or of those that a listener accepts. tcp_settings_init() gives each a value. */
struct tcp_settings {
	const struct cc_ops *cc;
	uint16_t mtu; /**< of the path, as far as it is known: bytes of an IP packet; 0: ask */
	uint16_t mss_max; /**< of segments, both ways; 0: as the path allows */
	bool nodelay : 1; /**< without Nagle's algorithm */
	/** Small segments wait for more data, or for this to end, or for TCP_CORK_MS. */
	bool cork : 1;
	bool quickack : 1; /**< no acknowledgment is delayed */
	bool adv_uto : 1; /**< the user timeout is told to the peer, and what it tells counts: RFC 5482 */
	uint8_t keepalive_count;
	uint8_t tos, ttl;
	uint32_t receive_buffer, receive_buffer_max; /**< at first, and as far as tuning may go */
	/** Likewise. Of one that tuning has made larger 128 KB may wait that were never sent. */
	uint32_t send_buffer, send_buffer_max;
	uint32_t
		pacing_rate; /**< bytes of data a second, and cwnd spread over round trips; 0: not */
	uint32_t
		user_timeout_ms; /**< data that stays unacknowledged so long ends it; 0: by retries */
	uint32_t keepalive_idle_ms, keepalive_interval_ms; /**< idle 0: no keep-alives */
};

/** What is corked waits no longer (tcp(7) of Linux). */
#define TCP_CORK_MS 200

void tcp_settings_init(struct tcp_settings *settings);

/** @return 0, or -ENOMEM */
int tcp_core_create(const struct tcp_config *config, uint64_t now_ns, struct tcp_core **core);
/** With all its connections, which send nothing any more. */
void tcp_core_destroy(struct tcp_core *core);

/* ---- what the worker calls ---- */

/** Where packets go. What is sent starts with its IP header, and has yet to be routed. */
struct tcp_out {
	struct pkt_vec *send4, *send6;
	struct pkt_vec *handover; /**< for the worker in meta->worker */
	struct pkt_vec *done; /**< segments that were used up: to be freed */
	struct pkt_vec *punts; /**< ICMP errors that control is to know, too */
	struct pkt_vec *drops;
};

void tcp_now_set(struct tcp_core *core, uint64_t now_ns);
/** From now on. */
void tcp_offload_set(struct tcp_core *core, const struct tcp_offload *offload);
void tcp_policy_set(struct tcp_core *core, const struct tcp_policy *policy);

/**
 * Segments to addresses of ours, PKT_BURST at most, of either family; their IP headers are good, and
 * l2_len and l3_len lead to the TCP header. Checksums are verified unless ol_flags tells.
 */
void tcp_input(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out);
/** The same of those that another worker has handed over. */
void tcp_input_handed(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out);

/** ICMP errors about segments, their checksums checked: RFC 9293 3.9.2.2. */
void tcp_error_input(struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out);
void tcp_error_input_handed(
	struct tcp_core *core, const struct pkt_vec *in, const struct tcp_out *out);

/** Retransmissions, delayed ACKs, keep-alives, and the ends of waits. */
void tcp_timers(struct tcp_core *core, const struct tcp_out *out);

/** Let those connections send that have something to, as far as `out` has room. */
void tcp_flush(struct tcp_core *core, const struct tcp_out *out);

/** When one of the three above has something to do; 0: at once; UINT64_MAX: not before a packet comes */
uint64_t tcp_next_ns(const struct tcp_core *core);

/** An ICMP error about a segment that was sent: RFC 5927. */
struct tcp_icmp {
	struct tcp_tuple tuple; /**< local: whence the segment came */
	uint32_t seq; /**< of the segment quoted */
	int error; /**< positive errno; EMSGSIZE: it was too big */
	bool hard; /**< RFC 1122 4.2.3.9; none is believed of an established connection */
	uint32_t mtu; /**< if it was too big */
};
/** @return whether it is about a segment in flight: else it was not heard */
bool tcp_icmp_input(struct tcp_core *core, const struct tcp_icmp *icmp);

/* ---- events ---- */

enum tcp_event_bit {
	TCP_EVENT_READABLE = 1 << 0, /**< data, or the end of data */
	TCP_EVENT_WRITABLE =
		1 << 1, /**< established, or room in the send buffer where there was none */
	TCP_EVENT_ACCEPTED = 1 << 2, /**< of a listener: tcp_accept() has one */
	TCP_EVENT_CLOSED = 1 << 3, /**< it has ended */
	TCP_EVENT_ERROR = 1 << 4, /**< tcp_error() says why */
	TCP_EVENT_URGENT = 1 << 5, /**< RFC 9293 3.8.5 */
};

struct tcp_event {
	struct tcp_conn *conn; /**< NULL: of a listener */
	struct tcp_listener *listener;
	void *user;
	uint32_t events; /**< enum tcp_event_bit */
};

/** Take up to `max` events, one a connection. @return how many */
unsigned tcp_events(struct tcp_core *core, struct tcp_event *events, unsigned max);
bool tcp_events_pending(const struct tcp_core *core);
/** What is so now: enum tcp_event_bit. */
uint32_t tcp_ready(const struct tcp_core *core, const struct tcp_conn *conn);
uint32_t tcp_listener_ready(const struct tcp_listener *listener);

/* ---- what users call ---- */

struct tcp_bind {
	struct ip_addr addr; /**< family IP_FAMILY_6 and all zeros: IPv4 too, unless v6only */
	uint16_t port;
	uint8_t vrf;
	bool v6only;
};

/** What a socket is bound to. */
struct tcp_name;
/** Whether a socket, of whichever worker, has an address in common with it, and they do not share it. */
bool tcp_name_is_taken(const struct tcp_core *core, const struct tcp_bind *bind, bool shared);
/**
 * Take an address and port.
 * @param shared with others that say the same
 * @return 0; -EADDRINUSE; -ENFILE
 */
int tcp_name_bind(
	struct tcp_core *core, const struct tcp_bind *bind, bool shared, struct tcp_name **name);
void tcp_name_unbind(struct tcp_core *core, struct tcp_name *name);

/**
 * Accept connections.
 * @param backlog connections that wait for tcp_accept(), and as many again that are half open
 * @return 0; -EADDRINUSE, -ENFILE
 */
int tcp_listen(struct tcp_core *core, const struct tcp_bind *bind,
	const struct tcp_settings *settings, unsigned backlog, void *user,
	struct tcp_listener **listener);
/** For connections that it accepts from now on. */
void tcp_listener_settings_set(struct tcp_listener *listener, const struct tcp_settings *settings);
/** Connections that nobody accepted are reset. */
void tcp_unlisten(struct tcp_core *core, struct tcp_listener *listener);
/** @return NULL: there is none */
struct tcp_conn *tcp_accept(struct tcp_core *core, struct tcp_listener *listener, void *user);

/** Whether a worker has a connection with these ends, or one in TIME-WAIT that none may follow. */
bool tcp_tuple_is_used(const struct tcp_core *core, const struct tcp_tuple *tuple);
/** @return 0; -EADDRINUSE: there is a connection with these ends; -ENFILE, -ENOBUFS */
int tcp_connect(struct tcp_core *core, const struct tcp_tuple *tuple,
	const struct tcp_settings *settings, void *user, struct tcp_conn **conn);

/** Copy into the send buffer. @return bytes taken; -EAGAIN, -EPIPE, -ENOTCONN, or the error */
int64_t tcp_send(struct tcp_core *core, struct tcp_conn *conn, const void *data, size_t length);
/**
 * Hand packets over, data and nothing else in each; those that are sent as they are have 128 bytes of
 * headroom and no other owner, others are copied. @return how many were taken, the first ones, or as
 * above; the next one may have become shorter, by what was copied of it
 */
int tcp_send_pkts(
	struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkts, unsigned count);
/** Copy received bytes. @return bytes; 0: the peer has ended; -EAGAIN, -ENOTCONN, or the error */
int64_t tcp_recv(struct tcp_core *core, struct tcp_conn *conn, void *data, size_t size);
/** The same, and they stay. */
int64_t tcp_peek(struct tcp_conn *conn, void *data, size_t size);
/** Take the packets that hold them, one buffer each. @return how many; 0 and others as above */
int tcp_recv_pkts(
	struct tcp_core *core, struct tcp_conn *conn, struct rte_mbuf **pkts, unsigned max);

/** Bytes that wait to be received; and that wait to be sent or acknowledged. @{ */
uint32_t tcp_unread(const struct tcp_conn *conn);
uint32_t tcp_unacked(const struct tcp_conn *conn);
/** @} */

enum tcp_shutdown { TCP_SHUTDOWN_READ = 1, TCP_SHUTDOWN_WRITE = 2 };
/** @return 0; -ENOTCONN */
int tcp_shutdown(struct tcp_core *core, struct tcp_conn *conn, unsigned how);
/** What was sent still goes, unless there is data that was not received: RFC 2525 2.17. */
void tcp_close(struct tcp_core *core, struct tcp_conn *conn);
/** Reset it: RFC 9293 3.10.5. */
void tcp_abort(struct tcp_core *core, struct tcp_conn *conn);

/**
 * Reset it, against its user's will: who is told ECONNABORTED, and still has to close it.
 * @return false: it had ended
 */
bool tcp_kill(struct tcp_core *core, struct tcp_conn *conn);

/** What the next bytes to send carry as their end is urgent: RFC 9293 3.8.5, for old peers only. */
int tcp_urgent_send(struct tcp_core *core, struct tcp_conn *conn);
/** Bytes to be read up to the end of what the peer has marked; 0: none is marked (MUST-33). */
uint32_t tcp_urgent_left(const struct tcp_conn *conn);

enum tcp_state tcp_conn_state(const struct tcp_conn *conn);
/** Its handshake is under way. */
bool tcp_conn_is_opening(const struct tcp_conn *conn);
/** It has ended without. */
bool tcp_conn_has_failed(const struct tcp_conn *conn);
const struct tcp_tuple *tcp_conn_tuple(const struct tcp_conn *conn);
/** Why it ended, or what was reported: a positive errno, told once. */
int tcp_error(struct tcp_conn *conn);
void tcp_user_set(struct tcp_conn *conn, void *user);
void *tcp_user(const struct tcp_conn *conn);
/** Settings that hold from now on; MTU and buffers only grow. */
void tcp_settings_set(
	struct tcp_core *core, struct tcp_conn *conn, const struct tcp_settings *settings);

/** What RFC 4898 and Linux's tcp_info tell. */
struct tcp_info {
	enum tcp_state state;
	bool sack, timestamps, window_scaling, ecn;
	uint8_t snd_wscale, rcv_wscale;
	uint8_t backoff, probes;
	uint32_t rto_us, srtt_us, rttvar_us, min_rtt_us;
	uint32_t snd_mss, rcv_mss, pmtu;
	uint32_t pmtu_most; /**< what probes may raise it to: RFC 4821 */
	bool mtu_probe_out; /**< a segment that is larger than snd_mss */
	uint32_t snd_wnd, rcv_wnd, cwnd, ssthresh; /**< bytes */
	uint32_t unacked, in_flight, sacked, lost, retransmitted; /**< bytes, now */
	uint32_t unsent, unread; /**< bytes in the buffers */
	uint32_t send_buffer, receive_buffer;
	uint32_t out_of_order; /**< bytes with a gap in front */
	uint64_t bytes_sent, bytes_acked, bytes_received, bytes_retransmitted;
	uint32_t segments_in, segments_out, data_segments_in, data_segments_out;
	uint32_t last_sent_ms, last_received_ms, last_heard_ms; /**< ago: data, data, anything */
	uint32_t mss_offered, delayed_ack_us;
	uint32_t retransmits, timeouts, recoveries, undos, dsacks, reorderings;
	uint32_t ecn_marks; /**< received */
	uint64_t delivery_rate; /**< bytes a second */
	bool delivery_app_limited;
	uint64_t busy_us, receiver_limited_us, sender_limited_us; /**< with data to send; of that */
	const char *cc;
};
void tcp_info(const struct tcp_core *core, const struct tcp_conn *conn, struct tcp_info *info);

/** Places where connections may be: of all that there were at a time. */
uint32_t tcp_conn_places(const struct tcp_core *core);
/** @return NULL: there is none at this place */
struct tcp_conn *tcp_conn_at(const struct tcp_core *core, uint32_t place);

/** The next place where something half open, or in TIME-WAIT, may be. UINT32_MAX: there is none */
uint32_t tcp_brief_next(const struct tcp_core *core, uint32_t place);
/** @param place as tcp_brief_next() said. @return NULL: there is none at this place */
const struct tcp_tuple *tcp_brief_at(
	const struct tcp_core *core, uint32_t place, enum tcp_state *state);

/** What is known of a listener. */
struct tcp_listener_info {
	struct tcp_bind bind;
	void *user;
	const char *cc;
	uint32_t backlog, accepted, half_open; /**< accepted: that wait for tcp_accept() */
};
/** Listeners in no order, without the first `from` ones. @return how many */
unsigned tcp_listeners(
	const struct tcp_core *core, unsigned from, struct tcp_listener_info *infos, unsigned max);

/** How many there are now. */
struct tcp_counts {
	uint32_t conns, half_open, time_wait, listeners;
	uint32_t segments; /**< to send, or sent and not acknowledged */
	uint32_t send_buffers; /**< packet buffers that hold them */
	uint32_t runs; /**< of data with a gap in front */
};
void tcp_counts(const struct tcp_core *core, struct tcp_counts *counts);

/** Connections of a worker, in no order: from `*cursor` (0 at first) on. NULL: no more */
struct tcp_conn *tcp_conn_next(const struct tcp_core *core, uint32_t *cursor);

#endif
