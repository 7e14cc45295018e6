/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * IPv4 and IPv6 on the worker: input, forwarding, local delivery, ICMP, output.
 *
 * Each function is a stage: it takes a vector and sorts its packets into others; the input vector
 * is left as it is, for its owner to empty. stack/pipeline.c calls them in order.
 */
#ifndef IP_IP_H
#define IP_IP_H

#include "base/rate_limit.h"
#include "ether/ether.h"
#include "iface/iface.h"
#include "ip/ip_id.h"
#include "ip/ip_pmtu.h"
#include "ip/ip_vrf.h"
#include "pkt/pkt.h"
#include "route/route.h"
#include "wire/toeplitz.h"

#define IP_TTL_DEFAULT 64

/**
 * ICMP errors that a worker sends at most (RFC 1812 4.3.2.8, RFC 4443 2.4 (f)), and of these about
 * what came by one interface.
 */
#define IP_ICMP_ERROR_RATE        4000
#define IP_ICMP_ERROR_BURST       400
#define IP_ICMP_ERROR_IFACE_RATE  1000
#define IP_ICMP_ERROR_IFACE_BURST 100

/** Datagrams under reassembly on a worker, fragments of one, and for how long (RFC 8200 4.5). */
#define IP_REASSEMBLY_DATAGRAMS     1024
#define IP_REASSEMBLY_FRAGMENTS_MAX 128
#define IP_REASSEMBLY_TIMEOUT_NS    60000000000ULL
/** Fragments of all of them; of a small pool no more than a quarter of its packets. */
#define IP_REASSEMBLY_HELD_MAX 2048

struct ip_reassembly;

struct ip_counters {
	uint64_t forwarded4, forwarded6; /**< packets that passed the forwarding stages */
	uint64_t delivered; /**< packets that ended here, at ICMP */
	uint64_t originated; /**< packets made here in answer */
	uint64_t reassembled; /**< datagrams put together */
	uint64_t merged; /**< fragments that they were, less one each */
	uint64_t held, datagrams; /**< now: fragments that wait for others, and of how many */
	uint64_t reassembly_timeouts, reassembly_evicted; /**< datagrams given up */
	uint64_t fragmented; /**< packets that were cut */
	uint64_t fragments; /**< into so many */
	uint64_t errors_sent; /**< of these, ICMP errors */
	uint64_t errors_limited; /**< ICMP errors not sent: rate limit */
	uint64_t errors_suppressed; /**< ICMP errors not sent: RFC 1122 3.2.2, RFC 4443 2.4 (e) */
	uint64_t errors_nomem; /**< ICMP errors not sent: no packet buffer */
};

/** IP's state on one worker. The tables are shared, written by control, read under RCU. */
struct ip_core {
	const struct nexthop *nexthops;
	const struct ip_vrf_table *vrfs;
	const struct iface_table *ifaces;
	const struct toeplitz *toeplitz;
	const struct ip_pmtu *pmtu;
	struct rte_mempool *pool; /**< for what is made here */
	uint64_t now_ns; /**< set by the worker once a loop */
	struct rate_limit icmp_limit; /**< shared by the interfaces that packets came by */
	struct ip_id ids; /**< of packets made here */
	struct ip_reassembly *reassembly;
	struct ip_counters counters;
};

/**
 * Where IP's stages sort packets to. One set serves all: each stage uses the ones that its name
 * and description say.
 */
struct ip_out {
	struct pkt_vec *local; /**< for an address of ours */
	struct pkt_vec *udp; /**< ... and datagrams: whole, l3_len set */
	struct pkt_vec *udp_errors; /**< ... and ICMP errors about datagrams of ours, likewise */
	struct pkt_vec *tcp; /**< ... and segments of TCP, likewise */
	struct pkt_vec *tcp_errors; /**< ... and ICMP errors about segments of ours, likewise */
	struct pkt_vec *sctp; /**< ... and packets of SCTP, likewise */
	struct pkt_vec *sctp_errors; /**< ... and ICMP errors about packets of ours, likewise */
	struct pkt_vec *forward; /**< to be sent on */
	struct pkt_vec *replies; /**< made here, to be routed */
	struct pkt_vec *output; /**< has its nexthop: to pick the path, check the MTU */
	struct pkt_vec *ether; /**< has its adjacency */
	struct pkt_vec *fragments; /**< has it, and is to be cut to the MTU of meta->icmp_rest */
	struct pkt_vec *errors; /**< owes its sender an ICMP error, then drop: meta->icmp_* */
	struct pkt_vec *punts;
	struct pkt_vec *drops;
};

/** Validate (RFC 1812 5.2.2, 5.3.7), look up in bulk, sort into local, forward, errors, drops. */
void ip4_input(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
/** Validate (RFC 8200 3, RFC 4291 2.5), look up in bulk, sort likewise. */
void ip6_input(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** TTL (RFC 1812 5.3.1) and its checksum. To output or errors. */
void ip4_forward(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
/** Hop limit (RFC 8200 3). To output or errors. */
void ip6_forward(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** Packets for us: fragments are put together; ICMP is answered; what nobody speaks earns an error. */
void ip4_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
/** Datagrams of either family for a port that nobody has: to the errors of theirs. RFC 1122 4.1.3.1 */
void ip_no_port(const struct pkt_vec *in, const struct ip_out *out4, const struct ip_out *out6);

/** Look up the nexthop of packets made here: to output, or drops where there is no route. */
void ip4_route(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_route(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** Pick a group's path by flow hash, check the MTU. To ether, fragments, punts (glean), errors, drops. */
void ip4_output(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_output(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/**
 * Whether a packet fits an MTU, or each of the segments that the tx edge makes of it: these may
 * become smaller than the transport had in mind when it did not know of the MTU yet.
 */
bool ip_fits(struct rte_mbuf *pkt, uint16_t mtu);

/** A way that a transport wants to take. */
struct ip_path_query {
	const struct ip_addr *dst;
	uint16_t vrf;
	uint16_t iface; /**< of a link-local destination */
	bool source; /**< whether an address to send from is to be chosen: RFC 6724 */
};
struct ip_path {
	struct ip_addr source; /**< if asked for */
	uint16_t iface; /**< that it leaves by */
	bool several; /**< or by another one: that is up to its flow hash */
	uint16_t link_mtu, path_mtu; /**< of the link, and as far as is known of all of it */
	uint8_t ttl; /**< of what is made here */
};
/**
 * @return 0; -ENETUNREACH: no route, or none that leads over a link; -EADDRNOTAVAIL: no address of the
 *         VRF, as where a route leads into another one: there one has to be named
 */
int ip_path_find(
	const struct ip_core *core, const struct ip_path_query *query, struct ip_path *path);
/** Addresses of a VRF that can be told to others: not of one link, not loopback. @return how many */
unsigned ip_addrs_list(const struct ip_core *core, uint16_t vrf, enum ip_family family,
	struct ip_addr *addrs, unsigned max);
/** What is another number once such addresses may have changed. */
uint32_t ip_addrs_changes(const struct ip_core *core);
/** Whether packets to an address end here. @param iface of a link-local one */
bool ip_addr_is_local(
	const struct ip_core *core, uint16_t vrf, uint16_t iface, const struct ip_addr *addr);

/**
 * @param fragments_max held at a time; @param random seeds the hash
 * @return NULL without memory
 */
struct ip_reassembly *ip_reassembly_create(uint32_t fragments_max, uint32_t random, int socket_id);
/** With the packets that it holds. */
void ip_reassembly_destroy(struct ip_reassembly *reassembly);
/** Whether there is anything for ip_reassembly_expire(). */
bool ip_reassembly_due(const struct ip_core *core);
/** When there will be; 0: there is; UINT64_MAX: never. */
uint64_t ip_reassembly_next_ns(const struct ip_core *core);
/**
 * Give up fragments whose time is over, or whose datagram was refused: a burst of them at most, to
 * errors and drops. @return how many
 */
uint32_t ip_reassembly_expire(
	struct ip_core *core, const struct ip_out *out4, const struct ip_out *out6);
/** A VRF is gone: give up its fragments, which ip_reassembly_expire() takes. */
void ip_reassembly_forget(struct ip_core *core, uint16_t vrf);

/**
 * Cut packets to the MTU: to ether, or drops. One packet becomes up to PKT_VEC_MAX, so that the
 * input may be one packet, and ether must be empty.
 */
void ip4_fragment(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_fragment(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** Answer each packet of the errors vector where it is allowed: to replies; the packet to drops. */
void icmp4_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void icmp6_error(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** Where ip_fast() sends packets to. */
struct ip_fast_out {
	struct pkt_vec *tx; /**< [64], by port index: packets without metadata */
	uint64_t *ports; /**< bit a port: tx[port] is not empty */
	uint64_t *tagged; /**< likewise: some of them have VLAN tags, and are to be counted */
	struct nexthop_counters *counters; /**< by nexthop id */
	struct iface_counters *const
		*ifaces; /**< [IFACE_MAX]; of VLANs, what is received is counted */
};

/**
 * The fast path: take plain packets, IPv4 and IPv6, straight from a received burst to their ports'
 * vectors. What it does not take stays in `vec`, as the driver gave it, for ether_input().
 *
 * @param iface the interface of the port that they came from; up
 * @return packets taken
 */
uint32_t ip_fast(struct ip_core *core, const struct iface *iface, struct pkt_vec *vec,
	const struct ip_fast_out *out);

#endif
