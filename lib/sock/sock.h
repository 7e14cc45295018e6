/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Sockets for applications that run on a worker: event-driven, without a call that waits.
 *
 * An application has one instance on each worker that it runs on (struct sock_app), and each of
 * these its own sockets. All calls about a socket are made on its worker: from the application's
 * functions, which the worker calls. Nothing here takes a lock, allocates memory, or makes a system
 * call; neither should an application.
 *
 * Once a loop an application gets what happened to its sockets, as a batch of events. Events are
 * levels at the time they are delivered, and are told once: who does not receive all that is there
 * asks again, by itself or with sock_event_again(). So an application is a switch over events:
 *
 *     static void
 *     echo_events(struct sock_app *app, const struct sock_event *events, unsigned count)
 *     {
 *         struct sock_msg msgs[SOCK_BATCH];
 *
 *         for (unsigned i = 0; i < count; i++) {
 *             int n;
 *
 *             if (!(events[i].events & SOCK_EVENT_READABLE))
 *                 continue;
 *             while ((n = sock_receive_msgs(events[i].sock, msgs, SOCK_BATCH)) > 0)
 *                 sock_send_msgs(events[i].sock, msgs, (unsigned)n);
 *         }
 *     }
 *
 * Functions return 0 or a count, or -errno with the meaning that it has for BSD sockets: -EAGAIN
 * where a blocking call would wait. Ports are in host byte order, lengths in bytes, times in
 * nanoseconds of the worker's clock.
 */
#ifndef SOCK_SOCK_H
#define SOCK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/timer_wheel.h"
#include "pkt/pkt.h"
#include "wire/ip_addr.h"

/* Shared objects that spated loads call these (app/spated/spated.syms). */
#pragma GCC visibility push(default)

/** A worker's sockets. */
struct sock_core;
/** One socket. Gone after sock_close(). */
struct sock;

enum sock_proto {
	SOCK_UDP,
	SOCK_TCP,
	SOCK_SCTP, /**< one-to-one style: a socket is an association. RFC 6458 4 */
	SOCK_SCTP_MANY, /**< one-to-many style: it has as many as it likes. RFC 6458 3 */
	SOCK_PROTO_COUNT
};

/** The end of a flow. Family IP_FAMILY_NONE: none, or any. */
struct sock_addr {
	struct ip_addr addr; /**< all zeros: any address, of its family */
	uint16_t port; /**< 0: none, or one to be chosen */
	uint16_t iface; /**< of a link-local address: index; else PKT_IFACE_NONE */
};

/* ---- events ---- */

enum sock_event_bit {
	SOCK_EVENT_READABLE = 1 << 0, /**< data, a datagram, or the peer's end of data */
	SOCK_EVENT_WRITABLE = 1 << 1, /**< after -EAGAIN of a send, or connected: there is room */
	SOCK_EVENT_ACCEPTED = 1 << 2, /**< of a listener: sock_accept() has one */
	SOCK_EVENT_CLOSED = 1 << 3, /**< the connection has ended, and nothing is to be sent */
	SOCK_EVENT_ERROR = 1 << 4, /**< SOCK_OPT_ERROR says which */
	SOCK_EVENT_URGENT = 1 << 5, /**< the peer marks data as urgent: SOCK_OPT_URGENT */
};

struct sock_event {
	struct sock *sock; /**< NULL: it was closed since the batch was made */
	void *user; /**< as sock_user_set() has it */
	uint32_t events; /**< enum sock_event_bit */
};

/** Events, and messages, at a time. */
#define SOCK_BATCH PKT_BURST

/** An instance of an application on one worker. */
struct sock_app {
	struct sock_core *core;
	const struct sock_app_ops *ops;
	void *state; /**< the application's own; zeros at first */
	TAILQ_HEAD(sock_list, sock) socks; /**< lib/sock's: those that it has open */
	LIST_HEAD(sock_timer_list, sock_timer) timers; /**< lib/sock's: those that are set */
};

/** What an application is: functions that its worker calls. None may wait. */
struct sock_app_ops {
	const char *name; /**< "udp-echo" */
	enum sock_proto proto; /**< of the port that it serves; SOCK_PROTO_COUNT: of several */
	size_t state_size; /**< of each instance's state */
	/** On the control thread, before start(): get what memory it needs beside. May be NULL. */
	int (*create)(struct sock_app *app, const void *config);
	/** On the control thread, after stop(), or if create() or start() failed. May be NULL. */
	void (*destroy)(struct sock_app *app);
	/** Open what it is to serve. @return 0 or -errno: then sockets that it has opened are closed */
	int (*start)(struct sock_app *app, const void *config);
	/** @param count at most SOCK_BATCH; one of each socket at most */
	void (*events)(struct sock_app *app, const struct sock_event *events, unsigned count);
	/** The instance ends. Sockets that it leaves open are closed, timers cleared. May be NULL. */
	void (*stop)(struct sock_app *app);
};

/** Where a service is to be found: what its start() gets as its configuration. */
struct sock_service {
	uint16_t vrf;
	struct sock_addr
		local; /**< family IP_FAMILY_NONE: any address, of both families; port 0: none */
	const char *args; /**< words for the application; NULL: none. For start() alone. */
	const void *options; /**< of a service that comes with spated, as long as it runs */
};

/** Have the socket's next batch tell these again, as if they had just happened. */
void sock_event_again(struct sock *sock, uint32_t events);

/* ---- life ---- */

/**
 * @param family IP_FAMILY_6 takes IPv4 as well (as ::ffff:0:0/96 does) unless SOCK_OPT_V6ONLY
 * @param vrf index
 * @return 0; -EPROTONOSUPPORT, -EAFNOSUPPORT, -ENFILE: as many as the worker may have
 */
int sock_open(struct sock_app *app, enum sock_proto proto, enum ip_family family, uint16_t vrf,
	struct sock **sock);

/**
 * Take an address and port. Port 0: one is chosen (RFC 6056).
 * @return 0; -EADDRINUSE, unless all sockets on it, on all workers, have SOCK_OPT_REUSEPORT;
 *         -EADDRNOTAVAIL: not an address of the VRF; -EINVAL: bound before
 */
int sock_bind(struct sock *sock, const struct sock_addr *local);

/** Accept connections. @param backlog that wait for sock_accept() at most */
int sock_listen(struct sock *sock, unsigned backlog);

/** The next connection; events about it come to the same application. -EAGAIN: none */
int sock_accept(struct sock *listener, struct sock **sock);

/**
 * Datagrams: the peer that is meant from now on, and the only one that is heard. Family
 * IP_FAMILY_NONE: any again. Streams: begin to connect: SOCK_EVENT_WRITABLE, or _ERROR, tells the end;
 * who calls it again after that is told the error, and then may try anew.
 * @return 0; -EINPROGRESS, -EALREADY, -EISCONN (streams); -ENETUNREACH, -EADDRNOTAVAIL (no port, or no
 *         address), -EINVAL
 */
int sock_connect(struct sock *sock, const struct sock_addr *peer);

enum sock_shutdown { SOCK_SHUTDOWN_READ = 1, SOCK_SHUTDOWN_WRITE = 2, SOCK_SHUTDOWN_BOTH = 3 };
/** @return 0; -ENOTCONN */
int sock_shutdown(struct sock *sock, enum sock_shutdown how);

/**
 * What was sent still goes; what was not received is lost: a stream's peer is told so by a reset
 * (RFC 2525 2.17). No event comes any more.
 */
void sock_close(struct sock *sock);

/* ---- data ---- */

enum sock_msg_flag {
	SOCK_MSG_END = 1 << 0, /**< the end of a message of SCTP; of a datagram always */
};

/**
 * A message, or a piece of a stream, in packet buffers: from rte_pktmbuf_mtod() on, over all
 * segments, is data and nothing else.
 */
struct sock_msg {
	struct rte_mbuf *pkt;
	/** Received: whence. Sent: whereto; family IP_FAMILY_NONE: to the peer. Datagrams only. */
	struct sock_addr peer;
	/** Received: the address that it came to. Sent: whence; family IP_FAMILY_NONE: as bound. */
	struct ip_addr local;
	uint8_t tos; /**< TOS or traffic class, received */
	uint8_t ttl; /**< or hop limit, received */
	uint8_t flags; /**< enum sock_msg_flag */
};

/**
 * Borrow up to `max` messages: no byte is copied. The caller owns the packets: sends them on, or
 * gives them back with rte_pktmbuf_free().
 * @return how many; 0: the peer has ended the stream; -EAGAIN: none; or what SOCK_OPT_ERROR has
 */
int sock_receive_msgs(struct sock *sock, struct sock_msg *msgs, unsigned max);

/**
 * Hand packets over. Those that were taken belong to the socket, whatever becomes of them; with
 * space for headers in front (what sock_packet_alloc() makes, or what was received) they are not copied.
 * @return how many were taken: the first ones; or -errno for the first, which is still the caller's:
 *         -EAGAIN, -EMSGSIZE, -EDESTADDRREQ, -ENETUNREACH (a link-local address's link is not the
 *         way, either), -EADDRNOTAVAIL (no address of the VRF: a route that leads into another one
 *         needs a bound socket), -ENOBUFS, -EPIPE, or what SOCK_OPT_ERROR has
 */
int sock_send_msgs(struct sock *sock, struct sock_msg *msgs, unsigned count);

/** What is so now: enum sock_event_bit. For those who ask rather than be told. */
uint32_t sock_ready(const struct sock *sock);

/** Copies. @param peer where a datagram came from; may be NULL. @return bytes, else as above */
int64_t sock_receive(struct sock *sock, void *data, size_t size, struct sock_addr *peer);
/** The same, and the datagram, or what was copied of a stream, is there to be received again. */
int64_t sock_peek(struct sock *sock, void *data, size_t size, struct sock_addr *peer);
/** Copies. @param peer of a datagram; NULL: the connected one. @return bytes, else as above */
int64_t sock_send(struct sock *sock, const void *data, size_t length, const struct sock_addr *peer);
/**
 * To a stream, for peers that still want it (RFC 6093 6): the last octet is marked as urgent, if all
 * were taken. The peer finds it in line with all others.
 */
int64_t sock_send_urgent(struct sock *sock, const void *data, size_t length);

/** An empty packet, with room for headers. NULL: out of packet buffers */
struct rte_mbuf *sock_packet_alloc(struct sock_core *core);

/* ---- options and names ---- */

enum sock_pmtu {
	SOCK_PMTU_DONT, /**< IPv4 without DF; what is larger than the link is cut */
	SOCK_PMTU_WANT, /**< DF on what fits the path; what does not is cut here. The default */
	SOCK_PMTU_DO, /**< never cut: -EMSGSIZE for what is larger than the path carries */
	SOCK_PMTU_PROBE, /**< never cut, but only the link's MTU counts */
};

enum sock_option {
	SOCK_OPT_ERROR, /**< get: a positive errno that was not told yet; 0: none */
	SOCK_OPT_REUSEPORT, /**< 0 or 1. Before sock_bind() */
	SOCK_OPT_V6ONLY, /**< 0 or 1. Before sock_bind() */
	SOCK_OPT_FREEBIND, /**< 0 or 1: sock_bind() takes addresses that are not ours yet, too */
	/** Bytes of packet buffers that wait to be received; of a stream, of data, and no tuning. */
	SOCK_OPT_RECEIVE_BUFFER,
	SOCK_OPT_PMTU, /**< enum sock_pmtu */
	SOCK_OPT_MTU, /**< get, of a connected socket: bytes of a packet that the path carries */
	/** Cut what is sent to datagrams of so many bytes; 0: do not. Of a packet SOCK_BATCH at most. */
	SOCK_OPT_SEGMENT,
	SOCK_OPT_TTL, /**< or hop limit: 1 to 255 */
	SOCK_OPT_TOS, /**< TOS or traffic class: 0 to 255 */
	SOCK_OPT_CHECKSUM, /**< 0: send IPv4 datagrams without (RFC 768); 1 at first */
	SOCK_OPT_ERRORS, /**< 1: ICMP errors are told to sockets that are not connected, too */
	/* Of streams; a listener's are those of what it accepts. Times in milliseconds. */
	SOCK_OPT_SEND_BUFFER, /**< bytes that may wait for their acknowledgment, and no tuning */
	SOCK_OPT_NODELAY, /**< 1: small segments are not held back (Nagle, RFC 9293 3.7.4) */
	/** 1: small segments wait for more data, for 0, the end of data, or 200 ms. */
	SOCK_OPT_CORK,
	SOCK_OPT_QUICKACK, /**< 1: no acknowledgment is delayed (RFC 9293 3.8.6.3) */
	SOCK_OPT_KEEPALIVE, /**< 0 or 1: RFC 9293 3.8.4 */
	SOCK_OPT_KEEPALIVE_IDLE, /**< of silence before the first probe */
	SOCK_OPT_KEEPALIVE_INTERVAL, /**< between probes */
	SOCK_OPT_KEEPALIVE_COUNT, /**< probes without an answer that end it: 1 to 255 */
	SOCK_OPT_USER_TIMEOUT, /**< data may stay unacknowledged so long (RFC 5482); 0: by retries */
	SOCK_OPT_CONGESTION, /**< algorithm: its number by sock_congestion_name() */
	SOCK_OPT_MAXSEG, /**< bytes of data in a segment. Set: at most, before it is connected */
	SOCK_OPT_ABORT, /**< 1: sock_close() resets the connection, as SO_LINGER with 0 does */
	SOCK_OPT_URGENT, /**< get: bytes to be read to the end of urgent data; 0: none is marked */
	SOCK_OPT_UNREAD, /**< get: bytes that wait to be received; of datagrams, of the next one */
	SOCK_OPT_UNACKED, /**< get: bytes that were sent and not acknowledged, or wait to be sent */
	SOCK_OPT_LISTENING, /**< get: 1 of a socket that accepts connections */
	/** bytes of data a second at most, up to 2^32, and cwnd spread over round trips; 0: not paced */
	SOCK_OPT_PACING_RATE,
	/** 1: the user timeout is told to the peer; and without one of ours the peer's counts (RFC 5482) */
	SOCK_OPT_USER_TIMEOUT_TOLD,
	/* Of SCTP; those of associations are in sock_sctp.h. */
	SOCK_OPT_AUTOCLOSE, /**< one-to-many: seconds of silence that end an association; 0: none do */
	/**
	 * 0: no message comes between parts of another one: RFC 6458 8.1.20; 1: of other associations; 2: of
	 * other streams, too
	 */
	SOCK_OPT_FRAGMENT_INTERLEAVE,
	/** SCTP, bound to any: peers are told of addresses that come and go later: RFC 6458 8.1.23 */
	SOCK_OPT_AUTO_ASCONF,
	SOCK_OPT_COUNT
};
/** @return 0; -ENOPROTOOPT: the protocol has no such option; -EINVAL; -EISCONN */
int sock_option_set(struct sock *sock, enum sock_option option, int64_t value);
int sock_option_get(struct sock *sock, enum sock_option option, int64_t *value);

/** Of algorithms for congestion control, by number; NULL: no such. */
const char *sock_congestion_name(unsigned number);

/** What is known of a stream's connection. @return 0; -ENOTCONN */
struct tcp_info;
int sock_tcp_info(const struct sock *sock, struct tcp_info *info);

/** @return 0; -ENOTCONN (peer) */
int sock_local(const struct sock *sock, struct sock_addr *local);
int sock_peer(const struct sock *sock, struct sock_addr *peer);

/** As sock_open() had it. @{ */
enum sock_proto sock_proto(const struct sock *sock);
enum ip_family sock_family(const struct sock *sock);
/** @} */

void sock_user_set(struct sock *sock, void *user);
void *sock_user(const struct sock *sock);

/** The worker that runs this application: its index. */
unsigned sock_worker(const struct sock_core *core);
/** The time of this loop. */
uint64_t sock_now_ns(const struct sock_core *core);

/* ---- timers ---- */

/**
 * A call at a time. Memory of the application's, in its state or in what it has for each socket, so
 * that there are as many as it likes; zeros at first.
 */
struct sock_timer {
	struct timer_node node; /**< first; this and the next two are lib/sock's */
	struct sock_app *app; /**< NULL: not set */
	LIST_ENTRY(sock_timer) entry;
	/** The application's: it may set the timer again, and close sockets. */
	void (*strike)(struct sock_app *app, struct sock_timer *timer);
};

/** Timers that strike in a loop, of all applications; others are later by a loop. */
#define SOCK_TIMERS_A_LOOP 256

/**
 * Have it strike once, at a time of sock_now_ns() or up to 131 microseconds and a loop later. One that is
 * set is moved. Its memory stays until it has struck, is cleared, or the instance has ended.
 */
void sock_timer_set(struct sock_app *app, struct sock_timer *timer, uint64_t due_ns);
/** It does not strike. One that is not set may be cleared, too. */
void sock_timer_clear(struct sock_timer *timer);

static inline bool
sock_timer_is_set(const struct sock_timer *timer)
{
	return timer->app != NULL;
}

#pragma GCC visibility pop

#include "sock/sock_module.h"
#include "sock/sock_sctp.h"

/* ---- for lib/stack ---- */

struct entropy;
struct ephemeral_rss;
struct ephemeral;
struct ephemeral_policy;
struct ip_core;
struct sctp_core;
struct tcp_core;
struct udp_core;
struct pkt_queue;
struct rte_mempool;

struct sock_config {
	unsigned worker;
	int numa_node;
	uint32_t socks_max;
	struct ip_core *ip;
	struct udp_core *udp;
	struct tcp_core *tcp;
	struct sctp_core *sctp;
	/** Which local ports have answers by an interface come to this worker; false: all alike. */
	bool (*rss)(void *arg, uint16_t iface, struct ephemeral_rss *rss);
	void *rss_arg;
	struct pkt_queue *output; /**< what the transports send */
	struct rte_mempool *pool;
	struct entropy *entropy; /**< for the choice of ports; used while this is created */
	const struct ephemeral_policy *ports[SOCK_PROTO_COUNT]; /**< how each chooses them */
};

/** @return NULL without memory */
struct sock_core *sock_core_create(const struct sock_config *config);
/** The applications have ended. */
void sock_core_destroy(struct sock_core *core);

/**
 * Begin or end an instance of an application, whose memory is the caller's: on the worker.
 * @param app ops and state are set; the rest is set here
 * @return 0 or what its start() says
 */
int sock_app_start(struct sock_core *core, struct sock_app *app, const void *config);
void sock_app_stop(struct sock_app *app);

/** The policy of a protocol as long as nobody sets another. */
void sock_ports_default(struct ephemeral_policy *policy);
/** Another policy: on the worker. The one before is not used any more. */
void sock_ports_set(
	struct sock_core *core, enum sock_proto proto, const struct ephemeral_policy *policy);
/** Its counters may be read by all. */
const struct ephemeral *sock_ephemeral(const struct sock_core *core, enum sock_proto proto);

struct cc_ops;
/** The congestion control of streams of a VRF that are opened from now on: on the worker. */
void sock_congestion_set(struct sock_core *core, uint16_t vrf, const struct cc_ops *cc);

/** Whose a socket is. */
const char *sock_app_name(const struct sock *sock);

/** Tell applications what has happened, and what is due. @return whether anything was */
bool sock_poll(struct sock_core *core);
/** Whether sock_poll() has something to tell. */
bool sock_pending(const struct sock_core *core);
/** When sock_poll() has something to tell, if nothing happens; 0: at once; UINT64_MAX: never */
uint64_t sock_next_ns(const struct sock_core *core);

#endif
