/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * At the other end of a loop's port (loop.h) as many peers of SCTP as one likes, with two addresses each: they
 * keep 24 bytes of an association, and answer what is sent to them at once, heartbeats among it. For
 * sctp_scale.c and sctp_flood.c.
 */
#ifndef BENCH_SCTP_PEERS_H
#define BENCH_SCTP_PEERS_H

#include "loop.h"
#include "wire/sctp.h"

/* Peers have this many ports each, from 1024 on; their first addresses, and their second ones. */
#define SCTP_PEERS_PORTS 32768
#define SCTP_PEERS_ADDR  0x0a800000U
#define SCTP_PEERS_ADDR2 0x0ac00000U
#define SCTP_PEERS_FRAME 1600

struct sctp_peers_assoc {
	uint32_t tag, stack_tag; /* of the peer's; of the stack's, 0: not known */
	uint32_t snd_tsn; /* the next one */
	uint32_t acked, rcv_cum;
	uint32_t established : 1;
	uint32_t ended : 1;
};

struct sctp_peers {
	struct loop *loop;
	uint32_t count;
	struct sctp_peers_assoc *assocs; /* [count] */
	/* What waits to be received: a ring. */
	struct {
		uint32_t length;
		uint8_t frame[SCTP_PEERS_FRAME];
	} * queue;
	uint32_t queue_mask, queue_head, queue_tail;
	bool checksums; /* the port does not make or check them */
	/* If set, makes what is received before the ring. @return false: nothing */
	bool (*more)(struct sctp_peers *peers, uint8_t *frame, uint32_t *length);
	void *more_arg;
	/* If set, sees cookies, which are the peers'. */
	void (*cookie)(struct sctp_peers *peers, uint32_t assoc, const struct sctp_init *init);
	/* counted */
	uint64_t established, ended, aborts;
	uint64_t received; /* packets of the stack */
	uint64_t answers; /* of these, to what no peer sent: to a flood */
	uint64_t answer_bytes; /* ... bytes of IP packets */
	uint64_t heartbeats; /* of the stack, answered */
	uint64_t heartbeat_acks; /* to those that peers sent */
	uint64_t bytes; /* of data, from the stack */
};

/*
 * Ends the program, and says why, if it cannot. EAL runs.
 * @param checksums the port does not know SCTP's
 * @param config of the stack; rx, tx and arg are the peers'
 */
struct sctp_peers *sctp_peers_create(
	uint32_t assocs, bool checksums, const struct loop_config *config);
void sctp_peers_destroy(struct sctp_peers *peers);

/* Begin an association: both addresses are in the INIT. */
void sctp_peers_init(struct sctp_peers *peers, uint32_t assoc);
/* A message in a packet of its own. */
void sctp_peers_data(struct sctp_peers *peers, uint32_t assoc, uint32_t length);
/* SHUTDOWN, ABORT, or HEARTBEAT. */
void sctp_peers_control(struct sctp_peers *peers, uint32_t assoc, enum sctp_chunk_type type);
static inline uint32_t
sctp_peers_waiting(const struct sctp_peers *peers)
{
	return peers->queue_tail - peers->queue_head;
}
static inline uint32_t
sctp_peers_in_flight(const struct sctp_peers_assoc *assoc)
{
	return assoc->snd_tsn - 1 - assoc->acked;
}

/* Whence an association's peer sends, and how to write its packets elsewhere. */
static inline uint32_t
sctp_peers_addr(uint32_t assoc, unsigned path)
{
	return (path == 0 ? SCTP_PEERS_ADDR : SCTP_PEERS_ADDR2) + assoc / SCTP_PEERS_PORTS;
}
static inline uint16_t
sctp_peers_port(uint32_t assoc)
{
	return (uint16_t)(1024 + assoc % SCTP_PEERS_PORTS);
}
/* Chunks are written behind LOOP_HEADERS4 or _HEADERS6 and the common header; the rest. @return length */
uint32_t sctp_peers_frame4(const struct sctp_peers *peers, uint8_t *frame, uint32_t addr,
	const struct sctp_fields *fields, uint32_t chunks_length);
uint32_t sctp_peers_frame6(const struct sctp_peers *peers, uint8_t *frame, const uint8_t addr[16],
	const struct sctp_fields *fields, uint32_t chunks_length);

#endif
