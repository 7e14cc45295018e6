/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A wire between two ends: packets that are on their way, each with its time, on a clock of its own. An
 * input says what becomes of each, in the order in which they are sent: a byte each, and what it needs
 * behind it. Behind its end all arrive.
 */
#ifndef FUZZ_WIRE_H
#define FUZZ_WIRE_H

#include <stdbool.h>

#include "pkt/pkt.h"

#define WIRE_MS_NS      1000000ULL

#define WIRE_FRAMES_MAX 1024
#define WIRE_OLD_MAX    16
/* So many in a row that do not arrive: nobody is to give up for that. */
#define WIRE_LOST_MAX 3

/* What a byte of the input says, modulo WIRE_FATES; from WIRE_FATE_USER on it arrives, and is whose wire
 * it is. */
enum wire_fate {
	WIRE_ARRIVES,
	WIRE_LOST = 6,
	WIRE_DOUBLED,
	WIRE_LATE,
	WIRE_SPOILED, /* its checksum is wrong */
	WIRE_FORGED, /* it is not what was sent, and its checksum is right */
	WIRE_OLD_ONE, /* and one of those before once more */
	WIRE_FATE_USER,
	WIRE_FATES = 16
};

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
	/* Copies of the last packets, and who was to have them. */
	struct rte_mbuf *old[WIRE_OLD_MAX];
	unsigned old_to[WIRE_OLD_MAX], old_next;
	unsigned lost_in_row;
	const uint8_t *input;
	size_t input_left;
	bool forged; /* a packet that nobody sent was made to look right */
	/* Have the checksum of a packet be right that an end sent. */
	void (*seal)(unsigned from, struct rte_mbuf *pkt);
};

/* A packet of our own, which starts with its IP header. NULL: no memory */
struct rte_mbuf *wire_copy(struct wire *wire, const struct rte_mbuf *pkt);
/* The next byte of the input; 0 behind its end. */
uint8_t wire_byte(struct wire *wire);
/* What becomes of a packet that an end has sent, which is not needed any more. */
enum wire_fate wire_send(struct wire *wire, unsigned from, struct rte_mbuf *pkt);
/* It arrives after the wire's delay, and `late_ns` more. NULL: there is none */
void wire_add(struct wire *wire, unsigned to, struct rte_mbuf *pkt, uint64_t late_ns);
/* What has arrived by now, in order, PKT_BURST at most. */
void wire_take(struct wire *wire, unsigned to, struct pkt_vec *in);
/* When the next one arrives. UINT64_MAX: none is on its way */
uint64_t wire_next_ns(const struct wire *wire);
/* All but its pool, and who seals. */
void wire_clear(struct wire *wire);

#endif
