/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * Links on a virtual clock, between two ends that a test calls: what they do to packets, by a seed, and
 * the packets that are under way.
 *
 *     count = virtual_link_pass(&link, &random, now_ns, from, pkt->pkt_len, due_ns);
 *     for (unsigned i = 0; i < count; i++)
 *         flight_add(&flight, 1 - from, flight_copy(pool, pkt), NULL, due_ns[i]);
 *     ...
 *     while (flight_take(&flight, to, now_ns, &packet))
 *         pkt_vec_append(&in, packet.pkt);
 */
#ifndef SUPPORT_VIRTUAL_LINK_H
#define SUPPORT_VIRTUAL_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

struct rte_mbuf;
struct rte_mempool;

struct virtual_link {
	uint64_t delay_ns, jitter_ns; /**< one way */
	uint32_t loss_ppb, duplicate_ppb;
	uint32_t reorder_ppb; /**< these are late by a delay more */
	uint32_t mark_ppb; /**< of ECN-capable ones, CE: for who sends to do */
	uint64_t rate_bps; /**< each way; 0: no matter */
	uint32_t queue_bytes; /**< that wait for it at most; what is more is lost */
	bool cut;
	/** Packets stay with who sends them until they arrive, as in a NIC's queue; and are not changed. */
	bool holds_packets;
	uint64_t packets; /**< that were given to it */
	uint64_t free_ns[2]; /**< when it has sent what was given to it by each end */
};

/** @param due_ns when it arrives, and perhaps once more. @return how often: 0 to 2 */
unsigned virtual_link_pass(struct virtual_link *link, struct random *random, uint64_t now_ns,
	unsigned from, uint32_t length, uint64_t due_ns[2]);

/** A packet that is under way. */
struct flight_packet {
	uint64_t due_ns, order; /**< order: in which they were added */
	struct rte_mbuf *pkt;
	struct rte_mbuf *held; /**< what was sent, if its sender wants it back */
};

/** To each end those that come first are taken first. All zeros: none. */
struct flight {
	struct flight_packet *heaps[2];
	unsigned counts[2], sizes[2];
	uint64_t added;
};

void flight_add(struct flight *flight, unsigned to, struct rte_mbuf *pkt, struct rte_mbuf *held,
	uint64_t due_ns);
/** @return false: nothing has arrived by now */
bool flight_take(struct flight *flight, unsigned to, uint64_t now_ns, struct flight_packet *packet);
/** When the next one arrives; UINT64_MAX: none is under way. */
uint64_t flight_next_ns(const struct flight *flight);
/** All of them, and its memory. */
void flight_free(struct flight *flight);

/** What a NIC does: another packet with the same bytes, in one piece if one has room for them, its l3_len, and metadata. */
struct rte_mbuf *flight_copy(struct rte_mempool *pool, const struct rte_mbuf *pkt);

#endif
