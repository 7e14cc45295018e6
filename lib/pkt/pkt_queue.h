/* SPDX-License-Identifier: BSD-3-Clause */
/** @file
 * A bounded first-in, first-out queue of packets, of one owner: what transports want sent.
 *
 * Transports append; who connects the stages takes vectors out until it is empty. When it is full,
 * who wants to send is told so, and tries again later.
 */
#ifndef PKT_PKT_QUEUE_H
#define PKT_PKT_QUEUE_H

#include "pkt/pkt.h"

#define PKT_QUEUE_SIZE 1024 /* a power of two */

struct pkt_queue {
	uint32_t head, tail; /**< that were put in, and taken out; they wrap */
	struct rte_mbuf *pkts[PKT_QUEUE_SIZE];
};

static inline uint32_t
pkt_queue_count(const struct pkt_queue *queue)
{
	return queue->head - queue->tail;
}

static inline uint32_t
pkt_queue_room(const struct pkt_queue *queue)
{
	return PKT_QUEUE_SIZE - pkt_queue_count(queue);
}

/** There must be room. */
static inline void
pkt_queue_put(struct pkt_queue *queue, struct rte_mbuf *pkt)
{
	RTE_ASSERT(pkt_queue_room(queue) > 0);
	queue->pkts[queue->head++ % PKT_QUEUE_SIZE] = pkt;
}

/** There must be one. */
static inline struct rte_mbuf *
pkt_queue_take(struct pkt_queue *queue)
{
	RTE_ASSERT(pkt_queue_count(queue) > 0);
	return queue->pkts[queue->tail++ % PKT_QUEUE_SIZE];
}

#endif
