/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * spate inside of another program: whole IPv4 and IPv6 stacks behind function calls.
 *
 * A stack has interfaces, addresses, routes and neighbours as a host or router has. Its links are
 * the program: spate_input() hands a frame in, spate_output() takes frames out. Nothing happens
 * but in these calls: there is no thread of its own that works on packets, and no call waits.
 *
 * Functions return 0 or more, or a negative errno; spate_error() then has a sentence. Pointers are
 * not NULL unless it is said. One thread at a time may use a stack; different stacks may be used by
 * different threads at the same time. doc/embedding.md says the rest.
 */
#ifndef SPATE_SPATE_H
#define SPATE_SPATE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SPATE_API __attribute__((visibility("default")))

struct spate;

/** "0.1.0" */
SPATE_API const char *spate_version(void);

/** What went wrong in the last call of this thread that failed. Valid until its next one. */
SPATE_API const char *spate_error(void);

/** Receives what stacks have to say, a line each, without a newline. */
typedef void spate_log_fn(const char *line);
/** At first nobody hears it. Lines come on the thread that makes the call. @param log may be NULL */
SPATE_API void spate_log_set(spate_log_fn *log);

/**
 * How much memory all stacks of the process share: 512 MB if nobody says it. It is taken as it is
 * used.
 * @param megabytes 32 to 65536
 * @return 0; -EINVAL; -EBUSY: the first stack was made before
 */
SPATE_API int spate_memory_set(unsigned megabytes);

/* ---- stacks ---- */

/** By itself a stack says nothing that it is not asked, and its addresses are usable at once. */
enum spate_flag {
	/** Time passes by spate_advance() only; else the stack follows the wall clock. */
	SPATE_CLOCK_MANUAL = 1 << 0,
	/** IPv6 addresses are tentative until they are known to be unique: RFC 4862 5.4. */
	SPATE_DAD = 1 << 1,
	/** New addresses are announced: RFC 5227 2.3, RFC 4861 7.2.6. */
	SPATE_ANNOUNCE = 1 << 2,
	/** Multicast groups of IPv6 are reported: RFC 3810. */
	SPATE_MLD = 1 << 3,
};

/**
 * @param flags enum spate_flag
 * @return 0; -EINVAL: unknown flags; -ENOMEM; -ECHILD: in the child of a process that has made
 *         stacks
 */
SPATE_API int spate_create(unsigned flags, struct spate **stack);
/**
 * The same, but that a seed determines all random numbers: with SPATE_CLOCK_MANUAL the same calls
 * have the same effect each time, byte for byte. Not for a stack that strangers talk to: they can
 * foretell what it draws.
 * @param seed not 0
 */
SPATE_API int spate_create_seeded(unsigned flags, uint64_t seed, struct spate **stack);
/** With all that is in it. @param stack may be NULL */
SPATE_API void spate_destroy(struct spate *stack);

/* ---- what a user configures ---- */

/** What a link carries. */
enum spate_link {
	/** Ethernet frames, without their checksum; neighbours are found by ARP and ND. */
	SPATE_LINK_ETHERNET,
	/** IP packets without anything in front; whoever is asked for is there. */
	SPATE_LINK_IP,
};

#define SPATE_MTU_MAX 9600
/** No frame is longer: the largest packet behind two VLAN tags. */
#define SPATE_FRAME_MAX (SPATE_MTU_MAX + 22)

/**
 * An interface, which is up.
 * @param name a letter first; up to 31 letters, digits, '.', '_' and '-'
 * @param mtu bytes of an IP packet; 0: 1500
 * @param mac "02:00:00:00:00:01"; NULL: one that no other stack of the process has
 * @return 0; -EEXIST; -EINVAL; -ENOSPC: a stack has 64 at most; -ENOMEM
 */
SPATE_API int spate_iface_add(
	struct spate *stack, const char *name, enum spate_link link, unsigned mtu, const char *mac);
/** With its addresses, VLANs, and the frames that were not taken out. -EBUSY: routes go through it */
SPATE_API int spate_iface_remove(struct spate *stack, const char *name);
/** @param up 0: down */
SPATE_API int spate_iface_set_up(struct spate *stack, const char *name, int up);
/** Bytes of a MAC address's text, with its NUL. */
#define SPATE_MAC_TEXT 18
SPATE_API int spate_iface_mac(struct spate *stack, const char *name, char mac[SPATE_MAC_TEXT]);

/** By which EtherType a VLAN's tag is known. */
enum spate_vlan {
	SPATE_VLAN_CUSTOMER = 0x8100, /**< IEEE 802.1Q */
	SPATE_VLAN_SERVICE = 0x88a8, /**< IEEE 802.1ad: a tag in front of another one */
};

/**
 * An interface for the frames of another one that have this tag too: they come and go by the link of
 * that one. It is up, has that one's MAC address and MTU, and goes by spate_iface_remove().
 * @param parent an interface with a link of Ethernet, or a VLAN on one: two tags at most
 * @param id 1 to 4094
 * @return 0; -EEXIST; -EINVAL; -ENOENT: no such parent; -ENOSPC; -ENOMEM
 */
SPATE_API int spate_vlan_add(struct spate *stack, const char *name, const char *parent,
	enum spate_vlan type, unsigned id);

/**
 * Routes of their own, for interfaces of their own. The one that is always there is called "default".
 * @return 0; -EEXIST; -EINVAL: name; -ENOSPC: a stack has 256 at most; -ENOMEM
 */
SPATE_API int spate_vrf_add(struct spate *stack, const char *name);
/** -EBUSY: interfaces or routes are in it */
SPATE_API int spate_vrf_remove(struct spate *stack, const char *name);
/**
 * Move an interface to a VRF, with its addresses and neighbours.
 * @param vrf NULL: the default one
 * @return 0; -ENOENT; -EBUSY: routes go through it; -EEXIST: the VRF has one of its subnets
 */
SPATE_API int spate_iface_set_vrf(struct spate *stack, const char *name, const char *vrf);

/**
 * An address with its subnet's length: "192.0.2.1/24", "2001:db8::1/64".
 * @return 0; -EINVAL; -EEXIST: an interface has it; -ENOENT: no such interface; -ENOSPC
 */
SPATE_API int spate_addr_add(struct spate *stack, const char *iface, const char *addr);
SPATE_API int spate_addr_remove(struct spate *stack, const char *iface, const char *addr);

/**
 * @param prefix "0.0.0.0/0"
 * @param gateway NULL: the destinations are on the interface's link
 * @param iface NULL: the one on whose subnet the gateway is
 * @return 0; -EINVAL; -EEXIST; -ENOENT: no such interface; -ENETUNREACH or another: no way to the gateway
 */
SPATE_API int spate_route_add(
	struct spate *stack, const char *prefix, const char *gateway, const char *iface);
SPATE_API int spate_route_remove(struct spate *stack, const char *prefix);

/**
 * A route with all that one can have, or another way for the one that is there.
 * @param vrf NULL: the default one
 * @param way "via 10.0.0.2 weight 3 via fe80::2 dev e1": the ways over which flows are shared, by
 *            weight; or "dev e0", "blackhole", "unreachable", "prohibit"
 * @return 0; -EINVAL; -ENOENT: no such interface, or VRF; -ENETUNREACH or another: no way to a gateway
 */
SPATE_API int spate_route_set(
	struct spate *stack, const char *vrf, const char *prefix, const char *way);
SPATE_API int spate_route_unset(struct spate *stack, const char *vrf, const char *prefix);

/** A neighbour whose MAC address nobody needs to ask for. */
SPATE_API int spate_neigh_add(
	struct spate *stack, const char *iface, const char *addr, const char *mac);
SPATE_API int spate_neigh_remove(struct spate *stack, const char *iface, const char *addr);

/* ---- packets ---- */

/**
 * A frame comes in by an interface. Before this returns it is consumed, the timers that are due
 * have run, and what is sent in answer waits for spate_output().
 * @param frame copied; on a link of IP packets it starts with the IP header
 * @return 0, also if the stack drops it: spate_drops() says why. -EINVAL: it is empty, or on a link
 *         of IP packets it is none; -EMSGSIZE: it is longer than the interface's MTU allows;
 *         -ENOENT: no such interface; -ENETDOWN; -ENOBUFS: frames that were not taken out, or held
 *         fragments, have all packet buffers
 */
SPATE_API int spate_input(struct spate *stack, const char *iface, const void *frame, size_t length);

/**
 * Take the oldest frame that left by an interface: up to 1024 wait, what comes then is dropped.
 * @return its length; 0: there is none; -EMSGSIZE: it is longer than `size`, and stays;
 *         -ENOENT: no such interface
 */
SPATE_API int spate_output(struct spate *stack, const char *iface, void *frame, size_t size);

/**
 * How many packets were dropped.
 * @param reason "icmp_rate_limited" or another of what 'drops show' lists; NULL: all
 * @return 0; -EINVAL: there is no such reason
 */
SPATE_API int spate_drops(struct spate *stack, const char *reason, uint64_t *count);

/* ---- sockets: as BSD's, without waiting ---- */

/**
 * Sockets have numbers, from 0 on, of their stack's own. Addresses are texts: "192.0.2.1",
 * "2001:db8::1", of a link "fe80::1%eth0". Errors are those that BSD sockets have for the same;
 * -EAGAIN where these would wait, and -EBADF for a number that no socket has.
 */
enum spate_protocol {
	SPATE_UDP,
	SPATE_TCP,
	SPATE_SCTP, /**< one-to-one style; spate_sctp.h has the rest */
	SPATE_SCTP_SEQPACKET, /**< one-to-many style */
};

/** Bytes of an address's text with its interface, with the NUL. */
#define SPATE_ADDR_TEXT 80

/**
 * @param family 4 or 6; one of IPv6 takes IPv4, too, as "192.0.2.1", unless SPATE_IPV6_V6ONLY
 * @return its number; -EPROTONOSUPPORT, -EAFNOSUPPORT, -EMFILE
 */
SPATE_API int spate_socket(struct spate *stack, int family, enum spate_protocol protocol);
SPATE_API int spate_close(struct spate *stack, int socket);
/** @param addr NULL: any. @param port 0: one is chosen */
SPATE_API int spate_bind(struct spate *stack, int socket, const char *addr, unsigned port);
/**
 * Streams: -EINPROGRESS, and SPATE_WRITABLE or SPATE_HAS_ERROR tells the end.
 * @param addr NULL: nobody any more (datagrams)
 */
SPATE_API int spate_connect(struct spate *stack, int socket, const char *addr, unsigned port);
/**
 * Accept connections.
 * @param backlog that wait for spate_accept() at most; SCTP, 0: no more connections (RFC 6458 4.1.3)
 */
SPATE_API int spate_listen(struct spate *stack, int socket, int backlog);
/**
 * The next connection.
 * @param addr SPATE_ADDR_TEXT bytes for its peer; it and port may be NULL
 * @return the number of its socket; -EAGAIN: there is none
 */
SPATE_API int spate_accept(struct spate *stack, int socket, char *addr, unsigned *port);
/** @param how 1: receive no more, 2: send no more, 3: both */
SPATE_API int spate_shutdown(struct spate *stack, int socket, int how);

/**
 * What is sent waits in spate_output() when this returns, or for its neighbour.
 * @param addr NULL: the connected peer
 * @return bytes, or an error
 */
SPATE_API int spate_sendto(struct spate *stack, int socket, const void *data, size_t length,
	const char *addr, unsigned port);
/**
 * @param addr SPATE_ADDR_TEXT bytes for whence it came; it and port may be NULL
 * @return bytes: of a datagram no more than `size`, the rest is lost; or an error
 */
SPATE_API int spate_recvfrom(
	struct spate *stack, int socket, void *data, size_t size, char *addr, unsigned *port);

/** To the connected peer. @return bytes taken, or an error */
SPATE_API int spate_send(struct spate *stack, int socket, const void *data, size_t length);
/** @return bytes; 0: the peer has ended the stream; or an error */
SPATE_API int spate_recv(struct spate *stack, int socket, void *data, size_t size);

/** As spate_recvfrom(), with MSG_PEEK: what it gives is there to be received again. */
SPATE_API int spate_peek(
	struct spate *stack, int socket, void *data, size_t size, char *addr, unsigned *port);
/**
 * As spate_send(), with MSG_OOB: the last byte, if all were taken, is marked as urgent. Whoever
 * receives finds it in line, as with SO_OOBINLINE (RFC 6093 3.4). -EOPNOTSUPP: not a stream
 */
SPATE_API int spate_send_urgent(struct spate *stack, int socket, const void *data, size_t length);

/** What poll(2) would say. */
enum spate_ready {
	SPATE_READABLE = 1 << 0, /**< of a socket that listens: spate_accept() has one */
	SPATE_WRITABLE = 1 << 1,
	SPATE_CLOSED = 1 << 3, /**< the connection has ended: POLLHUP */
	SPATE_HAS_ERROR = 1 << 4, /**< SPATE_SO_ERROR says which */
	SPATE_URGENT = 1 << 5, /**< urgent data was not read yet: POLLPRI */
};
/** @return enum spate_ready */
SPATE_API int spate_ready(struct spate *stack, int socket);

/** Options, by the names and meanings that they have on Linux. */
enum spate_sockopt {
	SPATE_SO_ERROR,
	SPATE_SO_REUSEPORT,
	SPATE_SO_RCVBUF,
	SPATE_SO_NO_CHECK,
	SPATE_IPV6_V6ONLY,
	SPATE_IP_FREEBIND,
	SPATE_IP_MTU,
	SPATE_IP_MTU_DISCOVER, /**< 0: DONT, 1: WANT, 2: DO, 3: PROBE */
	SPATE_IP_RECVERR,
	SPATE_IP_TTL,
	SPATE_IP_TOS,
	SPATE_UDP_SEGMENT,
	SPATE_SO_SNDBUF,
	SPATE_SO_KEEPALIVE,
	/** -1: off. 0: a close resets the connection. Seconds: as -1, for no call waits. */
	SPATE_SO_LINGER,
	SPATE_TCP_NODELAY,
	SPATE_TCP_MAXSEG,
	SPATE_TCP_KEEPIDLE, /**< seconds */
	SPATE_TCP_KEEPINTVL, /**< seconds */
	SPATE_TCP_KEEPCNT,
	SPATE_TCP_USER_TIMEOUT, /**< milliseconds */
	SPATE_TCP_CORK,
	SPATE_TCP_QUICKACK, /**< stays as it is set, which it need not on Linux */
	SPATE_SO_ACCEPTCONN, /**< get */
	SPATE_SIOCINQ, /**< get: bytes that wait; of datagrams, of the next one */
	SPATE_SIOCOUTQ, /**< get: bytes that are not acknowledged, or not sent */
	SPATE_SIOCATMARK, /**< get: the next byte to be read is the urgent one */
	/** Taken: ports of connections that have ended can be bound in any case. */
	SPATE_SO_REUSEADDR,
	SPATE_SO_TYPE, /**< get: SOCK_STREAM and others of <sys/socket.h>; so the next two */
	SPATE_SO_PROTOCOL,
	SPATE_SO_DOMAIN,
	SPATE_SO_MAX_PACING_RATE, /**< bytes a second; -1: not paced, as at first */
};
SPATE_API int spate_setsockopt(
	struct spate *stack, int socket, enum spate_sockopt option, int64_t value);
SPATE_API int spate_getsockopt(
	struct spate *stack, int socket, enum spate_sockopt option, int64_t *value);
/** TCP_CONGESTION: "cubic". @return 0; -ENOENT: no such; -EINVAL: it is longer than `size`. @{ */
SPATE_API int spate_set_congestion(struct spate *stack, int socket, const char *name);
SPATE_API int spate_get_congestion(struct spate *stack, int socket, char *name, size_t size);
/** @} */

/**
 * TCP_INFO, field by field as struct tcp_info of Linux 5.4 has it, which may be used in its place: of these,
 * windows and what is in flight are in segments, times in microseconds. What spate does not know is 0.
 */
struct spate_tcp_info {
	uint8_t tcpi_state, tcpi_ca_state, tcpi_retransmits, tcpi_probes, tcpi_backoff;
	uint8_t tcpi_options;
	uint8_t tcpi_wscales; /**< tcpi_snd_wscale : 4, tcpi_rcv_wscale : 4 */
	uint8_t tcpi_flags; /**< tcpi_delivery_rate_app_limited : 1 */
	uint32_t tcpi_rto, tcpi_ato, tcpi_snd_mss, tcpi_rcv_mss;
	uint32_t tcpi_unacked, tcpi_sacked, tcpi_lost, tcpi_retrans, tcpi_fackets;
	uint32_t tcpi_last_data_sent, tcpi_last_ack_sent, tcpi_last_data_recv, tcpi_last_ack_recv;
	uint32_t tcpi_pmtu, tcpi_rcv_ssthresh, tcpi_rtt, tcpi_rttvar;
	uint32_t tcpi_snd_ssthresh, tcpi_snd_cwnd, tcpi_advmss, tcpi_reordering;
	uint32_t tcpi_rcv_rtt, tcpi_rcv_space, tcpi_total_retrans;
	uint64_t tcpi_pacing_rate, tcpi_max_pacing_rate, tcpi_bytes_acked, tcpi_bytes_received;
	uint32_t tcpi_segs_out, tcpi_segs_in, tcpi_notsent_bytes, tcpi_min_rtt;
	uint32_t tcpi_data_segs_in, tcpi_data_segs_out;
	uint64_t tcpi_delivery_rate, tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited;
	uint32_t tcpi_delivered, tcpi_delivered_ce;
	uint64_t tcpi_bytes_sent, tcpi_bytes_retrans;
	uint32_t tcpi_dsack_dups, tcpi_reord_seen, tcpi_rcv_ooopack, tcpi_snd_wnd;
};
/** @param size of `info`, which may be shorter. @return bytes written; -ENOTCONN */
SPATE_API int spate_tcp_info(
	struct spate *stack, int socket, struct spate_tcp_info *info, size_t size);

/** @param addr SPATE_ADDR_TEXT bytes; it and port may be NULL. @{ */
SPATE_API int spate_getsockname(struct spate *stack, int socket, char *addr, unsigned *port);
SPATE_API int spate_getpeername(struct spate *stack, int socket, char *addr, unsigned *port);
/** @} */

/* ---- time: nanoseconds ---- */

/** Since the stack was made, by its clock, as of the last call. */
SPATE_API uint64_t spate_now(const struct spate *stack);

/** Run the timers that are due, by the wall clock or where spate_advance() has left the time. */
SPATE_API void spate_poll(struct spate *stack);

/** No timer runs. */
#define SPATE_NEVER UINT64_MAX
/**
 * In so many nanoseconds from now spate_poll() has something to do if nothing else happens before;
 * 0: at once. A program that sleeps for so long, and no longer, misses nothing.
 * @return SPATE_NEVER: nothing will be due
 */
SPATE_API uint64_t spate_next_timeout(const struct spate *stack);

/**
 * Let time pass, with each timer at its time.
 * @return 0; -EINVAL: the stack follows the wall clock
 */
SPATE_API int spate_advance(struct spate *stack, uint64_t ns);

#ifdef __cplusplus
}
#endif

#endif
