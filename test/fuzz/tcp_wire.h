/* SPDX-License-Identifier: BSD-3-Clause */
/* A wire between two TCPs: segments that are on their way, each with its time, on a clock of its own. */
#ifndef FUZZ_TCP_WIRE_H
#define FUZZ_TCP_WIRE_H

#include <stdbool.h>

#include "pkt/pkt.h"

#define WIRE_FRAMES_MAX 1024
#define WIRE_OLD_MAX    16

struct wire_frame {
	struct rte_mbuf *pkt;
	uint64_t due_ns, order;
	unsigned to;
};

struct wire {
	struct rte_mempool *pool;
	uint64_t now_ns, delay_ns, order;
	struct wire_frame frames[WIRE_FRAMES_MAX];
	unsigned frame_count;
	/* Copies of the last segments, and who was to have them. */
	struct rte_mbuf *old[WIRE_OLD_MAX];
	unsigned old_to[WIRE_OLD_MAX], old_next;
};

/* A packet of our own, which starts with its IP header. NULL: no memory */
struct rte_mbuf *wire_copy(struct wire *wire, const struct rte_mbuf *pkt);
/* Have the checksum of a segment be right. */
void wire_checksum_set(struct rte_mbuf *pkt);
/* It arrives after the wire's delay, and `late_ns` more. NULL: there is none */
void wire_add(struct wire *wire, unsigned to, struct rte_mbuf *pkt, uint64_t late_ns);
/* Remember a segment; bring one of those that are remembered again. @{ */
void wire_old_keep(struct wire *wire, unsigned to, const struct rte_mbuf *pkt);
void wire_old_add(struct wire *wire, unsigned which);
/* @} */
/* What has arrived by now, in order, PKT_BURST at most. */
void wire_take(struct wire *wire, unsigned to, struct pkt_vec *in);
/* When the next one arrives. UINT64_MAX: none is on its way */
uint64_t wire_next_ns(const struct wire *wire);
void wire_clear(struct wire *wire);

#endif
