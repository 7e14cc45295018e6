/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker under floods, while streams send to it and new connections come. Time is the worker's own: so
 * many cycles as it has used, and to the next arrival when it has nothing to do. So it is as if the peers
 * were on other machines, at the end of a link, and the flood beside it. For tcp_flood.c and sctp_flood.c.
 */
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include "loop.h"

#define FLOOD_ROUNDS_MAX 15

/* Peers that there are: streams from 0 on, behind them those that come and go. */
struct flood_ops {
	/* What they have sent, and was not received yet. */
	uint32_t (*waiting)(void *arg);
	/* A packet of data. @return false: its window is full */
	bool (*stream_send)(void *arg, uint32_t stream);
	/* A new connection; `old` is one that has been there for a while, and goes. */
	void (*conn_begin)(void *arg, uint32_t conn, uint32_t old);
	/* One of a flood: an index of kinds. @return its length */
	uint32_t (*frame)(void *arg, unsigned kind, uint8_t *frame);
	/* After each round: ends the program if something is kept that must not be. */
	void (*check)(void *arg);
};

struct flood_kind {
	const char *name;
	double per_s;
};

struct flood_config {
	const struct flood_ops *ops;
	void *arg;
	struct loop *loop;
	const struct flood_kind *kinds; /* kinds[0] is none */
	unsigned kind_count;
	unsigned streams, conns; /* conns: places for new ones */
	unsigned data_bytes, frame_bytes; /* of a stream's packet; on the link */
	unsigned window; /* of a stream, packets */
	double link_bytes_s, new_per_s;
	uint64_t round_ns;
	/* Of a packet, in place of the cycles that it took: for tests. 0: cycles */
	unsigned packet_ns;
	const uint64_t *established, *answers; /* counted by the peers */
};

struct flood {
	struct flood_config config;
	unsigned kind;
	uint64_t last_ns;
	double link_bytes, flood_packets, new_conns; /* that are due */
	uint32_t stream; /* whose turn it is */
	uint32_t conn; /* the next new one */
	uint32_t flood_waits; /* in the port's queue */
	uint32_t turn;
	uint64_t flooded, overflows, began, sent, polled;
};

/* All of them, each beside rounds without. The report goes to stdout. */
void flood_run(struct flood *flood, unsigned rounds);

/* What is received next, when `others` wait, is of the flood by its share. For the peers' rx. */
bool flood_next(struct flood *flood, uint32_t others, uint8_t *frame, uint32_t *length);

/* [ROUNDS [NANOSECONDS OF A PACKET]] behind EAL's. */
unsigned flood_arguments(int argc, char **argv, const char *name, unsigned *packet_ns);

#endif
