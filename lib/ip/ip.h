/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * IPv4 and IPv6 on the worker: input, forwarding, local delivery, ICMP, output.
 *
 * Each function is a stage: it takes a vector and sorts its packets into others; the input vector
 * is left as it is, for its owner to empty. stack/pipeline.c calls them in order.
 */
#ifndef IP_IP_H
#define IP_IP_H

#include "base/token_bucket.h"
#include "ether/ether.h"
#include "iface/iface.h"
#include "ip/ip_id.h"
#include "pkt/pkt.h"
#include "route/route.h"
#include "wire/toeplitz.h"

#define IP_TTL_DEFAULT 64

/** ICMP errors that a worker sends at most (RFC 1812 4.3.2.8, RFC 4443 2.4 (f)). */
#define IP_ICMP_ERROR_RATE  1000
#define IP_ICMP_ERROR_BURST 100

struct ip_counters {
	uint64_t forwarded4, forwarded6; /**< packets that passed the forwarding stages */
	uint64_t delivered; /**< packets that ended here, at ICMP */
	uint64_t originated; /**< packets made here in answer */
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
	const struct fib4 *fib4;
	const struct fib6 *fib6;
	const struct iface_table *ifaces;
	const struct toeplitz *toeplitz;
	struct rte_mempool *pool; /**< for what is made here */
	uint64_t now_ns; /**< set by the worker once a loop */
	struct token_bucket icmp_limit;
	struct ip_id ids; /**< of packets made here */
	struct ip_counters counters;
};

/**
 * Where IP's stages sort packets to. One set serves all: each stage uses the ones that its name
 * and description say.
 */
struct ip_out {
	struct pkt_vec *local; /**< for an address of ours */
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

/** Packets for us: ICMP is answered; what nobody listens for earns an error. */
void ip4_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_local(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** Look up the nexthop of packets made here: to output, or drops where there is no route. */
void ip4_route(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_route(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

/** Pick a group's path by flow hash, check the MTU. To ether, fragments, punts (glean), errors, drops. */
void ip4_output(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);
void ip6_output(struct ip_core *core, const struct pkt_vec *in, const struct ip_out *out);

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
	struct nexthop_counters *counters; /**< by nexthop id */
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
