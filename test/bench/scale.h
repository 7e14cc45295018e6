/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Very many idle connections on one worker: what one takes of memory, and what the others cost those that
 * come, go and say something. For tcp_scale.c and sctp_scale.c.
 */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H

#include "loop.h"

/* A stack and its peers. */
struct scale_side {
	struct loop *loop;
	void *peers;
	const uint64_t *established, *ended, *bytes, *failed; /* counted by the peers */
};

/* Of which so many take memory that is measured. */
struct scale_memory {
	const char *name; /* NULL: the last one */
	struct scale_side (*create)(uint32_t count, uint32_t peers, uint32_t mbufs);
};

struct scale_ops {
	const char *program;
	const struct scale_memory *memories;
	const char *idle_name; /* of what asks whether an idle one is still there */
	uint32_t default_count, most;
	uint32_t others_max; /* what belongs to each of so many connections, of more not */
	uint64_t idle_ns; /* of time that goes by without a word from peers */
	/* For so many sockets; so many peers. */
	struct scale_side (*create)(uint32_t sockets, uint32_t peers, uint32_t mbufs);
	void (*destroy)(void *peers);
	uint32_t (*waiting)(const void *peers); /* packets */
	void (*begin)(void *peers, uint32_t conn);
	void (*end)(void *peers, uint32_t conn);
	void (*request)(void *peers, uint32_t conn, uint32_t length);
	/* How often idle ones were asked; ends the program if any did not answer. */
	uint64_t (*idle_count)(const struct scale_side *side, uint32_t conns);
};

/* [CONNECTIONS] behind EAL's. The report goes to stdout. */
void scale_main(int argc, char **argv, const struct scale_ops *ops);

#endif
