/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * UDP on one worker: RFC 768, RFC 1122 4.1.
 *
 * Pure: what it needs of IP comes as arguments (struct udp_way), what it sends goes to a queue, what
 * it tells users to a list that lib/sock drains once a loop. A socket lives on one worker. Datagrams
 * for a socket of another worker come by a ring: each worker's table has one writer, it, and may be
 * looked up by all (RCU).
 */
#ifndef UDP_UDP_H
#define UDP_UDP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "pkt/pkt.h"
#include "pkt/pkt_queue.h"
#include "wire/ip_addr.h"
#include "wire/toeplitz.h"

/** Bytes of packet buffers that wait in a socket at first, and at most. */
#define UDP_BUFFER_DEFAULT (1U << 20)
#define UDP_BUFFER_MAX     (16U << 20)
#define UDP_WORKERS_MAX    64

struct rte_rcu_qsbr;
struct udp_core;

/* ---- what the workers share ---- */

/** Which workers have sockets on which port, and their tables. */
struct udp_ports;

/** @param random seeds the tables' hash. @return NULL without memory */
struct udp_ports *udp_ports_create(uint32_t random);
/** No core uses it any more. */
void udp_ports_destroy(struct udp_ports *ports);

/**
 * Keep a port, in all VRFs, for packets of another protocol (RFC 6951: of SCTP): what comes to it is
 * checked, and goes to out->encapsulated; no socket may be bound to it. There is one such port.
 * @param port 0: none
 * @return 0; -EADDRINUSE: sockets are bound to it, and the port is that of before
 */
int udp_reserve(struct udp_ports *ports, uint16_t port);

/* ---- a worker's ---- */

/** RFC 4113's and Linux's names where they have one. Written by the worker. */
struct udp_counters {
	uint64_t in_datagrams; /**< queued for a socket, or encapsulated packets */
	uint64_t no_ports; /**< for a port that nobody has */
	uint64_t in_errors; /**< of a length or checksum that cannot be */
	uint64_t in_checksum_errors; /**< of these, of a wrong checksum */
	uint64_t receive_buffer_errors; /**< the socket's buffer, or the worker's, was full */
	uint64_t out_datagrams;
	uint64_t send_buffer_errors; /**< not taken: no packet buffer, or the output full */
	uint64_t handed_over; /**< given to the socket's worker */
	uint64_t icmp_errors; /**< about what a socket, or the reserved port, has sent */
	uint64_t icmp_unmatched; /**< about what nobody here has sent */
};

struct udp_config {
	const char *name; /**< of DPDK objects: one of a kind in the process */
	unsigned worker;
	int numa_node;
	uint32_t sockets_max;
	uint32_t held_max; /**< packet buffers in the queues of all sockets */
	struct rte_rcu_qsbr *rcu; /**< that all workers report to; NULL: there are no threads */
	struct udp_ports *ports;
	const struct toeplitz *toeplitz; /**< of the flow hash */
	struct rte_mempool *pool;
	struct pkt_queue *output; /**< IP packets to be routed: meta->vrf, meta->iface */
};

/** @return NULL without memory */
struct udp_core *udp_core_create(const struct udp_config *config);
/** With its sockets and what waits in them. */
void udp_core_destroy(struct udp_core *core);
const struct udp_counters *udp_counters(const struct udp_core *core);
/** Sockets that are open. */
uint32_t udp_socket_count(const struct udp_core *core);

/* ---- stages ---- */

/** Where stages put what they do not keep. */
struct udp_out {
	struct pkt_vec *handover; /**< for the worker in meta->worker */
	struct pkt_vec *unreachable; /**< for a port that nobody has: its sender is to hear of it */
	struct pkt_vec *done; /**< ICMP errors that were told: to be freed */
	struct pkt_vec *punts; /**< ICMP errors that control is to know, too */
	struct pkt_vec *drops;
	/** Of the port that udp_reserve() has: whole, checked, with their headers. */
	struct pkt_vec *encapsulated;
	struct pkt_vec *encapsulated_errors; /**< ICMP errors that quote one from this port */
};

/** Datagrams for an address of ours, l3_len set, whole: to their sockets' queues, or `out`. */
void udp_input(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out);
/** The same of those that another worker has handed over: they stay. */
void udp_input_handed(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out);
/** ICMP errors about datagrams, their checksums checked: RFC 1122 4.1.3.3. */
void udp_error(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out);
void udp_error_handed(struct udp_core *core, const struct pkt_vec *in, const struct udp_out *out);

/* ---- sockets ---- */

enum udp_event { UDP_EVENT_READABLE = 1 << 0, UDP_EVENT_ERROR = 1 << 1 };

/** Of one socket. */
struct udp_socket_counters {
	uint64_t received, received_bytes; /**< datagrams queued, and their data */
	uint64_t sent, sent_bytes;
	uint64_t drops_buffer; /**< its own buffer was full */
	uint64_t drops_memory; /**< the worker's was */
	uint64_t errors; /**< ICMP errors */
};

/** What becomes of datagrams that are larger than their path carries: RFC 1191, 8201. */
enum udp_pmtu { UDP_PMTU_DONT, UDP_PMTU_WANT, UDP_PMTU_DO, UDP_PMTU_PROBE };

/** Read by anyone on the worker, and by lookups of others; written by the functions here, but where said. */
struct udp_socket {
	struct udp_core *core; /**< NULL: not in use */
	void *user; /**< lib/sock's */
	TAILQ_ENTRY(udp_socket) event_entry;
	uint8_t events; /**< enum udp_event: on the list if not 0 */

	uint8_t family; /**< one of IPv6 hears IPv4, too, unless v6only */
	uint16_t vrf;
	bool bound, connected;
	bool v6only, reuse; /**< the user's, before it is bound */
	bool checksum, errors; /**< the user's: send IPv4 with a checksum; hear all ICMP errors */
	uint8_t pmtu; /**< enum udp_pmtu; the user's */
	uint8_t ttl, tos; /**< the user's; ttl 0: the default */
	uint16_t iface; /**< of a link-local address of ours or of the peer's; PKT_IFACE_NONE */
	uint16_t local_port, peer_port;
	struct ip_addr local, peer; /**< all zeros, or family IP_FAMILY_NONE: any */
	int error; /**< a positive errno that was not told yet */

	uint32_t buffer_max; /**< bytes of packet buffers; the user's */
	uint32_t queued_bytes; /**< of packet buffers */
	uint32_t queued;
	uint32_t first, last; /**< slots of the queue */
	struct udp_socket *next[2]; /**< others with the same key; of a dual socket also IPv4's */
	struct udp_socket_counters counters;
};

/** @return NULL: as many are open as may be */
struct udp_socket *udp_open(struct udp_core *core, enum ip_family family, uint16_t vrf, void *user);

/**
 * @param local all zeros: any address
 * @param iface of a link-local address, else PKT_IFACE_NONE
 * @param port not 0
 * @return 0; -EADDRINUSE; -EINVAL: bound before; -ENOSPC: the table is full
 */
int udp_bind(struct udp_socket *socket, const struct ip_addr *local, uint16_t iface, uint16_t port);

/**
 * Hear, and send to, one peer only; a bound socket.
 * @param local the address that it is reached from; not all zeros
 * @param iface of local or peer, if one of them is link-local; else PKT_IFACE_NONE
 * @return 0; -ENOSPC: the table is full
 */
int udp_connect(struct udp_socket *socket, const struct ip_addr *local, uint16_t iface,
	const struct ip_addr *peer, uint16_t peer_port);
/** As it was bound before. @param local as udp_bind() had it */
int udp_disconnect(struct udp_socket *socket, const struct ip_addr *local, uint16_t iface);
void udp_close(struct udp_socket *socket);

/** Whether a port may be bound to: nobody has it on this address, on no worker. */
bool udp_port_is_free(const struct udp_socket *socket, const struct ip_addr *local, uint16_t port);

/** A datagram's data, and where it was from. */
struct udp_datagram {
	struct rte_mbuf *pkt;
	struct ip_addr src, dst;
	uint16_t src_port;
	uint16_t iface; /**< that it came in by */
	uint8_t tos, ttl;
};

/** Take the oldest ones. @return how many; 0: none */
unsigned udp_receive(struct udp_socket *socket, struct udp_datagram *datagrams, unsigned max);
/**
 * Look at the oldest one, which stays, with its headers.
 * @param offset of its data in the packet
 * @return whether there is one
 */
bool udp_peek(const struct udp_socket *socket, struct udp_datagram *datagram, uint32_t *offset);

/** What IP says of a way. */
struct udp_way {
	struct ip_addr src, dst;
	uint16_t dst_port;
	uint16_t iface; /**< of a link-local destination; else PKT_IFACE_NONE */
	uint16_t link_mtu, path_mtu; /**< of packets */
	uint16_t id; /**< of an IPv4 packet that may be cut */
	uint8_t ttl;
};

/**
 * Send a packet of data.
 * @return 0, and it is not the caller's any more; -EMSGSIZE; -EAGAIN: the output is full; -ENOBUFS
 */
int udp_send(struct udp_socket *socket, struct rte_mbuf *pkt, const struct udp_way *way);

/** The next socket that something happened to, and what; NULL: none. */
struct udp_socket *udp_event_take(struct udp_core *core, uint8_t *events);
/** Tell of it again. */
void udp_event_add(struct udp_socket *socket, uint8_t events);
bool udp_event_pending(const struct udp_core *core);

/** The first open socket at place `from` or after, and its place; NULL: none. */
const struct udp_socket *udp_socket_next(
	const struct udp_core *core, uint32_t from, uint32_t *place);

#endif
