/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * At the other end of a loop's port (loop.h) as many peers as one likes: they keep 16 bytes of a connection,
 * and answer what is sent to them at once. For tcp_scale.c and tcp_flood.c.
 */
#ifndef BENCH_TCP_PEERS_H
#define BENCH_TCP_PEERS_H

#include "loop.h"
#include "wire/tcp.h"

/* Peers have this many ports each, from 1024 on, and addresses from 10.128.0.0 on. */
#define TCP_PEERS_PORTS 32768
#define TCP_PEERS_ADDR  0x0a800000U

struct tcp_peers_conn {
	uint32_t snd_nxt, rcv_nxt;
	uint32_t ts_ecr; /* the stack's timestamp, as last heard */
	uint32_t established : 1;
	uint32_t ended : 1; /* the stack's FIN or reset came */
	uint32_t in_flight : 16; /* segments of data that are not acknowledged */
};

/* A segment that is to be sent to the stack. */
struct tcp_peers_segment {
	uint32_t conn;
	uint16_t length; /* bytes of data */
	uint8_t flags; /* enum tcp_flag; TCP_SYN alone begins a connection */
};

struct tcp_peers {
	struct loop *loop;
	uint32_t count;
	struct tcp_peers_conn *conns; /* [count] */
	/* What waits to be received: a ring. */
	struct tcp_peers_segment *queue;
	uint32_t queue_mask, queue_head, queue_tail;
	/* If set, makes what is received before the ring. @return false: nothing */
	bool (*more)(struct tcp_peers *peers, uint8_t *frame, uint32_t *length);
	void *more_arg;
	/* If set, told of acknowledgments of data. */
	void (*acked)(struct tcp_peers *peers, uint32_t conn, uint32_t segments);
	/* counted */
	uint64_t established, ended, resets;
	uint64_t received; /* segments of the stack */
	uint64_t answers; /* to what no peer sent: SYN-ACKs to a flood, and resets */
	uint64_t bytes; /* of data, from the stack */
};

/*
 * Ends the program, and says why, if it cannot. EAL runs.
 * @param conns peers' connections
 * @param config of the stack; rx, tx and arg are the peers'
 */
struct tcp_peers *tcp_peers_create(uint32_t conns, const struct loop_config *config);
void tcp_peers_destroy(struct tcp_peers *peers);

void tcp_peers_send(struct tcp_peers *peers, uint32_t conn, uint8_t flags, uint16_t length);
bool tcp_peers_idle(const struct tcp_peers *peers);

/* A frame from an address and port to the stack's, without data that matters. @return its length */
uint32_t tcp_peers_frame(uint8_t *frame, uint32_t addr, const struct tcp_fields *fields,
	const struct tcp_options *options, uint32_t data_length);

#endif
