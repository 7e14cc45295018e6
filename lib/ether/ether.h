/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * The link layer: sort what came in, prepend what goes out.
 *
 * Stages of the worker; called by stack/pipeline.c.
 */
#ifndef ETHER_ETHER_H
#define ETHER_ETHER_H

#include <endian.h>

#include "iface/iface.h"
#include "pkt/pkt.h"
#include "route/route.h"
#include "wire/mac.h"

/**
 * What of an interface's traffic the queues of its port do not tell: written by one worker, read by
 * the control thread. Of a port's interface the first two of both ways stay 0.
 */
struct iface_counters {
	uint64_t rx_packets, rx_bytes;
	uint64_t rx_multicast, rx_broadcast;
	uint64_t tx_packets, tx_bytes;
	uint64_t tx_multicast, tx_broadcast;
	uint64_t drops[DROP_REASON_COUNT]; /**< what came in by it, or was to leave by it */
} __attribute__((aligned(64)));

/** Where ether_input() sorts packets to. */
struct ether_input_out {
	struct pkt_vec *ip4, *ip6, *punts, *drops;
	struct iface_counters *const *counters; /**< [IFACE_MAX]; NULL: of no interface */
};

/**
 * Sort the packets of one rx burst by EtherType. Initialises their metadata and l2_len.
 *
 * @param iface the interface of the port that they came from; up
 * @param ifaces where those of VLANs on that port are
 * @param in packets as the driver gave them
 */
void ether_input(const struct iface *iface, const struct iface_table *ifaces,
	const struct pkt_vec *in, const struct ether_input_out *out);

/**
 * Count what a packet's interface received (meta->iface), if its port's queues do not: frames to a
 * group, and all that came with a VLAN's tags.
 */
void ether_input_count(
	const struct rte_mbuf *pkt, bool vlan, struct iface_counters *const *counters);

/** What went to a nexthop: written by one worker, read by the control thread. */
struct nexthop_counters {
	uint64_t packets, bytes;
};

/** Packets by port. `ports` has a bit for each vector that is not empty. */
struct ether_output_out {
	struct pkt_vec *tx; /**< [64], by port index */
	uint64_t *ports;
	struct pkt_vec *drops;
};

/**
 * Write the adjacency of each packet's nexthop (meta->nexthop, a gateway) in front of its network
 * header, in place of what is there, and sort by port. Counts by nexthop.
 */
void ether_output(const struct nexthop *nexthops, struct nexthop_counters *counters,
	const struct pkt_vec *in, const struct ether_output_out *out);

/** A word of a nexthop's link header: control may write another neighbour's there. */
static inline uint64_t
ether_rewrite_word(const struct nexthop *nexthop, unsigned word)
{
	typedef uint64_t __attribute__((may_alias)) rewrite_word;

	return __atomic_load_n(
		(const rewrite_word *)(const void *)nexthop->rewrite + word, __ATOMIC_RELAXED);
}

/** Write a nexthop's link header of 14 bytes, without VLAN tags, at `to`: two overlapping words. */
static inline void
ether_rewrite14(uint8_t *to, const struct nexthop *nexthop)
{
	uint64_t head = ether_rewrite_word(nexthop, 0), next = ether_rewrite_word(nexthop, 1);
	uint64_t tail = htole64(le64toh(head) >> 48 | le64toh(next) << 16);

	memcpy(to, &head, 8);
	memcpy(to + ETHER_HDR_LENGTH - 8, &tail, 8);
}

/** One with VLAN tags, of 18 or 22 bytes: three overlapping words. */
static inline void
ether_rewrite_tagged(uint8_t *to, const struct nexthop *nexthop)
{
	unsigned length = nexthop->rewrite_length, shift = (length - 16U) * 8;
	uint64_t head = ether_rewrite_word(nexthop, 0), middle = ether_rewrite_word(nexthop, 1);
	uint64_t next = ether_rewrite_word(nexthop, 2);
	uint64_t tail = htole64(le64toh(middle) >> shift | le64toh(next) << (64 - shift));

	memcpy(to, &head, 8);
	memcpy(to + 8, &middle, 8);
	memcpy(to + length - 8, &tail, 8);
}

/** Write a nexthop's link header of any length. */
static inline void
ether_rewrite(uint8_t *to, const struct nexthop *nexthop)
{
	if (likely(nexthop->rewrite_length == ETHER_HDR_LENGTH))
		ether_rewrite14(to, nexthop);
	else
		ether_rewrite_tagged(to, nexthop);
}

/** A link header, and the port that it is for. */
struct ether_link {
	uint8_t bytes[NEXTHOP_REWRITE_MAX];
	uint16_t length;
	uint16_t port;
};

/** What a frame has in front, and meta->tx_port. */
void ether_link_init(struct ether_link *link, const struct rte_mbuf *pkt);
/** Write it in front of each packet, in place of what is there, and to its port. */
void ether_output_link(const struct ether_link *link, const struct pkt_vec *in,
	const struct ether_output_out *out);

/** Put a packet that is ready for its port into that port's vector. */
static inline void
ether_output_port(const struct ether_output_out *out, struct rte_mbuf *pkt, uint16_t port)
{
	pkt_meta(pkt)->tx_port = port;
	*out->ports |= 1ULL << port;
	pkt_vec_append(&out->tx[port], pkt);
}

#endif
